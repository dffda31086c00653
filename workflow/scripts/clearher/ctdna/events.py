"""The state machine of a subject's course: clearance, confirmation, re-appearance, molecular progression."""

from collections.abc import Mapping

import pandas as pd

ADEQUATE = "NOT_DETECTED_ADEQUATE"


def with_events(course: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Add ``molecular_progression`` and ``event`` to each visit.

    Only evaluable visits after baseline (DETECTED or NOT_DETECTED_ADEQUATE) take part, one a day
    (:func:`deciding`); others are passed over. With ctDNA at baseline: CLEARED at the first adequate
    non-detection of a run, CONFIRMED at the second, REAPPEARED at a detection right after such a run,
    MOLECULAR_PROGRESSION where a rise against the nadir begins. Molecular progression: DETECTED, and either
    detected again after clearance or ratio to the nadir >= progression_ratio with lower limit above 1
    (without an interval the ratio alone decides).
    Without ctDNA at baseline: NEWLY_DETECTED at the first detection.

    Parameters
    ----------
    course : pandas.DataFrame
        Visits of all subjects in order: subject_id, study_day, phase, state, baseline_state, nadir_ratio,
        nadir_ratio_low.
    settings : Mapping
        progression_ratio; progression_confirmed: the next evaluable visit must show it too.

    Returns
    -------
    pandas.DataFrame
        The visits; molecular_progression is missing where the visit takes no part.
    """
    seen = deciding(course)
    subject = seen["subject_id"]
    detected, clear = seen["state"] == "DETECTED", seen["state"] == ADEQUATE
    known = seen["baseline_state"] == "DETECTED"
    was_clear = _shifted(clear, subject, 1)
    again = detected & was_clear & known
    risen = again | (detected & known & rises(seen, settings["progression_ratio"]))
    if settings["progression_confirmed"]:
        risen &= _shifted(risen, subject, -1) | (again & _shifted(detected, subject, -1))
    begins = risen & ~_shifted(risen, subject, 1)
    newly = detected & (seen["baseline_state"] == "BASELINE_NOT_DETECTED")
    newly &= newly.groupby(subject).cumsum() == 1
    second = was_clear & ~_shifted(was_clear, subject, 1)
    event = pd.Series("", index=course.index, dtype=object)
    event[seen.index[begins]] = "MOLECULAR_PROGRESSION"
    event[seen.index[again]] = "REAPPEARED"
    event[seen.index[clear & known & ~was_clear]] = "CLEARED"
    event[seen.index[clear & known & second]] = "CONFIRMED"
    event[seen.index[newly]] = "NEWLY_DETECTED"
    progression = pd.Series(pd.NA, index=course.index, dtype="boolean")
    progression[seen.index] = risen.astype("boolean")
    return course.assign(molecular_progression=progression, event=event)


def deciding(course: pd.DataFrame) -> pd.DataFrame:
    """Evaluable visits after baseline, one a day: two tubes of a day are one observation.

    Of evaluable draws of the same day under several visit names a detection decides, else the first in
    order. Undated draws stay, each by itself.

    Parameters
    ----------
    course : pandas.DataFrame
        Visits in order: subject_id, study_day, phase, state.
    """
    seen = course[(course["phase"] == "POST_BASELINE") & course["state"].isin(["DETECTED", ADEQUATE])]
    detections_first = seen.sort_values("state", key=lambda state: state != "DETECTED", kind="stable")
    other = detections_first.duplicated(["subject_id", "study_day"]) & detections_first["study_day"].notna()
    return seen[~other.reindex(seen.index)]


def rises(visits: pd.DataFrame, progression_ratio: float) -> pd.Series:
    """Whether the level rose: ratio to the nadir >= progression_ratio, lower limit above 1 where known."""
    return (visits["nadir_ratio"] >= progression_ratio) & ~(visits["nadir_ratio_low"] <= 1)


def confirmation(course: pd.DataFrame) -> pd.DataFrame:
    """First clearance of each subject and what the next evaluable visit says.

    CONFIRMED: not detected, adequately, at the next evaluable visit on another day; TRANSIENT: detected
    there; UNCONFIRMED: there is none.

    Parameters
    ----------
    course : pandas.DataFrame
        Visits in order with phase, state, study_day, collection_date; baseline detected.

    Returns
    -------
    pandas.DataFrame
        subject_id, clearance_day, clearance_date, clearance_visit, clearance_confirmed; cleared only.
    """
    seen = deciding(course)
    following = seen.groupby("subject_id", sort=False)["state"].shift(-1)
    first = seen.assign(following=following)[seen["state"] == ADEQUATE].drop_duplicates("subject_id")
    words = {ADEQUATE: "CONFIRMED", "DETECTED": "TRANSIENT"}
    return pd.DataFrame(
        {
            "subject_id": first["subject_id"],
            "clearance_day": first["study_day"],
            "clearance_date": first["collection_date"],
            "clearance_visit": first["visit"],
            "clearance_confirmed": first["following"].map(words).fillna("UNCONFIRMED"),
        }
    )


def _shifted(flag: pd.Series, subject: pd.Series, by: int) -> pd.Series:
    return flag.groupby(subject, sort=False).shift(by, fill_value=False).astype(bool)
