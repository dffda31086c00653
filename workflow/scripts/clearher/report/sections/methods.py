"""Methods as the run used them: parameters, definitions and sources."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from clearher.columns import all_tables
from clearher.intake.config import load_schema
from clearher.report.blocks import Block, DataTable, Heading, Paragraph, Section
from clearher.report.sections.context import Context
from clearher.report.sections.definitions import definitions
from clearher.report.words import listed

STAGES = ("visits", "intake", "variants", "ctdna", "her2", "clinical", "association", "report")


def methods_section(context: Context) -> Section:
    """Definitions, the parameters used, the sources of the formulas."""
    told = [
        block for topic, text in definitions(context.settings) for block in (Heading(topic), Paragraph(text))
    ]
    return Section("methods", "Methods", (*told, *_software(context), *_parameters(context), *_sources()))


def _software(context: Context) -> list[Block]:
    if not context.versions:
        return []
    named = listed([f"{name} {version}" for name, version in sorted(context.versions.items())])
    return [Heading("Software"), Paragraph(f"ClearHER (code digest {context.code}) with {named}.")]


def _parameters(context: Context) -> list[Block]:
    properties = load_schema()["properties"]
    rows = [
        row for stage in STAGES for row in parameter_rows(context.settings[stage], properties[stage], stage)
    ]
    return [
        Heading("Parameters used"),
        Paragraph(
            "Every setting of this run, with its meaning; settings that differ from the default are marked."
        ),
        DataTable(
            "parameters", "Parameters", ("setting", "value", "changed", "meaning"), tuple(rows), folded=True
        ),
    ]


def parameter_rows(
    values: Mapping[str, Any], schema: Mapping[str, Any], path: str
) -> Iterator[tuple[str, str, str, str]]:
    """Setting, value, whether it differs from the default, meaning: one row a leaf of the configuration."""
    properties = schema.get("properties", {})
    further = schema.get("additionalProperties")
    for name, value in values.items():
        part = properties.get(name, further if isinstance(further, Mapping) else {})
        here = f"{path}.{name}"
        if isinstance(value, Mapping) and part.get("properties"):
            yield from parameter_rows(value, part, here)
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            changed = "changed" if "default" in part and part["default"] != value else ""
            yield here, text, changed, part.get("description", "")


def _sources() -> list[Block]:
    rows = tuple(
        (table.path, column.name, column.meaning, column.source)
        for _, table in all_tables()
        for column in table.columns
        if column.source
    )
    headings = ("table", "column", "definition", "source")
    return [
        Heading("From a number to its formula"),
        Paragraph(
            "Each table of the page names the file of the results that holds its numbers unrounded. The "
            "table below tells how each column of these files is defined, and after whom; docs/methods.md of "
            "the workflow adds the function that computes it and the test that holds it."
        ),
        DataTable("sources", "Definitions and their sources", headings, rows, folded=True),
    ]
