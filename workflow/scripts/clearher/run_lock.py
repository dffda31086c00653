"""Who works in a study's folder: a lock that the system takes back when its process ends, however it ends.

Snakemake's own lock is files, which stay behind when a run is killed. This one tells whether anybody lives:
each run and each job holds a share of it. A run that finds Snakemake's lock while nobody holds a share
removes it.
"""

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import IO

LOCK = Path(".snakemake/clearher/run.lock")
LEFT_BEHIND = (
    "An earlier run in this folder was killed; no process of it lives. Its lock was removed, and what it was"
    " writing is written anew."
)


def enter_folder(lock: Path = LOCK) -> tuple[IO | None, str]:
    """Take a share of a folder's lock, and remove what a killed run left behind.

    Parameters
    ----------
    lock : Path
        Lock file in ``.snakemake/clearher`` of the working folder; made where it is missing.

    Returns
    -------
    file
        Keeps the share while it is open; None on a file system without locks.
    str
        What was found, for the user; empty: nothing. Locks are removed only when the last run was started on
        this machine, since not every network file system shares locks between machines.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    handle = open(lock, "a+", encoding="utf-8")  # noqa: SIM115 (open as long as the process lives)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(handle, fcntl.LOCK_SH)
        return handle, ""
    except OSError:
        handle.close()
        return None, ""
    found = _remove_left_behind(handle, lock.parents[1] / "locks")
    handle.truncate(0)
    handle.write(socket.gethostname())
    handle.flush()
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle, found


def hold_share(lock: Path = LOCK) -> IO | None:
    """A job's share of the lock of the folder it works in; None outside a run or without locks."""
    try:
        handle = open(lock, encoding="utf-8")  # noqa: SIM115
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
    except OSError:
        handle.close()
        return None
    return handle


def _remove_left_behind(handle: IO, locks: Path) -> str:
    handle.seek(0)
    here = handle.read().strip() == socket.gethostname()
    if not here or not locks.is_dir() or not os.listdir(locks):
        return ""
    shutil.rmtree(locks)
    locks.mkdir()
    return LEFT_BEHIND
