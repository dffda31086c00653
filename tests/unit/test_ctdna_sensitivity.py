"""The sensitivity table beside the primary definition: what must be equal, and what may differ."""

import pandas as pd
import pytest

from clearher.columns import ctdna, intake
from clearher.ctdna.ch_like import with_ch_like
from clearher.ctdna.course import course_tables
from clearher.ctdna.error import with_error_rates
from clearher.ctdna.samples import sample_table
from clearher.tables import empty, frame_of
from ctdna_builders import PLAN, detected, result_frame, sample_frame, silent, subject_frame

# (alt, depth) of two variants at C1D1 and C2D1. A: depth moves to the variant of high VAF, so that the pooled
# level rises 3.5 times while each variant falls: matched ratio 0.45, mean 0.48. B: falls to a fifth.
COUNTS = {
    "A": [[(200, 1000), (10, 10_000)], [(270, 3000), (1, 1000)]],
    "B": [[(100, 2000), (80, 2000)], [(20, 2000), (16, 2000)]],
    "C": [[(100, 2000), (80, 2000)], [(90, 2000), (85, 2000)]],
    "D": [[(100, 2000), (80, 2000)], None],  # not detected, LoD95 a tenth of the baseline level
}


def levels(cells):
    vaf = [alt / depth for alt, depth in cells]
    pooled = sum(alt for alt, _ in cells) / sum(depth for _, depth in cells)
    mean = sum(vaf) / len(vaf)
    return {"pooled_vaf": pooled, "mean_vaf": mean, "median_vaf": mean, "max_vaf": max(vaf)}


@pytest.fixture
def tables(settings):
    def run(metric, confidence=0.95):
        config = settings("ctdna")
        config["level"] |= {"metric": metric, "confidence": confidence}
        samples = sample_frame(*[(name, visit) for name in COUNTS for visit in ("C1D1", "C2D1")])
        results, tracking = {}, []
        for name, visits in COUNTS.items():
            for visit, cells in zip(("C1D1", "C2D1"), visits, strict=True):
                sample = f"{name}-{visit}"
                values = levels(cells or [(0, 2000)] * 2)
                seen = detected if cells else silent
                result = seen(0.0045 if not cells else values[f"{metric}_vaf"]) | values
                result |= {"level": values[f"{metric}_vaf"], "level_metric": metric, "lod95": 0.003}
                results[sample] = result | {"n_tracked": 2, "n_covered": 2}
                tracking += [
                    {"subject_id": name, "sample_id": sample, "visit": visit, "chrom": "1", "pos": place}
                    | {"ref": "C", "alt": "T", "alt_count": alt, "depth": depth, "in_level": True}
                    | {"status": "GENOTYPED" if alt else "NOT_DETECTED", "origin": "baseline"}
                    for place, (alt, depth) in enumerate(cells or [(0, 2000)] * 2, 1)
                ]
        return course_tables(
            result_frame(samples, results),
            frame_of(tracking, ctdna.TRACKING),
            empty(ctdna.TRACKED),
            samples,
            subject_frame(*COUNTS, cut="2025-01-31"),
            PLAN,
            settings=config,
        )

    return run


def row(table, definition, metric, denominator="evaluable"):
    found = table.set_index(["definition", "metric", "denominator"])
    return found.loc[(definition, metric, denominator)]


@pytest.mark.parametrize("metric", ["pooled", "mean", "median", "max"])
@pytest.mark.parametrize("cut", [50, 90])
def test_the_primary_metric_reproduces_the_primary_response_rate(tables, metric, cut):
    """Trap: quotients of pooled levels here, matched ratios there: two rates under one name."""
    made = tables(metric)
    answers = made["subjects"][f"molecular_response_{cut}"]
    primary = (answers.isin(["yes", "yes_supported"]).sum(), (answers != "").sum())
    again = row(made["sensitivity"], f"molecular response, fall of {cut} %", metric)
    assert (again["n"], again["N"]) == primary
    assert primary == ({50: 3, 90: 1}[cut], 4)


@pytest.mark.parametrize("metric", ["pooled", "mean", "median", "max"])
def test_a_metric_has_the_same_rate_whether_it_is_primary_or_not(tables, metric):
    own = row(tables(metric)["sensitivity"], "molecular response, fall of 50 %", metric)
    beside = row(tables("mean")["sensitivity"], "molecular response, fall of 50 %", metric)
    assert (own["n"], own["N"]) == (beside["n"], beside["N"])


def test_the_primary_definition_reproduces_the_primary_clearance(tables):
    made = tables("pooled")
    primary = made["sensitivity"][made["sensitivity"]["primary"]].set_index("denominator")
    clearance = made["clearance"][made["clearance"]["visit"] == "ANY"].set_index("denominator")
    names = ["n", "N", "estimate", "low", "high"]
    pd.testing.assert_frame_equal(
        primary[names].sort_index(), clearance[names].sort_index(), check_names=False
    )


def test_intervals_have_the_configured_confidence(tables):
    """Trap: 95 % written into the code. One of four: exact limits at 80 %."""
    made = tables("pooled", confidence=0.8)
    for table in (made["clearance"], made["sensitivity"]):
        shown = table[(table["n"] == 1) & (table["N"] == 4)].iloc[0]
        assert (shown["low"], shown["high"]) == pytest.approx((0.0259962, 0.6795396), abs=1e-6)
    assert "(80 % interval" in made["visits"]["sentence"].str.cat()


