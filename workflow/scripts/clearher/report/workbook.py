"""One XLSX workbook of all human tables with a data dictionary."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils.exceptions import IllegalCharacterError

from clearher.columns import Table
from clearher.report.results import Results

EPOCH = datetime(1980, 1, 1)
MAX_ROWS = 50_000


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
    for table in tables:
        if len(results[table]) <= MAX_ROWS:
            frame = results[table]
            columns = [[_value(value) for value in frame[name]] for name in frame.columns]
            _write(book, names[table], tuple(frame.columns), zip(*columns, strict=True))
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_times(buffer.getvalue())


def write_bytes(content: bytes, path: str | Path) -> None:
    """Write a file, whole or not at all."""
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.write_bytes(content)
    partial.replace(path)


def _write(book: Workbook, name: str, headings: tuple[str, ...], rows: Iterable[tuple]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_text(sheet, value) if isinstance(value, str) else value for value in row])


def _text(sheet: object, text: str) -> object:
    """What to write for a text: nothing for an empty one; a typed cell where the library would read more."""
    if text.startswith(("=", "#")) or ILLEGAL_CHARACTERS_RE.search(text):
        return _cell(sheet, text)
    return text or None


def _cell(sheet: object, text: str, bold: bool = False) -> WriteOnlyCell:
    try:
        cell = WriteOnlyCell(sheet, text)
    except IllegalCharacterError:
        cell = WriteOnlyCell(sheet, "".join(character for character in text if character.isprintable()))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _value(value: object) -> object:
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return value.item() if hasattr(value, "item") else value


def _sheet_names(tables: list[Table]) -> dict[Table, str]:
    names: dict[Table, str] = {}
    for table in tables:
        stage, _, file = table.path.partition("/")
        names[table] = f"{stage} {Path(file).stem.replace('_', ' ')}"[:31]
    return names


def _without_times(content: bytes) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for item in sorted(source.infolist(), key=lambda item: item.filename):
            entry = zipfile.ZipInfo(item.filename, date_time=EPOCH.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            data = source.read(item)
            if item.filename == "docProps/core.xml":
                data = _fixed_modified(data)
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
