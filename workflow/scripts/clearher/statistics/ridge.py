"""Ridge logistic regression with imputation and scaling learned from the same rows."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit

from clearher.statistics.newton import NotEstimableError, Point, maximise
from clearher.statistics.optimism import Predictor


def ridge_logistic(covariates: pd.DataFrame, outcome: ArrayLike, penalty_c: float) -> Predictor:
    """Fit and return the predictor of the chance of the event.

    Missing values take the column's median, columns are scaled to standard deviation 1, and log L -
    sum(slope^2) / (2 C) is maximised; the intercept is not penalised.

    Parameters
    ----------
    covariates : pandas.DataFrame of shape (n, terms)
        Numeric, may hold missing values; a column without any value is left at 0.
    outcome : array of shape (n,)
        0 or 1.
    penalty_c : float
        C, the inverse strength of the penalty, as in scikit-learn.

    References
    ----------
    le Cessie and van Houwelingen, Appl Stat 1992; 41: 191-201.
    """
    x, y = covariates.to_numpy(dtype=float), np.asarray(outcome, dtype=float)
    middle = column_medians(x)
    filled = np.where(np.isfinite(x), x, middle)
    mean, spread = filled.mean(axis=0), filled.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(len(y)), (filled - mean) / spread])
    penalty = np.full(design.shape[1], 1.0 / penalty_c)
    penalty[0] = 0.0
    maximum = maximise(partial(_point, design, y, penalty), np.zeros(design.shape[1]))
    if not maximum.converged:
        raise NotEstimableError("the ridge fit reached no maximum")
    intercept, slopes = maximum.parameters[0], maximum.parameters[1:]

    def chance(new: pd.DataFrame) -> np.ndarray:
        values = new.to_numpy(dtype=float)
        values = (np.where(np.isfinite(values), values, middle) - mean) / spread
        return expit(intercept + values @ slopes)

    return chance


def column_medians(values: np.ndarray) -> np.ndarray:
    """Median of the finite values of each column of an array (n, terms); 0 where there is none."""
    finite = np.isfinite(values)
    ordered = np.sort(np.where(finite, values, np.inf), axis=0)
    count, columns = finite.sum(axis=0), np.arange(values.shape[1])
    lower, upper = (
        ordered[np.minimum(place, len(values) - 1), columns] for place in ((count - 1) // 2, count // 2)
    )
    return np.where(count > 0, (lower + upper) / 2, 0.0)


def _point(x: np.ndarray, y: np.ndarray, penalty: np.ndarray, parameters: np.ndarray) -> Point:
    eta = x @ parameters
    chance = expit(eta)
    shrunk = penalty * parameters
    value = log_expit((2 * y - 1) * eta).sum() - shrunk @ parameters / 2
    information = (x * (chance * (1 - chance))[:, None]).T @ x + np.diag(penalty)
    return Point(float(value), x.T @ (y - chance) - shrunk, information)
