"""Versions of the installed software."""

import platform
import re
from importlib.metadata import version
from pathlib import Path

import yaml

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
