"""Filters as configured: defaults on literal alleles, missing inputs, statuses, attrition."""

import numpy as np
import pandas as pd
import pytest

from clearher.problems import InputError
from clearher.variants.batch import read_batch
from clearher.variants.expressions import masked
from clearher.variants.filters import attrition, decided, make_filters, names_any, run_filters
from clearher.variants.resources import VariantResources, load_resources
from clearher.variants.watched import of_watched_gene, watched_gene_findings
from variants_builders import META, allele, sample_rows, write_vcf


@pytest.fixture
def run(tmp_path, settings):
    """Variants of one plasma file, with white cells where records for them are given."""

    def runner(records, *, white_cells=None, resources=None, change=None, tissue=None):
        meta = (META[0], "##source=Mutect2", *META[1:])
        rows = [("S1", "S1-P", "plasma", write_vcf(tmp_path / "p.vcf", records, meta=meta))]
        if white_cells is not None:
            rows.append(("S1", "S1-W", "wbc", write_vcf(tmp_path / "w.vcf", white_cells, meta=meta)))
        if tissue is not None:
            rows.append(("S1", "S1-T", "tissue", write_vcf(tmp_path / "t.vcf", tissue, meta=meta)))
        chosen = settings("variants") | (change or {})
        return read_batch(sample_rows(*rows), settings=chosen, resources=resources or VariantResources())

    return runner


def plasma(tables):
    variants = tables.variants
    return variants[variants["sample_id"] == "S1-P"].set_index("pos")


DECISIONS = [
    # allele, status, reasons, why
    (allele(1, "C", "T", 2000, 40), "CALLED", "", "well above all limits"),
    (allele(1, "C", "T", 2000, 4), "BELOW_CALL", "few_alt", "5 fragments are asked of a substitution"),
    (allele(1, "C", "T", 9000, 6), "BELOW_CALL", "low_vaf", "VAF 0.00067"),
    (allele(1, "C", "CA", 2000, 4), "BELOW_CALL", "few_alt_indel", "5 fragments are asked of an insertion"),
    (
        allele(1, "C", "T", 2000, 40, status="strand_artifact"),
        "FILTERED",
        "caller_filter",
        "the caller rejects it",
    ),
    (allele(1, "C", "T", 2000, 40, strands=(40, 0)), "FILTERED", "one_strand;strand_bias", "one strand only"),
    (allele(1, "C", "T", 2000, 40, strands=(37, 3)), "FILTERED", "strand_bias", "Fisher p below 0.01"),
    (
        allele(1, "C", "T", 2000, 3, strands=(3, 0)),
        "BELOW_CALL",
        "few_alt",
        "strands are not looked at below 5",
    ),
    (
        allele(1, "C", "T", 2000, 5, strands=(5, 0)),
        "CALLED",
        "",
        "all of 5 on one strand: chance does it to 1 in 16 true variants",
    ),
    (allele(1, "C", "T", 2000, 7, strands=(0, 7)), "CALLED", "", "1 in 64, Fisher p 0.016"),
    (allele(1, "C", "T", 2000, 8, strands=(8, 0)), "FILTERED", "one_strand;strand_bias", "1 in 128"),
    (allele(1, "C", "T", 2000, 40, frequency="0.006"), "FILTERED", "population", "gnomAD above 0.005"),
    (allele(1, "C", "T", 2000, 40, frequency="0.004"), "CALLED", "", "gnomAD below 0.005"),
    (allele(1, "C", "T", 2000, 900), "CALLED", "", "no VAF ceiling: untreated disease reaches 0.45"),
    (allele(1, "C", "T", 2000, 0), "REFERENCE", "", "a forced genotype without reads"),
    (allele(1, "C", "T", 0, 0), "REFERENCE", "", "not covered"),
    (allele(1, "C", "<DEL>", 2000, 40), "NOT_SUPPORTED", "", "symbolic"),
    ((1, "C", "<DUP>", "PASS", ".", "CN", "7"), "CALLED", "", "a copy number that the caller passes"),
    ((1, "C", "<DUP>", "q10", ".", "CN", "7"), "FILTERED", "caller_filter", "one that it rejects"),
    ((1, "C", "<DEL>", "PASS", ".", "CN", "0"), "CALLED", "", "a loss with its number of copies"),
]


@pytest.mark.parametrize(("record", "status", "reasons", "why"), DECISIONS)
def test_default_filters(run, record, status, reasons, why):
    line = plasma(run([record])).iloc[0]
    assert (line["status"], line["reasons"]) == (status, reasons), why


