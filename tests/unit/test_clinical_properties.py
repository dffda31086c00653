"""Properties of response and time to event over random studies."""

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clearher.clinical.confirmation import best_response, confirm
from clearher.clinical.days import difference
from clearher.clinical.response import response_tables
from clearher.clinical.time_to_event import time_tables
from clearher.columns import intake
from clearher.columns.clinical import OVERALL
from clearher.intake.config import defaults
from clearher.tables import frame_of
from clinical_builders import REFERENCE, date, none_of, subjects

RANK = {value: place for place, value in enumerate(("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE"))}
VALUES = st.sampled_from(OVERALL)
STUDIES = settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
COURSES = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def people(draw):
    """One subject: responses with jittered days, perhaps a death and a new therapy."""
    values = draw(st.lists(VALUES, max_size=7))
    days = [42 * position + draw(st.integers(-9, 9)) for position in range(1, len(values) + 1)]
    last = days[-1] if days else 0
    death = draw(st.none() | st.integers(last, last + 200))
    therapy = draw(st.none() | st.integers(1, 300))
    alive = last + draw(st.integers(0, 60))
    return {"rows": list(zip(days, values, strict=True)), "death": death, "therapy": therapy, "alive": alive}


STUDY = st.lists(people(), min_size=25, max_size=35)


def frames(study, cut=None):
    """Intake frames of a drawn study."""
    names = [f"S{number:02d}" for number in range(len(study))]
    known = dict(zip(names, study, strict=True))
    table = subjects(
        *names,
        cut_date=None if cut is None else date(cut),
        death_date={n: date(s["death"]) for n, s in known.items() if s["death"] is not None},
        last_alive_date={
            n: date(s["alive"] if s["death"] is None else min(s["alive"], s["death"]))
            for n, s in known.items()
        },
    )
    rows = [
        {
            "subject_id": name,
            "sequence": number,
            "date": date(day),
            "evaluator": "INVESTIGATOR",
            "response": value,
            "source": f"RS row {number}",
        }
        for name, subject in known.items()
        for number, (day, value) in enumerate(subject["rows"], 1)
    ]
    therapies = [
        {"subject_id": n, "domain": "CM", "sequence": 1, "term": "X", "start_date": date(s["therapy"])}
        for n, s in known.items()
        if s["therapy"] is not None
    ]
    # One assessed subject more, so that the evaluator is there even if nobody else was assessed.
    rows.append({**row_of("Z", 42), "response": "SD"})
    table = pd.concat(
        [table, subjects("Z", last_alive_date=date(42), cut_date=None if cut is None else date(cut))]
    )
    return (
        table.reset_index(drop=True),
        frame_of(rows, intake.ASSESSMENTS),
        frame_of(therapies, intake.THERAPIES),
    )


def row_of(name, day, number=1):
    return {
        "subject_id": name,
        "sequence": number,
        "date": date(day),
        "evaluator": "INVESTIGATOR",
        "source": f"RS row {number}",
    }


def derive(table, assessments, therapies):
    config = defaults("clinical")
    config["time_to_event"]["sensitivity"] = ["missed_visits"]
    lesions, supplied = none_of(intake.LESIONS), none_of(intake.SUPPLIED)
    responses = response_tables(table, assessments, lesions, therapies, supplied, settings=config).responses
    times = time_tables(
        table, assessments, lesions, therapies, none_of(intake.CONTACTS), supplied, settings=config
    ).times
    return responses, times


