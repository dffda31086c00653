"""One look for all figures: colours by meaning, fonts, and files with the same bytes on every run."""

import contextlib
import io
import itertools
import os
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import matplotlib as mpl
from fontTools import subset

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

LAYOUT_TABLES = ("GDEF", "GPOS", "GSUB", "MATH")
PIXELS_PER_INCH = 120
POINTS_PER_INCH = 72
MARGIN = 0.05
LINE = re.compile(r'<path d="([^"]*)" clip-path="([^"]*)" style="(fill: none[^"]*)"/>\s*')
BARE = re.sub("[(]|[)]", "", LINE.pattern)
LINES = re.compile(rf'(?:{BARE}){{2,}}|(?:<g id="line2d_\d+">\s*{BARE}</g>\s*){{2,}}')

SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "text.parse_math": False,
    "figure.dpi": 100,
}


class GlyphsOnly(subset.Options):
    """How the fonts of a PDF are cut down to the glyphs drawn: without the tables that lay out text.

    In a PDF every glyph has its place already, and to cut these tables takes most of the time.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.drop_tables += LAYOUT_TABLES


subset.Options = GlyphsOnly


def plain_ticks(axis: Axis) -> None:
    """Label a log axis with plain numbers such as 0.001; minor ticks stay without."""
    axis.set_major_formatter(lambda value, position: plain(value))
    axis.set_minor_formatter(lambda value, position: "")


def plain(value: float) -> str:
    """A number without an exponent: 0.00001, not 1e-05."""
    return f"{Decimal(f'{value:.6g}'):f}"


def flatten_marks(axes: Axes) -> None:
    """Draw lines, bars and points of one pair of axes as pixels: thousands of them would swell the file.

    Axes, text and legends stay as they are. Without smoothing the few colours compress well.
    """
    for artist in (*axes.lines, *axes.collections, *axes.patches):
        artist.set_rasterized(True)
        artist.set_antialiased(False)


@contextlib.contextmanager
def figure_style() -> Iterator[None]:
    """Draw with the house's settings; figures made inside are closed at the end."""
    with mpl.rc_context(SETTINGS):
        try:
            yield
        finally:
            plt.close("all")


def write_figure(figure: Figure, *paths: str | Path) -> None:
    """Write a figure as SVG (text as text) or PDF by suffix; whole or not at all, same bytes on rerun."""
    with mpl.rc_context(SETTINGS):
        shown = shown_part(figure)
    for path in paths:
        _write(figure, Path(path), shown)


def shown_part(figure: Figure) -> Bbox:
    """Rectangle around everything in a figure, with a margin, in inches.

    It is measured once, without hinting of text: a format that measures for itself draws all twice.
    """
    dpi, figure.dpi = figure.dpi, POINTS_PER_INCH
    measure = RendererSVG(*figure.bbox.size, io.StringIO())
    shown = figure.get_tightbbox(measure).padded(MARGIN)
    figure.dpi = dpi
    return shown


def _write(figure: Figure, path: Path, shown: Bbox) -> None:
    partial = path.with_name(f"{path.stem}.part{path.suffix}")
    metadata = {
        ".svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
        ".pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
    }[path.suffix]
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({**SETTINGS, "svg.hashsalt": path.stem}):
        figure.savefig(partial, metadata=metadata, dpi=PIXELS_PER_INCH, bbox_inches=shown)
    if path.suffix == ".svg":
        partial.write_text(slim_svg(partial.read_text(encoding="utf-8")), encoding="utf-8")
    os.replace(partial, path)


def slim_svg(source: str) -> str:
    """SVG source with coordinates cut to hundredths of a point and repeated looks of marks told once.

    Only tags are rewritten, never the text between them.
    """
    source = re.sub(r"<[^>]*>", lambda tag: _short_numbers(tag.group(0)), source)
    source = re.sub(r"(?:<use [^>]*/>\s*){2,}", lambda marks: _shared_look(marks.group(0)), source)
    return LINES.sub(lambda lines: _shared_line_looks(lines.group(0)), source)


def _shared_line_looks(lines: str) -> str:
    """Lines one after another to a tenth of a point, those of one look in a group that tells it once."""
    parts = []
    for (clip, look), same in itertools.groupby(LINE.findall(lines), key=lambda line: line[1:]):
        paths = "".join(f'<path d="{_coarse(line)}"/>' for line, _, _ in same)
        parts.append(f'<g clip-path="{clip}" style="{look}">{paths}</g>')
    return "".join(parts)


def _coarse(line: str) -> str:
    return re.sub(r"(\d+\.\d)\d+", r"\1", re.sub(r"\s+", " ", line)).strip()


def _short_numbers(tag: str) -> str:
    if tag.startswith("<image") or "base64" in tag:
        return tag
    return re.sub(r"(\d+\.\d\d)\d+", lambda number: number.group(1).rstrip("0").rstrip("."), tag)


def _shared_look(marks: str) -> str:
    looks = re.findall(r' style="([^"]*)"', marks)
    if not looks or len(set(looks)) > 1 or len(looks) != marks.count("<use "):
        return marks
    return f'<g style="{looks[0]}">' + re.sub(r' style="[^"]*"', "", marks) + "</g>"
