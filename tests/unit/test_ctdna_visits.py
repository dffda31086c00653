"""Ratios from counts, choice of the baseline, order and names of visits."""

import numpy as np
import pandas as pd
import pytest

from clearher.columns import ctdna
from clearher.ctdna.baseline import choose_baseline
from clearher.ctdna.identity import foreign_samples
from clearher.ctdna.ratio import mean_vaf_ratio
from clearher.ctdna.ratios import nadir_before, paired_ratios
from clearher.ctdna.schedule import expected_visits, missing_visits
from clearher.ctdna.visits import course_frame, visit_table
from clearher.tables import empty, frame_of
from ctdna_builders import PLAN, detected, result_frame, sample_frame, silent, subject_frame

POOLED = {"metric": "pooled", "confidence": 0.95}
MEAN = {"metric": "mean", "confidence": 0.95}


def cells(sample, counts, status="GENOTYPED", **further):
    """Tracking cells of one sample from (alt, depth) by position 1, 2, ..."""
    rows = [
        {
            "subject_id": "S1",
            "sample_id": sample,
            "visit": sample,
            "chrom": "chr1",
            "pos": position,
            "ref": "C",
            "alt": "T",
            "origin": "baseline",
            "source": "vcf",
            "alt_count": alt,
            "depth": depth,
            "status": status,
            "in_level": True,
            **further,
        }
        for position, (alt, depth) in enumerate(counts, 1)
    ]
    return frame_of(rows, ctdna.TRACKING)


def ratio_of(tracking, settings):
    return paired_ratios(pd.Series(["LATER"]), pd.Series(["BASE"]), tracking, settings=settings).iloc[0]


@pytest.mark.parametrize(
    ("alt", "expected", "zero"),
    [
        (20, (0.139130, 0.0873173, 0.221689), False),
        (130, (0.904348, 0.716050, 1.142161), False),
        (0, (0.00346671, 0.000215869, 0.0556730), True),
    ],
)
def test_pooled_ratio_of_150_in_12000(alt, expected, zero):
    tracking = pd.concat([cells("BASE", [(150, 12000)]), cells("LATER", [(alt, 11500)])])
    found = ratio_of(tracking, POOLED)
    assert tuple(found[["ratio", "ratio_low", "ratio_high"]]) == pytest.approx(expected, rel=1e-5)
    assert found["zero_corrected"] == zero


def test_mean_ratio_over_four_variants():
    base = [(30, 2400), (24, 2000), (18, 1800), (40, 2500)]
    later = [(4, 2200), (2, 2100), (0, 1900), (5, 2400)]
    found = ratio_of(pd.concat([cells("BASE", base), cells("LATER", later)]), MEAN)
    expected = (0.0961168, 0.0517194, 0.178626)
    assert tuple(found[["ratio", "ratio_low", "ratio_high"]]) == pytest.approx(expected, rel=1e-5)
    assert found["ratio_variants"] == 4


@pytest.mark.parametrize("later", [[(0, 2200), (0, 2100)], [(4, 2200), (1, 2100)]])
def test_the_mean_ratio_of_many_pairs_is_that_of_each_pair(later):
    base = [(30, 2400), (24, 2000)]
    found = ratio_of(pd.concat([cells("BASE", base), cells("LATER", later)]), MEAN)
    single = mean_vaf_ratio(*zip(*later, strict=True), *zip(*base, strict=True))
    assert tuple(found[["ratio", "ratio_low", "ratio_high"]]) == pytest.approx(single[:3])


def test_only_variants_covered_at_both_visits_enter_the_ratio():
    base = cells("BASE", [(100, 10000), (400, 1000)])
    later = cells("LATER", [(50, 10000)])  # the second variant was not covered
    found = ratio_of(pd.concat([base, later]), POOLED)
    assert found["ratio"] == pytest.approx(0.5)
    assert found["ratio_variants"] == 1


def test_cells_that_do_not_count_stay_out_of_the_ratio():
    base = cells("BASE", [(100, 10000)])
    assert np.isnan(
        ratio_of(pd.concat([base, cells("LATER", [(9, 10000)], status="FILTERED")]), POOLED)["ratio"]
    )
    assert np.isnan(
        ratio_of(pd.concat([base, cells("LATER", [(9, 10000)], in_level=False)]), POOLED)["ratio"]
    )


