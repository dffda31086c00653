"""Half-life of the level under treatment: log-linear decline with levels below the limit censored."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

COLUMNS = ["subject_id", "half_life_days", "half_life_low", "half_life_high", "half_life_draws"]
NEWTON_STEPS = 60
HALVINGS = 30
TOLERANCE = 1e-12


def half_lives(
    course: pd.DataFrame, *, min_draws: int, last_day: int, min_log_sd: float, confidence: float
) -> pd.DataFrame:
    """Half-life of each subject from baseline to last_day; subjects with fewer draws are absent.

    Detected levels enter as they are, non-detections as left-censored at LoD95. At least two detected levels
    and min_draws draws are needed. Draws from the first molecular progression on are left out: they belong
    to another phase. A level that does not fall has no half-life (missing values, draws given).

    Parameters
    ----------
    course : pandas.DataFrame
        Visits in order: subject_id, phase, state, baseline_state, study_day, level, lod95,
        comparable (enough variants covered, in the unit of the baseline), molecular_progression.
    min_draws : int
        Fewest draws, baseline included.
    last_day : int
        Last study day used.
    min_log_sd : float
        Smallest residual standard deviation of the natural logarithm of the level.
    confidence : float
        Two-sided coverage of the limits.

    Returns
    -------
    pandas.DataFrame
        subject_id, half_life_days, half_life_low, half_life_high, half_life_draws.
    """
    used = _draws(course, last_day)
    known_days = used["day"].where(used["seen"]).groupby(used["subject_id"]).nunique()
    counts = used.groupby("subject_id", sort=True).size()
    enough = counts.index[(counts >= min_draws) & (known_days >= 2)]
    if enough.empty:
        return pd.DataFrame(columns=COLUMNS)
    used = used[used["subject_id"].isin(enough)]
    slope, error = tobit_slopes(
        used["subject_id"], used["day"], used["log_level"], used["seen"], min_sd=min_log_sd
    )
    values = half_life(slope, error, counts[enough].to_numpy(), confidence)
    table = pd.DataFrame(dict(zip(COLUMNS[1:4], values, strict=True)), index=enough)
    return (
        table.assign(half_life_draws=counts[enough].astype("Int64")).rename_axis("subject_id").reset_index()
    )


def half_life(
    slope: np.ndarray, error: np.ndarray, draws: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln 2 / -slope, limits from slope +- t error sqrt(n / (n - 2)); missing where the slope does not fall.

    t is the quantile at n - 2 degrees of freedom for n draws: the fitted deviation of a handful of draws is
    too small and too uncertain for the normal quantile. Without censored draws these are the limits of
    least squares.

    Parameters
    ----------
    slope, error : array_like
        Slope of the natural logarithm of the level per day, and its standard error by maximum likelihood.
    draws : array_like
        Number of draws behind each slope, at least 3.
    confidence : float
        Two-sided coverage of the limits.
    """
    slope, error, draws = (np.asarray(value, dtype=float) for value in (slope, error, draws))
    reach = special.stdtrit(draws - 2, (1 + confidence) / 2) * np.sqrt(draws / (draws - 2)) * error
    falling = np.where(slope < 0, slope, np.nan)
    flat = falling + reach
    return (
        np.log(2) / -falling,
        np.log(2) / (reach - falling),
        np.log(2) / -np.where(flat < 0, flat, np.nan),
    )


def tobit_slopes(
    group: pd.Series, day: pd.Series, log_level: pd.Series, seen: pd.Series, *, min_sd: float
) -> tuple[np.ndarray, np.ndarray]:
    """Slope of a line through log levels of which some are only known to be lower, for each group.

    Maximum likelihood of ``log_level = a + b day + N(0, s)``; where seen is False log_level is an upper
    limit. In Olsen's parameters (a / s, b / s, 1 / s) the likelihood is concave, so that Newton's method
    finds the one maximum. s is not allowed below min_sd, without which two exact points and one limit would
    have no maximum.

    Parameters
    ----------
    group : pandas.Series
        Subject of each row; at least two rows of a group, on different days, must be seen.
    day, log_level, seen : pandas.Series
        Days, natural logarithms of level or limit, and whether it is the level itself.
    min_sd : float
        Smallest residual standard deviation.

    Returns
    -------
    tuple of numpy.ndarray
        Slope per day, and its standard error from the observed information at the fitted s; groups in
        sorted order.

    References
    ----------
    Tobin, Econometrica 1958; 26: 24-36. Olsen, Econometrica 1978; 46: 1211-1215.
    """
    code, names = pd.factorize(group, sort=True)
    columns = (day.to_numpy(float), log_level.to_numpy(float), seen.to_numpy(bool))
    draws = _Draws(code, len(names), *columns)
    theta = _maximum(draws, np.tile([0.0, 0.0, 1.0 / min_sd], (len(names), 1)), free=2)
    gradient, _ = draws.derivatives(theta)
    looser = np.flatnonzero(gradient[:, 2] < 0)
    if len(looser):
        rows = np.isin(code, looser)
        some = _Draws(np.searchsorted(looser, code[rows]), len(looser), *(column[rows] for column in columns))
        theta[looser] = _maximum(some, theta[looser], free=3)
    _, hessian = draws.derivatives(theta)
    information = -hessian[:, :2, :2] * theta[:, 2, None, None] ** 2
    determinant = information[:, 0, 0] * information[:, 1, 1] - information[:, 0, 1] ** 2
    return theta[:, 1] / theta[:, 2], np.sqrt(information[:, 0, 0] / determinant)


