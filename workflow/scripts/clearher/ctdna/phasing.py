"""Variants of one haplotype as one event: molecules that show several of them count once."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from clearher.ctdna.alleles import ALT, REF

VARIANT = ["chrom", "pos", "ref", "alt"]


def one_cell_a_haplotype(cells: pd.DataFrame, detection: Mapping[str, Any]) -> pd.DataFrame:
    """Cells for the test: near variants of one haplotype as one, where the config says so.

    A molecule of the haplotype shows the variant at every place it covers, an error at one place only. The
    place with the fewest alt fragments therefore stands for the haplotype (of several, the deepest): its
    counts and its error rate. Its distinct alt fragments are at most the different fragments of the group.
    That a lone error shows itself beside reference bases lowers the rate further (:func:`purified_rate`);
    this is not used, so the test stays on the safe side.

    Parameters
    ----------
    cells : pandas.DataFrame
        sample_id, chrom, pos, alt_count, depth, distinct_alt_fragments, phase (empty: not known).
    detection : Mapping
        Section ``ctdna.detection``; used: phased, phased_within.

    Returns
    -------
    pandas.DataFrame
        Rows of ``cells`` in their order.
    """
    if detection["phased"] == "separate" or (cells["phase"] == "").all():
        return cells
    ordered = cells.sort_values(["sample_id", "chrom", "phase", "pos"], kind="stable")
    before = ordered.shift()
    near = (ordered["pos"].astype(float) - before["pos"].astype(float)) <= detection["phased_within"]
    for name in ("sample_id", "chrom", "phase"):
        near &= ordered[name] == before[name]
    event = (~(near & (ordered["phase"] != ""))).cumsum()
    ranked = ordered.assign(event=event).sort_values(
        ["event", "alt_count", "depth"], ascending=[True, True, False], kind="stable"
    )
    distinct = ranked.groupby("event")["distinct_alt_fragments"].sum(min_count=1).astype("Float64")
    chosen = ranked.drop_duplicates("event")
    most = distinct.reindex(chosen["event"]).to_numpy(dtype=float, na_value=np.nan)
    fewest = np.minimum(chosen["alt_count"].to_numpy(dtype=float), most)
    whole = pd.Series(fewest, index=chosen.index, dtype="Float64").astype("Int64")
    return chosen.assign(distinct_alt_fragments=whole).drop(columns="event").sort_index()


class PhasedCounts(NamedTuple):
    """Counts by event.

    Attributes
    ----------
    events : pandas.DataFrame
        event, alt, depth in fragments, supported_by_several (alt fragments that show two or more variants).
    purification : float
        Fragments that cover two or more variants of their event, over all fragments of all events.
    """

    events: pd.DataFrame
    purification: float


def merge_phased(votes: pd.DataFrame, groups: pd.DataFrame) -> PhasedCounts:
    """Count haplotypes instead of variants.

    Every haplotype is one event, every other variant an event of its own. A fragment with the alternate
    allele of one variant and the reference allele of another of the same haplotype is an error: it is not an
    alt fragment of the event.

    Parameters
    ----------
    votes : pandas.DataFrame
        As from :func:`clearher.ctdna.counting.fragment_votes`: fragment, chrom, pos, ref, alt, allele.
    groups : pandas.DataFrame
        chrom, pos, ref, alt, phase: name of the haplotype, empty where the variant stands alone.

    Returns
    -------
    PhasedCounts
        The error rate of an event is the rate of a single site times ``1 - purification``
        (:func:`purified_rate`).

    References
    ----------
    alkodsi/ctDNAtools R/merge_mutations_in_phase.R.
    """
    alone = groups[VARIANT].astype(str).agg(":".join, axis=1)
    named = groups.assign(event=groups["phase"].where(groups["phase"] != "", alone))
    seen = votes[votes["allele"].isin([REF, ALT])].merge(named[[*VARIANT, "event"]], on=VARIANT)
    flags = seen.assign(is_alt=seen["allele"] == ALT, is_ref=seen["allele"] == REF)
    fragments = flags.groupby(["event", "fragment"])[["is_alt", "is_ref"]].sum()
    several = (fragments["is_alt"] + fragments["is_ref"]) >= 2
    supports = (fragments["is_alt"] > 0) & (fragments["is_ref"] == 0)
    by_event = pd.DataFrame(
        {"alt": supports, "depth": 1, "supported_by_several": supports & (fragments["is_alt"] >= 2)}
    ).astype(int)
    events = by_event.groupby("event").sum().reindex(sorted(set(named["event"])), fill_value=0)
    total = len(fragments)
    return PhasedCounts(events.reset_index(names="event"), float(several.sum() / total) if total else 0.0)


def purified_rate(rate: float, purification: float) -> float:
    """Error rate of an event, ``rate (1 - purification)``: a lone error on a haplotype is seen as such."""
    return rate * (1.0 - purification)
