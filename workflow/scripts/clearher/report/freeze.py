"""Freeze a finished cut: ``python -m clearher.report.freeze results/CUT`` writes ``frozen.json`` into it.

From then on the workflow runs for this cut only with the same inputs, settings, code and software.
"""

import os
import sys
from pathlib import Path
from typing import Any

from clearher.intake.digests import file_sha256
from clearher.intake.frozen import FROZEN
from clearher.report.files import read_json, write_json
from clearher.report.manifest import MANIFEST, file_records
from clearher.report.verify import CLONE, differences, listed, working_folder

TAKEN_OVER = ("study", "data_cut", "code", "versions", "config", "results")


def frozen_record(folder: str | Path) -> dict[str, Any]:
    """What a finished cut is frozen with.

    Parameters
    ----------
    folder : str or Path
        Results folder that agrees with its manifest; see :func:`clearher.report.verify.differences`.

    Returns
    -------
    dict
        The manifest's study, cut, code, versions, configuration and results; sha256 of every input, read
        files and their indexes included; sha256 of the manifest.
    """
    folder = Path(folder)
    recorded = read_json(folder / MANIFEST)
    working = working_folder(folder)
    names = [record["path"] for record in recorded["inputs"]]
    names += [record[part] for record in recorded["reads"] for part in ("path", "index") if record[part]]
    return {
        **{key: recorded[key] for key in TAKEN_OVER},
        "inputs": file_records([os.path.join(working, name) for name in names], relative_to=working),
        "manifest": file_sha256(folder / MANIFEST),
    }


def freeze(folder: str | Path, *, clone: str | Path = CLONE) -> str:
    """Freeze a cut that agrees with its manifest; what was done in a sentence.

    Raises
    ------
    ValueError
        The folder differs from its manifest, or is frozen already with other content.
    """
    problems = differences(folder, clone=clone)
    if problems:
        raise ValueError(f"not frozen. {listed(problems, folder)}")
    path = Path(folder) / FROZEN
    if path.is_file():
        return f"{folder} is frozen already, and unchanged"
    content = frozen_record(folder)
    write_json(content, path)
    return f"{folder} is frozen with {len(content['inputs'])} inputs and {len(content['results'])} results"


def main(arguments: list[str]) -> int:
    """Freeze the folder named; 1 when it cannot be."""
    if len(arguments) != 1:
        print("usage: python -m clearher.report.freeze results/CUT", file=sys.stderr)
        return 2
    try:
        print(freeze(arguments[0]))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
