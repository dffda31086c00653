"""Rank tests with exact p where samples are small."""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from clearher.statistics.proportions import NAN

EXACT_CORRELATION = 9
EXACT_BELOW = 50
PERFECT = 1e-12


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
    result = stats.mannwhitneyu(a, b, method=method, use_continuity=True)
    return RankResult(float(result.statistic / (len(a) * len(b))), float(result.pvalue), method)


def spearman(first: ArrayLike, second: ArrayLike) -> RankResult:
    """Spearman's rho; p by all permutations up to 9 pairs, ties included, else the t approximation.

    With ties R's ``cor.test`` approximates at any size: three pairs whose ranks agree get a p of 0 there.
    """
    x, y = stats.rankdata(first), stats.rankdata(second)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return RankResult(NAN, NAN, "fewer than 3 pairs, or a variable without spread")
    rho = _correlation(x, y)
    if len(x) <= EXACT_CORRELATION:
        return RankResult(rho, _permutation_p(x, y), "exact")
    t = rho * np.sqrt((len(x) - 2) / max(1 - rho**2, np.finfo(float).eps))
    return RankResult(rho, float(2 * stats.t.sf(abs(t), len(x) - 2)), "asymptotic")


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation of ranks; ranks that agree are at 1 exactly, not at 1 but for rounding."""
    rho = float(np.corrcoef(x, y)[0, 1])
    return float(np.sign(rho)) if abs(rho) > 1 - PERFECT else rho


def _permutation_p(x: np.ndarray, y: np.ndarray) -> float:
    products = np.array(list(itertools.permutations(x))) @ y
    centre = x.sum() * y.sum() / len(x)
    return float(np.mean(np.abs(products - centre) >= abs(x @ y - centre) - 1e-9))
