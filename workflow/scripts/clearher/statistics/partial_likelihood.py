"""The Cox partial likelihood: risk-set moments for right-censored, late-entry and start-stop data.

Moments of every risk set come from running sums over rows sorted by time, so one evaluation costs
n log n, not events times n. Ties by Efron or Breslow, strata by adding up.
"""

from dataclasses import dataclass

import numpy as np

from clearher.statistics.newton import Point


@dataclass(frozen=True)
class RiskSets:
    """One stratum, prepared once for any number of evaluations.

    Attributes
    ----------
    x : array (n, p)
        Covariates.
    event_rows : array (d,)
        Rows that end with the event, in order of time.
    event_times : array (d,)
        Their times.
    group : array (d,)
        Number of the distinct event time each belongs to.
    share : array (d,)
        Efron's share of the tied events to take off the risk set: 0, 1/d, 2/d ...; all 0 for Breslow.
    by_stop, by_start : arrays (n,)
        Row orders by stop and by start time.
    from_stop, from_start : arrays (distinct event times,)
        First place in these orders whose time is at or after the event time.
    """

    x: np.ndarray
    event_rows: np.ndarray
    event_times: np.ndarray
    group: np.ndarray
    share: np.ndarray
    by_stop: np.ndarray
    by_start: np.ndarray
    from_stop: np.ndarray
    from_start: np.ndarray


@dataclass(frozen=True)
class Moments:
    """Per event: log of the risk set's total weight, weighted mean, covariance; row means of eta."""

    log_weight: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    third: np.ndarray | None


def risk_sets(x: np.ndarray, start: np.ndarray, stop: np.ndarray, event: np.ndarray, ties: str) -> RiskSets:
    """Prepare one stratum; a row is at risk at t when start < t <= stop."""
    rows = np.flatnonzero(event)
    rows = rows[np.argsort(stop[rows], kind="stable")]
    times, group, counts = np.unique(stop[rows], return_inverse=True, return_counts=True)
    first = np.cumsum(counts) - counts
    place = np.arange(len(rows)) - first[group]
    share = place / counts[group] if ties == "efron" else np.zeros(len(rows))
    by_stop, by_start = np.argsort(stop, kind="stable"), np.argsort(start, kind="stable")
    return RiskSets(
        x=x,
        event_rows=rows,
        event_times=stop[rows],
        group=group,
        share=share,
        by_stop=by_stop,
        by_start=by_start,
        from_stop=np.searchsorted(stop[by_stop], times, side="left"),
        from_start=np.searchsorted(start[by_start], times, side="left"),
    )


def moments(sets: RiskSets, parameters: np.ndarray, *, orders: int = 2) -> Moments:
    """Weighted moments of the covariates over the risk set of every event, up to the given order."""
    eta = sets.x @ parameters
    shift = float(eta.max(initial=0.0))
    weight = np.exp(eta - shift)
    powers = _powers(sets.x, orders)
    total = np.maximum(_at_events(sets, weight), np.finfo(float).tiny)
    raw = [
        _at_events(sets, power * weight.reshape(-1, *[1] * (power.ndim - 1))).astype(float)
        / total.reshape(-1, *[1] * (power.ndim - 1))
        for power in powers
    ]
    mean, second = raw[0], raw[1]
    covariance = second - mean[:, :, None] * mean[:, None, :]
    third = _third_cumulant(mean, second, raw[2]) if orders == 3 else None
    return Moments(np.log(total) + shift, mean, covariance, third)


def partial_likelihood(strata: list[RiskSets], parameters: np.ndarray) -> Point:
    """Log partial likelihood, score and information, added over strata."""
    value, gradient, information = 0.0, np.zeros(len(parameters)), np.zeros((len(parameters),) * 2)
    for sets in strata:
        part = moments(sets, parameters)
        at_event = sets.x[sets.event_rows]
        value += float((at_event @ parameters - part.log_weight).sum())
        gradient += (at_event - part.mean).sum(axis=0)
        information += part.covariance.sum(axis=0)
    return Point(value, gradient, information)


def penalised_partial_likelihood(strata: list[RiskSets], parameters: np.ndarray) -> Point:
    """Partial likelihood with Firth's penalty log det(I) / 2 and the matching score."""
    plain = partial_likelihood(strata, parameters)
    sign, log_determinant = np.linalg.slogdet(plain.information)
    if sign <= 0 or not np.isfinite(log_determinant):
        return Point(-np.inf, plain.gradient, plain.information)
    third = sum(moments(sets, parameters, orders=3).third.sum(axis=0) for sets in strata)
    penalty = np.einsum("ab,abr->r", np.linalg.inv(plain.information), third) / 2
    return Point(plain.value + log_determinant / 2, plain.gradient + penalty, plain.information)


def baseline_steps(strata: list[RiskSets], parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Event times and the step of Efron's cumulative baseline hazard at each event (covariates 0)."""
    times = np.concatenate([sets.event_times for sets in strata])
    steps = np.concatenate([np.exp(-moments(sets, parameters).log_weight) for sets in strata])
    return times, steps


def _powers(x: np.ndarray, orders: int) -> list[np.ndarray]:
    second = x[:, :, None] * x[:, None, :]
    powers = [x, second]
    return powers if orders == 2 else [*powers, second[:, :, :, None] * x[:, None, None, :]]


def _at_events(sets: RiskSets, values: np.ndarray) -> np.ndarray:
    at_risk = _suffix(values[sets.by_stop], sets.from_stop)
    if sets.from_start.size and sets.from_start.min() < len(values):
        at_risk = at_risk - _suffix(values[sets.by_start], sets.from_start)
    tied = np.zeros_like(at_risk)
    np.add.at(tied, sets.group, values[sets.event_rows])
    share = sets.share.reshape(-1, *[1] * (values.ndim - 1))
    return at_risk[sets.group] - share * tied[sets.group]


def _suffix(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    sums = np.cumsum(values[::-1], axis=0)[::-1]
    padded = np.concatenate([sums, np.zeros((1, *values.shape[1:]))])
    return padded[first]


def _third_cumulant(mean: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray:
    mixed = (
        second[:, :, :, None] * mean[:, None, None, :]
        + second[:, :, None, :] * mean[:, None, :, None]
        + second[:, None, :, :] * mean[:, :, None, None]
    )
    product = mean[:, :, None, None] * mean[:, None, :, None] * mean[:, None, None, :]
    return third - mixed + 2 * product
