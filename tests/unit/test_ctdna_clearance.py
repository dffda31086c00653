"""Courses of one subject, as a table of visits, and what must be said about each."""

import pandas as pd
import pytest

from clearher.columns import ctdna
from clearher.ctdna.clearance import in_window
from clearher.ctdna.course import course_tables
from clearher.ctdna.events import confirmation, rises, with_events
from clearher.ctdna.response import baseline_too_low, best_response, molecular_response
from clearher.tables import empty
from ctdna_builders import PLAN, detected, result_frame, sample_frame, silent, subject_frame

AFTER = ("C2D1", "C3D1", "C5D1")
NO_TUBE = None


def run(settings, baseline, *after, plan=PLAN, **changes):
    """The tables of one subject with a baseline and the results of C2D1, C3D1, C5D1."""
    config = settings("ctdna")
    for section, values in changes.items():
        config[section] = {**config[section], **values}
    given = {"C1D1": baseline, **dict(zip(AFTER, after, strict=False))}
    drawn = {visit: result for visit, result in given.items() if result is not NO_TUBE}
    samples = sample_frame(*[("S1", visit) for visit in drawn])
    results = result_frame(samples, {f"S1-{visit}": result for visit, result in drawn.items()})
    last = {2: "2025-01-31", 3: "2025-02-25", 4: "2025-04-10"}[len(given)]
    subjects = subject_frame("S1", cut=last)
    tables = course_tables(
        results, empty(ctdna.TRACKING), empty(ctdna.TRACKED), samples, subjects, plan, settings=config
    )
    tables["visits"] = tables["visits"].set_index("visit")
    tables["subject"] = tables["subjects"].iloc[0]
    return tables


def denominators(tables, visit="ANY"):
    rows = tables["clearance"][tables["clearance"]["visit"] == visit]
    return {row.denominator: (row.n, row.N) for row in rows.itertuples()}


BASE = detected(0.02)


def test_two_adequate_non_detections_are_cleared_and_confirmed(settings):
    tables = run(settings, BASE, silent(0.0004), silent(0.0005))
    assert list(tables["visits"].loc[["C2D1", "C3D1"], "state"]) == ["NOT_DETECTED_ADEQUATE"] * 2
    assert list(tables["visits"].loc[["C2D1", "C3D1"], "event"]) == ["CLEARED", "CONFIRMED"]
    subject = tables["subject"]
    assert (subject["clearance"], subject["clearance_confirmed"]) == ("CLEARED", "CONFIRMED")
    assert subject["clearance_day"] == 22
    assert subject["clearance_date"] == pd.Timestamp("2025-01-22")
    assert denominators(tables) == {"treated": (1, 1), "baseline_detected": (1, 1), "evaluable": (1, 1)}


def test_a_poor_limit_of_detection_is_not_clearance(settings):
    tables = run(settings, BASE, silent(0.006))
    visit = tables["visits"].loc["C2D1"]
    assert visit["state"] == "NOT_DETECTED_INSUFFICIENT"
    assert visit["reason"] == "LoD95 above 0.003 and LoD95 above 0.1 x baseline level"
    assert "does not count as cleared" in visit["sentence"]
    assert tables["subject"]["clearance"] == "NOT_EVALUABLE"
    assert tables["subject"]["clearance_reason"] == (
        "C2D1: LoD95 above 0.003 and LoD95 above 0.1 x baseline level"
    )
    assert denominators(tables) == {"treated": (0, 1), "baseline_detected": (0, 1), "evaluable": (0, 0)}


REASONS = [
    # result at baseline, results after it, clearance, reason, evaluable visits, why
    (detected(0.02), [silent(0.0004)], "CLEARED", "", 1, "a decision needs no reason"),
    (
        detected(0.02),
        [silent(0.006), detected(0.01)],
        "NOT_CLEARED",
        "",
        1,
        "the poor visit is not its reason",
    ),
    (silent(0.006), [silent(0.0004)], "NOT_EVALUABLE", "baseline not evaluable", 1, "nothing to clear from"),
    (
        detected(0.02),
        [silent(0.0025), silent(0.004)],
        "NOT_EVALUABLE",
        "C2D1: LoD95 above 0.1 x baseline level; C3D1: LoD95 above 0.003 and "
        "LoD95 above 0.1 x baseline level",
        0,
        "every visit has its own",
    ),
]


