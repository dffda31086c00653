"""Rates that never fall, by hand."""

import numpy as np

from clearher.statistics.isotonic import isotonic_rates


def test_groups_that_fall_are_pooled_by_their_size():
    """1/10, then 6/10 and 3/20 fall and become 9/30, then 8/10."""
    assert np.allclose(isotonic_rates([1, 6, 3, 8], [10, 10, 20, 10]), [0.1, 0.3, 0.3, 0.8])


def test_rates_that_rise_stay_and_those_that_fall_become_one():
    assert np.allclose(isotonic_rates([1, 3, 6], [9, 9, 8]), [1 / 9, 3 / 9, 6 / 8])
    assert np.allclose(isotonic_rates([9, 1], [10, 10]), [0.5, 0.5])


def test_a_group_without_subjects_has_no_rate_and_changes_no_other():
    assert np.allclose(isotonic_rates([1, 0, 3], [4, 0, 4]), [0.25, np.nan, 0.75], equal_nan=True)
    assert np.isnan(isotonic_rates([0, 0], [0, 0])).all()
