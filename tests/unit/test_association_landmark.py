"""Landmark sets and start-stop intervals, on subjects a reader can follow."""

import pandas as pd
import pytest

from clearher.association.declared import Analysis
from clearher.association.dynamics import status_response
from clearher.association.landmark import Landmark, landmark_set, left_out, status_at
from clearher.association.landmark_models import first_days, landmark_survival, start_stop, time_varying
from clearher.columns import ctdna
from clearher.tables import frame_of

DAY_50 = Landmark("day 50", 50, "", 14)


def visits(*rows: tuple) -> pd.DataFrame:
    """Visits as (subject, visit, day, state, change in percent)."""
    names = ("subject_id", "visit", "study_day", "state", "change_percent")
    filled = [{**dict(zip(names, row, strict=True)), "phase": "POST_BASELINE"} for row in rows]
    return frame_of(filled, ctdna.VISITS)


def subjects(*rows: tuple) -> pd.DataFrame:
    """Subjects as (subject, days, event, baseline state)."""
    frame = pd.DataFrame(rows, columns=["subject_id", "days", "event", "ctdna_baseline_state"])
    return frame.assign(clock_shift_days=0)


CASES = [
    ("cleared", 100, True, "DETECTED", [("C3", 43, "NOT_DETECTED_ADEQUATE", -100)], "cleared", ""),
    ("detected", 100, True, "DETECTED", [("C3", 43, "DETECTED", -40)], "not cleared", ""),
    (
        "later sample is invisible",
        100,
        True,
        "DETECTED",
        [("C3", 43, "DETECTED", -40), ("C5", 85, "NOT_DETECTED_ADEQUATE", -100)],
        "not cleared",
        "",
    ),
    (
        "the last sample of the window decides",
        100,
        True,
        "DETECTED",
        [("C2", 37, "NOT_DETECTED_ADEQUATE", -100), ("C3", 49, "DETECTED", -40)],
        "not cleared",
        "",
    ),
    (
        "unless nobody can read it",
        100,
        True,
        "DETECTED",
        [("C2", 37, "NOT_DETECTED_ADEQUATE", -100), ("C3", 49, "NOT_EVALUABLE", None)],
        "cleared",
        "",
    ),
    (
        "of two tubes of a day the detected one",
        100,
        True,
        "DETECTED",
        [("C3", 43, "DETECTED", -90), ("UNS", 43, "NOT_DETECTED_ADEQUATE", -100)],
        "not cleared",
        "",
    ),
    (
        "both ends of the window belong to it",
        100,
        True,
        "DETECTED",
        [("C2", 36, "NOT_DETECTED_ADEQUATE", -100)],
        "cleared",
        "",
    ),
    (
        "without a day no sample is in the window",
        100,
        True,
        "DETECTED",
        [("C3", None, "NOT_DETECTED_ADEQUATE", -100)],
        "",
        "without an evaluable sample between day 36 and 50",
    ),
    ("no sample", 100, True, "DETECTED", [], "", "without an evaluable sample between day 36 and 50"),
    (
        "only an old sample",
        100,
        True,
        "DETECTED",
        [("C2", 22, "NOT_DETECTED_ADEQUATE", -100)],
        "",
        "without an evaluable sample between day 36 and 50",
    ),
    (
        "non-detection that may be chance",
        100,
        True,
        "DETECTED",
        [("C3", 43, "NOT_DETECTED_INSUFFICIENT", -100)],
        "",
        "without an evaluable sample between day 36 and 50",
    ),
    (
        "event on the landmark day",
        50,
        True,
        "DETECTED",
        [("C3", 43, "DETECTED", -40)],
        "not cleared",
        "with the event at or before day 50",
    ),
    (
        "censored on the landmark day",
        50,
        False,
        "DETECTED",
        [("C3", 43, "DETECTED", -40)],
        "not cleared",
        "censored at or before day 50",
    ),
    ("event the day after", 51, True, "DETECTED", [("C3", 43, "DETECTED", -40)], "not cleared", ""),
    ("undetected at baseline", 100, True, "BASELINE_NOT_DETECTED", [], "baseline not detected", ""),
    (
        "baseline not evaluable",
        100,
        True,
        "NOT_EVALUABLE",
        [("C3", 43, "DETECTED", None)],
        "not cleared",
        "without evaluable ctDNA at baseline",
    ),
]


@pytest.mark.parametrize(
    ("case", "days", "event", "baseline", "draws", "status", "why"), CASES, ids=[c[0] for c in CASES]
)
def test_who_enters_with_which_status(case, days, event, baseline, draws, status, why):
    found = landmark_set(
        subjects(("S1", days, event, baseline)),
        visits(*[("S1", *draw) for draw in draws]),
        DAY_50,
        "clearance",
    ).iloc[0]
    assert (found["status"], found["why_not"]) == (status, why), case
    assert found["included"] == (why == "")


