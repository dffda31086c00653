"""Read files: opening them with all that can be wrong with them, and which of their reads count."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pysam

from clearher.intake.read_files import opened, read_problems
from clearher.problems import InputError, Problem, raise_if_errors

UNUSABLE = pysam.FUNMAP | pysam.FSECONDARY | pysam.FQCFAIL | pysam.FDUP | pysam.FSUPPLEMENTARY
TAGGED_READS_TO_TRY = 1000


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
        with opened(Path(path), reference) as reads:
            yield reads
    except OSError as error:
        # Closing a file after an error fails in turn; what came first tells more.
        found = str(error.__context__ or error)
        expected = "a whole BAM or CRAM with its own index"
        remedy = "Copy the file again from its source, with its index (and the reference, if it is a CRAM)."
        problem = Problem("read_file_broken", found, expected, remedy, file=str(path), sample_id=sample_id)
        raise InputError([problem]) from error


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
