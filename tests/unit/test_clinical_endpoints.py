"""Endpoints of small studies whose numbers can be checked by hand."""

import copy

import pandas as pd
import pytest

from clearher.clinical.comparison import comparison_rows
from clearher.clinical.endpoints import endpoint_tables
from clearher.clinical.populations import subject_variables
from clearher.clinical.response import response_tables
from clearher.clinical.survival_summary import survival_rows
from clearher.clinical.time_to_event import time_tables
from clearher.columns import intake
from clearher.tables import frame_of
from clinical_builders import courses, date, none_of, subjects

STUDY = {
    "S01": "PR42 PR84 PD126",
    "S02": "PR42 PD84",
    "S03": "SD42 SD168",
    "S04": "SD42 PD84",
    "S05": "PD42",
    "S06": "SD20",
    "S07": "NON-CR/NON-PD42",
}
NEVER_ASSESSED = ("S08",)


def alone(settings):
    """Default settings without sensitivity rules."""
    config = copy.deepcopy(settings("clinical"))
    config["time_to_event"]["sensitivity"] = []
    return config


def derive(settings, people=None, rows=None, values=None):
    people = subjects(*STUDY, *NEVER_ASSESSED) if people is None else people
    rows = courses(STUDY) if rows is None else rows
    values = none_of(intake.SUPPLIED) if values is None else values
    nothing = {name: none_of(getattr(intake, name)) for name in ("LESIONS", "THERAPIES", "CONTACTS")}
    responses = response_tables(
        people, rows, nothing["LESIONS"], nothing["THERAPIES"], values, settings=settings
    ).responses
    times = time_tables(
        people, rows, nothing["LESIONS"], nothing["THERAPIES"], nothing["CONTACTS"], values, settings=settings
    ).times
    variables = subject_variables(
        people, responses, none_of(intake.SAMPLES), none_of(intake.HER2), settings["response"]["evaluator"]
    )
    return endpoint_tables(responses, times, variables, settings=settings)


@pytest.fixture(scope="module")
def tables(settings):
    return derive(settings("clinical"))


def row(tables, endpoint, statistic="rate", population="treated", group="all"):
    key = tables.endpoints.set_index(["endpoint", "population", "group", "statistic"])
    return key.loc[(endpoint, population, group, statistic)]


RATES = [
    # endpoint, numerator, why (denominator: all eight treated subjects)
    ("ORR", 2, "S01 and S02"),
    ("ORR_CONFIRMED", 1, "S01"),
    ("DCR", 5, "S01-S04 and S07, whose NON-CR/NON-PD counts as SD"),
    ("DCR_CONFIRMED", 5, "S02's PR is SD of 42 days"),
    ("CBR", 5, "as the protocol words it, the same as DCR"),
    ("CBR_24W", 3, "S01, S02 by response, S03 by SD of 168 days"),
    ("CBR_24W_PFS", 3, "S03 was observed without event for more than 168 days"),
]


@pytest.mark.parametrize(("endpoint", "n", "why"), RATES)
def test_rates_of_all_treated(tables, endpoint, n, why):
    found = row(tables, endpoint)
    assert (found["n"], found["N"]) == (n, 8), why
    assert found["estimate"] == n / 8


def test_interval_is_exact(tables):
    found = row(tables, "ORR")
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.0319, 0.6509)
    assert found["method"] == "Clopper-Pearson"


def test_rates_of_another_population_name_it(tables):
    found = row(tables, "ORR", population="response_evaluable")
    assert (found["n"], found["N"]) == (2, 7)


def test_response_classes_add_up_to_the_population(tables):
    for endpoint in ("BOR", "CONFIRMED_BOR"):
        part = tables.endpoints[tables.endpoints["endpoint"].eq(endpoint)]
        part = part[part["population"].eq("treated") & part["group"].eq("all")]
        assert part["n"].sum() == 8
    assert row(tables, "BOR", "NE")["n"] == 2
    assert row(tables, "BOR", "NON-CR/NON-PD")["n"] == 1


def test_notes_say_what_a_reader_must_know(tables):
    assert row(tables, "CBR")["note"] == (
        "1 with NON-CR/NON-PD count as SD; as the protocol words it, CBR equals DCR by definition"
    )
    assert row(tables, "OS", "median")["note"] == "no event"
    assert row(tables, "PFS", "survival_24m")["note"] == "beyond the last follow-up"


def test_headline_follows_the_configuration(settings):
    config = alone(settings)
    assert row(derive(config), "ORR")["headline"]
    config["response"]["headline"] = "confirmed"
    tables = derive(config)
    assert not row(tables, "ORR")["headline"]
    assert row(tables, "ORR_CONFIRMED")["headline"]
    assert not row(tables, "ORR_CONFIRMED", population="response_evaluable")["headline"]


