"""The course of a subject as the clinic sees it: doses, scans, lesions, end of treatment, death."""

import math
from dataclasses import dataclass

import numpy as np

from clearher.simulate.biology import FIXED_COURSE, Subject
from clearher.simulate.design import (
    CUT_DATE,
    EXPORT_DATE,
    LAST_CYCLE,
    PLASMA_CYCLES,
    SCAN_INTERVAL_DAYS,
    cycle_day,
    slot,
    stream,
    study_day,
)
from clearher.simulate.recist import (
    best_response,
    confirmed_best_response,
    non_target_response,
    overall_response,
    target_response,
)

SITES = ("LIVER", "LUNG", "LYMPH NODE", "CHEST WALL", "BREAST", "ADRENAL GLAND")
NON_TARGET_SITES = ("BONE", "PLEURA", "PERITONEUM")
DEPTHS = {"CR": (1.0, 1.0), "PR": (0.45, 0.85), "SD": (-0.05, 0.22), "PD": (-0.1, 0.0)}
SHRINK_DAYS = 30
UNCONFIRMED_RATIOS = (0.80, 0.65, 0.73, 0.74)
NEW_THERAPY_DAY = 160
LAST_SCAN = 16


@dataclass(frozen=True)
class Lesion:
    """A lesion found at screening; ``size`` is its diameter in mm, short axis for lymph nodes."""

    name: str
    target: bool
    location: str
    nodal: bool
    size: int


@dataclass(frozen=True)
class Scan:
    """A tumour assessment after baseline; sizes and presence in the order of the lesions."""

    day: int
    week: int
    sizes: tuple[int, ...]
    present: tuple[bool, ...]
    new_lesion: bool
    target: str
    non_target: str
    overall: str


@dataclass(frozen=True)
class Timeline:
    """Everything dated of one subject, in study days; None: did not happen before the export.

    ``cut_day`` and ``export_day`` are the study days of the data cut and of the export.
    """

    cut_day: int
    export_day: int
    screening_day: int
    lesions: tuple[Lesion, ...]
    scans: tuple[Scan, ...]
    missed_weeks: tuple[int, ...]
    dose_days: tuple[int, ...]
    progression_seen: int | None
    end_of_treatment: int | None
    end_reason: str
    new_therapy: int | None
    death: int | None
    draws: tuple[tuple[str, int], ...]

    def responses_at_cut(self) -> list[tuple[int, str]]:
        """(days from first dose, overall response) up to the first PD, the new therapy and the cut."""
        limit = min(self.cut_day, (self.new_therapy or self.cut_day + 1) - 1)
        return [(scan.day - 1, scan.overall) for scan in self.scans if scan.day <= limit]

    def best_responses(self) -> tuple[str, str]:
        """Best overall response at the data cut, without and with confirmation."""
        visits = self.responses_at_cut()
        return best_response(visits), confirmed_best_response(visits)

    def progression_free(self) -> tuple[int, bool]:
        """Day and event of progression-free survival at the cut: first PD or death, else the last scan.

        New therapy censors at the last scan before it; two missed scans are not looked at.
        """
        visits = self.responses_at_cut()
        if visits and visits[-1][1] == "PD":
            return visits[-1][0] + 1, True
        death = self.death if self.death is not None and self.death <= self.cut_day else None
        if death is not None and self.new_therapy is None:
            return death, True
        return (visits[-1][0] + 1, False) if visits else (1, False)


