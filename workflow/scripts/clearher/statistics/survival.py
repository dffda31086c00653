"""Kaplan-Meier curves, their quantiles and values, numbers at risk, and log-rank tests.

Written on the curve itself, because the libraries differ from R and SAS on plateaus, on curves that end
above the wanted share, and on the moment at which individuals at risk are counted.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from clearher.statistics.proportions import NAN, Interval

PLATEAU_TOLERANCE = 1.5e-8
ROUNDING = 1e-9
CURVE_COLUMNS = ["time", "at_risk", "events", "censored", "survival", "low", "high"]


class TestResult(NamedTuple):
    """A chi-square statistic, its degrees of freedom and its p; NaN is "not estimable"."""

    __test__ = False

    statistic: float
    df: int
    p: float


def kaplan_meier(
    time: ArrayLike, event: ArrayLike, confidence: float = 0.95, band: str = "log-log"
) -> pd.DataFrame:
    """Kaplan-Meier curve with Greenwood's variance, one row a distinct time.

    Parameters
    ----------
    time : array of shape (n,)
        Follow-up, not negative, in any unit.
    event : array of shape (n,)
        True where the time ends with the event, False where it is censored.
    confidence : float
        Pointwise two-sided coverage of the band.
    band : {"log-log", "log", "plain"}
        Scale on which the band is symmetric; log-log is the default of SAS, log that of R.

    Returns
    -------
    pandas.DataFrame
        time, at_risk (just before the time), events, censored, survival (just after), low, high. The
        limits are NaN where the curve is still 1 or already 0: the variance is not defined there.

    Raises
    ------
    ValueError
        Missing or negative times, missing events, or unequal lengths.
    """
    times, events = checked(time, event)
    grid, at_risk, died = _risk_table(times, events)
    censored = np.array([np.sum((times == t) & ~events) for t in grid], dtype=int)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1.0 - died / at_risk)
        greenwood = np.cumsum(died / (at_risk * (at_risk - died)))
    z = special.ndtri((1.0 + confidence) / 2.0)
    low, high = BANDS[band](survival, np.sqrt(greenwood), z)
    values = [grid, at_risk, died, censored, survival, low, high]
    return pd.DataFrame(dict(zip(CURVE_COLUMNS, values, strict=True)))


def reverse_kaplan_meier(
    time: ArrayLike, event: ArrayLike, confidence: float = 0.95, band: str = "log-log"
) -> pd.DataFrame:
    """Follow-up as a Kaplan-Meier curve: censoring is the event (Schemper and Smith 1996)."""
    times, events = checked(time, event)
    return kaplan_meier(times, ~events, confidence, band)


def quantile(curve: pd.DataFrame, share: float, plateau: str = "not_estimable") -> Interval:
    """Time by which a share of the individuals has had the event, with limits from the inverted band.

    The first time at which survival falls below 1 - share. Where the curve is flat at exactly that height
    (tolerance 1.5e-8) the midpoint of the flat part is taken. A limit whose band never gets there is NaN.

    Parameters
    ----------
    curve : pandas.DataFrame
        From :func:`kaplan_meier`.
    share : float
        0.5 for the median.
    plateau : {"not_estimable", "r"}
        What to do where the curve ends on the wanted height: NaN (SAS), or the midpoint between the
        start of the flat part and the last time (R).

    References
    ----------
    Brookmeyer and Crowley, Biometrics 1982; 38: 29-41.
    """
    if plateau not in ("not_estimable", "r"):
        raise ValueError(f"plateau {plateau!r} is neither 'not_estimable' nor 'r'")
    target = 1.0 - share
    times = curve["time"].to_numpy(float)
    limits = (
        _crossing(times, curve[name].to_numpy(float), target, plateau) for name in ("survival", "low", "high")
    )
    return Interval(*limits)


def survival_at(curve: pd.DataFrame, time: float) -> Interval:
    """Survival and its limits at a time; all NaN beyond the last follow-up.

    A curve that has come down to 0 stays there: everybody's event is known, so nobody is lost to follow-up.
    """
    times = curve["time"].to_numpy(float)
    if len(times) == 0 or (time > times[-1] and curve["survival"].iloc[-1] > 0):
        return Interval(NAN, NAN, NAN)
    row = int(np.searchsorted(times, time, side="right")) - 1
    if row < 0:
        return Interval(1.0, NAN, NAN)
    return Interval(*(float(curve[name].iloc[row]) for name in ("survival", "low", "high")))


def numbers_at_risk(time: ArrayLike, event: ArrayLike, grid: Sequence[float]) -> list[int]:
    """Individuals at risk just before each time of the grid: those whose follow-up reaches it."""
    times, _ = checked(time, event)
    return [int(np.sum(times >= moment)) for moment in grid]


def log_rank(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, strata: ArrayLike | None = None
) -> TestResult:
    """Log-rank test of any number of groups, summed over strata where there are any.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up and whether it ends with the event.
    group : array of shape (n,)
        Group labels; a chi-square with one degree less than there are groups at risk at an event. A group
        that is censored before the first event says nothing and has no degree of freedom.
    strata : array of shape (n,), optional
        Stratum labels.

    Returns
    -------
    TestResult
        NaN with 0 degrees of freedom where there is one group only or no event.

    References
    ----------
    Mantel, Cancer Chemother Rep 1966; 50: 163-170. Equal to R's ``survdiff``.
    """
    labels = np.asarray(group)
    names = np.unique(labels)
    difference, variance = _observed_minus_expected(time, event, labels, names, strata)
    if len(names) < 2 or not np.diag(variance).any():
        return TestResult(NAN, 0, NAN)
    # The rows of the variance add up to zero but for rounding: what is so small is no degree of freedom.
    spread = np.abs(np.linalg.eigvalsh(variance))
    df = int((spread > ROUNDING * spread.max()).sum())
    statistic = float(difference @ np.linalg.pinv(variance, rcond=ROUNDING) @ difference)
    return TestResult(statistic, df, float(special.chdtrc(df, statistic)))


def log_rank_trend(
    time: ArrayLike, event: ArrayLike, scores: ArrayLike, strata: ArrayLike | None = None
) -> TestResult:
    """Log-rank test for trend over numeric scores, one degree of freedom.

    Formula: (s'(O - E))^2 / (s' V s) with the hypergeometric variance V of the k-sample log-rank test. It
    is not the Cox score test where times tie.

    Returns
    -------
    TestResult
        NaN where all scores are equal or there is no event.

    References
    ----------
    Tarone, Biometrika 1975; 62: 679-682.
    """
    values = np.asarray(scores, dtype=float)
    names = np.unique(values)
    difference, variance = _observed_minus_expected(time, event, values, names, strata)
    spread = float(names @ variance @ names)
    if len(names) < 2 or spread <= 0:
        return TestResult(NAN, 0, NAN)
    statistic = float(names @ difference) ** 2 / spread
    return TestResult(statistic, 1, float(special.chdtrc(1, statistic)))


def checked(time: ArrayLike, event: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Times as float and events as bool.

    Raises
    ------
    ValueError
        Missing or negative times, missing events, or unequal lengths.
    """
    times = pd.array(time, dtype="Float64").to_numpy(float, na_value=np.nan)
    marks = pd.array(event, dtype="Float64").to_numpy(float, na_value=np.nan)
    if len(times) != len(marks):
        raise ValueError(f"{len(times)} times and {len(marks)} events")
    if not np.isfinite(times).all() or (times < 0).any():
        raise ValueError("times must be known and not negative")
    if not np.isin(marks, (0.0, 1.0)).all():
        raise ValueError("events must be known, true or false")
    return times, marks == 1.0


