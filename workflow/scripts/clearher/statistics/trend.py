"""Trend of a yes/no outcome over ordered levels: asymptotic, exact conditional, stratified; and r x 2 exact.

Every test takes successes and totals per level, lowest level first, levels without individuals included, so
that a score belongs to a level and never shifts when a level is empty.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.proportions import NAN, log_choose
from clearher.statistics.survival import TestResult

DISTANCE_TOLERANCE = 1e-9
PROBABILITY_TOLERANCE = 1e-7
MAX_TABLES = 1_000_000
DRAWS = 100_000
MAX_LATTICE_STEPS = 2_000_000_000


class ExactResult(NamedTuple):
    """p of an exact test: the enumeration's size, or the error of a Monte Carlo estimate, in words too."""

    p: float
    tables: int
    exact: bool
    how: str


def midrank_scores(totals: ArrayLike) -> np.ndarray:
    """Midrank of each level: individuals in lower levels plus half of its own plus one half."""
    n = np.asarray(totals, dtype=float)
    return np.cumsum(n) - n + (n + 1) / 2


def cochran_armitage(successes: ArrayLike, totals: ArrayLike, scores: ArrayLike) -> TestResult:
    """Cochran-Armitage test for trend in proportions, no continuity correction.

    Formula: T = sum s_i (r_i - n_i p), V = p (1 - p) [sum n_i s_i^2 - (sum n_i s_i)^2 / N], chi-square
    T^2 / V with 1 degree of freedom.

    Returns
    -------
    TestResult
        NaN where nobody or everybody is a success, or one level only has individuals.

    References
    ----------
    Armitage, Biometrics 1955; 11: 375-386. Equal to R's ``prop.trend.test``.
    """
    r, n, s = _checked(successes, totals, scores)
    total = n.sum()
    share = r.sum() / total if total else NAN
    variance = share * (1 - share) * ((n * s**2).sum() - (n * s).sum() ** 2 / max(total, 1))
    if not variance > 0:
        return TestResult(NAN, 0, NAN)
    statistic = float((s * (r - n * share)).sum() ** 2 / variance)
    return TestResult(statistic, 1, float(special.chdtrc(1, statistic)))


def linear_by_linear(successes: ArrayLike, totals: ArrayLike, scores: ArrayLike) -> TestResult:
    """Linear-by-linear association: Cochran-Armitage times (N - 1) / N (Mantel 1963)."""
    result = cochran_armitage(successes, totals, scores)
    total = float(np.sum(totals))
    statistic = result.statistic * (total - 1) / total if total else NAN
    return TestResult(statistic, result.df, float(special.chdtrc(1, statistic)))


def exact_trend(
    successes: ArrayLike,
    totals: ArrayLike,
    scores: ArrayLike,
    *,
    seed: int = 0,
    max_tables: int = MAX_TABLES,
) -> ExactResult:
    """Exact conditional test for trend, two-sided by the distance of T = sum s_i r_i from its mean.

    See :func:`stratified_exact_trend`, of which this is the case of one stratum.
    """
    return stratified_exact_trend([(successes, totals)], scores, seed=seed, max_tables=max_tables)


def stratified_exact_trend(
    tables: Sequence[tuple[ArrayLike, ArrayLike]],
    scores: ArrayLike,
    *,
    seed: int = 0,
    max_tables: int = MAX_TABLES,
) -> ExactResult:
    """Exact conditional test for trend over strata: the strata's distributions of T, convolved.

    Given the margins, successes per level follow the multivariate hypergeometric distribution. The
    distribution of T is built level by level, so that tables with the same T are counted together.

    Parameters
    ----------
    tables : sequence of (successes, totals)
        One pair of arrays of shape (levels,) a stratum.
    scores : array of shape (levels,)
        Scores, the same in every stratum.
    seed : int
        Seed of the Monte Carlo estimate.
    max_tables : int
        Above as many tables (scores off a grid) or values of T, tables are drawn at random from the
        seed; ``how`` says so.

    Returns
    -------
    ExactResult
        p is 1 where only one table is possible.

    References
    ----------
    Agresti, Statistical Science 1992; 7: 131-153. Equal to R's ``coin::oneway_test`` (exact).
    """
    checked = [_checked(r, n, scores) for r, n in tables]
    observed = sum(float((r * s).sum()) for r, _, s in checked)
    mean = sum(float(r.sum() * (n * s).sum() / max(n.sum(), 1)) for r, n, s in checked)
    distance = abs(observed - mean) - DISTANCE_TOLERANCE
    values, chances = np.zeros(1), np.ones(1)
    for r, n, s in checked:
        part = _trend_distribution(tuple(n.astype(int)), int(r.sum()), tuple(s), max_tables)
        if part is None or len(part[0]) * len(values) > max_tables:
            return _drawn_trend(checked, mean, distance, seed)
        values, chances = _merged(np.add.outer(values, part[0]), np.multiply.outer(chances, part[1]))
    p = float(chances[np.abs(values - mean) >= distance].sum())
    return ExactResult(min(1.0, p), len(values), True, "exact, by full enumeration")


