"""The tracked set: the variants of a subject that are followed over time, frozen at baseline."""

import hashlib
from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from clearher.columns import ctdna as columns
from clearher.ctdna.baseline import choose_baseline, usable_plasma, visit_order
from clearher.tables import conform, empty
from clearher.variants.resources import plain
from clearher.variants.selection import at_positions, of_samples, with_status

VARIANT = ["chrom", "pos", "ref", "alt"]
KEY = ["subject_id", *VARIANT]
DESCRIPTION = ["gene", "hgvsp", "variant_class", "phase", "wbc_state"]
VARIANT_COLUMNS = ("visit", "study_day", "specimen", "vaf", "status", "reasons", *DESCRIPTION)
UNCOUNTED_CLASSES = ("CNV", "OTHER")
NEVER_BY_GENE = frozenset({"TP53", "ATM", "CHEK2"})
BLOOD_STATES = ("WBC_ORIGIN", "CONFLICT")


def tracked_set(
    variants: pd.DataFrame,
    samples: pd.DataFrame,
    baseline: pd.DataFrame,
    tissue: pd.DataFrame,
    planned_visits: Mapping[str, Mapping],
    *,
    filter_kinds: Mapping[str, str],
    settings: Mapping,
    foreign: Collection[str] = (),
) -> pd.DataFrame:
    """Variants to follow in each subject: frozen at baseline and from tissue; emergent ones listed.

    Tracked are the variants called in the baseline sample, those whose only fault there is their origin in
    blood (kept out of the level, so that they can be shown), and the variants known from tumour tissue.
    Variants called later and not tracked are ``emergent``: listed, never in the level.

    Parameters
    ----------
    variants : pandas.DataFrame
        Table ``variants/variants``, all specimens, or the rows of it for which :func:`alleles_needed` holds;
        :data:`VARIANT_COLUMNS` are used.
    samples : pandas.DataFrame
        Table ``intake/samples``.
    baseline : pandas.DataFrame
        Baseline samples (:func:`set_baselines`).
    tissue : pandas.DataFrame
        Variants of tumour tissue (:func:`known_from_tissue`).
    planned_visits : Mapping
        Schedule: visit name -> day, window_days, baseline, optional.
    filter_kinds : Mapping
        Kind of each variant filter by name: call, artefact, origin or flag.
    settings : Mapping
        Configuration section ``ctdna``; used: ``tracked``.
    foreign : collection of str
        Samples that hold another person's DNA; they show no emergent variants.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/tracked``. A subject without called variants has no row.
    """
    plasma = usable_plasma(samples, foreign)
    calls = variants[variants["sample_id"].isin(plasma["sample_id"])]
    origin = {name for name, kind in filter_kinds.items() if kind == "origin"}
    frozen = _frozen(calls, baseline, tissue, origin)
    later = _called_later(calls, baseline, planned_visits)
    emergent = _without(later, frozen).assign(origin="emergent", tissue=False, germline_like=False)
    rows = pd.concat([frozen, emergent], ignore_index=True)
    if rows.empty:
        return empty(columns.TRACKED)
    rows = rows.merge(_named(baseline), on="subject_id", how="left")
    rows = judge(rows, settings=settings["tracked"])
    rows["set_hash"] = rows["subject_id"].map(set_hashes(rows)).fillna("")
    rows["first_sample_id"] = rows["sample_id"].fillna("")
    return conform(rows.reindex(columns=columns.TRACKED.names), columns.TRACKED)


def set_baselines(
    samples: pd.DataFrame,
    with_alleles: Collection[str],
    planned_visits: Mapping[str, Mapping],
    *,
    rule: Mapping,
    foreign: Collection[str] = (),
) -> pd.DataFrame:
    """The sample at which each subject's tracked set is frozen.

    The last usable plasma with variant calls on or before the first dose
    (:func:`clearher.ctdna.baseline.choose_baseline`), without one the last usable plasma.

    Parameters
    ----------
    samples : pandas.DataFrame
        Table ``intake/samples``.
    with_alleles : collection of str
        Samples that table ``variants/variants`` has alleles of: a list of calls names no file of a sample.
    planned_visits : Mapping
        Schedule: visit name -> day, window_days, baseline, optional.
    rule : Mapping
        ``baseline`` of the configuration section ``ctdna``.
    foreign : collection of str
        Samples that hold another person's DNA; they are no baseline.

    Returns
    -------
    pandas.DataFrame
        Rows of ``samples``, at most one a subject.
    """
    plasma = usable_plasma(samples, foreign)
    called = plasma[(plasma["vcf"] != "") | plasma["sample_id"].isin(with_alleles)]
    first = choose_baseline(called, planned_visits, **rule)
    others = plasma[~plasma["subject_id"].isin(first["subject_id"])]
    return pd.concat([first, choose_baseline(others, planned_visits, **rule)], ignore_index=True)


