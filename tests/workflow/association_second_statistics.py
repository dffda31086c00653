"""Tests, intervals and curves of the associations once more, each from its definition.

Nothing of the package is imported. Definitions are those of docs/methods.md, sections 9.1 and 9.2.
"""

from collections.abc import Sequence
from itertools import combinations, permutations, product
from math import comb, prod
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

NAN = float("nan")
Z = stats.norm.ppf(0.975)
FLAT = 1.5e-8
MOST_SPLITS, DRAWS = 200_000, 100_000


class Estimate(NamedTuple):
    """An estimate with 95 % limits and p; NaN where there is none."""

    value: float = NAN
    low: float = NAN
    high: float = NAN
    p: float = NAN


def rate(r: int, n: int) -> Estimate:
    """Share with exact limits."""
    if n == 0:
        return Estimate()
    limits = stats.binomtest(r, n).proportion_ci(method="exact")
    return Estimate(r / n, limits.low, limits.high)


def difference(r: Sequence[int], n: Sequence[int]) -> Estimate:
    """First share minus second, limits by Newcombe."""
    limits = confint_proportions_2indep(r[0], n[0], r[1], n[1], method="newcomb")
    return Estimate(r[0] / n[0] - r[1] / n[1], *limits)


def odds_ratio(r: Sequence[int], n: Sequence[int]) -> Estimate:
    """Conditional odds ratio of the first group against the second, exact limits, Fisher's p."""
    table = np.array([[r[0], n[0] - r[0]], [r[1], n[1] - r[1]]])
    found = stats.contingency.odds_ratio(table, kind="conditional")
    limits = found.confidence_interval(0.95)
    p = stats.fisher_exact(table).pvalue
    if 0 in table.sum(axis=0):
        return Estimate(p=p)
    return Estimate(found.statistic, limits.low, limits.high, p)


def exact_trend(strata: Sequence[tuple[Sequence[int], Sequence[int]]], scores: Sequence[float]) -> float:
    """P of a score sum as far from its mean as the observed one, margins of each stratum given.

    Scores are halves, so twice a sum is whole and nothing is rounded.
    """
    doubled = [round(2 * score) for score in scores]
    ways, observed = {0: 1}, 0
    for responders, totals in strata:
        observed += sum(s * r for s, r in zip(doubled, responders, strict=True))
        own = _ways_of_a_sum(sum(responders), totals, doubled)
        ways = _convolved(ways, own)
    tables = sum(ways.values())
    mean = sum(total * count for total, count in ways.items())
    far = abs(observed * tables - mean)
    return sum(count for total, count in ways.items() if abs(total * tables - mean) >= far) / tables


def _ways_of_a_sum(responders: int, totals: Sequence[int], scores: Sequence[int]) -> dict[int, int]:
    ways = {(0, 0): 1}
    for score, size in zip(scores, totals, strict=True):
        longer: dict[tuple[int, int], int] = {}
        for (used, total), count in ways.items():
            for r in range(min(size, responders - used) + 1):
                key = (used + r, total + r * score)
                longer[key] = longer.get(key, 0) + count * comb(size, r)
        ways = longer
    return {total: count for (used, total), count in ways.items() if used == responders}


def _convolved(first: dict[int, int], second: dict[int, int]) -> dict[int, int]:
    both: dict[int, int] = {}
    for (one, ways), (other, more) in product(first.items(), second.items()):
        both[one + other] = both.get(one + other, 0) + ways * more
    return both


def midranks(totals: Sequence[int]) -> list[float]:
    before = np.cumsum([0, *totals[:-1]])
    return [start + (size + 1) / 2 for start, size in zip(before, totals, strict=True)]


def freeman_halton(responders: Sequence[int], totals: Sequence[int]) -> float:
    """P of all tables with these margins that are not likelier than the observed one."""

    def ways(table: Sequence[int]) -> int:
        return prod(comb(size, r) for size, r in zip(totals, table, strict=True))

    m, limit = sum(responders), ways(responders)
    tables = product(*(range(min(size, m) + 1) for size in totals))
    rarer = (ways(table) for table in tables if sum(table) == m)
    return sum(count for count in rarer if count <= limit) / comb(sum(totals), m)


