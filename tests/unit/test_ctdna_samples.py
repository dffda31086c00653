"""The table of samples: what is detected, at what level, with what limit, and what cannot be said."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clearher.columns import ctdna, intake
from clearher.ctdna.calls_only import calls_only_findings
from clearher.ctdna.decision import expectations
from clearher.ctdna.error import with_error_rates
from clearher.ctdna.samples import level_cells, sample_table
from clearher.tables import empty, frame_of
from ctdna_builders import sample_frame

MATERIAL = {"plasma_ml": 4.0, "cfdna_ng": 30.0, "assay": "panel"}
DEPTH = [2100, 1800, 2500, 1500, 2300, 1900]
LIMITS = ("", "_low", "_high")


def cell(position, alt=0, depth=2000, sample="S1-C2D1", status=None, **further):
    """A tracked variant in a sample; alt None: not counted."""
    usual = "NOT_ASSESSED" if alt is None else "GENOTYPED" if alt else "NOT_DETECTED"
    return {
        "subject_id": sample.split("-")[0],
        "sample_id": sample,
        "visit": sample.split("-")[1],
        "chrom": "chr1",
        "pos": position,
        "ref": "C",
        "alt": "T",
        "source": "none" if alt is None else "vcf",
        "alt_count": alt,
        "depth": None if alt is None else depth,
        "status": status or usual,
        "in_level": True,
    } | further


@pytest.fixture
def table(settings):
    def run(cells, *, samples=None, results=(), tracked=None, rates=True, **sections):
        section = settings("ctdna")
        for name, changes in sections.items():
            section[name] |= changes
        tracking = frame_of(list(cells), ctdna.TRACKING)
        if rates:
            tracking = with_error_rates(tracking, empty(ctdna.BACKGROUND), settings=section)
        names = sorted({(c["subject_id"], c["visit"]) for c in cells})
        samples = sample_frame(*((*name, MATERIAL) for name in names)) if samples is None else samples
        return sample_table(
            tracking,
            samples,
            frame_of(list(results), intake.RESULTS),
            frame_of(list(tracked or []), ctdna.TRACKED),
            settings=section,
        )

    return run


def one(result):
    assert len(result) == 1
    return result.iloc[0]


# ---- samples with counts -----------------------------------------------------------------------------


def test_worked_sample(table):
    """Six variants, alt 1,0,2,0,1,0, e 2,1,6,1,3,2 x 1e-5: L0 0.332, p 3.8873e-4, exact 3.8850e-4."""
    cells = [
        cell(i, alt, depth, error_rate=e * 1e-5, error_source="config")
        for i, (alt, depth, e) in enumerate(
            zip([1, 0, 2, 0, 1, 0], DEPTH, [2, 1, 6, 1, 3, 2], strict=True), 1
        )
    ]
    row = one(table(cells, rates=False))
    assert (row["n_tracked"], row["n_covered"], row["alt_total"], row["depth_total"]) == (6, 6, 4, 12_100)
    assert row["expected_background"] == pytest.approx(0.332)
    assert (row["p"], row["p_exact"]) == (
        pytest.approx(3.8873e-4, rel=1e-4),
        pytest.approx(3.8850e-4, rel=1e-4),
    )
    assert (row["method"], row["detected"], row["lod_basis"]) == ("poisson", True, "COUNTS")
    assert row["level"] == pytest.approx(4 / 12_100)
    assert row["critical_count"] == 3


def test_exact_test_decides_where_a_rate_is_not_tiny(table):
    cells = [cell(i, alt, 3000, error_rate=2e-3) for i, alt in enumerate([9, 9, 9, 8], 1)]
    row = one(table(cells, rates=False))
    assert (row["p_poisson"], row["p_exact"]) == (
        pytest.approx(2.0570e-2, rel=1e-4),
        pytest.approx(2.0461e-2, rel=1e-4),
    )
    assert (row["method"], row["p"]) == ("poisson_binomial", row["p_exact"])


def test_estimated_background_decides_where_rates_are_estimated(table):
    known = [cell(i, alt, 5000, error_rate=1e-4) for i, alt in enumerate([2, 2, 1], 1)]
    estimated = [c | {"error_events": 10, "error_depth": 100_000} for c in known]
    sure, unsure = one(table(known, rates=False)), one(table(estimated, rates=False))
    assert (sure["method"], unsure["method"]) == ("poisson", "poisson, estimated background")
    assert unsure["p"] > sure["p"] == unsure["p_poisson"]
    assert unsure["background_sd"] == pytest.approx(15_000 * np.sqrt(11) / 100_000)
    assert unsure["lod95"] >= sure["lod95"]


def test_rates_of_one_class_are_one_estimate_and_of_two_classes_two():
    base = {"error_rate": 1e-4, "error_events": 10.0, "error_depth": 100_000.0}
    same = frame_of([cell(1, 0, 5000, **base), cell(2, 0, 5000, **base)], ctdna.TRACKING)
    other = same.assign(ref=["C", "T"], alt=["T", "A"])
    sd = 5000 * np.sqrt(11) / 100_000
    assert expectations(same)["background_sd"].item() == pytest.approx(2 * sd)
    assert expectations(other)["background_sd"].item() == pytest.approx(np.sqrt(2) * sd)


def test_one_molecule_over_two_sites_is_not_two(table):
    """Two alt counts from one fragment: below the two distinct fragments that detection asks for."""
    twice = [cell(1, 1, distinct_alt_fragments=1), cell(2, 1, distinct_alt_fragments=0)]
    row = one(table(twice))
    assert (row["alt_total"], row["distinct_alt_fragments"], row["detected"]) == (2, 1, False)
    assert one(table([cell(1, 1), cell(2, 1)]))["detected"]


def test_one_fragment_is_never_detected_however_small_its_p(table):
    row = one(table([cell(1, 1, 300)]))
    assert row["p"] < 0.01
    assert not row["detected"]


def test_depth_0_is_not_covered_and_no_zero(table):
    """Trap: depth 0 as NaN or 0 in sums and means."""
    row = one(table([cell(1, 20), cell(2, 0), cell(3, 0, 0, status="NOT_COVERED")]))
    assert (row["n_tracked"], row["n_covered"], row["depth_total"]) == (3, 2, 4000)
    assert row["mean_vaf"] == pytest.approx(0.005)


def test_filtered_cells_stay_out_of_test_and_level(table):
    row = one(table([cell(1, 400, status="FILTERED"), cell(2, 0), cell(3, 0)]))
    assert (row["n_tracked"], row["n_covered"], row["alt_total"], row["detected"]) == (3, 2, 0, False)


def test_variants_kept_out_of_the_level_do_not_count(table):
    row = one(table([cell(1, 400, in_level=False), cell(2, 0)]))
    assert (row["n_tracked"], row["alt_total"], row["detected"]) == (1, 0, False)


def test_level_metric_of_the_config(table):
    cells = [
        cell(i, alt, depth) for i, (alt, depth) in enumerate([(40, 2000), (12, 1500), (3, 2500), (0, 1800)])
    ]
    expected = {"pooled": 7.05128e-3, "mean": 7.3e-3, "median": 4.6e-3, "max": 0.02}
    for metric, level in expected.items():
        row = one(table(cells, level={"metric": metric}))
        assert (row["level"], row["level_metric"]) == (pytest.approx(level, rel=1e-5), metric)
        assert row["ge_per_ml"] == pytest.approx(level * 2250, rel=1e-5)
        assert row["ge_per_ml_low"] < row["ge_per_ml"] < row["ge_per_ml_high"]


def test_no_ctdna_has_level_0_and_0_copies_per_ml(table):
    row = one(table([cell(i) for i in range(1, 7)]))
    assert (row["level"], row["ge_per_ml"], row["detected"], row["p"]) == (0, 0, False, 1.0)
    assert row["level_high"] > 0


def test_limit_of_detection_of_the_sample(table):
    """6 x 2000 at 1e-5: 3.85326e-4. Cap: 4 x 20,000 reads from 10 ng are at most 3000 molecules each."""
    rates = {"error_rate": 1e-5}
    plain = one(table([cell(i, **rates) for i in range(1, 7)], rates=False))
    assert plain["lod95"] == pytest.approx(3.85326e-4, rel=1e-4)
    little = sample_frame(("S1", "C2D1", {"cfdna_ng": 10.0}))
    capped = one(table([cell(i, 0, 20_000, **rates) for i in range(1, 5)], samples=little, rates=False))
    assert capped["lod95"] == pytest.approx(3.85326e-4, rel=1e-4)
    calibrated = one(table([cell(i, **rates) for i in range(1, 7)], rates=False, lod={"calibration": 3}))
    assert calibrated["lod95"] == pytest.approx(3 * 3.85326e-4, rel=1e-4)


def test_molecules_that_the_library_loses_raise_the_limit(table):
    """10 ng are 3000 copies; at an efficiency of a half 4 x 1500 molecules: 2.99573 / 6000 by the floor."""
    little = sample_frame(("S1", "C2D1", {"cfdna_ng": 10.0}))
    cells = [cell(i, 0, 20_000, error_rate=1e-7) for i in range(1, 5)]
    half = one(table(cells, samples=little, rates=False, lod={"efficiency": 0.5}))
    assert half["lod95"] == pytest.approx(4.743865 / 6000, rel=1e-3)  # two fragments are asked for
    single = {"min_alt_fragments": 1}
    floor = one(table(cells, samples=little, rates=False, lod={"efficiency": 0.5}, detection=single))
    assert floor["lod95"] == pytest.approx(2.99573 / 6000, rel=1e-4)


@pytest.mark.parametrize(
    ("distinct", "factor", "why"),
    [
        ((30, 30, 30), 1, "no fragment shows two variants"),
        ((30, 0, 0), 3, "every fragment shows all three: the sites find no more than one of them"),
        ((30, 15, 0), 2, "half of them"),
        ((None, None, None), 1, "not counted from reads: not known"),
    ],
)
@pytest.mark.parametrize("ng", [30.0, 1.0], ids=["by depth", "by genome copies"])
def test_sites_on_the_same_molecules_find_no_more_than_one(table, distinct, factor, why, ng):
    """Trap: three near variants of one haplotype, limit as of three: detected in 49 % there, not in 95 %."""
    cells = [
        cell(p, alt, sample=f"S1-{visit}", distinct_alt_fragments=count if alt else 0)
        for visit, alt in (("C1D1", 30), ("C2D1", 0))
        for p, count in enumerate(distinct, 1)
    ]
    tracked = [
        {"subject_id": "S1", "chrom": "chr1", "pos": p, "ref": "C", "alt": "T", "origin": "baseline"}
        | {"baseline_sample_id": "S1-C1D1", "baseline_vaf": 0.015}
        for p in (1, 2, 3)
    ]
    samples = sample_frame(*(("S1", visit, MATERIAL | {"cfdna_ng": ng}) for visit in ("C1D1", "C2D1")))
    found = table(cells, samples=samples, tracked=tracked).set_index("sample_id")["lod95"]
    alone = table(cells, samples=samples).set_index("sample_id")["lod95"]
    assert found.tolist() == pytest.approx((factor * alone).tolist()), why
    rule = {"rule": "variants", "min_variants": 2}
    by_calls = table(cells, samples=samples, tracked=tracked, detection=rule)["lod95"]
    assert by_calls.tolist() == pytest.approx(table(cells, samples=samples, detection=rule)["lod95"].tolist())


def test_too_few_covered_variants_cannot_exclude_ctdna_but_can_show_it(table):
    gaps = [cell(i, 0, 0, status="NOT_COVERED") for i in range(3, 6)]
    silent = one(table([cell(1), cell(2), *gaps]))
    assert (silent["detected"], silent["evaluable"]) == (False, False)
    assert silent["why_not"] == "only 2 of 5 tracked variants covered"
    seen = one(table([cell(1, 30), cell(2, 20), *gaps]))
    assert (seen["detected"], seen["evaluable"], seen["why_not"]) == (True, True, "")


# ---- samples without counts --------------------------------------------------------------------------


def test_calls_only_absence_says_nothing(table):
    row = one(table([cell(1, None), cell(2, None)]))
    assert pd.isna(row["detected"])
    assert np.isnan(row["level"])
    assert (row["evaluable"], row["lod_basis"]) == (False, "NONE")
    assert "no call does not mean no ctDNA" in row["why_not"]


def test_calls_only_a_called_variant_is_detected_without_a_test(table):
    """Testing only the variants that were called would always be significant."""
    row = one(table([cell(1, 30, status="CALLED"), cell(2, None), cell(3, None)]))
    assert (row["detected"], row["method"], row["evaluable"]) == (True, "called variants", True)
    assert row[["p", "p_poisson", "lod95"]].isna().all()


def test_calls_only_a_sample_has_no_level_for_what_is_not_called_is_unknown(table):
    """Trap: mean over the variants present. One of three called at 1.5 % is not a level of 1.5 %."""
    row = one(table([cell(1, 30, status="CALLED"), cell(2, None), cell(3, None)]))
    levels = [f"{name}_vaf{limit}" for name in ("pooled", "mean", "median", "max") for limit in LIMITS]
    missing = [*(f"level{limit}" for limit in LIMITS), *(f"ge_per_ml{limit}" for limit in LIMITS), *levels]
    assert row[[*missing, "sum_vaf"]].isna().all()
    assert (row["level_metric"], row["n_tracked"], row["n_covered"]) == ("", 3, 1)


def test_calls_only_a_sample_in_which_every_tracked_variant_is_called_has_its_level(table):
    """The baseline sample that defined the set: nothing is unknown in it."""
    row = one(table([cell(1, 30, status="CALLED"), cell(2, 10, status="CALLED")]))
    assert (row["level"], row["level_metric"]) == (pytest.approx(0.01), "pooled")


@pytest.mark.parametrize("further", [[cell(2, None, status="CALLED")], [cell(2, None)]])
def test_calls_only_a_call_without_counts_is_a_detection_whatever_else_is_called(table, further):
    """A file with allele fractions and no depth: its baseline sample calls every tracked variant so."""
    row = one(table([cell(1, None, status="CALLED"), *further]))
    assert (row["detected"], row["method"], row["evaluable"]) == (True, "called variants", True)
    assert (row["level_metric"], row["n_covered"]) == ("", 0)


def test_a_variant_file_with_zeros_for_most_variants_was_genotyped_and_is_tested(table):
    row = one(table([cell(1), cell(2), cell(3), cell(4, None)]))
    assert (row["detected"], row["method"], row["n_covered"], row["evaluable"]) == (False, "poisson", 3, True)
    half = one(table([cell(1), cell(2), cell(3, None), cell(4, None)]))
    assert (half["detected"], half["evaluable"]) == (False, True)
    few = one(table([cell(1), cell(2, None), cell(3, None)]))
    assert pd.isna(few["detected"])


def test_calls_only_with_the_stated_limit_of_the_assay(table):
    row = one(table([cell(1, None), cell(2, None)], lod={"assumed": {"panel": 0.002}}))
    assert (row["detected"], row["lod95"], row["lod_basis"]) == (False, 0.002, "ASSUMED")
    assert row["evaluable"]
    assert pd.isna(row["n_covered"])
    assert (row["method"], row["source"]) == ("called variants", "vcf")
    assert one(table([cell(1, None), cell(2, None)]))[["method", "source"]].tolist() == ["", "none"]


@pytest.mark.parametrize(
    ("named", "why"),
    [
        (cell(2, 3), "three fragments, below the thresholds of calling"),
        (cell(2, 2), "two fragments are what a detection asks for"),
        (cell(2, None, status="NOT_SUPPORTED"), "a record without counts"),
    ],
)
def test_a_file_that_names_a_tracked_variant_is_not_silent_at_the_stated_limit(table, named, why):
    """Cleared at the assay's limit, while the file shows the variant: no."""
    row = one(table([cell(1, None), named, cell(3, None)], lod={"assumed": {"panel": 0.002}}))
    assert pd.isna(row["detected"]), why
    assert np.isnan(row["lod95"])
    assert (row["evaluable"], row["lod_basis"]) == (False, "NONE")
    assert row["why_not"].startswith("the variant file names tracked variants")
    artefact = [cell(1, None), cell(2, 3, status="FILTERED"), cell(3, None)]
    lone = [cell(1, None), cell(2, 1), cell(3, None)]  # one fragment would be no detection by counts either
    for silent in (artefact, lone):
        assert not one(table(silent, lod={"assumed": {"panel": 0.002}}))["detected"]
    called = [*artefact, named | {"pos": 4}, cell(5, 9, status="CALLED")]
    assert one(table(called, lod={"assumed": {"panel": 0.002}}))["detected"]


