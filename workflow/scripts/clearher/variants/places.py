"""Positions, order, and the plain columns of a VCF's records, checked column by column."""

from collections.abc import Sequence

import numpy as np

from clearher.intake.vcf_header import CONTIG_NAME, VcfHeader
from clearher.problems import InputError
from clearher.variants.notes import Notes


def positions(
    chroms: Sequence[str], texts: Sequence[str], lines: np.ndarray, header: VcfHeader, notes: Notes
) -> np.ndarray:
    """Positions as numbers; contigs and order checked.

    Raises
    ------
    InputError
        A position that is no whole number, or a contig name that the format does not allow.
    """
    wrong = [i for i, text in enumerate(texts) if not text.isdigit()]
    if wrong:
        found = f"POS {texts[wrong[0]]!r}"
        raise InputError([notes.fault(int(lines[wrong[0]]), found, "a whole number from 0")])
    place = np.array(texts, dtype=np.int64)
    changes = [0, *(i for i in range(1, len(chroms)) if chroms[i] != chroms[i - 1])]
    seen: set[str] = set()
    for i in changes:
        if chroms[i] in seen:
            notes.add("contig_not_contiguous", int(lines[i]), f"{chroms[i]} again after {chroms[i - 1]}")
        else:
            _check_contig(chroms[i], int(lines[i]), header, notes)
            seen.add(chroms[i])
    starts = set(changes)
    for i in (np.flatnonzero(place[1:] < place[:-1]) + 1).tolist():
        if i in starts:
            continue
        found = f"{chroms[i]}:{place[i]} after {chroms[i]}:{place[i - 1]}"
        notes.add("not_sorted", int(lines[i]), found)
    return place


def _check_contig(chrom: str, line: int, header: VcfHeader, notes: Notes) -> None:
    symbolic = chrom.startswith("<") and chrom.endswith(">")
    if symbolic or chrom in header.contigs:
        return
    if not CONTIG_NAME.fullmatch(chrom) or ":" in chrom or "*" in chrom:
        expected = (
            "a name without blanks, commas, colons, asterisks and brackets, or one that the header lists"
        )
        raise InputError([notes.fault(line, f"contig name {chrom!r}", expected)])
    if header.contigs:
        notes.add("contig_not_in_header", line, chrom)


def check_columns(
    identifiers: Sequence[str],
    qualities: Sequence[str],
    filters: Sequence[str],
    lines: np.ndarray,
    notes: Notes,
) -> None:
    """Note what is odd in ID, QUAL and FILTER."""
    for name, values, is_wrong, kind in (
        ("ID", identifiers, _wrong_identifier, "id_malformed"),
        ("QUAL", qualities, _wrong_quality, "qual_invalid"),
        ("FILTER", filters, _wrong_filter, "filter_malformed"),
    ):
        wrong = {value for value in set(values) if is_wrong(value)}
        if wrong:
            for i, value in enumerate(values):
                if value in wrong:
                    notes.add(kind, int(lines[i]), f"{name}={value}")
    if set(filters) == {"."}:
        notes.add("filters_not_applied", 0, "FILTER '.' in every record")


def _wrong_identifier(text: str) -> bool:
    parts = text.split(";")
    return " " in text or "" in parts or len(set(parts)) < len(parts)


def _wrong_quality(text: str) -> bool:
    if text == ".":
        return False
    try:
        return float(text) < 0
    except ValueError:
        return True


def _wrong_filter(text: str) -> bool:
    entries = text.split(";")
    unusable = "" in entries or "0" in entries or " " in text or len(set(entries)) < len(entries)
    return unusable or (len(entries) > 1 and not {".", "PASS"}.isdisjoint(entries))
