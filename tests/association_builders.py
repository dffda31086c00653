"""Tables of the earlier stages for a small invented trial, from a seed, for the association tests."""

import numpy as np
import pandas as pd

from clearher.association.analyses import AssociationData
from clearher.association.analysis_set import AnalysisSet, analysis_set
from clearher.columns import clinical, ctdna, her2, intake
from clearher.tables import conform, frame_of

LEVELS = ("NULL", "ULTRALOW", "LOW_1+", "LOW_2+")
DRAWS = (("C2D1", 22), ("C3D1", 43), ("C5D1", 85))
START = pd.Timestamp("2024-01-01")


def date_of(day: int) -> pd.Timestamp:
    """Date of a study day; there is no day 0."""
    return START + pd.Timedelta(days=day - 1 if day > 0 else day)


def trial(
    n: int, seed: int = 1, genes: tuple[str, ...] = ("TP53", "PIK3CA", "ESR1")
) -> dict[str, pd.DataFrame]:
    """All tables the association stage reads, with a response that rises with the level."""
    rng = np.random.default_rng(seed)
    names = [f"S{number:04d}" for number in range(1, n + 1)]
    level = rng.integers(0, 4, n)
    response = rng.random(n) < 0.15 + 0.15 * level
    cleared_day = np.where(rng.random(n) < 0.5, rng.choice([22, 43, 85], n), 0)
    pfs = np.ceil(rng.exponential(200, n)).astype(int) + 5
    death = pfs + np.ceil(rng.exponential(250, n)).astype(int)
    return {
        "subjects": _subjects(names, rng),
        "her2": _her2(names, level, rng),
        "specimens": _specimens(names, level, rng),
        "ctdna": _ctdna(names, cleared_day, rng),
        "visits": _visits(names, cleared_day, pfs, rng),
        "landscape": _landscape(names, genes, rng),
        "responses": _responses(names, response, pfs, rng),
        "times": _times(names, pfs, death, rng),
        "populations": populations(names),
    }


def populations(names: list[str], population: str = "treated") -> pd.DataFrame:
    """One population that holds every name."""
    rows = [{"population": population, "subject_id": name, "included": True} for name in names]
    return frame_of(rows, clinical.POPULATIONS)


def joined(tables: dict[str, pd.DataFrame], settings: dict) -> AnalysisSet:
    """The analysis set of a trial's tables."""
    return analysis_set(
        tables["subjects"],
        her2_subjects=tables["her2"],
        ctdna_subjects=tables["ctdna"],
        ctdna_visits=tables["visits"],
        landscape=tables["landscape"],
        responses=tables["responses"],
        time_to_event=tables["times"],
        settings=settings,
    )


def data_of(tables: dict[str, pd.DataFrame], settings: dict) -> AssociationData:
    """All that the analyses see."""
    made = joined(tables, settings)
    return AssociationData(
        made.subjects, made.lineage, tables["visits"], tables["specimens"], tables["populations"]
    )


def _subjects(names: list[str], rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        {
            "subject_id": name,
            "arm": "TQB2102",
            "screen_failure": False,
            "treated": True,
            "reference_date": START,
            "first_dose_date": START,
            "age": float(rng.integers(30, 80)),
            "sex": "F",
        }
        for name in names
    ]
    frame = frame_of(rows, intake.SUBJECTS)
    return conform(
        frame.assign(hormone_receptor=rng.choice(["POSITIVE", "NEGATIVE"], len(names), p=[0.7, 0.3])),
        intake.SUBJECTS,
    )


def _her2(names: list[str], level: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        {
            "subject_id": name,
            "category": ("NULL", "ULTRALOW", "LOW", "LOW")[k],
            "level": LEVELS[k],
            "certainty": "FINAL",
            "h_score": float(40 * k + rng.integers(0, 30)),
            "known_day": -10,
            "level_latest_any": LEVELS[k],
            "level_highest": LEVELS[min(3, k + int(rng.random() < 0.2))],
        }
        for name, k in zip(names, level, strict=True)
    ]
    return frame_of(rows, her2.SUBJECTS)


def _specimens(names: list[str], level: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for name, k in zip(names, level, strict=True):
        second = int(np.clip(k + rng.integers(-1, 2) * (rng.random() < 0.3), 0, 3))
        for record, value in ((1, k), (2, second)):
            rows.append({"subject_id": name, "specimen_id": "A", "record": record, "level": LEVELS[value]})
    return frame_of(rows, her2.SPECIMENS)


def _ctdna(names: list[str], cleared_day: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        {
            "subject_id": name,
            "baseline_day": 1,
            "baseline_state": "DETECTED" if number % 9 else "BASELINE_NOT_DETECTED",
            "baseline_level": float(rng.lognormal(-4, 1)) if number % 9 else 0.0,
            "n_tracked": 5,
            "clearance": "CLEARED" if day else "NOT_CLEARED",
            "clearance_day": day or None,
            "best_ratio": float(rng.lognormal(-1, 1)),
        }
        for number, (name, day) in enumerate(zip(names, cleared_day, strict=True))
    ]
    return frame_of(rows, ctdna.SUBJECTS)


def _visits(
    names: list[str], cleared_day: np.ndarray, pfs: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    rows = []
    for name, cleared, end in zip(names, cleared_day, pfs, strict=True):
        rows.append(
            {"subject_id": name, "visit": "C1D1", "study_day": 1, "phase": "BASELINE", "state": "DETECTED"}
        )
        for visit, day in DRAWS:
            if day > end:
                continue
            gone = bool(cleared) and day >= cleared
            change = -100.0 if gone else float(rng.uniform(-90, 60))
            state = "NOT_DETECTED_ADEQUATE" if gone else "DETECTED"
            rows.append(
                {
                    "subject_id": name,
                    "visit": visit,
                    "study_day": day,
                    "phase": "POST_BASELINE",
                    "state": "NOT_EVALUABLE" if rng.random() < 0.05 else state,
                    "change_percent": change,
                    "response_50": "yes" if change <= -50 else "no",
                }
            )
    return frame_of(rows, ctdna.VISITS)


def _landscape(names: list[str], genes: tuple[str, ...], rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        {"gene": gene, "subject_id": name, "baseline": bool(rng.random() < 0.3), "ch_like": False}
        for gene in genes
        for name in names
    ]
    return frame_of(rows, ctdna.LANDSCAPE)


def _responses(
    names: list[str], response: np.ndarray, pfs: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    rows = []
    for name, hit, end in zip(names, response, pfs, strict=True):
        bor = "PR" if hit else ("SD" if rng.random() < 0.5 else "PD")
        rows.append(
            {
                "subject_id": name,
                "evaluator": "INVESTIGATOR",
                "bor": bor,
                "confirmed_bor": bor if rng.random() < 0.8 else "SD",
                "responder": bool(hit),
                "confirmed_responder": bool(hit and rng.random() < 0.8),
                "best_change_percent": float(rng.normal(-45 if hit else 5, 15)),
                "last_adequate_date": date_of(int(end)),
            }
        )
    return frame_of(rows, clinical.RESPONSES)


def _times(names: list[str], pfs: np.ndarray, death: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for name, first, last in zip(names, pfs, death, strict=True):
        for endpoint, days in (("PFS", first), ("OS", last)):
            rows.append(
                {
                    "subject_id": name,
                    "endpoint": endpoint,
                    "rule": "primary",
                    "days": int(days),
                    "event": bool(rng.random() < 0.75),
                }
            )
    return frame_of(rows, clinical.TIME_TO_EVENT)
