"""Spider plot: change of the target lesions over time, one line a subject."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.figures.panels import course_panels
from clearher.report.palette import GREY, RESPONSE_COLOURS, RESPONSES
from clearher.report.words import counted

MANY = 80
WINDOW_MONTHS = 1.38
TIME, CHANGE = "months from the reference date", "change of target lesions, %"
NEW_LESION = Line2D([], [], linestyle="", marker="x", color="black", label="new lesion")


def spider(
    visits: pd.DataFrame,
    responses: pd.DataFrame,
    reference_dates: pd.Series,
    *,
    evaluator: str,
    days_per_month: float,
) -> Figure:
    """Percent change from baseline of the sum of target lesions by time.

    Parameters
    ----------
    visits : pandas.DataFrame
        Table ``clinical/visits``; complete sums of ``evaluator`` are drawn, each line from 0 at baseline.
    responses : pandas.DataFrame
        Table ``clinical/responses``: confirmed best response is the colour.
    reference_dates : pandas.Series
        Day 1 by subject.
    evaluator : str
        Whose assessment.
    days_per_month : float
        Days in a month of the time axis.

    Returns
    -------
    matplotlib.figure.Figure
        A cross marks a visit with a new lesion. More than 80 subjects have a panel for each confirmed best
        response, with the median of windows of six weeks.
    """
    drawn = visits[(visits["evaluator"] == evaluator) & visits["change_percent"].notna()].copy()
    drawn["months"] = (drawn["date"] - drawn["subject_id"].map(reference_dates)).dt.days / days_per_month
    drawn = drawn[drawn["months"] > 0].sort_values(["subject_id", "date"])
    if drawn.empty:
        return nothing_to_draw("No measured change of target lesions over time.")
    best = responses[responses["evaluator"] == evaluator].set_index("subject_id")["confirmed_bor"]
    drawn["group"] = drawn["subject_id"].map(best).fillna("")
    few = drawn["subject_id"].nunique() <= MANY
    figure = _one_panel(drawn) if few else _panel_a_response(drawn)
    for axes in figure.axes:
        for level in (20, -30):
            axes.axhline(level, color="#777777", linewidth=0.8, linestyle="--")
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set(xlim=(0, None))
    return figure


def _one_panel(drawn: pd.DataFrame) -> Figure:
    figure, axes = plt.subplots(figsize=(8, 4.4))
    for (_, response), course in drawn.groupby(["subject_id", "group"], sort=True):
        axes.plot([0, *course["months"]], [0, *course["change_percent"]], color=line_colour(response),
                  linewidth=1.1, alpha=0.9, marker="o", markersize=2.4)  # fmt: skip
    _mark_new_lesions(axes, drawn, 5)
    axes.set(xlabel=TIME, ylabel=CHANGE)
    axes.set_title(f"{counted(drawn['subject_id'].nunique(), 'subject')} with a measured change")
    present = set(drawn["group"])
    marks = [Line2D([], [], color=line_colour(name), label=name) for name in RESPONSES if name in present]
    axes.legend(
        handles=[*marks, NEW_LESION],
        title="confirmed best response",
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
    )
    return figure


def _panel_a_response(drawn: pd.DataFrame) -> Figure:
    start = drawn.drop_duplicates("subject_id").assign(months=0.0, change_percent=0.0)
    courses = pd.concat([start, drawn]).assign(
        x=lambda rows: rows["months"], y=lambda rows: rows["change_percent"],
        step=lambda rows: (rows["months"] / WINDOW_MONTHS).round(),
    )  # fmt: skip
    looks = {name: (name or "no response known", line_colour(name)) for name in (*RESPONSES, "")}
    looks["SD"] = ("SD", GREY)
    figure, panels = course_panels(courses.sort_values(["subject_id", "x"], kind="stable"), looks)
    for response, axes in panels.items():
        _mark_new_lesions(axes, drawn[drawn["group"] == response], 2.5)
    median = Line2D([], [], color="black", marker="o", markersize=3, label="median by six weeks")
    figure.legend(handles=[median, NEW_LESION], loc="upper center", ncols=2, bbox_to_anchor=(0.5, 0.0))
    figure.supxlabel(TIME, fontsize=9)
    figure.supylabel(CHANGE, fontsize=9)
    figure.tight_layout()
    return figure


def _mark_new_lesions(axes: plt.Axes, drawn: pd.DataFrame, size: float) -> None:
    new = drawn[drawn["new_lesion"].fillna(False)]
    axes.plot(new["months"], new["change_percent"], "kx", markersize=size, markeredgewidth=size / 6, zorder=5)


def line_colour(response: str) -> str:
    """Colour of a response for lines on white: classes drawn white in bars are dark grey here."""
    colour = RESPONSE_COLOURS.get(response, "#FFFFFF")
    return "#4D4D4D" if colour == "#FFFFFF" else colour
