"""Two cuts compared: each value that moved, with the cause and the record behind it."""

import json

import pandas as pd
import pytest

from clearher.columns import association, clinical, ctdna, intake
from clearher.report.changes import Cut, changes, read_as_text, read_previous
from clearher.report.comparison import COMPARED, READING_ORDER, SOURCES
from clearher.report.manifest import file_records
from clearher.tables import as_text, empty, frame_of, write_table

CONFIG = {
    "data_cut": {"id": "cut1", "date": "2024-06-30", "previous": None},
    "clinical": {"days_per_month": 30.4375},
    "ctdna": {"detection": {"alpha": 0.05}},
    "seed": 1,
}


EMPTY = {entry.table: as_text(empty(entry.table)) for entry in (*COMPARED, *SOURCES)}
STATE = {"config": CONFIG, "code": "c1", "versions": {"scipy": "1"}, "samples": {}, "context": {}}


def cut(tables, **changed):
    """A cut from rows by table; every other compared table is there without rows."""
    frames = {table: as_text(frame_of(rows, table)) for table, rows in tables.items()}
    return Cut(tables={**EMPTY, **frames}, **{**STATE, **changed})


def assessment(subject, sequence, date, response, **more):
    row = {
        "subject_id": subject,
        "sequence": sequence,
        "date": pd.Timestamp(date),
        "date_text": date,
        "evaluator": "INVESTIGATOR",
        "response": response,
    }
    return {**row, **more}


def response(subject, bor):
    return {"subject_id": subject, "evaluator": "INVESTIGATOR", "bor": bor}


def sample(subject, visit, date):
    row = {"subject_id": subject, "sample_id": f"{subject}-{visit}", "visit": visit, "specimen": "plasma"}
    return {**row, "collection_date": pd.Timestamp(date)}


BASE = {
    intake.ASSESSMENTS: [
        assessment("S1", 1, "2024-02-01", "SD"),
        assessment("S1", 2, "2024-03-15", "PR"),
        assessment("S2", 1, "2024-02-01", "SD"),
    ],
    clinical.RESPONSES: [response("S1", "PR"), response("S2", "SD")],
    clinical.ENDPOINTS: [
        {
            "endpoint": "ORR", "population": "treated", "group": "all", "statistic": "rate",
            "n": 1, "N": 2, "estimate": 0.5,
        }
    ],
    intake.SAMPLES: [sample("S1", "C1D1", "2024-01-01"), sample("S2", "C1D1", "2024-01-01")],
    ctdna.SUBJECTS: [
        {"subject_id": "S1", "clearance": "NOT_CLEARED", "baseline_level": 0.01},
        {"subject_id": "S2", "clearance": "NOT_CLEARED", "baseline_level": 0.02},
    ],
}  # fmt: skip


def with_rows(**changed):
    """BASE with some tables replaced, by the names used here."""
    names = {
        "assessments": intake.ASSESSMENTS,
        "responses": clinical.RESPONSES,
        "endpoints": clinical.ENDPOINTS,
        "samples": intake.SAMPLES,
        "subjects": ctdna.SUBJECTS,
    }
    return {**BASE, **{names[name]: rows for name, rows in changed.items()}}


def told(frame):
    columns = ["table", "subject_id", "field", "old", "new", "cause", "record"]
    return [tuple(row) for row in frame[columns].to_numpy()]


def test_nothing_changed_nothing_told():
    frame, findings = changes(cut(BASE), cut(BASE))
    assert frame.empty
    assert findings.empty


def test_without_a_previous_cut_both_tables_are_empty():
    frame, findings = changes(None, cut(BASE))
    assert len(frame) == len(findings) == 0
    assert "cause" in frame


