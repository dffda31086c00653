"""Every statistic of the association stage against R on drawn cohorts, some with ties and empty levels.

Estimates to 1e-6, p-values to 1e-4. Needs R with survival, coin and MASS (make test-system).
"""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clearher.statistics.cox import cox_firth, cox_ml, cox_zph
from clearher.statistics.fits import Fit
from clearher.statistics.jonckheere import jonckheere
from clearher.statistics.logistic import logistic_firth, logistic_ml
from clearher.statistics.multiplicity import adjusted
from clearher.statistics.ordinal import proportional_odds
from clearher.statistics.proportions import clopper_pearson, conditional_odds_ratio
from clearher.statistics.ranks import mann_whitney, spearman
from clearher.statistics.survival import log_rank, log_rank_trend
from clearher.statistics.trend import (
    cochran_armitage,
    exact_trend,
    freeman_halton,
    linear_by_linear,
    stratified_exact_trend,
)

pytestmark = pytest.mark.system
SCRIPT = Path(__file__).with_name("association.R")
SCORES = np.arange(4.0)
RATES = {
    "rising": (42, (0.2, 0.3, 0.4, 0.5)),
    "flat": (42, (0.35, 0.35, 0.35, 0.35)),
    "larger": (150, (0.25, 0.3, 0.45, 0.4)),
    "nobody at the lowest": (42, (0.0, 0.3, 0.4, 0.6)),
    "separated": (20, (0.0, 0.0, 1.0, 1.0)),
    "an empty level": (36, (0.2, 0.5, 0.4, 0.5)),
}


def cohort(name: str, number: int) -> pd.DataFrame:
    """A drawn cohort: level, response, stratum, a number, change, best response, follow-up with ties."""
    n, rates = RATES[name]
    rng = np.random.default_rng([20, number])
    level = np.arange(n) % 4
    if name == "an empty level":
        level = np.where(level == 2, 3, level)
    y = (rng.random(n) < np.array(rates)[level]).astype(int)
    event = rng.random(n) < 0.7
    return pd.DataFrame(
        {
            "cohort": name,
            "level": level,
            "y": y,
            "stratum": (rng.random(n) < 0.4).astype(int),
            "x": rng.normal(size=n) + 0.4 * y if name != "flat" else rng.integers(0, 9, n).astype(float),
            "change": np.round(rng.normal(-5 * level, 20)),
            "best": np.where(y == 1, rng.integers(2, 4, n), rng.integers(0, 2, n)),
            "time": np.ceil(rng.exponential(12 + 3 * level)).astype(int) + 2,
            "event": event.astype(int),
            "entry": rng.integers(0, 6, n),
            "separated": name == "separated",
        }
    )


@pytest.fixture(scope="module")
def cohorts() -> dict[str, pd.DataFrame]:
    return {name: cohort(name, number) for number, name in enumerate(RATES)}


