"""The explanation of one subject, as text and as a command."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import clearher
from clearher.clinical.endpoints import endpoint_tables
from clearher.clinical.explain import TABLES, UnknownSubjectError, explain
from clearher.clinical.explain_supplied import supplied_lines
from clearher.clinical.immunogenicity import immunogenicity
from clearher.clinical.populations import subject_variables
from clearher.clinical.response import response_tables
from clearher.clinical.safety_tables import safety_tables
from clearher.clinical.time_to_event import time_tables
from clearher.columns import clinical, ctdna, her2, intake, variants
from clearher.problems import findings_frame
from clearher.report.explain import main
from clearher.tables import frame_of, write_table
from clinical_builders import course, date, lesions, none_of, subjects

SCRIPTS = Path(clearher.__file__).parents[1]


def biomarker_tables():
    """One scored specimen and two draws; the sentences are the tables' own."""
    mine = {"subject_id": "S1"}
    specimen = {"specimen_id": "T1", "specimen_date_text": "2023-11-02", "reader": "P1", "ihc_reported": "2+"}
    specimen |= {
        "ish_word": "NEGATIVE",
        "category": "LOW",
        "certainty": "FINAL",
        "rule": "IHC 2+, ISH group 5",
    }
    draws = [
        {"visit": "C3D1", "study_day": 43, "collection_date": date(42), "sentence": "C3D1: cleared."},
        {"visit": "C1D1", "study_day": 1, "collection_date": date(0), "sentence": "C1D1: detected."},
        {"visit": "C5D1", "sentence": "C5D1: no sample."},
    ]
    odd = {"severity": "warning", "check": "ch_like", "field": "TET2", "value": "rises alone"}
    yield frame_of([mine | specimen], her2.SPECIMENS), her2.SPECIMENS
    yield frame_of([mine | {"sentence": "HER2-low."}], her2.SUBJECTS), her2.SUBJECTS
    yield frame_of([mine | draw for draw in draws], ctdna.VISITS), ctdna.VISITS
    yield frame_of([mine | {"sentence": "Cleared on day 43."}], ctdna.SUBJECTS), ctdna.SUBJECTS
    yield frame_of([mine | odd | {"remedy": "Look."}], ctdna.FINDINGS), ctdna.FINDINGS
    yield none_of(her2.FINDINGS), her2.FINDINGS
    yield none_of(variants.FINDINGS), variants.FINDINGS


def dose(number, start):
    row = {"subject_id": "S1", "sequence": number, "treatment": "TQB2102", "dose": 6.0, "dose_unit": "mg/kg"}
    return row | {"start_text": start, "start_date": pd.Timestamp(start), "source": f"EX row {number + 1}"}


EVENTS = [
    {"subject_id": "S1", "sequence": 1, "preferred_term": "Nausea", "grade": 3, "serious": True}
    | {"related": "RELATED", "action": "DOSE REDUCED", "start_text": "2024-01-23", "source": "AE row 2"},
    {"subject_id": "S1", "sequence": 2, "preferred_term": "Cough", "start_text": "2023-12"}
    | {"end_text": "2023-12-28", "related": "NOT RELATED", "source": "AE row 3"},
]
SAMPLES = [
    {"subject_id": "S1", "sequence": 1, "test": "BINDING", "result": "NEGATIVE", "planned_day": 1}
    | {"date": date(0), "visit": "C1D1", "not_done": False, "source": "IS row 2"},
    {"subject_id": "S1", "sequence": 2, "test": "BINDING", "result": "1.6", "titre": 1.6, "planned_day": 22}
    | {"date": date(21), "visit": "C2D1", "not_done": False, "source": "IS row 3"},
]
FRACTIONS = [
    {"subject_id": "S1", "domain": "CV", "sequence": number, "parameter": "LVEF", "unit": "%"}
    | {"date": date(day), "value": value}
    for number, (day, value) in enumerate([(0, 62.0), (60, 48.0)], 1)
]