def test_a_new_assessment_is_new_data():
    """S2 progresses after the first cut: BOR of S2 and the rate move by that record, S1 does not."""
    new = with_rows(
        assessments=[*BASE[intake.ASSESSMENTS], assessment("S2", 2, "2024-07-10", "PR")],
        responses=[response("S1", "PR"), response("S2", "PR")],
        endpoints=[{**BASE[clinical.ENDPOINTS][0], "n": 2, "estimate": 1.0}],
    )
    frame, findings = changes(cut(BASE), cut(new))
    assert told(frame) == [
        (
            "clinical/endpoints.tsv", "", "estimate", "0.5", "1",
            "new data", "S2: new assessment 2 of 2024-07-10",
        ),
        ("clinical/endpoints.tsv", "", "n", "1", "2", "new data", "S2: new assessment 2 of 2024-07-10"),
        ("clinical/responses.tsv", "S2", "bor", "SD", "PR", "new data", "new assessment 2 of 2024-07-10"),
    ]  # fmt: skip
    assert findings.empty


def test_an_edited_assessment_is_changed_old_data_and_a_finding():
    """The response of 15 March is taken back: the record, the field, both values; a warning."""
    edited = [*BASE[intake.ASSESSMENTS]]
    edited[1] = assessment("S1", 2, "2024-03-15", "SD")
    new = with_rows(assessments=edited, responses=[response("S1", "SD"), response("S2", "SD")])
    frame, findings = changes(cut(BASE), cut(new))
    words = "assessment 2 of 2024-03-15: response PR -> SD"
    assert told(frame) == [("clinical/responses.tsv", "S1", "bor", "PR", "SD", "changed old data", words)]
    assert findings[["severity", "check", "subject_id", "field"]].to_numpy().tolist() == [
        ["warning", "retroactive_edit", "S1", "assessments.response"]
    ]


def test_a_removed_assessment_is_changed_old_data():
    new = with_rows(
        assessments=[BASE[intake.ASSESSMENTS][0], BASE[intake.ASSESSMENTS][2]],
        responses=[response("S1", "SD"), response("S2", "SD")],
    )
    frame, findings = changes(cut(BASE), cut(new))
    assert [row[-2:] for row in told(frame)] == [("changed old data", "removed assessment 2 of 2024-03-15")]
    assert findings["check"].tolist() == ["retroactive_edit"]


def test_a_subject_who_is_no_longer_there_is_one_finding():
    people = {intake.SUBJECTS: [{"subject_id": "S1"}, {"subject_id": "S2"}]}
    old = cut({**BASE, **people})
    new = cut({table: [row for row in rows if row.get("subject_id") != "S1"]
               for table, rows in {**BASE, **people}.items()})  # fmt: skip
    frame, findings = changes(old, new)
    assert set(frame.loc[frame["subject_id"].eq("S1"), "cause"]) == {"changed old data"}
    (found,) = findings.to_dict("records")
    assert (found["check"], found["subject_id"], found["severity"]) == ("subject_removed", "S1", "warning")
    assert found["message"] == (
        "Found no record of the subject; "
        "expected assessments: 2, samples: 1, subjects: 1, as in the previous cut."
    )


def test_an_assessment_that_comes_in_late_is_a_note():
    """New in this cut, dated before the last one."""
    new = with_rows(assessments=[*BASE[intake.ASSESSMENTS], assessment("S2", 2, "2024-05-01", "SD")])
    frame, findings = changes(cut(BASE), cut(new))
    assert frame.empty
    assert findings[["severity", "check", "subject_id"]].to_numpy().tolist() == [["info", "late_entry", "S2"]]


@pytest.mark.parametrize("numbers", [(11, 12, 7), (2, 1, 1)], ids=["renumbered", "another order"])
def test_renumbered_records_are_the_same_records(numbers):
    """What a record says makes it the same, not its number."""
    renumbered = [
        {**row, "sequence": number} for row, number in zip(BASE[intake.ASSESSMENTS], numbers, strict=True)
    ]
    assert changes(cut(BASE), cut(with_rows(assessments=renumbered)))[1].empty


def test_an_imputed_date_that_moves_with_the_cut_is_no_edit():
    """Recorded as 2024-06: the last possible day was capped at the first cut, and is not at the second."""
    partial = {"date_text": "2024-06", "date_imputed": "D"}
    old = with_rows(assessments=[assessment("S1", 1, "2024-06-20", "SD", **partial)])
    new = with_rows(assessments=[assessment("S1", 1, "2024-06-30", "SD", **partial)])
    assert changes(cut(old), cut(new))[1].empty


