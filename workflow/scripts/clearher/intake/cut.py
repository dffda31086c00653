"""The data cut: what a study looked like on one day."""

import pandas as pd

from clearher.intake.dates import date_range
from clearher.intake.follow_up import CONTACT_DOMAINS, STARTS, first_days, with_last_alive
from clearher.intake.records import ClinicalRecords
from clearher.problems import Problem

LATEST_KNOWN = ("DTHDTC", "LSTALVDT", "last_contact_date")
DEATHS = ("DTHDTC", "DTHDT")
LEFT_OUT = "Left out of this cut."
MILESTONE_DOMAINS = ("DM", "DS", "EX", "ADSL", "TABLE")
CAPPED = {"assessments": "date", "lesions": "date", "therapies": "start_date"}
MILESTONES = (
    "enrolment_date",
    "randomisation_date",
    "first_dose_date",
    "reference_date",
    "end_of_treatment_date",
    "end_of_study_date",
)


def apply_cut(records: ClinicalRecords, cut_date: pd.Timestamp) -> ClinicalRecords:
    """The records as they stood at the end of the cut date.

    A record leaves when the earliest day it can have started is later than the cut; an undated one stays.
    Ends after the cut are blanked and marked as ongoing, imputed dates are capped at the cut. A death
    after the cut leaves, and the subject counts as alive at the cut. Subjects first seen after the cut
    leave everywhere. What was left out or moved to the cut is listed, one finding a subject and kind.

    Parameters
    ----------
    records : ClinicalRecords
        Complete records with reference dates and survival.
    cut_date : pandas.Timestamp
        Last day that counts.

    Returns
    -------
    ClinicalRecords
        A later cut never removes an event, a cut at or after the last date changes nothing but
        ``cut_date``, and cutting twice is cutting once.

    Notes
    -----
    Source: datacutr ``R/date_cut.R``, ``R/special_dm_cut.R``, ``R/impute_sdtm.R``; there a missing cut
    date keeps everything, here the caller does not cut.
    """
    records, problems = _without_later_subjects(records, cut_date)
    late_death = records.subjects["death_date"] > cut_date
    dead_later = set(records.subjects.loc[late_death, "subject_id"])
    frames: dict[str, pd.DataFrame] = {}
    for name in STARTS:
        frame = getattr(records, name)
        if name == "contacts":
            frame = _contacts_by_cut(frame, dead_later, cut_date)
        after = first_days(name, frame) > cut_date
        frames[name] = frame[~after].reset_index(drop=True)
        if name != "contacts":
            problems += _removed(name, frame[after]) + _undated(name, first_days(name, frame))
    for name, column in CAPPED.items():
        frames[name][column] = frames[name][column].where(~(frames[name][column] > cut_date), cut_date)
    frames["doses"] = _open_at_cut(frames["doses"], cut_date)
    frames["adverse_events"] = _living(_open_at_cut(frames["adverse_events"], cut_date), dead_later)
    frames["supplied"] = _supplied_by_cut(records.supplied, records.subjects, cut_date)
    subjects = _subjects_by_cut(records.subjects, frames, cut_date)
    problems += _later_deaths(records.subjects[late_death]) + _later_contacts(records.contacts, cut_date)
    return records.changed(problems, subjects=subjects, **frames)


def _without_later_subjects(
    records: ClinicalRecords, cut_date: pd.Timestamp
) -> tuple[ClinicalRecords, list[Problem]]:
    known = _first_seen(records)
    later = sorted(known.index[known > cut_date])
    frames = {
        name: frame[~frame["subject_id"].isin(later)].reset_index(drop=True)
        for name, frame in records.frames().items()
    }
    problems = [
        _after_cut(subject, "subject", f"first seen on {known[subject]:%Y-%m-%d}") for subject in later
    ]
    return records.changed(**frames), problems


def _first_seen(records: ClinicalRecords) -> pd.Series:
    """First milestone of each subject; first record of any kind where there is none."""
    subjects = records.subjects.set_index("subject_id")
    contacts = records.contacts[records.contacts["domain"].isin(MILESTONE_DOMAINS)]
    entered = contacts.groupby("subject_id")["date"].min().reindex(subjects.index)
    milestones = subjects[["enrolment_date", "randomisation_date", "first_dose_date"]]
    known = pd.concat([milestones, entered], axis=1).min(axis=1)
    recorded = [
        first_days(name, getattr(records, name)).groupby(getattr(records, name)["subject_id"]).min()
        for name in STARTS
    ]
    earliest = pd.concat([first.reindex(subjects.index) for first in recorded], axis=1).min(axis=1)
    return known.fillna(earliest)


def _contacts_by_cut(contacts: pd.DataFrame, dead_later: set[str], cut_date: pd.Timestamp) -> pd.DataFrame:
    """Contacts; a later death, and a later date of a summary such as LSTALVDT, prove life at the cut."""
    alive = pd.DataFrame(
        {
            "subject_id": sorted(dead_later),
            "domain": "DM",
            "variable": "DTHDTC",
            "sequence": pd.Series(pd.NA, index=range(len(dead_later)), dtype="Int64"),
            "date": cut_date,
        }
    )
    proven = contacts["variable"].isin(LATEST_KNOWN)
    capped = contacts["date"].where(~(proven & (contacts["date"] > cut_date)), cut_date)
    if alive.empty:
        return contacts.assign(date=capped)
    complete = pd.concat([contacts.assign(date=capped), alive], ignore_index=True).drop_duplicates()
    order = ["subject_id", "date", "domain", "variable", "sequence"]
    return complete.sort_values(order, kind="stable", ignore_index=True)


