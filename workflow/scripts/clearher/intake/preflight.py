"""The check of all input before any job runs: every problem of every file in one list."""

from pathlib import Path

from clearher.intake.study import Study, checked_state
from clearher.problems import raise_if_errors


def check_before_run(study: Study, *, code: str, memory: str | Path) -> None:
    """Check all input files against themselves and each other, unless this state was found good before.

    Parameters
    ----------
    study : Study
        The opened study.
    code : str
        Digest of the package: new code checks anew.
    memory : str or Path
        File that holds the digest of the last state without errors.

    Raises
    ------
    InputError
        With every error of every input file.
    """
    memory = Path(memory)
    state = checked_state(study, code)
    if memory.is_file() and memory.read_text(encoding="utf-8") == state:
        return
    # Imported here: the readers need pandas, which a run without changes can do without.
    from clearher.intake.full_check import all_problems

    raise_if_errors(all_problems(study))
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(state, encoding="utf-8")
