"""Agreement of all readers of a laboratory and assay on the specimens they shared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from clearher.her2.category import LEVELS
from clearher.her2.consensus import SPECIMEN, is_adjudicator
from clearher.her2.ihc import SCORES
from clearher.statistics.several_raters import Agreed, fleiss_kappa, intraclass_correlation

CATEGORIES: Mapping[str, tuple[str, Sequence[str]]] = {
    "score": ("ihc_score", SCORES),
    "level": ("level", LEVELS),
}
SEVERAL = 3
FLEISS = "Fleiss' kappa, unweighted, jackknife limits over specimens"
ICC = "one-way intraclass correlation ICC(1,1), limits by F"


def reader_statistics(readings: pd.DataFrame, *, confidence: float) -> Iterator[dict[str, Any]]:
    """Fleiss' kappa from three readers on, and intraclass correlation of the H-score from two on.

    Readings count within one laboratory and one assay: clones and laboratories are never pooled.
    Adjudicators, unnamed readers and results quoted from elsewhere are left out.

    Parameters
    ----------
    readings : pandas.DataFrame
        :data:`clearher.columns.her2.SPECIMENS`.
    confidence : float

    Yields
    ------
    dict
        Rows of :data:`clearher.columns.her2.AGREEMENT`: ``first`` the laboratory, ``second`` the assay.
    """
    named = (readings["reader"] != "") & ~readings["reader"].map(is_adjudicator).astype(bool)
    frame = readings[named & (readings["origin"] == "in-house")]
    frame = frame.sort_values([*SPECIMEN, "record"]).drop_duplicates(
        [*SPECIMEN, "laboratory", "assay", "reader"]
    )
    for (laboratory, assay), own in frame.groupby(["laboratory", "assay"], sort=True):
        common = {
            "kind": "readers",
            "first": laboratory or "laboratory not stated",
            "second": assay or "assay not stated",
        }
        readers = own["reader"].nunique()
        if readers >= SEVERAL:
            for scale, (column, categories) in CATEGORIES.items():
                usable = own[own[column].isin(categories)]
                found = fleiss_kappa(_counts(usable, column, categories), confidence)
                yield {**common, "scale": scale, **_row("fleiss_kappa", found, own, FLEISS)}
        scored = own[own["h_score"].notna()]
        if readers >= 2 and len(scored):
            values = [part.to_numpy() for _, part in scored.groupby(SPECIMEN)["h_score"]]
            found = intraclass_correlation(values, confidence)
            yield {**common, "scale": "h_score", **_row("icc", found, own, ICC)}


def _counts(readings: pd.DataFrame, column: str, categories: Sequence[str]) -> np.ndarray:
    """Readings of each specimen by category, in the order of the categories."""
    if readings.empty:
        return np.zeros((0, len(categories)))
    table = pd.crosstab([readings[name] for name in SPECIMEN], readings[column])
    return table.reindex(columns=list(categories), fill_value=0).to_numpy()


def _row(statistic: str, found: Agreed, readings: pd.DataFrame, method: str) -> dict[str, Any]:
    return {
        "statistic": statistic,
        "n": found.items,
        "n_left_out": int(readings.groupby(SPECIMEN).ngroups - found.items),
        "count": found.ratings,
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "method": f"{method}; {readings['reader'].nunique()} readers",
    }
