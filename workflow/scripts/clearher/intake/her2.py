"""HER2 readings from a table (TSV, CSV, XLSX) or from SDTM MI and GF, checked cell by cell."""

import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from clearher.columns.her2_records import HER2
from clearher.intake.dates import date_range
from clearher.intake.domains import Domain, cell_problems, date_problems
from clearher.intake.her2_sdtm import readings_of_domains
from clearher.intake.identifiers import identifier_problems
from clearher.intake.layouts import AS_NAMED, Layout, layout_of
from clearher.intake.records import of_others
from clearher.intake.sample_inputs import unknown_subjects
from clearher.intake.sheets import IN_LAYOUTS, OTHER_WORDS, nearest, unknown_columns
from clearher.intake.text_tables import ROW, in_our_names, read_text_table, without_rows
from clearher.problems import Problem
from clearher.tables import conform

REQUIRED = ("subject_id", "specimen_id")
RESULTS = ("ihc_score", "ish_result", "ish_ratio", "ish_her2_copies")
DERIVED = ("source_row", "source", "specimen_date_last", "specimen_date_text")
COLUMNS = tuple(name for name in HER2.names if name not in DERIVED)
NUMBERS = tuple(column.name for column in HER2.columns if column.type == "number")
PERCENTS = ("pct_0", "pct_1", "pct_2", "pct_3", "stain_percent")
UPPER_LIMIT = {**dict.fromkeys(PERCENTS, 100.0)}
SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "specimen_type": {
        "primary tumor": "primary",
        "primary tumour": "primary",
        "metastasis": "metastatic",
        "recurrent": "metastatic",
        "recurrence": "metastatic",
        "relapse": "metastatic",
        "原发": "primary",
        "转移": "metastatic",
        "复发": "metastatic",
    },
    "preservation": {"archive": "archival", "archived": "archival", "存档": "archival", "新鲜": "fresh"},
    "laboratory": {"中心": "central", "中心实验室": "central", "本地": "local", "outside": "local"},
    "stain_completeness": {},
    "stain_intensity": {"strong": "intense"},
    "ish_counts": {"totals": "total", "averages": "average", "mean": "average", "sum": "total"},
}
OF_THE_SPECIMEN = {"specimen_date": "error", "specimen_type": "error", "preservation": "error"}


