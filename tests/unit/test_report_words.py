"""Numbers and codes in words."""

import pytest

from clearher.columns import all_tables
from clearher.report.codes import in_words, text_in_words
from clearher.report.words import (
    ci_name,
    counted,
    interval,
    listed,
    p_text,
    p_value,
    percent,
    percent_interval,
    rounded,
    share,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (12.25, 1, "12.3"),  # half away from zero, where the binary fraction would give 12.2
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (-12.25, 1, "-12.3"),
        (-0.04, 1, "0.0"),  # no minus before a zero
        (1e-7, 2, "0.00"),
        (NAN, 1, "NE"),
        (None, 1, "NE"),
    ],
)
def test_rounding_is_half_away_from_zero(value, digits, text):
    assert rounded(value, digits) == text


def test_percent_keeps_the_decimal_text():
    """0.285 x 100 is 28.499999999999996 as a binary fraction; the reader's 28.5 is kept."""
    assert percent(0.285, 0) == "29%"
    assert percent(13 / 42) == "31.0%"
    assert percent(NAN) == "NE"


def test_intervals_name_a_limit_that_is_not_reached():
    assert percent_interval(0.176, 0.471) == "17.6-47.1%"
    assert interval(8.2, NAN) == "8.2 to NE"
    assert interval(NAN, NAN) == "NE"


@pytest.mark.parametrize(("confidence", "name"), [(0.95, "95% CI"), (0.8, "80% CI"), (0.975, "97.5% CI")])
def test_intervals_are_named_by_what_they_cover(confidence, name):
    assert ci_name(confidence) == name


def test_share_without_denominator_has_no_percent():
    assert share(13, 42) == "13/42 (31.0%)"
    assert share(0, 0) == "0/0 (NE)"


@pytest.mark.parametrize(
    ("p", "text", "behind"),
    [(0.00009, "<0.0001", "< 0.0001"), (0.0001, "0.0001", "= 0.0001"), (0.04165, "0.0417", "= 0.0417")],
)
def test_p_values(p, text, behind):
    assert p_value(p) == text
    assert p_text(p) == behind


def test_missing_p_is_empty():
    assert p_value(NAN) == ""


def test_words():
    assert counted(1, "subject") == "1 subject"
    assert counted(0, "subject") == "0 subjects"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([]) == ""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("NOT_CLEARED", "not cleared"),
        ("BASELINE_NOT_DETECTED", "not detected at baseline"),
        ("LOW_1+", "low 1+"),
        ("NULL", "null"),
        ("NON-CR/NON-PD", "NON-CR/NON-PD"),  # RECIST's own words
        ("PR", "PR"),
        ("0-null", "0-null"),
        ("INDEPENDENT ASSESSOR", "independent assessor"),
        ("her2_ish_missing", "HER2 ISH missing"),
        ("h_score_response", "H-score response"),
        ("PFS", "PFS"),
        ("CDOR_missed_visits", "CDOR missed visits"),
        ("", ""),
    ],
)
def test_codes_in_words(code, words):
    assert in_words(code) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NULL 1/9; ULTRALOW 3/9; LOW_1+ 6/8", "null 1/9; ultralow 3/9; low 1+ 6/8"),
        ("order: MOLECULAR_FIRST", "order: molecular progression first"),
        ("ish_missing;ish_conflict", "ISH missing; ISH conflict"),
        (
            "per level, adjusted for hormone_receptor, Firth",
            "per level, adjusted for hormone receptor, Firth",
        ),
        ("Clopper-Pearson, TP53 and ESR1 at C3D1", "Clopper-Pearson, TP53 and ESR1 at C3D1"),
        ("ANNULLED", "ANNULLED"),
    ],
)
def test_codes_within_a_text(text, words):
    assert text_in_words(text) == words


def test_no_declared_value_reaches_a_reader_as_a_code():
    """What the tables allow is free of underscores in words, and two values of a column never look alike."""
    columns = [column for _, table in all_tables() for column in table.columns if column.values]
    for column in columns:
        told = [in_words(value) for value in column.values]
        assert not [words for words in told if "_" in words]
        assert len(set(told)) == len(told), column.name
