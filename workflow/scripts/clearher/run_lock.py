"""Who works in a study's folder: a lock that the system takes back when its process ends, however it ends.

Snakemake's own lock is files, which stay behind when a run is killed. This one tells whether anybody lives:
each run and each job holds a share of it. A run that finds Snakemake's lock while nobody holds a share
removes it.
"""

import fcntl
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import IO

from clearher.problems import InputError, Problem

LOCK = Path(".snakemake/clearher/run.lock")
LEFT_BEHIND = (
    "An earlier run in this folder was killed; no process of it lives. Its lock was removed, and what it was"
    " writing is written anew."
)


def enter_folder(lock: Path = LOCK, *, tell: Callable[[str], None]) -> IO | None:
    """Take a share of a folder's lock, and remove what a killed run left behind.

    Locks are removed only when the last run was started on this machine, since not every network file system
    shares locks between machines. Others than owner and group lose sight of the folder's ``.snakemake``.

    Parameters
    ----------
    lock : Path
        Lock file in ``.snakemake/clearher`` of the working folder; made where it is missing.
    tell : callable
        Receives what was found, for the user.

    Returns
    -------
    file
        Keeps the share while it is open; None on a file system without locks.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        state = lock.parents[1]
        state.chmod(state.stat().st_mode & 0o770)
        handle = open(lock, "a+", encoding="utf-8")  # noqa: SIM115 (open as long as the process lives)
    except OSError as error:
        raise InputError([_unwritable(error)]) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(handle, fcntl.LOCK_SH)
        return handle
    except OSError:
        handle.close()
        return None
    if _remove_left_behind(handle, lock.parents[1] / "locks"):
        tell(LEFT_BEHIND)
    handle.truncate(0)
    handle.write(socket.gethostname())
    handle.flush()
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


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


def _remove_left_behind(handle: IO, locks: Path) -> bool:
    handle.seek(0)
    here = handle.read().strip() == socket.gethostname()
    if not here or not locks.is_dir() or not os.listdir(locks):
        return False
    shutil.rmtree(locks)
    locks.mkdir()
    return True


def _unwritable(error: OSError) -> Problem:
    return Problem(
        "folder_unwritable",
        error.strerror or str(error),
        "a folder that can be written",
        "Make it writable, or name another one with --directory.",
        file=os.getcwd(),
    )
