"""Times to event as literal courses; days count from the reference date, durations include both ends."""

import copy

import pandas as pd
import pytest

from clearher.clinical.missed_visits import planned_days, too_many_missed
from clearher.clinical.sources import Source, first_event_or_last_censoring
from clearher.clinical.time_to_event import time_tables
from clearher.columns import intake
from clearher.problems import InputError
from clearher.tables import frame_of
from clinical_builders import course, courses, date, lesions, none_of, subjects


def derive(assessments, people, *, settings, therapies=None, lesion_rows=None, contacts=None, values=None):
    return time_tables(
        people,
        assessments,
        none_of(intake.LESIONS) if lesion_rows is None else lesion_rows,
        none_of(intake.THERAPIES) if therapies is None else therapies,
        none_of(intake.CONTACTS) if contacts is None else contacts,
        none_of(intake.SUPPLIED) if values is None else values,
        settings=settings,
    )


def outcome(times, endpoint, rule="primary", subject="S1"):
    """(days, event, reason) of one row; None where there is no row."""
    mine = times["subject_id"].eq(subject) & times["endpoint"].eq(endpoint) & times["rule"].eq(rule)
    if not mine.any():
        return None
    row = times[mine].iloc[0]
    return int(row["days"]), bool(row["event"]), row["event_description"] or row["censor_reason"]


def therapy(day, subject="S1"):
    row = {"subject_id": subject, "domain": "CM", "sequence": 1, "term": "X", "start_date": date(day)}
    return frame_of([row], intake.THERAPIES)


PROGRESSION_FREE = [
    # course, death, new therapy, expected, why
    ("SD42 PD84", None, None, (85, True, "Progression"), "the day of the PD, both ends counted"),
    ("SD42", 60, None, (61, True, "Death"), "death without progression"),
    ("SD42 PD84", 84, None, (85, True, "Progression"), "same day: PD is named"),
    (
        "SD42 SD84",
        None,
        None,
        (85, False, "No progression or death by the last adequate assessment"),
        "censored",
    ),
    (
        "SD42 NE84",
        None,
        None,
        (43, False, "No progression or death by the last adequate assessment"),
        "NE is not adequate",
    ),
    ("", None, None, (1, False, "No adequate assessment after the start"), "censored on day 1"),
    ("", 30, None, (31, True, "Death"), "a death counts without any assessment"),
    (
        "SD42 PD84",
        None,
        60,
        (43, False, "New anti-cancer therapy before progression or death"),
        "later PD does not count",
    ),
    (
        "SD42",
        90,
        60,
        (43, False, "New anti-cancer therapy before progression or death"),
        "nor does a later death",
    ),
    (
        "SD42",
        60,
        60,
        (43, False, "New anti-cancer therapy before progression or death"),
        "nor one on that day",
    ),
    (
        "SD42 PD60",
        None,
        60,
        (43, False, "New anti-cancer therapy before progression or death"),
        "nor PD on that day",
    ),
    ("SD42 PD59", None, 60, (60, True, "Progression"), "PD the day before counts"),
]


def together(cases, *, settings):
    """Derive cases (course, death, new therapy) at once; subjects are numbered in their order."""
    names = [f"S{number:02d}" for number in range(len(cases))]
    rows = courses({name: text for name, (text, *_) in zip(names, cases, strict=True) if text})
    deaths = {name: date(day) for name, (_, day, _) in zip(names, cases, strict=True) if day is not None}
    starts = [therapy(day, name) for name, (*_, day) in zip(names, cases, strict=True) if day is not None]
    therapies = pd.concat(starts, ignore_index=True) if starts else None
    return derive(rows, subjects(*names, death_date=deaths), settings=settings, therapies=therapies).times


@pytest.fixture(scope="module")
def progression_free(settings):
    return together([case[:3] for case in PROGRESSION_FREE], settings=settings("clinical"))


@pytest.mark.parametrize("number", range(len(PROGRESSION_FREE)))
def test_progression_free_survival(progression_free, number):
    *_, expected, why = PROGRESSION_FREE[number]
    assert outcome(progression_free, "PFS", subject=f"S{number:02d}") == expected, why


MISSED = [
    # course, death, expected, why
    ("SD84 PD175", None, (176, True), "91 days are within 2 x 42 + 7"),
    ("SD84 PD176", None, (85, False), "92 days are not"),
    ("SD84", 175, (176, True), "a death within the limit"),
    ("SD84", 176, (85, False), "a death after it"),
    ("", 91, (92, True), "no assessment: counted from the reference date"),
    ("", 92, (1, False), "no assessment, too late"),
    ("SD84 NE126 PD176", None, (85, False), "NE is no adequate assessment"),
    ("SD84 SD130 PD176", None, (177, True), "an unscheduled assessment counts"),
]


