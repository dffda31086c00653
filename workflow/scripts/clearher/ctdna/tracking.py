"""One status for every subject x tracked variant x sample: what each file can and cannot say."""

import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.baseline import usable_plasma
from clearher.ctdna.intervals import vaf_interval
from clearher.ctdna.molecules import credited
from clearher.ctdna.ratios import LEVEL_STATUS
from clearher.ctdna.schedule import expected_visits, missing_visits
from clearher.ctdna.tracked import UNCOUNTED_CLASSES, VARIANT, in_style_of, variant_classes
from clearher.tables import conform, empty
from clearher.variants.resources import in_panel

CELL = ["sample_id", *VARIANT]
CALLER_FILTER = "caller_filter"
UNCOUNTABLE = "its class cannot be counted, or the file has no counts of it"
NOT_TUMOUR = ("GERMLINE", "WBC_ORIGIN", "CONFLICT")
SAMPLE_COLUMNS = ["subject_id", "sample_id", "visit", "study_day", "qc_status", "qc_reason", "vcf", "bam"]
SET_COLUMNS = [*VARIANT, "gene", "hgvsp", "origin", "in_level", "ch_like"]
CALL_COLUMNS = ["alt_count", "depth", "status", "reasons", "filter"]
COUNT_COLUMNS = [
    "alt_count",
    "depth",
    "distinct_alt_fragments",
    "shared_alt_fragments",
    "status_note",
    "why",
]


