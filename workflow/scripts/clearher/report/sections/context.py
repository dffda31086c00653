"""What every section of the page is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clearher.columns import Table
from clearher.report.page import FigureBlock
from clearher.report.results import Results


@dataclass(frozen=True)
class Context:
    """Tables, settings, drawn figures, software versions and code digest of one cut."""

    results: Results
    settings: Mapping[str, Any]
    figures: Mapping[str, FigureBlock]
    versions: Mapping[str, str] = field(default_factory=dict)
    code: str = ""

    def has(self, table: Table) -> bool:
        """Whether the table has a row."""
        return len(self.results[table]) > 0
