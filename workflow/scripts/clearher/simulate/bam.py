"""Read files of the small assay: paired consensus reads with the tags of fgbio, written as BAM.

Records are built as numpy arrays of fixed-size rows (SAM/BAM specification, section 4.2) and need no
sorting program. Tag names and meanings: fulcrumgenomics/fgbio ``umi/ConsensusTags.scala``.
"""

import struct
from dataclasses import dataclass
from functools import cache

import numpy as np
import pysam

from clearher.simulate.fragments import Layout
from clearher.simulate.panel import Site, panel
from clearher.simulate.sequencing import Library

READ_LENGTH = 100
INDEL_MARGIN = 14
CODES = {"A": 1, "C": 2, "G": 4, "T": 8}
SMALL_CONTIG_BIN = 4681
ERROR_RATES = {"C>A": 3e-5, "C>G": 0.8e-5, "C>T": 4e-5, "T>A": 0.8e-5, "T>C": 2.4e-5, "T>G": 1e-5}
CONFLICT_RATE = 1e-5
GOOD_QUALITY, POOR_QUALITY = 40, 14
DUPLEX_SHARE = 0.9
FLAGS = {(0, 0): 99, (1, 0): 147, (0, 1): 163, (1, 1): 83}
READ_GROUP = "A"


@dataclass
class Reads:
    """Reads of a library, first all left ones and then all right ones, in the order of the fragments.

    ``gap`` is the length of a deletion (negative: insertion) after column ``anchor``; 0: none.
    """

    fragment: np.ndarray
    contig: np.ndarray
    pos: np.ndarray
    gap: np.ndarray
    anchor: np.ndarray
    codes: np.ndarray
    quality: np.ndarray

    def columns(self, rows: np.ndarray, position: np.ndarray) -> np.ndarray:
        """Column of a 0-based reference position in each of these rows; outside 0-99 where not covered."""
        column = position - self.pos[rows]
        return np.where(column > self.anchor[rows], column - self.gap[rows], column)


def write_bam(path: str, library: Library) -> None:
    """Write a library's reads, sorted, with index; alternate fragments as many as the library counts."""
    random = np.random.Generator(np.random.PCG64(library.read_seed))
    carriers = _carriers(library, random)
    reads = _place(library.layout, carriers, random)
    for site, fragments in carriers:
        if not site.is_indel:
            _substitute(reads, site, fragments)
    _add_errors(reads, library, random)
    with pysam.BGZFile(path, "wb") as file:
        file.write(_header(library.tube.sample_id))
        file.write(_records(reads, library.layout, random))
    pysam.index(path)


def _carriers(library: Library, random: np.random.Generator) -> list[tuple[Site, np.ndarray]]:
    """Fragments that carry each variant, drawn from those that span it."""
    chosen = []
    for site, count in zip(library.sites, library.alt.tolist(), strict=True):
        spanning = library.layout.covering(site)
        if site.is_indel:
            spanning = spanning[_readable(library.layout, spanning, site)]
        picked = random.permutation(len(spanning))[:count]
        chosen.append((site, spanning[np.sort(picked)]))
    return chosen


def _readable(layout: Layout, fragments: np.ndarray, site: Site) -> np.ndarray:
    """Whether an insertion or deletion lies well inside each read that holds it, or outside."""
    left = site.pos - 1 - layout.start[fragments]
    right = left - layout.length[fragments] + READ_LENGTH
    inside_left = (left >= INDEL_MARGIN) & (left <= READ_LENGTH - INDEL_MARGIN)
    inside_right = (right >= INDEL_MARGIN) & (right <= READ_LENGTH - INDEL_MARGIN)
    left_fine = inside_left | (left >= READ_LENGTH)
    right_fine = inside_right | (right < -INDEL_MARGIN)
    return left_fine & right_fine & (inside_left | inside_right)