def test_unknown_population_frequency_decides_nothing_and_says_so(run):
    line = plasma(run([allele(1, "C", "T", 2000, 40)])).iloc[0]
    assert line["status"] == "CALLED"
    assert "population:not_assessed" in line["flags"]


def test_unapplied_caller_filters_decide_nothing_and_say_so(run):
    tables = run([allele(1, "C", "T", 2000, 40, status=".")])
    line = plasma(tables).iloc[0]
    assert line["status"] == "CALLED"
    assert "caller_filter:not_assessed" in line["flags"]
    assert "filters_not_applied" in set(tables.findings["check"])


def test_depth_zero_is_flagged_as_not_covered(run):
    assert "not_covered" in plasma(run([allele(1, "C", "T", 0, 0)])).iloc[0]["flags"]


WEAK = [
    # FILTER, status, reasons
    ("weak_evidence", "BELOW_CALL", "caller_weak"),
    ("f0.02;v3", "BELOW_CALL", "caller_weak"),
    ("weak_evidence;strand_bias", "FILTERED", "caller_filter;caller_weak"),
    ("p8", "FILTERED", "caller_filter"),
    ("REJECT", "FILTERED", "caller_filter"),
    ("PASS;q10", "FILTERED", "caller_filter"),
]


@pytest.mark.parametrize(("text", "status", "reasons"), WEAK)
def test_little_evidence_is_no_artefact(run, text, status, reasons):
    """A tracked variant at a low level must not be lost to the caller's threshold of calling."""
    line = plasma(run([allele(1, "C", "T", 2000, 40, status=text)])).iloc[0]
    assert (line["status"], line["reasons"]) == (status, reasons)


def test_accepted_filters_do_not_count_against_an_allele(run):
    change = {"accepted_filters": ["f0.02"]}
    records = [
        allele(1, "C", "T", 2000, 40, status="f0.02"),
        allele(2, "C", "T", 2000, 40, status="f0.02;bias"),
    ]
    assert plasma(run(records, change=change))["status"].tolist() == ["CALLED", "FILTERED"]


def test_limits_without_molecular_barcodes_are_stricter(run):
    change = {"umi": False}
    records = [allele(1, "C", "T", 1000, 9), allele(2, "C", "T", 9000, 40), allele(3, "C", "T", 1000, 10)]
    lines = plasma(run(records, change=change))
    assert lines["reasons"].tolist() == ["few_alt", "low_vaf", ""]


HOTSPOTS = "gene\tcodon\nPIK3CA\t1047\n"


def test_hotspots_have_lower_limits_and_are_exempt_from_population(run, tmp_path):
    path = tmp_path / "hotspots.tsv"
    path.write_text(HOTSPOTS)
    resources = load_resources(hotspots=str(path))
    records = [
        allele(1, "A", "G", 4000, 3, protein="p.His1047Arg"),
        allele(2, "A", "G", 4000, 40, protein="p.His1047Leu", frequency="0.02"),
        allele(3, "A", "G", 4000, 3, protein="p.His1048Arg"),
    ]
    lines = plasma(run(records, resources=resources))
    assert lines["status"].tolist() == ["CALLED", "CALLED", "BELOW_CALL"]
    assert lines["hotspot"].tolist() == [True, True, False]
    assert "population_hotspot" in lines.loc[2, "flags"]


def test_white_cells_take_away_germline_and_blood_but_not_tumour(run):
    records = [allele(pos, "C", "T", 2000, 40) for pos in (1, 2, 3, 4)]
    blood = [
        allele(1, "C", "T", 1000, 480),
        allele(2, "C", "T", 1000, 25),
        allele(3, "C", "T", 1000, 0),
        allele(4, "C", "T", 40, 0),
    ]
    lines = plasma(run(records, white_cells=blood))
    assert lines["wbc_state"].tolist() == ["GERMLINE", "WBC_ORIGIN", "TUMOUR_LIKE", "WBC_NOT_COVERED"]
    assert lines["status"].tolist() == ["FILTERED", "FILTERED", "CALLED", "CALLED"]
    assert lines["reasons"].tolist() == ["germline_white_cells", "white_cell_origin", "", ""]
    assert "wbc_not_covered" in lines.loc[4, "flags"]


def test_tissue_evidence_overrides_blood_but_not_germline(run):
    records = [allele(pos, "C", "T", 2000, 40) for pos in (1, 2)]
    blood = [allele(1, "C", "T", 1000, 480), allele(2, "C", "T", 1000, 25)]
    tissue = [allele(1, "C", "T", 500, 200), allele(2, "C", "T", 500, 200)]
    lines = plasma(run(records, white_cells=blood, tissue=tissue))
    assert lines["status"].tolist() == ["FILTERED", "CALLED"]
    assert lines["in_tissue"].tolist() == [True, True]


