"""One digest over everything of the workflow that shapes results."""

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from clearher.intake.digests import LENGTH

SNAKEFILE = "workflow/Snakefile"
LISTING = "files.txt"


def package_files(root: str | Path) -> list[str]:
    """Files of the package in a clone, by name; the listing itself and compiled files are left out."""
    package = Path(root) / "workflow" / "scripts" / "clearher"
    return sorted(
        str(path)
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name != LISTING
    )


def code_digest(source: Callable[[str], str], package: Iterable[str]) -> str:
    """Digest over Snakefile, rule files, the scripts and resources they name, package and environment.

    Parameters
    ----------
    source : callable
        Gives the path of one of the workflow's files by its name relative to the clone.
    package : iterable of str
        Paths of the package's files, sorted by name.

    Notes
    -----
    Rule files are found by the Snakefile, scripts and resources by their names in the rule files, so that a
    workflow that was fetched file by file has the same digest as a clone.
    """
    included = re.findall(r'^include: "(rules/\w+\.smk)"', _text([source(SNAKEFILE)]), flags=re.MULTILINE)
    rules = [source(name) for name in (SNAKEFILE, *(f"workflow/{name}" for name in included))]
    text = _text(rules)
    scripts = sorted(set(re.findall(r'"\.\./scripts/(\w+\.py)"', text)))
    resources = sorted(set(re.findall(r'own_input\("(resources/[\w.]+)"\)', text)))
    others = [*(f"workflow/scripts/{name}" for name in scripts), *resources]
    total = hashlib.sha256()
    for path in [*rules, *map(source, others), *package, source("environment.yml")]:
        total.update(Path(path).read_bytes())
    return total.hexdigest()[:LENGTH]


def digest_of_clone(root: str | Path) -> str:
    """The same digest of a clone of the workflow."""
    return code_digest(lambda name: str(Path(root) / name), package_files(root))


def _text(paths: Iterable[str]) -> str:
    return "".join(Path(path).read_text(encoding="utf-8") for path in paths)