@STUDIES
@given(STUDY, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(study, random):
    table, assessments, therapies = frames(study)
    shuffled = [
        frame.sample(frac=1, random_state=random.randint(0, 1000))
        for frame in (table, assessments, therapies)
    ]
    for first, second in zip(derive(table, assessments, therapies), derive(*shuffled), strict=True):
        pd.testing.assert_frame_equal(first, second)


def until(subject, cut):
    """What was known of a drawn subject at a cut."""
    return {
        "rows": [(day, value) for day, value in subject["rows"] if day <= cut],
        "death": subject["death"] if subject["death"] is not None and subject["death"] <= cut else None,
        "therapy": subject["therapy"]
        if subject["therapy"] is not None and subject["therapy"] <= cut
        else None,
        "alive": min(subject["alive"], cut),
    }


@STUDIES
@given(STUDY, st.integers(42, 300))
def test_records_after_the_cut_change_nothing(study, cut):
    early = derive(*frames([until(subject, cut) for subject in study], cut))
    late = derive(*frames([{**subject, "alive": min(subject["alive"], cut)} for subject in study], cut))
    for first, second in zip(early, late, strict=True):
        pd.testing.assert_frame_equal(first, second)


@STUDIES
@given(STUDY, st.integers(42, 200), st.integers(0, 200))
def test_a_later_cut_never_removes_an_event(study, first, more):
    events = []
    for cut in (first, first + more):
        _, times = derive(*frames(study, cut))
        events.append(
            times[times["event"] & times["rule"].eq("primary") & times["endpoint"].isin(["PFS", "OS"])]
        )
    key = ["subject_id", "endpoint", "end_date"]
    kept = events[0][key].merge(events[1][key], on=key)
    assert len(kept) == len(events[0])


@STUDIES
@given(STUDY)
def test_what_always_holds(study):
    responses, times = derive(*frames(study))
    check_progression_free_survival_is_never_longer_than_survival(times)
    check_durations_belong_to_the_responders(responses, times)
    check_each_subject_has_one_class_and_a_reason_where_it_is_ne(responses)


def check_progression_free_survival_is_never_longer_than_survival(times):
    survival = times[times["endpoint"].eq("OS")].set_index("subject_id")["days"]
    for rule, part in times[times["endpoint"].eq("PFS")].groupby("rule"):
        assert (part.set_index("subject_id")["days"] <= survival).all(), rule


def check_durations_belong_to_the_responders(responses, times):
    primary = times[times["rule"].eq("primary")]
    members = {name: set(part["subject_id"]) for name, part in primary.groupby("endpoint")}
    responders = set(responses.loc[responses["responder"], "subject_id"])
    confirmed = set(responses.loc[responses["confirmed_responder"], "subject_id"])
    assert members.get("DOR", set()) == members.get("TTR", set()) == responders
    assert members.get("CDOR", set()) == confirmed
    assert confirmed <= responders
    assert members["PFS"] == members["OS"] == set(responses["subject_id"])


def check_each_subject_has_one_class_and_a_reason_where_it_is_ne(responses):
    assert not responses["subject_id"].duplicated().any()
    assert responses["bor"].isin(OVERALL).all()
    assert responses["confirmed_bor"].isin(OVERALL).all()
    assert (responses["bor"].eq("NE") == responses["ne_reason"].ne("")).all()
    assert (responses["confirmed_bor"].eq("NE") == responses["confirmed_ne_reason"].ne("")).all()
    assert (responses["confirmed_bor"].map(RANK) >= responses["bor"].map(RANK)).all()


def usable(values, days):
    rows = pd.DataFrame({"value": values, "date": [date(day) for day in days]}).sort_values("date")
    rows = rows.assign(
        subject_id="S1", source="", days=difference(rows["date"], pd.Series(REFERENCE, rows.index))
    )
    progression = rows.loc[rows["value"].eq("PD"), "date"].min()
    kept = rows[rows["date"].le(progression)] if pd.notna(progression) else rows
    return confirm(kept.reset_index(drop=True), min_days=28, max_ne=1, accept_sd=False)


def confirmed_class(values, days):
    rows = usable(values, days)
    return best_response(rows, rows["confirmed"], sd_from=42)["category"].iloc[0]


@COURSES
@given(st.lists(VALUES, min_size=1, max_size=7), st.sampled_from(["CR", "PR"]), st.integers(0, 7))
def test_a_confirmed_better_response_before_progression_becomes_the_best(values, better, place):
    days = [42 * position for position in range(1, len(values) + 1)]
    first_pd = days[values.index("PD")] if "PD" in values else 10_000
    start = 42 * place + 5
    before = confirmed_class(values, days)
    if RANK[better] < RANK[before] and start + 28 < first_pd:
        assert confirmed_class([*values, better, better], [*days, start, start + 28]) == better


def best_class(values, days):
    rows = usable(values, days)
    return best_response(rows, pd.Series(True, rows.index), sd_from=42)["category"].iloc[0]


@COURSES
@given(st.lists(VALUES, min_size=1, max_size=7), st.sampled_from(["CR", "PR"]), st.integers(0, 7))
def test_a_better_confirmed_response_before_progression_worsens_neither_class(values, better, place):
    """Added where nothing stands yet: a day of its own before the first PD, and a second 28 days later."""
    days = [42 * position for position in range(1, len(values) + 1)]
    first_pd = days[values.index("PD")] if "PD" in values else 10_000
    start = 42 * place + 5
    added = [*values, better, better], [*days, start, start + 28]
    if start + 28 < first_pd:
        assert RANK[best_class(*added)] <= RANK[best_class(values, days)]
        if RANK[better] < RANK[confirmed_class(values, days)]:
            assert RANK[confirmed_class(*added)] < RANK[confirmed_class(values, days)]


@COURSES
@given(st.lists(VALUES, min_size=1, max_size=7))
def test_rows_after_progression_never_matter(values):
    if "PD" not in values:
        values = [*values, "PD"]
    end = values.index("PD") + 1
    days = [42 * position for position in range(1, len(values) + 1)]
    assert confirmed_class(values, days) == confirmed_class(values[:end], days[:end])


@pytest.mark.parametrize("evaluator", ["INVESTIGATOR", "INDEPENDENT ASSESSOR"])
def test_evaluators_do_not_mix(evaluator):
    rows = pd.DataFrame([{**row_of("Z", 42), "response": "PR"}, {**row_of("Z", 84, 2), "response": "PD"}])
    rows["evaluator"] = ["INVESTIGATOR", "INDEPENDENT ASSESSOR"]
    frame = frame_of(rows.to_dict("records"), intake.ASSESSMENTS)
    responses, _ = derive(subjects("Z"), frame, none_of(intake.THERAPIES))
    expected = {"INVESTIGATOR": "PR", "INDEPENDENT ASSESSOR": "PD"}
    assert responses.set_index("evaluator")["bor"][evaluator] == expected[evaluator]
