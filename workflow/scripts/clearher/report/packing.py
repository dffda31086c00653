"""Data and scripts small enough to travel inside the report page."""

import base64
import gzip
import json
from typing import Any


def packed_json(content: Any) -> str:
    """Content as JSON in the form that :func:`packed` gives text."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return packed(text)


def packed(text: str) -> str:
    """Text, compressed and written as base64: none of it can act as part of the page.

    Notes
    -----
    The gzip header holds no time, so the same content gives the same text.
    """
    return base64.b64encode(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)).decode("ascii")
