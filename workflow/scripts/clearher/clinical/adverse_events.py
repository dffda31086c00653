"""Adverse events: analysis dates, treatment emergence, worst grades, special interest."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.clinical.after_dose import time_after_dose
from clearher.clinical.days import duration, study_day
from clearher.clinical.event_words import (
    actions_taken,
    causality_recorded,
    is_related,
    one_spelling,
    spelling_problems,
    unknown_word_problems,
)
from clearher.clinical.special_interest import matched_categories, special_interest_problems, special_terms
from clearher.columns import clinical as columns
from clearher.intake.dates import date_range
from clearher.problems import Problem
from clearher.tables import conform

NO_CODING = "no coding available"
FLAGS = {"month": "D", "year": "M"}
RULES = (
    "no dose",
    "ended before first dose",
    "start unknown",
    "started under treatment",
    "worsened under treatment",
    "before treatment",
    "after the window",
)


def adverse_event_table(
    events: pd.DataFrame,
    subjects: pd.DataFrame,
    doses: pd.DataFrame,
    listed: pd.DataFrame,
    *,
    settings: Mapping,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Table ADVERSE_EVENTS of all subjects who are no screen failures.

    Parameters
    ----------
    events, subjects, doses : pandas.DataFrame
        Tables ADVERSE_EVENTS, SUBJECTS and DOSES of intake.
    listed : pandas.DataFrame
        ``category``, ``match``, ``term`` of events of special interest.
    settings : Mapping
        Section ``clinical.adverse_events``.

    Returns
    -------
    tuple of pandas.DataFrame and list of Problem
        One row an event record, dates imputed and flagged, and findings about words that are on no list and
        about terms of special interest.
    """
    special = special_terms(listed, settings["aesi"])
    included = subjects.loc[~subjects["screen_failure"].fillna(False)].set_index("subject_id")
    frame = events[events["subject_id"].isin(included.index)].reset_index(drop=True)
    milestones = included.reindex(frame["subject_id"]).set_index(frame.index)
    problems = [*spelling_problems(frame, ("preferred_term", "soc")), *unknown_word_problems(frame, settings)]
    frame = frame.assign(
        preferred_term=one_spelling(frame["preferred_term"]).replace("", NO_CODING),
        soc=one_spelling(frame["soc"]).replace("", NO_CODING),
        causality=frame["related"],
        grade=_grades(frame, settings["severity_as_grade"]),
    )
    frame = frame.join(_dates(frame, milestones))
    frame["start_day"] = study_day(frame["start_date"], milestones["first_dose_date"])
    frame["end_day"] = study_day(frame["end_date"], milestones["first_dose_date"])
    frame = frame.join(time_after_dose(frame, doses, hours=settings["infusion_hours"]))
    frame["duration_days"] = duration(frame["start_date"], frame["end_date"])
    frame["ongoing"] = frame["ongoing_at_cut"].fillna(False) | frame["end_date"].isna()
    frame["emergence_rule"] = emergence(frame, milestones, window_days=settings["window_days"])
    frame["treatment_emergent"] = frame["emergence_rule"].isin(
        ("start unknown", "started under treatment", "worsened under treatment")
    )
    frame["causality_recorded"] = causality_recorded(frame["causality"], settings)
    frame["related"] = is_related(frame["causality"], settings)
    frame = frame.join(actions_taken(frame["action"], settings))
    categories = matched_categories(frame["preferred_term"], special)
    frame["aesi"] = frame["preferred_term"].map(lambda term: "; ".join(categories[term])).astype(object)
    frame["first_worst"] = first_worst(frame, ["subject_id"])
    frame["worst_of_term"] = first_worst(frame, ["subject_id", "soc", "preferred_term"])
    if len(frame):
        problems += special_interest_problems(frame["preferred_term"], special)
    kept = frame[columns.ADVERSE_EVENTS.names]
    return conform(kept, columns.ADVERSE_EVENTS), problems


def analysis_start(text: pd.Series, first_dose: pd.Series, end_text: pd.Series) -> pd.DataFrame:
    """Start dates: a partial one is the first dose where that lies in its range, else its first day.

    The range ends with the event: one that was over before the first dose did not start on it.
    Returns ``start_date`` and ``start_imputed`` (D, M or empty).
    Source: admiral ``inst/templates/ad_adae.R`` (minimum: treatment start).
    """
    days, over = date_range(text), date_range(end_text)["last"]
    partial = days["precision"].isin(FLAGS)
    inside = partial & (first_dose >= days["first"]) & (first_dose <= days["last"]) & ~(first_dose > over)
    return pd.DataFrame(
        {
            "start_date": days["first"].where(~inside, first_dose),
            "start_imputed": days["precision"].map(FLAGS).fillna("").astype(object),
        }
    )


