"""Response and time to event."""

from clearher.columns import clinical
from clearher.report.blocks import Block, Heading, Paragraph, Section
from clearher.report.page import data_table
from clearher.report.sections.context import Context

FIGURES = ("waterfall", "spider", "swimmer", "progression_free_survival", "overall_survival")


def clinical_section(context: Context) -> Section:
    """Response of each subject, endpoints under each rule."""
    if not context.has(clinical.RESPONSES) and not context.has(clinical.TIME_TO_EVENT):
        return Section(
            "clinical", "Response and survival", (Paragraph("Left out: no clinical data.", "note"),)
        )
    return Section("clinical", "Response and survival", (*context.both(*FIGURES), *_tables(context)))


def _tables(context: Context) -> list[Block]:
    results = context.results
    return [
        Heading("Endpoints"),
        *context.printed("response", "time_to_event"),
        data_table(
            results[clinical.ENDPOINTS],
            {
                "endpoint": "endpoint",
                "population": "population",
                "group": "group",
                "statistic": "statistic",
                "n": "n",
                "N": "N",
                "estimate": "estimate",
                "low": "low",
                "high": "high",
                "unit": "unit",
                "method": "method",
                "note": "note",
            },
            table=clinical.ENDPOINTS,
            name="endpoints",
            caption="Every endpoint in every population and group",
            folded=True,
            spelt=("endpoint", "population", "statistic", "method", "note"),
        ),
        data_table(
            results[clinical.RESPONSES],
            {
                "subject_id": "subject",
                "evaluator": "by",
                "bor": "best response",
                "confirmed_bor": "confirmed",
                "response_day": "response day",
                "best_change_percent": "best change, %",
                "first_pd_date": "progression",
            },
            table=clinical.RESPONSES,
            name="responses",
            caption="Response of each subject",
        ),
    ]
