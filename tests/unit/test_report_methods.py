"""The methods section says what was done with the values really used."""

import pytest

from clearher.columns import ctdna
from clearher.report.sections.context import Context
from clearher.report.sections.definitions import definitions
from clearher.report.sections.methods import methods_section
from report_builders import results, settings

EVERYTHING = {
    "samples": "samples.tsv",
    "her2": "her2.tsv",
    "clinical": {"format": "sdtm", "path": "sdtm"},
}


def told(inputs=EVERYTHING, **sections) -> dict[str, str]:
    return dict(definitions(settings(inputs=inputs, **sections)))


def test_values_of_the_configuration_stand_in_the_text():
    words = told(
        data_cut={"id": "c1", "date": "2024-06-30"},
        ctdna={"clearance": {"max_lod95": 0.001}, "detection": {"alpha": 0.05}},
        clinical={"response": {"confirmation": {"min_days": 35}, "headline": "confirmed"}},
        association={"landmark": {"day": 99}},
    )
    assert "after 2024-06-30" in words["Data cut"]
    assert "at most 0.10%" in words["Clearance"]
    assert "p below 0.05" in words["ctDNA"]
    assert "at least 35 days later" in words["Response"]
    assert "The headline is the confirmed response" in words["Response"]
    assert "landmark (day 99" in words["Associations"]


def test_excluded_subjects_are_told_with_their_reasons():
    reasons = {"S1": "consent withdrawn", "S2": "enrolled twice", "S3": "consent withdrawn"}
    words = told(intake={"excluded_subjects": reasons})["Data cut"]
    assert words.endswith(
        "of 3 subjects excluded by the configuration: consent withdrawn (2) and enrolled twice (1)."
    )
    assert "exclu" not in told()["Data cut"]


def test_switches_change_the_sentence():
    off = told()["Time to event"]
    on = told(clinical={"time_to_event": {"missed_visits": {"apply": True}, "new_therapy": {"apply": False}}})
    assert "count as events" in off
    assert "therapy ends the observation" in off
    assert "are censored" in on["Time to event"]
    assert "therapy does not end the observation" in on["Time to event"]


def test_without_a_cut_no_date_is_named():
    assert told()["Data cut"] == "No data cut was applied: every record counts."


@pytest.mark.parametrize(
    ("inputs", "absent", "why"),
    [
        ({"samples": "s.tsv"}, {"HER2", "Response", "Time to event", "Safety"}, "ctDNA alone"),
        ({"sample_results": "r.tsv"}, {"ctDNA", "HER2", "Response"}, "the laboratory decided on detection"),
        ({"clinical": {"format": "table", "path": "c.tsv"}}, {"ctDNA", "Clearance", "Safety"}, "one table"),
    ],
)
def test_nothing_is_told_that_was_not_done(inputs, absent, why):
    assert not absent & set(told(inputs)), why


def test_supplied_responses_have_no_assessor_and_no_rule():
    words = told({"clinical": {"format": "table", "path": "c.tsv"}})
    assert "is not known here" in words["Response"]
    assert "RECIST" not in words["Response"]
    assert "censored at the last contact" in words["Time to event"]
    assert "missed" not in words["Time to event"]


def test_methods_hold_software_parameters_and_sources():
    """What a medical writer pastes: sentences with versions, every setting, the source of every formula."""
    chosen = settings(ctdna={"clearance": {"max_lod95": 0.001}})
    context = Context(results(), chosen, {}, versions={"pandas": "2.2", "lifelines": "0.30"}, code="abc")
    blocks = methods_section(context).blocks
    words = " ".join(block.text for block in blocks if block.kind == "paragraph")
    assert "ClearHER (code digest abc) with lifelines 0.30 and pandas 2.2." in words
    tables = {block.name: block.rows for block in blocks if block.kind == "table"}
    assert ("ctdna.clearance.max_lod95", "0.001", "changed") in [row[:3] for row in tables["parameters"]]
    shown = {row[:2] for row in tables["sources"]}
    assert {(ctdna.CLEARANCE.path, "low"), (ctdna.CLEARANCE.path, "high")} <= shown
