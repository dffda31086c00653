"""Read counts of one record and sample, from whatever fields its caller writes them to.

Each source below reads one way of stating counts and answers None where the record does not state it so;
the caller's list of sources (:mod:`clearher.variants.callers`) is tried in order. A missing value stays
missing: it never becomes 0.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Counts(NamedTuple):
    """Counts of one alternate allele; None is "not stated"."""

    field: str
    depth: int | None
    alt: int | None
    ref: int | None
    caller_vaf: float | None
    remark: str = ""


class Call(NamedTuple):
    """What a source may look at: the sample's values by FORMAT key, INFO, and the alleles."""

    sample: Mapping[str, str]
    info: str
    ref: str
    alts: list[str]


Source = Callable[[Call], "list[Counts] | None"]


def whole(text: str | None) -> int | None:
    """A count written as digits, else None (missing, negative, fractional or text)."""
    return int(text) if text and text.isascii() and text.isdigit() else None


def fraction(text: str | None) -> float | None:
    """A number or a percentage as a fraction, else None."""
    if not text or text == ".":
        return None
    try:
        value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def info_value(info: str, key: str) -> str | None:
    """Value of an INFO key, None where the key is absent or a flag."""
    marked = key + "="
    start = 0 if info.startswith(marked) else info.find(";" + marked) + 1
    if start == 0 and not info.startswith(marked):
        return None
    end = info.find(";", start)
    return info[start + len(marked) : end if end >= 0 else None]


def per_allele_depths(key: str) -> Source:
    """AD and its kin: one number for ref and one for each alternate allele."""

    def read(call: Call) -> list[Counts] | None:
        text = call.sample.get(key)
        if not text or text == ".":
            return None
        values = [whole(item) for item in text.split(",")]
        if len(values) != len(call.alts) + 1 or all(value is None for value in values):
            return None
        total = sum(value for value in values if value is not None)
        stated = whole(call.sample.get("DP")) if key == "AD" else None
        depth, remark = _depth(stated, total, complete=None not in values)
        fractions = _fractions(call.sample.get("AF") or call.sample.get("FA"), len(call.alts))
        return [
            Counts(key, depth, alt, values[0], share, remark)
            for alt, share in zip(values[1:], fractions, strict=True)
        ]

    return read


def _depth(stated: int | None, total: int, *, complete: bool) -> tuple[int | None, str]:
    """Depth from the stated one and the sum of the alleles, the larger; a remark where they contradict."""
    if stated is None:
        return (total if complete else None), ""
    if stated < total:
        return total, "depth_below_allele_sum"
    return stated, ""


def _fractions(text: str | None, n: int) -> list[float | None]:
    values = [fraction(item) for item in text.split(",")] if text else []
    return values if len(values) == n else [None] * n


def alt_only_depth(call: Call) -> list[Counts] | None:
    """VarScan: AD is the alternate count alone, RD the reference count, FREQ a percentage."""
    alt, ref = whole(call.sample.get("AD")), whole(call.sample.get("RD"))
    if alt is None or len(call.alts) != 1 or "RD" not in call.sample:
        return None
    depth, remark = _depth(whole(call.sample.get("DP")), alt + (ref or 0), complete=ref is not None)
    return [Counts("AD", depth, alt, ref, fraction(call.sample.get("FREQ")), remark)]


def vardict_depth(call: Call) -> list[Counts] | None:
    """VarDict without AD: VD variant reads of DP."""
    alt = whole(call.sample.get("VD"))
    if alt is None or len(call.alts) != 1:
        return None
    strands = [whole(item) for item in call.sample.get("RD", "").split(",")]
    ref = sum(strands) if None not in strands else None
    return [Counts("VD", whole(call.sample.get("DP")), alt, ref, fraction(call.sample.get("AF")))]


def observation_counts(call: Call) -> list[Counts] | None:
    """FreeBayes: RO reference and AO alternate observations."""
    ref = whole(call.sample.get("RO"))
    alts = [whole(item) for item in call.sample.get("AO", "").split(",")]
    if len(alts) != len(call.alts) or all(value is None for value in alts):
        return None
    total = (ref or 0) + sum(value for value in alts if value is not None)
    complete = ref is not None and None not in alts
    depth, remark = _depth(whole(call.sample.get("DP")), total, complete=complete)
    return [Counts("AO", depth, alt, ref, None, remark) for alt in alts]


def strand_counts_in_info(call: Call) -> list[Counts] | None:
    """LoFreq, which has no sample column: DP4 holds ref and alt by strand, DP the depth."""
    text = info_value(call.info, "DP4")
    values = [whole(item) for item in text.split(",")] if text else []
    if len(values) != 4 or None in values or len(call.alts) != 1:
        return None
    depth, remark = _depth(whole(info_value(call.info, "DP")), sum(values), complete=True)
    alt, ref = values[2] + values[3], values[0] + values[1]
    return [Counts("DP4", depth, alt, ref, fraction(info_value(call.info, "AF")), remark)]


def tier_base_counts(call: Call) -> list[Counts] | None:
    """Strelka somatic substitutions: AU CU GU TU, first number (tier 1); depth is their sum."""
    bases = {base: _first(call.sample.get(base + "U")) for base in "ACGT"}
    if None in bases.values() or len(call.ref) != 1 or any(alt not in bases for alt in call.alts):
        return None
    depth = sum(bases.values())
    return [Counts("AU,CU,GU,TU", depth, bases[alt], bases.get(call.ref), None) for alt in call.alts]


def tier_indel_counts(call: Call) -> list[Counts] | None:
    """Strelka somatic indels: TIR supports the indel, TAR other alleles, TOR neither; tier 1."""
    alt, ref = _first(call.sample.get("TIR")), _first(call.sample.get("TAR"))
    if alt is None or ref is None or len(call.alts) != 1:
        return None
    return [Counts("TIR,TAR", alt + ref, alt, ref, None)]


def _first(text: str | None) -> int | None:
    return whole(text.partition(",")[0]) if text else None


def umivar_counts(call: Call) -> list[Counts] | None:
    """umiVar: AC alternate reads of DP.

    Its files declare ``DP:AC`` but are written alternate count first in some releases, which the third
    number settles: AF must be AC / DP (imgag/umiVar, Test/CFDNA_01_hq.vcf.out).
    """
    depth, alt = whole(call.sample.get("DP")), whole(call.sample.get("AC"))
    if depth is None or alt is None or len(call.alts) != 1:
        return None
    remark = ""
    if alt > depth:
        depth, alt, remark = alt, depth, "depth_and_count_swapped"
    return [Counts("AC", depth, alt, None, fraction(call.sample.get("AF")), remark)]


def fraction_times_depth(call: Call) -> list[Counts] | None:
    """Last resort: the caller's AF times DP, rounded. Not a count, and named so."""
    depth = whole(call.sample.get("DP"))
    shares = _fractions(call.sample.get("AF"), len(call.alts))
    if depth is None or all(share is None for share in shares):
        return None
    return [
        Counts("AF*DP", depth, None if share is None else round(share * depth), None, share)
        for share in shares
    ]


def fraction_alone(call: Call) -> list[Counts] | None:
    """Only a fraction and no depth: a VAF without counts."""
    shares = _fractions(call.sample.get("AF"), len(call.alts))
    if all(share is None for share in shares):
        return None
    return [Counts("AF", None, None, None, share) for share in shares]


def depth_alone(call: Call) -> list[Counts]:
    """No count of the allele at all; the depth where the sample states it."""
    return [Counts("", whole(call.sample.get("DP")), None, None, None)] * len(call.alts)
