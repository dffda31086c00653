"""A folder of domains: which file holds which domain, its columns as text, and problems by cell."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from clearher.intake.dates import date_range
from clearher.intake.text_tables import ROW, SUFFIXES, read_text_table, without_rows
from clearher.problems import Problem

COMMA = r"^\s*[<>=]*\s*\d[\d.]*(?:,\d+)+\s*$"


@dataclass(frozen=True)
class Domain:
    """One domain as text.

    Attributes
    ----------
    name : str
        Domain, such as ``RS``.
    file : str
        Path, for messages.
    frame : pandas.DataFrame
        Columns in upper case, all text, and ``source_row``.
    """

    name: str
    file: str
    frame: pd.DataFrame

    def has(self, column: str) -> bool:
        """Whether the file has the column."""
        return column in self.frame

    def text(self, *names: str) -> pd.Series:
        """Text of the first of the columns that is filled, row by row; empty where none is."""
        present = [self.frame[name] for name in names if name in self.frame]
        if not present:
            return pd.Series("", index=self.frame.index, dtype=object)
        result = present[0]
        for further in present[1:]:
            result = result.where(result != "", further)
        return result

    def keep(self, mask: pd.Series) -> "Domain":
        """The domain with only the rows marked."""
        return replace(self, frame=self.frame[mask])

    def source(self) -> pd.Series:
        """Domain and row of each record in words."""
        return self.name + " row " + self.frame[ROW].astype(str)


def find_domains(folder: str | Path, names: Sequence[str]) -> tuple[dict[str, Path], list[Problem]]:
    """Files of the named domains in a folder, found without regard to case.

    A domain in two files is an error (the first by name is used should that be lowered); data files that
    are no known domain are noted as not read.
    """
    folder = Path(folder)
    candidates = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    absent = sorted(set(names) - {path.stem.upper() for path in candidates})
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in candidates:
        name = path.stem.upper()
        if name not in names:
            problems.append(_not_read(path, names, absent))
        elif name in found:
            problems.append(_twice(path, name, found[name]))
        else:
            found[name] = path
    return found, problems


def read_domain(name: str, path: str | Path, required: Iterable[str]) -> tuple[Domain, list[Problem]]:
    """Read one domain; absent required columns are problems and read as empty."""
    frame, problems = read_text_table(path, key="USUBJID")
    frame = frame.rename(columns=lambda column: column if column == ROW else column.upper())
    for column in required:
        if column not in frame and not problems:
            problems.append(absent_column(str(path), column, list(frame.columns)))
    for column in required:
        if column not in frame:
            frame[column] = pd.Series("", index=frame.index, dtype=object)
    return Domain(name, str(path), frame), problems


def cell_problems(
    domain: Domain,
    mask: pd.Series,
    column: str,
    *,
    check: str,
    expected: str,
    remedy: str,
    otherwise: str = "",
    severity: str = "error",
    subject: str = "USUBJID",
) -> list[Problem]:
    """One problem a marked row, with the row's subject and the text of the column."""
    if not mask.any():
        return []
    marked = domain.frame[mask]
    values = domain.text(column)[mask]
    subjects = domain.text(subject)[mask]
    return [
        Problem(
            check=check,
            file=domain.file,
            row=str(row),
            column=column,
            subject_id=who,
            found=repr(value) if value else "nothing",
            expected=expected,
            remedy=remedy,
            otherwise=otherwise,
            severity=severity,
        )
        for row, who, value in zip(marked[ROW], subjects, values, strict=True)
    ]


def known_subjects(
    domain: Domain, subjects: Iterable[str], subject: str = "USUBJID"
) -> tuple[Domain, list[Problem]]:
    """Rows of known subjects; each unknown subject is a problem, reported once a domain."""
    unknown = ~domain.text(subject).isin(list(subjects))
    first = unknown & ~domain.frame.duplicated(subject)
    problems = cell_problems(
        domain,
        first,
        subject,
        check="subject_unknown",
        expected="a subject of the subject table (DM or ADSL)",
        remedy="Add the subject there, or correct the identifier here.",
        otherwise="Its rows are not used.",
        subject=subject,
    )
    return domain.keep(~unknown), problems


