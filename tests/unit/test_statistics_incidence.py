"""Poisson rates against the printed limits of Garwood's table."""

import math

import pytest

from clearher.statistics.incidence import incidence_rate


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (20, 12.2165, 30.8884)],
)
def test_limits_of_a_count_over_one_unit(events, low, high):
    rate = incidence_rate(events, 1.0)
    assert rate.estimate == events
    assert (round(rate.low, 4), round(rate.high, 4)) == (low, high)


def test_limits_scale_with_exposure():
    assert incidence_rate(10, 4.0).high == pytest.approx(incidence_rate(10, 1.0).high / 4)


def test_without_exposure_nothing_is_estimable():
    assert all(math.isnan(value) for value in incidence_rate(0, 0.0))


@pytest.mark.parametrize(("events", "exposure"), [(-1, 1.0), (1, -1.0)])
def test_negative_input_is_an_error(events, exposure):
    with pytest.raises(ValueError, match="must not be negative"):
        incidence_rate(events, exposure)