@pytest.mark.parametrize(
    ("change", "status"), [(-0.1, "decrease"), (0, "no decrease"), (5, "no decrease"), (None, "")]
)
def test_a_level_that_stays_is_no_decrease(change, status):
    draws = visits(("S1", "C3", 43, "DETECTED", change))
    assert (
        status_at(subjects(("S1", 100, True, "DETECTED")), draws, DAY_50, "decrease")["status"].item()
        == status
    )


def test_samples_before_the_first_dose_are_no_status_under_treatment():
    draws = visits(("S1", "C3", 43, "NOT_DETECTED_ADEQUATE", -100)).assign(phase="BASELINE")
    found = status_at(subjects(("S1", 100, True, "DETECTED")), draws, DAY_50, "clearance")
    assert found["status"].tolist() == [""]


@pytest.mark.parametrize(
    ("state", "sampled"), [("DETECTED", 43), ("NOT_DETECTED_INSUFFICIENT", 43), ("NOT_EVALUABLE", None)]
)
def test_who_had_none_at_baseline_is_a_group_with_the_day_of_an_evaluable_sample(state, sampled):
    people = subjects(("S1", 100, True, "BASELINE_NOT_DETECTED"))
    found = status_at(people, visits(("S1", "C3", 43, state, None)), DAY_50, "clearance").iloc[0]
    assert found["status"] == "baseline not detected"
    assert (pd.isna(found["sample_day"])) if sampled is None else (found["sample_day"] == sampled)


def test_the_clock_restarts():
    found = landmark_set(
        subjects(("S1", 100, True, "DETECTED")), visits(("S1", "C3", 43, "DETECTED", 0)), DAY_50, "clearance"
    ).iloc[0]
    assert (found["days"], found["sample_day"]) == (50, 43)


def test_a_visit_landmark_restarts_at_the_own_draw():
    draws = visits(
        ("S1", "C3", 43, "DETECTED", 5), ("S2", "C3", 39, "DETECTED", -5), ("S3", "C2", 22, "DETECTED", 0)
    )
    people = subjects(*[(name, 100, True, "DETECTED") for name in ("S1", "S2", "S3")])
    found = landmark_set(people, draws, Landmark("visit C3", None, "C3", 14), "decrease").set_index(
        "subject_id"
    )
    assert found["days"].tolist() == [57, 61, pd.NA]
    assert found["status"].tolist() == ["no decrease", "decrease", ""]
    assert found.loc["S3", "why_not"] == "without an evaluable sample at visit C3"


def test_molecular_response_that_cannot_be_said_is_missing():
    draws = visits(("S1", "C3", 43, "DETECTED", -60)).assign(response_50="")
    found = status_at(subjects(("S1", 100, True, "DETECTED")), draws, DAY_50, "response_50")
    assert found["status"].tolist() == [""]


RANDOMISED_A_WEEK_BEFORE = [
    # PFS day, day from the first dose, who enters at day 50, days from the landmark
    (57, 50, "with the event at or before day 50", pd.NA),
    (58, 51, "", 1),
    (107, 100, "", 50),
]


@pytest.mark.parametrize(("pfs", "own_day", "why", "left"), RANDOMISED_A_WEEK_BEFORE)
def test_endpoints_from_randomisation_meet_samples_from_the_first_dose(pfs, own_day, why, left):
    """PFS day 57 from randomisation is day 50 of the samples: read as day 57 the subject would stay."""
    people = subjects(("S1", pfs, True, "DETECTED")).assign(clock_shift_days=7)
    found = landmark_set(people, visits(("S1", "C3", 43, "DETECTED", 0)), DAY_50, "clearance").iloc[0]
    assert pfs - 7 == own_day
    assert found["why_not"] == why
    assert (found["days"] is left) if left is pd.NA else (found["days"] == left)


def test_a_subject_whose_clocks_cannot_be_compared_leaves():
    people = subjects(("S1", 100, True, "DETECTED")).assign(clock_shift_days=pd.NA)
    found = landmark_set(people, visits(("S1", "C3", 43, "DETECTED", 0)), DAY_50, "clearance").iloc[0]
    assert found["why_not"] == "without a reference date beside the first dose"
    assert not found["included"]


def test_a_status_switches_on_the_clock_of_the_endpoint():
    """Cleared on day 22 from the first dose, a week after randomisation: day 29 of PFS, not 22."""
    frame = pd.DataFrame({"subject_id": ["S1"], "days": [60], "event": [True], "switch_day": [22]})
    rows = start_stop(frame.assign(clock_shift_days=7))
    assert rows[["start", "stop"]].to_numpy().tolist() == [[0, 29], [29, 60]]