def unique_records(
    domain: Domain, sequence: str, subject: str = "USUBJID"
) -> tuple[Domain, pd.Series, list[Problem]]:
    """Rows without repeats, and the number of each record within its subject.

    Exact copies of a row are left out with a warning. A repeated key (subject and sequence) with
    different content is an error; the first row is kept. A file without the sequence is numbered in
    its own order.
    """
    content = [column for column in domain.frame.columns if column != ROW]
    copies = domain.frame.duplicated(content)
    problems = cell_problems(
        domain,
        copies,
        sequence if domain.has(sequence) else subject,
        check="row_duplicate",
        expected="each record once",
        remedy="The repeated row is left out.",
        severity="warning",
        subject=subject,
    )
    domain = domain.keep(~copies)
    if not domain.has(sequence) or (domain.frame[sequence] == "").all():
        return domain, domain.frame.groupby(subject).cumcount() + 1, problems
    numbers, found = whole_numbers(domain, sequence, subject)
    problems += found
    blank = numbers.isna()
    numbers = numbers.where(~blank, -domain.frame[ROW].astype("Int64"))
    repeated = pd.DataFrame({"subject": domain.text(subject), "number": numbers}).duplicated()
    problems += cell_problems(
        domain,
        repeated,
        sequence,
        check="key_duplicate",
        expected=f"each {sequence} once within a subject",
        remedy="Correct the sequence, or remove the row that does not hold.",
        otherwise="Only the first is kept.",
        subject=subject,
    )
    return domain.keep(~repeated), numbers[~repeated], problems


def numbers_of(domain: Domain, column: str, subject: str = "USUBJID") -> tuple[pd.Series, list[Problem]]:
    """Numbers of a column, missing where blank; text that is no number is a problem."""
    text = domain.text(column)
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    wrong = (text != "") & values.isna()
    problems = cell_problems(
        domain,
        wrong,
        column,
        check="number_malformed",
        expected="a number",
        remedy="Correct the value.",
        otherwise="It is read as missing.",
        subject=subject,
    )
    return values, problems


def whole_numbers(domain: Domain, column: str, subject: str = "USUBJID") -> tuple[pd.Series, list[Problem]]:
    """Whole numbers of a column (Int64), missing where blank; anything else is a problem."""
    values, problems = numbers_of(domain, column, subject)
    broken = values.notna() & (values % 1 != 0)
    problems += cell_problems(
        domain,
        broken,
        column,
        check="number_malformed",
        expected="a whole number",
        remedy="Correct the value.",
        otherwise="It is read as missing.",
        subject=subject,
    )
    return values.mask(broken).astype("Int64"), problems


def comma_problems(domain: Domain, number: str, text: str, subject: str = "USUBJID") -> list[Problem]:
    """Results written with a comma (``45,5``, ``<0,1``): a number that would be lost among the words.

    Parameters
    ----------
    domain : Domain
        Where the results stand.
    number, text : str
        Columns of a result as number and as text; the text counts where the number is blank or absent.
    """
    used = {number: domain.text(number), text: domain.text(text).where(domain.text(number) == "", "")}
    return [
        problem
        for column, written in used.items()
        for problem in cell_problems(
            domain,
            written.str.match(COMMA).astype(bool),
            column,
            check="number_malformed",
            expected="a number with a decimal point and without separators",
            remedy="Correct the value.",
            otherwise="It is read as missing.",
            subject=subject,
        )
    ]


