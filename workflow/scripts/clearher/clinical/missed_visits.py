"""Tumour assessments that were planned and did not happen."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def too_many_missed(
    last_adequate: pd.Series, event: pd.Series, *, schedule: Mapping, max_missed: int
) -> pd.Series:
    """Whether at least ``max_missed`` planned assessments were missed between two days.

    Parameters
    ----------
    last_adequate, event : pandas.Series
        Days from the reference date of the last adequate assessment before the event (0: none) and of the
        event; missing where there is no event.
    schedule : Mapping
        ``every_days``, ``window_days``, ``changes`` (from_day, every_days).
    max_missed : int
        Missed assessments from which on the event no longer counts.

    Returns
    -------
    pandas.Series
        Boolean. With one interval throughout: event - last adequate > max_missed x interval + window.
        Where the interval changes, planned assessments whose whole window lies between the two days count.

    References
    ----------
    FDA, Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics, appendix 3, table A.
    """
    if not schedule["changes"]:
        limit = max_missed * schedule["every_days"] + schedule["window_days"]
        return (event - last_adequate).gt(limit).fillna(False).astype(bool)
    last = event.dropna().max()
    days = planned_days(schedule["every_days"], schedule["changes"], int(last) if pd.notna(last) else 0)
    before = last_adequate.fillna(0).to_numpy(float)
    until = event.astype("Float64").to_numpy(float, na_value=-1.0)
    window = schedule["window_days"]
    missed = np.array(
        [
            sum(low < day - window and day + window < high for day in days)
            for low, high in zip(before, until, strict=True)
        ],
        dtype=int,
    )
    return pd.Series(missed >= max_missed, index=event.index)


def planned_days(every_days: int, changes: Sequence[Mapping], last: int) -> list[int]:
    """Days from the reference date of the planned assessments up to ``last``, with changing intervals.

    A changed interval counts from the first planned assessment on or after the day it begins: every 42
    days, from day 336 every 84, gives 42, 84 ... 336, 420, 504 ...
    """
    steps = sorted((change["from_day"], change["every_days"]) for change in changes)
    days, current = [], 0
    while current <= last:
        begun = [interval for begin, interval in steps if begin <= current]
        current += begun[-1] if begun else every_days
        days.append(current)
    return [day for day in days if day <= last]
