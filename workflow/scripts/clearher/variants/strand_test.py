"""Strand bias: does the alternate allele sit on other strands than the reference?"""

import numpy as np

MOST_READS = 1_000_000


def strand_bias(
    ref_forward: np.ndarray,
    ref_reverse: np.ndarray,
    alt_forward: np.ndarray,
    alt_reverse: np.ndarray,
    *,
    min_odds: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Two-sided Fisher exact test of strand by allele, and its odds ratio taken above 1.

    Parameters
    ----------
    ref_forward, ref_reverse, alt_forward, alt_reverse : numpy.ndarray
        Counts; NaN where not stated.
    min_odds : float
        Odds ratio below which p is not computed: most germline alleles have many reads and no bias.

    Returns
    -------
    p, odds : numpy.ndarray
        NaN where a count is missing or above a million, or a margin is zero; p also below ``min_odds``. The
        odds ratio adds 0.5 to each cell where one is zero (Haldane-Anscombe) and is inverted below 1, so that
        it measures bias in either direction.
    """
    table = np.array([ref_forward, ref_reverse, alt_forward, alt_reverse], dtype=float)
    margins = [table[0] + table[1], table[2] + table[3], table[0] + table[2], table[1] + table[3]]
    known = ~np.isnan(table).any(axis=0) & (np.min(margins, axis=0) > 0) & (table.max(axis=0) <= MOST_READS)
    p = np.full(table.shape[1], np.nan)
    odds = np.full(table.shape[1], np.nan)
    cells = table[:, known]
    corrected = cells + 0.5 * (cells == 0).any(axis=0)
    ratio = corrected[0] * corrected[3] / (corrected[1] * corrected[2])
    odds[known] = np.maximum(ratio, 1 / ratio)
    tested = np.flatnonzero(known)[odds[known] >= min_odds]
    p[tested] = _fisher_two_sided(table[:, tested].astype(np.int64))
    return p, odds


def _fisher_two_sided(table: np.ndarray, chunk: int = 100_000) -> np.ndarray:
    """Sum of the hypergeometric probabilities not above the observed one, for each column of ``table``."""
    row, column, n = table[2] + table[3], table[0] + table[2], table.sum(axis=0)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n.max(initial=0) + 1)))])
    low, high = np.maximum(0, row + column - n), np.minimum(row, column)
    sizes = high - low + 1
    result = np.empty(table.shape[1])
    start = 0
    while start < len(sizes):
        stop = start + max(1, int(np.searchsorted(np.cumsum(sizes[start:]), chunk)))
        part = slice(start, stop)
        result[part] = _tail(table[2, part], row[part], column[part], n[part], low[part], sizes[part], logs)
        start = stop
    return result


def _tail(
    observed: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    n: np.ndarray,
    low: np.ndarray,
    sizes: np.ndarray,
    logs: np.ndarray,
) -> np.ndarray:
    owner = np.repeat(np.arange(len(sizes)), sizes)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    value = np.arange(len(owner)) - first + low[owner]

    def log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
        return logs[n] - logs[k] - logs[n - k]

    log_p = log_choose(row[owner], value) + log_choose((n - row)[owner], column[owner] - value)
    at_observed = log_choose(row, observed) + log_choose(n - row, column - observed)
    total = log_choose(n, column)
    included = log_p <= at_observed[owner] + 1e-7
    terms = np.where(included, np.exp(log_p - total[owner]), 0.0)
    return np.minimum(np.bincount(owner, weights=terms, minlength=len(sizes)), 1.0)
