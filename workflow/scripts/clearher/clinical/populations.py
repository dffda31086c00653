"""Populations: membership of every subject in each named expression of the configuration; their groups."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from clearher.columns import clinical as columns
from clearher.intake.population_expressions import check_expressions, example_row, members, reasons
from clearher.problems import raise_if_errors
from clearher.tables import conform, empty

ALL = "all"


def subject_variables(
    subjects: pd.DataFrame,
    responses: pd.DataFrame,
    samples: pd.DataFrame,
    specimens: pd.DataFrame,
    evaluator: str,
) -> pd.DataFrame:
    """One row a subject with every column a population expression may name.

    Parameters
    ----------
    subjects, samples, specimens : pandas.DataFrame
        Tables SUBJECTS, SAMPLES and HER2 of intake.
    responses : pandas.DataFrame
        Table RESPONSES; the configured evaluator's rows are joined.
    evaluator : str
        That evaluator.

    Returns
    -------
    pandas.DataFrame
        Adds n_plasma_samples (quality control passed) and n_her2_specimens; these and the numbers of
        assessments are 0 where there are none.
    """
    mine = responses[responses["evaluator"].eq(evaluator)].drop(columns=["evaluator", "sentence"])
    frame = subjects.merge(mine, on="subject_id", how="left")
    plasma = samples[samples["specimen"].eq("plasma") & samples["qc_status"].ne("fail")]
    counts = {
        "n_plasma_samples": plasma.groupby("subject_id")["sample_id"].nunique(),
        "n_her2_specimens": specimens.groupby("subject_id")["specimen_id"].nunique(),
    }
    for name, count in counts.items():
        frame[name] = frame["subject_id"].map(count).fillna(0).astype("Int64")
    for name in ("n_assessments", "n_adequate"):
        frame[name] = frame[name].fillna(0).astype("Int64")
    return frame


def population_table(frame: pd.DataFrame, expressions: Mapping[str, str]) -> pd.DataFrame:
    """Table POPULATIONS: membership of every subject in every named population.

    Parameters
    ----------
    frame : pandas.DataFrame
        subject_id and the columns the expressions name.
    expressions : Mapping
        Name to expression; a subject belongs to a population only where its expression is true.

    Raises
    ------
    InputError
        Every expression that cannot be read or names an unknown column, with the nearest known one.
    """
    raise_if_errors(check_expressions(expressions, example_row(frame)))
    parts = []
    for name, expression in expressions.items():
        parts.append(
            pd.DataFrame(
                {
                    "population": name,
                    "subject_id": frame["subject_id"],
                    "included": members(frame, expression),
                    "why_not": reasons(frame, expression),
                }
            )
        )
    if not parts:
        return empty(columns.POPULATIONS)
    return conform(pd.concat(parts, ignore_index=True), columns.POPULATIONS)


def groups(people: pd.DataFrame, names: Iterable[str]) -> Iterator[tuple[str, pd.Series]]:
    """All subjects, then each value of each grouping column that holds two or more: (label, subject_ids)."""
    if people.empty:
        return
    yield ALL, people["subject_id"]
    for name in names:
        if name not in people:
            continue
        labels = people[name].astype(object).where(people[name].notna(), "").map(str)
        values = sorted(set(labels) - {""})
        if len(values) > 1:
            yield from ((f"{name}={value}", people.loc[labels.eq(value), "subject_id"]) for value in values)
