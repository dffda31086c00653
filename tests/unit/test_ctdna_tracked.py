"""Which variants are followed, which make up the level, and why."""

import pandas as pd
import pytest

from clearher.columns import intake
from clearher.ctdna.tracked import (
    alleles_needed,
    in_style_of,
    judge,
    known_from_tissue,
    set_baselines,
    set_hashes,
    tracked_set,
    variant_classes,
)
from clearher.tables import frame_of
from ctdna_builders import PLAN, row_of, rows_where, sample_frame, variant_frame

KINDS = {"min_vaf": "call", "blacklist": "artefact", "white_cells": "origin", "population": "origin"}


def run(settings, samples, variants, tissue=(), foreign=(), **tracked):
    config = settings("ctdna")
    config["tracked"] = {**config["tracked"], **tracked}
    known = frame_of([{"ref": "C", "alt": "T", "chrom": "chr1", **row} for row in tissue], intake.TISSUE)
    names = variants["sample_id"].unique()
    baseline = set_baselines(samples, names, PLAN, rule=config["baseline"], foreign=foreign)
    tissue = known_from_tissue(variants, known, variants["chrom"])
    table, same = (
        tracked_set(
            rows, samples, baseline, tissue, PLAN, filter_kinds=KINDS, settings=config, foreign=foreign
        )
        for rows in (variants, rows_where(variants, alleles_needed(baseline, tissue)))
    )
    pd.testing.assert_frame_equal(table, same)
    return table.set_index("pos")


@pytest.mark.parametrize(
    ("gene", "wbc_state", "tissue", "origin", "variant_class", "in_level", "ch_like"),
    [
        ("PIK3CA", "TUMOUR_LIKE", False, "baseline", "SNV", True, False),
        ("PIK3CA", "WBC_NOT_COVERED", False, "baseline", "SNV", True, False),
        ("PIK3CA", "", False, "baseline", "SNV", True, False),  # no white cells at all
        ("PIK3CA", "WBC_ORIGIN", False, "baseline", "SNV", False, True),
        ("PIK3CA", "CONFLICT", False, "baseline", "SNV", False, False),
        ("PIK3CA", "GERMLINE", False, "baseline", "SNV", False, False),
        ("PIK3CA", "GERMLINE", True, "tissue", "SNV", False, False),  # tissue overrides all but germline
        ("DNMT3A", "WBC_ORIGIN", True, "tissue", "SNV", True, False),
        ("DNMT3A", "WBC_NOT_COVERED", False, "baseline", "SNV", False, True),
        ("DNMT3A", "TUMOUR_LIKE", False, "baseline", "SNV", True, False),  # white cells acquit it
        ("TP53", "WBC_NOT_COVERED", False, "baseline", "SNV", True, False),  # never by gene alone
        ("ATM", "", False, "baseline", "SNV", True, False),
        ("CHEK2", "", False, "baseline", "SNV", True, False),
        ("TP53", "WBC_ORIGIN", False, "baseline", "SNV", False, True),  # but by evidence
        ("ERBB2", "TUMOUR_LIKE", False, "emergent", "SNV", False, False),
        ("ERBB2", "", False, "baseline", "CNV", False, False),
    ],
)
def test_what_enters_the_level(settings, gene, wbc_state, tissue, origin, variant_class, in_level, ch_like):
    row = {
        "gene": gene,
        "wbc_state": wbc_state,
        "tissue": tissue,
        "origin": origin,
        "variant_class": variant_class,
        "germline_like": False,
    }
    judged = judge(pd.DataFrame([row]), settings=settings("ctdna")["tracked"]).iloc[0]
    assert (judged["in_level"], judged["ch_like"]) == (in_level, ch_like)
    assert judged["why"] != ""


def test_breast_cancer_genes_stay_even_when_the_configuration_lists_them(settings):
    rule = settings("ctdna")["tracked"] | {"strict_ch_genes": ["TP53", "TET2"]}
    rows = pd.DataFrame({"gene": ["TP53", "TET2"], "wbc_state": "", "tissue": False, "origin": "baseline"})
    judged = judge(rows.assign(variant_class="SNV", germline_like=False), settings=rule)
    assert judged["in_level"].tolist() == [True, False]


