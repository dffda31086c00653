"""Cox regression on cohorts small enough to know: ties, groups without events, divergence, start-stop."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from clearher.statistics.cox import (
    baseline_hazard,
    concordance,
    cox,
    cox_firth,
    cox_zph,
    groups_without_event,
)
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.spline import knots, restricted_cubic_spline

TIES = ([1, 1, 2, 2, 2, 3, 4, 4], [1, 1, 1, 0, 1, 1, 0, 1], pd.DataFrame({"g": [1.0, 0, 1, 0, 1, 0, 1, 0]}))
NO_EVENT = ([2, 3, 5, 7, 8, 9, 11, 12], [1] * 4 + [0] * 4, pd.DataFrame({"g": [0.0] * 4 + [1.0] * 4}))


@pytest.mark.parametrize(
    ("times", "events"),
    [([5] * 8, [1] * 8), ([5] * 6 + [9, 9], [1] * 6 + [0, 0]), ([1, 2, 3, 5, 5, 5, 5, 5], [0] * 3 + [1] * 5)],
    ids=["all on one day", "then censored", "censored before"],
)
@pytest.mark.parametrize("transform", ["km", "rank", "identity"])
def test_events_of_one_day_cannot_show_a_change_of_the_hazard_ratio(times, events, transform):
    """All events at one time: x g(t) is x times a constant, so there is nothing to test; it was a crash."""
    x = pd.DataFrame({"g": [1.0, 0, 1, 0, 1, 0, 1, 0], "age": [50.0, 61, 47, 72, 58, 66, 43, 55]})
    with pytest.raises(NotEstimableError, match="too few event times"):
        cox_zph(times, events, x[["g"]], transform)
    with pytest.raises(NotEstimableError, match="too few event times"):
        cox_zph(times, events, x, transform)


def test_firth_of_one_against_many_by_hand():
    """The one of the first group fails first of 23; later risk sets hold one group. With q the chance that it
    is the one, the penalised likelihood is q^(3/2) (1 - q)^(1/2), highest at q = 3/4 = 66 / (66 + 22)."""
    x = pd.DataFrame({"g": [0.0] + [1.0] * 22})
    fit = cox(np.arange(1, 24), np.ones(23), x)
    assert fit.method == "firth"
    assert np.exp(fit.table.loc["g", "estimate"]) == pytest.approx(1 / 66)
    assert np.exp(fit.table.loc["g", ["low", "high"]]).tolist() == pytest.approx(
        [0.000103834, 0.284018], rel=1e-5
    )


def test_large_coefficients_of_columns_that_go_together_are_finite():
    """A spline of eight values: slopes of 16 and -23 that nearly cancel; values by statsmodels, Efron."""
    days, event = [278, 283, 300, 317, 372, 425, 485, 513], [1, 0, 1, 0, 1, 1, 1, 0]
    level = [
        -1.51064429,
        -0.98085386,
        -1.10186359,
        -2.06948566,
        -1.50219568,
        -1.56600214,
        -1.75899118,
        -0.95668731,
    ]
    fit = cox(days, event, restricted_cubic_spline(level, knots(level)))
    assert fit.method == "ml"
    assert fit.table["estimate"].tolist() == pytest.approx([15.998110, -22.863223], rel=1e-5)
    assert fit.log_likelihood == pytest.approx(-4.6495783)


def test_efron_is_the_default():
    """C5: Breslow, the default elsewhere, gives 0.11300."""
    row = cox(*TIES).table.loc["g"]
    assert (row["estimate"], row["error"]) == pytest.approx((0.18146, 0.82394), abs=5e-6)
    assert cox(*TIES, ties="breslow").table.loc["g", "estimate"] == pytest.approx(0.11300, abs=5e-6)


def test_group_without_event_goes_to_firth_and_says_so():
    """C6: lifelines ends at -17.9 with a standard error of 2,728."""
    fit = cox(*NO_EVENT)
    assert fit.method == "firth"
    assert "no event among those with g = 1" in fit.reason
    row = fit.table.loc["g"]
    assert -4 < row["estimate"] < -2
    assert np.isfinite(row[["low", "high", "p"]].astype(float)).all()


def test_divergence_without_an_empty_group_goes_to_firth():
    """The largest value always has the event first: the likelihood rises for ever."""
    time = np.arange(1, 13, dtype=float)
    fit = cox(time, [1] * 12, pd.DataFrame({"x": -time}))
    assert fit.method == "firth"
    assert "without a finite maximum" in fit.reason
    assert np.isfinite(fit.table.to_numpy(float)).all()


@pytest.mark.parametrize("seed", range(25))
def test_small_cohorts_never_give_nan(seed):
    """Near-separated trials of 15, two predictors: a finite estimate or Firth with a reason."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"a": rng.integers(0, 2, 15).astype(float), "b": rng.normal(0, 3, 15)})
    time = np.ceil(rng.exponential(np.exp(-2 * x["a"] - x["b"])) * 10)
    event = rng.random(15) < 0.6
    fit = cox(time, event, x)
    assert np.isfinite(fit.table[["estimate", "p"]].to_numpy(float)).all()
    assert fit.method == "ml" or fit.reason


