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
    known = np.isfinite(x).any(axis=0)
    middle = np.zeros(x.shape[1])
    middle[known] = np.nanmedian(x[:, known], axis=0)
    filled = np.where(np.isfinite(x), x, middle)
    mean, spread = filled.mean(axis=0), filled.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(len(y)), (filled - mean) / spread])
    maximum = maximise(partial(_point, design, y, 1.0 / penalty_c), np.zeros(design.shape[1]))
    if not maximum.converged:
        raise NotEstimableError("the ridge fit reached no maximum")
    intercept, slopes = maximum.parameters[0], maximum.parameters[1:]

    def chance(new: pd.DataFrame) -> np.ndarray:
        values = new.to_numpy(dtype=float)
        values = (np.where(np.isfinite(values), values, middle) - mean) / spread
        return expit(intercept + values @ slopes)

    return chance


def _point(x: np.ndarray, y: np.ndarray, penalty: float, parameters: np.ndarray) -> Point:
    eta = x @ parameters
    chance = expit(eta)
    shrunk = np.concatenate([[0.0], parameters[1:]]) * penalty
    value = np.where(y == 1, log_expit(eta), log_expit(-eta)).sum() - shrunk @ parameters / 2
    weights = np.diag(np.r_[0.0, np.full(len(parameters) - 1, penalty)])
    information = (x * (chance * (1 - chance))[:, None]).T @ x + weights
    return Point(float(value), x.T @ (y - chance) - shrunk, information)