def date_problems(
    domain: Domain,
    column: str,
    *,
    partial_severity: str,
    partial_remedy: str,
    partial: Sequence[str] = ("month", "year"),
    subject: str = "USUBJID",
) -> list[Problem]:
    """Malformed or impossible dates of a column (errors), and partial ones.

    Parameters
    ----------
    domain, column
        Where the dates stand.
    partial_severity, partial_remedy : str
        Severity of a partial date, and what is done with it.
    partial : sequence of str
        Precisions that count as partial: month, year.
    """
    return malformed_dates(domain, column, subject=subject) + partial_dates(
        domain, column, partial_severity, partial_remedy, partial=partial, subject=subject
    )


def malformed_dates(domain: Domain, column: str, *, subject: str = "USUBJID") -> list[Problem]:
    """Errors for texts that are no date, and for days that do not exist."""
    return cell_problems(
        domain,
        date_range(domain.text(column))["precision"] == "invalid",
        column,
        check="date_malformed",
        expected="a day that exists, as ISO 8601 text such as 2024-03-05, 2024-03 or 2024",
        remedy="Correct the date.",
        otherwise="It is read as missing.",
        subject=subject,
    )


def partial_dates(
    domain: Domain,
    column: str,
    severity: str,
    remedy: str,
    *,
    partial: Sequence[str] = ("month", "year"),
    subject: str = "USUBJID",
) -> list[Problem]:
    """Dates without a day or month, at the severity given and with what is done about them."""
    return cell_problems(
        domain,
        date_range(domain.text(column))["precision"].isin(list(partial)),
        column,
        check="date_partial",
        expected="a full date",
        remedy=remedy,
        severity=severity,
        subject=subject,
    )


def _not_read(path: Path, names: Sequence[str], absent: Sequence[str]) -> Problem:
    """A note; a warning where an absent domain's name opens that of the file, as in ``rs_onco.csv``."""
    opening = [name for name in absent if re.match(rf"{name}[^a-z]", path.stem, re.IGNORECASE)]
    near = opening or difflib.get_close_matches(path.stem.upper(), names, n=1, cutoff=0.7)
    hint = (
        f"If it holds {near[0]}, name it {near[0].lower()}{path.suffix.lower()}."
        if near
        else "Nothing to do unless it holds one of them."
    )
    return Problem(
        check="file_not_read",
        file=str(path),
        found=f"a data file named {path.stem!r}",
        expected=f"one of {', '.join(names)}",
        remedy=hint,
        severity="warning" if opening else "info",
    )


def _twice(path: Path, name: str, first: Path) -> Problem:
    return Problem(
        check="domain_in_two_files",
        file=str(path),
        found=f"{name} again; it is also in {first.name}",
        expected="one file a domain",
        remedy="Remove one of the two files.",
    )


def domain_absent(name: str, purpose: str, severity: str) -> Problem:
    """A domain that has no file in the folder."""
    return Problem(
        check="domain_missing",
        column=name,
        found=f"no file for {name}",
        expected=f"{name}, which holds {purpose}",
        remedy=f"Add {name.lower()}.csv, .xpt, .sas7bdat or .parquet; without it that part is left out.",
        severity=severity,
    )


def domain_without_rows(domain: Domain, purpose: str, *, needed: bool) -> list[Problem]:
    """A domain whose file has a header alone: an error where it is needed, else a warning."""
    return without_rows(
        domain.frame,
        domain.file,
        expected=f"records of {domain.name}, which holds {purpose}",
        remedy="Export it again; remove the file if nothing was recorded.",
        severity="error" if needed else "warning",
    )


def absent_column(file: str, column: str, present: list[str]) -> Problem:
    """A column that a domain must have, with the nearest of those present."""
    near = difflib.get_close_matches(column, present, n=1, cutoff=0.7)
    return Problem(
        check="column_missing",
        file=file,
        row="1",
        column=column,
        found=f"no such column, but {near[0]}" if near else "no such column",
        expected=f"a column {column}",
        remedy="Add or rename the column.",
    )
