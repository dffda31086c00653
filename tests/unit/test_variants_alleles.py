"""Alleles: trimming, classes, support, shift to the left."""

import pytest

from clearher.variants.alleles import interpret, left_align

TRIMMED = [
    # REF, ALT, offset, ref, alt, class
    ("C", "T", 0, "C", "T", "SNV"),
    ("c", "t", 0, "C", "T", "SNV"),
    ("TCC", "CCC", 0, "T", "C", "SNV"),  # padded at the end
    ("AGA", "AGC", 2, "A", "C", "SNV"),  # padded at the start
    ("CC", "GG", 0, "CC", "GG", "MNV"),
    ("TATC", "GATA", 0, "TATC", "GATA", "MNV"),
    ("CTC", "C", 0, "CTC", "C", "DEL"),
    ("GCTC", "GC", 0, "GCT", "G", "DEL"),
    ("T", "TG", 0, "T", "TG", "INS"),
    ("C", "AAAAAC", 0, "C", "AAAAAC", "INS"),  # needs the base before it
    ("CT", "AAAAACT", 0, "C", "AAAAAC", "INS"),
    ("C", "AA", 0, "C", "AA", "COMPLEX"),
    ("TCTGGGGACAAA", "TAA", 0, "TCTGGGGACA", "T", "DEL"),
]


@pytest.mark.parametrize(("ref", "alt", "offset", "short_ref", "short_alt", "kind"), TRIMMED)
def test_alleles_are_written_as_short_as_possible(ref, alt, offset, short_ref, short_alt, kind):
    allele = interpret(ref, alt)
    assert (allele.offset, allele.ref, allele.alt) == (offset, short_ref, short_alt)
    assert allele.variant_class == kind
    assert not allele.support
    assert not allele.malformed


NOT_SUPPORTED = [
    ("A", "*", "spanning_deletion", "OTHER"),
    ("*", "C", "spanning_deletion", "OTHER"),
    ("A", "<DEL>", "symbolic", "CNV"),
    ("A", "<DUP:TANDEM>", "symbolic", "CNV"),
    ("A", "<*>", "symbolic", "OTHER"),
    ("A", "<INV>", "symbolic", "OTHER"),
    ("A", "]fake:150]A", "breakend", "OTHER"),
    ("C", "C[fake:100[", "breakend", "OTHER"),
    ("A", "A.", "breakend", "OTHER"),
    ("G", "GN", "alt_with_n", "OTHER"),
    ("N", "A", "ref_with_n", "OTHER"),
]


@pytest.mark.parametrize(("ref", "alt", "reason", "kind"), NOT_SUPPORTED)
def test_alleles_that_cannot_be_counted_are_kept_as_written(ref, alt, reason, kind):
    allele = interpret(ref, alt)
    assert (allele.ref, allele.alt, allele.support, allele.variant_class) == (ref, alt, reason, kind)


@pytest.mark.parametrize(
    ("ref", "alt"),
    [
        ("BA", "A"),
        ("C,A", "T"),
        (".", "A"),
        ("A", "R"),
        ("A", "A T"),
        ("A", ""),
        ("A", "<<DEL>>"),
        ("A", "A"),
        ("A", "[1:5["),
    ],
)
def test_what_the_format_forbids_is_malformed(ref, alt):
    assert interpret(ref, alt).malformed


class Sequence:
    """A reference of one contig."""

    def __init__(self, bases):
        self.bases = bases

    def fetch(self, reference, start, end):
        return self.bases[start:end]


SHIFTED = [
    # reference, position, ref, alt, then position, ref and alt after the shift
    ("TAAAAC", 5, "AC", "C", 1, "TA", "T"),
    ("TAAAAC", 5, "A", "AA", 1, "T", "TA"),
    ("GACGACT", 4, "GAC", "C", 3, "CGA", "C"),
    ("ACGTACGT", 5, "A", "G", 5, "A", "G"),
]


@pytest.mark.parametrize(("bases", "pos", "ref", "alt", "new_pos", "new_ref", "new_alt"), SHIFTED)
def test_indels_move_to_the_left_as_far_as_the_sequence_allows(
    bases, pos, ref, alt, new_pos, new_ref, new_alt
):
    assert left_align("1", pos, ref, alt, Sequence(bases)) == (new_pos, new_ref, new_alt)


def test_a_repeat_of_two_bases_moves_as_a_whole():
    """GG CACACA T: removal of the last CA is removal of the first."""
    assert left_align("1", 6, "ACA", "A", Sequence("GGCACACAT")) == (2, "GCA", "G")


def test_the_shift_crosses_the_window_of_one_fetch():
    bases = "G" + "A" * 500 + "T"
    assert left_align("1", 500, "AA", "A", Sequence(bases), window=50) == (1, "GA", "G")
