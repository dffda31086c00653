"""Small result tables for the tests of the report."""

from typing import Any

import pandas as pd

from clearher.columns import Table, association, clinical, ctdna, her2, intake
from clearher.intake.config import complete_config, load_schema
from clearher.report.catalogue import TABLES_READ
from clearher.tables import empty, frame_of

DAY = pd.Timestamp("2024-01-01")


def settings(**sections: dict[str, Any]) -> dict[str, Any]:
    """Complete configuration with defaults; sections given replace single keys."""
    minimal = {"study": {"id": "T1", "title": "A study"}, "data_cut": {"id": "c1"}, "inputs": {}, **sections}
    return complete_config(minimal, load_schema(), "config.yaml")


def no_results() -> dict[Table, pd.DataFrame]:
    """Every table the report reads, without a row."""
    return {table: empty(table) for table in TABLES_READ}


def results(**changed: list[dict]) -> dict[Table, pd.DataFrame]:
    """A study of four subjects, S1 to S3 treated; named tables (``ctdna_visits``) replaced by rows."""
    built = no_results()
    for table, rows in STUDY.items():
        built[table] = frame_of(rows, table)
    for name, rows in changed.items():
        stage, _, table_name = name.partition("_")
        modules = {
            "intake": intake,
            "ctdna": ctdna,
            "her2": her2,
            "clinical": clinical,
            "association": association,
        }
        table = getattr(modules[stage], table_name.upper())
        built[table] = frame_of(rows, table)
    return built


def later(days: int) -> pd.Timestamp:
    """A date some days after the first dose of every subject."""
    return DAY + pd.Timedelta(days=days)


def subject(name: str, treated: bool, **more: Any) -> dict[str, Any]:
    """A row of intake/subjects."""
    dosed = (
        {
            "first_dose_date": DAY,
            "last_dose_date": later(60),
            "reference_date": DAY,
            "last_alive_date": later(200),
        }
        if treated
        else {}
    )
    return {
        "subject_id": name,
        "treated": treated,
        "screen_failure": not treated,
        "arm": "A",
        **dosed,
        **more,
    }


def visit(name: str, label: str, day: int, state: str, **more: Any) -> dict[str, Any]:
    """A row of ctdna/visits."""
    phase = "BASELINE" if day <= 1 else "POST_BASELINE"
    return {
        "subject_id": name,
        "visit": label,
        "study_day": day,
        "sequence": day,
        "state": state,
        "phase": phase,
        "planned": True,
        "lod95": 0.001,
        "level_metric": "pooled",
        **more,
    }


def response(name: str, bor: str, change: float | None, **more: Any) -> dict[str, Any]:
    """A row of clinical/responses by the investigator."""
    return {
        "subject_id": name,
        "evaluator": "INVESTIGATOR",
        "bor": bor,
        "confirmed_bor": bor,
        "best_change_percent": change,
        "responder": bor in ("CR", "PR"),
        **more,
    }


def endpoint(name: str, statistic: str, n: int, total: int, estimate: float, low: float, high: float) -> dict:
    """A row of clinical/endpoints for the treated population."""
    return {
        "endpoint": name,
        "population": "treated",
        "group": "all",
        "statistic": statistic,
        "n": n,
        "N": total,
        "estimate": estimate,
        "low": low,
        "high": high,
    }


def prediction_point(model: str, curve: str, position: int, x: float, y: float) -> dict[str, Any]:
    """A row of association/prediction_curves."""
    return {
        "analysis_id": "prediction_response",
        "model": model,
        "curve": curve,
        "position": position,
        "x": x,
        "y": y,
        "low": max(y - 0.1, 0.0),
        "high": min(y + 0.1, 1.0),
        "n": 3,
    }


