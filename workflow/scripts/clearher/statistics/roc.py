"""Area under the ROC curve with DeLong's variance, and the paired comparison of two scores."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.proportions import NAN

NO_ERROR = 1e-7


class Auc(NamedTuple):
    """Area, Wald limits cut to 0-1, and standard error."""

    estimate: float
    low: float
    high: float
    error: float


class AucComparison(NamedTuple):
    """Difference of two areas on the same individuals, its z and two-sided p."""

    difference: float
    z: float
    p: float


def auc(score: ArrayLike, outcome: ArrayLike, confidence: float = 0.95) -> Auc:
    """Area under the ROC curve, higher scores for the event, with DeLong's standard error.

    Formula: V10_i = mean_j psi(x_i, y_j), V01_j = mean_i psi with psi 1, 1/2, 0; the variance is
    var(V10) / m + var(V01) / n.

    Parameters
    ----------
    score, outcome : arrays of shape (n,)
        Known values; outcome 1 for the event.

    Returns
    -------
    Auc
        NaN where there is no event or nothing but events. Limits NaN where the standard error is unknown (one
        individual with or without the event) or 0 (the score parts the two): an interval of no width would
        claim a certainty that few individuals do not give.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson, Biometrics 1988; 44: 837-845. Equal to R's ``pROC``.
    """
    parts = _placements(score, outcome)
    if parts is None:
        return Auc(NAN, NAN, NAN, NAN)
    area, error = float(parts[0].mean()), float(np.sqrt(_covariance(parts, parts)))
    if not error > NO_ERROR:
        return Auc(area, NAN, NAN, error)
    half = float(special.ndtri((1 + confidence) / 2)) * error
    return Auc(area, max(0.0, area - half), min(1.0, area + half), error)


def area(score: ArrayLike, outcome: ArrayLike) -> float:
    """Area under the ROC curve alone, as in :func:`auc`: for use inside simulations."""
    parts = _placements(score, outcome)
    return NAN if parts is None else float(parts[0].mean())


def compare_auc(first: ArrayLike, second: ArrayLike, outcome: ArrayLike) -> AucComparison:
    """Paired DeLong test of two scores of the same individuals: first minus second."""
    a, b = _placements(first, outcome), _placements(second, outcome)
    if a is None or b is None:
        return AucComparison(NAN, NAN, NAN)
    difference = float(a[0].mean() - b[0].mean())
    variance = _covariance(a, a) + _covariance(b, b) - 2 * _covariance(a, b)
    if variance <= 0:
        return AucComparison(difference, NAN, NAN)
    z = difference / float(np.sqrt(variance))
    return AucComparison(difference, z, float(2 * special.ndtr(-abs(z))))


def _placements(score: ArrayLike, outcome: ArrayLike) -> tuple[np.ndarray, np.ndarray] | None:
    values, marks = np.asarray(score, dtype=float), np.asarray(outcome, dtype=float)
    if not np.isfinite(values).all() or not np.isin(marks, (0.0, 1.0)).all():
        raise ValueError("scores and outcomes must be known, outcomes 0 or 1")
    cases, controls = values[marks == 1], values[marks == 0]
    if len(cases) == 0 or len(controls) == 0:
        return None
    return _share_below(cases, controls), 1 - _share_below(controls, cases)


def _share_below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, side="left") + np.searchsorted(ordered, values, side="right")
    return below / (2 * len(ordered))


def _covariance(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> float:
    total = 0.0
    for first, second in zip(a, b, strict=True):
        if len(first) < 2:
            return NAN
        total += float(np.cov(first, second, ddof=1)[0, 1]) / len(first)
    return total
