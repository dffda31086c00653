"""Time to event against variables known at baseline."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from scipy import special

from clearher.association.declared import Analysis
from clearher.association.frames import known_rows, number, scored, survival_rows
from clearher.association.results import NAN, Analysed, Row, counted, sentences
from clearher.association.survival_rows import (
    adjusted_cox,
    contrast_rows,
    group_counts,
    group_curves,
    median_rows,
    test_row,
)
from clearher.association.time_order import CannotRunError
from clearher.statistics.cox import cox_ml
from clearher.statistics.exact_log_rank import permutation_log_rank
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.spline import knots, restricted_cubic_spline
from clearher.statistics.survival import log_rank, log_rank_trend

SMALL_LEVEL = 25
"""Below it the chi-square of several levels has too many false positives: docs/methods.md, section 11.1."""


def levels_survival(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """Time to event by ordered level: log-rank for trend, log-rank, medians, Cox per level and by contrast.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Rows of the analysis set, already cut to the population.
    analysis : Analysis
        outcome (pfs or os), predictor (a variable with scores), adjustment.
    settings : Mapping
        The config section ``association``.
    """
    known, gone = survival_rows(subjects, analysis.outcome)
    chosen = scored(known, analysis.predictor, settings)
    frame, names = chosen.subjects, list(chosen.scale)
    groups, days, event = frame[analysis.predictor], frame["days"], frame["event"]
    text = group_counts(groups, event, names)
    trend = log_rank_trend(days, event, chosen.scores)
    trend_row = test_row(
        "log-rank trend",
        trend,
        frame,
        text,
        method="log-rank test for trend, hypergeometric variance",
        why_method="One degree of freedom: uses the declared order of the levels.",
        caveat=sentences(chosen.left, gone),
        headline=True,
    )
    rows = [
        _without_p_of_few_events(trend_row, settings["min_events_for_hr"]),
        *_unordered_rows(frame, groups, text, settings),
        *median_rows(groups, days, event, names, settings),
        *adjusted_cox("per level", frame, chosen.scores, analysis, settings, text=text),
        *contrast_rows(groups, days, event, names, settings),
    ]
    return Analysed(rows, curves=group_curves(groups, days, event, names, settings))


def _unordered_rows(frame: pd.DataFrame, groups: pd.Series, text: str, settings: Mapping) -> list[Row]:
    """The log-rank test without an order that suits the smallest level, and a chi-square that does not."""
    days, event, least = frame["days"], frame["event"], settings["min_events_for_hr"]
    chi_square, smallest = log_rank(days, event, groups), int(groups.value_counts().min())
    method = "log-rank test, no order assumed"
    if smallest >= SMALL_LEVEL:
        why = f"Chi-square: every level has {SMALL_LEVEL} subjects or more."
        row = test_row("log-rank", chi_square, frame, text, method=method, why_method=why)
        return [_without_p_of_few_events(row, least)]
    permuted = permutation_log_rank(days, event, groups, seed=settings["seed"])
    usual = Row(
        "log-rank",
        p=permuted.p,
        groups=text,
        n=len(frame),
        events=int(event.sum()),
        method=f"permutation {method}, {permuted.how}",
        why_method=f"Permutation: {counted(smallest, 'subject')} in the smallest level.",
    )
    warning = "Too few subjects in a level for the chi-square."
    beside = test_row("log-rank, chi-square", chi_square, frame, text, method=method, caveat=warning)
    return [usual, _without_p_of_few_events(beside, least)]


def number_survival(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """Time to event by a number: Cox per unit, adjusted, proportional hazards, non-linearity."""
    known, gone = survival_rows(subjects, analysis.outcome)
    filled, missing = known_rows(known, [analysis.predictor])
    if filled.empty:
        raise CannotRunError(f"No subject has a value of {analysis.predictor}.")
    x, note = number(filled, analysis.predictor, analysis.transform)
    unit = settings["units"].get(analysis.predictor, 1.0) if analysis.transform == "none" else 1.0
    per = (
        f"per tenfold {analysis.predictor}"
        if analysis.transform == "log10"
        else f"per {unit:g} {analysis.predictor}"
    )
    rows = adjusted_cox(per, filled, x, analysis, settings, unit=unit)
    rows[0] = replace(rows[0], headline=True, caveat=sentences(gone, missing, note, rows[0].caveat))
    return Analysed([*rows, _bend_row(filled, x, settings["min_events_for_hr"])])


def _without_p_of_few_events(row: Row, least: int) -> Row:
    """A chi-square of fewer events than a hazard ratio needs is far from its distribution."""
    if row.events is None or row.events >= least or pd.isna(row.p):
        return row
    return replace(row, p=NAN, caveat=sentences(row.caveat, _too_few(row.events, least)))


def _too_few(events: int, least: int) -> str:
    return f"No p: {counted(events, 'event')}, fewer than {least}, too few for the chi-square."


def _bend_row(frame: pd.DataFrame, x: pd.Series, least: int) -> Row:
    common = {
        "n": len(frame),
        "events": int(frame["event"].sum()),
        "method": "restricted cubic spline, 3 knots at the 10th, 50th and 90th percentile, likelihood ratio",
    }
    if common["events"] < least:
        return Row("non-linearity", caveat=_too_few(common["events"], least), **common)
    try:
        basis = restricted_cubic_spline(x, knots(x))
        bent = cox_ml(frame["days"], frame["event"], basis)
        straight = cox_ml(frame["days"], frame["event"], basis[["linear"]])
    except NotEstimableError as reason:
        return Row("non-linearity", caveat=f"Not estimable: {reason}.", **common)
    gain = max(0.0, 2 * (bent.log_likelihood - straight.log_likelihood))
    return Row("non-linearity", p=float(special.chdtrc(1, gain)), **common)
