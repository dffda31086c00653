"""Internal validation of a prediction: bootstrap optimism, repeated cross-validation, calibration.

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
from sklearn.model_selection import StratifiedKFold

from clearher.statistics.logistic import logistic_ml
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.proportions import NAN
from clearher.statistics.roc import auc

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
    apparent = auc(learner(covariates, y)(covariates), y).estimate
    gaps = []
    while len(gaps) < samples:
        rows = rng.integers(0, len(y), len(y))
        if len(np.unique(y[rows])) < 2:
            continue
        drawn = covariates.iloc[rows].reset_index(drop=True)
        predictor = learner(drawn, y[rows])
        gaps.append(auc(predictor(drawn), y[rows]).estimate - auc(predictor(covariates), y).estimate)
    optimism = float(np.mean(gaps))
    return Optimism(apparent, optimism, apparent - optimism, samples)


def repeated_cross_validation(
    learner: Learner, covariates: pd.DataFrame, outcome: ArrayLike, *, folds: int, repeats: int, seed: int
) -> float:
    """Mean over folds and repeats of the area inside each held-out fold.

    Areas are averaged over folds, never computed on pooled predictions: leaving a case out shifts the
    intercept against it, and pooling turns that into an area below one half.
    """
    y = np.asarray(outcome, dtype=float)
    folds = int(min(folds, np.bincount(y.astype(int), minlength=2).min()))
    if folds < 2:
        return NAN
    areas = []
    for repeat in range(repeats):
        split = StratifiedKFold(folds, shuffle=True, random_state=seed + repeat)
        for train, test in split.split(covariates, y):
            predictor = learner(covariates.iloc[train].reset_index(drop=True), y[train])
            areas.append(auc(predictor(covariates.iloc[test]), y[test]).estimate)
    return float(np.nanmean(areas))


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
