"""First page: who was in, headline numbers, clearance, HER2 by response, findings that could change them."""

from clearher.columns import ctdna
from clearher.problems import findings_table
from clearher.report.headline import (
    clearance,
    cohort,
    findings_by_severity,
    median_time,
    primary_analysis,
    response_rate,
)
from clearher.report.page import Block, Cards, Heading, Paragraph, Section, data_table
from clearher.report.results import all_findings
from clearher.report.sections.context import Context
from clearher.report.words import counted


def summary_section(context: Context) -> Section:
    """Summary of the cut."""
    return Section(
        "summary",
        "Summary",
        (
            *_cohort(context),
            *_endpoints(context),
            *_clearance(context),
            *_her2_by_response(context),
            *_findings(context),
        ),
    )


def _cohort(context: Context) -> list[Block]:
    counts = cohort(context.results)
    sentence = (
        f"{counted(counts['subjects'], 'subject')} in the data, {counts['screen_failures']} of them screen "
        f"failures; {counts['treated']} treated. {counted(counts['plasma'], 'plasma sample')}, "
        f"{counts['plasma_failed']} failed quality control, {counts['evaluable']} evaluable for ctDNA."
    )
    figure = context.figures.get("cohort_flow")
    return [Paragraph(sentence), *([figure] if figure else [])]


def _endpoints(context: Context) -> list[Block]:
    names = ("ORR", "ORR_CONFIRMED", "DCR", "CBR")
    cards = [response_rate(context.results, name, context.settings) for name in names]
    cards += [median_time(context.results, name, context.settings) for name in ("PFS", "OS", "DOR")]
    population = context.settings["clinical"]["population"]
    headline = context.settings["clinical"]["response"]["headline"]
    note = f"Population: {population}. The headline response is the {headline} one; both are shown."
    return [Heading("Headline endpoints"), Cards(tuple(cards)), Paragraph(note, "note")]


def _clearance(context: Context) -> list[Block]:
    cards = tuple(clearance(context.results))
    figure = context.figures.get("clearance_by_visit")
    if not context.has(ctdna.VISITS):
        return [Heading("ctDNA clearance"), Paragraph("Left out: the study has no plasma results.", "note")]
    return [Heading("ctDNA clearance"), Cards(cards), *([figure] if figure else [])]


def _her2_by_response(context: Context) -> list[Block]:
    primary = primary_analysis(context.results)
    heading = Heading("HER2 level and response")
    tables = context.printed("her2_response")
    if not tables:
        return [heading, Paragraph(f"Left out: {primary.note or primary.value}.", "note")]
    figure = context.figures.get("her2_response")
    return [heading, Cards((primary,)), *([figure] if figure else []), *tables]


def _findings(context: Context) -> list[Block]:
    counts = findings_by_severity(context.results)
    findings = all_findings(context.results)
    serious = findings[findings["severity"].isin(["error", "warning"])]
    sentence = (
        f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')} and "
        f"{counted(counts['info'], 'note')}. Errors and warnings follow; all stand under data quality."
    )
    blocks: list[Block] = [Heading("Findings that could change these numbers"), Paragraph(sentence)]
    if serious.empty:
        return blocks
    table = data_table(
        serious,
        ("severity", "stage", "check", "subject_id", "sample_id", "message", "remedy"),
        table=findings_table("report"),
        name="serious-findings",
        caption="Errors and warnings",
    )
    return [*blocks, table]
