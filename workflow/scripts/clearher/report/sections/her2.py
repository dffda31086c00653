"""HER2: levels, specimens, agreement and change."""

from clearher.columns import association, her2
from clearher.report.page import Block, Heading, Paragraph, Section, data_table
from clearher.report.sections.context import Context


def her2_section(context: Context) -> Section:
    """HER2 levels of subjects and their specimens."""
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
            ),
        ]
    return [*blocks, *_plasma(context)]


def _plasma(context: Context) -> list[Block]:
    beside = context.results[association.HER2_PLASMA]
    told = beside[~beside["amplification"].isin(["", "NOT_ASSESSED"]) | beside["soluble_her2"].notna()]
    if told.empty:
        return []
    counts = told["verdict"].value_counts()
    words = ", ".join(f"{counts[verdict]} {text}" for verdict, text in VERDICTS.items() if verdict in counts)
    return [
        Heading("ERBB2 in plasma and soluble HER2"),
        Paragraph(f"Amplification in plasma beside HER2 in tissue: {words}."),
        data_table(
            told[(told["flags"] != "") | told["verdict"].isin(["PLASMA_ONLY", "TISSUE_ONLY"])],
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
        ),
    ]


VERDICTS = {
    "CONCORDANT": "concordant",
    "PLASMA_ONLY": "in plasma only",
    "TISSUE_ONLY": "in tissue only",
    "NOT_COMPARABLE": "not comparable",
}
