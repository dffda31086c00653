"""Which recorded overall responses count: one step after the other, each row keeping the step it left at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clearher.clinical.days import difference, spoken, study_day
from clearher.columns import clinical as columns
from clearher.problems import Problem, raise_if_errors
from clearher.tables import conform, frame_of

# Worst last; of several responses of a day the worst counts.
ORDER = {"NE": 0, "CR": 1, "PR": 2, "SD": 3, "NON-CR/NON-PD": 4, "PD": 5}
USED = "used"


@dataclass(frozen=True)
class SelectionRule:
    """What decides which responses count.

    Attributes
    ----------
    evaluator : str
        Whose assessments.
    value_map : Mapping
        Recorded word to response or ``exclude``.
    same_day : str
        ``worst`` or ``latest`` of several responses of a day.
    new_therapy : bool
        Whether a new anti-cancer therapy ends the observation.
    same_day_counts : bool
        Whether an assessment on the day the therapy starts still counts.
    """

    evaluator: str
    value_map: Mapping
    same_day: str = "worst"
    new_therapy: bool = True
    same_day_counts: bool = False


def selection_rule(settings: Mapping, evaluator: str, *, new_therapy: bool | None = None) -> SelectionRule:
    """The rule that the section ``clinical`` of the configuration sets for an evaluator."""
    rows, therapy = settings["response"]["rows"], settings["time_to_event"]["new_therapy"]
    return SelectionRule(
        evaluator=evaluator,
        value_map=rows["value_map"],
        same_day=rows["same_day"],
        new_therapy=therapy["apply"] if new_therapy is None else new_therapy,
        same_day_counts=therapy["same_day_counts"],
    )


def eligible_subjects(subjects: pd.DataFrame) -> pd.DataFrame:
    """Subjects with a reference date who are no screen failures: the set every response is derived for.

    A death after the data cut has not happened yet.
    """
    known = subjects["reference_date"].notna() & ~subjects["screen_failure"].fillna(False).astype(bool)
    members = subjects[known].reset_index(drop=True)
    death = members["death_date"].mask(members["death_date"].gt(members["cut_date"]))
    return members.assign(death_date=death)


def first_new_therapy(therapies: pd.DataFrame, subjects: pd.DataFrame, sources: list[str]) -> pd.DataFrame:
    """First new anti-cancer therapy per subject after the reference date.

    A therapy after the data cut does not exist yet; one without a usable start date cannot count.

    Returns
    -------
    pandas.DataFrame
        subject_id, date, latest (the last day that the record can mean: of a start known by its month the
        first day counts, and the month ends on the latest), source, term.
    """
    rows = therapies[therapies["domain"].isin(sources) & therapies["start_date"].notna()]
    rows = rows.merge(subjects[["subject_id", "reference_date", "cut_date"]], on="subject_id")
    inside = rows["cut_date"].isna() | rows["start_date"].le(rows["cut_date"])
    rows = rows[inside & rows["start_date"].gt(rows["reference_date"])].rename(columns={"start_date": "date"})
    rows = rows.sort_values(["subject_id", "date", "domain", "sequence"]).drop_duplicates("subject_id")
    rows["source"] = rows["domain"] + " record " + rows["sequence"].astype(str)
    rows["latest"] = rows["date"].mask(rows["date_imputed"].ne(""), rows["date"] + pd.offsets.MonthEnd(0))
    return rows[["subject_id", "date", "latest", "source", "term"]].reset_index(drop=True)


def select(
    assessments: pd.DataFrame, subjects: pd.DataFrame, therapies: pd.DataFrame, rule: SelectionRule
) -> pd.DataFrame:
    """Every recorded response of one evaluator with the step at which it leaves, or ``used``.

    Parameters
    ----------
    assessments : pandas.DataFrame
        Table ASSESSMENTS of intake.
    subjects : pandas.DataFrame
        Eligible subjects; rows of other subjects are left out.
    therapies : pandas.DataFrame
        As from :func:`first_new_therapy`.
    rule : SelectionRule
        Evaluator and switches.

    Returns
    -------
    pandas.DataFrame
        The rows, sorted by subject, date, with ``value``, ``reference_date``, ``days`` (difference to it)
        and ``step``.

    Raises
    ------
    InputError
        A response that is neither known nor mapped; several readers and none accepted.

    Notes
    -----
    Order: cut, reader, value, date, reference date, death, worst of the day, new therapy, first PD.
    Source: pharmaverse/admiralonco inst/templates/ad_adrs.R and R/filter_pd.R; unlike there the day's row
    is chosen before the rows after the first PD are cut off.
    """
    dates = subjects[["subject_id", "reference_date", "death_date", "cut_date"]]
    therapy = therapies[["subject_id", "date", "latest"]].rename(
        columns={"date": "new_therapy_date", "latest": "new_therapy_latest"}
    )
    rows = assessments[assessments["evaluator"].eq(rule.evaluator)].merge(dates, on="subject_id")
    rows = rows.merge(therapy, on="subject_id", how="left")
    rows["value"] = rows["response"].replace(dict(rule.value_map))
    raise_if_errors([*_unknown_values(rows), *_unaccepted_readers(rows)])
    rows["days"] = difference(rows["date"], rows["reference_date"])
    rows["rank"] = rows["value"].map(ORDER).fillna(-1).astype(int)
    rows["step"] = USED
    _leave(rows, "after_cut", rows["date"].gt(rows["cut_date"]))
    _leave(rows, "other_reader", _not_accepted(rows))
    _leave(rows, "excluded_value", rows["value"].eq("exclude"))
    _leave(rows, "undated", rows["date"].isna())
    _leave(rows, "before_reference", rows["date"].lt(rows["reference_date"]))
    _leave(rows, "after_death", rows["date"].gt(rows["death_date"]))
    _leave(rows, "same_day", _not_the_row_of_the_day(rows, rule.same_day))
    before = before_new_therapy(
        rows, rows["date"], applies=rule.new_therapy, same_day_counts=rule.same_day_counts
    )
    _leave(rows, "new_therapy", ~before)
    rows = rows.sort_values(["subject_id", "date", "sequence"], ignore_index=True)
    _leave(rows, "after_progression", _after_first_pd(rows))
    return rows


def before_new_therapy(
    facts: pd.DataFrame, dates: pd.Series, *, applies: bool, same_day_counts: bool
) -> pd.Series:
    """Whether a date lies before the subject's new therapy; always true where the rule does not apply.

    Parameters
    ----------
    facts : pandas.DataFrame
        new_therapy_date in the rows of ``dates``; missing: no new therapy.
    dates : pandas.Series
        Dates of the assessments or events.
    applies : bool
        Whether a new therapy ends the observation (``clinical.time_to_event.new_therapy.apply``).
    same_day_counts : bool
        Whether the day on which it starts still counts.
    """
    start = facts["new_therapy_date"]
    inside = start.isna() | dates.lt(start) | (dates.eq(start) & same_day_counts)
    return inside | (not applies)


def used_rows(selection: pd.DataFrame) -> pd.DataFrame:
    """The rows that count, one a day, sorted by subject and date."""
    return selection[selection["step"].eq(USED)].reset_index(drop=True)


def selection_table(selection: pd.DataFrame, confirmed: pd.DataFrame) -> pd.DataFrame:
    """Table SELECTION: each record with its fate, and for CR and PR whether it is confirmed."""
    key = ["subject_id", "evaluator", "sequence"]
    marks = confirmed.loc[confirmed["value"].isin(["CR", "PR"]), [*key, "confirmed", "confirmed_by"]]
    table = selection.drop(columns=["confirmed", "confirmed_by"], errors="ignore").merge(
        marks, on=key, how="left"
    )
    table["study_day"] = study_day(table["date"], table["reference_date"])
    table["confirmed"] = table["confirmed"].astype("boolean")
    return conform(table[columns.SELECTION.names], columns.SELECTION)


def step_counts(selection: pd.DataFrame, evaluator: str) -> pd.DataFrame:
    """Table STEP_COUNTS of one evaluator: rows before each step, rows and subjects it removed."""
    remaining, rows = len(selection), []
    for position, step in enumerate(columns.STEPS, 1):
        leaving = selection[selection["step"].eq(step)]
        removed = 0 if step == USED else len(leaving)
        rows.append(
            {
                "evaluator": evaluator,
                "position": position,
                "step": step,
                "rows_in": remaining,
                "rows_removed": removed,
                "subjects": leaving["subject_id"].nunique(),
            }
        )
        remaining -= removed
    return frame_of(rows, columns.STEP_COUNTS)


def selection_findings(selection: pd.DataFrame) -> list[Problem]:
    """What a reader must know about the selection: rows that left, and rows that count although odd."""
    return [
        *_left_findings(selection),
        *_around_partial_therapy(selection),
        *_unread_visits(selection),
        *_used_findings(selection),
    ]


def _leave(rows: pd.DataFrame, step: str, mask: pd.Series) -> None:
    rows.loc[rows["step"].eq(USED) & mask.fillna(False).astype(bool), "step"] = step


def _several_readers(rows: pd.DataFrame) -> pd.Series:
    return rows.groupby("subject_id")["evaluator_id"].transform("nunique").gt(1)


def _not_accepted(rows: pd.DataFrame) -> pd.Series:
    return _several_readers(rows) & ~rows["accepted"].fillna(False).astype(bool)


def _not_the_row_of_the_day(rows: pd.DataFrame, same_day: str) -> pd.Series:
    order = ["rank", "sequence"] if same_day == "worst" else ["sequence"]
    candidates = rows[rows["step"].eq(USED)].sort_values(["subject_id", "date", *order], kind="stable")
    kept = candidates.drop_duplicates(["subject_id", "date"], keep="last").index
    return pd.Series(~rows.index.isin(kept), index=rows.index)


def _after_first_pd(rows: pd.DataFrame) -> pd.Series:
    progression = rows["date"].where(rows["step"].eq(USED) & rows["value"].eq("PD"))
    return rows["date"].gt(progression.groupby(rows["subject_id"]).transform("min"))


def _unknown_values(rows: pd.DataFrame) -> Iterator[Problem]:
    unknown = rows[~rows["value"].isin([*ORDER, "exclude"])]
    for row in unknown.itertuples():
        yield Problem(
            check="response_value",
            subject_id=row.subject_id,
            file=row.source,
            column="response",
            found=repr(row.response),
            expected="one of " + ", ".join(columns.OVERALL),
            remedy="Map it to a response or to exclude in clinical.response.rows.value_map.",
        )


def _unaccepted_readers(rows: pd.DataFrame) -> Iterator[Problem]:
    several = rows[_several_readers(rows)]
    accepted = several["accepted"].fillna(False).astype(bool).groupby(several["subject_id"]).any()
    for subject in accepted.index[~accepted]:
        readers = sorted(several.loc[several["subject_id"].eq(subject), "evaluator_id"].unique())
        yield Problem(
            check="accepted_reader",
            subject_id=subject,
            column="accepted",
            found=f"several readers ({', '.join(readers)}) and none accepted",
            expected="the accepted reading of each visit marked",
            remedy="Mark the accepted reader (RSACPTFL), or deliver one reader only.",
        )


LEFT_WORDS = {
    "undated": ("response without a usable date", "The row cannot count."),
    "before_reference": (
        "response before the reference date",
        "Left out; it does not end the observation either.",
    ),
    "after_death": ("response after death", "Left out."),
    "excluded_value": ("response mapped to exclude", "Left out."),
    "after_cut": ("response after the data cut", "Left out."),
    "same_day": ("another response on the same day", "The worst response of the day counts."),
}


def _warning(row: Any, check: str, *, found: str, expected: str, remedy: str) -> Problem:
    """A warning about one recorded response."""
    return Problem(
        check=check,
        severity="warning",
        subject_id=row.subject_id,
        file=row.source,
        column=row.evaluator,
        found=found,
        expected=expected,
        remedy=remedy,
    )


def _left_findings(selection: pd.DataFrame) -> Iterator[Problem]:
    for row in selection[selection["step"].isin(LEFT_WORDS)].itertuples():
        message, remedy = LEFT_WORDS[row.step]
        yield _warning(
            row,
            f"response_{row.step}",
            found=f"{row.value} {spoken(row.date) or row.date_text}".strip() + f": {message}",
            expected="a dated response on or after the reference date, one a day, not after death or cut",
            remedy=remedy,
        )


def _around_partial_therapy(selection: pd.DataFrame) -> Iterator[Problem]:
    """Responses and progressions left out by a therapy that may have begun only after them."""
    told = selection["step"].eq("new_therapy") & selection["value"].isin(["CR", "PR", "PD"])
    for row in selection[told & selection["date"].le(selection["new_therapy_latest"])].itertuples():
        yield _warning(
            row,
            "partial_therapy_date",
            found=f"{row.value} {spoken(row.date)}, in the month of a new therapy whose day is not known",
            expected="the day on which the therapy began",
            remedy="The therapy counts from the first of the month, so the response is left out; this may "
            "decide an endpoint: ask for the day.",
        )


def _unread_visits(selection: pd.DataFrame) -> Iterator[Problem]:
    """Visits of which several readers' subject has readings but no accepted one, as before adjudication."""
    pairs = zip(selection["visit"], selection["date"], strict=True)
    words = [visit or f"the visit of {spoken(date) or 'an unknown day'}" for visit, date in pairs]
    named = pd.Series(words, index=selection.index, dtype=object)
    place = [selection["subject_id"], named]
    unread = selection["step"].eq("other_reader").groupby(place).transform("all").astype(bool)
    rows = selection.assign(place=named)[unread]
    for (subject, visit), part in rows.groupby(["subject_id", "place"]):
        readings = ", ".join(f"{row.evaluator_id} {row.value}" for row in part.itertuples())
        yield Problem(
            check="visit_without_accepted_reading",
            severity="warning",
            subject_id=subject,
            file=part["source"].iloc[0],
            column=part["evaluator"].iloc[0],
            found=f"{visit}: {readings}, none accepted",
            expected="one accepted reading of each visit",
            remedy="The visit does not count, a progression in it neither; mark the accepted reading.",
        )


def _used_findings(selection: pd.DataFrame) -> Iterator[Problem]:
    used = used_rows(selection)
    seen_cr = used["value"].eq("CR").groupby(used["subject_id"]).cumsum().gt(0)
    odd = {
        "response_on_reference_date": (
            used["days"].eq(0) & used["value"].isin(["CR", "PR"]),
            "a response on the reference date",
            "It counts; check the date.",
        ),
        "pr_after_cr": (
            used["value"].eq("PR") & seen_cr,
            "PR after CR",
            "Under RECIST 1.1 disease seen again after a CR is progression; the row counts as recorded.",
        ),
        "imputed_response_date": (
            used["date_imputed"].ne("") & np.isin(used["value"], ["CR", "PR", "PD"]),
            "a response or progression on an imputed date",
            "The imputed date may decide an endpoint; ask for the day.",
        ),
    }
    for check, (mask, message, remedy) in odd.items():
        for row in used[mask.to_numpy(dtype=bool)].itertuples():
            yield _warning(
                row,
                check,
                found=f"{row.value} {spoken(row.date)}: {message}",
                expected="a course of responses without it",
                remedy=remedy,
            )
