"""Tests of 15 small synthetic cohorts against R: Fisher, trend, rank tests and the logistic slope."""

import math

import numpy as np
import pandas as pd
import pytest

from clearher.statistics.jonckheere import jonckheere
from clearher.statistics.logistic import logistic_ml, separation
from clearher.statistics.proportions import conditional_odds_ratio
from clearher.statistics.ranks import EXACT_CORRELATION, mann_whitney, spearman
from clearher.statistics.trend import cochran_armitage, freeman_halton

IDS = range(1, 16)
CONTINUOUS = [number for number in IDS if number % 2]


@pytest.fixture(scope="module")
def cohorts(fixtures):
    table = pd.read_csv(fixtures / "clinical/survival_oracle/biomarker_inputs.csv")
    return dict(iter(table.groupby("id")))


@pytest.fixture(scope="module")
def expected(fixtures):
    table = pd.read_csv(fixtures / "clinical/survival_oracle/biomarker_expected.csv")
    return {number: rows.set_index("stat")["value"] for number, rows in table.groupby("id")}


def counts(cohort: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    by_level = cohort.groupby("ihc")["resp"].agg(["sum", "size"])
    return by_level["sum"].to_numpy(), by_level["size"].to_numpy(), by_level.index.to_numpy(float)


def close(ours: float, theirs: float, tolerance: float) -> bool:
    if math.isnan(theirs) or math.isinf(theirs):
        return ours == theirs or (math.isnan(theirs) and math.isnan(ours))
    return ours == pytest.approx(theirs, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("number", IDS)
def test_two_by_two(cohorts, expected, number):
    high, response = cohorts[number]["ihc"] >= 1, cohorts[number]["resp"] == 1
    table = np.array(
        [
            [(~high & ~response).sum(), (~high & response).sum()],
            [(high & ~response).sum(), (high & response).sum()],
        ]
    )
    ours, theirs = conditional_odds_ratio(table), expected[number]
    assert ours.p == pytest.approx(theirs["fisher2x2_p"], abs=1e-9)
    for value, key in ((ours.estimate, "cmle"), (ours.low, "lo"), (ours.high, "hi")):
        assert close(value, theirs[f"fisher2x2_or_{key}"], 2e-3), key


@pytest.mark.parametrize("number", IDS)
def test_levels(cohorts, expected, number):
    r, n, scores = counts(cohorts[number])
    assert freeman_halton(r, n).p == pytest.approx(expected[number]["fisher_rxc_p"], abs=1e-9)
    assert close(cochran_armitage(r, n, scores).statistic, expected[number]["trend_chisq"], 1e-9)


@pytest.mark.parametrize("number", CONTINUOUS)
def test_ranks_without_ties(cohorts, expected, number):
    cohort, theirs = cohorts[number], expected[number]
    first, second = cohort.loc[cohort["resp"] == 1, "x"], cohort.loc[cohort["resp"] == 0, "x"]
    assert mann_whitney(first, second).p == pytest.approx(theirs["wilcox_p"], abs=1e-9)
    assert spearman(cohort["x"], cohort["y"]).statistic == pytest.approx(theirs["spearman_rho"], abs=1e-9)


@pytest.mark.parametrize("number", [number for number in IDS if number not in CONTINUOUS])
def test_ranks_with_ties(cohorts, expected, number):
    cohort, theirs = cohorts[number], expected[number]
    first, second = cohort.loc[cohort["resp"] == 1, "x"], cohort.loc[cohort["resp"] == 0, "x"]
    assert mann_whitney(first, second).p == pytest.approx(theirs["wilcox_p"], abs=1e-9)
    rho = spearman(cohort["x"], cohort["y"])
    assert rho.statistic == pytest.approx(theirs["spearman_rho"], abs=1e-9)
    # R approximates wherever values tie, the package permutes up to 9 pairs.
    assert rho.how == ("exact" if len(cohort) <= EXACT_CORRELATION else "asymptotic")
    assert len(cohort) <= EXACT_CORRELATION or rho.p == pytest.approx(theirs["spearman_p"])
    assert jonckheere(cohort["x"], cohort["y"]).p == pytest.approx(theirs["kendall_p"], abs=1e-9)


@pytest.mark.parametrize("number", IDS)
def test_logistic_slope_or_a_verdict(cohorts, expected, number):
    cohort, theirs = cohorts[number], expected[number]
    x = cohort[["ihc"]].astype(float)
    if separation(x, cohort["resp"]).found:
        assert abs(theirs["logit_coef"]) > 10
    else:
        row = logistic_ml(x, cohort["resp"]).table.loc["ihc"]
        assert row["estimate"] == pytest.approx(theirs["logit_coef"], abs=1e-5)
        assert row["error"] == pytest.approx(theirs["logit_se"], rel=1e-4), "glm stops at a deviance of 1e-8"
