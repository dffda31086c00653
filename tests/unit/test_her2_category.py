"""IHC by ISH to category: the guideline's tables, written out."""

import pytest

from clearher.her2.category import LEVELS, categorise, contradicts, rank
from clearher.her2.ihc import agrees, described_score, interval_states
from clearher.her2.ish import Evidence

NEGATIVE, POSITIVE, UNKNOWN = Evidence(word="NEGATIVE"), Evidence(word="POSITIVE"), Evidence()
DUAL = {number: Evidence(groups=(number,)) for number in range(1, 6)}
SAME = {number: Evidence(groups=(number,), recount="same") for number in range(1, 6)}


@pytest.fixture
def conflicts(settings):
    return settings("her2")["conflicts"]


# Columns: IHC state, ISH negative, ISH positive (the word alone), ISH unknown
BY_WORD = [
    ("3+", "POSITIVE", "POSITIVE", "POSITIVE"),
    ("2+", "LOW", "POSITIVE", "INDETERMINATE"),
    ("1+", "LOW", "INDETERMINATE", "LOW"),
    ("0-ultralow", "ULTRALOW", "INDETERMINATE", "ULTRALOW"),
    ("0-null", "NULL", "INDETERMINATE", "NULL"),
    ("0", "ZERO_UNSPECIFIED", "INDETERMINATE", "ZERO_UNSPECIFIED"),
    ("NE", "INDETERMINATE", "INDETERMINATE", "INDETERMINATE"),
]


@pytest.mark.parametrize(("state", "negative", "positive", "unknown"), BY_WORD)
def test_category_of_ihc_by_ish_word(state, negative, positive, unknown, conflicts):
    found = [categorise((state,), e, conflicts=conflicts).category for e in (NEGATIVE, POSITIVE, UNKNOWN)]
    assert found == [negative, positive, unknown]


# Columns: ISH group, category with 3+, 2+ after a recount in the same group, 1+, 0-null
BY_GROUP = [
    (1, "POSITIVE", "POSITIVE", "POSITIVE", "POSITIVE"),
    (2, "POSITIVE", "LOW", "LOW", "NULL"),
    (3, "POSITIVE", "POSITIVE", "LOW", "NULL"),
    (4, "POSITIVE", "LOW", "LOW", "NULL"),
    (5, "POSITIVE", "LOW", "LOW", "NULL"),
]


@pytest.mark.parametrize(("number", "three", "two", "one", "null"), BY_GROUP)
def test_category_of_ihc_by_ish_group(number, three, two, one, null, conflicts):
    states = ("3+", "2+", "1+", "0-null")
    found = [categorise((state,), SAME[number], conflicts=conflicts) for state in states]
    assert [outcome.category for outcome in found] == [three, two, one, null]
    assert {outcome.certainty for outcome in found} == {"FINAL"}


# Columns: ISH group, recount, category with IHC 2+, certainty, why
RECOUNT = [
    (1, "", "POSITIVE", "FINAL", "group 1 needs no recount"),
    (2, "", "LOW", "PROVISIONAL", "negative if unchanged"),
    (3, "", "POSITIVE", "PROVISIONAL", "positive if unchanged"),
    (4, "", "LOW", "PROVISIONAL", "negative if unchanged"),
    (5, "", "LOW", "FINAL", "group 5 needs no recount"),
    (2, "other", "INDETERMINATE", "PROVISIONAL", "adjudication not entered"),
    (3, "other", "INDETERMINATE", "PROVISIONAL", "adjudication not entered"),
    (4, "adjudicated", "INDETERMINATE", "PROVISIONAL", "said adjudicated, but no result given"),
]


@pytest.mark.parametrize(("number", "recount", "category", "certainty", "why"), RECOUNT)
def test_recount_of_ihc_2(number, recount, category, certainty, why, conflicts):
    found = categorise(("2+",), Evidence(groups=(number,), recount=recount), conflicts=conflicts)
    assert (found.category, found.certainty) == (category, certainty), why


def test_an_entered_adjudication_is_final(conflicts):
    evidence = Evidence(groups=(4,), recount="adjudicated", word="POSITIVE")
    found = categorise(("2+",), evidence, conflicts=conflicts)
    assert (found.category, found.certainty) == ("POSITIVE", "FINAL")


# Columns: HER2 copies by single probe, with 3+, 2+, 1+
SINGLE = [
    (6.0, "POSITIVE", "POSITIVE", "POSITIVE"),
    (5.9, "POSITIVE", "INDETERMINATE", "LOW"),
    (4.0, "POSITIVE", "INDETERMINATE", "LOW"),
    (3.9, "POSITIVE", "LOW", "LOW"),
]


@pytest.mark.parametrize(("copies", "three", "two", "one"), SINGLE)
def test_single_probe(copies, three, two, one, conflicts):
    evidence = Evidence(single_copies=copies)
    found = [categorise((state,), evidence, conflicts=conflicts).category for state in ("3+", "2+", "1+")]
    assert found == [three, two, one]


