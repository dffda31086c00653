"""H-score: recomputed from shares, the unit found on the whole column, odd values flagged."""

import pandas as pd
import pytest

from clearher.her2.h_score import PERCENT_COLUMNS, h_scores, percent_unit

NAN = float("nan")


def shares(*rows):
    return pd.DataFrame(rows, columns=list(PERCENT_COLUMNS), dtype="float64")


# Columns: rows, unit, why
UNITS = [
    ([(20, 30, 50, 0), (99, 1, 0, 0)], "percent", "sums are 100"),
    ([(0.2, 0.3, 0.5, 0), (0.99, 0.01, 0, 0)], "fraction", "sums are 1"),
    ([(0.2, 0.3, 0.5, 0), (1, 1, 1, 0)], "fraction", "a complete row decides for the column"),
    ([(0.2, 0.3, 0.5, 0), (20, 30, 50, 0)], "unclear", "both kinds in one column"),
    ([(NAN, 1, 0, 0), (NAN, 40, 0, 0)], "percent", "40 is no fraction, so 1 is 1 percent"),
    ([(NAN, 0.4, 0, 0), (NAN, 1, 0, 0)], "fraction", "0.4 with nothing above 1"),
    ([(NAN, 1, 0, 0), (NAN, 0, 0, 0)], "unclear", "1 percent or all cells"),
    ([(NAN, NAN, NAN, NAN)], "", "no values"),
]


@pytest.mark.parametrize(("rows", "unit", "why"), UNITS)
def test_unit_is_found_on_the_columns_as_a_whole(rows, unit, why):
    assert percent_unit(shares(*rows)) == unit, why


def one(row, reported=NAN, state=""):
    """A row among clearly percent ones."""
    frame = shares(row, (100, 0, 0, 0)).assign(h_score=[reported, NAN])
    return h_scores(frame, pd.Series([state, ""])).iloc[0]


# Columns: shares 0 to 3, reported, H-score, source, flags, why
SCORES = [
    ((20, 30, 50, 0), NAN, 130, "recomputed", (), "30 + 2 x 50"),
    ((0, 0, 0, 100), 300, 300, "recomputed", (), "the maximum"),
    ((20, 30, 50, 0), 130.5, 130, "recomputed", (), "within 1"),
    ((20, 30, 50, 0), 150, 130, "recomputed", ("h_score_disagrees",), "more than 1 apart"),
    ((20, 30, 50, 0), 60, 130, "recomputed", ("h_score_disagrees", "h_score_out_of_bounds"), "80 % stained"),
    ((20, 30, 40, 0), 110, 110, "reported", ("percent_sum",), "sum 90: not recomputed"),
    ((20, 30, 51, 0), NAN, 132, "recomputed", (), "sum 101: rounding"),
    ((20, 30, 52, 0), 134, 134, "reported", ("percent_sum",), "sum 102: no rounding"),
    ((19, 30, 50, 0), NAN, 130, "recomputed", (), "sum 99: rounding"),
    ((NAN, 50, 52, 0), 154, 154, "reported", ("percent_sum",), "more than all cells stained"),
    ((-1, 51, 50, 0), 151, 151, "reported", ("percent_sum",), "a negative share"),
    ((20, 30, 50, 0), 131, 130, "recomputed", (), "1 apart"),
    ((20, 30, 50, 0), 131.5, 130, "recomputed", ("h_score_disagrees",), "1.5 apart"),
    ((NAN, NAN, NAN, NAN), 300, 300, "reported", (), "the maximum"),
    ((NAN, NAN, NAN, NAN), -1, NAN, "", ("h_score_rejected",), "below 0"),
    ((NAN, 30, 50, 0), NAN, 130, "recomputed", (), "share of unstained cells not needed"),
    ((NAN, NAN, NAN, NAN), 140, 140, "reported", (), "no shares"),
    ((NAN, NAN, NAN, NAN), 310, NAN, "", ("h_score_rejected",), "weights 2, 3, 4?"),
    ((NAN, NAN, NAN, NAN), NAN, NAN, "", (), "nothing"),
]


@pytest.mark.parametrize(("row", "reported", "score", "source", "flags", "why"), SCORES)
def test_h_score(row, reported, score, source, flags, why):
    found = one(row, reported)
    assert found["h_score"] == pytest.approx(score, nan_ok=True), why
    assert (found["h_score_source"], found["flags"]) == (source, flags), why


# Columns: state, H-score, whether it is unusual
EXPECTED = [
    ("0-null", 0, False),
    ("0-null", 1, True),
    ("0-ultralow", 10, False),
    ("0-ultralow", 0, True),
    ("0-ultralow", 11, True),
    ("1+", 11, False),
    ("1+", 10, True),
    ("2+", 10, True),
    ("3+", 31, False),
    ("3+", 30, True),
    ("0", 200, False),
]


@pytest.mark.parametrize(("state", "score", "unusual"), EXPECTED)
def test_h_score_against_the_ihc_state(state, score, unusual):
    found = one((NAN, NAN, NAN, NAN), score, state)
    assert ("h_score_against_ihc" in found["flags"]) == unusual


def test_fractions_are_shown_in_percent():
    frame = shares((0.2, 0.3, 0.5, 0)).assign(h_score=NAN)
    found = h_scores(frame, pd.Series([""])).iloc[0]
    assert (found["pct_2"], found["h_score"]) == (50, 130)


def test_shares_of_unclear_unit_are_not_used():
    frame = shares((0.2, 0.3, 0.5, 0), (20, 30, 50, 0)).assign(h_score=[NAN, 90])
    found = h_scores(frame, pd.Series(["", ""]))
    assert found["h_score"].tolist() == pytest.approx([NAN, 90], nan_ok=True)
    assert found["pct_1"].isna().all()
    assert all("percent_unit_unclear" in flags for flags in found["flags"])
