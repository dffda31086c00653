"""Exposure-adjusted rates: subjects with an event over the time until it, or until observation ends."""

from collections.abc import Iterator, Mapping

import pandas as pd

from clearher.clinical.days import duration
from clearher.statistics.incidence import incidence_rate

DAYS_PER_YEAR = 365.25
METHOD = "first events over subject-years to the first event or the end of the window, exact Poisson"


def observed_days(subjects: pd.DataFrame, *, window_days: int) -> pd.Series:
    """Days from the first dose to the last dose plus the window, no later than death or the data cut.

    Without a last dose observation ends at the last day alive.
    """
    end = (subjects["last_dose_date"] + pd.Timedelta(days=window_days)).fillna(subjects["last_alive_date"])
    for name in ("death_date", "cut_date"):
        end = end.where(~(subjects[name] < end), subjects[name])
    return duration(subjects["first_dose_date"], end)


def exposure_lines(
    measures: Mapping[str, pd.DataFrame], treated: pd.DataFrame, *, window_days: int, confidence: float
) -> Iterator[dict]:
    """A rate per 100 subject-years for each set of events.

    Parameters
    ----------
    measures : Mapping of str to pandas.DataFrame
        Emergent events by the name of the line.
    treated : pandas.DataFrame
        The group, table SUBJECTS.
    window_days : int
        Days after the last dose that count.
    confidence : float
        Two-sided coverage.

    Notes
    -----
    A subject leaves the exposure at the first event; an event without a start day counts without
    shortening it. Subjects without known exposure add none.
    """
    observed = pd.Series(
        observed_days(treated, window_days=window_days).astype("float64").to_numpy(),
        index=treated["subject_id"],
    )
    for name, events in measures.items():
        first = events.groupby("subject_id")["start_day"].min().astype("float64").clip(lower=1.0)
        until = first.reindex(observed.index).fillna(observed)
        at_risk = until.where(~(until > observed), observed)
        years = float(at_risk.sum()) / DAYS_PER_YEAR
        count = events["subject_id"].nunique()
        rate = incidence_rate(count, years / 100.0, confidence)
        yield {
            "section": "exposure_adjusted",
            "category": name,
            "level": "any",
            "n": count,
            "N": len(treated),
            "events": len(events),
            **rate._asdict(),
            "unit": "per 100 subject-years",
            "subject_years": years,
            "method": METHOD,
        }
