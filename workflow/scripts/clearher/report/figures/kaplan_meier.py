"""Kaplan-Meier curves with bands, censoring marks and numbers at risk."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.style import GROUP_COLOURS


def kaplan_meier_figure(curves: pd.DataFrame, *, title: str, time_label: str) -> Figure:
    """Survival curves by group, from stored curves.

    Parameters
    ----------
    curves : pandas.DataFrame
        Columns ``group time at_risk events censored survival low high``, one row a distinct time and group;
        ``at_risk`` counts subjects just before the time.
    title, time_label : str
        Text of the figure; the label names the unit and the start of the clock.

    Returns
    -------
    matplotlib.figure.Figure
        Steps with log-log bands, ticks for censored subjects, and the numbers at risk just before each
        grid time underneath.
    """
    if curves.empty:
        return nothing_to_draw(f"{title}: no subject to draw.")
    groups = sorted(curves["group"].unique())
    figure, (axes, table) = plt.subplots(
        2,
        1,
        figsize=(6.4, 4.0 + 0.2 * len(groups)),
        sharex=True,
        gridspec_kw={"height_ratios": [10, 1 + len(groups)], "hspace": 0.28},
    )
    for group, colour in zip(groups, _cycle(len(groups)), strict=True):
        _draw_curve(axes, curves[curves["group"] == group].sort_values("time"), group, colour)
    end = float(curves["time"].max())
    grid = _grid(end)
    axes.set(
        ylim=(0, 1.02), xlim=(0, max(end, grid[-1]) * 1.02), ylabel="share without event", xlabel=time_label
    )
    axes.tick_params(labelbottom=True)
    axes.set_title(title)
    axes.legend(loc="upper right")
    _draw_numbers_at_risk(table, curves, groups, grid)
    return figure


def at_risk(curve: pd.DataFrame, time: float) -> int:
    """Subjects at risk just before a time, from a stored curve of one group."""
    later = curve[curve["time"] >= time]
    return 0 if later.empty else int(later.sort_values("time")["at_risk"].iloc[0])


def _draw_curve(axes: plt.Axes, curve: pd.DataFrame, group: str, colour: str) -> None:
    times = np.concatenate([[0.0], curve["time"].to_numpy(float)])
    survival, low, high = (
        np.concatenate([[1.0], curve[name].to_numpy(float)]) for name in ("survival", "low", "high")
    )
    label = f"{group}: {int(curve['events'].sum())} of {at_risk(curve, 0.0)} with event"
    axes.step(times, survival, where="post", color=colour, label=label, linewidth=1.6)
    axes.fill_between(times, low, high, step="post", color=colour, alpha=0.13, linewidth=0)
    censored = curve[curve["censored"] > 0]
    axes.plot(censored["time"], censored["survival"], "|", color=colour, markersize=6)


def _draw_numbers_at_risk(table: plt.Axes, curves: pd.DataFrame, groups: list[str], grid: np.ndarray) -> None:
    table.set_ylim(len(groups) - 0.5, -1.2)
    table.set_axis_off()
    table.text(0, -0.9, "at risk", fontsize=8, ha="center", va="center", style="italic")
    for row, (group, colour) in enumerate(zip(groups, _cycle(len(groups)), strict=True)):
        curve = curves[curves["group"] == group]
        for time in grid:
            table.text(time, row, at_risk(curve, time), fontsize=8, ha="center", va="center", color=colour)


def _grid(end: float) -> np.ndarray:
    steps = np.array([1, 2, 3, 6, 12, 24, 60, 90, 180, 360])
    step = next((step for step in steps if end / step <= 10), steps[-1])
    return np.arange(0, end + step, step)[: int(end // step) + 1]


def _cycle(n: int) -> list[str]:
    return [GROUP_COLOURS[number % len(GROUP_COLOURS)] for number in range(n)]
