"""ROC areas, proportional odds, splines, rank tests, adjusted p and internal validation."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from clearher.statistics.logistic import logistic_ml
from clearher.statistics.multiplicity import adjusted
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.optimism import bootstrap_optimism, calibration
from clearher.statistics.ordinal import proportional_odds
from clearher.statistics.ranks import mann_whitney, spearman
from clearher.statistics.ridge import column_medians, ridge_logistic
from clearher.statistics.roc import auc, compare_auc
from clearher.statistics.spline import knots, restricted_cubic_spline

NINE_A = [1.1, 2.3, 3.7, 4.2, 5.9, 6.1, 7.3, 8.8, 9.4]
NINE_B = [0.5, 1.9, 2.8, 3.1, 4.0, 4.7, 5.2, 6.6, 2.2]


def test_auc_counts_pairs():
    """Cases 2 and 3, controls 1 and 2: of 4 pairs 3 are ordered, 1 tied."""
    assert auc([2, 3, 1, 2], [1, 1, 0, 0]).estimate == pytest.approx(3.5 / 4)


def test_auc_without_cases_is_not_estimable():
    assert math.isnan(auc([1, 2], [0, 0]).estimate)


@pytest.mark.parametrize(
    ("score", "outcome", "area"),
    [([1, 2, 3, 4, 5], [0, 0, 0, 1, 1], 1), ([5, 4, 1, 2], [0, 0, 1, 1], 0), ([1, 2, 3, 0], [0, 0, 1, 0], 1)],
    ids=["parted", "parted, reversed", "one case"],
)
def test_auc_without_a_variance_has_no_limits(score, outcome, area):
    """DeLong's variance is 0 where all pairs agree, and undefined with one case: 1 to 1 is no interval."""
    found = auc(score, outcome)
    assert found.estimate == area
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_a_score_against_itself():
    result = compare_auc([2, 3, 1, 2], [2, 3, 1, 2], [1, 1, 0, 0])
    assert result.difference == 0
    assert math.isnan(result.p)


def test_two_categories_are_logistic_regression():
    x = pd.DataFrame({"x": [0.0, 0, 0, 1, 1, 1, 2, 2]})
    y = [0, 1, 0, 0, 1, 1, 1, 0]
    ordered, plain = proportional_odds(x, y).table, logistic_ml(x, y).table
    assert ordered.loc["x", "estimate"] == pytest.approx(plain.loc["x", "estimate"], abs=1e-7)
    assert ordered.loc["<= 0", "estimate"] == pytest.approx(-plain.loc["(intercept)", "estimate"], abs=1e-7)


def test_categories_nobody_has_change_nothing():
    x = pd.DataFrame({"x": [0.0, 1, 2, 3, 1, 2, 3, 0]})
    a, b = proportional_odds(x, [0, 1, 1, 2, 0, 2, 0, 1]), proportional_odds(x, [0, 3, 3, 7, 0, 7, 0, 3])
    assert a.table.loc["x", "estimate"] == pytest.approx(b.table.loc["x", "estimate"])


def test_large_slopes_that_cancel_are_a_maximum():
    """x and x + 0.02 z say the same as x and z: the slope of the second is that of z / 0.02."""
    generator = np.random.default_rng(4)
    x, z = generator.normal(size=(2, 60))
    y = np.digitize(z + generator.logistic(size=60), [-1, 1])
    apart = proportional_odds(pd.DataFrame({"x": x, "z": z}), y)
    together = proportional_odds(pd.DataFrame({"x": x, "near": x + 0.02 * z}), y)
    assert together.log_likelihood == pytest.approx(apart.log_likelihood, abs=1e-8)
    assert together.table.loc["near", "estimate"] == pytest.approx(apart.table.loc["z", "estimate"] / 0.02)


