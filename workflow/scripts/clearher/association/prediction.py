"""Prediction of response, only where the numbers allow it, with everything inside the validation."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from clearher.association.declared import Analysis
from clearher.association.frames import number, outcome_values
from clearher.association.results import Analysed, Row, sentences
from clearher.association.time_order import CannotRunError
from clearher.statistics.cross_validation import (
    OutOfFold,
    out_of_fold,
    validated_area,
    validated_calibration,
    validated_roc,
)
from clearher.statistics.optimism import Learner, bootstrap_optimism, calibration
from clearher.statistics.ridge import column_medians, ridge_logistic
from clearher.statistics.roc import area

LOG = "log10 "
RIDGE = "ridge logistic regression"
SINGLE = "best single predictor"


def feature_name(feature: str) -> str:
    """The variable behind a feature, with or without "log10 " in front."""
    return feature.removeprefix(LOG)


def prediction(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """A ridge logistic model of response, its internal validation, and the best single predictor beside it.

    Not fitted where the rarer outcome has fewer than ``min_events_per_parameter`` subjects a candidate
    parameter. The penalty is set beforehand, so nothing is tuned; imputation (median), scaling and the
    choice of the single predictor happen inside every fold and bootstrap sample.

    References
    ----------
    TRIPOD statement, Ann Intern Med 2015; 162: 55-63; Harrell et al., Stat Med 1996; 15: 361-387.
    """
    known, y, gone = outcome_values(subjects, analysis.outcome)
    x = candidates(known, analysis, settings)
    wish = settings["prediction"]
    rarer = int(min(y.sum(), len(y) - y.sum()))
    per = rarer / max(x.shape[1], 1)
    common = {"n": len(y), "events": int(y.sum()), "groups": f"candidates: {', '.join(x.columns)}"}
    if per < wish["min_events_per_parameter"]:
        why = (
            f"Not supported at this sample size: {rarer} subjects with the rarer outcome for {x.shape[1]} "
            f"candidate parameters, {per:.1f} each; at least {wish['min_events_per_parameter']:g} are needed."
        )
        return Analysed(
            [Row("prediction", method="not run", caveat=sentences(why, gone), headline=True, **common)]
        )
    learner = partial(ridge_logistic, penalty_c=wish["penalty_c"])
    folds = {name: wish[name] for name in ("folds", "repeats")} | {"seed": settings["seed"]}
    model = out_of_fold(learner, x, y, **folds)
    single = out_of_fold(best_single, x, y, **folds)
    held_out = {RIDGE: model, SINGLE: single}
    gone = sentences(_inputs(x, per), gone)
    rows = [
        *_validated_rows(held_out, y, settings, common, gone),
        *_apparent_rows(learner, x, y, settings, common),
    ]
    return Analysed(rows, prediction_curves=_curves(held_out, y, settings))


def candidates(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> pd.DataFrame:
    """Numeric candidate columns: scores of ordered levels, numbers, logarithms, dummies of categories."""
    parts = []
    for feature in analysis.features:
        name = feature_name(feature)
        if name not in subjects:
            raise CannotRunError(f"The data hold no {name}.")
        if feature.startswith(LOG):
            parts.append(number(subjects, name, "log10")[0].rename(feature))
        elif name in settings["scores"]:
            parts.append(subjects[name].map(settings["scores"][name]).astype(float).rename(name))
        elif pd.api.types.is_numeric_dtype(subjects[name]) or pd.api.types.is_bool_dtype(subjects[name]):
            parts.append(subjects[name].astype(float).rename(name))
        else:
            parts.append(_dummies(subjects[name], name))
    frame = pd.concat(parts, axis=1)
    return frame.loc[:, frame.nunique() > 1]


def _dummies(values: pd.Series, name: str) -> pd.DataFrame:
    filled = values.astype(object).where(values.notna(), "")
    dummies = pd.get_dummies(filled.where(filled != ""), dtype=float).iloc[:, 1:].add_prefix(f"{name}=")
    return dummies.mask(filled == "")


def _validated_rows(
    held_out: Mapping[str, OutOfFold], y: np.ndarray, settings: Mapping, common: dict, gone: str
) -> list[Row]:
    """Areas and calibration of held-out folds, the model first."""
    wish = settings["prediction"]
    areas = {name: validated_area(found, y) for name, found in held_out.items()}
    shift, slope = calibration(held_out[RIDGE].prediction.mean(axis=0), y)
    gain = "better" if areas[RIDGE] > areas[SINGLE] else "no better"
    said = f"The model is {gain} than the best single predictor ({areas[SINGLE]:.2f})."
    split = f"{wish['repeats']} x {wish['folds']}-fold"
    model = f"{_model_text(wish)}; {split}"
    return [
        Row(
            "area, cross-validated",
            areas[RIDGE],
            "ROC area",
            method=f"{model}, averaged over folds",
            why_method="Repeated folds: pooled leave-one-out is biased below one half.",
            caveat=sentences(gone, said),
            headline=True,
            **common,
        ),
        Row(
            "area, best single predictor",
            areas[SINGLE],
            "ROC area",
            method=f"chosen inside each fold; {split}, averaged over folds",
            **common,
        ),
        Row("calibration slope, cross-validated", slope, "slope", method=model, **common),
        Row(
            "calibration in the large, cross-validated",
            shift,
            "observed - predicted",
            method=model,
            caveat="Near 0 by design: folds hold the same share of events.",
            **common,
        ),
    ]


def _apparent_rows(
    learner: Learner, x: pd.DataFrame, y: np.ndarray, settings: Mapping, common: dict
) -> list[Row]:
    """The same data for fit and judgement, and by how much that flatters."""
    wish = settings["prediction"]
    model = _model_text(wish)
    optimism = bootstrap_optimism(learner, x, y, samples=wish["bootstrap"], seed=settings["seed"])
    shift, slope = calibration(learner(x, y)(x), y)
    return [
        Row(
            "area, corrected for optimism",
            optimism.corrected,
            "ROC area",
            method=f"{model}; bootstrap, {optimism.samples} samples",
            **common,
        ),
        Row(
            "area, apparent",
            optimism.apparent,
            "ROC area",
            method=model,
            caveat="Flattering: same data.",
            **common,
        ),
        Row("calibration slope, apparent", slope, "slope", method=model, **common),
        Row("calibration in the large, apparent", shift, "observed - predicted", method=model, **common),
    ]


def _inputs(x: pd.DataFrame, per: float) -> str:
    """Candidates, events for each, and missing values, as TRIPOD asks."""
    missing = x.isna().sum()
    named = ", ".join(f"{name} {count}" for name, count in missing.items() if count)
    filled = f"missing values, filled with the median inside every fold: {named}" if named else "none missing"
    return f"{x.shape[1]} candidate parameters, {per:.1f} subjects with the rarer outcome each; {filled}."


def _curves(held_out: Mapping[str, OutOfFold], y: np.ndarray, settings: Mapping) -> pd.DataFrame:
    """ROC curves of the model and of the single predictor, and the calibration of the model."""
    parts = [
        validated_roc(found, y).assign(model=name, curve="roc", n=len(y)) for name, found in held_out.items()
    ]
    groups = settings["prediction"]["calibration_groups"]
    chance = validated_calibration(held_out[RIDGE], y, groups=groups, confidence=settings["confidence"])
    parts.append(chance.assign(model=RIDGE, curve="calibration"))
    return pd.concat([part.assign(position=range(1, len(part) + 1)) for part in parts], ignore_index=True)


def _model_text(wish: Mapping) -> str:
    return f"{RIDGE}, C = {wish['penalty_c']:g}, not tuned"


def best_single(x: pd.DataFrame, y: np.ndarray) -> Callable[[pd.DataFrame], np.ndarray]:
    """Learner: the one column with the largest area, in the direction it has in these data."""
    values = x.to_numpy(float)
    middle = column_medians(values)
    filled = np.where(np.isfinite(values), values, middle)
    areas = np.array([area(column, y) for column in filled.T])
    place = int(np.argmax(np.abs(areas - 0.5)))
    name, sign = x.columns[place], 1.0 if areas[place] >= 0.5 else -1.0
    return lambda new: sign * new[name].fillna(middle[place]).to_numpy(float)