def isotonic(responders: Sequence[int], totals: Sequence[int]) -> list[float]:
    """Rising rates closest to the observed: largest of the smallest pooled rates around each level."""
    r, n = np.cumsum([0, *responders]), np.cumsum([0, *totals])
    k = len(totals)

    def pooled(first: int, last: int) -> float:
        size = n[last + 1] - n[first]
        return (r[last + 1] - r[first]) / size if size else NAN

    return [
        float(np.nanmax([np.nanmin([pooled(a, b) for b in range(i, k)]) for a in range(i + 1)]))
        if totals[i]
        else NAN
        for i in range(k)
    ]


def jonckheere(group: np.ndarray, y: np.ndarray) -> Estimate:
    """z and p of the number of rising pairs, variance corrected for ties in both."""
    n = len(y)
    lower = group[:, None] < group[None, :]
    pairs = (lower * ((y[:, None] < y[None, :]) + 0.5 * (y[:, None] == y[None, :]))).sum()
    g, t = (np.unique(values, return_counts=True)[1].astype(float) for values in (group, y))
    full = [(a * (a - 1) * (2 * a + 5)).sum() for a in (np.array([float(n)]), g, t)]
    threes = [(a * (a - 1) * (a - 2)).sum() for a in (g, t)]
    twos = [(a * (a - 1)).sum() for a in (g, t)]
    variance = (full[0] - full[1] - full[2]) / 72
    variance += threes[0] * threes[1] / (36 * n * (n - 1) * (n - 2)) + twos[0] * twos[1] / (8 * n * (n - 1))
    z = (pairs - (n**2 - (g**2).sum()) / 4) / np.sqrt(variance)
    return Estimate(z, p=2 * stats.norm.sf(abs(z)))


def spearman(x: np.ndarray, y: np.ndarray) -> Estimate:
    """Rank correlation, p by all permutations up to 9 pairs, else by t; limits by Bonett and Wright."""
    rho, p = stats.spearmanr(x, y)
    if len(x) <= 9:
        ranks = [stats.rankdata(values) - (len(x) + 1) / 2 for values in (x, y)]
        sums = ranks[1][np.array(list(permutations(range(len(x)))))] @ ranks[0]
        p = (abs(sums) >= abs(ranks[0] @ ranks[1]) - 1e-9).mean()
    half = Z * np.sqrt((1 + rho**2 / 2) / (len(x) - 3))
    return Estimate(rho, np.tanh(np.arctanh(rho) - half), np.tanh(np.arctanh(rho) + half), p)


def mann_whitney(first: np.ndarray, second: np.ndarray) -> Estimate:
    tied = len(np.unique([*first, *second])) < len(first) + len(second)
    exact = not tied and len(first) < 50 and len(second) < 50
    found = stats.mannwhitneyu(first, second, method="exact" if exact else "asymptotic")
    return Estimate(found.statistic / (len(first) * len(second)), p=found.pvalue)


def roc_area(score: np.ndarray, y: np.ndarray) -> Estimate:
    """Area with DeLong's limits, cut at 0 and 1."""
    above = score[y == 1][:, None] - score[y == 0][None, :]
    won = (above > 0) + 0.5 * (above == 0)
    error = np.sqrt(sum(won.mean(axis=a).var(ddof=1) / won.shape[1 - a] for a in (0, 1)))
    area = won.mean()
    return Estimate(area, max(0, area - Z * error), min(1, area + Z * error)) if error > 0 else Estimate(area)


def kaplan_meier(days: np.ndarray, event: np.ndarray) -> pd.DataFrame:
    """Curve at every time, with the log-log band; no band where the curve is 1 or 0."""
    survival, variance, rows = 1.0, 0.0, []
    for t in np.unique(days):
        at_risk, died = int((days >= t).sum()), int(((days == t) & event).sum())
        survival *= 1 - died / at_risk
        low = high = NAN
        if 0 < survival < 1:
            variance += died / (at_risk * (at_risk - died))
            half = Z * np.sqrt(variance) / abs(np.log(survival))
            low, high = survival ** np.exp(half), survival ** np.exp(-half)
        rows.append((t, at_risk, died, int((days == t).sum()) - died, survival, low, high))
    return pd.DataFrame(rows, columns=["time", "at_risk", "events", "censored", "survival", "low", "high"])


