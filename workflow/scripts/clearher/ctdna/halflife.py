"""Half-life of the level under treatment: log-linear decline with levels below the limit censored."""

import numpy as np
import pandas as pd
from scipy import optimize, special

COLUMNS = ["subject_id", "half_life_days", "half_life_low", "half_life_high", "half_life_draws"]
Z95 = 1.959963984540054


def half_lives(course: pd.DataFrame, *, min_draws: int, last_day: int, min_log_sd: float) -> pd.DataFrame:
    """Half-life of each subject from baseline to last_day; subjects with fewer draws are absent.

    Detected levels enter as they are, non-detections as left-censored at LoD95. At least two detected levels
    and min_draws draws are needed. Draws from the first molecular progression on are left out: they belong
    to another phase. A level that does not fall has no half-life (missing values, draws given).

    Parameters
    ----------
    course : pandas.DataFrame
        Visits in order: subject_id, phase, state, baseline_state, study_day, level, lod95,
        comparable (enough variants covered), molecular_progression.
    min_draws : int
        Fewest draws, baseline included.
    last_day : int
        Last study day used.
    min_log_sd : float
        Smallest residual standard deviation of the natural logarithm of the level.

    Returns
    -------
    pandas.DataFrame
        subject_id, half_life_days, half_life_low, half_life_high, half_life_draws.
    """
    used = _draws(course, last_day)
    counts = used.groupby("subject_id", sort=True).agg(draws=("log_level", "size"), seen=("seen", "sum"))
    enough = counts[(counts["draws"] >= min_draws) & (counts["seen"] >= 2)]
    rows = []
    for subject, draws in used[used["subject_id"].isin(enough.index)].groupby("subject_id", sort=True):
        fit = tobit_slope(
            draws["day"].to_numpy(),
            draws["log_level"].to_numpy(),
            draws["seen"].to_numpy(),
            min_sd=min_log_sd,
        )
        rows.append((subject, *half_life(*fit), len(draws)))
    table = pd.DataFrame(rows, columns=COLUMNS)
    numbers = dict.fromkeys(COLUMNS[1:4], "float64") | {"half_life_draws": "Int64"}
    return table.astype(numbers)


def half_life(slope: float, error: float) -> tuple[float, float, float]:
    """ln 2 / -slope with limits from slope +- 1.96 error; missing where the slope does not fall.

    Parameters
    ----------
    slope, error : float
        Slope of the natural logarithm of the level per day, and its standard error.
    """
    if not slope < 0:
        return (np.nan, np.nan, np.nan)
    steep, flat = slope - Z95 * error, slope + Z95 * error
    return (np.log(2) / -slope, np.log(2) / -steep, np.log(2) / -flat if flat < 0 else np.nan)


def tobit_slope(
    day: np.ndarray, log_level: np.ndarray, seen: np.ndarray, *, min_sd: float
) -> tuple[float, float]:
    """Slope and standard error of a line through log levels of which some are only known to be lower.

    Maximum likelihood of ``log_level = a + b day + N(0, s)``; where seen is False log_level is an upper
    limit. s is not allowed below min_sd, without which two exact points and one limit would have no maximum.

    Parameters
    ----------
    day, log_level : numpy.ndarray
        Days, and natural logarithms of level or limit.
    seen : numpy.ndarray
        True where the level itself is known.
    min_sd : float
        Smallest residual standard deviation.

    References
    ----------
    Tobin, Econometrica 1958; 26: 24-36.
    """
    centred = day - day.mean()
    slope, intercept = np.polyfit(centred[seen], log_level[seen], 1)
    start = np.array([intercept, slope, np.log(2 * min_sd)])
    bounds = [(None, None), (None, None), (np.log(min_sd), None)]
    fit = optimize.minimize(
        _loss, start, args=(centred, log_level, seen), jac=True, method="L-BFGS-B", bounds=bounds
    )
    return float(fit.x[1]), _slope_error(fit.x, centred, log_level, seen)


def _loss(
    theta: np.ndarray, day: np.ndarray, log_level: np.ndarray, seen: np.ndarray
) -> tuple[float, np.ndarray]:
    """Negative log likelihood and its gradient in intercept, slope and log s."""
    sd = np.exp(theta[2])
    z = (log_level - theta[0] - theta[1] * day) / sd
    exact, limit = z[seen], z[~seen]
    below = special.log_ndtr(limit)
    loss = 0.5 * np.sum(exact**2) + exact.size * theta[2] - below.sum()
    mills = np.exp(-0.5 * limit**2 - 0.5 * np.log(2 * np.pi) - below)
    pull = np.zeros_like(z)
    pull[seen], pull[~seen] = -exact / sd, mills / sd
    spread = exact.size - np.sum(exact**2) + np.sum(mills * limit)
    return float(loss), np.array([pull.sum(), np.sum(pull * day), spread])


def _slope_error(theta: np.ndarray, day: np.ndarray, log_level: np.ndarray, seen: np.ndarray) -> float:
    """Standard error of the slope from the observed information at fixed s."""
    sd = np.exp(theta[2])
    z = (log_level - theta[0] - theta[1] * day) / sd
    mills = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(z))
    weight = np.where(seen, 1.0, mills * (mills + z)) / sd**2
    design = np.column_stack([np.ones_like(day), day])
    information = design.T @ (design * weight[:, None])
    return float(np.sqrt(np.linalg.inv(information)[1, 1]))


def _draws(course: pd.DataFrame, last_day: int) -> pd.DataFrame:
    risen = course["molecular_progression"].fillna(False).astype(bool)
    over = risen.groupby(course["subject_id"], sort=False).cummax()
    seen = course["state"] == "DETECTED"
    silent = course["state"].isin(["NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT"])
    value = course["level"].where(seen, course["lod95"].where(silent))
    day = course["study_day"].astype(float)
    use = (course["baseline_state"] == "DETECTED") & (course["phase"] != "PRE_BASELINE")
    use &= course["comparable"] | ~seen
    use &= (value > 0) & day.notna() & (day <= last_day) & ~over
    used = pd.DataFrame({"subject_id": course["subject_id"], "seen": seen, "day": day - (day > 0)})
    return used.assign(log_level=np.log(value.where(use)))[use]
