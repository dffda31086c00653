"""Time to event by ctDNA status: from a landmark, and with a status that changes over time."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from clearher.association.declared import Analysis
from clearher.association.frames import design, known_rows, survival_rows
from clearher.association.landmark import (
    NOT_AT_BASELINE,
    Landmark,
    landmark_set,
    landmarks,
    left_out,
    status_by_day,
    status_groups,
    visit_status,
)
from clearher.association.results import NAN, Analysed, Row, counted, sentences
from clearher.association.survival_rows import (
    PREDICTOR,
    adjusted_cox,
    cox_rows,
    group_counts,
    group_curves,
    median_rows,
    test_row,
)
from clearher.association.time_order import CannotRunError
from clearher.statistics.exact_log_rank import exact_log_rank
from clearher.statistics.survival import log_rank

SMALL_GROUP = 10
WHY_LANDMARK = "Landmark: the status uses samples up to the landmark only; survival cannot make it."


def landmark_survival(
    subjects: pd.DataFrame, visits: pd.DataFrame, analysis: Analysis, settings: Mapping
) -> Analysed:
    """Time to event from a landmark by ctDNA status known there; further landmarks as sensitivity."""
    known, gone = survival_rows(subjects, analysis.outcome)
    first, *grid = landmarks(analysis, settings)
    members = landmark_set(known, visits, first, analysis.status)
    frame = _inside(known, members)
    rows = _landmark_rows(frame, sentences(gone, left_out(members)), first, analysis, settings)
    for landmark in grid:
        rows += _grid_rows(
            known, landmark_set(known, visits, landmark, analysis.status), landmark, analysis, settings
        )
    names = [*status_groups(analysis.status), NOT_AT_BASELINE]
    curves = group_curves(frame["status"], frame["days"], frame["event"], names, settings)
    return Analysed(rows, landmark_curves=curves.assign(landmark=first.name), landmark_sets=members)


def time_varying(
    subjects: pd.DataFrame, visits: pd.DataFrame, analysis: Analysis, settings: Mapping
) -> Analysed:
    """Cox regression with the ctDNA status switching on the day of the first sample that shows it."""
    known, gone = survival_rows(subjects, analysis.outcome)
    detected = known[known["ctdna_baseline_state"] == "DETECTED"].reset_index(drop=True)
    if detected.empty:
        raise CannotRunError("No subject has ctDNA detected at baseline.")
    complete, missing = known_rows(detected, [*analysis.adjustment, "clock_shift_days"])
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
    lower, upper = status_groups(status)
    days = status_by_day(rows, visit_status(rows, status), lower)
    first = days[days["status"] == upper].groupby("subject_id", as_index=False)["study_day"].min()
    return first.rename(columns={"study_day": "switch_day"})


def start_stop(subjects: pd.DataFrame) -> pd.DataFrame:
    """Intervals (start, stop] in which the status does not change.

    A switch on or after the day of event or censoring does not count, one before the clock starts counts
    from its start; no interval has length zero. The clock is that of the endpoint: the study day of the
    switch, counted from the first dose, is moved by the days between reference date and first dose.

    Parameters
    ----------
    subjects : pandas.DataFrame
        days, event, switch_day (missing: never), clock_shift_days, and covariates.

    Returns
    -------
    pandas.DataFrame
        One or two rows a subject: start, stop, event, status (0.0 before the switch, 1.0 after).
    """
    moved = subjects["switch_day"].astype(float) + subjects["clock_shift_days"].astype(float)
    switch = moved.clip(lower=0)
    switches = switch < subjects["days"]
    before = subjects.assign(
        start=0.0,
        stop=subjects["days"].where(~switches, switch).astype(float),
        status=0.0,
        event=subjects["event"].where(~switches, False).astype(bool),
    )
    after = subjects[switches].assign(
        start=switch[switches], stop=subjects["days"][switches].astype(float), status=1.0
    )
    rows = pd.concat([before[~switches | (switch > 0)], after], ignore_index=True)
    rows = rows.sort_values(["subject_id", "start"], kind="stable", ignore_index=True)
    return rows.astype({"event": bool})


def _landmark_rows(
    frame: pd.DataFrame, left: str, landmark: Landmark, analysis: Analysis, settings: Mapping
) -> list[Row]:
    lower, upper = status_groups(analysis.status)
    names = [lower, upper, NOT_AT_BASELINE]
    both = frame[frame["status"].isin([lower, upper])].reset_index(drop=True)
    text = group_counts(frame["status"], frame["event"], names)
    rows = [
        *_log_rank_rows(both, landmark, text, left, settings),
        *median_rows(frame["status"], frame["days"], frame["event"], names, settings),
    ]
    if both["status"].nunique() < 2:
        return rows
    x = (both["status"] == upper).astype(float)
    models = adjusted_cox(
        f"{upper} against {lower}",
        both,
        x,
        analysis,
        settings,
        text=group_counts(both["status"], both["event"], names),
    )
    return rows + (models if _smaller(both) >= SMALL_GROUP else [_without_p(row) for row in models])


def _log_rank_rows(
    both: pd.DataFrame, landmark: Landmark, text: str, left: str, settings: Mapping
) -> list[Row]:
    """The log-rank test that suits groups and events, and the chi-square beside it where it is not that."""
    term, start = f"log-rank from {landmark.name}", f"landmark analysis, clock restarts at {landmark.name}"
    if both["status"].nunique() < 2:
        why = "One of the two groups is empty: nothing to compare."
        caveat = sentences(why, left)
        return [Row(term, groups=text, n=len(both), method="not run", caveat=caveat, headline=True)]
    chi_square = log_rank(both["days"], both["event"], both["status"])
    least = settings["min_events_for_hr"]
    too_few = _too_few_for_chi_square(both, least)
    if not too_few:
        enough = f"both groups have {SMALL_GROUP} subjects or more, together {least} events or more"
        why = f"{WHY_LANDMARK} Chi-square: {enough}."
        method = f"{start}; log-rank test"
        return [
            test_row(term, chi_square, both, text, method=method, why_method=why, caveat=left, headline=True)
        ]
    exact = exact_log_rank(both["days"], both["event"], both["status"], seed=settings["seed"])
    headline = Row(
        term,
        p=exact.p,
        groups=text,
        n=len(both),
        events=int(both["event"].sum()),
        method=f"{start}; permutation log-rank test, {exact.how}",
        why_method=f"{WHY_LANDMARK} Permutation: {too_few}.",
        caveat=left,
        headline=True,
    )
    warning = f"Not for the chi-square: {too_few}."
    return [
        headline,
        test_row(f"{term}, chi-square", chi_square, both, text, method="log-rank test", caveat=warning),
    ]


def _grid_rows(
    subjects: pd.DataFrame, members: pd.DataFrame, landmark: Landmark, analysis: Analysis, settings: Mapping
) -> list[Row]:
    frame = _inside(subjects, members)
    lower, upper = status_groups(analysis.status)
    both = frame[frame["status"].isin([lower, upper])].reset_index(drop=True)
    term = f"{landmark.name}: {upper} against {lower}"
    if both["status"].nunique() < 2:
        caveat = sentences("One of the two groups is empty: nothing to compare.", left_out(members))
        return [Row(term, n=len(both), method="not run", caveat=caveat)]
    x = (both["status"] == upper).astype(float).rename(PREDICTOR).to_frame()
    text = group_counts(both["status"], both["event"], [lower, upper])
    rows = cox_rows(
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
    if _smaller(both) >= SMALL_GROUP:
        return rows
    exact = exact_log_rank(both["days"], both["event"], both["status"], seed=settings["seed"])
    how = f"{rows[0].method}; p: permutation log-rank test, {exact.how}"
    return [replace(rows[0], p=exact.p, method=how)]


def _too_few_for_chi_square(both: pd.DataFrame, least_events: int) -> str:
    """What there is too little of; empty where both groups and the events suffice."""
    smaller, events = _smaller(both), int(both["event"].sum())
    if smaller < SMALL_GROUP:
        return f"{counted(smaller, 'subject')} in the smaller group"
    return f"{counted(events, 'event')} in both groups" if events < least_events else ""


def _smaller(both: pd.DataFrame) -> int:
    """Subjects in the smaller of the two groups."""
    return int(both["status"].value_counts().min())


def _without_p(row: Row) -> Row:
    """A hazard ratio of a group too small for a p of the model: it would be below 0.05 too often."""
    if row.estimate_name != "hazard ratio" or pd.isna(row.p):
        return row
    why = f"No p: fewer than {SMALL_GROUP} subjects in one group; see the permutation test."
    return replace(row, p=NAN, caveat=sentences(row.caveat, why))


def _inside(subjects: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    inside = members[members["included"]][["subject_id", "status", "days", "event"]]
    rest = subjects.drop(columns=["days", "event"])
    frame = inside.merge(rest, on="subject_id", how="left")
    return frame.astype({"days": float, "event": bool})
