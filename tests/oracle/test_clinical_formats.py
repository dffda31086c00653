"""Public SDTM files in three formats give the same records, and facts known of them hold."""

import shutil
from collections import Counter

import pandas as pd
import pytest

from clearher.intake.config import defaults
from clearher.intake.text_tables import read_text_table
from clinical_study import read

PILOT = {"dm": "dm.csv", "ex": "ex.csv", "rs": "rs_onco_ovrlresp.csv"}
ROWS = defaults("clinical")["response"]["rows"]
EXCLUDE_CHECK = {"response": {"rows": ROWS | {"value_map": {"CHECK": "exclude"}}}}


@pytest.fixture(scope="module")
def staged(fixtures, tmp_path_factory):
    """Folders with DM, EX and RS of 205 subjects in each format."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("csv", "xpt", "parquet")}
    for domain, file in PILOT.items():
        shutil.copy(fixtures / "clinical" / file, folders["csv"] / f"{domain}.csv")
        for name in ("xpt", "parquet"):
            shutil.copy(
                fixtures / "clinical" / "formats" / f"{domain}.{name}", folders[name] / f"{domain}.{name}"
            )
    return folders


@pytest.mark.parametrize("domain", ["dm", "ex", "rs"])
def test_three_formats_are_one_table(staged, domain):
    tables = [read_text_table(staged[name] / f"{domain}.{name}")[0] for name in ("csv", "xpt", "parquet")]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])


def test_three_formats_give_the_same_records(staged):
    csv, *others = [read(staged[name], clinical=EXCLUDE_CHECK) for name in ("csv", "xpt", "parquet")]
    for other in others:
        for name, frame in csv.frames().items():
            pd.testing.assert_frame_equal(frame, getattr(other, name))
    assert Counter(p.check for p in csv.problems) == Counter(p.check for p in others[0].problems)


def test_each_unmapped_response_is_reported(staged):
    records = read(staged["csv"])
    unknown = [problem for problem in records.problems if problem.check == "response_unknown"]
    assert [(problem.found, problem.severity) for problem in unknown] == [("'CHECK'", "error")] * 3
    assert len(records.assessments) == 1899 - 3


def test_subjects_and_doses_of_the_pilot_study(staged, fixtures):
    records = read(staged["csv"], clinical=EXCLUDE_CHECK)
    subjects = records.subjects.set_index("subject_id")
    assert (len(subjects), subjects["screen_failure"].sum(), subjects["treated"].sum()) == (306, 52, 254)
    assert subjects["death_date"].notna().sum() == 3
    expected = pd.read_csv(fixtures / "clinical" / "adsl.csv", dtype=str, keep_default_na=False)
    first = pd.to_datetime(expected.set_index("USUBJID")["TRTSDT"].replace("", None))
    pd.testing.assert_series_equal(subjects["first_dose_date"], first[subjects.index], check_names=False)
    death = pd.to_datetime(expected.set_index("USUBJID")["DTHDT"].replace("", None))
    pd.testing.assert_series_equal(subjects["death_date"], death[subjects.index], check_names=False)


def test_central_review_has_one_accepted_reader(staged):
    rows = read(staged["csv"], clinical=EXCLUDE_CHECK).assessments
    accepted = rows[rows["accepted"]].groupby("evaluator").size()
    assert accepted["INVESTIGATOR"] == accepted["INDEPENDENT ASSESSOR"]


def test_lesions_of_eight_subjects(fixtures, tmp_path):
    for domain in ("rs", "tr", "tu"):
        shutil.copy(fixtures / "clinical" / f"{domain}_onco_recist.csv", tmp_path / f"{domain}.csv")
    for domain in ("dm", "ex"):
        shutil.copy(fixtures / "clinical" / f"{domain}.csv", tmp_path / f"{domain}.csv")
    records = read(tmp_path)
    assert (len(records.lesions), records.lesions["subject_id"].nunique()) == (546, 8)
    assert (records.lesions["lesion_class"] != "NEW").all()
    partial = records.assessments[records.assessments["date_text"] == "2014-02"]
    assert partial["date"].unique().tolist() == [pd.Timestamp("2014-02-28")]
    scans = records.lesions[records.lesions["date_text"] == "2014-02"]
    assert scans["date"].unique().tolist() == [pd.Timestamp("2014-02-28")]  # one date for one scan


def test_antibody_samples_run(fixtures, tmp_path):
    for domain, file in {"dm": "dm.csv", "ex": "ex.csv", "is": "is_ada.csv"}.items():
        shutil.copy(fixtures / "clinical" / file, tmp_path / f"{domain}.csv")
    rows = read(tmp_path).ada
    assert rows["test"].value_counts().to_dict() == {"BINDING": 449, "NEUTRALISING": 242}
    assert (rows["titre_text"] == "<1.40").sum() == 33
    assert rows["before_dose"].all()
    assert (rows["result"] == "").sum() == 2
