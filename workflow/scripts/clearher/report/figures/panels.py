"""Many courses as small multiples: thin lines of one group a panel, the group's median on top."""

import math
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clearher.report.figures.marks import polylines
from clearher.report.palette import BLACK

COLUMNS = 2
FEWEST = 5
WIDEST = 1.0


def course_panels(
    courses: pd.DataFrame, groups: Mapping[str, tuple[str, str]]
) -> tuple[Figure, dict[str, plt.Axes]]:
    """One panel a group, all with the same axes; lines so faint that their density is seen.

    Parameters
    ----------
    courses : pandas.DataFrame
        Columns ``subject_id group step x y``, ordered along each course, ``x`` in months; a step is what
        courses have in common, such as a visit.
    groups : Mapping of str to (str, str)
        Title and colour of each group, in the order of the panels; groups without a course have no panel.

    Returns
    -------
    (matplotlib.figure.Figure, dict of str to matplotlib.axes.Axes)
        The figure and the panel of each group. The black line joins the medians of the steps at which at
        least five courses of the group have a value: those still measured, not all that began.
    """
    present = [group for group in groups if (courses["group"] == group).any()]
    rows = math.ceil(len(present) / COLUMNS)
    columns = min(COLUMNS, len(present))
    figure, panels = plt.subplots(
        rows, columns, figsize=(4.4 * columns, 2.7 * rows), sharex=True, sharey=True, squeeze=False
    )
    for axes in panels.flat[len(present) :]:
        axes.set_axis_off()
    for axes, group in zip(panels.flat, present, strict=False):
        drawn = courses[courses["group"] == group]
        title, colour = groups[group]
        _draw_courses(axes, drawn, colour)
        axes.set_title(f"{title} ({drawn['subject_id'].nunique()})", fontsize=9)
    return figure, dict(zip(present, panels.flat, strict=False))


def medians(courses: pd.DataFrame) -> pd.DataFrame:
    """Median ``x`` and ``y`` of each step, along ``x``; ``n`` counts courses.

    Steps with fewer than five courses are left out, and those that are no point in time: where the middle
    half of ``x`` is wider than 1, as for a visit at the end of treatment.
    """
    grouped = courses.groupby("step", sort=True)
    steps = grouped.agg(x=("x", "median"), y=("y", "median"), n=("subject_id", "nunique"))
    width = grouped["x"].quantile(0.75) - grouped["x"].quantile(0.25)
    return steps[(steps["n"] >= FEWEST) & (width <= WIDEST)].sort_values("x")


def _draw_courses(axes: plt.Axes, drawn: pd.DataFrame, colour: str) -> None:
    faint = float(np.clip(30 / drawn["subject_id"].nunique(), 0.15, 0.6))
    polylines(axes, drawn["x"], drawn["y"], drawn["subject_id"], colors=colour, linewidths=0.7, alpha=faint)
    middle = medians(drawn)
    axes.plot(middle["x"], middle["y"], color=BLACK, linewidth=1.6, marker="o", markersize=2.5)
