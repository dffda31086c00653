"""Kappa: the weights are named, because a printed kappa without them can mean three numbers."""

import math

import pytest

from clearher.statistics.kappa import agreement_table, kappa

LOCAL_CENTRAL = [[534, 32, 0], [47, 42, 2], [3, 12, 49]]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ("unweighted", (0.6116, 0.5435, 0.6797)),
        ("linear", (0.7080, 0.6495, 0.7665)),
        ("quadratic", (0.7992, 0.7506, 0.8477)),
    ],
)
def test_published_local_against_central(weights, expected):
    """T21: PMC3828190 prints 0.71 (0.65-0.77), which is the linear one; quadratic would be 0.80."""
    assert kappa(LOCAL_CENTRAL, weights)[:3] == pytest.approx(expected, abs=5e-5)


def test_perfect_agreement_has_no_error():
    result = kappa([[3, 0], [0, 4]], "linear")
    assert result.estimate == pytest.approx(1)
    assert result.error == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(
    ("table", "estimate", "why"),
    [([[3, 0], [0, 4]], 1, "full agreement of 7 pairs"), ([[0, 3], [0, 0]], 0, "one category each")],
)
def test_an_interval_of_no_width_is_not_given(table, estimate, why):
    result = kappa(table, "unweighted")
    assert result.estimate == pytest.approx(estimate), why
    assert math.isnan(result.low), why
    assert math.isnan(result.high), why


@pytest.mark.parametrize(
    ("table", "why"), [([[0, 0], [0, 0]], "no pair"), ([[5, 0], [0, 0]], "one category")]
)
def test_not_estimable(table, why):
    assert math.isnan(kappa(table, "linear").estimate), why


def test_categories_keep_their_places_when_empty():
    """T22: the middle category is used by nobody and still holds its row and column."""
    table = agreement_table(["low", "high", None], ["low", "low", "high"], ["low", "middle", "high"])
    assert table.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_unknown_reading_is_refused():
    with pytest.raises(ValueError, match="weak"):
        agreement_table(["weak"], ["low"], ["low", "high"])


def test_limits_stay_in_the_range_of_kappa():
    """19 of 20 pairs agree: 0.9 with error 0.0967, 0.71 to 1.09 before the cut."""
    result = kappa([[10, 1], [0, 9]], "unweighted")
    assert (result.estimate, result.error) == (pytest.approx(0.9, abs=1e-3), pytest.approx(0.0979, abs=1e-3))
    assert result.high == 1
    assert result.low == pytest.approx(0.708, abs=2e-3)
