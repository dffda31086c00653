"""Swimmer plot: each subject's time in the study, with ctDNA state, response and treatment along the lane."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.figures.marks import lanes
from clearher.report.palette import (
    CTDNA_COLOURS,
    CTDNA_MARKERS,
    CTDNA_NAMES,
    CTDNA_STATES,
    GREY,
    PURPLE,
    RESPONSE_COLOURS,
)
from clearher.report.style import flatten_marks

LANE = 0.17
TALLEST = 9.0
MANY = 80


def swimmer(
    subjects: pd.DataFrame,
    responses: pd.DataFrame,
    visits: pd.DataFrame,
    *,
    evaluator: str,
    days_per_month: float,
) -> Figure:
    """Lanes from first dose to death, last contact or data cut, longest on top.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Table ``intake/subjects``; treated subjects with a first dose are drawn.
    responses : pandas.DataFrame
        Table ``clinical/responses``: first response and first progression by ``evaluator``.
    visits : pandas.DataFrame
        Table ``ctdna/visits``: a mark a visit, its form and colour the state; planned visits without a
        sample are crosses.
    evaluator : str
        Whose response is marked.
    days_per_month : float
        Days in a month of the time axis.

    Returns
    -------
    matplotlib.figure.Figure
        The thick part of a lane is time on treatment; an arrow means alive and in follow-up.
    """
    people = _people(subjects)
    if people.empty:
        return nothing_to_draw("No treated subject with a first dose.")
    position = pd.Series(range(len(people)), index=people["subject_id"])
    lane = min(LANE, TALLEST / len(people))
    figure, axes = plt.subplots(figsize=(8, 1.6 + lane * len(people)))
    months = lambda days: days / days_per_month  # noqa: E731
    many = len(people) > MANY
    lanes(axes, position, months(people["follow_up"]), thickness=1 if many else 0.18,
          facecolors="#E4E4E4" if many else "#C9C9C9", linewidths=0, zorder=1)  # fmt: skip
    lanes(axes, position, months(people["on_treatment"]), thickness=1 if many else 0.6, facecolors="#DCE9F5",
          edgecolors="#9DB7D1", linewidths=0 if many else 0.4, zorder=2)  # fmt: skip
    scale = lane / LANE
    _draw_ends(axes, people, position, months, scale)
    _draw_responses(axes, responses[responses["evaluator"] == evaluator], people, position, months, scale)
    _draw_states(axes, visits[visits["subject_id"].isin(position.index)], position, months, scale)
    if many:
        flatten_marks(axes)
    axes.set(xlabel="months from first dose", ylim=(len(people) - 0.4, -0.6))
    axes.set_yticks([] if many else position, [] if many else position.index, fontsize=6)
    axes.set_title(f"{len(people)} treated subjects")
    _legend(axes)
    return figure


def _people(subjects: pd.DataFrame) -> pd.DataFrame:
    treated = subjects[subjects["treated"].fillna(False) & subjects["first_dose_date"].notna()].copy()
    start = treated["first_dose_date"]
    end = treated["death_date"].fillna(treated["last_alive_date"])
    end = end.fillna(treated["last_dose_date"]).fillna(start)
    treated["follow_up"] = ((end - start).dt.days + 1).clip(lower=1)
    treated["on_treatment"] = ((treated["last_dose_date"].fillna(start) - start).dt.days + 1).clip(lower=1)
    treated["died"] = treated["death_date"].notna()
    return treated.sort_values(["follow_up", "subject_id"], ascending=[False, True], ignore_index=True)


def _draw_ends(axes: plt.Axes, people: pd.DataFrame, position: pd.Series, months, scale: float) -> None:
    rows = people["subject_id"].map(position)
    died = people["died"]
    end = months(people["follow_up"])
    axes.scatter(end[died], rows[died], marker="X", color="black", s=16 * scale, zorder=5)
    axes.scatter(end[~died], rows[~died], marker=">", color=GREY, s=12 * scale, zorder=3)


def _draw_responses(
    axes: plt.Axes, responses: pd.DataFrame, people: pd.DataFrame, position: pd.Series, months, scale: float
) -> None:
    first_dose = people.set_index("subject_id")["first_dose_date"]
    for column, marker, colour in (
        ("response_date", "^", RESPONSE_COLOURS["CR"]),
        ("first_pd_date", "s", PURPLE),
    ):
        known = responses[responses[column].notna() & responses["subject_id"].isin(position.index)]
        day = (known[column] - known["subject_id"].map(first_dose)).dt.days + 1
        axes.scatter(
            months(day),
            known["subject_id"].map(position) - 0.32,
            marker=marker,
            color=colour,
            s=11 * scale,
            linewidths=0,
            zorder=4,
        )


def _draw_states(axes: plt.Axes, visits: pd.DataFrame, position: pd.Series, months, scale: float) -> None:
    for state in CTDNA_STATES:
        drawn = visits[(visits["state"] == state) & visits["study_day"].notna()]
        plain = CTDNA_MARKERS[state] == "x" or len(position) > MANY
        edge = {} if plain else {"edgecolors": "#333333"}
        axes.scatter(
            months(drawn["study_day"].astype(float)),
            drawn["subject_id"].map(position),
            marker=CTDNA_MARKERS[state],
            color=GREY if state == "NOT_EVALUABLE" else CTDNA_COLOURS[state],
            s=13 * scale,
            linewidths=0.5 * min(1.0, scale),
            zorder=4,
            **edge,
        )


def _legend(axes: plt.Axes) -> None:
    marks = [
        Line2D(
            [], [], linestyle="", marker=CTDNA_MARKERS[state], markersize=4.5, markeredgecolor="#333333",
            markerfacecolor=CTDNA_COLOURS[state], label=CTDNA_NAMES[state],
        )
        for state in CTDNA_STATES
    ]  # fmt: skip
    marks += [
        Line2D(
            [],
            [],
            linestyle="",
            marker="^",
            color=RESPONSE_COLOURS["CR"],
            markersize=4,
            label="first response",
        ),
        Line2D([], [], linestyle="", marker="s", color=PURPLE, markersize=4, label="progression"),
        Line2D([], [], linestyle="", marker="X", color="black", markersize=5, label="death"),
        Line2D([], [], linestyle="", marker=">", color=GREY, markersize=4, label="alive, in follow-up"),
        Patch(facecolor="#DCE9F5", edgecolor="#9DB7D1", label="on treatment"),
        Patch(facecolor="#C9C9C9", label="in follow-up"),
    ]
    axes.legend(handles=marks, loc="upper left", bbox_to_anchor=(1.01, 1.0))
