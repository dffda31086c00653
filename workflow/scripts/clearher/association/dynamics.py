"""Response and tumour change beside the course of ctDNA, and HER2 beside clearance: description."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import special

from clearher.association.declared import Analysis
from clearher.association.frames import known_rows, outcome_values, scored, survival_rows
from clearher.association.landmark import (
    NOT_AT_BASELINE,
    landmark_set,
    landmarks,
    left_out,
    status_at,
    status_groups,
)
from clearher.association.level_tables import (
    LevelTable,
    contrast_rows,
    groups_text,
    level_frame,
    rate_rows,
)
from clearher.association.results import NAN, Analysed, Row, sentences
from clearher.association.survival_rows import cox_rows
from clearher.association.time_order import CannotRunError
from clearher.statistics.ranks import spearman

BOTH_UNDER_TREATMENT = "Both are measured under treatment: an association, not a prediction."


def status_response(
    subjects: pd.DataFrame, visits: pd.DataFrame, analysis: Analysis, settings: Mapping
) -> Analysed:
    """Response rate by ctDNA status at a landmark, with Fisher's exact test between the two statuses."""
    known, _, gone = outcome_values(subjects, analysis.outcome)
    landmark = landmarks(analysis, settings)[0]
    members = status_at(known, visits, landmark, analysis.status).assign(
        included=lambda rows: rows["why_not"] == ""
    )
    lower, upper = status_groups(analysis.status)
    table = _status_table(known, members, [lower, upper, NOT_AT_BASELINE], analysis.outcome)
    pair = LevelTable(table.names[:2], table.scores[:2], table.responders[:2], table.totals[:2])
    caveat = sentences(gone, left_out(members), BOTH_UNDER_TREATMENT)
    if not table.totals.any():
        raise CannotRunError(sentences("No subject has a status.", caveat))
    first, *others = _between_statuses(pair, settings["confidence"])
    first = replace(
        first,
        groups=groups_text(table),
        headline=True,
        caveat=sentences(first.caveat, f"Status at {landmark.name}.", caveat),
    )
    rates = (row for row in rate_rows(table, settings["confidence"]) if row.n)
    return Analysed([first, *others, *rates], levels=level_frame(table, settings["confidence"]))


def _between_statuses(pair: LevelTable, confidence: float) -> list[Row]:
    """Ratio and difference of the two rates; without a second group the reason why there is none."""
    if not pair.totals.all():
        empty = "One of the two statuses is empty: nothing to compare."
        return [Row("not run", n=int(pair.totals.sum()), method="not run", caveat=empty)]
    ratio, difference = contrast_rows(pair, confidence)
    return [replace(ratio, why_method="Exact: two small groups."), difference]


