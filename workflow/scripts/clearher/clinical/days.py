"""Day arithmetic of the clinical stage: study days without a day 0, durations that count both ends."""

import pandas as pd

from clearher.intake.dates import study_day

__all__ = ["difference", "duration", "spoken", "study_day"]


def difference(dates: pd.Series, start: pd.Series) -> pd.Series:
    """Plain difference in days, date - start; missing where either is."""
    return (dates - start).dt.days.astype("Int64")


def duration(start: pd.Series, end: pd.Series) -> pd.Series:
    """Days from start to end, both counted: an event on the start date is day 1."""
    return difference(end, start) + 1


def spoken(date: pd.Timestamp) -> str:
    """A date as ISO text; an empty text where it is missing."""
    return "" if pd.isna(date) else date.strftime("%Y-%m-%d")
