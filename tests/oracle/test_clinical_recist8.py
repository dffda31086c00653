"""The eight-subject RECIST example of the public CDISC pilot data against its published ADRS, ADTTE and ADTR.

Values are compared for every subject and parameter, except what the reference lists as defects of the
published output; those are asserted as our own answer.
"""

import shutil

import pandas as pd
import pytest

from clearher.clinical.response import response_tables
from clearher.clinical.time_to_event import time_tables
from clearher.intake.clinical import read_clinical
from clearher.intake.config import defaults

DOMAINS = {
    "dm": "dm",
    "ex": "ex",
    "ae": "ae",
    "rs_onco_recist": "rs",
    "tr_onco_recist": "tr",
    "tu_onco_recist": "tu",
}
FLAGS = {"PD": "first_pd_date", "RSP": "response_date", "CRSP": "confirmed_response_date"}


@pytest.fixture(scope="module")
def records(fixtures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdtm")
    for name, domain in DOMAINS.items():
        shutil.copy(fixtures / "clinical" / f"{name}.csv", folder / f"{domain}.csv")
    return read_clinical(
        {"format": "sdtm", "path": str(folder)},
        None,
        settings=defaults("intake"),
        clinical_settings=defaults("clinical"),
        data_cut=None,
    )


@pytest.fixture(scope="module")
def tables(records):
    return response_tables(
        records.subjects,
        records.assessments,
        records.lesions,
        records.therapies,
        records.supplied,
        settings=defaults("clinical"),
    )


@pytest.fixture(scope="module")
def responses(tables):
    table = tables.responses
    return table[table["evaluator"].eq("INVESTIGATOR")].set_index("subject_id")


@pytest.fixture(scope="module")
def times(records, fixtures):
    # The disposition domain is not among the files; its dates stand in the published last date alive.
    published_alive = pd.read_csv(fixtures / "clinical" / "adsl.csv", dtype=str).set_index("USUBJID")[
        "LSTALVDT"
    ]
    alive = pd.to_datetime(records.subjects["subject_id"].map(published_alive))
    table = time_tables(
        records.subjects.assign(last_alive_date=alive),
        records.assessments,
        records.lesions,
        records.therapies,
        records.contacts,
        records.supplied,
        settings=defaults("clinical"),
    ).times
    return table[table["rule"].eq("primary")].set_index(["endpoint", "subject_id"])


@pytest.fixture(scope="module")
def adrs(fixtures):
    path = fixtures / "clinical" / "expected_adrs_recist8.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table["ADT"] = pd.to_datetime(table["ADT"].mask(table["ADT"].eq("")))
    return table


def published(adrs, parameter, subjects):
    return adrs[adrs["PARAMCD"].eq(parameter)].set_index("USUBJID").loc[subjects]


def test_set_is_the_treated_subjects(responses):
    assert len(responses) == 254


@pytest.mark.parametrize("parameter", ["BOR", "CBOR"])
def test_best_overall_response(adrs, responses, parameter):
    expected = published(adrs, parameter, responses.index)
    column = {"BOR": "bor", "CBOR": "confirmed_bor"}[parameter]
    missing = expected["AVALC"].eq("MISSING")
    assert responses[column].where(~missing, "MISSING").tolist() == expected["AVALC"].tolist()
    assert responses.loc[missing, column].eq("NE").all()
    assert responses.loc[missing, "n_assessments"].eq(0).all()
    assert responses[f"{column}_date"].tolist() == expected["ADT"].tolist()


@pytest.mark.parametrize("parameter", sorted(FLAGS))
def test_first_progression_and_responses(adrs, responses, parameter):
    expected = published(adrs, parameter, responses.index)
    dates = responses[FLAGS[parameter]]
    assert dates.notna().map({True: "Y", False: "N"}).tolist() == expected["AVALC"].tolist()
    assert dates.dropna().tolist() == expected["ADT"].dropna().tolist()


@pytest.mark.parametrize(
    ("parameter", "column"), [("CB", "clinical_benefit"), ("CCB", "clinical_benefit_confirmed")]
)
def test_clinical_benefit(adrs, responses, parameter, column):
    expected = published(adrs, parameter, responses.index)
    assert responses[column].map({True: "Y", False: "N"}).tolist() == expected["AVALC"].tolist()
    if parameter == "CB":
        assert responses["clinical_benefit_date"].dropna().tolist() == expected["ADT"].dropna().tolist()


def test_best_response_is_a_response(adrs, responses):
    expected = published(adrs, "BCP", responses.index)
    assert responses["responder"].map({True: "Y", False: "N"}).tolist() == expected["AVALC"].tolist()


def test_confirmed_best_response_where_the_published_flag_is_wrong(responses):
    confirmed = responses.index[responses["confirmed_responder"]]
    assert confirmed.tolist() == ["01-701-1118"]
    assert responses.loc["01-701-1118", "confirmed_bor_date"] == pd.Timestamp("2014-04-23")


def test_last_assessment_and_death(adrs, records, tables, responses):
    """The published last assessment takes every usable row, also after the first progression."""
    expected = published(adrs, "DEATH", responses.index)
    dead = records.subjects.set_index("subject_id").loc[responses.index, "death_date"]
    assert dead.notna().map({True: "Y", False: "N"}).tolist() == expected["AVALC"].tolist()
    assert dead.dropna().tolist() == expected["ADT"].dropna().tolist()
    rows = tables.selection[tables.selection["evaluator"].eq("INVESTIGATOR")]
    usable = rows[rows["step"].isin(["used", "after_progression"])].sort_values("date")
    last = usable.drop_duplicates("subject_id", keep="last").set_index("subject_id")
    expected = published(adrs, "LSTA", responses.index)
    expected = expected[expected["ADT"].notna()]
    assert last["date"].to_dict() == expected["ADT"].to_dict()
    assert last["value"].to_dict() == expected["AVALC"].to_dict()


def test_measurable_disease(adrs, responses):
    expected = published(adrs, "MDIS", responses.index)
    found = responses["measurable"].fillna(False).astype(bool)
    assert found.map({True: "Y", False: "N"}).tolist() == expected["AVALC"].tolist()
    assert found.sum() == 6


def test_every_response_row(adrs, tables):
    expected = adrs[adrs["PARAMCD"].eq("OVR")].sort_values(["USUBJID", "ADT"])
    found = tables.selection[tables.selection["evaluator"].eq("INVESTIGATOR")]
    found = found.sort_values(["subject_id", "date"])
    assert found["value"].tolist() == expected["AVALC"].tolist()
    assert found["date"].tolist() == expected["ADT"].tolist()
    kept = found["step"].eq("used").map({True: "Y", False: ""})
    assert kept.tolist() == expected["ANL02FL"].tolist()


@pytest.mark.parametrize(("endpoint", "parameter"), [("PFS", "PFS"), ("OS", "OS"), ("DOR", "RSD")])
def test_times_to_event(fixtures, times, endpoint, parameter):
    path = fixtures / "clinical" / "expected_adtte_recist8.csv"
    expected = pd.read_csv(path, dtype={"USUBJID": str}, parse_dates=["STARTDT", "ADT"])
    expected = expected[expected["PARAMCD"].eq(parameter)].set_index("USUBJID")
    found = times.loc[endpoint].loc[expected.index]
    assert len(times.loc[endpoint]) == len(expected)
    assert (~found["event"].astype(bool)).astype(int).tolist() == expected["CNSR"].tolist()
    other = expected.index[found["days"].astype(int) != expected["AVAL"]].tolist()
    assert other == (["01-701-1115"] if endpoint == "OS" else [])
    same = [subject for subject in expected.index if subject not in other]
    assert found.loc[same, "start_date"].tolist() == expected.loc[same, "STARTDT"].tolist()
    assert found.loc[same, "end_date"].tolist() == expected.loc[same, "ADT"].tolist()


def test_survival_counts_a_scan_as_proof_of_life(times):
    row = times.loc[("OS", "01-701-1115")]
    assert (row["end_date"], row["days"], row["event"]) == (pd.Timestamp("2013-02-01"), 64, False)


def test_response_at_each_visit_equals_the_recorded_one(tables):
    recorded = tables.visits[tables.visits["recorded"].ne("")]
    assert len(recorded) == 66
    assert recorded["overall"].tolist() == recorded["recorded"].tolist()
    assert recorded["agrees"].all()


def test_sums_of_diameters(fixtures, tables):
    expected = pd.read_csv(fixtures / "clinical" / "expected_adtr_recist.csv", parse_dates=["ADT"])
    expected = expected[expected["PARAMCD"].eq("SDIAM")].copy()
    # The published sums put a scan of "2014-02" on the first of the month; one scan has one date here.
    expected["ADT"] = expected["ADT"].replace(pd.Timestamp("2014-02-01"), pd.Timestamp("2014-02-28"))
    found = tables.visits[tables.visits["evaluator"].eq("INVESTIGATOR") & tables.visits["n_targets"].gt(0)]
    found = found[found["n_measured"].gt(0)]
    both = expected.merge(found, left_on=["USUBJID", "ADT"], right_on=["subject_id", "date"], how="outer")
    assert len(both) == len(expected) == 25
    assert both["sum_mm"].tolist() == both["AVAL"].tolist()
    assert both["baseline_mm"].tolist() == both["BASE"].tolist()
    later = both["AVISIT"].ne("BASELINE")
    assert both.loc[later, "nadir_mm"].tolist() == both.loc[later, "NADIR"].tolist()
    complete = both["ANL01FL"].eq("Y")
    assert both["complete"].tolist() == complete.tolist()
    assert both.loc[complete, "change_percent"].to_numpy() == pytest.approx(
        both.loc[complete, "PCHG"].to_numpy()
    )
    assert both.loc[~complete, "change_percent"].isna().all()


def test_partial_sums_are_never_the_best_change(responses):
    best = responses["best_change_percent"].dropna().round(1)
    assert best.to_dict() == {
        "01-701-1015": -92.7,
        "01-701-1028": -3.2,
        "01-701-1115": -88.9,
        "01-701-1118": -57.7,
        "01-701-1130": -2.2,
        "01-701-1133": -100.0,
    }


def test_imputed_and_incomplete_scans_are_findings(tables):
    incomplete = {(p.subject_id, p.found) for p in tables.findings if p.check == "incomplete_lesion_set"}
    assert ("01-701-1015", "2014-02-28: 2 of 4 target lesions measured") in incomplete
    assert ("01-701-1118", "2014-05-14: 1 of 2 target lesions measured") in incomplete


def test_investigator_and_independent_review_stand_side_by_side(tables):
    independent = tables.responses[tables.responses["evaluator"].eq("INDEPENDENT ASSESSOR")]
    bor = independent.set_index("subject_id")["bor"]
    assert bor["01-701-1133"] == "CR"
    cells = tables.agreement[tables.agreement["comparison"].eq("bor, INVESTIGATOR by INDEPENDENT ASSESSOR")]
    assert cells["n"].sum() == 254
    assert cells["kappa"].nunique() == 1