def correlation(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """Spearman's rank correlation of two measurements."""
    absent = [name for name in (analysis.predictor, analysis.outcome) if name not in subjects]
    if absent:
        raise CannotRunError(f"The data hold no {', '.join(absent)}.")
    known, missing = known_rows(subjects, [analysis.predictor, analysis.outcome])
    if len(known) < 3:
        raise CannotRunError(f"{len(known)} subjects have both {analysis.predictor} and {analysis.outcome}.")
    result = spearman(known[analysis.predictor].astype(float), known[analysis.outcome].astype(float))
    low, high = _rho_interval(result.statistic, len(known), settings["confidence"])
    row = Row(
        "Spearman",
        result.statistic,
        "rho",
        low,
        high,
        result.p,
        n=len(known),
        method=f"Spearman, {result.how} p; interval by Fisher's transformation (Bonett and Wright)",
        why_method="Ranks: neither measurement is near normal.",
        caveat=sentences(missing, BOTH_UNDER_TREATMENT),
        headline=True,
    )
    return Analysed([row])


def interaction(
    subjects: pd.DataFrame, visits: pd.DataFrame, analysis: Analysis, settings: Mapping
) -> Analysed:
    """Whether the hazard ratio of a ctDNA status differs between two HER2 groups: four cells, no p."""
    known, gone = survival_rows(subjects, analysis.outcome)
    chosen = scored(known, analysis.predictor, settings)
    landmark = landmarks(analysis, settings)[0]
    members = landmark_set(chosen.subjects, visits, landmark, analysis.status)
    lower, upper = status_groups(analysis.status)
    inside = members["included"] & members["status"].isin([lower, upper])
    frame = members[inside].merge(chosen.subjects[["subject_id", analysis.predictor]], on="subject_id")
    if frame.empty:
        raise CannotRunError(sentences("Nobody is left.", left_out(members)))
    frame = frame.assign(
        high=frame[analysis.predictor].isin(analysis.high_levels).astype(float),
        status=(frame["status"] == upper).astype(float),
        event=frame["event"].astype(bool),
        days=frame["days"].astype(float),
    )
    names = {1.0: " or ".join(analysis.high_levels), 0.0: "lower levels"}
    caveat = sentences(
        "Estimation only: four small cells cannot test an interaction.", chosen.left, gone, left_out(members)
    )
    return Analysed(
        [
            _interaction_row(frame, names, (lower, upper), settings, caveat),
            *_within_rows(frame, names, (lower, upper), settings),
        ]
    )


def _status_table(known: pd.DataFrame, members: pd.DataFrame, names: list[str], outcome: str) -> LevelTable:
    answer = known[outcome].astype(float).to_numpy()
    status = members["status"].where(members["included"], "").to_numpy()
    totals = np.array([int((status == name).sum()) for name in names])
    responders = np.array([int(answer[status == name].sum()) for name in names])
    return LevelTable(tuple(names), np.arange(len(names), dtype=float), responders, totals)


def _rho_interval(rho: float, n: int, confidence: float) -> tuple[float, float]:
    if n < 4 or not abs(rho) < 1:
        return NAN, NAN
    half = special.ndtri((1 + confidence) / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    return float(np.tanh(np.arctanh(rho) - half)), float(np.tanh(np.arctanh(rho) + half))


def _interaction_row(
    frame: pd.DataFrame, names: Mapping, statuses: tuple[str, str], settings: Mapping, caveat: str
) -> Row:
    x = frame[["high", "status"]].assign(both=frame["high"] * frame["status"])
    if len(frame[["high", "status"]].drop_duplicates()) < 4:
        empty = sentences("A cell is empty: the interaction cannot be estimated.", caveat)
        cells = _cells(frame, names, statuses)
        return Row("interaction", groups=cells, n=len(frame), method="not run", caveat=empty, headline=True)
    row = cox_rows(
        "interaction",
        frame["days"],
        frame["event"],
        x,
        "both",
        settings,
        caveat=caveat,
        proportionality=False,
        groups=_cells(frame, names, statuses),
    )[0]
    return replace(row, estimate_name="ratio of hazard ratios", p=NAN, headline=True)


def _within_rows(
    frame: pd.DataFrame, names: Mapping, statuses: tuple[str, str], settings: Mapping
) -> list[Row]:
    rows = []
    for high, name in names.items():
        part = frame[frame["high"] == high]
        if part["status"].nunique() < 2:
            continue
        term = f"{statuses[1]} against {statuses[0]} in {name}"
        found = cox_rows(
            term, part["days"], part["event"], part[["status"]], "status", settings, proportionality=False
        )
        rows.append(replace(found[0], p=NAN, groups=_cells(part, {high: name}, statuses)))
    return rows


def _cells(frame: pd.DataFrame, names: Mapping, statuses: tuple[str, str]) -> str:
    parts = []
    for high, name in names.items():
        for value, status in enumerate(statuses):
            cell = frame[(frame["high"] == high) & (frame["status"] == value)]
            parts.append(f"{name}, {status} {int(cell['event'].sum())}/{len(cell)}")
    return "; ".join(parts)
