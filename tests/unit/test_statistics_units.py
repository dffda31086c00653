"""A fit does not depend on the unit or the zero of a variable: a year or an allele fraction fits as 0/1."""

import numpy as np
import pandas as pd
import pytest

from clearher.statistics.cox import cox, cox_firth, cox_zph
from clearher.statistics.logistic import likelihood_ratio, logistic_firth, logistic_ml
from clearher.statistics.ordinal import proportional_odds

CODES = [(0.0, 1.0), (2023.0, 2024.0), (0.0001, 0.0002), (150.0, 180.0)]
SECOND = np.repeat([0, 1], [20, 22])
RESPONSE = np.repeat([1, 0, 1, 0], [5, 15, 13, 9])
RANK = np.tile([0, 1, 2, 1, 2, 2, 0], 6)
G_P = 0.02387441329059046
DAYS = np.arange(10, 430, 10) % 173 + 1
EVENT = np.arange(42) % 3 != 0


def coded(low, high):
    return pd.DataFrame({"x": np.where(SECOND == 1, high, low)})


@pytest.mark.parametrize("codes", CODES)
@pytest.mark.parametrize(("fit", "added"), [(logistic_ml, 0.0), (logistic_firth, 0.5)])
def test_slope_of_two_groups_is_the_log_odds_ratio_of_their_table(codes, fit, added):
    """5/20 against 13/22: log((13 + a)(15 + a) / ((9 + a)(5 + a))), Firth's a being 1/2 in a 2 x 2 table."""
    expected = np.log((13 + added) * (15 + added) / ((9 + added) * (5 + added)))
    row = fit(coded(*codes), RESPONSE).table.loc["x"] * (codes[1] - codes[0])
    assert row["estimate"] == pytest.approx(expected, rel=1e-6)
    at_0_1 = fit(coded(0, 1), RESPONSE).table.loc["x"]
    assert row[["low", "high"]].tolist() == pytest.approx(at_0_1[["low", "high"]].tolist(), rel=1e-5)


@pytest.mark.parametrize("codes", CODES)
def test_likelihood_ratio_of_two_groups_is_that_of_their_table(codes):
    """G = 2 sum O log(O / E) = 5.1037, E from the margins 18/42 and 24/42: p = 0.02387 with one degree."""
    assert likelihood_ratio(coded(*codes), RESPONSE, ["x"]) == pytest.approx(G_P, abs=1e-9)
    assert logistic_ml(coded(*codes), RESPONSE).table.loc["x", "p"] == pytest.approx(G_P, abs=1e-7)


@pytest.mark.parametrize("codes", CODES)
@pytest.mark.parametrize("fit", [cox, cox_firth, proportional_odds])
def test_zero_and_unit_of_a_variable_do_not_matter(codes, fit):
    def table(x):
        found = fit(x, RANK) if fit is proportional_odds else fit(DAYS, EVENT, x)
        return found.method, found.table.loc["x"]

    (method, row), (expected_method, expected) = table(coded(*codes)), table(coded(0, 1))
    assert method == expected_method
    scaled = row[["estimate", "error", "low", "high"]] * (codes[1] - codes[0])
    assert scaled.tolist() == pytest.approx(expected[["estimate", "error", "low", "high"]].tolist(), rel=1e-5)
    assert row["p"] == pytest.approx(expected["p"], abs=1e-6)


@pytest.mark.parametrize("codes", CODES)
def test_proportional_hazards_of_any_unit(codes):
    expected = cox_zph(DAYS, EVENT, coded(0, 1)).loc["GLOBAL", "p"]
    assert cox_zph(DAYS, EVENT, coded(*codes)).loc["GLOBAL", "p"] == pytest.approx(expected, abs=1e-8)


def test_limits_of_two_numbers_far_from_zero_agree_with_the_test():
    """Eight subjects: p of b is 0.028, so its 95 % interval cannot hold 0; the upper limit is below it."""
    x = pd.DataFrame(
        {"a": [1.0, 1, 1, 0, 1, 0, 0, 1], "b": [96, 109.1, 91.3, 100.4, 79.7, 102.4, 112.3, 102.1]}
    )
    row = logistic_firth(x, [1, 0, 1, 1, 1, 1, 0, 0]).table.loc["b"]
    centred = logistic_firth(x.assign(b=x["b"] - 100), [1, 0, 1, 1, 1, 1, 0, 0]).table.loc["b"]
    assert row["p"] < 0.05
    assert row["high"] < 0
    assert row[["low", "high"]].tolist() == pytest.approx(centred[["low", "high"]].tolist(), abs=1e-6)


@pytest.mark.parametrize("method", ["ml", "firth"])
def test_the_intercept_stands_at_zero_of_the_variable(method):
    """Age 50 and 60, 1/4 and 3/4 respond: logits -log 3 and log 3, so log 3 / 5 a year, -11 log 3 at 0."""
    x, y = pd.DataFrame({"age": [50.0] * 4 + [60.0] * 4}), [1, 0, 0, 0, 1, 1, 1, 0]
    fit = {"ml": logistic_ml, "firth": logistic_firth}[method](x, y)
    logit = np.log(3) if method == "ml" else np.log(3.5 / 1.5)
    assert fit.estimates == pytest.approx([-11 * logit, logit / 5], rel=1e-6)
    at_60 = x.assign(age=x["age"] - 60)
    assert fit.log_likelihood == pytest.approx(
        {"ml": logistic_ml, "firth": logistic_firth}[method](at_60, y).log_likelihood, abs=1e-8
    )
