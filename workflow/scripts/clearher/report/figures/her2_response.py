"""Response by HER2 level: rates with exact intervals and their denominators."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.palette import BLUE, GREY, HER2_NAMES
from clearher.report.words import ci_name, counted, percent


def response_by_level(levels: pd.DataFrame, *, trend: str, confidence: float) -> Figure:
    """Response rate of each level, lowest level first.

    Parameters
    ----------
    levels : pandas.DataFrame
        Rows of ``association/levels`` of one analysis.
    trend : str
        Result of the trend test in words, printed behind the number of subjects.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    matplotlib.figure.Figure
        A point a level with its exact interval; n/N stands under the axis. Dashed: the rates that never
        fall from level to level and lie closest (isotonic fit), without a test.
    """
    if levels.empty:
        return nothing_to_draw("No HER2 level with known response.")
    levels = levels.sort_values("position", ignore_index=True)
    places = np.arange(len(levels))
    estimate = levels["estimate"].to_numpy(float)
    figure, axes = plt.subplots(figsize=(1.6 + 1.25 * len(levels), 3.4))
    fitted = levels["isotonic"].notna()
    axes.plot(
        places[fitted],
        100 * levels.loc[fitted, "isotonic"],
        color=GREY,
        linewidth=1,
        linestyle="--",
        zorder=1,
    )
    reach = np.vstack([estimate - levels["low"].to_numpy(float), levels["high"].to_numpy(float) - estimate])
    axes.errorbar(places, 100 * estimate, 100 * reach, fmt="o", color=BLUE, capsize=4, markersize=6)
    for place, row in enumerate(levels.itertuples()):
        axes.text(
            place + 0.1,
            np.clip(100 * row.estimate, 3, 99),
            percent(row.estimate, 0),
            va="center",
            ha="left",
            fontsize=8,
            bbox={"facecolor": "#FFFFFF", "edgecolor": "none", "pad": 0.5},
        )
    names = [f"{HER2_NAMES.get(row.level, row.level)}\n{row.n}/{row.N}" for row in levels.itertuples()]
    axes.set_xticks(places, names)
    axes.set(
        ylim=(0, 103),
        xlim=(-0.6, len(levels) - 0.3),
        ylabel=f"response rate, % (exact {ci_name(confidence)})",
    )
    axes.set_title(f"{counted(int(levels['N'].sum()), 'subject')}; {trend}")
    axes.grid(axis="y", color="#E3E8ED", linewidth=0.6)
    return figure
