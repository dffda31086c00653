"""How long before progression on scans ctDNA had risen: each subject, and the study."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.clinical.days import study_day
from clearher.columns import association as columns
from clearher.columns.association_course import ORDERS
from clearher.statistics.medians import median_interval
from clearher.statistics.proportions import Interval, clopper_pearson
from clearher.statistics.survival import kaplan_meier, quantile
from clearher.tables import frame_of

MOLECULAR = ("MOLECULAR_FIRST", "SAME_DAY", "MOLECULAR_ONLY")
BOTH = ("MOLECULAR_FIRST", "SAME_DAY", "RADIOGRAPHIC_FIRST")
EXACT = "Clopper-Pearson"
ORDERED = "median of subjects with both, limits by order statistics"
WAITING = (
    "Kaplan-Meier from molecular to radiographic progression, censored at the last scan; limits from the "
    "inverted log-log band"
)
CAVEAT = (
    "Both days are those of the first sample or scan that showed it, so each is late by up to one interval; "
    "samples often end with progression on scans, and a molecular progression that would have come later is "
    "then not seen."
)


class LeadTime(NamedTuple):
    """Tables LEAD_TIME and LEAD_TIME_SUMMARY."""

    subjects: pd.DataFrame
    summary: pd.DataFrame


def lead_time(
    subjects: pd.DataFrame,
    ctdna_subjects: pd.DataFrame,
    ctdna_visits: pd.DataFrame,
    responses: pd.DataFrame,
    *,
    settings: Mapping,
) -> LeadTime:
    """Molecular and radiographic progression of each treated subject, and what lies between them.

    A subject is compared who has ctDNA at baseline, an evaluable sample after it and a usable scan: without
    ctDNA there is no level that could rise, and all progression on scans would count as missed by it.
    Lead = radiographic minus molecular day; positive: ctDNA first. A subject with molecular progression
    alone counts in the time from it to radiographic progression as censored at the last usable scan.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Table SUBJECTS of intake.
    ctdna_subjects, ctdna_visits : pandas.DataFrame
        Tables SUBJECTS and VISITS of the ctDNA stage.
    responses : pandas.DataFrame
        Table RESPONSES.
    settings : Mapping
        Section ``association``: evaluator, confidence.

    Notes
    -----
    Death without progression on scans is no radiographic progression.
    """
    treated = subjects["treated"].fillna(False) & ~subjects["screen_failure"].fillna(False)
    people = subjects[treated.astype(bool)].set_index("subject_id")
    frame = _molecular(people, ctdna_subjects, ctdna_visits).join(_radiographic(people, responses, settings))
    state = ctdna_subjects.set_index("subject_id")["baseline_state"].reindex(frame.index)
    frame["why_not"] = _why_not(frame, state)
    frame["included"] = frame["why_not"].eq("")
    molecular, radiographic = frame["molecular_progression_day"], frame["radiographic_progression_day"]
    frame["lead_days"] = (_elapsed(radiographic) - _elapsed(molecular)).astype("Int64")
    frame["order"] = _order(frame)
    waited = _elapsed(frame["last_assessment_day"]) - _elapsed(molecular)
    frame["followed_days"] = waited.where(frame["order"].eq("MOLECULAR_ONLY")).clip(lower=0)
    frame["lead_days"] = frame["lead_days"].where(frame["included"])
    frame["sentence"] = [_sentence(row) for row in frame.itertuples()]
    table = frame_of(frame.reset_index().to_dict("records"), columns.LEAD_TIME)
    rows = _summary(table, settings["confidence"])
    return LeadTime(table, frame_of([row | {"position": n} for n, row in enumerate(rows, 1)], _SUMMARY))


_SUMMARY = columns.LEAD_TIME_SUMMARY


def _molecular(people: pd.DataFrame, subjects: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    own = subjects.set_index("subject_id").reindex(people.index)
    seen = visits[(visits["state"] != "NOT_EVALUABLE") & visits["study_day"].notna()]
    last = seen.groupby("subject_id")["study_day"].max().reindex(people.index)
    return pd.DataFrame(
        {
            "ctdna_baseline_day": own["baseline_day"].astype("Int64"),
            "last_sample_day": last.astype("Int64"),
            "molecular_progression_day": own["molecular_progression_day"].astype("Int64"),
        }
    )


def _radiographic(people: pd.DataFrame, responses: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    own = responses[responses["evaluator"] == settings["evaluator"]].set_index("subject_id")
    own = own.reindex(people.index)
    start = people["first_dose_date"].fillna(people["reference_date"])
    return pd.DataFrame(
        {
            "radiographic_progression_day": study_day(own["first_pd_date"], start),
            "last_assessment_day": study_day(own["last_adequate_date"], start),
        }
    )


def _elapsed(day: pd.Series) -> pd.Series:
    """Days since day 1; there is no day 0."""
    return day.where(day < 0, day - 1)


def _why_not(frame: pd.DataFrame, baseline_state: pd.Series) -> pd.Series:
    unknown = baseline_state == "NOT_EVALUABLE"
    undetected = baseline_state == "BASELINE_NOT_DETECTED"
    sampled = (frame["last_sample_day"] > frame["ctdna_baseline_day"]).fillna(False).astype(bool)
    unscanned = frame["last_assessment_day"].isna()
    reasons = [frame["ctdna_baseline_day"].isna(), unknown, undetected, ~sampled, unscanned]
    words = [
        "no baseline sample",
        "baseline not evaluable",
        "no ctDNA at baseline that could rise",
        "no evaluable sample after baseline",
        "no usable dated scan",
    ]
    return pd.Series(np.select(reasons, words, ""), index=frame.index, dtype=object)


def _order(frame: pd.DataFrame) -> pd.Series:
    molecular = frame["molecular_progression_day"].notna()
    radiographic = frame["radiographic_progression_day"].notna()
    lead = frame["lead_days"].fillna(0).astype(int)
    conditions = [
        ~frame["included"],
        molecular & radiographic & (lead > 0),
        molecular & radiographic & (lead == 0),
        molecular & radiographic,
        molecular,
        radiographic,
    ]
    return pd.Series(np.select(conditions, ["", *ORDERS[:-1]], ORDERS[-1]), index=frame.index, dtype=object)


def _sentence(row: tuple) -> str:
    if not row.included:
        return f"Not compared: {row.why_not}."
    molecular = f"Molecular progression on day {row.molecular_progression_day}"
    radiographic = f"progression on scans on day {row.radiographic_progression_day}"
    if row.order == "MOLECULAR_FIRST":
        return f"{molecular}, {radiographic}: {row.lead_days} days ahead."
    if row.order == "SAME_DAY":
        return f"{molecular}, {radiographic}: the same day."
    if row.order == "RADIOGRAPHIC_FIRST":
        return f"{molecular}, {radiographic}: {-row.lead_days} days behind."
    if row.order == "MOLECULAR_ONLY":
        return f"{molecular}, none on scans up to day {row.last_assessment_day}."
    if row.order == "RADIOGRAPHIC_ONLY":
        return f"No molecular progression up to day {row.last_sample_day}, {radiographic}."
    return "No progression of either kind."


def _summary(table: pd.DataFrame, confidence: float) -> Iterator[dict]:
    compared = table[table["included"].astype(bool)]
    for order in ORDERS:
        count = int(compared["order"].eq(order).sum())
        yield _share(f"order: {order}", count, len(compared), confidence, "subjects compared")
    progressed = compared[compared["radiographic_progression_day"].notna()]
    ahead = int(progressed["order"].isin(MOLECULAR[:2]).sum())
    name = "molecular progression by the day of progression on scans"
    yield _share(name, ahead, len(progressed), confidence, "subjects with progression on scans")
    leads = compared.loc[compared["order"].isin(BOTH), "lead_days"].astype(float)
    yield _median("median lead", median_interval(leads, confidence), len(leads), len(leads), ORDERED)
    yield _waiting(compared[compared["order"].isin(MOLECULAR)], confidence)


def _share(statistic: str, count: int, total: int, confidence: float, of: str) -> dict:
    found = clopper_pearson(count, total, confidence)
    row = {"statistic": statistic, "n": count, "N": total, **found._asdict(), "unit": "fraction"}
    return row | {"method": f"of {of}, {EXACT}", "note": CAVEAT}


def _median(statistic: str, found: Interval, events: int, total: int, method: str) -> dict:
    row = {"statistic": statistic, "n": events, "N": total, **found._asdict(), "unit": "days"}
    return row | {"method": method, "note": CAVEAT}


def _waiting(rows: pd.DataFrame, confidence: float) -> dict:
    """Median time from molecular to radiographic progression, of all whose molecular one was not later."""
    event = rows["order"].ne("MOLECULAR_ONLY")
    days = rows["lead_days"].where(event, rows["followed_days"]).astype(float)
    statistic = "median time from molecular progression to progression on scans"
    if rows.empty:
        return _median(statistic, Interval(np.nan, np.nan, np.nan), 0, 0, WAITING)
    found = quantile(kaplan_meier(days, event, confidence), 0.5)
    return _median(statistic, found, int(event.sum()), len(rows), WAITING)