def _risk_table(times: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    grid = np.unique(times)
    at_risk = len(times) - np.searchsorted(np.sort(times), grid, side="left")
    died = np.searchsorted(np.sort(times[events]), grid, side="right")
    return grid, at_risk, np.diff(died, prepend=0)


def _crossing(times: np.ndarray, heights: np.ndarray, target: float, plateau: str) -> float:
    known = ~np.isnan(heights)
    times, heights = times[known], heights[known]
    reached = np.flatnonzero(heights <= target + PLATEAU_TOLERANCE)
    if len(reached) == 0:
        return NAN
    first = reached[0]
    if heights[first] < target - PLATEAU_TOLERANCE:
        return float(times[first])
    below = np.flatnonzero(heights < target - PLATEAU_TOLERANCE)
    if len(below):
        return float((times[first] + times[below[0]]) / 2)
    return float((times[first] + times[-1]) / 2) if plateau == "r" else NAN


def _log_log_band(survival: np.ndarray, error: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    inside = np.where((survival > 0) & (survival < 1), survival, np.nan)
    step = z * error / np.log(inside)
    return inside ** np.exp(-step), inside ** np.exp(step)


def _log_band(survival: np.ndarray, error: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    inside = np.where((survival > 0) & (survival < 1), survival, np.nan)
    return inside * np.exp(-z * error), np.minimum(1.0, inside * np.exp(z * error))


def _plain_band(survival: np.ndarray, error: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    inside = np.where((survival > 0) & (survival < 1), survival, np.nan)
    return np.maximum(0.0, inside * (1 - z * error)), np.minimum(1.0, inside * (1 + z * error))


BANDS: dict[str, Callable] = {"log-log": _log_log_band, "log": _log_band, "plain": _plain_band}


def _observed_minus_expected(
    time: ArrayLike, event: ArrayLike, labels: np.ndarray, names: np.ndarray, strata: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray]:
    times, events = checked(time, event)
    if pd.isna(labels).any():
        raise ValueError("groups and scores must be known")
    layers = np.zeros(len(times)) if strata is None else np.asarray(strata)
    difference, variance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for layer in np.unique(layers):
        rows = layers == layer
        part = _stratum(times[rows], events[rows], labels[rows], names)
        difference += part[0]
        variance += part[1]
    return difference, variance


def _stratum(
    times: np.ndarray, events: np.ndarray, labels: np.ndarray, names: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    grid = np.unique(times[events])
    if len(grid) == 0:
        return np.zeros(len(names)), np.zeros((len(names), len(names)))
    member = labels[:, None] == names[None, :]
    at_risk = (times[:, None] >= grid[None, :]).T.astype(float) @ member
    died = ((times[:, None] == grid[None, :]) & events[:, None]).T.astype(float) @ member
    total, deaths = at_risk.sum(axis=1), died.sum(axis=1)
    share = at_risk / total[:, None]
    factor = deaths * (total - deaths) / np.maximum(total - 1, 1)
    spread = np.diag(factor @ share) - (share * factor[:, None]).T @ share
    return (died - deaths[:, None] * share).sum(axis=0), spread