# A ratio without copies leaves groups open. Columns: possible groups, word, state, category, why
OPEN_GROUPS = [
    ((3, 4, 5), "", "2+", "INDETERMINATE", "group 3 would be positive"),
    ((3, 4, 5), "NEGATIVE", "2+", "LOW", "the report settles it"),
    ((3, 4, 5), "", "1+", "LOW", "negative in all three"),
    ((1, 2), "", "1+", "INDETERMINATE", "group 1 would be positive"),
    ((1, 2), "POSITIVE", "2+", "POSITIVE", "the report settles it"),
    ((1, 2), "POSITIVE", "1+", "INDETERMINATE", "only the word says positive"),
    ((1, 2), "", "3+", "POSITIVE", "positive by IHC"),
    ((1,), "", "NE", "POSITIVE", "group 1 alone decides without IHC"),
    ((1, 2), "", "NE", "INDETERMINATE", "group 2 would not"),
    ((5,), "", "NE", "INDETERMINATE", "negative ISH says nothing of low"),
]


@pytest.mark.parametrize(("groups", "word", "state", "category", "why"), OPEN_GROUPS)
def test_groups_left_open(groups, word, state, category, why, conflicts):
    found = categorise((state,), Evidence(groups=groups, word=word), conflicts=conflicts)
    assert found.category == category, why


# Columns: low and high end, ISH, category, level, why
INTERVALS = [
    ("0", "1+", UNKNOWN, "INDETERMINATE", "INDETERMINATE", "zero or low"),
    ("1+", "2+", UNKNOWN, "INDETERMINATE", "INDETERMINATE", "2+ needs ISH"),
    ("1+", "2+", NEGATIVE, "LOW", "INDETERMINATE", "low either way, the level is open"),
    ("1+", "2+", DUAL[4], "LOW", "INDETERMINATE", "low either way, recount open"),
    ("2+", "3+", POSITIVE, "POSITIVE", "POSITIVE", "positive either way"),
    ("2+", "3+", NEGATIVE, "INDETERMINATE", "INDETERMINATE", "low or positive"),
    ("0-null", "1+", UNKNOWN, "INDETERMINATE", "INDETERMINATE", "ultralow lies between"),
    ("0", "2+", DUAL[1], "POSITIVE", "POSITIVE", "group 1 is positive with any score"),
]


@pytest.mark.parametrize(("low", "high", "evidence", "category", "level", "why"), INTERVALS)
def test_an_interval_has_a_category_only_if_all_states_agree(
    low, high, evidence, category, level, why, conflicts
):
    found = categorise(interval_states(low, high), evidence, conflicts=conflicts)
    assert (found.category, found.level) == (category, level), why


# Columns: interval, ISH, certainty, ISH result, why
CERTAINTY = [
    ("1+", "2+", NEGATIVE, "FINAL", "NEGATIVE", "the word holds for both"),
    ("1+", "2+", DUAL[4], "PROVISIONAL", "NEGATIVE", "the recount of 2+ is open"),
    ("1+", "2+", DUAL[3], "PROVISIONAL", "INDETERMINATE", "group 3: positive with 2+, negative with 1+"),
    ("2+", "3+", POSITIVE, "FINAL", "POSITIVE", "positive either way"),
    ("0-null", "1+", UNKNOWN, "PROVISIONAL", "UNKNOWN", "no ISH, and the score is open"),
]


@pytest.mark.parametrize(("low", "high", "evidence", "certainty", "ish", "why"), CERTAINTY)
def test_certainty_and_ish_result_of_an_interval(low, high, evidence, certainty, ish, why, conflicts):
    found = categorise(interval_states(low, high), evidence, conflicts=conflicts)
    assert (found.certainty, found.ish_result) == (certainty, ish), why
    assert "score_interval" in found.flags


@pytest.mark.parametrize(
    ("state", "level"),
    [
        ("1+", "LOW_1+"),
        ("2+", "LOW_2+"),
        ("0-null", "NULL"),
        ("0-ultralow", "ULTRALOW"),
        ("0", "ZERO_UNSPECIFIED"),
    ],
)
def test_levels(state, level, conflicts):
    assert categorise((state,), NEGATIVE, conflicts=conflicts).level == level


def test_a_plain_zero_is_never_null_or_ultralow(conflicts):
    for evidence in (UNKNOWN, NEGATIVE, DUAL[5], DUAL[4], Evidence(single_copies=2.0)):
        assert categorise(("0",), evidence, conflicts=conflicts).category == "ZERO_UNSPECIFIED"


def test_ihc_2_without_ish_is_never_low(conflicts):
    for evidence in (UNKNOWN, Evidence(word="EQUIVOCAL")):
        assert categorise(("2+",), evidence, conflicts=conflicts).category == "INDETERMINATE"
    assert "ish_missing" in categorise(("2+",), UNKNOWN, conflicts=conflicts).flags


