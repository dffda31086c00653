"""One place for versions: environment.yml, and what is generated from it."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from clearher.intake.versions import CONDA_TO_PIP, declared_packages, installed_version
from requirements import ENVIRONMENT, pip_requirements

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = declared_packages(ENVIRONMENT)

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
    wanted = {CONDA_TO_PIP.get(name, name) for name in PACKAGES}
    assert wanted - pinned == set()
    assert "://" not in text


@pytest.mark.parametrize(("name", "bounds"), sorted(PACKAGES.items()))
def test_installed_within_bounds(name, bounds):
    assert installed_version(name) in SpecifierSet(bounds)


def test_conda_finds_every_name():
    """conda looks for a name as it is written, and takes pip's packages only where pip is one of its own."""
    environment = yaml.safe_load(ENVIRONMENT.read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "bioconda", "nodefaults"]
    *conda, from_index = environment["dependencies"]
    assert "pip" in conda
    assert [line.split()[0] for line in from_index["pip"]] == ["rtflite", "snakefmt"]
    assert {"great_tables", "seaborn-base", "matplotlib-base"} <= {line.split()[0] for line in conda}
    (python,) = [line for line in conda if line.startswith("python ")]
    running = ".".join(map(str, sys.version_info[:3]))
    assert running in SpecifierSet(python.removeprefix("python "))


def test_every_import_is_declared():
    """A third-party module that the workflow imports stands in environment.yml."""
    declared = {CONDA_TO_PIP.get(name, name) for name in PACKAGES}
    imported = set()
    for path in (ROOT / "workflow").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                imported.add(node.module.split(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"clearher", "__future__"}
    assert {IMPORT_NAMES.get(name, name) for name in foreign} - declared == set()