@pytest.mark.parametrize("settings", [POOLED, MEAN], ids=["pooled", "mean"])
def test_dependent_fragments_widen_the_interval_and_leave_the_ratio(settings):
    base, later = cells("BASE", [(50, 3000)] * 4), cells("LATER", [(5, 2875)] * 4)
    same = later.assign(distinct_alt_fragments=[5, 0, 0, 0])  # five fragments show all four variants
    few = ratio_of(pd.concat([base, same]), settings)
    assert few["ratio"] == pytest.approx(ratio_of(pd.concat([base, later]), settings)["ratio"])
    assert few["ratio"] == pytest.approx(20 / 11500 / (200 / 12000))
    # variance 1/5 - 1/2875 + 1/200 - 1/12000 instead of 1/20 - 1/11500 + ...
    spread = 1 / 5 - 1 / 2875 + 1 / 200 - 1 / 12000
    assert few["ratio_high"] == pytest.approx(few["ratio"] * np.exp(1.959964 * spread**0.5), rel=1e-5)


@pytest.mark.parametrize("settings", [POOLED, MEAN], ids=["pooled", "mean"])
@pytest.mark.parametrize("kept", [1, 2])
def test_the_ratio_of_one_of_two_variants_on_the_same_fragments(settings, kept):
    """Trap: the fragments of both are credited to the first; where that is not covered, none are left."""
    base = cells("BASE", [(30, 2000), (30, 2000)]).assign(distinct_alt_fragments=[30, 0])
    later = cells("LATER", [(5, 2000), (5, 2000)]).assign(distinct_alt_fragments=5)
    found = ratio_of(pd.concat([base, later[later["pos"] == kept]]), settings)
    spread = 1 / 5 - 1 / 2000 + 1 / 30 - 1 / 2000
    limits = [np.exp(sign * 1.959964 * spread**0.5) / 6 for sign in (-1, 0, 1)]
    assert list(found[["ratio_low", "ratio", "ratio_high"]]) == pytest.approx(limits, rel=1e-5)
    assert not found["zero_corrected"]


@pytest.mark.parametrize("settings", [POOLED, MEAN], ids=["pooled", "mean"])
def test_dependent_fragments_of_the_baseline_widen_the_interval_too(settings):
    base, later = cells("BASE", [(50, 3000)] * 4), cells("LATER", [(5, 2875)] * 4)
    same = base.assign(distinct_alt_fragments=[50, 0, 0, 0])  # fifty fragments show all four variants
    few = ratio_of(pd.concat([same, later]), settings)
    assert few["ratio"] == pytest.approx(20 / 11500 / (200 / 12000))
    # variance 1/50 - 1/3000 for the baseline instead of 1/200 - 1/12000
    spread = 1 / 20 - 1 / 11500 + 1 / 50 - 1 / 3000
    assert few["ratio_low"] == pytest.approx(few["ratio"] * np.exp(-1.959964 * spread**0.5), rel=1e-5)