@pytest.mark.parametrize(("baseline", "after", "clearance", "reason", "visits", "why"), REASONS)
def test_who_is_not_evaluable_has_a_reason(settings, baseline, after, clearance, reason, visits, why):
    subject = run(settings, baseline, *after)["subject"]
    found = (subject["clearance"], subject["clearance_reason"], subject["n_visits_evaluable"])
    assert found == (clearance, reason, visits), why


def test_the_best_ratio_is_the_lowest(settings):
    falls = [detected(0.01), detected(0.002), detected(0.016)]
    assert run(settings, BASE, *falls)["subject"]["best_ratio"] == pytest.approx(0.1)


DAYS_OF_A_CUT = [
    # cut, whether the visit of day 43 has come, why
    ("2025-02-11", False, "day 42"),
    ("2025-02-12", True, "day 43 itself"),
]


@pytest.mark.parametrize(("cut", "come", "why"), DAYS_OF_A_CUT)
def test_a_visit_has_come_on_its_nominal_day(settings, cut, come, why):
    """A was drawn at C3D1 within the window, so the visit has a row; B waits for it."""
    samples = sample_frame(("A", "C1D1"), ("A", "C3D1", {"study_day": 40}), ("B", "C1D1"))
    results = {"A-C1D1": detected(0.02), "A-C3D1": silent(0.0004), "B-C1D1": detected(0.02)}
    tables = course_tables(
        result_frame(samples, results),
        empty(ctdna.TRACKING),
        empty(ctdna.TRACKED),
        samples,
        subject_frame("A", "B", cut=cut),
        PLAN,
        settings=settings("ctdna"),
    )
    assert denominators(tables, "C3D1")["treated"] == (1, 1 + come), why


def test_plasma_of_who_was_not_treated_counts_in_no_denominator(settings):
    """A screen failure with plasma keeps a row; a treated subject without plasma has one too."""
    samples = sample_frame(("S1", "C1D1"), ("S1", "C2D1"))
    results = {"S1-C1D1": detected(0.02), "S1-C2D1": silent(0.0004)}
    subjects = subject_frame("S1", "S2", "S3", cut="2025-01-31")
    subjects["treated"] = pd.array([False, True, False], dtype="boolean")
    tables = course_tables(
        result_frame(samples, results),
        empty(ctdna.TRACKING),
        empty(ctdna.TRACKED),
        samples,
        subjects,
        PLAN,
        settings=settings("ctdna"),
    )
    rows = tables["subjects"].set_index("subject_id")
    assert rows["denominator_treated"].to_dict() == {"S1": False, "S2": True}
    assert rows.loc["S2", "baseline_reason"] == "no usable plasma sample before treatment"
    assert denominators(tables) == {"treated": (0, 1), "baseline_detected": (0, 0), "evaluable": (0, 0)}


def test_a_limit_good_in_itself_may_be_poor_for_a_low_baseline(settings):
    # 0.0025 is below 0.003 but above a tenth of 0.02
    visit = run(settings, BASE, silent(0.0025))["visits"].loc["C2D1"]
    assert visit["state"] == "NOT_DETECTED_INSUFFICIENT"
    assert visit["reason"] == "LoD95 above 0.1 x baseline level"


@pytest.mark.parametrize(
    ("lod95", "state"),
    [(0.00186, "NOT_DETECTED_ADEQUATE"), (0.001861, "NOT_DETECTED_INSUFFICIENT")],
)
def test_a_limit_of_exactly_the_allowed_share_is_good_enough(settings, lod95, state):
    """A laboratory's rounded numbers: a tenth of 0.0186 is 0.00186, in binary numbers a trifle less."""
    assert 0.1 * 0.0186 < 0.00186
    visit = run(settings, detected(0.0186), silent(lod95))["visits"].loc["C2D1"]
    assert visit["state"] == state


