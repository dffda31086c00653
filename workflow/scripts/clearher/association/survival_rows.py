"""Rows and curves that every analysis of a time to event shares."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from clearher.association.declared import Analysis
from clearher.association.frames import design, known_rows
from clearher.association.results import NAN, Row, ratio_row, sentences
from clearher.statistics.cox import Fit, cox, cox_zph
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.proportions import Interval
from clearher.statistics.survival import TestResult, kaplan_meier, quantile

PREDICTOR = "predictor"
COX_NAMES = {
    "ml": "Cox regression, Efron ties, Wald interval",
    "firth": "Firth's penalised Cox regression, Efron ties, profile interval, penalised likelihood-ratio p",
}


def group_counts(groups: pd.Series, event: pd.Series, names: Sequence[str]) -> str:
    """Events and subjects by group, in words: "cleared 4/12; not cleared 9/14"."""
    parts = []
    for name in names:
        inside = groups == name
        if inside.any():
            parts.append(f"{name} {int(event[inside].sum())}/{int(inside.sum())}")
    return "; ".join(parts)


def group_curves(
    groups: pd.Series, days: pd.Series, event: pd.Series, names: Sequence[str], settings: Mapping
) -> pd.DataFrame:
    """Kaplan-Meier curve of each group that has subjects."""
    parts = []
    for name in names:
        inside = (groups == name).to_numpy()
        if not inside.any():
            continue
        curve = kaplan_meier(days[inside], event[inside], settings["confidence"])
        curve = curve.rename(columns={"time": "time_days"})
        curve.insert(0, "group", name)
        curve["time"] = curve["time_days"] / settings["days_per_month"]
        parts.append(curve.astype({"time_days": "Int64"}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def median_rows(
    groups: pd.Series, days: pd.Series, event: pd.Series, names: Sequence[str], settings: Mapping
) -> list[Row]:
    """Median in months of each group; missing where the curve does not reach one half."""
    rows = []
    for name in names:
        inside = (groups == name).to_numpy()
        if not inside.any():
            continue
        curve = kaplan_meier(days[inside], event[inside], settings["confidence"])
        median = Interval(*(value / settings["days_per_month"] for value in quantile(curve, 0.5)))
        n, events = int(inside.sum()), int(event[inside].sum())
        rows.append(
            Row(
                f"median: {name}",
                median.estimate,
                "median months",
                median.low,
                median.high,
                groups=f"{name} {events}/{n}",
                n=n,
                events=events,
                method="Kaplan-Meier, log-log interval",
                caveat="The median is not reached." if np.isnan(median.estimate) else "",
            )
        )
    return rows


def cox_rows(
    term: str,
    days: pd.Series,
    event: pd.Series,
    covariates: pd.DataFrame,
    predictor: str,
    settings: Mapping,
    *,
    unit: float = 1.0,
    caveat: str = "",
    proportionality: bool = True,
    groups: str = "",
    entry: pd.Series | None = None,
) -> list[Row]:
    """Hazard ratio of a predictor, and the test of proportional hazards of the model it stands in."""
    events = int(event.sum())
    common = {"n": len(days), "events": events, "groups": groups}
    if events < settings["min_events_for_hr"]:
        few = f"{events} events, fewer than {settings['min_events_for_hr']}: no hazard ratio is given."
        return [
            Row(
                term,
                estimate_name="hazard ratio",
                method="not estimated",
                caveat=sentences(caveat, few),
                **common,
            )
        ]
    try:
        fit = cox(days, event, covariates, confidence=settings["confidence"], entry=entry)
    except NotEstimableError as reason:
        said = sentences(caveat, f"Not estimable: {reason}.")
        return [Row(term, estimate_name="hazard ratio", method="not estimable", caveat=said, **common)]
    row = ratio_row(
        term,
        fit,
        predictor,
        "hazard ratio",
        unit,
        method=COX_NAMES[fit.method],
        why_method=_why(fit, covariates),
        caveat=caveat,
        **common,
    )
    if not proportionality:
        return [row]
    return [row, _zph_row(term, days, event, covariates, settings["alpha"], common)]


def adjusted_cox(
    term: str,
    frame: pd.DataFrame,
    x: pd.Series,
    analysis: Analysis,
    settings: Mapping,
    *,
    unit: float = 1.0,
    text: str = "",
) -> list[Row]:
    """Hazard ratio of a predictor alone, and adjusted for the declared variables."""
    rows = cox_rows(
        f"{term}, Cox",
        frame["days"],
        frame["event"],
        x.rename(PREDICTOR).to_frame(),
        PREDICTOR,
        settings,
        unit=unit,
        groups=text,
    )
    if not analysis.adjustment:
        return rows
    name = f"{term}, Cox adjusted for {', '.join(analysis.adjustment)}"
    absent = [variable for variable in analysis.adjustment if variable not in frame]
    if absent:
        return [*rows, Row(name, method="not run", caveat=f"The data hold no {', '.join(absent)}.")]
    known, missing = known_rows(frame.assign(_x=x.to_numpy()), analysis.adjustment)
    covariates = pd.concat(
        [known["_x"].rename(PREDICTOR).astype(float), design(known, analysis.adjustment)], axis=1
    )
    return rows + cox_rows(
        name, known["days"], known["event"], covariates, PREDICTOR, settings, unit=unit, caveat=missing
    )


def contrast_rows(
    groups: pd.Series, days: pd.Series, event: pd.Series, names: Sequence[str], settings: Mapping
) -> list[Row]:
    """Hazard ratio of every level against the lowest one that has subjects, from one model of all levels.

    Firth where a level has no event: its maximum likelihood estimate would be 0.
    """
    filled = [name for name in names if (groups == name).any()]
    if len(filled) < 2:
        return []
    lowest, *others = filled
    x = pd.concat([(groups == name).astype(float).rename(name) for name in others], axis=1)
    term = f"{{}} against {lowest}, Cox"
    try:
        fit = cox(days, event, x, confidence=settings["confidence"])
    except NotEstimableError as reason:
        why = f"Not estimable: {reason}."
        return [Row(term.format("levels"), estimate_name="hazard ratio", method="not estimable", caveat=why)]
    rows = []
    for name in others:
        counts = group_counts(groups, event, [lowest, name])
        own = groups.isin([lowest, name])
        numbers = {"groups": counts, "n": int(own.sum()), "events": int(event[own].sum())}
        if numbers["events"] < settings["min_events_for_hr"]:
            few = f"{numbers['events']} events, fewer than {settings['min_events_for_hr']}: no hazard ratio."
            rows.append(Row(term.format(name), method="not estimated", caveat=few, **numbers))
            continue
        how = {"method": f"{COX_NAMES[fit.method]}; one model of all levels", "why_method": _why(fit, x)}
        rows.append(ratio_row(term.format(name), fit, name, "hazard ratio", **how, **numbers))
    return rows


def test_row(term: str, test: TestResult, frame: pd.DataFrame, groups: str, **rest) -> Row:
    """A row with a chi-square test of a time to event."""
    return Row(
        term,
        test.statistic,
        "chi-square",
        p=test.p,
        groups=groups,
        n=len(frame),
        events=int(frame["event"].sum()) if len(frame) else 0,
        **rest,
    )


def _why(fit: Fit, covariates: pd.DataFrame) -> str:
    if fit.reason:
        return fit.reason
    per = fit.events / covariates.shape[1]
    return f"Maximum likelihood: it is finite, every group has events; {per:.1f} events a parameter."


def _zph_row(
    term: str, days: pd.Series, event: pd.Series, covariates: pd.DataFrame, alpha: float, common: dict
) -> Row:
    name = f"proportional hazards: {term}"
    method = "score test of Grambsch and Therneau, time scale 1 - S(t)"
    try:
        test = cox_zph(days, event, covariates, "km").loc["GLOBAL"]
    except NotEstimableError as reason:
        return Row(name, method=method, caveat=f"Not estimable: {reason}.", **common)
    p = float(test["p"]) if np.isfinite(test["p"]) else NAN
    warning = "The hazard ratio changes over time: it is an average." if p < alpha else ""
    return Row(name, float(test["statistic"]), "chi-square", p=p, method=method, caveat=warning, **common)