def test_contradictory_evidence_may_be_let_in(settings):
    rule = settings("ctdna")["tracked"] | {"conflict_in_level": True}
    row = {
        "gene": "ESR1",
        "wbc_state": "CONFLICT",
        "tissue": False,
        "origin": "baseline",
        "variant_class": "SNV",
        "germline_like": False,
    }
    assert judge(pd.DataFrame([row]), settings=rule)["in_level"].tolist() == [True]


def test_tracked_are_the_calls_of_the_baseline_sample_and_later_calls_are_emergent(settings):
    samples = sample_frame(("S1", "SCREENING"), ("S1", "C1D1"), ("S1", "C3D1"))
    early, base, late = (row_of(samples, f"S1-{visit}") for visit in ("SCREENING", "C1D1", "C3D1"))
    variants = variant_frame(
        (early, 50, {}),  # called at screening only: before the baseline sample, neither tracked nor emergent
        (base, 100, {"vaf": 0.03}),
        (base, 200, {"status": "BELOW_CALL"}),
        (base, 300, {"status": "FILTERED", "reasons": "blacklist"}),
        (late, 100, {"vaf": 0.01}),
        (late, 200, {}),
        (late, 400, {"wbc_state": "GERMLINE"}),
    )
    table = run(settings, samples, variants)
    assert table["origin"].to_dict() == {100: "baseline", 200: "emergent"}
    assert table["in_level"].to_dict() == {100: True, 200: False}
    assert table.loc[100, "baseline_vaf"] == 0.03
    assert pd.isna(table.loc[200, "baseline_vaf"])
    assert set(table["baseline_sample_id"]) == {"S1-C1D1"}
    assert table.loc[200, "first_sample_id"] == "S1-C3D1"
    assert set(table["baseline_day"]) == {1}


def test_variants_of_blood_are_tracked_to_be_shown_but_not_counted(settings):
    samples = sample_frame(("S1", "C1D1"))
    base = row_of(samples, "S1-C1D1")
    blood = {"status": "FILTERED", "wbc_state": "WBC_ORIGIN"}
    variants = variant_frame(
        (base, 100, blood | {"reasons": "white_cells"}),
        (base, 200, blood | {"reasons": "white_cells;blacklist"}),  # an artefact besides
        (base, 300, blood | {"reasons": "white_cells", "wbc_state": "GERMLINE"}),
    )
    table = run(settings, samples, variants)
    assert table.index.tolist() == [100]
    assert not table.loc[100, "in_level"]
    assert table.loc[100, "ch_like"]
    assert table.loc[100, "why"] == "of white-cell origin"


def test_tissue_variants_join_the_set_and_call_it_by_its_evidence(settings):
    samples = sample_frame(("S1", "C1D1"), ("S2", "C1D1", {"vcf": "", "bam": "reads.bam"}))
    base = row_of(samples, "S1-C1D1")
    variants = variant_frame((base, 100, {}), (base, 300, {"status": "FILTERED", "wbc_state": "GERMLINE"}))
    tissue = [
        {"subject_id": "S1", "pos": 100, "gene": "PIK3CA"},
        {"subject_id": "S1", "pos": 200, "gene": "TP53", "chrom": "1"},  # named without "chr"
        {"subject_id": "S1", "pos": 300, "gene": "BRCA2"},
        {"subject_id": "S2", "pos": 900, "gene": "AKT1"},
    ]
    table = run(settings, samples, variants, tissue)
    assert table["origin"].to_dict() == {100: "baseline", 200: "tissue", 300: "tissue", 900: "tissue"}
    assert table["tissue"].all()
    assert table["in_level"].to_dict() == {100: True, 200: True, 300: False, 900: True}
    assert set(table["chrom"]) == {"chr1"}
    assert table.loc[900, "baseline_sample_id"] == "S2-C1D1"
    assert table.loc[200, "variant_class"] == "SNV"


