"""Further baseline variables of the subjects, from a table of the study's own."""

import difflib
from dataclasses import replace
from pathlib import Path

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.domains import COMMA, Domain, cell_problems, known_subjects
from clearher.intake.identifiers import subject_hints
from clearher.intake.layouts import AS_NAMED, Layout
from clearher.intake.text_tables import ROW, in_our_names, read_text_table, without_rows
from clearher.problems import Problem

RESERVED = tuple(columns.SUBJECTS.names)


def with_covariates(
    subjects: pd.DataFrame, path: str | Path, layout: Layout = AS_NAMED
) -> tuple[pd.DataFrame, list[Problem]]:
    """Subjects with the columns of a covariate table added.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Table ``intake/subjects``.
    path : str or Path
        CSV, TSV, XLSX, XPT, SAS7BDAT or Parquet with ``subject_id``, one row a subject.
    layout : Layout
        Its names and words where they are not ours; columns that it does not name are covariates too.

    Returns
    -------
    tuple of pandas.DataFrame and list of Problem
        New columns are numbers where every filled cell is one, else text; a subject without a row has
        missing values. ``age`` and ``sex`` fill gaps of the subjects; other columns of the subject table
        cannot be set here.
    """
    frame, problems = read_text_table(path, key=layout.file_name("subject_id"))
    if not problems:
        problems = without_rows(
            frame,
            str(path),
            expected="a row for each subject",
            remedy="Export the table again; a study without covariates leaves it out of inputs.",
        )
        frame, found = in_our_names(frame, layout, (), str(path))
        problems += found
    if "subject_id" not in frame:
        told = any(problem.severity == "error" for problem in problems)
        return subjects, [*problems, *([] if told else [_no_subject(str(path), list(frame.columns))])]
    table = Domain("covariates", str(path), frame)
    table, found = known_subjects(table, subjects["subject_id"], "subject_id")
    hints = subject_hints([p.subject_id for p in found], subjects["subject_id"], "covariates")
    problems += [replace(p, remedy=hints.get(p.subject_id, p.remedy)) for p in found]
    repeated = table.frame.duplicated("subject_id")
    problems += cell_problems(
        table,
        repeated,
        "subject_id",
        check="subject_duplicate",
        expected="each subject once",
        remedy="Remove the rows that do not hold.",
        otherwise="Only the first row is kept.",
        subject="subject_id",
    )
    rows = table.frame[~repeated].set_index("subject_id").drop(columns=ROW)
    rows, found = _without_reserved(rows, str(path))
    result = subjects.copy()
    for name in rows.columns:
        problems += _number_problems(table, name)
        result[name] = _added(result, name, rows[name])
    return result, problems + found


def _number_problems(table: Domain, name: str) -> list[Problem]:
    """Numbers with a comma, ages that are none, and words that make a column of numbers one of categories."""
    text = table.text(name)
    unread = (text != "") & pd.to_numeric(text, errors="coerce").isna()
    with_comma = text.str.match(COMMA).astype(bool)
    wrong = unread if name == "age" else with_comma
    mixed = unread & ~wrong
    return [
        *cell_problems(
            table,
            wrong,
            name,
            check="number_malformed",
            expected="a number with a decimal point and without separators",
            remedy="Correct the value.",
            subject="subject_id",
        ),
        *cell_problems(
            table,
            mixed & pd.to_numeric(text, errors="coerce").notna().any(),
            name,
            check="covariate_mixed",
            expected="numbers alone, as in other rows",
            remedy="Each value of the column is a category now; empty the cell if it is not known.",
            severity="warning",
            subject="subject_id",
        ),
    ]


def covariate_values(text: pd.Series) -> pd.Series:
    """A covariate as numbers where every filled cell is one, else as text."""
    numbers = pd.to_numeric(text.mask(text == ""), errors="coerce")
    filled_cells = text != ""
    if filled_cells.any() and numbers[filled_cells].notna().all():
        return numbers.astype("float64")
    return text.astype(object)


def _added(subjects: pd.DataFrame, name: str, text: pd.Series) -> pd.Series:
    aligned = subjects["subject_id"].map(text).fillna("")
    if name == "age":
        return subjects["age"].fillna(pd.to_numeric(aligned, errors="coerce"))
    if name == "sex":
        return subjects["sex"].where(subjects["sex"] != "", aligned)
    return covariate_values(aligned)


def _without_reserved(rows: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    taken = [name for name in rows.columns if name in RESERVED and name not in ("age", "sex")]
    problems = [
        Problem(
            check="covariate_reserved",
            file=file,
            row="1",
            column=name,
            found=f"a column {name}",
            expected="names other than those of the subject table",
            remedy="Rename the column; it is not used.",
        )
        for name in taken
    ]
    return rows.drop(columns=taken), problems


def _no_subject(file: str, present: list[str]) -> Problem:
    near = difflib.get_close_matches("subject_id", present, n=1, cutoff=0.5)
    return Problem(
        check="column_missing",
        file=file,
        row="1",
        column="subject_id",
        found=f"no such column, but {near[0]}" if near else "no such column",
        expected="a column subject_id",
        remedy="Add or rename the column.",
    )
