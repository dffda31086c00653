"""Versions of the installed software."""

import platform
import re
from importlib.metadata import version
from pathlib import Path

import yaml

CONDA_TO_PIP = {
    "snakemake-minimal": "snakemake",
    "matplotlib-base": "matplotlib",
    "seaborn-base": "seaborn",
    "great_tables": "great-tables",
    "python-isal": "isal",
}
INSTALLERS = frozenset({"python", "pip"})


def declared_packages(environment: str | Path) -> dict[str, str]:
    """Bounds of the versions of the packages that environment.yml names, by their name there.

    Those of the conda channels come first, then those of the package index; Python and pip are left out.
    """
    listed = yaml.safe_load(Path(environment).read_text(encoding="utf-8"))["dependencies"]
    lines = [line for line in listed if isinstance(line, str)]
    lines += [line for group in listed if isinstance(group, dict) for line in group["pip"]]
    packages = dict(re.fullmatch(r"([A-Za-z0-9._-]+) ?(.*)", line).groups() for line in lines)
    return {name: bounds for name, bounds in packages.items() if name not in INSTALLERS}


def installed_version(name: str) -> str:
    """Version of a package that environment.yml names.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        The package is not installed.
    """
    return version(CONDA_TO_PIP.get(name, name))


def package_versions(environment: str | Path) -> dict[str, str]:
    """Installed versions of Python and of every package that environment.yml names.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        A named package is not installed.
    """
    installed = {name: installed_version(name) for name in declared_packages(environment)}
    return {"python": platform.python_version(), **installed}
