"""Exact intervals: literal counts with the answers of R's binom.test and fisher.test."""

import math

import pytest

from clearher.statistics.proportions import (
    clopper_pearson,
    conditional_odds_ratio,
    newcombe_difference,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "n", "expected", "why"),
    [
        (13, 42, (0.3095, 0.1762, 0.4709), "C12: a Wald interval with correction would be 15.8-46.1%"),
        (0, 10, (0.0, 0.0, 0.3085), "T1: Wald has no width at 0/n"),
        (10, 10, (1.0, 0.6915, 1.0), "T1: nor at n/n"),
        (0, 42, (0.0, 0.0, 0.0841), "no responder in the trial"),
        (42, 42, (1.0, 0.9159, 1.0), "all responders"),
    ],
)
def test_clopper_pearson(successes, n, expected, why):
    assert clopper_pearson(successes, n) == pytest.approx(expected, abs=5e-5), why


def test_no_denominator_is_not_estimable():
    assert all(math.isnan(value) for value in clopper_pearson(0, 0))
    assert all(math.isnan(value) for value in newcombe_difference(0, 0, 1, 2))


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(successes, n):
    with pytest.raises(ValueError, match="not a proportion"):
        clopper_pearson(successes, n)


def test_wilson_at_zero_starts_at_zero():
    assert wilson(0, 10) == pytest.approx((0.0, 0.0, 0.2775), abs=5e-5)


def test_newcombe_published_example():
    """Newcombe 1998, table II, example (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339."""
    assert newcombe_difference(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_newcombe_published_example_with_empty_cells():
    """Newcombe 1998, example (h): 10/10 - 0/10: 0.6075 to 1."""
    assert newcombe_difference(10, 10, 0, 10) == pytest.approx((1.0, 0.6075, 1.0), abs=5e-5)


def test_conditional_odds_ratio_is_not_the_sample_odds_ratio():
    """C9: the cross product of this table is 9.333; R's fisher.test gives 8.153 (0.882-127.06)."""
    result = conditional_odds_ratio([[7, 2], [3, 8]])
    assert result[:3] == pytest.approx((8.153, 0.882, 127.06), rel=1e-3)


@pytest.mark.parametrize(
    ("table", "estimate", "why"),
    [([[5, 0], [1, 4]], math.inf, "cell at its upper end"), ([[0, 5], [4, 1]], 0.0, "at its lower end")],
)
def test_odds_ratio_at_the_edge(table, estimate, why):
    result = conditional_odds_ratio(table)
    assert result.estimate == estimate, why
    assert result.low <= result.estimate <= result.high


def test_odds_ratio_without_information():
    result = conditional_odds_ratio([[0, 5], [0, 4]])
    assert math.isnan(result.estimate)
    assert result.p == 1.0
