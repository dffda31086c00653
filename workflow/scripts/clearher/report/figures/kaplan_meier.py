"""Kaplan-Meier curves with bands, censoring marks and numbers at risk."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.palette import GROUP_COLOURS


def kaplan_meier_figure(
    curves: pd.DataFrame,
    *,
    title: str,
    time_label: str,
    order: Sequence[str] = (),
    landmark: str = "",
    names: Mapping[str, str] = MappingProxyType({}),
) -> Figure:
    """Survival curves by group, from stored curves.

    Parameters
    ----------
    curves : pandas.DataFrame
        Columns ``group time at_risk events censored survival low high``, one row a distinct time and group;
        ``at_risk`` counts subjects just before the time.
    title, time_label : str
        Text of the figure; the label names the unit and the start of the clock.
    order : sequence of str
        Groups in the order of the legend; others follow by name.
    names : Mapping of str to str
        Names of groups in the legend where they differ.
    landmark : str
        Name of the landmark at which the clock starts, written at the left edge; empty: none.

    Returns
    -------
    matplotlib.figure.Figure
        Steps with log-log bands, ticks for censored subjects, and the numbers at risk just before each
        grid time underneath.
    """
    if curves.empty:
        return nothing_to_draw(f"{title}: no subject to draw.")
    groups = sorted(curves["group"].unique(), key=lambda name: (_place(order, name), name))
    figure, (axes, table) = plt.subplots(
        2,
        1,
        figsize=(6.4, 4.0 + 0.2 * len(groups)),
        sharex=True,
        gridspec_kw={"height_ratios": [10, 1 + len(groups)], "hspace": 0.28},
    )
    for group, colour in zip(groups, _cycle(len(groups)), strict=True):
        curve = curves[curves["group"] == group].sort_values("time")
        _draw_curve(axes, curve, names.get(group, group), colour, 0.14 if len(groups) < 3 else 0.06)
    end = float(curves["time"].max())
    grid = _grid(end)
    axes.set(
        ylim=(0, 1.02), xlim=(0, max(end, grid[-1]) * 1.02), ylabel="share without event", xlabel=time_label
    )
    axes.tick_params(labelbottom=True)
    axes.set_title(title)
    axes.legend(loc="upper right" if len(groups) < 3 else "upper left", bbox_to_anchor=(1, 1))
    if landmark:
        axes.axvline(0, color="black", linewidth=1.2, linestyle=":")
        axes.annotate(landmark, (0, 0.02), xytext=(4, 0), textcoords="offset points", fontsize=8)
    axes.set_xticks(grid)
    _draw_numbers_at_risk(table, curves, groups, grid, names)
    return figure


def at_risk(curve: pd.DataFrame, time: float) -> int:
    """Subjects at risk just before a time, from a stored curve of one group."""
    later = curve[curve["time"] >= time]
    return 0 if later.empty else int(later.sort_values("time")["at_risk"].iloc[0])


def _place(order: Sequence[str], name: str) -> int:
    return list(order).index(name) if name in order else len(order)


def _draw_curve(axes: plt.Axes, curve: pd.DataFrame, group: str, colour: str, shade: float) -> None:
    times = np.concatenate([[0.0], curve["time"].to_numpy(float)])
    survival, low, high = (
        np.concatenate([[1.0], curve[name].to_numpy(float)]) for name in ("survival", "low", "high")
    )
    label = f"{group}: {int(curve['events'].sum())} of {at_risk(curve, 0.0)} with event"
    axes.step(times, survival, where="post", color=colour, label=label, linewidth=1.6)
    axes.fill_between(times, low, high, step="post", color=colour, alpha=shade, linewidth=0)
    censored = curve[curve["censored"] > 0]
    axes.plot(censored["time"], censored["survival"], "|", color=colour, markersize=6)


def _draw_numbers_at_risk(
    table: plt.Axes, curves: pd.DataFrame, groups: list[str], grid: np.ndarray, names: Mapping[str, str]
) -> None:
    table.set_ylim(len(groups) - 0.5, -1.2)
    table.set_axis_off()
    table.text(0, -0.9, "at risk", fontsize=8, ha="center", va="center", style="italic")
    for row, (group, colour) in enumerate(zip(groups, _cycle(len(groups)), strict=True)):
        curve = curves[curves["group"] == group]
        if len(groups) > 1:
            place = table.get_yaxis_transform()
            label = names.get(group, group)
            table.text(-0.05, row, label, fontsize=8, ha="right", va="center", color=colour, transform=place)
        for time in grid:
            table.text(time, row, at_risk(curve, time), fontsize=8, ha="center", va="center", color=colour)


def _grid(end: float) -> np.ndarray:
    steps = np.array([1, 2, 3, 6, 12, 24, 60, 90, 180, 360])
    step = next((step for step in steps if end / step <= 10), steps[-1])
    return np.arange(0, end + step, step)[: int(end // step) + 1]


def _cycle(n: int) -> list[str]:
    return [GROUP_COLOURS[number % len(GROUP_COLOURS)] for number in range(n)]
