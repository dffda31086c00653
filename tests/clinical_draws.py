"""Clinical records of a drawn trial as intake tables, for the timing of the clinical stage."""

import numpy as np
import pandas as pd

from clearher.columns import Table, intake
from clearher.intake.records import filled

START = pd.Timestamp("2024-01-01")
VISITS, EVERY = 10, 42
EVENTS, SAMPLES, VALUES = 6, (1, 22, 64, 127, 232, 300), 10
TERMS = ("Nausea", "Fatigue", "Pneumonitis", "Neutropenia", "Infusion related reaction", "Alopecia")


def drawn_records(count: int, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Records of a number of subjects, by the names of intake's tables."""
    names = np.array([f"S{number:05d}" for number in range(count)])
    begin = START + pd.to_timedelta(rng.integers(0, 300, count), unit="D")
    death = rng.integers(200, 1500, count)
    people = pd.DataFrame(
        {
            "subject_id": names,
            "arm": rng.choice(["A", "B"], count),
            "screen_failure": False,
            "treated": True,
            "reference_date": begin,
            "first_dose_date": begin,
            "last_dose_date": begin + pd.to_timedelta(rng.integers(21, 400, count), unit="D"),
            "death_date": pd.Series(begin + pd.to_timedelta(death, unit="D")).where(death < 600).to_numpy(),
            "last_alive_date": begin + pd.to_timedelta(np.minimum(death, 450), unit="D"),
        }
    )
    return {
        "subjects": filled(people, intake.SUBJECTS),
        "assessments": _assessments(names, begin, rng),
        "lesions": _lesions(names, begin, rng),
        "therapies": _therapies(names, begin, rng),
        "contacts": _contacts(names, begin),
        "doses": _doses(names, begin),
        "adverse_events": _events(names, begin, rng),
        "ada": _antibodies(names, begin, rng),
        "labs": _values(names, begin, rng),
    }


def _days(names: np.ndarray, begin: pd.DatetimeIndex, days: np.ndarray, table: Table, **more) -> pd.DataFrame:
    """Rows of each subject at days of its own, (subjects x rows), numbered."""
    rows = days.shape[1]
    dates = begin.to_numpy().repeat(rows) + pd.to_timedelta(days.ravel(), unit="D").to_numpy()
    text = pd.DatetimeIndex(dates).strftime("%Y-%m-%d")
    frame = pd.DataFrame(
        {
            "subject_id": names.repeat(rows),
            "sequence": np.tile(np.arange(1, rows + 1), len(names)),
            "date": dates,
        }
    )
    frame = frame.assign(start_date=dates, date_text=text, start_text=text, source="drawn", **more)
    return filled(frame[[name for name in table.names if name in frame]], table)


def _visits(names: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.arange(1, VISITS + 1) * EVERY + rng.integers(-5, 6, (len(names), VISITS))


def _assessments(names: np.ndarray, begin: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    values = rng.choice(["CR", "PR", "SD", "PD", "NE"], len(names) * VISITS, p=[0.05, 0.3, 0.45, 0.1, 0.1])
    own = {"evaluator": "INVESTIGATOR", "accepted": True, "response": values}
    return _days(names, begin, _visits(names, rng), intake.ASSESSMENTS, **own)


def _lesions(names: np.ndarray, begin: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    days = np.concatenate(
        [np.full((len(names), 1), -7), np.arange(1, VISITS + 1) * EVERY + np.zeros((len(names), 1), int)],
        axis=1,
    )
    days = days.repeat(3, axis=1)
    many = len(names) * (VISITS + 1)
    lesion = np.tile(["T01", "T02", "NT01"], many)
    target = lesion != "NT01"
    frame = {
        "evaluator": "INVESTIGATOR",
        "accepted": True,
        "visit": np.tile(np.arange(VISITS + 1).repeat(3).astype(str), len(names)),
        "lesion_id": lesion,
        "lesion_class": np.where(target, "TARGET", "NON-TARGET"),
        "nodal": False,
        "measure": np.where(target, "LDIAM", "TUMSTATE"),
        "value_mm": np.where(target, np.round(rng.uniform(5, 40, len(lesion)), 1), np.nan),
        "state": np.where(target, "", "PRESENT"),
    }
    return _days(names, begin, days, intake.LESIONS, **frame)


def _therapies(names: np.ndarray, begin: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    later = rng.random(len(names)) < 0.3
    days = rng.integers(100, 500, (int(later.sum()), 1))
    return _days(names[later], begin[later], days, intake.THERAPIES, domain="CM", term="X")


def _contacts(names: np.ndarray, begin: pd.DatetimeIndex) -> pd.DataFrame:
    days = np.tile([0, 100, 200, 300], (len(names), 1))
    return _days(names, begin, days, intake.CONTACTS, domain="SV", variable="SVSTDTC")


def _doses(names: np.ndarray, begin: pd.DatetimeIndex) -> pd.DataFrame:
    return _days(names, begin, np.tile(np.arange(10) * 21, (len(names), 1)), intake.DOSES, dose=6.0)


def _events(names: np.ndarray, begin: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    days, many = rng.integers(-10, 400, (len(names), EVENTS)), len(names) * EVENTS
    own = {
        "preferred_term": rng.choice(TERMS, many),
        "soc": rng.choice(["Gut", "Lung", "Blood"], many),
        "grade": pd.array(rng.integers(1, 5, many), dtype="Int64"),
        "serious": rng.random(many) < 0.1,
        "related": "RELATED",
    }
    return _days(names, begin, days, intake.ADVERSE_EVENTS, **own)


def _antibodies(names: np.ndarray, begin: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    days = np.tile(np.array(SAMPLES) - 1, (len(names), 1))
    own = {
        "planned_day": np.tile(SAMPLES, len(names)),
        "test": "BINDING",
        "result": rng.choice(["NEGATIVE", "POSITIVE"], len(names) * len(SAMPLES), p=[0.8, 0.2]),
        "not_done": False,
    }
    return _days(names, begin, days, intake.ADA, **own)


def _values(names: np.ndarray, begin: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    days, many = np.tile(np.arange(VALUES) * 21, (len(names), 1)), len(names) * VALUES
    own = {"domain": "LB", "parameter": "ALT", "unit": "U/L", "low": 10.0, "high": 40.0}
    return _days(names, begin, days, intake.LABS, value=rng.uniform(5, 120, many), **own)
