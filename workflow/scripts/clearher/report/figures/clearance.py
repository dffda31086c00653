"""ctDNA state by visit, stacked, with clearance under each of the three denominators."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.palette import CTDNA_COLOURS, CTDNA_NAMES
from clearher.report.words import percent

DENOMINATORS = {"treated": "treated", "baseline_detected": "ctDNA at baseline", "evaluable": "evaluable"}
LEFT = "LEFT"
STACKED = ("NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT", "DETECTED", "NOT_EVALUABLE", LEFT)
COLOURS = {**CTDNA_COLOURS, LEFT: "#E3E8ED"}
NAMES = {**CTDNA_NAMES, LEFT: "left, or visit not held"}
HATCHES = {"NOT_EVALUABLE": "///"}


def clearance_by_visit(
    visits: pd.DataFrame, clearance: pd.DataFrame, subjects: pd.DataFrame, *, order: list[str]
) -> Figure:
    """Treated subjects by ctDNA state at each planned visit after baseline.

    Parameters
    ----------
    visits : pandas.DataFrame
        Table ``ctdna/visits``; rows after baseline of visits named in ``order`` are counted.
    clearance : pandas.DataFrame
        Table ``ctdna/clearance``: n cleared and N of each denominator, printed under the bars.
    subjects : pandas.DataFrame
        Table ``ctdna/subjects``; only treated subjects are counted.
    order : list of str
        Visits in the order of the plan.

    Returns
    -------
    matplotlib.figure.Figure
        A bar is the first denominator: the treated subjects whose visit lay before the cut. Not evaluable
        is a part of its own and never counted as cleared; so are those who left before the visit.
    """
    treated = subjects.loc[subjects["denominator_treated"].fillna(False).astype(bool), "subject_id"]
    after = visits[(visits["phase"] == "POST_BASELINE") & visits["visit"].isin(order)]
    after = after[after["subject_id"].isin(treated)].drop_duplicates(["subject_id", "visit"])
    shown = [visit for visit in order if visit in set(after["visit"]) and visit in set(clearance["visit"])]
    if not shown:
        return nothing_to_draw("No planned plasma visit after baseline.")
    counts = _counts(after, clearance, shown)
    figure, axes = plt.subplots(figsize=(2.6 + 0.95 * len(shown), 4.0))
    bottom = np.zeros(len(shown))
    for state in STACKED:
        height = counts[state].to_numpy(float)
        axes.bar(
            range(len(shown)), height, bottom=bottom, width=0.72, color=COLOURS[state],
            edgecolor="#555555", linewidth=0.5, label=NAMES[state], hatch=HATCHES.get(state),
        )  # fmt: skip
        _numbers(axes, height, bottom, counts.to_numpy().sum(axis=1).max())
        bottom += height
    axes.set_xticks(range(len(shown)), shown)
    axes.set(ylabel="treated subjects", xlim=(-0.6, len(shown) - 0.4))
    axes.tick_params(axis="x", length=0)
    _denominators(axes, clearance, shown)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _counts(after: pd.DataFrame, clearance: pd.DataFrame, shown: list[str]) -> pd.DataFrame:
    """Treated subjects by visit and state; those of the denominator without a row at the visit had left."""
    counts = pd.crosstab(after["visit"], after["state"]).reindex(index=shown, columns=STACKED, fill_value=0)
    treated = clearance[clearance["denominator"] == "treated"].set_index("visit")["N"]
    return counts.assign(
        LEFT=(treated.reindex(shown) - counts.sum(axis=1)).fillna(0).clip(lower=0).astype(int)
    )


def _numbers(axes: plt.Axes, height: np.ndarray, bottom: np.ndarray, tallest: int) -> None:
    for place, (size, base) in enumerate(zip(height, bottom, strict=True)):
        if size >= 0.05 * tallest:
            box = {"facecolor": "#FFFFFF", "edgecolor": "none", "pad": 0.8, "alpha": 0.75}
            axes.text(place, base + size / 2, int(size), ha="center", va="center", fontsize=7.5, bbox=box)


def _denominators(axes: plt.Axes, clearance: pd.DataFrame, shown: list[str]) -> None:
    shares = clearance.set_index(["visit", "denominator"])
    heading = axes.get_xaxis_transform()
    axes.text(
        -0.7, -0.15, "cleared of", ha="right", va="center", fontsize=8, transform=heading, style="italic"
    )
    for row, (name, label) in enumerate(DENOMINATORS.items()):
        height = -0.22 - 0.1 * row
        axes.text(-0.7, height, label, ha="right", va="center", fontsize=8, transform=heading)
        for place, visit in enumerate(shown):
            if (visit, name) in shares.index:
                cell = shares.loc[(visit, name)]
                text = f"{int(cell['n'])}/{int(cell['N'])}\n{percent(cell['estimate'], 0)}"
                axes.text(
                    place, height, text, ha="center", va="center", fontsize=7, linespacing=1.0,
                    transform=heading,
                )  # fmt: skip
