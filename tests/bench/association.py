"""Time of all declared analyses: a trial of 42 subjects, and 1,000 subjects with 50 analyses.

Run: python tests/bench/association.py; ends with 1 when a limit (20 s, 180 s) is passed.
"""

import sys
import time
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "tests")]

from association_builders import data_of, trial  # noqa: E402
from clearher.association.analyses import association_results  # noqa: E402
from clearher.association.remark import remark_profile  # noqa: E402
from clearher.intake.config import defaults  # noqa: E402

CASES = ((42, None, 20.0), (1000, 50, 180.0))


def configured(analyses: int | None) -> dict:
    """Default settings, with the declared analyses repeated under other names until there are enough."""
    settings = defaults("association")
    declared = settings["analyses"]
    if analyses is None:
        return settings
    chosen = [
        {**entry, "id": f"{entry['id']}_{number}", "primary": False}
        for number, entry in zip(range(analyses), cycle(declared), strict=False)
    ]
    return {**settings, "analyses": chosen}


def seconds(subjects: int, analyses: int | None) -> tuple[float, int]:
    """Time of the stage, and the number of rows it wrote."""
    settings = configured(analyses)
    tables = trial(subjects)
    start = time.perf_counter()
    data = data_of(tables, settings)
    found = association_results(data, settings)
    remark_profile(data, found.results, settings)
    return time.perf_counter() - start, len(found.results)


def main() -> int:
    slow = 0
    for subjects, analyses, limit in CASES:
        took, rows = seconds(subjects, analyses)
        count = analyses or len(configured(None)["analyses"])
        print(f"{subjects} subjects, {count} analyses: {took:.1f} s for {rows} rows (limit {limit:.0f} s)")
        slow += took > limit
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
