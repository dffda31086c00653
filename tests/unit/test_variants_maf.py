"""Rows of a MAF: places, counts, the reference, columns of the normal."""

import numpy as np
import pysam
import pytest

from clearher.problems import InputError
from clearher.variants.calls import ReadOptions
from clearher.variants.maf import read_maf

PLACE = ("Hugo_Symbol", "Chromosome", "Start_Position", "Reference_Allele", "Tumor_Seq_Allele2")
COUNTS = ("Tumor_Sample_Barcode", "t_depth", "t_ref_count", "t_alt_count", "n_alt_count")
SEQUENCE = "GAAAATCC"


@pytest.fixture
def read(tmp_path):
    """One row of a MAF as it is read, and what was noted."""
    fasta = tmp_path / "ref.fa"
    fasta.write_text(f">chr17\n{SEQUENCE}\n")
    pysam.faidx(str(fasta))

    def reader(start, ref, alt, counts=("1000", "960", "40"), normal="", with_reference=False):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.maf"
        cells = ("G", "chr17", start, ref, alt, "S", *counts, normal)
        path.write_text("\t".join([*PLACE, *COUNTS]) + "\n" + "\t".join(cells) + "\n")
        options = ReadOptions(reference=pysam.FastaFile(str(fasta)) if with_reference else None)
        calls = read_maf(path, sample_id="S", options=options)
        return calls.frame().iloc[0], [problem.check for problem in calls.notes.problems()]

    return reader


DEPTHS = [
    # t_depth, t_ref_count, t_alt_count, depth, notes, why
    ("1000", "960", "40", 1000, [], "as stated"),
    ("", "960", "40", 1000, [], "not stated: the sum of the alleles"),
    ("10", "900", "40", 940, ["depth_below_allele_sum"], "below the sum of the alleles"),
    (
        "0",
        "",
        "40",
        40,
        ["depth_below_allele_sum"],
        "trap: alt reads at depth 0 looked like a place not read",
    ),
    ("1000", "", "", 1000, ["no_counts"], "alt is not known, and not 0"),
]


@pytest.mark.parametrize(("depth", "ref", "alt", "expected", "notes", "why"), DEPTHS)
def test_depth_is_not_below_the_alleles(read, depth, ref, alt, expected, notes, why):
    row, noted = read("5", "A", "T", counts=(depth, ref, alt))
    assert (row["depth"], noted) == (expected, notes), why
    assert np.isnan(row["alt_count"]) == (alt == ""), why


PLACES = [
    # start, ref, alt, then position, ref, alt and notes, why
    ("5", "A", "-", (1, "GA", "G"), [], "the last A of four is the first"),
    ("5", "-", "A", (1, "G", "GA"), [], "an A more"),
    ("4", "AA", "A", (1, "GA", "G"), [], "written with a base of both alleles"),
    ("6", "T", "C", (6, "T", "C"), [], "a substitution stays"),
    ("6", "G", "C", (6, "G", "C"), ["reference_mismatch"], "another base in the reference"),
    ("90", "G", "C", (90, "G", "C"), ["reference_mismatch"], "behind its end"),
]


@pytest.mark.parametrize(("start", "ref", "alt", "expected", "notes", "why"), PLACES)
def test_alleles_are_held_against_the_reference_as_those_of_a_vcf(
    read, start, ref, alt, expected, notes, why
):
    row, noted = read(start, ref, alt, with_reference=True)
    assert (row["pos"], row["ref"], row["alt"]) == expected, why
    assert noted == notes, why


@pytest.mark.parametrize("start", ["NA", "", "1e2", "5.0", "-5"])
def test_a_position_that_is_none_is_refused_with_its_row(read, start):
    with pytest.raises(InputError, match=r"row 2.*a whole number"):
        read(start, "A", "T")


@pytest.mark.parametrize(("normal", "notes"), [("", []), (".", []), ("3", ["normal_counts_unused"])])
def test_counts_of_the_normal_are_not_read_and_that_is_said(read, normal, notes):
    assert read("5", "A", "T", normal=normal)[1] == notes
