"""Publication tables as HTML for the page."""

import re

import great_tables
import pandas as pd

from clearher.report.publication import Publication


def table_html(table: Publication) -> str:
    """The table as HTML with a fixed id, all text escaped by the library; the page brings the style."""
    names = [f"c{number}" for number in range(len(table.headings))]
    frame = pd.DataFrame(list(table.rows), columns=names)
    shown = great_tables.GT(frame, id=f"print-{table.name.replace('_', '-')}")
    shown = shown.cols_label(**dict(zip(names, table.headings, strict=True)))
    shown = shown.cols_align("left", columns=names[0])
    shown = shown.tab_header(title=f"Table {table.number}. {table.title}", subtitle=table.population)
    for note in table.footnotes:
        shown = shown.tab_source_note(note)
    return re.sub(r"<style>.*?</style>", "", shown.as_raw_html(make_page=False), flags=re.DOTALL)
