"""What every section of the page is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clearher.columns import Table
from clearher.report.page import FigureBlock, Markup
from clearher.report.print_tables import table_html
from clearher.report.publication import publications
from clearher.report.results import Results


@dataclass(frozen=True)
class Context:
    """Tables, settings, drawn figures, software versions and code digest of one cut."""

    results: Results
    settings: Mapping[str, Any]
    figures: Mapping[str, FigureBlock]
    versions: Mapping[str, str] = field(default_factory=dict)
    code: str = ""

    def printed(self, *names: str) -> list[Markup]:
        """Publication tables by name, in the order of their numbers; those without data are left out."""
        tables = publications(self.results, self.settings)
        return [Markup(table_html(table)) for table in tables if table.name in names and table.rows]

    def has(self, table: Table) -> bool:
        """Whether the table has a row."""
        return len(self.results[table]) > 0