def test_a_value_where_none_was_is_new_data():
    """An adverse event ends after the first cut: not an edit; another grade is one."""
    event = {"subject_id": "S1", "sequence": 1, "term": "Rash", "start_text": "2024-05-01", "grade": 2}
    old = {**BASE, intake.ADVERSE_EVENTS: [{**event, "ongoing_at_cut": True}]}
    ended = {**BASE, intake.ADVERSE_EVENTS: [{**event, "end_text": "2024-07-02", "ongoing_at_cut": False}]}
    assert changes(cut(old), cut(ended))[1].empty
    graded = {**BASE, intake.ADVERSE_EVENTS: [{**event, "grade": 3, "ongoing_at_cut": True}]}
    findings = changes(cut(old), cut(graded))[1]
    assert findings[["severity", "field"]].to_numpy().tolist() == [["info", "adverse_events.grade"]]


def test_a_changed_setting_alone_is_the_cause():
    config = {**CONFIG, "clinical": {"days_per_month": 30.0}}
    new = with_rows(responses=[response("S1", "CR"), response("S2", "SD")])
    frame, _ = changes(cut(BASE), cut(new, config=config))
    assert [row[-2:] for row in told(frame)] == [
        ("changed config", "clinical.days_per_month 30.4375 -> 30.0")
    ]


def test_changed_code_alone_is_the_cause():
    new = with_rows(responses=[response("S1", "CR"), response("S2", "SD")])
    frame, _ = changes(cut(BASE), cut(new, code="c2", versions={"scipy": "2"}))
    assert [row[-2:] for row in told(frame)] == [("changed code", "code c1 -> c2; scipy 1 -> 2")]


def test_several_causes_are_all_listed():
    new = with_rows(
        assessments=[*BASE[intake.ASSESSMENTS], assessment("S1", 3, "2024-07-10", "CR")],
        responses=[response("S1", "CR"), response("S2", "SD")],
    )
    frame, _ = changes(cut(BASE), cut(new, code="c2"))
    assert [row[-2:] for row in told(frame)] == [
        ("new data; changed code", "new assessment 3 of 2024-07-10; code c1 -> c2")
    ]


def test_a_setting_of_another_stage_is_no_cause():
    """A detection threshold does not move a response: only the code is left."""
    config = {**CONFIG, "ctdna": {"detection": {"alpha": 0.01}}}
    new = with_rows(
        responses=[response("S1", "CR"), response("S2", "SD")],
        subjects=[{**BASE[ctdna.SUBJECTS][0], "clearance": "CLEARED"}, BASE[ctdna.SUBJECTS][1]],
    )
    frame, _ = changes(cut(BASE), cut(new, config=config, code="c2"))
    assert {row[0]: row[-2] for row in told(frame)} == {
        "clinical/responses.tsv": "changed code",
        "ctdna/subjects.tsv": "changed config; changed code",
    }


def test_the_seed_is_no_cause_of_a_clinical_change():
    """Nothing clinical is drawn at random; the association has the seed in its own section."""
    config = {**CONFIG, "seed": 2, "association": {"seed": 2}}
    new = with_rows(responses=[response("S1", "CR"), response("S2", "SD")])
    frame, _ = changes(cut(BASE), cut(new, config=config, code="c2"))
    assert [row[-2:] for row in told(frame)] == [("changed code", "code c1 -> c2")]


INCIDENCE = {"endpoint": "AE", "population": "treated", "group": "all", "statistic": "any", "n": 1, "N": 2}
EVENT = {"subject_id": "S1", "sequence": 1, "term": "nausea", "start_text": "2024-02-01"}
LAB = {
    "subject_id": "S1", "domain": "LB", "sequence": 1, "parameter": "ALT", "value": 30.0,
    "date": pd.Timestamp("2024-02-01"), "date_text": "2024-02-01",
}  # fmt: skip
ANTIBODY = {"subject_id": "S2", "sequence": 1, "date": pd.Timestamp("2024-02-01"), "date_text": "2024-02-01",
            "result": "NEGATIVE"}  # fmt: skip


