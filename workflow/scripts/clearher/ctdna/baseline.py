"""The baseline sample of each subject, by a dated rule."""

from collections.abc import Collection, Mapping

import pandas as pd


def usable_plasma(samples: pd.DataFrame, foreign: Collection[str] = ()) -> pd.DataFrame:
    """Plasma samples that did not fail quality control (none recorded: usable) and are the subject's own."""
    usable = (samples["specimen"] == "plasma") & (samples["qc_status"] != "fail")
    return samples[usable & ~samples["sample_id"].isin(list(foreign))]


def visit_order(planned_visits: Mapping[str, Mapping]) -> dict[str, int]:
    """Position of each planned visit in the schedule."""
    return {name: position for position, name in enumerate(planned_visits)}


def baseline_flagged(planned_visits: Mapping[str, Mapping]) -> set[str]:
    """Names of the planned visits that may serve as baseline."""
    return {name for name, visit in planned_visits.items() if visit.get("baseline")}


def choose_baseline(
    candidates: pd.DataFrame, planned_visits: Mapping[str, Mapping], *, window_days: int, last_day: int
) -> pd.DataFrame:
    """Last candidate on or before the last allowed day and inside the window, one a subject.

    Where the schedule flags baseline visits, a planned visit without the flag never serves; a draw outside
    the schedule may, by its date. A sample without a study day serves only at a flagged visit, and any
    dated sample is preferred to it.

    Parameters
    ----------
    candidates : pandas.DataFrame
        Samples that may be chosen: subject_id, sample_id, visit, study_day (no day 0).
    planned_visits : Mapping
        Schedule: visit name -> day, window_days, baseline, optional.
    window_days : int
        Earliest study day is -window_days.
    last_day : int
        Latest study day, 1 is the day of first dose.

    Returns
    -------
    pandas.DataFrame
        Rows of candidates, at most one a subject; subjects without a candidate are absent.
    """
    flagged = baseline_flagged(planned_visits)
    day = candidates["study_day"].astype("Float64")
    inside = ((day >= -window_days) & (day <= last_day)).fillna(False).astype(bool)
    at_flagged = candidates["visit"].isin(flagged)
    barred = candidates["visit"].isin(planned_visits) & ~at_flagged if flagged else False
    eligible = (inside & ~barred) | (day.isna().astype(bool) & at_flagged)
    order = candidates["visit"].map(visit_order(planned_visits)).fillna(-1)
    ranked = candidates.assign(_day=day.astype(float), _order=order)[eligible]
    ranked = ranked.sort_values(["_day", "_order", "sample_id"], na_position="first", kind="stable")
    return ranked.drop_duplicates("subject_id", keep="last").drop(columns=["_day", "_order"])
