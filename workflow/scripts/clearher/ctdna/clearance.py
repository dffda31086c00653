"""Clearance of each subject, and of the cohort with all its denominators."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.emergent import emergent_summary
from clearher.ctdna.events import ADEQUATE, confirmation, deciding
from clearher.ctdna.halflife import half_lives
from clearher.ctdna.ratios import stand_in_level
from clearher.ctdna.response import best_response
from clearher.ctdna.sentences import subject_sentences
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import conform, frame_of

ANY_VISIT = "ANY"
BASELINE_COLUMNS = [
    "baseline_sample_id",
    "baseline_day",
    "baseline_date",
    "baseline_state",
    "baseline_reason",
    "baseline_level",
    "baseline_max_vaf",
    "baseline_low",
]


def subject_table(
    course: pd.DataFrame,
    tracked: pd.DataFrame,
    emergent: pd.DataFrame,
    subjects: pd.DataFrame,
    *,
    settings: Mapping,
) -> pd.DataFrame:
    """One row a subject: baseline, clearance and its confirmation, response, nadir, progression, sentence.

    Clearance over the visits after baseline between first_day and last_day: BASELINE_NOT_DETECTED; else
    NOT_EVALUABLE without an evaluable baseline; CLEARED with an adequate non-detection on a day without a
    detection; NOT_CLEARED with a detection; else NOT_EVALUABLE, with the visits' reasons.

    Parameters
    ----------
    course : pandas.DataFrame
        Rows of :func:`clearher.ctdna.visits.course_frame`.
    tracked : pandas.DataFrame
        Table ``ctdna/tracked``.
    emergent : pandas.DataFrame
        Table ``ctdna/emergent``.
    subjects : pandas.DataFrame
        Table ``intake/subjects``; every subject that was treated or gave plasma has a row.
    settings : Mapping
        Configuration section ``ctdna``; used: clearance, response, level.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/subjects``.
    """
    people = _people(course, subjects)
    table = people.merge(_baselines(course), on="subject_id", how="left")
    table = table.fillna({"baseline_state": "NOT_EVALUABLE", "baseline_sample_id": "", "level_metric": ""})
    table["baseline_reason"] = table["baseline_reason"].fillna("no plasma sample")
    counting = in_window(course, settings["clearance"])
    table = _with_clearance(table, counting)
    table = table.merge(_responses(counting), on="subject_id", how="left")
    table = table.merge(_nadirs(course), on="subject_id", how="left")
    table = table.merge(_progressions(course), on="subject_id", how="left")
    table = table.merge(_conversions(course), on="subject_id", how="left")
    table["converted"] = table["converted_day_known"].eq(True)
    falls = half_lives(
        course, **settings["response"]["half_life"], confidence=settings["level"]["confidence"]
    )
    table = table.merge(falls, on="subject_id", how="left")
    table = table.merge(_tracked_counts(tracked), on="subject_id", how="left")
    without = table["subject_id"].isin(_without_a_call(course)) & table["n_tracked"].isna()
    table["n_tracked"] = table["n_tracked"].mask(without, 0)
    table = table.merge(emergent_summary(emergent), on="subject_id", how="left")
    counts = ["n_emergent", "n_pre_existing_low", "n_unknown_at_baseline", "n_visits_evaluable"]
    table = table.assign(**{name: table[name].astype("Int64").fillna(0) for name in counts})
    text = [c.name for c in columns.SUBJECTS.columns if c.type == "text" and c.name in table]
    table = table.fillna(dict.fromkeys(text, ""))
    table["sentence"] = subject_sentences(table)
    return conform(table.reindex(columns=columns.SUBJECTS.names), columns.SUBJECTS)


def in_window(course: pd.DataFrame, rule: Mapping) -> pd.DataFrame:
    """Visits after baseline between first_day and last_day; undated ones count when there is no last day."""
    after = course[course["phase"] == "POST_BASELINE"]
    day = after["study_day"].astype("Float64")
    inside = (day >= rule["first_day"]).fillna(True)
    if rule["last_day"] is not None:
        inside &= (day <= rule["last_day"]).fillna(False)
    return after[inside.astype(bool)]


def clearance_table(
    visits: pd.DataFrame,
    subject_rows: pd.DataFrame,
    subjects: pd.DataFrame,
    planned_visits: Mapping[str, Mapping],
    *,
    confidence: float,
) -> pd.DataFrame:
    """Share of subjects with an adequate non-detection, at each planned visit and at any, three denominators.

    treated: all treated subjects; at a visit, those whose nominal day fell before the cut (a subject who left
    the study before still counts: no cleared sample was seen); at a visit without a nominal day, those who
    ended treatment by the cut. Who gave a sample always counts. baseline_detected: those of them with ctDNA
    at baseline. evaluable: those of these whose visit is DETECTED or NOT_DETECTED_ADEQUATE. The numerator is
    the same in all three: ctDNA at baseline and NOT_DETECTED_ADEQUATE.

    Parameters
    ----------
    visits : pandas.DataFrame
        Table ``ctdna/visits``.
    subject_rows : pandas.DataFrame
        Table ``ctdna/subjects``.
    subjects : pandas.DataFrame
        Table ``intake/subjects``; with the first dose and the cut it says who could have reached a visit.
    planned_visits : Mapping
        Schedule: visit name -> day, window_days, baseline, optional.
    confidence : float
        Two-sided coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/clearance`` with Clopper-Pearson intervals.
    """
    after = visits[(visits["phase"] == "POST_BASELINE") & visits["planned"].fillna(False)]
    rows = _shares(ANY_VISIT, _any_visit_flags(subject_rows), confidence)
    for visit, at_visit in after.groupby("visit", sort=True):
        reached = _time_for_visit(planned_visits[visit].get("day"), subject_rows, subjects)
        reached |= subject_rows["subject_id"].isin(at_visit["subject_id"])
        rows += _shares(visit, _visit_flags(at_visit, subject_rows[reached]), confidence)
    return frame_of(rows, columns.CLEARANCE)


def share_row(n: int, of: int, confidence: float) -> dict:
    """n, N, estimate and exact limits of a proportion as a row."""
    share = clopper_pearson(int(n), int(of), confidence)
    return {"n": int(n), "N": int(of), "estimate": share.estimate, "low": share.low, "high": share.high}


def _shares(visit: str, flags: pd.DataFrame, confidence: float) -> list[dict]:
    return [
        {
            "visit": visit,
            "denominator": name,
            **share_row(flags["cleared"][flags[name]].sum(), flags[name].sum(), confidence),
        }
        for name in ("treated", "baseline_detected", "evaluable")
    ]


def _any_visit_flags(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cleared": (rows["clearance"] == "CLEARED") & rows["denominator_treated"].astype(bool),
            "treated": rows["denominator_treated"].astype(bool),
            "baseline_detected": rows["denominator_baseline_detected"].astype(bool),
            "evaluable": rows["denominator_evaluable"].astype(bool),
        }
    )


def _visit_flags(at_visit: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    state = rows["subject_id"].map(at_visit.drop_duplicates("subject_id").set_index("subject_id")["state"])
    treated = rows["denominator_treated"].astype(bool)
    detected = rows["denominator_baseline_detected"].astype(bool)
    return pd.DataFrame(
        {
            "cleared": detected & (state == ADEQUATE),
            "treated": treated,
            "baseline_detected": detected,
            "evaluable": detected & state.isin(["DETECTED", ADEQUATE]),
        }
    )


def _time_for_visit(day: int | None, rows: pd.DataFrame, subjects: pd.DataFrame) -> pd.Series:
    """Subjects whose first dose lies early enough for the visit to fall before the cut; unknown counts."""
    own = subjects.drop_duplicates("subject_id").set_index("subject_id")
    if day is None:
        return rows["subject_id"].map(own["end_of_treatment_date"]).notna()
    start = own["first_dose_date"].fillna(own["reference_date"])
    time = rows["subject_id"].map((own["cut_date"] - start).dt.days + 1)
    return (time >= day) | time.isna()


def _people(course: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    known = subjects[["subject_id", "treated"]].drop_duplicates("subject_id")
    drawn = course[["subject_id"]].drop_duplicates() if len(course) else known[["subject_id"]].head(0)
    wanted = known[
        known["treated"].fillna(False).astype(bool) | known["subject_id"].isin(drawn["subject_id"])
    ]
    people = wanted.merge(drawn, on="subject_id", how="outer")
    treated = people["treated"].astype("boolean").fillna(False)
    return people[["subject_id"]].assign(denominator_treated=treated)


def _baselines(course: pd.DataFrame) -> pd.DataFrame:
    own = course.drop_duplicates("subject_id")[["subject_id", *BASELINE_COLUMNS]]
    named = course[course["level_metric"] != ""].drop_duplicates("subject_id")[["subject_id", "level_metric"]]
    return own.merge(named, on="subject_id", how="left")


def _with_clearance(table: pd.DataFrame, counting: pd.DataFrame) -> pd.DataFrame:
    evaluable = deciding(counting)
    known = table["baseline_state"] == "DETECTED"
    cleared = table["subject_id"].isin(evaluable.loc[evaluable["state"] == ADEQUATE, "subject_id"])
    seen = table["subject_id"].isin(evaluable["subject_id"])
    table = table.merge(confirmation(counting), on="subject_id", how="left")
    table.loc[~known, ["clearance_day", "clearance_date", "clearance_confirmed"]] = [pd.NA, pd.NaT, ""]
    table["clearance"] = np.select(
        [table["baseline_state"] == "BASELINE_NOT_DETECTED", known & cleared, known & seen],
        ["BASELINE_NOT_DETECTED", "CLEARED", "NOT_CLEARED"],
        default="NOT_EVALUABLE",
    )
    reasons = table["subject_id"].map(_reasons(counting)).fillna("no visit after baseline")
    reasons = reasons.where(known, "baseline not evaluable")
    table["clearance_reason"] = reasons.where(table["clearance"] == "NOT_EVALUABLE", "")
    table["n_visits_evaluable"] = table["subject_id"].map(evaluable["subject_id"].value_counts())
    table["denominator_baseline_detected"] = known & table["denominator_treated"].astype(bool)
    table["denominator_evaluable"] = table["denominator_baseline_detected"] & seen
    return table


def _reasons(counting: pd.DataFrame) -> pd.Series:
    silent = counting[~counting["state"].isin(["DETECTED", ADEQUATE])]
    words = silent["visit"] + ": " + silent["reason"].map(lambda text: text.split(": ", 1)[-1])
    return words.groupby(silent["subject_id"], sort=True).agg("; ".join)


def _responses(counting: pd.DataFrame) -> pd.DataFrame:
    known = counting[counting["baseline_state"] == "DETECTED"]
    best = {f"molecular_response_{cut}": best_response(known, f"response_{cut}") for cut in (50, 90, 100)}
    lowest = known.groupby("subject_id")["ratio"].min()
    return pd.DataFrame({**best, "best_ratio": lowest}).rename_axis("subject_id").reset_index()


def _nadirs(course: pd.DataFrame) -> pd.DataFrame:
    known = course[course["baseline_state"] == "DETECTED"]
    value = stand_in_level(known)
    lowest = known.assign(nadir_level=value)[value.notna()]
    lowest = lowest.sort_values(["subject_id", "nadir_level", "sequence"], kind="stable")
    lowest = lowest.drop(columns="nadir_day", errors="ignore").drop_duplicates("subject_id")
    return lowest[["subject_id", "nadir_level", "study_day"]].rename(columns={"study_day": "nadir_day"})


def _progressions(course: pd.DataFrame) -> pd.DataFrame:
    risen = course[course["molecular_progression"].fillna(False).astype(bool)].drop_duplicates("subject_id")
    return risen[["subject_id", "collection_date", "study_day"]].rename(
        columns={
            "collection_date": "molecular_progression_date",
            "study_day": "molecular_progression_day",
        }
    )


def _conversions(course: pd.DataFrame) -> pd.DataFrame:
    newly = course[course["event"] == "NEWLY_DETECTED"].drop_duplicates("subject_id")
    return pd.DataFrame(
        {
            "subject_id": newly["subject_id"],
            "converted_day": newly["study_day"],
            "converted_day_known": True,
        }
    )


def _without_a_call(course: pd.DataFrame) -> pd.Series:
    """Subjects whose baseline sample was read for variants and shows none to track."""
    at_baseline = course[course["phase"] == "BASELINE"]
    silent = (at_baseline["n_tracked"] == 0).fillna(False) | (at_baseline["lod_basis"] == "ASSUMED")
    return at_baseline.loc[silent.astype(bool), "subject_id"]


def _tracked_counts(tracked: pd.DataFrame) -> pd.DataFrame:
    frozen = tracked[tracked["origin"] != "emergent"]
    grouped = frozen.groupby("subject_id", sort=True)
    hashes = tracked[tracked["set_hash"] != ""].drop_duplicates("subject_id").set_index("subject_id")
    numbers = grouped["in_level"].sum().astype("Int64").rename("n_tracked")
    table = numbers.to_frame().rename_axis("subject_id").reset_index()
    table["tracked_hash"] = table["subject_id"].map(hashes["set_hash"])
    return table
