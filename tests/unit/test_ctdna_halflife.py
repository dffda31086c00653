"""Half-life: exact declines, limits instead of levels, and what has none."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from clearher.ctdna.halflife import half_life, half_lives, tobit_slopes

RULE = {"min_draws": 3, "last_day": 92, "min_log_sd": 0.1, "confidence": 0.95}


def course(*draws, subject="S1"):
    """Draws of (study day, level) or (study day, None, LoD95); the first is baseline."""
    rows = [
        {
            "subject_id": subject,
            "phase": "POST_BASELINE" if number else "BASELINE",
            "state": "DETECTED" if draw[1] is not None else "NOT_DETECTED_ADEQUATE",
            "baseline_state": "DETECTED",
            "study_day": draw[0],
            "level": 0.0 if draw[1] is None else draw[1],
            "lod95": draw[2] if len(draw) > 2 else 0.0001,
            "comparable": True,
            "molecular_progression": False,
        }
        for number, draw in enumerate(draws)
    ]
    return pd.DataFrame(rows).astype({"study_day": "Int64", "molecular_progression": "boolean"})


def test_a_fourfold_fall_each_fortnight_halves_every_seven_days():
    # 0.08, 0.02, 0.005 at days 0, 14, 28 after the first dose (study days 1, 15, 29)
    found = half_lives(course((1, 0.08), (15, 0.02), (29, 0.005)), **RULE).iloc[0]
    assert found["half_life_days"] == pytest.approx(7.0, rel=1e-4)
    assert found["half_life_draws"] == 3
    # at the smallest residual deviation of 0.1 the slope's error is 0.1 / sqrt(2 x 14^2), by n - 2 of n = 3
    # draws sqrt(3) times that; t at 97.5 % and one degree of freedom is 12.7062
    reach = 12.7062 * np.sqrt(3) * 0.1 / np.sqrt(392)
    slope = np.log(2) / 7
    assert found["half_life_low"] == pytest.approx(np.log(2) / (slope + reach), rel=1e-4)
    assert np.isnan(found["half_life_high"])


def test_without_limits_the_interval_is_that_of_least_squares():
    """Few draws say little about their own scatter: limits by t at n - 2, as any regression gives them."""
    day, level = np.array([1, 22, 43, 64, 85]), np.array([0.06, 0.02, 0.025, 0.006, 0.0052])
    found = half_lives(course(*zip(day, level, strict=True)), **RULE).iloc[0]
    line = stats.linregress(day - 1, np.log(level))
    reach = stats.t.ppf(0.975, 3) * line.stderr
    assert found["half_life_days"] == pytest.approx(np.log(2) / -line.slope, rel=1e-6)
    assert found["half_life_low"] == pytest.approx(np.log(2) / (reach - line.slope), rel=1e-6)
    assert found["half_life_high"] == pytest.approx(np.log(2) / -(line.slope + reach), rel=1e-6)


def test_limits_hold_their_confidence_with_four_draws():
    rng = np.random.default_rng(7)
    day, slope, subjects = np.array([1, 22, 43, 85]), -np.log(2) / 18, 1500
    log_level = np.log(0.05) + slope * day + rng.normal(0, 0.35, (subjects, 4))
    frames = [
        course(*zip(day, np.exp(row), strict=True), subject=f"S{number}")
        for number, row in enumerate(log_level)
    ]
    found = half_lives(pd.concat(frames, ignore_index=True), **RULE)
    found = found[found["half_life_days"].notna()]
    inside = (found["half_life_low"] <= 18) & ~(found["half_life_high"] < 18)
    assert inside.mean() >= 0.94


def test_study_days_have_no_day_zero():
    # study day -1 is the day before study day 1: 28 days in three steps of 14
    found = half_lives(course((-1, 0.08), (14, 0.02), (28, 0.005)), **RULE).iloc[0]
    assert found["half_life_days"] == pytest.approx(7.0, rel=1e-4)


def test_a_limit_far_above_the_line_changes_nothing_and_one_below_it_steepens():
    line = [(1, 0.08), (15, 0.02), (29, 0.005)]
    above = half_lives(course(*line, (43, None, 0.02)), **RULE).iloc[0]
    below = half_lives(course(*line, (43, None, 0.0002)), **RULE).iloc[0]
    assert above["half_life_days"] == pytest.approx(7.0, abs=0.01)
    assert below["half_life_days"] < 6.5
    assert below["half_life_draws"] == 4


def test_the_fit_is_the_maximum_of_the_censored_likelihood():
    day = np.array([0.0, 10, 20, 30, 40, 50])
    log_level = np.array([-3.0, -3.9, -4.2, -5.6, -6.0, -6.0])
    seen = np.array([True, True, True, True, False, False])

    def loss(theta):
        mean, sd = theta[0] + theta[1] * day, np.exp(theta[2])
        exact = stats.norm.logpdf(log_level[seen], mean[seen], sd).sum()
        return -exact - stats.norm.logcdf(log_level[~seen], mean[~seen], sd).sum()

    best = optimize.minimize(
        loss, [-3, -0.08, -1], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    )
    slope, error = fitted(day, log_level, seen, min_sd=0.01)
    assert slope == pytest.approx(best.x[1], abs=1e-6)
    assert 0.005 < error < 0.05


def test_without_limits_the_fit_is_least_squares():
    day, log_level = np.array([0.0, 7, 21, 42]), np.array([-3.0, -3.2, -4.9, -6.1])
    slope, error = fitted(day, log_level, np.ones(4, dtype=bool), min_sd=0.001)
    line, residual = np.polyfit(day, log_level, 1, full=True)[:2]
    assert slope == pytest.approx(line[0], rel=1e-9)
    spread = np.sum((day - day.mean()) ** 2)
    assert error == pytest.approx(np.sqrt(residual[0] / 4 / spread), rel=1e-6)


def test_at_the_smallest_deviation_the_fit_is_the_maximum_given_it():
    # two exact points and a limit just above their line: without the smallest deviation no maximum exists
    day, log_level, seen = (
        np.array([0.0, 14, 28]),
        np.array([-2.5, -3.9, -5.25]),
        np.array([True, True, False]),
    )

    def loss(theta):
        mean = theta[0] + theta[1] * day
        exact = stats.norm.logpdf(log_level[seen], mean[seen], 0.1).sum()
        return -exact - stats.norm.logcdf(log_level[~seen], mean[~seen], 0.1).sum()

    best = optimize.minimize(
        loss, [-2.5, -0.1], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12}
    )
    slope, _ = fitted(day, log_level, seen, min_sd=0.1)
    assert slope == pytest.approx(best.x[1], abs=1e-6)


def test_a_rising_or_flat_level_has_no_half_life():
    assert np.isnan(half_lives(course((1, 0.01), (15, 0.02), (29, 0.05)), **RULE)["half_life_days"]).all()
    assert np.isnan(half_life(0.0, 0.01, 4, 0.95)).all()


def test_a_fall_that_the_interval_does_not_hold_has_no_upper_limit():
    # t at 97.5 % and two degrees of freedom: 4.302653; ln 2 / (0.01 + 4.302653 x sqrt(4 / 2) x 0.01)
    estimate, low, high = half_life(-0.01, 0.01, 4, 0.95)
    assert (estimate, low) == pytest.approx((69.3147, 9.7835), rel=1e-4)
    assert np.isnan(high)


@pytest.mark.parametrize(
    "draws",
    [
        [(1, 0.08), (15, 0.02)],  # two draws
        [(1, 0.08), (15, None, 0.001), (29, None, 0.001)],  # one level only
        [(1, 0.08), (15, 0.02), (99, 0.005)],  # the third is too late
        [(1, 0.08), (15, 0.02), (29, 0.0)],  # a level of 0 has no logarithm
        [(1, 0.08), (1, 0.02), (29, None, 0.001)],  # both levels of one day
    ],
)
def test_too_little_for_a_half_life(draws):
    assert half_lives(course(*draws), **RULE).empty


def test_draws_from_molecular_progression_on_are_left_out():
    frame = course((1, 0.08), (15, 0.02), (29, 0.005), (43, 0.04), (57, 0.03))
    frame["molecular_progression"] = pd.array([False, False, False, True, False], dtype="boolean")
    found = half_lives(frame, **RULE).iloc[0]
    assert found["half_life_days"] == pytest.approx(7.0, rel=1e-4)
    assert found["half_life_draws"] == 3


def test_a_level_over_too_few_variants_is_left_out():
    frame = course((1, 0.08), (15, 0.02), (29, 0.005), (43, 0.05))
    frame.loc[3, "comparable"] = False
    assert half_lives(frame, **RULE)["half_life_draws"].tolist() == [3]


def fitted(day, log_level, seen, *, min_sd):
    """Slope and error of one group."""
    rows = pd.DataFrame({"group": "S1", "day": day, "level": log_level, "seen": seen})
    slope, error = tobit_slopes(rows["group"], rows["day"], rows["level"], rows["seen"], min_sd=min_sd)
    return slope[0], error[0]


def test_subjects_do_not_mix():
    frame = pd.concat(
        [course((1, 0.08), (15, 0.02), (29, 0.005)), course((1, 0.08), (15, 0.04), (29, 0.02), subject="S2")],
        ignore_index=True,
    )
    assert half_lives(frame, **RULE)["half_life_days"].tolist() == pytest.approx([7.0, 14.0], rel=1e-4)


def test_limits_have_the_configured_confidence():
    """Trap: 95 % written into the code. At 80 % and one degree of freedom t is 3.077684."""
    found = half_lives(course((1, 0.08), (15, 0.02), (29, 0.005)), **(RULE | {"confidence": 0.8})).iloc[0]
    reach = 3.077684 * np.sqrt(3) * 0.1 / np.sqrt(392)
    assert found["half_life_low"] == pytest.approx(np.log(2) / (np.log(2) / 7 + reach), rel=1e-4)
