"""Every distinct HER2 value of a public table of 1,918 breast cancers: read, or named as not understood."""

import pandas as pd
import pytest

from clearher.her2.parse import NOT_UNDERSTOOD, parse_ihc, parse_ish_ratio, parse_status


@pytest.fixture(scope="module")
def values(fixtures):
    return pd.read_csv(fixtures / "her2" / "her2_free_text_values.csv", dtype=str, keep_default_na=False)


def parser_of(column):
    if "IHC Score" in column:
        return parse_ihc
    return parse_ish_ratio if "Ratio" in column else parse_status


@pytest.fixture(scope="module")
def results(values):
    return [parser_of(row.column)(row.value) for row in values.itertuples()]


def test_all_distinct_values_are_understood(values, results):
    assert len(values) == 256
    unread = [
        v for v, found in zip(values["value"], results, strict=True) if found[0].reason == NOT_UNDERSTOOD
    ]
    assert unread == []


def test_plain_zeros_stay_unspecified(values):
    zeros = values[(values["value"] == "0+") & values["column"].str.contains("IHC Score")]
    assert sorted(zeros["n"].astype(int)) == [535, 560]
    assert {parse_ihc(value)[0].low for value in zeros["value"]} == {"0"}


@pytest.mark.parametrize(("column", "n"), [("Primary", 200), ("Sequenced Sample", 442)])
def test_zero_to_one_stays_an_interval(values, column, n):
    row = values[(values["value"] == "0-1+") & values["column"].str.endswith(column)].iloc[0]
    (found,) = parse_ihc(row["value"])
    assert (int(row["n"]), found.low, found.high) == (n, "0", "1+")


def test_cells_with_two_results(values, results):
    several = {
        value: len([one for one in found if not one.reason])
        for value, found in zip(values["value"], results, strict=True)
        if len(found) > 1
    }
    assert several == {
        "3+ (2+ outside)": 2,
        "2+ (3+ outside)": 2,
        "1+ (3+ outside)": 2,
        "1+ (outside 3+)": 2,
        "1-2+ (outside 3+)": 2,
        "1.4, 1.9": 2,
        "1.7 (Outside: 2.4)": 2,
        "1.4 (CN 3.0) (same sample OSH 2.3)": 2,
        "1.8, MSK failed": 1,
        "Negative (Outside Positive)": 2,
    }


def test_cells_without_result_give_a_reason(values, results):
    reasons = {
        v: found[0].reason for v, found in zip(values["value"], results, strict=True) if found[0].reason
    }
    assert reasons == {
        "": "empty",
        "Unk/ND": "unknown or not done",
        "UNk/ND": "unknown or not done",
        "Test Failure": "failed",
        "Not done": "not done",
        "Not done (decalcified)": "not done",
    }
