"""Agreement of two raters: kappa with named weights, its standard error and interval."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.proportions import NAN


class Kappa(NamedTuple):
    """Kappa, its limits and asymptotic standard error, the observed agreement and the number of pairs."""

    estimate: float
    low: float
    high: float
    error: float
    agreement: float
    n: int


NO_ERROR = 1e-7
WEIGHTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "unweighted": lambda distance: (distance == 0).astype(float),
    "linear": lambda distance: 1.0 - distance,
    "quadratic": lambda distance: 1.0 - distance**2,
}


def agreement_table(first: ArrayLike, second: ArrayLike, categories: Sequence[str]) -> np.ndarray:
    """Cross-table of two raters over all categories in their given order, empty ones included.

    Pairs with a missing reading are left out.

    Raises
    ------
    ValueError
        A reading is none of the categories.
    """
    pairs = pd.DataFrame({"first": list(first), "second": list(second)}).dropna()
    unknown = sorted(set(pairs.to_numpy().ravel()) - set(categories))
    if unknown:
        raise ValueError(f"readings {unknown} are none of {list(categories)}")
    place = {name: number for number, name in enumerate(categories)}
    table = np.zeros((len(categories), len(categories)))
    np.add.at(table, (pairs["first"].map(place), pairs["second"].map(place)), 1)
    return table


def kappa(table: ArrayLike, weights: str, confidence: float = 0.95) -> Kappa:
    """Cohen's kappa, unweighted or weighted by equally spaced categories.

    Weights: 1 on the diagonal; linear 1 - |i - j| / (k - 1); quadratic 1 - (i - j)^2 / (k - 1)^2. The
    weights have no default, because printed kappas differ by them and often do not say which they used.

    Parameters
    ----------
    table : array of shape (k, k)
        Counts, first rater in rows, categories in order.
    weights : {"unweighted", "linear", "quadratic"}
    confidence : float
        Two-sided coverage of the Wald interval, cut to -1 and 1.

    Returns
    -------
    Kappa
        NaN where there is no pair or both raters used a single common category. Limits NaN where the
        asymptotic error is 0 (full agreement, or each rater with one category of his own): an interval of
        no width would claim a certainty that few pairs do not give.

    References
    ----------
    Cohen, Psychol Bull 1968; 70: 213-220; Fleiss, Cohen and Everitt, Psychol Bull 1969; 72: 323-327.
    """
    counts = np.asarray(table, dtype=float)
    n = counts.sum()
    if n == 0:
        return Kappa(NAN, NAN, NAN, NAN, NAN, 0)
    share = counts / n
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    places = np.arange(len(counts))
    weight = WEIGHTS[weights](np.abs(places[:, None] - places[None, :]) / max(len(counts) - 1, 1))
    observed, expected = (share * weight).sum(), rows @ weight @ columns
    agreement = float(np.trace(share))
    if np.isclose(expected, 1.0):
        return Kappa(NAN, NAN, NAN, NAN, agreement, int(n))
    value = (observed - expected) / (1 - expected)
    marginal = (weight @ columns)[:, None] + (rows @ weight)[None, :]
    spread = (share * (weight - marginal * (1 - value)) ** 2).sum()
    variance = (spread - (value - expected * (1 - value)) ** 2) / (n * (1 - expected) ** 2)
    error = float(np.sqrt(max(variance, 0.0)))
    half = special.ndtri((1 + confidence) / 2) * error if error > NO_ERROR else NAN
    low, high = np.maximum(-1.0, value - half), np.minimum(1.0, value + half)
    return Kappa(float(value), float(low), float(high), error, agreement, int(n))
