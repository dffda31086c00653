"""Restricted cubic splines."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clearher.statistics.newton import NotEstimableError

KNOT_SHARES = (0.1, 0.5, 0.9)


def knots(values: ArrayLike, shares: Sequence[float] = KNOT_SHARES) -> np.ndarray:
    """Knots at the given quantiles (linear interpolation, R's type 7).

    Raises
    ------
    NotEstimableError
        Too few distinct values: two knots coincide.
    """
    places = np.quantile(np.asarray(values, dtype=float), shares)
    if (np.diff(places) <= 0).any():
        raise NotEstimableError("too few distinct values for a spline: two knots coincide")
    return places


def restricted_cubic_spline(values: ArrayLike, places: ArrayLike) -> pd.DataFrame:
    """Basis of a restricted cubic spline, linear beyond the outer knots.

    Formula for knots t_1 ... t_k and j = 1 ... k - 2: [(x - t_j)+^3 - (x - t_(k-1))+^3 (t_k - t_j) /
    (t_k - t_(k-1)) + (x - t_k)+^3 (t_(k-1) - t_j) / (t_k - t_(k-1))] / (t_k - t_1)^2.

    Parameters
    ----------
    values : array of shape (n,)
    places : array of shape (k,)
        Increasing knots, k >= 3.

    Returns
    -------
    pandas.DataFrame
        Columns "linear" and "bend_1" ... "bend_(k-2)".

    References
    ----------
    Harrell, Regression Modeling Strategies, 2nd ed., section 2.4.5. Spans the same as R's ``rms::rcs``.
    """
    x, t = np.asarray(values, dtype=float), np.asarray(places, dtype=float)
    last, before = t[-1], t[-2]
    columns = {"linear": x}
    for number, knot in enumerate(t[:-2], 1):
        bend = _cubed(x - knot)
        bend = bend - _cubed(x - before) * (last - knot) / (last - before)
        bend = bend + _cubed(x - last) * (before - knot) / (last - before)
        columns[f"bend_{number}"] = bend / (last - t[0]) ** 2
    return pd.DataFrame(columns)


def _cubed(difference: np.ndarray) -> np.ndarray:
    return np.maximum(difference, 0.0) ** 3
