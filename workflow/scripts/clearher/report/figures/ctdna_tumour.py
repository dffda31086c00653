"""Lowest ctDNA ratio against best change of the target lesions."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.figures.spider import line_colour
from clearher.report.palette import RESPONSES
from clearher.report.style import flatten_marks, plain_ticks

MARKERS = {"CLEARED": "v", "NOT_CLEARED": "o"}


def ctdna_against_tumour(subjects: pd.DataFrame, *, correlation: str) -> Figure:
    """One point a subject.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Table ``association/subjects``: ``ctdna_best_ratio``, ``best_change_percent``, ``confirmed_bor``,
        ``ctdna_clearance``.
    correlation : str
        Result of the declared correlation in words, or empty.

    Returns
    -------
    matplotlib.figure.Figure
        Ratio on a log axis; a ratio of zero is drawn at the floor, marked as below; triangles are cleared.
    """
    known = subjects.dropna(subset=["ctdna_best_ratio", "best_change_percent"])
    if known.empty:
        return nothing_to_draw("No subject has both a ctDNA ratio and a measured tumour change.")
    ratio = known["ctdna_best_ratio"].astype(float)
    positive = ratio[ratio > 0]
    floor = float(positive.min()) / 2 if len(positive) else 1e-4
    figure, axes = plt.subplots(figsize=(6.6, 4.4))
    size = 30 if len(known) <= 80 else 12
    for state, marker in MARKERS.items():
        chosen = known["ctdna_clearance"] == state
        axes.scatter(
            np.maximum(ratio[chosen], floor),
            known.loc[chosen, "best_change_percent"],
            marker=marker,
            s=size,
            c=[line_colour(value) for value in known.loc[chosen, "confirmed_bor"]],
            edgecolors="#333333",
            linewidths=0.4,
        )
    if len(known) > 80:
        flatten_marks(axes)
    axes.set_xscale("log")
    plain_ticks(axes.xaxis)
    axes.axvline(1, color="#777777", linewidth=0.8, linestyle="--")
    for level in (20, -30):
        axes.axhline(level, color="#777777", linewidth=0.8, linestyle="--")
    axes.set(xlabel="lowest ctDNA ratio to baseline", ylabel="best change of target lesions, %")
    axes.set_title(f"{len(known)} subjects" + (f"; {correlation}" if correlation else ""))
    present = set(known["confirmed_bor"])
    handles = [
        Line2D([], [], linestyle="", marker="s", color=line_colour(name), label=name)
        for name in RESPONSES
        if name in present
    ]
    handles += [
        Line2D([], [], linestyle="", marker="v", color="#888888", label="ctDNA cleared"),
        Line2D([], [], linestyle="", marker="o", color="#888888", label="not cleared"),
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure
