"""The study's configuration: strict check against the schema, defaults, and paths.

Only intake and the workflow rules touch the configuration; every other stage receives its own section
as a plain mapping with the defaults filled in.
"""

from __future__ import annotations

import copy
import datetime
import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from clearher.problems import InputError, Problem

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

# The compiled loader is ten times as fast and not in every build of PyYAML.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SCHEMA_FILE = Path(__file__).resolve().parents[3] / "schemas" / "config.schema.yaml"


@cache
def load_schema(path: Path = SCHEMA_FILE) -> dict:
    """The configuration schema as a mapping."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def defaults(section: str, schema: Mapping | None = None) -> dict[str, Any]:
    """One section of the configuration with nothing set but the schema's defaults."""
    part = (schema or load_schema())["properties"][section]
    return fill_defaults({}, part)


def fill_defaults(value: Any, schema: Mapping) -> Any:
    """Return the value with the schema's defaults filled in at every level; the input is not changed."""
    if not isinstance(value, Mapping):
        return copy.deepcopy(value)
    properties = schema.get("properties", {})
    further = schema.get("additionalProperties")
    filled = {}
    for name, part in properties.items():
        if name in value:
            filled[name] = fill_defaults(value[name], part)
        elif "default" in part:
            filled[name] = fill_defaults(part["default"], part)
    for name in value:
        if name not in properties:
            part = further if isinstance(further, Mapping) else {}
            filled[name] = fill_defaults({} if value[name] is None and part else value[name], part)
    return filled


def check_config(config: Mapping, schema: Mapping, file: str) -> list[Problem]:
    """All that is wrong with a configuration: unknown keys with the nearest known one, types, values.

    Parameters
    ----------
    config : Mapping
        As read from YAML.
    schema : Mapping
        As from :func:`load_schema`.
    file : str
        Name printed in each problem.
    """
    # Imported here because jobs read the schema alone: the check is the workflow's, when it is parsed.
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    errors = sorted(validator.iter_errors(config), key=lambda error: list(map(str, error.path)))
    return [problem for error in errors for problem in _problems(error, file)]


def complete_config(config: Mapping, schema: Mapping, file: str) -> dict[str, Any]:
    """The configuration with all defaults filled in.

    A key that the schema marks with ``inherits`` and that is absent takes the value which the study set at
    that place, given as a dotted key.
    A date without quotes, which YAML reads as a date, is its ISO 8601 text.

    Raises
    ------
    InputError
        With every key that is unknown, missing or holds a value of the wrong kind.
    """
    config = _dates_as_text(config)
    problems = check_config(config, schema, file)
    if problems:
        raise InputError(problems)
    return fill_defaults(_with_inherited(config, schema, config), schema)


def changed_keys(old: Mapping, new: Mapping, above: str = "") -> dict[str, tuple[Any, Any]]:
    """Keys with different values in two configurations, as dotted key to (old, new); None where absent."""
    changed: dict[str, tuple[Any, Any]] = {}
    for key in sorted({*map(str, old), *map(str, new)}):
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            changed |= changed_keys(before, after, _dotted(above, key))
        elif before != after:
            changed[_dotted(above, key)] = (before, after)
    return changed


def part_of(config: Mapping, keys: Iterable[str]) -> dict[str, Any]:
    """The settings of some dotted keys, nested as they are in the whole; a key that is absent is an error."""
    part: dict[str, Any] = {}
    for key in keys:
        *above, last = key.split(".")
        source, target = config, part
        for name in above:
            source, target = source[name], target.setdefault(name, {})
        target[last] = source[last]
    return part


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _dates_as_text(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(part) for part in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _with_inherited(value: Mapping, schema: Mapping, whole: Mapping) -> dict[str, Any]:
    """The value, with what the study set elsewhere in place of absent keys that inherit it."""
    filled = dict(value)
    for name, part in schema.get("properties", {}).items():
        below = filled.get(name, {})
        inherited = None if name in filled else _value_at(whole, part.get("inherits", ""))
        if inherited is not None:
            filled[name] = inherited
        elif "properties" in part and isinstance(below, Mapping):
            found = _with_inherited(below, part, whole)
            if found or name in filled:
                filled[name] = found
    return filled


def _value_at(config: Mapping, dotted: str) -> Any:
    """What a configuration has at a dotted key; None where it is absent."""
    value: Any = config
    for key in dotted.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _problems(error: ValidationError, file: str) -> Iterator[Problem]:
    where = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = sorted(error.schema.get("properties", {}))
        for key in sorted(set(map(str, error.instance)) - set(known)):
            yield _unknown_key(key, known, where, file)
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield Problem(
                    check="config_key_missing",
                    file=file,
                    column=_dotted(where, key),
                    found="no such key",
                    expected=error.schema["properties"].get(key, {}).get("description", "a value"),
                    remedy=f"Set {_dotted(where, key)}.",
                )
    else:
        yield Problem(
            check="config_value",
            file=file,
            column=where,
            found=repr(error.instance),
            expected=_expected(error),
            remedy=f"See config/README.md for {where or 'the configuration'}.",
        )


def _unknown_key(key: str, known: list[str], where: str, file: str) -> Problem:
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(key.casefold(), folded, n=1, cutoff=0.6)
    hint = (
        f"Did you mean {_dotted(where, folded[near[0]])}?" if near else "Remove it, or see config/README.md."
    )
    return Problem(
        check="config_key_unknown",
        file=file,
        column=_dotted(where, key),
        found=f"unknown key {key!r}",
        expected=f"one of {', '.join(known)}" if known else "no keys here",
        remedy=hint,
    )


def _expected(error: ValidationError) -> str:
    if error.validator == "enum":
        return "one of " + ", ".join(map(str, error.validator_value))
    if error.validator == "type":
        kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        return "a value of type " + " or ".join(kinds)
    if error.validator == "pattern":
        return f"text that matches {error.validator_value}"
    if error.validator == "format":
        return f"a {error.validator_value} that exists"
    return error.message


def _dotted(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
