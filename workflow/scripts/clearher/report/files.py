"""Files that are written whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clearher.whole_file import whole_file


def read_json(path: str | Path) -> dict[str, Any]:
    """Content of a JSON file that holds one mapping."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(content: Mapping[str, Any], path: str | Path) -> None:
    """Write JSON in a fixed layout."""
    write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", path)


def write_text(text: str, path: str | Path) -> None:
    """Write a text file in UTF-8."""
    write_bytes(text.encode("utf-8"), path)


def write_bytes(content: bytes, path: str | Path) -> None:
    """Write a file; it appears under its name only when complete."""
    with whole_file(path) as partial:
        partial.write_bytes(content)
