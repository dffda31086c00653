"""A run as its user follows it: what will be done, which stage is done, which job failed and why.

Listens to Snakemake's log records (fields as documented for its logger plugins) and needs nothing else of it.
"""

import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPEATED = ("job_started", "job_finished", "progress")
STAGES = ("intake", "variants", "ctdna", "her2", "clinical", "association", "report")
SHOWN = 3
LONGEST_REASON = 300
REMEDIES = (
    (r"No space left on device|File too large|Disk quota", "Free space where results are written."),
    (r"Read-only file system|Permission denied", "Make the results folder writable for you."),
    (
        r"MemoryError|Cannot allocate|Unable to allocate|malloc",
        "Give it more memory, or run fewer jobs at once.",
    ),
    (r"truncated|EOF|BGZF|corrupt|index", "Copy the file again from where it came, with its index."),
)
PROBLEMS = re.compile(r"\d+ problems? in the input:")
WORDLESS = "ended without a word: killed, most often for want of memory or time"
AGAIN = "What is finished is kept. Mend the cause and give the same command again."


@dataclass(frozen=True)
class Failure:
    """A failed job.

    Attributes
    ----------
    rule : str
        Its rule.
    log : str
        Its log file; empty where it has none.
    wildcards : tuple of pairs of str
        What tells it from other jobs of the rule.
    """

    rule: str
    log: str
    wildcards: tuple[tuple[str, str], ...] = ()


@dataclass
class Progress:
    """A filter of Snakemake's records that tells how far the stages are and remembers the jobs that failed.

    Attributes
    ----------
    hush : object
        Put into the ``quietness`` of records that only repeat what is told here.
    tell : callable
        Receives each line for the user.
    failures : dict
        Failed jobs by Snakemake's number; one that succeeds at a later attempt is forgotten.
    finished : set of str
        Rules of which a job has finished.
    """

    hush: Any
    tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)
    failures: dict[Any, Failure] = field(default_factory=dict)
    rules: dict[Any, str] = field(default_factory=dict)
    wildcards: dict[Any, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    planned: Counter = field(default_factory=Counter)
    done: Counter = field(default_factory=Counter)

    def filter(self, record: logging.LogRecord) -> bool:
        """Take a record in and shorten it; every record passes."""
        kind = str(getattr(record, "event", None) or "")
        taker = getattr(self, f"_take_{kind}", None)
        if taker:
            taker(record)
        if kind in REPEATED or str(record.msg).startswith("Select jobs"):
            record.quietness = self.hush
        _shorten(record)
        return True

    def _take_run_info(self, record: logging.LogRecord) -> None:
        if not self.planned:
            for rule, count in record.stats.items():
                if rule not in ("total", "all"):
                    self.planned[stage_of(rule)] += int(count)

    def _take_job_info(self, record: logging.LogRecord) -> None:
        self.rules[record.jobid] = record.rule_name
        self.wildcards[record.jobid] = tuple(sorted((getattr(record, "wildcards", None) or {}).items()))

    def _take_job_finished(self, record: logging.LogRecord) -> None:
        self.failures.pop(record.job_id, None)
        rule = self.rules.pop(record.job_id, "all")
        if rule == "all":
            return
        self.finished.add(rule)
        stage = stage_of(rule)
        self.done[stage] += 1
        if self.done[stage] == self.planned[stage]:
            self.tell(f"{stage} done; {sum(self.done.values())} of {sum(self.planned.values())} jobs so far.")

    def _take_job_error(self, record: logging.LogRecord) -> None:
        self._failed(record.jobid, record.rule_name, record.log)

    def _take_group_error(self, record: logging.LogRecord) -> None:
        for job in record.job_error_info:
            self._failed(job["jobid"], job["rule_name"], job["log"])

    def _failed(self, jobid: Any, rule: str, logs: Sequence[str]) -> None:
        self.failures[jobid] = Failure(rule, next(iter(logs), ""), self.wildcards.get(jobid, ()))


def _shorten(record: logging.LogRecord) -> None:
    """Cut a record's endless lists of files and reasons."""
    for name in ("input", "output"):
        files = getattr(record, name, None)
        if isinstance(files, list) and len(files) > SHOWN:
            setattr(record, name, [*files[:SHOWN], f"and {len(files) - SHOWN} more"])
    reason = getattr(record, "reason", None)
    if isinstance(reason, str) and len(reason) > LONGEST_REASON:
        record.reason = reason[:LONGEST_REASON] + " ..."


def stage_of(rule: str) -> str:
    """Stage of a rule; of a workflow that uses this one under another name, too."""
    words = [word for word in rule.split("_") if word in STAGES]
    return words[0] if words else "report"


def start_message(
    study: Mapping[str, Any], cut: Mapping[str, Any], counts: Mapping[str, int], folder: str
) -> str:
    """The study, the cut, how much data there is, and where the results go.

    Parameters
    ----------
    study, cut : Mapping
        Sections ``study`` and ``data_cut`` of the configuration.
    counts : Mapping of str to int
        Number of things by their name in the plural; zeros are told, too.
    folder : str
        Results folder.
    """
    day = f"records up to {cut['date']}" if cut["date"] else "all records"
    amounts = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{study['id']}, data cut {cut['id']} ({day}): {amounts}. Results go to {folder}."


def failure_message(
    failures: Iterable[Failure], *, about: Callable[[Mapping[str, str]], str] = lambda _: "", shown: int = 5
) -> str:
    """What failed, the line of each log that matters, and what to do.

    Parameters
    ----------
    failures : iterable of Failure
        Failed jobs.
    about : callable
        Says of the wildcards of a job whom it is about; empty: everybody.
    shown : int
        At most so many of them in full.
    """
    unique = sorted(set(failures), key=lambda failure: (failure.rule, failure.log))
    if not unique:
        return f"The run stopped; no job failed. {AGAIN}"
    lines = [f"{len(unique)} job{'s' if len(unique) > 1 else ''} failed:"]
    for failure in unique[:shown]:
        reason = reason_of(_text(failure.log))
        whom = about(dict(failure.wildcards))
        name = f"{failure.rule} ({whom})" if whom else failure.rule
        lines += [f"  {name}: " + reason.replace("\n", "\n    "), f"    log: {failure.log or 'none'}"]
        # Problems of the input name their remedy themselves.
        if not PROBLEMS.match(reason):
            lines += [f"    {remedy}" for pattern, remedy in REMEDIES if re.search(pattern, reason)][:1]
    if len(unique) > shown:
        lines.append(f"  and {len(unique) - shown} more")
    return "\n".join([*lines, AGAIN])


def reason_of(log: str) -> str:
    """The part of a job's log that says why it failed: the problems of the input, or the error itself."""
    _, found, last = f"\n{log}".rpartition("\nERROR ")
    if not found:
        return WORDLESS
    lines = [line for line in last.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("Traceback"):
        return "\n".join(lines)
    errors = [number for number, line in enumerate(lines) if re.match(r"[\w.]+(:|$)", line)]
    return "\n".join(lines[errors[-1] :]) if errors else lines[-1]


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace") if path and Path(path).is_file() else ""
