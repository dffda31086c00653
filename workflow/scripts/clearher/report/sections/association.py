"""Declared analyses, the REMARK profile, and the time at which each variable is known."""

import pandas as pd

from clearher.columns import association
from clearher.report.blocks import Block, Heading, Paragraph, Section
from clearher.report.page import data_table
from clearher.report.sections.context import Context
from clearher.report.words import P_MEANING, ci_name, limits, p_value, significant

FIGURES = ("forest", "her2_survival", "landmark_survival")
RESULT = {
    "n": "n",
    "events": "events",
    "term": "term",
    "result": "estimate",
    "p_words": "p",
    "adjusted_words": "adjusted p",
}
TEXTS = ("analysis_id", "groups", "term", "family", "method", "why_method", "caveat")


def association_section(context: Context) -> Section:
    """Every declared analysis, run or not."""
    return Section(
        "association", "Associations", (*context.drawn(*FIGURES), *_prediction(context), *_tables(context))
    )


def _result(row) -> str:
    """Estimate with its name and interval; empty where there is none."""
    if pd.isna(row.estimate):
        return ""
    known = pd.notna(row.low) or pd.notna(row.high)
    interval = f" ({limits(row.low, row.high)})" if known else ""
    return f"{row.estimate_name} {significant(row.estimate)}{interval}"


def _prediction(context: Context) -> list[Block]:
    """The worth of the prediction models; without one, the forest says why there is none."""
    if not context.has(association.PREDICTION_CURVES):
        return []
    return [Heading("Prediction"), *context.drawn("prediction_roc", "prediction_calibration")]


def _tables(context: Context) -> list[Block]:
    results = context.results[association.RESULTS]
    if results.empty:
        return [Paragraph("Left out: no analysis is declared.", "note")]
    columns = {**RESULT, "result": f"estimate ({ci_name(context.settings['association']['confidence'])})"}
    results = results.assign(
        result=[_result(row) for row in results.itertuples()],
        p_words=results["p"].map(p_value),
        adjusted_words=results["p_adjusted"].map(p_value),
    )
    return [
        data_table(
            results[results["headline"].fillna(False)],
            {"question": "question", "groups": "groups", **columns, "caveat": "caveat"},
            table=association.RESULTS,
            name="analyses",
            caption="Declared analyses: the row that answers each question",
            note=f"p: {P_MEANING}; adjusted p: within the family of the analysis. Methods stand in the table "
            "below.",
            spelt=TEXTS,
        ),
        data_table(
            results,
            {
                "analysis_id": "analysis",
                **columns,
                "groups": "groups",
                "family": "family",
                "method": "method",
                "why_method": "why this method",
                "caveat": "caveat",
            },
            table=association.RESULTS,
            name="all-analyses",
            caption="Every result of every declared analysis",
            folded=True,
            spelt=TEXTS,
        ),
        Heading("REMARK profile"),
        data_table(
            context.results[association.REMARK],
            ("section", "item", "value", "n", "events", "result", "remarks"),
            table=association.REMARK,
            name="remark",
            caption="REMARK profile: A, patients and marker; B, every analysis",
            folded=True,
            spelt=("item", "value", "result", "remarks"),
        ),
        data_table(
            context.results[association.LINEAGE],
            ("variable", "source_table", "known", "rule", "n_known", "n_undated", "latest_day"),
            table=association.LINEAGE,
            name="lineage",
            caption="When each variable is known",
            folded=True,
        ),
    ]
