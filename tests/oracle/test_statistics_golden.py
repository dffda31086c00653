"""Statistics against R: 2 x k tables, Firth, kappa, published counts, and the synthetic toy cohort."""

import math

import numpy as np
import pandas as pd
import pytest

from clearher.statistics.cox import TRANSFORMS, baseline_hazard, concordance, cox, cox_firth, cox_zph
from clearher.statistics.jonckheere import jonckheere
from clearher.statistics.kappa import agreement_table, kappa
from clearher.statistics.logistic import (
    flic_intercept,
    likelihood_ratio,
    logistic_firth,
    logistic_ml,
    separation,
)
from clearher.statistics.ordinal import proportional_odds
from clearher.statistics.proportions import clopper_pearson, conditional_odds_ratio
from clearher.statistics.ranks import spearman
from clearher.statistics.roc import auc, compare_auc
from clearher.statistics.spline import knots, restricted_cubic_spline
from clearher.statistics.survival import kaplan_meier, log_rank, log_rank_trend, quantile, survival_at
from clearher.statistics.trend import (
    cochran_armitage,
    exact_trend,
    freeman_halton,
    linear_by_linear,
    stratified_exact_trend,
)

TABLES = (
    "daisy",
    "daisy_ihc0_mrna",
    "shr_a1811",
    "sim42_null_ul_1_2",
    "rc48_her2pos_dose",
    "toy_zero_first",
    "toy_quasi_sep",
)


@pytest.fixture(scope="module")
def folder(fixtures):
    return fixtures / "statistics"


@pytest.fixture(scope="module")
def toy(folder):
    return pd.read_csv(folder / "toy/toy_cohort.csv")


@pytest.fixture(scope="module")
def start_stop(folder):
    return pd.read_csv(folder / "toy/toy_start_stop.csv")


@pytest.fixture(scope="module")
def golden(folder):
    table = pd.read_csv(folder / "toy/golden_toy.csv")
    return table.set_index(["id", "quantity"])["value"].astype(float)


@pytest.fixture(scope="module")
def table_rows(folder):
    frames = [pd.read_csv(folder / name) for name in ("golden_2xk.csv", "golden_2xk_more.csv")]
    return pd.concat(frames).set_index("name")


@pytest.fixture(scope="module")
def firth_and_logit(folder):
    table = pd.read_csv(folder / "golden_firth_and_logit.csv")
    return table.set_index(["model", "quantity"])["value"]


