"""Adverse events: imputed dates, treatment emergence, worst grades, terms of special interest."""

import pandas as pd
import pytest

from clearher.clinical.adverse_events import (
    adverse_event_table,
    analysis_end,
    analysis_start,
    emergence,
    first_worst,
)
from clearher.clinical.after_dose import time_after_dose
from clearher.clinical.event_words import one_spelling, spelling_problems, unknown_word_problems
from clearher.clinical.special_interest import (
    matched_categories,
    normal_spelling,
    read_special_terms,
    special_interest_problems,
    special_terms,
)
from clearher.columns import intake
from clearher.intake.config import defaults
from clearher.tables import empty, frame_of

FIRST, LAST = pd.Timestamp("2014-01-15"), pd.Timestamp("2014-06-30")
NONE = pd.DataFrame(columns=["category", "match", "term"])


def dates(*texts):
    return pd.Series([pd.Timestamp(text) if text else pd.NaT for text in texts])


@pytest.mark.parametrize(
    ("text", "ended", "expected", "flag"),
    [
        ("2014-01-20", "", "2014-01-20", ""),
        ("2014-01", "", "2014-01-15", "D"),  # the month holds the first dose
        ("2013-12", "", "2013-12-01", "D"),  # it does not: first possible day
        ("2014-03", "", "2014-03-01", "D"),
        ("2014", "", "2014-01-15", "M"),
        ("2013", "", "2013-01-01", "M"),
        ("", "", None, ""),
        ("2014-01", "2014-01-10", "2014-01-01", "D"),  # over before the first dose: not started on it
        ("2014-01", "2014-01-15", "2014-01-15", "D"),
        ("2014-01", "2014-01", "2014-01-15", "D"),  # the end can be later in the month
    ],
)
def test_partial_start(text, ended, expected, flag):
    row = analysis_start(pd.Series([text]), pd.Series([FIRST]), pd.Series([ended])).iloc[0]
    assert (row["start_date"] == pd.Timestamp(expected)) if expected else pd.isna(row["start_date"])
    assert row["start_imputed"] == flag


@pytest.mark.parametrize(
    ("text", "death", "cut", "expected"),
    [
        ("2014-05", "", "", "2014-05-31"),
        ("2014-05", "2014-05-20", "", "2014-05-20"),  # not after death within its range
        ("2014-05", "2014-06-20", "", "2014-05-31"),
        ("2014-05", "2014-05-20", "2014-05-10", "2014-05-10"),
        ("2014", "", "", "2014-12-31"),
        ("2014-05-25", "2014-05-20", "", "2014-05-25"),  # a full date stays as recorded
    ],
)
def test_partial_end(text, death, cut, expected):
    row = analysis_end(pd.Series([text]), [dates(death), dates(cut)]).iloc[0]
    assert row["end_date"] == pd.Timestamp(expected)


@pytest.mark.parametrize("dose", ["2014-01-01", "2014-01-31"])
def test_a_first_dose_on_the_edge_of_the_month_is_the_start(dose):
    row = analysis_start(pd.Series(["2014-01"]), dates(dose), pd.Series([""])).iloc[0]
    assert row["start_date"] == pd.Timestamp(dose)


@pytest.mark.parametrize(("death", "expected"), [("2014-05-01", "2014-05-01"), ("2014-04-30", "2014-05-31")])
def test_only_a_limit_within_the_month_lowers_a_partial_end(death, expected):
    row = analysis_end(pd.Series(["2014-05"]), [dates(death)]).iloc[0]
    assert row["end_date"] == pd.Timestamp(expected)


def event(start, end="", grade=None, initial=None, group="", sequence=1, who="S1"):
    return {
        "subject_id": who,
        "sequence": sequence,
        "start_date": pd.Timestamp(start) if start else pd.NaT,
        "end_date": pd.Timestamp(end) if end else pd.NaT,
        "grade": grade,
        "initial_grade": initial,
        "group_id": group,
    }


