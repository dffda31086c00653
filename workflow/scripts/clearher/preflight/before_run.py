"""The check of all input before any job runs: every problem of every file in one list."""

from collections.abc import Iterable
from pathlib import Path

from clearher.intake.study import Study, checked_state
from clearher.problems import Problem, listed, raise_if_errors, with_severity

SHOWN = 10
IN_ORDER = "The configuration and all input files are in order."
WARNED = "Read these warnings, which do not stop a run:"


def check_before_run(study: Study, *, code: str, memory: str | Path) -> str:
    """Check all input files against themselves and each other, unless this state was found good before.

    Parameters
    ----------
    study : Study
        The opened study.
    code : str
        Digest of the package: new code checks anew.
    memory : str or Path
        File that holds the digest of the last state without errors, and what was said of it.

    Returns
    -------
    str
        That all is in order, and the warnings, which do not stop a run; the first of many.

    Raises
    ------
    InputError
        With every error of every input file.
    """
    memory = Path(memory)
    state = checked_state(study, code)
    known, _, said = memory.read_text(encoding="utf-8").partition("\n") if memory.is_file() else ("", "", "")
    if known == state:
        return said
    # Imported here: the readers need pandas, which a run without changes can do without.
    from clearher.preflight.full_check import all_problems

    problems = all_problems(study)
    raise_if_errors(problems)
    said = words_of_check(with_severity(problems, study.config["intake"]["severity"]))
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(f"{state}\n{said}", encoding="utf-8")
    return said


def words_of_check(problems: Iterable[Problem]) -> str:
    """That nothing stops the run, and the first warnings, which a user should read before it."""
    warnings = listed(problem for problem in problems if problem.severity == "warning")
    if not warnings:
        return IN_ORDER
    further = len(warnings) - SHOWN
    more = [f"  and {further} more, in the findings tables"] if further > 0 else []
    return "\n".join([f"{IN_ORDER} {WARNED}", *(f"  {text}" for text in warnings[:SHOWN]), *more])
