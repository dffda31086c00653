"""Run the declared analyses and collect their tables."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from clearher.association.declared import Analysis, declared_analyses
from clearher.association.dynamics import correlation, interaction, status_response
from clearher.association.earlier import EarlierCut, with_added
from clearher.association.families import adjust_families
from clearher.association.frames import in_population
from clearher.association.genes import genes_response
from clearher.association.landmark_models import landmark_survival, time_varying
from clearher.association.misclassification import misclassification, reading_sentence
from clearher.association.prediction import feature_name, prediction
from clearher.association.response_models import (
    levels_change,
    levels_response,
    number_response,
    ordered_response,
    rules_response,
)
from clearher.association.results import Analysed, not_run, sentences
from clearher.association.survival_models import levels_survival, number_survival
from clearher.association.time_order import CannotRunError, TimeOrderError, existing, require_known
from clearher.columns import Table
from clearher.columns import association as columns
from clearher.statistics.newton import NotEstimableError
from clearher.tables import conform, empty

FROM_SUBJECTS: dict[str, Callable[..., Analysed]] = {
    "levels_response": levels_response,
    "rules_response": rules_response,
    "number_response": number_response,
    "ordered_response": ordered_response,
    "levels_change": levels_change,
    "levels_survival": levels_survival,
    "number_survival": number_survival,
    "correlation": correlation,
    "genes_response": genes_response,
    "prediction": prediction,
}
FROM_VISITS: dict[str, Callable[..., Analysed]] = {
    "status_response": status_response,
    "landmark_survival": landmark_survival,
    "time_varying": time_varying,
    "interaction": interaction,
}
NOT_TIMED = ("correlation",)
HER2_LEVEL = "her2_level"
GENES = "gene alterations at baseline"
LANDMARK_TYPES = ("landmark_survival", "interaction")


class AssociationData(NamedTuple):
    """What the analyses see: the analysis set, its lineage, ctDNA visits, HER2 specimens, populations.

    ``earlier`` is what the previous data cut recorded; None: there is none.
    """

    subjects: pd.DataFrame
    lineage: pd.DataFrame
    visits: pd.DataFrame
    specimens: pd.DataFrame
    populations: pd.DataFrame
    earlier: EarlierCut | None = None


class AssociationTables(NamedTuple):
    """Results of all declared analyses, conforming to their declarations."""

    results: pd.DataFrame
    levels: pd.DataFrame
    curves: pd.DataFrame
    landmark_curves: pd.DataFrame
    landmark_sets: pd.DataFrame
    prediction_curves: pd.DataFrame


def association_results(data: AssociationData, settings: Mapping) -> AssociationTables:
    """Run every declared analysis; one that cannot be run is a row that says why.

    Parameters
    ----------
    data : AssociationData
        Tables as declared in the column registry.
    settings : Mapping
        The config section ``association``.

    Raises
    ------
    InputError
        The declarations contradict each other.
    """
    declared = with_added(declared_analyses(settings), data.earlier)
    found = [(analysis, *_run(analysis, data, settings)) for analysis in declared]
    rows = [
        {**_declaration(analysis, population), **vars(row), "number": number, "position": position}
        for number, (analysis, population, analysed) in enumerate(found, 1)
        for position, row in enumerate(analysed.rows, 1)
    ]
    results = adjust_families(pd.DataFrame(rows), settings) if rows else empty(columns.RESULTS)
    return AssociationTables(
        conform(results[columns.RESULTS.names], columns.RESULTS),
        *(
            _stacked([(a.id, getattr(analysed, name)) for a, _, analysed in found], table)
            for name, table in (
                ("levels", columns.LEVELS),
                ("curves", columns.CURVES),
                ("landmark_curves", columns.LANDMARK_CURVES),
                ("landmark_sets", columns.LANDMARK_SETS),
                ("prediction_curves", columns.PREDICTION_CURVES),
            )
        ),
    )


def run_analysis(analysis: Analysis, data: AssociationData, settings: Mapping) -> tuple[str, Analysed]:
    """One analysis in its population: the population in words, and what was found.

    Raises
    ------
    CannotRunError, NotEstimableError
        Data or variables are missing, or nothing can be estimated.
    TimeOrderError
        A variable was not known when the model's clock starts.
    """
    subjects = in_population(data.subjects, data.populations, analysis.population)
    population = f"{analysis.population} (n = {len(subjects)})"
    if subjects.empty:
        raise CannotRunError(f"Population {analysis.population} has no subjects.")
    override = _check_time(analysis, subjects, data.lineage, settings)
    if analysis.type in FROM_SUBJECTS:
        analysed = FROM_SUBJECTS[analysis.type](subjects, analysis, settings)
    elif analysis.type in FROM_VISITS:
        analysed = FROM_VISITS[analysis.type](subjects, data.visits, analysis, settings)
    else:
        analysed = misclassification(subjects, data.specimens, analysis, settings)
    return population, _with_reading(_with_caveat(analysed, override), analysis, data.specimens, settings)


def _run(analysis: Analysis, data: AssociationData, settings: Mapping) -> tuple[str, Analysed]:
    try:
        return run_analysis(analysis, data, settings)
    except TimeOrderError as reason:
        return analysis.population, not_run(analysis, str(reason), "refused: not known in time")
    except CannotRunError as reason:
        return analysis.population, not_run(analysis, str(reason))
    except NotEstimableError as reason:
        return analysis.population, not_run(analysis, f"Not estimable: {reason}.", "not estimable")


def _check_time(analysis: Analysis, subjects: pd.DataFrame, lineage: pd.DataFrame, settings: Mapping) -> str:
    known = lineage.set_index("variable")
    if analysis.predictor:
        existing(known, analysis.predictor)
    if analysis.type in NOT_TIMED:
        return ""
    named = [analysis.predictor, *analysis.adjustment, analysis.strata, *map(feature_name, analysis.features)]
    variables = [name for name in dict.fromkeys(named) if name in known.index]
    by_day = settings["baseline_last_day"]
    if analysis.type in LANDMARK_TYPES and not analysis.landmark.get("visit"):
        by_day = analysis.landmark.get("day", settings["landmark"]["day"])
    return require_known(lineage, subjects, variables, by_day, analysis.time_override)


def _with_caveat(analysed: Analysed, caveat: str) -> Analysed:
    if not caveat:
        return analysed
    rows = [replace(row, caveat=sentences(caveat, row.caveat)) for row in analysed.rows]
    return replace(analysed, rows=rows)


def _with_reading(
    analysed: Analysed, analysis: Analysis, specimens: pd.DataFrame, settings: Mapping
) -> Analysed:
    """Agreement of readers beside the answer of every analysis by HER2 level that does not use it itself."""
    if analysis.predictor != HER2_LEVEL or analysis.type == "misclassification":
        return analysed
    names, within = list(settings["scores"][HER2_LEVEL]), settings["misclassification"]["within"]
    said = reading_sentence(specimens, names, within=within)
    rows = [replace(row, caveat=sentences(row.caveat, said if row.headline else "")) for row in analysed.rows]
    return replace(analysed, rows=rows)


def _declaration(analysis: Analysis, population: str) -> dict:
    return {
        "analysis_id": analysis.id,
        "question": analysis.question,
        "type": analysis.type,
        "population": population,
        "outcome": analysis.outcome,
        "predictor": ", ".join(_predictors(analysis)),
        "adjustment": ";".join([*analysis.adjustment, *([analysis.strata] if analysis.strata else [])]),
        "family": analysis.family,
        "primary": analysis.primary,
        "added": analysis.added,
    }


def _predictors(analysis: Analysis) -> list[str]:
    """What stands on the predictor's side: a variable, candidates, genes, a ctDNA status, or two of them."""
    if analysis.type == "genes_response":
        return [GENES]
    status = [analysis.status] if analysis.type in FROM_VISITS else []
    return [*([analysis.predictor] if analysis.predictor else []), *analysis.features, *status]


def _stacked(parts: list[tuple[str, pd.DataFrame]], table: Table) -> pd.DataFrame:
    filled = [frame.assign(analysis_id=name) for name, frame in parts if len(frame)]
    if not filled:
        return empty(table)
    return conform(pd.concat(filled, ignore_index=True)[table.names], table)
