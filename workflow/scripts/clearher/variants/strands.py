"""Strand counts of an allele from the fields of its caller, and strand bias."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from clearher.variants.counts import Call, info_value, whole


class Strands(NamedTuple):
    """Forward and reverse reads of ref and alt; None is "not stated"."""

    ref_forward: int | None
    ref_reverse: int | None
    alt_forward: int | None
    alt_reverse: int | None


UNKNOWN = Strands(None, None, None, None)
StrandSource = Callable[[Call, int], Strands]


def _numbers(text: str | None) -> list[int | None]:
    return [whole(item) for item in text.split(",")] if text else []


def ref_then_alt(key: str) -> StrandSource:
    """Four numbers, reference then alternate by strand (SB of Mutect2 and DRAGEN, DP4 of VarScan).

    They add up all alternate alleles, so they say nothing about one of several.
    """

    def read(call: Call, index: int) -> Strands:
        values = _numbers(call.sample.get(key))
        return Strands(*values) if len(values) == 4 and len(call.alts) == 1 else UNKNOWN

    return read


def vardict(call: Call, index: int) -> Strands:
    """VarDict: RD and ALD, each forward and reverse."""
    ref, alt = _numbers(call.sample.get("RD")), _numbers(call.sample.get("ALD"))
    return Strands(*ref, *alt) if len(ref) == 2 and len(alt) == 2 else UNKNOWN


def forward_reverse_depths(call: Call, index: int) -> Strands:
    """ADF and ADR with one number an allele, or VarScan's alternate alone beside RDF and RDR."""
    forward, reverse = _numbers(call.sample.get("ADF")), _numbers(call.sample.get("ADR"))
    if len(forward) == len(reverse) == len(call.alts) + 1:
        return Strands(forward[0], reverse[0], forward[index + 1], reverse[index + 1])
    if len(forward) == len(reverse) == len(call.alts) == 1:
        sample = call.sample
        return Strands(whole(sample.get("RDF")), whole(sample.get("RDR")), forward[0], reverse[0])
    return UNKNOWN


def info_strands(call: Call, index: int) -> Strands:
    """LoFreq: DP4 in INFO."""
    values = _numbers(info_value(call.info, "DP4"))
    return Strands(*values) if len(values) == 4 and len(call.alts) == 1 else UNKNOWN


def info_observations(call: Call, index: int) -> Strands:
    """FreeBayes: SRF, SRR, SAF and SAR in INFO, which add up all samples of the file."""
    alt = [_numbers(info_value(call.info, key)) for key in ("SAF", "SAR")]
    if any(len(values) != len(call.alts) for values in alt):
        return UNKNOWN
    ref = [whole(info_value(call.info, key)) for key in ("SRF", "SRR")]
    return Strands(ref[0], ref[1], alt[0][index], alt[1][index])


def umivar(call: Call, index: int) -> Strands:
    """UmiVar: alternate forward-reverse, then reference forward-reverse, joined by hyphens."""
    values = [whole(item) for item in call.sample.get("Strand", "").split("-")]
    return Strands(values[2], values[3], values[0], values[1]) if len(values) == 4 else UNKNOWN


def strand_bias(
    ref_forward: np.ndarray, ref_reverse: np.ndarray, alt_forward: np.ndarray, alt_reverse: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two-sided Fisher exact test of strand by allele, and its odds ratio taken above 1.

    Parameters
    ----------
    ref_forward, ref_reverse, alt_forward, alt_reverse : numpy.ndarray
        Counts; NaN where not stated.

    Returns
    -------
    p, odds : numpy.ndarray
        NaN where a count is missing or a margin is zero. The odds ratio adds 0.5 to each cell where one
        is zero (Haldane-Anscombe) and is inverted below 1, so that it measures bias in either direction.
    """
    table = np.array([ref_forward, ref_reverse, alt_forward, alt_reverse], dtype=float)
    margins = [table[0] + table[1], table[2] + table[3], table[0] + table[2], table[1] + table[3]]
    known = ~np.isnan(table).any(axis=0) & (np.min(margins, axis=0) > 0)
    p = np.full(table.shape[1], np.nan)
    odds = np.full(table.shape[1], np.nan)
    cells = table[:, known]
    corrected = cells + 0.5 * (cells == 0).any(axis=0)
    ratio = corrected[0] * corrected[3] / (corrected[1] * corrected[2])
    odds[known] = np.maximum(ratio, 1 / ratio)
    p[known] = _fisher_two_sided(cells.astype(np.int64))
    return p, odds


def _fisher_two_sided(table: np.ndarray, chunk: int = 2_000_000) -> np.ndarray:
    """Sum of the hypergeometric probabilities not above the observed one, for each column of ``table``."""
    row, column, n = table[2] + table[3], table[0] + table[2], table.sum(axis=0)
    low, high = np.maximum(0, row + column - n), np.minimum(row, column)
    sizes = high - low + 1
    result = np.empty(table.shape[1])
    start = 0
    while start < len(sizes):
        stop = start + max(1, int(np.searchsorted(np.cumsum(sizes[start:]), chunk)))
        part = slice(start, stop)
        result[part] = _tail(table[2, part], row[part], column[part], n[part], low[part], sizes[part])
        start = stop
    return result


def _tail(
    observed: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    n: np.ndarray,
    low: np.ndarray,
    sizes: np.ndarray,
) -> np.ndarray:
    owner = np.repeat(np.arange(len(sizes)), sizes)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    value = np.arange(len(owner)) - first + low[owner]
    log_p = _log_choose(row[owner], value) + _log_choose((n - row)[owner], column[owner] - value)
    at_observed = _log_choose(row, observed) + _log_choose(n - row, column - observed)
    total = _log_choose(n, column)
    included = log_p <= at_observed[owner] + 1e-7
    terms = np.where(included, np.exp(log_p - total[owner]), 0.0)
    return np.minimum(np.bincount(owner, weights=terms, minlength=len(sizes)), 1.0)


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
