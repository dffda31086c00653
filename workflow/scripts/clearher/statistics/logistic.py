"""Logistic regression for small samples: maximum likelihood beside Firth, with a separation verdict."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from firthmodels import detect_separation
from numpy.typing import ArrayLike
from scipy import optimize
from scipy.special import expit, log_expit

from clearher.statistics.fits import Fit, in_own_units, inference_table, standardised
from clearher.statistics.newton import (
    MAX_STEP,
    MAX_STEPS,
    STEP_TOLERANCE,
    NotEstimableError,
    Point,
    likelihood_ratio_p,
    maximise,
    standard_errors,
)

INTERCEPT = "(intercept)"
EVENTS_PER_PARAMETER = 10


class Separation(NamedTuple):
    """Whether maximum likelihood is infinite, for which terms, and the verdict in words."""

    found: bool
    terms: tuple[str, ...]
    verdict: str


class _Counts(NamedTuple):
    """Rows of a design with an intercept: events and individuals of each; one individual a row is a case."""

    x: np.ndarray
    successes: np.ndarray
    totals: np.ndarray


class MethodChoice(NamedTuple):
    """Which estimate is shown first, and why, as a sentence."""

    method: str
    why: str


def logistic_ml(covariates: pd.DataFrame, outcome: ArrayLike, confidence: float = 0.95) -> Fit:
    """Maximum likelihood logistic regression with profile limits and likelihood-ratio p.

    Parameters
    ----------
    covariates : pandas.DataFrame of shape (n, terms)
        Numeric columns without missing values; an intercept is added.
    outcome : array of shape (n,)
        1 or True for the event.

    Raises
    ------
    NotEstimableError
        All outcomes are equal, columns are linearly dependent, or the data are separated: a fit would end
        at an arbitrary large number (see :func:`separation`).
    """
    x, y, terms = _design(covariates, outcome)
    verdict = separation(covariates, outcome)
    if verdict.found:
        raise NotEstimableError(verdict.verdict)
    return _fitted("ml", x, y, terms, confidence)


def logistic_firth(covariates: pd.DataFrame, outcome: ArrayLike, confidence: float = 0.95) -> Fit:
    """Firth's penalised logistic regression, finite under separation.

    Maximises log L + log det(I) / 2 (Jeffreys' prior). Limits are profile penalised likelihood, p the
    penalised likelihood-ratio test. The standard error is that of the augmented data, with weights
    pi (1 - pi) (1 + h) and h the leverage; it is shown but not used.

    Parameters
    ----------
    covariates, outcome
        As in :func:`logistic_ml`.

    References
    ----------
    Firth, Biometrika 1993; 80: 27-38; Heinze and Schemper, Stat Med 2002; 21: 2409-2419. Equal to
    R's ``logistf``.
    """
    x, y, terms = _design(covariates, outcome)
    fit = _fitted("firth", x, y, terms, confidence)
    error = standard_errors(_augmented_information(x, fit.estimates))
    return replace(fit, table=fit.table.assign(error=error))


def firth_slope(scores: ArrayLike, successes: ArrayLike, totals: ArrayLike) -> float:
    """Firth's log odds ratio per unit of a score, from counts by group: for use inside simulations.

    Parameters
    ----------
    scores, successes, totals : arrays of shape (groups,)
        Score, individuals with the event and individuals of each group; groups may be empty.

    Raises
    ------
    NotEstimableError
        Fewer than two groups have individuals, or all outcomes are equal.
    """
    s, r, n = (np.asarray(values, dtype=float) for values in (scores, successes, totals))
    filled = n > 0
    if len(np.unique(s[filled])) < 2:
        raise NotEstimableError("one score only")
    if not 0 < r.sum() < n.sum():
        raise NotEstimableError("every outcome is the same")
    x = np.column_stack([np.ones(filled.sum()), s[filled]])
    maximum = maximise(partial(_penalised, _Counts(x, r[filled], n[filled])), np.zeros(2))
    if not maximum.converged:
        raise NotEstimableError(f"no finite maximum was reached in {maximum.steps} steps")
    return float(maximum.parameters[1])


def firth_slopes(scores: ArrayLike, successes: ArrayLike, totals: ArrayLike) -> np.ndarray:
    """:func:`firth_slope` of many sets of counts, side by side.

    Newton's method with capped steps; a set that does not converge by them alone is solved by itself.

    Parameters
    ----------
    scores : array of shape (groups,)
    successes, totals : arrays of shape (sets, groups)
        Every set with individuals at two scores or more, and with both outcomes.

    Raises
    ------
    NotEstimableError
        As :func:`firth_slope`.
    """
    s, r, n = (np.asarray(values, dtype=float) for values in (scores, successes, totals))
    if not ((r.sum(axis=1) > 0) & (r.sum(axis=1) < n.sum(axis=1))).all():
        raise NotEstimableError("every outcome is the same")
    parameters, open_sets = np.zeros((len(r), 2)), np.arange(len(r))
    for _ in range(MAX_STEPS):
        with np.errstate(divide="ignore", invalid="ignore"):
            step = _firth_steps(s, r[open_sets], n[open_sets], parameters[open_sets])
        largest = np.abs(step).max(axis=1)
        parameters[open_sets] += (
            step * np.minimum(1.0, MAX_STEP / np.maximum(largest, STEP_TOLERANCE))[:, None]
        )
        open_sets = open_sets[~(largest < STEP_TOLERANCE)]
        if not len(open_sets):
            break
    for place in open_sets:
        parameters[place, 1] = firth_slope(s, r[place], n[place])
    return parameters[:, 1]


def _firth_steps(s: np.ndarray, r: np.ndarray, n: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """Newton step of intercept and slope of each set of counts: inverse information times Firth's score."""
    chance = expit(parameters[:, :1] + parameters[:, 1:] * s)
    weight = n * chance * (1 - chance)
    zeroth, first, second = weight.sum(axis=1), weight @ s, weight @ s**2
    determinant = zeroth * second - first**2
    spread = second[:, None] - 2 * first[:, None] * s + zeroth[:, None] * s**2
    pull = r - n * chance + weight * spread / determinant[:, None] * (0.5 - chance)
    gradient, sloping = pull.sum(axis=1), pull @ s
    steps = (second * gradient - first * sloping, zeroth * sloping - first * gradient)
    return np.column_stack(steps) / determinant[:, None]


def separation(covariates: pd.DataFrame, outcome: ArrayLike) -> Separation:
    """Whether some combination of the columns divides the outcomes, by linear programming (Konis 2007)."""
    x, y, terms = _design(covariates, outcome)
    if x.shape[1] == 1:
        return Separation(False, (), "no separation")
    result = detect_separation(x[:, 1:], y)
    infinite = np.roll(~np.asarray(result.is_finite), 1)
    found = tuple(term for term, is_infinite in zip(terms, infinite, strict=True) if is_infinite)
    if not result.separation:
        return Separation(False, (), "no separation")
    named = ", ".join(term for term in found if term != INTERCEPT) or "the intercept"
    return Separation(True, found, f"separation: the maximum likelihood estimate of {named} is infinite")


def likelihood_ratio(covariates: pd.DataFrame, outcome: ArrayLike, tested: list[str]) -> float:
    """p of the maximum likelihood ratio test that the named columns have no effect."""
    x, y, terms = _design(covariates, outcome)
    if separation(covariates, outcome).found:
        raise NotEstimableError("separation: the likelihood-ratio test is not defined")
    objective = partial(_plain, _individuals(_with_intercept(standardised(x[:, 1:]).centred), y))
    maximum = maximise(objective, np.zeros(len(terms)))
    return likelihood_ratio_p(objective, maximum, [terms.index(name) for name in tested])


def flic_intercept(fit: Fit, covariates: pd.DataFrame, outcome: ArrayLike) -> float:
    """Intercept refitted with Firth's slopes held, so that the mean prediction is the observed share.

    References
    ----------
    Puhr, Heinze, Nold, Lusa and Geroldinger, Stat Med 2017; 36: 2302-2317.
    """
    x, y, terms = _design(covariates, outcome)
    offset = x[:, 1:] @ fit.table["estimate"].reindex(terms[1:]).to_numpy(float)

    def gap(intercept: float) -> float:
        return float(expit(intercept + offset).sum() - y.sum())

    reach = 40.0 + float(np.abs(offset).max(initial=0.0))
    return float(optimize.brentq(gap, -reach, reach, xtol=1e-12))


def choose_method(found: Separation, *, events: int, parameters: int, empty_level: bool) -> MethodChoice:
    """Which estimate is shown first.

    Firth where the data are separated, where a level has no event or only events, or where there are
    fewer than 10 events a parameter; otherwise maximum likelihood.

    Parameters
    ----------
    found : Separation
        Verdict on the data.
    events : int
        The rarer of the two outcomes.
    parameters : int
        Slopes in the model.
    empty_level : bool
        Whether some level of the predictor has no event or nothing but events.
    """
    ratio = events / max(parameters, 1)
    if found.found:
        return MethodChoice("firth", f"Firth is shown first: {found.verdict}.")
    if empty_level:
        return MethodChoice("firth", "Firth is shown first: a level has no event, or nothing but events.")
    if ratio < EVENTS_PER_PARAMETER:
        why = f"Firth is shown first: {ratio:.1f} events a parameter, fewer than {EVENTS_PER_PARAMETER}."
        return MethodChoice("firth", why)
    why = f"Maximum likelihood is shown first: no separation, {ratio:.1f} events a parameter."
    return MethodChoice("ml", why)


def _design(covariates: pd.DataFrame, outcome: ArrayLike) -> tuple[np.ndarray, np.ndarray, list[str]]:
    x = _with_intercept(covariates.to_numpy(dtype=float))
    y = np.asarray(outcome, dtype=float)
    if not np.isfinite(x).all() or not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("covariates and outcomes must be known, outcomes 0 or 1")
    if len(np.unique(y)) < 2:
        raise NotEstimableError("every outcome is the same")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise NotEstimableError("a column is constant or follows from the others")
    return x, y, [INTERCEPT, *map(str, covariates.columns)]


def _fitted(method: str, x: np.ndarray, y: np.ndarray, terms: list[str], confidence: float) -> Fit:
    """Slopes from the centred columns, the intercept from the columns as they lie."""
    columns = standardised(x[:, 1:])
    centred, scaled = (
        partial(OBJECTIVES[method], _individuals(_with_intercept(values), y))
        for values in (columns.centred, columns.scaled)
    )
    maximum = maximise(centred, np.zeros(len(terms)))
    if not maximum.converged:
        raise NotEstimableError(f"no finite maximum was reached in {maximum.steps} steps")
    slopes = {term: place for place, term in enumerate(terms) if place}
    table = in_own_units(inference_table(centred, maximum, slopes, confidence), columns.spread)
    at_zero = maximum.parameters.copy()
    at_zero[0] -= at_zero[1:] @ columns.mean
    intercept = inference_table(scaled, maximise(scaled, at_zero), {INTERCEPT: 0}, confidence)
    penalty = np.log(columns.spread).sum() if method == "firth" else 0.0
    return Fit(
        method, pd.concat([intercept, table]), maximum.point.value + float(penalty), len(y), int(y.sum())
    )


def _with_intercept(columns: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(columns)), columns])