def tracking_table(
    tracked: pd.DataFrame,
    variants: pd.DataFrame,
    counts: pd.DataFrame,
    coverage: pd.DataFrame,
    fillout: pd.DataFrame,
    samples: pd.DataFrame,
    subjects: pd.DataFrame,
    planned_visits: Mapping[str, Mapping],
    *,
    filter_kinds: Mapping[str, str],
    settings: Mapping,
    foreign: Collection[str] = (),
    panel: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Status and counts of every tracked variant in every plasma sample and missed planned visit.

    The counts of a cell come from reads, else from a laboratory's fill-out, else from the variant file (its
    record of the variant, or a reference block that covers the site). A variant file that names neither
    cannot say how deep the site was read: the cell is NOT_ASSESSED and has no counts. First rule that
    applies decides the status: NO_SAMPLE, NOT_SUPPORTED, NOT_COVERED, NOT_ASSESSED, FILTERED, CALLED,
    GENOTYPED, LOW_DEPTH, NOT_DETECTED.

    Parameters
    ----------
    tracked : pandas.DataFrame
        Table ``ctdna/tracked``.
    variants : pandas.DataFrame
        Table ``variants/variants``, or the rows of it at the positions that are tracked;
        :data:`CALL_COLUMNS` are used.
    counts : pandas.DataFrame
        Tables ``ctdna/counts`` of all read files, one below the other.
    coverage : pandas.DataFrame
        Reference blocks of variant files: sample_id, chrom, start, end (1-based, inclusive), depth.
    fillout : pandas.DataFrame
        Table ``intake/records/counts``.
    samples, subjects : pandas.DataFrame
        Tables ``intake/samples`` and ``intake/subjects``.
    planned_visits : Mapping
        Schedule: visit name -> day, window_days, baseline, optional.
    filter_kinds : Mapping
        Kind of each variant filter by name. Thresholds of calling and filters of origin do not touch a
        variant already known in the subject (its origin was decided with the tracked set); all others do.
    settings : Mapping
        Configuration section ``ctdna``; used: tracked, clearance.expected_until, level.confidence.
    foreign : collection of str
        Samples that hold another person's DNA: NO_SAMPLE.
    panel : pandas.DataFrame, optional
        Panel regions as :func:`clearher.variants.resources.load_resources` reads them; None: not known.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/tracking`` without error rates (:func:`clearher.ctdna.error.with_error_rates`).
    """
    if tracked.empty:
        return empty(columns.TRACKING)
    rule = settings["tracked"]
    cells = _sample_cells(tracked, samples, foreign)
    cells = _with_sources(cells, variants, counts, in_style_of(fillout, tracked["chrom"]), coverage)
    cells = _best_counts(cells)
    cells["outside_panel"] = _outside(cells, panel)
    exempt = {name for name, kind in filter_kinds.items() if kind != "artefact"} | set(
        rule["artefact_exempt"]
    )
    cells["artefacts"] = artefact_reasons(cells, exempt, rule["caller_thresholds"])
    cells = decide_status(cells, min_depth=rule["min_depth"])
    counting = cells["in_level"].astype(bool) & cells["status"].isin(LEVEL_STATUS)
    cells["distinct_alt_fragments"] = credited(cells, counting)
    expected = expected_visits(subjects, planned_visits, until=settings["clearance"]["expected_until"])
    cells = pd.concat([cells, _missed(tracked, missing_visits(expected, samples))], ignore_index=True)
    cells = _with_fractions(cells, settings["level"]["confidence"])
    rates = [name for name in columns.TRACKING.names if name.startswith("error_") and name != "error_source"]
    cells = cells.assign(**dict.fromkeys(rates, np.nan), error_source="")
    return conform(cells.reindex(columns=columns.TRACKING.names), columns.TRACKING)


def decide_status(cells: pd.DataFrame, *, min_depth: int) -> pd.DataFrame:
    """Status, low_depth and why of each cell of a sample; the first rule that applies decides.

    A record that shows the variant below the thresholds of calling, by a fraction without counts, is
    NOT_SUPPORTED: unlike a file without a record it is not silent.

    Parameters
    ----------
    cells : pandas.DataFrame
        usable (bool), no_sample_reason, source, alt_count and depth (one missing: not counted), unsupported
        (bool), not_supported_reason, outside_panel (bool), artefacts (";"-joined), call_status (status of the
        variant table, "" without a record), exclusion and set_why (of the tracked set).
    min_depth : int
        Depth below which a site without the variant is LOW_DEPTH.

    Returns
    -------
    pandas.DataFrame
        The cells with status, low_depth, why; counts are removed where the status has none.
    """
    alt = cells["alt_count"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    depth = cells["depth"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    called = (cells["call_status"] == "CALLED").to_numpy()
    counted = ~np.isnan(depth) & (~np.isnan(alt) | (depth == 0))
    uncounted_call = ~counted & called
    artefacts = cells["artefacts"].where(cells["call_status"] == "FILTERED", "")
    faults = _faults(cells, artefacts)
    shown = cells["call_status"].isin(["BELOW_CALL", "FILTERED"]).to_numpy() & (faults == "")
    rules = {
        "NO_SAMPLE": ~cells["usable"].to_numpy(dtype=bool),
        "NOT_SUPPORTED": (cells["unsupported"].to_numpy(dtype=bool) | shown) & ~counted & ~called,
        "NOT_COVERED": (counted & (depth == 0)) | (cells["outside_panel"].to_numpy() & ~counted & ~called),
        "NOT_ASSESSED": ~counted & ~called,
        "FILTERED": ((alt > 0) | uncounted_call) & (faults != ""),
        "CALLED": called & ((alt > 0) | uncounted_call),
        "GENOTYPED": alt > 0,
        "LOW_DEPTH": depth < min_depth,
    }
    status = np.select(list(rules.values()), list(rules), default="NOT_DETECTED").astype(object)
    without = np.isin(status, ["NO_SAMPLE", "NOT_SUPPORTED", "NOT_ASSESSED"])
    result = cells.assign(
        status=status,
        alt_count=cells["alt_count"].mask(without),
        depth=cells["depth"].mask(without),
        low_depth=np.isin(status, ["FILTERED", "CALLED", "GENOTYPED"]) & (depth < min_depth),
        source=cells["source"].mask(without & (status != "NOT_SUPPORTED"), "none"),
        artefacts=artefacts.where(status == "FILTERED", ""),
    )
    result["why"] = _words(result, faults, min_depth)
    return result


def vcf_cells(cells: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
    """The record of each cell's variant in that sample's variant file; missing without one."""
    records = variants[[*CELL, *CALL_COLUMNS]].drop_duplicates(CELL)
    records = records.rename(columns={name: f"vcf_{name}" for name in CALL_COLUMNS})
    return cells.merge(records, on=CELL, how="left")


def block_depth(cells: pd.DataFrame, coverage: pd.DataFrame) -> pd.Series:
    """Depth of the reference block that covers all of a variant's reference bases; missing without one.

    Parameters
    ----------
    cells : pandas.DataFrame
        sample_id, chrom, pos, ref.
    coverage : pandas.DataFrame
        sample_id, chrom, start, end (1-based, inclusive), depth.
    """
    if coverage.empty or cells.empty:
        return pd.Series(pd.NA, index=cells.index, dtype="Int64")
    blocks = coverage.sort_values(["start", "end"], kind="stable").astype({"start": "int64"})
    sites = (
        cells[["sample_id", "chrom", "pos", "ref"]].astype({"pos": "int64"}).assign(_row=range(len(cells)))
    )
    found = pd.merge_asof(
        sites.sort_values("pos", kind="stable"),
        blocks[["sample_id", "chrom", "start", "end", "depth"]],
        left_on="pos",
        right_on="start",
        by=["sample_id", "chrom"],
    ).sort_values("_row")
    last = found["pos"] + found["ref"].str.len() - 1
    covered = (last <= found["end"].astype("Float64")).fillna(False).to_numpy(dtype=bool)
    depth = found["depth"].astype("Int64").where(covered)
    return pd.Series(depth.array, index=cells.index)


def _sample_cells(tracked: pd.DataFrame, samples: pd.DataFrame, foreign: Collection[str]) -> pd.DataFrame:
    plasma = samples[samples["specimen"] == "plasma"]
    variants = tracked[
        ["subject_id", *VARIANT, "gene", "hgvsp", "variant_class", "origin", "in_level", "exclusion", "why"]
    ]
    variants = variants.rename(columns={"why": "set_why"})
    cells = variants.merge(plasma[SAMPLE_COLUMNS], on="subject_id")
    failed = "failed quality control" + cells["qc_reason"].map(lambda reason: f": {reason}" if reason else "")
    other = cells["sample_id"].isin(list(foreign))
    return cells.assign(
        usable=cells["sample_id"].isin(usable_plasma(plasma, foreign)["sample_id"]),
        no_sample_reason=failed.mask(other, "holds another person's DNA by the identity check"),
    )


def _with_sources(
    cells: pd.DataFrame,
    variants: pd.DataFrame,
    counts: pd.DataFrame,
    fillout: pd.DataFrame,
    coverage: pd.DataFrame,
) -> pd.DataFrame:
    read = counts.reindex(columns=[*CELL, *COUNT_COLUMNS]).drop_duplicates(CELL)
    read = read.rename(columns={name: f"bam_{name}" for name in COUNT_COLUMNS})
    filled = fillout[[*CELL, "alt_count", "depth"]].drop_duplicates(CELL)
    filled = filled.rename(columns={"alt_count": "counts_alt_count", "depth": "counts_depth"})
    cells = vcf_cells(cells, variants).merge(read, on=CELL, how="left").merge(filled, on=CELL, how="left")
    block = block_depth(cells, coverage)
    silent = cells["vcf_depth"].isna() & cells["vcf_status"].isna()
    cells["vcf_depth"] = cells["vcf_depth"].astype("Int64").mask(silent, block)
    cells["vcf_alt_count"] = cells["vcf_alt_count"].astype("Int64").mask(silent & block.notna(), 0)
    return cells


def _best_counts(cells: pd.DataFrame) -> pd.DataFrame:
    usable = {name: cells[f"{name}_depth"].notna().to_numpy() for name in ("bam", "counts", "vcf")}
    source = np.select(list(usable.values()), list(usable), default="none")
    result = cells.assign(source=source, call_status=cells["vcf_status"].fillna(""))
    result["reasons"] = cells["vcf_reasons"].fillna("")
    result["filter"] = cells["vcf_filter"].fillna("")
    for name in ("alt_count", "depth"):
        picked = pd.Series(pd.NA, index=cells.index, dtype="Int64")
        for origin in ("vcf", "counts", "bam"):
            picked = picked.mask(usable[origin], cells[f"{origin}_{name}"].astype("Int64"))
        result[name] = picked
    distinct = cells["bam_distinct_alt_fragments"].astype("Int64")
    result["distinct_alt_fragments"] = distinct.where(source == "bam")
    result["shared_alt_fragments"] = cells["bam_shared_alt_fragments"].where(source == "bam").fillna("")
    refused = (cells["bam_status_note"] == "NOT_SUPPORTED") | (cells["vcf_status"] == "NOT_SUPPORTED")
    shape = variant_classes(cells["ref"], cells["alt"]) == "OTHER"
    result["unsupported"] = refused | shape | cells["variant_class"].isin(UNCOUNTED_CLASSES)
    result["not_supported_reason"] = cells["bam_why"].fillna("")
    result["disagrees"] = (source == "bam") & (result["alt_count"] == 0) & (result["call_status"] == "CALLED")
    return result


def _outside(cells: pd.DataFrame, panel: pd.DataFrame | None) -> np.ndarray:
    if panel is None:
        return np.zeros(len(cells), dtype=bool)
    return ~in_panel(cells, panel)


def artefact_reasons(
    cells: pd.DataFrame, exempt: Collection[str], caller_thresholds: Sequence[str]
) -> pd.Series:
    """The failed filters that count against a variant already known in the subject, ";"-joined.

    The caller's own filters (reason ``caller_filter``) count unless every entry of FILTER is one of its
    thresholds of calling: a variant that is known needs no second proof.

    Parameters
    ----------
    cells : pandas.DataFrame
        reasons (";"-joined names of failed filters) and filter (FILTER as written).
    exempt : collection of str
        Filters that never count.
    caller_thresholds : sequence of str
        Regular expressions of FILTER entries that are thresholds.
    """
    threshold = re.compile("|".join(f"(?:{pattern})" for pattern in caller_thresholds) or r"(?!)")
    pairs = cells[["reasons", "filter"]].drop_duplicates()
    left = [_counting(*pair, exempt, threshold) for pair in pairs.to_numpy()]
    return (
        cells[["reasons", "filter"]].merge(pairs.assign(left=left), how="left")["left"].set_axis(cells.index)
    )


def _counting(reasons: str, entries: str, exempt: Collection[str], threshold: re.Pattern) -> str:
    weak = all(threshold.fullmatch(entry) for entry in re.split("[;,]", entries))
    names = [name for name in reasons.split(";") if name and name not in exempt]
    return ";".join(name for name in names if not (name == CALLER_FILTER and weak))


def _faults(cells: pd.DataFrame, artefacts: pd.Series) -> np.ndarray:
    not_tumour = cells["exclusion"].isin(NOT_TUMOUR)
    faults = artefacts.where(artefacts != "", cells["set_why"].where(not_tumour, ""))
    return faults.to_numpy(dtype=object)


def _missed(tracked: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    cells = tracked[["subject_id", *SET_COLUMNS]].merge(missing, on="subject_id")
    return cells.assign(
        sample_id="",
        study_day=pd.array([pd.NA] * len(cells), dtype="Int64"),
        source="none",
        status="NO_SAMPLE",
        low_depth=False,
        why="planned visit without a sample",
    )


def _with_fractions(cells: pd.DataFrame, confidence: float) -> pd.DataFrame:
    alt = cells["alt_count"].astype("Int64").to_numpy(dtype=float, na_value=np.nan)
    depth = cells["depth"].astype("Int64").to_numpy(dtype=float, na_value=np.nan)
    low, high = vaf_interval(alt, depth, confidence)
    vaf = np.divide(alt, depth, out=np.full(len(alt), np.nan), where=depth > 0)
    return cells.assign(vaf=vaf, vaf_low=low, vaf_high=high)


def _words(cells: pd.DataFrame, faults: np.ndarray, min_depth: int) -> np.ndarray:
    counted = cells["alt_count"].astype(str) + " of " + cells["depth"].astype(str) + " fragments"
    counted = counted.where(cells["alt_count"].notna(), "no read counts")
    sentences = {
        "NO_SAMPLE": cells["no_sample_reason"],
        "NOT_SUPPORTED": cells["not_supported_reason"].replace("", UNCOUNTABLE),
        "NOT_COVERED": pd.Series(
            np.where(cells["outside_panel"] & cells["depth"].isna(), "outside the panel", "read depth is 0")
        ),
        "NOT_ASSESSED": _not_assessed(cells),
        "FILTERED": counted + "; not counted: " + pd.Series(faults, index=cells.index),
        "CALLED": counted + ", passes the call thresholds",
        "GENOTYPED": counted + ", known in this subject",
        "LOW_DEPTH": counted + f", fewer than {min_depth} fragments read",
        "NOT_DETECTED": counted,
    }
    status = cells["status"].to_numpy()
    words = np.select([status == name for name in sentences], [s.to_numpy() for s in sentences.values()], "")
    disagreement = np.where(cells["disagrees"], "; the variant file calls it, the reads do not show it", "")
    return words.astype(object) + disagreement.astype(object)


def _not_assessed(cells: pd.DataFrame) -> pd.Series:
    calls_only = "the variant file has no record here, so it cannot say how deep the site was read"
    return pd.Series(
        np.select(
            [cells["call_status"] != "", cells["vcf"] != "", cells["bam"] != ""],
            ["the record gives no read counts", calls_only, "the reads were not counted here"],
            "neither variant file nor reads",
        ),
        index=cells.index,
    )
