"""Gene alterations at baseline against response."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.association.declared import Analysis
from clearher.association.frames import outcome_values
from clearher.association.results import Analysed, Row
from clearher.association.time_order import CannotRunError
from clearher.statistics.proportions import conditional_odds_ratio

PREFIX = "gene_"


def genes_response(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """Fisher's exact test and conditional odds ratio of response for every gene altered often enough.

    Genes altered, or not altered, in fewer subjects than ``genes.min_altered`` are named and not tested.
    Every tested gene is one test of the family.
    """
    known, _, gone = outcome_values(subjects, analysis.outcome)
    genes = [name for name in known.columns if name.startswith(PREFIX)]
    if not genes:
        raise CannotRunError("No gene alterations are known (ctdna/landscape.tsv is empty).")
    least = settings["genes"]["min_altered"]
    rows, rare = [], []
    for name in genes:
        part = known[known[name].notna()]
        altered = part[name].astype(bool).to_numpy()
        if min(altered.sum(), (~altered).sum()) < least:
            rare.append(name.removeprefix(PREFIX))
        else:
            rows.append(
                _gene_row(name, altered, part[analysis.outcome].astype(bool).to_numpy(), settings, gone)
            )
    if rare:
        why = f"Altered or unaltered in fewer than {least} subjects: {', '.join(rare)}."
        rows.append(Row("genes not tested", method="not run", caveat=why))
    return Analysed(rows)


def _gene_row(name: str, altered: np.ndarray, response: np.ndarray, settings: Mapping, gone: str) -> Row:
    counts = [int((response & altered).sum()), int((response & ~altered).sum())]
    totals = [int(altered.sum()), int((~altered).sum())]
    table = np.array([[counts[0], totals[0] - counts[0]], [counts[1], totals[1] - counts[1]]])
    ratio = conditional_odds_ratio(table, settings["confidence"])
    return Row(
        name.removeprefix(PREFIX),
        ratio.estimate,
        "conditional odds ratio",
        ratio.low,
        ratio.high,
        ratio.p,
        groups=f"altered {counts[0]}/{totals[0]}; not altered {counts[1]}/{totals[1]}",
        n=len(altered),
        events=int(response.sum()),
        method="conditional maximum likelihood, exact interval, Fisher's exact p",
        why_method="Exact: few subjects carry an alteration.",
        caveat=gone,
        headline=True,
    )
