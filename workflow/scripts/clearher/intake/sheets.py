"""Tables that people keep by hand (TSV, CSV, XLSX), read as text with their line numbers.

No pandas here: the sample sheet is read each time the workflow is parsed, also by every cluster job.
"""

import csv
import difflib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearher.intake.layouts import AS_NAMED, Layout
from clearher.problems import Problem

IN_LAYOUTS = "A file may keep its own names: give ours and the file's in intake.layouts (docs/cookbook.md)."
OTHER_WORDS = "Correct the cell, or declare such words and dates in intake.layouts (docs/cookbook.md)."


@dataclass(frozen=True)
class Sheet:
    """A sheet as text.

    Attributes
    ----------
    file : str
        Path as given, for messages.
    header : tuple of str
        Column names, blanks trimmed.
    rows : tuple of (int, dict)
        Line number in the file (header = 1) and the row's cells, blanks trimmed; a short row's absent
        cells are empty. Rows without any content are left out.
    problems : tuple of Problem
        What is wrong with the file as a table.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    problems: tuple[Problem, ...]


def read_sheet(
    path: str | Path,
    *,
    required: Sequence[str] = (),
    known: Sequence[str] | None = None,
    key: str = "subject_id",
    layout: Layout = AS_NAMED,
) -> Sheet:
    """Read a sheet as text and check its columns.

    Parameters
    ----------
    path : str or Path
        ``.xlsx``: the first worksheet with the key column, or else the first, since a legend may stand before
        the data; any other suffix: delimited text, tab or comma by the header.
    required : sequence of str
        Columns that must be there.
    known : sequence of str, optional
        When given, any other column is a problem, with the nearest known name as hint.
    key : str
        Column by which a worksheet is known as the data, in upper or lower case.
    layout : Layout
        The file's own names of columns, words and days, and values of columns that it does not have.

    Returns
    -------
    Sheet
        Its ``problems`` hold everything found; nothing is raised for bad content.
    """
    file = str(path)
    lines, problems = _lines(Path(path), file, layout.file_name(key))
    if not lines:
        return Sheet(file, (), (), tuple(problems))
    names = tuple(cell.strip() for cell in lines[0])
    header = layout.header(names)
    problems += layout.problems(names, known or (), file)
    used = [name for name in header if not layout.columns or name in (known or header)]
    wanted = [name for name in required if name not in layout.columns and name not in layout.values]
    problems += _header_problems(used, file, wanted, known)
    rows = []
    for number, cells in enumerate(lines[1:], 2):
        trimmed = [cell.strip() for cell in cells]
        if not any(trimmed):
            continue
        if any(trimmed[len(header) :]):
            problems.append(
                Problem(
                    check="sheet_row_too_long",
                    file=file,
                    row=str(number),
                    found=f"{len(trimmed)} cells",
                    expected=f"{len(header)} as in the header",
                    remedy="Check the delimiter and stray tabs or commas in this row.",
                )
            )
        padded = trimmed[: len(header)] + [""] * (len(header) - len(trimmed))
        row = dict(zip(header, padded, strict=True))
        ours = {name: layout.cell(name, row[name]) for name in layout.rewritten if name in row}
        rows.append((number, {**row, **ours, **layout.values}))
    return Sheet(file, (*header, *layout.values), tuple(rows), tuple(problems))


def _lines(path: Path, file: str, key: str) -> tuple[list[list[str]], list[Problem]]:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _workbook_lines(path, file, key)
    raw = path.read_bytes()
    if not raw.strip():
        return [], [_unreadable(file, "an empty file", "a table with a header line")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return [], [_unreadable(file, f"bytes that are not UTF-8 in line {line}", "UTF-8 text")]
    if not text.strip():
        return [], [_unreadable(file, "an empty file", "a table with a header line")]
    if "\0" in text:
        return [], [_unreadable(file, "NUL characters", "plain text; save it as TSV or CSV in UTF-8")]
    first = text.splitlines()[0]
    delimiter = "\t" if "\t" in first or "," not in first else ","
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter, quoting=quoting)), []
    except csv.Error as error:
        return [], [_unreadable(file, f"a cell that cannot be read ({error})", "a delimited table")]


def _workbook_lines(path: Path, file: str, key: str) -> tuple[list[list[str]], list[Problem]]:
    import zlib
    from xml.etree.ElementTree import ParseError
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # What openpyxl lets through when a part of the archive or of its XML is damaged.
    damaged = (BadZipFile, InvalidFileException, ParseError, zlib.error, OSError, EOFError)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        worksheet = next((one for one in book.worksheets if _holds(one, key)), book.worksheets[0])
        rows = [list(map(_cell_text, row)) for row in worksheet.iter_rows(values_only=True)]
        book.close()
    except (*damaged, LookupError, ValueError, TypeError, AttributeError, NotImplementedError) as error:
        return [], [_unreadable(file, f"a file that is no workbook ({error})", "an XLSX workbook")]
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        return [], [_unreadable(file, "an empty first worksheet", "a table with a header line")]
    return rows, []


def _holds(worksheet: Any, key: str) -> bool:
    header = next(worksheet.iter_rows(max_row=1, values_only=True), ())
    return key.lower() in {_cell_text(cell).strip().lower() for cell in header}


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _unreadable(file: str, found: str, expected: str) -> Problem:
    return Problem(
        check="sheet_unreadable", file=file, found=found, expected=expected, remedy="Export the table again."
    )


def _header_problems(
    header: Sequence[str], file: str, required: Iterable[str], known: Sequence[str] | None
) -> list[Problem]:
    problems, mistaken = [], set()
    unknown = [name for name in header if name not in (known or ())]
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        problems.append(
            _column_problem("sheet_column_twice", file, name, f"column {name!r} twice", "each once")
        )
    for name in required:
        if name not in header:
            near = nearest(name, unknown)
            mistaken.add(near)
            found = f"no column {name!r}" + (f", but {near!r}" if near else "")
            problems.append(_column_problem("sheet_column_missing", file, name, found, f"a column {name!r}"))
    if known is not None:
        problems += unknown_columns([name for name in unknown if name not in mistaken], known, file)
    return problems


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like one empty where none is like it; signs count as ``_``."""
    plain = {re.sub(r"\W+", "_", other.lower()): other for other in known}
    near = difflib.get_close_matches(re.sub(r"\W+", "_", name.lower()), plain, n=1, cutoff=0.75)
    return plain[near[0]] if near else ""


