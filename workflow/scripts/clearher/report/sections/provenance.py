"""Where the numbers come from: study, cut, code, software."""

from clearher.report.blocks import DataTable, Paragraph, Section
from clearher.report.sections.context import Context


def provenance_section(context: Context) -> Section:
    """Study, data cut, code digest and software versions."""
    study, cut = context.settings["study"], context.settings["data_cut"]
    facts = (
        ("study", study["id"]),
        ("data cut", cut["id"]),
        ("cut date", cut["date"] or "no cut applied"),
        ("code digest", context.code),
    )
    inputs = context.settings["inputs"]
    named = tuple(
        (name, str(value) if not isinstance(value, dict) else f"{value['format']}: {value['path']}")
        for name, value in sorted(inputs.items())
        if value
    )
    return Section(
        "provenance",
        "Provenance",
        (
            Paragraph("manifest.json beside this page's folder holds the sha256 of every input and result."),
            DataTable("facts", "This run", ("item", "value"), facts),
            DataTable("inputs", "Inputs as configured", ("input", "path"), named),
            DataTable(
                "software", "Software", ("package", "version"), tuple(sorted(context.versions.items()))
            ),
        ),
    )
