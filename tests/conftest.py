"""Shared fixtures: the package on the path, the reference data, default settings."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Folder of the reference data; absent: skipped with the reason."""
    folder = Path(os.environ.get("CLEARHER_FIXTURES", ROOT.parent / "shared" / "fixtures")).resolve()
    if folder.is_dir():
        return folder
    pytest.skip(f"reference data not found at {folder}; set CLEARHER_FIXTURES")


@pytest.fixture(scope="session")
def settings():
    """Default settings of a config section, as a function: settings("ctdna")."""
    from clearher.intake.config import defaults

    return defaults


def pytest_collection_modifyitems(items):
    """The cluster's test first: it waits most of its time, while other tests run beside it."""
    items.sort(key=lambda item: item.path.name != "test_slurm.py")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Under CI=true a test that skips for want of something has failed: there it should be."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        _, _, reason = report.longrepr
        report.outcome, report.longrepr = "failed", f"{item.nodeid}: {reason}"
    return report
