"""Logistic regression: separation is named, Firth is finite, and the choice between them is explained."""

import math

import numpy as np
import pandas as pd
import pytest
from firthmodels import FirthLogisticRegression

from clearher.statistics.logistic import (
    Separation,
    choose_method,
    firth_slope,
    firth_slopes,
    flic_intercept,
    likelihood_ratio,
    logistic_firth,
    logistic_ml,
    separation,
)
from clearher.statistics.newton import NotEstimableError

QUASI = (pd.DataFrame({"x": [0.0] * 10 + [1.0] * 5}), [1] + [0] * 9 + [1] * 5)
NONE = Separation(False, (), "no separation")


def test_separation_is_said_not_fitted():
    """T7: statsmodels ends at slope 26.7 with a standard error of 93,316; R says converged at 21.8."""
    verdict = separation(*QUASI)
    assert verdict.found
    assert verdict.terms == ("x",)
    with pytest.raises(NotEstimableError, match="estimate of x is infinite"):
        logistic_ml(*QUASI)


def test_slope_from_counts_is_that_of_the_individuals():
    """Counts 1/4, 2/3 and 4/5 at scores 0, 1 and 3; an empty group does not matter."""
    x = pd.DataFrame({"x": [0.0] * 4 + [1.0] * 3 + [3.0] * 5})
    y = [1, 0, 0, 0] + [1, 1, 0] + [1, 1, 1, 1, 0]
    single = logistic_firth(x, y).table.loc["x", "estimate"]
    assert firth_slope([0, 1, 2, 3], [1, 2, 0, 4], [4, 3, 0, 5]) == pytest.approx(single, abs=1e-8)


def test_slopes_side_by_side_are_those_one_by_one():
    """Random counts; then separated ones, and few at the ends of a wide scale."""
    random = np.random.default_rng(8)
    totals = random.integers(1, 20, size=(40, 4))
    responders = np.minimum(random.binomial(totals, 0.4), totals - (np.arange(4) == 0))
    responders[:, 3] = np.maximum(responders[:, 3], 1)
    totals = np.vstack([totals, [9, 0, 0, 9], [300, 1, 0, 2]])
    responders = np.vstack([responders, [0, 0, 0, 9], [299, 0, 0, 1]])
    alone = [firth_slope([0, 1, 2, 10], r, n) for r, n in zip(responders, totals, strict=True)]
    assert firth_slopes([0, 1, 2, 10], responders, totals) == pytest.approx(alone, abs=1e-7)


@pytest.mark.parametrize(("successes", "totals"), [([1, 0], [4, 0]), ([0, 0], [4, 5]), ([4, 5], [4, 5])])
def test_no_slope_from_counts(successes, totals):
    with pytest.raises(NotEstimableError):
        firth_slope([0, 1], successes, totals)


def test_firth_under_separation():
    """Closed form of the slope: log(5.5 / 0.5) - log(1.5 / 9.5)."""
    row = logistic_firth(*QUASI).table.loc["x"]
    assert row["estimate"] == pytest.approx(math.log(5.5 / 0.5) - math.log(1.5 / 9.5), abs=1e-8)
    assert (row["low"], row["high"]) == pytest.approx((1.502494, 9.333681), abs=1e-5)


def test_firth_agrees_with_an_independent_implementation():
    """T9: at its default tolerance of 1e-4 the other one stops at 4.243674."""
    rng = np.random.default_rng(5)
    x = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    y = (rng.random(40) < 0.4).astype(int)
    other = FirthLogisticRegression(gtol=1e-9, xtol=1e-9, backend="numpy").fit(x, y)
    ours = logistic_firth(x, y).table
    assert ours["estimate"].tolist() == pytest.approx([other.intercept_, *other.coef_], abs=1e-7)
    assert ours.loc[["a", "b"], ["low", "high"]].to_numpy() == pytest.approx(
        other.conf_int(method="pl", tol=1e-9)[:2], abs=1e-5
    )


def test_flic_mean_prediction_is_the_observed_share():
    """Firth's own mean prediction is 0.3965; the observed share is 0.4."""
    fit = logistic_firth(*QUASI)
    intercept = flic_intercept(fit, *QUASI)
    eta = intercept + QUASI[0]["x"] * fit.table.loc["x", "estimate"]
    assert float((1 / (1 + np.exp(-eta))).mean()) == pytest.approx(0.4, abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ({"x": [1.0, 2, 3]}, [1, 1, 1], "every outcome is the same"),
        ({"x": [1.0, 1, 1]}, [1, 0, 1], "constant"),
        ({"x": [1.0, 2, 3], "z": [2.0, 4, 6]}, [1, 0, 1], "follows from the others"),
    ],
)
def test_not_estimable_says_why(x, y, why):
    with pytest.raises(NotEstimableError, match=why):
        logistic_firth(pd.DataFrame(x), y)


def test_missing_values_are_refused():
    with pytest.raises(ValueError, match="must be known"):
        logistic_firth(pd.DataFrame({"x": [1.0, np.nan]}), [0, 1])


def test_likelihood_ratio_of_separated_data_is_not_estimable():
    with pytest.raises(NotEstimableError, match="not defined"):
        likelihood_ratio(*QUASI, ["x"])


@pytest.mark.parametrize(
    ("found", "events", "parameters", "empty_level", "method", "why"),
    [
        (Separation(True, ("x",), "separation: x"), 50, 1, False, "firth", "separation"),
        (NONE, 50, 1, True, "firth", "a level has no event"),
        (NONE, 16, 2, False, "firth", "8.0 events a parameter"),
        (NONE, 20, 2, False, "ml", "10.0 events a parameter"),
    ],
)
def test_method_choice(found, events, parameters, empty_level, method, why):
    choice = choose_method(found, events=events, parameters=parameters, empty_level=empty_level)
    assert choice.method == method
    assert why in choice.why


def test_firth_of_two_by_two_is_a_half_added_to_every_cell():
    """1 of 1 against 6 of 7: (6.5 / 1.5) / (1.5 / 0.5) = 13 / 9; the search jumped between its two sides."""
    row = logistic_firth(pd.DataFrame({"x": [2.0] + [3.0] * 7}), [1.0] * 7 + [0.0]).table.loc["x"]
    assert np.exp(row["estimate"]) == pytest.approx(13 / 9)
    assert np.exp([row["low"], row["high"]]) == pytest.approx([0.00819871, 49.894887], rel=1e-5)