def test_the_rise_from_the_nadir_rests_on_the_counts_of_both_visits(settings):
    """From 10 of 10,000 to 40 of 10,000: 4 times; the interval is that of the counts, not of the levels."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"), ("S1", "C3D1"))
    one = {"n_tracked": 1, "n_covered": 1}
    levels = {"C1D1": 0.0125, "C2D1": 0.001, "C3D1": 0.004}
    results = {f"S1-{visit}": detected(level, **one) for visit, level in levels.items()}
    counts = {"C1D1": (150, 12000), "C2D1": (10, 10000), "C3D1": (40, 10000)}
    tracking = pd.concat([cells(f"S1-{visit}", [count]) for visit, count in counts.items()])
    visits = course(settings, samples, result_frame(samples, results), tracking).set_index("visit")
    spread = 1 / 10 - 1 / 10000 + 1 / 40 - 1 / 10000
    limits = [4 * np.exp(sign * 1.959964 * spread**0.5) for sign in (-1, 0, 1)]
    found = visits.loc["C3D1", ["nadir_ratio_low", "nadir_ratio", "nadir_ratio_high"]]
    assert list(found) == pytest.approx(limits, rel=1e-5)
    assert visits.loc["C3D1", "nadir_level"] == 0.001
    assert visits.loc["C1D1", ["nadir_ratio", "nadir_ratio_low"]].isna().all()


def test_at_a_non_detection_the_upper_limit_is_the_limit_of_detection(settings):
    # no fragment of 11,500: delta-method limit 0.0557; LoD95 0.0015 of baseline level 0.0125 is 0.12
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    one = {"n_tracked": 1, "n_covered": 1}
    results = result_frame(samples, {"S1-C1D1": detected(0.0125, **one), "S1-C2D1": silent(0.0015, **one)})
    tracking = pd.concat([cells("S1-C1D1", [(150, 12000)]), cells("S1-C2D1", [(0, 11500)], "NOT_DETECTED")])
    visit = course(settings, samples, results, tracking).set_index("visit").loc["C2D1"]
    assert visit["ratio"] == pytest.approx(0.00346671, rel=1e-5)
    assert visit["ratio_high"] == pytest.approx(0.12)
    assert visit["change_percent"] == pytest.approx(-99.653329, rel=1e-6)


MOLECULES = {"level_metric": "vendor, MTM/mL", "lod_basis": "VENDOR", "n_tracked": None, "n_covered": None}


@pytest.mark.parametrize(
    ("baseline", "later", "state", "reason", "why"),
    [
        (detected(12.0, **MOLECULES), detected(0.01), "DETECTED", "level in another unit",
         "no fall to 1 in 1200"),
        (detected(0.02), detected(1.0, **MOLECULES), "DETECTED", "level in another unit",
         "no rise to 50 times"),
        (detected(12.0, **MOLECULES), silent(0.0004), "NOT_DETECTED_ADEQUATE", "level in another unit",
         "by the absolute limit, as where no baseline level is known"),
        (detected(12.0, **MOLECULES), silent(0.0045), "NOT_DETECTED_INSUFFICIENT", "LoD95 above 0.003",
         "a tenth of 12 molecules is no allele fraction"),
        (detected(0.02), silent(0.001, **MOLECULES), "NOT_DETECTED_INSUFFICIENT", "cannot be compared",
         "a limit in molecules is not below a fraction"),
    ],
)  # fmt: skip
def test_levels_in_two_units_are_not_compared(settings, baseline, later, state, reason, why):
    """One sample has reads, of the other there is the laboratory's result alone, in molecules per mL."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"), ("S1", "C3D1"))
    results = {"S1-C1D1": baseline, "S1-C2D1": later, "S1-C3D1": baseline}
    table = course(settings, samples, result_frame(samples, results), empty(ctdna.TRACKING))
    visits = table.set_index("visit")
    assert visits.loc["C2D1", "state"] == state, why
    assert reason in visits.loc["C2D1", "reason"], why
    assert visits.loc["C2D1", ["ratio", "ratio_high", "change_percent", "nadir_ratio"]].isna().all(), why
    assert visits.loc["C2D1", "response_50"] == "", why
    assert visits.loc["C3D1", "ratio"] == 1.0
    assert visits.loc["C3D1", "nadir_level"] == baseline["level"], "a level in another unit is no nadir"