def known_from_tissue(calls: pd.DataFrame, listed: pd.DataFrame, contigs: pd.Series) -> pd.DataFrame:
    """Variants of tumour tissue: called in a tissue sample, or listed by the tissue's laboratory.

    Parameters
    ----------
    calls : pandas.DataFrame
        Rows of table ``variants/variants``; those called in tissue count.
    listed : pandas.DataFrame
        Table ``intake/records/tissue``; may be empty.
    contigs : pandas.Series of str
        Contigs as the variant files name them; the listed variants are named alike.

    Returns
    -------
    pandas.DataFrame
        subject_id, chrom, pos, ref, alt, gene, hgvsp, variant_class, phase, wbc_state; each variant of a
        subject once.
    """
    own = calls[(calls["specimen"] == "tissue") & (calls["status"] == "CALLED")]
    further = in_style_of(listed, contigs).reindex(columns=[*KEY, *DESCRIPTION])
    further["variant_class"] = variant_classes(further["ref"], further["alt"])
    known = pd.concat([own[[*KEY, *DESCRIPTION]], further], ignore_index=True)
    return known.drop_duplicates(KEY).fillna({"gene": "", "hgvsp": "", "wbc_state": ""})


def called_in_tissue() -> pc.Expression:
    """The rows of table ``variants/variants`` that :func:`known_from_tissue` looks at."""
    return (pc.field("specimen") == "tissue") & with_status("CALLED")


def alleles_needed(baseline: pd.DataFrame, tissue: pd.DataFrame) -> pc.Expression:
    """The rows of table ``variants/variants`` that :func:`tracked_set` looks at.

    Called anywhere; in a baseline sample also filtered with traces in white cells, or at the position of a
    variant of tissue. A file before filtering has a hundred times as many.
    """
    of_blood = with_status("FILTERED") & pc.field("wbc_state").isin(BLOOD_STATES)
    at_baseline = of_samples(baseline["sample_id"]) & (of_blood | at_positions(tissue["pos"]))
    return with_status("CALLED") | at_baseline


