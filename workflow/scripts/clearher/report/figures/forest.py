"""Forest plot of all declared analyses: what has a ratio is drawn, everything else is written."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from clearher.report.codes import in_words, text_in_words
from clearher.report.figures.empty import nothing_to_draw
from clearher.report.palette import BLUE, VERMILION
from clearher.report.style import plain_ticks
from clearher.report.words import coverage, limits, p_value, significant

LIMITS = (0.01, 100.0)
GROUND = (-0.95, 2.01)


def forest(results: pd.DataFrame, *, confidence: float) -> Figure:
    """The row that answers each declared analysis, in the order of declaration.

    Parameters
    ----------
    results : pandas.DataFrame
        Headline rows of ``association/results``.
    confidence : float
        Coverage of their intervals.

    Returns
    -------
    matplotlib.figure.Figure
        Odds and hazard ratios with intervals on a log axis, arrows where a limit lies outside; n, events,
        estimate and p as text. The primary analysis is vermilion. Analyses without a ratio keep their line.
    """
    if results.empty:
        return nothing_to_draw("No analysis is declared.")
    results = results.sort_values(["number", "position"], ignore_index=True)
    figure, axes = plt.subplots(figsize=(4.4, 1.0 + 0.19 * len(results)))
    axes.set_xscale("log")
    plain_ticks(axes.xaxis)
    axes.set(xlim=LIMITS, ylim=(len(results) - 0.3, -1.2), yticks=[])
    for row in range(1, len(results), 2):
        axes.axhspan(row - 0.5, row + 0.5, *GROUND, color="#F4F7FA", zorder=0, clip_on=False)
    _draw_ratios(axes, results)
    for row, result in enumerate(results.itertuples()):
        _write_row(axes, row, result)
    axes.axvline(1, color="#777777", linewidth=0.8)
    axes.set_xlabel(f"odds ratio or hazard ratio, {coverage(confidence)} interval")
    axes.spines["left"].set_visible(False)
    _heading(axes)
    return figure


def ratios(results: pd.DataFrame) -> pd.DataFrame:
    """The results that are ratios with an estimate, each with the ends of its line on the axis.

    Returns
    -------
    pandas.DataFrame
        Rows of ``results`` with ``start centre end`` inside the limits of the axis; a limit that is not known
        while the other is lies at the edge.
    """
    found = results[results["estimate_name"].str.endswith("ratio") & results["estimate"].notna()]
    known = found["low"].notna() | found["high"].notna()
    edges = zip(("low", "high"), LIMITS, strict=True)
    start, end = (found[name].fillna(edge).where(known, found["estimate"]) for name, edge in edges)
    inside = {"start": start, "centre": found["estimate"], "end": end}
    return found.assign(**{name: place.astype(float).clip(*LIMITS) for name, place in inside.items()})


def _draw_ratios(axes: plt.Axes, results: pd.DataFrame) -> None:
    drawn = ratios(results)
    primary = drawn["primary"].fillna(False).astype(bool)
    for colour, shown in ((BLUE, drawn[~primary]), (VERMILION, drawn[primary])):
        axes.hlines(shown.index, shown["start"], shown["end"], color=colour, linewidth=1.3, zorder=2)
        axes.plot(shown["centre"], shown.index, "s", color=colour, markersize=4.5)
        for end, edge, marker in (("start", LIMITS[0], "<"), ("end", LIMITS[1], ">")):
            beyond = shown[shown[end] == edge]
            if len(beyond):
                axes.plot(beyond[end], beyond.index, marker, color=colour, markersize=5, clip_on=False)


def _write_row(axes: plt.Axes, row: int, result: object) -> None:
    ink = VERMILION if pd.notna(result.primary) and result.primary else "black"
    place = axes.get_yaxis_transform()
    for x, text, side in (
        (-0.95, label(result), "left"),
        (-0.2, _integer(result.n), "right"),
        (-0.03, _integer(result.events), "right"),
        (1.03, estimate_text(result), "left"),
        (2.0, p_value(result.p), "right"),
    ):
        axes.text(x, row, text, ha=side, va="center", fontsize=7, transform=place, color=ink)


def label(result: object) -> str:
    """Analysis, and the term where the analysis has several headline rows."""
    term = result.term if result.type == "genes_response" else ""
    return f"{in_words(result.analysis_id)}{': ' + term if term else ''}"


def estimate_text(result: object) -> str:
    """Estimate with interval and its name; the term where there is no estimate."""
    if pd.isna(result.estimate):
        return text_in_words(result.term)
    text = significant(result.estimate)
    if pd.notna(result.low) or pd.notna(result.high):
        text += f" ({limits(result.low, result.high)})"
    return f"{text}, {result.estimate_name}"


def _heading(axes: plt.Axes) -> None:
    place = axes.get_yaxis_transform()
    headings = ((-0.95, "analysis", "left"), (-0.2, "n", "right"), (-0.03, "events", "right"),
                (1.03, "estimate", "left"), (2.0, "p", "right"))  # fmt: skip
    for x, text, side in headings:
        axes.text(x, -1.0, text, ha=side, va="center", fontsize=7.5, fontweight="bold", transform=place)


def _integer(value: object) -> str:
    return "" if pd.isna(value) else str(int(value))
