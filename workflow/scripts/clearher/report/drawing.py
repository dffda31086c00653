"""Every figure of the report, drawn from the tables of a cut."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from clearher.columns import Table, association, clinical, ctdna, her2, intake
from clearher.report.figures.adverse_events import adverse_event_butterfly
from clearher.report.figures.clearance import clearance_by_visit
from clearher.report.figures.cohort_flow import cohort_flow
from clearher.report.figures.ctdna_tumour import ctdna_against_tumour
from clearher.report.figures.empty import nothing_to_draw
from clearher.report.figures.forest import forest
from clearher.report.figures.her2_flow import her2_flow
from clearher.report.figures.her2_response import response_by_level
from clearher.report.figures.kaplan_meier import kaplan_meier_figure
from clearher.report.figures.oncoprint import oncoprint
from clearher.report.figures.prediction import calibration_curve, roc_curves
from clearher.report.figures.spider import spider
from clearher.report.figures.swimmer import swimmer
from clearher.report.figures.trajectories import all_trajectories, trajectories
from clearher.report.figures.waterfall import waterfall
from clearher.report.flow import branches, trunk
from clearher.report.headline import primary_result
from clearher.report.palette import HER2_LEVELS, HER2_NAMES, LANDMARK_COLOURS, LANDMARK_NAMES
from clearher.report.results import Results
from clearher.report.words import limits, p_text, significant

Settings = Mapping[str, Any]


def draw(name: str, results: Results, settings: Settings) -> Figure:
    """One figure of the catalogue.

    Raises
    ------
    KeyError
        No figure of that name.
    """
    return DRAWN[name](results, settings)


def _waterfall(results: Results, settings: Settings) -> Figure:
    return waterfall(results[clinical.RESPONSES], results[her2.SUBJECTS], evaluator=_evaluator(settings))


def _swimmer(results: Results, settings: Settings) -> Figure:
    return swimmer(
        results[intake.SUBJECTS],
        results[clinical.RESPONSES],
        results[ctdna.VISITS],
        evaluator=_evaluator(settings),
        days_per_month=_days_per_month(settings),
    )


def _trajectories(results: Results, settings: Settings) -> Figure:
    return trajectories(results[ctdna.VISITS], days_per_month=_days_per_month(settings))


def _all_trajectories(results: Results, settings: Settings) -> Figure:
    return all_trajectories(
        results[ctdna.VISITS], results[ctdna.SUBJECTS], days_per_month=_days_per_month(settings)
    )


def _cohort_flow(results: Results, settings: Settings) -> Figure:
    return cohort_flow(trunk(results), branches(results, settings))


def _her2_response(results: Results, settings: Settings) -> Figure:
    primary = primary_result(results)
    if primary is None:
        return nothing_to_draw("No analysis is declared as primary.")
    levels = results[association.LEVELS]
    trend = f"{primary['term']}: p {p_text(primary['p'])}" if pd.notna(primary["p"]) else "trend not tested"
    return response_by_level(
        levels[levels["analysis_id"] == primary["analysis_id"]],
        trend=trend,
        confidence=settings["association"]["confidence"],
    )


def _clearance_by_visit(results: Results, settings: Settings) -> Figure:
    return clearance_by_visit(
        results[ctdna.VISITS],
        results[ctdna.CLEARANCE],
        results[ctdna.SUBJECTS],
        order=list(settings["visits"]),
    )


def _oncoprint(results: Results, settings: Settings) -> Figure:
    return oncoprint(
        results[ctdna.LANDSCAPE],
        results[ctdna.SUBJECTS],
        results[her2.SUBJECTS],
        results[clinical.RESPONSES],
        evaluator=_evaluator(settings),
    )


def _ctdna_tumour(results: Results, settings: Settings) -> Figure:
    rows = results[association.RESULTS]
    rows = rows[rows["headline"].fillna(False) & (rows["type"] == "correlation") & rows["estimate"].notna()]
    words = ""
    if len(rows):
        first = rows.iloc[0]
        estimate = f"{significant(first['estimate'], 2)} ({limits(first['low'], first['high'], 2)})"
        words = f"{first['term']} {first['estimate_name']} {estimate}"
    return ctdna_against_tumour(results[association.SUBJECTS], correlation=words)


def _her2_flow(results: Results, settings: Settings) -> Figure:
    return her2_flow(results[her2.CONVERSION])


def _spider(results: Results, settings: Settings) -> Figure:
    return spider(
        results[clinical.VISITS],
        results[clinical.RESPONSES],
        results[intake.SUBJECTS].set_index("subject_id")["reference_date"],
        evaluator=_evaluator(settings),
        days_per_month=_days_per_month(settings),
    )


def _forest(results: Results, settings: Settings) -> Figure:
    rows = results[association.RESULTS]
    return forest(rows[rows["headline"].fillna(False)], confidence=settings["association"]["confidence"])


def _prediction_roc(results: Results, settings: Settings) -> Figure:
    return roc_curves(results[association.PREDICTION_CURVES], results[association.RESULTS])


def _prediction_calibration(results: Results, settings: Settings) -> Figure:
    return calibration_curve(results[association.PREDICTION_CURVES])


def _adverse_events(results: Results, settings: Settings) -> Figure:
    treated = int(results[intake.SUBJECTS]["treated"].fillna(False).sum())
    return adverse_event_butterfly(results[clinical.ADVERSE_EVENTS], treated=treated)


def _survival(endpoint: str, label: str) -> Callable[[Results, Settings], Figure]:
    def drawn(results: Results, settings: Settings) -> Figure:
        curves = results[clinical.CURVES]
        chosen = curves[
            (curves["endpoint"] == endpoint)
            & (curves["population"] == settings["clinical"]["population"])
            & (curves["group"] == "all")
        ]
        start = settings["clinical"]["reference_date"].replace("_", " ")
        return kaplan_meier_figure(chosen, title=label, time_label=f"months from {start}")

    return drawn


def _her2_survival(results: Results, settings: Settings) -> Figure:
    curves = first_of_outcome(results, association.CURVES, "pfs")
    start = settings["clinical"]["reference_date"].replace("_", " ")
    return kaplan_meier_figure(
        curves,
        title="Progression-free survival by HER2 level",
        time_label=f"months from {start}",
        order=HER2_LEVELS,
        names=HER2_NAMES,
    )


def _landmark_survival(results: Results, settings: Settings) -> Figure:
    curves = first_of_outcome(results, association.LANDMARK_CURVES, "pfs")
    landmark = curves["landmark"].iloc[0] if len(curves) else "the landmark"
    return kaplan_meier_figure(
        curves,
        title="Progression-free survival by ctDNA status at the landmark",
        time_label=f"months from the landmark ({landmark})",
        order=tuple(LANDMARK_COLOURS),
        names=LANDMARK_NAMES,
        colours=LANDMARK_COLOURS,
        landmark=f"landmark {landmark}",
    )


def first_of_outcome(results: Results, table: Table, outcome: str) -> pd.DataFrame:
    """Curves of the first declared analysis of an outcome that has any."""
    curves = results[table]
    declared = results[association.RESULTS]
    named = declared.loc[declared["outcome"] == outcome, "analysis_id"].drop_duplicates()
    present = [name for name in named if name in set(curves["analysis_id"])]
    return curves[curves["analysis_id"] == (present[0] if present else "")]


def _evaluator(settings: Settings) -> str:
    return settings["clinical"]["response"]["evaluator"]


def _days_per_month(settings: Settings) -> float:
    return settings["clinical"]["statistics"]["days_per_month"]


DRAWN: dict[str, Callable[[Results, Settings], Figure]] = {
    "cohort_flow": _cohort_flow,
    "her2_response": _her2_response,
    "clearance_by_visit": _clearance_by_visit,
    "oncoprint": _oncoprint,
    "all_trajectories": _all_trajectories,
    "trajectories": _trajectories,
    "ctdna_tumour": _ctdna_tumour,
    "her2_flow": _her2_flow,
    "waterfall": _waterfall,
    "spider": _spider,
    "swimmer": _swimmer,
    "progression_free_survival": _survival("PFS", "Progression-free survival"),
    "overall_survival": _survival("OS", "Overall survival"),
    "her2_survival": _her2_survival,
    "landmark_survival": _landmark_survival,
    "forest": _forest,
    "prediction_roc": _prediction_roc,
    "prediction_calibration": _prediction_calibration,
    "adverse_events": _adverse_events,
}
