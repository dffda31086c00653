"""Small intake frames for the clinical tests: subjects and courses of response written as text."""

import re

import pandas as pd

from clearher.columns import intake
from clearher.tables import frame_of

REFERENCE = pd.Timestamp("2024-01-01")
STEP = re.compile(r"^([A-Z/-]+?)(-?\d+)$")


def date(days):
    """Date that lies a plain difference of days after the reference date."""
    return REFERENCE + pd.Timedelta(days=days)


def subjects(*names, **columns):
    """Treated subjects with the reference date; further columns as scalars or dicts by subject."""
    base = {
        "screen_failure": False,
        "treated": True,
        "arm": "A",
        "reference_date": REFERENCE,
        "first_dose_date": REFERENCE,
    }
    rows = []
    for name in names:
        row = {"subject_id": name, **base}
        for column, value in columns.items():
            row[column] = value.get(name) if isinstance(value, dict) else value
        rows.append(row)
    return frame_of(rows, intake.SUBJECTS)


def course(text, subject="S1", evaluator="INVESTIGATOR", **columns):
    """Assessments of one subject from text such as ``PR42 NE56 PR84`` (days after the reference date)."""
    rows = []
    for position, word in enumerate(text.split(), 1):
        value, days = STEP.match(word).groups()
        rows.append(
            {
                "subject_id": subject,
                "sequence": position,
                "date": date(int(days)),
                "date_text": date(int(days)).strftime("%Y-%m-%d"),
                "evaluator": evaluator,
                "response": value,
                "source": f"RS row {position}",
                **columns,
            }
        )
    return frame_of(rows, intake.ASSESSMENTS)


def courses(texts, **columns):
    """Assessments of several subjects: a mapping of subject to text."""
    parts = [course(text, subject=name, **columns) for name, text in texts.items()]
    return pd.concat(parts, ignore_index=True)


def lesions(rows):
    """Lesion rows of one subject from tuples (day, lesion, class, value or state[, nodal])."""
    records = []
    for position, (day, lesion, kind, value, *rest) in enumerate(rows, 1):
        number = isinstance(value, int | float) or value is None
        nodal = bool(rest and rest[0])
        records.append(
            {
                "subject_id": "S1",
                "sequence": position,
                "evaluator": "INVESTIGATOR",
                "date": date(day),
                "visit": f"DAY {day}",
                "lesion_id": lesion,
                "lesion_class": kind,
                "nodal": nodal,
                "measure": ("LPERP" if nodal else "LDIAM") if number else "TUMSTATE",
                "value_mm": value if number else None,
                "state": "" if number else value,
            }
        )
    return frame_of(records, intake.LESIONS)


def none_of(table):
    """An intake table without rows."""
    return frame_of([], table)
