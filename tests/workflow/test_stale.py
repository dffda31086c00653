"""Stale results: what must run again after a change, and what must not.

Each case copies one finished run (times kept), changes one thing, and reads what a dry run plans.
"""

import gzip
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from workflow_runs import ROOT, SNAKEFILE, results, simulate, snakemake, succeeded

NOTHING = "Nothing to be done"


def planned(folder, *arguments, snakefile=SNAKEFILE) -> set[str]:
    """Rules that a dry run would run."""
    said = succeeded(snakemake(folder, "--dry-run", *arguments, snakefile=snakefile))
    if NOTHING in said:
        return set()
    table = said.split("Job stats:")[1].split("total")[0]
    return set(re.findall(r"^(\w+)\s+\d+$", table, flags=re.MULTILINE)) - {"all"}


def replace_with_older(path, content: bytes) -> None:
    """Put other content in a file's place, dated long ago."""
    other = path.with_name(path.name + ".new")
    other.write_bytes(content)
    os.utime(other, (10**9, 10**9))
    os.replace(other, path)


@pytest.fixture
def workflow_copy(tmp_path):
    """A copy of the workflow's own files, to edit, with all times as they are."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("workflow", "resources", "environment.yml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    return folder


def test_nothing_changed_nothing_runs(demo_copy):
    assert planned(demo_copy) == set()


def test_a_touched_input_runs_nothing(demo_copy):
    """Same bytes with a new date: the content decides."""
    os.utime(demo_copy / "her2.tsv")
    os.utime(demo_copy / "sdtm" / "rs.csv")
    assert planned(demo_copy) == set()


@pytest.mark.parametrize(
    ("name", "old", "new", "runs", "spared"),
    [
        (
            "her2.tsv",
            b"\t2+\t",
            b"\t1+\t",
            {"intake_her2", "her2", "report"},
            {"variants_read", "intake_clinical"},
        ),
        ("sdtm/rs.csv", b",PD,", b",SD,", {"intake_clinical", "clinical_responses"}, {"variants_read"}),
    ],
)
def test_an_input_replaced_by_an_older_file_is_noticed(demo_copy, name, old, new, runs, spared):
    """Dates decide nothing: other content under an older date makes just its own stages stale."""
    path = demo_copy / name
    content = path.read_bytes()
    assert old in content
    replace_with_older(path, content.replace(old, new, 1))
    rules = planned(demo_copy)
    assert runs <= rules
    assert not spared & rules


def test_a_variant_file_replaced_by_an_older_one_is_noticed(demo_copy):
    path = min((demo_copy / "vcf").glob("*C1D1.vcf.gz"))
    first, rest = gzip.decompress(path.read_bytes()).split(b"\n", 1)
    replace_with_older(path, gzip.compress(first + b"\n##note=replaced\n" + rest, mtime=0))
    rules = planned(demo_copy)
    assert {"variants_read", "variants", "ctdna_samples", "report"} <= rules
    assert not {"intake_clinical", "clinical_responses", "her2"} & rules


def test_a_clone_that_is_moved_with_its_results_runs_nothing(workflow_copy, tmp_path):
    """Trap: the workflow's own tables, named by their full path, would be other inputs in another place."""
    simulate(workflow_copy, "--subjects", "4", "--bam-subjects", "0")
    reading, snakefile = ["--until", "variants_read"], Path("workflow", "Snakefile")
    succeeded(snakemake(workflow_copy, *reading, snakefile=workflow_copy / snakefile))
    moved = workflow_copy.rename(tmp_path / "another place")
    assert planned(moved, *reading, snakefile=moved / snakefile) == set()


def test_an_edited_package_module_runs_everything(demo_copy, workflow_copy):
    """Editing science code makes every result stale, even with the module's old date."""
    snakefile = workflow_copy / "workflow" / "Snakefile"
    module = workflow_copy / "workflow" / "scripts" / "clearher" / "statistics" / "proportions.py"
    times = os.stat(module)
    module.write_text(module.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))
    rules = planned(demo_copy, snakefile=snakefile)
    assert {"intake_clinical", "variants_read", "ctdna_samples", "clinical_endpoints", "report"} <= rules


def test_a_changed_setting_runs_its_stage_alone(demo_copy):
    config = demo_copy / "config.yaml"
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    content["her2"] = {"subject_rule": "latest_any"}
    config.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    rules = planned(demo_copy)
    assert {"her2", "association_results", "report"} <= rules
    assert not {"variants_read", "clinical_responses", "ctdna_samples"} & rules


def test_a_deleted_result_is_made_again_with_the_same_bytes(demo_copy):
    path = results(demo_copy) / "her2" / "subjects.tsv"
    before = path.read_bytes()
    path.unlink()
    succeeded(snakemake(demo_copy))
    assert path.read_bytes() == before
