"""ctDNA: detection, limits, trajectories, clearance, genes."""

from clearher.columns import association, ctdna
from clearher.report.page import Block, Heading, Paragraph, Section, data_table
from clearher.report.sections.context import Context
from clearher.report.sections.shares import with_shares


def ctdna_section(context: Context) -> Section:
    """Everything about plasma samples and their course."""
    if not context.has(ctdna.VISITS):
        return Section("ctdna", "ctDNA", (Paragraph("Left out: the study has no plasma results.", "note"),))
    drawn = context.both("oncoprint", "all_trajectories", "trajectories", "ctdna_tumour")
    return Section("ctdna", "ctDNA", (*drawn, *_tables(context)))


def _tables(context: Context) -> list[Block]:
    results = context.results
    return [
        Heading("Clearance by visit"),
        *context.printed("ctdna_clearance"),
        data_table(
            results[ctdna.SUBJECTS],
            {
                "subject_id": "subject",
                "baseline_state": "baseline",
                "baseline_level": "baseline level",
                "clearance": "clearance",
                "clearance_day": "day",
                "clearance_confirmed": "confirmed",
                "molecular_response_50": "50% fall",
                "molecular_progression_day": "molecular progression, day",
                "n_emergent": "emergent",
            },
            table=ctdna.SUBJECTS,
            name="ctdna-subjects",
            caption="Subjects",
        ),
        data_table(
            results[ctdna.SENSITIVITY],
            ("definition", "metric", "denominator", "n", "N", "estimate", "low", "high"),
            table=ctdna.SENSITIVITY,
            name="ctdna-sensitivity",
            caption="Sensitivity of clearance to its definition",
            folded=True,
        ),
        *_lead_time(context),
    ]


def _lead_time(context: Context) -> list[Block]:
    summary = with_shares(context.results[association.LEAD_TIME_SUMMARY])
    if summary.empty:
        return []
    subjects = context.results[association.LEAD_TIME]
    return [
        Heading("ctDNA before scans"),
        data_table(
            summary,
            {"statistic": "", "share": "n/N (%) or median", "interval": "95% CI", "method": "method"},
            table=association.LEAD_TIME_SUMMARY,
            name="lead-time",
            caption="Molecular against radiographic progression",
            note=" ".join(summary["note"].drop_duplicates()),
        ),
        data_table(
            subjects[subjects["lead_days"].notna()],
            {
                "subject_id": "subject",
                "molecular_progression_day": "molecular, day",
                "radiographic_progression_day": "on scans, day",
                "lead_days": "lead, days",
            },
            table=association.LEAD_TIME,
            name="lead-time-subjects",
            caption="Subjects with both progressions; the others are told on the subject page",
            folded=True,
        ),
    ]
