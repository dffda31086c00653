"""Detection, level and limit of detection of each plasma sample, for a whole cohort at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.decision import critical_counts, decide, expectations, mean_signal
from clearher.ctdna.level import METRICS, chosen_level, genome_equivalents_per_ml, level_metrics
from clearher.ctdna.lod import from_signal, usable_depth
from clearher.ctdna.phasing import one_cell_a_haplotype
from clearher.ctdna.ratios import LEVEL_STATUS
from clearher.tables import conform

VARIANT = ["chrom", "pos", "ref", "alt"]
DESCRIPTION = ["subject_id", "sample_id", "visit", "study_day", "collection_date"]
MATERIAL = ["assay", "plasma_ml", "cfdna_ng", "qc_status", "qc_reason"]
TUMOUR_VAF_UNKNOWN = 0.5
NO_CALL = "only calls are known: no call does not mean no ctDNA"
NAMED_ONLY = "the variant file names tracked variants without calling them: neither a call nor silence"
CALLED_ONLY = "called variants"
PERCENT = ("%", "percent")
TESTS = ["p", "p_poisson", "p_exact", "expected_background", "background_sd", "critical_count"]
LEVELS = [
    name
    for name in columns.SAMPLES.names
    if name.startswith(("level_", "pooled_", "mean_", "median_", "max_", "sum_")) and name != "level_metric"
] + ["level"]
VENDOR_FRACTION = "vendor, fraction"


def sample_table(
    tracking: pd.DataFrame,
    samples: pd.DataFrame,
    results: pd.DataFrame,
    tracked: pd.DataFrame,
    *,
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """Detection, level metrics and LoD95 of every plasma sample.

    A sample with counts is tested against its background. A sample of which only calls are known is detected
    when a tracked variant is called and has no level, for the variants it does not name are unknown, not
    absent; the absence of calls says nothing, unless the config states a limit of detection for its assay
    (ASSUMED). A laboratory's result enters as reported where no counts decide.

    Parameters
    ----------
    tracking : pandas.DataFrame
        Table ``ctdna/tracking`` with error rates.
    samples : pandas.DataFrame
        Table ``intake/samples``.
    results : pandas.DataFrame
        Table ``intake/records/results``; may be empty.
    tracked : pandas.DataFrame
        Table ``ctdna/tracked`` (baseline VAFs, for the likelihood ratio method).
    settings : Mapping
        Section ``ctdna``; uses ``detection``, ``level`` and ``lod``.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/samples``. Variants without counts are left out of every sum and reported by n_covered
        against n_tracked; depth 0 is not covered, never a zero. ``detected`` is missing where the sample
        cannot say.
    """
    plasma = samples[samples["specimen"] == "plasma"]
    rows = plasma[[*DESCRIPTION, *MATERIAL, "vcf"]].set_index("sample_id").sort_index()
    here = tracking[tracking["sample_id"].isin(rows.index)]
    rows = rows.join(_tracked_numbers(here))
    cells = level_cells(here, tracked)
    rows = rows.join(_from_counts(cells, rows, settings))
    rows = _without_counts(rows)
    rows = _called_only(rows, here, settings)
    rows = _reported(rows, results)
    rows = _judged(rows, settings["lod"]["min_covered_fraction"])
    rows = _per_ml(rows, settings["level"])
    table = rows.reset_index().reindex(columns=columns.SAMPLES.names)
    return conform(table, columns.SAMPLES)


def level_cells(tracking: pd.DataFrame, tracked: pd.DataFrame) -> pd.DataFrame:
    """Cells that enter test and level: in the level's set, counted, no artefact, depth above 0.

    tumour_vaf is the variant's VAF at baseline, or the mean of the subject's, or 0.5; phase its haplotype.
    """
    usable = tracking["in_level"].fillna(False).astype(bool) & tracking["status"].isin(LEVEL_STATUS)
    usable &= tracking["alt_count"].notna() & (tracking["depth"] > 0).fillna(False)
    cells = tracking[usable]
    key = ["subject_id", *VARIANT]
    baseline = tracked[[*key, "baseline_vaf", "baseline_sample_id", "phase"]].drop_duplicates(key)
    cells = cells.merge(baseline, on=key, how="left").fillna({"phase": ""})
    known = cells["baseline_vaf"].where(cells["baseline_vaf"] > 0)
    mean = known.groupby(cells["subject_id"]).transform("mean")
    return cells.assign(tumour_vaf=known.fillna(mean).fillna(TUMOUR_VAF_UNKNOWN))


def _tracked_numbers(tracking: pd.DataFrame) -> pd.DataFrame:
    """Per sample: tracked variants of the level's set, calls among them, whether only calls are known."""
    status = tracking["status"]
    in_level = tracking["in_level"].fillna(False).astype(bool)
    called = status == "CALLED"
    uncounted = (status == "NOT_ASSESSED") | (called & tracking["alt_count"].isna())
    flags = pd.DataFrame(
        {
            "sample_id": tracking["sample_id"],
            "n_tracked": in_level.astype(int),
            "n_level_called": (in_level & called).astype(int),
            "n_not_counted": (in_level & uncounted).astype(int),
            "n_unsupported": (in_level & (status == "NOT_SUPPORTED")).astype(int),
            "n_from_reads": (in_level & tracking["source"].isin(["bam", "counts"])).astype(int),
            "n_silent": (in_level & status.isin(["NOT_DETECTED", "LOW_DEPTH"])).astype(int),
        }
    )
    return flags.groupby("sample_id").sum()


