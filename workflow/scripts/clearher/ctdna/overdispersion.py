"""Spread of error rates between positions: the beta-binomial distribution."""

import numpy as np
from scipy import optimize, stats
from scipy.special import betaln, xlog1py, xlogy

MIN_POSITIONS = 20
MIN_EVENTS = 5
LIKELIHOOD_GAIN = 1.353


def fit_beta_binomial(alt: np.ndarray, depth: np.ndarray) -> tuple[float, float]:
    """Beta distribution of the positions' error rates by maximum likelihood.

    ``alt_i ~ BetaBinomial(depth_i, a, b)``; search over log a, log b from a = 1, b = mean depth, and from the
    moment estimate where the data have one.

    Parameters
    ----------
    alt, depth : array_like
        Errors and bases of each position of a class.

    Returns
    -------
    tuple of float
        a, b. NaN, NaN where there are fewer than 20 positions or 5 errors, or where the likelihood gains
        less over one common rate than a one-sided 5 % test asks for (2 x 1.353): no spread beyond chance.

    References
    ----------
    imgag/umiVar R_scripts/beta_binomial_parameters.R (start values). Self and Liang, JASA 1987; 82: 605-610
    (likelihood ratio at the border of the parameter space).
    """
    k, n = np.asarray(alt, dtype=float), np.asarray(depth, dtype=float)
    if len(k) < MIN_POSITIONS or k.sum() < MIN_EVENTS:
        return np.nan, np.nan
    rate = k.sum() / n.sum()
    shares = k / n
    starts = [(1.0, float(n.mean()))]
    moment = moment_estimate(float(shares.mean()), float(shares.var(ddof=1)))
    if np.isfinite(moment[0]):
        starts.append(moment)

    def loss(logs: np.ndarray) -> float:
        a, b = np.exp(logs)
        return -float(np.sum(betaln(k + a, n - k + b) - betaln(a, b)))

    bounds = [(-12.0, 25.0), (-12.0, 25.0)]
    fits = [optimize.minimize(loss, np.log(start), method="L-BFGS-B", bounds=bounds) for start in starts]
    best = min(fits, key=lambda fit: fit.fun)
    common = float(np.sum(xlogy(k, rate) + xlog1py(n - k, -rate)))
    if -best.fun - common < LIKELIHOOD_GAIN:
        return np.nan, np.nan
    a, b = np.exp(best.x)
    return float(a), float(b)


def moment_estimate(mean: float, variance: float) -> tuple[float, float]:
    """Beta parameters with a given mean and variance: ``a = ((1-m)/v - 1/m) m^2``, ``b = a (1/m - 1)``.

    NaN where no beta distribution has them.

    References
    ----------
    imgag/umiVar R_scripts/beta_binomial_parameters.R.
    """
    if not 0 < mean < 1 or not 0 < variance < mean * (1 - mean):
        return np.nan, np.nan
    a = ((1 - mean) / variance - 1 / mean) * mean**2
    return a, a * (1 / mean - 1)


def beta_binomial_tail(k: int, n: int, a: float, b: float) -> float:
    """P(X >= k) for X ~ BetaBinomial(n, a, b)."""
    return float(stats.betabinom.sf(k - 1, n, a, b))
