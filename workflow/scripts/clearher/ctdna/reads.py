"""Read files: opening them with all that can be wrong with them, and which of their reads count."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysam

from clearher.intake.samples import read_index
from clearher.problems import InputError, Problem, raise_if_errors

UNUSABLE = pysam.FUNMAP | pysam.FSECONDARY | pysam.FQCFAIL | pysam.FDUP | pysam.FSUPPLEMENTARY
INDEX_SUFFIXES = {".bam": (".bai", ".csi"), ".cram": (".crai",)}
TAGGED_READS_TO_TRY = 1000


def read_problems(
    path: str | Path, *, sample_id: str, several_samples: str = "error", reference: str | Path | None = None
) -> list[Problem]:
    """All that is wrong with a read file, before a read of it is counted.

    Checks: file and index exist, the index is not older than the file, it is a BAM or CRAM that is whole,
    sorted by coordinate, a reference is given for a CRAM, and its read groups name one sample.

    Parameters
    ----------
    path : str or Path
        BAM or CRAM.
    sample_id : str
        Sample the file belongs to, named in each problem.
    several_samples : str
        Severity (error or warning) where read groups name more than one sample (SM).
    reference : str or Path, optional
        FASTA, needed for CRAM.

    Returns
    -------
    list of Problem
        Empty when the file is good. Read groups without SM are a finding of severity info.
    """
    path = Path(path)
    place = {"file": str(path), "sample_id": sample_id}
    if not path.is_file():
        return [
            Problem("read_file_missing", "no such file", "a BAM or CRAM file", "Correct the path.", **place)
        ]
    if path.suffix not in INDEX_SUFFIXES:
        return [
            Problem(
                "read_file_type", f"suffix {path.suffix!r}", ".bam or .cram", "Give a BAM or CRAM.", **place
            )
        ]
    if path.suffix == ".cram" and not reference:
        return [
            Problem(
                "reference_missing",
                "a CRAM and no reference",
                "the FASTA the CRAM was made with",
                "Set inputs.reference_fasta.",
                **place,
            )
        ]
    return _index_problems(path, place) + _content_problems(path, place, several_samples, reference)


def _index_problems(path: Path, place: Mapping[str, str]) -> list[Problem]:
    index = read_index(path)
    if index is None:
        expected = " or ".join(path.name + suffix for suffix in INDEX_SUFFIXES[path.suffix])
        remedy = f"Run: samtools index {path.name}"
        return [Problem("index_missing", "no index", expected, remedy, **place)]
    if index.stat().st_mtime_ns < path.stat().st_mtime_ns:
        remedy = "Make sure the index belongs to this file, or index it again."
        found = f"index {index.name} older than the file"
        return [Problem("index_old", found, "a newer index", remedy, severity="warning", **place)]
    return []


def _content_problems(
    path: Path, place: Mapping[str, str], several_samples: str, reference: str | Path | None
) -> list[Problem]:
    try:
        with _opened(path, reference) as reads:
            header, has_index = reads.header.to_dict(), reads.has_index()
    except (OSError, ValueError) as error:
        remedy = "Copy the file again from its source; it is empty, cut short or not a BAM or CRAM."
        return [Problem("read_file_broken", str(error), "a whole BAM or CRAM", remedy, **place)]
    order = header.get("HD", {}).get("SO", "unknown")
    problems = []
    if not has_index and read_index(path):
        found, remedy = "an index that cannot be read", f"Run: samtools index {path.name}"
        problems.append(Problem("index_broken", found, "the file's own index", remedy, **place))
    if order == "unsorted" or order == "queryname":
        remedy = f"Run: samtools sort and samtools index on {path.name}"
        problems.append(Problem("read_order", f"sort order {order}", "coordinate", remedy, **place))
    return problems + _read_group_problems(header, place, several_samples)


def _read_group_problems(
    header: Mapping[str, Any], place: Mapping[str, str], several_samples: str
) -> list[Problem]:
    groups = header.get("RG", [])
    names = sorted({group["SM"] for group in groups if "SM" in group})
    problems = []
    if len(names) > 1:
        remedy = "Split the file by read group, or correct SM: its reads would be pooled."
        found = f"read groups of {len(names)} samples ({', '.join(names)})"
        problems.append(
            Problem("several_samples", found, "one sample a file", remedy, severity=several_samples, **place)
        )
    if any("SM" not in group for group in groups):
        remedy = "Nothing is lost; the sample sheet says whose reads these are."
        problems.append(
            Problem("no_sample_name", "read groups without SM", "SM in @RG", remedy, severity="info", **place)
        )
    return problems


@contextmanager
def open_reads(
    path: str | Path, *, sample_id: str, several_samples: str = "error", reference: str | Path | None = None
) -> Iterator[pysam.AlignmentFile]:
    """Open a BAM or CRAM after :func:`read_problems`; what breaks while reading is an InputError too.

    Raises
    ------
    InputError
        Any problem of severity error.
    """
    raise_if_errors(
        read_problems(path, sample_id=sample_id, several_samples=several_samples, reference=reference)
    )
    try:
        with _opened(Path(path), reference) as reads:
            yield reads
    except OSError as error:
        # Closing a file after an error fails in turn; what came first tells more.
        found = str(error.__context__ or error)
        expected = "a whole BAM or CRAM with its own index"
        remedy = "Copy the file again from its source, with its index (and the reference, if it is a CRAM)."
        problem = Problem("read_file_broken", found, expected, remedy, file=str(path), sample_id=sample_id)
        raise InputError([problem]) from error


def _opened(path: Path, reference: str | Path | None) -> pysam.AlignmentFile:
    before = pysam.set_verbosity(0)
    try:
        return pysam.AlignmentFile(str(path), reference_filename=str(reference) if reference else None)
    finally:
        pysam.set_verbosity(before)


def read_filter(
    *,
    min_mapping_quality: int,
    consensus: str = "any",
    min_family_depth: int = 1,
    read_groups: frozenset[str] | None = None,
) -> Callable[[pysam.AlignedSegment], bool]:
    """Which reads count, as a function of a read.

    Unmapped, secondary, supplementary, duplicate and QC-failed reads never count.

    Parameters
    ----------
    min_mapping_quality : int
        Lowest mapping quality.
    consensus : str
        "any"; "simplex": at least one strand family has reads at every base (tag aM or bM above 0, or a
        consensus without strand tags, cD); "duplex": both have (aM and bM above 0).
    min_family_depth : int
        Lowest cD; above 1, reads without the tag do not count.
    read_groups : frozenset of str, optional
        Read groups that count; None: all.

    References
    ----------
    fulcrumgenomics/fgbio, umi/ConsensusTags.scala (meaning of cD, aM, bM).
    """
    further = []
    if consensus == "duplex":
        further.append(is_duplex)
    if consensus == "simplex":
        further.append(is_consensus)
    if min_family_depth > 1:
        further.append(lambda read: read.has_tag("cD") and read.get_tag("cD") >= min_family_depth)
    if read_groups is not None:
        further.append(lambda read: read.has_tag("RG") and read.get_tag("RG") in read_groups)

    def usable(read: pysam.AlignedSegment) -> bool:
        return (
            not read.flag & UNUSABLE and read.mapping_quality >= min_mapping_quality and read.query_length > 0
        )

    if not further:
        return usable
    return lambda read: usable(read) and all(condition(read) for condition in further)


def is_duplex(read: pysam.AlignedSegment) -> bool:
    """Whether both strand families stand behind every base of a consensus read (tags aM and bM above 0)."""
    return read.has_tag("aM") and read.has_tag("bM") and read.get_tag("aM") > 0 and read.get_tag("bM") > 0


def is_consensus(read: pysam.AlignedSegment) -> bool:
    """Whether at least one strand family stands behind every base of a consensus read."""
    if read.has_tag("aM") or read.has_tag("bM"):
        strands = [read.get_tag(tag) for tag in ("aM", "bM") if read.has_tag(tag)]
        return max(strands) > 0
    return read.has_tag("cD") and read.get_tag("cD") > 0


def groups_of_sample(reads: pysam.AlignmentFile, sample: str) -> frozenset[str]:
    """Read groups whose SM is the sample."""
    groups = reads.header.to_dict().get("RG", [])
    return frozenset(group["ID"] for group in groups if group.get("SM") == sample)


def consensus_tag_problems(reads: pysam.AlignmentFile, *, sample_id: str) -> list[Problem]:
    """A problem where UMI thresholds are set and none of the first reads carries a consensus tag."""
    for number, read in enumerate(reads.fetch(until_eof=False)):
        if read.has_tag("cD") or read.has_tag("aM"):
            return []
        if number >= TAGGED_READS_TO_TRY:
            break
    return [
        Problem(
            "consensus_tags_missing",
            "reads without the tags cD, aM, bM",
            "UMI consensus reads as fgbio writes them",
            "Set ctdna.counting.consensus to any and min_family_depth to 1, or give consensus reads.",
            file=reads.filename.decode(),
            sample_id=sample_id,
        )
    ]


def contig_in(reads: pysam.AlignmentFile, chrom: str) -> str:
    """The file's name of a chromosome, with or without "chr"; empty where it has none."""
    other = chrom.removeprefix("chr") if chrom.startswith("chr") else "chr" + chrom
    known = set(reads.references)
    return next((name for name in (chrom, other) if name in known), "")
