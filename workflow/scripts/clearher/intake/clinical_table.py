"""Clinical data from one table with one row a subject."""

import difflib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.covariates import covariate_values
from clearher.intake.dates import complete_dates
from clearher.intake.domains import Domain, cell_problems, date_problems, numbers_of
from clearher.intake.durations import completed_durations, duration_problems
from clearher.intake.follow_up import REFERENCE_COLUMNS
from clearher.intake.records import ClinicalRecords, filled, records_of
from clearher.intake.sdtm_response import mapped_responses
from clearher.intake.text_tables import ROW, read_text_table, without_rows
from clearher.problems import Problem

SUBJECT_DATES = (
    "enrolment_date",
    "randomisation_date",
    "first_dose_date",
    "last_dose_date",
    "end_of_treatment_date",
    "end_of_study_date",
)
OTHER_DATES = ("response_date", "progression_date", "last_contact_date")
ENDPOINTS = ("pfs", "os", "dor")
KNOWN = (
    "subject_id",
    "arm",
    "age",
    "sex",
    "best_response",
    "death_date",
    *SUBJECT_DATES,
    *OTHER_DATES,
    *(f"{name}_{part}" for name in ENDPOINTS for part in ("days", "event")),
)
EVENT_WORDS = {
    "1": True,
    "0": False,
    "Y": True,
    "N": False,
    "YES": True,
    "NO": False,
    "TRUE": True,
    "FALSE": False,
}
SUBJECT = "subject_id"


def read_clinical_table(path: str | Path, *, value_map: Mapping[str, str], reference: str) -> ClinicalRecords:
    """Read a table with one row a subject; columns that are not ours become covariates.

    Parameters
    ----------
    path : str or Path
        TSV, CSV or XLSX (or any other known format).
    value_map : Mapping
        What words of ``best_response`` other than CR PR SD NON-CR/NON-PD PD NE, and the groups CR/PR and
        SD/PD, stand for, or ``exclude``.
    reference : str
        ``first_dose``, ``randomisation`` or ``enrolment``: day 1 of durations.

    Returns
    -------
    ClinicalRecords
        Subjects, contacts and ``supplied``. Durations of dated events are computed, and the day of death
        from a count; where both are given they must agree. Without a column ``first_dose_date`` every
        subject counts as treated.
    """
    frame, problems = read_text_table(path)
    table = Domain("table", str(path), frame.rename(columns=lambda name: name.strip().lower()))
    if not table.has(SUBJECT):
        return records_of([*problems, *([] if problems else [_no_subject(table)])])
    problems += without_rows(
        frame, str(path), expected="a row for each subject", remedy="Export the table again."
    )
    table, found = _unique_subjects(table)
    problems += [*found, *_misspelt(table), *_date_problems(table)]
    supplied, found = _supplied(table, value_map)
    problems += found
    start_column = REFERENCE_COLUMNS[reference]
    start = complete_dates(table.text(start_column))
    problems += duration_problems(table, supplied, start, start_column)
    supplied = completed_durations(supplied, start)
    subjects, found = _subjects(table, supplied)
    problems += found
    contacts = _contacts(table, supplied)
    return records_of(
        problems, subjects=subjects, contacts=contacts, supplied=filled(supplied, columns.SUPPLIED)
    )


def _no_subject(table: Domain) -> Problem:
    near = difflib.get_close_matches(SUBJECT, list(table.frame.columns), n=1, cutoff=0.5)
    return Problem(
        check="column_missing",
        file=table.file,
        row="1",
        column=SUBJECT,
        found=f"no such column, but {near[0]}" if near else "no such column",
        expected=f"a column {SUBJECT}",
        remedy="Add or rename the column.",
    )


def _unique_subjects(table: Domain) -> tuple[Domain, list[Problem]]:
    blank = table.text(SUBJECT) == ""
    repeated = table.frame.duplicated(SUBJECT) & ~blank
    problems = cell_problems(
        table,
        blank,
        SUBJECT,
        check="subject_blank",
        expected="a subject identifier",
        remedy="Fill it in.",
        otherwise="The row is not used.",
        subject=SUBJECT,
    )
    problems += cell_problems(
        table,
        repeated,
        SUBJECT,
        check="subject_duplicate",
        expected="each subject once",
        remedy="Remove the rows that do not hold.",
        otherwise="Only the first row is kept.",
        subject=SUBJECT,
    )
    return table.keep(~blank & ~repeated), problems


