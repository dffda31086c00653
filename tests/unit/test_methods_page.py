"""docs/methods.md names what exists: functions, tests, columns, settings with their defaults."""

import ast
import importlib
import pkgutil
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

import clearher.columns
from clearher.columns import Table
from clearher.intake.config import fill_defaults, load_schema

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"`([^`\n]+)`", PAGE)
FUNCTION = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+:[A-Za-z0-9_]+")
TEST = re.compile(r"(?:unit|oracle|workflow|validation)/\w+\.py::\w+")
COLUMNS = re.compile(r"((?:intake|variants|ctdna|her2|clinical|association)/[^ :]+): (.+)")
SETTING = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+) = (.+)")
STAGES = ("variants/", "ctdna/", "her2/", "clinical/", "association/")
MARKED = ("ctdna", "association")


def quoted(pattern: re.Pattern) -> list[re.Match]:
    found = {text: pattern.fullmatch(text) for text in QUOTED}
    return [match for match in found.values() if match]


def all_tables() -> dict[str, Table]:
    modules = [
        importlib.import_module(f"clearher.columns.{module.name}")
        for module in pkgutil.iter_modules(clearher.columns.__path__)
    ]
    tables = [value for module in modules for value in vars(module).values() if isinstance(value, Table)]
    return {table.path: table for table in tables}


TABLES = all_tables()


@cache
def default_settings() -> dict:
    return fill_defaults({"study": {}, "data_cut": {}, "inputs": {}}, load_schema())


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def named_columns(match: re.Match) -> set[str]:
    """Columns that an entry names; a name that ends in * stands for all that begin so."""
    names = TABLES[match[1]].names
    return {name for word in match[2].split() for name in names if matches(word, name)}


def matches(word: str, name: str) -> bool:
    return name.startswith(word[:-1]) if word.endswith("*") else name == word


def setting_value(key: str):
    value = default_settings()
    for part in key.split("."):
        value = value[part]
    return value


def test_the_page_is_read():
    """The patterns below find the page's entries at all."""
    counts = [len(quoted(pattern)) for pattern in (FUNCTION, TEST, COLUMNS, SETTING)]
    assert min(counts) >= 70, counts


@pytest.mark.parametrize("name", [match[0] for match in quoted(FUNCTION)])
def test_functions_exist(name):
    module, function = name.split(":")
    assert callable(getattr(importlib.import_module(f"clearher.{module}"), function))


@pytest.mark.parametrize("name", [match[0] for match in quoted(TEST)])
def test_tests_exist(name):
    file, test = name.split("::")
    assert test.startswith("test_")
    assert test in names_in(ROOT / "tests" / file)


@pytest.mark.parametrize("match", quoted(COLUMNS), ids=lambda match: match[1])
def test_columns_exist(match):
    assert match[1] in TABLES
    words = match[2].split()
    missing = [word for word in words if not any(matches(word, name) for name in TABLES[match[1]].names)]
    assert not missing


@pytest.mark.parametrize("match", quoted(SETTING), ids=lambda match: match[1])
def test_settings_have_the_defaults_of_the_schema(match):
    assert setting_value(match[1]) == yaml.safe_load(match[2])


@pytest.mark.parametrize("path", sorted(path for path in TABLES if path.startswith(STAGES)))
def test_every_number_of_a_result_table_is_on_the_page(path):
    numbers = {column.name for column in TABLES[path].columns if column.type == "number"}
    entries = [match for match in quoted(COLUMNS) if match[1] == path]
    assert numbers - set().union(*map(named_columns, entries)) == set()


@pytest.mark.parametrize("name", MARKED)
def test_marks_of_the_operating_characteristics_stand_once(name):
    """The validation writes its tables between them."""
    start, end = (f"<!-- {name} operating characteristics: {part} -->" for part in ("start", "end"))
    assert [PAGE.count(start), PAGE.count(end)] == [1, 1]
    assert PAGE.index(start) < PAGE.index(end)