@pytest.mark.parametrize(("y", "why"), [([1, 1, 1, 1], "same"), ([0, 0, 1, 1], "without a finite maximum")])
def test_ordered_outcome_not_estimable(y, why):
    with pytest.raises(NotEstimableError, match=why):
        proportional_odds(pd.DataFrame({"x": [0.0, 1, 2, 3]}), y)


def test_spline_is_linear_beyond_the_outer_knots():
    basis = restricted_cubic_spline(np.arange(10.0, 20.0), [1, 5, 9])
    assert np.diff(basis["bend_1"], n=2) == pytest.approx(np.zeros(8), abs=1e-9)
    assert restricted_cubic_spline([0.0], [1, 5, 9])["bend_1"].tolist() == [0]


def test_knots_that_coincide():
    with pytest.raises(NotEstimableError, match="coincide"):
        knots([0, 0, 0, 0, 0, 0, 0, 0, 0, 5])


def test_small_samples_get_exact_p():
    """C10: scipy's automatic choice gives 0.13332 and 0.0581; R's exact tests 0.13591 and 0.0666."""
    assert mann_whitney(NINE_A, NINE_B).p == pytest.approx(0.13591, abs=5e-6)
    result = spearman(NINE_A, NINE_B)
    assert (result.statistic, result.p) == pytest.approx((0.65, 0.0666), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "how"),
    [
        (range(0, 98, 2), range(1, 99, 2), "exact"),
        (range(0, 100, 2), range(1, 7, 2), "asymptotic"),
        (range(0, 6, 2), range(1, 101, 2), "asymptotic"),
        ([1, 2, 3], [3, 4, 5], "asymptotic"),
    ],
)
def test_exact_where_r_is_exact(first, second, how):
    """No ties, and fewer than 50 values in both groups (49 and 49; 50 and 3; 3 and 50; a tie)."""
    assert mann_whitney(first, second).how == how


def test_medians_by_column():
    """Odd and even numbers of known values, none, and an infinite one that does not count."""
    nan, inf = float("nan"), float("inf")
    values = np.array([[3, 4, nan, 1], [1, nan, nan, inf], [2, 1, nan, 2]])
    assert column_medians(values).tolist() == [2, 2.5, 0, 1.5]


def test_ties_are_asymptotic_and_said_so():
    assert mann_whitney([1, 2, 2], [2, 3, 4]).how == "asymptotic"
    assert spearman([1, 2, 2, *range(3, 10)], range(10)).how == "asymptotic"


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [([1, 1, 2], [1, 1, 2], 1 / 3), ([0, 0, 0, 1], [5, 5, 5, 9], 1 / 4), ([1, 1, 2, 2], [1, 1, 2, 2], 1 / 3)],
)
def test_few_pairs_with_ties_are_permuted(first, second, p):
    """One of 3 places of the 2, one of 4 of the 9, 2 of 6 ways to place two twos (rho 1 and -1); t says 0."""
    found = spearman(first, second)
    assert found.statistic == pytest.approx(1)
    assert found.p == pytest.approx(p, abs=1e-12)
    assert found.how == "exact"


@pytest.mark.parametrize("size", range(3, 30))
def test_ranks_that_agree_have_a_rho_of_exactly_one(size):
    """0.9999999999999999 would pass for a rho below 1 and get an interval of no width."""
    assert spearman(range(size), range(size)).statistic == 1
    assert spearman(range(size), range(size, 0, -1)).statistic == -1


def test_rank_tests_without_data():
    assert math.isnan(mann_whitney([], [1.0]).p)
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]).p)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", [0.03, 0.06, 0.06]),
        ("bh", [0.03, 0.04, 0.04]),
        ("bonferroni", [0.03, 0.09, 0.12]),
        ("none", [0.01, 0.03, 0.04]),
    ],
)
def test_adjusted_p_leaves_out_what_was_not_tested(method, expected):
    result = adjusted([0.01, np.nan, 0.03, 0.04], method)
    assert math.isnan(result[1])
    assert result[[0, 2, 3]].tolist() == pytest.approx(expected)


