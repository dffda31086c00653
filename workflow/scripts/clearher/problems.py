"""Problems of the input as a person meets them: where, what was found, what was expected, what to do.

An error stops the run before anything is written; a finding is a row in a stage's findings table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clearher.columns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

SEVERITIES = ("error", "warning", "info")

FINDING_COLUMNS = (
    Column("severity", "text", "", "error, warning or info", values=SEVERITIES),
    Column("check", "text", "", "Name of the check that found it"),
    Column("subject_id", "text", "", "Subject concerned; empty for the whole study"),
    Column("sample_id", "text", "", "Sample concerned; empty where none is"),
    Column("field", "text", "", "Column or record concerned"),
    Column("value", "text", "", "What was found"),
    Column("message", "text", "", "What it means, in a sentence"),
    Column("remedy", "text", "", "What was done with it, or what to do"),
    Column("source", "text", "", "Input file and row"),
)


def findings_table(stage: str) -> Table:
    """Declaration of a stage's findings table."""
    return Table(f"{stage}/findings.tsv", "a data-quality finding", (), FINDING_COLUMNS)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input.

    Attributes
    ----------
    check : str
        Short name of the check, as used in ``severity`` settings.
    found, expected, remedy : str
        What stands there, what should, and what to do about it.
    file, row, column : str
        Where; row is the 1-based line of the file (header = 1) as text, empty for the whole file.
    subject_id, sample_id : str
        Who; empty where it does not apply.
    severity : str
        error, warning or info.
    otherwise : str
        What is done with it where the settings make no error of it; an error stops the run instead.
    """

    check: str
    found: str
    expected: str
    remedy: str
    file: str = ""
    row: str = ""
    column: str = ""
    subject_id: str = ""
    sample_id: str = ""
    severity: str = "error"
    otherwise: str = ""

    @property
    def advice(self) -> str:
        """The remedy, and what is done with it unless it stops the run."""
        done = "" if self.severity == "error" else self.otherwise
        return f"{self.remedy} {done}".strip()

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                f"row {self.row}" if self.row else "",
                f"column {self.column}" if self.column else "",
                f"subject {self.subject_id}" if self.subject_id else "",
                f"sample {self.sample_id}" if self.sample_id else "",
            )
            if part
        )
        return f"{place}: found {self.found}; expected {self.expected}. {self.advice}"


class InputError(ValueError):
    """All problems of the input that stop the run, listed at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        texts = listed(self.problems)
        heading = f"{len(texts)} problem{'s' if len(texts) != 1 else ''} in the input:"
        lines = [f"  {number}. {text}" for number, text in enumerate(texts, 1)]
        super().__init__("\n".join([heading, *lines]))

    def __reduce__(self) -> tuple:
        return (InputError, (self.problems,))


FEW = 3
TOLD = 10


def first_few(texts: Sequence[str], *, shown: int = FEW, apart: str = ", ", of: int | None = None) -> str:
    """The first texts in a line, and how many more there are; ``of`` where not all are given."""
    number = len(texts) if of is None else of
    more = f" and {number - shown} more" if number > shown else ""
    return apart.join(texts[:shown]) + more


def listed(problems: Iterable[Problem]) -> list[str]:
    """A text a problem; what is the same in more than three rows of a file is said once, with its rows.

    The texts stand in the order of the first row of each. Of one kind, such as a wrong date in one column,
    ten different cells are told; of the others a last text tells the rows.
    """
    alike: dict[tuple[str, ...], list[Problem]] = defaultdict(list)
    for p in problems:
        alike[p.file, p.column, p.check, p.expected, p.advice, p.found].append(p)
    texts, further = [], defaultdict(list)
    told: Counter[tuple[str, ...]] = Counter()
    for (*kind, _), group in alike.items():
        told[*kind] += 1
        if told[*kind] > TOLD and all(problem.row.isdecimal() for problem in group):
            further[*kind] += group
        else:
            texts += _texts(group)
    return texts + [_rest(group) for group in further.values()]


def _texts(group: Sequence[Problem]) -> list[str]:
    """Problems that differ in their row alone."""
    rows = list(dict.fromkeys(problem.row for problem in group if problem.row))
    if len(rows) <= FEW:
        return list(map(str, group))
    together = replace(group[0], row=first_few(rows), subject_id="", sample_id="")
    return [str(together).replace(", row ", ", rows ", 1)]


def _rest(group: Sequence[Problem]) -> str:
    """Problems of one kind whose cells are no more told one by one."""
    rows = sorted({int(problem.row) for problem in group})
    column = f", column {group[0].column}" if group[0].column else ""
    place, cells = ("rows", f"the same in {len(rows)} more rows") if len(rows) > 1 else ("row", "the same")
    return f"{group[0].file}, {place} {_spans(rows)}{column}: {cells}; expected {group[0].expected}."


def _spans(rows: Sequence[int]) -> str:
    """Row numbers in order, neighbours as a span: 2-4, 9."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and spans[-1][1] == row - 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)


def with_severity(problems: Iterable[Problem], severity: Mapping[str, str]) -> tuple[Problem, ...]:
    """Problems with the severity that the settings give to their check."""
    return tuple(replace(p, severity=severity.get(p.check, p.severity)) for p in problems)


def raise_if_errors(problems: Iterable[Problem]) -> None:
    """Raise :class:`InputError` with every problem of severity error; nothing when there is none."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)


def findings_frame(problems: Iterable[Problem], stage: str) -> pd.DataFrame:
    """Problems as rows of the stage's findings table, sorted, without repeats."""
    # Imported here because the workflow raises problems while it is parsed, where pandas costs too much.
    from clearher.tables import frame_of

    rows = {
        (
            SEVERITIES.index(p.severity),
            p.check,
            p.subject_id,
            p.sample_id,
            p.column,
            p.found,
            f"Found {p.found}; expected {p.expected}.",
            p.advice,
            " ".join(part for part in (p.file, f"row {p.row}" if p.row else "") if part),
        )
        for p in problems
    }
    names = [column.name for column in FINDING_COLUMNS]
    records = [dict(zip(names, (SEVERITIES[row[0]], *row[1:]), strict=True)) for row in sorted(rows)]
    return frame_of(records, findings_table(stage))
