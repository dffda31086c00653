"""Publication tables as RTF."""

import polars
import rtflite

from clearher.report.publication import Publication

FIRST_COLUMN = 3.2


def table_rtf(table: Publication, *, programme: str) -> str:
    """The table as RTF, landscape A4-like page, with titles, footnotes and a programme line.

    Parameters
    ----------
    table : Publication
        Table.
    programme : str
        Last line: study, cut and programme.
    """
    rows = table.rows or (("No data.", *[""] * (len(table.headings) - 1)),)
    frame = polars.DataFrame(
        [[rtf_text(cell) for cell in column] for column in zip(*rows, strict=True)],
        schema=[f"c{number}" for number in range(len(table.headings))],
    )
    widths = [FIRST_COLUMN, *[2.0] * (len(table.headings) - 1)]
    document = rtflite.RTFDocument(
        df=frame,
        rtf_page=rtflite.RTFPage(orientation="landscape"),
        rtf_title=rtflite.RTFTitle(
            text=[rtf_text(f"Table {table.number}"), rtf_text(table.title), rtf_text(table.population)],
            text_convert=False,
        ),
        rtf_column_header=rtflite.RTFColumnHeader(
            text=[rtf_text(heading) for heading in table.headings], col_rel_width=widths, text_convert=False
        ),
        rtf_body=rtflite.RTFBody(
            col_rel_width=widths,
            text_justification=["l", *["c"] * (len(table.headings) - 1)],
            text_convert=False,
        ),
        rtf_footnote=rtflite.RTFFootnote(
            text=[rtf_text(note) for note in (*table.footnotes, table.source)], text_convert=False
        ),
        rtf_source=rtflite.RTFSource(text=rtf_text(programme), text_convert=False),
    )
    return document.rtf_encode()


def rtf_text(text: str) -> str:
    """Text with RTF's own characters escaped and everything beyond ASCII as its code point.

    Characters outside the basic plane become two code units, as RTF 1.5 has them.
    """
    escaped = text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}").replace("\n", " ")
    return "".join(character if character.isascii() else _unit(character) for character in escaped)


def _unit(character: str) -> str:
    raw = character.encode("utf-16-le")
    units = [int.from_bytes(raw[place : place + 2], "little", signed=True) for place in range(0, len(raw), 2)]
    return "".join(f"\\u{unit}?" for unit in units)
