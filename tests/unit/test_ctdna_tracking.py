"""One status for each cell: the table of rules, and where the counts come from."""

import pandas as pd
import pytest

from clearher.columns import ctdna, intake
from clearher.columns import variants as variant_columns
from clearher.ctdna.tracking import artefact_reasons, block_depth, decide_status, tracking_table
from clearher.tables import conform, empty, frame_of
from ctdna_builders import PLAN, row_of, sample_frame, subject_frame, variant_frame

KINDS = {"min_vaf": "call", "blacklist": "artefact", "strand": "artefact", "white_cells": "origin"}
SITE = {"chrom": "chr1", "pos": 100, "ref": "C", "alt": "T"}


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        # nothing is known of a sample that is not usable, whatever was counted
        ({"usable": False, "alt_count": 5, "depth": 2000}, "NO_SAMPLE"),
        ({"unsupported": True}, "NOT_SUPPORTED"),
        ({"unsupported": True, "alt_count": 5, "depth": 2000}, "GENOTYPED"),  # another file could count it
        ({"outside_panel": True}, "NOT_COVERED"),
        ({"alt_count": 0, "depth": 0}, "NOT_COVERED"),
        ({}, "NOT_ASSESSED"),  # no record and no reads is not zero
        ({"call_status": "REFERENCE"}, "NOT_ASSESSED"),  # a record without counts is not zero either
        # a record with the depth alone says nothing of the variant: never a zero
        ({"depth": 2000, "call_status": "REFERENCE"}, "NOT_ASSESSED"),
        ({"depth": 20, "call_status": "REFERENCE"}, "NOT_ASSESSED"),
        # a fraction below the thresholds of calling shows the variant, though nothing is counted
        ({"call_status": "BELOW_CALL"}, "NOT_SUPPORTED"),
        ({"depth": 2000, "call_status": "FILTERED"}, "NOT_SUPPORTED"),
        ({"call_status": "FILTERED", "artefacts": "blacklist"}, "NOT_ASSESSED"),
        ({"depth": 2000, "call_status": "NOT_SUPPORTED", "unsupported": True}, "NOT_SUPPORTED"),
        ({"depth": 2000, "call_status": "CALLED"}, "CALLED"),
        ({"depth": 0}, "NOT_COVERED"),
        ({"alt_count": 5, "depth": 2000, "call_status": "FILTERED", "artefacts": "blacklist"}, "FILTERED"),
        (
            {"alt_count": 0, "depth": 2000, "call_status": "FILTERED", "artefacts": "blacklist"},
            "NOT_DETECTED",
        ),
        (
            {"alt_count": 5, "depth": 2000, "call_status": "FILTERED"},
            "GENOTYPED",
        ),  # only thresholds or origin
        ({"alt_count": 5, "depth": 2000, "call_status": "CALLED"}, "CALLED"),
        ({"call_status": "CALLED"}, "CALLED"),  # called, though the file gives no counts
        ({"alt_count": 1, "depth": 2000, "call_status": "BELOW_CALL"}, "GENOTYPED"),
        ({"alt_count": 1, "depth": 2000}, "GENOTYPED"),
        ({"alt_count": 1, "depth": 20}, "GENOTYPED"),
        ({"alt_count": 0, "depth": 499}, "LOW_DEPTH"),
        ({"alt_count": 0, "depth": 500}, "NOT_DETECTED"),
    ],
)
def test_first_rule_that_applies(cell, status):
    found = decide_status(cell_frame(**cell), min_depth=500).iloc[0]
    assert found["status"] == status
    assert found["why"] != ""
    assert "<NA>" not in found["why"]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ({"usable": False, "alt_count": 5, "depth": 2000}, False),
        ({"alt_count": 0, "depth": 0}, True),
        ({"alt_count": 5, "depth": 2000, "call_status": "FILTERED", "artefacts": "blacklist"}, True),
        ({"alt_count": 0, "depth": 499}, True),
    ],
)
def test_counts_stay_where_the_status_has_them(cell, kept):
    assert decide_status(cell_frame(**cell), min_depth=500)["depth"].notna().tolist() == [kept]


