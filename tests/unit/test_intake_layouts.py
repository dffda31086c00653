"""Delivered tables whose columns have names of their own."""

import pytest
from openpyxl import Workbook

from clearher.columns import intake
from clearher.intake.config import defaults
from clearher.intake.covariates import with_covariates
from clearher.intake.her2 import read_her2
from clearher.intake.layouts import Layout, layout_of
from clearher.intake.samples import read_samples, samples_of_study
from clearher.intake.subjects import all_subjects
from clearher.intake.vendor import read_counts, read_results
from clearher.tables import empty, frame_of

VENDOR = (
    "Patient\tTube\tMean MTM/mL\tCall\tComment\tComment\nS1\tP1\t3.4\tPositive\tfine\t\nS1\tP2\tND\t\t\t\n"
)
COLUMNS = {"subject_id": "Patient", "sample_id": "Tube", "level": "Mean MTM/mL", "detected": "Call"}
LAYOUT = Layout(COLUMNS, {"level_unit": "MTM/mL"})


def write(folder, text):
    path = folder / "table.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_laboratorys_own_names_are_read(tmp_path):
    """Further columns, even two of one name, are passed over; the unit stands in no column."""
    frame, problems = read_results(write(tmp_path, VENDOR), LAYOUT)
    assert problems == []
    assert frame[["subject_id", "sample_id", "level_unit"]].to_numpy().tolist() == [
        ["S1", "P1", "MTM/mL"],
        ["S1", "P2", "MTM/mL"],
    ]
    assert frame["level"].fillna(-1).tolist() == [3.4, -1]
    assert frame["detected"].tolist() == [True, False]


WRONG = [
    # columns, values, column and what is found, why
    ({**COLUMNS, "lod": "LoD95"}, {}, ("lod", "no column 'LoD95'"), "declared, not in the file"),
    ({**COLUMNS, "levl": "Comment"}, {}, ("levl", "unknown column 'levl' in intake.layouts"), "not ours"),
    (COLUMNS, {"sample_id": "x"}, ("sample_id", "a column 'sample_id'"), "a column and a value"),
    ({"subject_id": "Patient", "sample_id": "Tube"}, {}, ("level", "no column 'level'"), "not declared"),
]


@pytest.mark.parametrize(("names", "values", "expected", "why"), WRONG)
def test_a_layout_that_does_not_fit_is_refused(tmp_path, names, values, expected, why):
    _, problems = read_results(write(tmp_path, VENDOR), Layout(names, values))
    assert [(p.column, p.found) for p in problems if "column" in p.found] == [expected], why
    assert all(p.severity == "error" for p in problems)


def test_a_column_with_our_name_and_another_meaning_keeps_out(tmp_path):
    """``pos`` counts from 0 in this file and ``pos1`` from 1: the declared one is read."""
    header = "subject_id\tsample_id\tchrom\tpos\tpos1\tref\talt\talt_count\tdepth"
    text = f"{header}\nS1\tP1\tchr1\t9\t10\tA\tT\t1\t5\n"
    frame, problems = read_counts(write(tmp_path, text), Layout({"pos": "pos1"}))
    assert problems == []
    assert frame["pos"].tolist() == [10]


def test_her2_scores_under_a_pathologists_headings(tmp_path):
    book = Workbook()
    book.active.append(["About this export"])
    sheet = book.create_sheet("scores")
    for row in (["Pat. No.", "Block", "HER2 IHC", "Remark"], ["S1", "B7", "2+", "recut"]):
        sheet.append(row)
    book.save(tmp_path / "her2.xlsx")
    layout = Layout({"subject_id": "Pat. No.", "specimen_id": "Block", "ihc_score": "HER2 IHC"})
    frame, problems = read_her2(tmp_path / "her2.xlsx", settings=defaults("her2"), layout=layout)
    assert [p for p in problems if p.severity == "error"] == []
    assert frame[["subject_id", "specimen_id", "ihc_score"]].to_numpy().tolist() == [["S1", "B7", "2+"]]


def test_a_manifest_is_a_sample_sheet(tmp_path):
    text = "Subject\tBarcode\tTimepoint\tDay\nS1\tP1\tC1D1\t1\n"
    names = {"subject_id": "Subject", "sample_id": "Barcode", "visit": "Timepoint", "study_day": "Day"}
    layouts = {"samples": {"columns": names, "values": {"specimen": "plasma"}}}
    samples, problems = samples_of_study(str(write(tmp_path, text)), None, layouts)
    assert problems == []
    assert [(s.sample_id, s.visit, s.specimen, s.study_day) for s in samples] == [
        ("P1", "C1D1", "plasma", "1")
    ]
    assert read_samples(tmp_path / "table.tsv")[1] != []


MANIFEST = (
    "Patient\tTube\tTimepoint\tDrawn\tMaterial\n"
    "S1\tP1\tCycle 1 Day 1\t31MAY2024\tcfDNA\n"
    "S1\tP2\tC2D1\t2024-06-21\tCFDNA\n"
    "S1\tW1\tcycle 1 day 1\t31May2024\tBuffy coat\n"
)
MANIFEST_LAYOUT = {
    "columns": {
        "subject_id": "Patient", "sample_id": "Tube", "visit": "Timepoint", "collection_date": "Drawn",
        "specimen": "Material",
    },
    "words": {"visit": {"Cycle 1 Day 1": "C1D1"}, "specimen": {"cfDNA": "plasma", "Buffy coat": "wbc"}},
    "dates": {"collection_date": "%d%b%Y"},
}  # fmt: skip