@pytest.mark.parametrize(
    ("shift", "days", "expected"),
    [
        (-30, 60, [(0, 60, 1)]),  # cleared on day 22, eight days before the clock starts: from its start
        (-22, 60, [(0, 60, 1)]),
        (-21, 60, [(0, 1, 0), (1, 60, 1)]),
        (-30, 0, [(0, 0, 0)]),  # event on the day before the clock: as without a switch
    ],
)
def test_a_status_before_the_clock_starts_counts_from_its_start(shift, days, expected):
    frame = pd.DataFrame({"subject_id": ["S1"], "days": [days], "event": [True], "switch_day": [22]})
    rows = start_stop(frame.assign(clock_shift_days=shift))
    assert list(rows[["start", "stop", "status"]].itertuples(index=False, name=None)) == expected


def test_the_sentence_on_who_left():
    members = pd.DataFrame({"included": [True, False, False], "why_not": ["", "so", "so"]})
    assert left_out(members) == "Left out: 2 subjects so."


@pytest.mark.parametrize(
    ("switch", "days", "event", "expected"),
    [
        (None, 30, True, [(0, 30, True, 0)]),
        (10, 30, True, [(0, 10, False, 0), (10, 30, True, 1)]),
        (10, 30, False, [(0, 10, False, 0), (10, 30, False, 1)]),
        (30, 30, True, [(0, 30, True, 0)]),
        (40, 30, True, [(0, 30, True, 0)]),
    ],
    ids=["never", "before", "before, censored", "on the event day", "after"],
)
def test_intervals(switch, days, event, expected):
    """A switch on the event day does not count, and no interval has length zero."""
    frame = pd.DataFrame({"subject_id": ["S1"], "days": [days], "event": [event], "switch_day": [switch]})
    rows = start_stop(frame.assign(clock_shift_days=0))
    assert list(rows[["start", "stop", "event", "status"]].itertuples(index=False, name=None)) == expected


def test_first_day_of_a_status():
    draws = visits(
        ("S1", "C2", 22, "DETECTED", 0),
        ("S1", "C5", 85, "NOT_DETECTED_ADEQUATE", -100),
        ("S1", "C3", 43, "NOT_DETECTED_ADEQUATE", -100),
        ("S2", "C3", 43, "NOT_DETECTED_INSUFFICIENT", -100),
    )
    assert first_days(draws, "clearance").to_dict("records") == [{"subject_id": "S1", "switch_day": 43}]


def test_no_status_under_treatment_begins_before_it_or_on_an_unknown_day():
    draws = visits(
        ("S1", "C1", 1, "NOT_DETECTED_ADEQUATE", -100),
        ("S1", "UNS", None, "NOT_DETECTED_ADEQUATE", -100),
        ("S1", "C5", 85, "NOT_DETECTED_ADEQUATE", -100),
    )
    draws.loc[0, "phase"] = "BASELINE"
    assert first_days(draws, "clearance")["switch_day"].tolist() == [85]


def test_a_time_varying_model_says_whom_it_leaves_out(settings):
    names = [f"S{number:02d}" for number in range(20)]
    people = subjects(*((name, 60 + 3 * place, True, "DETECTED") for place, name in enumerate(names)))
    silent = subjects(*((name, 90, True, "BASELINE_NOT_DETECTED") for name in ("T1", "T2")))
    frame = pd.concat([people, silent], ignore_index=True)
    frame = frame.rename(columns={"days": "pfs_days", "event": "pfs_event"})
    draws = visits(*((name, "C3", 43, "NOT_DETECTED_ADEQUATE", -100) for name in names[::2]))
    (row,) = time_varying(
        frame, draws, Analysis("x", "?", "time_varying", "pfs"), settings("association")
    ).rows
    assert (row.n, row.events) == (20, 20)
    assert row.caveat == "Left out: 2 subjects without ctDNA at baseline."
    assert row.groups == "events / intervals: not cleared 10/20; cleared 10/10"


def test_of_two_draws_of_a_day_the_detected_one_keeps_the_status():
    draws = visits(
        ("S1", "C3", 43, "NOT_DETECTED_ADEQUATE", -100),
        ("S1", "UNS", 43, "DETECTED", -90),
        ("S1", "C5", 85, "NOT_DETECTED_ADEQUATE", -100),
    )
    assert first_days(draws, "clearance")["switch_day"].tolist() == [85]


def landmark_rows(cleared: int, settings, events: int = 30) -> dict:
    """Rows of 30 subjects, the first of them cleared, progression on days 60, 63, 66 and so on."""
    names = [f"S{number:02d}" for number in range(30)]
    frame = subjects(
        *((name, 60 + 3 * place, place < events, "DETECTED") for place, name in enumerate(names))
    )
    frame = frame.rename(columns={"days": "pfs_days", "event": "pfs_event"})
    states = ["NOT_DETECTED_ADEQUATE"] * cleared + ["DETECTED"] * (30 - cleared)
    drawn = [
        (name, visit, day, state, -50)
        for name, state in zip(names, states, strict=True)
        for visit, day in (("C2", 22), ("C3", 43))
    ]
    analysis = Analysis("x", "?", "landmark_survival", "pfs", landmark={"grid_days": [29]})
    rows = landmark_survival(frame, visits(*drawn), analysis, settings("association")).rows
    return {row.term: row for row in rows}


