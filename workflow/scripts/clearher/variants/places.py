"""Positions, order, and the plain columns of records, checked column by column."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from clearher.intake.vcf_header import CONTIG_NAME, VcfHeader
from clearher.problems import InputError
from clearher.variants.notes import RecordNotes
from clearher.variants.texts import Coded, matching


def positions(
    chroms: Coded, texts: pa.StringArray, headers: Sequence[VcfHeader], notes: RecordNotes
) -> np.ndarray:
    """Positions as numbers; contigs and order checked.

    Raises
    ------
    InputError
        A position that is no whole number, or a contig name that the format does not allow.
    """
    wrong = np.flatnonzero(~matching(texts, "[0-9]{1,18}"))
    if len(wrong):
        row = int(wrong[0])
        raise InputError([notes.fault(row, f"POS {texts[row].as_py()!r}", "a whole number from 0")])
    place = texts.cast(pa.int64()).to_numpy()
    begins = np.ones(len(place), dtype=bool)
    begins[1:] = (np.diff(chroms.codes) != 0) | (np.diff(notes.owners) != 0)
    _check_contigs(np.flatnonzero(begins).tolist(), chroms, headers, notes)
    back = np.flatnonzero((place[1:] < place[:-1]) & ~begins[1:]) + 1
    for row in back.tolist():
        chrom = chroms.distinct[chroms.codes[row]]
        notes.add("not_sorted", row, f"{chrom}:{place[row]} after {chrom}:{place[row - 1]}")
    return place


def _check_contigs(
    begins: Sequence[int], chroms: Coded, headers: Sequence[VcfHeader], notes: RecordNotes
) -> None:
    """Look at each row where a file or another contig begins."""
    seen: set[tuple[int, str]] = set()
    for row in begins:
        owner, chrom = int(notes.owners[row]), chroms.distinct[chroms.codes[row]]
        if (owner, chrom) in seen:
            before = chroms.distinct[chroms.codes[row - 1]]
            notes.add("contig_not_contiguous", row, f"{chrom} again after {before}")
        else:
            _check_contig(chrom, row, headers[owner], notes)
            seen.add((owner, chrom))


def _check_contig(chrom: str, row: int, header: VcfHeader, notes: RecordNotes) -> None:
    symbolic = chrom.startswith("<") and chrom.endswith(">")
    if symbolic or chrom in header.contigs:
        return
    if not CONTIG_NAME.fullmatch(chrom) or ":" in chrom or "*" in chrom:
        expected = (
            "a name without blanks, commas, colons, asterisks and brackets, or one that the header lists"
        )
        raise InputError([notes.fault(row, f"contig name {chrom!r}", expected)])
    if header.contigs:
        notes.add("contig_not_in_header", row, chrom)


def check_columns(identifiers: Coded, qualities: Coded, filters: Coded, notes: RecordNotes) -> None:
    """Note what is odd in ID, QUAL and FILTER."""
    for name, values, is_wrong, kind in (
        ("ID", identifiers, _wrong_identifier, "id_malformed"),
        ("QUAL", qualities, _wrong_quality, "qual_invalid"),
        ("FILTER", filters, _wrong_filter, "filter_malformed"),
    ):
        for row in np.flatnonzero(values.where(is_wrong)).tolist():
            notes.add(kind, row, f"{name}={values.distinct[values.codes[row]]}")
    applied = filters.where(lambda text: text != ".")
    for owner in np.setdiff1d(notes.owners, notes.owners[applied]).tolist():
        notes.add_to_file("filters_not_applied", owner, "FILTER '.' in every record")


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
