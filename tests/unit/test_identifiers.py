"""Hostile identifiers: they are findings where they mislead, and never reach a path."""

import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearher.columns import intake as columns
from clearher.intake.clinical import read_clinical
from clearher.intake.config import check_config, defaults, load_schema
from clearher.intake.digests import DigestCache
from clearher.intake.her2 import read_her2
from clearher.intake.identifiers import (
    identifier_problems,
    is_readable,
    look_alikes,
    shared_form,
    subject_hints,
)
from clearher.intake.sample_inputs import unknown_subjects
from clearher.intake.samples import Sample, read_samples
from clearher.intake.study import Study
from clearher.tables import frame_of

HOSTILE = (
    "../x",
    "../../../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows\\x",
    "..",
    ".",
    "~root",
    "CON",
    "NUL.tsv",
    "-rf",
    "=cmd|' /C calc'!A0",
    "{batch}",
    "*",
    "a b",
    "$(id)",
    "`id`",
    "<script>alert(1)</script>",
    "%2e%2e%2f",
    "S" * 100,
    "\u0455-01",
)
ANY = st.text(min_size=1, max_size=120).filter(lambda text: text.strip() != "")


def study_of(samples):
    """A study with nothing but samples."""
    config = {"batch_size": 2, "data_cut": {"date": None}, "inputs": {}}
    return Study(config, ".", tuple(samples), {"samples": ("samples.tsv",)}, DigestCache(os.devnull))


def names_in_paths(samples):
    """Everything that becomes part of a result's path because of a sample or subject."""
    study = study_of(samples)
    return [*study.batches, *study.read_samples]


@pytest.mark.parametrize("identifier", HOSTILE)
def test_known_tricks_never_reach_a_path(identifier):
    """Batches are numbers and files are named by a digest, whatever subject and sample are called."""
    sample = Sample(identifier, identifier, "C1D1", "plasma", 2, vcf="a.vcf", bam="a.bam")
    for name in names_in_paths([sample]):
        path = os.path.normpath(os.path.join("results/cut1/ctdna/counts", f"{name}.parquet"))
        assert Path(path).parent == Path("results/cut1/ctdna/counts")
        assert set(name) <= set("0123456789abcdef")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=8, unique_by=lambda pair: pair[1]))
def test_no_identifier_reaches_a_path(pairs):
    """Any text at all; different samples have different names, one sample always the same."""
    samples = [
        Sample(subject, sample, "C1D1", "plasma", line, vcf="a.vcf", bam="a.bam")
        for line, (subject, sample) in enumerate(pairs, 2)
        if is_readable(sample)
    ]
    names = names_in_paths(samples)
    assert all(set(name) <= set("0123456789abcdef") and len(name) <= 12 for name in names)
    assert len(study_of(samples).read_samples) == len(samples)
    assert names == names_in_paths(samples)


@settings(max_examples=100, deadline=None)
@given(ANY)
def test_a_sheet_with_any_identifier_is_read_or_refused_in_words(tmp_path_factory, identifier):
    """Never a crash: a row with it is a sample, or a problem that names its row or the file."""
    path = tmp_path_factory.mktemp("sheet") / "samples.tsv"
    cell = identifier.encode("utf-8", "replace").decode("utf-8")
    path.write_text(
        f"subject_id\tsample_id\tvisit\tstudy_day\tspecimen\nS1\t{cell}\tB\t1\tplasma\n", encoding="utf-8"
    )
    samples, problems = read_samples(path)
    assert samples or problems
    assert all(is_readable(sample.sample_id) or problems for sample in samples)


@pytest.mark.parametrize(
    ("identifiers", "groups"),
    [
        (["S-01", "s 01", "\uff33-01", "S01"], [("S-01", "S01", "s 01", "\uff33-01")]),
        (["\u0455-01", "S-01"], [("S-01", "\u0455-01")]),
        (["\u0410-01", "A-01"], [("A-01", "\u0410-01")]),
        (["S-O1", "S-01"], [("S-01", "S-O1")]),
        (["Pl7", "P17"], [("P17", "Pl7")]),
        (["e\u0301-1", "\u00e9-1"], [("e\u0301-1", "\u00e9-1")]),
        (["1-11", "11-1"], []),
        (["S-01", "S-02", "S-1"], []),
    ],
)
def test_look_alikes(identifiers, groups):
    """Case, blanks, punctuation, Unicode form, Cyrillic letters, O and 0, l and 1; sites 1 and 11 are not."""
    assert look_alikes(identifiers) == groups


@pytest.mark.parametrize("identifier", ["S\x00", "S\u200b1", "S\u202e1", "S" * 101, "\x1b[2J"])
def test_hidden_characters_and_endless_names_are_errors(identifier):
    (problem,) = identifier_problems([identifier, "S2", ""], file="f", column="subject_id")
    assert (problem.check, problem.severity) == ("identifier_unreadable", "error")