def _individuals(x: np.ndarray, y: np.ndarray) -> _Counts:
    return _Counts(x, y, np.ones(len(y)))


def _plain(data: _Counts, parameters: np.ndarray) -> Point:
    eta = data.x @ parameters
    chance = expit(eta)
    value = data.successes @ log_expit(eta) + (data.totals - data.successes) @ log_expit(-eta)
    weighted = data.x * (data.totals * chance * (1 - chance))[:, None]
    return Point(float(value), data.x.T @ (data.successes - data.totals * chance), weighted.T @ data.x)


def _penalised(data: _Counts, parameters: np.ndarray) -> Point:
    plain = _plain(data, parameters)
    sign, log_determinant = np.linalg.slogdet(plain.information)
    if sign <= 0 or not np.isfinite(log_determinant):
        return Point(-np.inf, plain.gradient, plain.information)
    chance = expit(data.x @ parameters)
    leverage = _leverage(data.x, data.totals * chance * (1 - chance), plain.information)
    gradient = plain.gradient + data.x.T @ (leverage * (0.5 - chance))
    return Point(plain.value + log_determinant / 2, gradient, plain.information)


OBJECTIVES: dict[str, Callable[[_Counts, np.ndarray], Point]] = {"ml": _plain, "firth": _penalised}


def _leverage(x: np.ndarray, weight: np.ndarray, information: np.ndarray) -> np.ndarray:
    return weight * np.einsum("ij,ij->i", x @ np.linalg.inv(information), x)


def _augmented_information(x: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    chance = expit(x @ parameters)
    weight = chance * (1 - chance)
    leverage = _leverage(x, weight, (x * weight[:, None]).T @ x)
    return (x * (weight * (1 + leverage))[:, None]).T @ x