def test_incidences_of_safety_follow_from_events_laboratory_and_antibodies():
    """A new event of S2 and an edited value of S1 bear on the incidence, and not on the response rate."""
    old = {**BASE, clinical.SAFETY_ENDPOINTS: [INCIDENCE], intake.ADVERSE_EVENTS: [EVENT], intake.LABS: [LAB]}
    new = {
        **old,
        clinical.SAFETY_ENDPOINTS: [{**INCIDENCE, "n": 2}],
        intake.ADVERSE_EVENTS: [EVENT, {**EVENT, "subject_id": "S2", "start_text": "2024-07-10"}],
        intake.LABS: [{**LAB, "value": 90.0}],
        **{clinical.ENDPOINTS: [{**BASE[clinical.ENDPOINTS][0], "n": 2}]},
    }
    frame, _ = changes(cut(old), cut(new))
    found = frame.set_index("table")
    assert set(found.loc["clinical/safety_endpoints.tsv", "cause"].split("; ")) == {
        "new data",
        "changed old data",
    }
    assert "laboratory value" not in found.loc["clinical/endpoints.tsv", "record"]


def test_an_antibody_result_explains_the_status_of_its_subject():
    status = {"subject_id": "S2", "ada_status": "NEGATIVE"}
    old = {**BASE, clinical.IMMUNOGENICITY_SUBJECTS: [status], intake.ADA: [ANTIBODY]}
    late = {**ANTIBODY, "sequence": 2, "date": pd.Timestamp("2024-07-10"), "date_text": "2024-07-10"}
    new = {
        **old,
        clinical.IMMUNOGENICITY_SUBJECTS: [{**status, "ada_status": "INDUCED"}],
        intake.ADA: [ANTIBODY, late],
    }
    frame, _ = changes(cut(old), cut(new))
    assert told(frame) == [
        (
            "clinical/immunogenicity_subjects.tsv", "S2", "ada_status", "NEGATIVE", "INDUCED",
            "new data", "new antibody result 2 of 2024-07-10",
        )
    ]  # fmt: skip


def test_headline_tables_stand_first():
    new = with_rows(
        responses=[response("S1", "CR"), response("S2", "PR")],
        endpoints=[{**BASE[clinical.ENDPOINTS][0], "n": 2, "estimate": 1.0}],
        subjects=[{**BASE[ctdna.SUBJECTS][0], "clearance": "CLEARED"}, BASE[ctdna.SUBJECTS][1]],
    )
    frame, _ = changes(cut(BASE), cut(new, code="c2"))
    assert [row[:3] for row in told(frame)] == [
        ("clinical/endpoints.tsv", "", "estimate"),
        ("clinical/endpoints.tsv", "", "n"),
        ("clinical/responses.tsv", "S1", "bor"),
        ("clinical/responses.tsv", "S2", "bor"),
        ("ctdna/subjects.tsv", "S1", "clearance"),
    ]
    assert set(READING_ORDER) == {entry.table.path for entry in COMPARED}


def test_a_new_visit_explains_its_row_and_its_subject():
    visit = {"subject_id": "S1", "visit": "C3D1", "state": "NOT_DETECTED_ADEQUATE", "level": 0.0}
    new = {
        **with_rows(
            samples=[*BASE[intake.SAMPLES], sample("S1", "C3D1", "2024-07-01")],
            subjects=[{**BASE[ctdna.SUBJECTS][0], "clearance": "CLEARED"}, BASE[ctdna.SUBJECTS][1]],
        ),
        ctdna.VISITS: [visit],
    }
    frame, _ = changes(cut(BASE), cut(new, samples={"S1-C3D1": {"vcf": "d"}}))
    record = "new sample S1-C3D1 of 2024-07-01"
    assert told(frame) == [
        ("ctdna/subjects.tsv", "S1", "clearance", "NOT_CLEARED", "CLEARED", "new data", record),
        (
            "ctdna/visits.tsv", "S1", "row", "absent", "state=NOT_DETECTED_ADEQUATE, level=0",
            "new data", record,
        ),
    ]  # fmt: skip
    assert frame["item"].tolist() == ["", "visit=C3D1"]