def freeman_halton(
    successes: ArrayLike, totals: ArrayLike, *, seed: int = 0, max_tables: int = MAX_TABLES
) -> ExactResult:
    """Fisher-Freeman-Halton test of a levels x 2 table: no direction is assumed.

    p = sum of P over tables with P <= P_observed (1 + 1e-7), by enumeration of all tables with the given
    margins, by random tables above ``max_tables``.

    References
    ----------
    Freeman and Halton, Biometrika 1951; 38: 141-149. Equal to R's ``fisher.test``.
    """
    r, n, _ = _checked(successes, totals, np.zeros(len(np.asarray(totals))))
    constant = float(log_choose(n.sum(), r.sum()))
    limit = float(log_choose(n, r).sum()) - constant + np.log1p(PROBABILITY_TOLERANCE)
    tables = _tables(n, r.sum(), np.zeros(len(n)), max_tables)
    if tables is not None:
        logs = tables[0] - constant
        p = float(np.exp(logs[logs <= limit]).sum())
        return ExactResult(min(1.0, p), len(logs), True, "exact, by full enumeration")
    drawn = _random_tables(n, r.sum(), np.random.default_rng(seed))
    hits = int((log_choose(n, drawn).sum(axis=1) - constant <= limit).sum())
    return _monte_carlo(hits, seed)


def trend_power(
    totals: ArrayLike, rates: ArrayLike, scores: ArrayLike, *, alpha: float, trials: int, seed: int
) -> float:
    """Power of the exact conditional trend test (Cochran-Armitage above 200 individuals) at given rates.

    Parameters
    ----------
    totals, rates, scores : arrays of shape (levels,)
        Individuals, true success rate and score of each level.
    alpha : float
        Two-sided level of the test.
    trials, seed : int
        Number of simulated trials and their seed.
    """
    n, s = np.asarray(totals, dtype=int), np.asarray(scores, dtype=float)
    rng = np.random.default_rng(seed)
    drawn = rng.binomial(n, rates, size=(trials, len(n)))
    # Both tests look at the number of successes and at T alone.
    seen = np.column_stack([drawn.sum(axis=1), drawn @ s])
    _, first, counts = np.unique(seen, axis=0, return_index=True, return_counts=True)
    test = exact_trend if n.sum() <= 200 else cochran_armitage
    significant = np.array([test(row, n, s).p <= alpha for row in drawn[first]])
    return float(counts[significant].sum() / trials)


