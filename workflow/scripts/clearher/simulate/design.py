"""The study that is simulated: calendar, schedule, names and random streams."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

STUDY_ID = "TQB2102-SIM"
CUT_DATE = date(2025, 6, 30)
EXPORT_DATE = CUT_DATE + timedelta(days=30)
FIRST_ENROLMENT = date(2023, 9, 4)
ENROLMENT_SPAN_DAYS = 390
CYCLE_DAYS = 21
SCAN_INTERVAL_DAYS = 42
LAST_CYCLE = 33
BLOCK = 42
BACKGROUND_ERROR = 2e-5
GENOME_BUILD = "SIM1"
STREAMS = ("biology", "clinic", "her2", "sequencing", "reads", "safety", "second_reader", "heart")


@dataclass(frozen=True)
class Study:
    """What is asked for on the command line.

    Attributes
    ----------
    subjects : int
        Number of treated subjects.
    seed : int
        Seed of everything random.
    bam_subjects : int
        Number of subjects whose samples also have read files.
    """

    subjects: int
    seed: int
    bam_subjects: int


def column_names(text: str) -> tuple[str, ...]:
    """Column names from a text of names parted by blanks."""
    return tuple(text.split())


def cycle_day(cycle: int) -> int:
    """Nominal study day of the first day of a cycle; cycle 1 is day 1."""
    return 1 + CYCLE_DAYS * (cycle - 1)


PLASMA_CYCLES = (1, 2, 3, *range(5, LAST_CYCLE + 1, 4))
ADA_CYCLES = (1, 2, 4, 7, 12)


def plasma_visits() -> dict[str, dict]:
    """Planned plasma visits in order, as the configuration names them."""
    screening = {"day": -7, "window_days": 7, "baseline": True}
    visits = {"SCREENING": screening, "C1D1": {"day": 1, "window_days": 0, "baseline": True}}
    for cycle in PLASMA_CYCLES[1:]:
        visits[f"C{cycle}D1"] = {"day": cycle_day(cycle), "window_days": 7}
    visits["EOT"] = {"day": None, "optional": True}
    return visits


def subject_id(number: int) -> str:
    """Identifier of the subject with this number, counted from 1."""
    return f"SIM-{number:04d}"


def slot(number: int) -> int:
    """Place of a subject in its block of 42, from 1; trouble is planted by slot and recurs in each block."""
    return (number - 1) % BLOCK + 1


def stream(seed: int, number: int, name: str) -> np.random.Generator:
    """Random numbers of one subject for one purpose, independent of every other subject and purpose."""
    sequence = np.random.SeedSequence(seed, spawn_key=(number, STREAMS.index(name)))
    return np.random.Generator(np.random.PCG64(sequence))


def calendar_date(first_dose: date, study_day: int) -> date:
    """Date of a study day: day 1 is the first dose, the day before it is -1, there is no day 0."""
    return first_dose + timedelta(days=study_day - 1 if study_day > 0 else study_day)


def study_day(first_dose: date, day: date) -> int:
    """Study day of a date, the inverse of :func:`calendar_date`."""
    difference = (day - first_dose).days
    return difference + 1 if difference >= 0 else difference
