"""How the parts of the report page become one self-contained HTML file."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from clearher.columns import Table
from clearher.report.blocks import DataTable, Section
from clearher.report.codes import in_words, text_in_words
from clearher.report.words import significant

HERE = Path(__file__).parent
LETTERS_OF_PAGE = 4 / 3  # figures are set in 9 points, the page in 16 pixels, which are 12 points
TEMPLATE, STYLE, SCRIPT = (HERE / name for name in ("page.html.j2", "page.css", "page.js"))


def inline_svg(source: str, prefix: str) -> str:
    """SVG source for a page: from its opening tag on, letters as large as the page's, every id made unique.

    Two figures on one page may use the same ids for glyphs and clip paths; the prefix keeps them apart.
    Only tags are rewritten, never the text between them.
    """
    text = source[source.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    opening, rest = text[: text.index(">")], text[text.index(">") :]
    text = re.sub(r'\b(width|height)="([\d.]+)pt"', _enlarged, opening) + rest
    return re.sub(r"<[^>]*>", lambda tag: _prefixed(tag.group(0), prefix), text)


def data_table(
    frame: pd.DataFrame,
    columns: Sequence[str] | Mapping[str, str],
    *,
    table: Table,
    name: str,
    caption: str,
    note: str = "",
    folded: bool = False,
    spelt: Sequence[str] = (),
) -> DataTable:
    """Columns of a results table as text for the page, values as :func:`format_value` gives them.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of ``table``.
    columns : sequence of str, or mapping of column to heading
        Columns shown, in order.
    table : Table
        Declaration, for the types; codes of a column with declared values are shown in words.
    spelt : sequence of str
        Further columns, texts of the workflow's own, whose codes are shown in words.
    """
    headings = columns if isinstance(columns, Mapping) else {name: name.replace("_", " ") for name in columns}
    kinds = {column.name: column.type for column in table.columns}
    coded = {column.name for column in table.columns if column.values}
    words = {name: in_words if name in coded else text_in_words for name in (*coded, *spelt)}
    shown = [_cells(frame[name], kinds.get(name, "text"), words.get(name)) for name in headings]
    names = list(headings)
    return DataTable(
        name=name,
        caption=caption,
        headings=tuple(headings.values()),
        rows=tuple(zip(*shown, strict=True)),
        note=note,
        subject=names.index("subject_id") if "subject_id" in names else None,
        folded=folded,
        source=table.path,
    )


def _cells(values: pd.Series, kind: str, words: Callable[[str], str] | None) -> list[str]:
    shown = [format_value(value, kind) for value in values]
    return [words(text) for text in shown] if words else shown


def format_value(value: object, kind: str) -> str:
    """A value as the page shows it: empty for missing, three significant digits for numbers, ISO dates."""
    if pd.isna(value):
        return ""
    if kind == "number":
        return significant(float(value))
    if kind == "date":
        return f"{value:%Y-%m-%d}"
    if kind == "boolean":
        return "yes" if value else "no"
    return str(value)


def script_json(content: Any) -> str:
    """JSON that can stand inside a script element: no cell text can close the element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def render_page(
    sections: Sequence[Section],
    *,
    title: str,
    subtitle: str,
    subjects: str,
    bundle: str,
) -> str:
    """The page as HTML. All text is escaped; only SVG, style and scripts are put in as they are.

    Parameters
    ----------
    sections : sequence of Section
        In the order of the page.
    title, subtitle : str
        Heading of the page.
    subjects : str
        Packed data of the subject page; empty: no subject page.
    bundle : str
        Packed script of the interactive figures; empty: they are left out.
    """
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["script_json"] = script_json
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        sections=sections,
        title=title,
        subtitle=subtitle,
        subjects=subjects,
        bundle=bundle,
        style=STYLE.read_text(encoding="utf-8"),
        script=SCRIPT.read_text(encoding="utf-8"),
    )


def _enlarged(length: re.Match[str]) -> str:
    return f'{length[1]}="{float(length[2]) * LETTERS_OF_PAGE:.2f}pt"'


def _prefixed(tag: str, prefix: str) -> str:
    tag = re.sub(r'\bid="', f'id="{prefix}-', tag)
    tag = re.sub(r"url\(#", f"url(#{prefix}-", tag)
    return re.sub(r'href="#', f'href="#{prefix}-', tag)
