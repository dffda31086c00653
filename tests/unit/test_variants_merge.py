"""Batches of subjects become the cohort's tables."""

import pandas as pd
import pytest

from clearher.columns import intake
from clearher.columns.variants import FINDINGS, VARIANTS
from clearher.tables import empty, frame_of, read_table, write_portions, write_table
from clearher.variants import merge
from clearher.variants.merge import merge_batches, merged_variants

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


def alleles(subject: str, sample: str, *places: int, **further) -> list[dict]:
    """Rows of one file, one a place."""
    usual = {"subject_id": subject, "sample_id": sample, "chrom": "1", "ref": "A", "alt": "C"}
    return [usual | {"pos": pos, "depth": 100 + pos} | further for pos in places]


@pytest.fixture
def cohort(tmp_path):
    """Portions of two batches whose subjects stand between each other, and of a table of copy numbers."""
    batches = [
        alleles("P1", "S1", 5, 7) + alleles("P3", "S3", 1) + alleles("P5", "S5", 2, 4, 6),
        alleles("P2", "S2", 9) + alleles("P2", "S9", 1) + alleles("P4", "S4", 3, 8),
    ]
    paths = [tmp_path / f"{number}.parquet" for number in range(2)]
    for path, rows in zip(paths, batches, strict=True):
        write_table(frame_of(rows, VARIANTS), path, VARIANTS)
    altered = [*alleles("P3", "S3", 1, alt="<CNV:ERBB2>"), *alleles("P6", "S6", 1, alt="<CNV:MYC>")]
    samples = [
        {"subject_id": f"P{i}", "sample_id": f"S{i}", "visit": f"C{i}D1", "study_day": 21 * i}
        for i in range(1, 7)
    ]
    samples[3]["study_day"] = None

    def merged(at_most=merge.PORTION):
        extra, drawn = frame_of(altered, VARIANTS), frame_of(samples, intake.SAMPLES)
        return merged_variants(paths, extra, drawn, at_most=at_most)

    return merged


def whole(portions, path):
    write_portions(portions, path, VARIANTS)
    return read_table(path, VARIANTS)


def test_batches_and_copy_numbers_become_one_table_in_order(cohort, tmp_path):
    table = whole(cohort(), tmp_path / "all.parquet")
    assert [f"{row.sample_id}:{row.pos}{row.alt}" for row in table.itertuples()] == [
        *("S1:5C", "S1:7C", "S2:9C", "S3:1<CNV:ERBB2>", "S3:1C", "S4:3C", "S4:8C", "S5:2C", "S5:4C", "S5:6C"),
        "S6:1<CNV:MYC>",
    ]


def test_visit_and_day_are_those_of_the_cut_and_later_samples_are_left_out(cohort, tmp_path):
    """S9 was drawn after the cut; S4 has no date."""
    table = whole(cohort(), tmp_path / "all.parquet").drop_duplicates("sample_id").set_index("sample_id")
    assert table["visit"].to_dict() == {f"S{i}": f"C{i}D1" for i in range(1, 7)}
    assert table["study_day"].astype("float").fillna(-1).tolist() == [21, 42, 63, -1, 105, 126]


@pytest.mark.parametrize(("at_most", "sizes"), [(100, [11]), (4, [3, 4, 4]), (1, [2, 1, 2, 2, 3, 1])])
def test_the_size_of_the_portions_changes_nothing(cohort, tmp_path, monkeypatch, at_most, sizes):
    """Also where a subject's rows are read in several pieces."""
    expected = whole(cohort(), tmp_path / "all.parquet")
    monkeypatch.setattr(merge, "AT_ONCE", 2)
    assert [len(portion) for portion in cohort(at_most)] == sizes
    pd.testing.assert_frame_equal(whole(cohort(at_most), tmp_path / "again.parquet"), expected)


def test_a_study_without_variants_has_an_empty_table(tmp_path):
    nothing = merged_variants([], empty(VARIANTS), SAMPLES)
    assert whole(nothing, tmp_path / "none.parquet").empty