def test_survival_by_hand(settings):
    # Deaths on days 2, 4, 6, 8: the curve is flat at one half from 4 to 6, so the median is 5.
    config = alone(settings)
    config["statistics"] |= {"days_per_month": 1, "landmark_months": [4, 9]}
    names = ("S1", "S2", "S3", "S4")
    people = subjects(*names, death_date={name: date(2 * i + 1) for i, name in enumerate(names)})
    tables = derive(config, people, courses({"S1": "SD1"}))
    assert row(tables, "OS", "median")["estimate"] == 5
    assert row(tables, "OS", "survival_4m")["estimate"] == 0.5
    nine = row(tables, "OS", "survival_9m")
    assert (nine["estimate"], nine["note"]) == (0.0, ""), "all died by day 8: known, not beyond the follow-up"
    curve = tables.curves[tables.curves["endpoint"].eq("OS") & tables.curves["population"].eq("treated")]
    assert curve["time"].tolist() == [2, 4, 6, 8]
    assert curve["at_risk"].tolist() == [4, 3, 2, 1]
    assert curve["survival"].tolist() == [0.75, 0.5, 0.25, 0.0]


def test_times_are_in_months_of_the_configured_length(settings):
    """Events on days 61, 91 and 122, censored on 152: half survive from 91 to 122, so the median is 106.5;
    a quarter survives to the end: when it falls is not known."""
    times = pd.DataFrame({"days": [61, 91, 122, 152], "event": [True, True, True, False]})
    rows, curve = survival_rows(times, settings=settings("clinical")["statistics"] | {"days_per_month": 30.0})
    found = {row["statistic"]: row["estimate"] for row in rows}
    days = {"min": 61, "q25": 76, "median": 106.5, "max": 152, "follow_up_median": 152}
    assert {name: found[name] * 30 for name in days} == pytest.approx(days)
    assert pd.isna(found["q75"])
    assert curve["time"].tolist() == pytest.approx([61 / 30, 91 / 30, 122 / 30, 152 / 30])


@pytest.mark.parametrize(("plateau", "median"), [("not_estimable", None), ("r", 20.0)])
def test_curve_that_ends_on_the_plateau(settings, plateau, median):
    # Deaths on days 5 and 10, alive on days 20 and 30: the curve ends at exactly one half.
    config = alone(settings)
    config["statistics"] |= {"days_per_month": 1, "plateau_at_end": plateau}
    people = subjects(
        "S1",
        "S2",
        "S3",
        "S4",
        death_date={"S1": date(4), "S2": date(9)},
        last_alive_date={"S3": date(19), "S4": date(29)},
    )
    found = row(derive(config, people, courses({"S1": "SD1"})), "OS", "median")["estimate"]
    assert (None if pd.isna(found) else found) == median


def test_time_to_response_is_median_and_range(tables):
    months = 43 / 30.4375
    found = [row(tables, "TTR", name)["estimate"] for name in ("min", "median", "max")]
    assert found == pytest.approx([months] * 3)
    assert ("TTR", "q25") not in set(
        zip(tables.endpoints["endpoint"], tables.endpoints["statistic"], strict=True)
    )


def test_sensitivity_rules_give_events_and_median(tables):
    part = tables.endpoints[tables.endpoints["endpoint"].eq("PFS_missed_visits")]
    assert set(part["statistic"]) == {"events", "median"}
    assert "PFS_missed_visits" not in set(tables.curves["endpoint"])


def test_groups_need_two_values_and_stand_beside_all(settings):
    config = alone(settings)
    one_arm = derive(config)
    assert set(one_arm.endpoints["group"]) == {"all"}
    people = subjects(*STUDY, *NEVER_ASSESSED)
    people["arm"] = ["A"] * 4 + ["B"] * 3 + [""]
    tables = derive(config, people)
    assert (row(tables, "ORR", group="arm=A")["n"], row(tables, "ORR", group="arm=A")["N"]) == (2, 4)
    assert row(tables, "ORR", group="arm=B")["N"] == 3
    test = row(tables, "PFS", "log_rank", group="arm")
    assert (test["N"], test["unit"]) == (7, "p")
    assert "1 with unknown group or stratum left out" in test["note"]
    ratio = row(tables, "PFS", "hazard_ratio", group="arm")
    assert ratio["note"] == "4 events are fewer than min_events_for_hr (5)"
    assert pd.isna(ratio["estimate"])


def test_hazard_ratio_with_a_group_without_event_says_so(settings):
    config = alone(settings)
    config["statistics"]["min_events_for_hr"] = 4
    names = [f"S{number}" for number in range(8)]
    days = [2, 3, 5, 7, 8, 9, 11, 12]
    people = subjects(
        *names,
        arm=dict(zip(names, "AAAABBBB", strict=True)),
        death_date={name: date(day) for name, day in zip(names[:4], days[:4], strict=True)},
        last_alive_date={name: date(day) for name, day in zip(names, days, strict=True)},
    )
    found = row(derive(config, people, courses({"S0": "SD1"})), "OS", "hazard_ratio", group="arm")
    assert "no event" in found["note"]
    assert 0 < found["estimate"] < 1


