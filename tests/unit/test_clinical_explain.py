"""The explanation of one subject, as text and as a command."""

import pytest

from clearher.clinical.endpoints import endpoint_tables
from clearher.clinical.explain import UnknownSubjectError, explain, main
from clearher.clinical.populations import subject_variables
from clearher.clinical.response import response_tables
from clearher.clinical.time_to_event import time_tables
from clearher.columns import clinical, intake
from clearher.problems import findings_frame
from clearher.tables import frame_of, write_table
from clinical_builders import course, date, lesions, none_of, subjects


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
    folder = tmp_path_factory.mktemp("cut")
    findings = findings_frame([*responses.findings, *times.findings, *endpoints.findings], "clinical")
    frames = (
        (people, intake.SUBJECTS),
        (therapies, intake.THERAPIES),
        (rows, intake.LESIONS),
        (none, intake.SUPPLIED),
        (responses.visits, clinical.VISITS),
        (responses.selection, clinical.SELECTION),
        (responses.responses, clinical.RESPONSES),
        (times.times, clinical.TIME_TO_EVENT),
        (endpoints.populations, clinical.POPULATIONS),
        (findings, clinical.FINDINGS),
    )
    for frame, table in frames:
        write_table(frame, folder / table.path, table)
    return folder


LINES = [
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
    "  Progression-free survival: event after 85 days, day 1 being 2024-01-01. "
    "Progression on 2024-03-25 (RS row 3).",
    "  biomarker_evaluable: no (not n_plasma_samples > 0)",
]


@pytest.mark.parametrize("line", LINES)
def test_explanation_holds_records_and_endpoints(results, capsys, line):
    assert main([str(results), "S1"]) == 0
    assert line in capsys.readouterr().out.splitlines()


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
    with pytest.raises(UnknownSubjectError):
        explain({"subjects": subjects("S1")}, "S2")
