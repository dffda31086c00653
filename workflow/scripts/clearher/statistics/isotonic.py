"""Rates of ordered groups under the sole assumption that they never fall."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import isotonic_regression


def isotonic_rates(successes: Sequence[int], totals: Sequence[int]) -> np.ndarray:
    """Maximum likelihood rates that do not fall from group to group.

    Neighbouring groups whose rates fall are pooled until none does (pool adjacent violators): the fit is the
    weighted least squares and the binomial maximum likelihood fit at once. It is drawn, never tested.

    Parameters
    ----------
    successes, totals : sequence of int
        Counts of each group, in order.

    Returns
    -------
    numpy.ndarray
        A rate a group; NaN for an empty group.

    References
    ----------
    Ayer et al. 1955, Ann Math Stat 26:641.
    """
    n, total = np.asarray(successes, float), np.asarray(totals, float)
    known = total > 0
    rates = np.full(len(total), np.nan)
    if known.any():
        rates[known] = isotonic_regression(n[known] / total[known], weights=total[known]).x
    return rates
