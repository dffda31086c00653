"""The shipped profiles fit the rules as they are."""

import re

import pytest
import yaml
from workflow_runs import ROOT, snakemake, succeeded

PROFILES = ROOT / "workflow" / "profiles"
pytestmark = pytest.mark.xdist_group("demo")


def profile(name: str) -> dict:
    return yaml.safe_load((PROFILES / name / "config.yaml").read_text(encoding="utf-8"))


def test_slurm_names_neither_account_nor_partition():
    """The cluster's own defaults hold until somebody sets others."""
    assert set(profile("slurm")["default-resources"]) == {"mem_mb", "runtime"}


@pytest.mark.parametrize("name", ["default", "slurm"])
def test_the_whole_workflow_can_be_planned_with_a_profile(demo_copy, name):
    """Groups that wait for each other would be refused here."""
    said = succeeded(
        snakemake(demo_copy, "--dry-run", "--forceall", "--workflow-profile", str(PROFILES / name))
    )
    assert re.search(r"^total\s+\d+$", said, flags=re.MULTILINE)
