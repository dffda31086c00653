"""Time to event against baseline variables, at a landmark, and with a status that changes over time."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from scipy import stats

from clearher.association.declared import Analysis
from clearher.association.frames import design, known_rows, number, scored, survival_rows
from clearher.association.landmark import (
    GROUPS,
    NOT_AT_BASELINE,
    Landmark,
    landmark_set,
    landmarks,
    left_out,
    status_groups,
    visit_status,
)
from clearher.association.results import Analysed, Row, counted, sentences
from clearher.association.survival_rows import cox_rows, group_counts, group_curves, median_rows
from clearher.association.time_order import CannotRunError
from clearher.statistics.cox import cox
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.spline import knots, restricted_cubic_spline
from clearher.statistics.survival import TestResult, log_rank, log_rank_trend

PREDICTOR = "predictor"


def levels_survival(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """Time to event by ordered level: medians, log-rank for trend, log-rank, Cox per level.

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
    rows = [
        _test_row(
            "log-rank trend",
            trend,
            frame,
            text,
            method="log-rank test for trend, hypergeometric variance",
            why_method="One degree of freedom: uses the declared order of the levels.",
            caveat=sentences(chosen.left, gone),
            headline=True,
        ),
        _test_row(
            "log-rank", log_rank(days, event, groups), frame, text, method="log-rank test, no order assumed"
        ),
        *median_rows(groups, days, event, names, settings),
        *_adjusted_cox("per level", frame, chosen.scores, analysis, settings, text=text),
    ]
    return Analysed(rows, curves=group_curves(groups, days, event, names, settings))


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
    rows = _adjusted_cox(per, filled, x, analysis, settings, unit=unit)
    rows[0] = replace(rows[0], headline=True, caveat=sentences(gone, missing, note, rows[0].caveat))
    return Analysed([*rows, _bend_row(filled, x)])


def landmark_survival(
    subjects: pd.DataFrame, visits: pd.DataFrame, analysis: Analysis, settings: Mapping
) -> Analysed:
    """Time to event from a landmark by ctDNA status known there; further landmarks as sensitivity."""
    known, gone = survival_rows(subjects, analysis.outcome)
    first, *grid = landmarks(analysis, settings)
    members = landmark_set(known, visits, first, analysis.status)
    rows, curves = _landmark_rows(known, members, first, analysis, settings, gone)
    for landmark in grid:
        rows += _grid_rows(
            known, landmark_set(known, visits, landmark, analysis.status), landmark, analysis, settings
        )
    return Analysed(rows, landmark_curves=curves, landmark_sets=members)


def time_varying(
    subjects: pd.DataFrame, visits: pd.DataFrame, analysis: Analysis, settings: Mapping
) -> Analysed:
    """Cox regression with the ctDNA status switching on the day of the first sample that shows it."""
    known, gone = survival_rows(subjects, analysis.outcome)
    detected = known[known["ctdna_baseline_state"] == "DETECTED"].reset_index(drop=True)
    if detected.empty:
        raise CannotRunError("No subject has ctDNA detected at baseline.")
    complete, missing = known_rows(detected, analysis.adjustment)
    lower, upper = status_groups(analysis.status)
    switched = complete.merge(first_days(visits, analysis.status), on="subject_id", how="left")
    intervals = start_stop(switched)
    x = pd.concat([intervals["status"].rename(PREDICTOR), design(intervals, analysis.adjustment)], axis=1)
    counts = group_counts(
        intervals["status"].map({0.0: lower, 1.0: upper}), intervals["event"], [lower, upper]
    )
    others = len(known) - len(detected)
    rows = cox_rows(
        f"{upper} against {lower}",
        intervals["stop"],
        intervals["event"],
        x,
        PREDICTOR,
        settings,
        entry=intervals["start"],
        proportionality=False,
        groups=f"events / intervals: {counts}",
        caveat=sentences(
            gone,
            f"Left out: {counted(others, 'subject')} without ctDNA at baseline." if others else "",
            missing,
        ),
    )
    why = "Time-varying: a subject counts as not having the status until the day of the sample that shows it."
    return Analysed(
        [replace(rows[0], n=len(complete), headline=True, why_method=sentences(why, rows[0].why_method))]
    )


def first_days(visits: pd.DataFrame, status: str) -> pd.DataFrame:
    """First study day on which each subject's samples show the upper group of a status."""
    rows = visits[(visits["phase"] == "POST_BASELINE") & visits["study_day"].notna()]
    shown = rows[visit_status(rows, status) == GROUPS[status][1]]
    return (
        shown.groupby("subject_id", as_index=False)["study_day"]
        .min()
        .rename(columns={"study_day": "switch_day"})
    )


