"""Print the pip requirements that environment.yml stands for."""

from pathlib import Path

from clearher.intake.versions import CONDA_TO_PIP, declared_packages

ENVIRONMENT = Path(__file__).resolve().parent.parent / "environment.yml"
HEADING = "# Generated from environment.yml by `make lock`; do not edit."


def pip_requirements(environment: Path = ENVIRONMENT) -> str:
    """Text of requirements.in."""
    packages = declared_packages(environment).items()
    lines = sorted(f"{CONDA_TO_PIP.get(name, name)} {bounds}" for name, bounds in packages)
    return "\n".join([HEADING, *lines, ""])


if __name__ == "__main__":
    print(pip_requirements(), end="")
