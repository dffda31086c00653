"""Permutation log-rank tests, for groups too small for the chi-square."""

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from clearher.statistics.proportions import NAN
from clearher.statistics.survival import checked
from clearher.statistics.trend import ExactResult

DRAWS = 100_000
MAX_SPLITS = 200_000
CELLS = 1_000_000
TOLERANCE = 1e-9


def log_rank_scores(time: ArrayLike, event: ArrayLike) -> np.ndarray:
    """Event minus Nelson-Aalen cumulative hazard at the own time, both groups together; they add up to 0.

    Their sum over a group is observed minus expected events of the log-rank test.
    """
    times, events = checked(time, event)
    grid = np.unique(times[events])
    at_risk = len(times) - np.searchsorted(np.sort(times), grid, side="left")
    died = np.array([np.sum((times == moment) & events) for moment in grid])
    hazard = np.concatenate([[0.0], np.cumsum(died / np.maximum(at_risk, 1))])
    return events - hazard[np.searchsorted(grid, times, side="right")]


def exact_log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike, *, seed: int) -> ExactResult:
    """Permutation test of the log-rank numerator, by all splits of the observations into the two groups.

    The two-sided p is twice the smaller tail, at most 1: the distribution is skewed where a group is small,
    so distance from 0 would weigh the tails unequally. Above 200,000 splits, 100,000 are drawn at random
    and ``how`` says so. Valid where censoring does not depend on the group.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up and whether it ends with the event.
    group : array of shape (n,)
        Two labels.
    seed : int
        Seed of the random splits.

    Returns
    -------
    ExactResult
        NaN where there is one group only or no event.

    References
    ----------
    Peto and Peto, J R Stat Soc A 1972; 135: 185-207; Heinze, Gnant and Schemper, Biometrics 2003; 59:
    1151-1157.
    """
    labels = np.asarray(group)
    names, counts = np.unique(labels, return_counts=True)
    scores = log_rank_scores(time, event)
    if len(names) != 2 or not np.any(np.asarray(event, dtype=bool)):
        return ExactResult(NAN, 0, True, "not estimable: one group, or no event")
    size = int(counts.min())
    observed = float(scores[labels == names[counts.argmin()]].sum())
    splits = comb(len(labels), size)
    if splits <= MAX_SPLITS:
        members = np.array(list(combinations(range(len(labels)), size)))
        tail = _smaller_tail(scores[members].sum(axis=1), observed)
        return ExactResult(min(1.0, 2 * tail / splits), splits, True, f"exact, all {splits} splits")
    tail = _smaller_tail(_random_sums(scores, size, seed), observed)
    p = min(1.0, 2 * (tail + 1) / (DRAWS + 1))
    error = np.sqrt(p * (2 - p) / DRAWS)  # of twice a tail: 2 sqrt(p/2 (1 - p/2) / DRAWS)
    return ExactResult(p, DRAWS, False, f"{DRAWS} random splits, seed {seed}, standard error {error:.1g}")


def permutation_log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike, *, seed: int) -> ExactResult:
    """Permutation log-rank test of any number of groups, no order assumed.

    Statistic: sum over the groups of (sum of scores)^2 / size, which is the chi-square of the scores but for
    a factor that no permutation changes. Larger is further from equality, so there is one tail. Two groups:
    :func:`exact_log_rank`. More: 100,000 random arrangements, p = (as large + 1) / (arrangements + 1).
    Valid where censoring does not depend on the group.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up and whether it ends with the event.
    group : array of shape (n,)
        Labels.
    seed : int
        Seed of the random arrangements.

    Returns
    -------
    ExactResult
        NaN where there is one group only or no event.

    References
    ----------
    Peto and Peto, J R Stat Soc A 1972; 135: 185-207.
    """
    names, sizes = np.unique(np.asarray(group), return_counts=True)
    if len(names) <= 2:
        return exact_log_rank(time, event, group, seed=seed)
    scores = log_rank_scores(time, event)
    if not np.any(np.asarray(event, dtype=bool)):
        return ExactResult(NAN, 0, True, "not estimable: no event")
    ordered = scores[np.argsort(np.asarray(group), kind="stable")]
    observed = _spread_of_groups(ordered[None, :], sizes)[0]
    rng, beyond, done = np.random.default_rng(seed), 0, 0
    while done < DRAWS:
        rows = min(CELLS // len(scores) + 1, DRAWS - done)
        drawn = rng.permuted(np.tile(ordered, (rows, 1)), axis=1)
        beyond += int((_spread_of_groups(drawn, sizes) >= observed - TOLERANCE).sum())
        done += rows
    p = (beyond + 1) / (DRAWS + 1)
    error = np.sqrt(p * (1 - p) / DRAWS)
    return ExactResult(
        p, DRAWS, False, f"{DRAWS} random arrangements, seed {seed}, standard error {error:.1g}"
    )


def _spread_of_groups(scores: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Sum over the groups, which follow one another in each row, of squared sum over size."""
    starts = np.cumsum(sizes) - sizes
    return (np.add.reduceat(scores, starts, axis=1) ** 2 / sizes).sum(axis=1)


def _smaller_tail(sums: np.ndarray, observed: float) -> int:
    return int(min((sums <= observed + TOLERANCE).sum(), (sums >= observed - TOLERANCE).sum()))


def _random_sums(scores: np.ndarray, size: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    sums, done = np.empty(DRAWS), 0
    while done < DRAWS:
        rows = min(CELLS // len(scores) + 1, DRAWS - done)
        chosen = rng.random((rows, len(scores))).argpartition(size, axis=1)[:, :size]
        sums[done : done + rows] = scores[chosen].sum(axis=1)
        done += rows
    return sums
