"""What a single read says about a variant: reference, alternate or something else."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import pysam

REF, ALT, OTHER, CONFLICT = 0, 1, 2, 3
NUCLEOTIDES = frozenset("ACGT")
UNKNOWN_QUALITY = 0

Observation = tuple[int, int]
Observer = Callable[[pysam.AlignedSegment], Observation | None]


class Site(NamedTuple):
    """A variant to count; start is 0-based, the alleles as in a VCF."""

    chrom: str
    start: int
    ref: str
    alt: str

    @property
    def end(self) -> int:
        """First position after the reference allele."""
        return self.start + len(self.ref)


def variant_class(ref: str, alt: str) -> str:
    """SNV, MNV, INS, DEL, COMPLEX, or empty where reads cannot be compared with the alleles.

    Empty for symbolic alleles, breakends, ``*`` and bases other than A, C, G, T.
    """
    if not ref or not alt or ref == alt or not NUCLEOTIDES.issuperset(ref + alt):
        return ""
    if len(ref) == len(alt):
        return "SNV" if len(ref) == 1 else "MNV"
    if len(ref) == 1 and alt.startswith(ref):
        return "INS"
    if len(alt) == 1 and ref.startswith(alt):
        return "DEL"
    return "COMPLEX"


def trimmed(site: Site) -> Site:
    """The same variant without bases common to the ends of both alleles; one base stays for an indel."""
    start, ref, alt = site.start, site.ref, site.alt
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return Site(site.chrom, start, ref, alt)


def observer(site: Site, min_base_quality: int, sequence: "Window | None" = None) -> Observer:
    """How to look at a read for one variant.

    Parameters
    ----------
    site : Site
        Trimmed variant of a supported class.
    min_base_quality : int
        A read whose quality at the variant is lower says nothing.
    sequence : Window, optional
        Reference around the variant; indels are then compared after shifting them to the left, and only
        reads that span the whole repeat count. Without it they are compared where the aligner put them.

    Returns
    -------
    callable
        From a read to (REF, ALT or OTHER, base quality), or None where the read says nothing: it does not
        span the variant, or its quality is too low.
    """
    kind = variant_class(site.ref, site.alt)
    if kind == "SNV":
        return _snv_observer(site, min_base_quality)
    if kind in ("INS", "DEL"):
        return _indel_observer(site, min_base_quality, sequence)
    return _haplotype_observer(site, min_base_quality)


def _snv_observer(site: Site, min_base_quality: int) -> Observer:
    position = site.start
    codes = {site.ref: REF, site.alt: ALT}

    def observe(read: pysam.AlignedSegment) -> Observation | None:
        query = _query_index(read, position)
        if query < 0:
            return None
        qualities = read.query_qualities
        quality = qualities[query] if qualities is not None else UNKNOWN_QUALITY
        if quality < min_base_quality:
            return None
        return codes.get(read.query_sequence[query], OTHER), quality

    return observe


def _haplotype_observer(site: Site, min_base_quality: int) -> Observer:
    codes = {site.ref: REF, site.alt: ALT}
    padded = len(site.ref) != len(site.alt)

    def observe(read: pysam.AlignedSegment) -> Observation | None:
        first = _query_index(read, site.start - padded)
        last = _query_index(read, site.end - 1 + padded)
        if first < 0 or last < 0:
            return None
        quality = _lowest_quality(read, first, last)
        if quality < min_base_quality:
            return None
        bases = read.query_sequence[first + padded : last + 1 - padded]
        return codes.get(bases, OTHER), quality

    return observe


class Window(NamedTuple):
    """A stretch of reference around a variant; start is 0-based."""

    start: int
    bases: str

    def at(self, start: int, length: int) -> str:
        """Reference bases from a position on."""
        return self.bases[start - self.start : start - self.start + length]

    def shifted_left(self, start: int, deleted: int, inserted: str) -> tuple[int, int, str]:
        """An indel moved as far left as the window allows; start is its first changed position."""
        while start - 1 > self.start and start + deleted <= self.start + len(self.bases):
            before = self.bases[start - 1 - self.start]
            last = inserted[-1] if inserted else self.bases[start + deleted - 1 - self.start]
            if before != last:
                break
            start -= 1
            inserted = before + inserted[:-1] if inserted else inserted
        return start, deleted, inserted

    def right_end(self, start: int, deleted: int, inserted: str) -> int:
        """First position after the stretch over which an indel can be shifted with the same meaning."""
        end = self.start + len(self.bases)
        while start + deleted < end:
            following = self.bases[start + deleted - self.start]
            first = inserted[0] if inserted else self.bases[start - self.start]
            if following != first:
                break
            start += 1
            inserted = inserted[1:] + following if inserted else inserted
        return start + deleted


def _indel_observer(site: Site, min_base_quality: int, window: Window | None) -> Observer:
    target = (site.start + 1, len(site.ref) - 1, site.alt[1:])
    after = site.end
    if window is not None:
        target = window.shifted_left(*target)
        after = window.right_end(*target)
    anchor = target[0] - 1

    def observe(read: pysam.AlignedSegment) -> Observation | None:
        first, last = _query_index(read, anchor), _query_index(read, after)
        if first < 0 or last < 0:
            return None
        quality = _lowest_quality(read, first, last)
        if quality < min_base_quality:
            return None
        events = [
            event for event in indels(read) if anchor < event[0] <= after and event[0] + event[1] <= after
        ]
        if window is not None:
            events = [window.shifted_left(*event) for event in events]
        if not events:
            return REF, quality
        return (ALT if events == [target] else OTHER), quality

    return observe


def _lowest_quality(read: pysam.AlignedSegment, first: int, last: int) -> int:
    qualities = read.query_qualities
    return min(qualities[first : last + 1]) if qualities is not None else UNKNOWN_QUALITY


def _query_index(read: pysam.AlignedSegment, position: int) -> int:
    """Index of the read's base at a reference position; -1 where it has none (outside, deleted, skipped)."""
    within = position - read.reference_start
    for first, last, shift in aligned_blocks(read.cigarstring):
        if first <= within < last:
            return within + shift
    return -1


@lru_cache(maxsize=100_000)
def aligned_blocks(cigar: str | None) -> tuple[tuple[int, int, int], ...]:
    """Stretches aligned base to base: first and last offset from the alignment start (half-open), and what
    to add to such an offset for the index in the read. None of a read whose alignment is not given ("*").
    """
    blocks, offset, query = [], 0, 0
    for operation, length in _operations(cigar):
        if operation in "M=X":
            blocks.append((offset, offset + length, query - offset))
        if operation in "M=XDN":
            offset += length
        if operation in "M=XIS":
            query += length
    return tuple(blocks)


def _operations(cigar: str | None) -> list[tuple[str, int]]:
    operations, digits = [], ""
    for character in cigar or "":
        if character.isdigit():
            digits += character
        else:
            operations.append((character, int(digits)))
            digits = ""
    return operations


def indels(read: pysam.AlignedSegment) -> list[tuple[int, int, str]]:
    """Insertions and deletions of a read as (first changed position 0-based, bases deleted, inserted)."""
    events, position, query = [], read.reference_start, 0
    for operation, length in _operations(read.cigarstring):
        if operation == "I":
            events.append((position, 0, read.query_sequence[query : query + length]))
        if operation == "D":
            events.append((position, length, ""))
        if operation in "M=XDN":
            position += length
        if operation in "M=XIS":
            query += length
    return events
