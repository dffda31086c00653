"""A table as a clinical study report has it, before it becomes HTML or RTF."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from clearher.columns import Table

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Publication:
    """A table to be handed on.

    Attributes
    ----------
    name : str
        File name without suffix.
    number : str
        Number of the table, such as 14.2.1.
    title, population : str
        Heading lines.
    headings : tuple of str
        Column headings.
    rows : tuple of tuple of str
        Cells as text; a row whose cells after the first are empty is a subheading.
    footnotes : tuple of str
        Lines under the table.
    sources : tuple of Table
        Results tables that the numbers come from.
    """

    name: str
    number: str
    title: str
    population: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    footnotes: tuple[str, ...] = ()
    _: KW_ONLY
    sources: tuple[Table, ...]

    @property
    def source(self) -> str:
        """The line that leads from a number to its table, and from there to definition and formula."""
        return f"Source: {', '.join(table.path for table in self.sources)}"


def footnotes(rows: Sequence, *notes: str) -> tuple[str, ...]:
    """The notes that say something; of a table without rows, that it is empty."""
    return tuple(note for note in notes if note) if rows else ("No data: the table is left empty.",)
