"""Adverse events and anti-drug antibodies."""

import pandas as pd

from clearher.columns import association, clinical
from clearher.report.blocks import Block, DataTable, Heading, Paragraph, Section
from clearher.report.codes import in_words
from clearher.report.page import data_table
from clearher.report.publication_markers import marker_cells, marker_title
from clearher.report.sections.context import Context
from clearher.report.shares import with_shares
from clearher.report.words import ci_name, share

RATES = {"share": "rate", "n": "subjects with it"}
PRINTED = ("safety_incidence", "ae_overview", "ada_visit")
TITLES = {
    "soc_pt": "By system organ class and preferred term",
    "worst_grade": "By worst grade",
    "aesi": "Events of special interest",
    "exposure_adjusted": "Exposure-adjusted rates",
    "laboratory_emergent": "Laboratory values that became abnormal",
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
        (*context.drawn("adverse_events"), *context.printed(*PRINTED), *_tables(context)),
    )


def _tables(context: Context) -> list[Block]:
    lines = context.results[clinical.SAFETY]
    lines = with_shares(lines[lines["group"] == "all"].sort_values("line"))
    ci = ci_name(context.settings["clinical"]["statistics"]["confidence"])
    usual = {"category": "category", "term": "term", "level": "level", "share": "n/N (%)", "interval": ci,
             "events": "events"}  # fmt: skip
    blocks: list[Block] = []
    for section, title in TITLES.items():
        shown = lines[lines["section"] == section]
        shown = shown.assign(level=shown["level"].map(in_words))
        if shown.empty:
            blocks += [Heading(title), Paragraph("Left out: no data.", "note")]
        else:
            columns = {**usual, **RATES} if section == "exposure_adjusted" else usual
            blocks.append(
                data_table(
                    shown,
                    {name: heading for name, heading in columns.items() if _told(shown[name])},
                    table=clinical.SAFETY,
                    spelt=("category",),
                    name=f"safety-{section}",
                    caption=title,
                    folded=len(shown) > 40,
                )
            )
    return [*blocks, *_ejection_fraction(context), *_by_marker(context)]


def _told(values: pd.Series) -> bool:
    """Whether a column says anything."""
    return bool((values.notna() & (values != "")).any())


def _ejection_fraction(context: Context) -> list[Block]:
    values = context.results[clinical.EJECTION_FRACTION]
    if values.empty:
        return []
    limits = context.settings["clinical"]["laboratory"]["ejection_fraction"]
    points, below = limits["fall_points"], limits["below_percent"]
    fallen = int(values["dysfunction"].fillna(False).sum())
    known = int(values["dysfunction"].notna().sum())
    return [
        Heading("Ejection fraction"),
        Paragraph(f"{share(fallen, known)} of the subjects with a value before and after the first dose fell "
                  f"by at least {points:g} percentage points to below {below:g}%."),
        data_table(
            values[values["fall_points"] >= points],
            {
                "subject_id": "subject",
                "baseline_percent": "baseline, %",
                "lowest_percent": "lowest, %",
                "lowest_day": "day",
                "fall_points": "fall, points",
                "dysfunction": "dysfunction",
            },
            table=clinical.EJECTION_FRACTION,
            name="ejection-fraction",
            caption=f"Subjects whose ejection fraction fell by {points:g} points or more",
            folded=True,
        ),
    ]  # fmt: skip


def _by_marker(context: Context) -> list[Block]:
    """One table a marker: measures by level, each with its own denominator."""
    lines = with_shares(context.results[association.SAFETY_BY_MARKER])
    blocks: list[Block] = []
    for _, marker in lines.groupby("position", sort=True):
        levels, rows = marker_cells(marker)
        name = marker["marker"].iloc[0]
        blocks.append(
            DataTable(
                f"safety-by-{name.replace('_', '-')}",
                marker_title(marker),
                ("", *levels),
                tuple(rows),
                note=" ".join(marker["caveat"].drop_duplicates()),
                folded=True,
                source=association.SAFETY_BY_MARKER.path,
            )
        )
    return [Heading("Safety by HER2, ctDNA and antibodies"), *blocks] if blocks else []
