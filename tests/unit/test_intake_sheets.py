"""Sheets kept by hand: delimiters, line numbers, workbooks, and what is wrong with them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from clearher.intake.sheets import IN_LAYOUTS, read_sheet


def write(folder, content, name="sheet.tsv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_tabs_and_commas_give_the_same_rows(tmp_path):
    tabs = read_sheet(write(tmp_path, "a\tb\n1\tx y\n"))
    commas = read_sheet(write(tmp_path, 'a,b\n1,"x y"\n', "sheet.csv"))
    assert tabs.rows == commas.rows == ((2, {"a": "1", "b": "x y"}),)


def test_line_numbers_are_those_of_the_file(tmp_path):
    """Blank rows are left out but counted, so that a message names the line a person sees."""
    sheet = read_sheet(write(tmp_path, "a\tb\n\t\n1\t2\n\n3\t4\n"))
    assert [line for line, _ in sheet.rows] == [3, 5]


def test_text_stays_text(tmp_path):
    """01, NA and 1e3 are text: none becomes a number or a missing value."""
    sheet = read_sheet(write(tmp_path, "id\tx\ty\n01\tNA\t1e3\n"))
    assert sheet.rows[0][1] == {"id": "01", "x": "NA", "y": "1e3"}


def test_a_quote_in_a_tab_separated_cell_does_not_swallow_rows(tmp_path):
    sheet = read_sheet(write(tmp_path, 'a\tb\n"x\t1\ny\t2\n'))
    assert [cells["a"] for _, cells in sheet.rows] == ['"x', "y"]


def test_workbook_and_text_agree(tmp_path):
    book = Workbook()
    for row in (["a", "b", "c"], ["01", 3, 2.5], [None, None, None], ["x", None, 4.0]):
        book.active.append(row)
    book.save(tmp_path / "sheet.xlsx")
    text = read_sheet(write(tmp_path, "a\tb\tc\n01\t3\t2.5\n\t\t\nx\t\t4\n"))
    assert read_sheet(tmp_path / "sheet.xlsx").rows == text.rows


@pytest.mark.parametrize(
    ("key", "legend", "data", "expected"),
    [
        ("subject_id", ["Column", "Meaning"], ["Subject_ID", "level"], "Subject_ID"),
        ("USUBJID", ["Term", "Note"], ["STUDYID", "USUBJID"], "STUDYID"),
        ("subject_id", ["Column", "Meaning"], ["patient", "level"], "Column"),
    ],
)
def test_a_legend_may_stand_before_the_data(tmp_path, key, legend, data, expected):
    book = Workbook()
    book.active.append(legend)
    book.create_sheet("data").append(data)
    book.save(tmp_path / "sheet.xlsx")
    assert read_sheet(tmp_path / "sheet.xlsx", key=key).header[0] == expected


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (b"", "s.tsv", "an empty file"),
        (b"a\tb\n\xff\xfe\n", "s.tsv", "bytes that are not UTF-8 in line 2"),
        (b"a\tb\n1\x00\t2\n", "s.tsv", "NUL characters"),
        (b"not a workbook", "s.xlsx", "a file that is no workbook (File is not a zip file)"),
    ],
)
def test_unreadable_files_are_named(tmp_path, content, name, found):
    sheet = read_sheet(write(tmp_path, content, name))
    assert [problem.found for problem in sheet.problems] == [found]
    assert sheet.rows == ()


def test_header_problems_come_with_the_nearest_name(tmp_path):
    sheet = read_sheet(
        write(tmp_path, "subject\tvisit\tvisit\n1\t2\t3\n"),
        required=("subject_id",),
        known=("subject_id", "visit"),
    )
    assert [(p.check, p.found, p.remedy) for p in sheet.problems] == [
        ("sheet_column_twice", "column 'visit' twice", "Correct the header line."),
        ("sheet_column_missing", "no column 'subject_id', but 'subject'", IN_LAYOUTS),
    ]


def test_a_header_of_a_laboratory_is_one_problem_and_what_it_lacks(tmp_path):
    """A sheet with its own names: what is near is asked for, the rest stands in one line with the way out."""
    header = "Sample ID\tPatient No\tTimepoint\tComment\n"
    sheet = read_sheet(
        write(tmp_path, header + "1\t2\t3\t4\n"),
        required=("subject_id", "sample_id"),
        known=("subject_id", "sample_id", "visit"),
    )
    assert [problem.found for problem in sheet.problems] == [
        "no column 'subject_id'",
        "no column 'sample_id', but 'Sample ID'",
        "unknown columns 'Patient No', 'Timepoint', 'Comment'",
    ]
    assert all("intake.layouts" in problem.remedy for problem in sheet.problems)


def test_a_row_with_too_many_cells_is_a_problem(tmp_path):
    sheet = read_sheet(write(tmp_path, "a\tb\n1\t2\t3\n1\t2\t\n"))
    assert [(p.check, p.row) for p in sheet.problems] == [("sheet_row_too_long", "2")]


cells = st.text(string.ascii_letters + string.digits + " äß§,;'\"", max_size=8)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=6))
def test_every_tab_separated_cell_comes_back_trimmed(tmp_path_factory, rows):
    """Property: what was written is read, trimmed; rows without content are left out."""
    path = tmp_path_factory.mktemp("sheet") / "s.tsv"
    path.write_text("a\tb\n" + "".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    expected = [{"a": a.strip(), "b": b.strip()} for a, b in rows if a.strip() or b.strip()]
    assert [row for _, row in read_sheet(path).rows] == expected


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(tmp_path_factory, content):
    """Property: any bytes give rows or a problem, never an exception."""
    path = tmp_path_factory.mktemp("sheet") / "s.csv"
    path.write_bytes(content)
    sheet = read_sheet(path)
    assert sheet.header or sheet.problems
