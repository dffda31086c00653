"""Exact intervals of proportions, of their difference and of the odds ratio of a 2 x 2 table."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, gammaln, ndtri

from clearher.statistics.roots import bisected

NAN = float("nan")
TIE = 1e-7
LOG_ODDS_LIMIT = 700.0


class Interval(NamedTuple):
    """An estimate with its confidence limits; NaN is "not estimable"."""

    estimate: float
    low: float
    high: float


class OddsRatio(NamedTuple):
    """A conditional odds ratio with its exact limits and the exact two-sided p."""

    estimate: float
    low: float
    high: float
    p: float


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact (Clopper-Pearson) interval of a proportion, from the quantiles of the beta distribution.

    Parameters
    ----------
    successes, n : int
        Count and denominator; a denominator of 0 gives NaN for all three values.
    confidence : float
        Two-sided coverage.

    Raises
    ------
    ValueError
        Counts are negative or successes exceed n.

    References
    ----------
    Clopper and Pearson, Biometrika 1934; 26: 404-413.
    """
    _check_counts(successes, n)
    if n == 0:
        return Interval(NAN, NAN, NAN)
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if successes == 0 else float(betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n else float(betaincinv(successes + 1, n - successes, 1.0 - tail))
    return Interval(successes / n, low, high)


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a proportion; NaN where n is 0 (Wilson, JASA 1927; 22: 209-212)."""
    _check_counts(successes, n)
    if n == 0:
        return Interval(NAN, NAN, NAN)
    z = ndtri((1.0 + confidence) / 2.0)
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(share, max(0.0, float(centre - half)), min(1.0, float(centre + half)))


def newcombe_difference(
    successes_a: int, n_a: int, successes_b: int, n_b: int, confidence: float = 0.95
) -> Interval:
    """Difference of two independent proportions (a - b) with Newcombe's hybrid score interval.

    The limits combine the distances of each share from its Wilson limits. NaN where a denominator is 0.

    References
    ----------
    Newcombe, Statistics in Medicine 1998; 17: 873-890, method 10.
    """
    a = wilson(successes_a, n_a, confidence)
    b = wilson(successes_b, n_b, confidence)
    difference = a.estimate - b.estimate
    down = np.hypot(a.estimate - a.low, b.high - b.estimate)
    up = np.hypot(a.high - a.estimate, b.estimate - b.low)
    return Interval(float(difference), float(difference - down), float(difference + up))


def conditional_odds_ratio(table: np.ndarray, confidence: float = 0.95) -> OddsRatio:
    """Conditional maximum likelihood odds ratio of a 2 x 2 table with exact limits and Fisher's p.

    Given its margins the first cell follows Fisher's non-central hypergeometric distribution. The
    estimate equates its mean with the observed cell; the limits equate each tail with half of 1 - confidence.

    Parameters
    ----------
    table : array of shape (2, 2)
        Counts; the odds ratio is ad / bc in direction.
    confidence : float
        Two-sided coverage.

    Returns
    -------
    OddsRatio
        Estimate 0 or infinity where the observed cell is at the end of its range; NaN with p = 1 where
        a margin is 0.

    References
    ----------
    Fisher, J R Stat Soc 1935; 98: 39-82; Cornfield 1956. Equal to R's ``fisher.test``.
    """
    cells = np.asarray(table, dtype=float)
    if cells.shape != (2, 2) or (cells < 0).any():
        raise ValueError("a 2 x 2 table of counts is needed")
    support, weights = _first_cell_distribution(cells)
    observed = cells[0, 0]
    if len(support) == 1:
        return OddsRatio(NAN, NAN, NAN, 1.0)
    tail = (1.0 - confidence) / 2.0
    at_low, at_high = observed == support[0], observed == support[-1]

    def above(log_odds: float) -> float:
        return float(_tilted(support, weights, log_odds)[support >= observed].sum()) - tail

    def below(log_odds: float) -> float:
        return tail - float(_tilted(support, weights, log_odds)[support <= observed].sum())

    def mean(log_odds: float) -> float:
        return float((_tilted(support, weights, log_odds) * support).sum()) - observed

    estimate = 0.0 if at_low else np.inf if at_high else np.exp(_root(mean))
    low = 0.0 if at_low else np.exp(_root(above))
    high = np.inf if at_high else np.exp(_root(below))
    null = _tilted(support, weights, 0.0)
    p = null[null <= null[support == observed][0] * (1 + TIE)].sum()
    return OddsRatio(float(estimate), float(low), float(high), float(min(1.0, p)))


def _check_counts(successes: int, n: int) -> None:
    if successes < 0 or n < 0 or successes > n:
        raise ValueError(f"{successes} of {n} is not a proportion")


def _first_cell_distribution(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    row, column = cells.sum(axis=1), cells.sum(axis=0)
    support = np.arange(max(0.0, column[0] - row[1]), min(row[0], column[0]) + 1)
    weights = log_choose(row[0], support) + log_choose(row[1], column[0] - support)
    return support, weights


def log_choose(n: np.ndarray | float, k: np.ndarray | float) -> np.ndarray:
    """Logarithm of the binomial coefficient, elementwise."""
    return gammaln(np.asarray(n) + 1) - gammaln(np.asarray(k) + 1) - gammaln(np.asarray(n) - k + 1)


def _tilted(support: np.ndarray, weights: np.ndarray, log_odds: float) -> np.ndarray:
    logs = weights + support * log_odds
    chances = np.exp(logs - logs.max())
    return chances / chances.sum()


def _root(function: Callable[[float], float]) -> float:
    bound = 1.0
    while function(-bound) * function(bound) > 0 and bound < LOG_ODDS_LIMIT:
        bound *= 2.0
    return bisected(function, -bound, bound)
