"""Spread of error rates between positions: the beta-binomial distribution."""

import numpy as np
from scipy.special import betaln, digamma, xlog1py, xlogy, zeta

MIN_POSITIONS = 20
MIN_EVENTS = 5
LIKELIHOOD_GAIN = 1.353
LARGEST_STEP = 2.0
SMALLEST_GAIN = 1e-8
MOST_STEPS = 100


def fit_beta_binomial(alt: np.ndarray, depth: np.ndarray) -> tuple[float, float]:
    """Beta distribution of the positions' error rates by maximum likelihood.

    ``alt_i ~ BetaBinomial(depth_i, a, b)``; Newton steps over log a, log b from the moment estimate, or from
    a = 1, b = mean depth where there is none.

    Parameters
    ----------
    alt, depth : array_like
        Errors and bases of each position of a class.

    Returns
    -------
    tuple of float
        a, b. NaN, NaN where there are fewer than 20 positions or 5 errors, where the spread is not above that
        of one common rate (score of Tarone), or where the likelihood gains less over one common rate than a
        one-sided 5 % test asks for (2 x 1.353).

    References
    ----------
    imgag/umiVar R_scripts/beta_binomial_parameters.R (start values). Self and Liang, JASA 1987; 82: 605-610
    (likelihood ratio at the border of the parameter space). Tarone, Biometrika 1979; 66: 585-590.
    """
    k, n = np.asarray(alt, dtype=float), np.asarray(depth, dtype=float)
    if len(k) < MIN_POSITIONS or k.sum() < MIN_EVENTS:
        return np.nan, np.nan
    rate = k.sum() / n.sum()
    if np.sum((k - n * rate) ** 2) <= rate * (1 - rate) * n.sum():
        return np.nan, np.nan
    shares = k / n
    start = moment_estimate(float(shares.mean()), float(shares.var(ddof=1)))
    if not np.isfinite(start[0]):
        start = (1.0, float(n.mean()))
    best = _climb(k, n, np.log(start))
    common = float(np.sum(xlogy(k, rate) + xlog1py(n - k, -rate)))
    if _log_likelihood(k, n, best) - common < LIKELIHOOD_GAIN:
        return np.nan, np.nan
    a, b = np.exp(best)
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


def _climb(k: np.ndarray, n: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """Newton steps, halved until the likelihood rises; the gradient where it is not concave."""
    height = _log_likelihood(k, n, logs)
    for _ in range(MOST_STEPS):
        step = _step(k, n, logs)
        gain = _log_likelihood(k, n, logs + step) - height
        while gain < 0 and np.abs(step).max() > SMALLEST_GAIN:
            step = step / 2
            gain = _log_likelihood(k, n, logs + step) - height
        if gain < SMALLEST_GAIN:
            break
        logs, height = logs + step, height + gain
    return logs


def _step(k: np.ndarray, n: np.ndarray, logs: np.ndarray) -> np.ndarray:
    a, b = np.exp(logs)
    both = np.sum(digamma(a + b) - digamma(n + a + b))
    slope = np.array(
        [
            a * (np.sum(digamma(k + a) - digamma(a)) + both),
            b * (np.sum(digamma(n - k + b) - digamma(b)) + both),
        ]
    )
    shared = np.sum(_trigamma(a + b) - _trigamma(n + a + b))
    curve = np.diag(slope) + shared * np.outer([a, b], [a, b])
    curve[0, 0] += a**2 * np.sum(_trigamma(k + a) - _trigamma(a))
    curve[1, 1] += b**2 * np.sum(_trigamma(n - k + b) - _trigamma(b))
    concave = curve[0, 0] < 0 and np.linalg.det(curve) > 0
    step = -np.linalg.solve(curve, slope) if concave else slope
    return step * min(1.0, LARGEST_STEP / np.abs(step).max())


def _trigamma(x: np.ndarray) -> np.ndarray:
    return zeta(2, x)


def _log_likelihood(k: np.ndarray, n: np.ndarray, logs: np.ndarray) -> float:
    a, b = np.exp(logs)
    return float(np.sum(betaln(k + a, n - k + b) - betaln(a, b)))
