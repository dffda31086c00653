"""A real SLURM of two nodes on this one machine: own key, own ports, own folder; stopped by process id."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

NODES = ("n1", "n2")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue")
# SLURM's daemons lie where only root's search path leads.
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={port_n1} CPUs=2 RealMemory=16000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={port_n2} CPUs=2 RealMemory=16000
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes
    ----------
    folder : Path
        Its key, configuration, state and logs.
    """

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What SLURM's commands need to find this cluster."""
        path = f"{self.folder / 'bin'}:{PATH}"
        return {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": path, "USER": "root"}

    def ask(self, *command: str) -> str:
        """What one of SLURM's commands prints."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        return done.stdout

    def running(self) -> list[tuple[str, str]]:
        """Number and node of each running job."""
        listed = self.ask("squeue", "--noheader", "--states=RUNNING", "--format=%i %N").splitlines()
        return [tuple(line.split()) for line in listed]

    def start_node(self, node: str) -> None:
        """Start a node's daemon."""
        (self.folder / f"spool.{node}").mkdir(exist_ok=True)
        self.ask("slurmd", "-N", node, "-f", str(self.folder / "slurm.conf"))

    def kill_job(self, job: str) -> bool:
        """Kill a job's processes as the kernel does when memory is short; False where it has none yet."""
        steps = [pid for pid, words in _processes() if words[0].startswith(f"slurmstepd: [{job}.")]
        found = [child for step in steps for child in descendants(step) if _is_snakemake(child)]
        for pid in found:
            _end(pid)
        return bool(found)

    def lose_node(self, node: str) -> None:
        """End a node as if its power failed: its daemon, and with it every process of its jobs."""
        daemon = _pid(self.folder / f"slurmd.{node}.pid")
        steps = [pid for pid, words in _processes() if words[0].startswith("slurmstepd")]
        lost = [pid for pid in steps if str(self.folder / f"slurmd.{node}.log") in _open_files(pid)]
        _end(daemon)
        for step in lost:
            for pid in (*descendants(step), step):
                _end(pid)
        until(lambda: not _alive(daemon), f"the daemon of {node} to end")


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait for something, at most so long.

    Raises
    ------
    TimeoutError
        It did not come.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.2)


def missing_programs() -> list[str]:
    """Programs that a cluster needs and this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]


@contextlib.contextmanager
def slurm_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster of two nodes, ready for jobs; all its processes have ended afterwards, whatever happened."""
    folder.mkdir(mode=0o755, parents=True)
    cluster = Cluster(folder)
    try:
        _start(cluster)
        yield cluster
    finally:
        _stop(folder)


def _start(cluster: Cluster) -> None:
    folder = cluster.folder
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)
    host = socket.gethostname().split(".")[0]
    ports = dict(zip(("controller_port", "port_n1", "port_n2"), _free_ports(3), strict=True))
    text = CONFIGURATION.format(folder=folder, host=host, **ports)
    (folder / "slurm.conf").write_text(text, encoding="utf-8")
    _write_srun(folder)
    names = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    cluster.ask("munged", "--force", *(f"--{name}={folder}/munge.{part}" for name, part in names.items()))
    cluster.ask("slurmctld", "-f", str(folder / "slurm.conf"))
    for node in NODES:
        cluster.start_node(node)
    until(lambda: _idle(cluster) == len(NODES), "both nodes to be idle")


def _write_srun(folder: Path) -> None:
    """Snakemake starts a job's step without SLURM_CONF, as on a site with its file in /etc/slurm."""
    (folder / "bin").mkdir()
    script = folder / "bin" / "srun"
    text = f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun", path=PATH)} "$@"\n'
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)


def _idle(cluster: Cluster) -> int:
    try:
        return cluster.ask("sinfo", "--noheader", "--Node", "--format=%T").split().count("idle")
    except subprocess.CalledProcessError:
        return 0


def _stop(folder: Path) -> None:
    """End the daemons, and what is left of their jobs: every process that names or uses the folder."""
    for name in (*(f"slurmd.{node}" for node in NODES), "slurmctld", "munge"):
        with contextlib.suppress(FileNotFoundError, ValueError):
            _end(_pid(folder / f"{name}.pid"))
    for pid, _ in _processes():
        if str(folder) in _open_files(pid):
            for child in (*descendants(pid), pid):
                _end(child)


def descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for child, _ in _processes():
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{child}/stat").read_text(encoding="utf-8", errors="replace")
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(child)
    found = list(parents.get(pid, []))
    for child in found:
        found.extend(parents.get(child, []))
    return found


def _processes() -> list[tuple[int, list[str]]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                found.append((int(entry.name), words))
    return found


def _is_snakemake(pid: int) -> bool:
    return any(words[1:3] == ["-m", "snakemake"] for number, words in _processes() if number == pid)


def _open_files(pid: int) -> str:
    names = []
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                names.append(os.readlink(link))
    return "\n".join(names)


def _pid(path: Path) -> int:
    return int(path.read_text(encoding="utf-8"))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
