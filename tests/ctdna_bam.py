"""Small BAM files written read by read, for tests of counting."""

from dataclasses import dataclass, field
from pathlib import Path

import pysam

#          0         10        20        30        40        50        60
GENOME = "ACGTACGGTCATTGCAAAAAACGTCCATGCCTGATCGGATCTTACGATCAGGCTAAGTCCGATT"
CONTIG = "chr1"


@dataclass
class Read:
    """One aligned read; start is 0-based, cigar empty: all aligned, "*": not given."""

    name: str
    start: int
    bases: str
    cigar: str = ""
    quality: int | list[int] = 35
    flag: int = 0
    mapping_quality: int = 60
    tags: dict = field(default_factory=dict)


def pair(name: str, start: int, bases: str, **same) -> list[Read]:
    """Two reads over the same stretch: read 1 forward, read 2 reverse."""
    return [Read(name, start, bases, flag=99, **same), Read(name, start, bases, flag=147, **same)]


def stretch(start: int, end: int, **changes: str) -> str:
    """Genome bases with single bases replaced, e.g. ``stretch(0, 20, p5="T")``."""
    bases = list(GENOME[start:end])
    for place, base in changes.items():
        bases[int(place[1:]) - start] = base
    return "".join(bases)


def write_bam(
    path: Path, reads: list[Read], *, samples: tuple[str, ...] = ("S1",), index: bool = True
) -> Path:
    """Write a sorted, indexed BAM; each sample is one read group named after it."""
    header = {
        "HD": {"VN": "1.6", "SO": "coordinate"},
        "SQ": [{"SN": CONTIG, "LN": len(GENOME)}],
        "RG": [{"ID": name, "SM": name} for name in samples],
    }
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for read in sorted(reads, key=lambda read: read.start):
            file.write(_record(read, file.header, samples[0]))
    if index:
        pysam.index(str(path))
    return path


def write_reference(path: Path) -> Path:
    path.write_text(f">{CONTIG}\n{GENOME}\n")
    pysam.faidx(str(path))
    return path


def _record(read: Read, header: pysam.AlignmentHeader, group: str) -> pysam.AlignedSegment:
    record = pysam.AlignedSegment(header)
    record.query_name, record.flag, record.reference_id = read.name, read.flag, 0
    record.reference_start, record.mapping_quality = read.start, read.mapping_quality
    record.query_sequence = read.bases
    record.cigarstring = None if read.cigar == "*" else read.cigar or f"{len(read.bases)}M"
    quality = [read.quality] * len(read.bases) if isinstance(read.quality, int) else read.quality
    record.query_qualities = pysam.qualitystring_to_array("".join(chr(33 + q) for q in quality))
    for tag, value in ({"RG": group} | read.tags).items():
        record.set_tag(tag, value)
    return record
