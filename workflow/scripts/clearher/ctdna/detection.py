"""Tests of whether a sample's alt fragments are more than errors: p-values as pure functions.

Every test takes counts of one sample or whole columns of samples, never tables.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special


def poisson_p(alt: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """P(Poisson(expected) >= alt), the default test; 1 where alt is 0.

    Parameters
    ----------
    alt : array_like
        Distinct alt fragments of each sample.
    expected : array_like
        Errors expected, ``sum n_i e_i``.

    Returns
    -------
    numpy.ndarray
        One-sided p; NaN where an input is NaN.
    """
    alt, expected = np.asarray(alt, dtype=float), np.asarray(expected, dtype=float)
    tail = special.gammainc(np.maximum(alt, 1.0), expected)
    return np.where(np.isnan(expected), np.nan, np.where(alt > 0, tail, 1.0))


def estimated_background_p(alt: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Poisson test when the expected number of errors is itself estimated: a negative binomial tail.

    The background is gamma distributed with the given mean and standard deviation. With x errors in N bases
    and n bases tested, mean ``n (x+1)/N`` and sd ``n sqrt(x+1)/N`` give exactly the conditional binomial test
    of two Poisson rates, P(Bin(alt + x, n/(n+N)) >= alt), whose type I error is at most alpha.

    Parameters
    ----------
    alt, mean, sd : array_like
        Distinct alt fragments; mean and standard deviation of the background. sd 0: the Poisson test.

    References
    ----------
    Przyborowski and Wilenski, Biometrika 1940; 31: 313-323 (conditional test of two Poisson rates).
    """
    alt, mean, sd = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (alt, mean, sd)))
    known = poisson_p(alt, mean)
    uncertain = sd > 0
    variance = np.where(uncertain, sd, 1.0) ** 2
    tail = special.betainc(np.maximum(alt, 1e-9), mean**2 / variance, variance / (mean + variance))
    return np.where(uncertain, np.where(alt <= 0, 1.0, tail), known)


def sum_of_counts(pmfs: Sequence[np.ndarray], longest: int) -> np.ndarray:
    """Distribution of a sum of independent counts by convolution, the first ``longest`` probabilities."""
    total = np.ones(1)
    for pmf in pmfs:
        total = np.convolve(total, pmf[:longest])[:longest]
    return total


def poisson_binomial_p(alt: int, depth: Sequence[float], rate: Sequence[float]) -> float:
    """P(sum of Binomial(n_i, e_i) >= alt), exact by convolution.

    Parameters
    ----------
    alt : int
        Distinct alt fragments.
    depth, rate : sequence
        Depth and error rate of each covered variant.

    Notes
    -----
    A small p is the sum of the terms from ``alt`` on, ten standard deviations of a count of ``alt`` far and
    at least fifty terms: 1 minus the terms below would have lost its digits.
    """
    if alt <= 0:
        return 1.0
    length = alt + 50 + int(10 * np.sqrt(alt))
    total = sum_of_counts(binomial_pmfs(depth, rate, length), length)
    below = float(total[:alt].sum())
    return float(total[alt:].sum()) if below > 0.99 else 1.0 - below


def beta_binomial_p(alt: int, depth: Sequence[float], alpha: Sequence[float], beta: Sequence[float]) -> float:
    """P(sum of BetaBinomial(n_i, a_i, b_i) >= alt), by convolution.

    For backgrounds whose rate varies between positions more than chance explains
    (:func:`clearher.ctdna.overdispersion.fit_beta_binomial`).
    """
    if alt <= 0:
        return 1.0
    below = float(sum_of_counts(beta_binomial_pmfs(depth, alpha, beta, alt), alt).sum())
    return min(1.0, max(0.0, 1.0 - below))


