"""What a fitted regression holds, and the inference table both families of models fill."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.statistics.newton import Maximum, Point, likelihood_ratio_p, profile_limits, standard_errors


@dataclass(frozen=True)
class Fit:
    """A fitted regression.

    Attributes
    ----------
    method : str
        "ml" or "firth".
    table : pandas.DataFrame
        One row a term, index ``term``: estimate (log odds or log hazard ratio), error, low, high, p.
    log_likelihood : float
        At the maximum, with the penalty where the method has one.
    n, events : int
        Individuals (or intervals) and events used.
    reason : str
        Why this method; empty where it was asked for.
    """

    method: str
    table: pd.DataFrame
    log_likelihood: float
    n: int
    events: int
    reason: str = ""

    @property
    def estimates(self) -> np.ndarray:
        """Estimates in the order of the terms."""
        return self.table["estimate"].to_numpy(float)


class Standardised(NamedTuple):
    """Columns divided by their standard deviations, with mean 0 and as they lie, their means and deviations.

    A fit is searched for on these: the steps of the search have a unit, and by them the slope of a variable
    far from 0 (age, a year) or of small numbers (an allele fraction) would not be reached.
    """

    centred: np.ndarray
    scaled: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


def standardised(values: np.ndarray) -> Standardised:
    """Standardise columns; a constant one is divided by 1."""
    mean = values.mean(axis=0)
    spread = np.where(np.ptp(values, axis=0) > 0, values.std(axis=0), 1.0)
    return Standardised((values - mean) / spread, values / spread, mean / spread, spread)


def in_own_units(table: pd.DataFrame, spread: np.ndarray) -> pd.DataFrame:
    """An inference table per standard deviation, per unit instead."""
    columns = ["estimate", "error", "low", "high"]
    return table.assign(**{name: table[name] / spread for name in columns})


def inference_table(
    objective: Callable[[np.ndarray], Point], maximum: Maximum, terms: Mapping[str, int], confidence: float
) -> pd.DataFrame:
    """Estimate, standard error, profile limits and likelihood-ratio p of terms, given their places."""
    places = list(terms.values())
    limits = [profile_limits(objective, maximum, place, confidence) for place in places]
    return pd.DataFrame(
        {
            "estimate": maximum.parameters[places],
            "error": standard_errors(maximum.point.information)[places],
            "low": [low for low, _ in limits],
            "high": [high for _, high in limits],
            "p": [likelihood_ratio_p(objective, maximum, [place]) for place in places],
        },
        index=pd.Index(list(terms), name="term"),
    )
