"""Estimates corrected for misclassified levels: counts by matrix inversion, any estimate by MC-SIMEX."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

CONDITION_LIMIT = 1e8
TOLERANCE = 1e-9


class CorrectedCounts(NamedTuple):
    """Corrected counts by level; ``admissible`` is False when one is negative (data and rates do not fit)."""

    counts: np.ndarray
    admissible: bool


class Simex(NamedTuple):
    """Extrapolated estimate, and the mean estimates at each added amount of misclassification (0 first)."""

    estimate: float
    amounts: np.ndarray
    means: np.ndarray


def misclassification_rates(table: ArrayLike) -> np.ndarray:
    """Rates of reading level j when the truth is level i, from a table of counts with the truth in rows.

    Raises
    ------
    ValueError
        The table is not square, or a level was never seen as truth, so that its rates are unknown.
    """
    counts = _square(table)
    totals = counts.sum(axis=1)
    if (totals <= 0).any():
        unseen = ", ".join(str(place) for place in np.flatnonzero(totals <= 0))
        raise ValueError(f"no observation with the true level at place {unseen}; merge it with a neighbour")
    return counts / totals[:, None]


def corrected_counts(observed: ArrayLike, rates: ArrayLike) -> CorrectedCounts:
    """True counts by level that the observed ones stand for: the solution x of rates' x = observed.

    Parameters
    ----------
    observed : array of shape (k,)
        Observed counts (or responders, or any sum) by level.
    rates : array of shape (k, k)
        Rows sum to 1: rate of reading column j when the truth is row i.

    Raises
    ------
    ValueError
        Shapes differ, rows do not sum to 1, or the matrix cannot be inverted reliably.
    """
    matrix = _rates(rates)
    values = np.asarray(observed, dtype=float)
    if values.shape != (len(matrix),):
        raise ValueError(f"{len(matrix)} levels in the rates, counts of shape {values.shape}")
    if np.linalg.cond(matrix) > CONDITION_LIMIT:
        raise ValueError("the rates do not tell the levels apart; the correction is not defined")
    solved = np.linalg.solve(matrix.T, values)
    return CorrectedCounts(solved, bool((solved >= -TOLERANCE).all()))


def powered_rates(rates: ArrayLike, amount: float) -> np.ndarray:
    """Rates after ``amount`` times the misclassification: a power of the matrix, also between whole numbers.

    The power is exp(amount x log rates). Negative rates of change in the logarithm, which come from cells
    that were never observed, are set to 0 and taken from the diagonal, so that every power is a matrix of
    rates; where there are none the power is exact.

    Raises
    ------
    ValueError
        The matrix has no real logarithm, as happens when readings are more often wrong than right.

    References
    ----------
    Israel, Rosenthal and Wei, Mathematical Finance 2001; 11: 245-265 (diagonal adjustment).
    """
    matrix = _rates(rates)
    if np.linalg.cond(matrix) > CONDITION_LIMIT:
        raise ValueError("the rates do not tell the levels apart; their powers are not defined")
    change = linalg.logm(matrix)
    if np.abs(np.imag(change)).max() > 1e-8:
        raise ValueError("the rates have no real logarithm; readings are more often wrong than right")
    change = np.real(change)
    np.fill_diagonal(change, 0.0)
    change = np.clip(change, 0.0, None)
    np.fill_diagonal(change, -change.sum(axis=1))
    return linalg.expm(amount * change)


def mc_simex(
    estimate: Callable[[np.ndarray], np.ndarray],
    levels: ArrayLike,
    rates: ArrayLike,
    *,
    repeats: int,
    seed: int,
    amounts: Sequence[float] = (0.5, 1.0, 1.5, 2.0),
) -> Simex:
    """Estimate corrected for misclassification by simulation and extrapolation.

    Levels are misclassified further with powers of the rates; the mean estimate at each amount is
    extrapolated by a quadratic to -1, where no misclassification is left. Repeats without a finite estimate
    are left out.

    Parameters
    ----------
    estimate : callable
        From places of levels (shape repeats, n; integers from 0) to one number a repeat.
    levels : array of shape (n,)
        Observed places.
    rates : array of shape (k, k)
        As for :func:`corrected_counts`.
    repeats, seed : int
        Simulations at each amount, and their seed.
    amounts : sequence of float
        Added amounts of misclassification.

    References
    ----------
    Kuechenhoff, Mwalili and Lesaffre, Biometrics 2006; 62: 85-96.
    """
    observed = np.asarray(levels, dtype=int)
    rng = np.random.default_rng(seed)
    means = [float(estimate(observed[None])[0])]
    for amount in amounts:
        cumulative = powered_rates(rates, amount).cumsum(axis=1)
        draws = estimate(np.array([_redrawn(observed, cumulative, rng) for _ in range(repeats)]))
        finite = draws[np.isfinite(draws)]
        means.append(float(finite.mean()) if len(finite) else float("nan"))
    places, heights = np.array([0.0, *amounts]), np.array(means)
    usable = np.isfinite(heights)
    if usable.sum() < 3:
        return Simex(float("nan"), places, heights)
    curve = np.polynomial.Polynomial.fit(places[usable], heights[usable], 2)
    return Simex(float(curve(-1.0)), places, heights)


def _redrawn(levels: np.ndarray, cumulative: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    drawn = (rng.random(len(levels))[:, None] > cumulative[levels]).sum(axis=1)
    return np.minimum(drawn, len(cumulative) - 1)


def _square(table: ArrayLike) -> np.ndarray:
    matrix = np.asarray(table, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"a square table is needed, not one of shape {matrix.shape}")
    return matrix


def _rates(rates: ArrayLike) -> np.ndarray:
    matrix = _square(rates)
    if (matrix < 0).any() or not np.allclose(matrix.sum(axis=1), 1.0):
        raise ValueError("rates are shares that sum to 1 in each row")
    return matrix
