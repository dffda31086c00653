"""ERBB2 alleles that filters took away: none unseen, and inherited ones not hundreds of times."""

import pytest

from clearher.columns import variants as columns
from clearher.tables import frame_of
from clearher.variants.watched import of_watched_gene, watched_gene_findings


def record(subject, visit, pos, status="FILTERED", reasons="population", **further):
    usual = {"chrom": "17", "ref": "A", "alt": "C", "gene": "ERBB2", "hgvsp": "p.Ile655Val"}
    sample = {"subject_id": subject, "sample_id": f"{subject}-{visit}", "specimen": "plasma"}
    return usual | sample | {"pos": pos, "status": status, "reasons": reasons} | further


def findings(records):
    rows = of_watched_gene(frame_of(list(records), columns.VARIANTS))
    return watched_gene_findings(rows, call_filters=["few_alt", "low_vaf"])


def found(*records):
    table = findings(records)
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
    rows = [record("S1", "A", 100), record("S1", "B", 100, reasons="one_strand")]
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


def test_what_cannot_be_counted_is_one_finding_a_subject():
    """Trap: a mutation in a file without counts is neither called nor filtered, and was nowhere."""
    unsaid = {"status": "NOT_SUPPORTED", "reasons": "", "hgvsp": "p.S310F"}
    rows = [record("S1", visit, 100, **unsaid) for visit in "AB"]
    rows += [
        record("S1", "A", 200, alt="A]17:9]", **unsaid),
        record("S1", "W", 300, specimen="wbc", **unsaid),
    ]
    (finding,) = findings(rows).to_dict("records")
    assert (finding["check"], finding["subject_id"], finding["sample_id"]) == (
        "erbb2_not_supported",
        "S1",
        "",
    )
    assert finding["value"].startswith("17:100 A>C p.S310F, 17:200 A>A]17:9] p.S310F: stated without reads")


def faint(visit, pos, alt_count, **further):
    shown = {"status": "BELOW_CALL", "reasons": "few_alt", "alt_count": alt_count, "depth": 3000}
    return record("S1", visit, pos, **{"hgvsp": ""} | shown | further)


def test_noise_below_the_limits_of_a_call_is_one_finding_a_subject():
    """Trap: a file before filtering names thousands of such alleles; those with most reads come first."""
    noise = [faint("A", 100 + i, 1 + i % 3) for i in range(50)]
    both = [faint("A", 400, 4), faint("B", 400, 2, reasons="caller_filter;few_alt", status="FILTERED")]
    assert found(*noise, *both) == [
        [
            "S1",
            "",
            "17:400 A>C (4 of 3000), 17:102 A>C (3 of 3000), 17:105 A>C (3 of 3000) and 48 more: too few "
            "reads for a call in each sample that shows it",
        ]
    ]


ALONE = [
    # further records of the allele, why
    ([faint("B", 100, 9, status="CALLED", reasons="")], "called at another visit"),
    ([faint("B", 100, 9, status="FILTERED", reasons="one_strand")], "evidence enough, but on one strand"),
]


@pytest.mark.parametrize(("further", "why"), ALONE)
def test_an_allele_with_evidence_at_one_visit_stands_alone(further, why):
    assert found(faint("A", 100, 1), *further)[0][2].startswith("17:100 A>C: taken away in"), why


def test_a_faint_hotspot_stands_alone():
    hotspot = faint("A", 100, 2, hotspot=True, hgvsp="p.L755S")
    assert found(hotspot) == [["S1", "S1-A", "17:100 A>C p.L755S: taken away in 1 of 1 samples that show it"]]


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
    table = findings(records)
    gains = table[table["check"] == "erbb2_gain_in_plasma"]
    assert gains["value"].tolist() == ([said] if said else []), why
    assert set(gains["severity"]) <= {"warning"}
