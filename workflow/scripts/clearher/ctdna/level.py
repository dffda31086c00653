"""Level of ctDNA in a sample, by several metrics, each with its interval."""

import numpy as np
import pandas as pd
from scipy import special

from clearher.ctdna.intervals import vaf_interval

METRICS = ("pooled", "mean", "median", "max")


def level_metrics(cells: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """All level metrics of each sample over its covered variants; zeros count.

    Parameters
    ----------
    cells : pandas.DataFrame
        A row a sample and tracked variant with counts: sample_id, alt_count, depth (above 0),
        distinct_alt_fragments (missing: every alt count is a fragment of its own).
    confidence : float
        Two-sided coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        Index sample_id: pooled_vaf, mean_vaf, median_vaf, max_vaf, each with _low and _high, and sum_vaf.
        Samples without a covered variant are absent.

    Notes
    -----
    pooled: ``sum alt / sum depth``; Clopper-Pearson on effective counts (distinct alt fragments, depth scaled
    likewise), conservative. mean: mean of alt / depth; gamma interval of Fay and Feuer for a weighted sum of
    counts, conservative. median, max: limits from simultaneous Clopper-Pearson limits of the variants,
    conservative. A missing variant is neither zero nor part of a mean.

    References
    ----------
    Clopper and Pearson, Biometrika 1934. Fay and Feuer, Statistics in Medicine 1997; 16: 791-801.
    """
    covered = cells[cells["depth"] > 0]
    alt, depth = covered["alt_count"].astype(float), covered["depth"].astype(float)
    distinct = covered["distinct_alt_fragments"].astype(float).fillna(alt)
    rows = pd.DataFrame({"sample_id": covered["sample_id"], "alt": alt, "depth": depth, "distinct": distinct})
    sums = rows.groupby("sample_id")[["alt", "depth", "distinct"]].sum()
    inflation = (sums["alt"] / sums["distinct"].where(sums["distinct"] > 0)).fillna(1.0)
    result = pd.DataFrame({"pooled_vaf": sums["alt"] / sums["depth"]})
    result["pooled_vaf_low"], result["pooled_vaf_high"] = vaf_interval(
        (sums["alt"] / inflation).to_numpy(), (sums["depth"] / inflation).to_numpy(), confidence
    )
    result = result.join(_mean_vaf(rows, inflation, confidence))
    return result.join(_order_metrics(rows, confidence))


def _mean_vaf(rows: pd.DataFrame, inflation: pd.Series, confidence: float) -> pd.DataFrame:
    size = rows.groupby("sample_id")["alt"].transform("size")
    weight = 1.0 / (size * rows["depth"])
    share = rows["alt"] / rows["depth"]
    parts = pd.DataFrame(
        {
            "sample_id": rows["sample_id"],
            "mean": weight * rows["alt"],
            "variance": weight**2 * rows["alt"] * (1 - share),
            "vaf": share,
        }
    )
    sums = parts.groupby("sample_id").sum()
    largest = weight.groupby(rows["sample_id"]).max()
    low, high = weighted_sum_interval(
        sums["mean"], sums["variance"] * inflation, largest * inflation, confidence
    )
    columns = {"mean_vaf": sums["mean"], "mean_vaf_low": low, "mean_vaf_high": high, "sum_vaf": sums["vaf"]}
    return pd.DataFrame(columns, index=sums.index)


def weighted_sum_interval(
    estimate: np.ndarray, variance: np.ndarray, largest_weight: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Gamma interval of a weighted sum of counts, ``y = sum w_i x_i``.

    Lower limit: quantile of the gamma distribution with mean y and variance v; upper limit: with mean
    ``y + w`` and variance ``v + w^2``, w the largest weight. At y = 0 the interval starts at 0.

    References
    ----------
    Fay and Feuer, Statistics in Medicine 1997; 16: 791-801.
    """
    y, v, w = (np.asarray(value, dtype=float) for value in (estimate, variance, largest_weight))
    tail = (1 - confidence) / 2
    spread = (y > 0) & (v > 0)
    safe_y, safe_v = np.where(spread, y, 1.0), np.where(spread, v, 1.0)
    low = np.where(spread, special.gammaincinv(safe_y**2 / safe_v, tail) * safe_v / safe_y, y)
    top, wide = y + w, v + w**2
    high = special.gammaincinv(top**2 / wide, 1 - tail) * wide / top
    return low, np.minimum(high, 1.0)


def _order_metrics(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    size = rows.groupby("sample_id")["alt"].transform("size").to_numpy()
    alt, depth = rows["alt"].to_numpy(), rows["depth"].to_numpy()
    tail = (1 - confidence) / 2
    low, high = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for count in np.unique(size):
        here = size == count
        each = 1 - (1 - tail) ** (1 / count)
        low[here], high[here] = vaf_interval(alt[here], depth[here], 1 - 2 * each)
    own_high = vaf_interval(alt, depth, confidence)[1]
    limits = pd.DataFrame(
        {"sample_id": rows["sample_id"], "vaf": alt / depth, "low": low, "high": high, "own_high": own_high}
    )
    groups = limits.groupby("sample_id")
    medians, largest = groups[["vaf", "low", "high"]].median(), groups[["vaf", "low", "own_high"]].max()
    return pd.DataFrame(
        {
            "median_vaf": medians["vaf"],
            "median_vaf_low": medians["low"],
            "median_vaf_high": medians["high"],
            "max_vaf": largest["vaf"],
            "max_vaf_low": largest["low"],
            "max_vaf_high": largest["own_high"],
        }
    )


def chosen_level(metrics: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The configured metric as level, level_low, level_high, level_metric."""
    return pd.DataFrame(
        {
            "level": metrics[f"{metric}_vaf"],
            "level_low": metrics[f"{metric}_vaf_low"],
            "level_high": metrics[f"{metric}_vaf_high"],
            "level_metric": metric,
        },
        index=metrics.index,
    )


def genome_equivalents_per_ml(
    level: pd.Series, cfdna_ng: pd.Series, plasma_ml: pd.Series, *, genome_copies_per_ng: float
) -> pd.Series:
    """Mutant haploid genome copies per mL of plasma: ``level x ng / mL x copies per ng``.

    Parameters
    ----------
    level : pandas.Series
        Allele fraction.
    cfdna_ng, plasma_ml : pandas.Series
        Cell-free DNA in ng obtained from so many mL of plasma; missing gives missing.
    genome_copies_per_ng : float
        About 300 (3.3 pg a haploid genome).
    """
    return level * cfdna_ng / plasma_ml.where(plasma_ml > 0) * genome_copies_per_ng


def background_subtracted(alt: float, depth: float, expected: float) -> float:
    """Pooled level without the expected errors: ``max(0, A - L0) / N``; NaN where nothing was covered."""
    return max(0.0, alt - expected) / depth if depth > 0 else float("nan")


def tumour_fraction(vaf: float, error_rate: float, *, copy_number: float, mutant_copies: float) -> float:
    """Share of tumour DNA from one variant: ``2a / (V + 2a - C a)``, ``a = max(0, VAF - e)``.

    Parameters
    ----------
    vaf, error_rate : float
        Allele fraction and background.
    copy_number, mutant_copies : float
        Copies C of the locus in the tumour, and V of them mutant.

    References
    ----------
    hartwigmedical/hmftools, wisp (formula).
    """
    above = max(0.0, vaf - error_rate)
    return 2 * above / (mutant_copies + 2 * above - copy_number * above)
