"""The error rate of each tracked variant in each sample, and where it comes from."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.background import pooled, substitution_class
from clearher.tables import conform

VARIANT = ["chrom", "pos", "ref", "alt"]
RATE_COLUMNS = ["error_rate", "error_source", "error_events", "error_depth", "error_overdispersion"]


def error_rate_for(
    sites: pd.DataFrame,
    backgrounds: pd.DataFrame,
    *,
    settings: Mapping[str, Any],
    controls: Collection[str] = (),
    control_counts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Error rate per allele and molecule of each variant in each sample.

    The class rate ``e_c = errors / bases`` comes from the sample's own reads, else from the controls' reads
    pooled, else from the config; a source counts where its class has at least ``error.min_class_depth``
    bases. Counts that come from a variant file or a laboratory go by the config, for no background was
    counted their way. Where controls were counted at the variant itself, its rate is shrunk to the class:
    ``(x + K e_c) / (n + K)`` with K = ``error.shrinkage_depth``. A class without errors has 1 / its depth.
    No rate is below the floor; the larger one wins.

    Parameters
    ----------
    sites : pandas.DataFrame
        sample_id, chrom, pos, ref, alt, source ("bam" where counted from reads).
    backgrounds : pandas.DataFrame
        Tables BACKGROUND of all read files, one below the other; may be empty.
    settings : Mapping
        Section ``ctdna``; uses ``error`` and ``counting.consensus`` (which floor).
    controls : collection of str
        Samples of healthy people among the backgrounds.
    control_counts : pandas.DataFrame, optional
        Table COUNTS of the controls at the tracked variants.

    Returns
    -------
    pandas.DataFrame
        Index of the sites: error_rate (missing for classes that cannot be counted), error_source (bam,
        controls or config; "+ site" where shrunk, "(1/depth)" or "(floor)" where that decided), error_events
        and error_depth (errors and bases behind the rate, effective bases where it is shrunk; missing where
        the rate is set, not estimated),
        error_overdispersion (``1 / (alpha + beta + 1)`` of the source's beta distribution; missing without).

    References
    ----------
    ctDNA/TNER TNER_main.R (shrinkage idea); nrlab-CRUK/INVAR2 (1 / depth for empty classes);
    hartwigmedical/hmftools wisp PurityConstants.java (duplex floor).
    """
    error = settings["error"]
    floor = error["duplex_floor"] if settings["counting"]["consensus"] == "duplex" else error["floor"]
    rates = _configured(substitution_class(sites["ref"], sites["alt"]), error)
    own = backgrounds[~backgrounds["sample_id"].isin(list(controls))]
    for name, table in (("controls", _pooled_controls(backgrounds, controls)), ("bam", own)):
        rates = _replaced(rates, _class_rates(sites, rates["substitution"], table, name), name, error)
    if control_counts is not None and len(control_counts):
        rates = _shrunk(rates, sites, control_counts, error["shrinkage_depth"])
    low = rates["error_rate"] < floor
    rates["error_rate"] = rates["error_rate"].mask(low, floor)
    rates["error_source"] = rates["error_source"].mask(low, rates["error_source"] + " (floor)")
    return rates[RATE_COLUMNS]


