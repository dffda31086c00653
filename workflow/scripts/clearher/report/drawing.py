"""Every figure of the report, drawn from the tables of a cut."""

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.figure import Figure

from clearher.columns import clinical, ctdna, her2, intake
from clearher.report.figures.kaplan_meier import kaplan_meier_figure
from clearher.report.figures.swimmer import swimmer
from clearher.report.figures.trajectories import trajectories
from clearher.report.figures.waterfall import waterfall
from clearher.report.results import Results

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


def _evaluator(settings: Settings) -> str:
    return settings["clinical"]["response"]["evaluator"]


def _days_per_month(settings: Settings) -> float:
    return settings["clinical"]["statistics"]["days_per_month"]


DRAWN: dict[str, Callable[[Results, Settings], Figure]] = {
    "waterfall": _waterfall,
    "swimmer": _swimmer,
    "trajectories": _trajectories,
    "progression_free_survival": _survival("PFS", "Progression-free survival"),
    "overall_survival": _survival("OS", "Overall survival"),
}