def binomial_pmfs(depth: Sequence[float], rate: Sequence[float], length: int) -> np.ndarray:
    """Probabilities of 0, 1, ... length - 1 errors of each variant: variants x length."""
    n, e = (np.asarray(value, dtype=float)[:, None] for value in (depth, rate))
    k = np.arange(length)
    with np.errstate(invalid="ignore"):
        log_pmf = _log_choose(n, k) + special.xlogy(k, e) + special.xlog1py(n - k, -e)
    return np.where(k <= n, np.exp(log_pmf), 0.0)


def beta_binomial_pmfs(
    depth: Sequence[float], alpha: Sequence[float], beta: Sequence[float], length: int
) -> np.ndarray:
    """The same for rates that vary by a beta distribution.

    By recursion from P(0), a product of n factors: differences of logarithms of the gamma function lose
    their digits where the spread is small.
    """
    return np.array([_beta_binomial_pmf(*one, length) for one in zip(depth, alpha, beta, strict=True)])


def _beta_binomial_pmf(n: float, a: float, b: float, length: int) -> np.ndarray:
    none = np.log1p(-a / (a + b + np.arange(int(n)))).sum()
    k = np.arange(min(length, int(n) + 1) - 1)
    steps = np.log(n - k) - np.log(k + 1) + np.log(a + k) - np.log(b + n - k - 1)
    pmf = np.zeros(length)
    pmf[: len(k) + 1] = np.exp(none + np.concatenate([[0.0], np.cumsum(steps)]))
    return pmf


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return -np.log1p(n) - special.betaln(np.maximum(n - k, 0) + 1, k + 1)


def monte_carlo_p(
    alt: Sequence[int], depth: Sequence[int], rate: Sequence[float], *, draws: int, seed: int
) -> float:
    """Monte Carlo test on mean VAF and on the number of variants seen (ctDNAtools type).

    ``X_i ~ Binomial(n_i, e_i)``; a draw succeeds when its mean of X_i / n_i is at least the observed one and
    at least as many variants have X_i > 0; ``p = (successes + 1) / (draws + 1)``. A variant of depth 0 counts
    in neither mean nor number. The sites are taken as independent: merge phased variants first
    (:mod:`clearher.ctdna.phasing`).

    Parameters
    ----------
    alt, depth : sequence of int
        Counts of each variant.
    rate : sequence of float
        Error rate of each variant's allele (ctDNAtools: background rate / 3).
    draws, seed : int
        Number of draws and seed.

    Notes
    -----
    Both conditions must hold at once, which makes p smaller than that of either: the test can exceed its
    nominal size, see docs/methods.md.

    References
    ----------
    alkodsi/ctDNAtools R/simulator.R, R/positivity_test.R.
    """
    alt, depth = np.asarray(alt, dtype=float), np.asarray(depth, dtype=float)
    rate = np.broadcast_to(np.asarray(rate, dtype=float), depth.shape)
    covered = depth > 0
    if not covered.any():
        return np.nan
    alt, depth, rate = alt[covered], depth[covered], rate[covered]
    drawn = np.random.default_rng(seed).binomial(depth.astype(int), rate, size=(draws, len(depth)))
    high = (drawn / depth).mean(axis=1) >= (alt / depth).mean() - 1e-15
    spread = (drawn > 0).sum(axis=1) >= (alt > 0).sum()
    return (int((high & spread).sum()) + 1) / (draws + 1)


class OddsTest(NamedTuple):
    """Sample odds ratio and one-sided p."""

    odds_ratio: float
    p: float


def fisher(alt: int, depth: int, background_alt: int, background_depth: int) -> OddsTest:
    """One-sided Fisher test of the tracked sites against the background positions (umiVar type).

    Parameters
    ----------
    alt, depth : int
        Alt fragments and depth summed over the tracked variants.
    background_alt, background_depth : int
        Errors and bases of the background.

    References
    ----------
    imgag/umiVar calculateMRD.py.
    """
    against = (depth - alt) * background_alt
    odds = alt * (background_depth - background_alt) / against if against else float("inf")
    total = alt + background_alt
    k = np.arange(alt, min(depth, total) + 1.0)
    logs = _log_choose(depth, k) + _log_choose(background_depth, total - k)
    p = np.exp(logs - _log_choose(depth + background_depth, total)).sum()
    return OddsTest(float(odds), min(1.0, float(p)))


