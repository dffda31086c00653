"""Partial dates: what days a text can mean, and the named rules that complete it."""

import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearher.intake.dates import complete_dates, date_range, day_range, first_possible, imputed_day

DAYS = st.dates(datetime.date(1901, 1, 1), datetime.date(2099, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2014-02-03", "2014-02-03", "2014-02-03", "day"),
        ("2014-02-03T11:45", "2014-02-03", "2014-02-03", "day"),
        ("2014-02-03T23:30:00.5+01:00", "2014-02-03", "2014-02-03", "day"),
        ("2014-02-03 11:45", "2014-02-03", "2014-02-03", "day"),
        ("2014-02", "2014-02-01", "2014-02-28", "month"),
        ("2016-02", "2016-02-01", "2016-02-29", "month"),
        ("2012", "2012-01-01", "2012-12-31", "year"),
        ("2012---15", "2012-01-01", "2012-12-31", "year"),
    ],
)
def test_days_a_text_can_mean(text, first, last, precision):
    assert day_range(text) == (pd.Timestamp(first), pd.Timestamp(last), precision)


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-31",
        "2019-02-29",
        "2020-13",
        "2020-00-10",
        "2020-1-5",
        "03/05/2020",
        "5MAR2020",
        "2020-UN-UN",
        "2020-02-03T25:00",
        "2020-02T10:00",
        "0214-02-03",
        "19725",
        "NA",
        "2020-02-03 later",
    ],
)
def test_everything_else_is_invalid(text):
    result = day_range(text)
    assert result.precision == "invalid"
    assert pd.isna(result.first)
    assert pd.isna(result.last)


def test_blank_is_missing_and_not_invalid():
    assert day_range("").precision == "blank"


def test_complete_dates_takes_whole_days_only():
    result = complete_dates(pd.Series(["2014-02-03", "2014-02", "2014", "", "2014-02-30"]))
    assert result.tolist()[0] == pd.Timestamp("2014-02-03")
    assert result[1:].isna().all()


def test_missing_day_of_a_scan_is_the_last_of_the_month_and_flagged():
    result = imputed_day(pd.Series(["2014-02", "2014-02-03", "2014", ""]), "last")
    assert result["date"].tolist()[:2] == [pd.Timestamp("2014-02-28"), pd.Timestamp("2014-02-03")]
    assert result["date"][2:].isna().all()
    assert result["imputed"].tolist() == ["D", "", "", ""]


def test_missing_day_can_be_the_first_of_the_month():
    assert imputed_day(pd.Series(["2014-02"]), "first")["date"][0] == pd.Timestamp("2014-02-01")


@pytest.mark.parametrize(
    ("text", "alive", "expected", "flag"),
    [
        ("2014-02", "2014-01-20", "2014-02-01", "D"),  # alive before the month: first day of it
        ("2014-02", "2014-02-10", "2014-02-10", "D"),  # alive within it: not before that day
        ("2014-02", "2014-03-10", "2014-02-28", "D"),  # alive after it: the last day it can be
        ("2014", "2014-05-06", "2014-05-06", "M"),
        ("2014", None, "2014-01-01", "M"),
        ("2014-02-03", "2014-02-10", "2014-02-03", ""),  # a full date stays as recorded
    ],
)
def test_partial_death_is_the_first_possible_day_not_before_last_alive(text, alive, expected, flag):
    result = first_possible(pd.Series([text]), pd.Series([pd.Timestamp(alive) if alive else pd.NaT]))
    assert result["date"][0] == pd.Timestamp(expected)
    assert result["imputed"][0] == flag


@given(DAYS)
def test_less_text_never_excludes_the_day(day):
    text = day.isoformat()
    ranges = date_range(pd.Series([text, text[:7], text[:4]]))
    moment = pd.Timestamp(day)
    assert (ranges["first"] <= moment).all()
    assert (ranges["last"] >= moment).all()
    assert (ranges["last"] - ranges["first"]).is_monotonic_increasing


@given(DAYS, DAYS, st.sampled_from([4, 7, 10]))
def test_imputation_stays_within_what_the_text_can_mean(day, alive, length):
    text = pd.Series([day.isoformat()[:length]])
    days = date_range(text)
    imputed = first_possible(text, pd.Series([pd.Timestamp(alive)]))
    assert days["first"][0] <= imputed["date"][0] <= days["last"][0]
    assert (imputed["imputed"][0] == "") == (length == 10)


@given(st.text(max_size=12))
def test_any_text_is_a_day_a_month_a_year_or_refused(text):
    result = day_range(text)
    assert result.precision in ("day", "month", "year", "blank", "invalid")
    assert pd.isna(result.first) == (result.precision in ("blank", "invalid"))