def test_words_and_days_of_a_manifest_become_ours(tmp_path):
    """In any case; a cell that already has our word or an ISO day stays."""
    samples, problems = samples_of_study(str(write(tmp_path, MANIFEST)), None, {"samples": MANIFEST_LAYOUT})
    assert problems == []
    assert [(s.sample_id, s.visit, s.collection_date, s.specimen) for s in samples] == [
        ("P1", "C1D1", "2024-05-31", "plasma"),
        ("P2", "C2D1", "2024-06-21", "plasma"),
        ("W1", "C1D1", "2024-05-31", "wbc"),
    ]


@pytest.mark.parametrize(
    ("cell", "form", "read", "why"),
    [
        ("0012", "STUDY-{}", "STUDY-0012", "the laboratory leaves the study out"),
        ("STUDY-0012", "STUDY-{}", "STUDY-0012", "has the form already"),
        ("STUDY-", "STUDY-{}", "STUDY-STUDY-", "the form alone is no identifier in it"),
        ("7", "S{}-x", "S7-x", "text on both sides"),
        ("", "STUDY-{}", "", "no subject stays none"),
    ],
)
def test_an_identifier_is_put_into_its_form(cell, form, read, why):
    assert Layout(forms={"subject_id": form}).cell("subject_id", cell) == read, why


def test_words_go_before_the_form():
    layout = Layout(words={"subject_id": {"swap": "12"}}, forms={"subject_id": "S-{}"})
    assert [layout.cell("subject_id", text) for text in ("swap", "13")] == ["S-12", "S-13"]


def test_covariates_under_other_names_keep_their_further_columns(tmp_path):
    subjects = frame_of([{"subject_id": "S-1"}, {"subject_id": "S-2"}], intake.SUBJECTS)
    table = write(tmp_path, "Patient\tecog\tSite\n2\t1\tParis\n")
    layout = Layout({"subject_id": "Patient", "site": "Site"}, forms={"subject_id": "S-{}"})
    frame, problems = with_covariates(subjects, table, layout)
    assert problems == []
    assert frame[["subject_id", "site"]].to_numpy().tolist() == [["S-1", ""], ["S-2", "Paris"]]
    assert frame["ecog"].tolist()[1] == 1


def test_covariates_of_a_study_without_clinical_data_join_the_sheets_subjects(tmp_path):
    rows = [{"subject_id": name} for name in ("S-2", "S-1", "", "S-2")]
    table = str(write(tmp_path, "subject_id\tecog\n2\t1\n3\t0\n"))
    settings = defaults("intake") | {"layouts": {"covariates": {"forms": {"subject_id": "S-{}"}}}}
    frame, problems = all_subjects(
        empty(intake.SUBJECTS), rows, clinical_format="none", covariates=table, settings=settings
    )
    assert frame["subject_id"].tolist() == ["S-1", "S-2"]
    assert frame["ecog"].fillna(-1).tolist() == [-1, 1]
    assert [(p.check, p.subject_id, p.row) for p in problems] == [("subject_unknown", "S-3", "3")]


@pytest.mark.parametrize(
    ("cell", "form", "read", "why"),
    [
        ("03/04/2024", "%d/%m/%Y", "2024-04-03", "day first"),
        ("03/04/2024", "%m/%d/%Y", "2024-03-04", "month first"),
        ("31/05/2024", "%m/%d/%Y", "31/05/2024", "no such day as declared: left to the check of the column"),
        ("2024-05", "%d%b%Y", "2024-05", "a partial day is not completed"),
        ("", "%d%b%Y", "", "unknown stays unknown"),
    ],
)
def test_days_are_read_as_declared_or_not_at_all(cell, form, read, why):
    assert Layout(dates={"collection_date": form}).cell("collection_date", cell) == read, why


def test_words_of_a_column_that_is_not_ours_are_refused(tmp_path):
    layout = Layout(COLUMNS, {"level_unit": "MTM/mL"}, {"outcome": {"x": "y"}})
    _, problems = read_results(write(tmp_path, VENDOR), layout)
    assert [(p.column, p.found) for p in problems] == [
        ("outcome", "unknown column 'outcome' in intake.layouts")
    ]


def test_her2_words_of_a_pathologist(tmp_path):
    path = write(
        tmp_path, "subject_id\tspecimen_id\tihc_score\tspecimen_date\nS1\tB7\ttwo plus\t02.05.2024\n"
    )
    layout = Layout(words={"ihc_score": {"Two plus": "2+"}}, dates={"specimen_date": "%d.%m.%Y"})
    frame, problems = read_her2(path, settings=defaults("her2"), layout=layout)
    assert [p for p in problems if p.severity == "error"] == []
    assert frame[["ihc_score", "specimen_date"]].astype(str).to_numpy().tolist() == [["2+", "2024-05-02"]]


def test_nothing_declared_is_the_usual_layout():
    assert layout_of(defaults("intake")["layouts"], "counts") == Layout()
    assert layout_of({}, "counts") == Layout()


@pytest.mark.parametrize(
    ("level", "unit", "refused"),
    [("0.9", "fraction", False), ("3.4", "fraction", True), ("3.4", "percent", False), ("101", "%", True)],
)
def test_a_level_above_all_of_the_dna_has_the_wrong_unit(tmp_path, level, unit, refused):
    path = write(tmp_path, f"subject_id\tsample_id\tlevel\tlevel_unit\nS1\tP1\t{level}\t{unit}\n")
    assert [p.column for p in read_results(path)[1]] == (["level"] if refused else [])
