"""The report page: sections of text, figures and tables put into one self-contained HTML file."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import pandas as pd

from clearher.columns import Table


@dataclass(frozen=True)
class PageTable:
    """A table of the page: caption, headings, rows of text; ``wide`` scrolls sideways."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class PageFigure:
    """A figure of the page: title, the sentence a screen reader says, SVG source, a note underneath."""

    title: str
    description: str
    svg: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    id: str
    title: str
    text: tuple[str, ...] = ()
    figures: tuple[PageFigure, ...] = ()
    tables: tuple[PageTable, ...] = ()
    cards: tuple[tuple[str, str, str], ...] = field(default=())


def inline_svg(path: str | Path, prefix: str) -> str:
    """SVG source for a page: from its opening tag on, every id made unique by a prefix.

    Two figures on one page may use the same ids for glyphs and clip paths; the prefix keeps them apart.
    """
    text = Path(path).read_text(encoding="utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = re.sub(r"url\(#", f"url(#{prefix}-", text)
    return re.sub(r'href="#', f'href="#{prefix}-', text)


def page_table(
    frame: pd.DataFrame, columns: Sequence[str], *, caption: str, table: Table, note: str = ""
) -> PageTable:
    """Columns of a results table as text for the page, values as :func:`format_value` gives them."""
    kinds = {column.name: column for column in table.columns}
    rows = tuple(
        tuple(format_value(value, kinds[name].type) for name, value in zip(columns, row, strict=True))
        for row in frame[list(columns)].itertuples(index=False)
    )
    return PageTable(caption, tuple(name.replace("_", " ") for name in columns), rows, note)


def format_value(value: object, kind: str) -> str:
    """A value as the page shows it: empty for missing, three significant digits for numbers, ISO dates."""
    if pd.isna(value):
        return ""
    if kind == "number":
        return f"{value:.3g}"
    if kind == "date":
        return f"{value:%Y-%m-%d}"
    if kind == "boolean":
        return "yes" if value else "no"
    return str(value)


def render_page(
    sections: Sequence[Section], *, title: str, subtitle: str, template: str | Path, output: str | Path
) -> None:
    """Write the page, whole or not at all. All text is escaped; only SVG source is put in as it is.

    Parameters
    ----------
    sections : sequence of Section
        In the order of the page.
    title, subtitle : str
        Heading of the page.
    template : str or Path
        Jinja2 template.
    output : str or Path
        HTML file to write.
    """
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    source = Path(template).read_text(encoding="utf-8")
    page = environment.from_string(source).render(sections=sections, title=title, subtitle=subtitle)
    output = Path(output)
    partial = output.with_name(output.name + ".part")
    partial.write_text(page, encoding="utf-8")
    os.replace(partial, output)
