"""Publication tables as HTML for the page."""

import html
import re

import great_tables
import pandas as pd

from clearher.report.publication import Publication


def table_html(table: Publication) -> str:
    """The table as HTML with a fixed id, all text escaped; the page brings the style.

    Title and footnotes stand around the table: on a narrow screen only the cells move sideways.
    """
    names = [f"c{number}" for number in range(len(table.headings))]
    frame = pd.DataFrame(list(table.rows), columns=names)
    shown = great_tables.GT(frame, id=f"print-{table.name.replace('_', '-')}")
    shown = shown.cols_label(**dict(zip(names, table.headings, strict=True)))
    shown = shown.cols_align("left", columns=names[0])
    cells = re.sub(r"<style>.*?</style>", "", shown.as_raw_html(make_page=False), flags=re.DOTALL)
    title = _line("title", f"Table {table.number}. {table.title}") + _line("subtitle", table.population)
    notes = "".join(_line("sourcenote", note) for note in (*table.footnotes, table.source))
    return f'{title}<div class="wide">{cells}</div>{notes}'


def _line(kind: str, text: str) -> str:
    return f'<p class="gt_{kind}">{html.escape(text)}</p>'