def test_a_stated_limit_is_an_allele_fraction_and_held_against_the_fraction_limits(table):
    """Without a metric beside it the stated 0.02 would pass the absolute limit of clearance unseen."""
    row = one(table([cell(1, None), cell(2, None)], lod={"assumed": {"panel": 0.02}}))
    assert (row["level_metric"], row["lod95"]) == ("pooled", 0.02)


def test_a_file_that_calls_nothing_is_silent_only_at_the_stated_limit_of_its_assay(table):
    samples = sample_frame(("S1", "C1D1", MATERIAL))
    unknown = one(table([], samples=samples))
    assert pd.isna(unknown["detected"])
    stated = one(table([], samples=samples, lod={"assumed": {"panel": 0.002}}))
    assert (stated["detected"], stated["lod95"], stated["lod_basis"]) == (False, 0.002, "ASSUMED")
    assert stated["evaluable"]
    blood = cell(1, 30, sample="S1-C1D1", status="CALLED", in_level=False)
    called = one(table([blood], samples=samples, lod={"assumed": {"panel": 0.002}}))
    assert pd.isna(called["detected"]), "a call that is kept out of the level is not silence"


def test_other_assays_have_no_stated_limit(table):
    row = one(table([cell(1, None)], lod={"assumed": {"another": 0.002}}))
    assert pd.isna(row["detected"])


