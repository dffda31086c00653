"""HER2 in situ hybridisation: dual-probe groups 1 to 5, single probe, recount, and what counts can tell."""

import math
from dataclasses import dataclass
from typing import NamedTuple

RATIO_CUT = 2.0
COPIES_LOW = 4.0
COPIES_HIGH = 6.0
RATIO_TOLERANCE = 0.15
COPIES_PLAUSIBLE = 30.0
RECOUNT_GROUPS = (2, 3, 4)

POSITIVE = "POSITIVE"
NEGATIVE = "NEGATIVE"
EQUIVOCAL = "EQUIVOCAL"
INDETERMINATE = "INDETERMINATE"
UNKNOWN = "UNKNOWN"
FINAL = "FINAL"
PROVISIONAL = "PROVISIONAL"
DIFFERING = "DIFFERING"
NAN = float("nan")

_GROUP_RESULT = {
    "3+": {1: POSITIVE, 2: POSITIVE, 3: POSITIVE, 4: POSITIVE, 5: POSITIVE},
    "2+": {1: POSITIVE, 2: NEGATIVE, 3: POSITIVE, 4: NEGATIVE, 5: NEGATIVE},
    "0 or 1+": {1: POSITIVE, 2: NEGATIVE, 3: NEGATIVE, 4: NEGATIVE, 5: NEGATIVE},
}


class Counts(NamedTuple):
    """ISH counts as averages per cell; NaN where unknown. Flags name what was odd."""

    ratio: float
    copies: float
    cep17: float
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """All that is known of a specimen's ISH.

    Attributes
    ----------
    groups : tuple of int
        Dual-probe groups that the counts leave possible; empty without dual-probe counts.
    single_copies : float
        HER2 copies per cell of a single-probe test; NaN without one.
    recount : str
        Empty (not done), same, other, adjudicated.
    word : str
        POSITIVE, NEGATIVE, EQUIVOCAL or empty: the report's own word; DIFFERING where results exclude each
        other, so that only what every one of them gives can be said.
    text : str
        The counts in words, for explanations.
    """

    groups: tuple[int, ...] = ()
    single_copies: float = NAN
    recount: str = ""
    word: str = ""
    text: str = ""

    @property
    def known(self) -> bool:
        """Whether there is any ISH result at all."""
        return bool(self.groups or self.word) or not math.isnan(self.single_copies)


class Verdict(NamedTuple):
    """ISH result given the IHC state: POSITIVE, NEGATIVE, INDETERMINATE or UNKNOWN; certainty; how; flags."""

    result: str
    certainty: str
    how: str
    flags: tuple[str, ...] = ()


def group(ratio: float, copies: float) -> int:
    """Dual-probe ISH group 1 to 5.

    Parameters
    ----------
    ratio : float
        HER2/CEP17 ratio.
    copies : float
        Mean HER2 copies per cell.

    References
    ----------
    ASCO/CAP guideline 2018, affirmed 2023.
    """
    if ratio >= RATIO_CUT:
        return 1 if copies >= COPIES_LOW else 2
    if copies >= COPIES_HIGH:
        return 3
    return 4 if copies >= COPIES_LOW else 5


def possible_groups(ratio: float, copies: float) -> tuple[int, ...]:
    """Groups that remain possible when the ratio or the copies are unknown (NaN); empty when both are."""
    if math.isnan(ratio) and math.isnan(copies):
        return ()
    ratios = (RATIO_CUT, 0.0) if math.isnan(ratio) else (ratio,)
    copies_seen = (COPIES_HIGH, COPIES_LOW, 0.0) if math.isnan(copies) else (copies,)
    return tuple(sorted({group(r, c) for r in ratios for c in copies_seen}))


def counts_per_cell(
    ratio: float, her2: float, cep17: float, *, cells: float, counted: str, ratio_range: tuple[float, float]
) -> Counts:
    """Counts as averages per cell, with what is odd about them.

    Totals are divided by the number of cells; without that number they are refused. Averages above 30
    copies per cell look like totals and are refused. A missing ratio is her2/cep17.

    Parameters
    ----------
    ratio, her2, cep17 : float
        As reported; NaN where not.
    cells : float
        Number of cells counted; NaN where not reported.
    counted : str
        total, average or empty (taken as average).
    ratio_range : tuple of float
        Ratios outside are kept and flagged.
    """
    flags = []
    if counted == "total":
        if math.isnan(cells) or cells <= 0:
            flags += ["totals_without_cells"] if not (math.isnan(her2) and math.isnan(cep17)) else []
            computed = her2 / cep17 if cep17 > 0 else NAN
            ratio, her2, cep17 = (computed if math.isnan(ratio) else ratio), NAN, NAN
        else:
            her2, cep17 = her2 / cells, cep17 / cells
    if her2 > COPIES_PLAUSIBLE or cep17 > COPIES_PLAUSIBLE:
        flags.append("copies_implausible")
        her2, cep17 = NAN, NAN
    computed = round(her2 / cep17, 10) if cep17 > 0 else NAN
    if math.isnan(ratio):
        ratio = computed
    elif abs(ratio - computed) > RATIO_TOLERANCE:
        flags.append("ratio_mismatch")
    if not math.isnan(ratio) and not ratio_range[0] <= ratio <= ratio_range[1]:
        flags.append("ratio_out_of_range")
    return Counts(ratio, her2, cep17, tuple(flags))


def single_probe_result(copies: float) -> str:
    """POSITIVE, NEGATIVE or EQUIVOCAL: what single-probe copies per cell say on their own."""
    if copies >= COPIES_HIGH:
        return POSITIVE
    return NEGATIVE if copies < COPIES_LOW else EQUIVOCAL