@pytest.fixture(scope="module")
def answers(cohorts, tmp_path_factory) -> pd.Series:
    """All answers of R, by cohort and quantity, from one run."""
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed; make test-system installs it")
    folder = tmp_path_factory.mktemp("r")
    pd.concat(cohorts.values()).to_csv(folder / "cohorts.csv", index=False)
    command = ["Rscript", str(SCRIPT), str(folder / "cohorts.csv"), str(folder / "answers.tsv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pd.read_csv(folder / "answers.tsv", sep="\t").set_index(["cohort", "quantity"])["value"]


def tables(d: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Responders and subjects of the four levels."""
    totals = np.bincount(d["level"], minlength=4)
    return np.bincount(d["level"], weights=d["y"], minlength=4).astype(int), totals


def same_fit(answers: pd.Series, name: str, title: str, fit: Fit) -> None:
    """Estimate and limits to 1e-6, p to 1e-4, of the term level."""
    row = fit.table.loc["level"]
    for part in ("estimate", "low", "high"):
        assert row[part] == pytest.approx(answers[name, f"{title} {part}"], abs=1e-6), (title, part)
    assert row["p"] == pytest.approx(answers[name, f"{title} p"], abs=1e-4)


@pytest.mark.parametrize("name", RATES)
def test_tables_of_counts(cohorts, answers, name):
    d, expected = cohorts[name], answers[name]
    r, n = tables(d)
    strata = [tables(d[d["stratum"] == value]) for value in (0, 1)]
    pair = conditional_odds_ratio(np.array([[r[3], n[3] - r[3]], [r[0], n[0] - r[0]]]))
    rate = clopper_pearson(int(r.sum()), int(n.sum()))
    ours = {
        "exact trend p": exact_trend(r, n, SCORES).p,
        "stratified exact trend p": stratified_exact_trend(strata, SCORES).p,
        "Freeman-Halton p": freeman_halton(r, n).p,
        "Cochran-Armitage chi-square": cochran_armitage(r, n, SCORES).statistic,
        "Cochran-Armitage p": cochran_armitage(r, n, SCORES).p,
        "linear-by-linear chi-square": linear_by_linear(r, n, SCORES).statistic,
        "odds ratio p": pair.p,
        "rate low": rate.low,
        "rate high": rate.high,
    }
    for quantity, value in ours.items():
        assert value == pytest.approx(expected[quantity], abs=1e-9, rel=1e-9), quantity
    # fisher.test stops its search at 1e-4 of the odds ratio, and names infinite limits Inf
    for part in ("estimate", "low", "high"):
        assert getattr(pair, part) == pytest.approx(expected[f"odds ratio {part}"], rel=2e-3), part


@pytest.mark.parametrize("name", RATES)
def test_ranks(cohorts, answers, name):
    d, expected = cohorts[name], answers[name]
    ordered, rho = jonckheere(d["level"], d["change"]), spearman(d["x"], d["change"])
    rank = mann_whitney(d.loc[d["y"] == 1, "x"], d.loc[d["y"] == 0, "x"])
    ours = {
        "Jonckheere z": ordered.z,
        "Jonckheere p": ordered.p,
        "Spearman rho": rho.statistic,
        "Spearman p": rho.p,
        "Mann-Whitney share": rank.statistic,
        "Mann-Whitney p": rank.p,
    }
    for quantity, value in ours.items():
        assert value == pytest.approx(expected[quantity], abs=1e-9), quantity


@pytest.mark.parametrize("name", RATES)
def test_logistic_models(cohorts, answers, name):
    d = cohorts[name]
    same_fit(answers, name, "Firth", logistic_firth(d[["level"]], d["y"]))
    same_fit(answers, name, "Firth adjusted", logistic_firth(d[["level", "stratum"]], d["y"]))
    if name == "separated":
        return
    same_fit(answers, name, "ML", logistic_ml(d[["level"]], d["y"]))
    both = logistic_ml(d[["level", "stratum"]], d["y"]).table.loc["level"]
    assert both["estimate"] == pytest.approx(answers[name, "ML adjusted estimate"], abs=1e-6)
    assert both["p"] == pytest.approx(answers[name, "ML adjusted p"], abs=1e-4)
    ordered = proportional_odds(d[["level"]], d["best"]).table.loc["level", "estimate"]
    assert ordered == pytest.approx(answers[name, "proportional odds estimate"], abs=1e-6)


@pytest.mark.parametrize("name", RATES)
def test_survival_models(cohorts, answers, name):
    d, expected = cohorts[name], answers[name]
    plain, trend = (test(d["time"], d["event"], d["level"]) for test in (log_rank, log_rank_trend))
    assert plain.statistic == pytest.approx(expected["log-rank chi-square"], rel=1e-9)
    assert trend.statistic == pytest.approx(expected["log-rank trend chi-square"], rel=1e-9)
    both = d[["level", "stratum"]]
    same_fit(answers, name, "Firth Cox", cox_firth(d["time"], d["event"], d[["level"]]))
    same_fit(answers, name, "Firth Cox adjusted", cox_firth(d["time"], d["event"], both))
    fit = cox_ml(d["time"], d["event"], both)
    same_fit(answers, name, "Cox", fit)
    assert fit.table.loc["level", "error"] == pytest.approx(expected["Cox error"], abs=1e-6)
    slopes = cox_zph(d["time"], d["event"], both)
    assert slopes.loc["level", "statistic"] == pytest.approx(
        expected["proportional hazards chi-square"], abs=1e-6
    )
    assert slopes.loc["level", "p"] == pytest.approx(expected["proportional hazards p"], abs=1e-6)
    assert slopes.loc["GLOBAL", "p"] == pytest.approx(expected["proportional hazards global p"], abs=1e-6)
    late = d[d["entry"] < d["time"]]
    entered = cox_ml(late["time"], late["event"], late[["level"]], entry=late["entry"])
    assert entered.table.loc["level", "estimate"] == pytest.approx(expected["late entry estimate"], abs=1e-6)
    layered = cox_ml(d["time"], d["event"], d[["level"]], strata=d["stratum"])
    assert layered.table.loc["level", "estimate"] == pytest.approx(
        expected["stratified Cox estimate"], abs=1e-6
    )


@pytest.mark.parametrize(("ours", "theirs"), [("holm", "holm"), ("bh", "BH"), ("bonferroni", "bonferroni")])
def test_adjusted_p(answers, ours, theirs):
    p = [0.001, 0.01, 0.012, 0.04, 0.05, 0.2, 0.9]
    expected = [answers["p", f"{theirs} {place}"] for place in range(1, len(p) + 1)]
    assert adjusted(p, ours).tolist() == pytest.approx(expected, abs=1e-12)
