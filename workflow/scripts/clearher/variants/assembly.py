"""From a block of records to columns of alleles: counts, strands, quality, annotation, frequency."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from clearher.variants.alleles import Allele, Reference, interpret, left_align, variant_class
from clearher.variants.annotation import TOLD, Layout, read_annotations
from clearher.variants.blocks import Block
from clearher.variants.callers import CALLERS, count_sources, strand_source
from clearher.variants.calls import ReadOptions
from clearher.variants.counts import Counts, read_counts
from clearher.variants.notes import RecordNotes
from clearher.variants.texts import Coded, as_mask, number_matrix

SIDES = frozenset({"0|1", "1|0"})
PLACE = ("chrom", "pos", "ref")
WITHOUT_FREQUENCIES = frozenset({"chrM", "MT", "M", "chrMT"})


class Places(Protocol):
    """Where records stand."""

    chroms: Coded
    positions: np.ndarray
    filters: Coded
    notes: RecordNotes


def assemble(
    records: Places, block: Block, caller: str, layout: Layout | None, options: ReadOptions
) -> dict[str, np.ndarray]:
    """Columns of all alternate alleles of a block, record by record and allele by allele.

    Malformed alleles are noted and left out; those that cannot be counted stay, with the reason in
    ``support``.
    """
    k, notes = block.n_alts, records.notes
    rows = np.repeat(block.rows, k)
    counts = read_counts(block, count_sources(caller, block.keys, options.count_fields.get(caller, "")))
    _note_counts(counts, block, notes)
    alleles, codes = _interpreted(block)
    place = records.positions[rows] + np.array([allele.offset for allele in alleles])[codes]
    chroms = records.chroms.objects()[rows]
    told = read_annotations(block, layout)
    part = {
        "file": notes.owners[rows],
        "line": notes.lines[rows],
        "chrom": chroms,
        "pos": place,
        "support": _support(alleles, codes, counts, place, rows, notes),
        "count_field": np.repeat(counts.field, k),
        "depth": np.repeat(counts.depth, k),
        "alt_count": counts.alt.reshape(-1),
        "ref_count": np.repeat(counts.ref, k),
        "caller_vaf": counts.vaf.reshape(-1),
        "base_quality": _base_quality(block, caller),
        "filter": records.filters.objects()[rows],
        "population_af": _population(block, told["population_af"], chroms, options.population_fields),
        "copy_number": np.repeat(_copy_number(block), k),
        "phase": np.repeat(_phase(block), k),
        "marked_hotspot": np.repeat(as_mask(pc.is_valid(block.info["HOTSPOT"])), k),
        "remark": np.repeat(counts.remark, k),
    }
    for name in ("ref", "alt", "variant_class"):
        part[name] = np.array([getattr(allele, name) for allele in alleles], dtype=object)[codes]
    strands = strand_source(caller, block.keys)(block).reshape(-1, 4)
    for i, name in enumerate(("ref_forward", "ref_reverse", "alt_forward", "alt_reverse")):
        part[name] = strands[:, i]
    part |= {name: told[name] for name in TOLD}
    _note_annotations(told["remark"], part, rows, notes)
    if options.reference is not None:
        _normalise(part, options.reference, rows, notes)
    return _without_malformed(part, alleles, codes, rows, notes)


def _interpreted(block: Block) -> tuple[list[Allele], np.ndarray]:
    """Each distinct pair of REF and ALT as an allele, and which one each alternate allele is."""
    refs, ref_names = pd.factorize(block.refs)
    alts, alt_names = pd.factorize(np.column_stack(block.alts).reshape(-1))
    codes, pairs = pd.factorize(np.repeat(refs, block.n_alts) * len(alt_names) + alts)
    named = zip(ref_names[pairs // len(alt_names)], alt_names[pairs % len(alt_names)], strict=True)
    return [interpret(ref, alt) for ref, alt in named], codes


def _support(
    alleles: Sequence[Allele],
    codes: np.ndarray,
    counts: Counts,
    place: np.ndarray,
    rows: np.ndarray,
    notes: RecordNotes,
) -> np.ndarray:
    """Why an allele cannot be counted; empty where it can."""
    support = np.array([allele.support for allele in alleles], dtype=object)[codes]
    support[(support == "") & (place < 1)] = "telomere"
    for i in np.flatnonzero(support != "").tolist():
        allele = alleles[codes[i]]
        notes.add("allele_not_supported", rows[i], f"{allele.ref[:20]}>{allele.alt[:40]}")
    k = counts.alt.shape[1]
    nothing = np.isnan(counts.alt.reshape(-1)) & np.isnan(counts.vaf.reshape(-1))
    silent = (support == "") & nothing & ~(np.repeat(counts.depth, k) == 0)
    support[silent] = "no_counts"
    for i in np.flatnonzero(silent).tolist():
        allele = alleles[codes[i]]
        if not allele.malformed:
            notes.add("no_counts", rows[i], f"{allele.ref[:20]}>{allele.alt[:20]}")
    return support


def _note_counts(counts: Counts, block: Block, notes: RecordNotes) -> None:
    rows = block.rows
    for i in np.flatnonzero(counts.remark != ""):
        notes.add(counts.remark[i], rows[i], f"{counts.field[i]}, depth {counts.depth[i]:.0f}")
    computed = (counts.field == "AF*DP") | (counts.field == "AF")
    if computed.any():
        fractions = block.texts("AF").to_pylist()
        for i in np.flatnonzero(computed):
            notes.add("fraction_not_counts", rows[i], f"AF={fractions[i]}")
    without = np.flatnonzero(computed | (counts.field == ""))
    if "AD" in block.keys and len(without):
        texts = block.texts("AD").to_pylist()
        for i in without:
            if texts[i] != "." and not set(texts[i]) <= {".", ","}:
                notes.add("allele_depth_length", rows[i], f"AD={texts[i]} for {block.n_alts} ALT")


def _note_annotations(
    remarks: np.ndarray, part: Mapping[str, np.ndarray], rows: np.ndarray, notes: RecordNotes
) -> None:
    for i in np.flatnonzero(remarks != "").tolist():
        notes.add(remarks[i], rows[i], f"{part['chrom'][i]}:{part['pos'][i]}")


def _base_quality(block: Block, caller: str) -> np.ndarray:
    """Base quality of each alternate allele, from a list with the reference first or from one number."""
    result = np.full((len(block), block.n_alts), np.nan)
    for place in CALLERS[caller].quality:
        column, _, name = place.partition("/")
        if not (name in block.keys if column == "FORMAT" else block.says(name)):
            continue
        texts = block.texts(name) if column == "FORMAT" else block.info_texts(name)
        listed = number_matrix(texts, block.n_alts + 1)[:, 1:]
        single = number_matrix(texts, 1) if np.isnan(listed).any() else listed
        found = np.where(np.isnan(listed), single, listed)
        result = np.where(np.isnan(result), found, result)
    return result.reshape(-1)


def _population(
    block: Block, annotated: np.ndarray, chroms: np.ndarray, fields: tuple[str, ...]
) -> np.ndarray:
    """Highest stated frequency.

    Mutect2's POPAF (minus log10) is used where nothing else is stated; not on the mitochondrial genome, where
    Mutect2 writes a constant.
    """
    found = annotated
    for name in fields:
        if not block.says(name):
            continue
        stated = number_matrix(block.info_texts(name), block.n_alts).reshape(-1)
        found = np.fmax(found, stated)
    if not block.says("POPAF"):
        return found
    phred = number_matrix(block.info_texts("POPAF"), block.n_alts).reshape(-1)
    elsewhere = np.array([chrom not in WITHOUT_FREQUENCIES for chrom in chroms.tolist()])
    usable = np.isnan(found) & elsewhere
    return np.where(usable, 10.0**-phred, found)


def _copy_number(block: Block) -> np.ndarray:
    """Copy number of FORMAT/CN, else INFO/CN."""
    if "CN" not in block.keys and not block.says("CN"):
        return np.full(len(block), np.nan)
    sample, site = number_matrix(block.texts("CN"), 1)[:, 0], number_matrix(block.info_texts("CN"), 1)[:, 0]
    return np.where(np.isnan(sample), site, sample)


def _phase(block: Block) -> np.ndarray:
    """Haplotype that carries the allele; empty where the caller names none or there are several alleles."""
    for group, side in (("PID", "PGT"), ("PS", "GT")):
        if block.n_alts == 1 and {group, side} <= set(block.keys):
            named = zip(block.texts(group).to_pylist(), block.texts(side).to_pylist(), strict=True)
            told = [f"{name}/{on}" if name != "." and on in SIDES else "" for name, on in named]
            return np.array(told, dtype=object)
    return np.full(len(block), "", dtype=object)


def _normalise(
    part: dict[str, np.ndarray], reference: Reference, rows: np.ndarray, notes: RecordNotes
) -> None:
    """Compare REF with the reference and shift insertions and deletions to the left."""
    support, kind = part["support"], part["variant_class"]
    compared = np.flatnonzero((support == "") | (support == "no_counts"))
    places = zip(*(part[name][compared].tolist() for name in PLACE), strict=True)
    bases = [fetched(reference, chrom, pos, len(ref)) for chrom, pos, ref in places]
    given = np.array(bases, dtype=object)
    agrees = given == part["ref"][compared]
    for i, expected in zip(compared[~agrees].tolist(), given[~agrees].tolist(), strict=True):
        chrom, pos, ref = (part[name][i] for name in PLACE)
        found = f"{chrom}:{pos} REF {ref[:20]}, reference {expected[:20] or 'without this place'}"
        notes.add("reference_mismatch", rows[i], found)
    sound = compared[agrees]
    for i in sound[np.isin(kind[sound], ["INS", "DEL", "COMPLEX"])].tolist():
        chrom, pos, ref, alt = (part[name][i] for name in (*PLACE, "alt"))
        pos, ref, alt = left_align(chrom, int(pos), ref, alt, reference)
        part["pos"][i], part["ref"][i], part["alt"][i] = pos, ref, alt
        kind[i] = variant_class(ref, alt)


@lru_cache(maxsize=100_000)
def fetched(reference: Reference, chrom: str, pos: int, length: int) -> str:
    """Reference bases from a 1-based position; empty where the reference has no such place."""
    try:
        return reference.fetch(chrom, pos - 1, pos - 1 + length).upper()
    except (KeyError, ValueError):
        return ""


def _without_malformed(
    part: dict[str, np.ndarray],
    alleles: Sequence[Allele],
    codes: np.ndarray,
    rows: np.ndarray,
    notes: RecordNotes,
) -> dict[str, np.ndarray]:
    wrong = np.array([allele.malformed != "" for allele in alleles])[codes]
    if not wrong.any():
        return part
    for i in np.flatnonzero(wrong).tolist():
        notes.add("allele_malformed", rows[i], alleles[codes[i]].malformed)
    return {name: values[~wrong] for name, values in part.items()}
