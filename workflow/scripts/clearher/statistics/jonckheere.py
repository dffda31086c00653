"""Jonckheere-Terpstra test: an ordered or continuous outcome over ordered levels, corrected for ties."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.proportions import NAN


class JonckheereResult(NamedTuple):
    """Statistic J, its standardised value z (positive: outcome rises with level) and two-sided p."""

    statistic: float
    z: float
    p: float


def jonckheere(level: ArrayLike, outcome: ArrayLike) -> JonckheereResult:
    """Jonckheere-Terpstra test with the variance corrected for ties in both variables.

    J counts pairs ordered upward plus half of the tied ones; E = (N^2 - sum n_i^2) / 4. A binary outcome
    is all ties, so the uncorrected variance is far off.

    Parameters
    ----------
    level : array of shape (n,)
        Ordered level as a number.
    outcome : array of shape (n,)
        Outcome as a number. Neither may be missing.

    Returns
    -------
    JonckheereResult
        NaN where all levels or all outcomes are equal.

    References
    ----------
    Lehmann, Nonparametrics, 1975, appendix; same z as Kendall's tau-b in R's ``cor.test(exact = FALSE)``.
    """
    x, y = np.asarray(level, dtype=float), np.asarray(outcome, dtype=float)
    if len(x) != len(y) or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("levels and outcomes must be known and of one length")
    sizes = np.unique(x, return_counts=True)[1].astype(float)
    ties = np.unique(y, return_counts=True)[1].astype(float)
    if len(sizes) < 2 or len(ties) < 2:
        return JonckheereResult(NAN, NAN, NAN)
    count = _upward_pairs(x, y)
    z = (count - (len(x) ** 2 - (sizes**2).sum()) / 4) / np.sqrt(_variance(float(len(x)), sizes, ties))
    return JonckheereResult(count, float(z), float(2 * special.ndtr(-abs(z))))


def _upward_pairs(x: np.ndarray, y: np.ndarray) -> float:
    below = np.empty(0)
    count = 0.0
    for value in np.unique(x):
        here = y[x == value]
        count += np.searchsorted(below, here, side="left").sum() / 2
        count += np.searchsorted(below, here, side="right").sum() / 2
        below = np.sort(np.concatenate([below, here]))
    return float(count)


def _variance(n: float, sizes: np.ndarray, ties: np.ndarray) -> float:
    def single(k: np.ndarray | float) -> np.ndarray | float:
        return k * (k - 1) * (2 * k + 5)

    def triple(k: np.ndarray) -> float:
        return float((k * (k - 1) * (k - 2)).sum())

    def double(k: np.ndarray) -> float:
        return float((k * (k - 1)).sum())

    main = (single(n) - np.sum(single(sizes)) - np.sum(single(ties))) / 72
    third = triple(sizes) * triple(ties) / (36 * n * (n - 1) * (n - 2)) if n > 2 else 0.0
    return float(main + third + double(sizes) * double(ties) / (8 * n * (n - 1)))
