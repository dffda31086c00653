"""Files for the comparison with peers: a deep read file with its reference, and variant files of any size."""

import struct
from pathlib import Path

import numpy as np
import pysam

from clearher.simulate.panel import panel
from clearher.simulate.vcf import MUTECT2_HEADER, _shared_header

READ = 100
SPACING = 1000
CODES = np.array([1, 2, 4, 8], dtype=np.uint8)
OTHER_BASE = {"A": "C", "C": "T", "G": "A", "T": "G"}
QUALITIES = np.array([12, 20, 25, 30, 37, 37, 37, 40], dtype=np.uint8)
RECORD = np.dtype(
    [
        ("block_size", "<i4"), ("contig", "<i4"), ("pos", "<i4"), ("name_length", "u1"), ("mapq", "u1"),
        ("bin", "<u2"), ("operations", "<u2"), ("flag", "<u2"), ("length", "<i4"), ("next_contig", "<i4"),
        ("next_pos", "<i4"), ("template", "<i4"), ("name", "S33"), ("cigar", "<u4"),
        ("seq", "u1", (READ // 2,)), ("qual", "u1", (READ,)),
    ]
)  # fmt: skip


def write_deep_reads(folder: Path, sites: int, depth: int) -> None:
    """reads.bam, reference.fa and sites.vcf: paired reads over SNV sites, overlapping, with errors.

    0.2 % of the fragments carry the variant; 1 base in 1,000 is wrong in one read alone, so that reads of a
    fragment disagree.
    """
    random = np.random.default_rng(1)
    length = (sites + 2) * SPACING
    bases = random.integers(0, 4, length)
    letters = np.array(list("ACGT"))[bases]
    places = SPACING * np.arange(1, sites + 1)
    _write_reference(folder, "".join(letters))
    _write_sites(
        folder / "sites.vcf", [("chr1", int(p) + 1, letters[p], OTHER_BASE[letters[p]]) for p in places]
    )
    header = f"@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:{length}\n@RG\tID:a\tSM:deep\n"
    with pysam.BGZFile(str(folder / "reads.bam"), "wb") as file:
        file.write(b"BAM\x01" + struct.pack("<i", len(header)) + header.encode() + struct.pack("<i", 1))
        file.write(struct.pack("<i", 5) + b"chr1\0" + struct.pack("<i", length))
        for number, place in enumerate(places):
            alternate = "ACGT".index(OTHER_BASE[letters[place]])
            file.write(_reads_over(int(place), number, alternate, bases, depth, random).tobytes())
    pysam.index(str(folder / "reads.bam"))


def _reads_over(
    place: int, number: int, alternate: int, bases: np.ndarray, depth: int, random: np.random.Generator
) -> np.ndarray:
    start = place - random.integers(0, 167, depth)
    size = random.integers(140, 200, depth)
    first = np.stack([start, start + size - READ])
    position = first[:, :, None] + np.arange(READ)
    read = bases[position]
    mutated = random.random(depth) < 0.002
    read = np.where((position == place) & mutated[None, :, None], alternate, read)
    wrong = random.random(read.shape) < 0.001
    read = np.where(wrong, random.integers(0, 4, read.shape), read)
    codes = CODES[read].reshape(-1, READ)
    rows = np.zeros(2 * depth, dtype=RECORD)
    rows["block_size"] = RECORD.itemsize - 4
    rows["pos"], rows["next_pos"] = first.reshape(-1), first[::-1].reshape(-1)
    rows["name_length"], rows["mapq"], rows["operations"], rows["length"] = 33, 60, 1, READ
    rows["flag"] = np.repeat([99, 147], depth)
    rows["template"] = np.concatenate([size, -size])
    names = [f"M00001:1:FLOWCELL:{number:04d}:{i:010d}" for i in range(depth)]
    rows["name"] = np.tile(np.array(names, dtype="S33"), 2)
    rows["cigar"] = READ << 4
    rows["bin"] = [_bin(p, p + READ) for p in rows["pos"].tolist()]
    rows["seq"] = (codes[:, 0::2] << 4) | codes[:, 1::2]
    rows["qual"] = random.choice(QUALITIES, (2 * depth, READ))
    return rows[np.argsort(rows["pos"], kind="stable")]


def _bin(start: int, end: int) -> int:
    """Bin of an alignment (SAM specification, section 5.3), for places below 2^26."""
    return 4681 + (start >> 14) if start >> 14 == (end - 1) >> 14 else 585 + (start >> 17)


def _write_reference(folder: Path, sequence: str) -> None:
    lines = "\n".join(sequence[i : i + 60] for i in range(0, len(sequence), 60))
    (folder / "reference.fa").write_text(f">chr1\n{lines}\n")
    pysam.faidx(str(folder / "reference.fa"))


def _write_sites(path: Path, rows: list[tuple[str, int, str, str]]) -> None:
    lines = [f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\n" for chrom, pos, ref, alt in rows]
    contigs = "".join(f"##contig=<ID={name}>\n" for name in sorted({row[0] for row in rows}))
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path.write_text(f"##fileformat=VCFv4.2\n{contigs}{columns}{''.join(lines)}")


def write_site_list(path: Path, rows: list[tuple[str, int, str, str]]) -> None:
    """Sites (chrom, pos, ref, alt) as a VCF without samples."""
    _write_sites(path, rows)


def write_variant_files(folder: Path, records: int, files: int, visits: int = 5) -> list[Path]:
    """Mutect2 files with VEP annotation: every ``visits`` files are of one subject and share their sites.

    Every site of a subject has an annotation of its own, of one to three transcripts.
    """
    paths = []
    for number in range(files):
        name = f"S{number // visits:03d}V{number % visits}"
        sites = _subject_sites(np.random.default_rng([records, number // visits]), records)
        random = np.random.default_rng([records, number, 7])
        lines = "".join(_record(site, random) for site in sites)
        path = folder / f"{name}.{records}.vcf.gz"
        with pysam.BGZFile(str(path), "wb") as file:
            file.write((_variant_header(name) + lines).encode())
        paths.append(path)
    return paths


def _variant_header(sample: str) -> str:
    source = f"##source=Mutect2\n##tumor_sample={sample}\n"
    columns = f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample}\n"
    return f"##fileformat=VCFv4.2\n{source}{MUTECT2_HEADER}{_shared_header()}{columns}"


def _subject_sites(random: np.random.Generator, records: int) -> list[tuple]:
    known = panel().sites
    position = 7_000_000 + 13 * np.sort(random.choice(20 * records, records, replace=False))
    names = np.array(["PASS", "weak_evidence", "strand_bias;weak_evidence", "germline"])
    filters = names[random.choice(4, records, p=[0.4, 0.4, 0.1, 0.1])]
    sites = []
    for pos, name, pick in zip(
        position.tolist(), filters, random.integers(0, len(known), records), strict=True
    ):
        site = known[pick]
        csq = site.csq.replace(":c.", f":c.{pos}").replace("ENST00000", f"ENST{pos % 99991:05d}")
        sites.append((pos, site.ref, site.alt, name, csq))
    return sites


def _record(site: tuple, random: np.random.Generator) -> str:
    pos, ref_base, alt_base, name, csq = site
    depth = int(random.poisson(3000))
    alt = int(random.binomial(depth, 0.01)) if random.random() < 0.3 else int(random.integers(0, 6))
    ref = depth - alt
    forward, ref_forward, f1r2, ref_f1r2 = random.binomial([alt, ref, alt, ref], 0.5).tolist()
    return (
        f"chr17\t{pos}\t.\t{ref_base}\t{alt_base}\t.\t{name}\t"
        f"AS_SB_TABLE={ref_forward},{ref - ref_forward}|{forward},{alt - forward};DP={depth + depth // 50};"
        f"ECNT=1;GERMQ=93;MBQ=40,40;MMQ=60,60;MPOS=31;POPAF=7.30;TLOD={1.1 * alt:.2f};CSQ={csq}\t"
        f"GT:AD:AF:DP:F1R2:F2R1:SB\t0/1:{ref},{alt}:{(alt + 0.9) / (depth + 1.8):.3e}:{depth}:"
        f"{ref_f1r2},{f1r2}:{ref - ref_f1r2},{alt - f1r2}:"
        f"{ref_forward},{ref - ref_forward},{forward},{alt - forward}\n"
    )