def start_stop(subjects: pd.DataFrame) -> pd.DataFrame:
    """Intervals (start, stop] in which the status does not change.

    A switch on or after the day of event or censoring does not count; no interval has length zero.

    Parameters
    ----------
    subjects : pandas.DataFrame
        days, event, switch_day (missing: never), and covariates.

    Returns
    -------
    pandas.DataFrame
        One or two rows a subject: start, stop, event, status (0.0 before the switch, 1.0 after).
    """
    switch = subjects["switch_day"].astype(float)
    switches = (switch < subjects["days"]) & (switch > 0)
    before = subjects.assign(
        start=0.0,
        stop=subjects["days"].where(~switches, switch).astype(float),
        status=0.0,
        event=subjects["event"].where(~switches, False).astype(bool),
    )
    after = subjects[switches].assign(
        start=switch[switches], stop=subjects["days"][switches].astype(float), status=1.0
    )
    rows = pd.concat([before, after], ignore_index=True)
    rows = rows.sort_values(["subject_id", "start"], kind="stable", ignore_index=True)
    return rows.astype({"event": bool})


def _landmark_rows(
    subjects: pd.DataFrame,
    members: pd.DataFrame,
    landmark: Landmark,
    analysis: Analysis,
    settings: Mapping,
    gone: str,
) -> tuple[list[Row], pd.DataFrame]:
    frame = _inside(subjects, members)
    lower, upper = status_groups(analysis.status)
    names = [lower, upper, NOT_AT_BASELINE]
    both = frame[frame["status"].isin([lower, upper])].reset_index(drop=True)
    test = (
        log_rank(both["days"], both["event"], both["status"])
        if len(both)
        else TestResult(float("nan"), 0, float("nan"))
    )
    text = group_counts(frame["status"], frame["event"], names)
    rows = [
        _test_row(
            f"log-rank from {landmark.name}",
            test,
            both,
            text,
            method=f"landmark analysis, clock restarts at {landmark.name}; log-rank test",
            why_method="Landmark: the status uses samples up to the landmark only; survival cannot make it.",
            caveat=sentences(gone, left_out(members)),
            headline=True,
        ),
        *median_rows(frame["status"], frame["days"], frame["event"], names, settings),
    ]
    if len(both):
        x = (both["status"] == upper).astype(float)
        term = f"{upper} against {lower}"
        rows += _adjusted_cox(
            term, both, x, analysis, settings, text=group_counts(both["status"], both["event"], names)
        )
    return rows, group_curves(frame["status"], frame["days"], frame["event"], names, settings).assign(
        landmark=landmark.name
    )


def _grid_rows(
    subjects: pd.DataFrame, members: pd.DataFrame, landmark: Landmark, analysis: Analysis, settings: Mapping
) -> list[Row]:
    frame = _inside(subjects, members)
    lower, upper = status_groups(analysis.status)
    both = frame[frame["status"].isin([lower, upper])].reset_index(drop=True)
    term = f"{landmark.name}: {upper} against {lower}"
    if both.empty:
        return [Row(term, method="not run", caveat=sentences("Nobody is left.", left_out(members)))]
    x = (both["status"] == upper).astype(float).rename(PREDICTOR).to_frame()
    text = group_counts(both["status"], both["event"], [lower, upper])
    return cox_rows(
        term,
        both["days"],
        both["event"],
        x,
        PREDICTOR,
        settings,
        caveat=left_out(members),
        proportionality=False,
        groups=text,
    )


def _inside(subjects: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    inside = members[members["included"]][["subject_id", "status", "days", "event"]]
    rest = subjects.drop(columns=["days", "event"])
    frame = inside.merge(rest, on="subject_id", how="left")
    return frame.astype({"days": float, "event": bool})


def _adjusted_cox(
    term: str,
    frame: pd.DataFrame,
    x: pd.Series,
    analysis: Analysis,
    settings: Mapping,
    *,
    unit: float = 1.0,
    text: str = "",
) -> list[Row]:
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


def _bend_row(frame: pd.DataFrame, x: pd.Series) -> Row:
    common = {
        "n": len(frame),
        "events": int(frame["event"].sum()),
        "method": "restricted cubic spline, 3 knots at the 10th, 50th and 90th percentile, likelihood ratio",
    }
    try:
        basis = restricted_cubic_spline(x, knots(x))
        bent = cox(frame["days"], frame["event"], basis)
        straight = cox(frame["days"], frame["event"], basis[["linear"]])
    except NotEstimableError as reason:
        return Row("non-linearity", caveat=f"Not estimable: {reason}.", **common)
    if bent.method != "ml" or straight.method != "ml":
        return Row("non-linearity", caveat="Not estimable: no finite maximum likelihood fit.", **common)
    gain = max(0.0, 2 * (bent.log_likelihood - straight.log_likelihood))
    return Row("non-linearity", p=float(stats.chi2.sf(gain, 1)), **common)


def _test_row(term: str, test: TestResult, frame: pd.DataFrame, groups: str, **rest) -> Row:
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
