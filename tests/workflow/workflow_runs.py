"""Start the real workflow and the simulator as a person would."""

import csv
import fcntl
import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
import yaml

DEMO = ("--subjects", "16", "--seed", "7", "--bam-subjects", "2")
ROOT = Path(__file__).resolve().parents[2]
SNAKEFILE = ROOT / "workflow" / "Snakefile"
SCRIPTS = ROOT / "workflow" / "scripts"
# Variables of a run in which every Python process notes and refuses connections; and where it notes them.
NO_NETWORK = {"PYTHONPATH": f"{ROOT / 'tests' / 'workflow' / 'no_network'}{os.pathsep}{SCRIPTS}"}
ATTEMPTS = "network-attempts.txt"


def environment() -> dict[str, str]:
    """Environment of a run: nothing that would change its results."""
    return {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(SCRIPTS)}


def snakemake(
    folder: Path,
    *arguments: str,
    snakefile: Path = SNAKEFILE,
    config: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess:
    """Run the workflow in a folder, on its config.yaml unless another is given, and return what it said."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "-s", str(snakefile), *arguments]
    command += ["--directory", str(folder), "--configfile", str(config or folder / "config.yaml")]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**environment(), **(variables or {})}
    )


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


def keep_few_read_files(folder: Path, count: int) -> None:
    """Take all read files but those of the first plasma samples out of a trial's sample sheet."""
    sheet = folder / "samples.tsv"
    with sheet.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    counted = [row for row in rows if row["bam"] and row["specimen"] == "plasma"][:count]
    for row in rows:
        row["bam"] = row["bam"] if row in counted else ""
    with sheet.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def files_of(folder: Path) -> list[str]:
    """Names of the files that a cut's results consist of."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(name.as_posix() for name in files if name.parts[0] not in ("logs", "benchmarks"))


def different_files(ours: Path, theirs: Path) -> list[str]:
    """Names of result files of two cuts that only one has, or whose bytes differ."""
    names = set(files_of(ours)), set(files_of(theirs))
    common = sorted(names[0] & names[1])
    changed = [name for name in common if not filecmp.cmp(ours / name, theirs / name, shallow=False)]
    return sorted([*(names[0] ^ names[1]), *changed])


def read_draws(folder: Path) -> pd.DataFrame:
    """Sample sheet rows of the usable plasma samples with read files up to the cut, by date."""
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t", dtype=str, keep_default_na=False)
    drawn = sheet[sheet["bam"].ne("") & sheet["specimen"].eq("plasma") & sheet["qc_status"].eq("pass")]
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    return drawn[drawn["collection_date"] <= config["data_cut"]["date"]].sort_values("collection_date")


def add_a_visit_with_reads(folder: Path) -> str:
    """Add the latest draw that has reads once more, under another name with files of its own; its name."""
    new = read_draws(folder).iloc[-1].copy()
    new["vcf_sample"] = new["sample_id"]
    new["sample_id"], new["visit"] = f"{new['subject_id']}-EXTRA", "EXTRA"
    for column in ("vcf", "bam"):
        given = Path(new[column])
        for path in folder.glob(f"{given}*"):
            shutil.copy2(path, path.with_name(f"EXTRA-{path.name}"))
        new[column] = str(given.with_name(f"EXTRA-{given.name}"))
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t", dtype=str, keep_default_na=False)
    sheet.loc[len(sheet)] = new
    sheet.to_csv(folder / "samples.tsv", sep="\t", index=False)
    return new["sample_id"]


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