def read_her2(
    path: str | Path,
    *,
    settings: Mapping[str, Any],
    cut_date: str | None = None,
    layout: Layout = AS_NAMED,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the HER2 readings of a study.

    Parameters
    ----------
    path : str or Path
        A table with the columns of her2.tsv, or a folder with SDTM MI (and GF for ISH).
    settings : Mapping
        Section ``her2`` of the configuration; ``sdtm`` says how MI and GF carry what CDISC has no term for.
    cut_date : str or None
        Data cut; readings of specimens that can only be later are left out and listed.
    layout : Layout
        A table's own names of columns; a folder has CDISC's.

    Returns
    -------
    tuple of pandas.DataFrame and list of Problem
        Table :data:`clearher.columns.intake.HER2`. Scores, ratios and status words stay as written. Partial
        dates keep the range of days they allow. Problems of every severity; a cell that cannot be read is
        missing in the frame.
    """
    if Path(path).is_dir():
        readings, problems = readings_of_domains(Path(path), settings=settings["sdtm"])
    else:
        readings, problems = _readings_of_table(Path(path), layout)
    frame, found = _typed(readings)
    problems = [*problems, *found, *_identity_problems(readings, frame)]
    if cut_date:
        later = frame["specimen_date"] > pd.Timestamp(cut_date)
        problems += _after_cut(readings, later, cut_date)
        frame = frame[~later]
    return conform(frame, HER2), problems


def her2_of_subjects(
    path: str | Path,
    subjects: pd.DataFrame,
    *,
    settings: Mapping[str, Any],
    layouts: Mapping[str, Mapping],
    excluded: Collection[str] = (),
    cut_date: str | None = None,
) -> tuple[pd.DataFrame, list[Problem]]:
    """HER2 readings as :func:`read_her2` has them, with an error for each subject the study does not have.

    Parameters
    ----------
    path : str or Path
        Table or folder.
    subjects : pandas.DataFrame
        Table ``intake/subjects``.
    settings : Mapping
        Section ``her2``.
    layouts : Mapping
        Setting ``intake.layouts``.
    excluded : collection of str
        Subjects whose readings are not used.
    cut_date : str or None
        Data cut.
    """
    layout = layout_of(layouts, "her2")
    readings, problems = of_others(
        *read_her2(path, settings=settings, cut_date=cut_date, layout=layout), excluded
    )
    ids, rows = readings["subject_id"], readings["source_row"]
    return readings, [*problems, *unknown_subjects(ids, subjects, table="her2", file=str(path), rows=rows)]


def _after_cut(readings: Domain, later: pd.Series, cut_date: str) -> list[Problem]:
    return cell_problems(
        readings,
        later,
        "specimen_date",
        check="after_data_cut",
        expected=f"a day not after the data cut, {cut_date}",
        remedy="Left out of this cut.",
        severity="info",
        subject="subject_id",
    )


def _readings_of_table(path: Path, layout: Layout) -> tuple[Domain, list[Problem]]:
    frame, problems = read_text_table(path, key=layout.file_name("subject_id"))
    if not problems:
        problems = without_rows(
            frame,
            str(path),
            expected="a row for each reading",
            remedy="Export the table again; a study without HER2 readings leaves it out of inputs.",
        )
        frame, found = in_our_names(frame, layout, COLUMNS, str(path))
        problems += found
        ours = [name for name in frame.columns if name != ROW and (name in COLUMNS or not layout.columns)]
        problems += _column_problems(str(path), ours)
        if not set(REQUIRED) <= set(ours):
            frame = frame.iloc[:0]
    for name in COLUMNS:
        if name not in frame:
            frame[name] = pd.Series("", index=frame.index, dtype=object)
    frame["source"] = f"{path.name} row " + frame[ROW].astype(str)
    readings = Domain("HER2", str(path), frame[[*COLUMNS, "source", ROW]])
    content = list(COLUMNS)
    copies = readings.frame.duplicated(content)
    problems += cell_problems(
        readings,
        copies,
        "specimen_id",
        check="row_duplicate",
        expected="each reading once",
        remedy="The repeated row is left out.",
        severity="warning",
        subject="subject_id",
    )
    return readings.keep(~copies), problems


def _column_problems(file: str, header: list[str]) -> list[Problem]:
    unknown = [name for name in header if name not in COLUMNS]
    problems = [
        _column_problem(
            file, name, "column_missing", "no such column", f"a column {name}", _hint(name, unknown)
        )
        for name in REQUIRED
        if name not in header
    ]
    if not set(RESULTS) & set(header):
        problems.append(
            _column_problem(
                file,
                RESULTS[0],
                "column_missing",
                "no column with a HER2 result",
                "at least one of " + ", ".join(RESULTS),
                f"Add one. {IN_LAYOUTS}",
            )
        )
    named = {nearest(name, unknown) for name in REQUIRED if name not in header}
    return problems + unknown_columns([name for name in unknown if name not in named], COLUMNS, file)


def _hint(name: str, unknown: list[str]) -> str:
    near = nearest(name, unknown)
    return f"Did you mean {near!r}? {IN_LAYOUTS}" if near else f"Add it. {IN_LAYOUTS}"


def _column_problem(file: str, column: str, check: str, found: str, expected: str, remedy: str) -> Problem:
    return Problem(
        check=check, file=file, row="1", column=column, found=found, expected=expected, remedy=remedy
    )


def _typed(readings: Domain) -> tuple[pd.DataFrame, list[Problem]]:
    """Readings with their types, and the cells that do not fit."""
    frame = readings.frame.copy()
    problems: list[Problem] = []
    for name, synonyms in SYNONYMS.items():
        allowed = next(column.values for column in HER2.columns if column.name == name)
        frame[name], found = _choices(readings, name, allowed, synonyms)
        problems += found
    for name in NUMBERS:
        frame[name], found = _numbers(readings, name)
        problems += found
    days = date_range(readings.text("specimen_date"))
    problems += date_problems(
        readings,
        "specimen_date",
        partial_severity="warning",
        partial_remedy="It is baseline only if every day it can mean is before the first dose.",
        subject="subject_id",
    )
    frame["specimen_date_text"] = readings.text("specimen_date")
    frame["specimen_date"], frame["specimen_date_last"] = days["first"], days["last"]
    for name in REQUIRED:
        problems += cell_problems(
            readings,
            frame[name] == "",
            name,
            check="cell_empty",
            expected=f"a {name}",
            remedy="Fill the cell.",
            subject="subject_id",
        )
    return frame, problems


def _choices(
    readings: Domain, column: str, allowed: tuple[str, ...], synonyms: Mapping[str, str]
) -> tuple[pd.Series, list[Problem]]:
    plain = readings.text(column).map(lambda text: unicodedata.normalize("NFKC", text).strip().lower())
    values = plain.replace(dict(synonyms))
    wrong = (values != "") & ~values.isin(allowed)
    problems = cell_problems(
        readings,
        wrong,
        column,
        check="value_unknown",
        expected="one of " + ", ".join(allowed) + ", or empty",
        remedy=f"Leave an unknown one empty. {OTHER_WORDS}",
        subject="subject_id",
    )
    return values.mask(wrong, "").astype(object), problems


def _numbers(readings: Domain, column: str) -> tuple[pd.Series, list[Problem]]:
    text = readings.text(column).map(
        lambda value: unicodedata.normalize("NFKC", value).replace("%", "").strip()
    )
    bound = text.str.match(r"^[<>≤≥]\s*=?\s*[\d.]+$")
    values = pd.to_numeric(text.mask(bound, ""), errors="coerce").astype("float64")
    problems = cell_problems(
        readings,
        bound,
        column,
        check="number_bound",
        expected="a number",
        remedy="A bound is no value; the cell is left missing.",
        severity="warning",
        subject="subject_id",
    )
    high = UPPER_LIMIT.get(column, float("inf"))
    wrong = (text != "") & ~bound & (values.isna() | (values < 0) | (values > high))
    limit = f" from 0 to {high:g}" if high < float("inf") else " of 0 or more"
    problems += cell_problems(
        readings,
        wrong,
        column,
        check="number_malformed",
        expected=f"a number{limit}, or empty",
        remedy="Correct the value.",
        otherwise="It is read as missing.",
        subject="subject_id",
    )
    return values.mask(wrong), problems


def _identity_problems(readings: Domain, frame: pd.DataFrame) -> list[Problem]:
    """A specimen of two subjects, one with two dates, types or preservations, identifiers that look alike."""
    problems = identifier_problems(frame["subject_id"], file=readings.file, column="subject_id")
    named = frame[frame["specimen_id"] != ""]
    problems += identifier_problems(named["specimen_id"], file=readings.file, column="specimen_id")
    owners = named.groupby("specimen_id")["subject_id"].transform("nunique")
    problems += _conflict(
        readings, owners.reindex(frame.index).fillna(0) > 1, "specimen_id", "one subject", "error"
    )
    for column, severity in OF_THE_SPECIMEN.items():
        text = (
            readings.frame.loc[named.index, "specimen_date"] if column == "specimen_date" else named[column]
        )
        filled = text.where(text != "")
        kinds = filled.groupby([named["subject_id"], named["specimen_id"]]).transform("nunique")
        problems += _conflict(
            readings, kinds.reindex(frame.index).fillna(0) > 1, column, f"one {column} a specimen", severity
        )
    return problems


def _conflict(readings: Domain, mask: pd.Series, column: str, expected: str, severity: str) -> list[Problem]:
    return cell_problems(
        readings,
        mask,
        column,
        check="specimen_conflict",
        expected=expected,
        remedy="Give each specimen an identifier of its own, or correct the row.",
        severity=severity,
        subject="subject_id",
    )