def _place(layout: Layout, carriers: list[tuple[Site, np.ndarray]], random: np.random.Generator) -> Reads:
    """Reads with reference bases, insertions and deletions in place."""
    n = len(layout.start)
    gap, anchor = np.zeros(n, dtype=np.int64), np.full(n, -(10**6))
    inserted: list[tuple[str, np.ndarray]] = []
    for site, fragments in carriers:
        if site.is_indel:
            gap[fragments] = len(site.ref) - len(site.alt)
            anchor[fragments] = site.pos - 1
            inserted.append((site.alt[1:], fragments))
    right = layout.start + layout.length - READ_LENGTH
    held_right = (gap != 0) & (anchor >= right)
    held_left = (gap != 0) & (anchor < layout.start + READ_LENGTH)
    pos = np.concatenate([layout.start, right - np.where(held_right, gap, 0)])
    held = np.concatenate([held_left, held_right])
    both_gap, both_anchor = np.tile(gap, 2), np.tile(anchor, 2)
    reads = Reads(
        fragment=np.tile(np.arange(n), 2),
        contig=np.tile(_contigs()[layout.target], 2),
        pos=pos,
        gap=np.where(held, both_gap, 0),
        anchor=np.where(held, both_anchor - pos, READ_LENGTH),
        codes=np.empty((2 * n, READ_LENGTH), dtype=np.uint8),
        quality=np.full((2 * n, READ_LENGTH), GOOD_QUALITY, dtype=np.uint8),
    )
    _fill_reference(reads)
    for bases, fragments in inserted:
        _fill_insertion(reads, bases, fragments)
    return reads


def _fill_reference(reads: Reads) -> None:
    codes, offsets = _reference_codes()
    begin = offsets[reads.contig] + reads.pos
    column = np.arange(READ_LENGTH)
    reads.codes[:] = codes[begin[:, None] + column]
    rows = np.flatnonzero(reads.gap)
    shift = np.where(column > reads.anchor[rows, None], reads.gap[rows, None], 0)
    reads.codes[rows] = codes[begin[rows, None] + column + shift]


def _fill_insertion(reads: Reads, bases: str, fragments: np.ndarray) -> None:
    rows = _rows_of(reads, fragments)
    rows = rows[reads.gap[rows] < 0]
    for order, base in enumerate(bases, 1):
        reads.codes[rows, reads.anchor[rows] + order] = CODES[base]


