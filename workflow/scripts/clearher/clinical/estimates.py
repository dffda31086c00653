"""An estimate as it stands in a row of the endpoint table."""

from collections.abc import Iterable

MISSING = float("nan")


def estimate(statistic: str, values: Iterable[float], unit: str, method: str) -> dict:
    """Columns of one statistic from an estimate and, where there are any, its limits."""
    value, low, high = [*values, MISSING, MISSING, MISSING][:3]
    return {
        "statistic": statistic,
        "estimate": value,
        "low": low,
        "high": high,
        "unit": unit,
        "method": method,
    }
