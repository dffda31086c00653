"""The analysis set: one row a subject, every variable with its source and the day it rests on."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from clearher.clinical.days import study_day
from clearher.columns import association as columns
from clearher.columns.intake import SUBJECTS as INTAKE_SUBJECTS
from clearher.tables import conform

BASELINE_INPUT = "declared as baseline by the input table; not dated"
SAMPLE_DAY = "day of the baseline sample"
SPECIMEN_DAY = "day of the specimen"
ALL_SAMPLES = "rests on every evaluable sample, up to the last one's day"
ALL_SCANS = "rests on every usable assessment, up to the last one's day"
OWN_DAY = "its own day"
FOLLOW_UP = "known at the end of follow-up"
CLOCKS = "dates of the start; not dated itself"


class Variable(NamedTuple):
    """A variable: where it comes from, when it is known, and by which column its day is known."""

    name: str
    table: str
    column: str
    known: str
    day_column: str
    rule: str


class AnalysisSet(NamedTuple):
    """The subjects' variables, and the lineage of each variable."""

    subjects: pd.DataFrame
    lineage: pd.DataFrame


INTAKE = "intake/subjects.tsv"
HER2 = "her2/subjects.tsv"
CTDNA = "ctdna/subjects.tsv"
RESPONSES = "clinical/responses.tsv"
TIMES = "clinical/time_to_event.tsv"
LANDSCAPE = "ctdna/landscape.tsv"

VARIABLES = (
    *(
        Variable(name, INTAKE, name, "baseline", "", BASELINE_INPUT)
        for name in ("arm", "treated", "age", "sex")
    ),
    Variable("clock_shift_days", INTAKE, "reference_date", "baseline", "", CLOCKS),
    *(
        Variable(name, HER2, column, "baseline", "her2_known_day", SPECIMEN_DAY)
        for name, column in (
            ("her2_level", "level"),
            ("her2_category", "category"),
            ("her2_certainty", "certainty"),
            ("h_score", "h_score"),
            ("her2_known_day", "known_day"),
        )
    ),
    *(
        Variable(f"ctdna_{column}", CTDNA, column, "baseline", "ctdna_baseline_day", SAMPLE_DAY)
        for column in ("baseline_state", "baseline_level", "baseline_max_vaf", "baseline_day")
    ),
    *(
        Variable(f"ctdna_{column}", CTDNA, column, "post_baseline", "ctdna_last_day", ALL_SAMPLES)
        for column in ("clearance", "best_ratio")
    ),
    Variable("ctdna_clearance_day", CTDNA, "clearance_day", "post_baseline", "ctdna_clearance_day", OWN_DAY),
    Variable("ctdna_last_day", "ctdna/visits.tsv", "study_day", "post_baseline", "ctdna_last_day", OWN_DAY),
    Variable(
        "ctdna_progression_day",
        CTDNA,
        "molecular_progression_day",
        "post_baseline",
        "ctdna_progression_day",
        OWN_DAY,
    ),
    *(
        Variable(name, RESPONSES, name, "outcome", "response_last_day", ALL_SCANS)
        for name in (
            "bor",
            "confirmed_bor",
            "responder",
            "confirmed_responder",
            "disease_control",
            "best_change_percent",
        )
    ),
    Variable("response_last_day", RESPONSES, "last_adequate_date", "outcome", "response_last_day", OWN_DAY),
    *(
        Variable(f"{endpoint}_{part}", TIMES, part, "outcome", f"{endpoint}_days", FOLLOW_UP)
        for endpoint in ("pfs", "os")
        for part in ("days", "event")
    ),
)


