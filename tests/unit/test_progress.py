"""What a user reads of a run: stages done, failed jobs with the line of the log that matters."""

import logging
import os
import subprocess
import sys

import pytest

from clearher.progress import WORDLESS, Failure, Progress, failure_message, reason_of, stage_of, start_message


@pytest.fixture
def told():
    return []


@pytest.fixture
def progress(told):
    return Progress(hush="rules", tell=told.append)


def record(event=None, msg="", **fields):
    made = logging.LogRecord("snakemake", logging.INFO, "", 0, msg, None, None)
    made.__dict__.update(event=event, **fields)
    return made


def run_job(progress, jobid, rule):
    progress.filter(record("job_info", jobid=jobid, rule_name=rule, input=[], output=[], reason=""))
    progress.filter(record("job_finished", job_id=jobid))


def test_each_stage_is_told_once_with_its_last_job(progress, told):
    stats = {"intake_clinical": 1, "intake_her2": 1, "manifest": 1, "all": 1, "total": 4}
    progress.filter(record("run_info", stats=stats))
    for jobid, rule in enumerate(("intake_clinical", "intake_her2", "manifest", "all")):
        run_job(progress, jobid, rule)
    assert told == ["intake done; 2 of 3 jobs so far.", "report done; 3 of 3 jobs so far."]
    assert progress.finished == {"intake_clinical", "intake_her2", "manifest"}


@pytest.mark.parametrize(
    ("rule", "stage"),
    [
        ("ctdna_count", "ctdna"),
        ("her2", "her2"),
        ("changes", "report"),
        ("manifest", "report"),
        ("clearher_intake_her2", "intake"),
    ],
)
def test_the_stage_of_a_rule(rule, stage):
    """Also in a workflow that uses this one under a prefix."""
    assert stage_of(rule) == stage


def test_a_job_that_succeeds_at_its_second_attempt_did_not_fail(progress):
    progress.filter(record("job_info", jobid=1, rule_name="ctdna_count", input=[], output=[], reason=""))
    progress.filter(record("job_error", jobid=1, rule_name="ctdna_count", log=["a.log"]))
    assert progress.failures == {1: Failure("ctdna_count", "a.log")}
    progress.filter(record("job_finished", job_id=1))
    assert progress.failures == {}


def test_a_failed_job_says_whom_it_is_about(progress):
    """Its wildcards, put into words by who knows them."""
    info = {"jobid": 1, "rule_name": "ctdna_count", "input": [], "output": [], "reason": ""}
    progress.filter(record("job_info", wildcards={"key": "ab12"}, **info))
    progress.filter(record("job_error", jobid=1, rule_name="ctdna_count", log=[]))
    said = failure_message(
        progress.failures.values(), about=lambda wildcards: f"sample of {wildcards['key']}"
    )
    assert f"  ctdna_count (sample of ab12): {WORDLESS}" in said


def test_all_jobs_of_a_failed_group_are_remembered(progress):
    jobs = [
        {"jobid": 1, "rule_name": "her2", "log": ["h.log"]},
        {"jobid": 2, "rule_name": "report", "log": []},
    ]
    progress.filter(record("group_error", job_error_info=jobs))
    assert sorted(progress.failures.values(), key=str) == [Failure("her2", "h.log"), Failure("report", "")]


def test_endless_lists_are_cut_and_repetitions_hushed(progress):
    files = [f"{number}.vcf" for number in range(5000)]
    long = record("job_info", jobid=1, rule_name="manifest", input=files, output=["m"], reason="x" * 9000)
    assert progress.filter(long)
    assert long.input == ["0.vcf", "1.vcf", "2.vcf", "and 4997 more"]
    assert long.output == ["m"]
    assert len(long.reason) < 320
    for repeated in (record("progress"), record(msg="Select jobs to execute...")):
        assert progress.filter(repeated)
        assert repeated.quietness == "rules"
    other = record(msg="Building DAG of jobs...")
    assert progress.filter(other)
    assert not hasattr(other, "quietness")


TRACEBACK = """\
INFO reading
ERROR Traceback (most recent call last):
  File "a.py", line 1, in <module>
    read()
OSError: no BGZF EOF marker; file may be truncated

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
ValueError: bam/S1-C1.bam cannot be read
  [Errno 5]
"""


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("", WORDLESS),
        ("INFO reading\n", WORDLESS),
        (TRACEBACK, "ValueError: bam/S1-C1.bam cannot be read\n  [Errno 5]"),
        (
            "ERROR 1 problem in the input:\n  1. her2.tsv, row 3: found x; expected y. Mend it.\n",
            "1 problem in the input:\n  1. her2.tsv, row 3: found x; expected y. Mend it.",
        ),
        ("ERROR Traceback (most recent call last):\n  File\nKeyboardInterrupt\n", "KeyboardInterrupt"),
        ("ERROR Traceback\n  File\nnumpy.linalg.LinAlgError: x\n", "numpy.linalg.LinAlgError: x"),
    ],
)
def test_the_line_that_matters(log, reason):
    """The last error of a chain, or the problems of the input in full; nothing written: it was killed."""
    assert reason_of(log) == reason


def test_a_failure_names_rule_reason_log_and_remedy(tmp_path):
    log = tmp_path / "ctdna_count.log"
    log.write_text("ERROR Traceback\nOSError: [Errno 28] No space left on device\n", encoding="utf-8")
    said = failure_message([Failure("ctdna_count", str(log)), Failure("ctdna_count", str(log))])
    assert said.splitlines() == [
        "1 job failed:",
        "  ctdna_count: OSError: [Errno 28] No space left on device",
        f"    log: {log}",
        "    Free space where results are written.",
        "What is finished is kept. Mend the cause and give the same command again.",
    ]


GREEDY = """\
import resource
from clearher.log import job_log
with job_log({log!r}):
    resource.setrlimit(resource.RLIMIT_AS, (500_000_000, resource.RLIM_INFINITY))
    bytearray(2_000_000_000)
"""


def test_memory_that_runs_out_is_named(tmp_path):
    """A job that asks for more than it may have."""
    log = tmp_path / "report.log"
    command = [sys.executable, "-c", GREEDY.format(log=str(log))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, check=False, capture_output=True, env=environment, cwd=tmp_path)
    assert done.returncode != 0
    said = failure_message([Failure("report", str(log))])
    assert "  report: MemoryError\n" in said
    assert "    Give it more memory, or run fewer jobs at once.\n" in said


def test_problems_of_the_input_keep_their_own_remedy(tmp_path):
    log = tmp_path / "her2.log"
    log.write_text("ERROR 1 problem in the input:\n  1. a.bam: found a truncated file; mend it.\n")
    assert failure_message([Failure("her2", str(log))]).splitlines()[1:4] == [
        "  her2: 1 problem in the input:",
        "      1. a.bam: found a truncated file; mend it.",
        f"    log: {log}",
    ]


def test_many_failures_are_counted():
    said = failure_message(Failure(f"rule{number}", "") for number in range(8)).splitlines()
    assert said[0] == "8 jobs failed:"
    assert said[-2] == "  and 3 more"


def test_the_start_names_study_cut_data_and_place():
    said = start_message(
        {"id": "S"}, {"id": "cut1", "date": "2024-06-30"}, {"samples": 8, "read files": 0}, "results/cut1"
    )
    assert said == (
        "S, data cut cut1 (records up to 2024-06-30): 8 samples, 0 read files. Results go to results/cut1."
    )
