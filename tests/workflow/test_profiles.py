"""The shipped profiles fit the rules as they are."""

import re

import pytest
import yaml
from workflow_runs import ROOT, snakemake, succeeded

PROFILES = ROOT / "workflow" / "profiles"
pytestmark = pytest.mark.xdist_group("demo")


def rules() -> dict[str, str]:
    """Text of each rule by its name."""
    text = "".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow/rules").glob("*.smk"))
    )
    pieces = re.split(r"^rule (\w+):$", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def profile(name: str) -> dict:
    return yaml.safe_load((PROFILES / name / "config.yaml").read_text(encoding="utf-8"))


def test_every_rule_is_sent_to_slurm_in_a_group():
    """A rule without a group would be a submission of its own, or stand between the rules of a group."""
    grouped = set(profile("slurm")["groups"])
    own = {name for name, text in rules().items() if "\n    group:\n" in text}
    assert grouped | own == set(rules())
    assert grouped & own == set()


def test_slurm_names_neither_account_nor_partition():
    """The cluster's own defaults hold until somebody sets others."""
    assert set(profile("slurm")["default-resources"]) == {"mem_mb", "runtime"}


def test_more_memory_at_each_attempt():
    for name, text in rules().items():
        assert re.search(r"mem_mb=memory\(\d+\),", text), name
    assert profile("slurm")["retries"] == 2


@pytest.mark.parametrize("name", ["default", "slurm"])
def test_the_whole_workflow_can_be_planned_with_a_profile(demo_copy, name):
    """Groups that wait for each other would be refused here."""
    said = succeeded(
        snakemake(demo_copy, "--dry-run", "--forceall", "--workflow-profile", str(PROFILES / name))
    )
    assert re.search(r"^total\s+\d+$", said, flags=re.MULTILINE)