TISSUE = [
    # record of the tissue, in_tissue and status of the plasma allele that looks like blood, why
    (allele(1, "C", "T", 2000, 200), True, "CALLED", "evidence for the tumour"),
    (allele(1, "C", "T", 2000, 1), False, "FILTERED", "one read, which errors give too"),
    (allele(1, "C", "T", 2000, 200, status="strand_artifact"), False, "FILTERED", "an artefact in tissue"),
    (allele(1, "C", "T", 2000, 0), False, "FILTERED", "looked for and not there"),
    (allele(9, "C", "T", 2000, 200), False, "FILTERED", "another allele"),
    ((1, "C", "T", "PASS", ".", "GT:AF", "0/1:0.3"), True, "CALLED", "a fraction without counts is evidence"),
]


@pytest.mark.parametrize(("record", "in_tissue", "status", "why"), TISSUE)
def test_what_counts_as_seen_in_tissue(run, record, in_tissue, status, why):
    blood = [allele(1, "C", "T", 1000, 25)]
    line = plasma(run([allele(1, "C", "T", 2000, 40)], white_cells=blood, tissue=[record])).iloc[0]
    assert (line["in_tissue"], line["status"]) == (in_tissue, status), why


@pytest.mark.parametrize("gene", ["TP53", "ATM", "CHEK2", "DNMT3A"])
def test_ch_genes_are_flagged_and_never_dropped_by_gene_alone(run, gene):
    resources = VariantResources(ch_genes=frozenset({"TP53", "ATM", "CHEK2", "DNMT3A"}))
    line = plasma(run([allele(1, "C", "T", 2000, 40, gene=gene)], resources=resources)).iloc[0]
    assert line["status"] == "CALLED"
    assert "ch_gene" in line["flags"].split(";")


def test_a_filter_on_the_gene_alone_is_refused(settings):
    filters = [
        {"name": "no_tp53", "kind": "origin", "applies_to": "", "expression": "ch_gene", "reason": "CH"}
    ]
    with pytest.raises(InputError, match="gene alone"):
        make_filters(filters)


def test_erbb2_never_leaves_unseen(run):
    tables = run(
        [allele(1, "C", "T", 2000, 40, gene="ERBB2", status="strand_artifact", protein="p.Leu755Ser")]
    )
    line = plasma(tables).iloc[0]
    assert line["status"] == "FILTERED"
    assert "gene_watched" in line["flags"]
    (finding,) = watched_gene_findings(of_watched_gene(tables.variants), call_filters=["few_alt"]).to_dict(
        "records"
    )
    assert "p.Leu755Ser" in finding["value"]
    assert "caller_filter" in finding["remedy"]
    assert finding["check"] == "erbb2_filtered"


def test_the_strand_test_follows_the_thresholds(run, settings):
    """Trap: p computed from 5 reads and odds 1.2 on, whatever the configuration asks."""
    record = [allele(1, "C", "T", 2000, 4, strands=(4, 0)), allele(2, "C", "T", 2000, 40, strands=(22, 18))]
    usual = plasma(run(record))
    assert usual["strand_p"].isna().tolist() == [True, True]
    thresholds = settings("variants")["thresholds"] | {"min_alt_for_strand": 4, "min_strand_odds": 1.0}
    assert plasma(run(record, change={"thresholds": thresholds}))["strand_p"].notna().all()


def test_low_confidence_codons_of_erbb2_are_a_flag(run):
    line = plasma(run([allele(1, "C", "T", 2000, 40, gene="ERBB2", protein="p.Gly903Val")])).iloc[0]
    assert line["status"] == "CALLED"
    assert "erbb2_codons_900_909" in line["flags"]


def test_panel_of_normals_and_blacklist(run, tmp_path):
    normals, listed = tmp_path / "pon.tsv", tmp_path / "blacklist.tsv"
    normals.write_text(
        "chrom\tpos\tref\talt\tn_samples\tmedian_vaf\n17\t1\tC\tT\t2\t0.001\n17\t2\tC\tT\t1\t0.015\n"
    )
    listed.write_text("chrom\tpos\nchr17\t4\n")
    resources = load_resources(normals=str(normals), blacklist=str(listed))
    lines = plasma(run([allele(pos, "C", "T", 2000, 40) for pos in (1, 2, 3, 4)], resources=resources))
    assert lines["reasons"].tolist() == ["panel_of_normals", "panel_of_normals", "", "blacklist"]
    assert lines["pon_samples"].tolist() == [2, 1, 0, 0]


