"""Runs of the real workflow, each made once and shared by many assertions."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from workflow_runs import (
    ATTEMPTS,
    DEMO,
    NO_NETWORK,
    keep_few_read_files,
    once,
    simulate,
    snakemake,
    succeeded,
)


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """A synthetic trial of 16 subjects, two of them with read files, run from end to end."""

    def build(folder: Path) -> None:
        succeeded(snakemake(simulate(folder, *DEMO)))

    return once(tmp_path_factory, "a trial", build)


@pytest.fixture(scope="session")
def small_trial(tmp_path_factory) -> Path:
    """A synthetic trial of two subjects with two read files, run from end to end, connections refused."""

    def build(folder: Path) -> None:
        simulate(folder, "--subjects", "2", "--seed", "3", "--bam-subjects", "1")
        keep_few_read_files(folder, 2)
        attempts = folder / ATTEMPTS
        attempts.touch()
        succeeded(snakemake(folder, variables={**NO_NETWORK, "CLEARHER_NETWORK_ATTEMPTS": str(attempts)}))

    return once(tmp_path_factory, "a small trial", build)


@pytest.fixture
def small_copy(small_trial, tmp_path) -> Iterator[Path]:
    """A copy of the finished small trial, times kept, to do harm to."""
    folder = tmp_path / "copy"
    shutil.copytree(small_trial, folder, symlinks=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def demo_copy(demo, tmp_path) -> Iterator[Path]:
    """A copy of the finished demo, times kept, to change one thing in."""
    folder = tmp_path / "copy"
    shutil.copytree(demo, folder, symlinks=True)
    yield folder
    shutil.rmtree(folder)