CALLS_ONLY_CASES = [
    # limits by assay, what the finding says of 2 silent, 1 called and 1 counted sample
    (
        {},
        "3 of 4 plasma samples list calls only (S1-C2D1, S2-C2D1, S3-C2D1): what they do not list was not "
        "assessed, so they have no level, and 2 without a tracked call are not evaluable",
    ),
    ({"panel": 0.002}, None),
]


@pytest.mark.parametrize(("limits", "found"), CALLS_ONLY_CASES)
def test_files_of_calls_only_without_a_stated_limit_are_a_warning(table, limits, found):
    """Trap: every undetected visit is NOT_EVALUABLE and nothing says why, nor what to do."""
    cells = [
        cell(1, None),
        cell(1, None, sample="S2-C2D1"),
        cell(1, 30, sample="S3-C2D1", status="CALLED"),
        cell(2, None, sample="S3-C2D1"),
        cell(1, 0, sample="S4-C2D1"),
    ]
    findings = calls_only_findings(table(cells, lod={"assumed": limits}))
    expected = [] if found is None else [["warning", "calls_only_files", found]]
    assert findings[["severity", "check", "value"]].to_numpy().tolist() == expected
    assert findings["remedy"].str.contains("ctdna.lod.assumed").all()


def test_a_laboratorys_result_of_a_sample_with_calls_only_is_no_finding(table):
    reported = table([cell(1, None)], results=[vendor(0.0, detected=False)])
    assert calls_only_findings(reported).empty


