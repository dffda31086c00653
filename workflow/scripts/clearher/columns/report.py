"""Tables of the report stage: what differs from the previous data cut."""

from clearher.columns import Column, Table
from clearher.problems import FINDING_COLUMNS

CAUSES = ("new data", "changed old data", "changed config", "changed code", "unexplained")

CHANGES = Table(
    "report/changes.tsv",
    "a value that differs from the previous data cut; no rows where no previous cut is named",
    ("table", "subject_id", "item", "field"),
    (
        Column("table", "text", "", "Table of the value, below the cut's folder"),
        Column("subject_id", "text", "", "Subject; empty for a value of the whole study"),
        Column("item", "text", "", "Rest of the row's key, as column=value; empty where there is none"),
        Column(
            "field", "text", "", "Column of the value; 'row' where the row is in one of the two cuts only"
        ),
        Column("old", "text", "", "Value in the previous cut; empty: missing; 'absent': no such row"),
        Column("new", "text", "", "Value in this cut; empty: missing; 'absent': no such row"),
        Column(
            "cause",
            "text",
            "",
            f"What differs that bears on the value, separated by '; ': {', '.join(CAUSES)}",
        ),
        Column("record", "text", "", "The records, settings or code that differ"),
    ),
)
CHANGES_FINDINGS = Table(
    "report/changes_findings.tsv",
    "a record of the previous cut that was edited, or that came in late",
    (),
    FINDING_COLUMNS,
)
