"""Generated pages are what the registry and the schema say now."""

from pathlib import Path

import pytest

from generate_docs import generated

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("path", "text"), list(generated().items()), ids=lambda value: str(value)[-20:])
def test_generated_files_are_in_step(path, text):
    """A changed column or key without `make docs` fails here."""
    assert path.read_text(encoding="utf-8") == text, "run: make docs"