def with_error_rates(
    tracking: pd.DataFrame,
    backgrounds: pd.DataFrame,
    *,
    settings: Mapping[str, Any],
    controls: Collection[str] = (),
    control_counts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Table ``ctdna/tracking`` with the error columns of :func:`error_rate_for` filled in.

    Cells without counts keep them missing.
    """
    rates = error_rate_for(
        tracking, backgrounds, settings=settings, controls=controls, control_counts=control_counts
    )
    counted = tracking["depth"].notna()
    rates = rates.where(counted)
    rates["error_source"] = rates["error_source"].fillna("")
    return conform(tracking.assign(**rates), columns.TRACKING)


def _configured(substitution: pd.Series, error: Mapping[str, Any]) -> pd.DataFrame:
    stated = substitution.map(dict(error["rates"])).astype(float).fillna(error["default_rate"])
    known = substitution != ""
    return pd.DataFrame(
        {
            "substitution": substitution,
            "error_rate": stated.where(known),
            "error_source": known.map({True: "config", False: ""}),
            "error_events": np.nan,
            "error_depth": np.nan,
            "error_overdispersion": np.nan,
        }
    )


def _pooled_controls(backgrounds: pd.DataFrame, controls: Collection[str]) -> pd.DataFrame:
    chosen = backgrounds[backgrounds["sample_id"].isin(list(controls))]
    return pooled(chosen, "") if len(chosen) else chosen


def _class_rates(
    sites: pd.DataFrame, substitution: pd.Series, table: pd.DataFrame, name: str
) -> pd.DataFrame:
    """Errors and bases of each site's class in one source, row by row; missing where it has none."""
    keys = pd.DataFrame({"sample_id": sites["sample_id"], "substitution": substitution})
    counts = table[["sample_id", "substitution", "alt", "depth"]].rename(columns={"alt": "errors"})
    counts["overdispersion"] = 1 / (table["alpha"] + table["beta"] + 1)
    on = ["substitution"] if name == "controls" else ["sample_id", "substitution"]
    found = keys.merge(counts.drop(columns=[c for c in ("sample_id",) if c not in on]), on=on, how="left")
    numbers = found[["errors", "depth", "overdispersion"]].astype("Float64").astype(float)
    numbers[(sites["source"] != "bam").to_numpy()] = np.nan
    return numbers.set_axis(sites.index)


def _replaced(rates: pd.DataFrame, counts: pd.DataFrame, name: str, error: Mapping[str, Any]) -> pd.DataFrame:
    enough = counts["depth"] >= error["min_class_depth"]
    none_seen = enough & (counts["errors"] == 0)
    rate = counts["errors"].clip(lower=1) / counts["depth"]
    source = pd.Series(name, index=rates.index).mask(none_seen, f"{name} (1/depth)")
    return rates.assign(
        error_rate=rates["error_rate"].mask(enough, rate),
        error_source=rates["error_source"].mask(enough, source),
        error_events=rates["error_events"].mask(enough, counts["errors"]),
        error_depth=rates["error_depth"].mask(enough, counts["depth"]),
        error_overdispersion=rates["error_overdispersion"].mask(enough, counts["overdispersion"]),
    )


def _shrunk(
    rates: pd.DataFrame, sites: pd.DataFrame, control_counts: pd.DataFrame, shrinkage_depth: float
) -> pd.DataFrame:
    sums = control_counts.groupby(VARIANT, as_index=False)[["alt_count", "depth"]].sum()
    found = sites[VARIANT].merge(sums, on=VARIANT, how="left").set_axis(sites.index)
    numbers = found[["alt_count", "depth"]].astype("Float64").astype(float)
    here = (numbers["depth"] > 0) & (sites["source"] == "bam") & rates["error_rate"].notna()
    shrunk = shrunk_rate(numbers["alt_count"], numbers["depth"], rates["error_rate"], shrinkage_depth)
    return rates.assign(
        error_rate=rates["error_rate"].mask(here, shrunk),
        error_source=rates["error_source"].mask(here, rates["error_source"] + " + site"),
        error_depth=rates["error_depth"].mask(here, rates["error_events"].clip(lower=1) / shrunk),
    )


def shrunk_rate(errors: Any, depth: Any, class_rate: Any, shrinkage_depth: float) -> Any:
    """Rate of a site drawn towards its class: ``(x + K e_c) / (n + K)``.

    Parameters
    ----------
    errors, depth : array_like
        Errors x and bases n of the site in controls.
    class_rate : array_like
        Rate e_c of its class.
    shrinkage_depth : float
        K, the weight of the class in bases.
    """
    return (errors + shrinkage_depth * class_rate) / (depth + shrinkage_depth)
