"""HER2 category of a reading: IHC state by ISH result, final or provisional, with the rule in words."""

from collections.abc import Mapping
from typing import NamedTuple

from clearher.her2.ihc import NOT_EVALUABLE
from clearher.her2.ish import (
    FINAL,
    INDETERMINATE,
    NEGATIVE,
    POSITIVE,
    PROVISIONAL,
    UNKNOWN,
    Evidence,
    verdict,
)

LEVELS = ("NULL", "ULTRALOW", "LOW_1+", "LOW_2+", "POSITIVE")
UNORDERED_LEVELS = ("ZERO_UNSPECIFIED", "INDETERMINATE")
CATEGORIES = ("NULL", "ULTRALOW", "LOW", "POSITIVE", "ZERO_UNSPECIFIED", "INDETERMINATE")
RANK = {"NULL": 0.0, "ZERO_UNSPECIFIED": 0.5, "ULTRALOW": 1.0, "LOW_1+": 2.0, "LOW_2+": 3.0, "POSITIVE": 4.0}

_WITHOUT_AMPLIFICATION = {
    "0-null": "NULL",
    "0": "ZERO_UNSPECIFIED",
    "0-ultralow": "ULTRALOW",
    "1+": "LOW",
}
_WORDS = {
    "NULL": "HER2 null (no staining)",
    "ULTRALOW": "HER2-ultralow",
    "LOW": "HER2-low",
    "POSITIVE": "HER2-positive",
    "ZERO_UNSPECIFIED": "HER2 zero, null or ultralow not stated",
    "INDETERMINATE": "HER2 indeterminate",
}


class Outcome(NamedTuple):
    """Category of a reading.

    Attributes
    ----------
    category : str
        One of CATEGORIES.
    level : str
        One of LEVELS or UNORDERED_LEVELS; INDETERMINATE also for HER2-low with 1+ or 2+ not settled.
    certainty : str
        FINAL, or PROVISIONAL while a recount or a further test could change it.
    ish_result : str
        POSITIVE, NEGATIVE, INDETERMINATE or UNKNOWN.
    rule : str
        The rule applied, in words.
    flags : tuple of str
        What a reader should know.
    """

    category: str
    level: str
    certainty: str
    ish_result: str
    rule: str
    flags: tuple[str, ...]


def category_words(category: str) -> str:
    """The category as a reader says it."""
    return _WORDS[category]


def rank(category: str, level: str) -> float:
    """Place on the scale from null to positive; NaN for indeterminate, 2.5 for low with 1+ or 2+ open."""
    if category == "LOW" and level == "INDETERMINATE":
        return 2.5
    return RANK.get(level, float("nan"))


def contradicts(first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Whether two results (category, level) exclude each other.

    An unspecified zero fits null and ultralow, HER2-low with 1+ or 2+ open fits both, and an indeterminate
    result contradicts nothing.
    """
    if first == second or "INDETERMINATE" in (first[0], second[0]):
        return False
    if "ZERO_UNSPECIFIED" in (first[0], second[0]):
        return not {first[0], second[0]} <= {"ZERO_UNSPECIFIED", "NULL", "ULTRALOW"}
    return first[0] != second[0] or "INDETERMINATE" not in (first[1], second[1])


def categorise(states: tuple[str, ...], evidence: Evidence, *, conflicts: Mapping[str, str]) -> Outcome:
    """Category of a reading whose IHC state is one of ``states``.

    Every possible state is carried through; a category is given only where all lead to the same one.

    Parameters
    ----------
    states : tuple of str
        As from :func:`clearher.her2.ihc.interval_states`.
    evidence : Evidence
        The ISH of the same specimen.
    conflicts : Mapping
        Category of the cells that the guideline leaves to the study: ``ihc3_ish_negative``,
        ``low_score_word_positive``, ``low_score_ish_positive``, ``not_evaluable_group_1``.

    References
    ----------
    ASCO/CAP guideline 2018, affirmed 2023; HER2-low and ultralow as in DESTINY-Breast04 and -06.
    """
    outcomes = [_outcome(state, evidence, conflicts) for state in states]
    if len(outcomes) == 1:
        return outcomes[0]
    categories = {outcome.category for outcome in outcomes}
    flags = tuple(dict.fromkeys(flag for outcome in outcomes for flag in outcome.flags))
    results = {outcome.ish_result for outcome in outcomes}
    result = results.pop() if len(results) == 1 else INDETERMINATE
    span = f"IHC between {states[0]} and {states[-1]}"
    if len(categories) > 1:
        leads = ", ".join(f"{s}: {_WORDS[o.category]}" for s, o in zip(states, outcomes, strict=True))
        rule = f"{span}; the scores lead to different categories ({leads})"
        return Outcome(
            "INDETERMINATE", "INDETERMINATE", PROVISIONAL, result, rule, (*flags, "score_interval")
        )
    levels = {outcome.level for outcome in outcomes}
    certain = all(outcome.certainty == FINAL for outcome in outcomes)
    category = outcomes[0].category
    level = levels.pop() if len(levels) == 1 else "INDETERMINATE"
    rule = f"{span}; all lead to {_WORDS[category]} (ISH {_how(states[-1], evidence)})"
    return Outcome(
        category, level, FINAL if certain else PROVISIONAL, result, rule, (*flags, "score_interval")
    )


def _outcome(state: str, evidence: Evidence, conflicts: Mapping[str, str]) -> Outcome:
    found = verdict(state, evidence)
    flags = list(found.flags)
    if state == NOT_EVALUABLE:
        category = conflicts["not_evaluable_group_1"] if evidence.groups == (1,) else "INDETERMINATE"
    elif state == "3+":
        category = _three(evidence, found.result, conflicts, flags)
    elif state == "2+":
        category = {POSITIVE: "POSITIVE", NEGATIVE: "LOW"}.get(found.result, "INDETERMINATE")
        flags += ["ish_missing"] if not evidence.known else []
    else:
        category = _low_score(state, evidence, found.result, conflicts, flags)
    level = f"LOW_{state}" if category == "LOW" else category
    certainty = PROVISIONAL if category == "INDETERMINATE" else found.certainty
    if found.result == UNKNOWN and category != "INDETERMINATE":
        certainty = FINAL
    counts = f" ({evidence.text})" if evidence.text else ""
    rule = f"IHC {_state_words(state)}, ISH {found.how}{counts}"
    return Outcome(category, level, certainty, found.result, rule, tuple(dict.fromkeys(flags)))


def _three(evidence: Evidence, result: str, conflicts: Mapping[str, str], flags: list[str]) -> str:
    if NEGATIVE in (result, evidence.word) or evidence.groups == (5,):
        flags.append("ihc3_ish_negative")
        return conflicts["ihc3_ish_negative"]
    return "POSITIVE"


def _low_score(
    state: str, evidence: Evidence, result: str, conflicts: Mapping[str, str], flags: list[str]
) -> str:
    if result == INDETERMINATE:
        return "INDETERMINATE"
    if result != POSITIVE:
        return _WITHOUT_AMPLIFICATION[state]
    if "ish_by_word" in flags:
        flags.append("low_score_word_positive")
        return conflicts["low_score_word_positive"]
    return conflicts["low_score_ish_positive"]


def _state_words(state: str) -> str:
    return {"0": "0 (null or ultralow not stated)", NOT_EVALUABLE: "not evaluable"}.get(state, state)


def _how(state: str, evidence: Evidence) -> str:
    return verdict(state, evidence).how
