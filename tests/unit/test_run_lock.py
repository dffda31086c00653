"""One run at a time in a folder: locks left by killed runs go, locks of living ones stay."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from clearher.problems import InputError
from clearher.run_lock import LEFT_BEHIND, enter_folder, hold_share

HOLD = """\
import time
from clearher.run_lock import enter_folder, hold_share
share = {what}
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder whose last run was started here and left Snakemake's lock behind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake" / "locks").mkdir(parents=True)
    (tmp_path / ".snakemake" / "locks" / "0.input.lock").write_text("a.tsv\n")
    (tmp_path / ".snakemake" / "clearher").mkdir()
    (tmp_path / ".snakemake" / "clearher" / "run.lock").write_text(socket.gethostname())
    return tmp_path


@pytest.fixture
def holder(folder):
    """Start another process that holds a share."""
    started = []

    def start(what):
        command = [sys.executable, "-c", HOLD.format(what=what)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path()}
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def path():
    return os.pathsep.join(sys.path)


def enter_and_leave() -> str:
    """Enter the folder and leave it again; what was told."""
    told = []
    enter_folder(tell=told.append).close()
    return "".join(told)


def locks(folder):
    return sorted(os.listdir(folder / ".snakemake" / "locks"))


def test_a_lock_that_nobody_holds_is_removed_and_told(folder):
    found = enter_and_leave()
    assert found == LEFT_BEHIND
    assert locks(folder) == []


@pytest.mark.parametrize("what", ["enter_folder(tell=print)", "hold_share()"])
def test_a_lock_stays_while_a_run_or_a_job_lives(folder, holder, what):
    """A living run, or an orphaned job of a killed one, keeps it; killed, it goes."""
    (folder / ".snakemake" / "locks" / "0.input.lock").unlink()
    other = holder(what)
    (folder / ".snakemake" / "locks" / "0.input.lock").write_text("a.tsv\n")
    found = enter_and_leave()
    assert (found, locks(folder)) == ("", ["0.input.lock"])
    other.send_signal(signal.SIGKILL)
    other.wait()
    found = enter_and_leave()
    assert (found, locks(folder)) == (LEFT_BEHIND, [])


def test_a_run_of_another_machine_keeps_its_lock(folder):
    """Network file systems do not always share locks: only this machine's dead are known to be dead."""
    (folder / ".snakemake" / "clearher" / "run.lock").write_text("another-machine")
    found = enter_and_leave()
    assert (found, locks(folder)) == ("", ["0.input.lock"])


def test_no_lock_no_word(folder):
    (folder / ".snakemake" / "locks" / "0.input.lock").unlink()
    found = enter_and_leave()
    assert found == ""


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    """A file stands where the folder of the lock belongs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").write_text("")
    with pytest.raises(InputError, match=r"name another one with --directory") as caught:
        enter_folder(tell=print)
    assert caught.value.problems[0].file == str(tmp_path)


def test_outside_a_run_there_is_no_share(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert hold_share() is None
    assert os.listdir(tmp_path) == []
