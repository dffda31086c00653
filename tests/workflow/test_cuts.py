"""Data cuts: frozen, replayed, and compared with the next one, on the real workflow."""

import csv
import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from workflow_runs import add_a_visit_with_reads, environment, read_draws, results, snakemake, succeeded

from clearher.intake.digests import file_sha256

pytestmark = pytest.mark.xdist_group("demo")


def run(module: str, folder: Path) -> subprocess.CompletedProcess:
    """One of the report's commands on a results folder."""
    command = [sys.executable, "-m", f"clearher.report.{module}", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment())


def bytes_of(folder: Path) -> list[str]:
    """Names of the files that a cut consists of."""
    aside = ("logs", "benchmarks")
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(str(name) for name in files if name.parts[0] not in aside and name.name != "frozen.json")


def test_a_frozen_cut_refuses_a_changed_byte_and_replays_the_same_bytes(demo, demo_copy):
    """Freeze; one byte of a read file, dated as before: refused by name. Restored: the same bytes again."""
    folder = results(demo_copy)
    done = run("freeze", folder)
    assert done.returncode == 0, done.stderr
    reads = sorted((demo_copy / "bam").glob("*.bam"))[0]
    kept, times = reads.read_bytes(), os.stat(reads)
    reads.write_bytes(kept[:-5] + bytes([kept[-5] ^ 1]) + kept[-4:])
    os.utime(reads, ns=(times.st_atime_ns, times.st_mtime_ns))
    done = snakemake(demo_copy, "--dry-run")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "1 problem in the input" in said
    assert f"bam/{reads.name}: found sha256 {file_sha256(reads)[:20]}; expected sha256 " in said
    assert run("verify", folder).returncode == 1
    reads.write_bytes(kept)
    for stage in ("clinical", "report"):
        shutil.rmtree(folder / stage)
    (folder / "manifest.json").unlink()
    succeeded(snakemake(demo_copy))
    assert bytes_of(folder) == bytes_of(results(demo))
    pairs = [(folder / name, results(demo) / name) for name in bytes_of(folder)]
    assert [str(new) for new, old in pairs if not filecmp.cmp(new, old, shallow=False)] == []
    done = run("verify", folder)
    assert done.returncode == 0, done.stderr


def take_back_a_progression(folder: Path) -> tuple[str, str]:
    """Turn the first recorded overall PD into SD; the subject and the number of the record."""
    path = folder / "sdtm" / "rs.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    row = next(row for row in rows if row["RSTESTCD"] == "OVRLRESP" and row["RSSTRESC"] == "PD")
    row["RSORRES"] = row["RSSTRESC"] = "SD"
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return row["USUBJID"], row["RSSEQ"]


def add_a_visit(folder: Path, other_than: str) -> str:
    """One more plasma sample of another subject, a week after the last one; the sample's subject."""
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t", dtype=str, keep_default_na=False)
    drawn = sheet[sheet["specimen"].eq("plasma") & sheet["vcf"].ne("") & sheet["bam"].eq("")]
    last = drawn[drawn["subject_id"].ne(other_than)].sort_values("collection_date").groupby("subject_id")
    new = last.tail(1).iloc[0].copy()
    new["vcf_sample"] = new["sample_id"]
    new["sample_id"], new["visit"] = f"{new['subject_id']}-EXTRA", "EXTRA"
    new["collection_date"] = f"{pd.Timestamp(new['collection_date']) + pd.Timedelta(days=7):%Y-%m-%d}"
    file = Path(new["vcf"])
    new["vcf"] = str(file.with_name(f"EXTRA-{file.name}"))
    shutil.copy2(folder / file, folder / new["vcf"])
    sheet.loc[len(sheet)] = new
    sheet.to_csv(folder / "samples.tsv", sep="\t", index=False)
    return new["subject_id"]


def counted_files(folder: Path) -> list[str]:
    """What the counting jobs of a cut read, by their logs; not what they took from earlier counts."""
    logs = sorted((results(folder) / "logs").glob("ctdna_count.*.log"))
    lines = [line for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
    return sorted(line.removeprefix("INFO ") for line in lines if line.endswith(": counted"))


def test_one_more_visit_in_the_next_cut_counts_one_read_file(demo, demo_copy):
    """The new cut's results are all made anew, but only the new sample's reads are read."""
    extra = add_a_visit_with_reads(demo_copy)
    path = demo_copy / "config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["data_cut"]["id"] = "next"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    succeeded(snakemake(demo_copy, "--until", "ctdna_count"))
    assert counted_files(demo_copy) == [f"background of {extra}: counted", f"variants of {extra}: counted"]
    assert len(counted_files(demo)) == 2 * len(read_draws(demo))


def test_the_next_cut_says_what_changed_and_why(demo_copy):
    """An assessment edited and a visit added: each value names its subject, its cause and that record."""
    edited, number = take_back_a_progression(demo_copy)
    visited = add_a_visit(demo_copy, other_than=edited)
    path = demo_copy / "config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    previous = config["data_cut"]["id"]
    config["data_cut"].update(id="next", previous=f"results/{previous}")
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    succeeded(snakemake(demo_copy))

    table = results(demo_copy) / "report" / "changes.tsv"
    changes = pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False)
    of_edited = changes[changes["table"].eq("clinical/time_to_event.tsv")]
    assert set(of_edited["subject_id"]) == {edited}
    assert set(of_edited["cause"]) == {"changed old data"}
    assert of_edited["record"].str.startswith(f"assessment {number} of ").all()
    assert of_edited["record"].str.endswith("response PD -> SD").all()
    visit = changes[changes["item"].eq("visit=EXTRA") & changes["subject_id"].eq(visited)]
    assert visit[["table", "field", "old", "cause"]].to_numpy().tolist() == [
        ["ctdna/visits.tsv", "row", "absent", "new data"]
    ]
    assert visit["record"].str.contains(f"new sample {visited}-EXTRA").all()
    assert "unexplained" not in set(changes["cause"])
    assert not changes["table"].eq("her2/subjects.tsv").any()
    findings = pd.read_csv(
        table.with_name("changes_findings.tsv"), sep="\t", dtype=str, keep_default_na=False
    )
    edits = findings[findings["check"].eq("retroactive_edit")]
    assert edits[["severity", "subject_id", "field"]].to_numpy().tolist() == [
        ["warning", edited, "assessments.response"]
    ]
    assert (results(demo_copy).parent / previous / "manifest.json").is_file()