def groups_of_counts(counts: Counts) -> tuple[int, ...]:
    """Possible groups; where reported and computed ratio disagree, the groups of both."""
    groups = set(possible_groups(counts.ratio, counts.copies))
    if "ratio_mismatch" in counts.flags:
        groups |= set(possible_groups(counts.copies / counts.cep17, counts.copies))
    return tuple(sorted(groups))


def verdict(state: str, evidence: Evidence) -> Verdict:
    """ISH result for a given IHC state.

    Dual probe: group table with recount for IHC 2+ in groups 2, 3 and 4 (not done: provisional, with the
    result expected if unchanged; other group: indeterminate until adjudicated). Single probe: >= 6.0 copies
    positive, < 4.0 negative, between: positive with IHC 3+, negative with IHC 0 or 1+, a dual probe is
    needed with IHC 2+. Counts go before the report's word; the word counts where they leave it open.

    Parameters
    ----------
    state : str
        One IHC state, or NE.
    evidence : Evidence
        What is known of the ISH.

    References
    ----------
    ASCO/CAP guideline 2018, affirmed 2023.
    """
    if evidence.recount == "adjudicated" and evidence.word in (POSITIVE, NEGATIVE):
        return Verdict(evidence.word, FINAL, f"adjudicated as {evidence.word.lower()}", ("ish_adjudicated",))
    if evidence.groups:
        found = _combined([_group_verdict(state, number, evidence.recount) for number in evidence.groups])
        return _settled_by_word(state, found, evidence)
    if not math.isnan(evidence.single_copies):
        return _settled_by_word(state, _single_verdict(state, evidence.single_copies), evidence)
    return _word_verdict(evidence.word)


def _group_verdict(state: str, number: int, recount: str) -> Verdict:
    row = state if state in ("2+", "3+") else "0 or 1+"
    result = _GROUP_RESULT[row][number]
    if state == "NE":
        how = f"group {number} without an IHC score"
        return Verdict(result if number in (1, 5) else INDETERMINATE, FINAL, how)
    if state == "2+" and number in RECOUNT_GROUPS:
        return _recounted(number, result, recount)
    flags = ()
    if row == "0 or 1+" and number == 1:
        flags = ("low_score_group_1",)
    elif row == "0 or 1+" and number in RECOUNT_GROUPS:
        flags = (f"comment_group_{number}",)
    return Verdict(result, FINAL, f"group {number}", flags)


def _recounted(number: int, result: str, recount: str) -> Verdict:
    if recount == "same":
        return Verdict(result, FINAL, f"group {number}, the same on recount", (f"comment_group_{number}",))
    if recount:
        how = f"group {number}, another group on recount, adjudication not entered"
        return Verdict(INDETERMINATE, PROVISIONAL, how, ("recount_other_group",))
    how = f"group {number}, recount not done; {result.lower()} if unchanged"
    return Verdict(result, PROVISIONAL, how, ("recount_not_done",))


def _single_verdict(state: str, copies: float) -> Verdict:
    how, meaning = f"single probe, {copies:g} copies per cell", single_probe_result(copies)
    if meaning == POSITIVE:
        return Verdict(POSITIVE, FINAL, how, ("low_score_single_probe",) if state not in ("2+", "3+") else ())
    if meaning == NEGATIVE:
        return Verdict(NEGATIVE, FINAL, how)
    if state == "3+":
        return Verdict(POSITIVE, FINAL, how)
    if state in ("2+", "NE"):
        return Verdict(INDETERMINATE, PROVISIONAL, f"{how}, dual probe needed", ("dual_probe_needed",))
    return Verdict(NEGATIVE, FINAL, how)


def _combined(found: list[Verdict]) -> Verdict:
    """One verdict of several possible groups: theirs if they agree, else indeterminate."""
    if len(found) == 1:
        return found[0]
    how = " or ".join(verdict.how for verdict in found)
    flags = tuple(dict.fromkeys(flag for verdict in found for flag in verdict.flags))
    if len({verdict.result for verdict in found}) > 1:
        return Verdict(INDETERMINATE, PROVISIONAL, how, (*flags, "group_undetermined"))
    certain = all(verdict.certainty == FINAL for verdict in found)
    return Verdict(found[0].result, FINAL if certain else PROVISIONAL, how, flags)


def _settled_by_word(state: str, found: Verdict, evidence: Evidence) -> Verdict:
    if evidence.word not in (POSITIVE, NEGATIVE):
        return found
    open_question = {"group_undetermined", "dual_probe_needed"} & set(found.flags)
    if open_question and state != "NE":
        how = f"{found.how}; reported {evidence.word.lower()}"
        return Verdict(evidence.word, FINAL, how, ("ish_by_word",))
    if found.result in (POSITIVE, NEGATIVE) and found.result != evidence.word and state != "3+":
        return found._replace(flags=(*found.flags, "ish_word_differs"))
    return found


def _word_verdict(word: str) -> Verdict:
    if word == DIFFERING:
        return Verdict(INDETERMINATE, PROVISIONAL, "results differ", ("ish_conflict",))
    if word in (POSITIVE, NEGATIVE):
        return Verdict(word, FINAL, f"reported {word.lower()} without counts", ("ish_by_word",))
    if word:
        return Verdict(UNKNOWN, PROVISIONAL, "reported equivocal without counts", ("ish_equivocal",))
    return Verdict(UNKNOWN, PROVISIONAL, "not known")
