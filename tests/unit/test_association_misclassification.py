"""Reading error: who is a pair of readers, and what the correction does with them."""

import numpy as np
import pandas as pd
import pytest

from association_builders import data_of, trial
from clearher.association.analyses import association_results
from clearher.association.misclassification import reader_rates, reader_table, reading_sentence
from clearher.association.time_order import CannotRunError

NAMES = ["NULL", "ULTRALOW", "LOW_1+"]
WITHIN = ["origin", "laboratory", "assay"]


def readings(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Readings of one specimen: reader, laboratory, assay, level."""
    frame = pd.DataFrame(rows, columns=["reader", "laboratory", "assay", "level"])
    return frame.assign(subject_id="S1", specimen_id="A", origin="in-house", record=range(1, len(frame) + 1))


def test_a_pair_counts_in_both_directions():
    """R1 null, R2 ultralow: the truth is unknown, so one misreading each way."""
    rows = readings(("R1", "central", "4B5", "NULL"), ("R2", "central", "4B5", "ULTRALOW"))
    found = reader_table(rows, NAMES, within=WITHIN, min_pairs=1)
    assert found.pairs == 1
    assert found.counts.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_three_readers_are_three_pairs():
    rows = readings(*((f"R{k}", "central", "4B5", level) for k, level in enumerate(NAMES)))
    assert reader_table(rows, NAMES, within=WITHIN, min_pairs=1).pairs == 3


@pytest.mark.parametrize(
    "other",
    [
        ("R2", "central", "HercepTest", "ULTRALOW"),
        ("R2", "local", "4B5", "ULTRALOW"),
        ("R1", "central", "4B5", "ULTRALOW"),
        ("ADJUDICATOR", "central", "4B5", "ULTRALOW"),
        ("R2", "central", "4B5", "ZERO_UNSPECIFIED"),
    ],
    ids=["another clone", "another laboratory", "the same reader", "the adjudicator", "no level"],
)
def test_two_clones_are_no_two_readers(other):
    """Nor two laboratories, a reader beside themselves, or an adjudicator."""
    rows = readings(("R1", "central", "4B5", "NULL"), other)
    with pytest.raises(CannotRunError, match="0 pairs of readings of the same specimen, origin"):
        reader_table(rows, NAMES, within=WITHIN, min_pairs=1)


def test_a_study_may_ask_for_laboratories_together():
    rows = readings(("R1", "central", "4B5", "NULL"), ("R2", "local", "4B5", "ULTRALOW"))
    assert reader_table(rows, NAMES, within=["assay"], min_pairs=1).pairs == 1


def test_other_specimens_are_no_pair():
    rows = readings(("R1", "central", "4B5", "NULL"), ("R2", "central", "4B5", "NULL"))
    rows["specimen_id"] = ["A", "B"]
    with pytest.raises(CannotRunError, match="0 pairs"):
        reader_table(rows, NAMES, within=WITHIN, min_pairs=1)


def test_a_level_nobody_read_twice_is_taken_as_read():
    rows = readings(("R1", "central", "4B5", "NULL"), ("R2", "central", "4B5", "ULTRALOW"))
    rates = reader_rates(reader_table(rows, NAMES, within=WITHIN, min_pairs=1))
    assert rates[2].tolist() == [0, 0, 1]
    assert rates.sum(axis=1).tolist() == [1, 1, 1]


def test_agreement_of_readers_is_said_beside_results():
    """Null, null, ultralow: one pair of three agrees."""
    rows = readings(*((f"R{k}", "central", "4B5", "NULL") for k in range(3)))
    rows.loc[2, "level"] = "ULTRALOW"
    said = reading_sentence(rows, NAMES, within=WITHIN)
    assert said == "Two readers of one specimen gave the same level in 1 of 3 pairs."
    assert reading_sentence(rows[:1], NAMES, within=WITHIN).startswith("No specimen was read by two readers")


@pytest.fixture(scope="module")
def rows(settings):
    """The misclassification analysis of 90 subjects whose response rises with the level."""
    configured = settings("association")
    configured["misclassification"]["replicates"] = 100
    chosen = [entry for entry in configured["analyses"] if entry["type"] == "misclassification"]
    tables = trial(90, seed=4)
    return association_results(data_of(tables, configured), {**configured, "analyses": chosen}).results


def test_one_level_has_no_slope(settings):
    """An odds ratio of 1 as read, and one of chance as corrected, would pass for a finding of no relation."""
    configured = settings("association")
    configured["misclassification"] |= {"replicates": 5, "min_pairs": 1}
    chosen = [entry for entry in configured["analyses"] if entry["type"] == "misclassification"]
    tables = trial(42, seed=4)
    tables["her2"]["level"] = "LOW_1+"
    found = association_results(data_of(tables, configured), {**configured, "analyses": chosen}).results
    assert found["estimate"].isna().all()
    assert found["caveat"].str.contains("All subjects have one level").all()


def test_correction_moves_the_slope_away_from_one(rows):
    corrected, naive = rows["estimate"].iloc[:2]
    assert naive > 1
    assert corrected > naive


def test_corrected_rates_stand_beside_the_counts_as_read(rows):
    rates = rows[rows["estimate_name"] == "response rate"]
    assert rates["term"].str.split(": ").str[1].tolist() == ["NULL", "ULTRALOW", "LOW_1+", "LOW_2+"]
    assert rates["n"].sum() == 90
    assert np.isfinite(rates["estimate"].astype(float)).sum() >= 3
    assert rates["groups"].str.endswith("as read").all()


def test_nothing_here_is_a_test(rows):
    assert rows["p"].isna().all()
    assert "upper bound" in rows["caveat"].iloc[0]