def analysis_end(text: pd.Series, limits: list[pd.Series]) -> pd.DataFrame:
    """End dates: a partial one is its last possible day, lowered to the limits that lie in its range.

    Parameters
    ----------
    text : pandas.Series of str
        Dates as recorded.
    limits : list of pandas.Series of datetime64
        Death, end of study and data cut, same index; missing ones do not limit.

    Notes
    -----
    Source: admiral ``inst/templates/ad_adae.R`` (maximum: death, end of study).
    """
    days = date_range(text)
    partial = days["precision"].isin(FLAGS)
    result = days["last"].copy()
    for limit in limits:
        inside = partial & (limit >= days["first"]) & (limit < result)
        result = result.where(~inside, limit)
    return pd.DataFrame(
        {"end_date": result, "end_imputed": days["precision"].map(FLAGS).fillna("").astype(object)}
    )


def emergence(events: pd.DataFrame, milestones: pd.DataFrame, *, window_days: int) -> pd.Series:
    """Which part of the rule decides whether an event is treatment-emergent; the first that holds.

    No dose: not. Ended before the first dose: not. Start unknown: emergent. Started from the first dose to
    the last plus the window (without a last dose no limit): emergent. Started before and worsened, the
    grade above the initial grade or one of the two missing: emergent. Else not. A missing grade cannot
    rule worsening out: the event stays in the tables rather than vanish from them, as in the source's own
    unit frames. The worsening rule needs initial grades: it is off where no record has one. Of several
    rows of one episode (``group_id``) that began before the first dose, those from the first one above the
    earlier grade on are emergent, a missing grade again counting as worse where grades are recorded. Days
    are compared without time.

    Parameters
    ----------
    events : pandas.DataFrame
        start_date, end_date, grade, initial_grade, group_id, subject_id, sequence.
    milestones : pandas.DataFrame
        first_dose_date and last_dose_date, same index.
    window_days : int
        Days after the last dose.

    Notes
    -----
    Source: admiral ``R/derive_var_trtemfl.R``; PHUSE white paper on treatment-emergent adverse events.
    """
    first, last = milestones["first_dose_date"], milestones["last_dose_date"]
    start, end = events["start_date"], events["end_date"]
    limit = last + pd.Timedelta(days=window_days)
    collected = events["initial_grade"].notna().any()
    worse = (events["grade"] > events["initial_grade"]).fillna(True).astype(bool) & collected
    before = start < first
    conditions = [
        first.isna(),
        end < first,
        start.isna(),
        (start >= first) & ~(start > limit),
        before & worse,
        before,
    ]
    decided = pd.Series(np.select(conditions, RULES[:6], RULES[6]), index=events.index, dtype=object)
    return _episodes(events, first, decided)


def _episodes(events: pd.DataFrame, first_dose: pd.Series, decided: pd.Series) -> pd.Series:
    grouped = events[events["group_id"] != ""]
    if grouped.empty:
        return decided
    old = (grouped["start_date"] < first_dose[grouped.index]).fillna(False)
    episode = [grouped["subject_id"], grouped["group_id"]]
    began_before = old.groupby(episode).transform("any")
    ordered = grouped.sort_values(["start_date", "sequence"], kind="stable")
    key = [ordered["subject_id"], ordered["group_id"]]
    earlier = ordered["grade"].where(old[ordered.index]).astype("float64").groupby(key).transform("max")
    reference = ordered["initial_grade"].astype("float64").groupby(key).transform("first").fillna(earlier)
    grade = ordered["grade"].astype("float64")
    unknown = (grade.isna() | reference.isna()) & events["grade"].notna().any()
    worse = ~old[ordered.index] & ((grade > reference) | unknown)
    from_then_on = worse.astype(int).groupby(key).cummax().astype(bool).reindex(grouped.index)
    open_to_change = decided[grouped.index].isin(("started under treatment", "before treatment"))
    change = began_before & open_to_change
    result = decided.copy()
    result[change[change & ~from_then_on].index] = "before treatment"
    result[change[change & from_then_on].index] = "worsened under treatment"
    return result


def first_worst(events: pd.DataFrame, by: list[str]) -> pd.Series:
    """True for one emergent row a group: the highest grade, then the earliest start, then sequence.

    A missing grade is below grade 1.
    """
    emergent = events[events["treatment_emergent"]]
    ordered = emergent.assign(descending=-emergent["grade"].fillna(0)).sort_values(
        [*by, "descending", "start_date", "sequence"], na_position="first", kind="stable"
    )
    chosen = ordered.index[~ordered.duplicated(by)]
    return pd.Series(events.index.isin(chosen), index=events.index)


def _grades(events: pd.DataFrame, severity_as_grade: Mapping[str, int]) -> pd.Series:
    words = {word.upper(): grade for word, grade in severity_as_grade.items()}
    by_severity = events["severity"].str.upper().map(words).astype("Int64")
    return events["grade"].fillna(by_severity)


def _dates(events: pd.DataFrame, milestones: pd.DataFrame) -> pd.DataFrame:
    limits = [milestones[name] for name in ("death_date", "end_of_study_date", "cut_date")]
    start = analysis_start(events["start_text"], milestones["first_dose_date"], events["end_text"])
    return start.join(analysis_end(events["end_text"], limits))