def timeline(seed: int, subject: Subject) -> Timeline:
    """The subject's course up to the export of the data."""
    random = stream(seed, subject.number, "clinic")
    export = study_day(subject.first_dose, EXPORT_DATE)
    cut = study_day(subject.first_dose, CUT_DATE)
    lesions = _lesions(subject, random)
    planned = _planned_scans(random)
    early_death = _early_death(subject, random)
    last = min(export, early_death or export)
    missed = _missed_weeks(subject, planned)
    scans = _scans(subject, lesions, planned, missed, last, random)
    seen = next((scan.day for scan in scans if scan.overall == "PD"), None)
    end, reason = _end_of_treatment(subject, seen, early_death, random)
    death = early_death or _death_after_progression(subject, seen, cut, random)
    therapy = _new_therapy(subject, seen, end, death, random)
    end = end if end is not None and end <= export else None
    doses = _dose_days(min(last, end - 1 if end else last, seen or last), random)
    screening = -int(random.integers(3, 15))
    return Timeline(
        cut_day=cut,
        export_day=export,
        screening_day=screening,
        lesions=lesions,
        scans=scans,
        missed_weeks=tuple(week for week in missed if scans and week < scans[-1].week),
        dose_days=doses,
        progression_seen=seen,
        end_of_treatment=end,
        end_reason=reason if end is not None else "",
        new_therapy=therapy if therapy is not None and therapy <= export else None,
        death=death if death is not None and death <= export else None,
        draws=_draws(subject, screening, doses, end if reason != "DEATH" else None),
    )


def _lesions(subject: Subject, random: np.random.Generator) -> tuple[Lesion, ...]:
    n_targets = 0 if subject.has("non_measurable") else 1 + int(random.integers(0, 4))
    n_others = int(random.integers(0, 3)) if n_targets else 2
    places = [SITES[i] for i in random.permutation(len(SITES))[:n_targets]]
    targets = tuple(
        Lesion(f"T{i:02d}", True, place, place == "LYMPH NODE", int(random.integers(20, 52)))
        for i, place in enumerate(places, 1)
    )
    others = tuple(
        Lesion(f"NT{i:02d}", False, NON_TARGET_SITES[i - 1], False, 0) for i in range(1, n_others + 1)
    )
    return targets + others


def _planned_scans(random: np.random.Generator) -> list[tuple[int, int]]:
    """(week, study day) of the scans; a scan falls up to three days from its planned day."""
    shifts = random.integers(-3, 4, LAST_SCAN)
    return [(6 * i, 1 + SCAN_INTERVAL_DAYS * i + int(shifts[i - 1])) for i in range(1, LAST_SCAN + 1)]


def _missed_weeks(subject: Subject, planned: list[tuple[int, int]]) -> tuple[int, ...]:
    if subject.has("missed_assessment"):
        return (12,)
    if subject.has("two_missed_assessments"):
        shows = next(i for i, (_, day) in enumerate(planned) if day >= subject.course.progression_day)
        return tuple(week for week, _ in planned[shows - 2 : shows])
    return ()


def _scans(
    subject: Subject,
    lesions: tuple[Lesion, ...],
    planned: list[tuple[int, int]],
    missed: tuple[int, ...],
    last: int,
    random: np.random.Generator,
) -> tuple[Scan, ...]:
    """Scans in order, up to the first that shows progression."""
    nodal = [lesion.nodal for lesion in lesions if lesion.target]
    first = [lesion.size for lesion in lesions if lesion.target]
    depth = random.uniform(*DEPTHS[subject.course.response_class])
    smallest, sizes_before, scans = sum(first), first, []
    for order, (week, day) in enumerate(planned):
        if day > last:
            break
        noise = random.normal(0, 0.0 if subject.has("unconfirmed_response") else 0.012, len(first))
        ratio = _ratio(subject, order, day, depth)
        progressed = day >= subject.course.progression_day
        new_lesion = bool(random.random() < 0.4 or not first) and progressed
        grown = progressed and not new_lesion
        if week in missed:
            continue
        sizes = _grown(sizes_before) if grown else _shrunk(first, nodal, ratio, noise)
        gone = subject.course.response_class == "CR" and ratio < 0.1
        present = tuple(not gone for lesion in lesions if not lesion.target)
        target = target_response(sizes, nodal, sum(first), smallest) if first else ""
        non_target = non_target_response(present)
        overall = overall_response(target, non_target, new_lesion)
        scans.append(Scan(day, week, tuple(sizes), present, new_lesion, target, non_target, overall))
        smallest, sizes_before = min(smallest, sum(sizes)), sizes
        if overall == "PD":
            break
    return tuple(scans)


