"""Data files in any of the formats trials are delivered in, read as text alone.

CSV, TSV, XLSX, SAS transport (version 5 and 8), SAS7BDAT and Parquet give the same frame for the same
content: object columns of text, stripped, a missing value as empty text; the text ``NA`` stays ``NA``.
"""

import datetime
import math
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pyreadstat

from clearher.intake.layouts import Layout
from clearher.intake.sheets import read_sheet
from clearher.problems import Problem

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xpt", ".sas7bdat", ".parquet")
ROW = "source_row"


def read_text_table(path: str | Path, *, key: str = "subject_id") -> tuple[pd.DataFrame, list[Problem]]:
    """Read a data file as text.

    Parameters
    ----------
    path : str or Path
        Its suffix names the format.
    key : str
        Column by which the table is known among the worksheets of a workbook.

    Returns
    -------
    tuple of pandas.DataFrame and list of Problem
        All columns text, in the file's order with names stripped, and ``source_row``: the row's number
        with the header as row 1. Rows without any content are left out. An unreadable file gives an
        empty frame and a problem.
    """
    path = Path(path)
    if path.suffix.lower() == ".xlsx":
        sheet = read_sheet(path, key=key)
        frame = pd.DataFrame([cells for _, cells in sheet.rows], columns=list(sheet.header), dtype=object)
        frame[ROW] = pd.Series([line for line, _ in sheet.rows], dtype="int64")
        return frame, list(sheet.problems)
    try:
        frame, problems = _READERS[path.suffix.lower()](path)
    except (
        pyreadstat.ReadstatError,
        pyreadstat.PyreadstatError,
        pyarrow.ArrowException,
        OSError,
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
        UnicodeDecodeError,
    ) as error:
        return pd.DataFrame({ROW: pd.Series(dtype="int64")}), [_unreadable(path, error)]
    frame.columns = [str(name).strip() for name in frame.columns]
    problems += _repeated_names(path, frame)
    frame = frame.loc[:, ~frame.columns.duplicated()]
    text = pd.DataFrame({name: _as_text(frame[name]) for name in frame.columns}, index=frame.index)
    text[ROW] = range(2, len(text) + 2)
    filled = (text.drop(columns=ROW) != "").any(axis=1) if len(frame.columns) else text[ROW] < 0
    return text[filled].reset_index(drop=True), problems


def without_rows(
    frame: pd.DataFrame, file: str, *, expected: str, remedy: str, severity: str = "warning"
) -> list[Problem]:
    """A finding where a file has a header and nothing below it: often an export that failed.

    Parameters
    ----------
    frame : pandas.DataFrame
        As from :func:`read_text_table`, of a file that can be read.
    file : str
        Its path.
    expected, remedy, severity : str
        Words of the finding.
    """
    if len(frame):
        return []
    return [
        Problem(
            check="table_without_rows",
            file=file,
            found="no row below the header",
            expected=expected,
            remedy=remedy,
            severity=severity,
        )
    ]


def in_our_names(
    frame: pd.DataFrame, layout: Layout, known: Iterable[str], file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """A table as from :func:`read_text_table` in our column names, words and forms.

    Parameters
    ----------
    frame : pandas.DataFrame
        All columns text, and ``source_row`` last.
    layout : Layout
        How the file differs from what we expect.
    known : iterable of str
        Columns that a layout may name; empty: any.
    file : str
        For the problems of a layout that does not fit.
    """
    names = [name for name in frame.columns if name != ROW]
    problems = layout.problems(names, known, file)
    frame = frame.set_axis([*layout.header(names), ROW], axis=1)
    cells = {name: frame[name].map(partial(layout.cell, name)) for name in layout.rewritten if name in frame}
    return frame.assign(**cells, **layout.values), problems


def text_of(value: object) -> str:
    """A cell as text: numbers in up to 15 digits and without ``.0``, dates in ISO 8601, missing empty."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time(0)
        return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, bytes):
        return value.decode("utf-8").strip()
    return str(value).strip()


def _as_text(column: pd.Series) -> pd.Series:
    codes, distinct = pd.factorize(column.astype(object))
    # The place of a missing value is the last.
    texts = np.array([*map(text_of, distinct), ""], dtype=object)
    return pd.Series(texts[codes], index=column.index)


def _read_delimited(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    with path.open(encoding="utf-8-sig") as handle:
        header = handle.readline()
    counts = {mark: header.count(mark) for mark in ("\t", ",", ";")}
    separator = max(counts, key=counts.get) if any(counts.values()) else ","
    frame = pd.read_csv(
        path,
        sep=separator,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        skip_blank_lines=False,
        encoding="utf-8-sig",
        header=None,
    )
    frame.columns = frame.iloc[0]
    return frame.iloc[1:].reset_index(drop=True), []


def _read_transport(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    return pyreadstat.read_xport(path)[0], []


def _read_sas(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    return pyreadstat.read_sas7bdat(path)[0], []


def _read_parquet(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    return pd.read_parquet(path), []


_READERS = {
    ".csv": _read_delimited,
    ".tsv": _read_delimited,
    ".txt": _read_delimited,
    ".xpt": _read_transport,
    ".sas7bdat": _read_sas,
    ".parquet": _read_parquet,
}


def _unreadable(path: Path, reason: object) -> Problem:
    return Problem(
        check="file_unreadable",
        file=str(path),
        found=f"a file that cannot be read ({str(reason).strip().splitlines()[0]})",
        expected=f"a complete {path.suffix.lower().lstrip('.').upper()} file, text in UTF-8",
        remedy="Export it again, or give the same table in another format.",
    )


def _repeated_names(path: Path, frame: pd.DataFrame) -> list[Problem]:
    return [
        Problem(
            check="column_repeated",
            file=str(path),
            row="1",
            column=str(name),
            found=f"column {name!r} more than once",
            expected="each column once",
            remedy="Rename or remove one of them.",
        )
        for name in sorted(set(frame.columns[frame.columns.duplicated()]))
    ]