def test_a_subject_who_leaves_with_all_samples_is_named():
    """Samples are kept by their own name: the subject of a removed one is the one it had."""
    new = with_rows(
        assessments=BASE[intake.ASSESSMENTS][:2],
        samples=BASE[intake.SAMPLES][:1],
        subjects=[{**BASE[ctdna.SUBJECTS][0], "baseline_level": 0.03}],
        responses=[response("S1", "PR")],
    )
    frame, _ = changes(cut(BASE), cut(new))
    record = "removed sample S2-C1D1 of 2024-01-01"
    assert [(row[1], row[-2], row[-1]) for row in told(frame) if row[0] == "ctdna/subjects.tsv"] == [
        ("S1", "changed old data", f"S2: {record}"),
        ("S2", "changed old data", record),
    ]


def test_a_subject_whom_the_configuration_excludes_is_a_changed_setting():
    """No record was taken away, none is a retroactive edit; the same when the subject comes back."""
    without = with_rows(
        assessments=BASE[intake.ASSESSMENTS][:2],
        samples=BASE[intake.SAMPLES][:1],
        subjects=BASE[ctdna.SUBJECTS][:1],
        responses=[response("S1", "PR")],
    )
    excluding = {**CONFIG, "intake": {"excluded_subjects": {"S2": "consent withdrawn"}}}
    everybody = {**CONFIG, "intake": {"excluded_subjects": {}}}
    out = changes(cut(BASE, config=everybody), cut(without, config=excluding))
    back = changes(cut(without, config=excluding), cut(BASE, config=everybody))
    for frame, findings in (out, back):
        assert set(frame["cause"]) == {"changed config"}
        assert set(frame["subject_id"]) == {"S2"}
        assert findings.empty


def test_a_sample_given_to_another_subject_is_an_edit_of_its_new_one():
    exchanged = [BASE[intake.SAMPLES][0] | {"subject_id": "S2"}, BASE[intake.SAMPLES][1]]
    moved = [BASE[ctdna.SUBJECTS][0], {**BASE[ctdna.SUBJECTS][1], "baseline_level": 0.03}]
    frame, _ = changes(cut(BASE), cut(with_rows(samples=exchanged, subjects=moved)))
    assert [(row[1], row[-2], row[-1]) for row in told(frame)] == [
        ("S2", "changed old data", "sample S1-C1D1 of 2024-01-01: subject_id S1 -> S2")
    ]


def test_another_variant_file_under_an_old_sample_is_changed_old_data():
    """The laboratory delivered the file anew; of S2 only the pooled background can have moved."""
    moved = [{**row, "baseline_level": 0.03} for row in BASE[ctdna.SUBJECTS]]
    old, new = {"S1-C1D1": {"vcf": "d1"}}, {"S1-C1D1": {"vcf": "d2"}}
    frame, findings = changes(cut(BASE, samples=old), cut(with_rows(subjects=moved), samples=new))
    assert [(row[1], row[-2], row[-1]) for row in told(frame)] == [
        ("S1", "changed old data", "other variant file of sample S1-C1D1"),
        ("S2", "changed old data", "S1: other variant file of sample S1-C1D1"),
    ]
    assert findings["severity"].tolist() == ["info"]


def test_a_read_file_added_to_an_old_sample_is_new_data():
    moved = [{**BASE[ctdna.SUBJECTS][0], "baseline_level": 0.03}, BASE[ctdna.SUBJECTS][1]]
    frame, _ = changes(cut(BASE), cut(with_rows(subjects=moved), samples={"S1-C1D1": {"bam": "d"}}))
    assert told(frame)[0][-2:] == ("new data", "new read file of sample S1-C1D1")


def test_a_changed_panel_is_a_changed_setting():
    moved = [{**BASE[ctdna.SUBJECTS][0], "baseline_level": 0.03}, BASE[ctdna.SUBJECTS][1]]
    old = cut(BASE, context={"panel_bed": "d1"})
    frame, _ = changes(old, cut(with_rows(subjects=moved), context={"panel_bed": "d2"}))
    assert told(frame)[0][-2:] == ("changed config", "content of inputs.panel_bed")


