"""Time of the clinical stage: 5,000 subjects with ten assessments, and a tenth of them.

Seconds are those of the processor (the stage runs in one thread): a busy machine does not change them.

Drawn are overall responses and lesions (two targets, one non-target) at ten visits, therapies, contacts, six
adverse events, six antibody samples and ten laboratory values a subject.

Run: python tests/bench/clinical.py; ends with 1 when all endpoints take longer than 30 s, or ten times the
subjects longer than eleven times as long.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "tests")]

from clearher.clinical.endpoints import endpoint_tables  # noqa: E402
from clearher.clinical.immunogenicity import immunogenicity  # noqa: E402
from clearher.clinical.populations import subject_variables  # noqa: E402
from clearher.clinical.response import response_tables  # noqa: E402
from clearher.clinical.safety_tables import safety_tables  # noqa: E402
from clearher.clinical.special_interest import read_special_terms  # noqa: E402
from clearher.clinical.time_to_event import time_tables  # noqa: E402
from clearher.columns import intake  # noqa: E402
from clearher.intake.config import defaults  # noqa: E402
from clearher.tables import empty  # noqa: E402
from clinical_draws import drawn_records  # noqa: E402

SUBJECTS, LIMIT, GROWTH = 5000, 30.0, 11.0


def stopwatch(name: str, parts: dict[str, float], start: float) -> float:
    """Note the time since ``start`` under a name; returns the moment."""
    now = time.process_time()
    parts[name] = now - start
    return now


def run(records: Mapping[str, pd.DataFrame], settings: dict) -> dict[str, float]:
    """Seconds of each part of the stage."""
    parts: dict[str, float] = {}
    people, nothing = records["subjects"], empty(intake.SUPPLIED)
    names = ("subjects", "assessments", "lesions", "therapies")
    start = time.process_time()
    responses = response_tables(*(records[name] for name in names), nothing, settings=settings).responses
    start = stopwatch("response", parts, start)
    times = time_tables(
        *(records[name] for name in names), records["contacts"], nothing, settings=settings
    ).times
    start = stopwatch("time to event", parts, start)
    variables = subject_variables(
        people, responses, empty(intake.SAMPLES), empty(intake.HER2), settings["response"]["evaluator"]
    )
    endpoint_tables(responses, times, variables, settings=settings)
    start = stopwatch("rates, curves, comparisons", parts, start)
    antibodies = immunogenicity(records["ada"], people, settings=settings["ada"])
    start = stopwatch("antibodies", parts, start)
    listed = read_special_terms(ROOT / "resources" / "aesi.tsv")
    safety_tables(records, antibodies.samples, antibodies.subjects, listed, settings=settings)
    stopwatch("safety", parts, start)
    return parts


def main() -> int:
    settings = defaults("clinical")
    settings["ada"]["scale"] = "log10"
    totals = {}
    for count in (SUBJECTS // 10, SUBJECTS):
        records = drawn_records(count, np.random.default_rng(count))
        parts = run(records, settings)
        totals[count] = sum(parts.values())
        words = ", ".join(f"{name} {seconds:.1f}" for name, seconds in parts.items())
        rows = len(records["assessments"])
        print(f"{count:,} subjects, {rows:,} assessments: {totals[count]:.1f} s ({words})")
    growth = totals[SUBJECTS] / totals[SUBJECTS // 10]
    print(f"all endpoints of {SUBJECTS:,} subjects: {totals[SUBJECTS]:.1f} s (limit {LIMIT:.0f} s)")
    print(f"ten times the subjects take {growth:.1f} times as long (limit {GROWTH:.0f})")
    return int(totals[SUBJECTS] > LIMIT or growth > GROWTH)


if __name__ == "__main__":
    sys.exit(main())
