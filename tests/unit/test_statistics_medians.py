"""Distribution-free interval of a median."""

import pytest

from clearher.statistics.medians import median_interval


@pytest.mark.parametrize(
    ("count", "ranks"),
    [
        (6, (1, 6)),  # the extremes hold the median with 1 - 2 / 2^6 = 0.969
        (8, (1, 8)),  # second and seventh would hold it with 0.930
        (9, (2, 8)),  # 0.961
        (10, (2, 9)),  # 0.979
        (20, (6, 15)),  # 0.959
    ],
)
def test_limits_are_the_order_statistics_of_the_sign_test(count, ranks):
    found = median_interval(range(count, 0, -1), 0.95)
    assert (found.low, found.high) == ranks
    assert found.estimate == (count + 1) / 2


def test_five_values_cannot_reach_the_coverage():
    found = median_interval([1, 2, 3, 4, 5], 0.95)
    assert found.estimate == 3
    assert found.low != found.low
    assert found.high != found.high


def test_nothing_and_unknown_values():
    assert all(value != value for value in median_interval([]))
    with pytest.raises(ValueError, match="known"):
        median_interval([1.0, float("nan")])
