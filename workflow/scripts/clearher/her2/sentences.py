"""HER2 results in words: the rule, the specimen, what speaks against it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from clearher.her2.category import category_words, contradicts

RULE_WORDS = {
    "latest_metastatic": "latest metastatic specimen before the first dose",
    "latest_any": "latest specimen before the first dose",
    "central_over_local": "latest specimen with a central reading, else a local one",
    "fresh_over_archival": "latest fresh specimen, else archival",
    "highest": "highest level of any reading before the first dose",
    "lowest": "lowest level of any reading before the first dose",
    "any_positive_excludes": "positive if any reading before the first dose was positive",
}
FALLBACKS = {
    "latest_metastatic": ("specimen_type", "metastatic", "no metastatic specimen, so the latest of any type"),
    "central_over_local": ("laboratory", "central", "no central reading, so a local one"),
    "fresh_over_archival": ("preservation", "fresh", "no fresh specimen, so an archival one"),
}


def level_words(category: str, level: str) -> str:
    """Category with its level: HER2-low, IHC 2+."""
    if category == "LOW":
        return "HER2-low, 1+ or 2+ not settled" if level == "INDETERMINATE" else f"HER2-low, IHC {level[4:]}"
    return category_words(category)


def rule_words(rule: str, result: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """The subject rule in words, with what stood in where its first wish could not be met."""
    words = RULE_WORDS[rule]
    if rule in FALLBACKS:
        column, wished, instead = FALLBACKS[rule]
        if result[column] != wished:
            return f"{words} ({instead})"
    return words


def specimen_words(reading: Mapping[str, Any]) -> str:
    """A specimen in words: fresh metastatic specimen B1 (liver)."""
    kind = " ".join(part for part in (reading["preservation"], reading["specimen_type"], "specimen") if part)
    site = f" ({reading['specimen_site']})" if reading["specimen_site"] else ""
    return f"{kind} {reading['specimen_id']}{site}"


def reading_words(reading: Mapping[str, Any]) -> str:
    """Who read it and with what: central reading by R1 with 4B5."""
    if reading["origin"] == "outside":
        return "quoted outside result"
    laboratory = f"{reading['laboratory']} reading" if reading["laboratory"] else "reading"
    reader = f" by {reading['reader']}" if reading["reader"] else ""
    assay = f" with {reading['assay']}" if reading["assay"] else ", assay not stated"
    return f"{laboratory}{reader}{assay}"


def date_words(result: Mapping[str, Any], days_before: Any) -> str:
    """When the specimen was taken, against the first dose."""
    if pd.isna(result["specimen_date"]):
        return "date not known"
    if pd.isna(days_before):
        return f"taken {result['specimen_date_text']}"
    if days_before == 0:
        return f"taken {result['specimen_date_text']}, on the day of the first dose"
    unit = "day" if days_before == 1 else "days"
    return f"taken {result['specimen_date_text']}, {days_before} {unit} before the first dose"


def conflict_words(baseline: Sequence[Mapping[str, Any]], result: Mapping[str, Any]) -> list[str]:
    """Readings before the first dose that contradict the result, one phrase each."""
    level = (result["category"], result["level"])
    return [
        f"{reading_words(reading)} of {reading['specimen_id']}: "
        f"{level_words(reading['category'], reading['level'])}"
        for reading in baseline
        if contradicts((reading["category"], reading["level"]), level)
    ]


def subject_sentence(
    result: Mapping[str, Any],
    days_before: Any,
    conflicts: Sequence[str],
    counts: Mapping[str, int],
    settings: Mapping[str, Any],
) -> str:
    """The result of a subject explained in one sentence."""
    level = level_words(result["category"], result["level"])
    parts = [
        f"{level} ({result['certainty'].lower()}): {result['rule']}",
        f"{reading_words(result)} of {specimen_words(result)}, {date_words(result, days_before)}",
    ]
    if result["how"]:
        parts.append(result["how"])
    if result["passed_over"]:
        parts.append(f"{result['passed_over']} not evaluable passed over")
    parts.append(
        f"chosen as {rule_words(settings['subject_rule'], result, settings)} "
        f"out of {counts['n_baseline_specimens']}"
    )
    parts.append("in conflict: " + ", ".join(conflicts) if conflicts else "no conflicting reading")
    if counts["eligibility_question"]:
        parts.append("eligibility to be reviewed")
    return "; ".join(parts) + "."


def no_result_sentence(
    own: Sequence[Mapping[str, Any]], first_dose: pd.Timestamp, settings: Mapping[str, Any]
) -> str:
    """Why a subject has no result."""
    if not own:
        return "No HER2 result: no specimen was reported."
    moments = Counter({reading["specimen_id"]: reading["moment"] for reading in own}.values())
    if moments["BASELINE"]:
        return (
            f"No HER2 result: specimens before the first dose: {moments['BASELINE']}, "
            f"none fits the rule, {RULE_WORDS[settings['subject_rule']]}."
        )
    return (
        f"No HER2 result before the first dose ({first_dose:%Y-%m-%d}); specimens taken later: "
        f"{moments['ON_TREATMENT']}, with a date that does not show when: {moments['UNKNOWN']}."
    )