def rules(*events, first=FIRST, last=LAST, window=30):
    frame = pd.DataFrame(list(events)).astype({"grade": "Int64", "initial_grade": "Int64"})
    milestones = pd.DataFrame(
        {"first_dose_date": [first] * len(frame), "last_dose_date": [last] * len(frame)}
    )
    return emergence(frame, milestones.astype("datetime64[ns]"), window_days=window).tolist()


def test_emergence_first_rule_that_holds():
    assert rules(
        event("2014-01-01", "2014-01-10"),
        event("", "2014-01-10"),
        event("", ""),
        event("2014-01-15"),
        event("2014-07-30"),
        event("2014-07-31"),
        event("2014-01-14"),
    ) == [
        "ended before first dose",
        "ended before first dose",
        "start unknown",
        "started under treatment",
        "started under treatment",  # exactly 30 days after the last dose
        "after the window",
        "before treatment",
    ]


def test_emergence_without_doses():
    assert rules(event("2014-02-01"), first=pd.NaT, last=pd.NaT) == ["no dose"]
    assert rules(event("2019-02-01"), last=pd.NaT) == ["started under treatment"]  # no last dose, no limit


def test_worsening_needs_initial_grades_somewhere():
    worse, same, unknown = (
        event("2014-01-01", "", 3, 1),
        event("2014-01-01", "", 1, 1),
        event("2014-01-01", "", 2),
    )
    assert rules(worse, same, unknown) == [
        "worsened under treatment",
        "before treatment",
        "worsened under treatment",  # one of the two grades is missing
    ]
    assert rules(unknown) == ["before treatment"]  # nobody collected an initial grade: the rule is off
    last_day = event("2014-01-01", "2014-01-15", 3, 1)  # it lasted into the day of the first dose
    assert rules(last_day) == ["worsened under treatment"]


def test_an_episode_is_held_against_its_highest_earlier_grade():
    rows = [
        event("2014-01-01", "2014-01-05", 3, None, "E1", 1),
        event("2014-01-06", "2014-01-20", 1, None, "E1", 2),
        event("2014-02-01", "2014-02-05", 2, None, "E1", 3),  # above the second, not above the first
        event("2014-01-15", "2014-01-20", 1, None, "E3", 4),  # begun on the day of the first dose: no old one
        event("2014-02-01", "2014-02-05", 1, None, "E3", 5),
    ]
    assert rules(*rows) == [
        "ended before first dose", "before treatment", "before treatment",
        "started under treatment", "started under treatment",
    ]  # fmt: skip


def test_an_episode_with_initial_grades_is_held_against_the_first_of_them():
    rows = [
        event("2014-01-01", "2014-01-20", 1, 1, "E2", 1),
        event("2014-02-01", "2014-02-05", 2, 3, "E2", 2),  # worse than at the beginning
        event("2014-01-01", "2014-01-20", 2, 2, "E4", 3),
        event("2014-02-01", "2014-02-05", 2, 1, "E4", 4),
    ]
    assert rules(*rows) == [
        "before treatment", "worsened under treatment", "before treatment", "before treatment",
    ]  # fmt: skip


def test_rows_of_an_old_episode_are_emergent_from_the_first_worsening_on():
    rows = [
        event("2014-01-01", "2014-01-20", 1, None, "E1", 1),
        event("2014-02-01", "2014-02-05", 1, None, "E1", 2),
        event("2014-03-01", "2014-03-05", 2, None, "E1", 3),
        event("2014-04-01", "2014-04-05", 1, None, "E1", 4),
        event("2014-04-01", "2014-04-05", 1, None, "E2", 5),
    ]
    assert rules(*rows) == [
        "before treatment",
        "before treatment",
        "worsened under treatment",
        "worsened under treatment",
        "started under treatment",  # another episode that began under treatment
    ]


