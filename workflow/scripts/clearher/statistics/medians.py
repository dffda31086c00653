"""Median of a sample with a distribution-free interval from its order statistics."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.proportions import NAN, Interval


def median_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Median, and the order statistics that hold it with at least the wanted coverage.

    The limits are the k-th smallest and k-th largest value, k being the largest number for which a
    binomial variable of n trials with probability 1/2 is below k with probability (1 - confidence) / 2 at
    most. Coverage is exact for continuous values and conservative otherwise.

    Parameters
    ----------
    values : array of shape (n,)
        Known values.
    confidence : float
        Least two-sided coverage.

    Returns
    -------
    Interval
        All NaN without a value; limits NaN where even the extremes do not reach the coverage (n < 6 at
        0.95).

    Raises
    ------
    ValueError
        A missing value.

    References
    ----------
    Thompson, Ann Math Stat 1936; 7: 122-128.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    if np.isnan(ordered).any():
        raise ValueError("values must be known")
    count = len(ordered)
    if count == 0:
        return Interval(NAN, NAN, NAN)
    below = special.bdtr(np.arange(count), count, 0.5)
    k = int(np.sum(below <= (1.0 - confidence) / 2.0))
    if k == 0:
        return Interval(float(np.median(ordered)), NAN, NAN)
    return Interval(float(np.median(ordered)), float(ordered[k - 1]), float(ordered[count - k]))
