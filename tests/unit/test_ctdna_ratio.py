"""Ratio to baseline with its interval."""

import numpy as np
import pytest

from clearher.ctdna.ratio import effective_counts, matched_ratio, mean_vaf_ratio, pooled_ratio


@pytest.mark.parametrize(
    ("alt", "estimate", "low", "high", "zero"),
    [
        (20, 0.139130, 0.0873173, 0.221689, False),
        (130, 0.904348, 0.716050, 1.142161, False),
        (0, 0.00346671, 0.000215869, 0.0556730, True),
    ],
)
def test_pooled_from_150_of_12000(alt, estimate, low, high, zero):
    found = pooled_ratio(alt, 11_500, 150, 12_000)
    assert found.estimate == pytest.approx(estimate, rel=1e-5)
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-5), pytest.approx(high, rel=1e-5))
    assert bool(found.zero_corrected) is zero


def test_pooled_takes_columns():
    found = pooled_ratio([20, 130, 0], [11_500] * 3, [150] * 3, [12_000] * 3)
    assert found.estimate == pytest.approx([0.139130, 0.904348, 0.00346671], rel=1e-5)
    assert found.zero_corrected.tolist() == [False, False, True]


def test_no_change_is_1_and_swapping_times_inverts():
    assert pooled_ratio(30, 5000, 30, 5000).estimate == 1
    there, back = pooled_ratio(20, 11_500, 150, 12_000), pooled_ratio(150, 12_000, 20, 11_500)
    assert back.estimate == pytest.approx(1 / there.estimate)
    assert (back.low, back.high) == (pytest.approx(1 / there.high), pytest.approx(1 / there.low))


def test_distinct_fragments_widen_the_interval_and_leave_the_ratio():
    plain = pooled_ratio(20, 11_500, 150, 12_000)
    shared = pooled_ratio(20, 11_500, 150, 12_000, distinct1=10, distinct0=100)
    assert shared.estimate == pytest.approx(plain.estimate)
    assert shared.high / shared.low > plain.high / plain.low


def test_effective_counts():
    alt, depth = effective_counts([13, 0, 5], [3489, 100, 50], [6, 0, np.nan])
    assert alt == pytest.approx([6, 0, 5])
    assert depth == pytest.approx([3489 * 6 / 13, 100, 50]), "no alt, or not known: unchanged"


def test_baseline_of_depth_0_gives_no_ratio():
    """Trap: division by the first level unguarded."""
    assert np.isnan(pooled_ratio(20, 11_500, 0, 0).estimate)


def test_mean_vaf():
    found = mean_vaf_ratio([4, 2, 0, 5], [2200, 2100, 1900, 2400], [30, 24, 18, 40], [2400, 2000, 1800, 2500])
    assert found.estimate == pytest.approx(0.0961168, rel=1e-5)
    assert (found.low, found.high) == (pytest.approx(0.0517194, rel=1e-5), pytest.approx(0.178626, rel=1e-5))
    assert not found.zero_corrected


def test_mean_vaf_uses_only_variants_covered_at_both_times():
    whole = mean_vaf_ratio([4, 2], [2200, 2100], [30, 24], [2400, 2000])
    gaps = mean_vaf_ratio([4, 2, 9, 0], [2200, 2100, 900, 0], [30, 24, 0, 7], [2400, 2000, 0, 800])
    assert gaps.estimate == pytest.approx(whole.estimate)


def test_mean_vaf_of_zero_is_corrected_and_marked():
    found = mean_vaf_ratio([0, 0], [2200, 2100], [30, 24], [2400, 2000])
    assert found.zero_corrected
    assert 0 < found.low < found.estimate < found.high < 0.2


def test_mean_vaf_without_common_variants_is_unknown():
    found = mean_vaf_ratio([1, 0], [100, 0], [0, 2], [0, 100])
    assert np.isnan([found.estimate, found.low, found.high]).all()


@pytest.mark.parametrize("alt", [20, 130, 0])
def test_matched_of_one_variant_is_the_pooled_ratio(alt):
    matched, pooled = (
        matched_ratio([alt], [11_500], [150], [12_000], [0]),
        pooled_ratio(alt, 11_500, 150, 12_000),
    )
    for one, other in zip(matched, pooled, strict=True):
        assert one[0] == pytest.approx(other)


def test_matched_of_equal_depths_is_the_pooled_ratio():
    found = matched_ratio([4, 9], [2000, 1000], [30, 60], [2000, 1000], [0, 0])
    assert found.estimate[0] == pytest.approx(13 / 90)


def test_matched_does_not_move_when_depth_shifts_between_variants():
    """Both variants halve; the later draw reads the small one deeper: pooled says 0.06, matched 0.5."""
    alt1, depth1 = np.array([100, 20]), np.array([1000, 20_000])
    alt0, depth0 = np.array([200, 2]), np.array([1000, 1000])
    assert matched_ratio(alt1, depth1, alt0, depth0, [0, 0]).estimate[0] == pytest.approx(0.5, rel=0.01)
    assert pooled_ratio(alt1.sum(), depth1.sum(), alt0.sum(), depth0.sum()).estimate < 0.1


def test_matched_keeps_pairs_apart():
    found = matched_ratio([20, 130, 0], [11_500] * 3, [150] * 3, [12_000] * 3, [0, 1, 2])
    assert found.estimate == pytest.approx([0.139130, 0.904348, 0.00346671], rel=1e-5)
    assert found.zero_corrected.tolist() == [False, False, True]
