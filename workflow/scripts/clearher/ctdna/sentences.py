"""The course of ctDNA in sentences that a physician can read without a legend."""

import numpy as np
import pandas as pd

EVENT_WORDS = {
    "CLEARED": "This is the first visit of a clearance.",
    "CONFIRMED": "This confirms the clearance.",
    "REAPPEARED": "ctDNA is back after clearance: molecular progression.",
    "MOLECULAR_PROGRESSION": "The level has risen against its lowest value: molecular progression.",
    "NEWLY_DETECTED": "ctDNA was not detected at baseline and is new.",
}
NOT_CONFIRMED_WORDS = (
    "ctDNA is back after clearance; molecular progression is not confirmed at a next evaluable visit."
)
ASSUMED_WORDS = " (assumed: this limit is stated for the assay, not measured in this sample)"
CONFIRMATION_WORDS = {
    "CONFIRMED": "confirmed at the next evaluable visit",
    "UNCONFIRMED": "not yet confirmed by a later evaluable visit",
    "TRANSIENT": "detected again at the next evaluable visit",
    "": "",
}


def level_words(level: pd.Series, metric: pd.Series) -> pd.Series:
    """Levels for a sentence: allele fractions as percent, other units as they are; empty where missing."""
    words = [_level(value, unit) for value, unit in zip(level, metric, strict=True)]
    return pd.Series(words, index=level.index, dtype=object)


def visit_sentences(course: pd.DataFrame, *, confidence: float, power: float) -> pd.Series:
    """One sentence or two a visit: what was found, how far it can be trusted, what it means.

    Parameters
    ----------
    course : pandas.DataFrame
        Rows of :func:`clearher.ctdna.visits.course_frame`.
    confidence, power : float
        Coverage of the intervals of ratios; probability of detection at the limits of detection.
    """
    when = course["visit"] + _day(course["study_day"])
    level = level_words(course["level"], course["level_metric"])
    limit = level_words(course["lod95"], course["level_metric"])
    assumed = _if(course["lod_basis"] == "ASSUMED", ASSUMED_WORDS)
    found = {
        "DETECTED": when + ": ctDNA detected" + level.map(lambda text: f" at {text}" if text else ""),
        "NOT_DETECTED_ADEQUATE": when
        + ": ctDNA not detected; the sample would have shown "
        + limit
        + f" or more with {100 * power:g} % probability"
        + assumed
        + ".",
        "NOT_DETECTED_INSUFFICIENT": when
        + ": ctDNA not detected, but the sample would have missed anything below "
        + limit
        + " too often ("
        + course["reason"]
        + ")"
        + assumed
        + ": this does not count as cleared.",
        "NOT_EVALUABLE": when + ": not evaluable, " + _reason(course["reason"]) + ".",
    }
    text = pd.Series(np.select([course["state"] == name for name in found], list(found.values()), ""))
    text = text.set_axis(course.index).astype(object)
    detected = course["state"] == "DETECTED"
    text = text.where(~detected, text + _change(course, confidence) + ".")
    event = course["event"].map(EVENT_WORDS).fillna("")
    risen = course["molecular_progression"].fillna(False).astype(bool)
    event = event.mask((course["event"] == "REAPPEARED") & ~risen, NOT_CONFIRMED_WORDS)
    return text + event.map(lambda words: f" {words}" if words else "")


def subject_sentences(subjects: pd.DataFrame) -> pd.Series:
    """The course of each subject: baseline, clearance, molecular progression, emergent variants.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Rows of the table ``ctdna/subjects`` without the sentence.
    """
    level = level_words(subjects["baseline_level"], subjects["level_metric"])
    baseline = np.select(
        [subjects["baseline_state"] == "DETECTED", subjects["baseline_state"] == "BASELINE_NOT_DETECTED"],
        [
            "ctDNA at baseline" + level.map(lambda text: f" ({text})" if text else ""),
            "No ctDNA detected at baseline",
        ],
        default="Baseline not evaluable (" + subjects["baseline_reason"] + ")",
    )
    text = pd.Series(baseline, index=subjects.index, dtype=object) + _clearance_words(subjects) + "."
    progression = subjects["molecular_progression_day"]
    text += _if(progression.notna(), " Molecular progression on day " + progression.astype(str) + ".")
    low = subjects["baseline_low"].fillna(False).astype(bool)
    text += _if(low, " Baseline level too low to classify molecular response.")
    return text + _if(subjects["emergent"] != "", " Called later: " + subjects["emergent"] + ".")


def _clearance_words(subjects: pd.DataFrame) -> np.ndarray:
    words = {
        "CLEARED": "; cleared"
        + _on_day(subjects["clearance_day"])
        + ", "
        + subjects["clearance_confirmed"].map(CONFIRMATION_WORDS),
        "NOT_CLEARED": "; not cleared at any evaluable visit",
        "NOT_EVALUABLE": "; clearance not evaluable"
        + subjects["clearance_reason"].map(lambda text: f" ({text})" if text else ""),
    }
    later = _if(
        subjects["converted"].fillna(False).astype(bool),
        "; detected later, first" + _on_day(subjects["converted_day"]),
    )
    return np.select(
        [subjects["clearance"] == name for name in words], list(words.values()), default=later
    ).astype(object)


def _change(course: pd.DataFrame, confidence: float) -> pd.Series:
    ratios = course[["ratio", "ratio_low", "ratio_high"]].to_numpy()
    return pd.Series(
        [_change_words(*values, confidence) for values in ratios],
        index=course.index,
        dtype=object,
    )


def _change_words(ratio: float, low: float, high: float, confidence: float) -> str:
    if np.isnan(ratio):
        return ""
    interval = "" if np.isnan(low) else f" ({100 * confidence:g} % interval {low:.3g} to {high:.3g})"
    return f", {ratio:.3g} times the baseline level{interval}"


def _day(day: pd.Series) -> pd.Series:
    return day.map(lambda value: "" if pd.isna(value) else f" (day {int(value)})").astype(object)


def _on_day(day: pd.Series) -> pd.Series:
    return day.map(lambda value: " (undated)" if pd.isna(value) else f" on day {int(value)}").astype(object)


def _reason(reason: pd.Series) -> pd.Series:
    return reason.map(lambda text: text.split(": ", 1)[-1])


def _if(condition: pd.Series, words: pd.Series | str) -> pd.Series:
    spoken = words if isinstance(words, pd.Series) else pd.Series(words, index=condition.index, dtype=object)
    return spoken.astype(object).where(condition, "")


def _level(value: float, metric: str) -> str:
    if np.isnan(value):
        return ""
    if "vendor" in metric and "fraction" not in metric:
        unit = metric.removeprefix("vendor").strip(" ()[]:,")
        return f"{value:.3g} {unit}".strip()
    return f"{100 * value:.3g} % VAF"
