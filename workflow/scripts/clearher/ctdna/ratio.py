"""Ratio of two levels with its interval."""

from typing import NamedTuple

import numpy as np
from scipy import special


class Ratio(NamedTuple):
    """Ratio (estimate, lower and upper limit) and whether a zero was corrected; arrays or scalars."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    zero_corrected: np.ndarray


def pooled_ratio(
    alt1: np.ndarray,
    depth1: np.ndarray,
    alt0: np.ndarray,
    depth0: np.ndarray,
    *,
    distinct1: np.ndarray | None = None,
    distinct0: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Ratio:
    """Ratio of pooled VAFs, later over earlier, by the delta method on the log scale.

    ``log R = log(A1/N1) - log(A0/N0)``, ``var = 1/A1 - 1/N1 + 1/A0 - 1/N0`` on effective counts: A is the
    number of distinct alt fragments, N is scaled likewise. Where a count is 0, 0.5 is added to both and the
    ratio is marked; the bound that then can be stated is LoD95 (later) / level (earlier).

    Parameters
    ----------
    alt1, depth1, alt0, depth0 : array_like
        Sums over the variants covered at both times; 1 later, 0 earlier.
    distinct1, distinct0 : array_like, optional
        Distinct alt fragments; None: every alt count is a fragment of its own.
    confidence : float
        Two-sided coverage.

    Returns
    -------
    Ratio
        NaN where a depth is 0.

    References
    ----------
    Katz et al., Biometrics 1978; 34: 469-474 (log ratio of two binomial proportions).
    """
    a1, n1 = effective_counts(alt1, depth1, distinct1)
    a0, n0 = effective_counts(alt0, depth0, distinct0)
    n1, n0 = np.where(n1 > 0, n1, np.nan), np.where(n0 > 0, n0, np.nan)
    zero = (a1 == 0) | (a0 == 0)
    a1, a0 = a1 + 0.5 * zero, a0 + 0.5 * zero
    variance = 1 / a1 - 1 / n1 + 1 / a0 - 1 / n0
    return log_ratio_interval((a1 / n1) / (a0 / n0), variance, zero, confidence)


def matched_ratio(
    alt1: np.ndarray,
    depth1: np.ndarray,
    alt0: np.ndarray,
    depth0: np.ndarray,
    pair: np.ndarray,
    *,
    confidence: float = 0.95,
) -> Ratio:
    """Common ratio of the VAFs of matched variants, later over earlier, for many pairs of samples at once.

    The Mantel-Haenszel risk ratio over variants, ``R = sum a1 n0/(n0+n1) / sum a0 n1/(n0+n1)``. It equals the
    ratio of pooled VAFs where each variant has the same depth at both times, and unlike that does not move
    when depth shifts between variants of high and low VAF. Variance of the logarithm:
    ``sum ((a1 + a0) n1 n0 - a1 a0 N) / N^2 / (sum a1 n0/N  sum a0 n1/N)``, N = n1 + n0; for one variant
    ``1/a1 - 1/n1 + 1/a0 - 1/n0``. Where a sum is 0, half a fragment is spread over the variants at both
    times and the pair is marked.

    Parameters
    ----------
    alt1, depth1, alt0, depth0 : array_like
        Effective counts (:func:`effective_counts`) of each variant covered at both times (depths above 0).
    pair : array_like of int
        Number of the pair of samples, 0, 1, ... without gaps.

    Returns
    -------
    Ratio
        Arrays, one element a pair.

    References
    ----------
    Greenland and Robins, Biometrics 1985; 41: 55-68.
    """
    a1, n1, a0, n0 = (np.asarray(value, dtype=float) for value in (alt1, depth1, alt0, depth0))
    pair = np.asarray(pair, dtype=np.int64)
    zero = (np.bincount(pair, weights=a1) == 0) | (np.bincount(pair, weights=a0) == 0)
    half = (0.5 * zero / np.bincount(pair))[pair]
    a1, a0, total = a1 + half, a0 + half, n1 + n0
    later = np.bincount(pair, weights=a1 * n0 / total)
    earlier = np.bincount(pair, weights=a0 * n1 / total)
    spread = np.bincount(pair, weights=((a1 + a0) * n1 * n0 - a1 * a0 * total) / total**2)
    return log_ratio_interval(later / earlier, spread / (later * earlier), zero, confidence)


def mean_vaf_ratio(
    alt1: np.ndarray, depth1: np.ndarray, alt0: np.ndarray, depth0: np.ndarray, *, confidence: float = 0.95
) -> Ratio:
    """Ratio of mean VAFs of one pair of samples, later over earlier, by the delta method.

    ``var = sum v(1-v)/n / (sum v)^2`` for each time. Where all variants are at 0 at a time, half a fragment
    is spread over them at both times and the ratio is marked.

    Parameters
    ----------
    alt1, depth1, alt0, depth0 : array_like
        Counts of each variant; only those with depth above 0 at both times enter.

    Returns
    -------
    Ratio
        NaN where no variant is covered at both times.
    """
    columns = [np.asarray(value, dtype=float) for value in (alt1, depth1, alt0, depth0)]
    both = (columns[1] > 0) & (columns[3] > 0)
    if not both.any():
        return Ratio(np.nan, np.nan, np.nan, False)
    a1, n1, a0, n0 = (column[both] for column in columns)
    zero = not a1.any() or not a0.any()
    half = 0.5 / len(a1) if zero else 0.0
    sum1, relative1 = _sum_of_vafs(a1 + half, n1)
    sum0, relative0 = _sum_of_vafs(a0 + half, n0)
    return log_ratio_interval(sum1 / sum0, relative1 + relative0, zero, confidence)


def _sum_of_vafs(alt: np.ndarray, depth: np.ndarray) -> tuple[float, float]:
    vaf = alt / depth
    total = float(vaf.sum())
    return total, float((vaf * (1 - vaf) / depth).sum()) / total**2


def effective_counts(
    alt: np.ndarray, depth: np.ndarray, distinct: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Alt count and depth scaled to independent fragments: distinct, and depth x distinct / alt."""
    alt, depth = np.asarray(alt, dtype=float), np.asarray(depth, dtype=float)
    if distinct is None:
        return alt, depth
    distinct = np.where(np.isnan(np.asarray(distinct, dtype=float)), alt, distinct)
    scale = np.divide(distinct, alt, out=np.ones(np.shape(alt)), where=alt > 0)
    return alt * scale, depth * scale


def log_ratio_interval(
    estimate: np.ndarray, variance: np.ndarray, zero_corrected: np.ndarray, confidence: float
) -> Ratio:
    """Limits of a ratio from the variance of its logarithm."""
    reach = np.exp(special.ndtri((1 + confidence) / 2) * np.sqrt(np.maximum(variance, 0.0)))
    return Ratio(estimate, estimate / reach, estimate * reach, zero_corrected)
