"""Spider plot: change of the target lesions over time, one line a subject."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.palette import RESPONSE_COLOURS, RESPONSES
from clearher.report.style import flatten_marks


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
        A cross marks a visit with a new lesion.
    """
    drawn = visits[(visits["evaluator"] == evaluator) & visits["change_percent"].notna()].copy()
    drawn["months"] = (drawn["date"] - drawn["subject_id"].map(reference_dates)).dt.days / days_per_month
    drawn = drawn[drawn["months"] > 0].sort_values(["subject_id", "date"])
    if drawn.empty:
        return nothing_to_draw("No measured change of target lesions over time.")
    best = responses[responses["evaluator"] == evaluator].set_index("subject_id")["confirmed_bor"]
    figure, axes = plt.subplots(figsize=(8, 4.4))
    many = drawn["subject_id"].nunique() > 80
    for subject, course in drawn.groupby("subject_id", sort=True):
        colour = line_colour(best.get(subject, ""))
        times, changes = [0, *course["months"]], [0, *course["change_percent"]]
        axes.plot(times, changes, color=colour, linewidth=0.6 if many else 1.1, alpha=1 if many else 0.9,
                  marker="" if many else "o", markersize=2.4)  # fmt: skip
    new = drawn[drawn["new_lesion"].fillna(False)]
    axes.plot(
        new["months"], new["change_percent"], "kx", markersize=3 if many else 5, markeredgewidth=0.9, zorder=5
    )
    if many:
        flatten_marks(axes)
    for level in (20, -30):
        axes.axhline(level, color="#777777", linewidth=0.8, linestyle="--")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xlabel="months from the reference date", ylabel="change of target lesions, %", xlim=(0, None))
    axes.set_title(f"{drawn['subject_id'].nunique()} subjects with a measured change")
    present = {best.get(subject, "") for subject in drawn["subject_id"].unique()}
    marks = [Line2D([], [], color=line_colour(name), label=name) for name in RESPONSES if name in present]
    marks.append(Line2D([], [], linestyle="", marker="x", color="black", label="new lesion"))
    axes.legend(handles=marks, title="confirmed best response", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def line_colour(response: str) -> str:
    """Colour of a response for lines on white: classes drawn white in bars are dark grey here."""
    colour = RESPONSE_COLOURS.get(response, "#FFFFFF")
    return "#4D4D4D" if colour == "#FFFFFF" else colour