def vendor(level, unit="fraction", detected=True, lod=0.0001, sample="S1-C2D1"):
    return {
        "subject_id": sample.split("-")[0],
        "sample_id": sample,
        "level": level,
        "level_unit": unit,
        "detected": detected,
        "lod": lod,
    }


@pytest.mark.parametrize(
    ("result", "level", "metric", "lod"),
    [
        (vendor(0.02), 0.02, "vendor, fraction", 1e-4),
        (vendor(2.0, "%", lod=0.01), 0.02, "vendor, fraction", 1e-4),
        (vendor(153.0, "MTM/mL", lod=0.3), 153.0, "vendor, MTM/mL", 0.3),
    ],
)
def test_laboratory_result(table, result, level, metric, lod):
    samples = sample_frame(("S1", "C2D1", MATERIAL))
    row = one(table([], samples=samples, results=[result]))
    assert (row["level"], row["lod95"]) == (pytest.approx(level), pytest.approx(lod))
    assert (row["level_metric"], row["method"], row["source"]) == (metric, "laboratory", "vendor")
    assert (row["detected"], row["lod_basis"], row["evaluable"]) == (True, "VENDOR", True)
    assert row[["n_tracked", "n_covered", "p"]].isna().all()
    assert pd.isna(row["ge_per_ml"]) == (metric != "vendor, fraction")


