"""Data quality: findings of every stage, sample quality, identity, filters."""

from clearher.columns import variants
from clearher.problems import findings_table
from clearher.report.blocks import Block, DataTable, Heading, Paragraph, Section
from clearher.report.codes import in_words
from clearher.report.page import data_table
from clearher.report.results import all_findings, findings_by_check
from clearher.report.sections.context import Context


def quality_section(context: Context) -> Section:
    """Findings and checks of the data."""
    return Section(
        "quality", "Data quality", (*_findings(context), *_identity(context), *_attrition(context))
    )


def _findings(context: Context) -> list[Block]:
    checks = findings_by_check(context.results)
    if checks.empty:
        return [Heading("Findings"), Paragraph("No finding.", "note")]
    checks = checks.assign(check=checks["check"].map(in_words), stage=checks["stage"].map(in_words))
    columns = ["severity", "stage", "check", "findings", "subjects", "message", "remedy"]
    table = DataTable(
        "findings-by-check",
        "Findings by check",
        ("severity", "stage", "check", "findings", "subjects", "first of them", "what was done, or to do"),
        tuple(tuple(map(str, row)) for row in checks[columns].itertuples(index=False)),
        note="Every finding is a row of the findings tables of its stage and of the workbook.",
    )
    return [Heading("Findings"), table, *_serious(context)]


def _serious(context: Context) -> list[Block]:
    findings = all_findings(context.results)
    serious = findings[findings["severity"].isin(["error", "warning"])]
    if serious.empty:
        return []
    return [
        data_table(
            serious,
            ("severity", "check", "subject_id", "sample_id", "message"),
            table=findings_table("*"),
            spelt=("check",),
            name="every-finding",
            caption="Every error and warning",
            folded=True,
        )
    ]


def _identity(context: Context) -> list[Block]:
    pairs = context.results[variants.IDENTITY]
    if pairs.empty:
        return [
            Heading("Identity of samples"),
            Paragraph("Left out: no pair of samples with variant calls.", "note"),
        ]
    counts = pairs["verdict"].value_counts()
    named = ", ".join(f"{counts.get(verdict, 0)} {text}" for verdict, text in VERDICTS.items())
    blocks: list[Block] = [
        Heading("Identity of samples"),
        Paragraph(f"{len(pairs)} pairs of samples: {named}."),
    ]
    wrong = pairs[pairs["verdict"] == "MISMATCH"]
    if wrong.empty:
        return blocks
    table = data_table(
        wrong,
        {
            "subject_id": "subject",
            "sample_a": "sample",
            "sample_b": "other sample",
            "sites": "sites",
            "discordant": "discordant",
            "likely_partner": "perhaps exchanged",
            "basis": "judged by",
        },
        table=variants.IDENTITY,
        name="identity",
        caption="Pairs that do not match",
        note="By sites: alleles of sites known in both samples. By calls: calls shared, where few sites are "
        "known in both.",
        folded=len(wrong) > 8,
    )
    return [*blocks, table]


VERDICTS = {"MATCH": "match", "MISMATCH": "do not match", "NOT_EVALUABLE": "not evaluable"}


def _attrition(context: Context) -> list[Block]:
    steps = context.results[variants.ATTRITION]
    if steps.empty:
        return [Heading("Variant filters"), Paragraph("Left out: the study has no variant calls.", "note")]
    numbers = ["n_in", "n_removed", "n_not_assessed", "n_out"]
    total = steps.groupby(["step", "filter"], sort=True, as_index=False)[numbers].sum()
    return [
        Heading("Variant filters"),
        data_table(
            total,
            {
                "step": "step",
                "filter": "filter",
                "n_in": "in",
                "n_removed": "removed",
                "n_not_assessed": "not assessed",
                "n_out": "out",
            },
            table=variants.ATTRITION,
            name="attrition",
            caption="Alleles through the filters, all samples together",
            note="An allele is counted at the filter that took it away first.",
            spelt=("filter",),
        ),
    ]