def test_agrees_with_lifelines():
    rng = np.random.default_rng(2)
    data = pd.DataFrame(
        {"x": rng.normal(size=60), "time": np.ceil(rng.exponential(10, 60)), "event": rng.random(60) < 0.7}
    )
    other = CoxPHFitter().fit(data, "time", "event", fit_options={"precision": 1e-12})
    ours = cox(data["time"], data["event"], data[["x"]]).table.loc["x"]
    assert ours["estimate"] == pytest.approx(other.params_["x"], abs=1e-7)
    assert ours["p"] == pytest.approx(other.summary["p"]["x"], abs=1e-7)


def test_late_entry_does_not_see_its_own_entry_time():
    """T15: at risk is entry < t <= stop; the second row enters at the first event, not at risk there."""
    x = pd.DataFrame({"x": [0.0, 1.0, 1.0, 0.0]})
    late = cox([2, 5, 4, 6], [1, 1, 1, 1], x, entry=[0, 2, 0, 0])
    inside = cox([2, 5, 4, 6], [1, 1, 1, 1], x, entry=[0, 2.000001, 0, 0])
    assert late.table.loc["x", "estimate"] == pytest.approx(inside.table.loc["x", "estimate"], abs=1e-9)


def test_split_rows_give_the_same_fit():
    """A subject's time cut in two pieces holds the same information as the whole."""
    time, event, x = TIES
    whole = cox(time, event, x).table.loc["g", "estimate"]
    start = [0] * 8 + [1.5] * 5
    stop = [1, 1, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 2, 2, 2, 3, 4]
    split = pd.DataFrame({"start": start, "stop": stop, "g": [1.0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]})
    split.loc[len(split)] = [1.5, 4, 0.0]
    marks = [1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1]
    pieces = cox(split["stop"], marks, split[["g"]], entry=split["start"]).table.loc["g", "estimate"]
    assert pieces == pytest.approx(whole, abs=1e-9)


def test_interval_of_no_length_is_refused():
    with pytest.raises(ValueError, match="ends at or before"):
        cox([3, 4], [1, 1], pd.DataFrame({"x": [0.0, 1.0]}), entry=[3, 0])


@pytest.mark.parametrize(
    ("event", "x", "why"),
    [([0, 0, 0], [0.0, 1, 2], "no event"), ([1, 1, 1], [1.0, 1, 1], "constant")],
)
def test_not_estimable_says_why(event, x, why):
    with pytest.raises(NotEstimableError, match=why):
        cox([1, 2, 3], event, pd.DataFrame({"x": x}))


def test_proportional_hazards_score_test():
    """C7: cox.zph gives 1.01; lifelines' own test 0.758."""
    assert cox_zph(*TIES).loc["g", "statistic"] == pytest.approx(1.0143, abs=5e-5)


def test_proportional_hazards_cannot_be_tested_without_a_fit():
    with pytest.raises(NotEstimableError, match="cannot be tested"):
        cox_zph(*NO_EVENT)


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match="neither"):
        cox(*TIES, ties="exact")
    with pytest.raises(ValueError, match="transform"):
        cox_zph(*TIES, transform="log")


def test_groups_without_event_ignores_continuous_columns():
    x = pd.DataFrame({"g": [0, 0, 1, 1], "age": [1.0, 2, 3, 4]})
    assert groups_without_event([1, 0, 0, 0], x) == ["g = 1"]


def test_baseline_hazard_of_a_useless_covariate():
    """Two tied events among four at coefficient c: 1 / S0 + 1 / (S0 - half of the tied weight)."""
    x = pd.DataFrame({"x": [0.0, 1.0, 0.0, 1.0]})
    fit = cox([1, 1, 2, 2], [1, 1, 0, 0], x)
    assert fit.table.loc["x", "estimate"] == pytest.approx(0, abs=1e-9)
    assert baseline_hazard(fit, [1, 1, 2, 2], [1, 1, 0, 0], x)["hazard"].tolist() == pytest.approx(
        [1 / 4 + 1 / 3]
    )


def test_concordance_by_hand():
    """Events at 1 and 2, censored at 2 and 3: of 5 comparable pairs 4 agree and 1 ties."""
    assert concordance([1, 2, 2, 3], [1, 1, 0, 0], [3, 2, 2, 1]) == pytest.approx(4.5 / 5)


def test_firth_has_profile_limits_around_its_estimate():
    row = cox_firth(*TIES).table.loc["g"]
    assert row["low"] < row["estimate"] < row["high"]
