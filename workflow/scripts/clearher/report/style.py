"""One look for all figures: colours by meaning, fonts, and files with the same bytes on every run."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart with every common form of colour blindness.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE, GREY = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#8A8A8A",
)

RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
RESPONSE_COLOURS = {
    "CR": BLUE,
    "PR": SKY,
    "SD": "#BDBDBD",
    "NON-CR/NON-PD": YELLOW,
    "PD": VERMILION,
    "NE": "#FFFFFF",
    "": "#FFFFFF",
}

HER2_LEVELS = ("NULL", "ULTRALOW", "LOW_1+", "LOW_2+", "POSITIVE", "ZERO_UNSPECIFIED", "INDETERMINATE")
HER2_NAMES = {
    "NULL": "null",
    "ULTRALOW": "ultralow",
    "LOW_1+": "low, 1+",
    "LOW_2+": "low, 2+",
    "POSITIVE": "positive",
    "ZERO_UNSPECIFIED": "zero, unspecified",
    "INDETERMINATE": "indeterminate",
    "": "not known",
}
HER2_COLOURS = {
    "NULL": "#DADAEB",
    "ULTRALOW": "#BCBDDC",
    "LOW_1+": "#807DBA",
    "LOW_2+": "#54278F",
    "POSITIVE": VERMILION,
    "ZERO_UNSPECIFIED": YELLOW,
    "INDETERMINATE": GREY,
    "": "#FFFFFF",
}

CTDNA_STATES = ("DETECTED", "NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT", "NOT_EVALUABLE")
CTDNA_NAMES = {
    "DETECTED": "ctDNA detected",
    "NOT_DETECTED_ADEQUATE": "not detected, limit adequate",
    "NOT_DETECTED_INSUFFICIENT": "not detected, limit insufficient",
    "NOT_EVALUABLE": "not evaluable",
}
CTDNA_COLOURS = {
    "DETECTED": VERMILION,
    "NOT_DETECTED_ADEQUATE": GREEN,
    "NOT_DETECTED_INSUFFICIENT": YELLOW,
    "NOT_EVALUABLE": "#FFFFFF",
}
CTDNA_MARKERS = {
    "DETECTED": "o",
    "NOT_DETECTED_ADEQUATE": "v",
    "NOT_DETECTED_INSUFFICIENT": "v",
    "NOT_EVALUABLE": "x",
}
GROUP_COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, BLACK)

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
    "savefig.bbox": "tight",
    "savefig.pad_inches": 0.05,
}


@contextlib.contextmanager
def figure_style() -> Iterator[None]:
    """Draw with the house's settings; figures made inside are closed at the end."""
    with mpl.rc_context(SETTINGS):
        try:
            yield
        finally:
            plt.close("all")


def write_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as SVG (text as text) or PDF by suffix; whole or not at all, same bytes on rerun."""
    path = Path(path)
    partial = path.with_name(f"{path.stem}.part{path.suffix}")
    metadata = {
        ".svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
        ".pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
    }[path.suffix]
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({**SETTINGS, "svg.hashsalt": path.stem}):
        figure.savefig(partial, metadata=metadata)
    os.replace(partial, path)
