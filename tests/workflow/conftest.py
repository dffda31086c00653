"""Runs of the real workflow, each made once and shared by many assertions."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from workflow_runs import simulate, snakemake, succeeded


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """A synthetic trial of 16 subjects, three of them with read files, run from end to end."""
    folder = simulate(
        tmp_path_factory.mktemp("demo") / "a trial", "--subjects", "16", "--seed", "7", "--bam-subjects", "3"
    )
    succeeded(snakemake(folder))
    return folder


@pytest.fixture
def demo_copy(demo, tmp_path) -> Iterator[Path]:
    """A copy of the finished demo, times kept, to change one thing in."""
    folder = tmp_path / "copy"
    shutil.copytree(demo, folder, symlinks=True)
    yield folder
    shutil.rmtree(folder)
