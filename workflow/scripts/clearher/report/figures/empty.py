"""What stands in place of a figure that has nothing to show."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure


def nothing_to_draw(reason: str) -> Figure:
    """A figure that says why there is none."""
    figure, axes = plt.subplots(figsize=(6, 1.2))
    axes.set_axis_off()
    axes.text(0.0, 0.5, reason, va="center", wrap=True)
    return figure