def _rows_of(reads: Reads, fragments: np.ndarray) -> np.ndarray:
    return np.concatenate([fragments, fragments + len(reads.fragment) // 2])


def _substitute(reads: Reads, site: Site, fragments: np.ndarray) -> None:
    rows = _rows_of(reads, fragments)
    for order, base in enumerate(site.alt):
        column = reads.columns(rows, np.int64(site.pos - 1 + order))
        seen = (column >= 0) & (column < READ_LENGTH)
        reads.codes[rows[seen], column[seen]] = CODES[base]


def _add_errors(reads: Reads, library: Library, random: np.random.Generator) -> None:
    """Errors of the molecule, seen by both reads, and rarer ones of one read with poor quality."""
    layout = library.layout
    targets = np.array(list(ERROR_RATES.values())).reshape(2, 3)
    n = int(random.poisson(3 * targets.mean() * 1.3 * layout.length.sum()))
    fragment = random.integers(0, len(layout.start), n)
    position = layout.start[fragment] + (random.random(n) * layout.length[fragment]).astype(np.int64)
    codes, offsets = _reference_codes()
    base = codes[offsets[_contigs()[layout.target[fragment]]] + position]
    class_rates, alternatives = _error_tables()
    chance = class_rates[base].sum(axis=1) / (3 * targets.mean() * 1.3)
    kept = (random.random(n) < chance) & ~_near_site(library, layout.target[fragment], position)
    cumulative = class_rates[base].cumsum(axis=1)
    pick = (random.random(n)[:, None] * cumulative[:, -1:] > cumulative).sum(axis=1)
    alternative = alternatives[base, np.minimum(pick, 2)]
    single = random.random(n) < CONFLICT_RATE / (CONFLICT_RATE + 3 * targets.mean())
    for side in (0, 1):
        use = np.flatnonzero(kept & ~(single & (side == 1)))
        rows = fragment[use] + side * len(layout.start)
        column = reads.columns(rows, position[use])
        seen = (column >= 0) & (column < READ_LENGTH)
        reads.codes[rows[seen], column[seen]] = alternative[use][seen]
        reads.quality[rows[seen], column[seen]] = np.where(single[use][seen], POOR_QUALITY, GOOD_QUALITY)


def _near_site(library: Library, target: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Positions whose counts the library fixes."""
    taken = {
        site.target * 10**6 + site.pos - 1 + shift
        for site in library.sites
        for shift in range(-1, len(site.ref) + 1)
    }
    return np.isin(target * 10**6 + position, np.array(sorted(taken)))


def _header(sample_id: str) -> bytes:
    contigs = [(chrom, len(sequence)) for chrom, sequence in panel().reference.items()]
    text = "@HD\tVN:1.6\tSO:coordinate\n"
    text += "".join(f"@SQ\tSN:{chrom}\tLN:{length}\n" for chrom, length in contigs)
    text += f"@RG\tID:{READ_GROUP}\tSM:{sample_id}\tLB:{sample_id}\tPL:ILLUMINA\n"
    parts = [b"BAM\x01", struct.pack("<i", len(text)), text.encode(), struct.pack("<i", len(contigs))]
    for chrom, length in contigs:
        name = chrom.encode() + b"\0"
        parts.append(struct.pack("<i", len(name)) + name + struct.pack("<i", length))
    return b"".join(parts)


def _records(reads: Reads, layout: Layout, random: np.random.Generator) -> bytes:
    """All records as bytes in order of contig and position."""
    tags = _consensus_tags(len(layout.start), random)
    swapped = random.random(len(layout.start)) < 0.5
    order = np.lexsort((reads.pos, reads.contig))
    plain = order[reads.gap[order] == 0]
    gapped = order[reads.gap[order] != 0]
    blob = _rows(reads, layout, plain, swapped, tags, operations=1).tobytes()
    if not len(gapped):
        return blob
    rows = _rows(reads, layout, gapped, swapped, tags, operations=3)
    place = reads.contig * 10**6 + reads.pos
    before = np.searchsorted(place[plain], place[gapped], side="right").tolist()
    size = len(blob) // len(plain)
    parts, done = [], 0
    for row, n in zip(rows, before, strict=True):
        parts += [blob[done * size : n * size], row.tobytes()]
        done = n
    return b"".join([*parts, blob[done * size :]])


def _rows(
    reads: Reads, layout: Layout, rows: np.ndarray, swapped: np.ndarray, tags: dict, *, operations: int
) -> np.ndarray:
    """BAM records of reads with this number of alignment operations."""
    n = len(reads.fragment) // 2
    fragment = reads.fragment[rows]
    side = (rows >= n).astype(np.int64)
    record = np.zeros(len(rows), dtype=_record_type(operations))
    record["block_size"] = record.dtype.itemsize - 4
    record["contig"] = record["next_contig"] = reads.contig[rows]
    record["pos"] = reads.pos[rows]
    record["next_pos"] = reads.pos[np.where(side == 0, rows + n, rows - n)]
    record["name_length"] = 9
    record["mapq"] = 60
    record["bin"] = SMALL_CONTIG_BIN
    record["operations"] = operations
    flags = np.array([[FLAGS[s, f] for f in (0, 1)] for s in (0, 1)])
    record["flag"] = flags[side, swapped[fragment].astype(np.int64)]
    record["length"] = READ_LENGTH
    record["template"] = np.where(side == 0, 1, -1) * layout.length[fragment]
    record["name"] = np.char.add("M", np.char.zfill(fragment.astype("U7"), 7)).astype("S9")
    record["cigar"] = _cigars(reads, rows, operations)
    codes = reads.codes[rows]
    record["seq"] = (codes[:, 0::2] << 4) | codes[:, 1::2]
    record["qual"] = reads.quality[rows]
    for name, values in tags.items():
        record[name] = values[fragment] if isinstance(values, np.ndarray) else values
    return record


def _cigars(reads: Reads, rows: np.ndarray, operations: int) -> np.ndarray:
    """Alignment operations: 100M, or M D M, or M I M (length << 4 | code; M 0, I 1, D 2)."""
    if operations == 1:
        return np.full((len(rows), 1), READ_LENGTH << 4)
    first = reads.anchor[rows] + 1
    gap = reads.gap[rows]
    middle = np.where(gap > 0, gap << 4 | 2, -gap << 4 | 1)
    last = READ_LENGTH - first - np.maximum(-gap, 0)
    return np.stack([first << 4, middle, last << 4], axis=1)


def _consensus_tags(n: int, random: np.random.Generator) -> dict[str, np.ndarray | bytes]:
    """Tag names, types and values of each fragment: depth, minimum depth and error rate of the strands."""
    depth = {"a": random.integers(1, 9, n), "b": random.integers(1, 9, n)}
    depth["b"] = np.where(random.random(n) < DUPLEX_SHARE, depth["b"], 0)
    depth["c"] = depth["a"] + depth["b"]
    numbers = np.arange(n)
    letters = np.array(list("ACGT"))
    umi = np.array(["".join(letters[(i >> (2 * s)) & 3] for s in range(5)) for i in range(1024)])
    first, second = random.integers(0, 1024, n), random.integers(0, 1024, n)
    tags: dict[str, np.ndarray | bytes] = {
        "MI_key": b"MIZ",
        "MI": np.char.zfill(numbers.astype("U7"), 7).astype("S8"),
        "RX_key": b"RXZ",
        "RX": np.char.add(np.char.add(umi[first], "-"), umi[second]).astype("S12"),
        "RG_key": b"RGZ",
        "RG": READ_GROUP.encode(),
    }
    for strand in "abc":
        minimum = np.maximum(depth[strand] - 1, np.minimum(depth[strand], 1))
        rate = np.where(random.random(n) < 0.1, 0.01, 0.0).astype(np.float32)
        for letter, values in (("D", depth[strand]), ("M", minimum), ("E", rate)):
            tags[f"{strand}{letter}_key"] = f"{strand}{letter}{'f' if letter == 'E' else 'C'}".encode()
            tags[f"{strand}{letter}"] = values
    return tags


@cache
def _record_type(operations: int) -> np.dtype:
    fields = [
        ("block_size", "<i4"), ("contig", "<i4"), ("pos", "<i4"), ("name_length", "u1"), ("mapq", "u1"),
        ("bin", "<u2"), ("operations", "<u2"), ("flag", "<u2"), ("length", "<i4"), ("next_contig", "<i4"),
        ("next_pos", "<i4"), ("template", "<i4"), ("name", "S9"), ("cigar", "<u4", (operations,)),
        ("seq", "u1", (READ_LENGTH // 2,)), ("qual", "u1", (READ_LENGTH,)),
        ("MI_key", "S3"), ("MI", "S8"), ("RX_key", "S3"), ("RX", "S12"), ("RG_key", "S3"), ("RG", "S2"),
    ]  # fmt: skip
    for strand in "abc":
        for letter in "DME":
            fields += [(f"{strand}{letter}_key", "S3")]
            fields += [(f"{strand}{letter}", "<f4" if letter == "E" else "u1")]
    return np.dtype(fields)


@cache
def _reference_codes() -> tuple[np.ndarray, np.ndarray]:
    """Four-bit base codes of all contigs one after the other, and where each contig starts."""
    sequences = list(panel().reference.values())
    joined = np.frombuffer(b"".join(sequences), dtype=np.uint8)
    table = np.zeros(256, dtype=np.uint8)
    for base, code in CODES.items():
        table[ord(base)] = code
    return table[joined], np.concatenate([[0], np.cumsum([len(s) for s in sequences])[:-1]])


@cache
def _contigs() -> np.ndarray:
    """Index of the contig of each target."""
    names = list(panel().reference)
    return np.array([names.index(region[0]) for region in panel().regions])


@cache
def _error_tables() -> tuple[np.ndarray, np.ndarray]:
    """Rate of each of three errors by code of the reference base, and the code it turns into."""
    complement = {"A": "T", "C": "G", "G": "C", "T": "A"}
    rates, alternatives = np.zeros((16, 3)), np.ones((16, 3), dtype=np.uint8)
    for base, code in CODES.items():
        others = [other for other in "ACGT" if other != base]
        for order, other in enumerate(others):
            name = f"{base}>{other}" if base in "CT" else f"{complement[base]}>{complement[other]}"
            rates[code, order] = ERROR_RATES[name]
            alternatives[code, order] = CODES[other]
    return rates, alternatives
