"""Rates of events over exposure."""

from scipy import special

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
    low = 0.0 if events == 0 else float(special.gammaincinv(events, tail))
    high = float(special.gammaincinv(events + 1, 1.0 - tail))
    return Interval(events / exposure, low / exposure, high / exposure)
