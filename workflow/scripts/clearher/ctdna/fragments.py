"""From reads to fragments: one vote per molecule, with a rule for reads that disagree."""

from typing import NamedTuple

import pysam

from clearher.ctdna.alleles import ALT, CONFLICT, OTHER, REF

# What a fragment says about a variant: allele (REF, ALT, OTHER, or CONFLICT where two reads disagree and
# neither is clearly better), best base quality that supports it, and whether the supporting read is on the
# reverse strand (the first read of the pair where both support it). A plain tuple: millions are made.
Vote = tuple[int, int, bool]


class Tally(NamedTuple):
    """Counts of one variant in one read file."""

    ref: int
    alt: int
    total: int
    alt_forward: int
    alt_reverse: int
    alt_fragments: frozenset[str]


class FragmentVotes:
    """Votes of the fragments at one site; a fragment is a read name."""

    def __init__(self, conflict_quality_difference: int) -> None:
        self.conflict_quality_difference = conflict_quality_difference
        self.votes: dict[str, Vote] = {}

    def add(self, read: pysam.AlignedSegment, allele: int, quality: int) -> None:
        """Take in what a read says."""
        vote = (allele, quality, read.is_reverse)
        earlier = self.votes.setdefault(read.query_name, vote)
        if earlier is not vote:
            self.votes[read.query_name] = combined(
                earlier, vote, self.conflict_quality_difference, read.is_read1
            )

    def tally(self) -> Tally:
        """Counts in fragments."""
        alt_fragments = frozenset(name for name, vote in self.votes.items() if vote[0] == ALT)
        return _tally(list(self.votes.values()), alt_fragments)


class ReadVotes:
    """Votes of single reads at one site, for comparison with tools that count reads."""

    def __init__(self) -> None:
        self.votes: list[Vote] = []
        self.alt_fragments: set[str] = set()

    def add(self, read: pysam.AlignedSegment, allele: int, quality: int) -> None:
        """Take in what a read says."""
        self.votes.append((allele, quality, read.is_reverse))
        if allele == ALT:
            self.alt_fragments.add(read.query_name)

    def tally(self) -> Tally:
        """Counts in reads."""
        return _tally(self.votes, frozenset(self.alt_fragments))


Votes = FragmentVotes | ReadVotes


def combined(first: Vote, second: Vote, conflict_quality_difference: int, second_is_read1: bool) -> Vote:
    """One vote from two reads of a fragment.

    Same allele: the better quality. A third allele yields to ref or alt. Ref against alt: the one whose
    quality is higher by more than ``conflict_quality_difference``, else CONFLICT; a tie is never given to the
    reference, which would lower the VAF.

    References
    ----------
    msk-access/py-gbcms, docs/reference/counting-metrics.md (consensus of read 1 and read 2).
    """
    first_allele, first_quality, first_reverse = first
    second_allele, second_quality, second_reverse = second
    if first_allele == second_allele:
        reverse = second_reverse if second_is_read1 else first_reverse
        return first_allele, max(first_quality, second_quality), reverse
    if OTHER in (first_allele, second_allele):
        return second if first_allele == OTHER else first
    if abs(first_quality - second_quality) <= conflict_quality_difference:
        return CONFLICT, max(first_quality, second_quality), first_reverse
    return first if first_quality > second_quality else second


def _tally(votes: list[Vote], alt_fragments: frozenset[str]) -> Tally:
    alleles = [vote[0] for vote in votes]
    reverse = sum(vote[2] for vote in votes if vote[0] == ALT)
    alt = alleles.count(ALT)
    return Tally(alleles.count(REF), alt, len(votes), alt - reverse, reverse, alt_fragments)
