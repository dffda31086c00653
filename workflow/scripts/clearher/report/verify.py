"""Compare a cut's results folder with its manifest: ``python -m clearher.report.verify results/CUT``.

Exit code 0 when results, inputs, code and software are what the manifest records, 1 otherwise.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from clearher.intake.code_digest import digest_of_clone
from clearher.intake.config import changed_keys
from clearher.intake.digests import DigestCache, file_sha256
from clearher.intake.frozen import FROZEN, read_frozen
from clearher.intake.versions import package_versions
from clearher.problems import InputError, Problem
from clearher.report.files import read_json
from clearher.report.manifest import MANIFEST

CLONE = Path(__file__).resolve().parents[4]
SHOWN = 20
RERUN = "Run the workflow anew for it with --forcerun, or restore the file."
INPUT = "Restore the input, or run the workflow so that the results follow it."
CODE = "Use the code and software that made the results, or run the workflow anew."


def differences(folder: str | Path, *, clone: str | Path = CLONE) -> list[Problem]:
    """Everything in which a finished cut differs from its manifest, and from its frozen record if it has one.

    Parameters
    ----------
    folder : str or Path
        The cut's results folder; inputs are looked up from two folders above, where the workflow ran.
    clone : str or Path
        The workflow's own files.

    Returns
    -------
    list of Problem
        Changed and missing results, inputs and read files, code and package versions; empty when all agree.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        remedy = "Name the results folder of a finished cut (results/CUT)."
        return [Problem("manifest_missing", "no manifest.json", "one", remedy, file=str(folder))]
    recorded = read_json(folder / MANIFEST)
    working = working_folder(folder)
    problems = [
        *_file_differences(recorded["results"], folder, RERUN),
        *_file_differences(recorded["inputs"], working, INPUT),
        *_software_differences(recorded, Path(clone)),
    ]
    if not (folder / FROZEN).is_file():
        return [*problems, *_read_differences(recorded["reads"], working)]
    frozen = read_frozen(folder / FROZEN)
    problems += _file_differences(frozen["results"], folder, "The cut is frozen: restore the result.")
    problems += _file_differences(frozen["inputs"], working, "The cut is frozen: restore the input.")
    return list({(problem.file, problem.found): problem for problem in problems}.values())


def working_folder(folder: str | Path) -> Path:
    """Folder the workflow ran in, from which a manifest's input paths start: two above ``results/CUT``."""
    return Path(os.path.abspath(folder)).parents[1]


def main(arguments: list[str]) -> int:
    """Print every difference; 1 when there is one."""
    if len(arguments) != 1:
        print("usage: python -m clearher.report.verify results/CUT", file=sys.stderr)
        return 2
    try:
        problems = differences(arguments[0])
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    if problems:
        print(listed(problems, arguments[0]), file=sys.stderr)
        return 1
    print(f"{arguments[0]} agrees with its manifest")
    return 0


def listed(problems: Iterable[Problem], folder: str | Path) -> str:
    """Differences as a numbered list."""
    lines = [f"  {number}. {problem}" for number, problem in enumerate(problems, 1)]
    count = f"{len(lines)} difference{'s' if len(lines) != 1 else ''}"
    return "\n".join([f"{folder}: {count} from the manifest:", *lines])


def _file_differences(records: Iterable[Mapping[str, Any]], start: Path, remedy: str) -> Iterator[Problem]:
    for record in records:
        path = start / record["path"]
        expected = f"sha256 {record['sha256'][:SHOWN]}"
        if not path.is_file():
            yield Problem("file_missing", "no such file", expected, remedy, file=str(path))
        elif (found := file_sha256(path)) != record["sha256"]:
            yield Problem("file_changed", f"sha256 {found[:SHOWN]}", expected, remedy, file=str(path))


def _read_differences(records: Iterable[Mapping[str, str]], start: Path) -> Iterator[Problem]:
    digests = DigestCache(os.devnull)
    for record in records:
        path, index = start / record["path"], start / record["index"]
        expected = f"digest {record['digest']} of size and index"
        if not path.is_file() or not index.is_file():
            gone = index if path.is_file() else path
            yield Problem("file_missing", "no such file", expected, INPUT, file=str(gone))
            continue
        found = digests.reads_content(path, index if record["index"] else None)
        if found != record["digest"]:
            yield Problem("reads_changed", f"digest {found}", expected, INPUT, file=str(path))


def _software_differences(recorded: Mapping[str, Any], clone: Path) -> Iterator[Problem]:
    code = digest_of_clone(clone)
    if code != recorded["code"]:
        yield Problem("code_changed", f"digest {code}", f"digest {recorded['code']}", CODE, file=str(clone))
    present = package_versions(clone / "environment.yml")
    for name, (before, after) in changed_keys(recorded["versions"], present).items():
        yield Problem("version_changed", f"version {after}", f"version {before}", CODE, file=name)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
