"""Lead of molecular over radiographic progression: who is compared, the order, and the summary."""

import pandas as pd
import pytest

from association_builders import date_of
from clearher.association.lead_time import lead_time
from clearher.columns import clinical, ctdna, intake
from clearher.intake.config import defaults
from clearher.tables import frame_of

SETTINGS = defaults("association")
# subject: molecular progression, progression on scans, last scan, last evaluable sample (study days)
COURSES = {
    "AHEAD": (85, 127, 127, 85),
    "BEHIND": (127, 85, 85, 127),
    "MOLECULAR": (85, None, 169, 169),
    "NEITHER": (None, None, 169, 169),
    "SAME": (85, 85, 85, 85),
    "SCANS": (None, 85, 85, 85),
    "SILENT": (None, 85, 85, 85),
    "UNKNOWN": (None, 85, 85, 85),
    "UNSAMPLED": (None, 85, 85, 1),
    "UNSCANNED": (85, None, None, 85),
}
STATES = {"UNKNOWN": "NOT_EVALUABLE", "SILENT": "BASELINE_NOT_DETECTED"}


def derive(courses):
    people = [
        {"subject_id": name, "treated": True, "screen_failure": False, "first_dose_date": date_of(1)}
        for name in courses
    ]
    people.append({"subject_id": "NEVER", "treated": False, "screen_failure": False})
    drawn = [
        {
            "subject_id": name,
            "baseline_day": 1,
            "baseline_state": STATES.get(name, "DETECTED"),
            "molecular_progression_day": course[0],
        }
        for name, course in courses.items()
    ]
    visits = [
        {"subject_id": name, "visit": visit, "study_day": day, "state": state}
        for name, course in courses.items()
        for visit, day, state in (
            ("C1D1", 1, "DETECTED"),
            ("LAST", course[3], "DETECTED"),
            ("LATER", 300, "NOT_EVALUABLE"),
        )
        if visit != "LAST" or day != 1
    ]
    scans = [
        {
            "subject_id": name,
            "evaluator": "INVESTIGATOR",
            "first_pd_date": date_of(course[1]) if course[1] else None,
            "last_adequate_date": date_of(course[2]) if course[2] else None,
        }
        for name, course in courses.items()
    ]
    return lead_time(
        frame_of(people, intake.SUBJECTS),
        frame_of(drawn, ctdna.SUBJECTS),
        frame_of(visits, ctdna.VISITS),
        frame_of(scans, clinical.RESPONSES),
        settings=SETTINGS,
    )


@pytest.fixture(scope="module")
def found():
    return derive(COURSES)


@pytest.mark.parametrize(
    ("subject", "order", "lead", "sentence"),
    [
        (
            "AHEAD",
            "MOLECULAR_FIRST",
            42,
            "Molecular progression on day 85, progression on scans on day 127: 42 days ahead.",
        ),
        (
            "BEHIND",
            "RADIOGRAPHIC_FIRST",
            -42,
            "Molecular progression on day 127, progression on scans on day 85: 42 days behind.",
        ),
        (
            "SAME",
            "SAME_DAY",
            0,
            "Molecular progression on day 85, progression on scans on day 85: the same day.",
        ),
        (
            "MOLECULAR",
            "MOLECULAR_ONLY",
            None,
            "Molecular progression on day 85, none on scans up to day 169.",
        ),
        (
            "SCANS",
            "RADIOGRAPHIC_ONLY",
            None,
            "No molecular progression up to day 85, progression on scans on day 85.",
        ),
        ("NEITHER", "NEITHER", None, "No progression of either kind."),
        # against an unknown baseline nobody looks for molecular progression: unknown is not "none"
        ("UNKNOWN", "", None, "Not compared: baseline not evaluable."),
        ("SILENT", "", None, "Not compared: no ctDNA at baseline that could rise."),
        ("UNSAMPLED", "", None, "Not compared: no evaluable sample after baseline."),
        ("UNSCANNED", "", None, "Not compared: no usable dated scan."),
    ],
)
def test_order_and_lead(found, subject, order, lead, sentence):
    row = found.subjects.set_index("subject_id").loc[subject]
    assert row["order"] == order
    assert (row["lead_days"] == lead) if lead is not None else pd.isna(row["lead_days"])
    assert row["sentence"] == sentence
    assert row["included"] == (order != "")


def test_untreated_subjects_have_no_row(found):
    assert found.subjects["subject_id"].tolist() == sorted(COURSES)


def test_follow_up_after_molecular_progression_alone(found):
    followed = found.subjects.set_index("subject_id")["followed_days"].dropna()
    assert followed.to_dict() == {"MOLECULAR": 84}


def test_summary_names_its_denominators(found):
    """Six are compared; four of them progressed on scans, two with molecular progression by then."""
    summary = found.summary.set_index("statistic")
    assert summary.loc["order: MOLECULAR_FIRST", ["n", "N"]].tolist() == [1, 6]
    by_then = summary.loc["molecular progression by the day of progression on scans"]
    assert (by_then["n"], by_then["N"]) == (2, 4)
    lead = summary.loc["median lead"]
    assert (lead["n"], lead["estimate"]) == (3, 0.0)
    assert pd.isna(lead["low"])  # three values cannot hold a median with 95 %


def test_waiting_time_keeps_those_without_progression_on_scans():
    """42 and 84 days to progression, one followed for 100 days: S falls below a half at 84."""
    courses = {
        "A": (85, 127, 127, 85),
        "B": (85, 169, 169, 85),
        "C": (85, None, 185, 185),
        "D": (127, 85, 85, 127),  # molecular progression came later: there is nothing to wait for
    }
    row = derive(courses).summary.set_index("statistic").iloc[-1]
    assert (row["n"], row["N"], row["estimate"]) == (2, 3, 84.0)


def test_there_is_no_day_zero():
    """Day -1 to day 1 is one day."""
    row = derive({"A": (-1, 1, 43, 43)}).subjects.iloc[0]
    assert row["lead_days"] == 1


def test_a_study_without_ctdna_compares_nobody():
    nobody = lead_time(
        frame_of([{"subject_id": "A", "treated": True, "first_dose_date": date_of(1)}], intake.SUBJECTS),
        frame_of([], ctdna.SUBJECTS),
        frame_of([], ctdna.VISITS),
        frame_of([], clinical.RESPONSES),
        settings=SETTINGS,
    )
    assert nobody.subjects["why_not"].tolist() == ["no baseline sample"]
    assert nobody.summary["n"].tolist() == [0] * len(nobody.summary)
    assert nobody.summary["estimate"].isna().all()