def _from_counts(cells: pd.DataFrame, rows: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Test, level and limit of detection of the samples with at least one covered variant."""
    detection = settings["detection"]
    tested = one_cell_a_haplotype(cells, detection)
    totals = _as_tested(expectations(cells), expectations(tested))
    metrics = level_metrics(cells, confidence=settings["level"]["confidence"])
    decided = decide(totals, tested, detection=detection)
    limits = _limits(tested, rows, settings)
    sources = cells[["sample_id", "source"]].drop_duplicates().sort_values("source")
    source = sources.drop_duplicates("sample_id").set_index("sample_id")["source"]
    level = chosen_level(metrics, settings["level"]["metric"])
    return totals.join([decided, metrics, level, limits]).assign(source=source, lod_basis="COUNTS")


def _as_tested(totals: pd.DataFrame, tested: pd.DataFrame) -> pd.DataFrame:
    """Sums over the variants, with what the test works with over the haplotypes."""
    names = ["distinct_alt_fragments", "n_called", "expected_background", "background_mean", "background_sd"]
    return totals.assign(**{name: tested[name] for name in names})


def _limits(cells: pd.DataFrame, rows: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """critical_count of the test as made, on the counted depth; LoD95 of the molecules behind it.

    Near variants of one haplotype show themselves on the same molecules: their depths are taken times
    :func:`distinct_share`, except under rule variants, which counts variants and not molecules.
    """
    detection, lod = settings["detection"], settings["lod"]
    copies = cells["sample_id"].map(rows["cfdna_ng"]) * settings["level"]["genome_copies_per_ng"]
    depth = usable_depth(cells["depth"].astype(float), copies, lod["efficiency"])
    capped = cells.assign(depth=depth)
    totals = expectations(capped)
    of_molecules = critical_counts(totals, capped, detection=detection)
    signal = mean_signal(of_molecules, totals, capped, detection=detection, power=lod["power"])
    of_fragments = critical_counts(expectations(cells), cells, detection=detection)
    share = 1.0 if detection["rule"] == "variants" else distinct_share(cells)
    per_sample = pd.DataFrame(
        {
            "sample_id": cells["sample_id"],
            "informative": depth * (1 - cells["error_rate"]) * share,
            "copies": copies * lod["efficiency"] * share,
        }
    )
    sums = per_sample.groupby("sample_id").sum(min_count=1)
    lod95 = from_signal(
        signal,
        sums["informative"].to_numpy(),
        sums["copies"].to_numpy(),
        power=lod["power"],
        calibration=lod["calibration"],
    )
    return pd.DataFrame({"critical_count": of_fragments, "lod95": lod95}, index=totals.index)


def distinct_share(cells: pd.DataFrame) -> pd.Series:
    """Different alt fragments over alt fragments of the variants, in each subject's baseline sample.

    The test counts different fragments. Of a fragment with three variants it sees one, so that three sites
    find no more than one: the share, 1/3 here, says how many of the depths' molecules are different ones.

    Parameters
    ----------
    cells : pandas.DataFrame
        Rows of :func:`level_cells`: subject_id, sample_id, baseline_sample_id, alt_count,
        distinct_alt_fragments.

    Returns
    -------
    pandas.Series
        In (0, 1], index of the cells; 1 where the baseline sample was not counted from reads or shows no
        variant.
    """
    at_baseline = cells["sample_id"].eq(cells["baseline_sample_id"]) & cells["distinct_alt_fragments"].notna()
    sums = cells[at_baseline].groupby("subject_id")[["alt_count", "distinct_alt_fragments"]].sum()
    sums = sums[sums["distinct_alt_fragments"] > 0].astype(float)
    share = sums["distinct_alt_fragments"] / sums["alt_count"]
    return cells["subject_id"].map(share).fillna(1.0).astype(float)


def _without_counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Typed columns for the samples that have no covered variant."""
    whole = [
        "n_tracked",
        "n_covered",
        "n_level_called",
        "n_not_counted",
        "n_unsupported",
        "n_from_reads",
        "n_silent",
        "alt_total",
        "depth_total",
        "distinct_alt_fragments",
    ]
    rows = rows.assign(**{name: rows[name].fillna(0).astype("Int64") for name in whole})
    rows["critical_count"] = rows["critical_count"].astype("Int64")
    rows["detected"] = rows["detected"].astype("boolean")
    text = {"method": "", "level_metric": "", "source": "none", "lod_basis": "NONE"}
    return rows.fillna(text).assign(why_not="")


def _called_only(rows: pd.DataFrame, tracking: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Samples of which only calls are known: no test, no level, no limit but the one the config states.

    A variant file that also gives counts without alt, for enough of the variants, was genotyped at them: it
    is no such sample. A variant file that calls nothing, of a subject in whom nothing is tracked, is one.
    One that calls no tracked variant but names some, with as many fragments as a detection asks for or
    without counts, is not silent: no limit makes it a non-detection.
    """
    lod, least = settings["lod"], settings["detection"]["min_alt_fragments"]
    with_calls = rows.index.isin(tracking.loc[tracking["status"] == "CALLED", "sample_id"])
    genotyped = (rows["n_silent"] > 0) & (
        rows["n_covered"] >= lod["min_covered_fraction"] * rows["n_tracked"]
    )
    assumed = rows["assay"].map(dict(lod["assumed"])).astype(float)
    untracked = (rows["n_tracked"] == 0) & (rows["vcf"] != "") & ~with_calls & assumed.notna()
    only = (rows["n_not_counted"] > 0) & (rows["n_from_reads"] == 0) & ~genotyped | untracked
    called = only & (rows["n_level_called"] > 0)
    named = (rows["n_unsupported"] > 0) | (rows["distinct_alt_fragments"] >= least)
    traced = only & ~called & named & assumed.notna()
    assumed = assumed.mask(traced)
    stated = only & assumed.notna()
    uncounted = only & ~with_calls & (rows["n_covered"] == 0)
    rows = rows.assign(**{name: rows[name].mask(only) for name in [*TESTS, *LEVELS]})
    rows["level_metric"] = rows["level_metric"].mask(only, "").mask(stated, settings["level"]["metric"])
    rows["n_tracked"] = rows["n_tracked"].mask(untracked)
    rows["detected"] = rows["detected"].mask(only).mask(called, True).mask(stated & ~called, False)
    rows["method"] = rows["method"].mask(only, CALLED_ONLY).mask(uncounted & ~stated | traced, "")
    rows["n_covered"] = rows["n_covered"].mask(stated)
    rows["lod95"] = rows["lod95"].mask(only, assumed)
    rows["lod_basis"] = rows["lod_basis"].mask(only, "NONE").mask(stated, "ASSUMED")
    rows["source"] = rows["source"].mask(only & (called | stated), "vcf")
    rows["why_not"] = rows["why_not"].mask(only & ~called & ~stated, NO_CALL).mask(traced, NAMED_ONLY)
    return rows


def _reported(rows: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """A laboratory's sample-level results, where no counts decide."""
    known = results.drop_duplicates("sample_id").set_index("sample_id").reindex(rows.index)
    unit = known["level_unit"].fillna("")
    factor = unit.isin(PERCENT).map({True: 0.01, False: 1.0})
    vendor = known["subject_id"].notna() & (rows["lod_basis"] != "COUNTS")
    reported = {
        "level": known["level"] * factor,
        "lod95": known["lod"] * factor,
        "detected": known["detected"].astype("boolean"),
    }
    rows = rows.assign(**{name: rows[name].mask(vendor, value) for name, value in reported.items()})
    for name in ("n_tracked", "n_covered"):
        rows[name] = rows[name].mask(vendor)
    metric = "vendor, " + unit.mask(unit.isin(PERCENT), "fraction")
    texts = {"method": "laboratory", "level_metric": metric, "source": "vendor", "why_not": ""}
    rows = rows.assign(**{name: rows[name].mask(vendor, value) for name, value in texts.items()})
    limits = ["level_low", "level_high"]
    rows = rows.assign(**{name: rows[name].mask(vendor) for name in limits})
    rows["lod_basis"] = rows["lod_basis"].mask(vendor, "VENDOR").mask(vendor & rows["lod95"].isna(), "NONE")
    rows["why_not"] = rows["why_not"].mask(vendor & rows["detected"].isna(), "the laboratory reports no call")
    return rows


def _judged(rows: pd.DataFrame, min_covered_fraction: float) -> pd.DataFrame:
    """Whether each sample can be judged, and why not; the first reason that applies."""
    counted = rows["lod_basis"] == "COUNTS"
    detected = rows["detected"].fillna(False).astype(bool)
    too_few = (
        counted & (rows["n_covered"] < min_covered_fraction * rows["n_tracked"]).fillna(False) & ~detected
    )
    failed = rows["qc_status"] == "fail"
    words = (
        rows["n_covered"].astype(str) + " of " + rows["n_tracked"].astype(str) + " tracked variants covered"
    )
    reason = rows["qc_reason"].map(lambda text: f": {text}" if text else "")
    conditions = [
        failed,
        rows["why_not"] != "",
        (rows["n_tracked"] == 0).fillna(False),
        (rows["n_covered"] == 0).fillna(False) & (rows["lod_basis"] == "NONE") & ~detected,
        too_few,
        rows["detected"].isna(),
        ~detected & rows["lod95"].isna(),
    ]
    texts = [
        "failed quality control" + reason,
        rows["why_not"],
        "no variant is tracked",
        "no tracked variant is covered",
        "only " + words,
        "the configured test cannot be made with these error rates",
        "not detected, but no limit of detection is known",
    ]
    why_not = np.select([c.to_numpy(dtype=bool) for c in conditions], texts, default="")
    detected_known = rows["detected"].mask(failed | (rows["n_tracked"] == 0).fillna(False))
    return rows.assign(why_not=why_not, evaluable=why_not == "", detected=detected_known)


def _per_ml(rows: pd.DataFrame, level: Mapping[str, Any]) -> pd.DataFrame:
    fraction = rows["level_metric"].isin([*METRICS, VENDOR_FRACTION])
    values = {"ge_per_ml": "level", "ge_per_ml_low": "level_low", "ge_per_ml_high": "level_high"}
    per_ml = {
        name: genome_equivalents_per_ml(
            rows[source].where(fraction),
            rows["cfdna_ng"],
            rows["plasma_ml"],
            genome_copies_per_ng=level["genome_copies_per_ng"],
        )
        for name, source in values.items()
    }
    return rows.assign(**per_ml)
