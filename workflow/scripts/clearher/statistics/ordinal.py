"""Proportional odds regression of an ordered outcome."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit

from clearher.statistics.fits import Fit, in_own_units, inference_table, standardised
from clearher.statistics.newton import NotEstimableError, Point, maximise

LARGEST_SPREAD = 15.0


def proportional_odds(covariates: pd.DataFrame, outcome: ArrayLike, confidence: float = 0.95) -> Fit:
    """Maximum likelihood proportional odds model: logit P(Y <= k) = threshold_k - x'beta.

    A positive estimate says that higher categories become more likely.

    Parameters
    ----------
    covariates : pandas.DataFrame of shape (n, terms)
        Numeric, known.
    outcome : array of shape (n,)
        Category numbers in order; numbers nobody has are skipped.

    Returns
    -------
    Fit
        Terms, then the thresholds as "<= k" with k the category number; profile limits.

    Raises
    ------
    NotEstimableError
        One category only, dependent columns, or no finite maximum.

    References
    ----------
    McCullagh, J R Stat Soc B 1980; 42: 109-142. Equal to R's ``MASS::polr``.
    """
    x = covariates.to_numpy(dtype=float)
    categories, place = np.unique(np.asarray(outcome, dtype=float), return_inverse=True)
    if not np.isfinite(x).all() or not np.isfinite(categories).all():
        raise ValueError("covariates and outcomes must be known")
    if len(categories) < 2:
        raise NotEstimableError("every outcome is the same")
    if np.linalg.matrix_rank(x - x.mean(axis=0)) < x.shape[1]:
        raise NotEstimableError("a column is constant or follows from the others")
    shares = np.cumsum(np.bincount(place))[:-1] / len(place)
    start = np.concatenate([np.zeros(x.shape[1]), np.log(shares / (1 - shares))])
    columns, width = standardised(x), x.shape[1]
    centred, scaled = (
        partial(_point, values, place, len(categories)) for values in (columns.centred, columns.scaled)
    )
    maximum = maximise(centred, start)
    spread = np.ptp(columns.centred @ maximum.parameters[:width])  # slopes of columns that go together cancel
    if not maximum.converged or spread > LARGEST_SPREAD:
        raise NotEstimableError("the likelihood rises without a finite maximum")
    slopes = {str(name): number for number, name in enumerate(covariates.columns)}
    table = in_own_units(inference_table(centred, maximum, slopes, confidence), columns.spread)
    at_zero = maximum.parameters.copy()
    at_zero[width:] += at_zero[:width] @ columns.mean
    cuts = {f"<= {value:g}": width + number for number, value in enumerate(categories[:-1])}
    thresholds = inference_table(scaled, maximise(scaled, at_zero), cuts, confidence)
    return Fit("ml", pd.concat([table, thresholds]), maximum.point.value, len(x), int((place > 0).sum()))


def _point(x: np.ndarray, place: np.ndarray, levels: int, parameters: np.ndarray) -> Point:
    slopes, thresholds = parameters[: x.shape[1]], parameters[x.shape[1] :]
    if (np.diff(thresholds) <= 0).any():
        return Point(-np.inf, np.zeros(len(parameters)), np.eye(len(parameters)))
    cuts = np.concatenate([[-np.inf], thresholds, [np.inf]])
    eta = x @ slopes
    upper, lower = cuts[place + 1] - eta, cuts[place] - eta
    chance = np.maximum(expit(upper) - expit(lower), np.finfo(float).tiny)
    above, below = _directions(x, place + 1, levels), _directions(x, place, levels)
    slope = (_density(upper)[:, None] * above - _density(lower)[:, None] * below) / chance[:, None]
    curvature = (above * (_bend(upper) / chance)[:, None]).T @ above
    curvature -= (below * (_bend(lower) / chance)[:, None]).T @ below
    return Point(float(np.log(chance).sum()), slope.sum(axis=0), slope.T @ slope - curvature)


def _directions(x: np.ndarray, cut: np.ndarray, levels: int) -> np.ndarray:
    inner = np.eye(levels + 1)[:, 1:levels]
    return np.hstack([-x, inner[cut]])


def _density(value: np.ndarray) -> np.ndarray:
    return expit(value) * expit(-value)


def _bend(value: np.ndarray) -> np.ndarray:
    return _density(value) * (expit(-value) - expit(value))