@pytest.mark.parametrize(
    ("before", "under", "rule"),
    [
        (1, 1, "before treatment"),
        (1, None, "worsened under treatment"),  # not known to be no worse: it stays in the tables
        (None, 1, "worsened under treatment"),
        (None, None, "worsened under treatment"),
    ],
)
def test_a_missing_grade_in_an_old_episode_rules_nothing_out(before, under, rule):
    rows = [
        event("2014-01-01", "2014-01-20", before, None, "E1", 1),
        event("2014-02-01", "2014-02-05", under, None, "E1", 2),
        event("2014-02-01", "2014-02-05", 2, None, "", 3),  # the study does record grades
    ]
    assert rules(*rows)[1] == rule


def test_episodes_of_a_study_without_grades_keep_their_start():
    rows = [
        event("2014-01-01", "2014-01-20", None, None, "E1", 1),
        event("2014-02-01", "2014-02-05", None, None, "E1", 2),
    ]
    assert rules(*rows) == ["before treatment", "before treatment"]


def test_first_worst_is_one_emergent_row_by_grade_start_and_sequence():
    frame = pd.DataFrame(
        [
            event("2014-02-01", grade=2, sequence=1),
            event("2014-02-01", grade=3, sequence=3),
            event("2014-02-01", grade=3, sequence=2),
            event("2014-03-01", grade=3, sequence=4),
            event("2014-01-01", grade=5, sequence=5),
            event("2014-02-01", sequence=1, who="S2"),
        ]
    ).astype({"grade": "Int64"})
    frame["treatment_emergent"] = frame["grade"].ne(5).fillna(True).astype(bool)
    assert first_worst(frame, ["subject_id"]).tolist() == [False, False, True, False, False, True]


def test_of_equal_grades_an_event_without_a_start_comes_first_and_none_is_below_grade_1():
    frame = pd.DataFrame(
        [
            event("2014-02-01", grade=1, sequence=1),
            event("", grade=1, sequence=2),
            event("2014-01-20", sequence=3),
        ]
    ).astype({"grade": "Int64"})
    frame["treatment_emergent"] = True
    assert first_worst(frame, ["subject_id"]).tolist() == [False, True, False]


SUBJECTS = frame_of(
    [
        {
            "subject_id": "S1",
            "screen_failure": False,
            "treated": True,
            "first_dose_date": FIRST,
            "last_dose_date": LAST,
        },
        {"subject_id": "S2", "screen_failure": True, "treated": False},
    ],
    intake.SUBJECTS,
)


def table(*rows, **settings_changed):
    names = {"start_text": "2014-02-01", "preferred_term": "Nausea", "soc": "Gastrointestinal disorders"}
    records = [names | {"subject_id": "S1", "sequence": number} | row for number, row in enumerate(rows, 1)]
    events = frame_of(records, intake.ADVERSE_EVENTS)
    settings = defaults("clinical")["adverse_events"] | settings_changed
    return adverse_event_table(events, SUBJECTS, empty(intake.DOSES), NONE, settings=settings)[0]


def test_causality_words_and_the_blank_one():
    words = ("RELATED", "Not related", "POSSIBLE", "Definitely unrelated", "NOT SUSPECTED")
    silent = ("", "UNKNOWN", "Not  assessable")
    frame = table(*({"related": word} for word in (*words, *silent)))
    assert frame["related"].tolist() == [True, False, True, False, True, True, True, True]
    assert frame["causality_recorded"].tolist() == [True] * 5 + [False] * 3
    frame = table(*({"related": word} for word in silent), blank_causality="not_related")
    assert frame["related"].tolist() == [False] * 3