def test_alleles_of_lists_may_be_written_with_more_bases(run, tmp_path):
    normals = tmp_path / "pon.tsv"
    normals.write_text("chrom\tpos\tref\talt\tn_samples\n17\t10\tTTT\tTT\t5\n17\t20\tac\tat\t5\n")
    records = [allele(10, "TT", "T", 2000, 40), allele(21, "C", "T", 2000, 40)]
    lines = plasma(run(records, resources=load_resources(normals=str(normals))))
    assert lines["reasons"].tolist() == ["panel_of_normals"] * 2


@pytest.mark.parametrize(
    ("kind", "text", "column"),
    [
        ("normals", "chrom\tpos\tref\talt\tn_samples\n17\t1\tC\tT\t\n", "n_samples"),
        ("blacklist", "chrom\tpos\nchr17\t\n", "pos"),
    ],
)
def test_a_list_without_a_number_that_it_needs_is_refused(tmp_path, kind, text, column):
    """Trap: an allele of the panel of normals without its number of samples would count as in none."""
    path = tmp_path / "list.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=f"an empty value; expected a value of {column} in each row"):
        load_resources(**{kind: str(path)})


def test_without_a_panel_of_normals_the_filter_is_left_out_with_a_finding(run):
    tables = run([allele(1, "C", "T", 2000, 40)])
    missing = tables.findings[tables.findings["check"] == "filter_without_resource"]
    assert sorted(missing["field"]) == [
        "variants.filters: blacklist",
        "variants.filters: off_panel",
        "variants.filters: panel_of_normals",
    ]
    assert "panel_of_normals" not in set(tables.attrition["filter"])
    assert tables.variants["pon_samples"].isna().all()


def test_off_panel_is_a_flag(run, tmp_path):
    path = tmp_path / "panel.bed"
    path.write_text("chr17\t99\t200\n")
    lines = plasma(
        run(
            [allele(99, "C", "T", 2000, 40), allele(100, "C", "T", 2000, 40)],
            resources=load_resources(panel=str(path)),
        )
    )
    assert lines["in_panel"].tolist() == [False, True]
    assert ["off_panel" in flags for flags in lines["flags"]] == [True, False]


def test_attrition_adds_up_step_by_step(run):
    records = [
        allele(1, "C", "T", 2000, 40),
        allele(2, "C", "T", 2000, 40, status="bad"),
        allele(3, "C", "T", 2000, 3),
        allele(4, "C", "T", 2000, 0),
        allele(5, "C", "<DEL>", 2000, 40),
    ]
    tables = run(records)
    steps = tables.attrition.set_index("filter")
    assert steps.loc["not_supported", ["n_in", "n_removed", "n_out"]].tolist() == [5, 1, 4]
    assert steps.loc["no_alt_reads", ["n_in", "n_removed", "n_out"]].tolist() == [4, 1, 3]
    assert steps.loc["caller_filter", ["n_in", "n_removed", "n_out"]].tolist() == [3, 1, 2]
    assert steps.loc["few_alt", ["n_in", "n_removed", "n_out"]].tolist() == [2, 1, 1]
    assert (steps["n_in"] - steps["n_removed"] == steps["n_out"]).all()
    assert steps["n_out"].iloc[-1] == (tables.variants["status"] == "CALLED").sum() == 1
    assert steps.loc["population", "n_not_assessed"] == 1


def test_a_file_without_calls_is_a_valid_result_with_attrition(run):
    tables = run([])
    assert tables.variants.empty
    assert (tables.attrition["n_in"] == 0).all()
    assert len(tables.attrition) > 5


def test_wrong_filters_are_all_named_at_once():
    filters = [
        {"name": "a", "kind": "call", "applies_to": "", "expression": "alt_count <", "reason": "r"},
        {"name": "b", "kind": "call", "applies_to": "", "expression": "import os", "reason": "r"},
    ]
    with pytest.raises(InputError) as caught:
        make_filters(filters)
    assert [problem.column for problem in caught.value.problems] == [
        "variants.filters: a",
        "variants.filters: b",
    ]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"expression": "dept < 10"}, "unknown names dept"),
        ({"applies_to": "hot_spot"}, "unknown names hot_spot"),  # looked for there as well
        ({"expression": "gene in ['TP53']"}, "kind artefact on the gene alone"),
        ({"name": "other"}, "the name twice"),
    ],
)
def test_what_is_wrong_with_a_filter_is_said(changed, found):
    usual = {"kind": "artefact", "applies_to": "", "expression": "depth < 10", "reason": "r"}
    with pytest.raises(InputError) as caught:
        make_filters([usual | {"name": "a"} | changed, usual | {"name": "other"}], known={"depth", "gene"})
    assert {problem.found for problem in caught.value.problems} == {found}