def test_a_missing_tube_is_not_evaluable_and_the_next_visit_decides(settings):
    tables = run(settings, BASE, NO_TUBE, silent(0.0004))
    assert tables["visits"].loc["C2D1", "state"] == "NOT_EVALUABLE"
    assert tables["visits"].loc["C2D1", "reason"].startswith("NO_SAMPLE")
    assert tables["visits"].loc["C3D1", "event"] == "CLEARED"
    assert tables["subject"]["clearance_day"] == 43
    assert tables["subject"]["clearance_confirmed"] == "UNCONFIRMED"
    assert denominators(tables, "C2D1") == {
        "treated": (0, 1),
        "baseline_detected": (0, 1),
        "evaluable": (0, 0),
    }


def test_detection_after_clearance_is_molecular_progression(settings):
    tables = run(settings, BASE, silent(0.0004), detected(0.004))
    assert list(tables["visits"].loc[["C2D1", "C3D1"], "event"]) == ["CLEARED", "REAPPEARED"]
    assert tables["visits"].loc["C3D1", "molecular_progression"]
    subject = tables["subject"]
    assert (subject["clearance"], subject["clearance_confirmed"]) == ("CLEARED", "TRANSIENT")
    assert subject["molecular_progression_day"] == 43


def test_without_ctdna_at_baseline_there_is_no_ratio_but_a_conversion(settings):
    tables = run(settings, silent(0.0004), detected(0.01))
    visit = tables["visits"].loc["C2D1"]
    assert visit["event"] == "NEWLY_DETECTED"
    assert pd.isna(visit["ratio"])
    assert pd.isna(visit["change_percent"])
    subject = tables["subject"]
    assert subject["baseline_state"] == "BASELINE_NOT_DETECTED"
    assert subject["clearance"] == "BASELINE_NOT_DETECTED"
    assert subject["converted"]
    assert subject["converted_day"] == 22
    assert denominators(tables) == {"treated": (0, 1), "baseline_detected": (0, 0), "evaluable": (0, 0)}


def test_clearance_that_never_comes_is_not_cleared(settings):
    tables = run(settings, BASE, detected(0.01), silent(0.006))
    assert tables["subject"]["clearance"] == "NOT_CLEARED"
    assert denominators(tables)["evaluable"] == (0, 1)


def test_an_insufficient_visit_neither_confirms_nor_ends_a_clearance(settings):
    tables = run(settings, BASE, silent(0.0004), silent(0.006), silent(0.0004))
    assert list(tables["visits"].loc[list(AFTER), "event"]) == ["CLEARED", "", "CONFIRMED"]
    assert tables["subject"]["clearance_confirmed"] == "CONFIRMED"


@pytest.mark.parametrize(
    ("ratio", "low", "high", "at_50", "at_90"),
    [
        (0.40, 0.30, 0.55, "yes_supported", "no"),  # falls by 60 %, interval below 1
        (0.45, 0.18, 1.10, "yes", "no"),  # by its point only
        (0.50, 0.40, 0.60, "yes_supported", "no"),  # the cut itself counts
        (0.10, 0.05, 0.20, "yes_supported", "yes_supported"),
        (0.51, 0.40, 0.60, "no", "no"),
        (0.40, 0.20, 1.00, "yes", "no"),  # an upper limit of 1 supports no fall
    ],
)
def test_response_of_a_detected_visit(ratio, low, high, at_50, at_90):
    visit = one_visit(state="DETECTED", ratio=ratio, ratio_low=low, ratio_high=high)
    assert molecular_response(visit, 0.5).tolist() == [at_50]
    assert molecular_response(visit, 0.9).tolist() == [at_90]
    assert molecular_response(visit, 1.0).tolist() == ["no"]


