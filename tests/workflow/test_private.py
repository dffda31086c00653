"""Trial data stay where they are: no connection, nothing readable by others, no values in logs."""

import csv
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from workflow_runs import ATTEMPTS, NO_NETWORK, SNAKEFILE, environment, results

pytestmark = pytest.mark.xdist_group("small trial")


def test_a_run_opens_no_connection(small_trial):
    """Every Python process of the run was watched: Snakemake itself and all jobs."""
    attempts = small_trial / ATTEMPTS
    assert attempts.read_text(encoding="utf-8") == ""


def test_the_watch_sees_a_connection(tmp_path):
    """The guard of the test above catches what it should."""
    attempts = tmp_path / ATTEMPTS
    command = "import urllib.request as r; r.urlopen('http://192.0.2.1/', timeout=1)"
    variables = {**environment(), **NO_NETWORK, "CLEARHER_NETWORK_ATTEMPTS": str(attempts)}
    done = subprocess.run([sys.executable, "-c", command], env=variables, capture_output=True, check=False)
    assert done.returncode != 0
    assert "192.0.2.1" in attempts.read_text(encoding="utf-8")


@pytest.mark.system
@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare here")
def test_a_run_works_where_there_is_no_network(small_copy):
    """Also what is no Python: in a namespace without any interface but an idle loopback."""
    target = "results/cut1/ctdna/tracking.parquet"
    shutil.rmtree(results(small_copy))
    command = ["unshare", "--net", sys.executable, "-m", "snakemake", "--cores", "1", "-s", str(SNAKEFILE)]
    command += [target, "--directory", str(small_copy), "--configfile", str(small_copy / "config.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr[-3000:]


def test_nobody_but_owner_and_group_reads_what_a_run_writes(small_trial):
    written = [small_trial / ".snakemake", results(small_trial), *results(small_trial).rglob("*")]
    assert len(written) > 100
    open_to_all = [path for path in written if stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO]
    assert open_to_all == []


def recorded(folder: Path) -> set[str]:
    """Days and terms that records hold."""
    found = set()
    for path in (folder / "sdtm").glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                found |= {text for name, text in row.items() if name.endswith(("DTC", "TERM"))}
    return {text for text in found if len(text) > 4}


def test_logs_hold_no_values_of_patients(small_trial):
    """Neither the jobs' logs nor Snakemake's repeat a recorded day or event."""
    logs = [*(results(small_trial) / "logs").glob("*.log"), *(small_trial / ".snakemake" / "log").iterdir()]
    values = recorded(small_trial) - {"2025-06-30"}
    assert len(logs) > 20
    assert len(values) > 50
    text = "\n".join(path.read_text(encoding="utf-8") for path in logs)
    assert sorted(value for value in values if re.search(rf"\b{re.escape(value)}\b", text)) == []
