"""Cox regression for small samples: Efron or Breslow, strata, late entry, start-stop, Firth, zph test."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.fits import Fit, in_own_units, inference_table, standardised
from clearher.statistics.newton import (
    InfiniteEstimateError,
    Maximum,
    NotEstimableError,
    maximise,
    standard_errors,
)
from clearher.statistics.partial_likelihood import (
    RiskSets,
    baseline_steps,
    moments,
    partial_likelihood,
    penalised_partial_likelihood,
    risk_sets,
)
from clearher.statistics.survival import TestResult, checked, kaplan_meier

DIVERGED_AFTER = 40
LARGEST_SPREAD = 15.0
FLAT = 1e-9
TRANSFORMS = ("km", "rank", "identity")


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: pd.DataFrame,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    ties: str = "efron",
    confidence: float = 0.95,
) -> Fit:
    """Cox regression: maximum likelihood where it is finite, else Firth, with the reason.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        End of each row's follow-up and whether it ends with the event.
    covariates : pandas.DataFrame of shape (n, terms)
        Numeric, without missing values.
    entry : array of shape (n,), optional
        Start of each row's time at risk (late entry, start-stop rows); a row is at risk at t when
        entry < t <= time. Rows of no length are refused.
    strata : array of shape (n,), optional
        Labels; the baseline hazard differs between them.
    ties : {"efron", "breslow"}
    confidence : float
        Coverage: Wald limits for maximum likelihood, profile limits for Firth.

    Returns
    -------
    Fit
        Log hazard ratios; ``reason`` says which groups have no event, or that the fit diverged.

    Raises
    ------
    NotEstimableError
        No event, or columns that are constant or dependent.
    """
    options = {"entry": entry, "strata": strata, "ties": ties, "confidence": confidence}
    try:
        return cox_ml(time, event, covariates, **options)
    except InfiniteEstimateError as why:
        fit = cox_firth(time, event, covariates, **options)
        return replace(fit, reason=f"Firth instead of maximum likelihood: {why}.")


def cox_ml(
    time: ArrayLike,
    event: ArrayLike,
    covariates: pd.DataFrame,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    ties: str = "efron",
    confidence: float = 0.95,
) -> Fit:
    """Maximum likelihood Cox regression with Wald limits.

    Parameters as in :func:`cox`.

    Raises
    ------
    InfiniteEstimateError
        A group has no event, or the likelihood rises without a finite maximum.
    NotEstimableError
        No event, or columns that are constant or dependent.
    """
    columns, spread = _unitless(covariates)
    data = _prepared(time, event, columns, entry, strata, ties)
    empty = groups_without_event(event, covariates)
    if empty:
        raise InfiniteEstimateError(f"no event among those with {', '.join(empty)}")
    objective = partial(partial_likelihood, data)
    maximum = maximise(objective, np.zeros(covariates.shape[1]), max_steps=DIVERGED_AFTER)
    if _diverged(maximum, columns):
        raise InfiniteEstimateError("the likelihood rises without a finite maximum")
    table = in_own_units(_wald_table(maximum, columns, confidence), spread)
    return Fit("ml", table, maximum.point.value, len(covariates), _count(event))


def cox_firth(
    time: ArrayLike,
    event: ArrayLike,
    covariates: pd.DataFrame,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    ties: str = "efron",
    confidence: float = 0.95,
) -> Fit:
    """Firth's penalised Cox regression with profile limits and penalised likelihood-ratio p.

    Parameters and errors as in :func:`cox`.

    References
    ----------
    Heinze and Schemper, Biometrics 2001; 57: 114-119. With Breslow ties equal to R's ``coxphf``.
    """
    columns, spread = _unitless(covariates)
    data = _prepared(time, event, columns, entry, strata, ties)
    objective = partial(penalised_partial_likelihood, data)
    maximum = maximise(objective, np.zeros(covariates.shape[1]))
    if not maximum.converged:
        raise NotEstimableError(f"the penalised fit reached no maximum in {maximum.steps} steps")
    terms = {str(name): place for place, name in enumerate(columns.columns)}
    table = in_own_units(inference_table(objective, maximum, terms, confidence), spread)
    value = maximum.point.value + float(np.log(spread).sum())
    return Fit("firth", table, value, len(covariates), _count(event))


def groups_without_event(event: ArrayLike, covariates: pd.DataFrame) -> list[str]:
    """The values of two-valued columns in which nobody has the event, as "column = value"."""
    marks = np.asarray(event, dtype=float) == 1
    found = []
    for name in covariates.columns:
        values = covariates[name].to_numpy(float)
        levels = np.unique(values)
        if len(levels) == 2:
            found += [f"{name} = {level:g}" for level in levels if not marks[values == level].any()]
    return found


def cox_zph(
    time: ArrayLike,
    event: ArrayLike,
    covariates: pd.DataFrame,
    transform: str = "km",
    *,
    strata: ArrayLike | None = None,
) -> pd.DataFrame:
    """Score test of proportional hazards: adding x g(t) to the model at the fitted coefficients.

    g is 1 - S(t-) for "km", the average rank of t among all times for "rank", t for "identity".

    Returns
    -------
    pandas.DataFrame
        Index term and GLOBAL: statistic, df, p.

    Raises
    ------
    NotEstimableError
        There is no finite maximum likelihood fit to test, or too few event times with somebody to compare for
        a hazard ratio to change between them.

    References
    ----------
    Grambsch and Therneau, Biometrika 1994; 81: 515-526, in the exact score form of R survival >= 3.0.
    """
    columns, _ = _unitless(covariates)
    data = _prepared(time, event, columns, None, strata, "efron")
    maximum = maximise(
        partial(partial_likelihood, data), np.zeros(columns.shape[1]), max_steps=DIVERGED_AFTER
    )
    if groups_without_event(event, covariates) or _diverged(maximum, columns):
        raise NotEstimableError("no finite maximum likelihood fit, so proportionality cannot be tested")
    score, blocks = _zph_blocks(data, maximum.parameters, _time_scale(time, event, transform))
    information, crossed, squared = blocks
    if np.linalg.matrix_rank(information) < len(score):
        raise NotEstimableError("nobody with other covariates is at risk at an event")
    bent = squared - crossed @ np.linalg.solve(information, crossed)
    smallest = FLAT * max(np.abs(information).max(), np.abs(squared).max())
    if np.linalg.matrix_rank(bent, tol=smallest) < len(score):
        raise NotEstimableError("too few event times for a hazard ratio to change between them")
    rows = {}
    for index, name in enumerate(map(str, covariates.columns)):
        single = squared[index, index] - crossed[index] @ np.linalg.solve(information, crossed[:, index])
        rows[name] = _chi_square(score[index] ** 2 / single, 1)
    rows["GLOBAL"] = _chi_square(float(score @ np.linalg.solve(bent, score)), len(score))
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(TestResult._fields)).rename_axis("term")


def baseline_hazard(
    fit: Fit,
    time: ArrayLike,
    event: ArrayLike,
    covariates: pd.DataFrame,
    *,
    entry: ArrayLike | None = None,
) -> pd.DataFrame:
    """Cumulative baseline hazard (all covariates 0) after Efron: time, hazard.

    At each event time adds sum over k < d of 1 / (S0 - (k / d) S0_tied).
    """
    data = _prepared(time, event, covariates, entry, None, "efron")
    times, steps = baseline_steps(data, fit.estimates)
    per_time = pd.Series(steps).groupby(times).sum().cumsum()
    return pd.DataFrame({"time": per_time.index.to_numpy(float), "hazard": per_time.to_numpy(float)})


def concordance(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> float:
    """Harrell's C: share of comparable pairs in which the higher risk has the event first; ties 1/2.

    A pair is comparable when the shorter time ends with the event; two events at one time are not,
    an event and a censoring at one time are.
    """
    times, events = checked(time, event)
    score = np.asarray(risk, dtype=float)
    concordant, comparable = 0.0, 0
    for row in np.flatnonzero(events):
        later = (times > times[row]) | ((times == times[row]) & ~events)
        comparable += int(later.sum())
        concordant += float((score[later] < score[row]).sum() + 0.5 * (score[later] == score[row]).sum())
    return concordant / comparable if comparable else float("nan")


def _prepared(
    time: ArrayLike,
    event: ArrayLike,
    covariates: pd.DataFrame,
    entry: ArrayLike | None,
    strata: ArrayLike | None,
    ties: str,
) -> list[RiskSets]:
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties {ties!r} is neither 'efron' nor 'breslow'")
    stop, events = checked(time, event)
    start = np.full(len(stop), -np.inf) if entry is None else np.asarray(entry, dtype=float)
    x = covariates.to_numpy(dtype=float)
    if not np.isfinite(x).all():
        raise ValueError("covariates must be known")
    if (start >= stop).any() and entry is not None:
        raise ValueError("a row ends at or before it starts")
    if not events.any():
        raise NotEstimableError("no event")
    centred = x - x.mean(axis=0)
    if x.shape[1] == 0 or np.linalg.matrix_rank(centred) < x.shape[1]:
        raise NotEstimableError("a column is constant or follows from the others")
    layers = np.zeros(len(stop)) if strata is None else np.asarray(strata)
    chosen = [layers == layer for layer in pd.unique(pd.Series(layers))]
    return [risk_sets(x[rows], start[rows], stop[rows], events[rows], ties) for rows in chosen]


def _unitless(covariates: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The covariates with mean 0 and standard deviation 1, and their deviations."""
    columns = standardised(covariates.to_numpy(dtype=float))
    frame = pd.DataFrame(columns.centred, index=covariates.index, columns=covariates.columns)
    return frame, columns.spread


