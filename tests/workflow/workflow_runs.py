"""Start the real workflow and the simulator as a person would."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

DEMO = ("--subjects", "16", "--seed", "7", "--bam-subjects", "2")
ROOT = Path(__file__).resolve().parents[2]
SNAKEFILE = ROOT / "workflow" / "Snakefile"


def environment() -> dict[str, str]:
    """Environment of a run: nothing that would change its results."""
    return {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT / "workflow" / "scripts")}


def snakemake(
    folder: Path, *arguments: str, snakefile: Path = SNAKEFILE, config: Path | None = None
) -> subprocess.CompletedProcess:
    """Run the workflow in a folder, on its config.yaml unless another is given, and return what it said."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "-s", str(snakefile), *arguments]
    command += ["--directory", str(folder), "--configfile", str(config or folder / "config.yaml")]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment())


def succeeded(done: subprocess.CompletedProcess) -> str:
    """What a run printed; fails the test with it when the run failed."""
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-8000:]
    return done.stdout + done.stderr


def simulate(folder: Path, *arguments: str) -> Path:
    """Write a synthetic trial into a folder."""
    command = [sys.executable, "-m", "clearher.simulate", "--out", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr
    return folder


def results(folder: Path) -> Path:
    """Results folder of the study in a folder."""
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    return folder / "results" / config["data_cut"]["id"]


def once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """A folder that several test processes share: the first to come builds it, the others wait.

    ``build`` receives the folder, which does not exist yet; it is built anew when an earlier build failed.
    """
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, done = shared / name, shared / f"{name} built"
    with open(shared / f"{name} lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            build(folder)
            done.touch()
    return folder
