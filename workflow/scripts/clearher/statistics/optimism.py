"""Internal validation of a prediction: bootstrap optimism and calibration.

A learner is a function (covariates, outcome) -> predictor, and a predictor a function covariates ->
chance of the event. Everything a study chooses from data (selection, scaling, imputation, cut points)
belongs inside the learner, because it is run anew in every sample.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import logit

from clearher.statistics.logistic import logistic_ml
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.proportions import NAN
from clearher.statistics.roc import area

Predictor = Callable[[pd.DataFrame], np.ndarray]
Learner = Callable[[pd.DataFrame, np.ndarray], Predictor]


class Optimism(NamedTuple):
    """Apparent area, mean optimism over the bootstrap samples, and their difference."""

    apparent: float
    optimism: float
    corrected: float
    samples: int


def bootstrap_optimism(
    learner: Learner, covariates: pd.DataFrame, outcome: ArrayLike, *, samples: int, seed: int
) -> Optimism:
    """Optimism of the area under the ROC curve: performance in a bootstrap sample minus in the original.

    Samples with one outcome only are drawn again.

    References
    ----------
    Harrell, Lee and Mark, Stat Med 1996; 15: 361-387.
    """
    y = np.asarray(outcome, dtype=float)
    if len(np.unique(y)) < 2:
        raise NotEstimableError("every outcome is the same")
    rng = np.random.default_rng(seed)
    apparent = area(learner(covariates, y)(covariates), y)
    gaps = []
    while len(gaps) < samples:
        rows = rng.integers(0, len(y), len(y))
        if len(np.unique(y[rows])) < 2:
            continue
        drawn = covariates.iloc[rows].reset_index(drop=True)
        predictor = learner(drawn, y[rows])
        gaps.append(area(predictor(drawn), y[rows]) - area(predictor(covariates), y))
    optimism = float(np.mean(gaps))
    return Optimism(apparent, optimism, apparent - optimism, samples)


def calibration(chance: ArrayLike, outcome: ArrayLike) -> tuple[float, float]:
    """Calibration in the large (mean observed minus mean predicted) and calibration slope.

    The slope is that of a logistic regression on the logit of the predicted chance; NaN where it has no
    finite estimate.
    """
    p, y = np.asarray(chance, dtype=float), np.asarray(outcome, dtype=float)
    inside = np.clip(p, 1e-6, 1 - 1e-6)
    try:
        slope = logistic_ml(pd.DataFrame({"logit": logit(inside)}), y).table.loc["logit", "estimate"]
    except NotEstimableError:
        slope = NAN
    return float(y.mean() - p.mean()), float(slope)
