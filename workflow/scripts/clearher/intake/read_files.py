"""What can be wrong with a BAM or CRAM file, found from its header, its end and its index alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pysam

from clearher.intake.samples import read_index
from clearher.problems import Problem

INDEX_SUFFIXES = {".bam": (".bai", ".csi"), ".cram": (".crai",)}
CRAM_END = b"EOF"
CRAM_END_SIZE = 38


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
        _check_cram_end(path)
        with opened(path, reference) as reads:
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


def _check_cram_end(path: Path) -> None:
    """A BAM without its end is refused when it is opened; a CRAM must have its end container."""
    with open(path, "rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - CRAM_END_SIZE))
        if path.suffix == ".cram" and CRAM_END not in stream.read():
            raise ValueError("no end container; the file may be truncated")


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


def opened(path: Path, reference: str | Path | None) -> pysam.AlignmentFile:
    """Open a BAM or CRAM quietly."""
    before = pysam.set_verbosity(0)
    try:
        return pysam.AlignmentFile(str(path), reference_filename=str(reference) if reference else None)
    finally:
        pysam.set_verbosity(before)
