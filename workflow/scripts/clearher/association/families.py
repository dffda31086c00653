"""Families of tests: adjusted p of the rows that answer the declared questions."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.association.results import counted
from clearher.statistics.multiplicity import adjusted


def adjust_families(results: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    """Add p_adjusted and write the family's method beside its name.

    Parameters
    ----------
    results : pandas.DataFrame
        Columns family, headline, p. Only headline rows with a p are tests of their family.
    settings : Mapping
        families (name to method) and family_default.
    """
    frame = results.assign(p_adjusted=np.nan)
    for name in sorted(frame["family"].unique()):
        method = settings["families"].get(name, settings["family_default"])
        tested = (frame["family"] == name) & frame["headline"] & frame["p"].notna()
        frame.loc[tested, "p_adjusted"] = adjusted(frame.loc[tested, "p"], method)
        count = int(tested.sum())
        how = "not adjusted" if method == "none" else method
        label = f"{name} ({how}, {counted(count, 'test')})"
        frame.loc[results["family"] == name, "family"] = label
    return frame
