"""What an analysis hands back: rows of the results, and rows of the tables behind the figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from clearher.association.declared import Analysis
from clearher.statistics.fits import Fit
from clearher.statistics.proportions import Interval

NAN = float("nan")


@dataclass(frozen=True)
class Row:
    """One result; fields as in association/results.tsv."""

    term: str
    estimate: float = NAN
    estimate_name: str = ""
    low: float = NAN
    high: float = NAN
    p: float = NAN
    groups: str = ""
    n: int | None = None
    events: int | None = None
    method: str = ""
    why_method: str = ""
    caveat: str = ""
    headline: bool = False


@dataclass(frozen=True)
class Analysed:
    """All an analysis found; frames without the analysis_id column."""

    rows: Sequence[Row]
    levels: pd.DataFrame = field(default_factory=pd.DataFrame)
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    landmark_curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    landmark_sets: pd.DataFrame = field(default_factory=pd.DataFrame)
    prediction_curves: pd.DataFrame = field(default_factory=pd.DataFrame)


def interval_row(term: str, interval: Interval, name: str, **rest) -> Row:
    """A row with an estimate and its interval."""
    return Row(term, float(interval.estimate), name, float(interval.low), float(interval.high), **rest)


def ratio_row(term: str, fit: Fit, variable: str, name: str, unit: float = 1.0, **rest) -> Row:
    """A row with the odds or hazard ratio of one term of a fit, per ``unit`` of the variable."""
    row = fit.table.loc[variable]
    values = {key: _exp(unit * float(row[key])) for key in ("estimate", "low", "high")}
    return Row(term, values["estimate"], name, values["low"], values["high"], float(row["p"]), **rest)


def not_run(analysis: Analysis, why: str, method: str = "not run") -> Analysed:
    """The row of an analysis that could not be run."""
    return Analysed([Row("not run", method=method, caveat=why, headline=True)])


def sentences(*parts: str) -> str:
    """Non-empty sentences joined by a blank."""
    return " ".join(part for part in parts if part)


def counted(number: int, noun: str) -> str:
    """A number with its noun in the right form."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _exp(value: float) -> float:
    if math.isnan(value):
        return NAN
    return (
        float(np.exp(np.clip(value, -700, 700))) if math.isfinite(value) else (0.0 if value < 0 else math.inf)
    )