def test_a_later_cut_explains_what_nothing_else_does():
    config = {**CONFIG, "data_cut": {"id": "cut2", "date": "2024-12-31", "previous": "results/cut1"}}
    new = with_rows(responses=[response("S1", "CR"), response("S2", "SD")])
    frame, _ = changes(cut(BASE), cut(new, config=config))
    assert told(frame)[0][-2:] == ("changed config", "data_cut.date 2024-06-30 -> 2024-12-31")


def test_a_visit_that_comes_due_with_the_later_cut_is_not_laid_on_another_subject_alone():
    """S1 has no new record: its row is there since the planned day now lies before the cut."""
    config = {**CONFIG, "data_cut": {"id": "cut2", "date": "2024-12-31", "previous": "results/cut1"}}
    new = {
        **with_rows(samples=[*BASE[intake.SAMPLES], sample("S2", "C9D1", "2024-07-01")]),
        ctdna.VISITS: [{"subject_id": "S1", "visit": "C9D1", "state": "NOT_EVALUABLE"}],
    }
    frame, _ = changes(cut(BASE), cut(new, config=config))
    assert told(frame)[0][-2:] == (
        "new data; changed config",
        "S2: new sample S2-C9D1 of 2024-07-01; data_cut.date 2024-06-30 -> 2024-12-31",
    )


def test_a_setting_does_not_hide_that_the_cut_date_moved_too():
    config = {
        **CONFIG,
        "data_cut": {"id": "cut2", "date": "2024-12-31", "previous": "results/cut1"},
        "clinical": {"days_per_month": 30},
    }
    new = with_rows(responses=[response("S1", "CR"), response("S2", "SD")])
    frame, _ = changes(cut(BASE), cut(new, config=config))
    assert told(frame)[0][-2:] == (
        "changed config",
        "data_cut.date 2024-06-30 -> 2024-12-31; clinical.days_per_month 30.4375 -> 30",
    )


def reading(specimen, row, score):
    names = {"subject_id": "S1", "specimen_id": specimen, "ihc_score": score}
    return {**names, "source": f"her2.tsv row {row}", "source_row": row}


def test_a_removed_or_edited_her2_reading_is_named_with_its_specimen_and_row():
    """Row 2 is gone and row 3 was 2+: both are found where they stood in the earlier file."""
    old = {**BASE, intake.HER2: [reading("T1", 2, "1+"), reading("T2", 3, "2+")]}
    new = {**BASE, intake.HER2: [reading("T2", 2, "1+")]}
    _, findings = changes(cut(old), cut(new))
    assert sorted(findings["value"]) == [
        "1+ in HER2 reading T2 her2.tsv row 3",
        "absent in HER2 reading T1 her2.tsv row 2",
    ]


def test_a_last_contact_that_the_old_cut_ended_is_no_edit_of_old_data():
    """Known alive until September: 30 June under the cut of June, 15 September under that of December."""
    contact = {"subject_id": "S1", "domain": "ADSL", "variable": "LSTALVDT"}
    survival = {"subject_id": "S1", "endpoint": "OS", "rule": "primary", "event": False}
    tables = [
        {
            **BASE,
            intake.CONTACTS: [contact | {"date": pd.Timestamp(date)}],
            clinical.TIME_TO_EVENT: [survival | {"days": days}],
        }
        for date, days in (("2024-06-30", 182), ("2024-09-15", 259))
    ]
    later = {**CONFIG, "data_cut": {**CONFIG["data_cut"], "date": "2024-12-31"}}
    frame, _ = changes(cut(tables[0]), cut(tables[1], config=later))
    assert frame["cause"].tolist() == ["new data"]
    same_day, _ = changes(cut(tables[0]), cut(tables[1]))
    assert same_day["cause"].tolist() == ["new data; changed old data"]


def test_a_change_that_nothing_explains_is_an_error_finding():
    """Same data, settings and code, another value: said loudly."""
    new = with_rows(responses=[response("S1", "CR"), response("S2", "SD")])
    frame, findings = changes(cut(BASE), cut(new))
    assert frame["cause"].tolist() == ["unexplained"]
    assert findings[["severity", "check"]].to_numpy().tolist() == [["error", "unexplained_change"]]


