"""Data files of every format as the same table of text."""

import datetime

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from clearher.intake.domains import find_domains, read_domain, unique_records
from clearher.intake.text_tables import read_text_table, text_of

FRAME = pd.DataFrame(
    {
        "USUBJID": ["01", "02", "03"],
        "AVAL": [32.32, 4.0, np.nan],
        "WORD": ["NA", "", "a, b"],
        "DAY": ["2014-02-03", "2014-02", ""],
    }
)
TEXT = {
    "USUBJID": ["01", "02", "03"],
    "AVAL": ["32.32", "4", ""],
    "WORD": ["NA", "", "a, b"],
    "DAY": ["2014-02-03", "2014-02", ""],
    "source_row": [2, 3, 4],
}


def write(frame: pd.DataFrame, path):
    if path.suffix == ".xpt":
        version = 5 if path.stem == "v5" else 8
        pyreadstat.write_xport(frame, path, file_format_version=version, table_name="TEST")
    elif path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False, float_format="%g", sep={"tsv": "\t", "semi": ";"}.get(path.stem, ","))
    return path


@pytest.mark.parametrize("name", ["comma.csv", "semi.csv", "tsv.tsv", "v5.xpt", "v8.xpt", "a.parquet"])
def test_every_format_gives_the_same_text(tmp_path, name):
    frame = FRAME.assign(WORD=FRAME["WORD"].replace("", None)) if name == "a.parquet" else FRAME
    table, problems = read_text_table(write(frame, tmp_path / name))
    assert problems == []
    assert table.to_dict("list") == TEXT


def test_sas_data_set_gives_the_same_text(root):
    """SAS dates and moments become ISO text; a missing one is empty."""
    table, problems = read_text_table(root / "tests" / "data" / "values.sas7bdat")
    assert problems == []
    dates = {"ADT": ["2014-02-03", "", "2012-02-29"], "ADTM": ["2014-02-03T11:45:00", "", "2012-02-29"]}
    assert table.to_dict("list") == TEXT | dates


def test_a_cut_off_sas_data_set_is_a_problem(root, tmp_path):
    whole = (root / "tests" / "data" / "values.sas7bdat").read_bytes()
    (tmp_path / "dm.sas7bdat").write_bytes(whole[:9000])
    table, problems = read_text_table(tmp_path / "dm.sas7bdat")
    assert [problem.check for problem in problems] == ["file_unreadable"]
    assert table.empty


def test_workbook_gives_the_same_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(list(FRAME.columns))
    book.active.append(["01", 32.32, "NA", datetime.datetime(2014, 2, 3)])
    book.active.append(["02", 4, None, "2014-02"])
    book.active.append(["03", None, "a, b", None])
    book.save(tmp_path / "a.xlsx")
    table, problems = read_text_table(tmp_path / "a.xlsx")
    assert problems == []
    assert table.to_dict("list") == TEXT


def test_dates_stored_as_dates_become_iso_text(tmp_path):
    frame = pd.DataFrame({"USUBJID": ["01", "02"], "ADT": [datetime.date(2014, 2, 3), None]})
    pyreadstat.write_xport(frame, tmp_path / "adsl.xpt", file_format_version=5)
    table, _ = read_text_table(tmp_path / "adsl.xpt")
    assert table["ADT"].tolist() == ["2014-02-03", ""]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NaT, ""),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (True, "True"),
        ("  x ", "x"),
        (b"x", "x"),
        (pd.Timestamp("2014-02-03 11:45"), "2014-02-03T11:45:00"),
    ],
)
def test_cells_as_text(value, expected):
    assert text_of(value) == expected