def test_terms_that_differ_by_case_alone_are_one_line():
    terms = pd.Series(["Nausea", "NAUSEA", "Nausea ", "Nausea", "", "Dry mouth", "Dry  Mouth", "Anaemia"])
    united = ["Nausea"] * 4 + ["", "Dry Mouth", "Dry Mouth", "Anaemia"]
    assert one_spelling(terms).tolist() == united
    events = pd.DataFrame({"preferred_term": terms, "soc": "GI", "subject_id": "S1"})
    events["source"] = [f"AE row {row}" for row in range(2, 10)]
    problems = spelling_problems(events, ("preferred_term", "soc"))
    assert [(p.check, p.column, p.found, p.remedy) for p in problems] == [
        ("term_spelling", "preferred_term", "'Dry mouth' in 1 record, the first AE row 7",
         "Counted as 'Dry Mouth'."),
        ("term_spelling", "preferred_term", "'NAUSEA' in 1 record, the first AE row 3",
         "Counted as 'Nausea'."),
    ]  # fmt: skip
    frame = table({"preferred_term": "NAUSEA"}, {}, {})
    assert frame["preferred_term"].tolist() == ["Nausea"] * 3


@pytest.mark.parametrize(
    ("action", "taken"),
    [
        ("Dose reduced", [False, True, False]),
        ("DRUG INTERRUPTED", [True, False, False]),
        ("DOSE NOT CHANGED", [False] * 3),
        ("NOT APPLICABLE", [False] * 3),
        ("DOSE  REDUCED ", [False, True, False]),  # a blank too many is the same word
        ("DOSE RATE REDUCED", [False, True, False]),
        ("", [pd.NA] * 3),
        ("UNKNOWN", [pd.NA] * 3),  # recorded, and says no more than a blank
        ("MULTIPLE", [pd.NA] * 3),  # something was done: not known what, and no "no"
    ],
)
def test_what_was_done_with_the_drug(action, taken):
    row = table({"action": action}).iloc[0]
    assert row[["interrupted", "reduced", "discontinued"]].tolist() == taken


def test_unknown_words_of_causality_and_action_are_told_once_a_word():
    words = [("Related", "MULTIPLE"), ("Not suspected", "DOSE NOT CHANGED"), ("NOT SUSPECTED", "UNKNOWN"),
             ("", ""), ("REMOTE", "Dose reduced")]  # fmt: skip
    events = pd.DataFrame(words, columns=["related", "action"])
    events = events.assign(subject_id=list("ABCDE"), source=[f"AE row {row}" for row in range(2, 7)])
    problems = unknown_word_problems(events, defaults("clinical")["adverse_events"])
    assert [(p.check, p.severity, p.subject_id, p.column, p.found) for p in problems] == [
        ("causality_unknown", "warning", "B", "related", "'NOT SUSPECTED' in 2 records, the first AE row 3"),
        ("action_unknown", "warning", "A", "action", "'MULTIPLE' in 1 record, the first AE row 2"),
    ]


def test_actions_coding_days_and_screen_failures():
    frame = table(
        {"action": "DOSE REDUCED", "end_text": "2014-02-03", "preferred_term": "", "soc": ""},
        {"action": "DRUG WITHDRAWN", "subject_id": "S2"},
    )
    assert len(frame) == 1  # a screen failure has no treatment
    row = frame.iloc[0]
    assert (row["reduced"], row["interrupted"], row["discontinued"]) == (True, False, False)
    assert (row["preferred_term"], row["soc"]) == ("no coding available", "no coding available")
    assert (row["start_day"], row["end_day"], row["duration_days"]) == (18, 20, 3)


@pytest.mark.parametrize(
    ("end", "at_cut", "ongoing"),
    [("2014-02-03", False, False), ("", False, True), ("", True, True), ("2014-02-03", None, False)],
)
def test_ongoing_without_an_end_by_the_cut(end, at_cut, ongoing):
    assert table({"end_text": end, "ongoing_at_cut": at_cut})["ongoing"].tolist() == [ongoing]


def doses(*texts):
    rows = [{"subject_id": "S1", "sequence": n, "start_text": text} for n, text in enumerate(texts, 1)]
    return frame_of(rows, intake.DOSES)


