"""What is odd in a variant file, gathered by kind so that a finding names the first lines and the number.

A note never stops the run: it says what was found and what was done with it. What makes a whole file
unusable is raised as an InputError instead.
"""

from bisect import insort
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from clearher.problems import Problem


class Kind(NamedTuple):
    """One kind of note: how grave, what would be right, what is done."""

    severity: str
    expected: str
    remedy: str


REPAIR = "Have the file written again by its caller."
KINDS = {
    "allele_malformed": Kind("error", "REF and ALT of bases", f"The record is left out. {REPAIR}"),
    "record_incomplete": Kind("error", "a value", f"The record is left out. {REPAIR}"),
    "allele_not_supported": Kind(
        "info",
        "alleles of plain bases",
        "Kept with status NOT_SUPPORTED; they are neither tracked nor counted.",
    ),
    "duplicate_record": Kind(
        "warning", "each allele once", "The record with the greatest depth is used; look for merged files."
    ),
    "not_sorted": Kind("info", "records in order of position", "Nothing to do: order is not relied on."),
    "contig_not_contiguous": Kind(
        "warning", "each contig in one block", "Order is not relied on; sort the file."
    ),
    "contig_not_in_header": Kind("info", "contigs that the header lists", "Used as it stands."),
    "qual_invalid": Kind("warning", "QUAL as a number from 0, or .", "Treated as missing."),
    "id_malformed": Kind("warning", "ID without blanks and empty entries", "The ID is not used."),
    "filter_malformed": Kind(
        "warning", "PASS, ., or filter names", "Not PASS: FILTER passes only as exactly PASS."
    ),
    "filters_not_applied": Kind(
        "warning",
        "PASS or filter names in some record",
        "FILTER is '.' throughout: run the caller's filter step (FilterMutectCalls for Mutect2). "
        "The caller's filter counts as not assessed.",
    ),
    "info_repeated_key": Kind("warning", "each INFO key once", "The first is used."),
    "info_blank": Kind("warning", "INFO without blanks", "Read as it stands."),
    "info_value": Kind("warning", "a value of the declared type", "Treated as missing where it is needed."),
    "info_number": Kind(
        "warning", "the declared number of values", "The record is believed, not the header."
    ),
    "format_malformed": Kind("warning", "FORMAT keys of letters, digits and _ ., GT first", "Read by name."),
    "sample_value": Kind("warning", "a value of the declared type", "Treated as missing where it is needed."),
    "sample_number": Kind(
        "warning", "the declared number of values", "The record is believed, not the header."
    ),
    "genotype_malformed": Kind("warning", "allele numbers within ALT", "Genotypes are not used for counts."),
    "allele_depth_length": Kind(
        "warning",
        "one AD value for REF and each ALT",
        "AD is not used there; counts missing or from other fields.",
    ),
    "depth_below_allele_sum": Kind("info", "DP not below the sum of AD", "The sum of AD is the depth."),
    "depth_and_count_swapped": Kind(
        "warning", "AC not above DP", "Read the other way round; AF confirms it."
    ),
    "fraction_not_counts": Kind(
        "warning", "read counts of the allele (AD)", "Counts are AF times DP, rounded; count_field says so."
    ),
    "no_counts": Kind(
        "warning",
        "counts or a fraction for each allele",
        "Kept with status NOT_SUPPORTED: unknown is not zero.",
    ),
    "annotation_entry_short": Kind(
        "warning", "as many fields as the header lists", "Missing fields are empty."
    ),
    "annotation_without_allele": Kind("info", "an annotation for each allele", "Left without annotation."),
    "reference_mismatch": Kind(
        "error", "REF as in the reference sequence", "Check that calls and reference are of the same build."
    ),
    "end_before_start": Kind("warning", "END not before POS", "The length of REF is used."),
    "blank_line": Kind("warning", "a record on each line", "Skipped."),
    "text_encoding": Kind("warning", "UTF-8 text", "Characters that cannot be read are replaced."),
    "anchor_unknown": Kind(
        "warning",
        "a reference sequence, or the column flanking_bps, for '-' alleles",
        "Kept with status NOT_SUPPORTED; set inputs.reference_fasta.",
    ),
    "normal_counts_unused": Kind(
        "info",
        "a variant file of its own for the white cells",
        "Counts of the matched normal in a MAF are not read: name a file of the white cells in their row.",
    ),
    "normal_column_unused": Kind(
        "info", "a sample row for the matched normal", "Add a row (specimen wbc) with this file to use it."
    ),
}
SHOWN = 3


class Notes:
    """Notes of one file."""

    def __init__(self, path: str, subject_id: str = "", sample_id: str = "") -> None:
        self.path = path
        self.subject_id = subject_id
        self.sample_id = sample_id
        self._counts: dict[str, int] = {}
        self._first: dict[str, list[tuple[int, str]]] = {}

    def add(self, kind: str, line: int, found: str) -> None:
        """Note one occurrence; only those of the first few lines are kept with their text."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        first = self._first.setdefault(kind, [])
        if len(first) < SHOWN or line < first[-1][0]:
            insort(first, (line, found), key=itemgetter(0))
            del first[SHOWN:]

    def count(self, kind: str) -> int:
        """How often a kind was noted."""
        return self._counts.get(kind, 0)

    def problems(self) -> list[Problem]:
        """One finding a kind, with the first occurrences and the number of all."""
        return [self._problem(kind) for kind in sorted(self._counts)]

    def _problem(self, kind: str) -> Problem:
        count, first = self._counts[kind], self._first[kind]
        shown = "; ".join(found[:120] for _, found in first)
        more = f" (and {count - len(first)} more)" if count > len(first) else ""
        severity, expected, remedy = KINDS[kind]
        return Problem(
            check=kind,
            severity=severity,
            subject_id=self.subject_id,
            sample_id=self.sample_id,
            file=self.path,
            row=", ".join(str(line) for line, _ in first if line),
            found=shown + more,
            expected=expected,
            remedy=remedy,
        )

    def fault(self, line: int, found: str, expected: str) -> Problem:
        """A fault of a record that makes the whole file unusable, to be raised as an InputError."""
        return Problem(
            check="vcf_record",
            file=self.path,
            row=str(line),
            subject_id=self.subject_id,
            sample_id=self.sample_id,
            found=found,
            expected=expected,
            remedy="The file is not used: copy or write it again, so that every record is whole.",
        )


class RecordNotes:
    """Notes of the records of several files, which are known by their rows.

    Parameters
    ----------
    files : sequence of Notes
        Of each file.
    owners, lines : numpy.ndarray
        File and line of each record.
    """

    def __init__(self, files: Sequence[Notes], owners: np.ndarray, lines: np.ndarray) -> None:
        self._files = files
        self.owners = owners
        self.lines = lines

    def add(self, kind: str, row: int, found: str) -> None:
        """Note one occurrence in a record."""
        self._files[self.owners[row]].add(kind, int(self.lines[row]), found)

    def add_to_file(self, kind: str, owner: int, found: str) -> None:
        """Note what holds for a file as a whole."""
        self._files[owner].add(kind, 0, found)

    def fault(self, row: int, found: str, expected: str) -> Problem:
        """A fault of a record that makes its whole file unusable, to be raised as an InputError."""
        return self._files[self.owners[row]].fault(int(self.lines[row]), found, expected)

    def first_of_each_file(self, rows: np.ndarray) -> np.ndarray:
        """Those of the rows, which are in order, that are the first of their file."""
        return rows[np.unique(self.owners[rows], return_index=True)[1]]