def _misspelt(table: Domain) -> list[Problem]:
    problems = []
    for name in (name for name in table.frame.columns if name not in (*KNOWN, ROW)):
        absent = [known for known in KNOWN if not table.has(known)]
        near = difflib.get_close_matches(name, absent, n=1, cutoff=0.85)
        if near:
            problems.append(
                Problem(
                    check="column_misspelt",
                    file=table.file,
                    row="1",
                    column=name,
                    found=f"a column {name}",
                    expected=f"{near[0]}",
                    remedy=f"Rename it to {near[0]} if it is meant; it is read as a covariate.",
                    severity="warning",
                )
            )
    return problems


def _date_problems(table: Domain) -> list[Problem]:
    problems = []
    for column in (*SUBJECT_DATES, *OTHER_DATES):
        problems += date_problems(
            table,
            column,
            partial_severity="warning",
            partial_remedy="Not used; give the full date.",
            subject=SUBJECT,
        )
    return problems + date_problems(
        table,
        "death_date",
        partial_severity="warning",
        partial_remedy="Set to the first possible day, and flagged.",
        subject=SUBJECT,
    )


def _supplied(table: Domain, value_map: Mapping[str, str]) -> tuple[pd.DataFrame, list[Problem]]:
    recorded = table.text("best_response")
    answered = table.keep(recorded != "")
    _, response, problems = mapped_responses(
        answered,
        recorded[recorded != ""],
        "best_response",
        value_map,
        subject=SUBJECT,
        allowed=columns.SUPPLIED_RESPONSES,
    )
    frame = pd.DataFrame(
        {
            SUBJECT: table.text(SUBJECT),
            "best_response": response.reindex(table.frame.index).fillna(""),
            "source": table.source(),
        }
    )
    for column in (*OTHER_DATES, "death_date"):
        frame[column] = complete_dates(table.text(column))
    for name in ENDPOINTS:
        frame[f"{name}_days"], found = numbers_of(table, f"{name}_days", SUBJECT)
        events, wrong = _events(table, f"{name}_event")
        frame[f"{name}_event"] = events
        problems += [*found, *wrong]
    return frame, problems


def _events(table: Domain, column: str) -> tuple[pd.Series, list[Problem]]:
    words = table.text(column).str.upper()
    events = words.map(EVENT_WORDS).astype("boolean")
    return events, cell_problems(
        table,
        (words != "") & events.isna(),
        column,
        check="event_unknown",
        expected="1 (event) or 0 (censored)",
        remedy="Correct the value.",
        otherwise="It is read as missing.",
        subject=SUBJECT,
    )


def _subjects(table: Domain, supplied: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    age, problems = numbers_of(table, "age", SUBJECT)
    counted = supplied["death_date"].dt.strftime("%Y-%m-%d").fillna("")
    frame = pd.DataFrame(
        {
            SUBJECT: table.text(SUBJECT),
            "arm": table.text("arm"),
            "screen_failure": False,
            "death_text": table.text("death_date").mask(lambda text: text == "", counted),
            "age": age,
            "sex": table.text("sex"),
        }
    )
    for column in SUBJECT_DATES:
        frame[column] = complete_dates(table.text(column))
    frame["treated"] = frame["first_dose_date"].notna() if table.has("first_dose_date") else True
    for name in (name for name in table.frame.columns if name not in (*KNOWN, ROW, *columns.SUBJECTS.names)):
        frame[name] = covariate_values(table.frame[name])
    if not table.has("first_dose_date"):
        problems.append(_assumed_treated(table))
    return filled(frame, columns.SUBJECTS), problems


def _assumed_treated(table: Domain) -> Problem:
    return Problem(
        check="treated_assumed",
        file=table.file,
        column="first_dose_date",
        found="no such column",
        expected="the date of the first dose",
        remedy="Every subject of the table counts as treated.",
        severity="info",
    )


def _contacts(table: Domain, supplied: pd.DataFrame) -> pd.DataFrame:
    proofs = {name: complete_dates(table.text(name)) for name in SUBJECT_DATES}
    proofs |= {name: supplied[name] for name in OTHER_DATES}
    frames = [
        pd.DataFrame(
            {
                SUBJECT: supplied[SUBJECT],
                "domain": "TABLE",
                "variable": name,
                "sequence": pd.Series(pd.NA, index=supplied.index, dtype="Int64"),
                "date": dates,
            }
        )
        for name, dates in proofs.items()
    ]
    contacts = pd.concat(frames)
    return filled(contacts[contacts["date"].notna()], columns.CONTACTS)
