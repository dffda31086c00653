"""From the rows of many files to one frame of alleles, with what the resources say about each."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clearher.variants import resources as tables
from clearher.variants.calls import SampleCalls, joined
from clearher.variants.germline import protein_position
from clearher.variants.resources import VariantResources
from clearher.variants.same_allele import row_codes
from clearher.variants.strand_test import strand_bias
from clearher.variants.texts import column, objects

KEY = ["subject_id", "sample_id", "chrom", "pos", "ref", "alt"]
WHOLE = ("pos", "depth", "alt_count", "ref_count", "ref_forward", "ref_reverse", "alt_forward", "alt_reverse")


def allele_frame(samples: pd.DataFrame, calls: Sequence[SampleCalls], parts: list[Mapping]) -> pd.DataFrame:
    """All alleles of all samples as one typed frame; ``vaf`` is alt / depth, else the caller's fraction.

    An allele without a count, of which the caller states a fraction, has count field AF.

    Parameters
    ----------
    samples : pandas.DataFrame
        One row a file read: ``subject_id sample_id visit study_day specimen vcf``.
    calls : sequence of SampleCalls
        In the order of ``samples``.
    parts : list of Mapping
        Their alleles; ``file`` is the sample's row.
    """
    frame = joined(parts)
    owner = frame.pop("file").to_numpy()
    depth, alt = frame["depth"].to_numpy(), frame["alt_count"].to_numpy()
    counted = (depth > 0) & ~np.isnan(alt)
    vaf = np.where(counted, alt / np.where(counted, depth, 1), frame["caller_vaf"])
    frame["vaf"] = np.where(~counted & (depth == 0), np.nan, vaf)
    only_fraction = np.isnan(alt) & frame["caller_vaf"].notna()
    frame["count_field"] = frame["count_field"].mask(only_fraction, "AF")
    for name in WHOLE:
        frame[name] = _whole(frame[name].to_numpy())
    for name in ("subject_id", "sample_id", "visit", "specimen"):
        frame[name] = samples[name].to_numpy(dtype=object)[owner]
    frame["study_day"] = pd.array(samples["study_day"].take(owner), dtype="Int64")
    frame["caller"] = np.array([call.caller for call in calls] or [""], dtype=object)[owner]
    frame["source"] = _sources(samples["vcf"], owner, frame["line"].to_numpy())
    return frame


def _sources(paths: pd.Series, owner: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """File and line of each row, in words."""
    files = column([f"{path} row " for path in paths]).take(pa.array(owner))
    return objects(pc.binary_join_element_wise(files, pa.array(lines).cast(pa.string()), ""))


def _whole(numbers: np.ndarray) -> pd.arrays.IntegerArray:
    """Whole numbers held as floats, NaN missing, as integers."""
    missing = np.isnan(numbers)
    return pd.arrays.IntegerArray(np.where(missing, 1, numbers).astype(np.int64), missing)


def coverage_frame(samples: pd.DataFrame, calls: Sequence[SampleCalls]) -> pd.DataFrame:
    """Stretches of all samples as one frame, the deepest where a stretch is stated twice."""
    stretches = [stretch for call in calls for stretch in call.coverage]
    owner = np.repeat(np.arange(len(calls)), [len(call.coverage) for call in calls])
    frame = pd.DataFrame(stretches, columns=["chrom", "start", "end", "depth"], dtype=object)
    frame = frame.astype({"start": "Int64", "end": "Int64", "depth": "Int64"})
    for name in ("subject_id", "sample_id", "specimen"):
        frame[name] = samples[name].to_numpy(dtype=object)[owner]
    frame = frame.sort_values("depth", ascending=False, na_position="last", kind="stable")
    return frame.drop_duplicates(["sample_id", "chrom", "start", "end"]).reset_index(drop=True)


def without_repeats(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Frame with each allele of a sample once, the deepest with a count, and the rows that were left out."""
    codes = row_codes(frame, KEY)
    if codes.max(initial=-1) == len(frame) - 1:
        return frame, frame.iloc[:0]
    ordered = frame.sort_values("depth", ascending=False, na_position="last", kind="stable")
    ordered = ordered.iloc[np.argsort(ordered["alt_count"].isna().to_numpy(), kind="stable")]
    kept = ordered.drop_duplicates(KEY).sort_index()
    return kept.reset_index(drop=True), frame.drop(kept.index)


def annotated(
    frame: pd.DataFrame, resources: VariantResources, *, min_alt: float, min_odds: float
) -> pd.DataFrame:
    """Frame with hotspot, CH gene, panel, blacklist, panel of normals and strand bias.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of :func:`allele_frame`.
    resources : VariantResources
        Those that are not given leave their columns missing.
    min_alt, min_odds : float
        Alt reads below which strands are not tested (they cannot show a bias), and odds ratio below which p
        is not needed.
    """
    result = frame.copy(deep=False)
    position = protein_position(result["hgvsp"])
    hotspot = result["marked_hotspot"].to_numpy(dtype=bool)
    if resources.hotspots is not None:
        hotspot = hotspot | tables.at_listed_site(result, resources.hotspots)
        hotspot = hotspot | tables.at_listed_codon(result, position, resources.hotspots)
    result["hotspot"] = pd.array(hotspot, dtype="boolean")
    result["ch_gene"] = pd.array(result["gene"].isin(resources.ch_genes), dtype="boolean")
    result["protein_position"] = position
    result["in_panel"] = _known_or_missing(result, resources.panel, tables.in_panel)
    result["blacklisted"] = _known_or_missing(result, resources.blacklist, tables.at_listed_site)
    result["pon_samples"] = _missing(len(result), np.int64)
    result["pon_median_vaf"] = np.nan
    if resources.normals is not None:
        result[["pon_samples", "pon_median_vaf"]] = tables.in_normals(result, resources.normals)
    result["strand_p"], result["strand_odds"] = _strand_columns(result, min_alt, min_odds)
    return result


def _known_or_missing(frame: pd.DataFrame, table: pd.DataFrame | None, lookup) -> pd.arrays.BooleanArray:
    return _missing(len(frame), bool) if table is None else pd.array(lookup(frame, table), dtype="boolean")


def _missing(n: int, kind: type) -> pd.api.extensions.ExtensionArray:
    """Missing truth values or whole numbers."""
    held = pd.arrays.BooleanArray if kind is bool else pd.arrays.IntegerArray
    return held(np.zeros(n, dtype=kind), np.ones(n, dtype=bool))


def _strand_columns(frame: pd.DataFrame, min_alt: float, min_odds: float) -> tuple[np.ndarray, np.ndarray]:
    alt = [frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("alt_forward", "alt_reverse")]
    rows = np.flatnonzero(alt[0] + alt[1] >= min_alt)
    ref = [frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("ref_forward", "ref_reverse")]
    p, odds = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    p[rows], odds[rows] = strand_bias(*(counts[rows] for counts in (*ref, *alt)), min_odds=min_odds)
    return p, odds
