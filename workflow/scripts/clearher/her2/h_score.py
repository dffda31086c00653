"""H-score: recomputed from the shares of cells at each intensity, checked against report and IHC state."""

import numpy as np
import pandas as pd

PERCENT_COLUMNS = ("pct_0", "pct_1", "pct_2", "pct_3")
TOLERANCE = 1.0
MAXIMUM = 300.0
_EXPECTED = {
    "0-null": (0.0, 0.0),
    "0-ultralow": (np.nextafter(0, 1), 10.0),
    "1+": (np.nextafter(10, 11), MAXIMUM),
    "2+": (np.nextafter(10, 11), MAXIMUM),
    "3+": (np.nextafter(30, 31), MAXIMUM),
}


def percent_unit(shares: pd.DataFrame) -> str:
    """Unit of the four intensity columns as a whole: percent, fraction, unclear, or empty without values.

    Complete rows decide by their sums, 100 or 1; rows of both kinds make the unit unclear. Without a
    complete row, values that are all <= 1 with one strictly between 0 and 1 are fractions, values that are
    all 0 or 1 are unclear, anything else is percent.

    Parameters
    ----------
    shares : pandas.DataFrame
        Columns pct_0 to pct_3 as written, NaN where missing.
    """
    values = shares[list(PERCENT_COLUMNS)].to_numpy(dtype=float)
    if np.isnan(values).all():
        return ""
    sums = values[~np.isnan(values).any(axis=1)].sum(axis=1)
    near_percent = np.abs(sums - 100) <= TOLERANCE
    near_fraction = np.abs(sums - 1) <= TOLERANCE / 100
    if near_percent.any() or near_fraction.any():
        if near_percent.any() and near_fraction.any():
            return "unclear"
        return "percent" if near_percent.any() else "fraction"
    if np.nanmax(values) > 1:
        return "percent"
    return "fraction" if ((values > 0) & (values < 1)).any() else "unclear"


def h_scores(records: pd.DataFrame, states: pd.Series) -> pd.DataFrame:
    """H-score of each reading and what is odd about it.

    H = 1 x pct_1 + 2 x pct_2 + 3 x pct_3 (0 to 300). The recomputed score is used where the shares allow
    it, else the reported one; reported scores outside 0 to 300 are rejected. The IHC score is never derived
    from an H-score.

    Parameters
    ----------
    records : pandas.DataFrame
        Columns pct_0 to pct_3 and h_score, NaN where missing. The unit of the shares is found on the whole
        columns.
    states : pandas.Series
        IHC state of each reading, same index; empty for an interval.

    Returns
    -------
    pandas.DataFrame
        h_score, h_score_reported, h_score_source (recomputed, reported, empty), pct_0 to pct_3 in percent,
        flags (tuple of str): percent_sum, percent_unit_unclear, h_score_rejected, h_score_disagrees,
        h_score_out_of_bounds, h_score_against_ihc.

    References
    ----------
    McCarty et al. 1985, as CDISC cites it for H SCORE TOTAL SCORE (C125988).
    """
    unit = percent_unit(records)
    shares = records[list(PERCENT_COLUMNS)].astype(float) * (100 if unit == "fraction" else 1)
    reported = records["h_score"].astype(float)
    usable, flagged = _usable_shares(shares, unit)
    positive = shares[["pct_1", "pct_2", "pct_3"]].to_numpy()
    recomputed = pd.Series(positive @ np.array([1.0, 2.0, 3.0]), index=records.index).where(usable)
    recomputed = recomputed.round(10)
    rejected = (reported < 0) | (reported > MAXIMUM)
    accepted = reported.where(~rejected)
    score = recomputed.where(recomputed.notna(), accepted)
    checks = {
        "percent_sum": flagged,
        "percent_unit_unclear": shares.notna().any(axis=1) & (unit == "unclear"),
        "h_score_rejected": rejected,
        "h_score_disagrees": (accepted - recomputed).abs() > TOLERANCE,
        "h_score_out_of_bounds": _out_of_bounds(accepted, shares, usable),
        "h_score_against_ihc": _against_state(score, states),
    }
    result = shares.where(pd.Series(unit != "unclear", index=records.index), np.nan)
    result["h_score"] = score
    result["h_score_reported"] = reported
    source = np.where(recomputed.notna(), "recomputed", np.where(accepted.notna(), "reported", ""))
    result["h_score_source"] = pd.Series(source, index=records.index, dtype=object)
    result["flags"] = _flag_lists(checks, records.index)
    return result


def _usable_shares(shares: pd.DataFrame, unit: str) -> tuple[pd.Series, pd.Series]:
    """Whether the shares of a row allow an H-score, and whether their sum is wrong."""
    stained = shares[["pct_1", "pct_2", "pct_3"]]
    complete = stained.notna().all(axis=1)
    total = stained.sum(axis=1)
    with_zero = shares["pct_0"].notna()
    wrong = complete & with_zero & ((total + shares["pct_0"] - 100).abs() > TOLERANCE)
    wrong |= complete & ~with_zero & (total > 100 + TOLERANCE)
    wrong |= (shares < 0).any(axis=1) | (shares > 100 + TOLERANCE).any(axis=1)
    wrong &= unit in ("percent", "fraction")
    return complete & ~wrong & (unit in ("percent", "fraction")), wrong


def _out_of_bounds(reported: pd.Series, shares: pd.DataFrame, usable: pd.Series) -> pd.Series:
    positive = shares[["pct_1", "pct_2", "pct_3"]].sum(axis=1)
    low, high = positive - TOLERANCE, 3 * positive + TOLERANCE
    return usable & ((reported < low) | (reported > high))


def _against_state(score: pd.Series, states: pd.Series) -> pd.Series:
    low = states.map({state: ends[0] for state, ends in _EXPECTED.items()})
    high = states.map({state: ends[1] for state, ends in _EXPECTED.items()})
    return (score < low) | (score > high)


def _flag_lists(checks: dict[str, pd.Series], index: pd.Index) -> pd.Series:
    names = np.array(list(checks))
    matrix = np.column_stack([checks[name].fillna(False).to_numpy(dtype=bool) for name in names])
    return pd.Series([tuple(names[row].tolist()) for row in matrix], index=index, dtype=object)
