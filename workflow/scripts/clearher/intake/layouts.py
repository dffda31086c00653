"""How a delivered table names its columns and writes its cells, where it does not do so as we do."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from clearher.problems import Problem

PLACE = "{}"


@dataclass(frozen=True)
class Layout:
    """Layout of one delivered table, as in ``intake.layouts``.

    Attributes
    ----------
    columns : Mapping of str to str
        Our column and the file's. Where it names any, the file's further columns are passed over.
    values : Mapping of str to str
        Our column and what stands in it in every row, for a column that the file does not have.
    words : Mapping of str to Mapping of str to str
        Our column, and for words of the file, in any case, the words that we use.
    forms : Mapping of str to str
        Our column and the text that a cell is put into, such as ``STUDY-01-{}`` for a subject's identifier of
        which the file has the end alone.
    dates : Mapping of str to str
        Our column and how the file writes its days, such as ``%d%b%Y`` for 31MAY2024.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)

    def file_name(self, column: str) -> str:
        """What the file calls our column."""
        return self.columns.get(column, column)

    def header(self, names: Iterable[str]) -> tuple[str, ...]:
        """The file's header in our names; a column that has our name and another meaning keeps out.

        Where ``level: VAF`` is declared, a further column ``level`` of the file is not our level.
        """
        ours = {theirs: own for own, theirs in self.columns.items()}
        return tuple(ours.get(name, f"{name} (not used)" if name in self.columns else name) for name in names)

    def cell(self, column: str, text: str) -> str:
        """A cell of our column in our words and form, its day as ISO has it.

        What is no declared word, and no day as declared, stays as it is: the checks of the column judge it.
        An empty cell stays empty, and one that has the form already is not put into it again.
        """
        text = self._ours.get(column, {}).get(text.casefold(), text)
        if text and column in self.forms:
            text = _in_form(text, self.forms[column])
        return _iso_day(text, self.dates[column]) if column in self.dates else text

    @property
    def rewritten(self) -> tuple[str, ...]:
        """Our columns whose cells are written anew."""
        return tuple(dict.fromkeys((*self.words, *self.forms, *self.dates)))

    @cached_property
    def _ours(self) -> dict[str, dict[str, str]]:
        return {
            column: {theirs.casefold(): own for theirs, own in words.items()}
            for column, words in self.words.items()
        }

    def problems(self, names: Sequence[str], known: Iterable[str], file: str) -> list[Problem]:
        """Errors for columns that are not ours or not the file's, and for values of columns that it has."""
        known = list(known)
        declared = dict.fromkeys((*self.columns, *self.values, *self.rewritten))
        foreign = [own for own in declared if known and own not in known]
        absent = [(own, theirs) for own, theirs in self.columns.items() if theirs not in names]
        doubled = [own for own in self.values if self.file_name(own) in names]
        return [
            *(_foreign(own, known, file) for own in foreign),
            *(_absent(own, theirs, file) for own, theirs in absent),
            *(_doubled(own, file) for own in doubled),
        ]


AS_NAMED = Layout()


def layout_of(layouts: Mapping[str, Mapping[str, Mapping]], table: str) -> Layout:
    """Layout of a table from the setting ``intake.layouts``; the usual one where nothing is declared."""
    return Layout(**layouts.get(table, {}))


def _in_form(text: str, form: str) -> str:
    before, _, after = form.partition(PLACE)
    has_form = len(text) > len(before + after) and text.startswith(before) and text.endswith(after)
    return text if has_form else before + text + after


def _iso_day(text: str, form: str) -> str:
    try:
        return datetime.strptime(text, form).date().isoformat()
    except ValueError:
        return text


def _foreign(column: str, known: list[str], file: str) -> Problem:
    near = difflib.get_close_matches(column, known, n=1, cutoff=0.6)
    return Problem(
        check="sheet_column_unknown",
        file=file,
        column=column,
        found=f"unknown column {column!r} in intake.layouts",
        expected="one of " + ", ".join(known),
        remedy=f"Did you mean {near[0]!r}?" if near else "Correct intake.layouts.",
    )


def _misfit(check: str, column: str, file: str, found: str, expected: str) -> Problem:
    return Problem(
        check=check,
        file=file,
        row="1",
        column=column,
        found=found,
        expected=expected,
        remedy="Correct intake.layouts, or the header line.",
    )


def _absent(column: str, theirs: str, file: str) -> Problem:
    expected = f"a column {theirs!r}, which intake.layouts takes for {column}"
    return _misfit("sheet_column_missing", column, file, f"no column {theirs!r}", expected)


def _doubled(column: str, file: str) -> Problem:
    expected = f"none, since intake.layouts gives a value for {column}"
    return _misfit("sheet_column_twice", column, file, f"a column {column!r}", expected)
