"""Tables: types, keys, files; and the column registry itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from clearher.columns import Column, Table, all_tables
from clearher.problems import InputError, Problem, findings_frame, raise_if_errors
from clearher.tables import (
    ContractError,
    arrow_schema,
    conform,
    distinct_rows,
    empty,
    frame_of,
    read_table,
    read_tables,
    write_portions,
    write_table,
)

TABLE = Table(
    "x/t.tsv",
    "a row",
    ("id",),
    (
        Column("id", "text", "", "Key"),
        Column("n", "integer", "", "Count"),
        Column("x", "number", "mm", "Size"),
        Column("yes", "boolean", "", "Flag"),
        Column("day", "date", "", "Day"),
        Column("kind", "text", "", "Kind", values=("a", "b")),
    ),
)
ROWS = [
    {"id": "b", "n": 2, "x": 0.1 + 0.2, "yes": True, "day": pd.Timestamp("2024-02-29"), "kind": "a"},
    {"id": "a", "n": None, "x": None, "yes": None, "day": None, "kind": ""},
]


def test_rows_are_typed_and_sorted_by_key():
    frame = frame_of(ROWS, TABLE)
    assert frame["id"].tolist() == ["a", "b"]
    assert [str(kind) for kind in frame.dtypes] == [
        "object", "Int64", "float64", "boolean", "datetime64[ns]", "object",
    ]  # fmt: skip


def test_text_file_is_readable_and_exact(tmp_path):
    """Missing is empty, dates are ISO, booleans are words, numbers have ten digits."""
    write_table(frame_of(ROWS, TABLE), tmp_path / "t.tsv", TABLE)
    assert (tmp_path / "t.tsv").read_text() == (
        "id\tn\tx\tyes\tday\tkind\na\t\t\t\t\t\nb\t2\t0.3\ttrue\t2024-02-29\ta\n"
    )


@pytest.mark.parametrize("suffix", ["tsv", "parquet"])
def test_what_is_written_is_read(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    frame = frame_of(ROWS, TABLE)
    write_table(frame, path, TABLE)
    pd.testing.assert_frame_equal(read_table(path, TABLE), frame)
    write_table(empty(TABLE), path, TABLE)
    pd.testing.assert_frame_equal(read_table(path, TABLE), empty(TABLE))


def test_a_part_is_the_whole_filtered(tmp_path):
    path = tmp_path / "t.parquet"
    write_table(frame_of(ROWS, TABLE), path, TABLE)
    assert read_table(path, TABLE, where=pc.field("id") == "b")["n"].tolist() == [2]
    assert read_table(path, TABLE, where=pc.field("n") > 2).dtypes.equals(empty(TABLE).dtypes)
    assert read_table(path, TABLE, columns=["n"], where=pc.field("kind") == "a")["id"].tolist() == ["b"]


def test_files_of_one_table_are_read_one_below_the_other(tmp_path):
    for name, row in zip("ba", ROWS, strict=True):
        write_table(frame_of([row], TABLE), tmp_path / f"{name}.tsv", TABLE)
    write_table(empty(TABLE), tmp_path / "none.tsv", TABLE)
    found = read_tables([tmp_path / f"{name}.tsv" for name in ("b", "none", "a")], TABLE)
    pd.testing.assert_frame_equal(found, frame_of(ROWS, TABLE).round(10))
    pd.testing.assert_frame_equal(read_tables([], TABLE), empty(TABLE))


def test_rows_of_a_text_file_are_not_chosen_silently(tmp_path):
    write_table(frame_of(ROWS, TABLE), tmp_path / "t.tsv", TABLE)
    with pytest.raises(ValueError, match="in Parquet files alone"):
        read_table(tmp_path / "t.tsv", TABLE, where=pc.field("id") == "b")


def test_large_whole_numbers_survive_beside_missing_ones(tmp_path):
    """As floating-point numbers they would lose their last digits."""
    frame = frame_of(ROWS, TABLE).assign(n=pd.array([2**53 + 1, pd.NA], dtype="Int64"))
    write_table(frame, tmp_path / "t.parquet", TABLE)
    assert read_table(tmp_path / "t.parquet", TABLE)["n"].tolist() == [2**53 + 1, pd.NA]


def test_distinct_combinations_over_all_portions_of_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr("clearher.tables.ROW_GROUP", 2)
    path = tmp_path / "t.parquet"
    rows = [{"id": str(i), "kind": kind, "n": i % 2} for i, kind in enumerate("babbab")]
    write_table(frame_of(rows, TABLE), path, TABLE)
    found = distinct_rows(path, TABLE, ["kind", "n"])
    assert found.to_numpy().tolist() == [["a", 0], ["a", 1], ["b", 0], ["b", 1]]
    assert distinct_rows(path, TABLE, ["kind"], where=pc.field("n") > 1).empty
    assert distinct_rows(path, TABLE, ["kind"], where=pc.field("id") == "0")["kind"].tolist() == ["b"]


@pytest.mark.parametrize("suffix", ["tsv", "parquet"])
def test_some_columns_come_with_the_key(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    write_table(frame_of(ROWS, TABLE), path, TABLE)
    pd.testing.assert_frame_equal(
        read_table(path, TABLE, columns=["day", "n"]), frame_of(ROWS, TABLE)[["id", "n", "day"]]
    )
    with pytest.raises(ValueError, match="no columns colour"):
        read_table(path, TABLE, columns=["colour"])


def test_a_file_with_another_column_is_refused_whatever_is_read_of_it(tmp_path):
    wider = replace(TABLE, columns=(*TABLE.columns, Column("more", "text", "", "Not declared")))
    write_table(frame_of(ROWS, wider), tmp_path / "t.parquet", wider)
    with pytest.raises(ContractError, match="undeclared columns more"):
        read_table(tmp_path / "t.parquet", TABLE, columns=["n"])


PORTIONS = [
    # ids of each portion, what is wrong
    ([["a", "b"], ["c"]], ""),
    ([["a"], [], ["b"]], ""),
    ([], ""),
    ([["b", "a"]], "not in order"),
    ([["a", "b"], ["b"]], "not in order"),
    ([["c"], ["a", "b"]], "not in order"),
]


@pytest.mark.parametrize(("portions", "fault"), PORTIONS)
def test_portions_are_written_in_order_or_not_at_all(tmp_path, portions, fault):
    path = tmp_path / "t.parquet"
    schema = arrow_schema(TABLE)
    rows = [[{"id": name, "day": pd.Timestamp("2024-02-29")} for name in names] for names in portions]
    tables = (pa.Table.from_pylist(some, schema) for some in rows)
    if fault:
        with pytest.raises(ContractError, match=fault):
            write_portions(tables, path, TABLE)
        assert not path.exists()
    else:
        write_portions(tables, path, TABLE)
        expected = frame_of([row for some in rows for row in some], TABLE)
        pd.testing.assert_frame_equal(read_table(path, TABLE), expected)


def test_integers_beside_missing_values_stay_integers(tmp_path):
    """86 and a missing value: written as 86, not 86.0."""
    write_table(frame_of([{"id": "a", "n": 86}, {"id": "b"}], TABLE), tmp_path / "t.tsv", TABLE)
    assert [line.split("\t")[1] for line in (tmp_path / "t.tsv").read_text().splitlines()] == ["n", "86", ""]


def test_text_like_missing_values_stays_text(tmp_path):
    write_table(frame_of([{"id": "NA"}, {"id": "01"}], TABLE), tmp_path / "t.tsv", TABLE)
    assert read_table(tmp_path / "t.tsv", TABLE)["id"].tolist() == ["01", "NA"]


def test_tabs_and_line_ends_in_text_do_not_break_the_file(tmp_path):
    write_table(frame_of([{"id": "a\tb\nc"}], TABLE), tmp_path / "t.tsv", TABLE)
    assert read_table(tmp_path / "t.tsv", TABLE)["id"].tolist() == ["a b c"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'=1", "''-x", "'quoted'", "a=b", ""])
def test_text_that_a_spreadsheet_would_execute_is_written_behind_an_apostrophe(tmp_path, text):
    """What is read is what was written; numbers below zero stay numbers."""
    row = {"id": "a", "x": -0.5, "kind": ""}
    table = Table(TABLE.path, TABLE.row, TABLE.key, (*TABLE.columns, Column("words", "text", "", "Any text")))
    write_table(frame_of([{**row, "words": text}], table), tmp_path / "t.tsv", table)
    cells = (tmp_path / "t.tsv").read_text(encoding="utf-8").splitlines()[1].split("\t")
    assert cells[2] == "-0.5"
    assert not cells[-1].startswith(("=", "+", "-", "@"))
    assert read_table(tmp_path / "t.tsv", table)["words"].tolist() == [text]


def test_nothing_half_written_is_left(tmp_path):
    with pytest.raises(ContractError):
        write_table(pd.DataFrame({"id": ["a"]}), tmp_path / "t.tsv", TABLE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": [1.5, 2.0]}, "column n: not integer"),
        ({"kind": ["a", "c"]}, "unexpected values ['c']"),
        ({"id": ["a", "a"]}, "key repeated: {'id': 'a'}"),
        ({"more": [1, 2]}, "undeclared columns more"),
    ],
)
def test_a_frame_that_breaks_its_declaration_is_refused(change, message):
    frame = frame_of(ROWS, TABLE).assign(**change)
    with pytest.raises(ContractError) as caught:
        conform(frame, TABLE)
    assert message in str(caught.value)


def test_missing_is_kept_apart_from_zero():
    frame = frame_of([{"id": "a", "n": 0, "x": 0.0, "yes": False}, {"id": "b"}], TABLE)
    assert frame["n"].isna().tolist() == [False, True]
    assert np.isnan(frame["x"]).tolist() == [False, True]
    assert frame["yes"].isna().tolist() == [False, True]


ALL = list(all_tables())


@pytest.mark.parametrize(("stage", "table"), ALL, ids=[table.path for _, table in ALL])
def test_every_declared_table_is_whole(stage, table):
    """Keys are declared columns, names are unique, every column says what it means."""
    folders = ("report", "adam") if stage == "report" else (stage,)
    assert table.path.split("/")[0] in folders
    assert set(table.key) <= set(table.names)
    assert len(set(table.names)) == len(table.names)
    assert all(column.meaning for column in table.columns)
    assert empty(table).columns.tolist() == table.names


def test_no_two_tables_share_a_file():
    paths = [table.path for _, table in all_tables()]
    assert len(set(paths)) == len(paths)


def test_problems_read_as_a_list():
    problems = [
        Problem("c", "x", "y", "Do z.", file="f.tsv", row="3", column="day", subject_id="S1"),
        Problem("d", "u", "v", "Do w.", severity="warning"),
    ]
    with pytest.raises(InputError) as caught:
        raise_if_errors(problems)
    assert str(caught.value) == (
        "1 problem in the input:\n  1. f.tsv, row 3, column day, subject S1: found x; expected y. Do z."
    )
    raise_if_errors(problems[1:])


def test_findings_are_sorted_by_severity_without_repeats():
    warning = Problem("b", "x", "y", "z", severity="warning")
    info = Problem("a", "x", "y", "z", severity="info")
    frame = findings_frame([info, warning, info], "intake")
    assert frame[["severity", "check"]].to_numpy().tolist() == [["warning", "b"], ["info", "a"]]
