"""One XLSX workbook of all human tables with a data dictionary."""

import html
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from clearher.columns import Table
from clearher.report.results import Results

EPOCH = datetime(1980, 1, 1)
MAX_ROWS = 50_000
LONGEST_TEXT = 32_767
END_OF_ROWS = b"</sheetData>"


def workbook_bytes(results: Results, tables: Iterable[Table]) -> bytes:
    """The workbook as bytes, the same for the same tables.

    Parameters
    ----------
    results : Mapping of Table to pandas.DataFrame
        Tables of the cut.
    tables : iterable of Table
        Tables that become sheets, in order; longer ones than 50,000 rows are named in the contents only.

    Notes
    -----
    Text cells are written with the string type, so a cell that begins with = + - @ is shown, never
    executed. Times inside the file are set to 1980-01-01.
    """
    tables = list(tables)
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = EPOCH
    book.properties.creator = "ClearHER"
    names = _sheet_names(tables)
    _write(book, "contents", ("sheet", "table", "one row is", "rows", "remark"), [
        (names[table], table.path, table.row, len(results[table]),
         "too long for a sheet: see the file" if len(results[table]) > MAX_ROWS else "")
        for table in tables
    ])  # fmt: skip
    _write(book, "data dictionary", ("table", "column", "type", "unit", "meaning", "source"), [
        (table.path, column.name, column.type, column.unit, column.meaning, column.source)
        for table in tables for column in table.columns
    ])  # fmt: skip
    rows: dict[str, str] = {}
    for table in tables:
        if len(results[table]) <= MAX_ROWS:
            _write(book, names[table], tuple(results[table].columns), ())
            rows[f"xl/worksheets/sheet{len(book.worksheets)}.xml"] = sheet_rows(results[table])
    buffer = io.BytesIO()
    book.save(buffer)
    return _completed(buffer.getvalue(), rows)


def sheet_rows(frame: pd.DataFrame) -> str:
    """Rows of a frame as a worksheet's XML, from its second row on; missing values have no cell.

    The workbook's library takes ten times as long for the cells of a large table, one object each.

    Source: ECMA-376 part 1, 18.3.1.73 (row), 18.3.1.4 (c).
    """
    numbers = [str(number) for number in range(2, len(frame) + 2)]
    columns = []
    for place, name in enumerate(frame.columns, start=1):
        letter = get_column_letter(place)
        contents = zip(numbers, _contents(frame[name]), strict=True)
        columns.append(
            [f'<c r="{letter}{number}"{content}' if content else "" for number, content in contents]
        )
    rows = zip(numbers, zip(*columns, strict=True), strict=True)
    return "".join(f'<row r="{number}">{"".join(row)}</row>' for number, row in rows)


def _contents(values: pd.Series) -> list[str]:
    """What follows the place of each cell; nothing for a missing value. Equal values are written once."""
    if values.dtype == float:
        return [
            "" if missing else _number(value) for value, missing in zip(values, values.isna(), strict=True)
        ]
    codes, distinct = pd.factorize(values)
    written = [*map(_content, distinct), ""]
    return [written[code] for code in codes]


def _content(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, pd.Timestamp):
        return _text(value.strftime("%Y-%m-%d"))
    if isinstance(value, (bool, np.bool_)):
        return f' t="b"><v>{value:d}</v></c>'
    return _number(value)


def _number(value: float) -> str:
    """A number's cell; an empty one for infinity, which the format does not have."""
    return f' t="n"><v>{value:.16g}</v></c>' if abs(value) < np.inf else ' t="n"><v /></c>'


def _text(text: str) -> str:
    if not text:
        return ""
    text = _allowed(text)[:LONGEST_TEXT]
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    return f' t="inlineStr"><is><t{kept}>{html.escape(text, quote=False)}</t></is></c>'


def _allowed(text: str) -> str:
    """Text without control characters, which XML cannot hold."""
    if ILLEGAL_CHARACTERS_RE.search(text):
        return "".join(character for character in text if character.isprintable())
    return text


def _write(book: Workbook, name: str, headings: tuple[str, ...], rows: Iterable[tuple]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, value) if isinstance(value, str) else value for value in row])


def _cell(sheet: object, text: str, bold: bool = False) -> object:
    """A cell that is text even where the library would read a formula or an error; none for no text."""
    if not text:
        return None
    cell = WriteOnlyCell(sheet, _allowed(text))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _sheet_names(tables: list[Table]) -> dict[Table, str]:
    names: dict[Table, str] = {}
    for table in tables:
        stage, _, file = table.path.partition("/")
        names[table] = f"{stage} {Path(file).stem.replace('_', ' ')}"[:31]
    return names


def _completed(content: bytes, rows: Mapping[str, str]) -> bytes:
    """The workbook's file with the rows of its sheets put in, and without times."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for item in sorted(source.infolist(), key=lambda item: item.filename):
            entry = zipfile.ZipInfo(item.filename, date_time=EPOCH.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            data = source.read(item)
            if item.filename == "docProps/core.xml":
                data = _fixed_modified(data)
            if item.filename in rows:
                data = data.replace(END_OF_ROWS, rows[item.filename].encode() + END_OF_ROWS, 1)
            target.writestr(entry, data)
    return result.getvalue()


def _fixed_modified(core: bytes) -> bytes:
    head, mark, rest = core.partition(b'xsi:type="dcterms:W3CDTF">')
    parts = [head]
    while mark:
        _, close, rest = rest.partition(b"</dcterms")
        parts += [mark, f"{EPOCH:%Y-%m-%dT%H:%M:%SZ}".encode(), close]
        middle, mark, rest = rest.partition(b'xsi:type="dcterms:W3CDTF">')
        parts.append(middle)
    return b"".join(parts)
