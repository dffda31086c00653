"""HER2 level from one specimen to the next, as bands between two columns."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.palette import HER2_COLOURS, HER2_LEVELS, HER2_NAMES

GAP = 0.015


def her2_flow(conversion: pd.DataFrame) -> Figure:
    """Bands from the level of the earlier specimen to the level of the later one, one panel a kind of pair.

    Parameters
    ----------
    conversion : pandas.DataFrame
        Table ``her2/conversion``.

    Returns
    -------
    matplotlib.figure.Figure
        Height in subjects; each band carries its count where it is wide enough.
    """
    flows = [name for name, pairs in conversion.groupby("flow", sort=True) if len(pairs)]
    if not flows:
        return nothing_to_draw("No subject has two specimens that can be compared.")
    figure, panels = plt.subplots(1, len(flows), figsize=(4.6 * len(flows), 3.8), squeeze=False)
    for axes, flow in zip(panels.flat, flows, strict=True):
        pairs = conversion[conversion["flow"] == flow]
        _draw(axes, pairs)
        changed = pairs["change"].value_counts()
        counts = ", ".join(
            f"{changed.get(name, 0)} {name}" for name in ("same", "up", "down", "not comparable")
        )
        axes.set_title(f"{flow}, n = {len(pairs)}\n{counts}", fontsize=9)
    figure.tight_layout()
    return figure


def _draw(axes: plt.Axes, pairs: pd.DataFrame) -> None:
    counts = pd.crosstab(pairs["from_level"], pairs["to_level"])
    levels = [level for level in HER2_LEVELS if level in {*counts.index, *counts.columns}]
    counts = counts.reindex(index=levels, columns=levels, fill_value=0) / len(pairs)
    left, right = _stack(counts.sum(axis=1)), _stack(counts.sum(axis=0))
    for x, stack, side in ((0.0, left, "right"), (1.0, right, "left")):
        for level, (bottom, height) in stack.items():
            if height:
                axes.add_patch(Rectangle((x - 0.03, bottom), 0.06, height, facecolor=HER2_COLOURS[level],
                                         edgecolor="#555555", linewidth=0.6, zorder=3))  # fmt: skip
                text = f"{HER2_NAMES[level]} ({round(height * len(pairs))})"
                axes.text(x + (-0.06 if side == "right" else 0.06), bottom + height / 2, text, ha=side,
                          va="center", fontsize=7.5)  # fmt: skip
    from_foot = {level: bottom for level, (bottom, _) in left.items()}
    to_foot = {level: bottom for level, (bottom, _) in right.items()}
    for start in levels:
        for end in levels:
            height = counts.loc[start, end]
            if height:
                _band(axes, from_foot[start], to_foot[end], height, HER2_COLOURS[start])
                if height >= 0.04:
                    axes.text(
                        0.09,
                        from_foot[start] + height / 2,
                        round(height * len(pairs)),
                        ha="center",
                        va="center",
                        fontsize=7,
                    )
                from_foot[start] += height
                to_foot[end] += height
    axes.set(xlim=(-0.62, 1.62), ylim=(-0.02, 1.02 + GAP * len(levels)))
    axes.set_axis_off()


def _stack(shares: pd.Series) -> dict[str, tuple[float, float]]:
    feet = np.concatenate([[0], np.cumsum(shares.to_numpy() + GAP * (shares.to_numpy() > 0))[:-1]])
    return {level: (foot, share) for (level, share), foot in zip(shares.items(), feet, strict=True)}


def _band(axes: plt.Axes, start: float, end: float, height: float, colour: str) -> None:
    x0, x1, middle = 0.03, 0.97, 0.5
    lower = [(x0, start), (middle, start), (middle, end), (x1, end)]
    upper = [(x, y + height) for x, y in reversed(lower)]
    points = [*lower, *upper, (x0, start)]
    codes = [Outline.MOVETO, *[Outline.CURVE4] * 3, Outline.LINETO, *[Outline.CURVE4] * 3, Outline.CLOSEPOLY]
    axes.add_patch(
        PathPatch(Outline(points, codes), facecolor=colour, alpha=0.45, edgecolor="none", zorder=1)
    )
