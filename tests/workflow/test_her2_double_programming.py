"""The workflow's HER2 results against a second programming of the definitions from the same readings."""

import numpy as np
import pandas as pd
import pytest
import yaml
from double_programming import read_trial
from her2_double_programming import by_rule, extreme, readings, specimens
from workflow_runs import results

LATEST = {
    "latest_metastatic": "metastatic",
    "latest_any": "",
    "central_over_local": "central",
    "fresh_over_archival": "fresh",
}


def table(demo, name: str) -> pd.DataFrame:
    return pd.read_csv(results(demo) / name, sep="\t", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def read(demo):
    return readings(demo / "her2.tsv")


@pytest.fixture(scope="module")
def baseline(demo, read):
    """Readings of specimens taken up to the day of the first dose."""
    cut = yaml.safe_load((demo / "config.yaml").read_text())["data_cut"]["date"]
    start = read["subject_id"].map(read_trial(demo / "sdtm", str(cut)).first_dose)
    return read[read["date"] <= start]


@pytest.fixture(scope="module")
def people(demo, baseline):
    rows = table(demo, "her2/subjects.tsv").set_index("subject_id")
    assert set(rows.index[rows["level"] != ""]) == set(baseline["subject_id"])
    return rows.loc[sorted(set(baseline["subject_id"]))]


def test_level_and_h_score_of_every_reading(demo, read):
    rows = table(demo, "her2/specimens.tsv")
    place = rows["source"].str.extract(r"row (\d+)$")[0].astype(int) - 2
    mine = read.loc[place].reset_index(drop=True)
    assert len(rows) == len(read)
    assert rows["level"].tolist() == mine["level"].tolist()
    assert rows["ish_group"].tolist() == mine["group"].astype(str).replace("0", "").tolist()
    np.testing.assert_allclose(pd.to_numeric(rows["h_score"]), mine["h"], rtol=1e-6)
    assert rows["level"].nunique() >= 5


@pytest.mark.parametrize("rule", LATEST)
def test_level_of_every_subject_by_the_rules_of_one_specimen(baseline, people, rule):
    chosen = by_rule(specimens(baseline), LATEST[rule])
    assert people[f"level_{rule}"].to_dict() == chosen["level"].to_dict()


@pytest.mark.parametrize(("rule", "highest"), [("highest", True), ("lowest", False)])
def test_extreme_level_of_every_subject(baseline, people, rule, highest):
    assert people[f"level_{rule}"].to_dict() == extreme(baseline, highest)


def test_specimen_and_h_score_of_every_subject(baseline, people):
    chosen = by_rule(specimens(baseline), "metastatic")
    assert people["level"].to_dict() == chosen["level"].to_dict()
    assert people["specimen_id"].to_dict() == chosen["specimen_id"].to_dict()
    np.testing.assert_allclose(pd.to_numeric(people["h_score"]), chosen["h"], rtol=1e-6)
