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
    colours: Mapping[str, str] = MappingProxyType({}),
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
    colours : Mapping of str to str
        Colours of groups that have one wherever they are drawn; empty: one after the other.
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
    looks = {
        group: (names.get(group, group), _colour(colours, group, row)) for row, group in enumerate(groups)
    }
    for group, (name, colour) in looks.items():
        curve = curves[curves["group"] == group].sort_values("time")
        _draw_curve(axes, curve, name, colour, 0.14 if len(groups) < 3 else 0.06)
    end = float(curves["time"].max())
    grid = _grid(end)
    axes.set(
        ylim=(0, 1.02), xlim=(0, max(end, grid[-1]) * 1.02), ylabel="share without event", xlabel=time_label
    )
    axes.tick_params(labelbottom=True)
    if len(groups) > 1:
        axes.set_title(title)
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    else:
        axes.set_title(f"{title}, {_with_event(curves)}")
    if landmark:
        axes.axvline(0, color="black", linewidth=1.2, linestyle=":")
        axes.annotate(landmark, (0, 0.02), xytext=(4, 0), textcoords="offset points", fontsize=8)
    axes.set_xticks(grid)
    _draw_numbers_at_risk(table, curves, looks, grid)
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
    label = f"{group}: {_with_event(curve)}"
    axes.step(times, survival, where="post", color=colour, label=label, linewidth=1.6)
    axes.fill_between(times, low, high, step="post", color=colour, alpha=shade, linewidth=0)
    censored = curve[curve["censored"] > 0]
    axes.plot(censored["time"], censored["survival"], "|", color=colour, markersize=6)


def _with_event(curve: pd.DataFrame) -> str:
    return f"{int(curve['events'].sum())} of {at_risk(curve, 0.0)} with event"


def _draw_numbers_at_risk(
    table: plt.Axes, curves: pd.DataFrame, looks: Mapping[str, tuple[str, str]], grid: np.ndarray
) -> None:
    table.set_ylim(len(looks) - 0.5, -1.2)
    table.set_axis_off()
    table.text(0, -0.9, "at risk", fontsize=8, ha="center", va="center", style="italic")
    for row, (group, (name, colour)) in enumerate(looks.items()):
        curve = curves[curves["group"] == group]
        if len(looks) > 1:
            place = table.get_yaxis_transform()
            table.text(-0.05, row, name, fontsize=8, ha="right", va="center", color=colour, transform=place)
        for time in grid:
            table.text(time, row, at_risk(curve, time), fontsize=8, ha="center", va="center", color=colour)


def _grid(end: float) -> np.ndarray:
    steps = np.array([1, 2, 3, 6, 12, 24, 60, 90, 180, 360])
    step = next((step for step in steps if end / step <= 10), steps[-1])
    return np.arange(0, end + step, step)[: int(end // step) + 1]


def _colour(own: Mapping[str, str], group: str, row: int) -> str:
    return own.get(group, GROUP_COLOURS[row % len(GROUP_COLOURS)])
