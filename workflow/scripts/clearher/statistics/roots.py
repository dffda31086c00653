"""Zeros of monotone functions."""

from collections.abc import Callable

MOST_STEPS = 200


def bisected(function: Callable[[float], float], low: float, high: float) -> float:
    """Zero of a function that changes its sign once between two bounds, by halving the interval.

    Parameters
    ----------
    function : callable
        Of one number; monotone.
    low, high : float
        Bounds; where the sign does not change between them the result is the bound nearer to the change.
    """
    rising = function(high) > function(low)
    for _ in range(MOST_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if (function(middle) > 0) == rising else (middle, high)
    return (low + high) / 2
