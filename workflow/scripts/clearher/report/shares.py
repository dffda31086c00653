"""Counts with denominator and percent, and intervals, as a reader of tables expects them."""

import pandas as pd

from clearher.report.words import interval, percent_interval, rounded, share


def with_shares(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines with two more columns of text.

    Parameters
    ----------
    lines : pandas.DataFrame
        Columns ``n N estimate low high unit``; unit fraction, or that of the estimate.

    Returns
    -------
    pandas.DataFrame
        With ``share`` (such as 3/42 (7.1%), or a number with its unit) and ``interval``; both are empty where
        nothing was counted.
    """
    return lines.assign(
        share=[_share(row) for row in lines.itertuples()],
        interval=[_interval(row) for row in lines.itertuples()],
    )


def _share(row) -> str:
    if row.unit == "fraction":
        return "" if pd.isna(row.n) else share(int(row.n), int(row.N))
    return "not estimable" if pd.isna(row.estimate) else f"{rounded(row.estimate, 1)} {row.unit}"


def _interval(row) -> str:
    if pd.isna(row.low) and pd.isna(row.high):
        return ""
    return percent_interval(row.low, row.high) if row.unit == "fraction" else interval(row.low, row.high)
