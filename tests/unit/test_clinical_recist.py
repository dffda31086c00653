"""RECIST 1.1 at a visit, as literal lesion tables: (day, lesion, class, mm or state[, nodal])."""

import copy

import pandas as pd
import pytest

from clearher.clinical.recist import target_response, visit_table
from clearher.clinical.response_findings import of_visits
from clearher.columns import intake
from clinical_builders import course, date, lesions, none_of, subjects


def visits(rows, *, settings, assessments=None, config=None):
    records = none_of(intake.ASSESSMENTS) if assessments is None else assessments
    frame = rows if isinstance(rows, pd.DataFrame) else lesions(rows)
    return visit_table(frame, records, subjects("S1"), settings=config or settings("clinical"))


def last(rows, **keywords):
    return visits(rows, **keywords).sort_values("date").iloc[-1]


def sums(*values):
    """One target lesion measured at baseline and then every 42 days."""
    return [(42 * position, "T1", "TARGET", value) for position, value in enumerate(values)]


TARGET = [
    # sums over time, response at the last assessment, why
    ((100, 100), "SD", "no change"),
    ((100, 70), "PR", "-30 % exactly"),
    ((100, 70.1), "SD", "just above"),
    ((11.0, 7.7), "PR", "7.7 / 11.0 <= 0.7 is false in floating point"),
    ((100, 0), "CR", "gone"),
    ((100, 120), "PD", "+20 % exactly and 20 mm"),
    ((100, 119.9), "SD", "just below 20 %"),
    ((20, 24.9), "SD", "+24.5 % but less than 5 mm"),
    ((20, 25), "PD", "5 mm and 25 %"),
    ((100, 40, 60), "PD", "against the nadir: PD beats PR"),
    ((100, 11.4, 16.4), "PD", "16.4 - 11.4 >= 5 is false in floating point"),
    ((100, 0, 5), "PD", "nadir 0: the 5 mm decide"),
    ((100, 0, 4.9), "PR", "nadir 0: below 5 mm"),
    ((100, 40, None, 47), "PR", "the nadir stays over an assessment without measurement"),
    ((100, 40, None, 48), "PD", "the nadir stays over an assessment without measurement"),
    ((100, None), "NE", "not measured"),
]


@pytest.mark.parametrize(("values", "response", "why"), TARGET)
def test_target_response(settings, values, response, why):
    assert last(sums(*values), settings=settings)["target_response"] == response, why


def test_thirty_per_cent_is_exact_for_every_baseline_in_tenths_of_a_millimetre():
    baselines = pd.Series(range(100, 2001))
    exact = pd.DataFrame({"amount": baselines * 7, "start": baselines * 10, "nadir": baselines * 10})
    exact = exact.assign(counted=1, gone=0, n_targets=1, complete=True, post=True)
    assert target_response(exact).eq("PR").all()
    assert target_response(exact.assign(amount=exact["amount"] + 1)).eq("SD").all()


NODES = [
    # node at baseline and later, response, why
    ((20, 9.9), "CR", "a node below 10 mm is normal; the sum need not be 0"),
    ((20, 10), "PR", "10 mm is not"),
    ((20, 12, 9.9), "CR", "later"),
]


@pytest.mark.parametrize(("values", "response", "why"), NODES)
def test_node_as_target(settings, values, response, why):
    rows = [(42 * position, "T1", "TARGET", value, True) for position, value in enumerate(values)]
    assert last(rows, settings=settings)["target_response"] == response, why


def test_node_counts_by_short_axis_and_other_lesions_by_longest_diameter(settings):
    rows = lesions(
        [
            (0, "T1", "TARGET", 30.0),
            (0, "T2", "TARGET", 20.0, True),
            (0, "T1", "TARGET", 11.0, True),
            (0, "T2", "TARGET", 28.0),
        ]
    )
    rows["nodal"] = rows["lesion_id"].eq("T2")
    assert visits(rows, settings=settings)["sum_mm"].tolist() == [50.0]


INCOMPLETE = [
    # second lesion at day 42, response, sum, why
    (None, "NE", 30.0, "a missing lesion is not 0 mm"),
    (90.0, "SD", 120.0, "both measured"),
]


@pytest.mark.parametrize(("second", "response", "total", "why"), INCOMPLETE)
def test_missing_lesion(settings, second, response, total, why):
    rows = [(0, "T1", "TARGET", 60.0), (0, "T2", "TARGET", 60.0)]
    rows += [(42, "T1", "TARGET", 30.0), (42, "T2", "TARGET", second)]
    row = last(rows, settings=settings)
    assert (row["target_response"], row["sum_mm"]) == (response, total), why
    assert pd.isna(row["change_percent"]) == (second is None)


def test_partial_sum_is_enough_for_progression(settings):
    rows = [(0, "T1", "TARGET", 30.0), (0, "T2", "TARGET", 20.0), (42, "T1", "TARGET", 65.0)]
    row = last(rows, settings=settings)
    assert (row["target_response"], row["complete"], row["n_measured"]) == ("PD", False, 1)
    assert pd.isna(row["change_percent"])


