"""Another workflow uses this one as a Snakemake module: from a folder, and from a git repository by tag."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from workflow_runs import ROOT, environment, results

pytestmark = pytest.mark.xdist_group("small trial")
REPOSITORY = "https://github.com/clearher-test/ClearHER"
OUTER = """\
module clearher:
    snakefile: {source}
    config: config


use rule * from clearher as clearher_*


rule count_levels:
    default_target: True
    input:
        "results/cut1/her2/subjects.tsv",
    output:
        "levels.txt",
    shell:
        "cut -f 2 {{input}} | sort | uniq -c > {{output}}"
"""


@pytest.fixture
def outer(small_trial, tmp_path):
    """Write a workflow with one rule of its own beside the inputs of the small trial, and run it."""
    folder = tmp_path / "outer"
    shutil.copytree(small_trial, folder, ignore=shutil.ignore_patterns("results", ".snakemake"))

    def run(source: str, **more: str) -> subprocess.CompletedProcess:
        (folder / "Snakefile").write_text(OUTER.format(source=source), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "-s", str(folder / "Snakefile")]
        command += ["--directory", str(folder), "--configfile", str(folder / "config.yaml")]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**environment(), **more}, cwd=folder
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done

    return folder, run


def levels(folder: Path) -> bytes:
    return (results(folder) / "her2" / "subjects.tsv").read_bytes()


def test_a_module_from_a_folder(outer, small_trial):
    """The rules run under another name and give what they give by themselves."""
    folder, run = outer
    run(repr(str(ROOT / "workflow" / "Snakefile")))
    assert levels(folder) == levels(small_trial)
    assert (folder / "levels.txt").stat().st_size > 0


@pytest.fixture
def repository(tmp_path) -> dict[str, str]:
    """The workflow as it is, committed and tagged; git fetches its address from that folder."""
    clone = tmp_path / "repository"
    for name in ("workflow", "resources"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "environment.yml", clone)
    me = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "All"), ("tag", "v1")):
        subprocess.run(["git", *me, *command], cwd=clone, check=True, capture_output=True)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{clone}.insteadOf",
        "GIT_CONFIG_VALUE_0": REPOSITORY,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }


def test_a_module_from_a_git_repository_by_tag(outer, repository, small_trial):
    """Fetched file by file, as from a hosting service: everything the rules need is found."""
    folder, run = outer
    owner = REPOSITORY.removeprefix("https://github.com/")
    run(f'github("{owner}", path="workflow/Snakefile", tag="v1")', **repository)
    assert levels(folder) == levels(small_trial)
    assert os.listdir(repository["XDG_CACHE_HOME"])


def test_the_catalogue_file_says_how_to_run_it():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))["usage"]
    assert "--configfile" in usage["mandatory-flags"]["flags"]
    assert usage["software-stack-deployment"]["conda"] is True
