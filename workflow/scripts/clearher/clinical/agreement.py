"""Agreement of response classes: investigator by independent review, unconfirmed by confirmed."""

import pandas as pd

from clearher.columns import clinical as columns
from clearher.statistics.kappa import agreement_table as cross_table
from clearher.statistics.kappa import kappa
from clearher.tables import frame_of

CLASSES = (*columns.OVERALL, *columns.GROUPED)


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


def _cells(name: str, left: pd.Series, right: pd.Series, *, confidence: float) -> list[dict]:
    order = [label for label in CLASSES if label in {*left, *right}]
    counts = cross_table(left, right, order)
    value = kappa(counts, "unweighted", confidence)
    return [
        {
            "comparison": name,
            "row": row,
            "column": column,
            "n": int(counts[i, j]),
            "kappa": value.estimate,
            "kappa_low": value.low,
            "kappa_high": value.high,
        }
        for i, row in enumerate(order)
        for j, column in enumerate(order)
    ]