def test_limit_without_a_unit_is_in_that_of_the_baseline(settings):
    """A laboratory's table that names the unit only where there is a level."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    nameless = {**MOLECULES, "level_metric": "vendor, "}
    results = {"S1-C1D1": detected(12.0, **MOLECULES), "S1-C2D1": silent(1.2, **nameless)}
    table = course(settings, samples, result_frame(samples, results), empty(ctdna.TRACKING))
    assert table.set_index("visit").loc["C2D1", "state"] == "NOT_DETECTED_ADEQUATE"


def test_no_ratio_where_too_few_variants_are_covered_at_both_visits(settings):
    # the calls file of C2D1 still names one of four variants: the one that fell least
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    results = {"S1-C1D1": detected(0.02), "S1-C2D1": detected(0.01, n_covered=1, evaluable=False)}
    tracking = pd.concat(
        [cells("S1-C1D1", [(40, 2000)] * 4, "CALLED"), cells("S1-C2D1", [(20, 2000)], "CALLED")]
    )
    visit = course(settings, samples, result_frame(samples, results), tracking).set_index("visit").loc["C2D1"]
    assert visit["state"] == "DETECTED"
    assert np.isnan(visit["ratio"])
    assert visit["ratio_variants"] == 1
    assert visit["response_50"] == ""
    assert visit["reason"] == "too few tracked variants covered at both visits for a ratio"


@pytest.mark.parametrize("metric", ["pooled", "max"])
@pytest.mark.parametrize(("at_baseline", "shared"), [((1, 2), 0), ((1, 3), 1), ((3, 4), 2)])
def test_sharing_no_variant_is_sharing_too_few(settings, metric, at_baseline, shared):
    """Of four variants C2D1 covers the third and fourth: the quotient of the levels compares others."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    half = {"n_covered": 2, "level_metric": metric}
    results = {"S1-C1D1": detected(0.02, **half), "S1-C2D1": detected(0.001, **half)}
    base = cells("S1-C1D1", [(40, 2000)] * 4)
    later = cells("S1-C2D1", [(2, 2000)] * 4)
    tracking = pd.concat([base[base["pos"].isin(at_baseline)], later[later["pos"] > 2]])
    frame = course_frame(
        result_frame(samples, results), tracking, samples, subject_frame("S1", cut="2025-01-31"), PLAN,
        settings=settings("ctdna") | {"level": POOLED | {"metric": metric}},
    )  # fmt: skip
    visit = frame.set_index("visit").loc["C2D1"]
    assert visit["ratio_variants"] == shared
    assert visit[["ratio", "change_percent"]].notna().tolist() == [shared == 2] * 2
    assert (visit["response_50"] != "") == (shared == 2)


def test_the_ratio_of_a_laboratorys_levels_is_not_that_of_the_calls_beside_them(settings):
    """Levels 5 % and 1 %; the variant file of C2D1 still names one variant, which fell by a quarter."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    reported = {**MOLECULES, "level_metric": "vendor, fraction"}
    results = {"S1-C1D1": detected(0.05, **reported), "S1-C2D1": detected(0.01, **reported)}
    calls = [cells("S1-C1D1", [(40, 2000), (60, 2000)], "CALLED"), cells("S1-C2D1", [(30, 2000)], "CALLED")]
    table = course(settings, samples, result_frame(samples, results), pd.concat(calls))
    visit = table.set_index("visit").loc["C2D1"]
    assert visit["ratio"] == pytest.approx(0.2)
    assert visit[["ratio_low", "ratio_high", "ratio_variants"]].isna().all()
    assert visit["response_50"] == "yes"


@pytest.mark.parametrize(
    ("draws", "chosen"),
    [
        ([("SCREENING", -14), ("C1D1", 1)], "C1D1"),
        ([("SCREENING", -14)], "SCREENING"),
        ([("SCREENING", -28)], "SCREENING"),  # the first day of the window
        ([("SCREENING", -29)], None),  # outside the window of 28 days
        ([("C1D1", 1), ("SCREENING", 1)], "C1D1"),  # of one day the later visit of the schedule
        ([("SCREENING", 1), ("UNSCHEDULED", 1)], "SCREENING"),  # of one day a planned visit
        ([("C1D1", 2)], None),  # after the first dose
        ([("C2D1", 1)], None),  # a planned visit that is no baseline visit
        ([("SCREENING", -14), ("UNSCHEDULED", -3)], "UNSCHEDULED"),  # off schedule, its date decides
        ([("C1D1", None)], "C1D1"),  # undated, but the visit says it
        ([("SCREENING", -14), ("C1D1", None)], "SCREENING"),  # a dated sample is preferred
        ([("UNSCHEDULED", None)], None),
    ],
)
def test_baseline_is_the_last_dated_sample_up_to_the_first_dose(draws, chosen):
    samples = sample_frame(*[("S1", visit, {"study_day": day}) for visit, day in draws])
    found = choose_baseline(samples, PLAN, window_days=28, last_day=1)
    assert found["visit"].tolist() == ([chosen] if chosen else [])


def test_without_flags_in_the_schedule_the_date_alone_decides():
    plan = {name: {"day": visit["day"]} for name, visit in PLAN.items()}
    samples = sample_frame(
        *[("S1", visit, {"study_day": day}) for visit, day in [("C2D1", -2), ("C3D1", 43)]]
    )
    assert choose_baseline(samples, plan, window_days=28, last_day=1)["visit"].tolist() == ["C2D1"]


def test_the_level_baseline_is_the_last_evaluable_sample(settings):
    # day 1 was drawn but covers nothing: screening is the baseline
    samples = sample_frame(("S1", "SCREENING"), ("S1", "C1D1"), ("S1", "C2D1"))
    results = {
        "S1-SCREENING": detected(0.02),
        "S1-C1D1": {"n_covered": 0, "evaluable": False, "why_not": "no counts"},
        "S1-C2D1": detected(0.01),
    }
    visits = course(settings, samples, result_frame(samples, results)).set_index("visit")
    assert visits["phase"].to_dict() == {
        "SCREENING": "BASELINE",
        "C1D1": "PRE_BASELINE",
        "C2D1": "POST_BASELINE",
    }
    assert visits.loc["C1D1", "reason"] == "NOT_ASSESSED: depth unknown at every tracked variant"
    assert visits.loc["C2D1", "ratio"] == pytest.approx(0.5)


def test_a_subject_whose_only_later_draw_is_at_the_end_of_treatment_has_a_change(settings):
    """pughlab/EVOLVE_ctDNA summary_stats_clearance.R: a reshape by visit name loses such a subject."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "EOT", {"study_day": 60}))
    results = {"S1-C1D1": detected(0.02), "S1-EOT": detected(0.005)}
    visits = course(settings, samples, result_frame(samples, results)).set_index("visit")
    assert visits.loc["EOT", "change_percent"] == pytest.approx(-75)


