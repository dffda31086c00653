"""Curves, quantiles, log-rank and Cox against R's survival package on five public data sets."""

import math

import numpy as np
import pandas as pd
import pytest

from clearher.statistics.proportions import clopper_pearson
from clearher.statistics.survival import (
    kaplan_meier,
    log_rank,
    quantile,
    reverse_kaplan_meier,
    survival_at,
)

DATASETS = ("lung", "colon", "ovarian", "cadtte_os", "cadtte_pfs")


@pytest.fixture(scope="module")
def oracle(fixtures):
    expected = pd.read_csv(fixtures / "clinical/survival_oracle/expected.csv")
    return {name: rows.set_index("stat")["value"] for name, rows in expected.groupby("dataset")}


@pytest.fixture(scope="module")
def cohort(fixtures):
    return {name: pd.read_csv(fixtures / f"clinical/survival_oracle/{name}.csv") for name in DATASETS}


def same(value: float, expected: float, tolerance: float = 1e-8) -> bool:
    if math.isnan(expected):
        return math.isnan(value)
    return value == pytest.approx(expected, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("band", ["log-log", "log", "plain"])
@pytest.mark.parametrize("name", DATASETS)
def test_quantiles(oracle, cohort, name, band):
    curve = kaplan_meier(cohort[name]["time"], cohort[name]["event"], band=band)
    for percent in (25, 50, 75):
        result = quantile(curve, percent / 100, plateau="r")
        key = f"q_{percent}_{band}"
        expected = [oracle[name][key + suffix] for suffix in ("", "_lo", "_hi")]
        assert all(map(same, result, expected)), (key, result, expected)


@pytest.mark.parametrize("band", ["log-log", "log", "plain"])
@pytest.mark.parametrize("name", DATASETS)
def test_survival_at_times(oracle, cohort, name, band):
    curve = kaplan_meier(cohort[name]["time"], cohort[name]["event"], band=band)
    keys = [key for key in oracle[name].index if key.startswith(f"S_{band}_t")]
    assert len(keys) == 3
    for key in keys:
        result = survival_at(curve, float(key.rpartition("_t")[2]))
        expected = [oracle[name][key.replace("S_", f"S{limit}_")] for limit in ("", "lo", "hi")]
        assert all(map(same, result, expected)), (key, result, expected)


@pytest.mark.parametrize("name", DATASETS)
def test_follow_up(oracle, cohort, name):
    curve = reverse_kaplan_meier(cohort[name]["time"], cohort[name]["event"])
    expected = [oracle[name][f"revKM_{key}"] for key in ("median", "lo", "hi")]
    assert all(map(same, quantile(curve, 0.5, plateau="r"), expected))


@pytest.mark.parametrize("name", DATASETS)
def test_log_rank(oracle, cohort, name):
    data = cohort[name]
    plain = log_rank(data["time"], data["event"], data["arm"]).statistic
    assert plain == pytest.approx(oracle[name]["logrank_chisq"], rel=1e-8)
    known = data[data["str"].notna()]
    layered = log_rank(known["time"], known["event"], known["arm"], strata=known["str"]).statistic
    assert layered == pytest.approx(oracle[name]["logrank_strat_chisq"], rel=1e-8)


def test_clopper_pearson(fixtures):
    table = pd.read_csv(fixtures / "clinical/survival_oracle/clopper_pearson.csv")
    for confidence, suffix in ((0.95, "95"), (0.9, "90")):
        ours = np.array([clopper_pearson(k, n, confidence)[1:] for k, n in table[["k", "n"]].to_numpy()])
        assert np.allclose(ours, table[[f"lo{suffix}", f"hi{suffix}"]], rtol=0, atol=1e-12)
