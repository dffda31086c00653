"""Limit of detection of a sample: the level it would have been called at with 95 % probability."""

from collections.abc import Callable

import numpy as np
from scipy import special

from clearher.ctdna.detection import estimated_background_p, poisson_p, sum_of_counts
from clearher.statistics.roots import bisected

LARGEST_COUNT = 1_000_000


def critical_count(mean: np.ndarray, sd: np.ndarray, *, alpha: float, min_alt_fragments: int) -> np.ndarray:
    """Smallest number of alt fragments that is detected, k*.

    ``k* = max(min_alt_fragments, smallest k with P(background >= k) < alpha)``, the background Poisson, or
    gamma-Poisson where its mean is estimated (sd above 0).

    Parameters
    ----------
    mean, sd : array_like
        Mean and standard deviation of the expected number of errors; NaN gives NaN.
    alpha : float
        Significance level of the test.
    min_alt_fragments : int
        What detection asks for besides.
    """
    mean, sd = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(sd, dtype=float))
    known = np.isfinite(mean)
    safe = np.where(known, mean, 0.0)
    k = np.maximum(1.0, np.ceil(np.nan_to_num(special.pdtrik(1 - alpha, safe))))
    for _ in range(LARGEST_COUNT):
        short = estimated_background_p(k, safe, np.where(known, sd, 0.0)) >= alpha
        if not short.any():
            break
        k = np.where(short, k + np.maximum(1, np.floor(k / 64)), k)
    k = _stepped_back(k, safe, np.where(known, sd, 0.0), alpha)
    return np.where(known, np.maximum(k, min_alt_fragments), np.nan)


def _stepped_back(k: np.ndarray, mean: np.ndarray, sd: np.ndarray, alpha: float) -> np.ndarray:
    while True:
        lower = (k > 1) & (estimated_background_p(k - 1, mean, sd) < alpha)
        if not lower.any():
            return k
        k = np.where(lower, k - 1, k)


def mean_for_power(k: np.ndarray, power: float) -> np.ndarray:
    """Mean L of a Poisson count with ``P(Poisson(L) >= k) = power``: a quantile of the gamma distribution."""
    return special.gammaincinv(k, power)


def usable_depth(depth: np.ndarray, genome_copies: np.ndarray, efficiency: float) -> np.ndarray:
    """Molecules a variant can have been read from: ``min(depth, genome copies x efficiency)``.

    Parameters
    ----------
    depth : array_like
        Counted depth; in consensus molecules or, without molecular tags, in fragments or reads.
    genome_copies : array_like
        Haploid genome copies put into the assay (ng x copies per ng); NaN: not known, no cap.
    efficiency : float
        Share of them that become molecules of the library.
    """
    return np.fmin(depth, np.asarray(genome_copies, dtype=float) * efficiency)


def limit_of_detection(
    critical: np.ndarray,
    expected: np.ndarray,
    informative: np.ndarray,
    genome_copies: np.ndarray,
    *,
    power: float,
    calibration: float,
) -> np.ndarray:
    """LoD95 of each sample as an allele fraction.

    ``P(Poisson(L) >= k*) = power``; ``LoD = (L - L0) / sum n_i (1 - e_i)``, at least
    ``-ln(1 - power) / sum of genome copies``, times ``calibration``. Theory is a floor: an assay's dilution
    series may ask for a calibration above 1.

    Parameters
    ----------
    critical : array_like
        k* (:func:`critical_count`).
    expected : array_like
        L0, errors expected in the usable depth.
    informative : array_like
        ``sum n_i (1 - e_i)`` over the covered variants, n_i from :func:`usable_depth`.
    genome_copies : array_like
        Genome copies summed over the covered variants; NaN: not known.
    power, calibration : float
        Probability of detection at the limit; factor.

    Returns
    -------
    numpy.ndarray
        At most 1; NaN where nothing was covered.
    """
    signal = mean_for_power(np.asarray(critical, dtype=float), power) - expected
    return from_signal(signal, informative, genome_copies, power=power, calibration=calibration)


def from_signal(
    signal: np.ndarray,
    informative: np.ndarray,
    genome_copies: np.ndarray,
    *,
    power: float,
    calibration: float,
) -> np.ndarray:
    """Allele fraction that gives a mean signal, with the floor of the genome copies and the calibration."""
    informative = np.asarray(informative, dtype=float)
    limit = np.divide(signal, informative, out=np.full(np.shape(informative), np.nan), where=informative > 0)
    floor = -np.log(1 - power) / np.asarray(genome_copies, dtype=float)
    return np.minimum(1.0, np.fmax(limit, floor) * calibration)


def signal_for_power(background: np.ndarray, critical: int, power: float) -> float:
    """Mean signal with ``P(background + Poisson(signal) >= k*) = power`` for any background distribution.

    Parameters
    ----------
    background : array_like
        P(background = 0), ..., P(background = k* - 1).
    critical : int
        k*.
    """
    counts = np.arange(critical)
    pmf = np.asarray(background, dtype=float)[:critical]

    def missed(signal: float) -> float:
        return float(np.dot(pmf, special.pdtr(critical - 1 - counts, signal))) - (1 - power)

    if missed(0.0) <= 0:
        return 0.0
    return bisected(missed, 0.0, float(mean_for_power(critical, power)) + 1.0)


def smallest_count(p_of: Callable[[int], float], *, alpha: float, least: int) -> int:
    """Smallest count from ``least`` on whose p is below alpha, by doubling and bisection.

    Parameters
    ----------
    p_of : callable
        p of a count; must not increase with it.
    """
    high = max(1, least)
    while p_of(high) >= alpha:
        if high > LARGEST_COUNT:
            raise ValueError(f"no count up to {LARGEST_COUNT} is significant at {alpha}")
        high *= 2
    low = least - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if p_of(middle) >= alpha else (low, middle)
    return max(high, least)


def signal_for_variants(depth: np.ndarray, *, fragments: int, variants: int, power: float) -> float:
    """Mean signal, summed over the variants, at which enough of them are called with the wanted power.

    Each variant has Poisson(x n_i) fragments and is called at ``fragments`` or more; wanted is
    ``P(called >= variants) = power``. NaN where fewer variants are covered than are asked for.

    Parameters
    ----------
    depth : array_like
        Depth n_i of each covered variant.
    """
    depth = np.asarray(depth, dtype=float)
    if len(depth) < variants:
        return float("nan")

    def missed(share: float) -> float:
        called = poisson_p(fragments, share * depth)
        number = sum_of_counts(np.column_stack([1 - called, called]), variants)
        return float(number.sum()) - (1 - power)

    enough = 2 * mean_for_power(fragments, power ** (1 / len(depth))) / depth.min()
    return bisected(missed, 0.0, float(enough)) * depth.sum()
