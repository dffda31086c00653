"""ctDNA: detection, limits, trajectories, clearance, genes."""

from clearher.columns import association, ctdna
from clearher.report.blocks import Block, Heading, Paragraph, Section
from clearher.report.page import data_table
from clearher.report.sections.context import Context
from clearher.report.words import level_words


def ctdna_section(context: Context) -> Section:
    """Everything about plasma samples and their course."""
    if not context.has(ctdna.VISITS):
        return Section("ctdna", "ctDNA", (Paragraph("Left out: the study has no plasma results.", "note"),))
    drawn = context.both("oncoprint", "all_trajectories", "trajectories", "ctdna_tumour")
    return Section("ctdna", "ctDNA", (*drawn, *_tables(context)))


def _tables(context: Context) -> list[Block]:
    results = context.results
    level = level_words(results[ctdna.VISITS]["level_metric"])
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
                "molecular_response_50": "fall by half",
                "molecular_progression_day": "molecular progression, day",
                "n_emergent": "emergent",
            },
            table=ctdna.SUBJECTS,
            name="ctdna-subjects",
            caption="Subjects",
            note=(f"Level: {level}. " if level else "")
            + "Fall by half: supported where the upper limit of the ratio lies below 1, else yes.",
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
    printed = context.printed("lead_time")
    if not printed:
        return []
    subjects = context.results[association.LEAD_TIME]
    both = subjects[subjects["lead_days"].notna()]
    if both.empty:
        return [Heading("ctDNA before scans"), *printed]
    return [
        Heading("ctDNA before scans"),
        *printed,
        data_table(
            both,
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