# Columns: state, ISH, flag
FLAGS = [
    ("3+", NEGATIVE, "ihc3_ish_negative"),
    ("3+", DUAL[5], "ihc3_ish_negative"),
    ("1+", DUAL[1], "low_score_group_1"),
    ("1+", POSITIVE, "low_score_word_positive"),
    ("0-null", DUAL[3], "comment_group_3"),
    ("2+", SAME[2], "comment_group_2"),
    ("2+", DUAL[4], "recount_not_done"),
    ("2+", Evidence(groups=(5,), word="POSITIVE"), "ish_word_differs"),
    ("2+", Evidence(single_copies=5.0), "dual_probe_needed"),
]


@pytest.mark.parametrize(("state", "evidence", "flag"), FLAGS)
def test_flags(state, evidence, flag, conflicts):
    assert flag in categorise((state,), evidence, conflicts=conflicts).flags


UNFLAGGED = [
    ("2+", Evidence(groups=(5,), word="NEGATIVE"), "the word says what the counts say"),
    ("3+", Evidence(groups=(5,), word="POSITIVE"), "3+ is positive whatever the counts"),
    ("2+", Evidence(groups=(5,), word="EQUIVOCAL"), "the counts settle what the word leaves open"),
]


@pytest.mark.parametrize(("state", "evidence", "why"), UNFLAGGED)
def test_a_word_that_contradicts_nothing_is_not_flagged(state, evidence, why, conflicts):
    assert "ish_word_differs" not in categorise((state,), evidence, conflicts=conflicts).flags, why


def test_the_study_can_set_the_cells_the_guideline_leaves_open(conflicts):
    strict = dict.fromkeys(conflicts, "INDETERMINATE")
    cells = [("3+", NEGATIVE), ("1+", DUAL[1]), ("1+", POSITIVE), ("NE", DUAL[1])]
    assert {categorise((s,), e, conflicts=strict).category for s, e in cells} == {"INDETERMINATE"}


# Columns: two results, whether they exclude each other
CONTRADICTIONS = [
    (("LOW", "LOW_1+"), ("LOW", "LOW_2+"), True),
    (("LOW", "LOW_1+"), ("LOW", "INDETERMINATE"), False),
    (("NULL", "NULL"), ("ULTRALOW", "ULTRALOW"), True),
    (("NULL", "NULL"), ("ZERO_UNSPECIFIED", "ZERO_UNSPECIFIED"), False),
    (("LOW", "LOW_1+"), ("ZERO_UNSPECIFIED", "ZERO_UNSPECIFIED"), True),
    (("POSITIVE", "POSITIVE"), ("INDETERMINATE", "INDETERMINATE"), False),
    (("POSITIVE", "POSITIVE"), ("LOW", "INDETERMINATE"), True),
]


@pytest.mark.parametrize(("first", "second", "expected"), CONTRADICTIONS)
def test_results_that_exclude_each_other(first, second, expected):
    assert contradicts(first, second) is expected
    assert contradicts(second, first) is expected


def test_levels_are_ordered_and_the_rest_stand_apart():
    ranks = [rank(level.split("_")[0], level) for level in LEVELS]
    assert ranks == sorted(ranks)
    assert rank("LOW", "LOW_1+") < rank("LOW", "INDETERMINATE") < rank("LOW", "LOW_2+")
    undetermined = rank("INDETERMINATE", "INDETERMINATE")
    assert undetermined != undetermined


# Columns: percent, completeness, intensity, state, unusual
DESCRIBED = [
    (11, "complete", "intense", "3+", False),
    (10, "complete", "intense", "2+", True),
    (11, "complete", "weak", "2+", False),
    (11, "complete", "moderate", "2+", False),
    (10, "complete", "moderate", "2+", True),
    (11, "incomplete", "faint", "1+", False),
    (10, "incomplete", "faint", "0-ultralow", False),
    (0.5, "incomplete", "faint", "0-ultralow", False),
    (60, "incomplete", "moderate", "2+", True),
    (60, "incomplete", "intense", "2+", True),
    (0, "none", "none", "0-null", False),
]


@pytest.mark.parametrize(("percent", "completeness", "intensity", "state", "unusual"), DESCRIBED)
def test_described_staining(percent, completeness, intensity, state, unusual):
    assert described_score(percent, completeness, intensity) == (state, unusual)


def test_the_study_may_call_few_weak_complete_cells_not_evaluable():
    assert described_score(5, "complete", "weak", weak_complete_in_few="NE").state == "NE"


def test_an_unspecified_zero_agrees_with_null_and_ultralow():
    assert agrees(("0",), "0-null")
    assert agrees(("0", "1+"), "0-ultralow")
    assert not agrees(("0",), "1+")
    assert not agrees(("0-null",), "0-ultralow")
