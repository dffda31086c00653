"""First page: who was in, headline numbers, clearance, HER2 by response, findings that could change them."""

from clearher.columns import ctdna, report
from clearher.report.blocks import Block, Cards, DataTable, Heading, Paragraph, Section
from clearher.report.codes import in_words
from clearher.report.headline import (
    clearance,
    cohort,
    confirmation,
    findings_by_severity,
    incidences,
    median_time,
    not_evaluable,
    primary_analysis,
    response_rate,
)
from clearher.report.headline_changes import headline_changes
from clearher.report.results import findings_by_check
from clearher.report.sections.context import NO_HER2_INPUT, Context
from clearher.report.words import counted

BEARS_ON = {
    "intake": "every number",
    "variants": "ctDNA clearance",
    "ctdna": "ctDNA clearance",
    "her2": "HER2 and response",
    "clinical": "response and survival",
    "changes": "what was reported before",
}


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
            *_safety(context),
            *_changes(context),
            *_findings(context),
        ),
    )


def _cohort(context: Context) -> list[Block]:
    counts = cohort(context.results)
    failures = counted(counts["screen_failures"], "screen failure")
    subjects = counted(counts["subjects"], "subject")
    people = f"{subjects} in the data, of them {failures} and {counts['treated']} treated."
    samples = (
        f"{counted(counts['plasma'], 'plasma sample')}, {counts['evaluable']} of them evaluable for ctDNA"
    )
    reasons = [f"{reason} ({number})" for reason, number in not_evaluable(context.results).items()]
    left_out = f"; not evaluable: {', '.join(reasons)}" if reasons else ""
    figure = context.figures.get("cohort_flow")
    return [Paragraph(f"{people} {samples}{left_out}."), *([figure] if figure else [])]


def _endpoints(context: Context) -> list[Block]:
    names = ("ORR", "ORR_CONFIRMED", "DCR", "CBR")
    cards = [response_rate(context.results, name, context.settings) for name in names]
    cards += [median_time(context.results, name, context.settings) for name in ("PFS", "OS", "DOR")]
    population = context.settings["clinical"]["population"]
    headline = context.settings["clinical"]["response"]["headline"]
    note = f"Population: {population}. The headline response is the {headline} one; both are shown."
    return [Heading("Headline endpoints"), Cards(tuple(cards)), Paragraph(note, "note")]


def _clearance(context: Context) -> list[Block]:
    cards = (*clearance(context.results, context.settings), *confirmation(context.results))
    figure = context.figures.get("clearance_by_visit")
    if not context.has(ctdna.VISITS):
        return [Heading("ctDNA clearance"), Paragraph("Left out: the study has no plasma results.", "note")]
    return [Heading("ctDNA clearance"), Cards(cards), *([figure] if figure else [])]


def _her2_by_response(context: Context) -> list[Block]:
    primary = primary_analysis(context.results, context.settings)
    heading = Heading("HER2 level and response")
    tables = context.printed("her2_response")
    if context.without_her2:
        return [heading, Paragraph(NO_HER2_INPUT, "note")]
    if not tables:
        return [heading, Paragraph(f"Left out: {(primary.note or primary.value).rstrip('.')}.", "note")]
    figure = context.figures.get("her2_response")
    return [heading, Cards((primary,)), *([figure] if figure else []), *tables]


def _safety(context: Context) -> list[Block]:
    cards = incidences(context.results, context.settings)
    return [Heading("Safety"), Cards(tuple(cards))] if cards else []


def _changes(context: Context) -> list[Block]:
    """Headline numbers against the previous cut; nothing where none is named."""
    if not context.settings["data_cut"]["previous"]:
        return []
    heading = Heading("Since the previous data cut")
    changes = context.results[report.CHANGES]
    if changes.empty:
        return [heading, Paragraph("No compared value differs from the previous data cut.")]
    causes = changes["cause"].str.split("; ").explode().value_counts()
    counts = ", ".join(f"{causes[cause]} by {cause}" for cause in report.CAUSES if cause in causes)
    told = Paragraph(f"{counted(len(changes), 'value')} differ: {counts}. All stand under Changes.")
    rows = headline_changes(context.results, context.settings)
    if not rows:
        return [heading, told, Paragraph("No headline number is among them.")]
    headings = ("headline number", "value", "before", "now", "cause")
    table = DataTable("headline-changes", "Headline numbers that moved", headings, tuple(rows))
    return [heading, told, table]


def _findings(context: Context) -> list[Block]:
    counts = findings_by_severity(context.results)
    checks = findings_by_check(context.results)
    bearing = checks[checks["severity"].isin(["error", "warning"]) & checks["stage"].isin(list(BEARS_ON))]
    sentence = (
        f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')} and "
        f"{counted(counts['info'], 'note')}. Errors and warnings that bear on a headline number "
        "follow, a line a check; every one of them stands under data quality."
    )
    blocks: list[Block] = [Heading("Findings that could change these numbers"), Paragraph(sentence)]
    if bearing.empty:
        return blocks
    treated = cohort(context.results)["treated"]
    rows = tuple(
        (
            row.severity,
            BEARS_ON[row.stage],
            in_words(row.check),
            str(row.findings),
            f"{row.treated}/{treated}",
            row.message,
        )
        for row in bearing.itertuples()
    )
    headings = ("severity", "bears on", "check", "findings", "treated subjects", "first of them")
    return [*blocks, DataTable("serious-findings", "Errors and warnings", headings, rows)]
