"""Rank tests with exact p where samples are small and without ties."""

import itertools
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.proportions import NAN

EXACT_CORRELATION = 9
EXACT_BELOW = 50


class RankResult(NamedTuple):
    """Statistic (share of pairs, or rho), p, and how p was found."""

    statistic: float
    p: float
    how: str


def mann_whitney(first: ArrayLike, second: ArrayLike) -> RankResult:
    """Mann-Whitney test; statistic = P(first > second) + P(tie) / 2, exact p without ties.

    The rule of R's ``wilcox.test``: the exact distribution where there are no ties and both groups have
    fewer than 50 values, else the normal approximation with tie and continuity correction.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if len(a) == 0 or len(b) == 0:
        return RankResult(NAN, NAN, "a group is empty")
    tied = len(np.unique(np.concatenate([a, b]))) < len(a) + len(b)
    method = "asymptotic" if tied or max(len(a), len(b)) >= EXACT_BELOW else "exact"
    pairs = len(a) * len(b)
    higher = _ranks(np.concatenate([a, b]))[: len(a)].sum() - len(a) * (len(a) + 1) / 2
    extreme = max(higher, pairs - higher)
    if method == "exact":
        p = 2 * _pair_count_chances(len(a), len(b))[int(extreme) :].sum()
    else:
        p = 2 * special.ndtr(-(extreme - pairs / 2 - 0.5) / _pair_count_error(a, b))
    return RankResult(float(higher / pairs), float(min(1.0, p)), method)


def spearman(first: ArrayLike, second: ArrayLike) -> RankResult:
    """Spearman's rho; p by all permutations up to 9 pairs without ties, else the t approximation."""
    x, y = _ranks(first), _ranks(second)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return RankResult(NAN, NAN, "fewer than 3 pairs, or a variable without spread")
    rho = float(np.corrcoef(x, y)[0, 1])
    untied = len(np.unique(x)) == len(x) and len(np.unique(y)) == len(y)
    if untied and len(x) <= EXACT_CORRELATION:
        return RankResult(rho, _permutation_p(x, y), "exact")
    t = rho * np.sqrt((len(x) - 2) / max(1 - rho**2, np.finfo(float).tiny))
    return RankResult(rho, float(2 * special.stdtr(len(x) - 2, -abs(t))), "asymptotic")


def _permutation_p(x: np.ndarray, y: np.ndarray) -> float:
    products = np.array(list(itertools.permutations(x))) @ y
    centre = x.sum() * y.sum() / len(x)
    return float(np.mean(np.abs(products - centre) >= abs(x @ y - centre) - 1e-9))


def _ranks(values: ArrayLike) -> np.ndarray:
    return pd.Series(np.asarray(values, dtype=float)).rank().to_numpy()


def _pair_count_error(first: np.ndarray, second: np.ndarray) -> float:
    """Standard deviation of the number of pairs in which the first is higher, corrected for ties."""
    n = len(first) + len(second)
    ties = np.unique(np.concatenate([first, second]), return_counts=True)[1].astype(float)
    spread = n + 1 - (ties**3 - ties).sum() / (n * (n - 1))
    return float(np.sqrt(len(first) * len(second) / 12 * spread))


def _pair_count_chances(first: int, second: int) -> np.ndarray:
    """Chance of each number of pairs in which the first is higher, without ties.

    Group by group of one value more: the highest of all values belongs to the first with chance
    first / (first + second), and is then higher than all of the second.
    """
    row = [np.ones(1)] * (second + 1)
    for a in range(1, first + 1):
        before, row = row, [np.ones(1)]
        for b in range(1, second + 1):
            chances = np.zeros(a * b + 1)
            chances[b:] = a / (a + b) * before[b]
            chances[: a * (b - 1) + 1] += b / (a + b) * row[b - 1]
            row.append(chances)
    return row[second]
