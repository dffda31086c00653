"""Ratio of the level between two samples of a subject, over the variants covered in both."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.ctdna.ratio import Ratio, log_ratio_interval, matched_ratio
from clearher.ctdna.tracked import VARIANT

LEVEL_STATUS = ("CALLED", "GENOTYPED", "LOW_DEPTH", "NOT_DETECTED")
RATIO = ["ratio", "ratio_low", "ratio_high", "zero_corrected"]
TOO_FEW = "too few tracked variants covered at both visits for a ratio"
OTHER_UNIT = "level in another unit than at baseline: no ratio"
NO_LEVEL = "detected without a level: no ratio"


def with_baseline_ratio(
    course: pd.DataFrame, tracking: pd.DataFrame, *, min_covered_fraction: float, settings: Mapping
) -> pd.DataFrame:
    """Add the ratio to baseline of each visit after a baseline with detected ctDNA, and the change.

    The ratio rests on the variants covered at both visits; where they are too few of those tracked there is
    none, for the variants that a file of calls still names are those that fell least. At a non-detection the
    upper limit is not below LoD95 / baseline level. Where only levels are known the ratio is their quotient,
    without interval. A detection without a level (only calls are known) has no ratio, nor has a level in
    another unit than that at baseline.

    Parameters
    ----------
    course : pandas.DataFrame
        Rows with phase, state, reason, level, lod95, n_tracked, n_covered, comparable, same_unit,
        baseline_state, baseline_sample_id, baseline_level.
    tracking : pandas.DataFrame
        Table ``ctdna/tracking``.
    min_covered_fraction : float
        Share of the tracked variants that must be covered at both visits.
    settings : Mapping
        ``level``: metric, confidence.

    Returns
    -------
    pandas.DataFrame
        With ratio, ratio_low, ratio_high, ratio_variants, zero_corrected, change_percent.
    """
    read = (course["state"] != "NOT_EVALUABLE") | course["reason"].str.startswith("LOD_UNKNOWN")
    wanted = read & (course["phase"] == "POST_BASELINE") & (course["baseline_state"] == "DETECTED")
    reference = course["baseline_sample_id"].where(wanted, "")
    found = paired_ratios(course["sample_id"], reference, _of_levels(tracking, course), settings=settings)
    too_few = _too_few(course, found, min_covered_fraction)
    unknown = (course["state"] == "DETECTED") & course["level"].isna()
    baseline_level = course["baseline_level"].where(course["same_unit"])
    quotient = _quotient(course["level"], baseline_level).where(wanted)
    found["ratio"] = found["ratio"].fillna(quotient)
    silent = course["state"].isin(["NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT"])
    bound = _quotient(course["lod95"], baseline_level).where(silent & wanted)
    found["ratio_high"] = np.fmax(found["ratio_high"], bound)
    numbers = {name: found[name].mask(too_few | unknown) for name in ("ratio", "ratio_low", "ratio_high")}
    silent_on = wanted & (course["reason"] == "")
    reason = course["reason"].mask(too_few & silent_on, TOO_FEW).mask(unknown & silent_on, NO_LEVEL)
    reason = reason.mask(~course["same_unit"] & silent_on, OTHER_UNIT)
    return course.assign(
        **found.assign(**numbers),
        change_percent=(numbers["ratio"] - 1.0) * 100.0,
        reason=reason,
    )


def with_nadir_ratio(
    course: pd.DataFrame, tracking: pd.DataFrame, *, min_covered_fraction: float, settings: Mapping
) -> pd.DataFrame:
    """Add the nadir before each visit and, at detections, the ratio to it.

    The nadir is the lowest level so far, baseline included; a non-detection stands in with its LoD95. The
    ratio to such a stand-in divides level and its limits by that LoD95.

    Parameters
    ----------
    course : pandas.DataFrame
        Rows in order within each subject: subject_id, study_day, phase, state, sample_id, level, level_low,
        level_high, lod95, n_tracked, comparable.
    tracking : pandas.DataFrame
        Table ``ctdna/tracking``.
    min_covered_fraction : float
        Share of the tracked variants that must be covered at both visits.
    settings : Mapping
        ``level``: metric, confidence.

    Returns
    -------
    pandas.DataFrame
        With nadir_level, nadir_ratio, nadir_ratio_low, nadir_ratio_high.
    """
    nadir = nadir_before(course)
    rising = (course["state"] == "DETECTED") & (course["phase"] == "POST_BASELINE")
    from_counts = rising & (nadir["state"] == "DETECTED")
    reference = nadir["sample_id"].where(from_counts, "")
    found = paired_ratios(course["sample_id"], reference, _of_levels(tracking, course), settings=settings)
    stands_in = rising & (nadir["state"] != "DETECTED")
    quotients = {
        "ratio": _quotient(course["level"], nadir["level"]).where(rising),
        "ratio_low": _quotient(course["level_low"], nadir["level"]).where(stands_in),
        "ratio_high": _quotient(course["level_high"], nadir["level"]).where(stands_in),
    }
    gone = _too_few(course, found, min_covered_fraction) | course["level"].isna()
    values = {f"nadir_{name}": found[name].fillna(value).mask(gone) for name, value in quotients.items()}
    return course.assign(nadir_level=nadir["level"], **values)


def stand_in_level(course: pd.DataFrame) -> pd.Series:
    """The level at a detection, LoD95 at a non-detection; missing otherwise, before baseline, and where the
    unit is not the baseline's or too few variants are covered.
    """
    silent = course["state"].isin(["NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT"])
    value = course["level"].where(course["state"] == "DETECTED", course["lod95"].where(silent))
    return value.where(course["comparable"] & (course["phase"] != "PRE_BASELINE"))


def nadir_before(course: pd.DataFrame) -> pd.DataFrame:
    """Level, state and sample of the lowest visit of an earlier day (undated: before it in order); missing
    where there is none.
    """
    value = stand_in_level(course)
    subject = course["subject_id"]
    filled = value.fillna(np.inf)
    lowest = filled.groupby(subject, sort=False).cummin()
    before = lowest.groupby(subject, sort=False).shift(fill_value=np.inf)
    row = pd.Series(np.where(filled < before, np.arange(len(course)), np.nan), index=course.index)
    row = row.groupby(subject, sort=False).ffill().groupby(subject, sort=False).shift()
    place = row.fillna(-1).astype(int)
    day = course["study_day"].astype("Float64").fillna(pd.Series(np.arange(len(course)) + 0.5, course.index))
    # Rows stand in order, so the lowest place of a day is what was known before its first draw.
    place = place.groupby([subject, day], sort=False).transform("min").to_numpy()
    known = place >= 0
    return pd.DataFrame(
        {
            "level": np.where(known, value.to_numpy()[place], np.nan),
            "state": np.where(known, course["state"].to_numpy()[place], ""),
            "sample_id": np.where(known, course["sample_id"].to_numpy()[place], ""),
        },
        index=course.index,
    )


def paired_ratios(
    sample_id: pd.Series, reference_id: pd.Series, tracking: pd.DataFrame, *, settings: Mapping
) -> pd.DataFrame:
    """Ratio of the level of each sample to its reference sample, over the variants counted in both.

    Parameters
    ----------
    sample_id, reference_id : pandas.Series
        Pairs, row by row; an empty reference gives missing values.
    tracking : pandas.DataFrame
        Table ``ctdna/tracking``; cells with counts that enter the level are used.
    settings : Mapping
        ``level``: metric (pooled or mean; others have no interval and give missing values), confidence.

    Returns
    -------
    pandas.DataFrame
        ratio, ratio_low, ratio_high, ratio_variants (0 where both samples have counts and share no variant;
        missing where one has none), zero_corrected; index of the pairs.
    """
    pairs = pd.DataFrame({"sample_id": sample_id.to_numpy(), "reference_id": reference_id.to_numpy()})
    pairs["_pair"] = np.arange(len(pairs))
    cells = counted_cells(tracking)
    here = pairs[pairs["reference_id"] != ""].merge(cells, on="sample_id")
    there = cells.rename(columns={"sample_id": "reference_id", "alt_count": "alt0", "depth": "depth0"})
    both = here.merge(there, on=["reference_id", *VARIANT], suffixes=("", "0"))
    if settings["metric"] == "pooled":
        found = _matched(both, settings["confidence"])
    elif settings["metric"] == "mean":
        found = _mean(both, settings["confidence"])
    else:
        found = pd.DataFrame(columns=["_pair", *RATIO])
    result = pairs[["_pair"]].merge(found, on="_pair", how="left")[RATIO]
    numbers = {name: result[name].astype(float) for name in RATIO[:3]}
    counted = pairs["sample_id"].isin(cells["sample_id"]) & pairs["reference_id"].isin(cells["sample_id"])
    shared = pairs["_pair"].map(both["_pair"].value_counts()).fillna(0).where(counted)
    result = result.assign(
        **numbers,
        ratio_variants=shared.astype("Int64"),
        zero_corrected=result["zero_corrected"].astype("boolean"),
    )
    return result.set_axis(sample_id.index)


def _of_levels(tracking: pd.DataFrame, course: pd.DataFrame) -> pd.DataFrame:
    """The cells of samples whose level is not a laboratory's: what the file of such a sample calls is no part
    of its level.
    """
    reported = course.loc[course["level_metric"].str.startswith("vendor"), "sample_id"]
    return tracking[~tracking["sample_id"].isin(reported)]


def counted_cells(tracking: pd.DataFrame) -> pd.DataFrame:
    """Cells that enter the level: in the level's set, with counts, no artefact; columns for the ratio."""
    usable = tracking["in_level"].fillna(False) & tracking["status"].isin(LEVEL_STATUS)
    usable &= (tracking["depth"] > 0).fillna(False) & tracking["alt_count"].notna()
    cells = tracking.loc[usable, ["sample_id", *VARIANT, "alt_count", "depth", "distinct_alt_fragments"]]
    independent = cells["distinct_alt_fragments"].fillna(cells["alt_count"])
    numbers = {"alt_count": cells["alt_count"], "depth": cells["depth"], "independent": independent}
    cells = cells.drop(columns="distinct_alt_fragments")
    return cells.assign(**{name: values.astype(float) for name, values in numbers.items()})


