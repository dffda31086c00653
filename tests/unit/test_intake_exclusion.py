"""Subjects of whom nothing may be used."""

import pytest

from clearher.intake.config import defaults
from clearher.intake.exclusion import SETTING, exclusions, samples_of_others
from clearher.intake.her2 import her2_of_subjects
from clearher.intake.sample_inputs import read_sample_inputs
from clearher.intake.samples import read_samples
from clinical_study import DM, EX, read, study

REASON = "consent withdrawn"
SHEET = (
    "subject_id\tsample_id\tvisit\tstudy_day\tspecimen\n"
    "S1\tP1\tC1D1\t1\tplasma\n"
    "S2\tP2\tC1D1\tnever\tplasma\n"
)


def excluding(*subjects):
    return {"excluded_subjects": dict.fromkeys(subjects, REASON)}


def test_no_record_of_an_excluded_subject_is_left(tmp_path):
    folder = study(tmp_path)
    with_all, without = read(folder), read(folder, intake=excluding("S1"))
    assert "S1" in set(with_all.subjects["subject_id"])
    for name, frame in without.frames().items():
        assert "S1" not in set(frame["subject_id"]), name
        others = getattr(with_all, name)["subject_id"].ne("S1").sum()
        assert len(frame) == others, f"{name}: the others keep their records"
    told = [(p.check, p.severity, p.subject_id, p.found) for p in without.problems if "exclu" in p.check]
    assert told == [("subject_excluded", "info", "S1", REASON)]


def test_an_error_of_an_excluded_subject_stops_nobody(tmp_path):
    folder = study(tmp_path, ex=EX.replace("2024-01-22,2024-01-22", "2024-01-32,2024-01-32"))
    assert [p.severity for p in read(folder).problems if p.subject_id == "S1" and p.severity == "error"]
    excluded = read(folder, intake=excluding("S1"))
    assert [p.check for p in excluded.problems if p.severity == "error"] == []


@pytest.mark.parametrize(
    ("excluded", "known", "expected", "why"),
    [
        ("S1", ["S1", "S2"], ("subject_excluded", "info"), "known"),
        ("S-1", ["S1", "S2"], ("subject_unknown", "error"), "misspelt: S1 would be used"),
        ("S1", [], ("subject_unknown", "error"), "nobody is known"),
    ],
)
def test_who_is_excluded_must_be_in_the_study(excluded, known, expected, why):
    (problem,) = exclusions({excluded: REASON}, known)
    assert (problem.check, problem.severity) == expected, why


def test_a_subject_of_the_sample_sheet_alone_may_be_excluded(tmp_path):
    folder = study(tmp_path)
    for sampled, expected in (([], "subject_unknown"), (["LAB"], "subject_excluded")):
        found = read(folder, intake=excluding("LAB"), sampled=sampled).problems
        assert [p.check for p in found if p.column == SETTING] == [expected]


def test_samples_and_their_problems_leave_with_the_subject(tmp_path):
    path = tmp_path / "samples.tsv"
    path.write_text(SHEET, encoding="utf-8")
    samples, problems = read_samples(path)
    assert [problem.subject_id for problem in problems] == ["S2"]  # study_day "never"
    kept, left = samples_of_others(samples, problems, {"S2"})
    assert ([sample.sample_id for sample in kept], left) == (["P1"], [])


def test_laboratory_rows_and_readings_leave_without_being_unknown(tmp_path):
    results, her2 = tmp_path / "results.tsv", tmp_path / "her2.tsv"
    results.write_text(
        "subject_id\tsample_id\tlevel\tlevel_unit\nS1\tP1\t0.1\tfraction\nS2\tP2\t0.2\tfraction\n",
        encoding="utf-8",
    )
    her2.write_text("subject_id\tspecimen_id\tihc_score\nS1\tB1\t1+\nS2\tB2\t2+\n", encoding="utf-8")
    (tmp_path / "study").mkdir()
    subjects = read(study(tmp_path / "study", dm=DM), intake=excluding("S2")).subjects
    row = {"subject_id": "S1", "sample_id": "P1", "visit": "C1D1", "specimen": "plasma", "study_day": "1"}
    inputs = read_sample_inputs(
        [row], subjects, files={"sample_results": str(results)}, layouts={}, excluded={"S2"}, visits={},
        cut_date=None,
    )  # fmt: skip
    assert inputs.results["subject_id"].tolist() == ["S1"]
    assert [p.check for p in inputs.problems if p.subject_id == "S2"] == []
    readings, problems = her2_of_subjects(
        her2, subjects, settings=defaults("her2"), layouts={}, excluded={"S2"}
    )
    assert readings["subject_id"].tolist() == ["S1"]
    assert [p.check for p in problems if p.subject_id == "S2"] == []