@pytest.fixture(scope="module")
def missed(settings):
    return together([(text, death, None) for text, death, *_ in MISSED], settings=settings("clinical"))


@pytest.mark.parametrize("number", range(len(MISSED)))
def test_events_after_missed_visits(missed, number):
    *_, expected, why = MISSED[number]
    subject = f"S{number:02d}"
    assert outcome(missed, "PFS", "missed_visits", subject)[:2] == expected, why
    assert outcome(missed, "PFS", subject=subject)[1], "the primary rule counts the event"


def test_changed_interval_counts_scheduled_visits():
    schedule = {"every_days": 42, "window_days": 7, "changes": [{"from_day": 84, "every_days": 84}]}
    assert planned_days(42, schedule["changes"], 400) == [42, 84, 168, 252, 336]
    last, events = pd.Series([84, 84]), pd.Series([259, 260])
    assert too_many_missed(last, events, schedule=schedule, max_missed=2).tolist() == [False, True]


def test_interval_and_schedule_agree_while_nothing_changes():
    plain = {"every_days": 42, "window_days": 7, "changes": []}
    listed = {**plain, "changes": [{"from_day": 10_000, "every_days": 84}]}
    last = pd.Series([0, 42, 84] * 200)
    events = last + pd.Series(range(600)) % 200 + 1
    one = too_many_missed(last, events, schedule=plain, max_missed=2)
    other = too_many_missed(last, events, schedule=listed, max_missed=2)
    assert one.any()
    assert one.tolist() == other.tolist()


def test_ignoring_new_therapy_is_a_sensitivity_rule(settings):
    times = derive(
        course("SD42 PD84"), subjects("S1"), settings=settings("clinical"), therapies=therapy(60)
    ).times
    assert outcome(times, "PFS", "ignore_new_therapy") == (85, True, "Progression")


def test_rule_without_its_evaluator_is_left_out_and_said(settings):
    tables = derive(course("SD42"), subjects("S1"), settings=settings("clinical"))
    assert "independent" not in set(tables.times["rule"])
    assert [p.check for p in tables.findings] == ["sensitivity_left_out"]


def test_unknown_rule_set_is_an_error(settings):
    config = copy.deepcopy(settings("clinical"))
    config["time_to_event"]["sensitivity"] = ["missed_vists"]
    with pytest.raises(InputError, match="missed_vists"):
        derive(course("SD42"), subjects("S1"), settings=config)


def test_an_evaluator_who_assessed_nobody_gives_no_time_to_progression(settings):
    """Deaths alone made a median of progression-free survival; OS needs no assessment and stays."""
    config = copy.deepcopy(settings("clinical"))
    config["response"]["evaluator"] = "INDEPENDENT ASSESSOR"
    tables = derive(course("SD42 PD84"), subjects("S1", death_date=date(100)), settings=config)
    assert tables.times["endpoint"].tolist() == ["OS"]
    found = {(p.check, p.severity, p.found) for p in tables.findings}
    assert (
        "evaluator_without_assessments",
        "error",
        "no assessment by INDEPENDENT ASSESSOR, but by INVESTIGATOR",
    ) in found


def test_own_rule_set(settings):
    config = copy.deepcopy(settings("clinical"))
    config["time_to_event"]["sensitivity"] = ["strict"]
    config["time_to_event"]["rule_sets"]["strict"] = {"missed_visits": True, "no_baseline": True}
    rows = lesions([(42, "T1", "TARGET", 50.0)])
    times = derive(course("SD42 PD84"), subjects("S1"), settings=config, lesion_rows=rows).times
    assert outcome(times, "PFS", "strict") == (1, False, "No baseline assessment")
    assert outcome(times, "PFS") == (85, True, "Progression")


def test_a_subject_with_baseline_is_not_censored_for_want_of_one(settings):
    config = copy.deepcopy(settings("clinical"))
    config["time_to_event"]["no_baseline"]["apply"] = True
    rows = lesions([(0, "T1", "TARGET", 50.0), (84, "T1", "TARGET", 80.0)])
    times = derive(course("SD42 PD84"), subjects("S1"), settings=config, lesion_rows=rows).times
    assert outcome(times, "PFS") == (85, True, "Progression")


