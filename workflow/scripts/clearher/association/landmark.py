"""Landmark sets: ctDNA status from samples up to the landmark only, and who leaves and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from clearher.association.declared import Analysis
from clearher.association.results import counted
from clearher.association.time_order import CannotRunError

SET_COLUMNS = [
    "landmark",
    "subject_id",
    "landmark_day",
    "sample_day",
    "status",
    "included",
    "why_not",
    "days",
    "event",
]
NOT_AT_BASELINE = "baseline not detected"
GROUPS = {
    "clearance": ("not cleared", "cleared"),
    "decrease": ("no decrease", "decrease"),
    "response_50": ("no molecular response", "molecular response"),
    "response_90": ("no molecular response", "molecular response"),
}


class Landmark(NamedTuple):
    """Where the clock restarts: a study day for all, or each subject's own draw at a visit."""

    name: str
    day: int | None
    visit: str
    window_days: int


def landmarks(analysis: Analysis, settings: Mapping) -> list[Landmark]:
    """The primary landmark of an analysis, then those of its grid."""
    own, default = analysis.landmark, settings["landmark"]
    window = own.get("window_days", default["window_days"])
    if own.get("visit"):
        return [Landmark(f"visit {own['visit']}", None, own["visit"], window)]
    first = own.get("day", default["day"])
    days = [first, *(day for day in own.get("grid_days", default["grid_days"]) if day != first)]
    return [Landmark(f"day {day}", day, "", window) for day in days]


def landmark_set(
    subjects: pd.DataFrame, visits: pd.DataFrame, landmark: Landmark, status: str
) -> pd.DataFrame:
    """ctDNA status at the landmark and follow-up from it, one row a subject.

    The status comes from the last evaluable sample drawn no later than the landmark and no earlier than
    its window; later samples are cut off before anything else. A subject without one has no known status
    and leaves: missing is never "not cleared". Subjects whose event or censoring is at or before the
    landmark leave. Undetected at baseline is a group of its own.

    Parameters
    ----------
    subjects : pandas.DataFrame
        subject_id, days, event (time from the reference date, day 1 included), clock_shift_days (first
        dose minus reference date), ctdna_baseline_state. Landmarks and samples are on study days from the
        first dose, so the end of follow-up is brought there.
    visits : pandas.DataFrame
        Table ctdna/visits.tsv.
    landmark : Landmark
        Where the clock restarts.
    status : str
        clearance: not detected with an adequate limit of detection; decrease: level below baseline;
        response_50, response_90: molecular response at the visit.

    Returns
    -------
    pandas.DataFrame
        Columns of association/landmark_sets.tsv without analysis_id; ``days`` from the landmark.

    References
    ----------
    Anderson, Cain and Gelber, J Clin Oncol 1983; 1: 710-719.
    """
    rows = status_at(subjects, visits, landmark, status)
    rows["days"] = end_day(subjects).to_numpy()
    rows["event"] = subjects["event"].to_numpy()
    rows["why_not"] = rows["why_not"].mask(
        rows["days"].isna(), "without a reference date beside the first dose"
    )
    early = (rows["days"] <= rows["landmark_day"]).fillna(False).astype(bool)
    event = rows["event"].astype(bool)
    rows["why_not"] = rows["why_not"].mask(early & ~event, f"censored at or before {landmark.name}")
    rows["why_not"] = rows["why_not"].mask(early & event, f"with the event at or before {landmark.name}")
    rows["included"] = rows["why_not"] == ""
    rows["days"] = (rows["days"] - rows["landmark_day"]).astype("Int64").where(rows["included"])
    rows["event"] = rows["event"].astype("boolean").where(rows["included"])
    return rows[SET_COLUMNS]


def end_day(subjects: pd.DataFrame) -> pd.Series:
    """Day of event or censoring counted from the first dose, as samples are; 0 is the day before it."""
    return subjects["days"].astype("Float64") - subjects["clock_shift_days"].astype("Float64")