@dataclass(frozen=True)
class _Draws:
    """Draws of all groups; day and level are taken about each group's mean."""

    code: np.ndarray
    groups: int
    day: np.ndarray
    level: np.ndarray
    seen: np.ndarray

    def __post_init__(self) -> None:
        size = np.bincount(self.code, minlength=self.groups)
        for name in ("day", "level"):
            values = getattr(self, name)
            mean = self.summed(values) / size
            object.__setattr__(self, name, values - mean[self.code])

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Sum over the rows of each group."""
        return np.bincount(self.code, weights=values, minlength=self.groups)

    def residual(self, theta: np.ndarray) -> np.ndarray:
        """Residuals in units of s."""
        intercept, slope, precision = theta[self.code].T
        return precision * self.level - intercept - slope * self.day

    def likelihood(self, theta: np.ndarray) -> np.ndarray:
        """Log likelihood of each group, up to a constant."""
        z = self.residual(theta)
        known = np.log(theta[self.code, 2]) - 0.5 * z**2
        return self.summed(np.where(self.seen, known, special.log_ndtr(z)))

    def derivatives(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gradient (groups x 3) and Hessian (groups x 3 x 3) of the log likelihood."""
        z = self.residual(theta)
        mills = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(z))
        pull = np.where(self.seen, z, -mills)
        weight = np.where(self.seen, 1.0, mills * (mills + z))
        design = (np.ones_like(z), self.day, -self.level)
        n_seen = self.summed(self.seen.astype(float))
        gradient = np.stack([self.summed(pull * column) for column in design], axis=1)
        gradient[:, 2] += n_seen / theta[:, 2]
        hessian = np.empty((self.groups, 3, 3))
        for row in range(3):
            for column in range(3):
                hessian[:, row, column] = -self.summed(weight * design[row] * design[column])
        hessian[:, 2, 2] -= n_seen / theta[:, 2] ** 2
        return gradient, hessian


def _maximum(draws: _Draws, start: np.ndarray, free: int) -> np.ndarray:
    """Newton's method with halved steps over the first parameters of each group; the rest stay as started."""
    theta = start.copy()
    value = draws.likelihood(theta)
    for _ in range(NEWTON_STEPS):
        gradient, hessian = draws.derivatives(theta)
        step = np.zeros_like(theta)
        step[:, :free] = np.linalg.solve(-hessian[:, :free, :free], gradient[:, :free, None])[..., 0]
        down = theta[:, 2] + step[:, 2] <= 0
        shrink = np.where(down, -0.9 * theta[:, 2] / np.where(down, step[:, 2], -1.0), 1.0)
        for _ in range(HALVINGS):
            trial = theta + shrink[:, None] * step
            reached = draws.likelihood(trial)
            worse = reached < value - 1e-12 * np.abs(value)
            shrink = np.where(worse, shrink / 2, shrink)
            if not worse.any():
                break
        better = ~worse
        theta = np.where(better[:, None], trial, theta)
        moved = np.abs(np.where(better, reached - value, 0.0))
        value = np.where(better, reached, value)
        if (moved <= TOLERANCE).all():
            break
    return theta


def _draws(course: pd.DataFrame, last_day: int) -> pd.DataFrame:
    risen = course["molecular_progression"].fillna(False).astype(bool)
    over = risen.groupby(course["subject_id"], sort=False).cummax()
    seen = course["state"] == "DETECTED"
    silent = course["state"].isin(["NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT"])
    value = course["level"].where(seen, course["lod95"].where(silent))
    day = course["study_day"].astype(float)
    use = (course["baseline_state"] == "DETECTED") & (course["phase"] != "PRE_BASELINE")
    use &= course["comparable"]
    use &= (value > 0) & day.notna() & (day <= last_day) & ~over
    used = pd.DataFrame({"subject_id": course["subject_id"], "seen": seen, "day": day - (day > 0)})
    return used.assign(log_level=np.log(value.where(use)))[use]