RESPONSE_TIMES = [
    # course, death, duration of response, of confirmed response, time to response
    ("PR42 PR70 PD112", None, (71, True), (71, True), (43, True)),
    ("PR42 SD70 PR98 PR126", None, (85, False), (29, False), (43, True)),
    ("PR42", None, (1, False), None, (43, True)),
    ("SD42 PD84", None, None, None, None),
    ("PR42 PR70", 100, (59, True), (59, True), (43, True)),
]


@pytest.mark.parametrize(("text", "death", "lasting", "confirmed", "onset"), RESPONSE_TIMES)
def test_duration_of_and_time_to_response(settings, text, death, lasting, confirmed, onset):
    people = subjects("S1", death_date=None if death is None else date(death))
    times = derive(course(text), people, settings=settings("clinical")).times
    found = [outcome(times, endpoint) for endpoint in ("DOR", "CDOR", "TTR")]
    assert [row and row[:2] for row in found] == [lasting, confirmed, onset]


SURVIVAL = [
    # death, last alive, cut, expected, why
    (100, 100, None, (101, True, "Death"), "death"),
    (None, 90, None, (91, False, "Alive when last known"), "last day known alive"),
    (None, 20, None, (43, False, "Alive when last known"), "a scan proves life too"),
    (150, 90, 120, (91, False, "Alive when last known"), "a death after the cut has not happened"),
    (120, 90, 120, (121, True, "Death"), "a death on the cut has"),
    (None, 120, 120, (121, False, "Alive when last known"), "alive on the day of the cut"),
    (None, 121, 120, (43, False, "Alive when last known"), "what is known after the cut does not count"),
]


@pytest.mark.parametrize(("death", "alive", "cut", "expected", "why"), SURVIVAL)
def test_overall_survival(settings, death, alive, cut, expected, why):
    people = subjects(
        "S1",
        death_date=None if death is None else date(death),
        last_alive_date=date(alive),
        cut_date=None if cut is None else date(cut),
    )
    times = derive(course("SD42"), people, settings=settings("clinical")).times
    assert outcome(times, "OS") == expected, why


def test_never_seen_is_censored_on_day_one(settings):
    times = derive(
        course("SD42", subject="other"), subjects("S1", "other"), settings=settings("clinical")
    ).times
    assert outcome(times, "OS") == (1, False, "Not known to be alive after the start")


def test_sentence_names_the_record(settings):
    contact = {"subject_id": "S1", "domain": "SS", "variable": "SSDTC", "sequence": 3, "date": date(90)}
    tables = derive(
        course("SD42 PD84"),
        subjects("S1", last_alive_date=date(90)),
        settings=settings("clinical"),
        contacts=frame_of([contact], intake.CONTACTS),
    )
    sentences = tables.times.set_index(["endpoint", "rule"])["sentence"]
    assert sentences["PFS", "primary"] == (
        "Progression-free survival: event after 85 days, day 1 being 2024-01-01. "
        "Progression on 2024-03-25 (RS row 2)."
    )
    assert sentences["OS", "primary"].endswith("Alive when last known on 2024-03-31 (SS.SSDTC record 3).")


def test_death_before_the_start_is_an_error(settings):
    people = subjects("S1", "S2", death_date=date(-3))
    with pytest.raises(InputError) as error:
        derive(courses({"S1": "SD42", "S2": "SD42"}), people, settings=settings("clinical"))
    assert {problem.subject_id for problem in error.value.problems} == {"S1", "S2"}


def test_imputed_death_date_is_a_finding(settings):
    people = subjects("S1", death_date=date(90), death_date_imputed="D", death_text="2024-03")
    tables = derive(course("SD42"), people, settings=settings("clinical"))
    assert "imputed_death_date" in {p.check for p in tables.findings}


def test_months_use_the_configured_length(settings):
    config = copy.deepcopy(settings("clinical"))
    config["statistics"]["days_per_month"] = 28
    times = derive(course("SD42 PD83"), subjects("S1"), settings=config).times
    assert times.set_index(["endpoint", "rule"])["months"]["PFS", "primary"] == 3.0


def supplied(**values):
    row = {"subject_id": "S1", "source": "clinical.tsv row 2", **values}
    return frame_of([row], intake.SUPPLIED)


