"""Read the CombinedVariantOutput.tsv of Illumina TSO 500 assays: small variants and gene copy numbers.

The file lists what passed and nothing else, so it says nothing of a variant that it does not name.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from clearher.intake.vcf_text import read_text
from clearher.problems import InputError, Problem
from clearher.variants.alleles import interpret
from clearher.variants.calls import COLUMNS, SampleCalls
from clearher.variants.counts import reads_of_fraction
from clearher.variants.notes import Notes

DETAILS, SMALL = "Analysis Details", "Small Variants"
COPIES = ("Copy Number Variants", "Gene Amplifications")
NAMES_OF_SAMPLE = ("DNA Sample ID", "Sample ID", "Pair ID")
NEEDED = (
    "Gene",
    "Chromosome",
    "Genomic Position",
    "Reference Call",
    "Alternative Call",
    "Allele Frequency",
    "Depth",
)
EMPTY = {
    "file": 0,
    "line": 0,
    "chrom": "",
    "pos": 1,
    "ref": "N",
    "support": "",
    "phase": "",
    "marked_hotspot": False,
    "remark": "",
}


class Row(NamedTuple):
    """One line of a section: number and values by column."""

    line: int
    values: Mapping[str, str]


def read_combined_output(
    path: str | Path, *, subject_id: str = "", sample_id: str = "", vcf_sample: str = ""
) -> SampleCalls:
    """Small variants and copy numbers of a combined variant output.

    The file states a fraction and a depth: the alternate count is their product, rounded, and ``count_field``
    says so. A copy number is two times the fold change, the mean over all DNA of the sample; its allele is
    ``<DUP:gene>`` or ``<DEL:gene>`` at no place.

    Parameters
    ----------
    path : str or Path
        The file.
    subject_id, sample_id, vcf_sample : str
        As in the sample sheet; ``vcf_sample``, where given, must be a name that the file has.

    Returns
    -------
    SampleCalls

    Raises
    ------
    InputError
        Not readable; no section of small variants or a column lacking; a position, depth or fraction that is
        no number; another sample's file.

    References
    ----------
    umccr/dracarys R/tso.R (sections and columns).
    """
    sections = _sections(read_text(path))
    notes = Notes(str(path), subject_id, sample_id)
    problems = [*_name_problems(sections, notes, vcf_sample), *_column_problems(sections, notes)]
    if problems:
        raise InputError(problems)
    rows = [row for row in (_small(row, notes) for row in sections[SMALL]) if row is not None]
    for name in COPIES:
        rows += [_copies(row, notes) for row in sections.get(name, [])]
    part = {name: np.array([row[name] for row in rows], dtype=kind) for name, kind in COLUMNS.items()}
    return SampleCalls("tso500", [part], [], notes)


def _sections(text: str) -> dict[str, list[Row]]:
    """Rows by section; a section whose only row is NA is empty, the details are one row a line."""
    found: dict[str, list[Row]] = {}
    name, header = "", []
    for number, line in enumerate(text.split("\n"), 1):
        fields = [field.strip() for field in line.rstrip("\t ").split("\t")]
        if fields[0].startswith("[") and fields[0].endswith("]"):
            name, header = fields[0][1:-1], []
            found[name] = []
        elif name == DETAILS and len(fields) > 1:
            found[name].append(Row(number, {fields[0]: fields[1]}))
        elif not any(fields) or fields[0] == "NA":
            continue
        elif header:
            found[name].append(Row(number, dict(zip(header, fields, strict=False))))
        else:
            header = fields
    return found


def _name_problems(sections: Mapping[str, list[Row]], notes: Notes, wanted: str) -> Iterator[Problem]:
    names = [
        value
        for row in sections.get(DETAILS, [])
        for key, value in row.values.items()
        if key in NAMES_OF_SAMPLE
    ]
    if wanted and wanted not in names:
        yield Problem(
            check="vcf_sample",
            file=notes.path,
            column="vcf_sample",
            subject_id=notes.subject_id,
            sample_id=notes.sample_id,
            found=f"no sample {wanted!r}",
            expected=f"one of {', '.join(names)}",
            remedy="Correct vcf_sample or the file in the sample sheet.",
        )


def _column_problems(sections: Mapping[str, list[Row]], notes: Notes) -> Iterator[Problem]:
    if SMALL not in sections:
        yield notes.fault(1, f"no section [{SMALL}]", "a combined variant output with its sections")
    for row in sections.get(SMALL, [])[:1]:
        lacking = [name for name in NEEDED if name not in row.values]
        if lacking:
            yield notes.fault(row.line, f"[{SMALL}] without {', '.join(lacking)}", ", ".join(NEEDED))


def _small(row: Row, notes: Notes) -> dict | None:
    values = row.values
    pos = _number(row, "Genomic Position", notes)
    depth, fraction = _number(row, "Depth", notes), _number(row, "Allele Frequency", notes)
    if not 0 <= fraction <= 1:
        found = f"Allele Frequency {values['Allele Frequency']}"
        raise InputError([notes.fault(row.line, found, "a fraction from 0 to 1")])
    allele = interpret(values["Reference Call"], values["Alternative Call"])
    if allele.malformed:
        notes.add("allele_malformed", row.line, allele.malformed)
        return None
    notes.add("fraction_not_counts", row.line, f"AF={values['Allele Frequency']}")
    known = dict.fromkeys(COLUMNS, np.nan) | EMPTY | _annotation(values)
    return known | {
        "line": row.line,
        "chrom": values["Chromosome"],
        "pos": int(pos) + allele.offset,
        "ref": allele.ref,
        "alt": allele.alt,
        "variant_class": allele.variant_class,
        "support": allele.support,
        "count_field": "AF*DP",
        "depth": depth,
        "alt_count": float(reads_of_fraction(fraction, depth)),
        "caller_vaf": fraction,
        "filter": "PASS",
    }


def _annotation(values: Mapping[str, str]) -> dict[str, str]:
    def named(start: str) -> str:
        text = next((value for name, value in values.items() if name.startswith(start)), "")
        return "" if text == "NA" else text

    coding, protein = named("C-Dot"), named("P-Dot").rpartition(":")[2]
    return {
        "gene": named("Gene"),
        "transcript": coding.partition(":")[0] if ":" in coding else "",
        "consequence": named("Consequence").replace(",", "&").replace(":", "&"),
        "hgvsc": coding.rpartition(":")[2],
        "hgvsp": protein.replace("(", "").replace(")", ""),
    }


def _copies(row: Row, notes: Notes) -> dict:
    fold = _number(row, "Fold Change", notes)
    kind = row.values.get("Copy Number Variant", "").strip("<>") or ("DUP" if fold > 1 else "DEL")
    gene = row.values.get("Gene", "")
    known = dict.fromkeys(COLUMNS, np.nan) | EMPTY
    return known | {
        "line": row.line,
        "chrom": row.values.get("Chromosome/scaffold", row.values.get("Chromosome", "")),
        "alt": f"<{kind}:{gene}>",
        "variant_class": "CNV",
        "support": "symbolic",
        "count_field": "",
        "filter": "PASS",
        "gene": gene,
        "transcript": "",
        "consequence": "",
        "hgvsc": "",
        "hgvsp": "",
        "copy_number": 2 * fold,
        "remark": "copies_by_fold_change",
    }


def _number(row: Row, name: str, notes: Notes) -> float:
    text = row.values.get(name, "")
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or value < 0:
        raise InputError([notes.fault(row.line, f"{name} {text!r}", "a number from 0")])
    return value
