"""The simulation study of false positives runs on the functions of the workflow, and writes its tables."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clearher.association.landmark_models import first_days

FILE = Path(__file__).resolve().parents[1] / "validation" / "association_type1.py"


@pytest.fixture(scope="module")
def study():
    specification = importlib.util.spec_from_file_location("association_type1", FILE)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def p_values(study):
    return study.type1_block(study.tests_of, 42, 0, 3)


def test_levels_are_tested_by_the_workflow_and_small_ones_by_permutation(study):
    """42 subjects: 8 of the smallest level; 150: 27, where the chi-square is the test."""
    few, many = (study.type1_block(study.tests_by_level, n, 0, 2) for n in study.SIZES)
    beside = study.LEVEL_TESTS["log-rank, chi-square"]
    assert set(few["method"]) == {"log-rank trend", "permutation log-rank", beside}
    assert set(many["method"]) == {"log-rank trend", "log-rank"}
    assert pd.concat([few, many])["p"].between(0, 1).all()


@pytest.mark.parametrize(
    "method",
    [
        "clearance: log-rank (permutation",
        "clearance: day 29, Cox (permutation",
        "clearance: day 92, Cox (permutation",
        "clearance, landmark at a visit: log-rank (permutation",
        "molecular response: log-rank (permutation",
        "clearance, time-varying: Cox",
        "NAIVE, refused by the workflow: ever cleared as a baseline factor: log-rank",
        "NAIVE, refused by the workflow: ever cleared as a baseline factor: Cox",
    ],
)
def test_every_method_gives_a_p_in_every_trial(p_values, method):
    found = p_values[p_values["method"].str.startswith(method)]
    assert len(found) >= 3
    assert found["p"].between(0, 1).all()


def test_methods_outside_the_band_are_named(study):
    """A warning column and the refused analysis are no offer; an empty cell is no finding."""
    column = "false positives at n = 42, %"
    names = ("a", "b", "c", f"{study.BESIDE}: d", f"{study.NAIVE}: e")
    shares = ("7.2 (6.2-8.3)", "6.9 (5.9-8.0)", "", "8.2 (7.1-9.3)", "89.1 (87.8-90.3)")
    rows = [{"method": name, column: value} for name, value in zip(names, shares, strict=True)]
    assert study.outside(rows) == [f"a: 7.2 (6.2-8.3) ({column})"]


def test_two_events_of_ten_against_twenty_by_counting(study):
    """Both events are in the ten in 10 x 9 / (30 x 29) = 10.3 % of splits: the chi-square is then below 0.05.
    The permutation is so in 5 % at most."""
    below = (study.few_events_tests((10, 20), 2, 600) < 0.05).mean()
    assert below["chi-square"] == pytest.approx(0.103, abs=0.04)
    assert below["permutation"] < 0.07


def test_clearance_comes_by_chance_and_takes_time(study):
    """As many of those who progress early as late are cleared at the first draw, but fewer ever."""
    trial = study.simulated(4000, np.random.default_rng(1))
    drawn = trial.visits[trial.visits["visit"] == "D22"].merge(trial.subjects, on="subject_id")
    early = drawn["pfs_days"] < drawn["pfs_days"].median()
    cleared = drawn["state"] == "NOT_DETECTED_ADEQUATE"
    assert cleared[early].mean() == pytest.approx(cleared[~early].mean(), abs=0.03)
    ever = trial.subjects["subject_id"].isin(first_days(trial.visits, "clearance")["subject_id"])
    long = trial.subjects["pfs_days"] > trial.subjects["pfs_days"].median()
    assert ever[long].mean() > ever[~long].mean() + 0.3


def test_tests_of_a_flat_table_agree(study):
    found = study.trend_tests(np.array([4, 4, 4, 4]), np.array([10, 10, 10, 10]), np.arange(4.0))
    assert found["exact trend"] == pytest.approx(1)
    assert min(found.values()) > 0.9


def test_the_table_goes_between_its_marks(study, tmp_path):
    page = tmp_path / "methods.md"
    start, end = study.MARKS
    page.write_text(f"before\n{start}\nold\n{end}\nafter\n", encoding="utf-8")
    study.write_between_marks("new", page)
    assert page.read_text(encoding="utf-8") == f"before\n{start}\nnew\n{end}\nafter\n"
