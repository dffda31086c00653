"""What one input row says: IHC results and ISH evidence by origin, in-house and quoted from outside."""

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from clearher.her2 import parse
from clearher.her2.ish import (
    DIFFERING,
    EQUIVOCAL,
    NEGATIVE,
    POSITIVE,
    Counts,
    Evidence,
    counts_per_cell,
    groups_of_counts,
    single_probe_result,
)

SINGLE_PROBE_WORDS = ("single",)
ISH_WORDS = (POSITIVE, NEGATIVE, EQUIVOCAL)
NAN = float("nan")


class NotUnderstood(NamedTuple):
    """A cell that fits no known form."""

    column: str
    text: str


@dataclass(frozen=True)
class Reading:
    """One result of a row.

    Attributes
    ----------
    ihc : IhcValue
        IHC result, or the reason why there is none.
    evidence : Evidence
        ISH of the row for this origin.
    counts : Counts
        ISH counts shown; NaN where none or several.
    flags : tuple of str
        What was odd.
    not_understood : tuple of NotUnderstood
        Cells of the row that fit no known form (first reading only).
    """

    ihc: parse.IhcValue
    evidence: Evidence
    counts: Counts
    flags: tuple[str, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = field(default=())

    @property
    def only_ish(self) -> bool:
        """Whether the row says nothing of IHC but something of ISH."""
        return self.ihc.reason == "empty" and self.evidence.known


def readings_of_row(row: Any, *, ratio_range: tuple[float, float]) -> list[Reading]:
    """Readings that an input row holds, in-house first.

    Parameters
    ----------
    row : named tuple
        Columns of :data:`clearher.columns.intake.HER2`.
    ratio_range : tuple of float
        ISH ratios outside are flagged.
    """
    ihc_text, ihc_column = (row.ihc_score, "ihc_score") if row.ihc_score else (row.ihc_status, "ihc_status")
    ihc_values = parse.parse_ihc(ihc_text)
    ratios = parse.parse_ish_ratio(row.ish_ratio)
    words = parse.parse_status(row.ish_result)
    recount = parse.parse_recount(row.ish_recount)
    unknown = _not_understood(row, ihc_column, ihc_values, ratios, words, recount)
    readings = []
    for number, ihc in enumerate(ihc_values):
        origins = (parse.IN_HOUSE,) if number == 0 else (ihc.origin,)
        if len(ihc_values) == 1:
            origins = (parse.IN_HOUSE, parse.OUTSIDE) if ihc.origin == parse.OUTSIDE else (parse.IN_HOUSE,)
        readings.append(_reading(row, ihc, origins, ratios, words, recount or "", ratio_range))
    readings += _outside_ish(row, ihc_values, ratios, words, ratio_range)
    return [replace(readings[0], not_understood=unknown), *readings[1:]]


def pooled(evidences: list[Evidence]) -> tuple[Evidence, tuple[str, ...]]:
    """One evidence from several of the same specimen; what they disagree on stays open and is flagged.

    Single-probe counts with one meaning are one count, the lowest; with several meanings they are words that
    differ.
    """
    if len(evidences) == 1:
        return evidences[0], ()
    groups = tuple(sorted({group for evidence in evidences for group in evidence.groups}))
    settled = {evidence.groups for evidence in evidences if evidence.groups}
    words = {evidence.word for evidence in evidences if evidence.word}
    recounts = {evidence.recount for evidence in evidences if evidence.recount}
    singles = sorted({e.single_copies for e in evidences if not math.isnan(e.single_copies)})
    meanings = {single_probe_result(copies) for copies in singles}
    if len(meanings) > 1:
        words |= meanings
    result = Evidence(
        groups=groups,
        single_copies=singles[0] if len(meanings) == 1 else NAN,
        recount=recounts.pop() if len(recounts) == 1 else "",
        word=_common_word(words),
        text="; ".join(dict.fromkeys(evidence.text for evidence in evidences if evidence.text)),
    )
    conflict = len(settled) > 1 or len(words) > 1 or len(singles) > 1
    return result, ("ish_conflict",) if conflict else ()


def _common_word(words: set[str]) -> str:
    """The word of all; of negative and equivocal the latter, which claims less."""
    if len(words) < 2:
        return "".join(words)
    return DIFFERING if words & {POSITIVE, DIFFERING} else EQUIVOCAL


def _not_understood(
    row: Any, ihc_column: str, ihc_values, ratios, words, recount
) -> tuple[NotUnderstood, ...]:
    checks = (
        (ihc_column, ihc_values[0].reason == parse.NOT_UNDERSTOOD),
        ("ish_ratio", ratios[0].reason == parse.NOT_UNDERSTOOD),
        ("ish_result", words[0].reason == parse.NOT_UNDERSTOOD),
        ("ish_recount", recount is None),
    )
    return tuple(NotUnderstood(column, getattr(row, column)) for column, wrong in checks if wrong)


def _reading(row, ihc, origins, ratios, words, recount, ratio_range) -> Reading:
    own_ratios = [value for value in ratios if value.origin in origins and not value.reason]
    own_words = [value.status for value in words if value.origin in origins and value.status in ISH_WORDS]
    in_house = parse.IN_HOUSE in origins
    counts = _counts(row, own_ratios, ratio_range, with_columns=in_house)
    said = {status for status in (*own_words, ihc.ish_word) if status in (POSITIVE, NEGATIVE)}
    flags = [
        *ihc.flags,
        *_status_flags(row, ihc),
        *(flag for value in ratios for flag in value.flags),
        *(f for c in counts for f in c.flags),
    ]
    if len(own_ratios) > 1:
        flags.append("several_ish_values")
    if any(value.reason == "failed" for value in ratios):
        flags.append("ish_failed")
    if any(re.search(r"\d", value.remark) for value in words if value.status and value.origin in origins):
        flags.append("ish_counts_in_word")
    word = own_words[0] if own_words else ihc.ish_word
    if len(said) > 1:
        flags.append("ish_conflict")
        word = DIFFERING
    evidence = _evidence(row, counts, word, recount if in_house else "")
    shown = counts[0] if len(counts) == 1 else Counts(NAN, NAN, NAN, ())
    return Reading(ihc, evidence, shown, tuple(dict.fromkeys(flags)))


def _status_flags(row: Any, ihc: parse.IhcValue) -> tuple[str, ...]:
    """Whether the status word beside a score excludes it; 2+ may be either, by its ISH."""
    if not (row.ihc_score and row.ihc_status) or ihc.origin == parse.OUTSIDE:
        return ()
    status = parse.parse_ihc(row.ihc_status)[0]
    positive = status.low == "3+" and ihc.high in ("0-null", "0", "0-ultralow", "1+")
    negative = status.high == "1+" and ihc.low == "3+"
    return ("status_against_score",) if positive or negative else ()


def _outside_ish(row, ihc_values, ratios, words, ratio_range) -> list[Reading]:
    """ISH quoted from outside in a row whose IHC is in-house only: a reading without IHC of its own."""
    if any(value.origin == parse.OUTSIDE for value in ihc_values):
        return []
    outside = [value for value in (*ratios, *words) if value.origin == parse.OUTSIDE and not value.reason]
    if not outside:
        return []
    nothing = parse.IhcValue(origin=parse.OUTSIDE, reason="empty")
    return [_reading(row, nothing, (parse.OUTSIDE,), ratios, words, "", ratio_range)]


def _counts(row, values, ratio_range, *, with_columns: bool) -> list[Counts]:
    """Counts per cell of each ratio in the cell; the copy number columns belong to the in-house one."""
    her2 = row.ish_her2_copies if with_columns else NAN
    cep17 = row.ish_cep17_copies if with_columns else NAN
    found = []
    for value in values or [parse.IshValue()]:
        ratio = NAN if value.ratio is None else value.ratio
        copies = value.copies if value.copies is not None else her2
        counts = counts_per_cell(
            ratio,
            copies,
            cep17,
            cells=row.ish_cells,
            counted="average" if value.copies is not None else row.ish_counts,
            ratio_range=ratio_range,
        )
        found.append(counts)
    return found


def _evidence(row, counts: list[Counts], word: str, recount: str) -> Evidence:
    method = row.ish_method.lower()
    single = any(name in method for name in SINGLE_PROBE_WORDS)
    known = [c for c in counts if not (math.isnan(c.ratio) and math.isnan(c.copies))]
    text = "; ".join(_counts_in_words(c) for c in known)
    if single and len(known) == 1 and math.isnan(known[0].ratio):
        return Evidence((), known[0].copies, recount, word, text)
    groups = tuple(sorted({group for c in known for group in groups_of_counts(c)}))
    return Evidence(groups, NAN, recount, word, text)


def _counts_in_words(counts: Counts) -> str:
    parts = []
    if not math.isnan(counts.ratio):
        parts.append(f"ratio {counts.ratio:g}")
    if not math.isnan(counts.copies):
        parts.append(f"{counts.copies:g} copies per cell")
    return ", ".join(parts)
