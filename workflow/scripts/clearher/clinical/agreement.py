"""Agreement of response classes: investigator by independent review, unconfirmed by confirmed."""

import math

import numpy as np
import pandas as pd
from scipy import stats

from clearher.columns import clinical as columns
from clearher.statistics.proportions import Interval
from clearher.tables import frame_of


def agreement_table(responses: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """Table AGREEMENT: every comparison of two classifications, with its kappa.

    Parameters
    ----------
    responses : pandas.DataFrame
        Table RESPONSES.
    confidence : float
        Two-sided confidence of kappa's limits.
    """
    rows = []
    for evaluator, part in responses.groupby("evaluator", sort=True):
        known = part[part["confirmed_bor"].ne("")]
        name = f"bor by confirmed_bor, {evaluator}"
        rows += _cells(name, known["bor"], known["confirmed_bor"], confidence=confidence)
    sides = {name: part.set_index("subject_id") for name, part in responses.groupby("evaluator")}
    if len(sides) == 2:
        first, second = (sides[name] for name in columns.EVALUATORS)
        for parameter in ("bor", "confirmed_bor"):
            both = first[[parameter]].join(
                second[[parameter]], lsuffix="_row", rsuffix="_column", how="inner"
            )
            name = f"{parameter}, {columns.EVALUATORS[0]} by {columns.EVALUATORS[1]}"
            left, right = both[f"{parameter}_row"], both[f"{parameter}_column"]
            rows += _cells(name, left, right, confidence=confidence)
    return frame_of(rows, columns.AGREEMENT)


def kappa(left: pd.Series, right: pd.Series, confidence: float = 0.95) -> Interval:
    """Cohen's kappa of two classifications of the same units with its large-sample limits.

    Returns
    -------
    Interval
        NaN where chance agreement is complete (one class only) or there is no unit.

    References
    ----------
    Cohen 1960, Educ Psychol Meas 20: 37; variance of Fleiss, Cohen and Everitt 1969, Psychol Bull 72: 323.
    """
    classes = sorted(set(left) | set(right))
    if len(classes) < 2:
        return Interval(math.nan, math.nan, math.nan)
    shares = pd.crosstab(left.to_numpy(), right.to_numpy()).reindex(
        index=classes, columns=classes, fill_value=0
    )
    p = shares.to_numpy(float) / len(left)
    rows, cols = p.sum(axis=1), p.sum(axis=0)
    agreed, chance = np.trace(p), float(rows @ cols)
    value = (agreed - chance) / (1 - chance)
    on_diagonal = np.sum(np.diag(p) * (1 - (rows + cols) * (1 - value)) ** 2)
    pairs = (cols[:, None] + rows[None, :]) ** 2
    off_diagonal = (1 - value) ** 2 * (np.sum(p * pairs) - np.sum(np.diag(p) * np.diag(pairs)))
    variance = on_diagonal + off_diagonal - (value - chance * (1 - value)) ** 2
    error = math.sqrt(max(variance, 0.0) / len(left)) / (1 - chance)
    z = stats.norm.ppf((1 + confidence) / 2)
    return Interval(float(value), float(max(value - z * error, -1)), float(min(value + z * error, 1)))


def _cells(name: str, left: pd.Series, right: pd.Series, *, confidence: float) -> list[dict]:
    value = kappa(left, right, confidence)
    counts = pd.crosstab(left.to_numpy(), right.to_numpy())
    order = [
        label for label in (*columns.OVERALL, *columns.GROUPED) if label in {*counts.index, *counts.columns}
    ]
    counts = counts.reindex(index=order, columns=order, fill_value=0)
    return [
        {
            "comparison": name,
            "row": row,
            "column": column,
            "n": int(counts.loc[row, column]),
            "kappa": value.estimate,
            "kappa_low": value.low,
            "kappa_high": value.high,
        }
        for row in order
        for column in order
    ]
