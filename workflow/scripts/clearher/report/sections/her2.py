"""HER2: levels, specimens, agreement and change."""

from clearher.columns import association, her2
from clearher.report.blocks import Block, Heading, Paragraph, Section
from clearher.report.page import data_table
from clearher.report.sections.context import NO_HER2_INPUT, Context


def her2_section(context: Context) -> Section:
    """HER2 levels of subjects and their specimens."""
    if context.without_her2:
        return Section("her2", "HER2", (Paragraph(NO_HER2_INPUT, "note"),))
    if not context.has(her2.SUBJECTS):
        return Section("her2", "HER2", (Paragraph("Left out: the study has no HER2 results.", "note"),))
    return Section("her2", "HER2", (*context.drawn("her2_flow"), *_tables(context)))


def _tables(context: Context) -> list[Block]:
    results = context.results
    blocks: list[Block] = [
        data_table(
            results[her2.SUBJECTS],
            {
                "subject_id": "subject",
                "level": "level",
                "certainty": "certainty",
                "ihc_state": "IHC",
                "ish_result": "ISH",
                "h_score": "H-score",
                "specimen_day": "day",
            },
            table=her2.SUBJECTS,
            name="her2-subjects",
            caption="HER2 level of each subject under the primary rule",
            spelt=("ish_result",),
        )
    ]
    pairs = results[her2.CONVERSION]
    changed = pairs[pairs["change"].isin(["up", "down"])]
    if len(changed):
        blocks.append(
            data_table(
                changed,
                ("flow", "subject_id", "from_level", "to_level", "days_between", "change"),
                table=her2.CONVERSION,
                name="her2-conversion",
                caption="Subjects whose level changed between specimens",
                folded=True,
            )
        )
    if context.has(her2.AGREEMENT):
        blocks += [
            Heading("Agreement"),
            data_table(
                results[her2.AGREEMENT],
                ("kind", "first", "second", "scale", "statistic", "n", "estimate", "low", "high"),
                table=her2.AGREEMENT,
                name="her2-agreement",
                caption="Agreement of readers, laboratories and assays",
                folded=True,
                spelt=("scale", "statistic"),
            ),
        ]
    return [*blocks, *_plasma(context)]


def _plasma(context: Context) -> list[Block]:
    beside = context.results[association.HER2_PLASMA]
    printed = context.printed("her2_plasma")
    if not printed:
        return []
    blocks: list[Block] = [Heading("ERBB2 in plasma and soluble HER2"), *printed]
    odd = beside[(beside["flags"] != "") | beside["verdict"].isin(["PLASMA_ONLY", "TISSUE_ONLY"])]
    if odd.empty:
        return blocks
    return [
        *blocks,
        data_table(
            odd,
            {
                "subject_id": "subject",
                "tissue_level": "tissue",
                "amplification": "plasma",
                "copy_number": "copies",
                "max_vaf": "highest VAF",
                "verdict": "verdict",
                "mutations": "ERBB2 mutations",
                "soluble_her2": "soluble HER2",
                "soluble_unit": "unit",
                "flags": "flags",
            },
            table=association.HER2_PLASMA,
            name="her2-plasma",
            caption="Subjects in whom plasma and tissue differ, or with a flag",
            folded=True,
            spelt=("tissue_level", "flags"),
        ),
    ]
