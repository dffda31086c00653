"""Exact interval of an allele fraction, for whole columns."""

import numpy as np
from scipy import special


def vaf_interval(
    alt: np.ndarray, depth: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Clopper-Pearson limits of alt / depth.

    Parameters
    ----------
    alt, depth : array_like
        Fragments with the variant, and fragments that decide; NaN where not counted.
    confidence : float
        Two-sided coverage.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper limit as fractions; NaN where depth is 0 or unknown. Non-integer (effective)
        counts are allowed.

    References
    ----------
    Clopper and Pearson, Biometrika 1934; 26: 404-413.
    """
    k = np.asarray(alt, dtype=float)
    n = np.asarray(depth, dtype=float)
    tail = (1.0 - confidence) / 2.0
    known = (n > 0) & (k >= 0) & (k <= n)
    low = np.full(k.shape, np.nan)
    high = np.full(k.shape, np.nan)
    some, not_all = known & (k > 0), known & (k < n)
    low[known], high[known] = 0.0, 1.0
    low[some] = special.betaincinv(k[some], n[some] - k[some] + 1.0, tail)
    high[not_all] = special.betaincinv(k[not_all] + 1.0, n[not_all] - k[not_all], 1.0 - tail)
    return low, high