@pytest.mark.parametrize(("smaller", "told"), [(9, True), (10, False)])
def test_a_group_too_small_for_the_chi_square_is_named(settings, smaller, told):
    """The log-rank test of arms stays what it is; a reader has to know that its p is too often small."""
    n = smaller + 20
    people = pd.DataFrame({"subject_id": [f"S{i}" for i in range(n)], "arm": ["A"] * smaller + ["B"] * 20})
    times = people[["subject_id"]].assign(days=range(10, 10 + n), event=True, endpoint="PFS", rule="primary")
    rows = comparison_rows(times, people, "all", settings=settings("clinical")["statistics"])
    (note,) = [row["note"] for row in rows if row["statistic"] == "log_rank"]
    assert ("only 9 in A, too few for the chi-square: p is too often small" in note) == told


@pytest.mark.parametrize(("events", "told"), [(1, "events: only 1, "), (4, "events: only 4, "), (5, "")])
def test_events_too_few_for_the_chi_square_are_named(settings, events, told):
    people = pd.DataFrame({"subject_id": [f"S{i}" for i in range(40)], "arm": ["A", "B"] * 20})
    times = people[["subject_id"]].assign(days=range(10, 50), endpoint="PFS", rule="primary")
    times["event"] = times.index < events
    rows = comparison_rows(times, people, "all", settings=settings("clinical")["statistics"])
    (note,) = [row["note"] for row in rows if row["statistic"] == "log_rank"]
    assert (told in note) if told else ("only" not in note)


def test_supplied_data_that_cannot_say_leave_the_denominator(settings):
    values = frame_of(
        [
            {"subject_id": "S1", "best_response": "PR", "pfs_days": 100, "pfs_event": True},
            {"subject_id": "S2", "best_response": "SD", "pfs_days": 50, "pfs_event": False},
        ],
        intake.SUPPLIED,
    )
    tables = derive(alone(settings), subjects("S1", "S2"), none_of(intake.ASSESSMENTS), values)
    assert (row(tables, "ORR")["n"], row(tables, "ORR")["N"]) == (1, 2)
    assert "ORR_CONFIRMED" not in set(tables.endpoints["endpoint"])
    assert row(tables, "PFS", "events")["n"] == 1


def test_times_alone_say_nothing_of_response(settings):
    values = frame_of([{"subject_id": "S1", "pfs_days": 100, "pfs_event": True}], intake.SUPPLIED)
    tables = derive(alone(settings), subjects("S1"), none_of(intake.ASSESSMENTS), values)
    assert set(tables.endpoints["endpoint"]) == {"PFS", "OS"}


def test_grouped_classes_give_what_they_determine(settings):
    """One responder of two; of disease control only that it lies between one and two of two."""
    values = pd.DataFrame({"subject_id": ["S1", "S2"], "best_response": ["CR/PR", "SD/PD"], "source": ""})
    values = pd.concat([none_of(intake.SUPPLIED), values], ignore_index=True)
    tables = derive(alone(settings), subjects("S1", "S2"), none_of(intake.ASSESSMENTS), values)
    assert row(tables, "ORR")[["n", "N", "estimate"]].tolist() == [1, 2, 0.5]
    control = row(tables, "DCR")
    assert (control["n"], control["N"]) == (1, 2)
    assert pd.isna(control["estimate"])
    assert control["note"] == "1 known by a group of classes only: from 1 to 2 of 2"


def test_empty_population_is_a_finding(tables):
    assert [(p.check, p.column) for p in tables.findings] == [
        ("population_empty", "clinical.populations.biomarker_evaluable")
    ]
    assert "biomarker_evaluable" not in set(tables.endpoints["population"])


def test_study_without_clinical_data_gives_empty_tables(settings):
    tables = derive(alone(settings), frame_of([], intake.SUBJECTS), none_of(intake.ASSESSMENTS))
    assert tables.endpoints.empty
    assert tables.curves.empty


@pytest.mark.parametrize(("band", "low"), [("log-log", 10), ("plain", 30)])
def test_follow_up_uses_the_band_of_the_study(settings, band, low):
    """Ten subjects censored on days 10, 20 ... 100: S falls by 0.1 each.

    Lower limits of S on days 10, 20, 30: log-log 0.473 is below 0.5 on day 10 already,
    plain 0.714, 0.552, 0.416 on day 30 only. A band that is fixed gives the same day twice.
    """
    chosen = settings("clinical")["statistics"] | {"km_band": band, "days_per_month": 1}
    times = pd.DataFrame({"days": range(10, 101, 10), "event": False})
    rows, _ = survival_rows(times, settings=chosen)
    follow_up = next(row for row in rows if row["statistic"] == "follow_up_median")
    assert (follow_up["estimate"], follow_up["low"]) == (55, low)
