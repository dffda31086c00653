"""Read one sample of a MAF (mutation annotation format) table."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.intake.maf_samples import BARCODE, sample_problem
from clearher.intake.vcf_text import read_text
from clearher.problems import InputError, Problem
from clearher.variants.alleles import Reference, interpret, left_align, variant_class
from clearher.variants.annotation import highest
from clearher.variants.assembly import fetched
from clearher.variants.calls import COLUMNS, ReadOptions, SampleCalls
from clearher.variants.notes import Notes
from clearher.variants.texts import column, count_matrix, fraction_matrix

REQUIRED = ("Chromosome", "Start_Position", "Reference_Allele", "Tumor_Seq_Allele2", BARCODE)
NORMAL_COUNT = "n_alt_count"
COUNT_COLUMNS = (
    (
        "t_alt_count_fragment_simplex_duplex",
        "t_ref_count_fragment_simplex_duplex",
        "t_total_count_fragment_simplex_duplex",
    ),
    ("t_alt_count_fragment", "t_ref_count_fragment", "t_total_count_fragment"),
    ("t_alt_count", "t_ref_count", "t_depth"),
)


class _Place(NamedTuple):
    """Where an allele stands and what it is."""

    pos: int
    ref: str
    alt: str
    variant_class: str
    support: str


def read_maf(
    path: str | Path,
    *,
    subject_id: str = "",
    sample_id: str = "",
    vcf_sample: str = "",
    options: ReadOptions | None = None,
) -> SampleCalls:
    """Rows of one tumour sample of a MAF, alleles in VCF representation.

    "-" alleles need the base before them: from the reference, else from vcf2maf's ``flanking_bps``; without
    either the allele is kept as written and cannot be supported. Where a reference is given, alleles are
    compared with it and shifted to the left as those of a VCF are.

    Raises
    ------
    InputError
        Not readable, a required column missing, a position that is no whole number, or no row for the sample
        in a table of several samples.
    """
    table = _table(str(path))
    chosen = _rows_of_sample(table, str(path), vcf_sample, sample_id)
    notes = Notes(str(path), subject_id, sample_id)
    fields = _count_fields(table)
    reference = (options or ReadOptions()).reference
    if NORMAL_COUNT in chosen and _states_any(chosen[NORMAL_COUNT]):
        notes.add("normal_counts_unused", 0, f"{NORMAL_COUNT} in {len(chosen)} rows")
    rows = [_row(record, fields, reference, notes) for record in chosen.to_dict("records")]
    kept = [row for row in rows if row is not None]
    part = {name: np.array([row[name] for row in kept], dtype=kind) for name, kind in COLUMNS.items()}
    return SampleCalls("maf", [part], [], notes)


@lru_cache(maxsize=4)
def _table(path: str) -> pd.DataFrame:
    lines = read_text(path).split("\n")
    start = next((i for i, line in enumerate(lines) if line and not line.startswith("#")), len(lines))
    names = lines[start].split("\t") if start < len(lines) else []
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise InputError(
            [_problem(path, start + 1, f"columns {', '.join(names[:8])} ...", f"also {', '.join(missing)}")]
        )
    numbered = [(i, line.split("\t")) for i, line in enumerate(lines[start + 1 :], start + 2) if line.strip()]
    for number, fields in numbered:
        if len(fields) != len(names):
            raise InputError(
                [_problem(path, number, f"{len(fields)} columns", f"{len(names)}, as the header has")]
            )
    table = pd.DataFrame([fields for _, fields in numbered], columns=names, dtype=object)
    return table.assign(line=[number for number, _ in numbered])


def _rows_of_sample(table: pd.DataFrame, path: str, vcf_sample: str, sample_id: str) -> pd.DataFrame:
    barcodes = tuple(sorted(set(table[BARCODE])))
    problem = sample_problem(path, barcodes, vcf_sample, sample_id)
    if problem:
        raise InputError([problem])
    name = vcf_sample or sample_id
    return table[table[BARCODE] == name] if name in barcodes else table


def _states_any(texts: pd.Series) -> bool:
    return bool((~np.isnan(count_matrix(column(texts.tolist()), 1))).any())


def _count_fields(table: pd.DataFrame) -> tuple[str, str, str]:
    return next((names for names in COUNT_COLUMNS if names[0] in table), COUNT_COLUMNS[-1])


def _row(
    record: Mapping, fields: tuple[str, str, str], reference: Reference | None, notes: Notes
) -> dict | None:
    line, start = record["line"], _start(record, notes)
    placed = _alleles(record, start, reference)
    if placed is None:
        ref, alt = record["Reference_Allele"], record["Tumor_Seq_Allele2"]
        notes.add("anchor_unknown", line, f"{record['Chromosome']}:{start} {ref}>{alt}")
        place = _Place(start, ref, alt, "INS" if ref == "-" else "DEL", "anchor_unknown")
    else:
        pos, ref, alt = placed
        allele = interpret(ref, alt)
        if allele.malformed:
            notes.add("allele_malformed", line, allele.malformed)
            return None
        place = _Place(pos + allele.offset, *allele[1:5])
        if reference is not None and not place.support:
            place = _compared(record, place, reference, notes)
    counts, remark = _counts(record, fields)
    if np.isnan(counts[1]) and not place.support and counts[0] != 0:
        notes.add("no_counts", line, f"{record['Chromosome']}:{place.pos}")
        place = place._replace(support="no_counts")
    if remark:
        notes.add(remark, line, f"{fields[0]}, depth {counts[0]:.0f}")
    return _maf_row(record, place, fields[0], counts) | {"remark": remark}


def _start(record: Mapping, notes: Notes) -> int:
    text = record["Start_Position"]
    if not (text.isascii() and text.isdigit()):
        found = f"Start_Position {text!r}"
        raise InputError([_problem(notes.path, record["line"], found, "a whole number from 0")])
    return int(text)


def _compared(record: Mapping, place: _Place, reference: Reference, notes: Notes) -> _Place:
    """The allele as far left as the sequence allows, where REF agrees with the reference."""
    chrom, pos, ref, alt = record["Chromosome"], place.pos, place.ref, place.alt
    expected = fetched(reference, chrom, pos, len(ref))
    if expected != ref:
        found = f"{chrom}:{pos} REF {ref[:20]}, reference {expected[:20] or 'without this place'}"
        notes.add("reference_mismatch", record["line"], found)
        return place
    pos, ref, alt = left_align(chrom, pos, ref, alt, reference)
    return _Place(pos, ref, alt, variant_class(ref, alt), place.support)


def _counts(record: Mapping, fields: tuple[str, str, str]) -> tuple[tuple[float, float, float], str]:
    """Depth, alternate and reference count, and a remark where the depth was raised to their sum."""
    alt, ref, depth = count_matrix(column([record.get(name) or "." for name in fields]), 1)[:, 0]
    depth = alt + ref if np.isnan(depth) else depth
    total = np.nansum([alt, ref])
    below = depth < total
    return (total if below else depth, alt, ref), "depth_below_allele_sum" if below else ""


def _maf_row(record: Mapping, place: _Place, field: str, counts: tuple[float, float, float]) -> dict:
    def text(name: str) -> str:
        return record.get(name) or ""

    population = [
        value for name, value in record.items() if name.startswith("gnomAD") and name.endswith("AF")
    ]
    return {
        "file": 0,
        "line": record["line"],
        "chrom": record["Chromosome"],
        **place._asdict(),
        "count_field": "" if np.isnan(counts[1]) else field,
        "depth": counts[0],
        "alt_count": counts[1],
        "ref_count": counts[2],
        "caller_vaf": fraction_matrix(column([text("t_vaf") or "."]), 1)[0, 0],
        "ref_forward": np.nan,
        "ref_reverse": np.nan,
        "alt_forward": np.nan,
        "alt_reverse": np.nan,
        "base_quality": np.nan,
        "filter": text("FILTER") or ".",
        "gene": record.get("Hugo_Symbol", ""),
        "transcript": text("Transcript_ID"),
        "consequence": text("Consequence").replace(",", "&") or text("Variant_Classification"),
        "hgvsc": text("HGVSc").rpartition(":")[2],
        "hgvsp": text("HGVSp").rpartition(":")[2] or text("HGVSp_Short"),
        "population_af": highest(population),
        "copy_number": np.nan,
        "phase": "",
        "marked_hotspot": False,
    }


def _alleles(record: Mapping, start: int, reference: Reference | None) -> tuple[int, str, str] | None:
    """Position and alleles with an anchor base; None where the base is not known."""
    ref, alt = record["Reference_Allele"], record["Tumor_Seq_Allele2"]
    if ref != "-" and alt != "-":
        return start, ref, alt
    pos = start if ref == "-" else start - 1
    anchor = _anchor(record, pos, inserted=ref == "-", reference=reference)
    if not anchor:
        return None
    return pos, anchor + ref.replace("-", ""), anchor + alt.replace("-", "")


def _anchor(record: Mapping, pos: int, *, inserted: bool, reference: Reference | None) -> str:
    """Base before an indel: from the reference, else the second of vcf2maf's flanking bases."""
    if reference is not None:
        try:
            return reference.fetch(record["Chromosome"], pos - 1, pos).upper()
        except (KeyError, ValueError):
            return ""
    flank = record.get("flanking_bps") or ""
    return flank[1] if len(flank) > 2 and flank[1] in "ACGT" else ""


def _problem(path: str, row: int | str, found: str, expected: str) -> Problem:
    return Problem(
        check="maf",
        file=path,
        row=str(row),
        found=found,
        expected=expected,
        remedy="Correct the file.",
    )
