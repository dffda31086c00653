"""Cohort flow: how many subjects entered, left, and can be judged for each question."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

LINE = "#5B6875"
LOOK = {"boxstyle": "round,pad=0,rounding_size=0.06", "facecolor": "#F4F7FA", "edgecolor": LINE}
LOOK_LEFT_OUT = {**LOOK, "facecolor": "#FFFFFF", "linestyle": "--"}
WIDTH, BETWEEN_COLUMNS, BETWEEN_ROWS, PADDING = 2.65, 0.4, 0.32, 0.18  # inches
TRUNK_POINTS, SMALL_POINTS = 8.5, 7.5
LINE_SPACING = 1.25


@dataclass(frozen=True)
class FlowStep:
    """A box of the flow.

    Attributes
    ----------
    text : str
        What the subjects have in common.
    n : int
        Subjects.
    left_out : tuple of (str, int)
        Reasons why subjects of the step before are not in this one, with counts.
    """

    text: str
    n: int
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class _Box:
    """Wrapped text in a frame that is as high as it needs."""

    text: str
    points: float

    @classmethod
    def of(cls, text: str, points: float) -> "_Box":
        """Text broken into lines that fit the width; a letter is taken as 0.58 of the font's size wide."""
        letters = int((WIDTH - PADDING) * 72 / (0.58 * points))
        lines = [part for line in text.split("\n") for part in textwrap.wrap(line, letters)]
        return cls("\n".join(lines), points)

    @property
    def height(self) -> float:
        return (self.text.count("\n") + 1) * self.points * LINE_SPACING / 72 + PADDING

    def draw(self, axes: plt.Axes, x: float, y: float, look: dict) -> None:
        corner = (x - WIDTH / 2, y - self.height / 2)
        axes.add_patch(FancyBboxPatch(corner, WIDTH, self.height, zorder=2, **look))
        axes.text(
            x, y, self.text, ha="center", va="center", fontsize=self.points, zorder=3,
            linespacing=LINE_SPACING,
        )  # fmt: skip


def cohort_flow(trunk: Sequence[FlowStep], branches: Sequence[Sequence[FlowStep]]) -> Figure:
    """Boxes from all subjects down to those that each question can use.

    Parameters
    ----------
    trunk : sequence of FlowStep
        Steps that every question shares; reasons for leaving stand beside the step.
    branches : sequence of sequence of FlowStep
        One column a question, under the trunk; reasons for leaving stand inside the box.

    Returns
    -------
    matplotlib.figure.Figure
        Drawn in inches, so that a box is as large as its text.
    """
    figure = plt.figure()
    axes = figure.add_axes((0, 0, 1, 1))
    centre = (len(branches) - 1) * (WIDTH + BETWEEN_COLUMNS) / 2
    foot = _draw_trunk(axes, trunk, centre)
    feet = [foot]
    for column, branch in enumerate(branches):
        feet.append(_draw_branch(axes, branch, column * (WIDTH + BETWEEN_COLUMNS), (centre, foot)))
    boxes = [patch.get_bbox() for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    left, right = min(box.x0 for box in boxes) - 0.1, max(box.x1 for box in boxes) + 0.1
    axes.set_xlim(left, right)
    axes.set_ylim(min(feet) - 0.1, 0.1)
    figure.set_size_inches(right - left, 0.2 - min(feet))
    axes.set_axis_off()
    return figure


def _draw_trunk(axes: plt.Axes, trunk: Sequence[FlowStep], x: float) -> float:
    """Steps from 0 downwards; returns where the last one ends."""
    top = 0.0
    for row, step in enumerate(trunk):
        box = _Box.of(f"{step.text}\nn = {step.n}", TRUNK_POINTS)
        if row:
            beside = _Box.of(_reasons(step.left_out), SMALL_POINTS) if step.left_out else None
            gap = max(BETWEEN_ROWS, beside.height - box.height + 0.1 if beside else 0)
            _arrow(axes, (x, top), (x, top - gap))
            if beside:
                away = x + WIDTH + BETWEEN_COLUMNS
                axes.plot([x, away], [top - gap / 2] * 2, color=LINE, linewidth=0.9, zorder=1)
                beside.draw(axes, away, top - gap / 2, LOOK_LEFT_OUT)
            top -= gap
        box.draw(axes, x, top - box.height / 2, LOOK)
        top -= box.height
    return top


def _draw_branch(axes: plt.Axes, branch: Sequence[FlowStep], x: float, start: tuple[float, float]) -> float:
    """Steps of one question under the trunk; returns where the last one ends."""
    above = start
    for step in branch:
        text = f"{step.text}\nn = {step.n}"
        if step.left_out:
            text += f"\n{_reasons(step.left_out)}"
        box = _Box.of(text, SMALL_POINTS)
        top = above[1] - BETWEEN_ROWS
        _arrow(axes, above, (x, top))
        box.draw(axes, x, top - box.height / 2, LOOK)
        above = (x, top - box.height)
    return above[1]


def _arrow(axes: plt.Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From the foot of a box to the top of the next one, with a bend where that is in another column."""
    bend = (start[1] + end[1]) / 2 if start[0] != end[0] else start[1]
    axes.plot([start[0], start[0], end[0]], [start[1], bend, bend], color=LINE, linewidth=0.9, zorder=1)
    axes.annotate(
        "",
        xy=end,
        xytext=(end[0], bend),
        arrowprops={"arrowstyle": "-|>", "color": LINE, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
    )


def _reasons(left_out: Sequence[tuple[str, int]]) -> str:
    return "\n".join(f"{reason}: {n}" for reason, n in left_out)