@pytest.fixture(scope="module")
def results(settings, tmp_path_factory):
    config = settings("clinical")
    people = subjects("S1", last_alive_date=date(130))
    rows = lesions([(0, "T1", "TARGET", 50.0), (42, "T1", "TARGET", 30.0), (84, "T1", "TARGET", 50.0)])
    therapies = frame_of(
        [{"subject_id": "S1", "domain": "CM", "sequence": 2, "term": "PACLITAXEL", "start_date": date(100)}],
        intake.THERAPIES,
    )
    none = none_of(intake.SUPPLIED)
    assessments = course("PR42 SD42 PD84 SD126")
    responses = response_tables(people, assessments, rows, therapies, none, settings=config)
    times = time_tables(people, assessments, rows, therapies, none_of(intake.CONTACTS), none, settings=config)
    variables = subject_variables(
        people, responses.responses, none_of(intake.SAMPLES), none_of(intake.HER2), "INVESTIGATOR"
    )
    endpoints = endpoint_tables(responses.responses, times.times, variables, settings=config)
    doses = frame_of([dose(1, "2024-01-01"), dose(2, "2024-01-22")], intake.DOSES)
    antibodies = immunogenicity(
        frame_of(SAMPLES, intake.ADA), people, settings=config["ada"] | {"scale": "log10"}
    )
    safety = safety_tables(
        {
            "subjects": people,
            "adverse_events": frame_of(EVENTS, intake.ADVERSE_EVENTS),
            "doses": doses,
            "labs": frame_of(FRACTIONS, intake.LABS),
        },
        antibodies.samples,
        antibodies.subjects,
        pd.DataFrame(columns=["category", "match", "term"]),
        settings=config,
    )
    folder = tmp_path_factory.mktemp("cut")
    findings = findings_frame([*responses.findings, *times.findings, *endpoints.findings], "clinical")
    frames = (
        (people, intake.SUBJECTS),
        (therapies, intake.THERAPIES),
        (rows, intake.LESIONS),
        (none, intake.SUPPLIED),
        (doses, intake.DOSES),
        (safety.events, clinical.ADVERSE_EVENTS),
        (safety.heart, clinical.EJECTION_FRACTION),
        (antibodies.samples, clinical.IMMUNOGENICITY),
        (antibodies.subjects, clinical.IMMUNOGENICITY_SUBJECTS),
        (findings_frame(safety.findings, "clinical"), clinical.SAFETY_FINDINGS),
        (findings_frame(antibodies.findings, "clinical"), clinical.IMMUNOGENICITY_FINDINGS),
        (responses.visits, clinical.VISITS),
        (responses.selection, clinical.SELECTION),
        (responses.responses, clinical.RESPONSES),
        (times.times, clinical.TIME_TO_EVENT),
        (endpoints.populations, clinical.POPULATIONS),
        (findings, clinical.FINDINGS),
        *biomarker_tables(),
    )
    for frame, table in frames:
        write_table(frame, folder / table.path, table)
    return folder


LINES = [
    "  2024-01-22: TQB2102 6 mg/kg [EX row 3]",
    "  2024-01-23: Nausea, grade 3, serious, related, drug reduced; treatment-emergent (started under "
    "treatment) [AE row 2]",
    "  2023-12-01, imputed: Cough, no grade; not treatment-emergent (ended before first dose) [AE row 3]",
    "  baseline 62 %, lowest 48 % on 2024-03-01: fall of 14 points, counts as dysfunction",
    "  binding C2D1 (day 22): positive, titre 1.6, post [IS row 3]",
    "  Baseline negative; 1 of 1 later results positive: induced; persistent, 0 days first to last.",
    "Subject S1",
    "  Reference date (day 1): 2024-01-01",
    "  2024-04-10: PACLITAXEL (CM record 2)",
    "  INVESTIGATOR, 2024-02-12 (day 43); sum 30 mm (1 of 1 targets), -40.0% from baseline 50, nadir 50, "
    "target PR; overall PR, but recorded SD",
    "  INVESTIGATOR, 2024-02-12 (day 43): PR, not used: a worse (or later) response of the same day counts "
    "[RS row 1]",
    "  INVESTIGATOR, 2024-02-12 (day 43): SD, used [RS row 2]",
    "  INVESTIGATOR, 2024-05-06 (day 127): SD, not used: on or after the start of a new anti-cancer therapy "
    "[RS row 4]",
    "    disease control yes, clinical benefit by cbr_min_days yes, by cbr_long_days no",
    "  Progression-free survival: event after 85 days, day 1 being 2024-01-01. "
    "Progression on 2024-03-25 (RS row 3).",
    "  biomarker_evaluable: no (not n_plasma_samples > 0)",
    "  specimen T1, 2023-11-02, P1: recorded as 2+ ISH NEGATIVE; LOW, FINAL: IHC 2+, ISH group 5",
    "  HER2-low.",
    "  2024-02-12: C3D1: cleared.",
    "  no date: C5D1: no sample.",
    "  Cleared on day 43.",
    "  warning ch_like (TET2): rises alone. Look.",
]


