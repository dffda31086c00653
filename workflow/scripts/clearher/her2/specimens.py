"""Readings of specimens: IHC state, ISH of the same specimen, category, H-score, moment, flags."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clearher.columns import her2 as columns
from clearher.columns.intake import HER2
from clearher.her2.category import Outcome, categorise
from clearher.her2.evidence import NotUnderstood, Reading, pooled, readings_of_row
from clearher.her2.h_score import h_scores, percent_unit
from clearher.her2.ihc import agrees, described_score, interval_states, score_of
from clearher.her2.ish import DIFFERING, Evidence
from clearher.her2.parse import OUTSIDE
from clearher.tables import conform, empty

LABORATORIES = ("central", "local", "")
COPIED = (
    "subject_id",
    "specimen_id",
    "laboratory",
    "reader",
    "assay",
    "specimen_date",
    "specimen_date_last",
    "specimen_date_text",
    "specimen_site",
    "specimen_type",
    "preservation",
    "edition",
    "ish_method",
    "source",
)
QUOTED = {"laboratory": "", "reader": "outside", "assay": ""}


@dataclass(frozen=True)
class Specimens:
    """The specimens table with what could not be read and the unit of the intensity columns.

    Attributes
    ----------
    table : pandas.DataFrame
        :data:`clearher.columns.her2.SPECIMENS`.
    not_understood : tuple of (str, str, str, NotUnderstood)
        Subject, specimen, source and cell.
    percent_unit : str
        percent, fraction, unclear or empty.
    """

    table: pd.DataFrame
    not_understood: tuple[tuple[str, str, str, NotUnderstood], ...]
    percent_unit: str


def specimen_table(
    records: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping[str, Any]
) -> Specimens:
    """Category of every reading of every specimen.

    Parameters
    ----------
    records : pandas.DataFrame
        :data:`clearher.columns.intake.HER2`.
    subjects : pandas.DataFrame
        Columns ``subject_id`` and ``first_dose_date``.
    settings : Mapping
        Section ``her2`` of the configuration.

    Returns
    -------
    Specimens
        One row a reading. ISH counts of one reading serve all readings of the same specimen, those of the
        same laboratory first, because ISH belongs to the tissue.
    """
    records = conform(records, HER2)
    unit = percent_unit(records) if len(records) else ""
    low, high = settings["ish_ratio_range"]
    found = [
        (row, reading)
        for row in records.itertuples()
        for reading in readings_of_row(row, ratio_range=(low, high))
    ]
    unread = tuple(
        (row.subject_id, row.specimen_id, row.source, cell)
        for row, reading in found
        for cell in reading.not_understood
    )
    if not found:
        return Specimens(empty(columns.SPECIMENS), unread, unit)
    frame = _frame(found, records, settings)
    frame = _with_moment(frame, subjects, settings)
    frame = _with_h_score(frame, records)
    frame["flags"] = [";".join(dict.fromkeys(flags)) for flags in frame["flags"]]
    frame["record"] = _numbered(frame)
    return Specimens(conform(frame[columns.SPECIMENS.names], columns.SPECIMENS), unread, unit)


def _frame(found: list[tuple[Any, Reading]], records: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    by_specimen: dict[tuple[str, str], list[tuple[Any, Reading]]] = {}
    for row, reading in found:
        by_specimen.setdefault((row.subject_id, row.specimen_id), []).append((row, reading))
    rows = []
    for members in by_specimen.values():
        with_ihc = [(row, reading) for row, reading in members if not reading.only_ish] or members[:1]
        for row, reading in with_ihc:
            evidence, flags = _ish_of(row, reading, members)
            rows.append(_row(row, reading, evidence, flags, settings))
    return pd.DataFrame(rows)


def _ish_of(
    row: Any, reading: Reading, members: list[tuple[Any, Reading]]
) -> tuple[Evidence, tuple[str, ...]]:
    """ISH of a reading: its own, else that of its specimen, same laboratory and origin first."""
    if reading.only_ish:
        return pooled([r.evidence for _, r in members if r.evidence.known])
    if reading.evidence.known:
        return reading.evidence, ()
    others = [(other, r) for other, r in members if r is not reading and r.evidence.known]
    if not others:
        return reading.evidence, ()
    same = [
        r for other, r in others if other.laboratory == row.laboratory and r.ihc.origin == reading.ihc.origin
    ]
    evidence, flags = pooled([r.evidence for r in (same or [r for _, r in others])])
    return evidence, ("ish_from_other_reading", *flags)


def _row(
    row: Any, reading: Reading, evidence: Evidence, ish_flags: tuple[str, ...], settings: Mapping
) -> dict[str, Any]:
    described, described_flags = _described(row, settings)
    ihc = reading.ihc
    low, high = ihc.low, ihc.high
    flags = [*reading.flags, *ish_flags]
    if not low and described:
        low = high = described
        flags += ["score_from_description", *described_flags]
    states = interval_states(low, high)
    if ihc.low and described and not agrees(states, described):
        flags += ["score_against_description", *described_flags]
    if ihc.origin == OUTSIDE:
        flags.append("outside_reading")
    outcome = categorise(states, evidence, conflicts=settings["conflicts"])
    return {
        **{name: getattr(row, name) for name in COPIED},
        **(QUOTED if ihc.origin == OUTSIDE else {}),
        **_ihc_cells(row, reading, states, low, high, described),
        **_ish_cells(reading, evidence, outcome),
        "category": outcome.category,
        "level": outcome.level,
        "certainty": outcome.certainty,
        "rule": outcome.rule,
        "flags": [*flags, *outcome.flags, *_edition_flags(row, settings)],
        "position": row.Index,
    }


def _ihc_cells(
    row: Any, reading: Reading, states: tuple[str, ...], low: str, high: str, described: str
) -> dict[str, Any]:
    state = states[0] if len(states) == 1 else ""
    scores = {score_of(state) for state in states}
    return {
        "origin": reading.ihc.origin,
        "ihc_reported": row.ihc_score or row.ihc_status,
        "ihc_low": low,
        "ihc_high": high,
        "ihc_state": state,
        "ihc_score": scores.pop() if len(scores) == 1 else "",
        "ihc_reason": "" if low else reading.ihc.reason,
        "described_state": described,
        "remark": reading.ihc.remark,
    }


def _ish_cells(reading: Reading, evidence: Evidence, outcome: Outcome) -> dict[str, Any]:
    groups = [str(group) for group in evidence.groups]
    return {
        "ish_ratio": reading.counts.ratio,
        "ish_her2_copies": reading.counts.copies,
        "ish_cep17_copies": reading.counts.cep17,
        "ish_group": groups[0] if len(groups) == 1 else "",
        "ish_possible_groups": "/".join(groups),
        "ish_recount": evidence.recount,
        "ish_word": "" if evidence.word == DIFFERING else evidence.word,
        "ish_result": outcome.ish_result,
    }


def _described(row: Any, settings: Mapping) -> tuple[str, tuple[str, ...]]:
    """State of the described staining; empty unless percent, completeness and intensity are all given."""
    if np.isnan(row.stain_percent) or not row.stain_completeness or not row.stain_intensity:
        return "", ()
    found = described_score(
        row.stain_percent,
        row.stain_completeness,
        row.stain_intensity,
        weak_complete_in_few=settings["weak_complete_in_few"],
    )
    return found.state, ("unusual_pattern",) if found.unusual_pattern else ()


def _edition_flags(row: Any, settings: Mapping) -> tuple[str, ...]:
    if row.edition:
        return ("pre_2013",) if row.edition[:4] < "2013" else ()
    early = row.specimen_date_last < pd.Timestamp(settings["guideline_2013_from"])
    return ("pre_2013",) if early else ()


def _with_moment(frame: pd.DataFrame, subjects: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    """BASELINE when every day the date can mean is before the first dose, or no dose was given."""
    doses = subjects.set_index("subject_id")["first_dose_date"]
    first_dose = frame["subject_id"].map(doses)
    first, last = frame["specimen_date"], frame["specimen_date_last"]
    before = last <= first_dose if settings["first_dose_day_is_baseline"] else last < first_dose
    after = first > first_dose if settings["first_dose_day_is_baseline"] else first >= first_dose
    untreated = first_dose.isna()
    undated = (
        first.isna() & (settings["undated_specimens"] == "archival") & (frame["preservation"] == "archival")
    )
    baseline = before | untreated | undated
    frame["moment"] = np.select([baseline, after], ["BASELINE", "ON_TREATMENT"], "UNKNOWN")
    days = (first - first_dose).dt.days.where(first == last)
    frame["specimen_day"] = (days + (days >= 0)).astype("Int64")
    marks = {
        "no_first_dose": untreated,
        "undated": first.isna(),
        "moment_unknown": frame["moment"] == "UNKNOWN",
        "first_dose_day": days == 0,
    }
    for flag, mask in marks.items():
        frame["flags"] = [
            [*flags, flag] if marked else flags for flags, marked in zip(frame["flags"], mask, strict=True)
        ]
    return frame


def _with_h_score(frame: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """H-score of the in-house reading of each row; a result quoted from outside has none."""
    in_house = ~frame["position"].duplicated()
    states = pd.Series("", index=records.index, dtype=object)
    states[frame.loc[in_house, "position"]] = frame.loc[in_house, "ihc_state"].to_numpy()
    scores = h_scores(records, states)
    for name in ("h_score", "h_score_reported", "h_score_source", "pct_0", "pct_1", "pct_2", "pct_3"):
        filler = "" if name == "h_score_source" else np.nan
        frame[name] = frame["position"].map(scores[name]).where(in_house, filler)
    extra = frame["position"].map(scores["flags"])
    frame["flags"] = [
        [*flags, *more] if own else flags
        for flags, more, own in zip(frame["flags"], extra, in_house, strict=True)
    ]
    return frame


def _numbered(frame: pd.DataFrame) -> pd.Series:
    """Number of each reading within its specimen, by content: laboratory, origin, reader, assay, results."""
    order = frame.assign(
        place=frame["laboratory"].map({name: number for number, name in enumerate(LABORATORIES)}),
        outside=frame["origin"] == OUTSIDE,
    ).sort_values(
        [
            "place",
            "outside",
            "reader",
            "assay",
            "ihc_reported",
            "ihc_low",
            "level",
            "ish_ratio",
            "h_score",
            "source",
        ],
        kind="stable",
    )
    numbers = order.groupby(["subject_id", "specimen_id"]).cumcount() + 1
    return numbers.reindex(frame.index).astype("Int64")