@pytest.mark.parametrize(
    ("state", "lod95", "at_50", "at_90", "at_100"),
    [
        ("NOT_DETECTED_ADEQUATE", 0.0004, "yes_supported", "yes_supported", "yes_supported"),
        (
            "NOT_DETECTED_INSUFFICIENT",
            0.006,
            "yes_supported",
            "",
            "",
        ),  # known to be below 0.3 x baseline only
        ("NOT_DETECTED_INSUFFICIENT", 0.015, "", "", ""),  # below 0.75 x baseline: not even a half is sure
        ("NOT_EVALUABLE", 0.0004, "", "", ""),
    ],
)
@pytest.mark.parametrize("ratio", [0.003, float("nan")], ids=["counted", "stated limit, no ratio"])
def test_response_of_a_non_detection_rests_on_its_limit(state, lod95, at_50, at_90, at_100, ratio):
    high = max(0.06, lod95 / 0.02)
    visit = one_visit(state=state, lod95=lod95, ratio=ratio, ratio_low=0.0002, ratio_high=high)
    answers = [molecular_response(visit, cut).item() for cut in (0.5, 0.9, 1.0)]
    assert answers == [at_50, at_90, at_100]


def test_a_detection_without_a_level_says_that_ctdna_is_not_gone():
    """Whatever its ratio would be, it is no fall of 100 %; of 50 and 90 % nothing can be said."""
    visit = one_visit(state="DETECTED", ratio=float("nan"), ratio_low=float("nan"), ratio_high=float("nan"))
    assert [molecular_response(visit, cut).item() for cut in (0.5, 0.9, 1.0)] == ["", "", "no"]


def test_best_response_of_a_subject():
    """Whatever the order of the visits; nothing is said of who has no answer."""
    answers = {
        "A": ["no", "yes_supported", "yes"],
        "B": ["", "no", "yes"],
        "C": ["no", "", "no"],
        "D": ["", "", ""],
    }
    rows = [(subject, answer) for subject, given in answers.items() for answer in given]
    visits = pd.DataFrame(rows, columns=["subject_id", "response_50"])
    best = best_response(visits, "response_50")
    assert best.to_dict() == {"A": "yes_supported", "B": "yes", "C": "no", "D": ""}


def test_the_limit_of_a_low_baseline_is_not_low_itself():
    low = baseline_too_low(pd.Series([0.0029, 0.003, 0.0031, float("nan")]), 0.003)
    assert low.tolist() == [True, False, False, pd.NA]


def test_a_low_baseline_leaves_response_unclassified(settings):
    tables = run(settings, detected(0.001, max_vaf=0.002), detected(0.0004))
    assert tables["visits"].loc["C2D1", "response_50"] == ""
    assert tables["subject"]["baseline_low"]
    assert "highest allele fraction below 0.003" in tables["subject"]["baseline_reason"]


@pytest.mark.parametrize(
    ("ratio", "low", "progression"),
    [
        (3.0, 1.4, True),
        (3.0, 0.8, False),  # the interval holds 1
        (1.9, 1.2, False),  # not twice the nadir
        (2.0, 1.01, True),
        (3.0, 1.0, False),  # a limit of 1 is not above 1
        (3.0, float("nan"), True),  # only levels are known: the ratio decides
        (float("nan"), float("nan"), False),  # no nadir to compare with
    ],
)
def test_rise_against_the_nadir(ratio, low, progression):
    visit = pd.DataFrame({"nadir_ratio": [ratio], "nadir_ratio_low": [low]})
    assert rises(visit, 2.0).tolist() == [progression]


def test_rise_from_the_nadir_is_molecular_progression(settings):
    tables = run(settings, BASE, detected(0.001), detected(0.003))
    visit = tables["visits"].loc["C3D1"]
    assert visit["nadir_level"] == 0.001
    assert visit["nadir_ratio"] == pytest.approx(3.0)
    assert visit["event"] == "MOLECULAR_PROGRESSION"
    assert tables["subject"]["nadir_day"] == 22