def test_adjusted_p_is_that_of_the_definition():
    """Ten ascending p: Holm (11 - i) p_i never falling, bh 10 p_i / i never rising from the end on."""
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.060, 0.074, 0.205, 0.212, 0.216]
    holm = [0.010, 0.072, 0.312, 0.312, 0.312, 0.312, 0.312, 0.615, 0.615, 0.615]
    bh = [0.010, 0.040, 0.084, 0.084, 0.084, 0.100, 0.74 / 7, 0.216, 0.216, 0.216]
    assert adjusted(p, "holm").tolist() == pytest.approx(holm)
    assert adjusted(p, "bh").tolist() == pytest.approx(bh)


def _learner(covariates, outcome):
    model = LogisticRegression(C=100).fit(covariates, outcome)
    return lambda x: model.predict_proba(x)[:, 1]


def _noise(n, columns):
    rng = np.random.default_rng(11)
    y = np.zeros(n)
    y[: n // 3] = 1
    return pd.DataFrame(rng.normal(size=(n, columns)), columns=[f"x{i}" for i in range(columns)]), y


def test_optimism_takes_back_what_noise_pretends():
    """Four columns of noise: the apparent area is well above one half, the corrected one is not."""
    x, y = _noise(42, 4)
    result = bootstrap_optimism(_learner, x, y, samples=40, seed=1)
    assert result.apparent > 0.6
    assert result.optimism > 0.05
    assert result.corrected == pytest.approx(result.apparent - result.optimism)


def test_calibration_of_the_truth():
    chance = np.repeat([0.2, 0.8], 50)
    outcome = np.concatenate([[1] * 10, [0] * 40, [1] * 40, [0] * 10])
    assert calibration(chance, outcome) == pytest.approx((0, 1), abs=1e-6)


def test_profile_limits_of_ordered_response_in_sixteen_subjects():
    """One PD among the lowest levels: the profile is nearly flat on one side, and its limit is still found.

    A profile that starts from elsewhere may end a hair lower at the same point; the search for the crossing
    must not lose its bracket over that.
    """
    level = [2, 0, 3, 1, 3, 3, 3, 1, 0, 0, 1, 3, 3, 2, 3, 1]
    response = [1, 0, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2]
    fit = proportional_odds(pd.DataFrame({"level": level}, dtype=float), response)
    row = fit.table.loc["level"]
    assert row["low"] < row["estimate"] < row["high"]


def test_ridge_agrees_with_scikit_learn():
    rng = np.random.default_rng(8)
    x, y = pd.DataFrame(rng.normal(3, 2, size=(50, 3)), columns=["a", "b", "c"]), rng.random(50) < 0.4
    scaled = (x - x.mean()) / x.std(ddof=0)
    other = LogisticRegression(C=0.7, tol=1e-10, max_iter=10_000).fit(scaled, y)
    assert ridge_logistic(x, y, 0.7)(x) == pytest.approx(other.predict_proba(scaled)[:, 1], abs=1e-6)


def test_ridge_fills_gaps_with_what_it_learned():
    """New rows take the median of the rows the model was fitted on; a column without a value says nothing."""
    x = pd.DataFrame({"a": [1.0, 2, 3, np.nan, 9], "b": [np.nan] * 5})
    chance = ridge_logistic(x, [0, 0, 1, 1, 1], 1.0)
    gap, median = pd.DataFrame({"a": [np.nan], "b": [5.0]}), pd.DataFrame({"a": [2.5], "b": [np.nan]})
    assert chance(median) == pytest.approx(chance(median.assign(b=0.0)))
    assert chance(gap.assign(b=0.0)) == pytest.approx(chance(median))


def test_ridge_is_finite_under_separation():
    x = pd.DataFrame({"a": [1.0, 2, 3, 4]})
    chance = ridge_logistic(x, [0, 0, 1, 1], 1.0)(x)
    assert ((chance > 0.05) & (chance < 0.95)).all()
