"""Genes over the cohort: which are altered at baseline, which emerge, which clear."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.clearance import share_row
from clearher.ctdna.emergent import ERBB2, variant_names
from clearher.ctdna.tracked import KEY
from clearher.tables import conform, empty, frame_of

READ = ("FILTERED", "CALLED", "GENOTYPED", "NOT_DETECTED")
SETS = ("all", "without_ch_like")


def landscape_table(
    tracked: pd.DataFrame, tracking: pd.DataFrame, emergent: pd.DataFrame, visits: pd.DataFrame
) -> pd.DataFrame:
    """Gene x subject: altered at baseline, emergent, cleared.

    baseline: a variant called at baseline or known from tissue; germline variants are left out. emergent: a
    variant that the re-counted baseline sample does not show. cleared: on the last day after baseline with
    a sample in which every baseline variant of the gene was read deep enough, no such sample showed any.

    Parameters
    ----------
    tracked, tracking, emergent, visits : pandas.DataFrame
        Tables ``ctdna/tracked``, ``ctdna/tracking``, ``ctdna/emergent``, ``ctdna/visits``.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/landscape``; variants without a gene name are listed under their contig and position.
    """
    rows = tracked[tracked["wbc_state"] != "GERMLINE"]
    if rows.empty:
        return empty(columns.LANDSCAPE)
    rows = rows.assign(gene=_gene_names(rows))
    rows = rows.merge(emergent[[*KEY, "emergent_class"]], on=KEY, how="left")
    group = ["gene", "subject_id"]
    marked = rows.assign(
        baseline=rows["origin"] != "emergent",
        emergent=rows["emergent_class"] == "EMERGENT",
        variants=variant_names(rows) + " (" + _origin_words(rows) + ")",
    )
    marked = marked.sort_values([*group, "chrom", "pos", "ref", "alt"], kind="stable")
    table = marked.groupby(group, as_index=False, sort=True).agg(
        baseline=("baseline", "any"),
        emergent=("emergent", "any"),
        ch_like=("ch_like", "all"),
        variants=("variants", ", ".join),
    )
    drawn = visits.loc[visits["phase"] == "BASELINE", "subject_id"]
    known = table["subject_id"].isin(drawn) | table["baseline"]
    table["baseline"] = table["baseline"].astype("boolean").where(known)
    cleared = _cleared(marked[marked["baseline"]], tracking, visits)
    table = table.merge(cleared, on=group, how="left")
    return conform(table.assign(erbb2=table["gene"] == ERBB2), columns.LANDSCAPE)


def gene_frequencies(landscape: pd.DataFrame, visits: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Share of subjects with each gene, and each pathway, altered at baseline, emergent, and cleared.

    Denominators: subjects with a baseline sample (baseline); those of them with a sample after it (emergent);
    subjects with the gene altered at baseline and a visit that says whether it cleared (cleared). Once over
    all variants and once without genes whose every variant looks like clonal haematopoiesis.

    Parameters
    ----------
    landscape : pandas.DataFrame
        Table ``ctdna/landscape``.
    visits : pandas.DataFrame
        Table ``ctdna/visits``.
    settings : Mapping
        Configuration section ``ctdna``; used: landscape.pathways (name -> genes), level.confidence.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/gene_frequencies`` with Clopper-Pearson intervals.
    """
    at_risk = _at_risk(visits)
    pathways, confidence = settings["landscape"]["pathways"], settings["level"]["confidence"]
    rows = []
    for variants in SETS:
        kept = landscape if variants == "all" else landscape[~landscape["ch_like"].fillna(False)]
        for kind, groups in (("gene", _by_gene(kept)), ("pathway", _by_pathway(kept, pathways))):
            for name, members in groups:
                named = {"kind": kind, "gene": name, "variants": variants, "erbb2": name == ERBB2}
                rows += [{**named, **shares} for shares in _frequencies(members, at_risk, confidence)]
    return frame_of(rows, columns.GENE_FREQUENCIES)


def _frequencies(members: pd.DataFrame, at_risk: Mapping[str, set], confidence: float) -> Iterator[dict]:
    for time_point in ("baseline", "emergent"):
        altered = members.loc[members[time_point].fillna(False).astype(bool), "subject_id"]
        who = at_risk[time_point]
        yield {"time_point": time_point, **share_row(len(set(altered) & who), len(who), confidence)}
    answered = members[members["baseline"].fillna(False).astype(bool) & members["cleared"].notna()]
    gone = answered.groupby("subject_id")["cleared"].all()
    yield {"time_point": "cleared", **share_row(gone.sum(), len(gone), confidence)}


def _at_risk(visits: pd.DataFrame) -> dict[str, set]:
    drawn = visits[visits["sample_id"] != ""]
    baseline = set(drawn.loc[drawn["phase"] == "BASELINE", "subject_id"])
    later = set(drawn.loc[drawn["phase"] == "POST_BASELINE", "subject_id"])
    return {"baseline": baseline, "emergent": baseline & later}


def _by_gene(landscape: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield from landscape.groupby("gene", sort=True)


def _by_pathway(landscape: pd.DataFrame, pathways: Mapping) -> Iterator[tuple[str, pd.DataFrame]]:
    for name in sorted(pathways):
        yield name, landscape[landscape["gene"].isin(pathways[name])]


def _cleared(baseline: pd.DataFrame, tracking: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    after = _days_of_draws(visits[visits["phase"] == "POST_BASELINE"])
    cells = tracking.loc[tracking["status"].isin(READ), [*KEY, "sample_id", "status"]]
    cells = cells.merge(after, on="sample_id")
    cells = cells.merge(baseline[[*KEY, "gene"]].drop_duplicates(KEY), on=KEY)
    group = ["gene", "subject_id"]
    cells["absent"] = cells["status"] == "NOT_DETECTED"
    in_sample = cells.groupby([*group, "draw", "sample_id"], as_index=False).agg(
        read=("status", "size"), absent=("absent", "all")
    )
    wanted = baseline.groupby(group, as_index=False).agg(variants=("pos", "size"))
    complete = in_sample.merge(wanted, on=group)
    complete = complete[complete["read"] == complete["variants"]]
    on_day = complete.groupby([*group, "draw"], as_index=False, sort=True)["absent"].all()
    last = on_day.drop_duplicates(group, keep="last")
    return last[group].assign(cleared=last["absent"].astype("boolean"))


def _days_of_draws(visits: pd.DataFrame) -> pd.DataFrame:
    """Samples with the place of their day: tubes of one day are one draw, undated ones are by themselves."""
    drawn = visits[visits["sample_id"] != ""]
    of_day = drawn.groupby(["subject_id", "study_day"])["sequence"].transform("max")
    return drawn[["sample_id"]].assign(draw=of_day.fillna(drawn["sequence"]).astype(int))


def _gene_names(rows: pd.DataFrame) -> pd.Series:
    place = rows["chrom"] + ":" + rows["pos"].astype(str)
    return rows["gene"].where(rows["gene"] != "", place)


def _origin_words(rows: pd.DataFrame) -> np.ndarray:
    later = rows["emergent_class"].fillna("called later").str.lower().str.replace("_", " ")
    return np.where(rows["origin"] == "emergent", later, rows["origin"])
