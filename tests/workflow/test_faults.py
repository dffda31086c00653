"""What goes wrong around a run: killed, disk full, files broken or changed, two at once, no memory.

Each ends with a message that says what to do, leaves no partial file as a result, and the next run completes.
"""

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from slurm_cluster import descendants
from workflow_runs import SNAKEFILE, different_files, environment, results, snakemake, succeeded

pytestmark = pytest.mark.xdist_group("small trial")
KILLS = 22
LEVELS = "results/cut1/her2/subjects.tsv"


def start(folder: Path, *targets: str, **popen) -> subprocess.Popen:
    """Start a run in a process group of its own, with what it says in said.txt beside its results."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "-s", str(SNAKEFILE), *targets]
    command += ["--directory", str(folder), "--configfile", str(folder / "config.yaml")]
    with open(folder / "said.txt", "w", encoding="utf-8") as said:
        return subprocess.Popen(
            command, stdout=said, stderr=said, env=environment(), start_new_session=True, **popen
        )


def said(folder: Path) -> str:
    return (folder / "said.txt").read_text(encoding="utf-8")


def wait_for(text: str, folder: Path, run: subprocess.Popen) -> None:
    """Wait until a run has said something; fails when it ends before."""
    while text not in said(folder):
        assert run.poll() is None, said(folder)
        time.sleep(0.05)


def kill(run: subprocess.Popen) -> None:
    """End a run and its jobs at once, as a power failure does."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def runs_script(pid: int, name: str) -> bool:
    """Whether a process is Python on a script of that name."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").rstrip("\0").split("\0")
        return len(words) == 2 and words[1].endswith(name)
    return False


def failed(done: subprocess.CompletedProcess) -> str:
    """What a run said that must fail."""
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_killed_at_any_moment_it_goes_on(small_trial, tmp_path):
    """Killed at 22 random moments, each time started again by the same command: the same bytes at the end."""
    folder = tmp_path / "killed"
    shutil.copytree(small_trial, folder, ignore=shutil.ignore_patterns("results", ".snakemake"))
    moments = random.Random(20)
    killed = 0
    while killed < KILLS:
        run = start(folder)
        if moments.random() < 0.7:
            wait_for("Job stats", folder, run)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(timeout=moments.uniform(0, 3))
        if run.returncode is not None:
            assert run.returncode == 0, said(folder)
            shutil.rmtree(results(folder) / "intake")
            continue
        kill(run)
        killed += 1
        assert "cannot be locked" not in said(folder)
    succeeded(snakemake(folder))
    assert different_files(results(folder), results(small_trial)) == []


def test_a_killed_run_is_told_of_by_the_next(small_copy):
    """Its lock goes by itself, since nobody lives who holds it."""
    (small_copy / LEVELS).unlink()
    run = start(small_copy, LEVELS)
    wait_for("Job stats", small_copy, run)
    kill(run)
    assert list((small_copy / ".snakemake" / "locks").iterdir())
    assert "An earlier run in this folder was killed" in succeeded(snakemake(small_copy, LEVELS))
    assert not list((small_copy / ".snakemake" / "locks").glob("*"))


def test_two_runs_at_once_in_a_folder(small_copy):
    """The second is refused and told why; the first is not disturbed."""
    (small_copy / LEVELS).unlink()
    run = start(small_copy, LEVELS)
    wait_for("Job stats", small_copy, run)
    os.kill(run.pid, signal.SIGSTOP)
    refused = failed(snakemake(small_copy, LEVELS))
    os.kill(run.pid, signal.SIGCONT)
    assert "make sure that no other Snakemake process is trying to create the same files" in refused
    assert run.wait() == 0, said(small_copy)


@pytest.mark.parametrize(
    ("name", "harm", "words"),
    [
        ("bam/*C1D1.bam", "cut short", "no BGZF EOF marker; file may be truncated"),
        ("bam/*C1D1.bam.bai", "garbage", "found an index that cannot be read"),
        ("bam/*C1D1.bam.bai", "gone", "without index"),
        ("vcf/*C1D1.vcf.gz", "cut short", "without the end-of-file block"),
        ("vcf/*C1D1.vcf.gz", "garbage", "expected ##fileformat=VCFv4.x"),
        ("vcf/*C1D1.vcf.gz", "folder", "which is not a file"),
    ],
)
def test_a_broken_file_is_named(small_copy, name, harm, words):
    """With its sample and the remedy; nothing is made of it, and with the whole file all is as before."""
    path = min(small_copy.glob(name))
    whole = path.read_bytes()
    path.unlink()
    if harm == "folder":
        path.mkdir()
    elif harm != "gone":
        path.write_bytes(whole[: len(whole) // 2] if harm == "cut short" else b"\0garbage" * 20)
    message = failed(snakemake(small_copy, "results/cut1/ctdna/tracking.parquet"))
    end = message[message.rindex("in the input:") :]
    assert words in end
    assert path.name.removesuffix(".bai") in end
    assert "Traceback" not in message
    assert not list(small_copy.rglob("*.part"))
    if path.is_dir():
        path.rmdir()
    path.write_bytes(whole)
    succeeded(snakemake(small_copy, "results/cut1/ctdna/tracking.parquet"))
    before = results(small_copy).parent / "cut1" / "ctdna" / "tracking.parquet"
    assert before.is_file()


def test_an_input_that_changes_during_the_run_stops_it(small_copy):
    """The manifest is not written over a mixture; the next run reads the file as it is now."""
    (results(small_copy) / "manifest.json").unlink()
    run = start(small_copy, "results/cut1/manifest.json")
    wait_for("Job stats", small_copy, run)
    path = small_copy / "her2.tsv"
    path.write_bytes(path.read_bytes().replace(b"\t2+\t", b"\t1+\t", 1) + b"\n")
    assert run.wait() != 0
    assert "her2.tsv: found other content than when this run began" in said(small_copy)
    assert not (results(small_copy) / "manifest.json").exists()
    assert "intake_her2" in succeeded(snakemake(small_copy, "--dry-run"))


def test_a_file_that_cannot_be_written_whole_is_no_result(small_copy):
    """Files may not grow beyond 200 kB, as on a full disk: the report fails, says so, and is not there."""
    (results(small_copy) / "report" / "report.html").unlink()
    limit = (200_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    run = start(
        small_copy,
        "results/cut1/report/report.html",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    assert run.wait() != 0
    assert "report: OSError: [Errno 27] File too large" in said(small_copy)
    assert "Free space where results are written." in said(small_copy)
    assert not (results(small_copy) / "report" / "report.html").exists()
    succeeded(snakemake(small_copy, "results/cut1/report/report.html"))


def test_a_job_killed_for_want_of_memory_is_named(small_copy):
    """As the kernel does it: without a word from the job. Its outputs are gone, the next run makes them."""
    (small_copy / LEVELS).unlink()
    run = start(small_copy, LEVELS)
    while not (scripts := [pid for pid in descendants(run.pid) if runs_script(pid, ".her2.py")]):
        assert run.poll() is None, said(small_copy)
    os.kill(scripts[0], signal.SIGKILL)
    assert run.wait() != 0
    end = said(small_copy)[said(small_copy).rindex("1 job failed:") :]
    assert "her2: ended without a word: killed, most often for want of memory or time" in end
    assert not (small_copy / LEVELS).exists()
    succeeded(snakemake(small_copy, LEVELS))


@contextlib.contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Something mounted at a folder, as root."""
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.system
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk_is_named_and_the_run_goes_on_when_there_is_space(small_trial, tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "-t", "tmpfs", "-o", "size=1g", "tmpfs"):
        study = folder / "study"
        shutil.copytree(small_trial, study, symlinks=True)
        (results(study) / "report" / "report.html").unlink()
        filler = folder / "filler"
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        filler.write_bytes(bytes(free - 150_000))
        message = failed(snakemake(study, "results/cut1/report/report.html"))
        assert "No space left on device" in message
        assert not (results(study) / "report" / "report.html").exists()
        filler.unlink()
        succeeded(snakemake(study))
        assert different_files(results(study), results(small_trial)) == []


@pytest.mark.system
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_folder_that_may_not_be_written_is_named(small_copy):
    with mounted(small_copy, "--bind", str(small_copy)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(small_copy)], check=True)
        message = failed(snakemake(small_copy, LEVELS))
    assert f"{small_copy}: found Read-only file system; expected a folder that can be written" in message
    assert "Traceback" not in message


@pytest.mark.system
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_results_that_may_not_be_written_are_named(small_copy):
    (small_copy / LEVELS).unlink()
    folder = results(small_copy)
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        message = failed(snakemake(small_copy, LEVELS))
    assert "Write-protected output files for rule her2" in message
    succeeded(snakemake(small_copy, LEVELS))
