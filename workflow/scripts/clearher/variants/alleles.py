"""Alleles: which can be counted, how they are written shortest, and what class they are."""

import re
from functools import lru_cache
from typing import NamedTuple, Protocol

BASES = re.compile(r"[ACGTacgt]+")
BASES_OR_N = re.compile(r"[ACGTNacgtn]+")
SYMBOL = re.compile(r"<[^<>,\s]+>")
BREAKEND = re.compile(r"(?:[ACGTNacgtn]+[\[\]][^\[\]\s]+[\[\]]|[\[\]][^\[\]\s]+[\[\]][ACGTNacgtn]+)")
SINGLE_BREAKEND = re.compile(r"(?:\.[ACGTNacgtn]+|[ACGTNacgtn]+\.)")
COPY_NUMBER_SYMBOLS = ("<CNV", "<DUP", "<DEL", "<CN")
NO_OTHER_ALLELE = ("<*>", "<NON_REF>", "<X>")


class Allele(NamedTuple):
    """One alternate allele as it will be reported.

    ``offset`` is what trimming adds to the position; ``support`` is "" for an allele that can be counted,
    else the reason why not; ``malformed`` says what the format forbids (then nothing else counts).
    """

    offset: int
    ref: str
    alt: str
    variant_class: str
    support: str
    malformed: str


class Reference(Protocol):
    """Access to a reference sequence, as :class:`pysam.FastaFile` gives it."""

    def fetch(self, reference: str, start: int, end: int) -> str:
        """Bases of the half-open 0-based interval."""


@lru_cache(maxsize=200_000)
def interpret(ref: str, alt: str) -> Allele:
    """Classify one REF/ALT pair of a record and write it with as few bases as possible.

    Common bases are cut at the end, then at the start, and one base is always left on both sides
    (Tan et al. 2015, without the shift to the left, which needs the reference).

    Parameters
    ----------
    ref, alt : str
        As in the record; ``alt`` one element of the comma-separated list, not ".".

    Returns
    -------
    Allele
        Symbolic alleles, breakends, ``*`` and alleles with N come back unchanged with a reason in
        ``support``: they can neither be tracked nor counted.
    """
    if not BASES.fullmatch(ref):
        if BASES_OR_N.fullmatch(ref):
            return Allele(0, ref, alt, "OTHER", "ref_with_n", "")
        if ref == "*":
            return Allele(0, ref, alt, "OTHER", "spanning_deletion", "")
        return Allele(0, ref, alt, "OTHER", "", f"REF {ref!r}")
    if not BASES.fullmatch(alt):
        return _not_a_sequence(ref, alt)
    return _trimmed(ref.upper(), alt.upper())


def _not_a_sequence(ref: str, alt: str) -> Allele:
    if alt == "*":
        return Allele(0, ref, alt, "OTHER", "spanning_deletion", "")
    if BASES_OR_N.fullmatch(alt):
        return Allele(0, ref, alt, "OTHER", "alt_with_n", "")
    if SYMBOL.fullmatch(alt):
        kind = "CNV" if alt.startswith(COPY_NUMBER_SYMBOLS) else "OTHER"
        return Allele(0, ref, alt, kind, "symbolic", "")
    if BREAKEND.fullmatch(alt) or SINGLE_BREAKEND.fullmatch(alt):
        return Allele(0, ref, alt, "OTHER", "breakend", "")
    return Allele(0, ref, alt, "OTHER", "", f"ALT {alt!r}")


def _trimmed(ref: str, alt: str) -> Allele:
    if ref == alt:
        return Allele(0, ref, alt, "OTHER", "", f"ALT equal to REF {ref!r}")
    end = 0
    while end < min(len(ref), len(alt)) - 1 and ref[-1 - end] == alt[-1 - end]:
        end += 1
    ref, alt = ref[: len(ref) - end], alt[: len(alt) - end]
    start = 0
    while start < min(len(ref), len(alt)) - 1 and ref[start] == alt[start]:
        start += 1
    ref, alt = ref[start:], alt[start:]
    return Allele(start, ref, alt, variant_class(ref, alt), "", "")


def variant_class(ref: str, alt: str) -> str:
    """SNV, MNV, INS, DEL or COMPLEX of a trimmed allele of plain bases.

    An allele that could not be trimmed further because one side has a single base left (C>AAC) is an
    insertion or deletion at its end.
    """
    if len(ref) == len(alt):
        return "SNV" if len(ref) == 1 else "MNV"
    if len(ref) == 1 and (alt.startswith(ref) or alt.endswith(ref)):
        return "INS"
    if len(alt) == 1 and (ref.startswith(alt) or ref.endswith(alt)):
        return "DEL"
    return "COMPLEX"


def left_align(
    chrom: str, pos: int, ref: str, alt: str, reference: Reference, *, window: int = 200
) -> tuple[int, str, str]:
    """Shift an insertion or deletion as far left as the sequence allows.

    Parameters
    ----------
    chrom, pos, ref, alt
        Trimmed allele with its 1-based position.
    reference : Reference
        Sequence access.
    window : int
        Bases fetched at a time.

    Returns
    -------
    tuple
        Position, ref and alt of the same haplotype (Tan et al. 2015, Bioinformatics 31:2202).
    """
    start, before = pos, ""
    while start > 1 and ref[-1] == alt[-1]:
        if not before:
            low = max(0, start - 1 - window)
            before = reference.fetch(chrom, low, start - 1).upper()
            if not before:
                break
        base, before = before[-1], before[:-1]
        ref, alt, start = base + ref[:-1], base + alt[:-1], start - 1
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    return start, ref, alt
