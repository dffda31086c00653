"""Read counts of records, from whatever fields their caller writes them to.

Each source below reads one way of stating counts, for a block of records at once, and marks the records
that state them so; the caller's sources (:mod:`clearher.variants.callers`) are tried in order. A missing
value stays missing: it never becomes 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from clearher.variants.blocks import Block
from clearher.variants.texts import first_holding, fraction_matrix


@dataclass
class Counts:
    """Counts of a block of n records with k alternate alleles; NaN is "not stated".

    Attributes
    ----------
    stated : numpy.ndarray
        Records that this way of stating counts fits (n).
    depth, ref : numpy.ndarray
        Reads at the site and reads of the reference allele (n).
    alt, vaf : numpy.ndarray
        Reads of each alternate allele, and its fraction as the caller states it (n x k).
    field : numpy.ndarray
        Name of the field that ``alt`` comes from (n).
    remark : numpy.ndarray
        What is odd about the counts (n), mostly empty.
    """

    stated: np.ndarray
    depth: np.ndarray
    alt: np.ndarray
    ref: np.ndarray
    vaf: np.ndarray
    field: np.ndarray
    remark: np.ndarray


Source = Callable[[Block], Counts]


def read_counts(block: Block, sources: Sequence[Source]) -> Counts:
    """Counts of each record from the first source that fits it."""
    result = sources[0](block)
    for source in sources[1:]:
        open_rows = ~result.stated
        if not open_rows.any():
            break
        found = source(block)
        take = open_rows & found.stated
        for name in ("stated", "depth", "alt", "ref", "vaf", "field", "remark"):
            getattr(result, name)[take] = getattr(found, name)[take]
    return result


def _counts(
    block: Block,
    field: str,
    stated: np.ndarray,
    *,
    depth: np.ndarray,
    alt: np.ndarray,
    ref: np.ndarray | None = None,
    vaf: np.ndarray | None = None,
) -> Counts:
    """Counts with the depth raised to the sum of the alleles, and a remark, where it is below it."""
    n, missing = len(block), np.full(len(block), np.nan)
    ref = missing if ref is None else ref
    total = np.nansum(np.column_stack([ref, alt]), axis=1)
    below = stated & (depth < total)
    return Counts(
        stated=stated.copy(),
        depth=np.where(below, total, depth),
        alt=alt.copy(),
        ref=ref.copy(),
        vaf=np.full((n, block.n_alts), np.nan) if vaf is None else vaf,
        field=np.full(n, field, dtype=object),
        remark=first_holding([below], ["depth_below_allele_sum"], default=""),
    )


def per_allele_depths(key: str) -> Source:
    """AD and its kin: one number for ref and one for each alternate allele.

    Depth is FORMAT/DP for AD; for the kin, which count other reads than DP does, the sum of the alleles.
    Records that state none but the reference are left to the next source.
    """

    def read(block: Block) -> Counts:
        values = block.counts(key, block.n_alts + 1)
        total = values.sum(axis=1)
        depth = total
        if key == "AD":
            stated = block.counts("DP", 1)[:, 0]
            depth = np.where(np.isnan(stated), total, stated)
        fractions = block.fractions("AF" if "AF" in block.keys else "FA")
        usable = ~np.isnan(values[:, 1:]).all(axis=1)
        return _counts(block, key, usable, depth=depth, alt=values[:, 1:], ref=values[:, 0], vaf=fractions)

    return read


def alt_only_depth(block: Block) -> Counts:
    """VarScan: AD is the alternate count alone, RD the reference count, FREQ a percentage."""
    alt, ref = block.counts("AD", 1), block.counts("RD", 1)[:, 0]
    stated = ~np.isnan(alt[:, 0]) & (block.n_alts == 1)
    depth = _first_known(block.counts("DP", 1)[:, 0], alt[:, 0] + ref)
    vaf = fraction_matrix(block.texts("FREQ"), 1)
    return _counts(block, "AD", stated, depth=depth, alt=_wide(alt, block), ref=ref, vaf=_wide(vaf, block))


def vardict_depth(block: Block) -> Counts:
    """VarDict without AD: VD variant reads of DP, RD reference reads by strand."""
    alt = block.counts("VD", 1)
    stated = ~np.isnan(alt[:, 0]) & (block.n_alts == 1)
    depth, ref = block.counts("DP", 1)[:, 0], block.counts("RD", 2).sum(axis=1)
    return _counts(
        block, "VD", stated, depth=depth, alt=_wide(alt, block), ref=ref, vaf=block.fractions("AF")
    )


def observation_counts(block: Block) -> Counts:
    """FreeBayes: RO reference and AO alternate observations."""
    alt, ref = block.counts("AO", block.n_alts), block.counts("RO", 1)[:, 0]
    depth = _first_known(block.counts("DP", 1)[:, 0], ref + alt.sum(axis=1))
    return _counts(block, "AO", ~np.isnan(alt).all(axis=1), depth=depth, alt=alt, ref=ref)


def strand_counts_in_info(block: Block) -> Counts:
    """LoFreq, which has no sample column: DP4 holds ref and alt by strand, DP the depth."""
    values = block.info_counts("DP4", 4)
    stated = ~np.isnan(values).any(axis=1) & (block.n_alts == 1)
    depth = _first_known(block.info_counts("DP", 1)[:, 0], values.sum(axis=1))
    alt, ref = values[:, 2:].sum(axis=1), values[:, :2].sum(axis=1)
    vaf = fraction_matrix(block.info_texts("AF"), 1)
    return _counts(
        block, "DP4", stated, depth=depth, alt=_wide(alt[:, None], block), ref=ref, vaf=_wide(vaf, block)
    )


def tier_base_counts(block: Block) -> Counts:
    """Strelka somatic substitutions: AU CU GU TU, first number (tier 1); depth is their sum."""
    bases = {base: block.counts(base + "U", 2)[:, 0] for base in "ACGT"}
    alt = np.column_stack([_of_base(bases, alts) for alts in block.alts])
    ref = _of_base(bases, block.refs)
    depth = np.sum(list(bases.values()), axis=0)
    stated = ~np.isnan(depth) & ~np.isnan(ref) & ~np.isnan(alt).any(axis=1)
    return _counts(block, "AU,CU,GU,TU", stated, depth=depth, alt=alt, ref=ref)


def _of_base(bases: dict[str, np.ndarray], wanted: np.ndarray) -> np.ndarray:
    return np.select([wanted == base for base in bases], list(bases.values()), default=np.nan)


def tier_indel_counts(block: Block) -> Counts:
    """Strelka somatic indels: TIR supports the indel, TAR the reference; first number (tier 1)."""
    alt, ref = block.counts("TIR", 2)[:, :1], block.counts("TAR", 2)[:, 0]
    stated = ~np.isnan(alt[:, 0] + ref) & (block.n_alts == 1)
    return _counts(block, "TIR,TAR", stated, depth=alt[:, 0] + ref, alt=_wide(alt, block), ref=ref)


def umivar_counts(block: Block) -> Counts:
    """umiVar: AC alternate reads of DP.

    Some releases declare ``DP:AC`` but write the alternate count first, so that AC is above DP; then the two
    are read the other way round (imgag/umiVar, Test/CFDNA_01_hq.vcf.out).
    """
    depth, alt = block.counts("DP", 1)[:, 0], block.counts("AC", 1)[:, 0]
    stated = ~np.isnan(depth + alt) & (block.n_alts == 1)
    swapped = stated & (alt > depth)
    depth, alt = np.where(swapped, alt, depth), np.where(swapped, depth, alt)
    result = _counts(
        block, "AC", stated, depth=depth, alt=_wide(alt[:, None], block), vaf=block.fractions("AF")
    )
    result.remark[swapped] = "depth_and_count_swapped"
    return result


def fraction_times_depth(block: Block) -> Counts:
    """Last resort: the caller's AF times DP, rounded. Not a count, and named so."""
    depth, vaf = block.counts("DP", 1)[:, 0], block.fractions("AF")
    stated = ~np.isnan(depth) & ~np.isnan(vaf).all(axis=1)
    alt = reads_of_fraction(vaf, depth[:, None])
    return _counts(block, "AF*DP", stated, depth=depth, alt=alt, vaf=vaf)


