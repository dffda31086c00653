"""From a block of records to columns of alleles: counts, strands, quality, annotation, frequency."""

from collections.abc import Mapping, Sequence

import numpy as np

from clearher.variants.alleles import Allele, Reference, interpret, left_align, variant_class
from clearher.variants.annotation import NONE, Annotation, Layout, annotation_reader
from clearher.variants.blocks import Block, number_matrix
from clearher.variants.callers import CALLERS, count_sources, strand_source
from clearher.variants.calls import ReadOptions, Records
from clearher.variants.counts import Counts, read_counts
from clearher.variants.notes import Notes

SIDES = frozenset({"0|1", "1|0"})
WITHOUT_FREQUENCIES = frozenset({"chrM", "MT", "M", "chrMT"})


def assemble(
    records: Records,
    rows: np.ndarray,
    block: Block,
    caller: str,
    layout: Layout | None,
    options: ReadOptions,
    notes: Notes,
) -> dict[str, np.ndarray]:
    """Columns of all alternate alleles of a block, record by record and allele by allele.

    Malformed alleles are noted and left out; those that cannot be counted stay, with the reason in
    ``support``.
    """
    k = block.n_alts
    lines = records.lines[rows]
    counts = read_counts(block, count_sources(caller, block.keys, options.count_fields.get(caller, "")))
    _note_counts(counts, block, lines, notes)
    strands = strand_source(caller, block.keys)(block).reshape(-1, 4)
    alleles = [interpret(ref, alt) for ref, alts in zip(block.refs, block.alts, strict=True) for alt in alts]
    offset, refs, alts, classes, support, _ = zip(*alleles, strict=True)
    chroms = np.repeat(_objects(records.chroms)[rows], k)
    place = np.repeat(records.positions[rows], k) + np.array(offset, dtype=np.int64)
    annotations = _annotations(block, layout)
    told = dict(zip(Annotation._fields, zip(*annotations, strict=True), strict=True))
    part = {
        "line": np.repeat(lines, k),
        "chrom": chroms,
        "pos": place,
        "ref": _objects(refs),
        "alt": _objects(alts),
        "variant_class": _objects(classes),
        "support": _support(_objects(support), alleles, counts, place, np.repeat(lines, k), notes),
        "count_field": np.repeat(counts.field, k),
        "depth": np.repeat(counts.depth, k),
        "alt_count": counts.alt.reshape(-1),
        "ref_count": np.repeat(counts.ref, k),
        "caller_vaf": counts.vaf.reshape(-1),
        "base_quality": _base_quality(block, caller),
        "filter": np.repeat(_objects(records.filters)[rows], k),
        "population_af": _population(block, told["population_af"], chroms, options.population_fields),
        "copy_number": np.repeat(_copy_number(block), k),
        "phase": np.repeat(_phase(block), k),
        "marked_hotspot": np.repeat([text is not None for text in block.info["HOTSPOT"]], k),
        "remark": np.repeat(counts.remark, k),
    }
    for i, name in enumerate(("ref_forward", "ref_reverse", "alt_forward", "alt_reverse")):
        part[name] = strands[:, i]
    for name in ("gene", "transcript", "consequence", "hgvsc", "hgvsp"):
        part[name] = _objects(told[name])
    _note_annotations(told["remark"], part, notes)
    if options.reference is not None:
        _normalise(part, options.reference, notes)
    return _without_malformed(part, alleles, notes)


def _objects(values: Sequence) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def _support(
    support: np.ndarray,
    alleles: Sequence[Allele],
    counts: Counts,
    place: np.ndarray,
    lines: np.ndarray,
    notes: Notes,
) -> np.ndarray:
    """Why an allele cannot be counted; empty where it can. ``support`` is what its sequence says."""
    support[(support == "") & (place < 1)] = "telomere"
    for i in np.flatnonzero(support != ""):
        notes.add("allele_not_supported", int(lines[i]), f"{alleles[i].ref[:20]}>{alleles[i].alt[:40]}")
    k = counts.alt.shape[1]
    nothing = np.isnan(counts.alt.reshape(-1)) & np.isnan(counts.vaf.reshape(-1))
    silent = (support == "") & nothing & ~(np.repeat(counts.depth, k) == 0)
    support[silent] = "no_counts"
    for i in np.flatnonzero(silent):
        if not alleles[i].malformed:
            notes.add("no_counts", int(lines[i]), f"{alleles[i].ref[:20]}>{alleles[i].alt[:20]}")
    return support


def _note_counts(counts: Counts, block: Block, lines: np.ndarray, notes: Notes) -> None:
    for i in np.flatnonzero(counts.remark != ""):
        notes.add(counts.remark[i], int(lines[i]), f"{counts.field[i]}, depth {counts.depth[i]:.0f}")
    computed = (counts.field == "AF*DP") | (counts.field == "AF")
    if computed.any():
        for i in np.flatnonzero(computed):
            notes.add("fraction_not_counts", int(lines[i]), f"AF={block.texts('AF')[i]}")
    if "AD" in block.keys:
        for i in np.flatnonzero(computed | (counts.field == "")):
            text = block.texts("AD")[i]
            if text != "." and not set(text) <= {".", ","}:
                notes.add("allele_depth_length", int(lines[i]), f"AD={text} for {block.n_alts} ALT")