@pytest.mark.parametrize(
    ("name", "content", "check"),
    [
        ("a.csv", b"", "file_unreadable"),
        ("a.csv", b"A,B\n1,2,3\n", "file_unreadable"),
        ("a.csv", "A,B\nå,2\n".encode("latin-1"), "file_unreadable"),
        ("a.xpt", b"no transport file", "file_unreadable"),
        ("a.sas7bdat", b"no data set", "file_unreadable"),
        ("a.parquet", b"PAR1", "file_unreadable"),
        ("a.csv", b"A,A\n1,2\n", "column_repeated"),
    ],
)
def test_a_broken_file_is_a_problem_that_names_it(tmp_path, name, content, check):
    (tmp_path / name).write_bytes(content)
    _, problems = read_text_table(tmp_path / name)
    assert [problem.check for problem in problems] == [check]
    assert problems[0].file == str(tmp_path / name)


def test_rows_keep_their_number_when_empty_ones_leave(tmp_path):
    (tmp_path / "a.csv").write_text("A,B\n1,2\n,\n\n3,4\n")
    table, _ = read_text_table(tmp_path / "a.csv")
    assert table["source_row"].tolist() == [2, 5]


def test_domains_are_found_whatever_the_case(tmp_path):
    for name in ("DM.csv", "ex.XPT", "notes.txt", "aes.csv", "readme.md"):
        (tmp_path / name).write_text("A\n1\n")
    found, problems = find_domains(tmp_path, ["DM", "EX", "AE"])
    assert {name: path.name for name, path in found.items()} == {"DM": "DM.csv", "EX": "ex.XPT"}
    assert [(problem.check, problem.severity) for problem in problems] == [("file_not_read", "info")] * 2
    assert "AE" in problems[0].remedy


@pytest.mark.parametrize(
    ("names", "severity", "why"),
    [
        (["dm.csv", "rs_onco.csv"], "warning", "RS is not read because of its file's name"),
        (["dm.csv", "RS-final.csv"], "warning", "whatever the case and the sign"),
        (["dm.csv", "rs.csv", "rs_old.csv"], "info", "RS is there"),
        (["dm.csv", "rsync.csv"], "info", "another word"),
    ],
)
def test_a_file_that_opens_with_an_absent_domain_is_a_warning(tmp_path, names, severity, why):
    for name in names:
        (tmp_path / name).write_text("A\n1\n")
    _, [problem] = find_domains(tmp_path, ["DM", "RS"])
    assert problem.severity == severity, why
    assert severity == "info" or problem.remedy == "If it holds RS, name it rs.csv."


def test_a_domain_in_two_files_is_an_error(tmp_path):
    for name in ("dm.csv", "dm.xpt"):
        (tmp_path / name).write_text("A\n1\n")
    found, problems = find_domains(tmp_path, ["DM"])
    assert found["DM"].name == "dm.csv"
    assert [problem.check for problem in problems] == ["domain_in_two_files"]


def test_a_missing_column_names_the_nearest_one(tmp_path):
    (tmp_path / "rs.csv").write_text("usubjid,RSDT\n01,2014-01-02\n")
    domain, problems = read_domain("RS", tmp_path / "rs.csv", ["USUBJID", "RSDTC"])
    assert [(p.check, p.column, p.found) for p in problems] == [
        ("column_missing", "RSDTC", "no such column, but RSDT")
    ]
    assert domain.text("RSDTC").tolist() == [""]


@pytest.mark.parametrize(
    ("rows", "kept", "checks"),
    [
        ("01,1,a\n01,2,b\n", [1, 2], []),
        ("01,1,a\n01,1,a\n", [1], [("row_duplicate", "warning")]),
        ("01,1,a\n01,1,b\n", [1], [("key_duplicate", "error")]),
        ("01,,a\n01,,b\n", [1, 2], []),  # no sequence at all: numbered in the order of the file
        ("01,x,a\n", [-2], [("number_malformed", "error")]),
    ],
)
def test_records_are_unique_within_a_subject(tmp_path, rows, kept, checks):
    (tmp_path / "ae.csv").write_text("USUBJID,AESEQ,AETERM\n" + rows)
    domain, _ = read_domain("AE", tmp_path / "ae.csv", ["USUBJID"])
    _, sequence, problems = unique_records(domain, "AESEQ")
    assert sequence.tolist() == kept
    assert [(problem.check, problem.severity) for problem in problems] == checks