@pytest.mark.parametrize(
    ("result", "detected", "words"),
    [
        (vendor(None, detected=False, lod=None), False, "no limit of detection is known"),
        (vendor(None, detected=None), None, "no call"),
    ],
)
def test_laboratory_result_that_cannot_be_judged(table, result, detected, words):
    row = one(table([], samples=sample_frame(("S1", "C2D1")), results=[result]))
    assert (None if pd.isna(row["detected"]) else row["detected"]) == detected
    assert not row["evaluable"]
    assert words in row["why_not"]


def test_counts_go_before_a_laboratory_result_and_that_before_calls(table):
    counted = one(table([cell(1, 30), cell(2, 20)], results=[vendor(0.5)]))
    assert (counted["source"], counted["lod_basis"]) == ("vcf", "COUNTS")
    calls = one(table([cell(1, None)], results=[vendor(0.5)]))
    assert (calls["source"], calls["level"]) == ("vendor", 0.5)


def test_failed_sample(table):
    samples = sample_frame(("S1", "C2D1", {"qc_status": "fail", "qc_reason": "haemolysis"}))
    row = one(table([cell(1, None, status="NO_SAMPLE")], samples=samples))
    assert (row["evaluable"], row["why_not"]) == (False, "failed quality control: haemolysis")
    assert pd.isna(row["detected"])