def _inflation(both: pd.DataFrame, alt: str, independent: str) -> pd.Series:
    """Alt fragments over different ones, of each pair; 1 where there are none.

    Of variants that share fragments the first is credited with them. Where that one is not covered at the
    other time, the rest has at least as many different fragments as its largest count.
    """
    by_pair = both.groupby("_pair")
    distinct = np.maximum(by_pair[independent].sum(), by_pair[alt].max())
    return (by_pair[alt].sum() / distinct.where(distinct > 0)).fillna(1.0)


def _matched(both: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Matched over the variants: where depths do not change it is the ratio of the pooled levels."""
    later, earlier = _inflation(both, "alt_count", "independent"), _inflation(both, "alt0", "independent0")
    fewer1, fewer0 = both["_pair"].map(later), both["_pair"].map(earlier)
    ratio = matched_ratio(
        both["alt_count"] / fewer1,
        both["depth"] / fewer1,
        both["alt0"] / fewer0,
        both["depth0"] / fewer0,
        later.index.get_indexer(both["_pair"]),
        confidence=confidence,
    )
    return _pairs_frame(later.index, ratio)


def _mean(both: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The formula of :func:`clearher.ctdna.ratio.mean_vaf_ratio` for all pairs at once, the variance of each
    time multiplied by its alt fragments over the distinct ones.
    """
    by_pair = both.groupby("_pair")
    zero = (by_pair["alt_count"].sum() == 0) | (by_pair["alt0"].sum() == 0)
    half = both["_pair"].map(0.5 * zero / by_pair.size())
    level, variance = [], 0.0
    for alt, depth, independent in (
        ("alt_count", "depth", "independent"),
        ("alt0", "depth0", "independent0"),
    ):
        vaf = (both[alt] + half) / both[depth]
        total = vaf.groupby(both["_pair"]).sum()
        spread = (vaf * (1 - vaf) / both[depth]).groupby(both["_pair"]).sum()
        level.append(total)
        variance = variance + _inflation(both, alt, independent) * spread / total**2
    return _pairs_frame(zero.index, log_ratio_interval(level[0] / level[1], variance, zero, confidence))


def _pairs_frame(pair: pd.Index, ratio: Ratio) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "_pair": pair,
            "ratio": np.asarray(ratio.estimate),
            "ratio_low": np.asarray(ratio.low),
            "ratio_high": np.asarray(ratio.high),
            "zero_corrected": np.asarray(ratio.zero_corrected),
        }
    )


def _too_few(course: pd.DataFrame, found: pd.DataFrame, min_covered_fraction: float) -> pd.Series:
    """Whether a ratio rests on too few of the tracked variants; never where only levels are known."""
    needed = min_covered_fraction * course["n_tracked"].astype(float)
    few = (found["ratio_variants"] < needed).fillna(False).astype(bool)
    return few | ~course["comparable"]


def _quotient(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    return numerator / denominator.where(denominator > 0)
