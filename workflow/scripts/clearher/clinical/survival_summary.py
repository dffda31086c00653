"""Statistics and curve of one survival endpoint in one group."""

from collections.abc import Mapping

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
    month = settings["days_per_month"]
    days, event = times["days"].to_numpy(float), times["event"].to_numpy(bool)
    curve = kaplan_meier(days, event, settings["confidence"], settings["km_band"])
    share = estimate("events", [event.mean()], "fraction", "events of all subjects")
    rows = [share, *_quantiles(curve, settings), *_landmarks(curve, settings)]
    reverse = reverse_kaplan_meier(days, event, settings["confidence"])
    follow = [value / month for value in quantile(reverse, 0.5, settings["plateau_at_end"])]
    rows.append(
        estimate("follow_up_median", follow, "months", "reverse Kaplan-Meier (censoring is the event)")
    )
    rows += [estimate("min", [days.min() / month], "months", "shortest time, censored or not")]
    rows += [estimate("max", [days.max() / month], "months", "longest time, censored or not")]
    counts = {"n": int(event.sum()), "N": len(times)}
    curve = curve.rename(columns={"time": "time_days"})
    return [row | counts for row in rows], curve.assign(time=curve["time_days"] / month)


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
