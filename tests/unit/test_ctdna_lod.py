"""Limit of detection: worked numbers, the cap by genome copies, and what it promises."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from clearher.ctdna.decision import critical_counts, decide, expectations
from clearher.ctdna.detection import binomial_pmfs, estimated_background_p, poisson_p, sum_of_counts
from clearher.ctdna.lod import (
    critical_count,
    from_signal,
    limit_of_detection,
    mean_for_power,
    signal_for_power,
    signal_for_variants,
    smallest_count,
    usable_depth,
)


def lod(variants, depth, rate, *, least=2, copies=np.nan):
    n = usable_depth(np.full(variants, float(depth)), copies, 1.0)
    expected = float((n * rate).sum())
    k = critical_count(expected, 0.0, alpha=0.01, min_alt_fragments=least)
    limit = limit_of_detection(
        k, expected, (n * (1 - rate)).sum(), copies * variants, power=0.95, calibration=1.0
    )
    return int(k), float(limit)


@pytest.mark.parametrize(
    ("variants", "depth", "rate", "least", "copies", "k", "limit"),
    [
        (6, 2000, 1e-5, 2, np.nan, 2, 3.85326e-4),
        (1, 2000, 1e-5, 2, np.nan, 2, 2.36196e-3),
        (16, 5000, 2e-5, 2, np.nan, 6, 1.11415e-4),
        (1, 100_000, 2.5e-5, 2, np.nan, 8, 1.06484e-4),
        (1, 500, 1e-5, 1, np.nan, 1, 5.98152e-3),
        (1, 500, 1e-5, 2, np.nan, 2, 9.47782e-3),
        (4, 20_000, 1e-5, 2, 3000.0, 2, 3.85326e-4),
        (4, 20_000, 1e-5, 2, np.nan, 4, 8.692e-5),
    ],
)
def test_worked_numbers(variants, depth, rate, least, copies, k, limit):
    found = lod(variants, depth, rate, least=least, copies=copies)
    assert found == (k, pytest.approx(limit, rel=1e-4))


@pytest.mark.parametrize(
    ("depth", "copies", "efficiency", "usable"),
    [(2000, 3000, 0.5, 1500), (1000, 3000, 0.5, 1000), (2000, np.nan, 0.5, 2000)],
)
def test_depth_is_no_more_than_the_molecules_of_the_library(depth, copies, efficiency, usable):
    assert usable_depth(np.array([depth]), np.array([copies]), efficiency).tolist() == [usable]


def test_a_background_that_is_detected_by_itself_needs_no_signal():
    assert signal_for_power(np.array([0.01]), 1, 0.95) == 0
    assert signal_for_power(np.array([0.1]), 1, 0.95) == pytest.approx(np.log(2))  # 0.1 exp(-L) = 0.05


def test_mean_at_the_limit():
    assert mean_for_power(8, 0.95) == pytest.approx(13.14811, rel=1e-6)
    assert stats.poisson.sf(7, mean_for_power(8, 0.95)) == pytest.approx(0.95)


@pytest.mark.parametrize(("variants", "ng", "floor"), [(1, 5, 0.0019972), (16, 30, 2.0804e-5)])
def test_floor_by_genome_copies(variants, ng, floor):
    found = from_signal(
        np.array(0.0), np.array(1.0), np.array(variants * ng * 300.0), power=0.95, calibration=1.0
    )
    assert found == pytest.approx(floor, rel=1e-4)


def test_calibration_multiplies():
    one, two = (
        limit_of_detection(
            np.array(2.0), np.array(0.1), np.array(1e4), np.array(np.nan), power=0.95, calibration=c
        )
        for c in (1.0, 2.0)
    )
    assert two == pytest.approx(2 * one)


def test_nothing_covered_has_no_limit_and_a_limit_is_at_most_1():
    found = from_signal(
        np.array([4.7, 4.7]), np.array([0.0, 2.0]), np.array([np.nan, np.nan]), power=0.95, calibration=1.0
    )
    assert np.isnan(found[0])
    assert found[1] == 1.0


@pytest.mark.parametrize("expected", [1e-6, 0.01, 0.0101, 0.332, 5.0, 60.0, 2000.0])
@pytest.mark.parametrize("relative_sd", [0.0, 0.3])
def test_critical_count_is_the_smallest_that_is_detected(expected, relative_sd):
    sd = relative_sd * expected
    k = int(critical_count(expected, sd, alpha=0.01, min_alt_fragments=1))
    assert estimated_background_p(k, expected, sd) < 0.01
    assert k == 1 or estimated_background_p(k - 1, expected, sd) >= 0.01


def test_critical_count_of_an_unknown_background_is_unknown():
    assert np.isnan(critical_count(np.nan, 0.0, alpha=0.01, min_alt_fragments=2))


def test_the_limit_belongs_to_the_number_of_fragments_that_is_tested():
    """Trap: a limit that tests i + 1 fragments but prints i / depth (3/12,000 for 4 needed)."""
    depth = np.array([2100, 1800, 2500, 1500, 2300, 1900])
    rate = np.array([2e-5, 1e-5, 6e-5, 1e-5, 3e-5, 2e-5])
    expected = float((depth * rate).sum())
    k = int(critical_count(expected, 0.0, alpha=0.001, min_alt_fragments=1))
    assert (k, poisson_p(3, expected) > 0.001) == (4, True)
    limit = limit_of_detection(
        np.array(k), expected, (depth * (1 - rate)).sum(), np.nan, power=0.95, calibration=1.0
    )
    assert limit * depth.sum() > k, "95 % power asks for more fragments on average than the critical count"


def test_signal_over_a_poisson_background_is_the_closed_form():
    background = stats.poisson.pmf(np.arange(6), 1.6)
    assert signal_for_power(background, 6, 0.95) == pytest.approx(mean_for_power(6, 0.95) - 1.6, rel=1e-6)


def test_signal_over_a_binomial_background():
    pmf = sum_of_counts(binomial_pmfs([3000] * 4, [2e-3] * 4, 40), 40)
    signal = signal_for_power(pmf, 40, 0.95)
    draws = np.random.default_rng(2)
    seen = draws.binomial(12_000, 2e-3, 200_000) + draws.poisson(signal, 200_000)
    assert (seen >= 40).mean() == pytest.approx(0.95, abs=0.002)


def test_signal_for_called_variants():
    depth = np.array([2000.0, 1500, 2500, 1800])
    share = signal_for_variants(depth, fragments=3, variants=2, power=0.95) / depth.sum()
    draws = np.random.default_rng(3).poisson(share * depth, size=(200_000, 4))
    assert ((draws >= 3).sum(axis=1) >= 2).mean() == pytest.approx(0.95, abs=0.002)
    assert np.isnan(signal_for_variants(depth[:1], fragments=3, variants=2, power=0.95))


def test_smallest_count():
    assert smallest_count(lambda k: float(poisson_p(k, 2.5)), alpha=0.01, least=2) == 8
    assert smallest_count(lambda k: 0.0, alpha=0.01, least=2) == 2
    with pytest.raises(ValueError, match="no count"):
        smallest_count(lambda k: 1.0, alpha=0.01, least=1)


# ---- the smallest number that is detected, by trying every number -------------------------------------

KNOWN = {"error_events": np.nan, "error_depth": np.nan}
ESTIMATED = {"error_events": 3.0, "error_depth": 50_000.0}


def cells_with(alt, depth, rate, **further):
    """Cells of one sample with alt distinct fragments at its first variant."""
    rows = pd.DataFrame({"sample_id": "S", "depth": depth, "error_rate": rate})
    counted = {"alt_count": np.where(rows.index == 0, alt, 0), "distinct_alt_fragments": np.nan}
    usual = {"ref": "C", "alt": "T", "status": "GENOTYPED", "error_overdispersion": np.nan, "tumour_vaf": 0.3}
    return rows.assign(**counted, **usual, **further)


@pytest.mark.parametrize(
    ("method", "background", "rates", "decides"),
    [
        ("default", KNOWN, [2e-5, 2e-5], "poisson"),
        ("default", KNOWN, [8e-4, 9e-4], "poisson"),
        ("default", KNOWN, [2e-3, 1e-5], "poisson_binomial"),
        ("default", KNOWN, [5e-3, 5e-3], "poisson_binomial"),
        ("default", ESTIMATED, [6e-5, 6e-5], "poisson, estimated background"),
        ("default", ESTIMATED, [2e-3, 6e-5], "poisson, estimated background"),  # also above exact_above
        ("poisson", ESTIMATED, [6e-5, 6e-5], "poisson"),
        ("poisson_binomial", KNOWN, [4e-3, 1e-3], "poisson_binomial"),
        ("beta_binomial", KNOWN, [2e-3, 1e-3], "beta_binomial"),
        ("fisher", ESTIMATED, [6e-5, 6e-5], "fisher"),
    ],
)
@pytest.mark.parametrize("depth", [[40, 25], [2000, 900], [8000, 500]])
@pytest.mark.parametrize("alpha", [0.01, 0.2])
def test_the_critical_count_is_the_smallest_number_that_the_deciding_test_detects(
    settings, method, background, rates, decides, depth, alpha
):
    """Catches k* of another test than the one that decides, and p < alpha here against p <= alpha there."""
    detection = settings("ctdna")["detection"] | {"method": method, "alpha": alpha}
    blank = cells_with(0, depth, rates, **background)
    k = int(critical_counts(expectations(blank), blank, detection=detection).item())
    found = []
    for alt in range(k + 3):
        cells = cells_with(alt, depth, rates, **background)
        verdict = decide(expectations(cells), cells, detection=detection)
        assert verdict["method"].item() == decides
        found.append(bool(verdict["detected"].item()))
    assert found == [False] * k + [True] * 3


@pytest.mark.parametrize("p", [0.01, np.nextafter(0.01, 0)])
def test_a_p_of_alpha_itself_is_not_below_alpha(p):
    """Both sides of the tie: the smallest count is 5 where its p lies below alpha, 6 where it equals it."""
    found = smallest_count(lambda k: 1.0 if k < 5 else p if k == 5 else 1e-9, alpha=0.01, least=2)
    assert found == (6 if p == 0.01 else 5)


def test_poisson_tails_without_the_statistics_library_are_the_same():
    k, mean = (grid.ravel() for grid in np.meshgrid(np.arange(60), [0.0, 1e-9, 0.332, 4.7, 60.0]))
    assert poisson_p(k, mean) == pytest.approx(stats.poisson.sf(k - 1, mean), rel=1e-9, abs=1e-300)
