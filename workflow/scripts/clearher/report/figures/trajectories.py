"""ctDNA level over time: one panel a subject, or all subjects in one."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.figures.marks import polylines
from clearher.report.figures.panels import course_panels
from clearher.report.palette import (
    BLACK,
    BLUE,
    CLEARANCE_LINE_COLOURS,
    CLEARANCE_NAMES,
    CTDNA_COLOURS,
    CTDNA_MARKERS,
    CTDNA_NAMES,
    CTDNA_STATES,
    GREY,
)
from clearher.report.style import plain, plain_ticks
from clearher.report.words import level_words

COLUMNS = 6
SHOWN_AT_MOST = 48
MANY = 80
WITHOUT_LEVEL = "DETECTED_WITHOUT_LEVEL"
STATE_LOOKS = {state: (name, CLEARANCE_LINE_COLOURS[state]) for state, name in CLEARANCE_NAMES.items()}


def trajectories(visits: pd.DataFrame, *, days_per_month: float) -> Figure:
    """Small panels, one a subject: level by time with the limit of detection of each draw.

    Parameters
    ----------
    visits : pandas.DataFrame
        Table ``ctdna/visits``.
    days_per_month : float
        Days in a month of the time axis.

    Returns
    -------
    matplotlib.figure.Figure
        A detected level is a filled circle. A sample without detection is drawn at its own limit of
        detection, as a triangle pointing down: the level lies somewhere below, not at zero. A draw that
        cannot be judged breaks the line and is a cross on the floor. At most 48 subjects are shown, those
        with most evaluable draws. All panels share one pair of axes, each in a cell of its own: hundreds
        of separate axes would take minutes to draw.
    """
    drawn = visits[visits["study_day"].notna()].sort_values(["subject_id", "study_day"]).copy()
    subjects = _most_drawn(drawn)
    if not subjects:
        return nothing_to_draw("No ctDNA visit to draw.")
    drawn = drawn[drawn["subject_id"].isin(subjects)]
    cells = _Cells(drawn, days_per_month)
    rows = math.ceil(len(subjects) / COLUMNS)
    figure, axes = plt.subplots(figsize=(10, 0.9 + 1.05 * rows))
    _draw_cells(axes, cells, subjects)
    place = {subject: number for number, subject in enumerate(subjects)}
    _draw_points(axes, cells, drawn, drawn["subject_id"].map(place).to_numpy())
    axes.set(xlim=(-0.08, COLUMNS), ylim=(rows, -0.05))
    axes.set_axis_off()
    left_out = visits["subject_id"].nunique() - len(subjects)
    more = f"; {left_out} more subjects on the subject page" if left_out else ""
    axes.set_title(f"{_level_label(visits)}, {cells.reading}{more}", fontsize=9)
    height = figure.get_size_inches()[1]
    figure.subplots_adjust(top=1 - 0.75 / height)
    place = (0.5, 1 - 0.02 / height)
    figure.legend(handles=_handles(), loc="upper center", ncols=3, bbox_to_anchor=place, fontsize=8)
    return figure


class _Cells:
    """Places of level and time inside the cells of the grid; each cell is 0.86 wide and 0.66 high."""

    def __init__(self, visits: pd.DataFrame, days_per_month: float) -> None:
        self.days_per_month = days_per_month
        self.months = float(visits["study_day"].max()) / days_per_month
        self.start = min(0.0, float(visits["study_day"].min()) / days_per_month)
        floor, top = _limits(visits)
        self.low = math.floor(math.log10(floor))
        self.high = max(math.ceil(math.log10(top)), self.low + 1)
        shown = f"{plain(10.0**self.low)} to {plain(10.0**self.high)} on a log scale"
        self.reading = f"each cell {shown}, up to {self.months:.0f} months from first dose"

    def x(self, number: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Place of a study day in the cell of a number."""
        share = (day / self.days_per_month - self.start) / max(self.months - self.start, 1e-9)
        return number % COLUMNS + 0.04 + 0.82 * share

    def y(self, number: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Place of a level in the cell of a number; the axis points down."""
        share = (np.log10(level) - self.low) / (self.high - self.low)
        return number // COLUMNS + 0.9 - 0.66 * share

    def floor(self, number: np.ndarray) -> np.ndarray:
        """The floor of the cell."""
        return number // COLUMNS + 0.9


def _draw_cells(axes: plt.Axes, cells: _Cells, subjects: list[str]) -> None:
    """Each subject's name, axes, and a tick at each power of ten."""
    number = np.arange(len(subjects))
    left, bottom = number % COLUMNS, cells.floor(number)
    look = {"colors": "#555555", "zorder": 2}
    x, y = np.stack([left, left, left + 0.9], axis=1), np.stack([bottom - 0.68, bottom, bottom], axis=1)
    polylines(axes, x.ravel(), y.ravel(), np.repeat(number, 3), linewidths=0.6, **look)
    ticked, power = (part.ravel() for part in np.meshgrid(number, np.arange(cells.low, cells.high + 1)))
    end = ticked % COLUMNS
    axes.hlines(cells.y(ticked, 10.0**power), end - 0.015, end, linewidths=0.5, **look)
    for name, x, y in zip(subjects, left + 0.02, bottom - 0.7, strict=True):
        axes.text(x, y, name[:24], fontsize=6.5, va="bottom")


def _draw_points(axes: plt.Axes, cells: _Cells, visits: pd.DataFrame, number: np.ndarray) -> None:
    x = cells.x(number, visits["study_day"].to_numpy(float))
    limit = visits["lod95"].where(visits["lod95"] > 0).to_numpy(float)
    level = visits["level"].where(visits["level"] > 0).to_numpy(float)
    state = visits["state"].to_numpy(str)
    height = np.where(state == "DETECTED", level, limit)
    height = np.where(state == "NOT_EVALUABLE", np.nan, height)
    polylines(axes, x, cells.y(number, height), number, colors=BLUE, linewidths=0.8, zorder=1)
    axes.plot(x, cells.y(number, limit), "_", color=GREY, markersize=4, zorder=2)
    y = np.where(np.isnan(height), cells.floor(number), cells.y(number, height))
    without = (state == "DETECTED") & np.isnan(level)
    for name in CTDNA_STATES:
        chosen = (state == name) & ~without
        axes.plot(x[chosen], y[chosen], linestyle="", zorder=3, **_mark(name, 3.6))
    axes.plot(x[without], y[without], linestyle="", zorder=3, **_mark(WITHOUT_LEVEL, 3.6))


def _mark(state: str, size: float) -> dict:
    if state == WITHOUT_LEVEL:
        edge = CTDNA_COLOURS["DETECTED"]
        return {"marker": "o", "markersize": size, "color": "#FFFFFF", "markeredgecolor": edge}
    hollow = state == "NOT_EVALUABLE"
    return {
        "marker": CTDNA_MARKERS[state],
        "markersize": size,
        "color": GREY if hollow else CTDNA_COLOURS[state],
        "markeredgecolor": GREY if hollow else "#333333",
        "markeredgewidth": 0.8 if hollow else 0.5,
    }


def all_trajectories(visits: pd.DataFrame, subjects: pd.DataFrame, *, days_per_month: float) -> Figure:
    """All subjects: in one panel where lines can be told apart, else one panel a state of clearance.

    Parameters
    ----------
    visits, subjects : pandas.DataFrame
        Tables ``ctdna/visits`` and ``ctdna/subjects``; clearance is the colour.
    days_per_month : float
        Days in a month of the time axis.

    Returns
    -------
    matplotlib.figure.Figure
        A line a subject through detected levels (dots) and limits of detection (open triangles); with more
        than 80 subjects the median of each planned visit on top, a non-detection counting at its limit.
    """
    drawn = visits[visits["study_day"].notna() & (visits["state"] != "NOT_EVALUABLE")].copy()
    drawn["y"] = drawn["level"].where(drawn["state"] == "DETECTED", drawn["lod95"])
    drawn = drawn[drawn["y"] > 0].sort_values(["subject_id", "study_day"])
    if drawn.empty:
        return nothing_to_draw("No ctDNA visit to draw.")
    drawn["x"] = drawn["study_day"].astype(float) / days_per_month
    drawn["group"] = drawn["subject_id"].map(subjects.set_index("subject_id")["clearance"]).fillna("")
    few = drawn["subject_id"].nunique() <= MANY
    return _one_panel(drawn) if few else _panel_a_state(drawn)


def _one_panel(drawn: pd.DataFrame) -> Figure:
    figure, axes = plt.subplots(figsize=(8, 4.6))
    for state, (name, colour) in STATE_LOOKS.items():
        chosen = drawn[drawn["group"] == state]
        if len(chosen):
            _draw_group(axes, chosen, colour)
            axes.plot([], [], color=colour, label=f"{name} ({chosen['subject_id'].nunique()})")
    axes.plot([], [], "v", color="#555555", markerfacecolor="white", label="not detected: its limit")
    axes.set_yscale("log")
    plain_ticks(axes.yaxis)
    axes.set(xlabel="months from first dose", ylabel=_level_label(drawn))
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _panel_a_state(drawn: pd.DataFrame) -> Figure:
    courses = drawn.assign(step=drawn["visit"].where(drawn["planned"].fillna(False)))
    figure, panels = course_panels(courses, STATE_LOOKS)
    for state, axes in panels.items():
        below = drawn[(drawn["group"] == state) & (drawn["state"] != "DETECTED")]
        look = {"color": "#333333", "markersize": 2, "alpha": 0.35, "markeredgewidth": 0}
        axes.plot(below["x"], below["y"], "v", rasterized=True, **look)
        axes.set_yscale("log")
        plain_ticks(axes.yaxis)
    figure.legend(
        handles=[
            Line2D([], [], color=BLACK, marker="o", markersize=3, label="median of the visit"),
            Line2D([], [], linestyle="", marker="v", color="#333333", label="not detected: its limit"),
        ],
        loc="upper center", ncols=2, bbox_to_anchor=(0.5, 0.0),
    )  # fmt: skip
    figure.supxlabel("months from first dose", fontsize=9)
    figure.supylabel(_level_label(drawn), fontsize=9)
    figure.tight_layout()
    return figure


def _draw_group(axes: plt.Axes, drawn: pd.DataFrame, colour: str) -> None:
    gap = pd.DataFrame({"subject_id": drawn["subject_id"].unique(), "x": float("nan"), "y": float("nan")})
    line = pd.concat([drawn, gap]).sort_values("subject_id", kind="stable")
    axes.plot(line["x"], line["y"], color=colour, linewidth=0.9, alpha=0.55)
    found = drawn[drawn["state"] == "DETECTED"]
    below = drawn[drawn["state"] != "DETECTED"]
    axes.plot(found["x"], found["y"], "o", color=colour, markersize=3)
    axes.plot(
        below["x"],
        below["y"],
        "v",
        color=colour,
        markersize=3.8,
        markerfacecolor="white",
        markeredgewidth=0.5,
    )


def _most_drawn(visits: pd.DataFrame) -> list[str]:
    evaluable = visits[visits["state"] != "NOT_EVALUABLE"]
    counts = (
        evaluable.groupby("subject_id").size().reindex(sorted(visits["subject_id"].unique()), fill_value=0)
    )
    return sorted(counts.sort_values(ascending=False, kind="stable").index[:SHOWN_AT_MOST])


def _limits(visits: pd.DataFrame) -> tuple[float, float]:
    values = pd.concat([visits["level"], visits["lod95"]]).dropna()
    values = values[values > 0]
    if values.empty:
        return 1e-5, 1.0
    return float(values.min()), float(values.max())


def _level_label(visits: pd.DataFrame) -> str:
    words = level_words(visits["level_metric"])
    return f"ctDNA level ({words})" if words else "ctDNA level"


def _handles() -> list[Line2D]:
    states = [
        Line2D([], [], linestyle="", label=CTDNA_NAMES[name], **_mark(name, 5)) for name in CTDNA_STATES
    ]
    return [
        *states,
        Line2D([], [], linestyle="", label="detected, level not known", **_mark(WITHOUT_LEVEL, 5)),
        Line2D([], [], linestyle="", marker="_", color=GREY, label="limit of detection"),
    ]
