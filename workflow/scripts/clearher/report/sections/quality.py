"""Data quality: findings of every stage, sample quality, identity, filters."""

from clearher.columns import variants
from clearher.problems import findings_table
from clearher.report.page import Block, Heading, Paragraph, Section, data_table
from clearher.report.results import all_findings
from clearher.report.sections.context import Context


def quality_section(context: Context) -> Section:
    """Findings and checks of the data."""
    findings = all_findings(context.results)
    blocks: list[Block] = [Heading("All findings")]
    if findings.empty:
        blocks.append(Paragraph("No finding.", "note"))
    else:
        blocks.append(
            data_table(
                findings,
                (
                    "severity",
                    "stage",
                    "check",
                    "subject_id",
                    "sample_id",
                    "field",
                    "value",
                    "message",
                    "remedy",
                ),
                table=findings_table("report"),
                name="findings",
                caption="Findings of every stage",
            )
        )
    return Section("quality", "Data quality", (*blocks, *_identity(context), *_attrition(context)))


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
        ("subject_id", "sample_a", "sample_b", "sites", "discordant", "likely_partner", "sentence"),
        table=variants.IDENTITY,
        name="identity",
        caption="Pairs that do not match",
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
            ("step", "filter", *numbers),
            table=variants.ATTRITION,
            name="attrition",
            caption="Alleles through the filters, all samples together",
            note="An allele is counted at the filter that took it away first.",
        ),
    ]
