"""Results against the truth; literal tables."""

import pandas as pd
import pytest

from clearher.simulate.compare import (
    Characteristics,
    Count,
    agreement,
    compare,
    exchanged_found,
    read_truth,
)


def truth(*rows):
    names = ["sample_id", "subject_id", "dna_of", "tumour_fraction", "expected_level"]
    return pd.DataFrame(rows, columns=names)


def called(*rows):
    frame = pd.DataFrame(rows, columns=["sample_id", "evaluable", "detected", "lod95"])
    return frame.astype({"evaluable": "boolean", "detected": "boolean", "lod95": "float64"})


def test_only_evaluable_samples_above_twice_their_limit_count():
    true = truth(
        ("above", "s1", "s1", 0.0101, 0.005),
        ("missed", "s1", "s1", 0.0101, 0.005),
        ("exactly_twice", "s1", "s1", 0.0100, 0.005),
        ("not_evaluable", "s1", "s1", 0.0101, 0.005),
        ("no_result", "s1", "s1", 0.0101, 0.005),
        ("not_run", "s1", "s1", 0.0101, 0.005),
    )
    results = called(
        ("above", True, True, 0.005),
        ("missed", True, False, 0.005),
        ("exactly_twice", True, False, 0.005),
        ("not_evaluable", False, False, 0.005),
        ("no_result", True, None, 0.005),
    )
    assert compare(true, results).detectable == Count(1, 2)


def test_samples_without_tumour_and_exchanged_ones():
    true = truth(
        ("silent", "s1", "s1", 0.0, 0.0),
        ("false", "s2", "s2", 0.0, 0.0),
        ("exchanged", "s3", "s4", 0.1, float("nan")),
        ("exchanged_silent", "s4", "s3", 0.0, float("nan")),
    )
    results = called(
        ("silent", True, False, 0.001),
        ("false", True, True, 0.001),
        ("exchanged", True, False, 0.001),
        ("exchanged_silent", True, True, 0.001),
    )
    found = compare(true, results)
    assert found == Characteristics(Count(0, 0), Count(1, 2), Count(1, 2))


@pytest.mark.parametrize(
    ("detectable", "without", "met"),
    [
        (Count(95, 100), Count(2, 100), True),
        (Count(94, 100), Count(0, 100), False),
        (Count(100, 100), Count(3, 100), False),
        (Count(0, 0), Count(0, 0), True),
    ],
)
def test_targets(detectable, without, met):
    assert Characteristics(detectable, without, Count(0, 0)).met is met


def test_agreement_needs_both_tables():
    true = pd.DataFrame({"subject_id": ["a", "b", "c"], "bor": ["PR", "SD", "PD"]})
    found = pd.DataFrame({"subject_id": ["a", "b", "d"], "bor": ["PR", "PR", "PD"]})
    assert agreement(true, found, "bor", "bor") == Count(1, 2)
    levels = pd.DataFrame({"subject_id": ["a"], "level": ["PR"]})
    assert agreement(true, levels, "bor", "level") == Count(1, 1)


def test_exchanged_tubes_and_other_mismatches():
    trouble = pd.DataFrame(
        {"kind": ["swapped_sample", "swapped_sample", "failed_tube"], "sample_id": ["x", "y", "z"]}
    )
    identity = pd.DataFrame(
        {
            "sample_a": ["x", "p", "y", "p"],
            "sample_b": ["q", "x", "r", "q"],
            "verdict": ["MISMATCH", "MISMATCH", "MATCH", "MISMATCH"],
        }
    )
    assert exchanged_found(trouble, identity) == (Count(1, 2), 1)


def test_truth_is_read_with_missing_numbers(tmp_path):
    (tmp_path / "samples.tsv").write_text(
        "subject_id\tsample_id\tstudy_day\ttumour_fraction\texpected_level\nNA\tx\t-3\t0\t\n"
    )
    frame = read_truth(tmp_path, "samples")
    assert frame.loc[0, "subject_id"] == "NA"
    assert frame.loc[0, "tumour_fraction"] == 0
    assert pd.isna(frame.loc[0, "expected_level"])
    assert str(Count(1, 4)) == "1 of 4 (25.0 %)"
    assert str(Count(0, 0)) == "0 of 0"