def _diverged(maximum: Maximum, covariates: pd.DataFrame) -> bool:
    """Whether individuals differ without limit; large coefficients of columns that go together need not."""
    spread = np.ptp(covariates.to_numpy(float) @ maximum.parameters)
    return not maximum.converged or bool(spread > LARGEST_SPREAD)


def _wald_table(maximum: Maximum, covariates: pd.DataFrame, confidence: float) -> pd.DataFrame:
    error = standard_errors(maximum.point.information)
    half = special.ndtri((1 + confidence) / 2) * error
    estimate = maximum.parameters
    return pd.DataFrame(
        {
            "estimate": estimate,
            "error": error,
            "low": estimate - half,
            "high": estimate + half,
            "p": 2 * special.ndtr(-np.abs(estimate / error)),
        },
        index=pd.Index(map(str, covariates.columns), name="term"),
    )


def _count(event: ArrayLike) -> int:
    return int(np.asarray(event, dtype=float).sum())


def _time_scale(time: ArrayLike, event: ArrayLike, transform: str) -> Callable[[np.ndarray], np.ndarray]:
    times, events = checked(time, event)
    if transform == "identity":
        return lambda at: at
    if transform == "rank":
        ranked = pd.Series(times).rank().groupby(times).first()
        return lambda at: ranked.reindex(at).to_numpy(float)
    if transform == "km":
        curve = kaplan_meier(times, events)
        before = pd.Series(curve["survival"].shift(1, fill_value=1.0).to_numpy(), index=curve["time"])
        return lambda at: 1.0 - before.reindex(at).to_numpy(float)
    raise ValueError(f"transform {transform!r} is none of {', '.join(TRANSFORMS)}")


def _zph_blocks(
    strata: list[RiskSets], parameters: np.ndarray, scale: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    p = len(parameters)
    score, information, crossed, squared = (np.zeros(p), *(np.zeros((p, p)) for _ in range(3)))
    for sets in strata:
        part = moments(sets, parameters)
        g = scale(sets.event_times)
        score += g @ (sets.x[sets.event_rows] - part.mean)
        information += part.covariance.sum(axis=0)
        crossed += np.tensordot(g, part.covariance, axes=1)
        squared += np.tensordot(g**2, part.covariance, axes=1)
    return score, (information, crossed, squared)


def _chi_square(statistic: float, df: int) -> TestResult:
    return TestResult(float(statistic), df, float(special.chdtrc(df, statistic)))
