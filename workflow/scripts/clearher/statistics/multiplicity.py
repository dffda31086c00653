"""Adjusted p-values within a family of tests."""

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.multitest import multipletests

METHODS = {"holm": "holm", "bh": "fdr_bh", "bonferroni": "bonferroni"}


def adjusted(p: ArrayLike, method: str) -> np.ndarray:
    """Adjusted p-values; NaN stays NaN and does not count as a test.

    Parameters
    ----------
    p : array of shape (tests,)
    method : {"holm", "bh", "bonferroni", "none"}
        Holm and Bonferroni control the family-wise error, bh the false discovery rate.
    """
    values = np.asarray(p, dtype=float)
    known = np.isfinite(values)
    if method == "none" or not known.any():
        return values.copy()
    result = np.full(len(values), np.nan)
    result[known] = multipletests(values[known], method=METHODS[method])[1]
    return result
