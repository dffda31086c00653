"""Kaplan-Meier and log-rank: small cohorts a reader can recompute by hand, and the known library traps."""

import math
import re
from itertools import permutations

import numpy as np
import pytest

from clearher.statistics.exact_log_rank import exact_log_rank, log_rank_scores, permutation_log_rank
from clearher.statistics.survival import (
    kaplan_meier,
    log_rank,
    log_rank_trend,
    numbers_at_risk,
    quantile,
    reverse_kaplan_meier,
    survival_at,
)

TIES = ([1, 1, 2, 2, 2, 3, 4, 4], [1, 1, 1, 0, 1, 1, 0, 1], [1, 0, 1, 0, 1, 0, 1, 0])


def test_curve_counts_and_heights():
    """10 (event), 20 (event and censored), 30 (censored): 4, 3, 1 at risk; S 3/4, 1/2, 1/2."""
    curve = kaplan_meier([10, 20, 20, 30], [True, True, False, False])
    assert curve["at_risk"].tolist() == [4, 3, 1]
    assert curve["events"].tolist() == [1, 1, 0]
    assert curve["censored"].tolist() == [0, 1, 1]
    assert curve["survival"].tolist() == pytest.approx([0.75, 0.5, 0.5])


def test_median_on_a_plateau_is_its_middle():
    """C1: lifelines says 4, statsmodels 6."""
    assert quantile(kaplan_meier([2, 4, 6, 8], [1] * 4), 0.5).estimate == 5


def test_curve_that_ends_on_the_share():
    """C2: the median is not estimable; R's option gives 20; the reverse curve crosses at 25."""
    times, events = [5, 10, 20, 30], [1, 1, 0, 0]
    curve = kaplan_meier(times, events)
    assert math.isnan(quantile(curve, 0.5).estimate)
    assert quantile(curve, 0.5, plateau="r").estimate == 20
    assert quantile(reverse_kaplan_meier(times, events), 0.5).estimate == 25
    assert math.isnan(survival_at(curve, 40).estimate), "beyond the last follow-up"


def test_upper_limit_not_reached_when_all_have_the_event():
    """C3: lifelines closes the interval at 60; R leaves it open."""
    median = quantile(kaplan_meier([10, 20, 30, 40, 50, 60], [1] * 6), 0.5)
    assert median[:2] == (35, 10)
    assert math.isnan(median.high)


def test_band_is_log_log():
    """C4: R's log band would be 0.379-1, the plain one 0.289-1."""
    curve = kaplan_meier([10, 20, 30, 40, 50, 60], [1, 1, 0, 1, 1, 1])
    assert survival_at(curve, 30) == pytest.approx((0.6667, 0.1946, 0.9044), abs=1e-3)
    log = kaplan_meier([10, 20, 30, 40, 50, 60], [1, 1, 0, 1, 1, 1], band="log")
    assert survival_at(log, 30)[1:] == pytest.approx((0.379, 1.0), abs=1e-3)
    plain = kaplan_meier([10, 20, 30, 40, 50, 60], [1, 1, 0, 1, 1, 1], band="plain")
    assert survival_at(plain, 30)[1:] == pytest.approx((0.289, 1.0), abs=1e-3)


def test_at_risk_is_counted_just_before_the_time():
    """C8: lifelines' risk table counts after the time: 3 and 0."""
    assert numbers_at_risk([5, 10, 10, 20], [1, 1, 0, 1], [5, 20]) == [4, 1]


def test_a_curve_at_zero_stays_there():
    """The last of all has the event: nobody is left whose event could be unknown. One censored with it is."""
    ended = survival_at(kaplan_meier([10, 20], [1, 1]), 25)
    assert ended.estimate == 0.0
    assert math.isnan(ended.low)
    assert math.isnan(survival_at(kaplan_meier([10, 20, 20], [1, 1, 0]), 25).estimate)


def test_before_the_first_time_everybody_is_free_of_the_event():
    assert survival_at(kaplan_meier([5], [1]), 1).estimate == 1.0


