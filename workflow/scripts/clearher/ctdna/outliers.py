"""Variants that do not follow the others of their subject: perhaps blood, not tumour."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

VARIANT = ["chrom", "pos", "ref", "alt"]
FAR_ABOVE = "far above the others"
FLAT = "flat while the others fall"


def with_outliers(
    tracking: pd.DataFrame, tracked: pd.DataFrame, *, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """Table ``ctdna/tracking`` with the column outlier filled in; nothing is left out for it.

    "far above the others": VAF > ``times_mean`` x the mean of the sample's variants, with at least
    ``min_alt`` fragments that are more than ``min_share`` of all alt fragments.
    "flat while the others fall": against the subject's baseline sample the others have fallen to less than
    half together, and this variant's fragments are more than they explain (:func:`excess_p` below
    ``alpha`` / variants) and more than twice as many.

    Parameters
    ----------
    tracking, tracked : pandas.DataFrame
        Tables ``ctdna/tracking`` and ``ctdna/tracked`` (baseline sample of each variant).
    settings : Mapping
        Section ``ctdna``; uses ``outliers``.

    References
    ----------
    hartwigmedical/hmftools wisp PurityConstants.java (first rule; its documentation says 3 fragments, its
    code 4).
    """
    rule = settings["outliers"]
    counted = tracking["in_level"].fillna(False).astype(bool) & (tracking["depth"] > 0).fillna(False)
    counted &= (tracking["status"] != "FILTERED") & tracking["alt_count"].notna()
    cells = tracking.loc[counted, ["subject_id", "sample_id", *VARIANT, "alt_count", "depth"]]
    cells = cells.astype({"alt_count": float, "depth": float})
    flat = _flat(cells, tracked, rule["alpha"])
    far = _far_above(cells, rule)
    words = pd.Series(np.select([far, flat], [FAR_ABOVE, FLAT], ""), index=cells.index)
    return tracking.assign(outlier=words.reindex(tracking.index).fillna(""))


def _far_above(cells: pd.DataFrame, rule: Mapping[str, Any]) -> pd.Series:
    vaf = cells["alt_count"] / cells["depth"]
    mean = vaf.groupby(cells["sample_id"]).transform("mean")
    total = cells["alt_count"].groupby(cells["sample_id"]).transform("sum")
    large = (cells["alt_count"] >= rule["min_alt"]) & (cells["alt_count"] > rule["min_share"] * total)
    return large & (vaf > rule["times_mean"] * mean)


def _flat(cells: pd.DataFrame, tracked: pd.DataFrame, alpha: float) -> pd.Series:
    """Compare each cell with the same variant at baseline, and with how the subject's others went."""
    key = ["subject_id", *VARIANT]
    reference = tracked[[*key, "baseline_sample_id"]].drop_duplicates(key)
    before = cells.rename(columns={"alt_count": "alt0", "depth": "depth0", "sample_id": "baseline_sample_id"})
    before = reference.merge(before, on=[*key, "baseline_sample_id"])
    pairs = cells.reset_index().merge(before, on=key)
    pairs = pairs[pairs["sample_id"] != pairs["baseline_sample_id"]].set_index("index")
    weight = pairs["depth"] + pairs["depth0"]
    parts = pd.DataFrame(
        {
            "later": pairs["alt_count"] * pairs["depth0"] / weight,
            "earlier": pairs["alt0"] * pairs["depth"] / weight,
        }
    )
    sums = parts.groupby(pairs["sample_id"]).transform("sum") - parts
    # Of others without a fragment half a one is taken: a lone error beside them is not a variant that stays.
    later = sums["later"].where(sums["later"] > 0, 0.5 * pairs["depth0"] / weight)
    others = later / sums["earlier"].where(sums["earlier"] > 0)
    own = (pairs["alt_count"] / pairs["depth"]) / (pairs["alt0"] / pairs["depth0"]).where(pairs["alt0"] > 0)
    p = excess_p(pairs["alt_count"], pairs["depth"], pairs["alt0"], pairs["depth0"], others)
    variants = pairs.groupby("sample_id")["alt_count"].transform("size")
    flat = (others < 0.5) & (own > 2 * others) & (p < alpha / variants) & (variants >= 3)
    return flat.reindex(cells.index, fill_value=False).astype(bool)


def excess_p(
    alt1: pd.Series, depth1: pd.Series, alt0: pd.Series, depth0: pd.Series, ratio: pd.Series
) -> np.ndarray:
    """P of at least alt1 fragments later, given all fragments of both times and the ratio of the others.

    Conditional binomial: ``P(Bin(alt1 + alt0, r n1 / (r n1 + n0)) >= alt1)``. Missing ratio: missing.
    """
    chance = ratio * depth1 / (ratio * depth1 + depth0)
    tail = special.betainc(np.maximum(alt1, 1), alt0 + 1, chance)
    return np.where((alt1 > 0) | np.isnan(chance), tail, 1.0)
