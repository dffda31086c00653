"""docs/performance.md: blocks of measured results, each between its own markers."""

import os
import platform
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
HEADER = """\
# Performance

Ratios, not times: seconds differ between machines, ratios measured side by side hardly do. `make bench`
measures everything on this page again and writes it here.
"""


def write_block(name: str, text: str, page: Path = PAGE) -> None:
    """Put a text between the markers of a block; a page or block that is not there yet is made."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    whole = page.read_text(encoding="utf-8") if page.exists() else HEADER
    if begin not in whole:
        whole = f"{whole.rstrip()}\n\n{begin}\n{end}\n"
    before, rest = whole.split(begin)
    after = rest.split(end)[1]
    page.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")


def machine() -> str:
    """Cores and Python, in words."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
