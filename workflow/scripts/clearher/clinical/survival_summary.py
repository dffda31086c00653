"""Statistics and curve of one survival endpoint in one group."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.clinical.estimates import estimate
from clearher.statistics.survival import kaplan_meier, quantile, reverse_kaplan_meier, survival_at

QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}


def survival_rows(times: pd.DataFrame, *, settings: Mapping) -> tuple[list[dict], pd.DataFrame]:
    """Statistics and curve of one endpoint in one group.

    Parameters
    ----------
    times : pandas.DataFrame
        Rows of TIME_TO_EVENT of one endpoint, rule and group; not empty.
    settings : Mapping
        ``clinical.statistics``.

    Returns
    -------
    tuple
        Rows (statistic, n events, N subjects, estimate, low, high in months or fraction) and the
        Kaplan-Meier curve with time in months and time_days.

    References
    ----------
    Brookmeyer and Crowley 1982 (limits of quantiles); Schemper and Smith 1996 (follow-up).
    """
    days, event = times["days"].to_numpy(float), times["event"].to_numpy(bool)
    curve = kaplan_meier(days, event, settings["confidence"], settings["km_band"])
    rows = [_events(event), *_quantiles(curve, settings), *_landmarks(curve, settings)]
    rows += [_follow_up(days, event, settings), *_range(days, settings)]
    counts = {"n": int(event.sum()), "N": len(times)}
    curve = curve.rename(columns={"time": "time_days"})
    curve = curve.assign(time=curve["time_days"] / settings["days_per_month"])
    return [row | counts for row in rows], curve


def short_rows(times: pd.DataFrame, *, settings: Mapping) -> list[dict]:
    """Events and median only, for the comparison of sensitivity rules; parameters as above."""
    rows, _ = survival_rows(times, settings=settings)
    return [row for row in rows if row["statistic"] in ("events", "median")]


def onset_rows(times: pd.DataFrame, *, settings: Mapping) -> list[dict]:
    """Median and range of a time that everybody in the group reached, such as the time to response."""
    days = times["days"].to_numpy(float)
    median = estimate("median", [np.median(days) / settings["days_per_month"]], "months", "median of all")
    return [row | {"n": len(days), "N": len(days)} for row in (median, *_range(days, settings))]


def _events(event: np.ndarray) -> dict:
    return estimate("events", [event.mean()], "fraction", "events of all subjects")


def _follow_up(days: np.ndarray, event: np.ndarray, settings: Mapping) -> dict:
    how = f"reverse Kaplan-Meier (censoring is the event), {settings['km_band']} band"
    curve = reverse_kaplan_meier(days, event, settings["confidence"], settings["km_band"])
    found = quantile(curve, 0.5, settings["plateau_at_end"])
    return estimate(
        "follow_up_median", [value / settings["days_per_month"] for value in found], "months", how
    )


def _range(days: np.ndarray, settings: Mapping) -> list[dict]:
    month = settings["days_per_month"]
    return [
        estimate("min", [days.min() / month], "months", "shortest time, censored or not"),
        estimate("max", [days.max() / month], "months", "longest time, censored or not"),
    ]


def _quantiles(curve: pd.DataFrame, settings: Mapping) -> list[dict]:
    how = f"Kaplan-Meier, limits from the inverted {settings['km_band']} band (Brookmeyer-Crowley)"
    rows = []
    for name, share in QUARTILES.items():
        found = quantile(curve, share, settings["plateau_at_end"])
        rows.append(estimate(name, [value / settings["days_per_month"] for value in found], "months", how))
    return rows


def _landmarks(curve: pd.DataFrame, settings: Mapping) -> list[dict]:
    how = f"Kaplan-Meier, {settings['km_band']} band"
    month = settings["days_per_month"]
    return [
        estimate(f"survival_{moment:g}m", survival_at(curve, moment * month), "fraction", how)
        for moment in settings["landmark_months"]
    ]
