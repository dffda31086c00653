"""A frozen data cut: its inputs, settings, code and software must be what they were.

No pandas here: the workflow checks a frozen cut each time it is parsed.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clearher.intake.config import changed_keys
from clearher.intake.digests import LENGTH
from clearher.intake.study import Study
from clearher.intake.versions import package_versions
from clearher.problems import InputError, Problem, raise_if_errors

FROZEN = "frozen.json"


def check_frozen(study: Study, *, folder: str | Path, code: str, environment: str | Path) -> None:
    """Stop when a frozen cut would be computed from anything but what it was frozen with.

    Results that are there count too, since later ones are made from them; absent ones are made anew.

    Parameters
    ----------
    study : Study
        The opened study.
    folder : str or Path
        Results folder of the cut; without ``frozen.json`` in it nothing is checked.
    code : str
        Digest of the workflow's code, of :func:`clearher.intake.code_digest.code_digest`.
    environment : str or Path
        environment.yml, whose packages are compared by their installed versions.

    Raises
    ------
    InputError
        Naming every input, setting, package and code that differs.
    """
    path = Path(folder) / FROZEN
    if not path.is_file():
        return
    frozen = read_frozen(path)
    digests = {_name(file): study.digests.of_file(file) for file in study.input_files}
    results = [record["path"] for record in frozen["results"] if (path.parent / record["path"]).is_file()]
    raise_if_errors(
        frozen_problems(
            frozen,
            digests=digests,
            results={name: study.digests.of_file(path.parent / name) for name in results},
            config=study.config,
            code=code,
            versions=package_versions(environment),
            file=str(path),
        )
    )


def read_frozen(path: str | Path) -> dict[str, Any]:
    """Content of a ``frozen.json``.

    Raises
    ------
    InputError
        The file cannot be read as what :mod:`clearher.report.freeze` writes.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if {"inputs", "results", "config", "code", "versions"} <= set(content):
            return content
        found = "a file without inputs, results, config, code and versions"
    except (ValueError, TypeError) as error:
        found = f"unreadable content ({error})"
    remedy = "Restore it from a copy, or delete it to unfreeze the cut."
    raise InputError([Problem("frozen_file", found, "a frozen cut's record", remedy, file=str(path))])


def frozen_problems(
    frozen: Mapping[str, Any],
    *,
    digests: Mapping[str, str],
    results: Mapping[str, str],
    config: Mapping[str, Any],
    code: str,
    versions: Mapping[str, str],
    file: str = FROZEN,
) -> list[Problem]:
    """Everything that differs from a frozen cut, all of severity error.

    Parameters
    ----------
    frozen : Mapping
        Content of ``frozen.json``.
    digests : Mapping of str to str
        Present content digests of inputs by path, at least the first digits of the sha256.
    results : Mapping of str to str
        The same of the results that are there, by path below the cut's folder.
    config, code, versions
        Present configuration, code digest and package versions.
    file : str
        Name of the frozen record in messages.
    """
    return [
        *_input_problems(frozen, digests, file),
        *_result_problems(frozen, results, file),
        *_config_problems(frozen["config"], config, file),
        *_software_problems(frozen, code, versions, file),
    ]


def _input_problems(frozen: Mapping, digests: Mapping[str, str], file: str) -> Iterator[Problem]:
    expected = {record["path"]: record["sha256"] for record in frozen["inputs"]}
    otherwise = f"; new data need a new data_cut.id. Deleting {file} unfreezes the cut."
    for path in sorted({*expected, *digests}):
        stored, present = expected.get(path), digests.get(path)
        if stored is None:
            found, wanted = f"an added file, sha256 {present}", "no such file when the cut was frozen"
            yield Problem("frozen_input_added", found, wanted, "Remove it" + otherwise, file=path)
        elif present is None:
            wanted = f"sha256 {stored[:LENGTH]}, as frozen"
            yield Problem(
                "frozen_input_missing", "no such input", wanted, "Restore it" + otherwise, file=path
            )
        elif not stored.startswith(present):
            wanted = f"sha256 {stored[:LENGTH]}, as frozen"
            yield Problem(
                "frozen_input_changed", f"sha256 {present}", wanted, "Restore it" + otherwise, file=path
            )


def _result_problems(frozen: Mapping, results: Mapping[str, str], file: str) -> Iterator[Problem]:
    for record in frozen["results"]:
        name, stored = record["path"], record["sha256"]
        if name in results and not stored.startswith(results[name]):
            yield Problem(
                "frozen_result_changed",
                f"sha256 {results[name]}",
                f"sha256 {stored[:LENGTH]}, as frozen",
                "Restore it, or delete it and it is made anew; other results need a new data_cut.id. "
                f"Deleting {file} unfreezes the cut.",
                file=(Path(file).parent / name).as_posix(),
            )


def _config_problems(stored: Mapping, config: Mapping, file: str) -> Iterator[Problem]:
    present = json.loads(json.dumps(config))
    remedy = f"Set it back, or give the new settings a new data_cut.id. Deleting {file} unfreezes the cut."
    for key, (before, after) in changed_keys(stored, present).items():
        yield Problem(
            "frozen_config",
            json.dumps(after, ensure_ascii=False),
            f"{json.dumps(before, ensure_ascii=False)}, as frozen",
            remedy,
            file="configuration",
            column=key,
        )


def _software_problems(frozen: Mapping, code: str, versions: Mapping, file: str) -> Iterator[Problem]:
    remedy = f"Use what the cut was frozen with, or a new data_cut.id. Deleting {file} unfreezes the cut."
    if frozen["code"] != code:
        wanted = f"digest {frozen['code']}, as frozen"
        yield Problem("frozen_code", f"digest {code}", wanted, remedy, file="code of the workflow")
    for name, (before, after) in changed_keys(frozen["versions"], versions).items():
        found = f"version {after}" if after else "no such package"
        wanted = f"version {before}, as frozen" if before else "no such package when the cut was frozen"
        yield Problem("frozen_versions", found, wanted, remedy, file=f"package {name}")


def _name(path: str) -> str:
    return Path(os.path.relpath(path)).as_posix()
