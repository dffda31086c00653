"""The manifest of a data cut: what went in, with which settings and code, and what came out."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from clearher.intake.digests import DigestCache, file_sha256
from clearher.intake.samples import read_index
from clearher.intake.versions import package_versions
from clearher.problems import Problem

MANIFEST = "manifest.json"


def file_records(paths: Iterable[str], *, relative_to: str | Path = ".") -> list[dict[str, Any]]:
    """Path, size and sha256 of files, sorted by path."""
    records = [
        {
            "path": Path(os.path.relpath(path, relative_to)).as_posix(),
            "bytes": os.path.getsize(path),
            "sha256": file_sha256(path),
        }
        for path in sorted(set(paths))
    ]
    return sorted(records, key=lambda record: record["path"])


def manifest(
    *,
    config: Mapping[str, Any],
    inputs: Iterable[str],
    reads: Sequence[Mapping[str, str]],
    samples: Mapping[str, Mapping[str, str]],
    context: Mapping[str, str],
    results: Iterable[str],
    results_folder: str | Path,
    code: str,
    environment: str | Path,
) -> dict[str, Any]:
    """Everything that makes a cut's results what they are.

    Parameters
    ----------
    config : Mapping
        Complete configuration.
    inputs : iterable of str
        Input files other than reads; recorded with their sha256.
    reads : sequence of Mapping
        Read files (BAM, CRAM): path, index, and digest of size and index.
    samples : Mapping
        Digests of each sample's files by sample and kind, wherever the files lie.
    context : Mapping of str to str
        Content digests of inputs that are no subject's records, such as the panel.
    results : iterable of str
        Result files, recorded relative to ``results_folder``.
    code : str
        Digest of everything of the workflow that shapes results.
    environment : str or Path
        environment.yml, whose packages are listed with their installed versions.

    Notes
    -----
    No time, user or machine is recorded: the same cut gives the same bytes.
    """
    return {
        "study": config["study"],
        "data_cut": config["data_cut"],
        "code": code,
        "versions": package_versions(environment),
        "config": config,
        "inputs": file_records(inputs),
        "reads": sorted(reads, key=lambda record: record["path"]),
        "samples": samples,
        "context": context,
        "results": file_records(results, relative_to=results_folder),
    }


def changed_since(
    seen: Mapping[str, Mapping[str, str]], inputs: Iterable[Mapping[str, Any]], memory: str | Path
) -> list[Problem]:
    """Input files that are not what they were when the run began.

    Parameters
    ----------
    seen : Mapping
        As of :attr:`clearher.intake.study.Study.seen`.
    inputs : iterable of Mapping
        Records of input files as they are now (:func:`file_records`).
    memory : str or Path
        File of known digests, for the indexes of read files.
    """
    now = {record["path"]: record["sha256"] for record in inputs}
    changed = [
        path for path, digest in seen["files"].items() if not now.get(path, "missing").startswith(digest)
    ]
    digests = DigestCache(memory)
    changed += [
        path
        for path, fingerprint in seen["reads"].items()
        if digests.fingerprint(path, read_index(path)) != fingerprint
    ]
    return [
        Problem(
            "input_changed",
            "other content than when this run began",
            "files that stay as they are while a run reads them",
            "Results may mix the two: give the same command again, and what read the file runs anew.",
            file=path,
        )
        for path in sorted(changed)
    ]
