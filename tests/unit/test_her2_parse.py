"""HER2 values as written: what each means, and that no text whatever stops the parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearher.her2.ihc import STATES
from clearher.her2.parse import (
    IhcValue,
    canonical_ihc,
    parse_ihc,
    parse_ish_ratio,
    parse_recount,
    parse_status,
)

PLAIN = [
    ("3+", "3+"),
    ("3", "3+"),
    ("2 +", "2+"),
    ("2＋", "2+"),
    ("++", "2+"),
    ("(-)", "0"),
    ("0+", "0"),
    ("0", "0"),
    ("HER2 (2+)", "2+"),
    ("HER2：１＋", "1+"),
    ("HER2(＋＋＋)", "3+"),
    ("IHC 1+", "1+"),
    ("0-null", "0-null"),
    ("0 (no staining)", "0-null"),
    ("0-ultralow", "0-ultralow"),
    ("0 (ultralow)", "0-ultralow"),
    ("0 (ultra low)", "0-ultralow"),
    ("0 (HER2-ultralow)", "0-ultralow"),
    ("0 ultra low", "0-ultralow"),
    ("0 (HER2 null)", "0-null"),
    ("0 (not ultralow)", "0"),
    ("IHC >0<1+", "0-ultralow"),
    ("超低表达", "0-ultralow"),
    ("Equivocal", "2+"),
    ("阳性", "3+"),
    ("IHC2+", "2+"),
    ("Her2-neu: 1+", "1+"),
    ("HER2-0", "0"),
    ("2.0", "2+"),  # a column of numbers with gaps, saved as floating point
    ("Negative (1+)", "1+"),
    ("Negative, score 0", "0"),
    ("NEGATIVE (score 1+)", "1+"),
    ("Equivocal (2+)", "2+"),
    ("Positive 3+", "3+"),
    ("1+ negative", "1+"),
    ("阴性（1+）", "1+"),
    ("0 (ultralow, <10% faint)", "0-ultralow"),
    ("0 (ultra-low <=10%)", "0-ultralow"),
    ("0 (no staining, 4B5)", "0-null"),
    ("0 (no staining or faint in <=10%)", "0"),  # the guideline's words for either
    ("0 (ultralow not excluded)", "0"),
]


@pytest.mark.parametrize(("text", "state"), PLAIN)
def test_plain_scores(text, state):
    (value,) = parse_ihc(text)
    assert (value.low, value.high) == (state, state)


RANGES = [
    ("0-1+", "0", "1+"),
    ("1-2+", "1+", "2+"),
    ("2-3+", "2+", "3+"),
    ("2+ to 3+", "2+", "3+"),
    ("1+/2+", "1+", "2+"),
    ("1–2+", "1+", "2+"),
    ("0-null to 1+", "0-null", "1+"),
    ("Negative", "0", "1+"),
    ("阴性", "0", "1+"),
    ("HER2-low", "1+", "2+"),
    ("HER2低表达", "1+", "2+"),
    ("Negative (0-1+)", "0", "1+"),
]


@pytest.mark.parametrize(("text", "low", "high"), RANGES)
def test_ranges_stay_intervals(text, low, high):
    (value,) = parse_ihc(text)
    assert (value.low, value.high) == (low, high)


TWO_RESULTS = [
    ("1+ (outside 3+)", "1+", "3+"),
    ("3+ (2+ outside)", "3+", "2+"),
    ("2+ (OSH: 1+)", "2+", "1+"),
]


@pytest.mark.parametrize(("text", "in_house", "outside"), TWO_RESULTS)
def test_two_laboratories_in_one_cell(text, in_house, outside):
    first, second = parse_ihc(text)
    assert (first.low, first.origin) == (in_house, "in-house")
    assert (second.low, second.origin) == (outside, "outside")


def test_a_score_from_outside_alone_is_marked_so():
    assert parse_ihc("3+ (outside)") == (IhcValue("3+", "3+", "outside"),)


def test_remarks_are_kept_beside_the_value():
    (focal,) = parse_ihc("1+ (focal)")
    assert (focal.low, focal.remark, focal.flags) == ("1+", "focal", ("remark",))
    (mixed,) = parse_ihc("3+ (heterogenous 70-80% pos)")
    assert mixed.flags == ("remark", "heterogeneous")
    (few,) = parse_ihc("0 (<10%)")
    assert (few.low, few.high, few.remark) == ("0", "0", "<10%")


@pytest.mark.parametrize(
    ("text", "low", "word"),
    [
        ("2+/FISH-", "2+", "NEGATIVE"),
        ("2+ (FISH negative)", "2+", "NEGATIVE"),
        ("IHC 2+, ISH positive", "2+", "POSITIVE"),
        ("2+ ISH not amplified", "2+", "NEGATIVE"),
        ("2+, ISH not done", "2+", ""),
        ("2+ (FISH neg.)", "2+", "NEGATIVE"),
        ("IHC 2+ (ISH-negative)", "2+", "NEGATIVE"),
        ("2+ (FISH non amplified)", "2+", "NEGATIVE"),
        ("2+ (not amplified)", "2+", "NEGATIVE"),
        ("2+ (amplified)", "2+", "POSITIVE"),
        ("2+, negative by FISH", "2+", "NEGATIVE"),
        ("2+ (no amplification by ISH)", "2+", "NEGATIVE"),
        ("2+ FISH阴性", "2+", "NEGATIVE"),
        ("2+（FISH未见扩增）", "2+", "NEGATIVE"),
        ("2+ (FISH阳性)", "2+", "POSITIVE"),
        ("2+ (FISH negative, ratio 1.2)", "2+", "NEGATIVE"),
        ("2+ (ISH pending)", "2+", ""),
        ("HER2-low (2+)", "2+", "NEGATIVE"),
        ("HER2 low, 1+", "1+", "NEGATIVE"),
    ],
)
def test_ish_words_beside_a_score(text, low, word):
    (value,) = parse_ihc(text)
    assert (value.low, value.ish_word) == (low, word)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("2+ (FISH ratio 1.2)", "ish_not_read"),  # ISH is there, but the score's column is not for counts
        ("2+ (FISH ratio 1.9, copy 5.2)", "ish_not_read"),
        ("2+ (FISH negative, ratio 2.3)", "ish_not_read"),
        ("1+ (repeat 2+)", "score_in_remark"),
        ("2+ (repeat IHC 1+)", "score_in_remark"),
        ("1+ (10% 2+)", "score_in_remark"),
    ],
)
def test_results_in_a_remark_are_told(text, flag):
    (value,) = parse_ihc(text)
    assert value.low == text[:2]
    assert flag in value.flags


@pytest.mark.parametrize(
    "text", ["1+ (focal)", "3+ (heterogenous 70-80% pos)", "2+ (FISH negative)", "0 (<10%)"]
)
def test_a_remark_without_a_result_is_only_a_remark(text):
    assert not {"ish_not_read", "score_in_remark"} & set(parse_ihc(text)[0].flags)


REASONS = [
    ("", "empty"),
    ("-", "empty"),
    ("Unk/ND", "unknown or not done"),
    ("Not done", "not done"),
    ("Not done (decalcified)", "not done"),
    ("NE", "not evaluable"),
    ("未做", "not done"),
    ("Test Failure", "failed"),
    ("1+ (2+)", "not understood"),
    ("4+", "not understood"),
    ("2 breasts", "not understood"),
    ("3+ 90%", "not understood"),
    ("Positive (1+)", "not understood"),
    ("Negative (2+)", "not understood"),
    ("0, 1+", "not understood"),
    ("2.5", "not understood"),
]


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_cells_without_a_score_say_why(text, reason):
    (value,) = parse_ihc(text)
    assert (value.low, value.high, value.reason) == ("", "", reason)


RATIOS = [
    ("1.1", [(1.1, None, "in-house")]),
    ("1.6 (CN 6.6)", [(1.6, 6.6, "in-house")]),
    ("4.0, CN 9.7", [(4.0, 9.7, "in-house")]),
    ("1.4, 1.9", [(1.4, None, "in-house"), (1.9, None, "in-house")]),
    ("1.7 (Outside: 2.4)", [(1.7, None, "in-house"), (2.4, None, "outside")]),
    ("1.4 (CN 3.0) (same sample OSH 2.3)", [(1.4, 3.0, "in-house"), (2.3, None, "outside")]),
    ("FISH ratio 1.2", [(1.2, None, "in-house")]),
    ("CN 4.4", [(None, 4.4, "in-house")]),
    ("１．８", [(1.8, None, "in-house")]),
    ("1.4,1.9", [(1.4, None, "in-house"), (1.9, None, "in-house")]),
    ("HER2/CEP17 ratio 1.9", [(1.9, None, "in-house")]),
    ("1.9, copy 5.2", [(1.9, 5.2, "in-house")]),
    ("1.9 (average copies 5.2)", [(1.9, 5.2, "in-house")]),
    ("1.9 (mean HER2 copy number 5.2)", [(1.9, 5.2, "in-house")]),
    ("1.9 copy 5.2", [(1.9, 5.2, "in-house")]),
    ("1.9 (5.2 copies/cell)", [(1.9, 5.2, "in-house")]),
    ("ratio 1.9, HER2 copies 5.2", [(1.9, 5.2, "in-house")]),
    ("copies 5.2, ratio 1.9", [(1.9, 5.2, "in-house")]),
    ("HER2 copies 5.2", [(None, 5.2, "in-house")]),
]


@pytest.mark.parametrize("text", ["1,9", "ratio 2,1", "1.9; HER2 5.2", "1.9 (copies > 6)", "1.4-1.6", ">2.0"])
def test_a_ratio_that_has_two_meanings_is_not_read(text):
    """A decimal comma is no comma between two ratios: 1,9 is not 1 and 9."""
    assert [value.reason for value in parse_ish_ratio(text)] == ["not understood"]


@pytest.mark.parametrize(("text", "expected"), RATIOS)
def test_ish_ratios(text, expected):
    assert [(v.ratio, v.copies, v.origin) for v in parse_ish_ratio(text)] == expected


def test_ish_cells_with_an_open_question_are_flagged():
    (unclear,) = parse_ish_ratio("1.3 (OSH CN 4.2)")
    assert (unclear.ratio, unclear.copies, unclear.flags) == (1.3, 4.2, ("origin_unclear",))
    value, failed = parse_ish_ratio("1.8, MSK failed")
    assert (value.ratio, failed.reason) == (1.8, "failed")
    (decalcified,) = parse_ish_ratio("Not done (decalcified)")
    assert (decalcified.reason, decalcified.remark) == ("not done", "decalcified")
    assert parse_ish_ratio("about two")[0].reason == "not understood"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Negative", [("NEGATIVE", "in-house")]),
        ("FISH(-)", [("NEGATIVE", "in-house")]),
        ("扩增", [("POSITIVE", "in-house")]),
        ("Negative (Outside Positive)", [("NEGATIVE", "in-house"), ("POSITIVE", "outside")]),
        ("Negative (outside)", [("NEGATIVE", "outside")]),
        ("neg.", [("NEGATIVE", "in-house")]),
        ("FISH阴性", [("NEGATIVE", "in-house")]),
        ("未见扩增", [("NEGATIVE", "in-house")]),
        ("non amplified", [("NEGATIVE", "in-house")]),
        ("No amplification", [("NEGATIVE", "in-house")]),
        ("Negative (not amplified)", [("NEGATIVE", "in-house")]),
        ("Negative, repeat positive", [("", "in-house")]),
        ("positive (repeat: not amplified)", [("", "in-house")]),
        ("UNk/ND", [("", "in-house")]),
    ],
)
def test_status_words(text, expected):
    assert [(v.status, v.origin) for v in parse_status(text)] == expected


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", ""),
        ("Not done", ""),
        ("same group", "same"),
        ("Other", "other"),
        ("adjudicated", "adjudicated"),
        ("2nd", None),
    ],
)
def test_recount_words(text, state):
    assert parse_recount(text) == state


SIGNS = st.text(alphabet="0123+-＋~/()[]{}，,;:.<>% outsideFISHCNneghr\n\t二阴性", max_size=30)


@given(st.one_of(st.text(max_size=40), SIGNS))
def test_no_text_stops_the_parser(text):
    for value in parse_ihc(text):
        assert value.low in (*STATES, "")
        assert (value.low == "") == (value.high == "")
        assert (value.low == "") == (value.reason != "")
    assert all(v.reason or v.ratio is not None or v.copies is not None for v in parse_ish_ratio(text))
    assert all(v.reason or v.status for v in parse_status(text))
    assert parse_recount(text) in ("", "same", "other", "adjudicated", None)


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_canonical_text_reads_back_as_itself(first, second):
    low, high = sorted((first, second), key=STATES.index)
    (value,) = parse_ihc(canonical_ihc(IhcValue(low, high)))
    assert (value.low, value.high) == (low, high)
    assert parse_ihc(canonical_ihc(IhcValue()))[0].low == ""
