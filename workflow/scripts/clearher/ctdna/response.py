"""Molecular response: how far the level fell, and whether the interval supports it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

BEST_FIRST = ("yes_supported", "yes", "no")


def baseline_too_low(max_vaf: pd.Series, min_max_vaf: float) -> pd.Series:
    """Whether the highest allele fraction at baseline is too low to classify response; missing if unknown.

    Source: Guardant molecular response asks for at least one variant above 0.3 % (PMC8169078).
    """
    low = (max_vaf < min_max_vaf).astype("boolean")
    return low.mask(max_vaf.isna())


def response_columns(course: pd.DataFrame, cuts: Mapping[str, float]) -> dict[str, pd.Series]:
    """Molecular response at several cuts as columns ``response_<percent>``."""
    return {f"response_{name}": molecular_response(course, cut) for name, cut in cuts.items()}


def molecular_response(course: pd.DataFrame, cut: float) -> pd.Series:
    """Response at one cut: yes, yes_supported, no, or empty where it cannot be said.

    Detected: yes when ratio <= 1 - cut (never at a cut of 1, there is still ctDNA). Not detected: the level
    is only known to lie below LoD95, so yes when LoD95 / baseline level <= 1 - cut; at a cut of 1, when the
    non-detection is adequate; empty when the ratio falls below the cut but the limit does not. Yes becomes
    yes_supported when the upper limit of the ratio is below 1. Empty before and at baseline, at a detection
    without a ratio (but for a cut of 1, which any detection answers), and when the baseline is too low.

    Parameters
    ----------
    course : pandas.DataFrame
        phase, state, ratio, ratio_high, lod95, baseline_level, baseline_low, comparable.
    cut : float
        Fall as a fraction in (0, 1].

    Returns
    -------
    pandas.Series
        Text.
    """
    ratio, target = course["ratio"], 1.0 - cut
    detected = course["state"] == "DETECTED"
    adequate = course["state"] == "NOT_DETECTED_ADEQUATE"
    silent = adequate | (course["state"] == "NOT_DETECTED_INSUFFICIENT")
    bound = (course["lod95"] / course["baseline_level"]).where(course["comparable"])
    fallen_silent = (adequate if cut >= 1 else bound <= target + 1e-12) & silent
    fallen = (detected & (ratio <= target + 1e-12) & (cut < 1)) | fallen_silent
    undecided = silent & ~fallen & ~(ratio > target + 1e-12)
    undecided |= silent & ~fallen & (cut >= 1)
    unread = ~detected & ~silent
    known = ratio.notna() | (silent & bound.notna()) | ((detected | adequate) & (cut >= 1))
    classified = (course["phase"] == "POST_BASELINE") & known & ~course["baseline_low"].fillna(False)
    supported = fallen & (course["ratio_high"] < 1)
    answer = np.select(
        [~classified.to_numpy(dtype=bool), undecided | unread, supported, fallen],
        ["", "", "yes_supported", "yes"],
        default="no",
    )
    return pd.Series(answer, index=course.index, dtype=object)


def best_response(visits: pd.DataFrame, column: str) -> pd.Series:
    """Best answer of each subject over its visits, yes_supported before yes before no; by subject_id."""
    rank = visits[column].map({name: place for place, name in enumerate(BEST_FIRST)})
    best = rank.groupby(visits["subject_id"]).min()
    return best.map(dict(enumerate(BEST_FIRST))).fillna("")
