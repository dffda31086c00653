"""Declared analyses, as the configuration states them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clearher.problems import InputError, Problem


@dataclass(frozen=True)
class Analysis:
    """One declared analysis; empty text and empty tuples where nothing was declared.

    Attributes
    ----------
    id, question, type, outcome, predictor
        As in the configuration.
    population : str
        Name of the population.
    adjustment, features, high_levels : tuple of str
        Variables adjusted for; candidates of a prediction; levels of the upper group of an interaction.
    strata : str
        Variable that stratifies.
    status : str
        ctDNA status at a landmark.
    landmark : Mapping
        What the analysis sets for its landmark.
    transform : str
        "none" or "log10".
    family : str
        Family of tests.
    primary : bool
    added, time_override : str
        When it was added or changed, if not before the first cut; reason for using a variable that is not
        known in time.
    """

    id: str
    question: str
    type: str
    outcome: str
    population: str = "treated"
    predictor: str = ""
    adjustment: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    high_levels: tuple[str, ...] = ()
    strata: str = ""
    status: str = "clearance"
    landmark: Mapping = field(default_factory=dict)
    transform: str = "none"
    family: str = "exploratory"
    primary: bool = False
    added: str = ""
    time_override: str = ""


def declared_analyses(settings: Mapping) -> list[Analysis]:
    """The analyses of the configuration, in order.

    Raises
    ------
    InputError
        Two analyses share a name, or more than one is declared primary in a family.
    """
    analyses = [analysis_of(entry, settings) for entry in settings["analyses"]]
    problems = [*_repeated_names(analyses), *_several_primaries(analyses)]
    if problems:
        raise InputError(problems)
    return analyses


def analysis_of(entry: Mapping, settings: Mapping) -> Analysis:
    """An entry of ``association.analyses``, with the population of the section where it names none."""
    lists = {name: tuple(entry.get(name, ())) for name in ("adjustment", "features", "high_levels")}
    rest = {name: value for name, value in entry.items() if name not in lists}
    return Analysis(**{"population": settings["population"], **rest, **lists})


def _repeated_names(analyses: list[Analysis]) -> list[Problem]:
    names = [analysis.id for analysis in analyses]
    return [
        Problem(
            check="analysis_repeated",
            column="association.analyses",
            found=f"{name!r} {names.count(name)} times",
            expected="each name once",
            remedy="Rename one of them.",
        )
        for name in sorted(set(names))
        if names.count(name) > 1
    ]


def _several_primaries(analyses: list[Analysis]) -> list[Problem]:
    primary = [analysis.id for analysis in analyses if analysis.primary]
    families = {analysis.family for analysis in analyses if analysis.primary}
    if len(primary) <= len(families):
        return []
    return [
        Problem(
            check="analysis_primary",
            column="association.analyses",
            found=f"several primary analyses in one family: {', '.join(primary)}",
            expected="one primary analysis a family",
            remedy="Declare the others as secondary, or give each a family of its own.",
        )
    ]