def test_a_filter_of_known_names_is_made_and_a_flag_may_rest_on_the_gene():
    rows = [
        {"name": "a", "kind": "call", "applies_to": "snv", "expression": "depth < 10", "reason": "r"},
        {"name": "b", "kind": "flag", "applies_to": "", "expression": "gene in ['TP53']", "reason": "r"},
        {"name": "c", "kind": "call", "applies_to": "", "expression": "gene == 'TP53' and depth < 10",
         "reason": "r"},
    ]  # fmt: skip
    assert [made.name for made in make_filters(rows, known={"depth", "snv", "gene"})] == ["a", "b", "c"]


KLEENE = [
    # applies, expression, fails, stays open: unknown scope and unknown values leave it open, a "no" decides
    (True, True, True, False),
    (True, False, False, False),
    (True, None, False, True),
    (False, True, False, False),
    (False, False, False, False),
    (False, None, False, False),
    (None, True, False, True),
    (None, False, False, False),
    (None, None, False, True),
]


def verdicts_of(frame, was_decided):
    rows = [
        {"name": "f", "kind": "artefact", "applies_to": "scope", "expression": "holds", "reason": "r"},
        {"name": "g", "kind": "artefact", "applies_to": "", "expression": "later", "reason": "r"},
        {"name": "h", "kind": "artefact", "applies_to": "not_given", "expression": "later", "reason": "r"},
    ]
    columns = {name: masked(frame[name].astype("boolean")) for name in ("scope", "holds", "later")}
    return run_filters(make_filters(rows), columns, was_decided, unavailable=frozenset({"not_given"}))


@pytest.mark.parametrize(("scope", "holds", "fails", "stays_open"), KLEENE)
def test_what_a_filter_says_where_something_is_missing(scope, holds, fails, stays_open):
    frame = pd.DataFrame({"scope": [scope] * 2, "holds": [holds] * 2, "later": [None] * 2})
    found = verdicts_of(frame, np.array([True, False]))
    assert [item.name for item in found.filters] == ["f", "g"]  # h needs a resource that is not there
    assert found.failed[:, 0].tolist() == [fails, False]  # an allele without reads is never judged
    assert found.undecided[:, 0].tolist() == [stays_open, False]


def test_not_assessed_counts_alleles_that_reached_the_step():
    frame = pd.DataFrame({"scope": [True] * 3, "holds": [True, False, None], "later": [None] * 3})
    rows = pd.DataFrame({"sample_id": "P", "status": "CALLED"}, index=range(3))
    samples = pd.DataFrame({"subject_id": ["S1"], "sample_id": ["P"]})
    steps = attrition(samples, rows, verdicts_of(frame, np.ones(3, dtype=bool))).set_index("filter")
    assert steps.loc["f", ["n_in", "n_removed", "n_not_assessed", "n_out"]].tolist() == [3, 1, 1, 2]
    assert steps.loc["g", ["n_in", "n_removed", "n_not_assessed", "n_out"]].tolist() == [2, 0, 2, 2]


def test_decided_alleles_of_a_specimen_and_reasons_by_name():
    specimens = ["plasma", "plasma", "wbc", "tissue"]
    frame = pd.DataFrame({"specimen": specimens, "status": ["CALLED", "REFERENCE", "CALLED", "FILTERED"]})
    assert decided(frame, specimens=["plasma", "tissue"]).index.tolist() == [0, 3]
    reasons = pd.Series(["low_vaf;few_alt", "few_alt_indel", "", "strand_bias"])
    assert names_any(reasons, ["few_alt", "strand_bias"]).tolist() == [True, False, False, True]


def test_a_threshold_of_ones_own_can_be_used(run, settings):
    own = [
        {"name": "deep", "kind": "call", "applies_to": "", "expression": "depth < my_depth", "reason": "r"}
    ]
    change = {"filters": own, "thresholds": settings("variants")["thresholds"] | {"my_depth": 3000}}
    assert plasma(run([allele(1, "C", "T", 2000, 40)], change=change))["reasons"].tolist() == ["deep"]
