"""Tables of the report stage: what differs from the previous data cut."""

from clearher.columns import Column, Table
from clearher.problems import FINDING_COLUMNS

CAUSES = ("new data", "changed old data", "changed config", "changed code", "unexplained")

CHANGES = Table(
    "report/changes.tsv",
    "a value that differs from the previous data cut, headline tables first; none where no cut is named",
    (),
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

ADAM_VARIABLES = Table(
    "adam/variables.tsv",
    "a variable of a transport file",
    ("dataset", "position"),
    (
        Column("dataset", "text", "", "Data set, the name of its file"),
        Column("position", "integer", "", "Order of the variable in the data set"),
        Column("variable", "text", "", "Name, at most 8 characters"),
        Column("label", "text", "", "Label, at most 40 characters"),
        Column(
            "kind", "text", "", "text, numeric, or date (days since 1960-01-01, format DATE9)",
            values=("text", "numeric", "date"),
        ),
        Column("source", "text", "", "Table the data set is made from"),
    ),
)  # fmt: skip

ADAM_CHANGES = Table(
    "adam/changes.tsv",
    "a text that the transport format cannot hold as it is",
    ("dataset", "variable", "original"),
    (
        Column("dataset", "text", "", "Data set"),
        Column("variable", "text", "", "Variable"),
        Column("original", "text", "", "Text in the tables"),
        Column("written", "text", "", "Text in the transport file: ASCII, at most 200 bytes"),
    ),
)