@pytest.mark.parametrize(
    ("start", "given", "days", "hours", "near"),
    [
        ("2014-02-05T13:00", ["2014-02-05T09:00"], 0, 4.0, True),
        ("2014-02-06T09:00", ["2014-02-05T09:00"], 1, 24.0, True),  # 24 hours exactly
        ("2014-02-06T09:01", ["2014-02-05T09:00"], 1, 24 + 1 / 60, False),
        ("2014-02-05T08:00", ["2014-02-05T09:00"], 0, None, False),  # before the infusion of that day
        ("2014-02-05T08:00", ["2014-01-15T09:00", "2014-02-05T09:00"], 0, 503.0, False),
        ("2014-02-05", ["2014-02-05T09:00"], 0, None, True),  # the day is all there is
        ("2014-02-06", ["2014-02-05"], 1, None, None),  # 0 to 48 hours
        ("2014-02-07", ["2014-02-05"], 2, None, False),  # more than 24 hours whatever the times
        ("2014-02-06T09:00", ["2014-01-15T09:00", "2014-02-05"], 1, None, None),  # the last dose has no time
        ("2014-02", ["2014-02-05"], None, None, None),  # a partial start says nothing
        ("2014-01-02", ["2014-02-05"], None, None, None),  # before any dose
        ("2014-02-05", [], None, None, None),
    ],
)
def test_time_after_a_dose(start, given, days, hours, near):
    event = pd.DataFrame({"subject_id": ["S1"], "start_text": [start]})
    row = time_after_dose(event, doses(*given), hours=24).iloc[0]
    assert (row["days_after_dose"] == days) if days is not None else pd.isna(row["days_after_dose"])
    assert row["hours_after_dose"] == pytest.approx(hours) if hours else pd.isna(row["hours_after_dose"])
    assert (row["near_dose"] == near) if near is not None else pd.isna(row["near_dose"])


def test_severity_stands_for_a_grade_only_where_the_study_says_so():
    assert table({"severity": "SEVERE"})["grade"].isna().all()
    graded = table(
        {"severity": "SEVERE"}, {"severity": "MILD", "grade": 2}, severity_as_grade={"severe": 3, "mild": 1}
    )
    assert graded["grade"].tolist() == [3, 2]


LISTED = pd.DataFrame(
    [
        ("ILD", "pt", "Organising pneumonia"),
        ("ILD", "pt", "Pneumonitis"),
        ("Oedema", "contains", "oedema"),
        ("Heart", "pt", "Ejection fraction decreased"),
    ],
    columns=["category", "match", "term"],
)


def test_terms_match_whatever_their_case_and_spelling():
    terms = ["ORGANIZING PNEUMONIA", "Peripheral edema", "Radiation pneumonitis", "Nausea"]
    assert matched_categories(terms, LISTED) == {
        "ORGANIZING PNEUMONIA": ("ILD",),
        "Peripheral edema": ("Oedema",),
        "Radiation pneumonitis": (),  # a preferred term is matched as a whole
        "Nausea": (),
    }


def test_own_categories_replace_listed_ones():
    own = {"ILD": {"pt": ["Alveolitis"], "contains": []}, "Heart": {"pt": [], "contains": []}}
    terms = special_terms(LISTED, own)
    assert terms.values.tolist() == [["Oedema", "contains", "oedema"], ["ILD", "pt", "Alveolitis"]]


def test_unmatched_and_nearly_matching_terms_are_reported():
    problems = special_interest_problems(["Pneumonitis", "Ejection fraction decrease"], LISTED)
    found = {(problem.check, problem.severity): problem.found for problem in problems}
    assert found[("aesi_term_near", "warning")].startswith("'Ejection fraction decrease', close to")
    unmatched = [problem.column for problem in problems if problem.check == "aesi_term_unmatched"]
    assert unmatched == ["Heart", "ILD", "Oedema"]


def test_the_list_that_comes_with_the_workflow_is_in_order(root):
    listed = read_special_terms(root / "resources" / "aesi.tsv")
    assert set(listed["match"]) <= {"pt", "contains"}
    assert not listed[["category", "term"]].eq("").any().any()
    spelled = listed["term"].map(normal_spelling)
    assert not spelled.duplicated().any()
    assert "Interstitial lung disease" in set(listed["term"])
