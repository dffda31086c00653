"""Detection tests: worked numbers, borders, and traps found in other tools."""

import numpy as np
import pytest
from scipy import stats

from clearher.ctdna.detection import (
    beta_binomial_p,
    estimated_background_p,
    fisher,
    likelihood_ratio,
    likelihood_ratio_p,
    monte_carlo_p,
    poisson_binomial_p,
    poisson_p,
)

DEPTH = [2100, 1800, 2500, 1500, 2300, 1900]
RATE = [2e-5, 1e-5, 6e-5, 1e-5, 3e-5, 2e-5]
T1_ALT = [2, 2, 1, 1, 0, 2, 1, 1, 1, 2]
T1_DEPTH = [443, 440, 365, 384, 437, 449, 403, 404, 387, 344]
T1_RATE = 4.678343e-5


@pytest.mark.parametrize(
    ("alt", "expected", "p", "what"),
    [
        (13, 0.189754, 5.568e-20, "T1, reads"),
        (6, 0.163227, 2.284e-8, "T1, distinct fragments"),
        (4, 0.332, 3.8873e-4, "six variants"),
        (35, 24.0, 2.0570e-2, "four variants at 2e-3"),
        (0, 0.332, 1.0, "no alt fragment: p is 1, not 0 and not missing"),
        (0, 0.0, 1.0, "nothing expected, nothing seen"),
    ],
)
def test_poisson(alt, expected, p, what):
    assert poisson_p(alt, expected) == pytest.approx(p, rel=2e-4), what


def test_poisson_takes_whole_columns_and_keeps_unknown_unknown():
    p = poisson_p(np.array([6, 0, 3]), np.array([0.163227, 0.5, np.nan]))
    assert p[:2] == pytest.approx([2.284e-8, 1.0], rel=1e-3)
    assert np.isnan(p[2])


@pytest.mark.parametrize(
    ("alt", "depth", "rate", "p"),
    [
        (4, DEPTH, RATE, 3.8850e-4),
        (35, [3000] * 4, [2e-3] * 4, 2.0461e-2),
        (0, DEPTH, RATE, 1.0),
        (1, [1000], [1e-3], 1 - 0.999**1000),
        (2, [2], [0.1], 0.01),
        (3, [2], [0.1], 0.0),
        (5, [], [], 0.0),
    ],
)
def test_poisson_binomial(alt, depth, rate, p):
    assert poisson_binomial_p(alt, depth, rate) == pytest.approx(p, rel=4e-5, abs=1e-12)


@pytest.mark.parametrize(
    ("alt", "depth", "rate", "p"),
    [
        (7, [806, 763, 745, 798, 824], [1e-5, 2e-5, 4e-5, 1e-5, 3e-5], 6.26899064702e-12),
        (60, [20000] * 6, [1e-4, 2e-4, 1e-4, 2e-4, 3e-4, 1e-4], 4.19999311307e-13),
    ],
)
def test_a_small_exact_p_keeps_its_digits(alt, depth, rate, p):
    """Expected: the convolution in decimal arithmetic of 60 digits."""
    assert poisson_binomial_p(alt, depth, rate) == pytest.approx(p, rel=1e-9, abs=0)


def test_poisson_binomial_where_next_to_nothing_lies_below():
    assert poisson_binomial_p(5, [3000], [0.5]) == pytest.approx(1.0, rel=1e-12)


def test_poisson_binomial_of_equal_rates_is_the_binomial():
    assert poisson_binomial_p(7, [300, 700, 1000], [1e-3] * 3) == pytest.approx(
        stats.binom.sf(6, 2000, 1e-3), rel=1e-9
    )


def test_beta_binomial():
    """One variant: the distribution itself; no spread: nearly the binomial; spread makes p larger."""
    assert beta_binomial_p(3, [2000], [1], [9999]) == pytest.approx(4.6250e-3, rel=1e-4)
    assert beta_binomial_p(3, [2000], [0.2], [1999.8]) == pytest.approx(1.6272e-2, rel=1e-4)
    assert beta_binomial_p(3, [2000], [1e6], [1e10 - 1e6]) == pytest.approx(1.1470e-3, rel=1e-3)
    assert beta_binomial_p(3, [1000, 1000], [1, 1], [9999, 9999]) < 4.6250e-3
    assert beta_binomial_p(0, [2000], [1], [9999]) == 1.0


@pytest.mark.parametrize(
    ("alt", "errors", "share"), [(9, 34, 1 / 9), (3, 0, 0.1), (1, 5, 0.5), (20, 100, 0.02)]
)
def test_estimated_background_is_the_conditional_test_of_two_rates(alt, errors, share):
    tested = share / (1 - share)
    mean, sd = tested * (errors + 1), tested * np.sqrt(errors + 1)
    conditional = stats.binom.sf(alt - 1, alt + errors, share)
    assert estimated_background_p(alt, mean, sd) == pytest.approx(conditional, rel=1e-9)