def test_a_group_below_ten_gets_p_by_permutation_only(settings):
    """The models' p falls below 0.05 too often there: 7 % of trials of 42 with nothing to find."""
    rows = landmark_rows(6, settings)
    main, model, grid = (
        rows[term]
        for term in (
            "log-rank from day 50",
            "cleared against not cleared, Cox",
            "day 29: cleared against not cleared",
        )
    )
    assert "permutation log-rank test" in main.method
    assert pd.isna(model.p)
    assert "No p: fewer than 10 subjects in one group" in model.caveat
    assert model.low < model.estimate < model.high
    assert grid.p == main.p, "the same subjects, the same test"
    assert "p: permutation log-rank test" in grid.method


def test_groups_of_ten_get_the_models_p(settings):
    rows = landmark_rows(10, settings)
    assert "permutation" not in rows["log-rank from day 50"].method
    assert 0 < rows["cleared against not cleared, Cox"].p < 1
    assert "permutation" not in rows["day 29: cleared against not cleared"].method


@pytest.mark.parametrize(
    ("cleared", "events", "terms", "why"),
    [
        (10, 5, ["log-rank"], "both groups have 10 subjects or more, together 5 events or more"),
        (10, 4, ["log-rank", "log-rank, chi-square"], "Permutation: 4 events in both groups"),
        (9, 5, ["log-rank", "log-rank, chi-square"], "Permutation: 9 subjects in the smaller group"),
        (9, 4, ["log-rank", "log-rank, chi-square"], "Permutation: 9 subjects in the smaller group"),
    ],
)
def test_few_events_are_permuted_too(settings, cleared, events, terms, why):
    """With nothing to find and 2 to 4 events the chi-square is below 0.05 in 7 to 14 % of trials."""
    rows = landmark_rows(cleared, settings, events)
    found = {term: row for term, row in rows.items() if term.startswith("log-rank")}
    assert [term.replace(" from day 50", "") for term in found] == terms
    main = found["log-rank from day 50"]
    assert why in main.why_method
    assert ("permutation" in main.method) == (len(terms) == 2)


def test_four_early_events_in_a_third_of_the_subjects_by_counting(settings):
    """All four in the 10 cleared of 30. An event scores above 0, all others the same below 0, so the tail is
    the share of splits with all four in the ten, C(26, 6) / C(30, 10) = 0.00766; p is twice that."""
    rows = landmark_rows(10, settings, events=4)
    assert rows["log-rank from day 50"].p == pytest.approx(2 * 0.00766, abs=0.0015)


def test_every_landmark_compares_the_better_status_with_the_worse(settings):
    """The first to progress are the cleared ones: their hazard is the higher one at every landmark."""
    rows = landmark_rows(10, settings)
    main, grid = rows["cleared against not cleared, Cox"], rows["day 29: cleared against not cleared"]
    assert main.estimate > 1
    assert grid.estimate == pytest.approx(main.estimate, rel=1e-6), "the same subjects in the same order"
    assert [term for term in rows if term.startswith("proportional hazards")] == [
        "proportional hazards: cleared against not cleared, Cox"
    ]


def test_a_landmark_with_one_group_says_so_as_the_answer(settings):
    rows = landmark_rows(0, settings)
    headline = rows["log-rank from day 50"]
    assert headline.headline
    assert (headline.method, headline.n) == ("not run", 30)
    assert headline.caveat.startswith("One of the two groups is empty")


def test_the_rate_of_the_only_status_is_shown(settings):
    """Nobody cleared by day 50: nothing to compare, but 1 of 2 responders is still a rate."""
    frame = subjects(("S1", 100, True, "DETECTED"), ("S2", 100, True, "DETECTED")).assign(
        responder=[True, False]
    )
    drawn = visits(("S1", "C3", 43, "DETECTED", -40), ("S2", "C3", 43, "DETECTED", -40))
    analysis = Analysis("x", "?", "status_response", "responder")
    first, *rates = status_response(frame, drawn, analysis, settings("association")).rows
    assert (first.headline, first.method, first.n) == (True, "not run", 2)
    assert first.caveat.startswith("One of the two statuses is empty")
    assert first.groups.startswith("not cleared 1/2")
    (rate,) = rates
    assert (rate.term, rate.estimate, rate.n) == ("rate: not cleared", 0.5, 2)
