"""What the results would be with the variants that look like clonal haematopoiesis in the level."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from clearher.columns import ctdna as columns
from clearher.columns import intake
from clearher.ctdna.samples import sample_table
from clearher.ctdna.tracked import VARIANT
from clearher.tables import conform, empty

KEY = ["subject_id", *VARIANT]


class Included(NamedTuple):
    """Tables ``ctdna/samples`` and ``ctdna/tracking`` with these variants in the level."""

    results: pd.DataFrame
    tracking: pd.DataFrame


def with_ch_like(
    results: pd.DataFrame,
    tracking: pd.DataFrame,
    tracked: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    settings: Mapping,
) -> Included:
    """Test, level and limit of detection anew for the subjects who have such variants at baseline.

    A cell that was filtered for its origin only counts again; artefacts stay out. A laboratory's result
    stays as reported.

    Parameters
    ----------
    results, tracking, tracked : pandas.DataFrame
        Tables ``ctdna/samples``, ``ctdna/tracking`` and ``ctdna/tracked``.
    samples : pandas.DataFrame
        Table ``intake/samples``.
    settings : Mapping
        Configuration section ``ctdna``.

    Returns
    -------
    Included
        As given where no subject has such a variant.
    """
    chosen = tracked[tracked["ch_like"].fillna(False).astype(bool) & (tracked["origin"] != "emergent")]
    if chosen.empty:
        return Included(results, tracking)
    ch_like = pd.MultiIndex.from_frame(tracking[KEY]).isin(pd.MultiIndex.from_frame(chosen[KEY]))
    again = ch_like & (tracking["status"] == "FILTERED") & (tracking["artefacts"] == "")
    cells = tracking.assign(
        in_level=tracking["in_level"].mask(ch_like, True), status=tracking["status"].mask(again, "GENOTYPED")
    )
    own = samples[samples["subject_id"].isin(chosen["subject_id"])]
    here = cells[cells["subject_id"].isin(chosen["subject_id"])]
    made = sample_table(here, own, empty(intake.RESULTS), tracked, settings=settings)
    kept = results[~results["sample_id"].isin(made["sample_id"]) | (results["source"] == "vendor")]
    made = made[~made["sample_id"].isin(kept["sample_id"])]
    return Included(conform(pd.concat([kept, made], ignore_index=True), columns.SAMPLES), cells)
