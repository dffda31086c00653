"""What a dry run tells of stages that have not run: their errors, and cells they could not read."""

import pandas as pd

from clearher.intake.config import defaults
from clearher.intake.her2 import read_her2
from clearher.preflight.later_stages import clinical_problems, her2_problems
from clinical_study import DM, RS_HEADER, read, study

CENTRAL = "INDEPENDENT ASSESSOR"
SUBJECTS = pd.DataFrame({"subject_id": ["S1"], "first_dose_date": [pd.Timestamp("2024-01-01")]})


def found(folder, severity=None, **response) -> list[tuple[str, str, str]]:
    settings = defaults("clinical")
    settings["response"] |= response
    problems = clinical_problems(read(folder), settings=settings, severity=severity or {})
    return [(problem.check, problem.severity, problem.subject_id) for problem in problems]


def test_a_study_in_order_has_none(tmp_path):
    assert found(study(tmp_path)) == []


def test_an_end_before_the_start_stops_a_run(tmp_path):
    """A death before the first dose is in every endpoint; which of them stops first is no matter."""
    dm = DM.replace("2024-06-10", "2024-01-02")
    stopped = found(study(tmp_path, dm=dm))
    assert set(stopped) == {("negative_duration", "error", "S2")}


def test_an_evaluator_who_assessed_nobody_stops_a_run_unless_the_study_says_otherwise(tmp_path):
    folder = study(tmp_path, rs=RS_HEADER + "S1,1,OVRLRESP,SD,INVESTIGATOR,,,2,W6,2024-02-12")
    check = "evaluator_without_assessments"
    assert found(folder, evaluator=CENTRAL) == [(check, "error", "")]
    assert found(folder, severity={check: "warning"}, evaluator=CENTRAL) == []


def test_words_that_no_list_has_are_told(tmp_path):
    ae = "USUBJID,AESEQ,AETERM,AESTDTC,AEREL,AEACN\nS1,1,Nausea,2024-01-05,PERHAPS,DOSE HALVED"
    ada = "USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISDTC\nS1,1,ADA_BAB,REACTIVE?,2024-01-22"
    assert found(study(tmp_path, ae=ae, **{"is": ada})) == [
        ("causality_unknown", "warning", "S1"),
        ("action_unknown", "warning", "S1"),
        ("ada_result_unknown", "warning", "S1"),
    ]


def test_a_her2_cell_that_cannot_be_read_is_told(tmp_path):
    """A ratio with a decimal comma is no result; the run goes on without it, so it is a warning."""
    path = tmp_path / "her2.tsv"
    path.write_text("subject_id\tspecimen_id\tihc_score\tish_ratio\nS1\tA\t2+\t1,37\nS1\tB\t2+\t1.37\n")
    readings, _ = read_her2(path, settings=defaults("her2"))
    (problem,) = her2_problems(readings, SUBJECTS, settings=defaults("her2"))
    assert (problem.check, problem.severity, problem.column) == (
        "her2_not_understood",
        "warning",
        "ish_ratio",
    )
    assert (problem.file, problem.found) == ("her2.tsv row 2", "'1,37'")
