"""Misclassification: counts from a known truth come back; SIMEX moves an attenuated slope outward."""

import numpy as np
import pytest

from clearher.statistics.misclassification import (
    corrected_counts,
    mc_simex,
    misclassification_rates,
    powered_rates,
)

RATES = np.array([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.0, 0.2, 0.8]])


@pytest.mark.parametrize("truth", [[10, 20, 12], [0, 30, 12], [42, 0, 0]])
def test_counts_expected_from_a_truth_give_the_truth_back(truth):
    observed = RATES.T @ np.array(truth)
    found = corrected_counts(observed, RATES)
    assert found.counts == pytest.approx(truth, abs=1e-9)
    assert found.admissible


def test_two_levels_by_hand():
    # sensitivity 0.8, specificity 0.9, 30 of 100 read positive: (30 - 10) / 0.7 true positives
    found = corrected_counts([70, 30], [[0.9, 0.1], [0.2, 0.8]])
    assert found.counts == pytest.approx([100 - 20 / 0.7, 20 / 0.7])


def test_a_negative_solution_is_marked():
    found = corrected_counts([99, 1], [[0.9, 0.1], [0.2, 0.8]])
    assert found.counts[1] < 0
    assert not found.admissible


@pytest.mark.parametrize(
    ("observed", "rates", "message"),
    [
        ([1, 1], [[0.5, 0.5], [0.5, 0.5]], "apart"),
        ([1, 1], [[0.9, 0.2], [0.1, 0.9]], "sum to 1"),
        ([1, 1, 1], [[0.9, 0.1], [0.1, 0.9]], "levels"),
        ([1, 1], [[0.9, 0.1]], "square"),
    ],
)
def test_rates_that_cannot_be_used_are_refused(observed, rates, message):
    with pytest.raises(ValueError, match=message):
        corrected_counts(observed, rates)


def test_rates_of_a_reader_table():
    assert misclassification_rates([[8, 2], [1, 9]]) == pytest.approx(np.array([[0.8, 0.2], [0.1, 0.9]]))
    with pytest.raises(ValueError, match="place 1"):
        misclassification_rates([[8, 2], [0, 0]])


def test_half_a_power_twice_is_the_whole():
    rates = np.array([[0.85, 0.13, 0.02], [0.1, 0.8, 0.1], [0.03, 0.17, 0.8]])
    half = powered_rates(rates, 0.5)
    assert half @ half == pytest.approx(rates, abs=1e-9)
    assert powered_rates(rates, 2) == pytest.approx(rates @ rates, abs=1e-9)


def test_unobserved_cells_still_give_rates_near_the_power():
    half = powered_rates(RATES, 0.5)
    assert (half >= 0).all()
    assert half.sum(axis=1) == pytest.approx(1)
    assert half @ half == pytest.approx(RATES, abs=0.02)


def test_readings_mostly_wrong_have_no_power():
    with pytest.raises(ValueError, match="more often wrong"):
        powered_rates([[0.2, 0.8], [0.8, 0.2]], 0.5)


def test_simex_moves_the_difference_between_levels_towards_the_truth():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 4000)
    outcome = rng.random(4000) < np.where(truth == 1, 0.7, 0.3)
    rates = np.array([[0.85, 0.15], [0.15, 0.85]])
    read = np.where(rng.random(4000) < 0.15, 1 - truth, truth)

    def differences(levels):
        return np.array([outcome[row == 1].mean() - outcome[row == 0].mean() for row in levels])

    found = mc_simex(differences, read, rates, repeats=20, seed=3)
    assert found.means[0] < 0.32
    assert found.estimate == pytest.approx(0.4, abs=0.05)
    assert found.estimate == mc_simex(differences, read, rates, repeats=20, seed=3).estimate