def test_lesion_added_later_makes_the_set_incomplete(settings):
    rows = [(0, "T1", "TARGET", 30.0), (42, "T1", "TARGET", 10.0), (42, "T2", "TARGET", 12.0)]
    row = last(rows, settings=settings)
    assert (row["target_response"], row["complete"], row["sum_mm"]) == ("NE", False, 10.0)


def test_baseline_is_the_last_complete_set_on_or_before_day_one(settings):
    rows = [(-20, "T1", "TARGET", 40.0), (0, "T1", "TARGET", 50.0), (42, "T1", "TARGET", 35.0)]
    table = visits(rows, settings=settings)
    assert table["baseline"].tolist() == [False, True, False]
    assert table["baseline_mm"].tolist() == [50.0] * 3
    assert table["overall"].tolist() == ["", "", "PR"]


def test_without_baseline_there_is_no_response_but_ne(settings):
    row = last([(42, "T1", "TARGET", 35.0)], settings=settings)
    assert (row["target_response"], row["overall"], row["n_targets"]) == ("", "NE", 0)


def test_targets_without_any_scan_before_the_reference_date_are_a_finding(settings):
    rows = lesions([(42, "T1", "TARGET", 35.0), (84, "T1", "TARGET", 20.0)])
    table = visits(rows, settings=settings)
    problems = list(of_visits(table, rows, none_of(intake.ASSESSMENTS).assign(derived_from="")))
    assert [p.check for p in problems] == ["no_complete_baseline"]


SCANS = [
    # days of the two scans named WEEK 6, assessments after baseline as (day, sum), why
    ((42, 56), [(56, 60.0)], "14 days apart: one assessment, the later measurement counts"),
    ((42, 57), [(42, 70.0), (57, 60.0)], "15 days apart: two"),
]


@pytest.mark.parametrize(("days", "expected", "why"), SCANS)
def test_a_lesion_measured_twice_at_a_visit(settings, days, expected, why):
    rows = [(0, "T1", "TARGET", 100), (days[0], "T1", "TARGET", 70), (days[1], "T1", "TARGET", 60)]
    frame = lesions(rows).assign(visit=["BASELINE", "WEEK 6", "WEEK 6"])
    table = visits(frame, settings=settings).query("not baseline")
    assert list(zip((table["date"] - date(0)).dt.days, table["sum_mm"], strict=True)) == expected, why


def test_scans_of_one_visit_are_one_assessment(settings):
    rows = lesions(
        [
            (-9, "T1", "TARGET", 30.0),
            (-3, "T2", "TARGET", 20.0),
            (42, "T1", "TARGET", 20.0),
            (45, "T2", "TARGET", 10.0),
        ]
    )
    rows["visit"] = ["SCREENING", "SCREENING", "WEEK 6", "WEEK 6"]
    table = visits(rows, settings=settings)
    assert table["sum_mm"].tolist() == [50.0, 30.0]
    assert table["study_day"].tolist() == [-3, 46]
    assert table["overall"].tolist() == ["", "PR"]


def test_a_visit_name_used_again_much_later_is_another_assessment(settings):
    rows = lesions(sums(100, 80, 60))
    rows["visit"] = "FOLLOW-UP"
    assert visits(rows, settings=settings)["sum_mm"].tolist() == [100.0, 80.0, 60.0]


@pytest.mark.parametrize("names", [("WEEK 6", "UNSCHEDULED"), ("UNSCHEDULED", "WEEK 6")])
def test_two_visits_on_one_day_are_one_assessment(settings, names):
    """The new lesion stands under another visit than the sum of the same day: PD, whatever sorts first."""
    rows = lesions([*sums(50, 30), (42, "N9", "NEW", "UNEQUIVOCAL")])
    rows["visit"] = ["SCREENING", *names]
    table = visits(rows, settings=settings)
    assert table[["overall", "target_response", "sum_mm"]].to_numpy().tolist() == [
        ["", "", 50],
        ["PD", "PR", 30],
    ]


def test_a_non_target_lesion_that_is_present_excludes_complete_response(settings):
    """N1 of baseline is gone, N2 was first noted at day 42 and is there."""
    rows = [*sums(50, 0), (0, "N1", "NON-TARGET", "PRESENT"), (42, "N1", "NON-TARGET", "ABSENT")]
    row = last([*rows, (42, "N2", "NON-TARGET", "PRESENT")], settings=settings)
    assert (row["nontarget_response"], row["overall"]) == ("NON-CR/NON-PD", "PR")


def test_a_node_measured_by_its_longest_diameter_only_is_a_finding(settings):
    """Its short axis is unknown: the lesion is in no sum, and that is said once."""
    rows = lesions([*sums(50, 30), (0, "T2", "TARGET", 30.0, True), (42, "T2", "TARGET", 20.0, True)])
    rows["measure"] = "LDIAM"
    problems = list(
        of_visits(visits(rows, settings=settings), rows, none_of(intake.ASSESSMENTS).assign(derived_from=""))
    )
    assert [(p.check, p.found) for p in problems] == [
        ("diameter_not_for_the_sum", "2024-01-01: target node T2 has LDIAM only")
    ]