def unknown_columns(unknown: Sequence[str], known: Sequence[str], file: str) -> list[Problem]:
    """An error for each column that is near to a known one, and one for all the others together."""
    near = {name: nearest(name, known) for name in unknown}
    far = [name for name in unknown if not near[name]]
    named = [
        (name, f"unknown column {name!r}", f"Did you mean {near[name]!r}? {IN_LAYOUTS}")
        for name in unknown
        if near[name]
    ]
    if far:
        words = "unknown columns " if len(far) > 1 else "unknown column "
        remedy = f"Rename or remove {'them' if len(far) > 1 else 'it'}. {IN_LAYOUTS}"
        named.append((far[0] if len(far) == 1 else "", words + ", ".join(map(repr, far)), remedy))
    return [
        Problem(
            check="sheet_column_unknown",
            file=file,
            row="1",
            column=name,
            found=found,
            expected="one of " + ", ".join(known),
            remedy=remedy,
        )
        for name, found, remedy in named
    ]


def _column_problem(check: str, file: str, column: str, found: str, expected: str) -> Problem:
    return Problem(
        check=check,
        file=file,
        row="1",
        column=column,
        found=found,
        expected=expected,
        remedy="Correct the header line." if check == "sheet_column_twice" else IN_LAYOUTS,
    )