def test_a_germline_variant_of_the_tissue_stays_out_of_the_level(settings):
    # tumour tissue holds the germline too: at baseline the variant is common, or near one half at every visit
    samples = sample_frame(("S1", "C1D1"))
    base = row_of(samples, "S1-C1D1")
    common = {"status": "FILTERED", "wbc_state": "WBC_NOT_COVERED", "reasons": "population"}
    blood = {"status": "FILTERED", "wbc_state": "WBC_ORIGIN", "reasons": "white_cells"}
    variants = variant_frame((base, 100, common), (base, 200, blood))
    tissue = [{"subject_id": "S1", "pos": pos, "gene": "BRCA2"} for pos in (100, 200)]
    table = run(settings, samples, variants, tissue)
    assert table["in_level"].to_dict() == {100: False, 200: True}
    assert table.loc[100, "why"] == "germline by its frequency"


def test_another_persons_sample_is_no_baseline_and_shows_nothing_emergent(settings):
    samples = sample_frame(("S1", "SCREENING"), ("S1", "C1D1"), ("S1", "C3D1"))
    rows = [row_of(samples, f"S1-{visit}") for visit in ("SCREENING", "C1D1", "C3D1")]
    variants = variant_frame((rows[0], 100, {}), (rows[1], 200, {}), (rows[2], 300, {}))
    table = run(settings, samples, variants, foreign={"S1-C1D1", "S1-C3D1"})
    assert table.index.tolist() == [100]
    assert table["baseline_sample_id"].tolist() == ["S1-SCREENING"]


def test_a_failed_sample_is_no_baseline_and_gives_no_emergent_variant(settings):
    failed = {"qc_status": "fail"}
    samples = sample_frame(("S1", "SCREENING"), ("S1", "C1D1", failed), ("S1", "C3D1", failed))
    rows = [row_of(samples, f"S1-{visit}") for visit in ("SCREENING", "C1D1", "C3D1")]
    table = run(settings, samples, variant_frame((rows[0], 100, {}), (rows[1], 200, {}), (rows[2], 300, {})))
    assert table.index.tolist() == [100]
    assert table.loc[100, "baseline_sample_id"] == "S1-SCREENING"


def test_an_empty_baseline_file_is_the_baseline(settings):
    # nothing called on day 1: the screening sample's calls are not taken instead
    samples = sample_frame(("S1", "SCREENING"), ("S1", "C1D1"))
    table = run(settings, samples, variant_frame((row_of(samples, "S1-SCREENING"), 100, {})))
    assert table.empty


def test_without_a_baseline_everything_is_emergent(settings):
    samples = sample_frame(("S1", "C2D1"))
    table = run(settings, samples, variant_frame((row_of(samples, "S1-C2D1"), 100, {})))
    assert table["origin"].tolist() == ["emergent"]
    assert table["baseline_sample_id"].tolist() == [""]


def test_the_hash_names_the_frozen_set_only():
    rows = pd.DataFrame(
        {
            "subject_id": ["S1", "S1", "S1"],
            "chrom": ["chr1"] * 3,
            "pos": [1, 2, 3],
            "ref": ["C"] * 3,
            "alt": ["T"] * 3,
            "in_level": [True, True, False],
            "origin": ["baseline", "tissue", "emergent"],
        }
    )
    whole = set_hashes(rows)["S1"]
    assert len(whole) == 12
    assert set_hashes(rows.iloc[[1, 0]])["S1"] == whole  # neither order nor emergent variants matter
    assert set_hashes(rows.iloc[:1])["S1"] != whole
    assert set_hashes(rows.assign(in_level=False))["S1"] != whole


def test_variant_classes_from_alleles():
    ref = pd.Series(["C", "CA", "C", "CAT", "CA", "C", "C", "C"])
    alt = pd.Series(["T", "TG", "CAT", "C", "GTT", "N", "<DEL>", "*"])
    expected = ["SNV", "MNV", "INS", "DEL", "COMPLEX", "OTHER", "OTHER", "OTHER"]
    assert variant_classes(ref, alt).tolist() == expected


def test_contigs_are_named_as_the_known_rows_name_them():
    known = pd.DataFrame({"chrom": ["chr1", "chrM"]})
    rows = pd.DataFrame({"chrom": ["1", "chr1", "MT", "7"]})
    assert in_style_of(rows, known["chrom"])["chrom"].tolist() == ["chr1", "chr1", "chrM", "7"]


def test_no_variants_at_all(settings):
    assert run(settings, sample_frame(("S1", "C1D1")), variant_frame()).empty