def _open_at_cut(frame: pd.DataFrame, cut_date: pd.Timestamp) -> pd.DataFrame:
    later = date_range(frame["end_text"])["first"] > cut_date
    frame = frame.assign(
        end_text=frame["end_text"].mask(later, ""),
        ongoing_at_cut=(frame["ongoing_at_cut"].fillna(False) | later).astype("boolean"),
    )
    return frame.assign(end_date=frame["end_date"].mask(later)) if "end_date" in frame else frame


def _living(events: pd.DataFrame, dead_later: set[str]) -> pd.DataFrame:
    """Adverse events without the outcome of a death after the cut; a grade 5 is then not yet known."""
    undone = events["subject_id"].isin(dead_later) & events["fatal"].fillna(False)
    return events.assign(
        fatal=events["fatal"].mask(undone, False),
        outcome=events["outcome"].mask(undone, ""),
        grade=events["grade"].mask(undone & (events["grade"] == 5)),
        ongoing_at_cut=events["ongoing_at_cut"].mask(undone, True),
    )


def _supplied_by_cut(supplied: pd.DataFrame, subjects: pd.DataFrame, cut_date: pd.Timestamp) -> pd.DataFrame:
    """Supplied endpoints as of the cut: later dates blanked, durations that reach beyond it ended there."""
    result = supplied.copy()
    later_pd = (result["best_response"] == "PD") & (result["progression_date"] > cut_date)
    unknown = later_pd | (result["response_date"] > cut_date)
    result["best_response"] = result["best_response"].mask(unknown, "")
    start = supplied["subject_id"].map(subjects.set_index("subject_id")["reference_date"])
    starts = {"pfs": start, "os": start, "dor": supplied["response_date"]}
    for endpoint, begin in starts.items():
        longest = (cut_date - begin).dt.days + 1
        beyond = result[f"{endpoint}_days"] > longest
        result[f"{endpoint}_event"] = result[f"{endpoint}_event"].mask(beyond, False)
        result[f"{endpoint}_days"] = result[f"{endpoint}_days"].mask(beyond, longest)
        unborn = begin > cut_date
        result[f"{endpoint}_event"] = result[f"{endpoint}_event"].mask(unborn)
        result[f"{endpoint}_days"] = result[f"{endpoint}_days"].mask(unborn)
    for column in ("response_date", "progression_date", "death_date"):
        result[column] = result[column].mask(result[column] > cut_date)
    late = result["last_contact_date"] > cut_date
    return result.assign(last_contact_date=result["last_contact_date"].mask(late, cut_date))


def _subjects_by_cut(
    subjects: pd.DataFrame, frames: dict[str, pd.DataFrame], cut_date: pd.Timestamp
) -> pd.DataFrame:
    result = with_last_alive(subjects, frames["contacts"])
    late = result["death_date"] > cut_date
    result["death_date"] = result["death_date"].mask(late)
    result["death_text"] = result["death_text"].mask(late, "")
    result["death_date_imputed"] = result["death_date_imputed"].mask(late, "")
    for column in MILESTONES:
        result[column] = result[column].mask(result[column] > cut_date)
    result["last_dose_date"] = _last_dose(result, frames["doses"], cut_date)
    result["treated"] = result["treated"].mask(subjects["first_dose_date"] > cut_date, False)
    return result.assign(cut_date=cut_date)


def _last_dose(subjects: pd.DataFrame, doses: pd.DataFrame, cut_date: pd.Timestamp) -> pd.Series:
    last = doses["end_date"].fillna(doses["start_date"]).mask(doses["ongoing_at_cut"].fillna(False), cut_date)
    known = pd.to_datetime(subjects["subject_id"].map(last.groupby(doses["subject_id"]).max()))
    recorded = subjects["last_dose_date"]
    beyond = recorded > cut_date
    result = recorded.where(~beyond, known.fillna(cut_date))
    return result.where(subjects["first_dose_date"].notna())


def _removed(name: str, frame: pd.DataFrame) -> list[Problem]:
    counts = frame.groupby("subject_id").size()
    kind = name.replace("_", " ")
    return [
        _after_cut(subject, kind, f"{count} record{'s' if count != 1 else ''} after the cut")
        for subject, count in counts.items()
    ]


def _undated(name: str, first: pd.Series) -> list[Problem]:
    count = int(first.isna().sum())
    if not count:
        return []
    return [
        Problem(
            check="undated_kept",
            column=name.replace("_", " "),
            found=f"{count} record{'s' if count != 1 else ''} without a date",
            expected="a date to compare with the data cut",
            remedy="Kept, since nothing says that they are later.",
            severity="info",
        )
    ]


def _later_deaths(subjects: pd.DataFrame) -> list[Problem]:
    return [
        _after_cut(row.subject_id, "death_date", f"a death on {row.death_date:%Y-%m-%d}")
        for row in subjects.itertuples()
    ]


def _later_contacts(contacts: pd.DataFrame, cut_date: pd.Timestamp) -> list[Problem]:
    """One finding a subject and variable; contacts of other domains repeat what the other kinds say."""
    own = contacts["domain"].isin(CONTACT_DOMAINS) & ~contacts["variable"].isin(DEATHS)
    latest = contacts[own & (contacts["date"] > cut_date)].groupby(["subject_id", "variable"])["date"].max()
    return [
        _after_cut(
            subject,
            variable,
            f"{variable} {date:%Y-%m-%d}",
            remedy="Counts as a contact on the day of the cut." if variable in LATEST_KNOWN else LEFT_OUT,
        )
        for (subject, variable), date in latest.items()
    ]


def _after_cut(subject: str, field: str, found: str, remedy: str = LEFT_OUT) -> Problem:
    return Problem(
        check="after_cut",
        column=field,
        subject_id=subject,
        found=found,
        expected="a date up to the data cut",
        remedy=remedy,
        severity="info",
    )