def test_subject_without_tracked_variants(table):
    row = one(table([], samples=sample_frame(("S1", "C1D1"))))
    assert (row["n_tracked"], row["evaluable"], row["why_not"]) == (0, False, "no variant is tracked")
    assert pd.isna(row["detected"])


def test_only_plasma_samples_are_rows(table):
    samples = sample_frame(("S1", "C2D1"), ("S1", "C1D1", {"specimen": "wbc"}))
    assert table([cell(1, 30)], samples=samples)["sample_id"].tolist() == ["S1-C2D1"]


# ---- other methods -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["poisson_binomial", "beta_binomial", "monte_carlo", "likelihood_ratio"])
def test_selectable_methods_tell_plain_cases_apart(table, method):
    cells = [cell(i, alt) for i, alt in enumerate([9, 7, 8, 6], 1)]
    silent = [cell(i, 0, sample="S1-C3D1") for i in range(1, 5)]
    result = table(cells + silent, detection={"method": method, "draws": 1000}).set_index("sample_id")
    assert result["method"].tolist() == [method] * 2
    assert result["detected"].tolist() == [True, False]
    assert result["p"].between(0, 1).all()
    assert result["lod95"].between(1e-5, 0.01).all()


def test_beta_binomial_without_overdispersion_is_the_exact_test(table):
    """0 is a value that the config may state."""
    cells = [cell(i, alt) for i, alt in enumerate([1, 2, 0, 0], 1)]
    exact = one(table(cells, detection={"method": "poisson_binomial"}))
    none = one(table(cells, detection={"method": "beta_binomial", "overdispersion": 0}))
    names = ["p", "lod95", "critical_count"]
    assert none[names].astype(float).tolist() == pytest.approx(exact[names].astype(float).tolist(), rel=1e-6)


