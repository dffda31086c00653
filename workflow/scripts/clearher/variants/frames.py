"""From the rows of many files to one frame of alleles, with what the resources say about each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clearher.variants import resources as tables
from clearher.variants.calls import SampleCalls, joined
from clearher.variants.germline import protein_position
from clearher.variants.resources import VariantResources
from clearher.variants.same_allele import row_codes
from clearher.variants.strand_test import strand_bias

KEY = ["subject_id", "sample_id", "chrom", "pos", "ref", "alt"]
WHOLE = ("pos", "depth", "alt_count", "ref_count", "ref_forward", "ref_reverse", "alt_forward", "alt_reverse")


def allele_frame(samples: pd.DataFrame, calls: Sequence[SampleCalls]) -> pd.DataFrame:
    """All alleles of all samples as one typed frame; ``vaf`` is alt / depth, else the caller's fraction.

    Parameters
    ----------
    samples : pandas.DataFrame
        One row a file read: ``subject_id sample_id visit study_day specimen vcf``.
    calls : sequence of SampleCalls
        In the order of ``samples``.
    """
    frame = joined([part for call in calls for part in call.alleles])
    owner = np.repeat(
        np.arange(len(calls)), [sum(len(part["line"]) for part in call.alleles) for call in calls]
    )
    depth, alt = frame["depth"].to_numpy(), frame["alt_count"].to_numpy()
    counted = (depth > 0) & ~np.isnan(alt)
    vaf = np.where(counted, alt / np.where(counted, depth, 1), frame["caller_vaf"])
    frame["vaf"] = np.where(~counted & (depth == 0), np.nan, vaf)
    for name in WHOLE:
        frame[name] = _whole(frame[name].to_numpy())
    for name in ("subject_id", "sample_id", "visit", "specimen"):
        frame[name] = samples[name].to_numpy(dtype=object)[owner]
    frame["study_day"] = pd.array(samples["study_day"].take(owner), dtype="Int64")
    frame["caller"] = np.array([call.caller for call in calls] or [""], dtype=object)[owner]
    paths = samples["vcf"].to_numpy(dtype=object)[owner]
    lines = frame["line"].tolist()
    frame["source"] = [f"{path} row {line}" for path, line in zip(paths.tolist(), lines, strict=True)]
    return frame


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
    """Frame with each allele of a sample once, the deepest, and the rows that were left out."""
    codes = row_codes(frame, KEY)
    if codes.max(initial=-1) == len(frame) - 1:
        return frame, frame.iloc[:0]
    ordered = frame.sort_values("depth", ascending=False, na_position="last", kind="stable")
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
    result["pon_samples"] = pd.array([pd.NA] * len(result), dtype="Int64")
    result["pon_median_vaf"] = np.nan
    if resources.normals is not None:
        result[["pon_samples", "pon_median_vaf"]] = tables.in_normals(result, resources.normals)
    result["strand_p"], result["strand_odds"] = _strand_columns(result, min_alt, min_odds)
    return result


def _known_or_missing(frame: pd.DataFrame, table: pd.DataFrame | None, lookup) -> pd.Series:
    values = [pd.NA] * len(frame) if table is None else lookup(frame, table)
    return pd.array(values, dtype="boolean")


def _strand_columns(frame: pd.DataFrame, min_alt: float, min_odds: float) -> tuple[np.ndarray, np.ndarray]:
    names = ("ref_forward", "ref_reverse", "alt_forward", "alt_reverse")
    counts = np.array([frame[name].to_numpy(dtype=float, na_value=np.nan) for name in names])
    counts[:, ~(counts[2] + counts[3] >= min_alt)] = np.nan
    return strand_bias(*counts, min_odds=min_odds)