def _ratio(subject: Subject, order: int, day: int, depth: float) -> float:
    """Size relative to baseline while the drug works."""
    if subject.has("unconfirmed_response"):
        return UNCONFIRMED_RATIOS[min(order, len(UNCONFIRMED_RATIOS) - 1)]
    return 1 - depth * (1 - math.exp(-day / SHRINK_DAYS))


def _shrunk(first: list[int], nodal: list[bool], ratio: float, noise: np.ndarray) -> list[int]:
    sizes = [max(round(size * (ratio + shift)), 0) for size, shift in zip(first, noise.tolist(), strict=True)]
    return [size if node or size >= 5 else 0 for size, node in zip(sizes, nodal, strict=True)]


def _grown(before: list[int]) -> list[int]:
    return [math.ceil(1.25 * size) + 6 for size in before]


def _early_death(subject: Subject, random: np.random.Generator) -> int | None:
    """Death before progression, rare."""
    dies, day = random.random() < 0.03, int(random.integers(60, 300))
    return day if dies and not _planted(subject) and day < subject.course.progression_day else None


def _planted(subject: Subject) -> bool:
    kinds = ("calls_only", "partial_ae_date", "her2_conflict", "her2_without_ish", "failed_tube")
    return any(subject.has(kind) for kind in kinds) or subject.small_assay or _fixed(subject)


def _fixed(subject: Subject) -> bool:
    return slot(subject.number) in FIXED_COURSE


def _end_of_treatment(
    subject: Subject, seen: int | None, death: int | None, random: np.random.Generator
) -> tuple[int | None, str]:
    wait, stops = int(random.integers(3, 13)), random.random() < 0.06
    early = int(random.integers(50, 200))
    if subject.has("new_therapy_before_pd"):
        return NEW_THERAPY_DAY - 10, "PHYSICIAN DECISION"
    if stops and not _planted(subject) and early < min(seen or 9999, death or 9999):
        return early, "ADVERSE EVENT"
    if seen is not None:
        return seen + wait, "PROGRESSIVE DISEASE"
    return (death, "DEATH") if death is not None else (None, "")


def _death_after_progression(
    subject: Subject, seen: int | None, cut: int, random: np.random.Generator
) -> int | None:
    """Death after progression; one that would fall after the cut is recorded only where planted."""
    mean = {"CR": 600, "PR": 450, "SD": 330, "PD": 240}[subject.course.response_class]
    wait = 25 + int(random.exponential(mean))
    if subject.has("death_after_cut"):
        return cut + 9
    if subject.has("partial_death_date"):
        return 170
    return seen + wait if seen is not None and seen + wait <= cut else None


def _new_therapy(
    subject: Subject, seen: int | None, end: int | None, death: int | None, random: np.random.Generator
) -> int | None:
    wait, starts = int(random.integers(8, 40)), random.random() < 0.65
    if subject.has("new_therapy_before_pd"):
        return NEW_THERAPY_DAY
    if seen is None or not starts:
        return None
    day = max(seen, end or seen) + wait
    return day if death is None or day < death else None


def _dose_days(last: int, random: np.random.Generator) -> tuple[int, ...]:
    """Infusion days: every 21 days, up to three days late."""
    late = random.integers(0, 4, LAST_CYCLE)
    late[0] = 0
    days = [cycle_day(cycle) + int(late[cycle - 1]) for cycle in range(1, LAST_CYCLE + 1)]
    return tuple(day for day in days if day <= max(last, 1))


def _draws(
    subject: Subject, screening: int, doses: tuple[int, ...], end: int | None
) -> tuple[tuple[str, int], ...]:
    """(visit, study day) of the plasma draws, before the infusion of their day."""
    draws = [("SCREENING", screening)]
    draws += [(f"C{cycle}D1", doses[cycle - 1]) for cycle in PLASMA_CYCLES if cycle <= len(doses)]
    if subject.has("unscheduled_draw"):
        draws.append(("UNSCHEDULED", 62))
    if end is not None:
        draws.append(("EOT", end))
    return tuple(sorted(draws, key=lambda draw: draw[1]))