def reads_of_fraction(vaf: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Fraction times depth, rounded; NaN where less than half a read is left of a fraction above 0.

    Such an allele was seen, by reads that the stated depth does not count: how many is not known, and not 0.
    """
    reads = np.round(vaf * depth)
    return np.where((reads == 0) & (vaf > 0) & (depth > 0), np.nan, reads)


def fraction_alone(block: Block) -> Counts:
    """Only a fraction and no depth: a VAF without counts."""
    vaf = block.fractions("AF")
    nothing = np.full(len(block), np.nan)
    stated = ~np.isnan(vaf).all(axis=1)
    return _counts(block, "AF", stated, depth=nothing, alt=np.full_like(vaf, np.nan), vaf=vaf)


def depth_alone(block: Block) -> Counts:
    """No count of the allele at all; the depth where the sample states it."""
    depth = block.counts("DP", 1)[:, 0]
    alt = np.full((len(block), block.n_alts), np.nan)
    return _counts(block, "", np.ones(len(block), dtype=bool), depth=depth, alt=alt)


def _first_known(preferred: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(preferred), other, preferred)


def _wide(values: np.ndarray, block: Block) -> np.ndarray:
    """One column as many as there are alternate alleles; used only where there is one."""
    return values if block.n_alts == 1 else np.full((len(block), block.n_alts), np.nan)
