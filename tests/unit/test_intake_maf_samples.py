"""A MAF of several samples: which rows are whose, known before a run."""

import pytest

from clearher.intake.vcf_header import Use, check_file, shared_columns

HEADER = (
    "Hugo_Symbol\tChromosome\tStart_Position\tReference_Allele\tTumor_Seq_Allele2\tTumor_Sample_Barcode\n"
)
ROW = "TP53\t17\t7674220\tC\tT\t{}\n"


@pytest.mark.parametrize(
    ("barcodes", "vcf_sample", "found", "why"),
    [
        (["A", "B"], "A", None, "named and there"),
        (["A", "B"], "", "no Tumor_Sample_Barcode 'P1'", "several, and none has the sample's id"),
        (["P1", "B"], "", None, "the sample's id"),
        (["A"], "", None, "a table of one sample"),
        ([], "", None, "a header alone: no calls"),
        (["A", "B"], "C", "no Tumor_Sample_Barcode 'C'", "a slip, or a sample without calls"),
        ([], "C", "no Tumor_Sample_Barcode 'C'", "the same"),
    ],
)
def test_a_sample_that_a_maf_does_not_name_is_told_before_the_run(tmp_path, barcodes, vcf_sample, found, why):
    path = tmp_path / "calls.maf"
    path.write_text("#version 2.4\n" + HEADER + "".join(ROW.format(name) for name in barcodes))
    problems = check_file(path, vcf_sample, sample_id="P1")
    assert [problem.found for problem in problems] == ([found] if found else []), why
    assert all("A MAF does not list a sample without calls" in problem.remedy for problem in problems)


@pytest.mark.parametrize(
    ("barcodes", "samples", "named", "why"),
    [
        (["A"], [("P1", ""), ("W1", "")], ["P1, W1"], "tumour counts would be taken for white cells"),
        (["A", "B"], [("P1", "A"), ("P2", "A"), ("P3", "B")], ["P1, P2"], "A twice"),
        (["P1", "P2"], [("P1", ""), ("P2", "")], [], "each its rows"),
        ([], [("P1", ""), ("P2", "")], [], "no calls"),
    ],
)
def test_rows_of_a_maf_for_two_samples_are_refused(tmp_path, barcodes, samples, named, why):
    path = tmp_path / "calls.maf"
    path.write_text(HEADER + "".join(ROW.format(name) for name in barcodes))
    problems = shared_columns(Use(name, str(path), stated, "plasma") for name, stated in samples)
    assert [problem.found.partition("named for ")[2] for problem in problems] == named, why
