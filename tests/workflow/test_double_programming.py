"""The workflow's endpoints against a second programming of the definitions from the same raw files."""

import numpy as np
import pandas as pd
import pytest
import yaml
from double_programming import antibodies, emergent_events, median_with_limits, read_trial, responses
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.stats.multitest import multipletests
from workflow_runs import results

DAYS_PER_MONTH = 30.4375


@pytest.fixture(scope="module")
def trial(demo):
    cut = yaml.safe_load((demo / "config.yaml").read_text())["data_cut"]["date"]
    return read_trial(demo / "sdtm", str(cut))


@pytest.fixture(scope="module")
def second(trial):
    return responses(trial)


def table(demo, path: str) -> pd.DataFrame:
    return pd.read_csv(results(demo) / path, sep="\t", dtype=str, keep_default_na=False)


def numbers(rows: pd.DataFrame, *names: str) -> pd.DataFrame:
    return rows[list(names)].apply(pd.to_numeric, errors="coerce")


def endpoint(demo, name: str, statistic: str) -> pd.Series:
    rows = table(demo, "clinical/endpoints.tsv")
    chosen = rows.query(
        "endpoint == @name and statistic == @statistic and population == 'treated' and group == 'all'"
    )
    assert len(chosen) == 1
    return numbers(chosen, "n", "N", "estimate", "low", "high").iloc[0]


def test_best_response_of_every_subject(demo, second):
    rows = table(demo, "clinical/responses.tsv").query("evaluator == 'INVESTIGATOR'").set_index("subject_id")
    assert rows["bor"].to_dict() == second["bor"].to_dict()
    assert second["bor"].nunique() >= 3


@pytest.mark.parametrize(("name", "days"), [("PFS", "pfs_days"), ("DOR", "dor_days")])
def test_days_and_event_of_every_subject(demo, second, name, days):
    rows = table(demo, "clinical/time_to_event.tsv").query("endpoint == @name and rule == 'primary'")
    rows = rows.set_index("subject_id")
    expected = second.dropna(subset=[days])
    assert rows["days"].astype(int).to_dict() == expected[days].astype(int).to_dict()
    assert rows["event"].map({"true": True, "false": False}).to_dict() == expected["event"].to_dict()
    assert 0 < expected["event"].sum() < len(second)


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("ORR", ["CR", "PR"]),
        ("DCR", ["CR", "PR", "SD", "NON-CR/NON-PD"]),
        ("CBR", ["CR", "PR", "SD", "NON-CR/NON-PD"]),
    ],
)
def test_rates_with_exact_limits(demo, second, name, counted):
    rate = endpoint(demo, name, "rate")
    n, of = int(second["bor"].isin(counted).sum()), len(second)
    exact = stats.binomtest(n, of).proportion_ci(method="exact")
    assert (rate["n"], rate["N"]) == (n, of)
    np.testing.assert_allclose(rate[["estimate", "low", "high"]], [n / of, exact.low, exact.high], atol=1e-9)


@pytest.mark.parametrize(("name", "days"), [("PFS", "pfs_days"), ("DOR", "dor_days")])
def test_medians_with_limits(demo, second, name, days):
    known = second.dropna(subset=[days])
    expected = np.array(median_with_limits(known[days], known["event"])) / DAYS_PER_MONTH
    np.testing.assert_allclose(endpoint(demo, name, "median")[["estimate", "low", "high"]], expected)


def test_deaths_are_the_events_of_overall_survival(demo, trial):
    rows = table(demo, "clinical/time_to_event.tsv").query("endpoint == 'OS' and rule == 'primary'")
    rows = rows.set_index("subject_id")
    dead = trial.death.dropna()
    expected = ((dead - trial.first_dose[dead.index]).dt.days + 1).to_dict()
    assert rows.loc[rows["event"] == "true", "days"].astype(int).to_dict() == expected
    assert expected
    last = trial.first_dose + pd.to_timedelta(rows["days"].astype(int) - 1, unit="D")
    assert (last <= trial.cut).all()


def test_incidence_of_adverse_events(demo, trial):
    events = emergent_events(trial)
    chosen = {
        "any": events,
        "serious": events[events["AESER"] == "Y"],
        "related": events[events["AEREL"] == "RELATED"],
        "grade >= 3": events[events["AETOXGR"].isin(["3", "4", "5"])],
    }
    rows = table(demo, "clinical/safety.tsv").query("section == 'overview' and group == 'all'")
    rows = rows.set_index("category").loc[list(chosen), ["n", "N", "events"]].astype(int)
    expected = [[part["USUBJID"].nunique(), len(trial.first_dose), len(part)] for part in chosen.values()]
    assert rows.to_numpy().tolist() == expected
    assert min(expected)[0] > 0


def test_anti_drug_antibodies_before_and_after_the_first_dose(demo, trial):
    found = antibodies(trial)
    rows = table(demo, "clinical/immunogenicity_subjects.tsv").set_index("subject_id")["ada_status"]
    induced = found.index[found["later"].fillna(False) & ~found["baseline"].fillna(False)]
    before = found.index[found["baseline"].fillna(False)]
    assert sorted(rows.index[rows == "INDUCED"]) == sorted(induced)
    assert sorted(rows.index[rows.isin(["BOOSTED", "UNAFFECTED"])]) == sorted(before)
    assert len(induced)


def test_tests_of_association_from_the_subjects_alone(demo):
    subjects = pd.read_parquet(results(demo) / "association" / "subjects.parquet")
    subjects = subjects[subjects["treated"].astype(bool)]
    found = table(demo, "association/results.tsv").query("headline == 'true'")
    found = found.drop_duplicates("analysis_id").set_index("analysis_id")
    pair = subjects.dropna(subset=["ctdna_best_ratio", "best_change_percent"])
    rank = stats.spearmanr(pair["ctdna_best_ratio"].astype(float), pair["best_change_percent"].astype(float))
    assert float(found.loc["ctdna_change_tumour_change", "estimate"]) == pytest.approx(rank.statistic)
    level = subjects["ctdna_baseline_level"].astype(float)
    level = np.log10(level.where(level > 0, level[level > 0].min() / 2))
    known = level.notna()
    model = PHReg(
        subjects.loc[known, "pfs_days"].astype(float), level[known],
        status=subjects.loc[known, "pfs_event"].astype(int), ties="efron",
    ).fit()  # fmt: skip
    hazard = numbers(found.loc[["ctdna_level_pfs"]], "estimate", "low", "high", "p").iloc[0]
    expected = [*np.exp([model.params[0], *model.conf_int()[0]]), model.pvalues[0]]
    np.testing.assert_allclose(hazard, expected, rtol=1e-5)


def test_adjusted_p_of_every_family(demo):
    rows = table(demo, "association/results.tsv").query("p_adjusted != '' and p != ''")
    methods = {"holm": "holm", "bh": "fdr_bh"}
    checked = 0
    for family, part in rows.groupby("family"):
        named = [method for word, method in methods.items() if f"({word}," in family]
        if named:
            values = numbers(part, "p", "p_adjusted")
            np.testing.assert_allclose(
                values["p_adjusted"], multipletests(values["p"], method=named[0])[1], atol=1e-8
            )
            checked += 1
    assert checked >= 3
