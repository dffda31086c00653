"""Regression models of the associations once more: each likelihood written down and maximised.

Nothing of the package is imported. Definitions are those of docs/methods.md, sections 9.2 and 9.3. Gradients
are taken by complex steps; whether a maximum is finite is told by linear programming.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from association_second_statistics import NAN, Estimate, Z, kaplan_meier
from scipy import optimize, stats

Likelihood = Callable[[np.ndarray], complex]


def gradient(f: Likelihood, at: np.ndarray) -> np.ndarray:
    """Derivatives without differences: the imaginary part of f a tiny imaginary step away."""
    steps = at + 1e-30j * np.eye(len(at))
    return np.array([np.imag(f(step)) / 1e-30 for step in steps])


def maximum(f: Likelihood, start: np.ndarray) -> tuple[np.ndarray, float]:
    if len(start) == 0:
        return start, float(np.real(f(start)))
    climb = optimize.minimize(
        lambda b: -float(np.real(f(b))), start, jac=lambda b: -gradient(f, b), method="BFGS"
    )
    ends = [climb.x, optimize.root(lambda b: gradient(f, b), climb.x, tol=1e-13).x]
    best = min(ends, key=lambda b: np.abs(gradient(f, b)).max())
    return best, float(np.real(f(best)))


def with_profile_limits(f: Likelihood, size: int, place: int) -> Estimate:
    """Maximum in one coordinate, profile limits and likelihood-ratio p."""
    best, top = maximum(f, np.zeros(size))
    others = [best]

    def fall(value: float) -> float:
        def held(rest: np.ndarray) -> complex:
            return f(np.insert(rest.astype(complex), place, value))

        rest, height = maximum(held, np.delete(others[-1], place))
        others.append(np.insert(rest, place, value))
        return 2 * (top - height)

    limits = []
    for side in (-1, 1):
        others, step = [best], 0.5
        while fall(best[place] + side * step) < Z**2:
            step *= 1.6
        limits.append(
            optimize.brentq(
                lambda v: fall(v) - Z**2,
                best[place] + side * step / 1e6,
                best[place] + side * step,
                xtol=1e-10,
            )
        )
    others = [best]
    return Estimate(best[place], *limits, stats.chi2.sf(max(0.0, fall(0.0)), 1))


def rises_for_ever(rows: np.ndarray) -> bool:
    """Whether some direction falls in no row and rises in one: then the likelihood has no finite maximum."""
    found = optimize.linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1))
    return found.fun < -1e-8


def standardised(x: np.ndarray) -> tuple[np.ndarray, float]:
    """Columns of mean 0 and deviation 1, and the deviation of the first."""
    columns = np.asarray(x, float).reshape(len(x), -1)
    spread = columns.std(axis=0)
    return (columns - columns.mean(axis=0)) / spread, spread[0]


def ratio(found: Estimate, spread: float) -> Estimate:
    return Estimate(*np.exp(np.array(found[:3]) / spread), found.p)


def _logit_likelihood(x: np.ndarray, y: np.ndarray, firth: bool) -> Likelihood:
    def f(b: np.ndarray) -> complex:
        against = np.where(y == 1, -1, 1) * (x @ b)
        far = np.real(against) > 30
        value = -np.where(far, against, np.log(1 + np.exp(np.where(far, 0, against)))).sum()
        if firth:
            chance = 1 / (1 + np.exp(-x @ b))
            value += 0.5 * np.log(np.linalg.det((x * (chance * (1 - chance))[:, None]).T @ x))
        return value

    return f


def _with_intercept(z: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(z)), z])


def separated(x: np.ndarray, y: np.ndarray) -> bool:
    return rises_for_ever(_with_intercept(standardised(x)[0]) * np.where(y == 1, 1, -1)[:, None])


def logistic(x: np.ndarray, y: np.ndarray, *, firth: bool) -> Estimate:
    """Odds ratio of the first column; none by maximum likelihood where the data are separated."""
    if not firth and separated(x, y):
        return Estimate()
    z, spread = standardised(x)
    f = _logit_likelihood(_with_intercept(z), y, firth)
    return ratio(with_profile_limits(f, z.shape[1] + 1, 1), spread)


def logistic_gain(x: np.ndarray, less: int, y: np.ndarray) -> float:
    """Likelihood-ratio p of the columns after the first ``less``."""
    if separated(x, y):
        return NAN
    z, _ = standardised(x)
    tops = [
        maximum(_logit_likelihood(_with_intercept(part), y, False), np.zeros(part.shape[1] + 1))[1]
        for part in (z, z[:, :less])
    ]
    return stats.chi2.sf(max(0.0, 2 * (tops[0] - tops[1])), z.shape[1] - less)


def proportional_odds(x: np.ndarray, y: np.ndarray) -> Estimate:
    """Odds ratio of a higher category, first column: logit P(Y <= k) = t_k - x b."""
    z, spread = standardised(x)
    place = np.searchsorted(np.unique(y), y)
    cuts = place.max()

    def f(b: np.ndarray) -> complex:
        rises = np.exp(b[1:cuts])
        t = np.concatenate([b[:1], b[:1] + np.cumsum(rises)])
        below = 1 / (1 + np.exp(-(t[None, :] - (z @ b[cuts:])[:, None])))
        edges = np.column_stack([np.zeros(len(z)), below, np.ones(len(z))])
        rows = np.arange(len(z))
        return np.log(edges[rows, place + 1] - edges[rows, place]).sum()

    marks = np.eye(cuts)
    below = [[*marks[k], *-row] for k, row in zip(place, z, strict=True) if k < cuts]
    above = [[*-marks[k - 1], *row] for k, row in zip(place, z, strict=True) if k > 0]
    if rises_for_ever(np.array([*below, *above])):
        return Estimate()
    return ratio(with_profile_limits(f, cuts + z.shape[1], cuts), spread)


def spline(x: np.ndarray) -> np.ndarray:
    """Straight and bent column of a restricted cubic spline with knots at 10, 50 and 90 %."""
    a, b, c = np.quantile(x, [0.1, 0.5, 0.9])
    if a == b or b == c:
        return np.full((len(x), 2), NAN)
    cube = [np.maximum(x - knot, 0) ** 3 for knot in (a, b, c)]
    bend = cube[0] - cube[1] * (c - a) / (c - b) + cube[2] * (b - a) / (c - b)
    return np.column_stack([x, bend / (c - a) ** 2])


class Deaths(NamedTuple):
    """Efron's terms: covariates and time of each death, and the weights of all rows in its denominator."""

    x: np.ndarray
    died: np.ndarray
    time: np.ndarray
    weight: np.ndarray


