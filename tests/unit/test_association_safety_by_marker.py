"""Safety by marker: who is counted at which level, and what is said of markers known late."""

import pandas as pd
import pytest

from association_builders import date_of
from clearher.association.safety_by_marker import safety_by_marker
from clearher.columns import association, clinical, intake
from clearher.intake.config import defaults
from clearher.tables import frame_of

# subject: HER2 level, best response, ADA-positive (None: not known), days under treatment
PEOPLE = {
    "A": ("LOW_2+", "PR", True, 100),
    "B": ("LOW_2+", "SD", False, 200),
    "C": ("NULL", "PD", None, 50),
    "D": ("", "PR", True, 10),
}
# subject, category of special interest, near a dose, grade, treatment-emergent
EVENTS = [
    ("A", "Infusion-related reaction", True, 3, True),
    ("A", "Infusion-related reaction", True, 1, True),
    ("B", "Infusion-related reaction", False, 2, True),
    ("C", "", None, 4, False),
    ("D", "", None, 2, True),
]


@pytest.fixture(scope="module")
def table():
    subjects = [
        {
            "subject_id": name,
            "treated": True,
            "her2_level": level,
            "bor": bor,
            "responder": bor == "PR",
        }
        for name, (level, bor, _, _) in PEOPLE.items()
    ]
    subjects.append({"subject_id": "E", "treated": False, "her2_level": "NULL"})
    doses = [
        {"subject_id": name, "first_dose_date": date_of(1), "last_dose_date": date_of(days)}
        for name, (_, _, _, days) in PEOPLE.items()
    ]
    events = [
        {
            "subject_id": name,
            "sequence": number,
            "aesi": category,
            "near_dose": near,
            "grade": grade,
            "treatment_emergent": emergent,
        }
        for number, (name, category, near, grade, emergent) in enumerate(EVENTS, 1)
    ]
    antibodies = [{"subject_id": name, "ada_positive": ada} for name, (_, _, ada, _) in PEOPLE.items()]
    return safety_by_marker(
        frame_of(subjects, association.SUBJECTS),
        frame_of(doses, intake.SUBJECTS),
        frame_of(events, clinical.ADVERSE_EVENTS),
        frame_of(antibodies, clinical.IMMUNOGENICITY_SUBJECTS),
        infusion_categories=["Infusion-related reaction"],
        settings=defaults("association"),
    )


@pytest.mark.parametrize(
    ("marker", "level", "measure", "n", "total", "why"),
    [
        ("her2_level", "LOW_2+", "adverse event, any", 2, 2, "a subject counts once"),
        ("her2_level", "LOW_2+", "adverse event, grade >= 3", 1, 2, "the highest grade counts"),
        ("her2_level", "LOW_2+", "Infusion-related reaction", 2, 2, "whenever it began"),
        ("her2_level", "LOW_2+", "Infusion-related reaction, near a dose", 1, 2, "B's came days later"),
        ("her2_level", "NULL", "adverse event, any", 0, 1, "not emergent; E was never treated"),
        ("her2_level", "not known", "adverse event, any", 1, 1, "D has no HER2 result and stays"),
        ("her2_level", "LOW_2+", "ADA-positive", 1, 2, "both have a known category"),
        ("her2_level", "NULL", "ADA-positive", 0, 0, "C's category is not known"),
        ("bor", "PR", "ADA-positive", 2, 2, "antibodies by response"),
        ("ada_positive", "yes", "responder", 2, 2, "response by antibodies"),
        ("ada_positive", "yes", "adverse event, grade >= 3", 1, 2, "severe events by antibodies"),
        ("ada_positive", "yes", "Infusion-related reaction, near a dose", 1, 2, "infusion reactions"),
        ("ada_positive", "not known", "adverse event, any", 0, 1, "C"),
    ],
)
def test_counts(table, marker, level, measure, n, total, why):
    rows = table[(table["marker"] == marker) & (table["level"] == level) & (table["measure"] == measure)]
    assert rows[["n", "N"]].to_numpy().tolist() == [[n, total]], why


def test_levels_stand_in_their_declared_order(table):
    levels = table[table["marker"] == "her2_level"].drop_duplicates("level")["level"].tolist()
    assert levels == ["NULL", "LOW_2+", "not known"]


def test_markers_nobody_has_are_left_out(table):
    assert set(table["marker"]) == {"her2_level", "bor", "ada_positive"}


def test_what_no_event_has_recorded_is_left_out_and_no_zero(table):
    """No event here says what was done with the drug, or whether it was serious."""
    measures = set(table["measure"])
    assert {"adverse event, grade >= 3", "adverse event, action not recorded"} <= measures
    assert not {"adverse event, led to discontinuation", "adverse event, serious"} & measures


def test_exposure_stands_beside_the_counts(table):
    rows = table[(table["unit"] == "days") & (table["level"] == "LOW_2+")]
    assert rows[["estimate", "low", "high"]].to_numpy().tolist() == [[150.0, 100.0, 200.0]]


def test_late_markers_carry_their_caveat(table):
    late = table["known"] == "post_baseline"
    assert table.loc[late, "caveat"].str.startswith("Known only under treatment").all()
    assert not table.loc[~late, "caveat"].str.startswith("Known only").any()
    assert set(table.loc[late, "marker"]) == {"bor", "ada_positive"}
    assert pd.Series(table.columns).isin(["p"]).sum() == 0
