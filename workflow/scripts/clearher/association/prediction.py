"""Prediction of response, only where the numbers allow it, with everything inside the validation."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from clearher.association.declared import Analysis
from clearher.association.frames import number, outcome_values
from clearher.association.results import Analysed, Row, sentences
from clearher.association.time_order import CannotRunError
from clearher.statistics.optimism import bootstrap_optimism, calibration, repeated_cross_validation
from clearher.statistics.ridge import ridge_logistic
from clearher.statistics.roc import auc

LOG = "log10 "


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
    return Analysed(_validated(x, y, settings, common, gone))


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


def _validated(x: pd.DataFrame, y: np.ndarray, settings: Mapping, common: dict, gone: str) -> list[Row]:
    wish, seed = settings["prediction"], settings["seed"]
    learner = partial(ridge_logistic, penalty_c=wish["penalty_c"])
    optimism = bootstrap_optimism(learner, x, y, samples=wish["bootstrap"], seed=seed)
    folds = {"folds": wish["folds"], "repeats": wish["repeats"], "seed": seed}
    crossed = repeated_cross_validation(learner, x, y, **folds)
    single = repeated_cross_validation(best_single, x, y, **folds)
    shift, slope = calibration(learner(x, y)(x), y)
    gain = "better" if crossed > single else "no better"
    model = f"ridge logistic regression, C = {wish['penalty_c']:g}, not tuned"
    split = f"{wish['repeats']} x {wish['folds']}-fold, averaged over folds"
    return [
        Row(
            "area, cross-validated",
            crossed,
            "ROC area",
            method=f"{model}; {split}",
            why_method="Repeated folds: pooled leave-one-out is biased below one half.",
            caveat=sentences(gone, f"The model is {gain} than the best single predictor ({single:.2f})."),
            headline=True,
            **common,
        ),
        Row(
            "area, best single predictor",
            single,
            "ROC area",
            method=f"chosen inside each fold; {split}",
            **common,
        ),
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


def best_single(x: pd.DataFrame, y: np.ndarray) -> Callable[[pd.DataFrame], np.ndarray]:
    """Learner: the one column with the largest area, in the direction it has in these data."""
    values = x.to_numpy(float)
    middle = np.array(
        [np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else 0.0 for column in values.T]
    )
    filled = np.where(np.isfinite(values), values, middle)
    areas = np.array([auc(column, y).estimate for column in filled.T])
    place = int(np.argmax(np.abs(areas - 0.5)))
    name, sign = x.columns[place], 1.0 if areas[place] >= 0.5 else -1.0
    return lambda new: sign * new[name].fillna(middle[place]).to_numpy(float)
