"""Rows and columns of an analysis: who enters, with which numbers, and who leaves and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.association.results import counted
from clearher.association.time_order import CannotRunError


class Scored(NamedTuple):
    """Subjects with a level on the declared scale: their scores, the scale, and a sentence on who left."""

    subjects: pd.DataFrame
    scores: pd.Series
    scale: dict[str, float]
    left: str


def in_population(subjects: pd.DataFrame, populations: pd.DataFrame, name: str) -> pd.DataFrame:
    """Subjects of a named population (clinical/populations.tsv).

    Raises
    ------
    CannotRunError
        The population is not declared.
    """
    members = populations[populations["population"] == name]
    if members.empty:
        known = ", ".join(sorted(populations["population"].unique())) or "none"
        raise CannotRunError(f"No population {name!r} (declared: {known}).")
    inside = set(members.loc[members["included"].fillna(False).astype(bool), "subject_id"])
    return subjects[subjects["subject_id"].isin(inside)].reset_index(drop=True)


def scored(subjects: pd.DataFrame, variable: str, settings: Mapping) -> Scored:
    """Subjects whose level has a score, lowest level first; the others are counted by level.

    Raises
    ------
    CannotRunError
        No scores are declared for the variable, or nobody has a level on the scale.
    """
    scale = dict(sorted(_scale(variable, settings).items(), key=lambda item: item[1]))
    levels = subjects[variable].astype(object).where(subjects[variable].notna(), "")
    inside = levels.isin(list(scale))
    if not inside.any():
        raise CannotRunError(f"No subject has a level of {variable} on the scale {', '.join(scale)}.")
    outside = levels[~inside].replace("", "no level").value_counts().sort_index()
    left = ", ".join(f"{count} {level}" for level, count in outside.items())
    kept = subjects[inside].reset_index(drop=True)
    scores = levels[inside].map(scale).astype(float).reset_index(drop=True)
    return Scored(kept, scores, scale, f"Left out for their level: {left}." if left else "")


def known_rows(subjects: pd.DataFrame, variables: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """Subjects with a value in every variable, and a sentence on those without."""
    inside, parts = pd.Series(True, index=subjects.index), []
    for name in variables:
        missing = subjects[name].isna() | (subjects[name].astype(object) == "")
        gone = int((missing & inside).sum())
        if gone:
            parts.append(f"{counted(gone, 'subject')} without {name}")
        inside &= ~missing
    return subjects[inside].reset_index(drop=True), f"Left out: {', '.join(parts)}." if parts else ""


def design(subjects: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Numeric columns of covariates: numbers as they are, truth values as 0 and 1, categories as dummies.

    A category's first value by name is the reference; columns without spread are left out.
    """
    parts = []
    for name in variables:
        values = subjects[name]
        if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
            parts.append(values.astype(float).rename(name).to_frame())
        else:
            dummies = pd.get_dummies(values.astype(str), dtype=float)
            parts.append(dummies.iloc[:, 1:].add_prefix(f"{name}="))
    frame = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=subjects.index)
    return frame.loc[:, frame.nunique() > 1]


def number(subjects: pd.DataFrame, variable: str, transform: str) -> tuple[pd.Series, str]:
    """A numeric predictor, transformed, and a sentence on what the transformation did.

    log10 sets a level of 0 (looked for and not found) to half of the smallest level above 0.

    Raises
    ------
    CannotRunError
        A logarithm of negative values, or of none above 0.
    """
    values = subjects[variable].astype(float)
    if transform != "log10":
        return values, ""
    if (values < 0).any():
        raise CannotRunError(f"{variable} has values below 0: it has no logarithm; use transform: none.")
    zero = values == 0
    positive = values[values > 0]
    if positive.empty:
        raise CannotRunError(f"No value of {variable} above 0.")
    floor = float(positive.min()) / 2
    note = f"{counted(int(zero.sum()), 'value')} of 0 set to half of the smallest level, {floor:.3g}."
    return np.log10(values.where(~zero, floor)), note if zero.any() else ""


def outcome_values(subjects: pd.DataFrame, outcome: str) -> tuple[pd.DataFrame, np.ndarray, str]:
    """Subjects with a known yes/no outcome, the outcome as 0 and 1, and a sentence on those without."""
    if outcome not in subjects or not pd.api.types.is_bool_dtype(subjects[outcome]):
        raise CannotRunError(f"{outcome!r} is no yes/no outcome of the analysis set.")
    kept, left = known_rows(subjects, [outcome])
    if kept.empty:
        raise CannotRunError(f"No subject has a known {outcome}.")
    return kept, kept[outcome].astype(float).to_numpy(), left


def survival_rows(subjects: pd.DataFrame, outcome: str) -> tuple[pd.DataFrame, str]:
    """Subjects with a known time to event, under the columns ``days`` and ``event``."""
    names = [f"{outcome}_days", f"{outcome}_event"]
    if not set(names) <= set(subjects.columns):
        raise CannotRunError(f"{outcome!r} is no time to event: pfs or os.")
    kept, left = known_rows(subjects, names)
    if kept.empty:
        raise CannotRunError(f"No subject has a known {outcome}.")
    return kept.assign(days=kept[names[0]].astype(float), event=kept[names[1]].astype(bool)), left


def _scale(variable: str, settings: Mapping) -> Mapping[str, float]:
    scores = settings["scores"]
    name = "her2_level" if variable.startswith("her2_level_") else variable
    if name not in scores:
        raise CannotRunError(f"No scores are declared for the levels of {variable} (association.scores).")
    return scores[name]
