"""One place for versions: environment.yml, and what is generated from it."""

import ast
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from requirements import CONDA_TO_PIP, conda_requirements, pip_requirements

ROOT = Path(__file__).resolve().parents[2]

IMPORT_NAMES = {
    "fontTools": "fonttools",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "great_tables": "great-tables",
    "vl_convert": "vl-convert-python",
}


def test_requirements_are_generated():
    stored = (ROOT / "workflow" / "envs" / "requirements.in").read_text(encoding="utf-8")
    assert stored == pip_requirements()


def test_lock_pins_with_hashes():
    """Every pinned package has a hash, and every requirement is pinned."""
    text = (ROOT / "workflow" / "envs" / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.findall(
        r"^([a-z0-9._-]+)==[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)*)", text, re.MULTILINE
    )
    assert all("--hash=sha256:" in hashes for _, hashes in blocks)
    pinned = {name for name, _ in blocks}
    wanted = {CONDA_TO_PIP.get(name, name) for name in conda_requirements() if name != "python"}
    assert wanted - pinned == set()
    assert "://" not in text


@pytest.mark.parametrize(("name", "bounds"), sorted(conda_requirements().items()))
def test_installed_within_bounds(name, bounds):
    installed = (
        ".".join(map(str, sys.version_info[:3]))
        if name == "python"
        else version(CONDA_TO_PIP.get(name, name))
    )
    assert installed in SpecifierSet(bounds.replace(" ", ""))


def test_channels():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "bioconda", "nodefaults"]


def test_every_import_is_declared():
    """A third-party module that the workflow imports stands in environment.yml."""
    declared = {CONDA_TO_PIP.get(name, name) for name in conda_requirements()}
    imported = set()
    for path in (ROOT / "workflow").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                imported.add(node.module.split(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"clearher", "__future__"}
    assert {IMPORT_NAMES.get(name, name) for name in foreign} - declared == set()