def judge(rows: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Decide for each variant whether it enters the level, whether it looks like blood, and why.

    First rule that applies: germline out (by the white cells; a variant known from tissue also by its
    population frequency or its fraction at every visit); copy number out; emergent out; known from tissue in
    (when tissue overrides); white-cell origin out; contradictory white-cell evidence out (unless configured
    in); gene of clonal haematopoiesis without white-cell cover out; else in. TP53, ATM and CHEK2 are genes of
    breast cancer too and are never left out by gene alone.

    Parameters
    ----------
    rows : pandas.DataFrame
        origin, tissue, wbc_state, germline_like, variant_class, gene.
    settings : Mapping
        strict_ch_genes, conflict_in_level, tissue_overrides.

    Returns
    -------
    pandas.DataFrame
        The rows with in_level, exclusion (empty: it enters), ch_like, why.
    """
    blood_gene = rows["gene"].isin(set(settings["strict_ch_genes"]) - NEVER_BY_GENE)
    state = rows["wbc_state"]
    uncovered = ~state.isin(["TUMOUR_LIKE", "GERMLINE", *BLOOD_STATES])
    tissue = rows["tissue"].astype(bool)
    overriding = tissue & bool(settings["tissue_overrides"])
    emergent = rows["origin"] == "emergent"
    conflict_in = bool(settings["conflict_in_level"])
    rules = [
        (state == "GERMLINE", "GERMLINE", "germline by the white cells"),
        (rows["germline_like"].astype(bool), "GERMLINE", "germline by its frequency"),
        (rows["variant_class"].isin(UNCOUNTED_CLASSES), "CLASS", "a class that cannot be counted in reads"),
        (emergent, "EMERGENT", "first called after baseline"),
        (overriding, "", "known from tumour tissue"),
        (state == "WBC_ORIGIN", "WBC_ORIGIN", "of white-cell origin"),
        (state == "CONFLICT", "" if conflict_in else "CONFLICT", "white-cell evidence contradicts itself"),
        (
            uncovered & blood_gene,
            "CH_GENE",
            "gene of clonal haematopoiesis and white cells do not cover the site",
        ),
        (state == "TUMOUR_LIKE", "", "called at baseline, not of white-cell origin"),
    ]
    conditions = [rule[0].to_numpy(dtype=bool) for rule in rules]
    exclusion = np.select(conditions, [rule[1] for rule in rules], default="").astype(object)
    why = np.select(
        conditions, [rule[2] for rule in rules], default="called at baseline, no white-cell evidence"
    )
    ch_like = ~overriding & ((state == "WBC_ORIGIN") | (uncovered & blood_gene))
    return rows.assign(in_level=exclusion == "", exclusion=exclusion, why=why, ch_like=ch_like)


def set_hashes(rows: pd.DataFrame) -> dict[str, str]:
    """Digest of each subject's frozen set: variants and whether they enter the level, in sorted order."""
    frozen = rows[rows["origin"] != "emergent"].sort_values(KEY, kind="stable")
    line = frozen[VARIANT].astype(str).agg(":".join, axis=1) + ":" + frozen["in_level"].astype(str)
    return {
        subject: hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
        for subject, lines in line.groupby(frozen["subject_id"], sort=True)
    }


def only_of_blood(variants: pd.DataFrame, origin_filters: set[str]) -> pd.Series:
    """Whether a filtered variant fails filters of origin only, and for its traces in white cells."""
    filtered = (variants["status"] == "FILTERED") & variants["wbc_state"].isin(BLOOD_STATES)
    only = {text: _all_within(text, origin_filters) for text in variants["reasons"].unique()}
    return filtered & variants["reasons"].map(only).astype(bool)


def in_style_of(rows: pd.DataFrame, contigs: pd.Series) -> pd.DataFrame:
    """The rows with their contigs named as others are ("chr1" or "1"), where those have the contig."""
    names = contigs.drop_duplicates()
    style = dict(zip(plain(names), names, strict=True))
    return rows.assign(chrom=plain(rows["chrom"]).map(style).fillna(rows["chrom"]))


def _all_within(reasons: str, names: Iterable[str]) -> bool:
    given = set(reasons.split(";")) - {""}
    return bool(given) and given <= set(names)


def variant_classes(ref: pd.Series, alt: pd.Series) -> pd.Series:
    """SNV, MNV, INS, DEL or COMPLEX from the alleles; anything but A, C, G, T is OTHER."""
    ref, alt = ref.astype(str).str.upper(), alt.astype(str).str.upper()
    n_ref, n_alt = ref.str.len(), alt.str.len()
    plain = ref.str.fullmatch("[ACGT]+") & alt.str.fullmatch("[ACGT]+")
    anchored = ref.str[:1] == alt.str[:1]
    kinds = np.select(
        [
            ~plain,
            (n_ref == 1) & (n_alt == 1),
            n_ref == n_alt,
            (n_ref == 1) & anchored,
            (n_alt == 1) & anchored,
        ],
        ["OTHER", "SNV", "MNV", "INS", "DEL"],
        default="COMPLEX",
    )
    return pd.Series(kinds, index=ref.index, dtype=object)


def _frozen(
    calls: pd.DataFrame, baseline: pd.DataFrame, tissue: pd.DataFrame, origin_filters: set[str]
) -> pd.DataFrame:
    at_baseline = calls[calls["sample_id"].isin(baseline["sample_id"])]
    called = at_baseline[(at_baseline["status"] == "CALLED") | only_of_blood(at_baseline, origin_filters)]
    called = called[[*KEY, *DESCRIPTION, "sample_id", "vaf"]].drop_duplicates(KEY)
    called = called.rename(columns={"vaf": "baseline_vaf"}).assign(origin="baseline")
    known = tissue[KEY].assign(tissue=True)
    called = called.merge(known, on=KEY, how="left")
    evidence = _evidence(at_baseline, origin_filters)
    added = _without(tissue, called).drop(columns="wbc_state").merge(evidence, on=KEY, how="left")
    added = added.assign(origin="tissue", tissue=True).fillna({"wbc_state": ""})
    frozen = pd.concat([called, added], ignore_index=True)
    flags = {name: frozen[name].eq(True) for name in ("tissue", "germline_like")}
    return frozen.assign(**flags)


def _evidence(at_baseline: pd.DataFrame, origin_filters: set[str]) -> pd.DataFrame:
    """What the baseline sample says of a tissue variant: white-cell state, and whether it looks germline."""
    rows = at_baseline.drop_duplicates(KEY)
    named = {text: bool(origin_filters & set(text.split(";"))) for text in rows["reasons"].unique()}
    germline = rows["reasons"].map(named).astype(bool) & ~rows["wbc_state"].isin(BLOOD_STATES)
    return rows[[*KEY, "wbc_state"]].assign(germline_like=germline)


def _called_later(
    calls: pd.DataFrame, baseline: pd.DataFrame, planned_visits: Mapping[str, Mapping]
) -> pd.DataFrame:
    called = calls[(calls["status"] == "CALLED") & (calls["wbc_state"] != "GERMLINE")]
    called = called[~called["sample_id"].isin(baseline["sample_id"])]
    own = baseline.set_index("subject_id")
    base_day = called["subject_id"].map(own["study_day"]).astype("Float64")
    base_place = called["subject_id"].map(own["visit"].map(visit_order(planned_visits)))
    place = called["visit"].map(visit_order(planned_visits))
    day = called["study_day"].astype("Float64")
    earlier = (day <= base_day).fillna(False).astype(bool)
    undated = (day.isna() | base_day.isna()).astype(bool)
    later = called[~earlier & ~(undated & (place < base_place))]
    later = later.sort_values(["study_day", "sample_id"], kind="stable")
    return later[[*KEY, *DESCRIPTION, "sample_id"]].drop_duplicates(KEY)


def _without(rows: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    marked = rows.merge(known[KEY].drop_duplicates(), on=KEY, how="left", indicator="_side")
    return marked[marked["_side"] == "left_only"].drop(columns="_side")


def _named(baseline: pd.DataFrame) -> pd.DataFrame:
    chosen = baseline[["subject_id", "sample_id", "study_day"]]
    return chosen.rename(columns={"sample_id": "baseline_sample_id", "study_day": "baseline_day"})
