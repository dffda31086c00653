"""Print the pip requirements that environment.yml stands for."""

import re
from pathlib import Path

import yaml

from clearher.intake.versions import CONDA_TO_PIP

ENVIRONMENT = Path(__file__).resolve().parent.parent / "environment.yml"
HEADING = "# Generated from environment.yml by `make lock`; do not edit."


def conda_requirements(environment: Path = ENVIRONMENT) -> dict[str, str]:
    """Conda package names and version bounds of environment.yml, in its order."""
    lines = yaml.safe_load(environment.read_text(encoding="utf-8"))["dependencies"]
    return dict(re.fullmatch(r"([a-z0-9.-]+) (.+)", line).groups() for line in lines)


def pip_requirements(environment: Path = ENVIRONMENT) -> str:
    """Text of requirements.in."""
    packages = {n: bounds for n, bounds in conda_requirements(environment).items() if n != "python"}
    lines = sorted(f"{CONDA_TO_PIP.get(name, name)} {bounds}" for name, bounds in packages.items())
    return "\n".join([HEADING, *lines, ""])


if __name__ == "__main__":
    print(pip_requirements(), end="")
