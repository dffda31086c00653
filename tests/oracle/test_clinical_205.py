"""The 205-subject response input of the public CDISC pilot data: runs through, every value explained."""

import shutil

import pandas as pd
import pytest

from clearher.clinical.explain import TABLES, explain
from clearher.clinical.response import response_tables
from clearher.clinical.time_to_event import time_tables
from clearher.columns import clinical, intake
from clearher.intake.clinical import read_clinical
from clearher.intake.config import defaults
from clearher.tables import empty


@pytest.fixture(scope="module")
def settings():
    config = defaults("clinical")
    config["response"]["rows"]["value_map"] = {"CHECK": "NE"}
    return config


@pytest.fixture(scope="module")
def folder(fixtures, tmp_path_factory):
    target = tmp_path_factory.mktemp("sdtm205")
    for name, domain in {"dm": "dm", "ex": "ex", "ae": "ae", "rs_onco_ovrlresp": "rs"}.items():
        shutil.copy(fixtures / "clinical" / f"{name}.csv", target / f"{domain}.csv")
    return target


def read(folder, settings, data_cut=None):
    return read_clinical(
        {"format": "sdtm", "path": str(folder)},
        None,
        settings=defaults("intake"),
        clinical_settings=settings,
        data_cut=data_cut,
    )


def derive(records, settings):
    common = (records.subjects, records.assessments, records.lesions, records.therapies)
    responses = response_tables(*common, records.supplied, settings=settings)
    times = time_tables(*common, records.contacts, records.supplied, settings=settings)
    return responses, times


@pytest.fixture(scope="module")
def records(folder, settings):
    return read(folder, settings)


@pytest.fixture(scope="module")
def derived(records, settings):
    return derive(records, settings)


def test_unmapped_words_are_errors(folder):
    problems = [p for p in read(folder, defaults("clinical")).problems if p.severity == "error"]
    assert len(problems) == 3
    assert all("CHECK" in p.found for p in problems)


def test_every_record_has_one_fate(derived):
    selection = derived[0].selection
    assert len(selection) == 1899
    assert selection["step"].ne("").all()
    steps = derived[0].steps.set_index(["evaluator", "step"])["rows_removed"]
    assert steps[("INDEPENDENT ASSESSOR", "other_reader")] == 633
    assert steps[("INVESTIGATOR", "other_reader")] == 0


def test_both_evaluators_have_every_treated_subject(derived):
    counts = derived[0].responses["evaluator"].value_counts()
    assert counts.to_dict() == {"INVESTIGATOR": 254, "INDEPENDENT ASSESSOR": 254}
    assert derived[0].responses["bor"].isin(clinical.OVERALL).all()


def test_times_are_positive_and_durations_belong_to_responders(derived):
    responses, times = derived[0].responses, derived[1].times
    assert times["days"].ge(1).all()
    primary = times[times["rule"].eq("primary")]
    mine = responses[responses["evaluator"].eq("INVESTIGATOR")]
    responders = set(mine.loc[mine["responder"], "subject_id"])
    assert set(primary.loc[primary["endpoint"].eq("DOR"), "subject_id"]) == responders


def test_every_subject_can_be_explained(records, derived):
    responses, times = derived
    tables = {
        "subjects": records.subjects,
        "therapies": records.therapies,
        "lesions": records.lesions,
        "supplied": records.supplied,
        "visits": responses.visits,
        "selection": responses.selection,
        "responses": responses.responses,
        "times": times.times,
    }
    tables = {name: tables.get(name, empty(table)) for name, table in TABLES.items()}
    for subject in responses.responses["subject_id"].unique()[::10]:
        text = explain(tables, subject)
        for endpoint in ("Best overall response", "Overall survival", "Progression-free survival"):
            assert endpoint in text
        recorded = responses.selection[responses.selection["subject_id"].eq(subject)]
        assert all(f"[{source}]" in text for source in recorded["source"])


def test_an_earlier_cut_never_adds_an_event(folder, settings, derived):
    cut = "2013-09-01"
    records = read(folder, settings, data_cut=cut)
    _, early = derive(records, settings)
    key = ["subject_id", "endpoint", "end_date"]
    events = [
        times[times["event"] & times["rule"].eq("primary")] for times in (early.times, derived[1].times)
    ]
    events = [frame[frame["endpoint"].isin(["PFS", "OS"])][key] for frame in events]
    assert 0 < len(events[0]) < len(events[1])
    assert len(events[0].merge(events[1], on=key)) == len(events[0])
    assert events[0]["end_date"].max() <= pd.Timestamp(cut)


def test_order_of_records_changes_nothing(records, derived, settings):
    shuffled = records.changed(assessments=records.assessments.sample(frac=1, random_state=3))
    again, _ = derive(shuffled, settings)
    pd.testing.assert_frame_equal(again.responses, derived[0].responses)


def test_intake_tables_are_as_declared(records):
    assert records.assessments.columns.tolist() == intake.ASSESSMENTS.names