def test_fisher_needs_background_counts(table):
    cells = [cell(i, 8, error_rate=2e-5) for i in range(1, 5)]
    without = one(table(cells, rates=False, detection={"method": "fisher"}))
    assert pd.isna(without["detected"])
    assert "cannot be made" in without["why_not"]
    counted = [c | {"error_events": 20, "error_depth": 1_000_000} for c in cells]
    assert one(table(counted, rates=False, detection={"method": "fisher"}))["detected"]


def test_rule_by_called_variants(table):
    rule = {"rule": "variants", "min_variants": 2}
    cells = [cell(1, 9, status="CALLED"), cell(2, 8, status="CALLED"), cell(3, 1)]
    row = one(table(cells, detection=rule))
    assert (row["detected"], row["method"]) == (True, "called variants")
    assert not one(table(cells[1:], detection=rule))["detected"]
    assert row["lod95"] > one(table(cells))["lod95"], "calls need more fragments than the test"


def test_tumour_fraction_of_a_variant_for_the_likelihood_ratio():
    cells = frame_of([cell(1), cell(2), cell(3)], ctdna.TRACKING)
    key = {"subject_id": "S1", "chrom": "chr1", "ref": "C", "alt": "T"}
    known = [key | {"pos": 1, "baseline_vaf": 0.3}, key | {"pos": 2, "baseline_vaf": 0.1}]
    tracked = frame_of(known, ctdna.TRACKED)
    assert level_cells(cells, tracked)["tumour_vaf"].tolist() == [0.3, 0.1, 0.2]
    assert level_cells(cells, empty(ctdna.TRACKED))["tumour_vaf"].tolist() == [0.5] * 3


def test_no_samples_give_an_empty_table(table):
    assert table([], samples=empty(intake.SAMPLES)).empty


def test_the_critical_count_of_a_sample_goes_by_the_depth_of_its_test(table):
    """20,000 reads of 3,000 molecules: errors are made in reads, so 4 are needed, not the 2 of 3,000."""
    little = sample_frame(("S1", "C2D1", {"cfdna_ng": 10.0}))
    for alt, expected in ((3, False), (4, True)):
        cells = [cell(i, alt if i == 1 else 0, 20_000, error_rate=1e-5) for i in range(1, 5)]
        row = one(table(cells, samples=little, rates=False))
        assert (row["critical_count"], row["detected"]) == (4, expected)
        assert row["lod95"] == pytest.approx(3.85326e-4, rel=1e-4)


def test_under_rule_variants_no_number_of_fragments_is_critical(table):
    row = one(table([cell(1, 9), cell(2, 9)], detection={"rule": "variants"}))
    assert pd.isna(row["critical_count"])
    assert row["lod95"] > 0


def test_the_jobs_of_this_stage_start_without_the_statistics_library():
    """scipy.stats and scipy.optimize cost each job most of a second."""
    code = (
        "import sys, clearher.ctdna.samples, clearher.ctdna.course, clearher.ctdna.tracking;"
        "sys.exit(bool({'scipy.stats', 'scipy.optimize'} & set(sys.modules)))"
    )
    scripts = Path(__file__).resolve().parents[2] / "workflow" / "scripts"
    assert subprocess.run([sys.executable, "-c", code], cwd=scripts).returncode == 0