STUDY: dict[Table, list[dict]] = {
    intake.SUBJECTS: [
        subject("S1", True, death_date=later(150)),
        subject("S2", True),
        subject("S3", True),
        subject("S4", False),
    ],
    ctdna.VISITS: [
        visit("S1", "C1D1", 1, "DETECTED", level=0.05),
        visit("S1", "C3D1", 43, "NOT_DETECTED_ADEQUATE", level=0.0),
        visit("S2", "C1D1", 1, "DETECTED", level=0.02),
        visit("S2", "C3D1", 43, "NOT_EVALUABLE", lod95=None),
        visit("S3", "C1D1", 1, "DETECTED", level=0.01),
        visit("S3", "C3D1", 43, "NOT_DETECTED_INSUFFICIENT", level=0.0, lod95=0.02),
    ],
    ctdna.SUBJECTS: [
        {
            "subject_id": name,
            "baseline_state": "DETECTED",
            "clearance": clearance,
            "denominator_treated": True,
            "denominator_baseline_detected": True,
            "denominator_evaluable": clearance != "NOT_EVALUABLE",
            "sentence": f"ctDNA of {name}.",
        }
        for name, clearance in (("S1", "CLEARED"), ("S2", "NOT_EVALUABLE"), ("S3", "NOT_CLEARED"))
    ],
    ctdna.CLEARANCE: [
        {
            "visit": when,
            "denominator": which,
            "n": 1,
            "N": total,
            "estimate": 1 / total,
            "low": 0.1,
            "high": 0.9,
        }
        for when in ("ANY", "C3D1")
        for which, total in (("treated", 3), ("baseline_detected", 3), ("evaluable", 2))
    ],
    ctdna.LANDSCAPE: [
        {
            "gene": "TP53",
            "subject_id": "S1",
            "baseline": True,
            "emergent": False,
            "cleared": True,
            "ch_like": False,
            "erbb2": False,
        },
        {
            "gene": "TP53",
            "subject_id": "S2",
            "baseline": True,
            "emergent": False,
            "cleared": False,
            "ch_like": False,
            "erbb2": False,
        },
        {
            "gene": "ERBB2",
            "subject_id": "S3",
            "baseline": False,
            "emergent": True,
            "cleared": False,
            "ch_like": False,
            "erbb2": True,
        },
        {
            "gene": "DNMT3A",
            "subject_id": "S1",
            "baseline": True,
            "emergent": False,
            "cleared": False,
            "ch_like": True,
            "erbb2": False,
        },
    ],
    her2.SUBJECTS: [
        {"subject_id": "S1", "level": "LOW_2+", "category": "LOW", "certainty": "FINAL"},
        {"subject_id": "S2", "level": "NULL", "category": "NULL", "certainty": "FINAL"},
        {
            "subject_id": "S3",
            "level": "INDETERMINATE",
            "category": "INDETERMINATE",
            "certainty": "PROVISIONAL",
        },
    ],
    her2.CONVERSION: [
        {
            "flow": "archival to fresh",
            "subject_id": "S1",
            "from_level": "LOW_1+",
            "to_level": "LOW_2+",
            "change": "up",
        },
        {
            "flow": "archival to fresh",
            "subject_id": "S2",
            "from_level": "NULL",
            "to_level": "NULL",
            "change": "same",
        },
    ],
    clinical.RESPONSES: [
        response("S1", "PR", -45.0, response_date=later(42)),
        response("S2", "PD", 25.0, first_pd_date=later(42)),
        response("S3", "SD", None, ne_reason=""),
    ],
    clinical.VISITS: [
        {
            "subject_id": "S1",
            "evaluator": "INVESTIGATOR",
            "date": later(day),
            "change_percent": change,
            "sum_mm": 50.0,
            "new_lesion": False,
            "recorded": "PR",
        }
        for day, change in ((42, -30.0), (84, -45.0))
    ]
    + [
        {
            "subject_id": "S2",
            "evaluator": "INVESTIGATOR",
            "date": later(42),
            "change_percent": 25.0,
            "sum_mm": 80.0,
            "new_lesion": True,
            "recorded": "PD",
        }
    ],
    clinical.ENDPOINTS: [
        endpoint("ORR", "rate", 1, 3, 1 / 3, 0.0084, 0.9057),
        endpoint("ORR_CONFIRMED", "rate", 1, 3, 1 / 3, 0.0084, 0.9057),
        endpoint("BOR", "PR", 1, 3, 1 / 3, 0.0084, 0.9057),
        endpoint("PFS", "median", 2, 3, 4.5, 1.4, float("nan")),
    ],
    clinical.CURVES: [
        {
            "endpoint": "PFS",
            "population": "treated",
            "group": "all",
            "time": time,
            "time_days": int(30 * time),
            "at_risk": at_risk,
            "events": events,
            "censored": 1 - events,
            "survival": survival,
        }
        for time, at_risk, events, survival in ((1.4, 3, 1, 2 / 3), (4.5, 2, 1, 1 / 3), (6.5, 1, 0, 1 / 3))
    ],
    clinical.ADVERSE_EVENTS: [
        {
            "subject_id": name,
            "sequence": number,
            "term": term,
            "preferred_term": term,
            "soc": "X",
            "grade": grade,
            "treatment_emergent": True,
            "related": related,
            "start_day": 5,
            "end_day": 9,
        }
        for number, (name, term, grade, related) in enumerate(
            [
                ("S1", "Nausea", 1, True),
                ("S1", "Nausea", 3, False),
                ("S2", "Nausea", 2, True),
                ("S2", "Rash", 1, False),
            ]
        )
    ],
    association.PREDICTION_CURVES: [
        prediction_point("ridge logistic regression", "roc", 1, 0.0, 0.3),
        prediction_point("ridge logistic regression", "roc", 2, 1.0, 1.0),
        prediction_point("best single predictor", "roc", 1, 0.0, 0.2),
        prediction_point("best single predictor", "roc", 2, 1.0, 1.0),
        prediction_point("ridge logistic regression", "calibration", 1, 0.3, 0.5),
    ],
    association.LEVELS: [
        {
            "analysis_id": "her2_response",
            "position": 0,
            "level": "NULL",
            "n": 0,
            "N": 1,
            "estimate": 0.0,
            "low": 0.0,
            "high": 0.975,
        },
        {
            "analysis_id": "her2_response",
            "position": 1,
            "level": "LOW_2+",
            "n": 1,
            "N": 1,
            "estimate": 1.0,
            "low": 0.025,
            "high": 1.0,
        },
    ],
    association.RESULTS: [
        {
            "analysis_id": "her2_response",
            "number": 1,
            "position": 1,
            "question": "Does response change with HER2?",
            "type": "levels_response",
            "population": "treated (n = 3)",
            "groups": "NULL 0/1; LOW_2+ 1/1",
            "n": 2,
            "events": 1,
            "term": "exact trend",
            "p": 0.5,
            "primary": True,
            "headline": True,
            "method": "exact",
            "caveat": "Left out for their level: 1 INDETERMINATE.",
        },
        {
            "analysis_id": "clearance_pfs",
            "number": 2,
            "position": 1,
            "question": "Is PFS longer?",
            "n": 3,
            "events": 2,
            "type": "landmark_survival",
            "term": "cleared against not cleared",
            "estimate": 0.5,
            "low": 0.1,
            "high": 250.0,
            "estimate_name": "hazard ratio",
            "p": 0.00001,
            "primary": False,
            "headline": True,
        },
    ],
}
