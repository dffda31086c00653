"""Level metrics, their intervals, and conversions."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from clearher.ctdna.intervals import vaf_interval
from clearher.ctdna.level import (
    background_subtracted,
    chosen_level,
    genome_equivalents_per_ml,
    level_metrics,
    tumour_fraction,
    weighted_sum_interval,
)

ALT, DEPTH = [40, 12, 3, 0, 0], [2000, 1500, 2500, 1800, 0]


def cells(alt, depth, distinct=None, sample="S1"):
    missing = [np.nan] * len(alt)
    return pd.DataFrame(
        {
            "sample_id": sample,
            "alt_count": alt,
            "depth": depth,
            "distinct_alt_fragments": missing if distinct is None else distinct,
        }
    )


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("pooled_vaf", 7.05128e-3),
        ("mean_vaf", 7.3e-3),
        ("median_vaf", 4.6e-3),
        ("max_vaf", 0.02),
        ("sum_vaf", 0.0292),
    ],
)
def test_metrics_over_the_fixed_set(metric, value):
    """Zeros count, the variant of depth 0 does not: the mean is over 4, not over the 3 present (9.733e-3)."""
    assert level_metrics(cells(ALT, DEPTH))[metric].item() == pytest.approx(value, rel=1e-5)


def test_a_variant_that_vanishes_lowers_the_mean():
    """Trap: a mean over the rows present at a visit rises when variants vanish."""
    before = level_metrics(cells([40, 4], [2000, 2000]))["mean_vaf"].item()
    after = level_metrics(cells([40, 0], [2000, 2000]))["mean_vaf"].item()
    assert after < before


@pytest.mark.parametrize(
    ("alt", "depth", "low", "high"),
    [(0, 2000, 0.0, 0.00184274), (3, 2000, 0.000309443, 0.00437732), (40, 2000, 0.0143258, 0.0271356)],
)
def test_interval_of_one_vaf(alt, depth, low, high):
    found = vaf_interval(np.array([alt]), np.array([depth]))
    assert (found[0][0], found[1][0]) == (pytest.approx(low, rel=1e-5), pytest.approx(high, rel=1e-5))
    table = level_metrics(cells([alt], [depth])).iloc[0]
    for metric in ("pooled", "median", "max"):
        assert table[f"{metric}_vaf_high"] == pytest.approx(high, rel=1e-5), "one variant: all the same"
        assert table[f"{metric}_vaf_low"] == pytest.approx(low, rel=1e-5)


def test_pooled_interval_goes_by_distinct_fragments():
    """T1: 13 observations of 6 fragments in 3,489: point 13/3489, interval of 6 in 3489 x 6/13."""
    table = level_metrics(cells([7, 6], [1700, 1789], [4, 2])).iloc[0]
    low, high = vaf_interval(np.array([6.0]), np.array([3489 * 6 / 13]))
    assert table["pooled_vaf"] == pytest.approx(13 / 3489)
    assert table["pooled_vaf_low"] == pytest.approx(low[0])
    assert table["pooled_vaf_high"] == pytest.approx(high[0])
    assert table["pooled_vaf_high"] > level_metrics(cells([7, 6], [1700, 1789]))["pooled_vaf_high"].item()


def test_every_interval_holds_its_estimate_and_stays_in_the_unit_interval():
    generator = np.random.default_rng(4)
    frames = []
    for number in range(200):
        depth = generator.integers(0, 3000, 6)
        alt = generator.binomial(depth, generator.choice([0, 1e-4, 1e-2, 0.4, 1.0]))
        frames.append(cells(alt, depth, sample=f"S{number}"))
    table = level_metrics(pd.concat(frames))
    for metric in ("pooled", "mean", "median", "max"):
        low, value, high = (table[f"{metric}_vaf{end}"] for end in ("_low", "", "_high"))
        assert ((low <= value + 1e-12) & (value <= high + 1e-12)).all(), metric
        assert ((low >= 0) & (high <= 1)).all(), metric


def test_mean_interval_with_no_alt_fragment_has_an_upper_limit():
    """A delta interval would be 0 to 0."""
    table = level_metrics(cells([0, 0], [1000, 2000])).iloc[0]
    assert table["mean_vaf_low"] == 0
    assert table["mean_vaf_high"] == pytest.approx(3.6889 / 2000, rel=1e-4), "largest weight 1/(2 x 1000)"


def gamma_limits(mean, variance, weight):
    """Fay and Feuer: gamma of the mean and variance; the upper one with a further event of most weight."""

    def quantile(share, centre, spread):
        return stats.gamma.ppf(share, centre**2 / spread, scale=spread / centre)

    return quantile(0.025, mean, variance), quantile(0.975, mean + weight, variance + weight**2)


@pytest.mark.parametrize(
    ("distinct", "seen_twice"),
    [([40, 12], 1), ([20, 6], 2)],  # the second: each fragment stands for two observations
)
def test_mean_interval_by_the_weights_of_the_variants(distinct, seen_twice):
    table = level_metrics(cells([40, 12], [2000, 1000], distinct)).iloc[0]
    weights = (1 / 4000, 1 / 2000)  # a share of the mean an observation
    variance = weights[0] ** 2 * 40 * 0.98 + weights[1] ** 2 * 12 * 0.988
    low, high = gamma_limits(0.016, variance * seen_twice, weights[1] * seen_twice)
    assert table["mean_vaf"] == pytest.approx(0.016)
    assert (table["mean_vaf_low"], table["mean_vaf_high"]) == pytest.approx((low, high), rel=1e-9)


def test_median_and_largest_from_simultaneous_limits():
    """Three variants: each tail 1 - 0.975^(1/3) = 0.0084, so that all three limits hold in 97.5 %."""
    table = level_metrics(cells([40, 12, 3], [2000, 1500, 2500])).iloc[0]
    tail = 1 - 0.975 ** (1 / 3)
    low = [stats.beta.ppf(tail, x, n - x + 1) for x, n in ((12, 1500), (40, 2000))]
    assert table["median_vaf_low"] == pytest.approx(low[0], rel=1e-9)
    assert table["median_vaf_high"] == pytest.approx(stats.beta.isf(tail, 13, 1488), rel=1e-9)
    assert table["max_vaf_low"] == pytest.approx(low[1], rel=1e-9)
    assert table["max_vaf_high"] == pytest.approx(stats.beta.isf(0.025, 41, 1960), rel=1e-9)


def test_weighted_sum_of_equal_weights_is_the_exact_poisson_interval():
    """5 events weighted 1/1000 each: the exact interval 1.6235 to 11.6683 of 5 events, over 1000."""
    low, high = weighted_sum_interval(np.array([5e-3]), np.array([5e-6]), np.array([1e-3]), 0.95)
    assert (low[0], high[0]) == (pytest.approx(1.6235e-3, rel=1e-4), pytest.approx(11.6683e-3, rel=1e-4))


def test_samples_without_a_covered_variant_are_absent():
    assert level_metrics(cells([0, 0], [0, 0])).empty


def test_unknown_counts_are_not_zeros():
    table = level_metrics(cells([40, np.nan], [2000, np.nan]))
    assert table["mean_vaf"].item() == pytest.approx(0.02)


def test_chosen_level_is_the_metric_with_its_interval():
    metrics = level_metrics(cells(ALT, DEPTH))
    level = chosen_level(metrics, "mean").iloc[0]
    assert level["level"] == pytest.approx(7.3e-3)
    assert level["level_low"] < 7.3e-3 < level["level_high"]
    assert level["level_metric"] == "mean"


@pytest.mark.parametrize(
    ("level", "ng", "ml", "expected"),
    [
        (7.05128e-3, 30, 4, 15.8654),
        (7.3e-3, 30, 4, 16.425),
        (0.0, 30, 4, 0.0),
        (0.01, np.nan, 4, np.nan),
        (0.01, 30, 0, np.nan),
    ],
)
def test_genome_equivalents(level, ng, ml, expected):
    found = genome_equivalents_per_ml(
        pd.Series([level]), pd.Series([ng]), pd.Series([ml]), genome_copies_per_ng=300
    )
    assert found.item() == pytest.approx(expected, rel=1e-5, nan_ok=True)


@pytest.mark.parametrize(
    ("copies", "mutant", "expected"), [(2, 1, 0.02), (4, 2, 0.010101), (6, 5, 0.0040323)]
)
def test_tumour_fraction(copies, mutant, expected):
    found = tumour_fraction(0.0101, 1e-4, copy_number=copies, mutant_copies=mutant)
    assert found == pytest.approx(expected, rel=1e-4)
    assert tumour_fraction(1e-5, 1e-4, copy_number=copies, mutant_copies=mutant) == 0


@pytest.mark.parametrize(
    ("alt", "depth", "expected", "level"),
    [(4, 12_100, 0.332, 3.03140e-4), (0, 1000, 0.2, 0.0), (13, 4056, 0.189754, 3.158345e-3)],
)
def test_background_subtracted(alt, depth, expected, level):
    assert background_subtracted(alt, depth, expected) == pytest.approx(level, rel=1e-5)


def test_background_subtracted_of_nothing_is_unknown():
    assert np.isnan(background_subtracted(0, 0, 0))
