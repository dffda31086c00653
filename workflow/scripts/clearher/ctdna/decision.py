"""The one test of each sample: what is expected from errors, which test decides, and what it would take."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from clearher.ctdna.background import substitution_class
from clearher.ctdna.detection import (
    beta_binomial_p,
    beta_binomial_pmfs,
    binomial_pmfs,
    estimated_background_p,
    fisher,
    likelihood_ratio_p,
    monte_carlo_p,
    poisson_binomial_p,
    poisson_p,
    sum_of_counts,
)
from clearher.ctdna.lod import (
    critical_count,
    mean_for_power,
    signal_for_power,
    signal_for_variants,
    smallest_count,
)

EXACT_FROM = 1e-12
MOST_EXACT_TERMS = 4096
SMALLEST_OVERDISPERSION = 1e-12


class Cells(NamedTuple):
    """The covered variants of one sample, as arrays."""

    alt: np.ndarray
    depth: np.ndarray
    rate: np.ndarray
    overdispersion: np.ndarray
    tumour_vaf: np.ndarray
    background_alt: float
    background_depth: float


def expectations(cells: pd.DataFrame) -> pd.DataFrame:
    """Sums of each sample over its covered variants, and what errors alone would give.

    Parameters
    ----------
    cells : pandas.DataFrame
        A row a sample and covered variant: sample_id, ref, alt, alt_count, depth, distinct_alt_fragments,
        status, error_rate, error_events, error_depth.

    Returns
    -------
    pandas.DataFrame
        Index sample_id: n_covered, alt_total, depth_total, distinct_alt_fragments, n_called,
        expected_background (``sum n e``), background_mean and background_sd of the gamma distribution of the
        background where rates are estimated (``n (x+1)/N``, at least ``n e``, and ``n sqrt(x+1)/N`` with x
        errors in N bases; rates of one class are one estimate), largest_rate.
    """
    alt, depth = cells["alt_count"].astype(float), cells["depth"].astype(float)
    per_base = np.fmax((cells["error_events"] + 1) / cells["error_depth"], cells["error_rate"])
    rows = pd.DataFrame(
        {
            "sample_id": cells["sample_id"],
            "class": substitution_class(cells["ref"], cells["alt"]),
            "n_covered": 1,
            "alt_total": alt,
            "depth_total": depth,
            "distinct_alt_fragments": cells["distinct_alt_fragments"].astype(float).fillna(alt),
            "n_called": (cells["status"] == "CALLED").astype(int),
            "expected_background": depth * cells["error_rate"],
            "background_mean": depth * per_base,
            "sd": (depth * np.sqrt(cells["error_events"] + 1) / cells["error_depth"]).fillna(0.0),
            "rate": cells["error_rate"],
        }
    )
    groups = rows.groupby("sample_id")
    sums = groups.sum(numeric_only=True).drop(columns=["sd", "rate"])
    class_variance = rows.groupby(["sample_id", "class"])["sd"].sum() ** 2
    return sums.assign(
        background_sd=np.sqrt(class_variance.groupby("sample_id").sum()), largest_rate=groups["rate"].max()
    )


def decide(totals: pd.DataFrame, cells: pd.DataFrame, *, detection: Mapping[str, Any]) -> pd.DataFrame:
    """p-values of each sample, the test that decides, and the call.

    Parameters
    ----------
    totals : pandas.DataFrame
        As from :func:`expectations`.
    cells : pandas.DataFrame
        Its rows, with tumour_vaf and error_overdispersion (missing: the configured one).
    detection : Mapping
        Section ``ctdna.detection``.

    Returns
    -------
    pandas.DataFrame
        Index of totals: p_poisson, p_exact, p, method, detected (missing where no test could be made).
    """
    alt = totals["distinct_alt_fragments"].to_numpy()
    expected = totals["expected_background"].to_numpy()
    mean, sd = totals["background_mean"].to_numpy(), totals["background_sd"].to_numpy()
    by_sample = _by_sample(totals, cells, detection["overdispersion"])
    result = pd.DataFrame({"p_poisson": poisson_p(alt, expected)}, index=totals.index)
    result["p_exact"] = _exact_p(alt, result["p_poisson"].to_numpy(), by_sample)
    method = _methods(totals, detection)
    estimated = estimated_background_p(alt, mean, sd)
    result["p"] = np.select(
        [method == "poisson", method == "poisson, estimated background", method == "poisson_binomial"],
        [result["p_poisson"], estimated, result["p_exact"].fillna(result["p_poisson"])],
        np.nan,
    )
    result["method"] = method
    if detection["method"] in SINGLE_TESTS:
        result["p"] = _single_p(alt, by_sample, detection)
    result["detected"] = _detected(result, totals, detection)
    if detection["rule"] == "variants":
        result["method"] = "called variants"
    return result


def critical_counts(totals: pd.DataFrame, cells: pd.DataFrame, *, detection: Mapping[str, Any]) -> pd.Series:
    """Smallest number of distinct alt fragments that each sample's test would call, k*.

    By the deciding test; Monte Carlo and likelihood ratio, which depend on how the fragments spread over the
    variants, have the Poisson test's. Parameters as in :func:`decide`; missing where no test can be made, and
    under rule "variants", which goes by no number of fragments.
    """
    if detection["rule"] == "variants":
        return pd.Series(np.nan, index=totals.index)
    method = _methods(totals, detection)
    known = method == "poisson"
    critical = critical_count(
        np.where(known, totals["expected_background"], totals["background_mean"]),
        np.where(known, 0.0, totals["background_sd"]),
        alpha=detection["alpha"],
        min_alt_fragments=detection["min_alt_fragments"],
    )
    by_sample = _by_sample(totals, cells, detection["overdispersion"])
    for number in np.flatnonzero(np.isin(method, list(CRITICAL_BY_P))):
        critical[number] = _critical_by_p(CRITICAL_BY_P[method[number]], by_sample(number), detection)
    return pd.Series(critical, index=totals.index, dtype=float)


def _methods(totals: pd.DataFrame, detection: Mapping[str, Any]) -> np.ndarray:
    if detection["method"] != "default":
        return np.full(len(totals), detection["method"], dtype=object)
    return np.select(
        [totals["background_sd"] > 0, totals["largest_rate"] > detection["exact_above"]],
        ["poisson, estimated background", "poisson_binomial"],
        "poisson",
    ).astype(object)


def _by_sample(totals: pd.DataFrame, cells: pd.DataFrame, overdispersion: float) -> Callable[[int], Cells]:
    ordered = cells.sort_values("sample_id", kind="stable")
    names = ordered["sample_id"].to_numpy()
    first = np.searchsorted(names, totals.index.to_numpy(), side="left")
    last = np.searchsorted(names, totals.index.to_numpy(), side="right")
    spread = ordered["error_overdispersion"].astype(float).fillna(overdispersion)
    columns = [
        ordered["alt_count"].astype(float),
        ordered["depth"].astype(float),
        ordered["error_rate"],
        spread,
        ordered["tumour_vaf"],
    ]
    arrays = [column.to_numpy(dtype=float) for column in columns]
    classes = substitution_class(ordered["ref"], ordered["alt"]).to_numpy()
    events = ordered[["error_events", "error_depth"]].to_numpy(dtype=float)

    def of(number: int) -> Cells:
        here = slice(first[number], last[number])
        _, one_of_class = np.unique(classes[here], return_index=True)
        background = events[here][one_of_class].sum(axis=0)
        return Cells(*(array[here] for array in arrays), float(background[0]), float(background[1]))

    return of


def _exact_p(alt: np.ndarray, p_poisson: np.ndarray, by_sample: Callable[[int], Cells]) -> np.ndarray:
    exact = np.where(alt == 0, 1.0, np.nan)
    wanted = (alt > 0) & (alt <= MOST_EXACT_TERMS) & (p_poisson >= EXACT_FROM)
    for number in np.flatnonzero(wanted):
        cells = by_sample(number)
        exact[number] = poisson_binomial_p(int(alt[number]), cells.depth, cells.rate)
    return exact


def _single_p(
    alt: np.ndarray, by_sample: Callable[[int], Cells], detection: Mapping[str, Any]
) -> list[float]:
    p_of = SINGLE_TESTS[detection["method"]]
    return [p_of(int(count), by_sample(number), detection) for number, count in enumerate(alt)]


def _beta_binomial(alt: int, cells: Cells, detection: Mapping[str, Any]) -> float:
    alpha, beta = _beta_parameters(cells)
    return beta_binomial_p(alt, cells.depth, alpha, beta)


def _beta_parameters(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    total = 1 / np.maximum(cells.overdispersion, SMALLEST_OVERDISPERSION) - 1
    return cells.rate * total, (1 - cells.rate) * total


def _fisher(alt: int, cells: Cells, detection: Mapping[str, Any]) -> float:
    if not np.isfinite(cells.background_depth):
        return np.nan
    depth = int(cells.depth.sum())
    if alt > depth:
        return 0.0
    return fisher(alt, depth, int(cells.background_alt), int(cells.background_depth)).p


def _monte_carlo(alt: int, cells: Cells, detection: Mapping[str, Any]) -> float:
    return monte_carlo_p(cells.alt, cells.depth, cells.rate, draws=detection["draws"], seed=detection["seed"])


def _likelihood_ratio(alt: int, cells: Cells, detection: Mapping[str, Any]) -> float:
    return likelihood_ratio_p(
        cells.alt, cells.depth, cells.tumour_vaf, cells.rate, draws=detection["draws"], seed=detection["seed"]
    )


def _critical_by_p(
    p_of: Callable[[int, Cells, Mapping], float], cells: Cells, detection: Mapping[str, Any]
) -> float:
    if np.isnan(p_of(1, cells, detection)):
        return np.nan
    return smallest_count(
        lambda count: p_of(count, cells, detection),
        alpha=detection["alpha"],
        least=detection["min_alt_fragments"],
    )


def _exact(alt: int, cells: Cells, detection: Mapping[str, Any]) -> float:
    """The exact sum; the Poisson p where that is below 1e-12 or the sum would have too many terms."""
    p = float(poisson_p(alt, np.dot(cells.depth, cells.rate)))
    settled = p < EXACT_FROM or alt > MOST_EXACT_TERMS
    return p if settled else poisson_binomial_p(alt, cells.depth, cells.rate)


SINGLE_TESTS = {
    "poisson_binomial": _exact,
    "beta_binomial": _beta_binomial,
    "fisher": _fisher,
    "monte_carlo": _monte_carlo,
    "likelihood_ratio": _likelihood_ratio,
}
CRITICAL_BY_P = {name: SINGLE_TESTS[name] for name in ("poisson_binomial", "beta_binomial", "fisher")}


def _detected(result: pd.DataFrame, totals: pd.DataFrame, detection: Mapping[str, Any]) -> pd.Series:
    if detection["rule"] == "variants":
        return (totals["n_called"] >= detection["min_variants"]).astype("boolean")
    significant = (result["p"] < detection["alpha"]).astype("boolean").mask(result["p"].isna())
    return significant & (totals["distinct_alt_fragments"] >= detection["min_alt_fragments"])


def mean_signal(
    critical: pd.Series,
    totals: pd.DataFrame,
    cells: pd.DataFrame,
    *,
    detection: Mapping[str, Any],
    power: float,
) -> np.ndarray:
    """Mean number of tumour fragments that is detected with the wanted power, per sample.

    Poisson background: ``L - L0`` with ``P(Poisson(L) >= k*) = power``. Binomial and beta-binomial
    backgrounds: the signal is added to the distribution of the background. Rule "variants": at least
    ``min_variants`` variants must show ``fragments_of_a_call`` fragments each, whatever k*.
    """
    counts = critical.to_numpy(dtype=float)
    by_sample = _by_sample(totals, cells, detection["overdispersion"])
    if detection["rule"] == "variants":
        return np.array([_signal_of_variants(by_sample(n), detection, power) for n in range(len(totals))])
    signal = mean_for_power(counts, power) - totals["expected_background"].to_numpy()
    method = _methods(totals, detection)
    for number in np.flatnonzero(np.isfinite(counts) & np.isin(method, list(_SIGNALS))):
        solve = _SIGNALS[method[number]]
        signal[number] = solve(by_sample(number), int(counts[number]), power)
    return signal


def _signal_over_binomials(cells: Cells, count: int, power: float) -> float:
    pmfs = binomial_pmfs(cells.depth, cells.rate, count)
    return signal_for_power(sum_of_counts(pmfs, count), count, power)


def _signal_over_beta_binomials(cells: Cells, count: int, power: float) -> float:
    pmfs = beta_binomial_pmfs(cells.depth, *_beta_parameters(cells), count)
    return signal_for_power(sum_of_counts(pmfs, count), count, power)


def _signal_of_variants(cells: Cells, detection: Mapping[str, Any], power: float) -> float:
    return signal_for_variants(
        cells.depth,
        fragments=detection["fragments_of_a_call"],
        variants=detection["min_variants"],
        power=power,
    )


_SIGNALS = {
    "poisson_binomial": _signal_over_binomials,
    "beta_binomial": _signal_over_beta_binomials,
}
