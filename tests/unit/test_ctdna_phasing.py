"""Variants of one haplotype as one event of the test."""

import pandas as pd
import pytest

from clearher.columns import ctdna, intake
from clearher.ctdna.error import with_error_rates
from clearher.ctdna.phasing import one_cell_a_haplotype
from clearher.ctdna.samples import sample_table
from clearher.tables import empty, frame_of
from ctdna_builders import sample_frame

MERGED = {"phased": "merged", "phased_within": 50}


def cells(*rows):
    """Rows of (pos, alt_count, depth, phase, distinct alt fragments)."""
    frame = pd.DataFrame(rows, columns=["pos", "alt_count", "depth", "phase", "distinct_alt_fragments"])
    return frame.assign(sample_id="P1", chrom="chr1").astype({"distinct_alt_fragments": "Int64"})


EVENTS = [
    # rows, what is left as (pos, alt, distinct alt fragments), why
    (
        [(100, 6, 900, "a/0|1", 6), (110, 5, 950, "a/0|1", 0), (400, 2, 800, "", 2)],
        [(110, 5, 5), (400, 2, 2)],
        "the place with the fewest alt fragments stands for the haplotype",
    ),
    (
        [(100, 6, 900, "a/0|1", 3), (110, 6, 950, "a/0|1", 1)],
        [(110, 6, 4)],
        "equal counts: the deepest; never more fragments than there are different ones",
    ),
    (
        [(100, 6, 900, "a/0|1", 6), (151, 5, 950, "a/0|1", 5)],
        [(100, 6, 6), (151, 5, 5)],
        "51 bases apart: a molecule rarely covers both",
    ),
    (
        [(100, 6, 900, "a/0|1", 6), (140, 4, 950, "a/0|1", 4), (180, 5, 900, "a/0|1", 5)],
        [(140, 4, 4)],
        "neighbour by neighbour",
    ),
    (
        [(100, 6, 900, "a/0|1", 6), (110, 5, 950, "a/1|0", 5)],
        [(100, 6, 6), (110, 5, 5)],
        "the other haplotype",
    ),
    (
        [(100, 6, 900, "a/0|1", None), (110, 5, 950, "a/0|1", None)],
        [(110, 5, None)],
        "counts of a variant file do not know fragments",
    ),
]


@pytest.mark.parametrize(("rows", "left", "why"), EVENTS)
def test_near_variants_of_one_haplotype_are_one_event(rows, left, why):
    found = one_cell_a_haplotype(cells(*rows), MERGED)
    events = found[["pos", "alt_count", "distinct_alt_fragments"]].astype(object)
    assert [tuple(None if pd.isna(v) else v for v in row) for row in events.to_numpy()] == left, why


def test_by_default_every_variant_stands_alone(settings):
    frame = cells((100, 6, 900, "a/0|1", 6), (110, 5, 950, "a/0|1", 0))
    assert one_cell_a_haplotype(frame, settings("ctdna")["detection"]) is frame


def called_pair(settings, **detection):
    """A sample in which the two halves of one double substitution, and nothing else, are called."""
    section = settings("ctdna")
    section["detection"] |= detection
    usual = {"subject_id": "S1", "chrom": "chr1", "ref": "C", "alt": "T", "in_level": True}
    places = ((100, "a/0|1"), (101, "a/0|1"), (900, ""))
    tracked = [usual | {"pos": pos, "phase": phase, "baseline_vaf": 0.2} for pos, phase in places]
    rows = [
        usual
        | {"sample_id": "S1-C2D1", "visit": "C2D1", "source": "vcf", "depth": 2000, "pos": pos}
        | ({"alt_count": 6, "status": "CALLED"} if phase else {"alt_count": 0, "status": "NOT_DETECTED"})
        for pos, phase in places
    ]
    tracking = with_error_rates(frame_of(rows, ctdna.TRACKING), empty(ctdna.BACKGROUND), settings=section)
    found = sample_table(
        tracking,
        sample_frame(("S1", "C2D1", {"plasma_ml": 4.0, "cfdna_ng": 30.0})),
        empty(intake.RESULTS),
        frame_of(tracked, ctdna.TRACKED),
        settings=section,
    )
    return found.iloc[0]


def test_two_halves_of_a_double_substitution_are_not_two_called_variants(settings):
    assert called_pair(settings, rule="variants")["detected"]
    assert not called_pair(settings, rule="variants", **MERGED)["detected"]


def test_the_test_counts_the_haplotype_once_and_the_level_every_variant(settings):
    separate, merged = called_pair(settings), called_pair(settings, **MERGED)
    assert (separate["distinct_alt_fragments"], merged["distinct_alt_fragments"]) == (12, 6)
    # 2e-5 errors a base: three places, or two events
    assert separate["expected_background"] == pytest.approx(3 * 2000 * 2e-5)
    assert merged["expected_background"] == pytest.approx(2 * 2000 * 2e-5)
    assert merged["lod95"] > separate["lod95"]
    assert merged["level"] == separate["level"] == 12 / 6000
