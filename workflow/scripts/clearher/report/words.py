"""Numbers in words: rounding half away from zero, intervals, p-values, missing values."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

NOT_ESTIMABLE = "NE"
P_MEANING = "the chance of a result at least this far from no association, were there none"


def level_words(metrics: Iterable[str]) -> str:
    """What ctDNA levels of the metrics given are, a laboratory's own unit as it stands; empty for none."""
    fractions = ("pooled", "mean", "median", "max")
    named = sorted(set(metrics) - {""})
    return ", ".join(f"{metric} allele fraction" if metric in fractions else metric for metric in named)


def rounded(value: float | None, digits: int) -> str:
    """A number with a fixed count of decimals, halves away from zero; NE for missing.

    Notes
    -----
    The decimal text is rounded, not the binary fraction: 12.25 gives 12.3 and 0.5 gives 1, as SAS and a
    reader with a pencil have it.
    """
    if value is None or pd.isna(value):
        return NOT_ESTIMABLE
    step = Decimal(1).scaleb(-digits)
    text = str(Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP))
    return text.removeprefix("-") if not text.strip("-0.") else text


def percent(fraction: float | None, digits: int = 1) -> str:
    """A fraction as percent, such as 31.0%; NE for missing."""
    if fraction is None or pd.isna(fraction):
        return NOT_ESTIMABLE
    return rounded(float(Decimal(repr(float(fraction))) * 100), digits) + "%"


def percent_interval(low: float | None, high: float | None) -> str:
    """An interval of fractions as percent, such as 17.6-47.1%."""
    if pd.isna(low) and pd.isna(high):
        return NOT_ESTIMABLE
    return f"{percent(low).removesuffix('%')}-{percent(high)}"


def coverage(confidence: float) -> str:
    """What an interval covers, such as 95%, or 97.5%."""
    return f"{100 * confidence:.6g}%"


def ci_name(confidence: float) -> str:
    """Heading of an interval, such as 95% CI."""
    return f"{coverage(confidence)} CI"


def interval(low: float | None, high: float | None, digits: int = 1) -> str:
    """An interval of numbers, such as 8.2-9.8; NE where a limit is not reached."""
    if pd.isna(low) and pd.isna(high):
        return NOT_ESTIMABLE
    return f"{rounded(low, digits)} to {rounded(high, digits)}"


def share(n: int, total: int) -> str:
    """A count with its denominator and percent, such as 13/42 (31.0%)."""
    return f"{n}/{total} ({percent(n / total if total else None)})"


def p_value(p: float | None) -> str:
    """A p-value with four decimals, or <0.0001; empty for missing."""
    if p is None or pd.isna(p):
        return ""
    return "<0.0001" if p < 0.0001 else rounded(p, 4)


def p_text(p: float | None) -> str:
    """A p-value behind the letter p: = 0.0123, or < 0.0001."""
    text = p_value(p)
    return f"< {text[1:]}" if text.startswith("<") else f"= {text}"


def significant(value: float | None, digits: int = 3) -> str:
    """A number with a count of significant digits; empty for missing."""
    if value is None or pd.isna(value):
        return ""
    return "infinite" if value == float("inf") else f"{value:.{digits}g}"


def limits(low: float | None, high: float | None, digits: int = 3) -> str:
    """Limits with a count of significant digits, such as 0.21 to 1.4; NE for one that is missing."""
    return " to ".join(significant(limit, digits) or NOT_ESTIMABLE for limit in (low, high))


def counted(n: int, singular: str, plural: str = "") -> str:
    """A count with its noun, such as 1 subject, 2 subjects."""
    return f"{n} {singular if n == 1 else plural or singular + 's'}"


def listed(items: Sequence[str]) -> str:
    """Items as a person lists them: a, b and c."""
    items = list(items)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