SUPPLIED = [
    # supplied, endpoint, expected, findings, why
    ({"pfs_days": 85, "pfs_event": True}, "PFS", (85, True, "Event as supplied"), set(), "day count alone"),
    ({"progression_date": date(84)}, "PFS", (85, True, "Event as supplied"), set(), "date alone"),
    (
        {"progression_date": date(84), "pfs_days": 84, "pfs_event": True},
        "PFS",
        (84, True, "Event as supplied"),
        set(),
        "one day apart is a convention",
    ),
    (
        {"progression_date": date(84), "pfs_days": 80, "pfs_event": True},
        "PFS",
        (80, True, "Event as supplied"),
        {"supplied_days_against_dates"},
        "the day count stands, and the finding says so",
    ),
    (
        {"last_contact_date": date(50)},
        "PFS",
        (51, False, "Censored at the last contact, for no day count was supplied"),
        {"pfs_censored_at_contact"},
        "no event: last contact, which need not be an assessment",
    ),
    ({"os_days": 100, "os_event": False}, "OS", (100, False, "Censored as supplied"), set(), "censored"),
    (
        {"best_response": "PR", "dor_days": 40, "dor_event": False},
        "DOR",
        (40, False, "Censored as supplied"),
        set(),
        "responder",
    ),
    ({"best_response": "SD", "dor_days": 40, "dor_event": False}, "DOR", None, set(), "no responder"),
    (
        {"best_response": "PR", "response_date": date(42)},
        "TTR",
        (43, True, "Response as supplied"),
        set(),
        "date of response",
    ),
]


@pytest.mark.parametrize(("values", "endpoint", "expected", "checks", "why"), SUPPLIED)
def test_supplied_times(settings, values, endpoint, expected, checks, why):
    tables = derive(
        none_of(intake.ASSESSMENTS), subjects("S1"), settings=settings("clinical"), values=supplied(**values)
    )
    assert outcome(tables.times, endpoint) == expected, why
    assert {p.check for p in tables.findings} == checks


def test_censoring_at_the_last_contact_is_counted_and_its_remedy_named(settings):
    values = frame_of(
        [
            # responders: progressed; censored at contact; censored at contact; day counts given
            {"subject_id": "S1", "progression_date": date(84), "last_contact_date": date(200)},
            {"subject_id": "S2", "last_contact_date": date(200)},
            {"subject_id": "S3", "last_contact_date": date(150)},
            {"subject_id": "S4", "last_contact_date": date(150), "pfs_days": 85, "pfs_event": False}
            | {"dor_days": 43, "dor_event": False},
        ],
        intake.SUPPLIED,
    ).assign(best_response="PR", response_date=date(42))
    people = subjects("S1", "S2", "S3", "S4")
    tables = derive(none_of(intake.ASSESSMENTS), people, settings=settings("clinical"), values=values)
    found = {p.check: p for p in tables.findings}
    # overall survival is censored at the last contact by its definition
    assert set(found) == {"pfs_censored_at_contact", "dor_censored_at_contact"}
    problem = found["pfs_censored_at_contact"]
    assert (problem.severity, problem.column) == ("warning", "pfs_days")
    assert problem.found == "2 subjects without an event, censored at the last contact"
    assert (
        problem.remedy == "Give pfs_days and pfs_event, or the assessments with their dates, as SDTM or ADaM."
    )


@pytest.mark.parametrize(
    ("days", "event", "differs"), [(85, True, False), (80, True, True), (85, False, True)]
)
def test_supplied_times_are_held_against_the_derived_ones(settings, days, event, differs):
    values = supplied(pfs_days=days, pfs_event=event)
    tables = derive(course("SD42 PD84"), subjects("S1"), settings=settings("clinical"), values=values)
    assert outcome(tables.times, "PFS") == (85, True, "Progression")
    assert ("supplied_against_derived" in {p.check for p in tables.findings}) == differs


def test_supplied_negative_duration_is_an_error(settings):
    with pytest.raises(InputError, match="-5 days"):
        derive(
            none_of(intake.ASSESSMENTS),
            subjects("S1"),
            settings=settings("clinical"),
            values=supplied(pfs_days=-5, pfs_event=True),
        )


def records(rows):
    return pd.DataFrame(rows, columns=["subject_id", "date", "source"])


def test_order_of_sources_breaks_ties():
    starts = pd.DataFrame({"subject_id": ["a", "b", "c"], "start_date": [date(0), date(0), pd.NaT]})
    first = records([("a", date(5), "x"), ("c", date(5), "x")])
    second = records([("a", date(5), "y"), ("b", date(9), "y")])
    rows = first_event_or_last_censoring(
        starts,
        [
            Source("one", first[first["subject_id"].ne("b")]),
            Source("two", second[second["subject_id"].eq("a")]),
        ],
        [Source("early", second), Source("late", second.assign(source="z"))],
    )
    assert rows[["subject_id", "event", "description", "source"]].values.tolist() == [
        ["a", True, "one", "x"],
        ["b", False, "late", "z"],
    ]