def status_at(subjects: pd.DataFrame, visits: pd.DataFrame, landmark: Landmark, status: str) -> pd.DataFrame:
    """Each subject's ctDNA status at a landmark, the sample it rests on, and why there is none.

    Parameters as in :func:`landmark_set`; follow-up is not looked at.
    """
    rows = subjects[["subject_id", "ctdna_baseline_state"]].reset_index(drop=True)
    undetected = rows["ctdna_baseline_state"] == "BASELINE_NOT_DETECTED"
    samples = _status_samples(visits, landmark, status, set(rows.loc[undetected, "subject_id"]))
    rows = rows.merge(samples, on="subject_id", how="left")
    days = rows["study_day"] if landmark.visit else pd.Series(landmark.day, index=rows.index)
    rows["landmark_day"] = days.astype("Int64")
    rows["landmark"] = landmark.name
    rows["status"] = (
        rows["status"].fillna("").mask(undetected & rows["landmark_day"].notna(), NOT_AT_BASELINE)
    )
    rows["why_not"] = _reasons(rows, landmark)
    return rows.rename(columns={"study_day": "sample_day"})


def left_out(members: pd.DataFrame) -> str:
    """How many left and why, in a sentence."""
    gone = members.loc[~members["included"], "why_not"].value_counts().sort_index()
    parts = [f"{counted(int(n), 'subject')} {why}" for why, n in gone.items()]
    return f"Left out: {'; '.join(parts)}." if parts else ""


def status_groups(status: str) -> Sequence[str]:
    """The two groups of a status, the reference first.

    Raises
    ------
    CannotRunError
        The status is unknown.
    """
    if status not in GROUPS:
        raise CannotRunError(f"No ctDNA status {status!r}: one of {', '.join(GROUPS)}.")
    return GROUPS[status]


def visit_status(visits: pd.DataFrame, status: str) -> pd.Series:
    """Group of each visit under a ctDNA status; empty where the sample cannot say."""
    lower, upper = status_groups(status)
    if status == "clearance":
        names = {"DETECTED": lower, "NOT_DETECTED_ADEQUATE": upper}
        return visits["state"].map(names).fillna("")
    if status == "decrease":
        change = visits["change_percent"]
        return pd.Series("", index=visits.index).mask(change < 0, upper).mask(change >= 0, lower)
    return visits[status].map({"no": lower, "yes": upper, "yes_supported": upper}).fillna("")


def status_by_day(visits: pd.DataFrame, status: pd.Series, lower: str) -> pd.DataFrame:
    """Days with a known status in order; of two draws of a day the one in the lower group decides.

    Parameters
    ----------
    visits : pandas.DataFrame
        subject_id, study_day; dated.
    status : pandas.Series of str
        Group of each visit; empty: not known.
    lower : str
        Group that speaks against the better one.
    """
    known = visits.assign(status=status, worse=status == lower)[status != ""]
    known = known.sort_values(["subject_id", "study_day", "worse"], kind="stable")
    return known.groupby(["subject_id", "study_day"], as_index=False)["status"].last()


def _status_samples(
    visits: pd.DataFrame, landmark: Landmark, status: str, undetected: set[str]
) -> pd.DataFrame:
    rows = visits[(visits["phase"] == "POST_BASELINE") & visits["study_day"].notna()]
    if landmark.visit:
        rows = rows[rows["visit"] == landmark.visit]
    else:
        rows = rows[rows["study_day"].between(landmark.day - landmark.window_days, landmark.day)]
    own_group = rows["subject_id"].isin(undetected) & (rows["state"] != "NOT_EVALUABLE")
    groups = visit_status(rows, status).mask(own_group, NOT_AT_BASELINE)
    return status_by_day(rows, groups, status_groups(status)[0]).groupby("subject_id", as_index=False).last()


def _reasons(rows: pd.DataFrame, landmark: Landmark) -> pd.Series:
    where = (
        f"at visit {landmark.visit}"
        if landmark.visit
        else f"between day {_from(landmark)} and {landmark.day}"
    )
    reasons = pd.Series("", index=rows.index)
    reasons = reasons.mask(rows["status"] == "", f"without an evaluable sample {where}")
    unknown = ~rows["ctdna_baseline_state"].isin(["DETECTED", "BASELINE_NOT_DETECTED"])
    return reasons.mask(unknown, "without evaluable ctDNA at baseline")


def _from(landmark: Landmark) -> int:
    return landmark.day - landmark.window_days
