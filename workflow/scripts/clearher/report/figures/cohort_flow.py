"""Cohort flow: how many subjects entered, left, and can be judged for each question."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

BOX = {"boxstyle": "round,pad=0.02,rounding_size=0.06", "facecolor": "#F4F7FA", "edgecolor": "#5B6875"}
LEFT_OUT = {**BOX, "facecolor": "#FFFFFF", "linestyle": "--"}
WIDTH, HEIGHT, STEP = 2.5, 0.62, 1.0


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
    """
    depth = len(trunk) + max((len(branch) for branch in branches), default=0)
    figure, axes = plt.subplots(figsize=(9, 0.85 * depth + 0.2))
    centre = (len(branches) - 1) * (WIDTH + 0.5) / 2
    for row, step in enumerate(trunk):
        _box(axes, centre, -row * STEP, f"{step.text}\nn = {step.n}", BOX)
        if row:
            _arrow(axes, (centre, -(row - 1) * STEP), (centre, -row * STEP))
        if step.left_out:
            x = centre + WIDTH / 2 + 1.9
            _box(axes, x, -(row - 0.5) * STEP, _reasons(step.left_out), LEFT_OUT, 7.5)
            axes.plot([centre, x - WIDTH / 2], [-(row - 0.5) * STEP] * 2, color="#5B6875", linewidth=0.9)
    for column, branch in enumerate(branches):
        _draw_branch(axes, branch, column * (WIDTH + 0.5), len(trunk), centre)
    right = max((len(branches) - 1) * (WIDTH + 0.5), centre + WIDTH / 2 + 1.9) + WIDTH / 2 + 0.1
    axes.set_xlim(min(centre, 0) - WIDTH / 2 - 0.1, right)
    axes.set_ylim(-(depth - 1) * STEP - HEIGHT / 2 - 0.1, HEIGHT / 2 + 0.1)
    axes.set_axis_off()
    return figure


def _draw_branch(axes: plt.Axes, branch: Sequence[FlowStep], x: float, first_row: int, centre: float) -> None:
    above = (centre, -(first_row - 1) * STEP)
    for number, step in enumerate(branch):
        here = (x, -(first_row + number) * STEP)
        _arrow(axes, above, here)
        text = f"{step.text}\nn = {step.n}"
        if step.left_out:
            text += f"\n({_reasons(step.left_out, '; ')})"
        _box(axes, *here, text, BOX, 7.5)
        above = here


def _box(axes: plt.Axes, x: float, y: float, text: str, look: dict, size: float = 8.5) -> None:
    axes.add_patch(FancyBboxPatch((x - WIDTH / 2, y - HEIGHT / 2), WIDTH, HEIGHT, zorder=2, **look))
    axes.text(x, y, text, ha="center", va="center", fontsize=size, zorder=3, linespacing=1.25)


def _arrow(axes: plt.Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    middle = start[1] - (STEP / 2 if start[0] != end[0] else 0)
    top = start[1] - HEIGHT / 2
    axes.plot([start[0], start[0], end[0]], [top, middle, middle], color="#5B6875", linewidth=0.9, zorder=1)
    axes.annotate(
        "",
        xy=(end[0], end[1] + HEIGHT / 2),
        xytext=(end[0], middle if start[0] != end[0] else top),
        arrowprops={"arrowstyle": "-|>", "color": "#5B6875", "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
    )


def _reasons(left_out: Sequence[tuple[str, int]], joint: str = "\n") -> str:
    return joint.join(f"{reason}: {n}" for reason, n in left_out)