def test_a_non_detection_stands_in_the_nadir_with_its_limit(settings):
    # insufficient: LoD 0.006; later 0.013 is 2.2 x that limit, its lower limit 0.008 is above it
    tables = run(settings, BASE, silent(0.006), detected(0.013, level_low=0.008, level_high=0.02))
    visit = tables["visits"].loc["C3D1"]
    assert visit["nadir_level"] == 0.006
    assert visit["nadir_ratio_low"] == pytest.approx(0.008 / 0.006)
    assert visit["event"] == "MOLECULAR_PROGRESSION"


def test_progression_that_must_be_confirmed(settings):
    rule = {"progression_confirmed": True}
    once = run(settings, BASE, detected(0.001), detected(0.003), detected(0.0012), clearance=rule)
    twice = run(settings, BASE, detected(0.001), detected(0.003), detected(0.004), clearance=rule)
    assert pd.isna(once["subject"]["molecular_progression_day"])
    assert twice["subject"]["molecular_progression_day"] == 43


def test_a_detection_after_clearance_that_is_not_confirmed_is_not_called_progression(settings):
    rule = {"progression_confirmed": True}
    once = run(settings, BASE, silent(0.0004), detected(0.004), silent(0.0004), clearance=rule)
    twice = run(settings, BASE, silent(0.0004), detected(0.004), detected(0.004), clearance=rule)
    for tables, risen, words in (
        (once, False, "is not confirmed"),
        (twice, True, ": molecular progression."),
    ):
        visit = tables["visits"].loc["C3D1"]
        assert (visit["event"], visit["molecular_progression"]) == ("REAPPEARED", risen)
        assert words in visit["sentence"]
        assert pd.notna(tables["subject"]["molecular_progression_day"]) == risen


COURSES = [
    # visits after baseline: C clear, I insufficient, D level as at the nadir, R risen from it
    # visits, baseline, events, molecular progression (T, F, "-" takes no part), why
    ("CCC", "DETECTED", ["CLEARED", "CONFIRMED", ""], "FFF", "the third non-detection is no confirmation"),
    (
        "CCDCC",
        "DETECTED",
        ["CLEARED", "CONFIRMED", "REAPPEARED", "CLEARED", "CONFIRMED"],
        "FFTFF",
        "two runs",
    ),
    ("CIC", "DETECTED", ["CLEARED", "", "CONFIRMED"], "F-F", "an insufficient visit is passed over"),
    ("DRRR", "DETECTED", ["", "MOLECULAR_PROGRESSION", "", ""], "FTTT", "an event where the rise begins"),
    ("RDR", "DETECTED", ["MOLECULAR_PROGRESSION", "", "MOLECULAR_PROGRESSION"], "TFT", "two rises"),
    ("DDCD", "BASELINE_NOT_DETECTED", ["NEWLY_DETECTED", "", "", ""], "FFFF", "the first detection alone"),
    ("CDR", "NOT_EVALUABLE", ["", "", ""], "FFF", "nothing to clear, nothing newly found"),
]
CONFIRMED_COURSES = [
    ("RD", "DETECTED", ["", ""], "FF", "a rise that the next visit does not show"),
    ("RR", "DETECTED", ["MOLECULAR_PROGRESSION", ""], "TF", "the last visit has no next one"),
    ("RIR", "DETECTED", ["MOLECULAR_PROGRESSION", "", ""], "T-F", "the next evaluable visit decides"),
    ("RDDR", "DETECTED", ["", "", "", ""], "FFFF", "the next, not a later one"),
    ("CDDC", "DETECTED", ["CLEARED", "REAPPEARED", "", "CLEARED"], "FTFF", "detected twice after clearance"),
    ("CDCD", "DETECTED", ["CLEARED", "REAPPEARED", "CLEARED", "REAPPEARED"], "FFFF", "each time once"),
]
STATES = {"C": "NOT_DETECTED_ADEQUATE", "I": "NOT_DETECTED_INSUFFICIENT", "D": "DETECTED", "R": "DETECTED"}


