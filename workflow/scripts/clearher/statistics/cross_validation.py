"""Repeated cross-validation: predictions from models that never saw the individual, and what they are worth.

A learner is as in :mod:`clearher.statistics.optimism`; whatever it chooses from data is chosen anew in
every fold.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.model_selection import StratifiedKFold

from clearher.statistics.newton import NotEstimableError
from clearher.statistics.optimism import Learner
from clearher.statistics.proportions import clopper_pearson
from clearher.statistics.roc import area

MIDDLE = (2.5, 97.5)


class OutOfFold(NamedTuple):
    """Predictions of shape (repeats, n), by models that did not see the fold, and the folds."""

    prediction: np.ndarray
    fold: np.ndarray


def out_of_fold(
    learner: Learner, covariates: pd.DataFrame, outcome: ArrayLike, *, folds: int, repeats: int, seed: int
) -> OutOfFold:
    """Predict every individual, in every repeat, from the folds it is not in.

    Parameters
    ----------
    learner : callable
        (covariates, outcome) to a predictor.
    covariates : pandas.DataFrame of shape (n, terms)
        One row an independent individual.
    outcome : array of shape (n,)
        0 or 1; folds are stratified by it.
    folds, repeats, seed : int
        At most as many folds as there are individuals with the rarer outcome.

    Raises
    ------
    NotEstimableError
        The rarer outcome has one individual or none.
    """
    y = np.asarray(outcome, dtype=float)
    folds = int(min(folds, np.bincount(y.astype(int), minlength=2).min()))
    if folds < 2:
        raise NotEstimableError("the rarer outcome has fewer than two individuals; no fold can hold it out")
    prediction = np.empty((repeats, len(y)))
    place = np.empty((repeats, len(y)), dtype=int)
    for repeat in range(repeats):
        split = StratifiedKFold(folds, shuffle=True, random_state=seed + repeat)
        for number, (train, test) in enumerate(split.split(covariates, y)):
            predictor = learner(covariates.iloc[train].reset_index(drop=True), y[train])
            prediction[repeat, test] = predictor(covariates.iloc[test])
            place[repeat, test] = number
    return OutOfFold(prediction, place)


def validated_area(found: OutOfFold, outcome: ArrayLike) -> float:
    """Mean over folds and repeats of the area inside each held-out fold.

    Never the area of pooled predictions: leaving a case out shifts the intercept against it, and pooling
    turns that into an area below one half.
    """
    y = np.asarray(outcome, dtype=float)
    return float(np.nanmean([area(scores, y[inside]) for scores, inside in _held_out(found)]))


def validated_roc(found: OutOfFold, outcome: ArrayLike, *, points: int = 101) -> pd.DataFrame:
    """ROC curve of held-out folds: true positive rates averaged at equal false positive rates.

    Returns
    -------
    pandas.DataFrame
        x (false positive rate), y (true positive rate), low and high: the middle 95 % of the repeats, the
        spread between ways to split and no confidence interval. The origin comes first; the area below the
        curve is that of :func:`validated_area` up to the width of the grid.

    References
    ----------
    Fawcett, Pattern Recognit Lett 2006; 27: 861-874 (vertical averaging).
    """
    y = np.asarray(outcome, dtype=float)
    grid = np.linspace(0.0, 1.0, points)
    curves = np.array([_true_positive_rates(scores, y[inside], grid) for scores, inside in _held_out(found)])
    repeats = curves.reshape(len(found.prediction), -1, points).mean(axis=1)
    low, high = np.percentile(repeats, MIDDLE, axis=0)
    curve = pd.DataFrame({"x": grid, "y": repeats.mean(axis=0), "low": low, "high": high})
    origin = pd.DataFrame(0.0, index=[0], columns=curve.columns)
    return pd.concat([origin, curve], ignore_index=True)


def validated_calibration(
    found: OutOfFold, outcome: ArrayLike, *, groups: int, confidence: float
) -> pd.DataFrame:
    """Observed share against mean predicted chance in groups of equal size, ordered by prediction.

    An individual's prediction is the mean over repeats, so that everybody counts once.

    Returns
    -------
    pandas.DataFrame
        x (mean prediction), y (share with the event), low and high (exact limits), n.
    """
    y = np.asarray(outcome, dtype=float)
    chance = found.prediction.mean(axis=0)
    parts = np.array_split(np.argsort(chance, kind="stable"), min(groups, len(y)))
    shares = [clopper_pearson(int(y[members].sum()), len(members), confidence) for members in parts]
    frame = pd.DataFrame({"x": [float(chance[members].mean()) for members in parts]})
    return frame.assign(
        y=[share.estimate for share in shares],
        low=[share.low for share in shares],
        high=[share.high for share in shares],
        n=[len(members) for members in parts],
    )


def _held_out(found: OutOfFold) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Predictions and members of every fold of every repeat, in order."""
    for scores, folds in zip(found.prediction, found.fold, strict=True):
        for number in range(folds.max() + 1):
            inside = folds == number
            yield scores[inside], inside


def _true_positive_rates(scores: np.ndarray, y: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Empirical ROC curve of one fold at given false positive rates; ties are a slanted step.

    At a rate where the curve rises straight up, the upper end.
    """
    cuts = np.unique(scores)[::-1]
    false, true = (np.concatenate([[0.0], _share_from(scores[y == outcome], cuts)]) for outcome in (0, 1))
    return np.interp(grid, false, true)


def _share_from(scores: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Share of the scores at or above each cut."""
    return (len(scores) - np.searchsorted(np.sort(scores), cuts, side="left")) / len(scores)
