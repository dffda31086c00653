"""What a fitted regression holds, and the inference table both families of models fill."""

from collections.abc import Callable
from dataclasses import dataclass

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


def inference_table(
    objective: Callable[[np.ndarray], Point], maximum: Maximum, terms: list[str], confidence: float
) -> pd.DataFrame:
    """Estimate, standard error, profile limits and likelihood-ratio p of every term."""
    limits = [profile_limits(objective, maximum, index, confidence) for index in range(len(terms))]
    return pd.DataFrame(
        {
            "estimate": maximum.parameters,
            "error": standard_errors(maximum.point.information),
            "low": [low for low, _ in limits],
            "high": [high for _, high in limits],
            "p": [likelihood_ratio_p(objective, maximum, [index]) for index in range(len(terms))],
        },
        index=pd.Index(terms, name="term"),
    )
