"""Adjusted p-values within a family of tests."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.multitest import multipletests

METHODS: Mapping[str, str] = {"holm": "holm", "bh": "fdr_bh", "bonferroni": "bonferroni"}


def adjusted(p: ArrayLike, method: str) -> np.ndarray:
    """Adjusted p-values; NaN stays NaN and does not count as a test.

    Parameters
    ----------
    p : array of shape (tests,)
    method : {"holm", "bh", "bonferroni", "none"}
        Holm and Bonferroni control the family-wise error, bh the false discovery rate.

    References
    ----------
    Holm, Scand J Stat 1979; 6: 65-70; Benjamini and Hochberg, J R Stat Soc B 1995; 57: 289-300; computed by
    statsmodels' ``multipletests``.
    """
    result = np.array(p, dtype=float)
    known = np.isfinite(result)
    if method != "none" and known.any():
        result[known] = multipletests(result[known], method=METHODS[method])[1]
    return np.where(known, result, np.nan)
