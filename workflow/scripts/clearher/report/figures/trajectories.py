"""ctDNA level over time: one panel a subject, or all subjects in one."""

import math

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.style import BLUE, CTDNA_COLOURS, CTDNA_MARKERS, CTDNA_NAMES, CTDNA_STATES, GREY

COLUMNS = 6
SHOWN_AT_MOST = 60


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
        cannot be judged breaks the line and is a cross on the floor. At most 60 subjects are shown, those
        with most evaluable draws.
    """
    drawn = visits[visits["study_day"].notna()]
    subjects = _most_drawn(drawn)
    if not subjects:
        return nothing_to_draw("No ctDNA visit to draw.")
    floor, top = _limits(drawn)
    rows = math.ceil(len(subjects) / COLUMNS)
    figure, panels = plt.subplots(
        rows, COLUMNS, figsize=(9, 0.9 + 1.15 * rows), sharex=True, sharey=True, squeeze=False
    )
    for panel, subject in zip(panels.flat, subjects, strict=False):
        _draw_subject(panel, drawn[drawn["subject_id"] == subject], days_per_month, floor)
        panel.set_title(subject, fontsize=7, pad=2)
    for panel in panels.flat[len(subjects) :]:
        panel.set_axis_off()
    panels[0, 0].set(yscale="log", ylim=(floor / 1.6, top))
    figure.supxlabel("months from first dose", fontsize=9)
    figure.supylabel(_level_label(visits), fontsize=9)
    figure.legend(
        handles=_handles(), loc="upper center", ncols=4, bbox_to_anchor=(0.5, 1.0 + 0.25 / (rows + 1))
    )
    figure.tight_layout()
    return figure


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
    return float(values.min()) / 2, float(values.max()) * 2


def _draw_subject(panel: plt.Axes, visits: pd.DataFrame, days_per_month: float, floor: float) -> None:
    visits = visits.sort_values("study_day")
    months = visits["study_day"].astype(float) / days_per_month
    height = visits["level"].where(visits["state"] == "DETECTED", visits["lod95"])
    height = height.where(visits["state"] != "NOT_EVALUABLE")
    panel.plot(months, height, color=BLUE, linewidth=0.8, zorder=1)
    panel.plot(months, visits["lod95"], "_", color=GREY, markersize=5, zorder=2)
    for state in CTDNA_STATES:
        chosen = visits["state"] == state
        at = height[chosen].fillna(floor)
        edge = {} if state == "NOT_EVALUABLE" else {"edgecolors": "#333333"}
        colour = GREY if state == "NOT_EVALUABLE" else CTDNA_COLOURS[state]
        panel.scatter(
            months[chosen],
            at,
            marker=CTDNA_MARKERS[state],
            color=colour,
            s=14,
            linewidths=0.5,
            zorder=3,
            **edge,
        )
    panel.tick_params(labelsize=6)


def _level_label(visits: pd.DataFrame) -> str:
    metrics = sorted(set(visits["level_metric"]) - {""})
    return f"ctDNA level ({', '.join(metrics)})" if metrics else "ctDNA level"


def _handles() -> list[Line2D]:
    states = [
        Line2D(
            [], [], linestyle="", marker=CTDNA_MARKERS[state], markersize=5, markeredgecolor="#333333",
            markerfacecolor=CTDNA_COLOURS[state], label=CTDNA_NAMES[state],
        )
        for state in CTDNA_STATES
    ]  # fmt: skip
    return [*states, Line2D([], [], linestyle="", marker="_", color=GREY, label="limit of detection")]
