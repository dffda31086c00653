"""Dates as recorded, often partial: what days they can mean, and the named rules that complete them.

A partial date is never completed by a date parser. ``date_range`` says which days a text can mean; each
imputation is a rule of its own that also returns a flag.
"""

import calendar
import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

FIRST_YEAR, LAST_YEAR = 1900, 2100
_ISO = re.compile(
    r"(?P<year>\d{4})"
    r"(?:-(?P<month>\d{2}|-)(?:-(?P<day>\d{2}))?)?"
    r"(?:[T ](?P<hour>[01]\d|2[0-3]|-)(?::(?:[0-5]\d|-)(?::(?:[0-5]\d(?:\.\d+)?|-))?)?"
    r"(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_MOMENT = re.compile(r"^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)")


class DayRange(NamedTuple):
    """Days a text can mean; ``precision`` is day, month, year, blank or invalid."""

    first: pd.Timestamp
    last: pd.Timestamp
    precision: str


@lru_cache(maxsize=100_000)
def day_range(text: str) -> DayRange:
    """First and last day an ISO 8601 date text can mean.

    ``2014-02-03`` and ``2014-02-03T11:45`` mean one day, ``2014-02`` a month, ``2014`` a year;
    ``2014---15`` (month unknown) means the year. A time of day is checked and left out. Anything else,
    and a day that does not exist, is invalid; an empty text is blank. Both have no days (NaT).

    Source: SDTM IG 3.3, section 4.4 (ISO 8601 with omitted components).
    """
    if text == "":
        return DayRange(pd.NaT, pd.NaT, "blank")
    match = _ISO.fullmatch(text)
    if match is None or not FIRST_YEAR <= int(match["year"]) <= LAST_YEAR:
        return DayRange(pd.NaT, pd.NaT, "invalid")
    year, month, day = int(match["year"]), match["month"], match["day"]
    if match["hour"] and not day:
        return DayRange(pd.NaT, pd.NaT, "invalid")
    if month in (None, "-"):
        return DayRange(pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31), "year")
    if not 1 <= int(month) <= 12:
        return DayRange(pd.NaT, pd.NaT, "invalid")
    days = calendar.monthrange(year, int(month))[1]
    if day is None:
        return DayRange(pd.Timestamp(year, int(month), 1), pd.Timestamp(year, int(month), days), "month")
    if not 1 <= int(day) <= days:
        return DayRange(pd.NaT, pd.NaT, "invalid")
    only = pd.Timestamp(year, int(month), int(day))
    return DayRange(only, only, "day")


def date_range(text: pd.Series) -> pd.DataFrame:
    """:func:`day_range` of each text: columns ``first``, ``last`` (date) and ``precision``."""
    codes, values = pd.factorize(text, use_na_sentinel=False)
    distinct = [day_range(value) for value in values]
    frame = pd.DataFrame(index=text.index)
    for name in ("first", "last"):
        days = [getattr(meant, name).to_datetime64() for meant in distinct]
        frame[name] = np.array(days, dtype="datetime64[ns]")[codes]
    frame["precision"] = np.array([meant.precision for meant in distinct], dtype=object)[codes]
    return frame


def moments(text: pd.Series) -> pd.Series:
    """Moments of the texts that name a day, an hour and a minute; everything else is missing.

    A time zone is left out: times of one subject are compared with each other as the site wrote them.
    """
    parts = text.str.extract(_MOMENT)[0].str.replace(" ", "T", regex=False)
    usable = parts.where(date_range(text)["precision"] == "day")
    return pd.to_datetime(usable, format="ISO8601").astype("datetime64[ns]")


def complete_dates(text: pd.Series) -> pd.Series:
    """Dates of the texts that name one day; everything else is missing."""
    days = date_range(text)
    return days["first"].where(days["precision"] == "day")


def imputed_day(text: pd.Series, rule: str) -> pd.DataFrame:
    """Dates with a missing day set by a rule; a missing month leaves the date missing.

    Parameters
    ----------
    text : pandas.Series of str
        Dates as recorded.
    rule : str
        ``last`` or ``first`` day of the month.

    Returns
    -------
    pandas.DataFrame
        ``date`` and ``imputed`` (``D`` where the day was set, else empty).

    Notes
    -----
    Source: ``last`` is the rule for response assessments of admiralonco ``inst/templates/ad_adrs.R``.
    """
    days = date_range(text)
    usable = days["precision"].isin(("day", "month"))
    imputed = (days["precision"] == "month").map({True: "D", False: ""})
    return pd.DataFrame({"date": days[rule].where(usable), "imputed": imputed.astype(object)})


def first_possible(text: pd.Series, not_before: pd.Series) -> pd.DataFrame:
    """Dates with missing parts set to the first possible day, raised to ``not_before`` within the range.

    Parameters
    ----------
    text : pandas.Series of str
        Dates as recorded.
    not_before : pandas.Series of datetime64
        Same index; a day that pulls an imputed date up where it lies inside the possible range, or beyond
        it (then the last possible day is taken). Missing: no such limit.

    Returns
    -------
    pandas.DataFrame
        ``date`` and ``imputed``: ``D`` day set, ``M`` month and day set, empty as recorded.

    Notes
    -----
    Source: partial dates of death in admiral ``inst/templates/ad_adsl.R``.
    """
    days = date_range(text)
    partial = days["precision"].isin(("month", "year"))
    raised = days["first"].where(~(not_before > days["first"]), not_before)
    capped = raised.where(~(raised > days["last"]), days["last"])
    imputed = days["precision"].map({"month": "D", "year": "M"}).fillna("").astype(object)
    return pd.DataFrame({"date": days["first"].where(~partial, capped), "imputed": imputed})


def study_day(dates: pd.Series, start: pd.Series) -> pd.Series:
    """Study day of each date: 1 on the start, -1 the day before it, no day 0; missing where either date is.

    Source: CDISC SDTMIG, ``--DY`` variables.
    """
    plain = (dates - start).dt.days.astype("Int64")
    return plain.where(plain < 0, plain + 1)
