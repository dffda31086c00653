"""Waterfall: best change of the target lesions, one bar a subject, by HER2 level."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.figures.marks import columns
from clearher.report.palette import HER2_COLOURS, HER2_LEVELS, HER2_NAMES, RESPONSE_COLOURS, RESPONSES
from clearher.report.style import flatten_marks
from clearher.report.words import counted

MANY = 80


def waterfall(responses: pd.DataFrame, her2: pd.DataFrame, *, evaluator: str) -> Figure:
    """Best percent change from baseline in the sum of target lesions.

    Parameters
    ----------
    responses : pandas.DataFrame
        Table ``clinical/responses``; rows of ``evaluator`` with a ``best_change_percent`` are drawn.
    her2 : pandas.DataFrame
        Table ``her2/subjects``; the strip under the bars. Subjects without a level are shown as not known.
    evaluator : str
        Whose assessment.

    Returns
    -------
    matplotlib.figure.Figure
        Bars sorted from growth to shrinkage, coloured by confirmed best response and never re-classified
        from the bar; a star marks progression outside the target lesions; the number of subjects without a
        bar stands in the title.
    """
    assessed = responses[responses["evaluator"] == evaluator]
    bars = assessed.dropna(subset=["best_change_percent"]).merge(
        her2[["subject_id", "level"]], on="subject_id", how="left"
    )
    if bars.empty:
        return nothing_to_draw("No subject has a measured change of target lesions.")
    bars = bars.sort_values(["best_change_percent", "subject_id"], ascending=[False, True], ignore_index=True)
    levels = bars["level"].fillna("")
    figure, (axes, strip) = plt.subplots(
        2, 1, figsize=(8, 4.2), sharex=True, gridspec_kw={"height_ratios": [12, 1], "hspace": 0.08}
    )
    colours = bars["confirmed_bor"].map(RESPONSE_COLOURS)
    many = len(bars) > MANY
    columns(
        axes,
        bars.index,
        bars["best_change_percent"],
        width=1.0 if many else 0.8,
        facecolors=colours,
        edgecolors="#555555",
        linewidths=0 if many else 0.4,
    )
    _mark_outside_progression(axes, bars)
    for level in (20, -30):
        axes.axhline(level, color="#777777", linewidth=0.8, linestyle="--")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_ylabel("best change of target lesions, %")
    without = assessed["subject_id"].nunique() - len(bars)
    axes.set_title(f"{counted(len(bars), 'subject')} with measured change; {without} without")
    edge = 0 if many else 0.3
    colours = levels.map(HER2_COLOURS)
    columns(strip, bars.index, 1, width=1, facecolors=colours, edgecolors="#888888", linewidths=edge)
    strip.set(yticks=[], ylabel="HER2", xlim=(-0.6, len(bars) - 0.4))
    _label_subjects(strip, bars["subject_id"])
    if many:
        flatten_marks(axes)
        flatten_marks(strip)
    _legends(axes, set(bars["confirmed_bor"]), set(levels))
    return figure


def _mark_outside_progression(axes: plt.Axes, bars: pd.DataFrame) -> None:
    marked = bars[bars["non_target_progression"].fillna(False) & (bars["best_change_percent"] < 0)]
    look = (
        {"marker": "|", "markersize": 4, "markeredgewidth": 0.5}
        if len(bars) > MANY
        else {"marker": "*", "markersize": 5}
    )
    axes.plot(marked.index, [3] * len(marked), color="black", linestyle="", clip_on=False, **look)


def _label_subjects(strip: plt.Axes, subjects: pd.Series) -> None:
    if len(subjects) <= MANY:
        strip.set_xticks(range(len(subjects)), subjects, rotation=90, fontsize=6)
    else:
        strip.set_xticks([])
        strip.set_xlabel("one bar a subject")


def _legends(axes: plt.Axes, responses: set[str], levels: set[str]) -> None:
    handles = [
        Patch(facecolor=RESPONSE_COLOURS[name], edgecolor="#555555", label=name)
        for name in RESPONSES
        if name in responses
    ]
    first = axes.legend(handles=handles, title="confirmed best response", loc="upper right", ncols=2)
    axes.add_artist(first)
    her2 = [
        Patch(facecolor=HER2_COLOURS[name], edgecolor="#888888", label=HER2_NAMES[name])
        for name in (*HER2_LEVELS, "")
        if name in levels
    ]
    axes.legend(handles=her2, title="HER2", loc="lower left", ncols=2)
