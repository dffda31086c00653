"""The manifest of a data cut: what went in, with which settings and code, and what came out."""

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from clearher.intake.digests import file_sha256

CONDA_TO_PIP = {"snakemake-minimal": "snakemake", "matplotlib-base": "matplotlib", "seaborn-base": "seaborn"}


def package_versions(environment: str | Path) -> dict[str, str]:
    """Installed versions of Python and of every package that environment.yml names.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        A named package is not installed.
    """
    lines = yaml.safe_load(Path(environment).read_text(encoding="utf-8"))["dependencies"]
    names = [re.split(r"[ <>=]", line, maxsplit=1)[0] for line in lines]
    installed = {name: version(CONDA_TO_PIP.get(name, name)) for name in names if name != "python"}
    return {"python": platform.python_version(), **installed}


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
    reads: Mapping[str, str],
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
    reads : Mapping of str to str
        Read files (BAM, CRAM) and their fingerprints by size, time and index.
    results : iterable of str
        Result files, recorded relative to ``results_folder``.
    code : str
        Digest of scripts, package and environment.
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
        "reads": [{"path": path, "fingerprint": reads[path]} for path in sorted(reads)],
        "results": file_records(results, relative_to=results_folder),
    }


def write_json(content: Mapping[str, Any], path: str | Path) -> None:
    """Write JSON in a fixed layout, whole or not at all."""
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    partial.write_text(text + "\n", encoding="utf-8")
    os.replace(partial, path)
