"""Day 1, last day alive and day of death of each subject; records that cannot be, left out."""

from collections.abc import Callable

import pandas as pd

from clearher.intake.dates import date_range, first_possible
from clearher.intake.records import ClinicalRecords
from clearher.problems import Problem, first_few

NAMED_RECORDS = 5
IMPUTED_SCANS = ("assessments", "lesions")
CONTACT_DOMAINS = ("DS", "SS", "SV", "VS", "ADSL", "TABLE")
REFERENCE_COLUMNS = {
    "first_dose": "first_dose_date",
    "randomisation": "randomisation_date",
    "enrolment": "enrolment_date",
}
STARTS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "doses": lambda frame: date_range(frame["start_text"])["first"],
    "assessments": lambda frame: date_range(frame["date_text"])["first"],
    "lesions": lambda frame: date_range(frame["date_text"])["first"],
    "adverse_events": lambda frame: date_range(frame["start_text"])["first"],
    "ada": lambda frame: date_range(frame["date_text"])["first"],
    "labs": lambda frame: date_range(frame["date_text"])["first"],
    "therapies": lambda frame: date_range(frame["start_text"])["first"],
    "contacts": lambda frame: frame["date"],
}


def first_days(name: str, frame: pd.DataFrame) -> pd.Series:
    """Earliest day on which each record of a kind can have started; missing where undated."""
    return STARTS[name](frame)


def with_reference_dates(records: ClinicalRecords, reference: str) -> ClinicalRecords:
    """Set each subject's reference date, and note enrolled subjects without one.

    Parameters
    ----------
    records : ClinicalRecords
        With milestones and doses.
    reference : str
        ``first_dose``, ``randomisation`` or ``enrolment``.
    """
    column = REFERENCE_COLUMNS[reference]
    subjects = records.subjects.assign(reference_date=records.subjects[column])
    measured = set(
        records.supplied.loc[records.supplied[["pfs_days", "os_days"]].notna().any(axis=1), "subject_id"]
    )
    absent = subjects["reference_date"].isna() & ~subjects["screen_failure"].fillna(False)
    problems = [
        Problem(
            check="reference_missing",
            column=column,
            subject_id=subject,
            found="no date",
            expected=f"a date of {reference.replace('_', ' ')}, day 1 of the endpoints",
            remedy="The subject has no time to event and no response; complete the date.",
            severity="warning",
        )
        for subject in subjects.loc[absent, "subject_id"]
        if subject not in measured
    ]
    return records.changed(problems, subjects=subjects)


def with_survival(records: ClinicalRecords) -> ClinicalRecords:
    """Leave out records after death, and set last day alive and day of death.

    The last day alive is the latest proof of life. A partial date of death is the first possible day that
    is not before the last day alive, flagged. A record that starts after the last day the recorded date
    of death can mean is left out, with a finding. An imputed day of a scan is not after death: a response
    of the month of death counts on the day of death at the latest.

    Notes
    -----
    Source: date of death and date last known alive in admiral ``inst/templates/ad_adsl.R``.
    """
    possible = date_range(records.subjects["death_text"])["last"]
    last_possible = pd.Series(possible.to_numpy(), index=records.subjects["subject_id"])
    frames, problems = {}, []
    for name in STARTS:
        frame = getattr(records, name)
        after = first_days(name, frame) > frame["subject_id"].map(last_possible)
        frames[name] = frame[~after].reset_index(drop=True)
        problems += _after_death(name, frame[after])
    subjects = with_last_alive(records.subjects, frames["contacts"])
    death = first_possible(subjects["death_text"], subjects["last_alive_date"])
    subjects = subjects.assign(death_date=death["date"], death_date_imputed=death["imputed"])
    for name in IMPUTED_SCANS:
        frames[name] = _not_after_death(frames[name], subjects)
    return records.changed(problems, subjects=subjects, **frames)


def _not_after_death(scans: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    death = scans["subject_id"].map(subjects.set_index("subject_id")["death_date"])
    later = scans["date_imputed"].ne("") & scans["date"].gt(death)
    return scans.assign(date=scans["date"].mask(later, death))


def with_last_alive(subjects: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Subjects with the latest of their contacts as last day alive."""
    latest = contacts.groupby("subject_id")["date"].max()
    return subjects.assign(last_alive_date=pd.to_datetime(subjects["subject_id"].map(latest)))


def _after_death(name: str, frame: pd.DataFrame) -> list[Problem]:
    """One finding a subject and kind; contacts repeat what the other kinds say and name their domain."""
    if name == "contacts":
        frame = frame[frame["domain"].isin(CONTACT_DOMAINS)]
        frame = frame.assign(source=frame["variable"] + " " + frame["date"].dt.strftime("%Y-%m-%d"))
        name = "survival contacts"
    return [
        Problem(
            check="record_after_death",
            column=name.replace("_", " "),
            subject_id=subject,
            found=f"{first_few(part['source'].tolist(), shown=NAMED_RECORDS)} after the date of death",
            expected="no record after death",
            remedy="Not used; correct the date of death or the records.",
            severity="warning",
        )
        for subject, part in frame.groupby("subject_id")
    ]


def with_new_therapies(records: ClinicalRecords) -> ClinicalRecords:
    """Keep therapies that may have started on or after the reference date, raised to it within a month.

    One on the reference date itself is kept and noted: it begins with the treatment and is no new therapy.
    """
    therapies = records.therapies
    reference = therapies["subject_id"].map(records.subjects.set_index("subject_id")["reference_date"])
    last = date_range(therapies["start_text"])["last"]
    start = therapies["start_date"].where(~(reference > therapies["start_date"]), reference)
    later = last >= reference
    kept = therapies.assign(start_date=start.where(therapies["start_date"].notna()))[later]
    return records.changed(
        _with_treatment(kept[kept["start_date"] == reference[later]]), therapies=kept.reset_index(drop=True)
    )


def _with_treatment(therapies: pd.DataFrame) -> list[Problem]:
    return [
        Problem(
            check="therapy_on_reference",
            file=row.source,
            column="start_date",
            subject_id=row.subject_id,
            found=f"{row.term} from {row.start_text}, on or possibly on the reference date",
            expected="a new anti-cancer therapy that starts after the reference date",
            remedy="It ends no observation; complete the date, or mark an earlier therapy as prior.",
            severity="warning",
        )
        for row in therapies.itertuples()
    ]