def test_results_with_variants_like_clonal_haematopoiesis_beside_those_without(settings):
    """The tumour's variant vanishes, the one of blood stays: cleared without it, not cleared with it."""
    config = settings("ctdna")
    key = {"subject_id": "S1", "chrom": "1", "ref": "C", "alt": "T", "origin": "baseline"}
    blood = {"in_level": False, "ch_like": True}
    tracked = [key | {"pos": 1, "in_level": True, "ch_like": False}, key | {"pos": 2} | blood]
    tracked.append(key | {"pos": 3} | blood)
    counts = {"C1D1": [100, 100, 100], "C2D1": [0, 100, 100]}
    cells = []
    for visit, alts in counts.items():
        for place, alt in enumerate(alts):
            status = "FILTERED" if place else "GENOTYPED" if alt else "NOT_DETECTED"
            found = {"alt_count": alt, "depth": 2000, "source": "vcf", "status": status}
            found |= {"sample_id": f"S1-{visit}", "visit": visit}
            cells.append(tracked[place] | found | {"artefacts": "blacklist" if place == 2 else ""})
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    tracking = with_error_rates(frame_of(cells, ctdna.TRACKING), empty(ctdna.BACKGROUND), settings=config)
    people = frame_of(tracked, ctdna.TRACKED)
    results = sample_table(tracking, samples, empty(intake.RESULTS), people, settings=config)
    subjects = subject_frame("S1", cut="2025-01-31")
    made = course_tables(results, tracking, people, samples, subjects, PLAN, settings=config)
    table = made["sensitivity"][made["sensitivity"]["denominator"] == "evaluable"].set_index("definition")
    primary = "clearance, primary: non-detection with LoD95 at most 0.003 and 0.1 x baseline level"
    included = f"{primary}; variants like clonal haematopoiesis included"
    assert table.loc[primary, ["n", "N"]].tolist() == [1, 1]
    assert table.loc[included, ["n", "N", "primary"]].tolist() == [0, 1, False]
    again = with_ch_like(results, tracking, people, samples, settings=config)
    later = again.results.set_index("sample_id").loc["S1-C2D1"]
    assert (later["n_tracked"], later["n_covered"]) == (3, 2), "the artefact stays out"
    assert later["level"] == pytest.approx(100 / 4000)


BLOOD_CELLS = [
    # pos, in level, like blood, origin, status, artefacts, alt; in level and status when included, why
    (1, True, False, "baseline", "GENOTYPED", "", 40, True, "GENOTYPED", "the tumour's"),
    (2, False, True, "baseline", "FILTERED", "", 60, True, "GENOTYPED", "left out for its origin alone"),
    (3, False, True, "baseline", "FILTERED", "blacklist", 60, True, "FILTERED", "an artefact stays one"),
    (4, False, True, "baseline", "NOT_DETECTED", "", 0, True, "NOT_DETECTED", "looked for in vain"),
    (5, False, True, "emergent", "FILTERED", "", 60, False, "FILTERED", "not there at baseline"),
    (6, False, False, "baseline", "FILTERED", "", 900, False, "FILTERED", "germline is not blood"),
]


def test_which_variants_like_clonal_haematopoiesis_are_included(settings):
    config = settings("ctdna")
    key = {"subject_id": "S1", "chrom": "1", "ref": "C", "alt": "T"}
    tracked, cells = [], []
    for pos, in_level, like_blood, origin, status, artefacts, alt, *_ in BLOOD_CELLS:
        variant = key | {"pos": pos, "origin": origin, "in_level": in_level, "ch_like": like_blood}
        found = {"alt_count": alt, "depth": 2000, "source": "vcf", "status": status, "artefacts": artefacts}
        tracked.append(variant)
        cells.append(variant | found | {"sample_id": "S1-C1D1", "visit": "C1D1"})
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    tracking = with_error_rates(frame_of(cells, ctdna.TRACKING), empty(ctdna.BACKGROUND), settings=config)
    reported = {"subject_id": "S1", "sample_id": "S1-C2D1", "source": "vendor", "level": 0.02}
    results = frame_of([{"subject_id": "S1", "sample_id": "S1-C1D1"}, reported], ctdna.SAMPLES)
    again = with_ch_like(results, tracking, frame_of(tracked, ctdna.TRACKED), samples, settings=config)
    found = again.tracking.set_index("pos")[["in_level", "status"]]
    for pos, *_, in_level, status, why in BLOOD_CELLS:
        assert found.loc[pos].tolist() == [in_level, status], why
    rows = again.results.set_index("sample_id")
    assert rows.loc["S1-C1D1", "level"] == pytest.approx((40 + 60 + 0) / 6000)
    assert rows.loc["S1-C2D1", ["source", "level"]].tolist() == ["vendor", 0.02], "as the laboratory says"


def test_without_such_variants_nothing_is_made_anew(settings):
    empty_tables = [empty(ctdna.SAMPLES), empty(ctdna.TRACKING), empty(ctdna.TRACKED), empty(intake.SAMPLES)]
    again = with_ch_like(*empty_tables, settings=settings("ctdna"))
    assert again.results is empty_tables[0]