def test_low_depth_is_flagged_where_the_variant_was_seen():
    cells = pd.concat(
        [cell_frame(alt_count=1, depth=20), cell_frame(alt_count=1, depth=2000)], ignore_index=True
    )
    assert decide_status(cells, min_depth=500)["low_depth"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("exclusion", "status"),
    [
        ("GERMLINE", "FILTERED"),
        ("WBC_ORIGIN", "FILTERED"),
        ("CONFLICT", "FILTERED"),
        ("CH_GENE", "CALLED"),  # kept out of the level, but nothing shows that it comes from blood
        ("EMERGENT", "CALLED"),
        ("", "CALLED"),
    ],
)
def test_a_variant_of_blood_is_filtered_at_every_visit(exclusion, status):
    """By the datum of the tracked set: a reason that is worded otherwise changes nothing."""
    words = "white-cell origin and germline are only words here"
    cell = cell_frame(alt_count=20, depth=2000, call_status="CALLED", exclusion=exclusion, set_why=words)
    found = decide_status(cell, min_depth=500).iloc[0]
    assert found["status"] == status
    assert found["why"].endswith(f"not counted: {words}") == (status == "FILTERED")


@pytest.mark.parametrize(
    ("exclusions", "distinct"),
    [
        (("", ""), {100: 5, 110: 4}),  # the three fragments of both count at the first site
        (("WBC_ORIGIN", ""), {100: 2, 110: 7}),  # the first is blood: the level has seven, not four
        (("", "WBC_ORIGIN"), {100: 5, 110: 4}),
    ],
)
def test_a_fragment_is_credited_to_a_variant_of_the_level(settings, exclusions, distinct):
    """Two sites, 5 and 7 alt fragments, 3 of them the same: lost to the test where the first is blood."""
    samples = sample_frame(("S1", "C1D1"))
    tracked = pd.concat(
        [
            tracked_row(pos=pos).assign(exclusion=word, in_level=word == "")
            for pos, word in zip((100, 110), exclusions, strict=True)
        ]
    )
    counted = [
        SITE
        | {"pos": 100, "alt_count": 5, "distinct_alt_fragments": 5}
        | {"shared_alt_fragments": "chr1:100:C:T,chr1:110:C:T,3"},
        SITE | {"pos": 110, "alt_count": 7, "distinct_alt_fragments": 4},
    ]
    counts = [{"sample_id": "S1-C1D1", "depth": 2000, "status_note": "COUNTED"} | row for row in counted]
    table = run(settings, samples, tracked=conform(tracked, ctdna.TRACKED), counted=counts)
    assert table.set_index("pos")["distinct_alt_fragments"].to_dict() == distinct


