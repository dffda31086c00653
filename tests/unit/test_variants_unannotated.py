"""Variant files without gene symbols are one warning of the cohort."""

import pytest

from clearher.columns import variants as columns
from clearher.tables import frame_of
from clearher.variants.unannotated import annotated_samples, annotation_findings


def record(sample, gene="", pos=100, **further):
    usual = {"chrom": "17", "ref": "A", "alt": "C", "specimen": "plasma", "status": "CALLED"}
    names = {"subject_id": sample[:2], "sample_id": sample, "gene": gene, "pos": pos}
    return usual | {"variant_class": "SNV"} | names | further


def found(*records):
    table = annotation_findings(annotated_samples(frame_of(list(records), columns.VARIANTS)))
    assert set(table["check"]) <= {"variants_not_annotated"}
    assert set(table["severity"]) <= {"warning"}
    return [value.partition(":")[0] for value in table["value"]]


def test_files_without_a_gene_are_counted_and_the_first_samples_named():
    bare = [record(f"S{number}-A") for number in range(5)]
    assert found(*bare, record("S9-A", "TP53")) == [
        "no gene symbol in 5 of 6 variant files with calls, of samples S0-A, S1-A, S2-A and 2 more"
    ]


NO_WARNING = [
    ([record("S1-A", "TP53"), record("S1-A", pos=200)], "one allele outside of genes"),
    ([record("S1-A", consequence="intergenic_variant")], "annotated, and no gene there"),
    ([record("S1-A", status="REFERENCE")], "a forced genotype without reads"),
    ([record("S1-W", specimen="wbc")], "white cells: their genes are not used"),
    ([record("S1-A", variant_class="CNV", alt="<DUP>")], "a number of copies"),
    ([], "no variants"),
]


@pytest.mark.parametrize(("records", "why"), NO_WARNING, ids=[why for _, why in NO_WARNING])
def test_what_needs_no_gene_is_no_warning(records, why):
    assert found(*records) == []


def test_an_ensembl_identifier_is_no_symbol_and_a_copy_number_with_a_gene_annotates_no_file():
    """Trap: the lists of genes know symbols only."""
    ensembl = record("S1-A", "ENSG00000141510.17")
    copies = record("S1-A", "ERBB2", variant_class="CNV", alt="<DUP>")
    assert found(ensembl, copies) == ["no gene symbol in 1 of 1 variant files with calls, of samples S1-A"]


def test_the_warning_says_what_does_not_work_and_what_to_do():
    row = annotation_findings(annotated_samples(frame_of([record("S1-A")], columns.VARIANTS))).iloc[0]
    for words in ("clonal haematopoiesis", "clearance", "ERBB2", "landscape"):
        assert words in row["message"]
    assert "CSQ" in row["remedy"]
    assert "ANN" in row["remedy"]
