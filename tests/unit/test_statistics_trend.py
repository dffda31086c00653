"""Trend over ordered levels: DAISY counts (null, low, over-expressing) and small tables by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from clearher.statistics.jonckheere import jonckheere
from clearher.statistics.trend import (
    cochran_armitage,
    exact_trend,
    freeman_halton,
    linear_by_linear,
    midrank_scores,
    stratified_exact_trend,
    trend_power,
)

DAISY = ([11, 27, 48], [37, 72, 68])


def test_cochran_armitage_is_not_linear_by_linear():
    """T2: statsmodels' test_ordinal_association gives 19.2399, which is linear-by-linear."""
    assert cochran_armitage(*DAISY, [0, 1, 2]).statistic == pytest.approx(19.34923146, abs=1e-7)
    assert linear_by_linear(*DAISY, [0, 1, 2]).statistic == pytest.approx(19.2399, abs=1e-4)


def test_empty_cells_are_not_shifted():
    """T3: adding 0.5 to every cell would give z 2.6248."""
    result = cochran_armitage([0, 1, 3, 6], [50] * 4, range(4))
    assert math.sqrt(result.statistic) == pytest.approx(2.9019, abs=5e-5)
    assert math.sqrt(linear_by_linear([0, 1, 3, 6], [50] * 4, range(4)).statistic) == pytest.approx(
        2.8946, abs=5e-5
    )


def test_freeman_halton_is_enumerated():
    """T4: scipy's default draws 9,999 tables and cannot go below 1e-4."""
    result = freeman_halton(*DAISY)
    assert result.p == pytest.approx(1.38227615e-05, rel=1e-8)
    assert result.tables == 2327
    assert result.exact


def test_two_by_three_exact():
    """C9: columns 5/6, 4/7, 1/7 successes of the first row; Monte Carlo gives 0.057 to 0.066."""
    assert freeman_halton([5, 4, 1], [6, 7, 7]).p == pytest.approx(0.058488, abs=5e-7)


def test_two_levels_are_fishers_test():
    assert exact_trend([55, 90], [91, 118], [0, 1]).p == pytest.approx(
        freeman_halton([55, 90], [91, 118]).p, rel=1e-9
    )


def test_by_hand():
    """1 success in 3 levels of one subject each: T is 0, 1 or 2 with equal chance; T = 2 is as far as 0."""
    assert exact_trend([0, 0, 1], [1, 1, 1], [0, 1, 2]).p == pytest.approx(2 / 3)
    assert exact_trend([0, 1, 0], [1, 1, 1], [0, 1, 2]).p == pytest.approx(1)


def test_scores_off_the_grid_are_enumerated():
    """Scores that are no multiples of 1/1000 take the other way and agree with nearly equal ones on it."""
    off = exact_trend(*DAISY, [0, np.sqrt(1.0001), 2])
    assert off.exact
    assert off.p == pytest.approx(exact_trend(*DAISY, [0, 1, 2]).p, rel=0.5)


def test_a_level_without_subjects_keeps_its_score():
    """T22: with level 1 empty, levels 0 and 2 stay two steps apart; only the scale changes, not the p."""
    assert exact_trend([1, 0, 4], [6, 0, 5], [0, 1, 2]).p == pytest.approx(
        exact_trend([1, 4], [6, 5], [0, 1]).p
    )


def test_too_many_tables_are_drawn_and_said_so():
    result = freeman_halton([60, 70, 80, 100], [250] * 4, seed=3)
    assert not result.exact
    assert "Monte Carlo" in result.how
    assert "seed 3" in result.how
    assert result.p == freeman_halton([60, 70, 80, 100], [250] * 4, seed=3).p
    asymptotic = stats.chi2_contingency([[60, 70, 80, 100], [190, 180, 170, 150]]).pvalue
    assert result.p == pytest.approx(asymptotic, abs=0.001)


def test_drawn_trend_agrees_with_the_exact_one():
    table, scores = ([4, 9, 10], [18, 21, 25]), [0, math.pi, 7]
    drawn = exact_trend(*table, scores, seed=1, max_tables=5)
    assert not drawn.exact
    assert drawn.p == pytest.approx(exact_trend(*table, scores).p, abs=0.006)


def test_large_trend_stays_exact():
    result = exact_trend([60, 70, 80, 100], [250] * 4, range(4))
    assert result.exact
    assert result.p == pytest.approx(cochran_armitage([60, 70, 80, 100], [250] * 4, range(4)).p, rel=0.2)


@pytest.mark.parametrize(("successes", "why"), [([0, 0], "nobody responds"), ([3, 4], "everybody does")])
def test_no_information(successes, why):
    assert exact_trend(successes, [3, 4], [0, 1]).p == pytest.approx(1), why
    assert math.isnan(cochran_armitage(successes, [3, 4], [0, 1]).p), why


def test_empty_strata_add_nothing():
    tables = [([1, 4], [6, 5]), ([0, 0], [0, 0])]
    assert stratified_exact_trend(tables, [0, 1]).p == pytest.approx(exact_trend([1, 4], [6, 5], [0, 1]).p)


def test_midranks():
    """2, 0 and 3 subjects: ranks 1-2, none, 3-5."""
    assert midrank_scores([2, 0, 3]).tolist() == [1.5, 2.5, 4.0]


@pytest.mark.parametrize(("successes", "totals"), [([4], [3]), ([-1], [3]), ([1, 1], [3])])
def test_impossible_tables_are_refused(successes, totals):
    with pytest.raises(ValueError, match=r"successes"):
        exact_trend(successes, totals, [0])


def test_power_rises_with_size():
    power = [
        trend_power([n // 4] * 4, [0.2, 0.3, 0.4, 0.5], range(4), alpha=0.05, trials=400, seed=1)
        for n in (40, 160)
    ]
    assert 0.15 < power[0] < 0.40
    assert power[1] > 0.75


def test_jonckheere_with_a_binary_outcome_is_corrected_for_ties():
    """T6, in small: without the correction the variance of a binary outcome is too large."""
    level, outcome = np.repeat([0, 1, 2], 6), [0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1]
    result = jonckheere(level, outcome)
    assert result.p == pytest.approx(stats.kendalltau(level, outcome, method="asymptotic").pvalue, rel=1e-9)
    assert result.z > 0


def test_jonckheere_by_hand():
    """Levels 0, 0, 1 with outcomes 1, 2, 3: both pairs rise, J = 2, mean 1, variance 2/3."""
    result = jonckheere([0, 0, 1], [1, 2, 3])
    assert result.statistic == 2
    assert result.z == pytest.approx(1 / math.sqrt(2 / 3))


@pytest.mark.parametrize(("level", "outcome"), [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [1, 1, 1])])
def test_jonckheere_without_spread(level, outcome):
    assert math.isnan(jonckheere(level, outcome).p)


def test_jonckheere_refuses_missing_values():
    with pytest.raises(ValueError, match="must be known"):
        jonckheere([1, 2], [1, np.nan])
