"""Tubes of a subject: which were drawn, which failed, how much DNA they held, and whose DNA it was."""

from dataclasses import dataclass

import numpy as np

from clearher.simulate.biology import Subject
from clearher.simulate.clinic import Timeline
from clearher.simulate.trouble import swap_partner, troubles_of

MISSING_RATE = 0.01
FAILURE_RATE = 0.015
FAILURES = ("hemolysis", "quantity not sufficient", "library failed")


@dataclass(frozen=True)
class Tube:
    """A tube that was drawn.

    Attributes
    ----------
    donor : int
        Number of the subject whose DNA it holds; another one's where tubes were exchanged.
    cfdna_ng : float
        DNA that went into the library; NaN for white cells.
    depth : float
        Mean depth of its library; 0 where it failed.
    """

    sample_id: str
    visit: str
    specimen: str
    day: int
    donor: int
    plasma_ml: float
    cfdna_ng: float
    depth: float
    qc_reason: str

    @property
    def failed(self) -> bool:
        """Whether the tube failed quality control."""
        return bool(self.qc_reason)


def tubes(
    subject: Subject, timeline: Timeline, random: np.random.Generator
) -> tuple[list[Tube], list[tuple[str, str, str]]]:
    """Tubes in order of collection, and the accidents among them as (kind, visit, detail).

    Accidents planted by the trouble plan are not repeated in the second list.
    """
    drawn, accidents = [], []
    for visit, day in timeline.draws:
        missing, reason = _fate(subject, visit, random)
        tube = _plasma(subject, visit, day, reason, random)
        if not missing:
            drawn.append(tube)
        if (missing or reason) and not _planned_accident(subject, visit):
            kind = "missing_tube" if missing else "failed_tube"
            accidents.append((kind, visit, reason or "No tube drawn: no row in the sample sheet"))
    if subject.has_white_cells:
        depth = 900.0 if subject.small_assay else float(random.uniform(3000, 6000))
        name = f"{subject.subject_id}-WBC"
        day = timeline.screening_day
        white = Tube(name, "SCREENING", "wbc", day, subject.number, np.nan, np.nan, depth, "")
        drawn.append(white)
    return drawn, accidents


def _planned_accident(subject: Subject, visit: str) -> bool:
    kinds = ("missing_tube", "failed_tube", "baseline_tube_failed")
    return any(t.kind in kinds and t.visit == visit for t in troubles_of(subject.number))


def _fate(subject: Subject, visit: str, random: np.random.Generator) -> tuple[bool, str]:
    """Whether the tube is missing, and why it failed (empty: it did not)."""
    chance, reason = random.random(), FAILURES[int(random.integers(0, len(FAILURES)))]
    if subject.has("missing_tube") and visit == "C3D1":
        return True, ""
    if subject.has("failed_tube") and visit == "C2D1":
        return False, FAILURES[0]
    if subject.has("baseline_tube_failed") and visit == "C1D1":
        return False, FAILURES[1]
    spared = visit in ("SCREENING", "C1D1") or any(t.visit for t in troubles_of(subject.number))
    if spared or chance > MISSING_RATE + FAILURE_RATE:
        return False, ""
    return (True, "") if chance < MISSING_RATE else (False, reason)


def _plasma(subject: Subject, visit: str, day: int, reason: str, random: np.random.Generator) -> Tube:
    nanograms = float(np.clip(np.exp(random.normal(np.log(25), 0.4)), 10, 60))
    yield_share, scale = random.uniform(0.4, 0.7), random.uniform(0.85, 1.15)
    depth = 900 * scale if subject.small_assay else float(np.clip(nanograms * 300 * yield_share, 2000, 8000))
    if subject.has("low_input") and visit == "C3D1":
        nanograms, depth = 2.0, 120.0
    if reason == "quantity not sufficient":
        nanograms = 1.5
    partner = swap_partner(subject.number)
    return Tube(
        sample_id=f"{subject.subject_id}-{visit}",
        visit=visit,
        specimen="plasma",
        day=day,
        donor=partner if partner is not None and visit == "C3D1" else subject.number,
        plasma_ml=round(float(random.uniform(3.4, 4.6)), 1),
        cfdna_ng=round(nanograms, 1),
        depth=0.0 if reason else depth,
        qc_reason=reason,
    )
