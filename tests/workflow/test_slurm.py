"""The workflow on a real SLURM of two nodes: the same bytes, though a job is killed and a node is lost."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from slurm_cluster import Cluster, missing_programs, slurm_cluster
from workflow_runs import ROOT, SNAKEFILE, different_files, environment, results, snakemake, succeeded

pytestmark = pytest.mark.system
PROFILE = ROOT / "workflow" / "profiles" / "slurm"
# What can start at once: the records, and one batch of variant files.
FIRST_WAVE = ("records", "variants_read")


class Misfortune:
    """Kills the first running job, then loses the node of a later one; notes what each job asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.memory: dict[int, int] = {}
        self.killed = 0
        self.lost = ""

    def strike(self) -> None:
        """Look at the cluster once, and do harm where it is time."""
        listed = self.cluster.ask("squeue", "--noheader", "--format=%i %m").splitlines()
        self.memory |= {int(job): int(size.rstrip("M")) for job, size in map(str.split, listed)}
        for job, node in self.cluster.running():
            if not self.killed and self.cluster.kill_job(job):
                self.killed = int(job)
            elif self.killed and not self.lost and int(job) > len(FIRST_WAVE):
                self.lost = node
                self.cluster.lose_node(node)


def through_slurm(folder: Path, cluster: Cluster) -> tuple[subprocess.CompletedProcess, Misfortune]:
    """Run the trial through the profile of the workflow, in spite of misfortune."""
    command = [sys.executable, "-m", "snakemake", "-s", str(SNAKEFILE), "--workflow-profile", str(PROFILE)]
    command += ["--directory", str(folder), "--slurm-init-seconds-before-status-checks", "2"]
    command += ["--configfile", str(folder / "config.yaml")]
    misfortune = Misfortune(cluster)
    with open(folder / "run.txt", "w+", encoding="utf-8") as said:
        run = subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, env={**environment(), **cluster.environment}
        )
        try:
            while run.poll() is None:
                misfortune.strike()
                time.sleep(0.5)
        finally:
            run.kill()
            run.wait()
    text = (folder / "run.txt").read_text(encoding="utf-8")
    return subprocess.CompletedProcess(command, run.returncode, text, ""), misfortune


@pytest.mark.skipif(missing_programs() != [], reason=f"not installed: {', '.join(missing_programs())}")
@pytest.mark.skipif(os.geteuid() != 0, reason="SLURM's daemons want root")
def test_slurm_gives_the_same_bytes_in_spite_of_a_killed_job_and_a_lost_node(small_trial, tmp_path):
    """Both are made up for by the run itself, with more memory; afterwards nothing is left to do."""
    folder = tmp_path / "slurm"
    shutil.copytree(small_trial, folder, ignore=shutil.ignore_patterns("results", ".snakemake"))
    with slurm_cluster(tmp_path / "cluster") as cluster:
        done, misfortune = through_slurm(folder, cluster)
    succeeded(done)
    assert misfortune.killed
    assert misfortune.lost
    again = max(size for job, size in misfortune.memory.items() if job > misfortune.killed)
    assert again > misfortune.memory[misfortune.killed]
    assert different_files(results(folder), results(small_trial)) == []
    assert "Nothing to be done" in succeeded(snakemake(folder, "--dry-run"))