def test_a_failed_sample_is_never_evaluable_whatever_was_measured(settings):
    samples = sample_frame(
        ("S1", "C1D1"), ("S1", "C2D1", {"qc_status": "fail", "qc_reason": "haemolysis"}), ("S1", "C3D1")
    )
    results = {"S1-C1D1": detected(0.02), "S1-C2D1": detected(0.01), "S1-C3D1": silent(0.0004)}
    visits = course(settings, samples, result_frame(samples, results)).set_index("visit")
    assert visits.loc["C2D1", "state"] == "NOT_EVALUABLE"
    assert visits.loc["C2D1", "reason"] == "QC: failed quality control (haemolysis)"
    assert np.isnan(visits.loc["C2D1", "ratio"])


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (silent(0.0004, n_covered=1, evaluable=False), "LOW_COVERAGE: only 1 of 4 tracked variants covered"),
        (silent(0.0004, n_covered=2), ""),  # half of them is enough
        (silent(np.nan), "LOD_UNKNOWN: not detected, but no limit of detection is known"),
        ({"evaluable": False, "why_not": "swapped"}, "OTHER: swapped"),
    ],
)
def test_reasons_of_a_visit_that_is_not_evaluable(settings, result, reason):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    visits = course(settings, samples, result_frame(samples, {"S1-C1D1": detected(0.02), "S1-C2D1": result}))
    visit = visits.set_index("visit").loc["C2D1"]
    assert visit["reason"] == reason
    assert visit["state"] == ("NOT_EVALUABLE" if reason else "NOT_DETECTED_ADEQUATE")