def test_a_variant_file_that_lists_calls_only_never_gives_a_zero(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    base = row_of(samples, "S1-C1D1")
    table = run(settings, samples, variants=variant_frame((base, 100, {})))
    cell = table.loc["S1-C2D1"]
    assert cell["status"] == "NOT_ASSESSED"
    assert cell["source"] == "none"
    assert cell[["alt_count", "depth", "vaf", "vaf_high"]].isna().all()
    assert "cannot say how deep" in cell["why"]


def test_a_forced_genotype_and_a_reference_block_do_give_a_zero(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"), ("S1", "C3D1"), ("S1", "C5D1"))
    base, forced = row_of(samples, "S1-C1D1"), row_of(samples, "S1-C2D1")
    reference = {"status": "REFERENCE", "alt_count": 0, "depth": 1800, "vaf": 0.0}
    variants = variant_frame((base, 100, {}), (forced, 100, reference))
    blocks = [("S1-C3D1", 90, 110, 1500), ("S1-C5D1", 90, 110, 0)]
    table = run(settings, samples, variants=variants, blocks=blocks)
    assert table["status"].to_dict() == {
        "S1-C1D1": "CALLED",
        "S1-C2D1": "NOT_DETECTED",
        "S1-C3D1": "NOT_DETECTED",
        "S1-C5D1": "NOT_COVERED",
    }
    assert table.loc["S1-C3D1", ["alt_count", "depth"]].tolist() == [0, 1500]
    assert table.loc["S1-C2D1", "vaf_high"] == pytest.approx(0.00204730, rel=1e-4)  # 0 of 1,800


def test_reads_come_before_fill_out_and_fill_out_before_the_variant_file(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"), ("S1", "C3D1"))
    variants = variant_frame(*[(row_of(samples, name), 100, {}) for name in samples["sample_id"]])
    read = {"S1-C1D1": (10, 1000)}
    filled = {"S1-C1D1": (20, 1000), "S1-C2D1": (30, 1000)}
    table = run(settings, samples, variants=variants, read=read, filled=filled)
    assert table["source"].tolist() == ["bam", "counts", "vcf"]
    assert table["alt_count"].tolist() == [10, 30, 40]
    assert table["vaf"].tolist() == pytest.approx([0.01, 0.03, 0.02])


def test_fill_out_may_name_contigs_otherwise(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    table = run(settings, samples, filled={"S1-C2D1": (3, 2000)}, fill_chrom="1")
    assert table.loc["S1-C2D1", "alt_count"] == 3
    assert table.loc["S1-C2D1", "vaf_low"] == pytest.approx(0.000309443, rel=1e-5)
    assert table.loc["S1-C2D1", "vaf_high"] == pytest.approx(0.00437732, rel=1e-5)


def test_reads_that_cannot_be_counted_leave_it_to_the_variant_file(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    variants = variant_frame((row_of(samples, "S1-C1D1"), 100, {}))
    refused = {"S1-C1D1": (None, None), "S1-C2D1": (None, None)}
    table = run(settings, samples, variants=variants, read=refused)
    assert table["status"].to_dict() == {"S1-C1D1": "CALLED", "S1-C2D1": "NOT_SUPPORTED"}


def test_a_call_that_the_reads_do_not_show_is_named(settings):
    samples = sample_frame(("S1", "C1D1"))
    variants = variant_frame((row_of(samples, "S1-C1D1"), 100, {}))
    cell = run(settings, samples, variants=variants, read={"S1-C1D1": (0, 1000)}).loc["S1-C1D1"]
    assert cell["status"] == "NOT_DETECTED"
    assert cell["why"] == "0 of 1000 fragments; the variant file calls it, the reads do not show it"


def test_artefact_filters_count_against_a_known_variant_and_thresholds_and_origin_do_not(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"), ("S1", "C3D1"))
    one, two, three = (row_of(samples, name) for name in samples["sample_id"])
    filtered = {"status": "FILTERED", "alt_count": 4}
    variants = variant_frame(
        (one, 100, filtered | {"reasons": "strand"}),
        (two, 100, filtered | {"reasons": "white_cells"}),
        (three, 100, filtered | {"reasons": "min_vaf;strand"}),
    )
    table = run(settings, samples, variants=variants)
    assert table["status"].tolist() == ["FILTERED", "GENOTYPED", "FILTERED"]
    exempt = run(settings, samples, variants=variants, artefact_exempt=["strand"])
    assert exempt["status"].tolist() == ["GENOTYPED"] * 3


@pytest.mark.parametrize(
    ("reasons", "entries", "counting"),
    [
        ("caller_filter", "weak_evidence", ""),  # a threshold of calling: the variant is known
        ("caller_filter", "weak_evidence;strand_bias", "caller_filter"),
        ("caller_filter", "base_qual", "caller_filter"),
        ("caller_filter", "v2,f0.01", ""),
        ("caller_filter;blacklist", "weak_evidence", "blacklist"),
        ("few_alt;white_cells", "PASS", ""),
        ("", "", ""),
    ],
)
def test_reasons_that_count_against_a_known_variant(settings, reasons, entries, counting):
    cells = pd.DataFrame({"reasons": [reasons], "filter": [entries]})
    thresholds = settings("ctdna")["tracked"]["caller_thresholds"]
    assert artefact_reasons(cells, {"few_alt", "white_cells"}, thresholds).tolist() == [counting]


def test_another_persons_blood_has_no_cells_with_counts(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    table = run(settings, samples, read={"S1-C2D1": (0, 1000)}, foreign={"S1-C2D1"})
    assert table.loc["S1-C2D1", "status"] == "NO_SAMPLE"
    assert table.loc["S1-C2D1", "why"] == "holds another person's DNA by the identity check"


def test_planned_visits_without_a_tube_and_failed_tubes_have_no_sample(settings):
    failed = {"qc_status": "fail", "qc_reason": "haemolysis"}
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1", failed))
    table = run(settings, samples, read={"S1-C1D1": (10, 1000), "S1-C2D1": (0, 1000)}, cut="2025-02-25")
    assert table["status"].to_dict() == {"S1-C1D1": "GENOTYPED", "S1-C2D1": "NO_SAMPLE", "": "NO_SAMPLE"}
    assert table.loc["S1-C2D1", "why"] == "failed quality control: haemolysis"
    assert table.loc["", "visit"] == "C3D1"
    assert table["depth"].notna().to_dict() == {"S1-C1D1": True, "S1-C2D1": False, "": False}


def test_a_site_outside_the_panel_is_not_covered(settings):
    samples = sample_frame(("S1", "C1D1"))
    inside = pd.DataFrame({"chrom": ["1"], "start": [100], "end": [100]})
    outside = pd.DataFrame({"chrom": ["1"], "start": [101], "end": [200]})
    assert run(settings, samples, panel=inside)["status"].tolist() == ["NOT_ASSESSED"]
    assert run(settings, samples, panel=outside)["status"].tolist() == ["NOT_COVERED"]


def test_a_block_must_cover_all_reference_bases():
    coverage = pd.DataFrame(
        {"sample_id": "A", "chrom": "chr1", "start": [1, 50], "end": [40, 60], "depth": pd.array([900, None])}
    )
    sites = pd.DataFrame(
        {
            "sample_id": ["A", "A", "A", "A", "B"],
            "chrom": "chr1",
            "pos": [40, 39, 40, 45, 10],
            "ref": ["C", "CA", "CA", "C", "C"],  # the third reaches into the gap
        },
        index=[7, 5, 3, 1, 0],
    )
    found = block_depth(sites, coverage)
    assert found.tolist()[:2] == [900, 900]
    assert found.isna().tolist() == [False, False, True, True, True]
    assert found.index.tolist() == [7, 5, 3, 1, 0]


def test_every_subject_variant_and_visit_has_exactly_one_cell(settings):
    samples = sample_frame(*[(subject, visit) for subject in ("S1", "S2") for visit in ("C1D1", "C2D1")])
    tracked = pd.concat([tracked_row(subject, pos) for subject in ("S1", "S2") for pos in (100, 200)])
    table = run(settings, samples, tracked=tracked, cut="2025-02-25").reset_index()
    assert len(table) == 2 * 2 * 3  # C3D1 was reached by both and drawn of neither
    assert (table.groupby(["subject_id", "pos", "visit"]).size() == 1).all()


def test_nothing_tracked_gives_an_empty_table(settings):
    assert run(settings, sample_frame(("S1", "C1D1")), tracked=empty(ctdna.TRACKED)).empty


def cell_frame(**values):
    """One cell of a usable sample without counts."""
    usual = {
        "usable": True,
        "no_sample_reason": "failed quality control",
        "source": "vcf",
        "alt_count": pd.NA,
        "depth": pd.NA,
        "unsupported": False,
        "not_supported_reason": "",
        "outside_panel": False,
        "artefacts": "",
        "call_status": "",
        "exclusion": "",
        "set_why": "called at baseline, not of white-cell origin",
        "disagrees": False,
        "vcf": "calls.vcf",
        "bam": "",
    }
    frame = pd.DataFrame([usual | values])
    return frame.astype({"alt_count": "Int64", "depth": "Int64"})


def tracked_row(subject="S1", pos=100):
    row = {
        "subject_id": subject,
        **SITE,
        "pos": pos,
        "variant_class": "SNV",
        "origin": "baseline",
        "in_level": True,
        "ch_like": False,
        "why": "called at baseline, not of white-cell origin",
    }
    return frame_of([row], ctdna.TRACKED)


def run(
    settings,
    samples,
    *,
    tracked=None,
    variants=None,
    read=None,
    counted=(),
    filled=None,
    blocks=(),
    panel=None,
    cut="2025-01-20",
    fill_chrom="chr1",
    artefact_exempt=(),
    foreign=(),
):
    """The tracking table of variant chr1:100 C>T, by sample."""
    config = settings("ctdna")
    config["tracked"] = config["tracked"] | {"artefact_exempt": list(artefact_exempt)}
    counts = [
        SITE
        | {
            "sample_id": sample,
            "alt_count": alt,
            "depth": depth,
            "status_note": "NOT_SUPPORTED" if depth is None else "COUNTED",
        }
        for sample, (alt, depth) in (read or {}).items()
    ] + list(counted)
    fillout = [
        SITE
        | {"subject_id": "S1", "sample_id": sample, "chrom": fill_chrom, "alt_count": alt, "depth": depth}
        for sample, (alt, depth) in (filled or {}).items()
    ]
    coverage = [
        {"sample_id": sample, "chrom": "chr1", "start": start, "end": end, "depth": depth}
        for sample, start, end, depth in blocks
    ]
    table = tracking_table(
        tracked_row() if tracked is None else tracked,
        variant_frame() if variants is None else variants,
        frame_of(counts, ctdna.COUNTS),
        frame_of(coverage, variant_columns.COVERAGE),
        frame_of(fillout, intake.COUNTS),
        samples,
        subject_frame(*samples["subject_id"].unique(), cut=cut),
        PLAN,
        filter_kinds=KINDS,
        settings=config,
        foreign=foreign,
        panel=panel,
    )
    return table.set_index("sample_id")