def test_nobody():
    curve = kaplan_meier([], [])
    assert curve.empty
    assert math.isnan(quantile(curve, 0.5).estimate)
    assert math.isnan(survival_at(curve, 1).estimate)


@pytest.mark.parametrize(
    ("time", "event"), [([1, np.nan], [1, 0]), ([-1, 2], [1, 0]), ([1, 2], [1, None]), ([1, 2], [1])]
)
def test_unknown_input_is_refused(time, event):
    with pytest.raises(ValueError, match=r"known|times and"):
        kaplan_meier(time, event)


def test_stratified_log_rank():
    """C7: halves as strata, R's survdiff 0.02128; a stratified Cox score test gives 0.02135."""
    time, event, group = TIES
    result = log_rank(time, event, group, strata=[0] * 4 + [1] * 4)
    assert result.statistic == pytest.approx(0.02128, abs=5e-6)
    assert result.df == 1


def test_trend_over_two_groups_is_the_log_rank_test():
    time, event, group = TIES
    assert log_rank_trend(time, event, group).statistic == pytest.approx(
        log_rank(time, event, group).statistic
    )


@pytest.mark.parametrize(
    ("event", "group", "why"),
    [([0] * 4, [0, 0, 1, 1], "no event"), ([1] * 4, [1] * 4, "one group")],
)
def test_log_rank_without_information(event, group, why):
    assert math.isnan(log_rank([1, 2, 3, 4], event, group).p), why
    assert math.isnan(log_rank_trend([1, 2, 3, 4], event, group).p), why


def test_group_censored_before_the_first_event_has_no_degree_of_freedom():
    """As R's survdiff (chisq 0.0784, df 1): group c leaves at 1, the first event is at 2."""
    time, event = [2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 1, 1, 0, 1, 1, 1]
    group = ["a", "b"] * 4
    both = log_rank(time, event, group)
    third = log_rank([1, 1, *time], [0, 0, *event], ["c", "c", *group])
    assert (third.statistic, third.df, third.p) == pytest.approx((both.statistic, 1, both.p))


@pytest.mark.parametrize("seed", range(5))
def test_degrees_of_freedom_do_not_follow_rounding(seed):
    """Groups of 100 with several hundred event times: one degree less than groups, whatever the rounding."""
    rng = np.random.default_rng(seed)
    time, event = rng.exponential(100, 400).round(2), rng.random(400) < 0.7
    assert [log_rank(time, event, np.arange(400) % k).df for k in (2, 3, 4)] == [1, 2, 3]


def test_permutation_log_rank_by_hand():
    """Events at 1, 2, 3, 4, groups {1, 2} and {3, 4}: scores 3/4, 5/12, -1/12, -13/12 add up to 0; of the 6
    splits none has a larger sum than {1, 2}, so the tail is 1/6."""
    assert log_rank_scores([1, 2, 3, 4], [1] * 4).tolist() == pytest.approx(
        [3 / 4, 5 / 12, -1 / 12, -13 / 12]
    )
    result = exact_log_rank([1, 2, 3, 4], [1] * 4, ["a", "a", "b", "b"], seed=1)
    assert (result.p, result.exact, result.tables) == (pytest.approx(2 / 6), True, 6)


def test_permutation_log_rank_of_three_groups_against_all_arrangements():
    """Three pairs of six times: 90 arrangements, each weighed by the sum of squared sums over 2."""
    time, event, group = [1, 2, 4, 5, 7, 9], [1, 1, 1, 0, 1, 1], ["a", "b", "a", "b", "c", "c"]
    scores = log_rank_scores(time, event)

    def spread(labels):
        return sum(scores[[label == name for label in labels]].sum() ** 2 / 2 for name in "abc")

    every = [spread(labels) for labels in sorted(set(permutations(group)))]
    assert len(every) == 90
    expected = np.mean(np.array(every) >= spread(group) - 1e-9)
    assert 0.05 < expected < 0.95, "an arrangement in the middle tells more"
    found = permutation_log_rank(time, event, group, seed=3)
    assert found.p == pytest.approx(expected, abs=4 * math.sqrt(0.25 / 100_000))
    assert not found.exact


