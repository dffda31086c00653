"""Batches of subjects become the cohort's tables."""

import pandas as pd

from clearher.columns import intake
from clearher.columns.variants import FINDINGS
from clearher.tables import frame_of
from clearher.variants.merge import merge_batches

SAMPLES = frame_of(
    [{"subject_id": "P1", "sample_id": "S1"}, {"subject_id": "P2", "sample_id": "S2"}], intake.SAMPLES
)


def findings(*rows: tuple[str, str]) -> pd.DataFrame:
    """Findings of one batch: sample and check."""
    return frame_of(
        [{"severity": "info", "sample_id": sample, "check": check} for sample, check in rows], FINDINGS
    )


def merged(*batches: pd.DataFrame) -> set[tuple[str, str]]:
    """Sample and check of every merged row; none comes twice."""
    table = merge_batches(batches, FINDINGS, SAMPLES)
    rows = list(zip(table["sample_id"], table["check"], strict=True))
    assert len(rows) == len(set(rows))
    return set(rows)


def test_a_finding_about_the_study_is_one_row_however_many_batches_say_it():
    alike = findings(("", "filter_without_resource"), ("S1", "no_counts"))
    other = findings(("", "filter_without_resource"), ("S2", "no_counts"))
    assert merged(alike, other) == {("", "filter_without_resource"), ("S1", "no_counts"), ("S2", "no_counts")}


def test_a_sample_after_the_cut_is_left_out():
    assert merged(findings(("S1", "no_counts"), ("S9", "no_counts"))) == {("S1", "no_counts")}