def clinical_table(folder, *subjects):
    path = folder / "clinical.tsv"
    lines = [f"{subject}\t2024-01-01\tPR\t2024-03-01" for subject in subjects]
    header = "subject_id\tfirst_dose_date\tbest_response\tresponse_date"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def read_table_study(path):
    return read_clinical(
        {"format": "table", "path": str(path)},
        None,
        settings=defaults("intake"),
        clinical_settings=defaults("clinical"),
        data_cut=None,
    )


def test_clinical_subjects_that_look_alike_are_a_finding(tmp_path):
    """Two rows, one subject spelt in two ways: kept apart, and said."""
    records = read_table_study(clinical_table(tmp_path, "S-01", "s_01", "S-02"))
    found = [problem for problem in records.problems if problem.check == "identifiers_alike"]
    assert [(problem.severity, problem.column) for problem in found] == [("warning", "subject_id")]
    assert found[0].found == "identifiers that look alike: 'S-01', 's_01'"
    assert records.subjects["subject_id"].tolist() == ["S-01", "S-02", "s_01"]


@pytest.mark.parametrize("identifier", HOSTILE)
def test_hostile_clinical_subjects_are_only_text(tmp_path, identifier):
    records = read_table_study(clinical_table(tmp_path, identifier))
    assert records.subjects["subject_id"].tolist() == [identifier]


def test_her2_identifiers_that_look_alike_are_findings(tmp_path):
    path = tmp_path / "her2.tsv"
    path.write_text(
        "subject_id\tspecimen_id\tihc_score\nS-01\tB1\t1+\nS-01\tb-1\t2+\ns 01\tB2\t0\n", encoding="utf-8"
    )
    _, problems = read_her2(path, settings=defaults("her2"))
    found = [(p.severity, p.column, p.found) for p in problems if p.check == "identifiers_alike"]
    assert found == [
        ("warning", "subject_id", "identifiers that look alike: 'S-01', 's 01'"),
        ("warning", "specimen_id", "identifiers that look alike: 'B1', 'b-1'"),
    ]


@pytest.mark.parametrize(
    ("unknown", "known", "form", "why"),
    [
        (["001", "002"], ["X-001", "X-002", "X-003"], "X-{}", "the study is left out"),
        (["1-01", "2-01"], ["X-1-01-A", "X-2-01-A"], "X-{}-A", "text on both sides"),
        (["001", "002", "999"], ["X-001", "X-002"], "X-{}", "most of them"),
        (["001", "998", "999"], ["X-001", "X-002"], "", "one of three: by chance"),
        (["001"], ["X-001"], "", "one alone: by chance"),
        (["01", "02"], ["A-01", "A-02", "B-01", "B-02"], "", "two forms do equally well"),
        (["P7", "P8"], ["X-001", "X-002"], "", "other identifiers"),
        ([], ["X-001"], "", "nothing unknown"),
    ],
)
def test_form_that_makes_known_subjects_of_unknown_ones(unknown, known, form, why):
    assert shared_form(unknown, known) == form, why


def test_subjects_without_the_study_get_the_line_to_write():
    hints = subject_hints(["001", "002", "009"], ["X-001", "X-002"], "her2")
    told = "intake.layouts.her2: {forms: {subject_id: 'X-{}'}} reads all of the table so."
    assert hints == {name: f"Did you mean 'X-{name}'? {told}" for name in ("001", "002")}


def test_an_unknown_subject_that_looks_known_gets_a_hint():
    subjects = frame_of([{"subject_id": "S-01"}], columns.SUBJECTS)
    ids, rows = pd.Series(["s 01", "T-9", "", "T-9"]), pd.Series([2, 3, 4, 5])
    problems = unknown_subjects(ids, subjects, table="her2", file="her2.tsv", rows=rows)
    assert [(problem.found, problem.row) for problem in problems] == [("'T-9'", "3"), ("'s 01'", "2")]
    without_rows = unknown_subjects(ids, subjects, table="her2", file="her2.tsv")
    assert [problem.row for problem in without_rows] == ["", ""]
    assert [problem.remedy for problem in problems] == [
        "Correct the id, or add the subject to the clinical data.",
        "Did you mean 'S-01'?",
    ]


@pytest.mark.parametrize(
    "name", ["../cut", "a/b", "/etc", "cut1\n", "", ".", "..", "-rf", "a\0b", "x" * 41, "\u0441ut1"]
)
def test_a_cut_is_not_named_out_of_the_results_folder(name):
    """The one name of the configuration that becomes a folder; an identifier never does."""
    config = {"study": {"id": "S"}, "data_cut": {"id": name}}
    problems = check_config(config, load_schema(), "config.yaml")
    assert [problem.column for problem in problems if problem.column == "data_cut.id"] == ["data_cut.id"]