def test_detection_counts_even_where_few_variants_are_covered(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    results = {"S1-C1D1": detected(0.02), "S1-C2D1": detected(0.01, n_covered=1, evaluable=False)}
    visits = course(settings, samples, result_frame(samples, results)).set_index("visit")
    assert visits.loc["C2D1", "state"] == "DETECTED"


def test_a_detection_without_a_level_has_no_ratio_and_is_no_nadir(settings):
    """Trap: a file of calls names three of four variants; their ratio of 0.5 leaves out what vanished."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"), ("S1", "C3D1"))
    unknown = detected(np.nan, n_covered=3, pooled_vaf=np.nan)
    results = {"S1-C1D1": detected(0.02), "S1-C2D1": unknown, "S1-C3D1": detected(0.01)}
    tracking = pd.concat(
        [
            cells("S1-C1D1", [(40, 2000)] * 4, "CALLED"),
            cells("S1-C2D1", [(20, 2000)] * 3, "CALLED"),
            cells("S1-C3D1", [(20, 2000)] * 4, "CALLED"),
        ]
    )
    visits = course(settings, samples, result_frame(samples, results), tracking).set_index("visit")
    called = visits.loc["C2D1"]
    assert (called["state"], called["response_50"]) == ("DETECTED", "")
    assert called["reason"] == "detected without a level: no ratio"
    assert called[["ratio", "ratio_low", "ratio_high", "change_percent", "nadir_ratio"]].isna().all()
    assert visits.loc["C3D1", "nadir_level"] == 0.02
    assert visits.loc["C3D1", "ratio"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("result", "state", "reason"),
    [
        (silent(0.003), "BASELINE_NOT_DETECTED", ""),
        (silent(0.0031), "NOT_EVALUABLE", "not detected, but LoD95 above 0.003"),
        (silent(None, evaluable=False, why_not="no limit"), "NOT_EVALUABLE", "no limit"),
        (
            {"n_tracked": 0, "n_covered": 0, "evaluable": False, "why_not": "no variant is tracked"},
            "NOT_EVALUABLE",
            "nothing was called that could be followed, and no limit of detection is known for that",
        ),
        (silent(2.0, level_metric="vendor, MTM/mL", n_tracked=None), "BASELINE_NOT_DETECTED", ""),
        (silent(None, n_tracked=None, evaluable=False, why_not="no limit"), "NOT_EVALUABLE", "no limit"),
    ],
)
def test_no_ctdna_at_baseline_needs_a_limit_of_detection_that_is_good_enough(settings, result, state, reason):
    """Trap: an empty list of calls, or a blind sample, taken for a subject without ctDNA."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    results = result_frame(samples, {"S1-C1D1": result, "S1-C2D1": detected(0.01)})
    frame = course_frame(
        results, empty(ctdna.TRACKING), samples, subject_frame("S1"), PLAN, settings=settings("ctdna")
    )
    assert frame.loc[0, ["baseline_state", "baseline_reason"]].tolist() == [state, reason]
    later = frame.set_index("visit").loc["C2D1"]
    assert later["event"] == ("NEWLY_DETECTED" if state == "BASELINE_NOT_DETECTED" else "")


def test_a_detected_draw_is_baseline_before_a_later_one_that_could_not_see(settings):
    samples = sample_frame(("S1", "SCREENING"), ("S1", "C1D1"))
    results = result_frame(samples, {"S1-SCREENING": detected(0.02), "S1-C1D1": silent(0.02)})
    visits = course(settings, samples, results).set_index("visit")
    assert visits.loc["SCREENING", "phase"] == "BASELINE"


def test_where_nothing_is_tracked_a_later_call_is_a_detection(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    nothing = {"n_tracked": 0, "n_covered": 0, "evaluable": False}
    stated = silent(0.002, n_tracked=None, n_covered=None, lod_basis="ASSUMED")
    results = result_frame(samples, {"S1-C1D1": stated, "S1-C2D1": nothing})
    emergent = cells("S1-C2D1", [(40, 2000)], "CALLED", origin="emergent", in_level=False, ch_like=False)
    visits = course(settings, samples, results, emergent).set_index("visit")
    assert visits.loc["C2D1", ["state", "event"]].tolist() == ["DETECTED", "NEWLY_DETECTED"]
    blood = emergent.assign(ch_like=True)
    visits = course(settings, samples, results, blood.astype({"ch_like": "boolean"})).set_index("visit")
    assert visits.loc["C2D1", "state"] == "NOT_EVALUABLE"


def test_another_persons_blood_is_not_evaluable_and_no_baseline(settings):
    samples = sample_frame(("S1", "SCREENING"), ("S1", "C1D1"), ("S1", "C2D1"))
    results = {name: detected(0.02) for name in ("S1-SCREENING", "S1-C1D1")} | {"S1-C2D1": silent(0.0004)}
    measured = result_frame(samples, results)
    visits = course(settings, samples, measured, foreign={"S1-C1D1", "S1-C2D1"}).set_index("visit")
    assert visits["phase"].to_dict() == {
        "SCREENING": "BASELINE",
        "C1D1": "PRE_BASELINE",
        "C2D1": "POST_BASELINE",
    }
    assert visits.loc["C2D1", "state"] == "NOT_EVALUABLE"
    assert visits.loc["C2D1", "reason"] == "IDENTITY: the sample holds another person's DNA"


@pytest.mark.parametrize(
    ("pairs", "foreign"),
    [
        ([("A", "B", "MATCH"), ("A", "C", "MATCH"), ("B", "C", "MATCH")], set()),
        ([("A", "B", "MATCH"), ("A", "C", "MISMATCH"), ("B", "C", "MISMATCH")], {"C"}),
        ([("A", "B", "MISMATCH")], {"A", "B"}),  # nobody can say which is whose
        ([("A", "B", "NOT_EVALUABLE")], set()),
        ([("A", "B", "NOT_EVALUABLE"), ("B", "C", "MISMATCH"), ("A", "C", "MATCH")], {"B"}),
        ([], set()),
    ],
)
def test_the_foreign_sample_is_the_one_that_most_others_contradict(pairs, foreign):
    identity = pd.DataFrame(pairs, columns=["sample_a", "sample_b", "verdict"])
    assert foreign_samples(identity) == foreign


def test_a_level_over_too_few_variants_is_no_nadir_and_no_rise(settings):
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"), ("S1", "C3D1"))
    few = {"n_covered": 1, "evaluable": False}
    low = {"S1-C1D1": detected(0.02), "S1-C2D1": detected(0.001, **few), "S1-C3D1": detected(0.01)}
    visits = course(settings, samples, result_frame(samples, low)).set_index("visit")
    assert visits.loc["C3D1", "nadir_level"] == 0.02
    high = {"S1-C1D1": detected(0.02), "S1-C2D1": detected(0.004), "S1-C3D1": detected(0.01, **few)}
    visit = course(settings, samples, result_frame(samples, high)).set_index("visit").loc["C3D1"]
    assert np.isnan(visit["nadir_ratio"])
    assert not visit["molecular_progression"]


def test_two_tubes_of_one_day_give_the_better_one_and_another_day_is_another_visit(settings):
    samples = sample_frame(
        ("S1", "C1D1"),
        ("S1", "C2D1", {"sample_id": "A"}),
        ("S1", "C2D1", {"sample_id": "B"}),
        ("S1", "C2D1", {"sample_id": "C", "study_day": 30}),
    )
    results = {"S1-C1D1": detected(0.02), "A": silent(0.002), "B": silent(0.0004), "C": silent(0.0005)}
    visits = course(settings, samples, result_frame(samples, results))
    assert visits[["visit", "sample_id"]].to_numpy().tolist() == [
        ["C1D1", "S1-C1D1"],
        ["C2D1", "B"],
        ["C2D1 (day 30)", "C"],
    ]


def test_of_two_tubes_of_one_day_the_one_with_ctdna_stays(settings):
    """Although the other has the lower limit: a detection is not outvoted into a clearance."""
    samples = sample_frame(
        ("S1", "C1D1"), ("S1", "C2D1", {"sample_id": "A"}), ("S1", "C2D1", {"sample_id": "B"})
    )
    results = {"S1-C1D1": detected(0.02), "A": detected(0.002, lod95=0.002), "B": silent(0.0004)}
    visits = course(settings, samples, result_frame(samples, results)).set_index("visit")
    assert visits.loc["C2D1", ["sample_id", "state"]].tolist() == ["A", "DETECTED"]


def test_expected_visits_end_with_treatment_and_with_the_cut():
    subjects = subject_frame("S1", cut="2025-12-31", end_of_treatment_date="2025-02-15")
    assert expected(subjects) == ["C1D1", "C2D1", "C3D1"]  # C5D1 on day 85 is after the end of treatment
    assert expected(subjects, until="end_of_study") == ["C1D1", "C2D1", "C3D1", "C5D1"]
    # cut on day 25: the window of C2D1 (day 22 + 7) is still open
    assert expected(subject_frame("S1", cut="2025-01-25")) == ["C1D1"]
    assert expected(subject_frame("S1", cut="2025-01-29")) == ["C1D1", "C2D1"]
    assert expected(subject_frame("S1", treated=False)) == []


LIMITS = [
    # dates of the subject, visits expected, why
    ({"cut": "2025-01-01"}, ["C1D1"], "day 1 is the day of the first dose, its window ends with it"),
    ({"end_of_treatment_date": "2025-02-12"}, ["C1D1", "C2D1", "C3D1"], "treatment ends on day 43, of C3D1"),
    ({"end_of_treatment_date": "2025-02-11"}, ["C1D1", "C2D1"], "a day before"),
    ({"end_of_treatment_date": "2025-02-12", "death_date": "2025-01-20"}, ["C1D1"], "the first end counts"),
    ({"end_of_treatment_date": "2025-01-20", "end_of_study_date": "2025-02-12"}, ["C1D1"], "in any order"),
]


@pytest.mark.parametrize(("dates", "visits", "why"), LIMITS)
def test_a_visit_is_expected_up_to_the_first_end(dates, visits, why):
    plan = {"C1D1": {"day": 1}, "C2D1": {"day": 22}, "C3D1": {"day": 43}}
    found = expected_visits(subject_frame("S1", **dates), plan, until="end_of_treatment")
    assert found["visit"].tolist() == visits, why


@pytest.mark.parametrize(
    ("dates", "visits"),
    [
        ({"last_alive_date": "2025-01-10", "death_date": "2025-03-01"}, ["C1D1", "C2D1", "C3D1"]),
        ({"death_date": "2025-03-01"}, ["C1D1", "C2D1", "C3D1"]),  # no contact recorded
        ({"last_alive_date": "2025-01-29"}, ["C1D1", "C2D1"]),
        ({"last_alive_date": "2025-01-10", "death_date": "2025-01-20"}, ["C1D1"]),  # before C2D1
    ],
)
def test_without_a_cut_date_a_death_proves_life_up_to_its_day(dates, visits):
    """Trap: visits between progression and death drop out of the denominator of clearance."""
    assert expected(subject_frame("S1", cut=None, **dates)) == visits


def test_a_visit_with_a_failed_tube_is_not_missing():
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1", {"qc_status": "fail"}))
    plan = expected_visits(subject_frame("S1", cut="2025-02-28"), PLAN, until="end_of_treatment")
    assert missing_visits(plan, samples)["visit"].tolist() == ["C3D1"]


def test_nadir_is_the_lowest_level_before_with_limits_standing_in():
    frame = pd.DataFrame(
        {
            "subject_id": ["A"] * 5 + ["B"] * 2,
            "sample_id": list("abcdefg"),
            "study_day": pd.array([1, 22, 43, 64, 85, 1, 22], dtype="Int64"),
            "phase": ["BASELINE", *["POST_BASELINE"] * 4, "BASELINE", "POST_BASELINE"],
            "state": ["DETECTED", "NOT_DETECTED_ADEQUATE", "NOT_EVALUABLE", "DETECTED", "DETECTED"]
            + ["DETECTED"] * 2,
            "level": [0.02, 0.0, 0.0, 0.004, 0.001, 0.5, 0.6],
            "lod95": [0.0005, 0.0004, 0.0001, 0.0005, 0.0005, 0.1, 0.1],
            "comparable": True,
        }
    )
    found = nadir_before(frame)
    assert found["sample_id"].tolist() == ["", "a", "b", "b", "b", "", "f"]
    assert found["level"].tolist()[1:5] == [0.02, 0.0004, 0.0004, 0.0004]
    same_day = nadir_before(frame.assign(study_day=pd.array([1, 22, 22, 22, pd.NA, 1, 22], dtype="Int64")))
    assert same_day["sample_id"].tolist() == ["", "a", "a", "a", "b", "", "f"]


def test_further_cuts_become_columns(settings):
    config = settings("ctdna")
    config["response"] = {**config["response"], "further_cuts": [0.98]}
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    results = result_frame(samples, {"S1-C1D1": detected(0.02), "S1-C2D1": detected(0.0003)})
    frame = course_frame(
        results, empty(ctdna.TRACKING), samples, subject_frame("S1", cut="2025-01-31"), PLAN, settings=config
    )
    visits = visit_table(frame, settings=config).set_index("visit")
    assert visits.loc["C2D1", "response_98"] == "yes"


def test_a_study_without_plasma_has_an_empty_table(settings):
    frame = course_frame(
        empty(ctdna.SAMPLES),
        empty(ctdna.TRACKING),
        sample_frame(),
        subject_frame("S1", treated=False),
        PLAN,
        settings=settings("ctdna"),
    )
    assert visit_table(frame, settings=settings("ctdna")).empty


def course(settings, samples, results, tracking=None, foreign=()):
    config = settings("ctdna")
    subjects = subject_frame("S1", cut="2025-01-31")
    tracking = empty(ctdna.TRACKING) if tracking is None else tracking
    frame = course_frame(results, tracking, samples, subjects, PLAN, settings=config, foreign=foreign)
    return visit_table(frame, settings=config)


def expected(subjects, until="end_of_treatment"):
    return expected_visits(subjects, PLAN, until=until)["visit"].tolist()