def courses(rows):
    """Visits three weeks apart of one subject a row, the nadir ratio 1 and, where risen, 4."""
    return pd.DataFrame(
        [
            {
                "subject_id": f"S{number}", "study_day": 22 + 21 * place, "phase": "POST_BASELINE",
                "state": STATES[letter], "baseline_state": baseline,
                "nadir_ratio": 4.0 if letter == "R" else 1.0, "nadir_ratio_low": float("nan"),
            }
            for number, (letters, baseline, *_) in enumerate(rows)
            for place, letter in enumerate(letters)
        ]
    )  # fmt: skip


@pytest.mark.parametrize(("rows", "confirmed"), [(COURSES, False), (CONFIRMED_COURSES, True)])
def test_events_of_whole_courses(rows, confirmed):
    found = with_events(
        courses(rows), settings={"progression_ratio": 2.0, "progression_confirmed": confirmed}
    )
    for number, (letters, baseline, events, risen, why) in enumerate(rows):
        own = found[found["subject_id"] == f"S{number}"]
        assert own["event"].tolist() == events, (letters, baseline, why)
        told = ["-" if pd.isna(value) else "FT"[int(value)] for value in own["molecular_progression"]]
        assert "".join(told) == risen, (letters, baseline, why)


def test_clearance_outside_the_window_does_not_count(settings):
    tables = run(settings, BASE, detected(0.01), silent(0.0004), clearance={"last_day": 30})
    assert tables["subject"]["clearance"] == "NOT_CLEARED"


WINDOWS = [
    # first day, last day, days that count, why
    (2, None, [2, 22, 43, None], "without a last day an undated draw after baseline counts"),
    (22, None, [22, 43, None], "the first day itself counts"),
    (2, 43, [2, 22, 43], "the last day itself counts, an undated draw may lie after it"),
    (2, 42, [2, 22], "one day later does not"),
]


@pytest.mark.parametrize(("first", "last", "counted", "why"), WINDOWS)
def test_window_of_clearance(first, last, counted, why):
    days = [1, 2, 22, 43, None]
    phases = ["BASELINE", *["POST_BASELINE"] * 4]
    course = pd.DataFrame({"phase": phases, "study_day": pd.array(days, dtype="Int64")})
    found = in_window(course, {"first_day": first, "last_day": last})["study_day"]
    assert [None if pd.isna(day) else day for day in found] == counted, why


def test_confirmation_needs_the_next_evaluable_visit():
    states = {
        "A": ["DETECTED", "NOT_DETECTED_ADEQUATE", "NOT_EVALUABLE", "NOT_DETECTED_ADEQUATE"],
        "B": ["NOT_DETECTED_ADEQUATE", "NOT_EVALUABLE", "DETECTED", "NOT_DETECTED_ADEQUATE"],
        "C": ["DETECTED", "DETECTED", "NOT_DETECTED_INSUFFICIENT", "NOT_DETECTED_ADEQUATE"],
    }
    rows = [
        {"subject_id": subject, "visit": f"V{number}", "study_day": 20 * number, "state": state}
        for subject, course in states.items()
        for number, state in enumerate(course, 1)
    ]
    frame = pd.DataFrame(rows).assign(phase="POST_BASELINE", collection_date=pd.NaT)
    found = confirmation(frame).set_index("subject_id")
    assert found["clearance_confirmed"].to_dict() == {"A": "CONFIRMED", "B": "TRANSIENT", "C": "UNCONFIRMED"}
    assert found["clearance_visit"].to_dict() == {"A": "V2", "B": "V1", "C": "V4"}


