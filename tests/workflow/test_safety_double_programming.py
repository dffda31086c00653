"""The workflow's safety tables against a second programming of the definitions from the same raw files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safety_double_programming as second
import yaml
from double_programming import read_trial
from workflow_runs import results

ROOT = Path(__file__).resolve().parents[2]
KEYS = ["section", "category", "term", "level"]
NUMBERS = ["n", "N", "events", "estimate", "low", "high", "subject_years"]
EVENT_SECTIONS = ("overview", "soc_pt", "worst_grade")
INFUSION = "Infusion-related reaction"


@pytest.fixture(scope="module")
def trial(demo):
    cut = yaml.safe_load((demo / "config.yaml").read_text())["data_cut"]["date"]
    return read_trial(demo / "sdtm", str(cut))


@pytest.fixture(scope="module")
def special():
    return pd.read_csv(
        ROOT / "resources" / "aesi.tsv", sep="\t", comment="#", dtype=str, keep_default_na=False
    )


@pytest.fixture(scope="module")
def events(trial, special):
    return second.adverse_events(trial, special)


@pytest.fixture(scope="module")
def antibodies(trial):
    return second.antibody_status(trial)


@pytest.fixture(scope="module")
def lines(demo):
    rows = table(demo, "clinical/safety.tsv").query("group == 'all'").set_index(KEYS)
    assert rows.index.is_unique
    return rows[NUMBERS].apply(pd.to_numeric, errors="coerce")


def table(demo, name: str) -> pd.DataFrame:
    return pd.read_csv(results(demo) / name, sep="\t", dtype=str, keep_default_na=False)


def compare(lines: pd.DataFrame, mine: second.Lines, *sections: str) -> None:
    """The same lines with the same numbers, no more and no fewer."""
    expected = pd.DataFrame(mine.values(), index=pd.MultiIndex.from_tuples(mine, names=KEYS))
    found = lines[lines.index.get_level_values("section").isin(sections)]
    assert sorted(found.index) == sorted(expected.index)
    differing = ~np.isclose(found, expected.loc[found.index], rtol=1e-8, atol=1e-12, equal_nan=True)
    wrong = found[differing.any(axis=1)].join(expected, lsuffix=" found")
    assert wrong.empty, wrong.to_string()


def test_incidence_of_every_line(lines, events, trial):
    compare(lines, second.incidence(events, len(trial.first_dose)), *EVENT_SECTIONS)


def test_rates_by_exposure(lines, events, trial):
    compare(lines, second.exposure_adjusted(trial, events), "exposure_adjusted")


def test_events_of_special_interest(lines, events, special, trial):
    categories = sorted(set(special["category"]))
    mine = second.special_interest(events, categories, len(trial.first_dose))
    compare(lines, mine, "aesi", "aesi_onset", "aesi_duration", "aesi_outcome")


def test_reactions_near_a_dose(lines, events, trial):
    compare(lines, second.near_a_dose(trial, events, INFUSION), "aesi_infusion")


def test_laboratory_of_every_subject_and_line(demo, lines, trial):
    mine = second.laboratory(trial)
    compare(lines, second.laboratory_lines(mine), "laboratory_shift", "laboratory_emergent")
    names = ["subject_id", "parameter", "unit", "direction"]
    rows = table(demo, "clinical/laboratory.tsv").set_index(names).sort_index()
    mine = mine.set_index(["subject", "parameter", "unit", "direction"]).rename_axis(names).sort_index()
    assert rows.index.equals(mine.index)
    for column, name in (("baseline_state", "baseline"), ("worst_state", "worst")):
        words = mine[name].map(second.state_word).where(mine[name].notna(), "")
        assert rows[column].to_dict() == words.to_dict()
    np.testing.assert_allclose(pd.to_numeric(rows["worst_value"]), mine["worst_value"])
    assert rows["n_post"].astype(int).to_dict() == mine["n_post"].to_dict()


def test_ejection_fraction_of_every_subject(demo, lines, events, trial):
    mine = second.ejection_fraction(trial)
    compare(lines, second.ejection_fraction_lines(mine, events, len(trial.first_dose)), "ejection_fraction")
    rows = table(demo, "clinical/ejection_fraction.tsv").set_index("subject_id").sort_index()
    for column, name in (("baseline_percent", "baseline"), ("lowest_percent", "lowest")):
        np.testing.assert_allclose(pd.to_numeric(rows[column]), mine.reindex(rows.index)[name])
    assert set(mine.index) <= set(rows.index)


def test_antibodies_at_every_nominal_visit(lines, trial):
    compare(lines, second.antibody_lines_by_visit(trial), "ada_visit", "ada_titre")


def test_antibodies_of_every_subject(demo, lines, antibodies):
    rows = table(demo, "clinical/immunogenicity_subjects.tsv").set_index("subject_id")
    assert rows["ada_status"].to_dict() == antibodies["status"].to_dict()
    for column, name in (("largest_change", "change"), ("onset_weeks", "onset"), ("span_days", "span")):
        np.testing.assert_allclose(pd.to_numeric(rows[column]), antibodies.loc[rows.index, name], rtol=1e-8)
    assert rows["persistence"].to_dict() == antibodies["persistence"].to_dict()
    compare(lines, second.antibody_lines_by_subject(antibodies), "ada_subject")


def test_every_section_is_programmed_twice(lines):
    events = {"exposure_adjusted", "aesi", "aesi_onset", "aesi_duration", "aesi_outcome", "aesi_infusion"}
    measured = {"laboratory_shift", "laboratory_emergent", "ejection_fraction"}
    covered = {*EVENT_SECTIONS, *events, *measured, "ada_visit", "ada_titre", "ada_subject"}
    assert set(lines.index.get_level_values("section")) == covered
