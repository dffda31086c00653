"""The column registry: every table ClearHER writes, declared once.

Each module of this package holds the tables of one stage as data. The registry gives the readers and
writers their types, docs/outputs.md its text, and the XPT hand-over its labels.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from importlib import import_module

STAGES = ("intake", "variants", "ctdna", "her2", "clinical", "association", "report")
TYPES = ("text", "integer", "number", "boolean", "date")


@dataclass(frozen=True)
class Column:
    """One column: its name, type, unit, meaning, and the source of its definition.

    Attributes
    ----------
    name : str
        Column name, lower snake case.
    type : str
        One of text, integer, number, boolean, date.
    unit : str
        Unit, empty for identifiers and categories. Shares are stored as fractions (unit "fraction").
    meaning : str
        What a value says, and what a missing value says.
    source : str
        Paper, guideline or input that defines the value; empty for what the name alone defines.
    values : tuple of str
        Allowed values of a text column besides missing; empty when open.
    """

    name: str
    type: str
    unit: str
    meaning: str
    source: str = ""
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"column {self.name}: type {self.type!r} is not one of {TYPES}")


@dataclass(frozen=True)
class Table:
    """One result table: where it stands below the cut's folder, what a row is, its key and columns.

    Attributes
    ----------
    path : str
        File path below ``results/<data_cut>/``; may hold a ``{wildcard}``.
    row : str
        What one row is, in words.
    key : tuple of str
        Columns that identify a row; rows are sorted by them. Empty: row order is kept, repeats allowed.
    columns : tuple of Column
        Declared columns in output order.
    open : bool
        True when a study may add covariate columns of its own.
    """

    path: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    open: bool = False

    @property
    def names(self) -> list[str]:
        """Column names in output order."""
        return [column.name for column in self.columns]

    def only(self, names: Collection[str]) -> "Table":
        """The same rows with their key and some of the columns."""
        unknown = sorted(set(names) - set(self.names))
        if unknown:
            raise ValueError(f"{self.path} has no columns {', '.join(unknown)}")
        kept = {*self.key, *names}
        return replace(self, columns=tuple(column for column in self.columns if column.name in kept))


def stage_tables(stage: str) -> dict[str, Table]:
    """Tables of one stage by the name of their constant in ``clearher.columns.<stage>``."""
    module = import_module(f"clearher.columns.{stage}")
    return {name: value for name, value in vars(module).items() if isinstance(value, Table)}


def all_tables() -> Iterator[tuple[str, Table]]:
    """All declared tables as (stage, table), in the order of the stages and of their paths."""
    for stage in STAGES:
        tables = {table.path: table for table in stage_tables(stage).values()}
        for path in sorted(tables):
            yield stage, tables[path]
