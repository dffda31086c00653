"""Adjusted p-values within a family of tests."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike


def adjusted(p: ArrayLike, method: str) -> np.ndarray:
    """Adjusted p-values; NaN stays NaN and does not count as a test.

    Parameters
    ----------
    p : array of shape (tests,)
    method : {"holm", "bh", "bonferroni", "none"}
        Holm and Bonferroni control the family-wise error, bh the false discovery rate.

    References
    ----------
    Holm, Scand J Stat 1979; 6: 65-70; Benjamini and Hochberg, J R Stat Soc B 1995; 57: 289-300.
    """
    values = np.asarray(p, dtype=float)
    known = np.isfinite(values)
    result = np.full(len(values), np.nan)
    order = np.argsort(values[known], kind="stable")
    raised = np.empty(len(order))
    raised[order] = METHODS[method](values[known][order])
    result[known] = np.minimum(raised, 1.0)
    return result


def _holm(ascending: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(ascending * np.arange(len(ascending), 0, -1))


def _benjamini_hochberg(ascending: np.ndarray) -> np.ndarray:
    ranks = np.arange(1, len(ascending) + 1)
    return np.minimum.accumulate((ascending * len(ascending) / ranks)[::-1])[::-1]


def _bonferroni(ascending: np.ndarray) -> np.ndarray:
    return ascending * len(ascending)


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "holm": _holm,
    "bh": _benjamini_hochberg,
    "bonferroni": _bonferroni,
    "none": np.copy,
}
