"""Adverse events and antibodies by HER2 level, ctDNA status and response: counts, and no test."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from clearher.clinical.days import duration
from clearher.clinical.safety import OVERVIEW, in_category, meeting, unrecorded
from clearher.columns import association as columns
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import frame_of

NOT_KNOWN = "not known"
DESCRIPTIVE = "Counts to read, not compared by a test."
LATER = (
    "Known only under treatment: who is treated longer has more time for events and for the marker. "
    + DESCRIPTIVE
)
WORDS = {True: "yes", False: "no"}


class Marker(NamedTuple):
    """A variable by whose levels safety is told, and when it is known."""

    name: str
    known: str


MARKERS = (
    Marker("her2_level", "baseline"),
    Marker("ctdna_baseline_state", "baseline"),
    Marker("ctdna_clearance", "post_baseline"),
    Marker("bor", "post_baseline"),
    Marker("ada_positive", "post_baseline"),
)


def safety_by_marker(
    subjects: pd.DataFrame,
    people: pd.DataFrame,
    events: pd.DataFrame,
    antibodies: pd.DataFrame,
    *,
    infusion_categories: Sequence[str],
    settings: Mapping,
) -> pd.DataFrame:
    """Table SAFETY_BY_MARKER of treated subjects.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Analysis set, association/subjects.parquet.
    people : pandas.DataFrame
        Table SUBJECTS of intake, for the doses.
    events, antibodies : pandas.DataFrame
        Tables ADVERSE_EVENTS and IMMUNOGENICITY_SUBJECTS of the clinical stage.
    infusion_categories : sequence of str
        Categories of special interest that are also counted by their time after a dose.
    settings : Mapping
        Section ``association``: confidence, scores.

    Returns
    -------
    pandas.DataFrame
        For each marker and level, the subjects with each kind of treatment-emergent event, ADA-positive
        ones of those whose category is known, responders by antibody status, and days under treatment. A
        treated subject without a level stands under "not known"; a marker that nobody has is left out, and so
        are all events where the study recorded none of any kind, and kinds of events that rest on what no
        event has recorded.
    """
    treated = _treated(subjects, people, antibodies)
    emergent = events[events["treatment_emergent"].fillna(False).astype(bool)]
    measures = dict(_who_had(emergent, infusion_categories)) if len(events) else {}
    rows: list[dict] = []
    for position, marker in enumerate(MARKERS, 1):
        labels = treated[marker.name]
        if labels.eq("").all():
            continue
        for place, level in enumerate(_levels(marker.name, labels, settings), 1):
            group = treated[labels == ("" if level == NOT_KNOWN else level)]
            base = {"position": position, "marker": marker.name, "known": marker.known}
            base |= {"level_position": place, "level": level}
            base["caveat"] = DESCRIPTIVE if marker.known == "baseline" else LATER
            lines = _level_rows(group, measures, marker, settings["confidence"])
            rows += [base | row | {"measure_position": number} for number, row in enumerate(lines, 1)]
    return frame_of(rows, columns.SAFETY_BY_MARKER)


def _treated(subjects: pd.DataFrame, people: pd.DataFrame, antibodies: pd.DataFrame) -> pd.DataFrame:
    frame = subjects[subjects["treated"].fillna(False).astype(bool)].reset_index(drop=True)
    positive = frame["subject_id"].map(antibodies.set_index("subject_id")["ada_positive"])
    doses = people.set_index("subject_id")
    days = duration(doses["first_dose_date"], doses["last_dose_date"])
    texts = {name: frame[name].fillna("").astype(object) for name in ("her2_level", "bor")}
    texts |= {
        name: frame[name].fillna("").astype(object) for name in ("ctdna_baseline_state", "ctdna_clearance")
    }
    return pd.DataFrame(
        {
            "subject_id": frame["subject_id"],
            **texts,
            "ada_positive": positive.map(WORDS).fillna("").astype(object),
            "responder": frame["responder"],
            "exposure": frame["subject_id"].map(days),
        }
    )


def _who_had(
    events: pd.DataFrame, infusion_categories: Sequence[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Subjects with each kind of event; kinds that rest on what no event has recorded are left out."""
    for name, rule in OVERVIEW.items():
        met = rule(events)
        if name != "special interest" and not unrecorded(met):
            yield f"adverse event, {name}", frozenset(meeting(events, met)["subject_id"])
    for category in sorted({name for names in events["aesi"] for name in names.split("; ")} - {""}):
        inside = events[in_category(events, category)]
        yield category, frozenset(inside["subject_id"])
        if category in infusion_categories:
            near = inside["near_dose"].fillna(False).astype(bool)
            yield f"{category}, near a dose", frozenset(inside.loc[near, "subject_id"])


def _levels(name: str, labels: pd.Series, settings: Mapping) -> list[str]:
    found = set(labels) - {""}
    declared = [level for level in settings["scores"].get(name, {}) if level in found]
    unknown = [NOT_KNOWN] if labels.eq("").any() else []
    return [*declared, *sorted(found - set(declared)), *unknown]


def _level_rows(
    group: pd.DataFrame, measures: Mapping[str, frozenset[str]], marker: Marker, confidence: float
) -> Iterator[dict]:
    for name, who in measures.items():
        yield _share(name, int(group["subject_id"].isin(who).sum()), len(group), confidence)
    if marker.name == "ada_positive":
        known = group["responder"].dropna().astype(bool)
        yield _share("responder", int(known.sum()), len(known), confidence)
    else:
        known = group.loc[group["ada_positive"] != "", "ada_positive"]
        yield _share("ADA-positive", int(known.eq("yes").sum()), len(known), confidence)
    days = group["exposure"].dropna().astype(float)
    yield {
        "measure": "days from first to last dose (median, range)",
        "n": len(days),
        "N": len(group),
        "estimate": days.median(),
        "low": days.min(),
        "high": days.max(),
        "unit": "days",
    }


def _share(measure: str, count: int, total: int, confidence: float) -> dict:
    found = clopper_pearson(count, total, confidence)
    return {"measure": measure, "n": count, "N": total, **found._asdict(), "unit": "fraction"}