def test_estimated_background_without_uncertainty_is_poisson():
    assert estimated_background_p(4, 0.332, 0.0) == pytest.approx(poisson_p(4, 0.332))
    assert estimated_background_p(4, 0.332, 1e-4) == pytest.approx(poisson_p(4, 0.332), rel=1e-4)
    assert estimated_background_p(4, 0.332, 0.3) > poisson_p(4, 0.332)
    assert estimated_background_p(0, 0.332, 0.3) == 1.0


def test_monte_carlo_of_t1_and_of_a_sample_without_alt():
    t1 = monte_carlo_p(T1_ALT, T1_DEPTH, [T1_RATE] * 10, draws=10_000, seed=1)
    t2 = monte_carlo_p([0] * 10, T1_DEPTH, [T1_RATE] * 10, draws=10_000, seed=1)
    assert t1 == pytest.approx(1 / 10_001)
    assert t2 == 1.0


def test_monte_carlo_depth_0_is_not_covered_and_never_nan():
    """Trap: depth 0 gave NaN, which dropped out of the mean."""
    covered = monte_carlo_p([1, 0, 2], [1000, 900, 1100], [1e-4] * 3, draws=2000, seed=3)
    with_gap = monte_carlo_p([1, 0, 2, 0], [1000, 900, 1100, 0], [1e-4] * 4, draws=2000, seed=3)
    assert with_gap == covered
    assert np.isnan(monte_carlo_p([0, 0], [0, 0], [1e-4] * 2, draws=100, seed=1))


def test_monte_carlo_is_the_same_again_with_the_same_seed():
    runs = [monte_carlo_p([2, 0], [900, 800], [1e-3] * 2, draws=500, seed=seed) for seed in (7, 7, 8)]
    assert runs[0] == runs[1]
    assert 0.2 < runs[2] < 0.6


def test_fisher():
    odds, p = fisher(9, 9 + 11_991, 30, 30 + 399_970)
    assert odds == pytest.approx(10.0068, rel=1e-5)
    assert p == pytest.approx(1.4423e-6, rel=1e-4)
    assert fisher(0, 1000, 30, 400_000).p == 1.0


def test_likelihood_ratio_of_t1():
    share, ratio = likelihood_ratio(T1_ALT, T1_DEPTH, [0.4] * 10, [T1_RATE] * 10)
    assert share == pytest.approx(0.00789660, rel=1e-6)
    assert ratio == pytest.approx(42.16072, rel=1e-6)


def test_likelihood_ratio_with_one_fraction_has_a_closed_form():
    """(A/N - e) / (g - e)."""
    error, fraction = 1e-4, 0.3
    g = fraction * (1 - error) + (1 - fraction) * error
    share = likelihood_ratio([3, 1], [1000, 1500], [fraction] * 2, [error] * 2).share
    assert share == pytest.approx((4 / 2500 - error) / (g - error), rel=1e-9)


def test_likelihood_ratio_without_alt_is_0():
    alt = [0, 0]
    assert likelihood_ratio(alt, [1000, 1500], [0.3, 0.1], [1e-4] * 2) == (0.0, 0.0)
    assert likelihood_ratio_p(alt, [1000, 1500], [0.3, 0.1], [1e-4] * 2, draws=100, seed=1) == 1.0


def test_likelihood_ratio_weighs_variants_by_their_tumour_fraction():
    """Two alt fragments at the clonal variant say more than two at the rare one."""
    clonal = likelihood_ratio([2, 0], [2000, 2000], [0.4, 0.01], [2e-5] * 2).log_ratio
    rare = likelihood_ratio([0, 2], [2000, 2000], [0.4, 0.01], [2e-5] * 2).log_ratio
    assert clonal > rare


def test_likelihood_ratio_p_by_simulation_is_a_probability_under_the_null():
    depth, fraction, rate = [5000] * 3, [0.4, 0.2, 0.1], [2e-4] * 3
    generator = np.random.default_rng(11)
    samples = generator.binomial(5000, 2e-4, size=(300, 3))
    p = np.array(
        [likelihood_ratio_p(alt, depth, fraction, rate, draws=400, seed=i) for i, alt in enumerate(samples)]
    )
    assert [(p <= level).mean() <= level + 0.05 for level in (0.01, 0.1, 0.3, 0.5)] == [True] * 4
    assert p.min() < 0.05


@pytest.mark.parametrize(
    "table", [(9, 11_991, 30, 399_970), (1, 60, 0, 5000), (40, 9000, 900, 2_000_000), (0, 50, 3, 900)]
)
def test_fisher_without_the_statistics_library_is_the_same(table):
    alt, depth, background_alt, background_depth = table
    counts = [[alt, depth - alt], [background_alt, background_depth - background_alt]]
    odds, p = stats.fisher_exact(counts, alternative="greater")
    assert fisher(*table) == (pytest.approx(odds), pytest.approx(p, rel=1e-9))
