"""HER2 readings of a subject: several specimens, two laboratories, and their disagreements."""

from typing import NamedTuple

import numpy as np

from clearher.simulate.biology import HER2_LEVELS, Subject
from clearher.simulate.clinic import Timeline
from clearher.simulate.design import calendar_date, column_names, stream

COLUMNS = column_names(
    "subject_id specimen_id specimen_date specimen_site specimen_type preservation laboratory reader assay "
    "ihc_score pct_0 pct_1 pct_2 pct_3 h_score ish_method ish_ratio ish_her2_copies ish_cep17_copies "
    "ish_recount ish_result"
)
SCORES = dict(zip(HER2_LEVELS, ("0-null", "0-ultralow", "1+", "2+"), strict=True))
SITES = ("liver", "lung", "lymph node", "skin", "bone")


class Specimen(NamedTuple):
    """A piece of tissue and its true level (index into the HER2 levels)."""

    name: str
    day: int
    site: str
    kind: str
    preservation: str
    level: int


def readings(seed: int, subject: Subject, timeline: Timeline) -> list[tuple]:
    """Rows of the HER2 table of one subject, in the order of :data:`COLUMNS`.

    The central reading of the newest metastatic specimen shows the subject's true level. Older specimens
    may differ by a level; so may local readings, which do not tell null from ultralow, and the second
    central reader, whom an adjudicator then overrules.
    """
    random = stream(seed, subject.number, "her2")
    second = stream(seed, subject.number, "second_reader")
    rows = []
    for specimen in _specimens(subject, timeline, random):
        if specimen.preservation == "archival":
            rows.append(_local(subject, specimen, random))
        if specimen.kind == "metastatic":
            number = int(random.integers(1, 4))
            rows.append(_central(subject, specimen, f"PATHOLOGIST {number}", specimen.level, random))
            rows += _second_readings(subject, specimen, number, second)
    return rows


def _specimens(subject: Subject, timeline: Timeline, random: np.random.Generator) -> list[Specimen]:
    level = HER2_LEVELS.index(subject.her2_level)
    name = subject.subject_id
    has_fresh = random.random() < 0.55
    older = _neighbour(level, random) if random.random() < 0.25 else level
    first = _neighbour(level, random) if random.random() < 0.25 else level
    places = [SITES[int(i)] for i in random.integers(0, len(SITES), 2)]
    specimens = [
        Specimen(f"{name}-T1", -int(random.integers(400, 1800)), "breast", "primary", "archival", first),
        Specimen(
            f"{name}-T2",
            -int(random.integers(40, 300)),
            places[0],
            "metastatic",
            "archival",
            older if has_fresh else level,
        ),
    ]
    if has_fresh:
        day = timeline.screening_day
        specimens.append(Specimen(f"{name}-T3", day, places[1], "metastatic", "fresh", level))
    return specimens


def _neighbour(level: int, random: np.random.Generator) -> int:
    return int(np.clip(level + random.choice((-1, 1)), 0, len(HER2_LEVELS) - 1))


def _local(subject: Subject, specimen: Specimen, random: np.random.Generator) -> tuple:
    level = _neighbour(specimen.level, random) if random.random() < 0.2 else specimen.level
    score = SCORES[HER2_LEVELS[level]]
    if score.startswith("0") and random.random() < 0.8:
        score = "0"
    if subject.has("her2_conflict") and specimen.kind == "metastatic":
        score = "3+"
    return _row(subject, specimen, "local", "", score, random)


def _central(
    subject: Subject, specimen: Specimen, reader: str, level: int, random: np.random.Generator
) -> tuple:
    return _row(subject, specimen, "central", reader, SCORES[HER2_LEVELS[level]], random)


def _second_readings(
    subject: Subject, specimen: Specimen, first: int, random: np.random.Generator
) -> list[tuple]:
    """Another pathologist, one level off in every seventh reading, and then the adjudicator."""
    other = 1 + (first + int(random.integers(0, 2))) % 3
    level = _neighbour(specimen.level, random) if random.random() < 1 / 7 else specimen.level
    rows = [_central(subject, specimen, f"PATHOLOGIST {other}", level, random)]
    if level != specimen.level:
        rows.append(_central(subject, specimen, "ADJUDICATOR", specimen.level, random))
    return rows


def _row(
    subject: Subject,
    specimen: Specimen,
    laboratory: str,
    reader: str,
    score: str,
    random: np.random.Generator,
) -> tuple:
    percents = _percents(score, random)
    shares = (100 - sum(percents), *percents)
    h_score = sum(weight * share for weight, share in enumerate(shares))
    reported = laboratory == "central"
    ish = _ish(subject, random) if score == "2+" else ("",) * 6
    return (
        subject.subject_id,
        specimen.name,
        calendar_date(subject.first_dose, specimen.day).isoformat(),
        specimen.site,
        specimen.kind,
        specimen.preservation,
        laboratory,
        reader,
        "VENTANA 4B5" if reported else "HercepTest",
        score,
        *(shares if reported else ("",) * 4),
        h_score if reported else "",
        *ish,
    )


def _percents(score: str, random: np.random.Generator) -> tuple[int, int, int]:
    """Percent of cells at intensity 1, 2 and 3."""
    if score in ("0", "0-null"):
        return 0, 0, 0
    if score == "0-ultralow":
        return int(random.integers(1, 10)), 0, 0
    if score == "1+":
        return int(random.integers(15, 75)), int(random.integers(0, 6)), 0
    if score == "2+":
        return int(random.integers(15, 45)), int(random.integers(12, 40)), int(random.integers(0, 6))
    return int(random.integers(5, 15)), int(random.integers(10, 25)), int(random.integers(15, 50))


def _ish(subject: Subject, random: np.random.Generator) -> tuple:
    """Dual-probe in situ hybridisation: group 5, now and then group 4 with its recount."""
    between = random.random() < 0.12
    copies = round(float(random.uniform(4.2, 5.6) if between else random.uniform(2.0, 3.6)), 1)
    ratio = round(float(random.uniform(1.1, 1.6)), 2)
    if subject.has("her2_without_ish"):
        return ("",) * 6
    return "FISH", ratio, copies, round(copies / ratio, 2), "same group" if between else "", "negative"
