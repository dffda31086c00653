"""Adverse events and anti-drug antibodies."""

from clearher.columns import clinical
from clearher.report.page import Block, Heading, Paragraph, Section, data_table
from clearher.report.sections.context import Context

COLUMNS = ("category", "term", "level", "n", "N", "events", "estimate", "low", "high", "unit")
TITLES = {
    "soc_pt": "By system organ class and preferred term",
    "worst_grade": "By worst grade",
    "aesi": "Events of special interest",
    "exposure_adjusted": "Exposure-adjusted rates",
    "ada_subject": "Anti-drug antibody status of subjects",
}


def safety_section(context: Context) -> Section:
    """Safety tables over all subjects."""
    if not context.has(clinical.SAFETY) and not context.has(clinical.ADVERSE_EVENTS):
        note = Paragraph("Left out: the study has no adverse events or antibody results.", "note")
        return Section("safety", "Safety and immunogenicity", (note,))
    return Section(
        "safety",
        "Safety and immunogenicity",
        (*context.drawn("adverse_events"), *context.printed("ae_overview", "ada_visit"), *_tables(context)),
    )


def _tables(context: Context) -> list[Block]:
    lines = context.results[clinical.SAFETY]
    lines = lines[lines["group"] == "all"].sort_values("line")
    blocks: list[Block] = []
    for section, title in TITLES.items():
        shown = lines[lines["section"] == section]
        if shown.empty:
            blocks += [Heading(title), Paragraph("Left out: no data.", "note")]
        else:
            blocks.append(
                data_table(
                    shown,
                    COLUMNS,
                    table=clinical.SAFETY,
                    name=f"safety-{section}",
                    caption=title,
                    folded=len(shown) > 40,
                )
            )
    return blocks