def _annotations(block: Block, layout: Layout | None) -> list[Annotation]:
    n = len(block) * block.n_alts
    if layout is None:
        return [NONE] * n
    texts, reader = block.info[layout.tag], annotation_reader(layout)
    if block.n_alts == 1:
        return [reader.of_only(text) if text and text != "." else NONE for text in texts]
    return [
        reader.of_one(text, ref, tuple(alts), i) if text and text != "." else NONE
        for text, ref, alts in zip(texts, block.refs, block.alts, strict=True)
        for i in range(block.n_alts)
    ]


def _note_annotations(remarks: Sequence[str], part: Mapping[str, np.ndarray], notes: Notes) -> None:
    if set(remarks) == {""}:
        return
    for i in [i for i, remark in enumerate(remarks) if remark]:
        notes.add(remarks[i], int(part["line"][i]), f"{part['chrom'][i]}:{part['pos'][i]}")


def _base_quality(block: Block, caller: str) -> np.ndarray:
    """Base quality of each alternate allele, from a list with the reference first or from one number."""
    result = np.full((len(block), block.n_alts), np.nan)
    for place in CALLERS[caller].quality:
        column, _, name = place.partition("/")
        if not (name in block.keys if column == "FORMAT" else any(block.info[name])):
            continue
        texts = block.texts(name) if column == "FORMAT" else block.info_texts(name)
        listed = number_matrix(texts, block.n_alts + 1)[:, 1:]
        single = number_matrix(texts, 1) if np.isnan(listed).any() else listed
        found = np.where(np.isnan(listed), single, listed)
        result = np.where(np.isnan(result), found, result)
    return result.reshape(-1)


def _population(
    block: Block, annotated: Sequence[float | None], chroms: np.ndarray, fields: tuple[str, ...]
) -> np.ndarray:
    """Highest stated frequency.

    Mutect2's POPAF (minus log10) is used where nothing else is stated; not on the mitochondrial genome, where
    Mutect2 writes a constant.
    """
    found = np.array(annotated, dtype=float)
    for name in fields:
        stated = number_matrix(block.info_texts(name), block.n_alts).reshape(-1)
        found = np.fmax(found, stated)
    if not any(block.info["POPAF"]):
        return found
    phred = number_matrix(block.info_texts("POPAF"), block.n_alts).reshape(-1)
    elsewhere = np.array([chrom not in WITHOUT_FREQUENCIES for chrom in chroms.tolist()])
    usable = np.isnan(found) & elsewhere
    return np.where(usable, 10.0**-phred, found)


def _copy_number(block: Block) -> np.ndarray:
    """Copy number of FORMAT/CN, else INFO/CN."""
    if "CN" not in block.keys and not any(block.info["CN"]):
        return np.full(len(block), np.nan)
    sample, site = number_matrix(block.texts("CN"), 1)[:, 0], number_matrix(block.info_texts("CN"), 1)[:, 0]
    return np.where(np.isnan(sample), site, sample)


def _phase(block: Block) -> np.ndarray:
    """Haplotype that carries the allele; empty where the caller names none or there are several alleles."""
    for group, side in (("PID", "PGT"), ("PS", "GT")):
        if block.n_alts == 1 and {group, side} <= set(block.keys):
            named = zip(block.texts(group), block.texts(side), strict=True)
            return _objects([f"{name}/{on}" if name != "." and on in SIDES else "" for name, on in named])
    return np.full(len(block), "", dtype=object)


def _normalise(part: dict[str, np.ndarray], reference: Reference, notes: Notes) -> None:
    """Compare REF with the reference and shift insertions and deletions to the left."""
    for i in np.flatnonzero((part["support"] == "") | (part["support"] == "no_counts")):
        chrom, pos, ref, alt = (part[name][i] for name in ("chrom", "pos", "ref", "alt"))
        expected = fetched(reference, chrom, int(pos), len(ref))
        if expected != ref:
            found = f"{chrom}:{pos} REF {ref[:20]}, reference {expected[:20] or 'without this place'}"
            notes.add("reference_mismatch", int(part["line"][i]), found)
        elif part["variant_class"][i] in ("INS", "DEL", "COMPLEX"):
            pos, ref, alt = left_align(chrom, int(pos), ref, alt, reference)
            part["pos"][i], part["ref"][i], part["alt"][i] = pos, ref, alt
            part["variant_class"][i] = variant_class(ref, alt)


def fetched(reference: Reference, chrom: str, pos: int, length: int) -> str:
    """Reference bases from a 1-based position; empty where the reference has no such place."""
    try:
        return reference.fetch(chrom, pos - 1, pos - 1 + length).upper()
    except (KeyError, ValueError):
        return ""


def _without_malformed(
    part: dict[str, np.ndarray], alleles: Sequence[Allele], notes: Notes
) -> dict[str, np.ndarray]:
    wrong = [i for i, allele in enumerate(alleles) if allele.malformed]
    if not wrong:
        return part
    for i in wrong:
        notes.add("allele_malformed", int(part["line"][i]), alleles[i].malformed)
    kept = np.setdiff1d(np.arange(len(alleles)), wrong)
    return {name: values[kept] for name, values in part.items()}