@pytest.mark.parametrize("line", LINES)
def test_explanation_holds_records_and_endpoints(results, capsys, line):
    assert main([str(results), "S1"]) == 0
    assert line in capsys.readouterr().out.splitlines()


def test_supplied_values_that_follow_from_dates_or_end_at_the_cut_say_so():
    values = {"subject_id": "S1", "source": "table row 3", "best_response": "PR", "pfs_days": 85.0}
    values |= {"pfs_event": True, "response_date": date(42), "progression_date": date(84)}
    values |= {"dor_days": 50.0, "dor_event": True, "last_contact_date": date(120)}
    values |= {"os_days": 121.0, "os_event": False}
    people = subjects("S1", cut_date=date(120))
    lines = list(supplied_lines(frame_of([values], intake.SUPPLIED), people))
    clipped = "(table row 3; clipped at the cut: a later one counts as of that day)"
    assert lines == [
        "best_response: PR (table row 3)",
        "response_date: 2024-02-12 (table row 3)",
        "progression_date: 2024-03-25 (table row 3)",
        f"last_contact_date: 2024-04-30 {clipped}",
        "pfs_days: 85.0 (table row 3; derived: as its dates give)",
        "pfs_event: True (table row 3; derived: as its dates give)",
        f"os_days: 121.0 {clipped}",
        "os_event: False (table row 3)",
        # 43 days by the dates: this count is the table's own
        "dor_days: 50.0 (table row 3)",
        "dor_event: True (table row 3)",
    ]


def test_a_reader_that_stops_early_ends_it_quietly(results):
    """As with head: the reading end of the pipe is closed before anything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "clearher.report.explain", str(results), "S1"]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, cwd=SCRIPTS
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_screen_failure_is_said():
    people = subjects("S1", screen_failure=True, treated=False)
    tables = {name: people if name == "subjects" else none_of(table) for name, table in TABLES.items()}
    assert "  Screen failure: in no population" in explain(tables, "S1").splitlines()


def test_draws_stand_in_their_order(results, capsys):
    assert main([str(results), "S1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    days = [
        lines.index(f"  {line}") for line in ("2024-01-01: C1D1: detected.", "2024-02-12: C3D1: cleared.")
    ]
    assert days == sorted(days)


def test_results_of_another_version_are_said(results, tmp_path, capsys):
    shutil.copytree(results, tmp_path / "cut")
    levels = tmp_path / "cut" / her2.SUBJECTS.path
    levels.write_text("subject_id\nS1\n", encoding="utf-8")
    assert main([str(tmp_path / "cut"), "S1"]) == 2
    assert "her2/subjects.tsv: missing columns" in (said := capsys.readouterr().err)
    assert "run the workflow again" in said


def test_unknown_subject_is_said(results, capsys):
    assert main([str(results), "S9"]) == 2
    assert "no subject 'S9'; there are 1, such as S1" in capsys.readouterr().err


def test_missing_results_are_said(tmp_path, capsys):
    assert main([str(tmp_path), "S1"]) == 2
    assert "run the workflow for this data cut first" in capsys.readouterr().err


def test_usage(capsys):
    assert main([]) == 2
    assert "RESULTS_DIR SUBJECT" in capsys.readouterr().err


def test_unknown_subject_raises():
    with pytest.raises(UnknownSubjectError, match="there are 1, such as S1"):
        explain({"subjects": subjects("S1")}, "?")


def test_unknown_subject_names_the_nearest():
    people = [f"SITE-{number:04}" for number in range(40)]
    with pytest.raises(UnknownSubjectError, match="there are 40, such as SITE-0035, "):
        explain({"subjects": pd.concat([subjects(name) for name in people], ignore_index=True)}, "0035")
