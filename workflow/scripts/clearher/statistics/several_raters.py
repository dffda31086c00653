"""Agreement of more than two raters: Fleiss' kappa of categories, intraclass correlation of numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.proportions import NAN, Interval


class Agreed(NamedTuple):
    """Estimate and limits, and the numbers of items and of ratings behind them."""

    estimate: float
    low: float
    high: float
    items: int
    ratings: int


def fleiss_kappa(counts: ArrayLike, confidence: float = 0.95) -> Agreed:
    """Fleiss' kappa: agreement of pairs of ratings of an item beyond that of ratings drawn at random.

    kappa = (mean P_i - sum p_j^2) / (1 - sum p_j^2), P_i the share of agreeing pairs of item i, p_j the share
    of category j among all ratings. Items may have different numbers of ratings; those with one are left
    out. Limits from the jackknife over items, t distribution.

    Parameters
    ----------
    counts : array of shape (items, categories)
        Ratings of each item in each category; raters need not be the same for all items.
    confidence : float

    Returns
    -------
    Agreed
        NaN where no item has two ratings, or all ratings are one category; limits NaN below three items.

    References
    ----------
    Fleiss, Psychol Bull 1971; 76: 378-382.
    """
    table = np.asarray(counts, dtype=float)
    table = table[table.sum(axis=1) >= 2]
    items, ratings = len(table), int(table.sum())
    value = _fleiss(table)
    if items < 3 or not np.isfinite(value):
        return Agreed(value, NAN, NAN, items, ratings)
    left = _fleiss_without_each(table)
    if not np.isfinite(left).all():
        return Agreed(value, NAN, NAN, items, ratings)
    error = float(np.sqrt((items - 1) / items * ((left - left.mean()) ** 2).sum()))
    half = float(special.stdtrit(items - 1, (1 + confidence) / 2)) * error
    return Agreed(value, max(-1.0, value - half), min(1.0, value + half), items, ratings)


def intraclass_correlation(ratings: Sequence[ArrayLike], confidence: float = 0.95) -> Agreed:
    """One-way intraclass correlation: share of the variance of a rating that lies between items.

    (MSB - MSW) / (MSB + (k - 1) MSW), limits by F; k is the number of ratings an item, where they differ
    k = (N - sum k_i^2 / N) / (items - 1), and the limits are approximate.

    Parameters
    ----------
    ratings : sequence of arrays
        Ratings of each item; items with one are left out.
    confidence : float

    Returns
    -------
    Agreed
        NaN below two items, or where all ratings are equal.

    References
    ----------
    Shrout and Fleiss, Psychol Bull 1979; 86: 420-428, ICC(1,1).
    """
    groups = [np.asarray(values, dtype=float) for values in ratings if len(values) >= 2]
    items, total = len(groups), sum(map(len, groups))
    if items < 2:
        return Agreed(NAN, NAN, NAN, items, total)
    grand = np.concatenate(groups).mean()
    between = sum(len(values) * (values.mean() - grand) ** 2 for values in groups) / (items - 1)
    within = sum(((values - values.mean()) ** 2).sum() for values in groups) / (total - items)
    size = (total - sum(len(values) ** 2 for values in groups) / total) / (items - 1)
    if between + (size - 1) * within <= 0:
        return Agreed(NAN, NAN, NAN, items, total)
    value = float((between - within) / (between + (size - 1) * within))
    limits = _icc_limits(between, within, size, (items - 1, total - items), confidence)
    return Agreed(value, limits.low, limits.high, items, total)


def _icc_limits(
    between: float, within: float, size: float, df: tuple[int, int], confidence: float
) -> Interval:
    if within == 0:
        return Interval(1.0, NAN, NAN)
    ratio, share = between / within, (1 + confidence) / 2
    low = ratio / special.fdtri(*df, share)
    high = ratio * special.fdtri(*df[::-1], share)
    return Interval(NAN, float((low - 1) / (low + size - 1)), float((high - 1) / (high + size - 1)))


def _fleiss(table: np.ndarray) -> float:
    if len(table) == 0:
        return NAN
    totals = table.sum(axis=0)
    return float(_chance_corrected(_agreeing_pairs(table).mean(), totals, totals.sum()))


def _fleiss_without_each(table: np.ndarray) -> np.ndarray:
    """Kappa of all items but one, for each item left out."""
    agreeing = _agreeing_pairs(table)
    observed = (agreeing.sum() - agreeing) / (len(table) - 1)
    return _chance_corrected(observed, table.sum(axis=0) - table, table.sum() - table.sum(axis=1))


def _agreeing_pairs(table: np.ndarray) -> np.ndarray:
    sizes = table.sum(axis=1)
    return ((table**2).sum(axis=1) - sizes) / (sizes * (sizes - 1))


def _chance_corrected(observed: ArrayLike, totals: np.ndarray, ratings: ArrayLike) -> np.ndarray:
    expected = ((totals / np.expand_dims(ratings, -1)) ** 2).sum(axis=-1)
    certain = np.isclose(expected, 1.0)
    return np.where(certain, NAN, (observed - expected) / np.where(certain, NAN, 1 - expected))
