"""Tables of five hundred subjects with eight draws, four variants and eight adverse events each."""

import pandas as pd

from clearher.columns import Table, association
from clearher.tables import frame_of
from report_builders import endpoint, later, response, results, subject, visit

SUBJECTS = 500
NAMES = [f"SUBJECT-{number:04d}" for number in range(SUBJECTS)]
STATES = ("DETECTED", "NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT", "NOT_EVALUABLE")
SENTENCE = "{} (day {}): ctDNA not detected; the sample would have shown 0.{}3 % VAF with 95 % probability."
DAYS = {
    "SCREENING": -7,
    "C1D1": 1,
    "C2D1": 22,
    "C3D1": 43,
    "C5D1": 85,
    "C9D1": 169,
    "C13D1": 253,
    "C17D1": 337,
}


def many_subjects() -> dict[Table, pd.DataFrame]:
    """Every table the report reads."""
    tables = results(
        intake_subjects=[
            subject(name, True, last_alive_date=later(200 + place)) for place, name in enumerate(NAMES)
        ],
        ctdna_visits=_draws(),
        ctdna_tracking=_cells(),
        clinical_adverse_events=_events(),
        clinical_visits=_scans(),
        clinical_responses=[response(name, "PR", -number / 6) for number, name in enumerate(NAMES)],
        clinical_endpoints=[endpoint("ORR", "rate", 250, 500, 0.5, 0.45, 0.55)],
        her2_subjects=[{"subject_id": name, "level": "LOW_1+", "category": "LOW"} for name in NAMES],
    )
    tables[association.LEAD_TIME] = frame_of(_leads(), association.LEAD_TIME)
    summary = [
        {"position": 1, "statistic": "median lead", "n": 250, "N": 250, "estimate": 38.0, "unit": "days"}
    ]
    tables[association.LEAD_TIME_SUMMARY] = frame_of(summary, association.LEAD_TIME_SUMMARY)
    return tables


def _draws() -> list[dict]:
    return [
        visit(
            name,
            label,
            day,
            STATES[(number + place) % 4],
            level=0.01 + number / 1e4,
            sentence=SENTENCE.format(label, day, number),
        )
        for number, name in enumerate(NAMES)
        for place, (label, day) in enumerate(DAYS.items())
    ]


def _cells() -> list[dict]:
    variant = {
        "chrom": "chr1",
        "ref": "A",
        "alt": "G",
        "gene": "TP53",
        "hgvsp": "p.Arg175His",
        "in_level": True,
    }
    return [
        {
            **variant,
            "subject_id": name,
            "sample_id": f"{name}-{label}",
            "visit": label,
            "study_day": day,
            "pos": 1000 + place,
            "status": "CALLED",
            "in_level": True,
            "alt_count": number,
            "depth": 4000 + number,
            "vaf": number / 5000,
        }
        for number, name in enumerate(NAMES)
        for place in range(4)
        for label, day in DAYS.items()
    ]


def _events() -> list[dict]:
    return [
        {
            "subject_id": name,
            "sequence": number,
            "term": "Nausea",
            "preferred_term": f"Term {number}",
            "grade": number % 5 + 1,
            "treatment_emergent": True,
            "related": True,
            "start_day": number * 10,
            "end_day": 90,
        }
        for name in NAMES
        for number in range(8)
    ]


def _scans() -> list[dict]:
    return [
        {
            "subject_id": name,
            "evaluator": "INVESTIGATOR",
            "date": later(42 * scan),
            "change_percent": -scan * number / 90,
            "sum_mm": 50.0,
            "recorded": "PR",
        }
        for number, name in enumerate(NAMES)
        for scan in range(1, 6)
    ]


def _leads() -> list[dict]:
    known = {"included": True, "lead_days": 38, "molecular_progression_day": 150,
             "radiographic_progression_day": 188, "order": "MOLECULAR_FIRST"}  # fmt: skip
    return [
        {**known, "subject_id": name, "sentence": SENTENCE.format(name, 150, 1)}
        for name in NAMES[: SUBJECTS // 2]
    ]
