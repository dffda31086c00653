"""Planned visits a subject has reached, so that a missing tube shows as missing."""

from collections.abc import Mapping

import pandas as pd

EXPECTED = ["subject_id", "visit", "nominal_day"]
ENDS = {
    "end_of_treatment": ("end_of_treatment_date", "end_of_study_date", "death_date"),
    "end_of_study": ("end_of_study_date", "death_date"),
}


def expected_visits(
    subjects: pd.DataFrame, planned_visits: Mapping[str, Mapping], *, until: str
) -> pd.DataFrame:
    """Planned visits with a nominal day that a treated subject reached before the cut.

    Reached: the nominal date is not after the end of treatment (or study) and death, and the visit's window
    has closed by the data cut; without a cut date the last day known alive or the day of death, whichever
    is later, takes its place. Optional visits are not expected.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Table ``intake/subjects``.
    planned_visits : Mapping
        Schedule: visit name -> day, window_days, baseline, optional.
    until : str
        end_of_treatment or end_of_study.

    Returns
    -------
    pandas.DataFrame
        subject_id, visit, nominal_day; one row a subject and visit.
    """
    named = [
        (name, int(visit["day"]), int(visit.get("window_days", 0)))
        for name, visit in planned_visits.items()
        if visit.get("day") is not None and not visit.get("optional")
    ]
    plan = pd.DataFrame(named, columns=["visit", "nominal_day", "window"])
    treated = subjects[subjects["treated"].fillna(False).astype(bool)]
    start = treated["first_dose_date"].fillna(treated["reference_date"])
    people = pd.DataFrame(
        {
            "subject_id": treated["subject_id"],
            "start": start,
            "left": treated[list(ENDS[until])].min(axis=1),
            "cut": treated["cut_date"].fillna(treated[["last_alive_date", "death_date"]].max(axis=1)),
        }
    )
    cells = people.merge(plan, how="cross")
    offset = cells["nominal_day"] - (cells["nominal_day"] > 0).astype(int)
    nominal = cells["start"] + pd.to_timedelta(offset, unit="D")
    on_study = cells["left"].isna() | (nominal <= cells["left"])
    closed = nominal + pd.to_timedelta(cells["window"], unit="D") <= cells["cut"]
    return cells.loc[on_study & closed, EXPECTED].reset_index(drop=True)


def missing_visits(expected: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Expected visits for which no plasma sample of any quality is listed."""
    plasma = samples.loc[samples["specimen"] == "plasma", ["subject_id", "visit"]].drop_duplicates()
    marked = expected.merge(plasma, on=["subject_id", "visit"], how="left", indicator="_side")
    return marked.loc[marked["_side"] == "left_only", EXPECTED].reset_index(drop=True)