def test_permutation_log_rank_of_two_groups_is_the_test_of_two():
    time, event, group = [3, 5, 7, 2, 18, 16, 2, 9], [0, 1, 1, 1, 1, 0, 1, 1], list("aabbbabb")
    assert permutation_log_rank(time, event, group, seed=1) == exact_log_rank(time, event, group, seed=1)


def test_permutation_log_rank_agrees_with_the_chi_square_of_many():
    """600 subjects of three groups, one of a higher hazard: the two differ by their variance alone."""
    rng = np.random.default_rng(8)
    group = np.repeat([0, 1, 2], 200)
    time = rng.exponential(np.where(group == 2, 8.6, 10.0))
    usual = log_rank(time, np.ones(600), group)
    assert permutation_log_rank(time, np.ones(600), group, seed=1).p == pytest.approx(usual.p, abs=0.03)


def test_permutation_log_rank_without_event_or_with_one_group_says_nothing():
    assert math.isnan(permutation_log_rank([1, 2, 3], [0, 0, 0], ["a", "b", "c"], seed=1).p)
    assert math.isnan(permutation_log_rank([1, 2, 3], [1, 1, 1], ["a", "a", "a"], seed=1).p)


def test_permutation_scores_are_observed_minus_expected():
    """The squared sum over a group, by the hypergeometric variance, is the log-rank chi-square."""
    time, event, group = TIES
    total = log_rank_scores(time, event)[np.array(group) == 1].sum()
    observed = sum(e for e, g in zip(event, group, strict=True) if g)
    expected = 2 * 4 / 8 + 2 * 3 / 6 + 1 * 1 / 3 + 1 * 1 / 2
    assert total == pytest.approx(observed - expected)


def test_two_subjects_cannot_be_overwhelming():
    """Two early events among 35: the chi-square says p < 1e-9, while only 1 split in 595 is as early."""
    time, group = [1, 2, *range(50, 83)], [1, 1, *[0] * 33]
    assert log_rank(time, [1] * 35, group).p < 1e-9
    assert exact_log_rank(time, [1] * 35, group, seed=1).p == pytest.approx(2 / 595)


def test_many_splits_are_drawn_and_said_so():
    rng = np.random.default_rng(4)
    time, event, group = rng.exponential(10, 60), rng.random(60) < 0.7, np.arange(60) < 30
    result = exact_log_rank(time, event, group, seed=7)
    assert not result.exact
    assert "seed 7" in result.how
    assert result.p == pytest.approx(log_rank(time, event, group).p, abs=0.02)


def test_the_error_of_drawn_splits_is_the_spread_over_seeds():
    """p is twice a tail: 0.44 has the error 0.003, not the 0.0016 of a plain share."""
    rng = np.random.default_rng(4)
    group = np.arange(40) < 20
    time = np.where(group, rng.exponential(10, 40), rng.exponential(21, 40))
    found = [exact_log_rank(time, [1] * 40, group, seed=seed) for seed in range(40)]
    stated = {float(re.search(r"standard error (\S+)", result.how).group(1)) for result in found}
    spread = np.std([result.p for result in found], ddof=1)
    assert len(stated) == 1
    assert spread == pytest.approx(stated.pop(), rel=0.25)


@pytest.mark.parametrize(("event", "group"), [([0] * 4, [0, 0, 1, 1]), ([1] * 4, [1] * 4)])
def test_permutation_without_information(event, group):
    assert math.isnan(exact_log_rank([1, 2, 3, 4], event, group, seed=1).p)


def test_missing_group_is_refused():
    with pytest.raises(ValueError, match="must be known"):
        log_rank_trend([1, 2], [1, 1], [0, np.nan])