def counts(row: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    return np.array(row["r"].split("|"), dtype=int), np.array(row["n"].split("|"), dtype=int)


def rows_of(r: np.ndarray, n: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    x = np.repeat(np.arange(len(n), dtype=float), n)
    y = np.concatenate([np.repeat([1, 0], [a, b - a]) for a, b in zip(r, n, strict=True)])
    return pd.DataFrame({"x": x}), y


@pytest.mark.parametrize("name", TABLES)
def test_tests_of_a_table(table_rows, name):
    row = table_rows.loc[name]
    r, n = counts(row)
    scores = np.arange(len(r))
    asymptotic = cochran_armitage(r, n, scores)
    assert asymptotic.statistic == pytest.approx(row["ca_chisq"], rel=1e-9)
    assert asymptotic.p == pytest.approx(row["ca_p"], rel=1e-9)
    assert exact_trend(r, n, scores).p == pytest.approx(row["exact_trend_p"], abs=1e-12)
    assert freeman_halton(r, n).p == pytest.approx(row["ffh_p"], abs=1e-12)
    x, y = rows_of(r, n)
    ordered = jonckheere(x["x"], y)
    assert ordered.z == pytest.approx(row["kendall_z"], rel=1e-9)
    assert ordered.p == pytest.approx(row["jt_tiecorr_p"], rel=1e-9)


@pytest.mark.parametrize("name", TABLES)
def test_firth_of_a_table(table_rows, name):
    row = table_rows.loc[name]
    fit = logistic_firth(*rows_of(*counts(row))).table
    assert fit["estimate"].tolist() == pytest.approx([row["firth_b0"], row["firth_beta"]], abs=1e-7)
    ours = fit.loc["x", ["error", "low", "high", "p"]].tolist()
    assert ours == pytest.approx(row[["firth_se", "firth_lo", "firth_hi", "firth_p"]].tolist(), abs=1e-5)


@pytest.mark.parametrize("name", TABLES)
def test_maximum_likelihood_or_a_verdict(table_rows, name):
    row = table_rows.loc[name]
    x, y = rows_of(*counts(row))
    if name == "toy_quasi_sep":
        assert separation(x, y).found, "R calls a slope of 21.8 converged"
    else:
        assert logistic_ml(x, y).table.loc["x", "estimate"] == pytest.approx(row["glm_beta"], abs=1e-7)


def test_daisy_in_depth(table_rows, firth_and_logit):
    g = firth_and_logit
    r, n = counts(table_rows.loc["daisy"])
    x, y = rows_of(r, n)
    ml = logistic_ml(x, y).table
    keys = ["beta", "se", "profile_lo", "profile_hi"]
    assert ml.loc["x", ["estimate", "error", "low", "high"]].tolist() == pytest.approx(
        g["glm_linear"][keys].tolist(), abs=2e-5
    )
    firth = logistic_firth(x, y)
    assert firth.log_likelihood == pytest.approx(g["firth_linear", "pen_loglik_full"], abs=1e-7)
    assert flic_intercept(firth, x, y) == pytest.approx(g["firth_linear_flic", "intercept"], abs=1e-6)
    levels = pd.DataFrame({f"level{k}": (x["x"] == k).astype(float) for k in (1, 2)})
    by_level = logistic_firth(levels, y).table
    for k in ("level1", "level2"):
        expected = g["firth_factor"][[k, f"{k}_lo", f"{k}_hi", f"{k}_p"]].tolist()
        assert by_level.loc[k, ["estimate", "low", "high", "p"]].tolist() == pytest.approx(expected, abs=1e-5)
    bent = pd.DataFrame({"x": x["x"], "level2": levels["level2"]})
    assert likelihood_ratio(bent, y, ["level2"]) == pytest.approx(g["linear_vs_factor", "p"], abs=1e-8)
    assert math.sqrt(linear_by_linear(r, n, [0, 1, 2]).statistic) == pytest.approx(
        g["tests", "linear_by_linear_z"], rel=1e-9
    )


@pytest.mark.parametrize(
    ("name", "upper", "lower"), [("low_vs_null", 1, 0), ("over_vs_low", 2, 1), ("over_vs_null", 2, 0)]
)
def test_level_contrasts(table_rows, firth_and_logit, name, upper, lower):
    r, n = counts(table_rows.loc["daisy"])
    result = conditional_odds_ratio([[r[upper], n[upper] - r[upper]], [r[lower], n[lower] - r[lower]]])
    expected = firth_and_logit[name]
    assert result.estimate == pytest.approx(expected["cond_OR"], rel=2e-4), "R's root search stops at 1e-4"
    assert (result.low, result.high) == pytest.approx((expected["lo"], expected["hi"]), rel=1e-3)
    assert result.p == pytest.approx(expected["p"], rel=1e-9)


def test_published_counts(folder):
    for row in pd.read_csv(folder / "golden_clopper_pearson.csv").itertuples():
        assert clopper_pearson(row.x, row.n) == pytest.approx((row.est, row.lo, row.hi), abs=1e-9), row


def test_published_kappas(folder):
    expected = pd.read_csv(folder / "golden_kappa.csv")
    long = pd.read_csv(folder / "published/agreement_tables.csv")
    for row in expected.itertuples():
        rows = long[long["table"] == row.table]
        categories = list(dict.fromkeys([*rows["row_level"], *rows["col_level"]]))
        table = rows.pivot(index="row_level", columns="col_level", values="count").fillna(0)
        table = table.reindex(index=categories, columns=categories, fill_value=0)
        result = kappa(table.to_numpy(), row.weights)
        assert result[:5] == pytest.approx((row.kappa, row.lo, row.hi, row.ase, row.agreement), abs=1e-9), row
        assert result.n == row.n


def test_toy_kappa(toy, golden):
    table = agreement_table(toy["her2_level"], toy["her2_level_reader2"], [0, 1, 2, 3])
    linear = kappa(table, "linear")
    assert linear[:3] == pytest.approx(
        golden["kappa"][["linear", "linear_lo", "linear_hi"]].tolist(), abs=1e-9
    )
    assert kappa(table, "unweighted").error == pytest.approx(golden["kappa", "unweighted_ase"], abs=1e-9)


def level_counts(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    totals = np.bincount(frame["her2_level"], minlength=4)
    return np.bincount(frame["her2_level"], weights=frame["response"], minlength=4).astype(int), totals


def test_toy_trend(toy, golden):
    r, n = level_counts(toy)
    assert exact_trend(r, n, range(4)).p == pytest.approx(golden["exact", "trend_p"], abs=1e-10)
    assert freeman_halton(r, n).p == pytest.approx(golden["exact", "freeman_halton_p"], abs=1e-10)
    strata = [level_counts(rows) for _, rows in toy.groupby("hr_pos")]
    result = stratified_exact_trend(strata, range(4))
    assert result.p == pytest.approx(golden["strat_trend", "p_exact"], abs=1e-10)


def test_toy_conditional_odds_ratio(toy, golden):
    """T5: scipy's fisher_exact shows the sample odds ratio, 2.6923."""
    high = toy["her2_level"] >= 2
    table = pd.crosstab(~high, 1 - toy["response"]).to_numpy()
    result = conditional_odds_ratio(table)
    assert result.estimate == pytest.approx(golden["fisher2x2", "cond_OR"], rel=1e-4)
    assert (result.low, result.high) == pytest.approx(golden["fisher2x2"][["lo", "hi"]].tolist(), rel=2e-3)
    assert result.p == pytest.approx(golden["fisher2x2", "p"], abs=1e-9)


def test_toy_ranks(toy, golden):
    """T6: without the tie correction a binary outcome gives p 0.1025."""
    continuous = jonckheere(toy["her2_level"], toy["best_pct_change"])
    assert (continuous.z, continuous.p) == pytest.approx(golden["jt"][["z", "p"]].tolist(), abs=1e-9)
    binary = jonckheere(toy["her2_level"], toy["response"])
    assert binary.p == pytest.approx(golden["jt_binary", "p_tie_corrected"], abs=1e-9)
    assert abs(binary.p - golden["jt_binary", "p_untied_WRONG"]) > 0.04
    rank = spearman(toy["hscore"], toy["best_pct_change"])
    assert rank[:2] == pytest.approx(golden["spearman"][["rho", "p"]].tolist(), abs=1e-9)


def test_toy_logistic(toy, golden):
    """T8, T9: Wald p 0.0701 and interval [-0.049, 1.249] are not ours."""
    x, y = toy[["her2_level", "hr_pos"]].astype(float), toy["response"]
    ml, firth = logistic_ml(x, y), logistic_firth(x, y)
    assert ml.log_likelihood == pytest.approx(golden["logit", "loglik"], abs=1e-9)
    for ours, theirs in (("(intercept)", "(Intercept)"), ("her2_level", "her2_level"), ("hr_pos", "hr_pos")):
        assert ml.table.loc[ours, ["estimate", "error"]].tolist() == pytest.approx(
            golden["logit"][[f"coef_{theirs}", f"se_{theirs}"]].tolist(), abs=1e-6
        )
        name = theirs.strip("()")
        expected = golden["firth_logit"][[f"{key}_{name}" for key in ("coef", "lo", "hi", "p")]].tolist()
        assert firth.table.loc[ours, ["estimate", "low", "high", "p"]].tolist() == pytest.approx(
            expected, abs=1e-5
        )
    assert flic_intercept(firth, x, y) == pytest.approx(golden["flic", "intercept"], abs=1e-6)


def test_toy_proportional_odds(toy, golden):
    """T10: statsmodels prints the second threshold as a log increment, 0.801."""
    order = toy["bor"].map({"PD": 0, "SD": 1, "PR": 2, "CR": 3})
    fit = proportional_odds(toy[["her2_level", "hr_pos"]].astype(float), order)
    keys = ["coef_her2_level", "coef_hr_pos", "threshold_PD|SD", "threshold_SD|PR", "threshold_PR|CR"]
    assert fit.estimates.tolist() == pytest.approx(golden["polr"][keys].tolist(), abs=1e-5)
    assert fit.log_likelihood == pytest.approx(golden["polr", "loglik"], abs=1e-8)


@pytest.mark.parametrize(("column", "key"), [("hscore", "rcs3"), ("age", "rcs3_age")])
def test_toy_spline(toy, golden, column, key):
    """T11: patsy's cr(x, df=3) has other knots and gives 1.98983 for age."""
    places = knots(toy[column])
    assert places.tolist() == pytest.approx(golden[key][["knot1", "knot2", "knot3"]].tolist())
    share = toy["response"].mean()
    null = len(toy) * (share * math.log(share) + (1 - share) * math.log(1 - share))
    basis = restricted_cubic_spline(toy[column], places)
    bent = 2 * (logistic_ml(basis, toy["response"]).log_likelihood - null)
    straight = 2 * (logistic_ml(basis[["linear"]], toy["response"]).log_likelihood - null)
    assert (bent, straight) == pytest.approx(golden[key][["LR_spline", "LR_linear"]].tolist(), abs=1e-8)


def test_toy_roc(toy, golden):
    area = auc(toy["hscore"], toy["response"])
    assert area[:3] == pytest.approx(golden["auc"][["auc_hscore", "lo", "hi"]].tolist(), abs=1e-10)
    paired = compare_auc(toy["hscore"], toy["her2_level"], toy["response"])
    assert paired[1:] == pytest.approx(golden["auc"][["paired_z", "paired_p"]].tolist(), abs=1e-9)


@pytest.mark.parametrize(("levels", "name"), [((0, 1), "level01"), ((2, 3), "level23")])
@pytest.mark.parametrize("band", ["log", "log-log"])
def test_toy_medians(toy, golden, levels, name, band):
    """T12: R's default band is log."""
    rows = toy[toy["her2_level"].isin(levels)]
    curve = kaplan_meier(rows["pfs_week"], rows["pfs_event"], band=band)
    expected = golden["km"][[f"{key}_{name}_{band}" for key in ("median", "lo", "hi")]].tolist()
    assert list(quantile(curve, 0.5)) == expected
    for week in (12, 24):
        assert survival_at(curve, week).estimate == pytest.approx(golden["km", f"surv_{name}_w{week}"])


def test_toy_log_rank(toy, golden):
    """T13: the Cox score test with Efron ties gives 0.8257 instead."""
    times, events, level = toy["pfs_week"], toy["pfs_event"], toy["her2_level"]
    assert log_rank(times, events, level).statistic == pytest.approx(
        golden["logrank", "chisq_4levels"], abs=1e-9
    )
    trend = log_rank_trend(times, events, level).statistic
    assert trend == pytest.approx(golden["logrank", "trend_chisq_hypergeometric"], abs=1e-9)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_toy_cox(toy, golden, ties):
    x = toy[["her2_level", "hr_pos", "age"]].astype(float)
    fit = cox(toy["pfs_week"], toy["pfs_event"], x, ties=ties)
    for name in x.columns:
        expected = golden[f"cox_{ties}"][[f"coef_{name}", f"se_{name}"]].tolist()
        assert fit.table.loc[name, ["estimate", "error"]].tolist() == pytest.approx(expected, abs=1e-7)
    assert fit.log_likelihood == pytest.approx(golden[f"cox_{ties}", "loglik"], abs=1e-8)
    if ties == "efron":
        ours = concordance(toy["pfs_week"], toy["pfs_event"], x.to_numpy() @ fit.estimates)
        assert ours == pytest.approx(golden["cox_efron", "concordance"], abs=1e-9)


def test_toy_firth_cox(toy, golden):
    x = toy[["her2_level", "hr_pos"]].astype(float)
    fit = cox_firth(toy["pfs_week"], toy["pfs_event"], x, ties="breslow").table
    for name in x.columns:
        row = fit.loc[name]
        ours = (row["estimate"], math.exp(row["low"]), math.exp(row["high"]), row["p"])
        expected = golden["firth_cox"][[f"{k}_{name}" for k in ("coef", "HR_lo", "HR_hi", "p")]].tolist()
        assert ours == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_toy_proportional_hazards(toy, golden, transform):
    """T14: lifelines' test gives 0.294 for the level on the km scale."""
    x = toy[["her2_level", "hr_pos", "age"]].astype(float)
    ours = cox_zph(toy["pfs_week"], toy["pfs_event"], x, transform)["statistic"]
    expected = golden[f"zph_{transform}"]
    assert ours.to_dict() == pytest.approx(expected.to_dict(), abs=1e-8)


def test_toy_time_varying(start_stop, golden):
    """T15: statsmodels' late entry gives -0.76560. T16: lifelines' baseline at week 24 is 0.9203."""
    x = start_stop[["cleared", "her2_level"]].astype(float)
    fit = cox(start_stop["stop"], start_stop["event"], x, entry=start_stop["start"])
    keys = ["coef_cleared", "coef_her2_level", "se_cleared", "se_her2_level", "loglik"]
    ours = [*fit.table["estimate"], *fit.table["error"], fit.log_likelihood]
    assert ours == pytest.approx(golden["timevarying"][keys].tolist(), abs=1e-6)
    hazard = baseline_hazard(fit, start_stop["stop"], start_stop["event"], x, entry=start_stop["start"])
    for week in (12, 24):
        at_week = hazard.loc[hazard["time"] <= week, "hazard"].iloc[-1]
        assert at_week == pytest.approx(golden["timevarying", f"basehaz_w{week}"], abs=1e-7)


@pytest.mark.parametrize(("week", "left"), [(6, 8), (12, 13)])
def test_toy_landmark(toy, golden, week, left):
    """T19, T20: events at the landmark leave, the clock restarts, and nothing is significant."""
    stay = toy[toy["pfs_week"] > week]
    assert len(toy) - len(stay) == left == golden[f"landmark{week}", "excluded"]
    x = pd.DataFrame(
        {"x": (stay["clear_week"] <= week).astype(float), "her2_level": stay["her2_level"].astype(float)}
    )
    fit = cox(stay["pfs_week"] - week, stay["pfs_event"], x)
    for name in x.columns:
        expected = golden[f"landmark{week}"][[f"coef_{name}", f"se_{name}"]].tolist()
        assert fit.table.loc[name, ["estimate", "error"]].tolist() == pytest.approx(expected, abs=1e-6)
    assert fit.table.loc["x", "p"] > 0.3
    ever = cox(toy["pfs_week"], toy["pfs_event"], toy[["clear_week"]].notna().astype(float))
    assert ever.table.loc["clear_week", "estimate"] == pytest.approx(
        golden["immortal", "naive_coef_WRONG"], abs=1e-6
    )


@pytest.mark.parametrize("name", ["lung", "colon", "ovarian", "cadtte_os", "cadtte_pfs"])
def test_cox_on_public_data(fixtures, name):
    folder = fixtures / "clinical/survival_oracle"
    expected = pd.read_csv(folder / "expected.csv").query("dataset == @name").set_index("stat")["value"]
    data = pd.read_csv(folder / f"{name}.csv")
    x = data[["arm", "x"]].astype(float)
    for ties in ("efron", "breslow"):
        fit = cox(data["time"], data["event"], x, ties=ties)
        for term in x.columns:
            keys = [f"cox_{ties}_{term}_coef", f"cox_{ties}_{term}_se"]
            ours = fit.table.loc[term, ["estimate", "error"]].tolist()
            assert ours == pytest.approx(expected[keys].tolist(), abs=1e-7)
        assert fit.log_likelihood == pytest.approx(expected[f"cox_{ties}_loglik"], abs=1e-6)
        ours = concordance(data["time"], data["event"], x.to_numpy() @ fit.estimates)
        assert ours == pytest.approx(expected[f"cox_{ties}_concordance"], abs=1e-8)
    known = data[data["str"].notna()]
    layered = cox(known["time"], known["event"], known[["arm"]].astype(float), strata=known["str"])
    assert layered.table.loc["arm", ["estimate", "error"]].tolist() == pytest.approx(
        expected[["coxstrat_arm_coef", "coxstrat_arm_se"]].tolist(), abs=1e-7
    )
    single = cox_zph(data["time"], data["event"], x, "km").loc["arm", "statistic"]
    assert single == pytest.approx(expected["zph_km_arm_chisq"], abs=1e-7)