@pytest.mark.parametrize(
    ("at_visit", "same_day", "later", "clearance", "confirmed", "events", "why"),
    [
        (silent(0.0004), silent(0.0004), None, "CLEARED", "UNCONFIRMED", ["CLEARED", ""],
         "a second tube of the day confirms nothing"),
        (silent(0.0004), silent(0.0004), silent(0.0004), "CLEARED", "CONFIRMED", ["CLEARED", "", "CONFIRMED"],
         "a tube of another day does"),
        (silent(0.0004), detected(0.01), None, "NOT_CLEARED", "", ["", ""],
         "ctDNA in one tube: neither cleared nor back again"),
        (detected(0.01), silent(0.0004), silent(0.0004), "CLEARED", "UNCONFIRMED", ["", "", "CLEARED"],
         "cleared only on the later day"),
    ],
)  # fmt: skip
def test_draws_of_one_day_are_one_observation(
    settings, at_visit, same_day, later, clearance, confirmed, events, why
):
    """C2D1 and the end of treatment fall on day 22, C3D1 on day 43."""
    given = {"C1D1": BASE, "C2D1": at_visit, "EOT": same_day, **({"C3D1": later} if later else {})}
    samples = sample_frame(*[("S1", visit, {"study_day": 22} if visit == "EOT" else {}) for visit in given])
    results = result_frame(samples, {f"S1-{visit}": result for visit, result in given.items()})
    tables = course_tables(
        results, empty(ctdna.TRACKING), empty(ctdna.TRACKED), samples, subject_frame("S1", cut="2025-02-25"),
        PLAN, settings=settings("ctdna"),
    )  # fmt: skip
    subject = tables["subjects"].iloc[0]
    assert (subject["clearance"], subject["clearance_confirmed"]) == (clearance, confirmed), why
    visits = tables["visits"].set_index("visit")
    assert list(visits.loc[list(given)[1:], "event"]) == events, why
    primary = tables["sensitivity"].query("primary and denominator == 'treated'").iloc[0]
    assert primary["n"] == (clearance == "CLEARED"), why


def test_sensitivity_table_compares_definitions(settings):
    # any non-detection counts LoD 0.006 as cleared, the primary definition does not
    table = run(settings, BASE, silent(0.006))["sensitivity"]
    table = table[(table["denominator"] == "baseline_detected") & (table["metric"] == "pooled")]
    table = table.set_index("definition")
    assert table["primary"].sum() == 1
    assert table.loc[table["primary"], "n"].tolist() == [0]
    assert table.loc["any non-detection, LoD ignored", "n"] == 1
    assert table.loc["molecular response, fall of 50 %", "n"] == 1
    assert table.loc["molecular response, fall of 90 %", "n"] == 0
    assert table.loc["non-detection with LoD95 at most 0.01 and 0.1 x baseline level", "n"] == 0


def test_denominators_of_a_cohort(settings):
    # cleared; poor limit; no ctDNA at baseline; baseline missing; still detected
    config = settings("ctdna")
    results = {
        "A-C1D1": detected(0.02),
        "A-C2D1": silent(0.0004),
        "B-C1D1": detected(0.02),
        "B-C2D1": silent(0.006),
        "C-C1D1": silent(0.0004),
        "C-C2D1": silent(0.0004),
        "D-C2D1": silent(0.0004),
        "E-C1D1": detected(0.02),
        "E-C2D1": detected(0.01),
    }
    samples = sample_frame(*[tuple(name.split("-")) for name in results])
    subjects = subject_frame(*"ABCDE", cut="2025-01-31")
    tables = course_tables(
        result_frame(samples, results),
        empty(ctdna.TRACKING),
        empty(ctdna.TRACKED),
        samples,
        subjects,
        PLAN,
        settings=config,
    )
    expected = {"treated": (1, 5), "baseline_detected": (1, 3), "evaluable": (1, 2)}
    assert denominators(tables) == expected
    assert denominators(tables, "C2D1") == expected
    row = tables["clearance"].set_index(["visit", "denominator"]).loc[("ANY", "evaluable")]
    assert (row["low"], row["high"]) == pytest.approx((0.0125791, 0.9874209), abs=1e-6)
    state = tables["subjects"].set_index("subject_id")["clearance"].to_dict()
    assert state == {
        "A": "CLEARED",
        "B": "NOT_EVALUABLE",
        "C": "BASELINE_NOT_DETECTED",
        "D": "NOT_EVALUABLE",
        "E": "NOT_CLEARED",
    }


