"""Cross-validation: nobody is predicted by a model that saw them, and folds are judged one by one."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate

from clearher.statistics.cross_validation import (
    OutOfFold,
    out_of_fold,
    validated_area,
    validated_calibration,
    validated_roc,
)
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.roc import auc

OUTCOME = np.array([1] * 14 + [0] * 28, dtype=float)
ROWS = pd.DataFrame({"row": np.arange(42.0)})
ONE_FOLD = np.zeros((1, 4), dtype=int)


def mean_of_training(covariates, outcome):
    """A fully shrunk model: everybody gets the mean of the training rows."""
    return lambda new: np.full(len(new), outcome.mean())


def memory(covariates, outcome):
    """A model that knows the outcome of the rows it saw, and nothing else."""
    known = dict(zip(covariates["row"], outcome, strict=True))
    return lambda new: new["row"].map(known).fillna(0.5).to_numpy()


def test_nobody_is_predicted_from_their_own_outcome():
    found = out_of_fold(memory, ROWS, OUTCOME, folds=5, repeats=3, seed=1)
    assert found.prediction.shape == (3, 42)
    assert (found.prediction == 0.5).all()


def test_shrunk_models_are_worth_one_half_not_zero():
    """Trap: leaving one out and pooling gives a fully shrunk model an area of exactly 0."""
    alone = [mean_of_training(ROWS, np.delete(OUTCOME, place))(ROWS[:1])[0] for place in range(42)]
    assert auc(alone, OUTCOME).estimate == 0
    found = out_of_fold(mean_of_training, ROWS, OUTCOME, folds=5, repeats=2, seed=1)
    assert validated_area(found, OUTCOME) == pytest.approx(0.5)


def test_folds_hold_both_outcomes_and_every_subject_once():
    found = out_of_fold(memory, ROWS, OUTCOME, folds=5, repeats=2, seed=1)
    for folds in found.fold:
        assert sorted(np.bincount(folds)) == [8, 8, 8, 9, 9]
        assert (np.bincount(folds, weights=OUTCOME) >= 2).all()


def test_no_fold_without_two_of_the_rarer_outcome():
    with pytest.raises(NotEstimableError, match="fewer than two"):
        out_of_fold(memory, ROWS[:6], [1, 0, 0, 0, 0, 0], folds=5, repeats=1, seed=1)


def test_roc_of_one_fold_by_hand():
    """Cases 0.9, 0.4; controls 0.6, 0.1: half the cases above every control, all above one half of them."""
    found = OutOfFold(np.array([[0.9, 0.4, 0.6, 0.1]]), ONE_FOLD)
    curve = validated_roc(found, [1, 1, 0, 0], points=3)
    assert curve["x"].tolist() == [0, 0, 0.5, 1]
    assert curve["y"].tolist() == [0, 0.5, 1, 1]
    assert validated_area(found, [1, 1, 0, 0]) == 0.75


def test_ties_are_a_slanted_step():
    found = OutOfFold(np.array([[0.5, 0.5, 0.5, 0.5]]), ONE_FOLD)
    assert validated_roc(found, [1, 1, 0, 0], points=5)["y"].tolist() == [0, 0, 0.25, 0.5, 0.75, 1]


def test_the_area_below_the_curve_is_the_validated_area():
    """Folds of nine with few controls, whose steps are wide: a curve drawn from top to top lies too high."""
    random = np.random.default_rng(3)
    outcome = np.tile([1, 1, 0, 1, 0, 1, 0, 1, 1], 5)
    scores = random.normal(size=(4, 45)) + 0.5 * outcome
    found = OutOfFold(scores, np.tile(np.repeat(np.arange(5), 9), (4, 1)))
    curve = validated_roc(found, outcome)
    drawn = integrate.trapezoid(curve["y"], curve["x"])
    assert drawn == pytest.approx(validated_area(found, outcome), abs=0.01)


def test_calibration_counts_every_subject_once():
    """Two repeats: predictions 0.2, 0.4 / 0.4, 0.2 average to 0.3; two groups of two."""
    found = OutOfFold(np.array([[0.2, 0.4, 0.8, 0.9], [0.4, 0.2, 0.8, 0.9]]), np.zeros((2, 4), dtype=int))
    groups = validated_calibration(found, [0, 1, 1, 1], groups=2, confidence=0.95)
    assert groups["x"].tolist() == pytest.approx([0.3, 0.85])
    assert groups["y"].tolist() == [0.5, 1.0]
    assert groups["n"].tolist() == [2, 2]
    assert groups["low"].tolist() == pytest.approx([0.01257912, 0.15811388])


def test_more_groups_than_subjects():
    found = OutOfFold(np.array([[0.2, 0.4, 0.8, 0.9]]), ONE_FOLD)
    assert validated_calibration(found, [0, 1, 1, 1], groups=9, confidence=0.95)["n"].tolist() == [1] * 4
