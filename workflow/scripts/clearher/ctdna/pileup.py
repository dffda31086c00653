"""Bases of a read file per position of a region, by fragments or by reads."""

from array import array
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pysam

from clearher.ctdna.alleles import UNKNOWN_QUALITY, aligned_blocks, indels

BASES = "ACGT"
CODES = np.full(256, -1, dtype=np.int8)
CODES[[ord(base) for base in BASES]] = range(4)


class Pileup(NamedTuple):
    """Counts per position of a region.

    Attributes
    ----------
    bases : numpy.ndarray
        positions x 4 (A, C, G, T).
    indels : numpy.ndarray
        Fragments with an insertion or deletion right after the position.
    """

    bases: np.ndarray
    indels: np.ndarray


class Evidence(NamedTuple):
    """Bases seen in a region: one element a base of a read."""

    fragment: np.ndarray
    position: np.ndarray
    code: np.ndarray
    quality: np.ndarray


def pileup(
    reads: pysam.AlignmentFile,
    contig: str,
    start: int,
    end: int,
    *,
    accepts: Callable[[pysam.AlignedSegment], bool],
    unit: str,
    min_base_quality: int,
    conflict_quality_difference: int,
) -> Pileup:
    """Count the bases at each position of a region.

    Parameters
    ----------
    reads : pysam.AlignmentFile
        Indexed.
    contig, start, end : str, int, int
        Region, 0-based half-open.
    accepts : callable
        Which reads count.
    unit : str
        "fragment": where the two reads of a fragment overlap, its base counts once; on disagreement the
        better one if its quality is higher by more than ``conflict_quality_difference``, else none.
        "read": every read counts.
    min_base_quality : int
        Lowest quality of a base that counts.
    """
    width = end - start
    taken = [read for read in reads.fetch(contig, start, end) if accepts(read)]
    evidence = _evidence(taken, start, end, min_base_quality)
    if unit == "fragment":
        evidence = one_base_a_fragment(evidence, width, conflict_quality_difference)
    index = evidence.position.astype(np.int64) * 4 + evidence.code
    bases = np.bincount(index, minlength=4 * width).reshape(width, 4)
    return Pileup(bases, _indel_counts(taken, start, width))


def _evidence(reads: Iterable[pysam.AlignedSegment], start: int, end: int, min_base_quality: int) -> Evidence:
    numbers: dict[str, int] = {}
    bases, qualities = [], []
    stretches: list[tuple[int, int, int]] = []
    for read in reads:
        fragment = numbers.setdefault(read.query_name, len(numbers))
        sequence, quality = read.query_sequence, read.query_qualities
        for first, last, shift in aligned_blocks(read.cigarstring):
            bases.append(sequence[first + shift : last + shift])
            qualities.append(_quality_bytes(quality, first + shift, last + shift))
            stretches.append((fragment, read.reference_start + first - start, last - first))
    fragment, first, length = np.array(stretches, dtype=np.int64).reshape(-1, 3).T
    before = np.cumsum(length) - length
    position = np.repeat(first - before, length) + np.arange(length.sum())
    code = CODES[np.frombuffer("".join(bases).encode(), dtype=np.uint8)]
    quality = np.frombuffer(b"".join(qualities), dtype=np.uint8).astype(np.int16)
    good = (quality >= min_base_quality) & (code >= 0) & (position >= 0) & (position < end - start)
    return Evidence(np.repeat(fragment, length)[good], position[good], code[good], quality[good])


def _quality_bytes(quality: array | None, first: int, last: int) -> bytes:
    return bytes([UNKNOWN_QUALITY]) * (last - first) if quality is None else quality[first:last].tobytes()


def one_base_a_fragment(evidence: Evidence, width: int, conflict_quality_difference: int) -> Evidence:
    """Evidence in which each fragment has at most one base a position."""
    place = evidence.fragment * width + evidence.position
    order = np.lexsort((-evidence.quality, place))
    place = place[order]
    code, quality = evidence.code[order], evidence.quality[order]
    best = np.ones(len(place), dtype=bool)
    best[1:] = place[1:] != place[:-1]
    follows = np.zeros(len(place), dtype=bool)
    follows[:-1] = ~best[1:]
    second = np.flatnonzero(best & follows) + 1
    disagree = code[second] != code[second - 1]
    close = quality[second - 1] - quality[second] <= conflict_quality_difference
    best[second[disagree & close] - 1] = False
    kept = order[best]
    return Evidence(*(column[kept] for column in evidence))


def _indel_counts(reads: Iterable[pysam.AlignedSegment], start: int, width: int) -> np.ndarray:
    seen = set()
    for read in reads:
        cigar = read.cigarstring or ""
        if "I" in cigar or "D" in cigar:
            seen |= {(read.query_name, event[0] - 1 - start) for event in indels(read)}
    places = np.array([place for _, place in seen if 0 <= place < width], dtype=np.int64)
    return np.bincount(places, minlength=width)
