"""Lowest ctDNA ratio against best change of the target lesions."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.figures.spider import line_colour
from clearher.report.palette import RESPONSES
from clearher.report.style import plain_ticks
from clearher.report.words import counted

MARKERS = {"CLEARED": ("v", "ctDNA cleared"), "NOT_CLEARED": ("o", "not cleared"),
           "NOT_EVALUABLE": ("D", "clearance not evaluable")}  # fmt: skip
MANY = 80


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
        Ratio on a log axis; a ratio of zero is drawn at half the lowest other one; triangles are cleared.
    """
    # Loads a second's worth of libraries: the jobs of the other figures do without.
    import seaborn

    known = subjects.dropna(subset=["ctdna_best_ratio", "best_change_percent"])
    if known.empty:
        return nothing_to_draw("No subject has both a ctDNA ratio and a measured tumour change.")
    ratio = known["ctdna_best_ratio"].astype(float)
    positive = ratio[ratio > 0]
    floor = float(positive.min()) / 2 if len(positive) else 1e-4
    figure, axes = plt.subplots(figsize=(6.6, 4.4))
    known = known.assign(ratio=np.maximum(ratio, floor))
    known["state"] = known["ctdna_clearance"].where(
        known["ctdna_clearance"].isin(list(MARKERS)), "NOT_EVALUABLE"
    )
    look = {"s": 13, "alpha": 0.7} if len(known) > MANY else {"s": 29}
    # Marker by marker: a shape that is one for all points is written into the file once.
    for state, points in known.sort_values("confirmed_bor", kind="stable").groupby("state"):
        seaborn.scatterplot(
            points,
            x="ratio",
            y="best_change_percent",
            hue="confirmed_bor",
            palette={response: line_colour(response) for response in points["confirmed_bor"].unique()},
            marker=MARKERS[state][0],
            edgecolor="#333333",
            linewidth=0.3,
            legend=False,
            ax=axes,
            **look,
        )
    axes.set_xscale("log")
    plain_ticks(axes.xaxis)
    axes.axvline(1, color="#777777", linewidth=0.8, linestyle="--")
    for level in (20, -30):
        axes.axhline(level, color="#777777", linewidth=0.8, linestyle="--")
    axes.set(xlabel="lowest ctDNA ratio to baseline", ylabel="best change of target lesions, %")
    axes.set_title(counted(len(known), "subject") + (f"; {correlation}" if correlation else ""))
    present = set(known["confirmed_bor"])
    handles = [
        Line2D([], [], linestyle="", marker="s", color=line_colour(name), label=name)
        for name in RESPONSES
        if name in present
    ]
    handles += [
        Line2D([], [], linestyle="", marker=marker, color="#888888", label=label)
        for name, (marker, label) in MARKERS.items()
        if (known["state"] == name).any()
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure
