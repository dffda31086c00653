"""At which step a recorded response leaves, at the borders of each step; which therapy is a new one."""

import pandas as pd
import pytest

from clearher.clinical.missed_visits import too_many_missed
from clearher.clinical.selection import eligible_subjects, first_new_therapy, select, selection_rule
from clearher.columns import intake
from clearher.tables import frame_of
from clinical_builders import course, date, none_of, subjects

SYSTEMIC = ["CM"]


def therapies(*rows: tuple) -> pd.DataFrame:
    """Therapies as (subject, domain, sequence, day or nothing)."""
    records = [
        {
            "subject_id": subject,
            "domain": domain,
            "sequence": number,
            "start_date": None if day is None else date(day),
        }
        for subject, domain, number, day in rows
    ]
    return frame_of(records, intake.THERAPIES)


def steps(text: str, settings, records: pd.DataFrame | None = None, **facts) -> list[str]:
    people = eligible_subjects(subjects("S1", **facts))
    given = none_of(intake.THERAPIES) if records is None else records
    new = first_new_therapy(given, people, SYSTEMIC)
    rule = selection_rule(settings("clinical"), "INVESTIGATOR")
    return select(course(text), people, new, rule)["step"].tolist()


@pytest.mark.parametrize(
    ("text", "facts", "expected", "why"),
    [
        (
            "SD42 PR84 PR126",
            {"cut_date": date(84)},
            ["used", "used", "after_cut"],
            "the day of the cut counts",
        ),
        (
            "SD42 PR84 PR85",
            {"death_date": date(84)},
            ["used", "used", "after_death"],
            "the day of death counts",
        ),
        (
            "SD42 PR84",
            {"death_date": date(60), "cut_date": date(100)},
            ["used", "after_death"],
            "nobody is scanned after death",
        ),
        (
            "SD42 PR84",
            {"death_date": date(60), "cut_date": date(50)},
            ["used", "after_cut"],
            "a death after the cut has not happened",
        ),
        (
            "SD42 PR61",
            {"death_date": date(60), "cut_date": date(60)},
            ["used", "after_cut"],
            "one on the day of the cut has",
        ),
        ("SD-1 SD0 SD42", {}, ["before_reference", "used", "used"], "the reference date counts"),
        (
            "SD42 PD84 PR126 PD168",
            {},
            ["used", "used", "after_progression", "after_progression"],
            "the first PD",
        ),
        ("PR42 NE42 SD42", {}, ["same_day", "same_day", "used"], "the worst of a day, and NE is no response"),
    ],
)
def test_borders_of_each_step(settings, text, facts, expected, why):
    assert steps(text, settings, **facts) == expected, why


def test_a_death_on_the_day_of_the_cut_has_happened():
    """A day later it has not."""
    people = subjects("S1", "S2", cut_date=date(60), death_date={"S1": date(60), "S2": date(61)})
    assert eligible_subjects(people)["death_date"].tolist() == [date(60), pd.NaT]


@pytest.mark.parametrize(
    ("records", "found", "why"),
    [
        ([("S1", "CM", 1, 50)], ["CM record 1"], "after the reference date"),
        ([("S1", "CM", 1, 1)], ["CM record 1"], "the day after it"),
        ([("S1", "CM", 1, 0)], [], "on it: not new"),
        ([("S1", "CM", 1, 100)], ["CM record 1"], "on the day of the cut"),
        ([("S1", "CM", 1, 101)], [], "after the cut"),
        ([("S1", "CM", 1, None)], [], "no start"),
        ([("S1", "PR", 1, 50)], [], "of a domain that is not asked"),
        ([("S1", "CM", 1, 60), ("S1", "CM", 2, 50)], ["CM record 2"], "the earlier of two"),
        ([("S2", "CM", 1, 50)], [], "of somebody else"),
    ],
)
def test_which_therapy_is_new(records, found, why):
    people = subjects("S1", cut_date=date(100))
    assert first_new_therapy(therapies(*records), people, SYSTEMIC)["source"].tolist() == found, why


def test_a_study_without_a_cut_takes_every_later_therapy():
    found = first_new_therapy(therapies(("S1", "CM", 1, 5000)), subjects("S1"), SYSTEMIC)
    assert found["date"].tolist() == [date(5000)]


def test_the_day_of_a_new_therapy_no_longer_counts(settings):
    assert steps("SD42 PR84", settings, therapies(("S1", "CM", 1, 84))) == ["used", "new_therapy"]
    assert steps("SD42 PR84", settings, therapies(("S1", "CM", 1, 85))) == ["used", "used"]


def test_a_reading_that_nobody_accepted_or_rejected_leaves_beside_an_accepted_one(settings):
    """Two readers; of the second nothing is recorded on acceptance."""
    rows = course("SD42 PR42")
    rows["evaluator_id"] = ["R1", "R2"]
    rows["accepted"] = pd.array([True, pd.NA], dtype="boolean")
    rule = selection_rule(settings("clinical"), "INVESTIGATOR")
    none = first_new_therapy(none_of(intake.THERAPIES), subjects("S1"), SYSTEMIC)
    assert select(rows, subjects("S1"), none, rule)["step"].tolist() == ["used", "other_reader"]


CHANGING = {"every_days": 42, "window_days": 7, "changes": [{"from_day": 336, "every_days": 84}]}


@pytest.mark.parametrize(
    ("last", "event", "expected", "why"),
    [
        (76, 134, True, "days 84 and 126, with 7 days about each, lie between"),
        (76, 133, False, "133 is the last day of the window of day 126"),
        (77, 134, False, "77 is the first day of the window of day 84"),
        (77, 176, True, "days 126 and 168"),
        (None, 92, True, "never assessed: days 42 and 84"),
        (None, 91, False, "91 is in the window of day 84"),
        (76, None, False, "no event"),
        (336, 512, True, "every 84 days from day 336 on: 420 and 504"),
        (336, 511, False, "511 is in the window of day 504"),
    ],
)
def test_missed_assessments_where_the_interval_changes(last, event, expected, why):
    days = pd.Series([event], dtype="Int64")
    found = too_many_missed(pd.Series([last], dtype="Int64"), days, schedule=CHANGING, max_missed=2)
    assert found.tolist() == [expected], why


@pytest.mark.parametrize(("event", "expected"), [(133, False), (134, True), (None, False)])
def test_missed_assessments_at_one_interval(event, expected):
    """Last adequate on day 42: two intervals and the window later is day 133."""
    schedule = {"every_days": 42, "window_days": 7, "changes": []}
    last, days = pd.Series([42], dtype="Int64"), pd.Series([event], dtype="Int64")
    assert too_many_missed(last, days, schedule=schedule, max_missed=2).tolist() == [expected]