def deaths(x: np.ndarray, stop: np.ndarray, event: np.ndarray, start: np.ndarray | None = None) -> Deaths:
    start = np.full(len(stop), -np.inf) if start is None else start
    died, time, weight = [], [], []
    for t in np.unique(stop[event]):
        risk, dying = (start < t) & (stop >= t), (stop == t) & event
        for k, row in enumerate(np.flatnonzero(dying)):
            died.append(row)
            time.append(t)
            weight.append(risk - dying * k / dying.sum())
    return Deaths(x, np.array(died), np.array(time), np.array(weight))


def _moments(data: Deaths, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Denominator, mean and covariance of the covariates at each death."""
    risk = np.exp(data.x @ b)
    total = data.weight @ risk
    mean = data.weight @ (data.x * risk[:, None]) / total[:, None]
    square = np.einsum("tn,n,ni,nj->tij", data.weight, risk, data.x, data.x, optimize=True)
    return total, mean, square / total[:, None, None] - mean[:, :, None] * mean[:, None, :]


def _cox_likelihood(data: Deaths, firth: bool) -> Likelihood:
    def f(b: np.ndarray) -> complex:
        value = (data.x[data.died] @ b).sum() - np.log(data.weight @ np.exp(data.x @ b)).sum()
        if firth:
            value += 0.5 * np.log(np.linalg.det(_moments(data, b)[2].sum(axis=0)))
        return value

    return f


def has_finite_hazard_ratio(data: Deaths) -> bool:
    rows = [data.x[died] - data.x[weight > 0] for died, weight in zip(data.died, data.weight, strict=True)]
    return not rises_for_ever(np.concatenate(rows))


def hazard_ratio(
    x: np.ndarray, stop: np.ndarray, event: np.ndarray, start: np.ndarray | None = None, column: int = 0
) -> Estimate:
    """Cox regression: Wald limits, or Firth with profile limits where the maximum is not finite."""
    x = np.roll(np.asarray(x, float).reshape(len(stop), -1), -column, axis=1)
    z, spread = standardised(x)
    data = deaths(z, stop, event, start)
    if not has_finite_hazard_ratio(data):
        return ratio(with_profile_limits(_cox_likelihood(data, True), z.shape[1], 0), spread)
    best, _ = maximum(_cox_likelihood(data, False), np.zeros(z.shape[1]))
    error = np.sqrt(np.linalg.inv(_moments(data, best)[2].sum(axis=0))[0, 0])
    found = Estimate(
        best[0], best[0] - Z * error, best[0] + Z * error, 2 * stats.norm.sf(abs(best[0]) / error)
    )
    return ratio(found, spread)


def proportional_hazards(x: np.ndarray, stop: np.ndarray, event: np.ndarray) -> Estimate:
    """Score test of x times 1 - S(t-) beside x, at the fitted coefficients."""
    data = deaths(standardised(x)[0], stop, event)
    if not has_finite_hazard_ratio(data):
        return Estimate()
    best, _ = maximum(_cox_likelihood(data, False), np.zeros(data.x.shape[1]))
    _, mean, covariance = _moments(data, best)
    curve = kaplan_meier(stop, event)
    before = dict(zip(curve["time"], curve["survival"].shift(1, fill_value=1.0), strict=True))
    g = np.array([1 - before[t] for t in data.time])
    score = g @ (data.x[data.died] - mean)
    plain, crossed, squared = (np.tensordot(w, covariance, axes=1) for w in (g**0, g, g**2))
    bent = squared - crossed @ np.linalg.solve(plain, crossed)
    if np.linalg.matrix_rank(bent, tol=1e-9 * np.abs(plain).max()) < len(score):
        return Estimate()
    statistic = score @ np.linalg.solve(bent, score)
    return Estimate(statistic, p=stats.chi2.sf(statistic, len(score)))


def cox_gain(x: np.ndarray, stop: np.ndarray, event: np.ndarray) -> float:
    """Likelihood-ratio p of the second column beside the first."""
    z, _ = standardised(x)
    data = [deaths(part, stop, event) for part in (z, z[:, :1])]
    if not event.any() or not all(map(has_finite_hazard_ratio, data)):
        return NAN
    tops = [maximum(_cox_likelihood(part, False), np.zeros(part.x.shape[1]))[1] for part in data]
    return stats.chi2.sf(max(0.0, 2 * (tops[0] - tops[1])), 1)
