"""ERBB2 alleles that filters took away: none unseen, and inherited ones not hundreds of times."""

import pytest

from clearher.columns import variants as columns
from clearher.tables import frame_of
from clearher.variants.watched import watched_gene_findings


def record(subject, visit, pos, status="FILTERED", reasons="population", **further):
    usual = {"chrom": "17", "ref": "A", "alt": "C", "gene": "ERBB2", "hgvsp": "p.Ile655Val"}
    sample = {"subject_id": subject, "sample_id": f"{subject}-{visit}", "specimen": "plasma"}
    return usual | sample | {"pos": pos, "status": status, "reasons": reasons} | further


def found(*records):
    table = watched_gene_findings(frame_of(list(records), columns.VARIANTS))
    assert set(table["check"]) <= {"erbb2_filtered"}
    return table[["subject_id", "sample_id", "value"]].to_numpy().tolist()


def test_inherited_alleles_are_summed_up_and_others_stand_alone():
    """One SNP in three subjects is one line; a filtered mutation is a line of its subject."""
    common = [record(f"S{i}", visit, 100, reasons="few_alt;population") for i in (1, 2) for visit in "AB"]
    germline = record("S3", "A", 100, reasons="germline_white_cells")
    mutation = [record("S1", visit, 200, reasons="one_strand", hgvsp="p.L755S") for visit in "AB"]
    assert found(*common, germline, *mutation) == [
        ["", "", "17:100 A>C p.Ile655Val: taken away as inherited in 3 subjects, 5 samples"],
        ["S1", "", "17:200 A>C p.L755S: taken away in 2 of 2 samples that show it"],
    ]


def test_an_allele_inherited_in_one_record_and_not_in_another_is_shown_for_its_subject():
    rows = [record("S1", "A", 100), record("S1", "B", 100, status="BELOW_CALL", reasons="few_alt")]
    assert [row[0] for row in found(*rows)] == ["S1"]
    called = [record("S1", "A", 100), record("S1", "B", 100, status="CALLED", reasons="")]
    assert found(*called) == [
        ["S1", "S1-A", "17:100 A>C p.Ile655Val: taken away in 1 of 2 samples that show it"]
    ]


def test_what_is_called_white_cells_and_other_genes_are_no_findings():
    rows = [
        record("S1", "A", 100, status="CALLED", reasons=""),
        record("S1", "W", 200, specimen="wbc"),
        record("S1", "A", 300, gene="TP53"),
        record("S1", "A", 400, status="REFERENCE", reasons=""),
    ]
    assert found(*rows) == []


def gain(visit, copies, alt="<DUP>", **further):
    usual = {"alt": alt, "variant_class": "CNV", "copy_number": copies, "hgvsp": ""}
    return record("S1", visit, 500, status="CALLED", reasons="", **usual | further) | {"visit": visit}


GAINS = [
    # records, what the finding says, why
    ([gain("A", 2.7)], "copies above 2 in plasma at A (2.7)", "a number of copies"),
    ([gain("A", None), gain("B", 8)], "copies above 2 in plasma at A (number not stated), B (8)", "by name"),
    ([gain("A", 6, alt="<CNV>")], "copies above 2 in plasma at A (6)", "by number"),
    ([gain("A", 1.1)], "", "a duplication of one part, no gain of the gene"),
    ([gain("A", None, alt="<CNV>")], "", "neither name nor number says gain"),
    ([gain("A", 6, specimen="tissue")], "", "tissue is not plasma"),
    ([gain("A", 6, gene="MYC")], "", "another gene"),
    ([gain("A", 6) | {"status": "FILTERED", "reasons": "caller_filter"}], "", "the caller rejects it"),
]


@pytest.mark.parametrize(("records", "said", "why"), GAINS)
def test_a_gain_in_plasma_is_a_warning(records, said, why):
    table = watched_gene_findings(frame_of(records, columns.VARIANTS))
    gains = table[table["check"] == "erbb2_gain_in_plasma"]
    assert gains["value"].tolist() == ([said] if said else []), why
    assert set(gains["severity"]) <= {"warning"}
