"""The parts of the report page: what a section is put together from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Headline:
    """A number as a reader meets it.

    Attributes
    ----------
    name : str
        What it is.
    value : str
        Estimate, or the reason that there is none.
    detail : str
        Numerator and denominator, interval, population.
    note : str
        What a reader must know beside it; often empty.
    """

    name: str
    value: str
    detail: str
    note: str = ""

    @property
    def text(self) -> str:
        """Name, value and detail in one line."""
        return f"{self.name} {self.value}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text; ``tone`` note or warning changes its look."""

    kind: ClassVar[str] = "paragraph"
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Cards:
    """Headline numbers side by side."""

    kind: ClassVar[str] = "cards"
    items: tuple[Headline, ...]


@dataclass(frozen=True)
class FigureBlock:
    """A drawn figure: SVG source, title, how to read it, files of the results it is drawn from."""

    kind: ClassVar[str] = "figure"
    name: str
    title: str
    reading: str
    svg: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """An interactive figure: a Vega-Lite specification, and the drawn figure that stands for it in print."""

    kind: ClassVar[str] = "chart"
    name: str
    title: str
    reading: str
    drawn: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class DataTable:
    """A table whose columns sort and whose rows filter in the browser.

    Attributes
    ----------
    name : str
        Id of the table in the page.
    caption, note : str
        Text above and under it.
    headings : tuple of str
        Column headings.
    rows : tuple of tuple of str
        Cells as text.
    subject : int or None
        Column whose cells lead to the subject's page.
    folded : bool
        Shown closed until the reader opens it.
    source : str
        File of the results that the rows come from; empty if they come from none.
    """

    kind: ClassVar[str] = "table"
    name: str
    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    subject: int | None = None
    folded: bool = False
    source: str = ""


@dataclass(frozen=True)
class Markup:
    """HTML that another library has already escaped."""

    kind: ClassVar[str] = "markup"
    html: str


Block = Paragraph | Heading | Cards | FigureBlock | Chart | DataTable | Markup


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    id: str
    title: str
    blocks: tuple[Block, ...] = field(default=())
