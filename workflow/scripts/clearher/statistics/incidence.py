"""Rates of events over exposure."""

from scipy import stats

from clearher.statistics.proportions import Interval

NAN = float("nan")


def incidence_rate(events: int, exposure: float, confidence: float = 0.95) -> Interval:
    """Events per unit of exposure with exact Poisson limits.

    Parameters
    ----------
    events : int
        Number of events (or of units with a first event).
    exposure : float
        Total exposure, in the unit of the rate; 0 gives NaN for all three values.
    confidence : float
        Two-sided coverage.

    Raises
    ------
    ValueError
        Events or exposure are negative.

    References
    ----------
    Garwood, Biometrika 1936; 28: 437-442.
    """
    if events < 0 or exposure < 0:
        raise ValueError(f"events {events} and exposure {exposure} must not be negative")
    if exposure == 0:
        return Interval(NAN, NAN, NAN)
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if events == 0 else float(stats.chi2.ppf(tail, 2 * events) / 2.0)
    high = float(stats.chi2.ppf(1.0 - tail, 2 * events + 2) / 2.0)
    return Interval(events / exposure, low / exposure, high / exposure)
