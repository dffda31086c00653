"""Changes since the previous data cut, with their causes."""

from clearher.columns import report
from clearher.report.blocks import DataTable, Paragraph, Section
from clearher.report.page import data_table
from clearher.report.sections.context import Context

SHOWN = 500


def changes_section(context: Context) -> Section:
    """What differs from the previous cut, by table and cause, then row by row; headline tables first."""
    changes = context.results[report.CHANGES]
    title = "Changes"
    if changes.empty:
        text = "Left out: no previous data cut is named, or nothing differs from it."
        return Section("changes", title, (Paragraph(text, "note"),))
    counts = changes.groupby(["table", "cause"], sort=False).size()
    summary = DataTable(
        "changes-by-cause",
        "Changed values by table and cause",
        ("table", "cause", "values"),
        tuple((table, cause, str(n)) for (table, cause), n in counts.items()),
    )
    note = (
        ""
        if len(changes) <= SHOWN
        else f"The first {SHOWN} of {len(changes)}; all stand in report/changes.tsv."
    )
    rows = data_table(
        changes.head(SHOWN),
        ("table", "subject_id", "item", "field", "old", "new", "cause", "record"),
        table=report.CHANGES,
        name="changes",
        caption="Changed values",
        note=note,
        folded=len(changes) > 40,
    )
    return Section("changes", title, (summary, rows))
