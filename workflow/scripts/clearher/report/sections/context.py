"""What every section of the page is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from clearher.columns import Table, her2
from clearher.report.blocks import Chart, FigureBlock, Markup
from clearher.report.html_tables import table_html
from clearher.report.publication import Publication, publications
from clearher.report.results import Results

NO_HER2_INPUT = (
    "Left out: no HER2 input was given (inputs.her2 of the configuration), so no subject has a level and "
    "no question about HER2 can be answered."
)


@dataclass(frozen=True)
class Context:
    """Tables, settings, drawn and interactive figures, software versions and code digest of one cut."""

    results: Results
    settings: Mapping[str, Any]
    figures: Mapping[str, FigureBlock]
    charts: Mapping[str, Chart] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    code: str = ""

    def printed(self, *names: str) -> list[Markup]:
        """Publication tables by name, in the order of their numbers; those without data are left out."""
        return [
            Markup(table_html(table)) for table in self.publications if table.name in names and table.rows
        ]

    @cached_property
    def publications(self) -> list[Publication]:
        """Publication tables of the cut."""
        return publications(self.results, self.settings)

    def drawn(self, *names: str) -> list[FigureBlock]:
        """Drawn figures by name; those that were not drawn are left out."""
        return [self.figures[name] for name in names if name in self.figures]

    def both(self, *names: str) -> list[FigureBlock | Chart]:
        """Drawn figures by name, each followed by its interactive form where it has one."""
        interactive = {chart.drawn: chart for chart in self.charts.values()}
        blocks: list[FigureBlock | Chart] = []
        for figure in self.drawn(*names):
            blocks += [figure, interactive[figure.name]] if figure.name in interactive else [figure]
        return blocks

    @property
    def without_her2(self) -> bool:
        """Whether the study gave no HER2 input, rather than one that says nothing."""
        known = self.results[her2.SUBJECTS]["level"].ne("").any()
        return not self.settings["inputs"]["her2"] and not known

    def has(self, table: Table) -> bool:
        """Whether the table has a row."""
        return len(self.results[table]) > 0