def _checked(
    successes: ArrayLike, totals: ArrayLike, scores: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r, n, s = (np.asarray(values, dtype=float) for values in (successes, totals, scores))
    if not len(r) == len(n) == len(s):
        raise ValueError("successes, totals and scores must have one value a level")
    if (r < 0).any() or (r > n).any() or not np.isfinite(s).all():
        raise ValueError("successes must lie between 0 and the total, scores must be known")
    return r, n, s


@lru_cache(maxsize=4096)
def _trend_distribution(
    totals: tuple[int, ...], successes: int, scores: tuple[float, ...], max_tables: int
) -> tuple[np.ndarray, np.ndarray] | None:
    lattice = _lattice(np.array(scores))
    if lattice is not None:
        start, step, places = lattice
        if (successes + 1) * (successes * places.max() + 1) * sum(totals) <= MAX_LATTICE_STEPS:
            chances = _lattice_chances(totals, successes, places)
            return start * successes + step * np.arange(len(chances)), chances
    tables = _tables(np.array(totals, dtype=float), float(successes), np.array(scores), max_tables)
    if tables is None:
        return None
    logs, values = tables
    return _merged(values, np.exp(logs - float(log_choose(sum(totals), successes))))


def _lattice(scores: np.ndarray) -> tuple[float, float, np.ndarray] | None:
    """Start, step and whole-number places of scores that lie on a grid of at most 1/1000 of their range."""
    shifted = scores - scores.min()
    if not shifted.any():
        return float(scores.min()), 1.0, np.zeros(len(scores), dtype=int)
    thousandths = shifted * 1000
    if not np.allclose(thousandths, np.round(thousandths), rtol=0, atol=1e-9):
        return None
    whole = np.round(thousandths).astype(int)
    divisor = int(np.gcd.reduce(whole))
    return float(scores.min()), divisor / 1000, whole // divisor


def _lattice_chances(totals: tuple[int, ...], successes: int, places: np.ndarray) -> np.ndarray:
    """Chance of each T given the margins: independent binomials of a common rate, cut at their sum.

    Rows are successes so far, of which later levels can still make the wanted number; columns are T so far.
    """
    rate = successes / max(sum(totals), 1)
    grid, fewest, room = np.ones((1, 1)), 0, sum(totals)
    for n, place, highest in zip(totals, places, np.maximum.accumulate(places), strict=True):
        room -= n
        low = max(successes - room, 0)
        high = min(fewest + len(grid) - 1 + n, successes)
        after = np.zeros((high - low + 1, successes * int(highest) + 1))
        for taken, chance in enumerate(_binomial(np.arange(min(n, successes) + 1), n, rate)):
            first, last = max(fewest + taken, low), min(fewest + len(grid) - 1 + taken, high)
            columns = min(grid.shape[1], after.shape[1] - taken * place)
            if first <= last and columns > 0:
                reached = after[first - low : last - low + 1, taken * place : taken * place + columns]
                reached += chance * grid[first - taken - fewest : last - taken - fewest + 1, :columns]
        grid, fewest = after, low
    return grid[0] / grid[0].sum()


def _binomial(taken: np.ndarray, n: int, rate: float) -> np.ndarray:
    logs = log_choose(n, taken) + special.xlogy(taken, rate) + special.xlog1py(n - taken, -rate)
    return np.exp(logs)


def _merged(values: np.ndarray, chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unique, place = np.unique(np.round(values.ravel(), 9), return_inverse=True)
    return unique, np.bincount(place.ravel(), weights=chances.ravel())


def _tables(
    totals: np.ndarray, successes: float, scores: np.ndarray, max_tables: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Log weight and T of every table with the margins; None where there are too many."""
    left, logs, values = np.array([successes]), np.zeros(1), np.zeros(1)
    room = totals.sum()
    for n, score in zip(totals, scores, strict=True):
        room -= n
        fewest = np.maximum(left - room, 0)
        choices = np.maximum(np.minimum(left, n) - fewest + 1, 0).astype(int)
        if choices.sum() > max_tables:
            return None
        rows = np.repeat(np.arange(len(left)), choices)
        nth = np.arange(len(rows)) - np.repeat(np.cumsum(choices) - choices, choices)
        taken = fewest[rows] + nth
        left = left[rows] - taken
        logs = logs[rows] + log_choose(n, taken)
        values = values[rows] + score * taken
    return logs, values


def _random_tables(totals: np.ndarray, successes: float, rng: np.random.Generator) -> np.ndarray:
    return rng.multivariate_hypergeometric(totals.astype(int), int(successes), size=DRAWS)


def _drawn_trend(
    strata: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], mean: float, distance: float, seed: int
) -> ExactResult:
    rng = np.random.default_rng(seed)
    drawn = sum(_random_tables(n, r.sum(), rng) @ s for r, n, s in strata)
    return _monte_carlo(int((np.abs(drawn - mean) >= distance).sum()), seed)


def _monte_carlo(hits: int, seed: int) -> ExactResult:
    p = (hits + 1) / (DRAWS + 1)
    error = np.sqrt(p * (1 - p) / DRAWS)
    how = f"Monte Carlo, {DRAWS} random tables, seed {seed}, standard error {error:.1g}: too many tables"
    return ExactResult(p, DRAWS, False, how)