def median(days: np.ndarray, event: np.ndarray) -> Estimate:
    """Median with the limits of the inverted band."""
    curve = kaplan_meier(days, event)
    return Estimate(*(_first_below_half(curve["time"], curve[name]) for name in ("survival", "low", "high")))


def _first_below_half(time: pd.Series, share: pd.Series) -> float:
    """First time below one half; the middle of the stretch on which a curve lies at it."""
    at, below = time[share < 0.5 + FLAT], time[share < 0.5 - FLAT]
    if at.empty:
        return NAN
    if at.iloc[0] in set(below):
        return float(at.iloc[0])
    return (at.iloc[0] + below.iloc[0]) / 2 if len(below) else NAN


def log_rank(days: np.ndarray, event: np.ndarray, score: np.ndarray) -> tuple[Estimate, Estimate]:
    """Chi-square without order, and for trend in the score; hypergeometric variance."""
    names = np.unique(score)
    excess, variance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for t in np.unique(days[event]):
        at_risk = np.array([((days >= t) & (score == name)).sum() for name in names])
        died = np.array([((days == t) & event & (score == name)).sum() for name in names])
        n, d, share = at_risk.sum(), died.sum(), at_risk / at_risk.sum()
        excess += died - d * share
        if n > 1:
            variance += d * (n - d) / (n - 1) * (np.diag(share) - np.outer(share, share))
    free = excess @ np.linalg.pinv(variance) @ excess
    spread = names @ variance @ names
    trend = (names @ excess) ** 2 / spread if spread > 0 else NAN
    return Estimate(free, p=stats.chi2.sf(free, len(names) - 1)), Estimate(trend, p=stats.chi2.sf(trend, 1))


class Permuted(NamedTuple):
    """A permutation p and its standard error, 0 where all splits were made."""

    p: float
    error: float = 0.0


def permuted_log_rank(days: np.ndarray, event: np.ndarray, group: np.ndarray) -> Permuted:
    """Observed minus expected events of the groups, over splits of the subjects among them."""
    if not event.any():
        return Permuted(NAN)
    hazard = np.array(
        [sum(((days == t) & event).sum() / (days >= t).sum() for t in np.unique(days[event & (days <= own)]))
         for own in days]
    )  # fmt: skip
    excess = event - hazard
    names, sizes = np.unique(group, return_counts=True)
    if len(names) > 2:
        return _of_several_groups(excess, group, names)
    k, observed = sizes.min(), excess[group == names[sizes.argmin()]].sum()
    drawn = comb(len(days), k) > MOST_SPLITS
    if drawn:
        mixed = np.random.default_rng(1).permuted(np.tile(excess, (DRAWS, 1)), axis=1)
        sums = mixed[:, :k].sum(axis=1)
    else:
        sums = excess[np.array(list(combinations(range(len(days)), k)))].sum(axis=1)
    tail = min((sums <= observed + 1e-9).sum(), (sums >= observed - 1e-9).sum())
    if not drawn:
        return Permuted(min(1.0, 2 * tail / len(sums)))
    p = min(1.0, 2 * (tail + 1) / (DRAWS + 1))
    return Permuted(p, np.sqrt(p * (2 - p) / DRAWS))


def _of_several_groups(excess: np.ndarray, group: np.ndarray, names: np.ndarray) -> Permuted:
    marks = (group[:, None] == names[None, :]).astype(float)

    def spread(rows: np.ndarray) -> np.ndarray:
        return ((rows @ marks) ** 2 / marks.sum(axis=0)).sum(axis=1)

    mixed = np.random.default_rng(1).permuted(np.tile(excess, (DRAWS, 1)), axis=1)
    p = ((spread(mixed) >= spread(excess[None, :]) - 1e-9).sum() + 1) / (DRAWS + 1)
    return Permuted(p, np.sqrt(p * (1 - p) / DRAWS))