def test_a_visit_counts_those_for_whom_it_has_come(settings):
    # cut on day 60: C3D1 (day 43) has come for A and B, not for C, who began 30 days before the cut;
    # end of treatment has come for B only
    samples = sample_frame(
        ("A", "C1D1"), ("A", "C3D1"), ("B", "C1D1"), ("B", "EOT", {"study_day": 40}), ("C", "C1D1")
    )
    results = {f"{name}-C1D1": detected(0.02) for name in "ABC"}
    results |= {"A-C3D1": silent(0.0004), "B-EOT": detected(0.01)}
    long = subject_frame("A", "B", cut="2025-03-01")
    long.loc[1, "end_of_treatment_date"] = pd.Timestamp("2025-02-09")
    subjects = pd.concat([long, subject_frame("C", first_dose="2025-01-30", cut="2025-03-01")])
    tables = course_tables(
        result_frame(samples, results),
        empty(ctdna.TRACKING),
        empty(ctdna.TRACKED),
        samples,
        subjects,
        PLAN,
        settings=settings("ctdna"),
    )
    assert denominators(tables, "C3D1") == {
        "treated": (1, 2),
        "baseline_detected": (1, 2),
        "evaluable": (1, 1),
    }
    assert denominators(tables, "EOT") == {
        "treated": (0, 1),
        "baseline_detected": (0, 1),
        "evaluable": (0, 1),
    }
    assert denominators(tables)["treated"] == (1, 3)


def test_sentences_a_physician_can_read(settings):
    tables = run(settings, detected(0.02, max_vaf=0.03), silent(0.0004), silent(0.006), detected(0.004))
    sentences = tables["visits"]["sentence"]
    assert sentences["C1D1"] == "C1D1 (day 1): ctDNA detected at 2 % VAF."
    assert sentences["C2D1"] == (
        "C2D1 (day 22): ctDNA not detected; the sample would have shown 0.04 % VAF or more with 95 % "
        "probability. This is the first visit of a clearance."
    )
    assert sentences["C3D1"].startswith(
        "C3D1 (day 43): ctDNA not detected, but the sample would have missed anything below 0.6 % VAF too"
    )
    assert sentences["C5D1"] == (
        "C5D1 (day 85): ctDNA detected at 0.4 % VAF, 0.2 times the baseline level. "
        "ctDNA is back after clearance: molecular progression."
    )
    assert tables["subject"]["sentence"] == (
        "ctDNA at baseline (2 % VAF); cleared on day 22, detected again at the next evaluable visit. "
        "Molecular progression on day 85."
    )


def test_a_limit_that_is_stated_for_the_assay_is_called_assumed(settings):
    assumed = {"lod_basis": "ASSUMED"}
    tables = run(settings, detected(0.02), silent(0.002, **assumed), silent(0.006, **assumed))
    told = "(assumed: this limit is stated for the assay, not measured in this sample)"
    sentences = tables["visits"]["sentence"]
    assert sentences["C2D1"].startswith(
        "C2D1 (day 22): ctDNA not detected; the sample would have shown 0.2 % VAF or more with 95 % "
        f"probability {told}."
    )
    assert f") {told}: this does not count as cleared." in sentences["C3D1"]


@pytest.mark.parametrize(
    ("baseline", "n_tracked", "why"),
    [
        ({"lod_basis": "ASSUMED", "n_tracked": pd.NA}, 0, "a file that calls nothing, at a stated limit"),
        ({"n_tracked": 0, "evaluable": True}, 0, "a file that calls nothing to track"),
        ({"lod_basis": "VENDOR", "n_tracked": pd.NA}, None, "a laboratory's level: variants are unknown"),
    ],
)
def test_a_file_that_calls_nothing_leaves_nothing_to_track(settings, baseline, n_tracked, why):
    found = run(settings, silent(0.002, **baseline), detected(0.01))["subject"]["n_tracked"]
    assert [None if pd.isna(found) else found] == [n_tracked], why


def one_visit(**values):
    usual = {"phase": "POST_BASELINE", "lod95": 0.0005, "baseline_level": 0.02, "baseline_low": pd.NA}
    frame = pd.DataFrame([usual | {"comparable": True} | values])
    return frame.assign(baseline_low=frame["baseline_low"].astype("boolean"))