def test_nadir_is_kept_per_reader(settings):
    first, second = lesions(sums(100, 40, 45)), lesions(sums(100, 90, 45))
    rows = pd.concat([first.assign(evaluator_id="R1"), second.assign(evaluator_id="R2")], ignore_index=True)
    rows = rows.assign(evaluator="INDEPENDENT ASSESSOR", sequence=range(1, len(rows) + 1))
    table = visits(rows, settings=settings)
    final = table[table["study_day"].eq(85)].set_index("evaluator_id")["overall"]
    assert final.to_dict() == {"R1": "PR", "R2": "PR"}
    assert table.set_index(["evaluator_id", "study_day"])["nadir_mm"]["R2", 85] == 90.0


OVERALL = [
    # target mm at day 42 (baseline 100), non-target state, new lesion, overall, why
    (0, "ABSENT", False, "CR", "all gone"),
    (0, "PRESENT", False, "PR", "target gone, non-target still there"),
    (0, "NOT EVALUABLE", False, "PR", "target gone, non-target not evaluated"),
    (0, "ABSENT", True, "PD", "a new lesion"),
    (50, "PRESENT", False, "PR", "target PR"),
    (50, "UNEQUIVOCAL PROGRESSION", False, "PD", "unequivocal non-target progression"),
    (90, "PRESENT", False, "SD", "target SD"),
    (90, "PRESENT", True, "PD", "a new lesion"),
    (None, "PRESENT", False, "NE", "target not measured"),
    (None, "PRESENT", True, "PD", "a new lesion is enough"),
    (130, "ABSENT", False, "PD", "target PD"),
]


@pytest.mark.parametrize(("value", "state", "new", "overall", "why"), OVERALL)
def test_overall_with_target_lesions(settings, value, state, new, overall, why):
    rows = [(0, "T1", "TARGET", 100.0), (0, "NT1", "NON-TARGET", "PRESENT")]
    rows += [(42, "T1", "TARGET", value), (42, "NT1", "NON-TARGET", state)]
    rows += [(42, "N1", "NEW", "PRESENT")] if new else []
    assert last(rows, settings=settings)["overall"] == overall, why


NON_TARGET = [
    (("ABSENT", "ABSENT"), "CR"),
    (("ABSENT", "PRESENT"), "NON-CR/NON-PD"),
    (("PRESENT", "PROGRESSION"), "PD"),
    (("ABSENT",), "NE"),
    (("PRESENT",), "NE"),
]


@pytest.mark.parametrize(("states", "overall"), NON_TARGET)
def test_overall_with_non_target_lesions_only(settings, states, overall):
    rows = [(0, "NT1", "NON-TARGET", "PRESENT"), (0, "NT2", "NON-TARGET", "PRESENT")]
    rows += [(42, f"NT{number}", "NON-TARGET", state) for number, state in enumerate(states, 1)]
    assert last(rows, settings=settings)["overall"] == overall


@pytest.mark.parametrize(("state", "overall"), [("EQUIVOCAL", "SD"), ("UNEQUIVOCAL", "PD"), ("", "PD")])
def test_new_lesion_must_be_unequivocal(settings, state, overall):
    rows = lesions([*sums(100, 100), (42, "N1", "NEW", "PRESENT")])
    rows.loc[rows["lesion_class"].eq("NEW"), "state"] = state
    assert last(rows, settings=settings)["overall"] == overall


def test_words_for_states_are_settings(settings):
    config = copy.deepcopy(settings("clinical"))
    config["response"]["lesions"]["present"] = ["VISIBLE"]
    rows = [(0, "NT1", "NON-TARGET", "VISIBLE"), (42, "NT1", "NON-TARGET", "VISIBLE")]
    assert last(rows, settings=settings, config=config)["overall"] == "NON-CR/NON-PD"


def test_changes_in_per_cent(settings):
    table = visits(sums(100, 50, 75, 0, 10), settings=settings)
    assert table["change_percent"].tolist() == [0.0, -50.0, -25.0, -100.0, -90.0]
    assert table["nadir_change_percent"].fillna(-1).tolist() == [-1, -50.0, 50.0, -100.0, -1]


def test_recorded_and_computed_stand_side_by_side(settings):
    table = visits(sums(100, 50), settings=settings, assessments=course("SD42"))
    row = table.iloc[-1]
    assert (row["overall"], row["recorded"], row["agrees"]) == ("PR", "SD", False)


def test_undated_lesions_are_left_out(settings):
    rows = lesions(sums(100, 50))
    rows.loc[rows["value_mm"].eq(50), "date"] = pd.NaT
    assert visits(rows, settings=settings)["sum_mm"].tolist() == [100.0]


def test_no_lesions_no_rows(settings):
    assert visits(none_of(intake.LESIONS), settings=settings).empty