class LikelihoodRatio(NamedTuple):
    """Share of tumour DNA at the maximum, and log likelihood ratio against none."""

    share: float
    log_ratio: float


def likelihood_ratio(
    alt: Sequence[float], depth: Sequence[float], tumour_vaf: Sequence[float], rate: Sequence[float]
) -> LikelihoodRatio:
    """Log likelihood ratio of the best share p of tumour DNA against none (INVAR type).

    ``g_i = AF_i (1 - e_i) + (1 - AF_i) e_i``, ``q_i = p g_i + (1 - p) e_i``,
    ``log L = sum log Binomial(M_i; R_i, q_i)``. The log likelihood is concave in p; its maximum over
    [0, 1] is found by bisection of the derivative. It equals that of the expectation-maximisation of the
    source.

    Parameters
    ----------
    alt, depth : sequence
        M_i and R_i of each covered variant.
    tumour_vaf : sequence
        AF_i, allele fraction of the variant in the tumour.
    rate : sequence
        e_i.

    Returns
    -------
    LikelihoodRatio
        With no alt fragment both are 0. The ratio is not divided by the number of variants, and is not
        comparable between samples without controls or simulation (:func:`likelihood_ratio_p`).

    References
    ----------
    nrlab-CRUK/INVAR2 R/shared/detectionFunctions.R.
    """
    counts = np.asarray(alt, dtype=float)[None, :]
    share, ratio = _maximised(counts, *(np.asarray(v, dtype=float) for v in (depth, tumour_vaf, rate)))
    return LikelihoodRatio(float(share[0]), float(ratio[0]))


def _maximised(
    counts: np.ndarray, depth: np.ndarray, tumour_vaf: np.ndarray, rate: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Best share and log ratio of many count vectors (rows) at once."""
    gain = tumour_vaf * (1 - rate) + (1 - tumour_vaf) * rate - rate

    def slope(share: np.ndarray) -> np.ndarray:
        chance = rate + share[:, None] * gain
        return np.sum(gain * (counts / chance - (depth - counts) / (1 - chance)), axis=1)

    low, high = np.zeros(len(counts)), np.full(len(counts), 1 - 1e-9)
    rises = slope(low) > 0
    for _ in range(60):
        middle = (low + high) / 2
        up = slope(middle) > 0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    share = np.where(rises, (low + high) / 2, 0.0)
    chance = rate + share[:, None] * gain
    ratio = np.sum(
        special.xlogy(counts, chance / rate) + (depth - counts) * (np.log1p(-chance) - np.log1p(-rate)),
        axis=1,
    )
    return share, np.maximum(ratio, 0.0)


def likelihood_ratio_p(
    alt: Sequence[float],
    depth: Sequence[float],
    tumour_vaf: Sequence[float],
    rate: Sequence[float],
    *,
    draws: int,
    seed: int,
) -> float:
    """p of the likelihood ratio by simulation of errors: (draws with LR >= observed + 1) / (draws + 1)."""
    observed = likelihood_ratio(alt, depth, tumour_vaf, rate).log_ratio
    depth, tumour_vaf, rate = (np.asarray(value, dtype=float) for value in (depth, tumour_vaf, rate))
    if observed <= 0:
        return 1.0
    drawn = np.random.default_rng(seed).binomial(depth.astype(int), rate, size=(draws, len(depth)))
    distinct, times = np.unique(drawn[drawn.any(axis=1)], axis=0, return_counts=True)
    ratios = _maximised(distinct.astype(float), depth, tumour_vaf, rate)[1]
    return (int(times[ratios >= observed - 1e-9].sum()) + 1) / (draws + 1)
