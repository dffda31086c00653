"""Adverse events by worst grade: all on the left, related ones on the right."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.figures.marks import lanes

SHOWN = 20
GRADE_COLOURS = {0: "#FFFFFF", 1: "#D6E6F4", 2: "#9BC4E2", 3: "#F4A259", 4: "#C8553D", 5: "#3B1C32"}
GRADE_NAMES = {0: "no grade", 1: "grade 1", 2: "grade 2", 3: "grade 3", 4: "grade 4", 5: "grade 5"}


def adverse_event_butterfly(events: pd.DataFrame, *, treated: int) -> Figure:
    """Share of treated subjects with each preferred term, by worst grade.

    Parameters
    ----------
    events : pandas.DataFrame
        Table ``clinical/adverse_events``; treatment-emergent rows count, each subject once a term.
    treated : int
        Denominator.

    Returns
    -------
    matplotlib.figure.Figure
        The 20 most frequent terms; left all events, right those related to the study drug.
    """
    emergent = events[events["treatment_emergent"].fillna(False)]
    if emergent.empty or not treated:
        return nothing_to_draw("No treatment-emergent adverse event.")
    every = worst_grades(emergent)
    related = worst_grades(emergent[emergent["related"].fillna(False)])
    order = every.sum(axis=1).sort_values(ascending=False, kind="stable").index[:SHOWN]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 1.3 + 0.24 * len(order)), sharey=True)
    for axes, counts in ((left, every), (right, related)):
        _bars(axes, counts.reindex(order, fill_value=0), treated)
    limit = max(5.0, 100 * every.loc[order].sum(axis=1).max() / treated * 1.12)
    left.set(xlim=(limit, 0), title="all treatment-emergent")
    left.title.set_position((1, 1))
    left.set_title("all treatment-emergent", loc="right")
    left.set_title("", loc="left")
    right.set(xlim=(0, limit), title="related to the study drug")
    left.spines["left"].set_visible(False)
    left.set_yticks(range(len(order)), order, fontsize=7.5)
    left.tick_params(axis="y", length=0)
    right.tick_params(axis="y", length=0)
    left.set_ylim(len(order) - 0.4, -0.6)
    figure.supxlabel(f"% of {treated} treated subjects, worst grade of each subject", fontsize=8.5)
    shown = [grade for grade in GRADE_COLOURS if grade in every.columns]
    handles = [plt.Rectangle((0, 0), 1, 1, facecolor=GRADE_COLOURS[g], edgecolor="#555555") for g in shown]
    names = [GRADE_NAMES[grade] for grade in shown]
    figure.legend(handles, names, loc="upper center", ncols=len(names), bbox_to_anchor=(0.5, 0.0))
    figure.tight_layout(w_pad=0.4)
    return figure


def worst_grades(events: pd.DataFrame) -> pd.DataFrame:
    """Subjects by preferred term (rows) and worst grade (columns; 0: no grade recorded)."""
    worst = events.groupby(["preferred_term", "subject_id"])["grade"].max().fillna(0).astype(int)
    return pd.crosstab(worst.index.get_level_values(0), worst.to_numpy()).rename_axis(index="", columns="")


def _bars(axes: plt.Axes, counts: pd.DataFrame, treated: int) -> None:
    base = np.zeros(len(counts))
    for grade in sorted(counts.columns):
        width = 100 * counts[grade].to_numpy(float) / treated
        lanes(axes, range(len(counts)), width, left=base, thickness=0.75, facecolors=GRADE_COLOURS[grade],
              edgecolors="#555555", linewidths=0.4)  # fmt: skip
        base += width
    outward = 3 if axes.get_subplotspec().colspan.start else -3
    for row, total in enumerate(counts.sum(axis=1)):
        if total:
            axes.annotate(
                str(int(total)), (base[row], row), xytext=(outward, 0), textcoords="offset points",
                va="center", fontsize=7, ha="left" if outward > 0 else "right",
            )  # fmt: skip
