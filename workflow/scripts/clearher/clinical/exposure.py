"""Exposure-adjusted rates: subjects with an event over the time until it, or until observation ends."""

from collections.abc import Iterable, Iterator

import numpy as np
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
    measures: Iterable[tuple[str, str, pd.DataFrame]],
    treated: pd.DataFrame,
    *,
    window_days: int,
    confidence: float,
) -> Iterator[dict]:
    """A rate per 100 subject-years for each set of events.

    Parameters
    ----------
    measures : iterable of (str, str, pandas.DataFrame)
        Category, term and emergent events of each line.
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
    observed = observed_days(treated, window_days=window_days).astype("float64")
    place = pd.Series(range(len(treated)), index=treated["subject_id"])
    whole = observed.to_numpy()
    for category, term, events in measures:
        until = whole.copy()
        start = events["start_day"].astype("float64").clip(lower=1.0).fillna(np.inf).to_numpy()
        np.fmin.at(until, place[events["subject_id"]].to_numpy(), start)
        years = float(np.nansum(until)) / DAYS_PER_YEAR
        count = events["subject_id"].nunique()
        rate = incidence_rate(count, years / 100.0, confidence)
        yield {
            "section": "exposure_adjusted",
            "category": category,
            "term": term,
            "level": "any",
            "n": count,
            "N": len(treated),
            "events": len(events),
            **rate._asdict(),
            "unit": "per 100 subject-years",
            "subject_years": years,
            "method": METHOD,
        }