@pytest.mark.parametrize(("estimate", "differs"), [(0.5 + 1e-12, False), (0.5 + 1e-9, True)])
def test_numbers_are_compared_at_ten_digits(estimate, differs):
    new = with_rows(endpoints=[{**BASE[clinical.ENDPOINTS][0], "estimate": estimate}])
    frame, _ = changes(cut(BASE), cut(new, code="c2"))
    assert (not frame.empty) == differs


def test_a_new_analysis_does_not_move_the_others():
    """Results are tied by analysis, place and term, not by the number of the declaration."""

    def result(analysis, number):
        return {"analysis_id": analysis, "number": number, "position": 1, "term": "hr", "estimate": 0.7}

    old = {**BASE, association.RESULTS: [result("a", 1)]}
    new = {**BASE, association.RESULTS: [result("b", 1), result("a", 2)]}
    frame, _ = changes(cut(old), cut(new, code="c2"))
    assert frame[["item", "field"]].to_numpy().tolist() == [["analysis_id=b, position=1, term=hr", "row"]]


def test_long_lists_of_records_are_cut_short():
    rows = [assessment("S1", number, f"2024-07-{number:02d}", "SD") for number in range(3, 9)]
    new = with_rows(
        assessments=[*BASE[intake.ASSESSMENTS], *rows], responses=[response("S1", "CR"), response("S2", "SD")]
    )
    frame, _ = changes(cut(BASE), cut(new))
    assert frame["record"].iloc[0] == (
        "new assessment 3 of 2024-07-03; new assessment 4 of 2024-07-04; new assessment 5 of 2024-07-05"
        " and 3 more"
    )


def test_a_table_of_an_older_version_is_compared_by_what_it_has():
    """The previous cut lacks one table and one column: the rest is compared."""
    old = cut(BASE)
    tables = {table: frame for table, frame in old.tables.items() if table != ctdna.SUBJECTS}
    tables[clinical.ENDPOINTS] = tables[clinical.ENDPOINTS].drop(columns="N")
    old = Cut(tables=tables, config=CONFIG, code="c0", versions={}, samples={}, context={})
    new = with_rows(endpoints=[{**BASE[clinical.ENDPOINTS][0], "N": 3, "estimate": 0.4}])
    frame, _ = changes(old, cut(new))
    assert frame[["table", "field"]].to_numpy().tolist() == [["clinical/endpoints.tsv", "estimate"]]


@pytest.fixture
def previous(tmp_path):
    """A finished cut with one table on disk."""
    frame = frame_of(BASE[intake.ASSESSMENTS], intake.ASSESSMENTS)
    path = tmp_path / intake.ASSESSMENTS.path
    write_table(frame, path, intake.ASSESSMENTS)
    content = {"config": CONFIG, "code": "c1", "versions": {}, "samples": {}, "context": {}}
    content["results"] = file_records([str(path)], relative_to=tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_the_previous_cut_is_read_as_text(previous):
    read = read_previous(previous, [intake.ASSESSMENTS, clinical.RESPONSES])
    assert list(read.tables) == [intake.ASSESSMENTS]
    first = read.tables[intake.ASSESSMENTS].iloc[0]
    assert (first["sequence"], first["date"], first["accepted"]) == ("1", "2024-02-01", "")


def test_a_tampered_previous_cut_is_refused(previous):
    """Its table is not what its manifest records: no comparison with it."""
    path = previous / intake.ASSESSMENTS.path
    write_table(read_back(path).iloc[:1], path, intake.ASSESSMENTS)
    with pytest.raises(ValueError, match=r"assessments\.parquet is not what"):
        read_previous(previous, [intake.ASSESSMENTS])


def read_back(path):
    return pd.read_parquet(path)


def test_text_and_binary_tables_read_alike(tmp_path):
    frame = frame_of(BASE[clinical.ENDPOINTS], clinical.ENDPOINTS)
    for name in ("t.tsv", "t.parquet"):
        write_table(frame, tmp_path / name, clinical.ENDPOINTS)
    pd.testing.assert_frame_equal(read_as_text(tmp_path / "t.tsv"), read_as_text(tmp_path / "t.parquet"))
