"""Many bars or lines as one artist: drawn one by one, a thousand of them take seconds."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from numpy.typing import ArrayLike


def columns(axes: Axes, x: ArrayLike, height: ArrayLike, *, width: float, **look: Any) -> None:
    """Upright bars of one width, each from 0 to its height around its ``x``; ``look`` as of a collection."""
    x = np.asarray(x, dtype=float)
    bars = _rectangles(x - width / 2, x + width / 2, 0.0, height, look)
    bars.sticky_edges.y.append(0.0)
    _add(axes, bars)


def lanes(
    axes: Axes, y: ArrayLike, length: ArrayLike, *, thickness: float, left: ArrayLike = 0.0, **look: Any
) -> None:
    """Level bars of one thickness, each from its ``left`` end on around its ``y``."""
    y, left = np.asarray(y, dtype=float), np.asarray(left, dtype=float)
    bars = _rectangles(left, left + np.asarray(length), y - thickness / 2, y + thickness / 2, look)
    bars.sticky_edges.x.append(float(left.min()))
    _add(axes, bars)


def polylines(axes: Axes, x: ArrayLike, y: ArrayLike, course: ArrayLike, **look: Any) -> None:
    """A line through the points of each course, which stand one after another; a missing value breaks it."""
    points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    course = np.asarray(course)
    ends = np.flatnonzero(course[1:] != course[:-1]) + 1
    _add(axes, LineCollection(np.split(points, ends), capstyle="projecting", joinstyle="round", **look))


def _rectangles(
    left: ArrayLike, right: ArrayLike, bottom: ArrayLike, top: ArrayLike, look: dict[str, Any]
) -> PolyCollection:
    left, right, bottom, top = np.broadcast_arrays(left, right, bottom, top)
    corners = ((left, bottom), (right, bottom), (right, top), (left, top))
    outlines = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)
    return PolyCollection(outlines.astype(float), joinstyle="miter", **look)


def _add(axes: Axes, marks: LineCollection | PolyCollection) -> None:
    axes.add_collection(marks)
    axes.autoscale_view()
