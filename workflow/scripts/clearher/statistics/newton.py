"""Maximum of a smooth log likelihood, its likelihood-ratio p and profile limits.

One solver serves logistic and Cox models, plain and penalised: the packages that offer penalised fits stop
at loose tolerances or give no p when a step has to be halved near the maximum.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize, special

STEP_TOLERANCE = 1e-9
VALUE_TOLERANCE = 1e-12
MAX_STEP = 5.0
MAX_STEPS = 200
MAX_HALVINGS = 30
MAX_STALLED = 12
SMALL_STEP = 1e-4
STEEPEST_FALL = 0.5
MAX_EXPANSIONS = 12


class NotEstimableError(ValueError):
    """The data hold no finite or no unique estimate; the message says why."""


class InfiniteEstimateError(NotEstimableError):
    """The likelihood has no finite maximum; a penalised one has."""


class Point(NamedTuple):
    """Log likelihood, its gradient and the information matrix at one parameter vector."""

    value: float
    gradient: np.ndarray
    information: np.ndarray


class Maximum(NamedTuple):
    """Where the search ended, and whether the last step was below the tolerance."""

    parameters: np.ndarray
    point: Point
    converged: bool
    steps: int


Objective = Callable[[np.ndarray], Point]


def maximise(
    objective: Objective, start: np.ndarray, fixed: Sequence[int] = (), max_steps: int = MAX_STEPS
) -> Maximum:
    """Newton's method with capped and halved steps; ``fixed`` parameters stay at their start.

    A step is halved that lowers the value, or that passes the maximum to where the value falls half as
    steeply as it rose: with the information of the plain likelihood, a penalised search can jump between two
    such sides for ever.

    Ends when the step is below 1e-9, or when the value has stopped rising: then it has converged only if
    the last step was small too, for a likelihood that levels off while steps stay large has no maximum.
    """
    parameters = np.array(start, dtype=float)
    free = np.array([place for place in range(len(parameters)) if place not in fixed], dtype=int)
    block = np.ix_(free, free)
    point = objective(parameters)
    if not np.isfinite(point.value):
        return Maximum(parameters, point, False, 0)
    stalled = 0
    for steps in range(1, max_steps + 1):
        step = _direction(point.information[block], point.gradient[free])
        if step is None:
            return Maximum(parameters, point, False, steps)
        largest = float(np.abs(step).max(initial=0.0))
        step = step * min(1.0, MAX_STEP / max(largest, STEP_TOLERANCE))
        before = point.value
        parameters, point, moved = _halved(objective, parameters, point, free, step)
        if largest < STEP_TOLERANCE:
            return Maximum(parameters, point, True, steps)
        gained = point.value - before > VALUE_TOLERANCE * (abs(before) + 1.0)
        stalled = 0 if gained else stalled + 1
        if not moved or stalled >= MAX_STALLED:
            return Maximum(parameters, point, largest < SMALL_STEP, steps)
    return Maximum(parameters, point, False, max_steps)


def likelihood_ratio_p(objective: Objective, maximum: Maximum, tested: Sequence[int]) -> float:
    """p of the likelihood-ratio test that the tested parameters are all 0."""
    null = _constrained(objective, [maximum], tested, 0.0)
    statistic = max(0.0, 2 * (maximum.point.value - null.point.value))
    return float(special.chdtrc(len(tested), statistic))


def profile_limits(
    objective: Objective, maximum: Maximum, index: int, confidence: float
) -> tuple[float, float]:
    """Profile likelihood limits of one parameter; infinite where the profile never falls far enough."""
    critical = special.chdtri(1, 1 - confidence)
    spread = standard_errors(maximum.point.information)[index]
    return tuple(_limit(objective, maximum, index, critical, side * spread) for side in (-1.0, 1.0))


def standard_errors(information: np.ndarray) -> np.ndarray:
    """Square roots of the diagonal of the inverse information; NaN where it has none."""
    if not np.isfinite(information).all():
        return np.full(len(information), np.nan)
    variance = np.diag(np.linalg.pinv(information, hermitian=True))
    return np.sqrt(np.where(variance > 0, variance, np.nan))


def _direction(information: np.ndarray, gradient: np.ndarray) -> np.ndarray | None:
    if not np.isfinite(information).all() or not np.isfinite(gradient).all():
        return None
    try:
        return np.linalg.solve(information, gradient)
    except np.linalg.LinAlgError:
        return None


def _halved(
    objective: Objective, parameters: np.ndarray, point: Point, free: np.ndarray, step: np.ndarray
) -> tuple[np.ndarray, Point, bool]:
    floor = point.value - VALUE_TOLERANCE * (abs(point.value) + 1.0)
    rise = float(point.gradient[free] @ step)
    for _ in range(MAX_HALVINGS):
        candidate = parameters.copy()
        candidate[free] += step
        reached = objective(candidate)
        past = float(reached.gradient[free] @ step) < -STEEPEST_FALL * rise
        if np.isfinite(reached.value) and reached.value >= floor and not past:
            return candidate, reached, True
        step, rise = step / 2, rise / 2
    return parameters, point, False


def _limit(objective: Objective, maximum: Maximum, index: int, critical: float, first_step: float) -> float:
    best = maximum.parameters[index]
    # The end points are looked at twice. A profile found from another start may differ there by a hair, and
    # the search for the crossing needs the signs it was promised.
    known = {best: -critical}
    warm = {"start": maximum}

    def excess(value: float) -> float:
        if value not in known:
            profile = _constrained(objective, [warm["start"], maximum], [index], value)
            warm["start"] = profile
            known[value] = 2 * (maximum.point.value - profile.point.value) - critical
        return known[value]

    inner, outer = best, best + first_step * np.sqrt(critical)
    for _ in range(MAX_EXPANSIONS):
        if not np.isfinite(outer) or not np.isfinite(excess(outer)):
            break
        if excess(outer) > 0:
            return float(optimize.brentq(excess, inner, outer, xtol=1e-9))
        inner, outer = outer, outer + 1.5 * (outer - best)
    return float(np.sign(first_step) * np.inf)


def _constrained(
    objective: Objective, origins: Sequence[Maximum], held: Sequence[int], value: float
) -> Maximum:
    """Maximum with parameters held at a value: from the first start that converges, else the highest reached.

    Each origin is tried moved along its ridge first, then with nothing but the held parameters moved.
    """
    reached = []
    for origin in origins:
        for start in (_along_ridge(origin, held, value), _placed(origin, held, value)):
            found = maximise(objective, start, fixed=held)
            if found.converged:
                return found
            reached.append(found)
    return max(reached, key=lambda found: found.point.value)


def _placed(origin: Maximum, held: Sequence[int], value: float) -> np.ndarray:
    start = origin.parameters.copy()
    start[list(held)] = value
    return start


def _along_ridge(origin: Maximum, held: Sequence[int], value: float) -> np.ndarray:
    """The held parameters moved, and the others by what the information says goes with that."""
    start, information = _placed(origin, held, value), origin.point.information
    if not np.isfinite(information).all():
        return start
    fixed = list(held)
    free = [place for place in range(len(start)) if place not in held]
    pull = information[np.ix_(free, fixed)] @ (start - origin.parameters)[fixed]
    start[free] -= np.linalg.pinv(information[np.ix_(free, free)], hermitian=True) @ pull
    return start
