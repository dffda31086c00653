"""More than two raters: printed examples, hand counts, and what cannot be estimated."""

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.inter_rater import fleiss_kappa as theirs

from clearher.her2.readers import reader_statistics
from clearher.statistics.several_raters import fleiss_kappa, intraclass_correlation

# Ten items, 14 raters, five categories: the worked example of many textbooks, kappa 0.210.
FOURTEEN = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
# Shrout and Fleiss 1979, table 2: six targets, four judges.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_fleiss_of_the_textbook():
    found = fleiss_kappa(FOURTEEN)
    assert found.estimate == pytest.approx(0.210, abs=5e-4)
    assert found.estimate == pytest.approx(theirs(np.array(FOURTEEN)), abs=1e-12)
    assert found.low < found.estimate < found.high
    assert (found.items, found.ratings) == (10, 140)


def test_fleiss_by_hand_with_unequal_readings():
    """Three readers agree; two disagree; one reading alone is left out. Shares 4/5 and 1/5."""
    expected = 0.8**2 + 0.2**2
    found = fleiss_kappa([[3, 0], [1, 1], [0, 1]])
    assert found.estimate == pytest.approx((0.5 - expected) / (1 - expected))
    assert (found.items, found.ratings) == (2, 5)
    assert math.isnan(found.low), "two items say nothing about spread"


@pytest.mark.parametrize("counts", [np.zeros((0, 3)), [[1, 0], [0, 1]], [[3, 0], [2, 0], [4, 0]]])
def test_fleiss_not_estimable(counts):
    assert math.isnan(fleiss_kappa(counts).estimate)


def test_intraclass_correlation_as_printed():
    """Shrout and Fleiss print 0.17; limits from psych::ICC of R: -0.13 and 0.72."""
    found = intraclass_correlation(JUDGES)
    assert found.estimate == pytest.approx(0.1657, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((-0.1329, 0.7226), abs=5e-4)


def test_equal_ratings_of_different_items_are_perfect():
    assert intraclass_correlation([[10, 10], [40, 40, 40], [90, 90]]).estimate == 1


@pytest.mark.parametrize("ratings", [[[1, 2, 3]], [[5, 5], [5, 5]], [[1], [2], [3]]])
def test_intraclass_correlation_not_estimable(ratings):
    assert math.isnan(intraclass_correlation(ratings).estimate)


def readings(rows: list[tuple]) -> pd.DataFrame:
    """Specimen, reader, laboratory, assay, score, level, H-score."""
    names = ["specimen_id", "reader", "laboratory", "assay", "ihc_score", "level", "h_score"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(subject_id=frame["specimen_id"], origin="in-house", record=range(len(frame)))


THREE = [
    (
        specimen,
        f"R{reader}",
        "central",
        "4B5",
        "0" if low else "1+",
        "NULL" if low else "LOW_1+",
        40.0 * (not low),
    )
    for specimen, lows in (("A", (1, 1, 1)), ("B", (0, 0, 0)), ("C", (1, 0, 0)), ("D", (0, 0, 0)))
    for reader, low in enumerate(lows)
]


def test_readers_of_one_laboratory_and_assay():
    """12 readings, 4 zero: pairs agree in A, B, D and a third of C; (10/12 - 5/9) / (4/9) = 0.625."""
    rows = pd.DataFrame(reader_statistics(readings(THREE), confidence=0.95)).set_index(["scale", "statistic"])
    assert rows.loc[("score", "fleiss_kappa"), "estimate"] == pytest.approx(0.625)
    assert rows.loc[("level", "fleiss_kappa"), "estimate"] == pytest.approx(0.625)
    assert rows.loc[("level", "fleiss_kappa"), ["n", "n_left_out", "count"]].tolist() == [4, 0, 12]
    assert rows.loc[("h_score", "icc"), "method"].endswith("3 readers")


@pytest.mark.parametrize("column", ["laboratory", "assay"])
def test_clones_and_laboratories_are_not_pooled(column):
    """The third reader used another clone, or sits elsewhere: no three readers are left to compare."""
    rows = readings(THREE)
    rows.loc[rows["reader"] == "R2", column] = "another"
    found = list(reader_statistics(rows, confidence=0.95))
    assert {row["statistic"] for row in found} == {"icc"}


def test_adjudicators_and_unnamed_readers_are_no_readers():
    rows = readings(THREE)
    rows["reader"] = rows["reader"].replace({"R1": "ADJUDICATOR", "R2": ""})
    assert list(reader_statistics(rows, confidence=0.95)) == []
