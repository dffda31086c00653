"""Panel, biology and course of the simulated subjects."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from clearher.simulate.annotation import coding_effect, csq
from clearher.simulate.biology import CLASSES, HER2_LEVELS, Course, subject, tumour_fraction
from clearher.simulate.clinic import timeline
from clearher.simulate.design import calendar_date, study_day
from clearher.simulate.panel import TARGET_LENGTH, panel
from clearher.simulate.sequencing import expected_level, sequence
from clearher.simulate.trouble import PLAN, swap_partner


def course(**changes):
    values = {
        "response_class": "PR",
        "baseline_fraction": 0.1,
        "decay_days": 10.0,
        "floor": 0.1,
        "clear_day": None,
        "progression_day": 300,
        "rise_days": 10.0,
        "rise_level": 1.0,
        "appears_late": False,
    }
    return Course(**(values | changes))


def test_study_days_have_no_day_zero():
    first = date(2024, 3, 1)
    assert calendar_date(first, 1) == date(2024, 3, 1)
    assert calendar_date(first, -1) == date(2024, 2, 29)
    assert study_day(first, date(2024, 3, 2)) == 2
    assert study_day(first, date(2024, 2, 29)) == -1


def test_tumour_fraction_falls_clears_and_rises_again():
    falling = tumour_fraction(course(), np.array([-7, 1, 11, 200]))
    assert falling == pytest.approx([0.1, 0.1, 0.1 * (0.1 + 0.9 * np.exp(-1)), 0.01], rel=1e-6)
    cleared = tumour_fraction(course(clear_day=40), np.array([39, 40, 269, 300]))
    assert cleared[0] > 0
    assert cleared[1] == 0
    assert cleared[2] == 0
    assert cleared[3] == pytest.approx(0.1)


def test_late_ctdna_is_exactly_absent_before():
    late = tumour_fraction(course(baseline_fraction=0.0, appears_late=True), np.array([1, 79, 90]))
    assert late[:2].tolist() == [0, 0]
    assert late[2] > 0.01


def test_reference_holds_the_reference_allele_of_every_site():
    design = panel()
    for site in design.sites:
        found = design.reference[site.chrom][site.pos - 1 : site.pos - 1 + len(site.ref)].decode()
        assert found == site.ref, site
        if site.is_indel:
            longer = max(site.ref, site.alt, key=len)
            assert longer[0] != longer[-1], f"{site.hgvsp} could be shifted to the left"
    assert all(end - start == TARGET_LENGTH for _, start, end, _, _ in design.regions)
    assert max(len(sequence_) for sequence_ in design.reference.values()) < 2**14


def test_sites_of_a_target_do_not_touch():
    sites = panel().sites
    for first, second in pairwise(sites):
        if first.chrom == second.chrom:
            assert first.pos + len(first.ref) < second.pos


def test_coding_effect_by_the_genetic_code():
    region = "ATGTTTTGG"
    assert coding_effect(region, 10, 3, "C") == ("c.31T>C", "p.Phe11Leu", "missense_variant")
    assert coding_effect(region, 10, 5, "C") == ("c.33T>C", "p.Phe11=", "synonymous_variant")
    assert coding_effect(region, 10, 8, "A") == ("c.36G>A", "p.Trp12Ter", "stop_gained")


def test_annotation_puts_the_chosen_transcript_second_and_escapes():
    value = csq("TP53", "C", "T", ("c.33C>T", "p.Phe11=", "synonymous_variant"), None)
    first, second = value.split(",")[:2]
    assert "intron_variant" in first
    assert "p.Phe11%3D" in second
    assert "NM_000546.6" in second
    assert value.split(",")[1].split("|")[-3] == "", "not listed in gnomAD: empty, not 0"


def test_response_rises_with_her2_level():
    subjects = [subject(11, number) for number in range(1, 1501)]
    shares = [
        np.mean([s.course.response_class in ("CR", "PR") for s in subjects if s.her2_level == level])
        for level in HER2_LEVELS
    ]
    assert shares == sorted(shares)
    assert shares[-1] - shares[0] > 0.25
    assert {s.course.response_class for s in subjects} == set(CLASSES)


def test_recorded_responses_follow_from_the_measurements():
    for number in range(1, 43):
        one = subject(4, number)
        seen = timeline(4, one)
        first = [lesion.size for lesion in seen.lesions if lesion.target]
        smallest = sum(first)
        for scan in seen.scans:
            total = sum(scan.sizes)
            grown = bool(first) and total - smallest >= 5 and 10 * total >= 12 * smallest
            assert (scan.overall == "PD") == (grown or scan.new_lesion), (number, scan)
            if scan.overall in ("PR", "SD") and first:
                assert (10 * total <= 7 * sum(first)) == (scan.overall == "PR"), (number, scan)
            smallest = min(smallest, total)
        assert [scan.overall for scan in seen.scans].count("PD") <= 1
        assert all(day <= (seen.progression_seen or 10**6) for day in seen.dose_days)


def test_a_subject_does_not_depend_on_the_others():
    assert subject(3, 17) == subject(3, 17)
    assert subject(3, 17) != subject(3, 18)
    assert subject(3, 17) != subject(4, 17)
    assert timeline(3, subject(3, 17)) == timeline(3, subject(3, 17))


def test_exchanged_tubes_hold_each_others_dna():
    assert (swap_partner(6), swap_partner(7), swap_partner(8)) == (7, 6, None)
    assert (swap_partner(48), swap_partner(49)) == (49, 48)
    for number in (6, 7):
        one = subject(5, number)
        tube = next(t for t in sequence(5, one, timeline(5, one)).tubes if t.visit == "C3D1")
        assert tube.donor == 13 - number


def test_expected_level_is_the_mean_over_variants_known_before_treatment():
    one = subject(9, 9)
    scales = [v.scale for v in one.carried if v.origin == "tumour" and v.first_day is None]
    assert any(v.first_day is not None for v in one.carried), "the late variant must not count"
    assert expected_level(one, 0.1) == pytest.approx(0.1 * np.mean(scales))


def test_every_kind_of_trouble_has_its_own_slot():
    slots = [trouble.slot for trouble in PLAN]
    assert len(slots) == len(set(slots))
    assert max(slots) <= 42