def analysis_set(
    intake_subjects: pd.DataFrame,
    *,
    her2_subjects: pd.DataFrame,
    ctdna_subjects: pd.DataFrame,
    ctdna_visits: pd.DataFrame,
    landscape: pd.DataFrame,
    responses: pd.DataFrame,
    time_to_event: pd.DataFrame,
    settings: Mapping,
) -> AnalysisSet:
    """Join the stages into one row a subject and write down where each variable comes from.

    Parameters
    ----------
    intake_subjects, her2_subjects, ctdna_subjects, ctdna_visits, landscape, responses, time_to_event
        Tables of the stages; empty where the study has no such data. Open columns of the intake table
        are covariates.
    settings : Mapping
        The config section ``association``: evaluator, genes.

    Returns
    -------
    AnalysisSet
        Subjects (every enrolled one, in the intake's order of names) and lineage. A value that a stage
        does not have is missing, never a default.
    """
    subjects = intake_subjects.loc[~intake_subjects["screen_failure"].fillna(False).astype(bool)]
    subjects = subjects.set_index("subject_id")
    covariates = _covariates(intake_subjects)
    parts = [
        subjects[["arm", "treated", "age", "sex", *covariates]].assign(
            clock_shift_days=clock_shift(subjects)
        ),
        _her2(her2_subjects),
        _ctdna(ctdna_subjects, ctdna_visits),
        _responses(responses, intake_subjects, settings["evaluator"]),
        _times(time_to_event),
        _genes(landscape, ctdna_subjects, ctdna_visits, settings["genes"]),
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.join(part, how="left")
    frame = conform(joined.reset_index(), columns.SUBJECTS)
    return AnalysisSet(frame, _lineage(frame, covariates, list(parts[-1].columns), her2_subjects))


def clock_shift(subjects: pd.DataFrame) -> pd.Series:
    """Days by which the clock of the endpoints runs ahead of the study days of samples and specimens.

    Study days count from the first dose, without a dose from the reference date; endpoints count from the
    reference date. Day d of an endpoint is day d - shift from the first dose (0 being the day before it).

    Parameters
    ----------
    subjects : pandas.DataFrame
        first_dose_date, reference_date.

    Returns
    -------
    pandas.Series of Int64
        First dose minus reference date; 0 without a first dose, for both clocks are then one; missing
        where a first dose has no reference date to stand against.
    """
    first = subjects["first_dose_date"]
    shift = (first - subjects["reference_date"]).dt.days.astype("Int64")
    return shift.mask(first.isna(), 0)


def rule_levels(her2_subjects: pd.DataFrame) -> list[str]:
    """Columns of the HER2 table with the level under each subject rule."""
    return [name for name in her2_subjects.columns if name.startswith("level_")]


def _covariates(intake_subjects: pd.DataFrame) -> list[str]:
    reserved = {*INTAKE_SUBJECTS.names, *columns.SUBJECTS.names}
    return sorted(set(intake_subjects.columns) - reserved)


def _her2(her2_subjects: pd.DataFrame) -> pd.DataFrame:
    names = {variable.column: variable.name for variable in VARIABLES if variable.table == HER2}
    names |= {column: f"her2_{column}" for column in rule_levels(her2_subjects)}
    return her2_subjects.set_index("subject_id")[list(names)].rename(columns=names)


def _ctdna(ctdna_subjects: pd.DataFrame, ctdna_visits: pd.DataFrame) -> pd.DataFrame:
    names = {variable.column: variable.name for variable in VARIABLES if variable.table == CTDNA}
    frame = ctdna_subjects.set_index("subject_id")[list(names)].rename(columns=names)
    searched = (frame["ctdna_baseline_state"] == "BASELINE_NOT_DETECTED") & frame[
        "ctdna_baseline_level"
    ].isna()
    frame["ctdna_baseline_level"] = frame["ctdna_baseline_level"].mask(searched, 0.0)
    seen = ctdna_visits[ctdna_visits["state"] != "NOT_EVALUABLE"]
    last = seen.groupby("subject_id")["study_day"].max().astype("Int64").rename("ctdna_last_day")
    return frame.join(last, how="left")


def _responses(responses: pd.DataFrame, intake_subjects: pd.DataFrame, evaluator: str) -> pd.DataFrame:
    rows = responses[responses["evaluator"] == evaluator].set_index("subject_id")
    people = intake_subjects.set_index("subject_id")
    start = people["first_dose_date"].fillna(people["reference_date"]).reindex(rows.index)
    dates = rows[["last_adequate_date", "bor_date", "first_pd_date"]].max(axis=1)
    names = [v.column for v in VARIABLES if v.table == RESPONSES and v.name != "response_last_day"]
    return rows[names].assign(response_last_day=study_day(dates, start))


def _times(time_to_event: pd.DataFrame) -> pd.DataFrame:
    rows = time_to_event[time_to_event["rule"] == "primary"]
    parts = []
    for endpoint in ("PFS", "OS"):
        part = rows[rows["endpoint"] == endpoint].set_index("subject_id")[["days", "event"]]
        parts.append(part.add_prefix(f"{endpoint.lower()}_"))
    return parts[0].join(parts[1], how="outer")


def _genes(
    landscape: pd.DataFrame, ctdna_subjects: pd.DataFrame, ctdna_visits: pd.DataFrame, settings: Mapping
) -> pd.DataFrame:
    """Altered at baseline or not, for subjects whose baseline variants are known; others stay missing."""
    altered = landscape["baseline"].fillna(False).astype(bool)
    if not settings["include_ch_like"]:
        altered &= ~landscape["ch_like"].fillna(False).astype(bool)
    drawn = ctdna_visits.loc[ctdna_visits["phase"] == "BASELINE", "subject_id"]
    tracked = ctdna_subjects.loc[ctdna_subjects["n_tracked"].notna(), "subject_id"]
    known = sorted(set(drawn) & set(tracked))
    wide = landscape.assign(altered=altered).pivot(index="subject_id", columns="gene", values="altered")
    wide = wide.reindex(known).astype("boolean").fillna(False)
    return wide.add_prefix("gene_").rename_axis(columns=None)


def _lineage(
    frame: pd.DataFrame, covariates: list[str], genes: list[str], her2_subjects: pd.DataFrame
) -> pd.DataFrame:
    variables = [
        *VARIABLES,
        *(Variable(name, INTAKE, name, "baseline", "", BASELINE_INPUT) for name in covariates),
        *(
            Variable(name, LANDSCAPE, "baseline", "baseline", "ctdna_baseline_day", SAMPLE_DAY)
            for name in genes
        ),
        *(
            Variable(f"her2_{name}", HER2, name, "baseline", "her2_known_day", SPECIMEN_DAY)
            for name in rule_levels(her2_subjects)
        ),
    ]
    rows = [_lineage_row(frame, variable) for variable in variables]
    return conform(pd.DataFrame(rows, columns=columns.LINEAGE.names), columns.LINEAGE)


def _lineage_row(frame: pd.DataFrame, variable: Variable) -> dict:
    values = frame[variable.name]
    filled = values.notna() & (values.astype(object) != "")
    days = frame.loc[filled, variable.day_column] if variable.day_column else pd.Series(dtype="Int64")
    return {
        "variable": variable.name,
        "source_table": variable.table,
        "source_column": variable.column,
        "known": variable.known,
        "known_day_column": variable.day_column,
        "rule": variable.rule,
        "n_known": int(filled.sum()),
        "n_undated": int(days.isna().sum()) if variable.day_column else int(filled.sum()),
        "latest_day": days.max() if days.notna().any() else pd.NA,
    }
