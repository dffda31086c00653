"""Tracked variants of one subject in a sample of another."""

import pandas as pd
import pytest

from clearher.columns import ctdna
from clearher.ctdna.shared_variants import shared_variant_findings
from clearher.tables import frame_of
from ctdna_builders import row_of, sample_frame, variant_frame

SAMPLES = sample_frame(("A", "C1D1"), ("A", "C3D1"), ("B", "C1D1"), ("B", "C3D1"), ("C", "C1D1"))


def tracked_frame(**positions):
    rows = [
        {"subject_id": name, "chrom": "chr1", "pos": pos, "ref": "C", "alt": "T", "in_level": True}
        for name, held in positions.items()
        for pos in held
    ]
    return frame_of(rows, ctdna.TRACKED)


def found(settings, shown, *, foreign=(), status="CALLED", **tracked):
    """Samples named and whose variants they show: ``shown`` maps a sample to its called positions."""
    calls = variant_frame(
        *[
            (row_of(SAMPLES, name), pos, {"status": status})
            for name, positions in shown.items()
            for pos in positions
        ]
    )
    table = shared_variant_findings(
        tracked_frame(**tracked), calls, settings=settings("ctdna"), foreign=foreign
    )
    assert set(table["check"]) <= {"shared_variants"}
    return list(
        zip(table["sample_id"], table["subject_id"], table["value"].str.split(",").str[0], strict=True)
    )


CASES = [
    # shown in samples, tracked, samples named, why
    ({"B-C3D1": [1, 2, 3]}, {"A": [1, 2, 3, 4], "B": [9]}, ["B-C3D1"], "three of four of A's"),
    ({"B-C3D1": [1, 2]}, {"A": [1, 2, 3, 4], "B": [9]}, [], "two may be chance or a shared artefact"),
    ({"B-C3D1": [1, 2, 3]}, {"A": range(1, 8), "B": [9]}, [], "three of seven: less than half"),
    ({"B-C3D1": [1, 2, 3]}, {"A": range(1, 7), "B": [9]}, ["B-C3D1"], "three of six: half"),
    ({"A-C3D1": [1, 2, 3]}, {"A": [1, 2, 3]}, [], "A's own sample"),
    ({"B-C3D1": [1, 2, 3], "C-C1D1": [1]}, {"A": [1, 2, 3]}, [], "1 recurs in a third subject"),
    ({"B-C1D1": [1, 2, 3]}, {"A": [1, 2, 3], "B": [1, 2, 3]}, ["B-C1D1"], "B's baseline holds A's tumour"),
]


@pytest.mark.parametrize(("shown", "tracked", "expected", "why"), CASES)
def test_a_sample_with_another_tumours_variants_is_named(settings, shown, tracked, expected, why):
    assert [name for name, *_ in found(settings, shown, **tracked)] == expected, why


def test_the_finding_says_whose_and_how_many(settings):
    named = found(settings, {"B-C3D1": [1, 2, 3]}, A=[1, 2, 3, 4], B=[9])
    assert named == [("B-C3D1", "B", "3 of the 4 variants tracked in subject A")]


def test_samples_that_their_genotype_has_named_are_not_named_again(settings):
    assert found(settings, {"B-C3D1": [1, 2, 3]}, foreign={"B-C3D1"}, A=[1, 2, 3]) == []


def test_only_calls_count(settings):
    assert found(settings, {"B-C3D1": [1, 2, 3]}, status="FILTERED", A=[1, 2, 3]) == []


def test_a_cohort_without_variants_has_no_such_finding(settings):
    table = shared_variant_findings(tracked_frame(), variant_frame(), settings=settings("ctdna"), foreign=())
    assert isinstance(table, pd.DataFrame)
    assert table.empty
