"""Headline numbers and the five lines are those of the tables."""

import re

import pandas as pd
import pytest

from clearher.columns import association, clinical, ctdna
from clearher.report.headline import (
    clearance,
    cohort,
    confirmation,
    incidences,
    median_time,
    not_evaluable,
    primary_analysis,
    response_rate,
)
from clearher.report.summary import summary_lines
from clearher.tables import frame_of
from report_builders import no_results, results, settings


def test_response_rate_is_the_row_of_the_endpoints_table():
    found = response_rate(results(), "ORR", settings())
    row = results()[clinical.ENDPOINTS].query("endpoint == 'ORR'").iloc[0]
    assert found.value == "33.3%"
    assert found.detail == f"{row['n']}/{row['N']}, 95% CI 0.8-90.6%"


def test_median_names_events_and_an_open_limit():
    found = median_time(results(), "PFS", settings())
    assert (found.value, found.detail) == ("4.5 months", "2 events in 3, 95% CI 1.4 to NE")


def test_median_that_is_not_reached():
    rows = [
        {"endpoint": "PFS", "population": "treated", "group": "all", "statistic": "median", "n": 0, "N": 3}
    ]
    assert median_time(results(clinical_endpoints=rows), "PFS", settings()).value == "not reached"


def test_other_populations_never_fill_the_headline():
    rows = [{"endpoint": "ORR", "population": "other", "group": "all", "statistic": "rate", "n": 3, "N": 3,
             "estimate": 1.0}]  # fmt: skip
    assert response_rate(results(clinical_endpoints=rows), "ORR", settings()).value == "not derived"


def test_a_study_that_states_no_confirmation_says_so():
    """ORR is there, so the reason is not a lack of responses."""
    built = results()
    rows = built[clinical.ENDPOINTS]
    built[clinical.ENDPOINTS] = rows[rows["endpoint"].ne("ORR_CONFIRMED")]
    assert response_rate(built, "ORR", settings()).value != "not derived"
    found = response_rate(built, "ORR_CONFIRMED", settings())
    assert (found.value, found.note) == (
        "not derived",
        "The data do not say which responses were confirmed.",
    )


SAFETY = [
    {"endpoint": "AE", "statistic": "any", "group": "all", "n": 3, "N": 4, "estimate": 0.75,
     "low": 0.194, "high": 0.994, "note": "3 events"},
    {"endpoint": "AE", "statistic": "any", "group": "arm=A", "n": 1, "N": 2, "estimate": 0.5},
    {"endpoint": "AE", "statistic": "serious", "group": "all", "N": 4, "note": "nobody recorded it"},
    {"endpoint": "ADA", "statistic": "incidence of evaluable", "group": "all", "n": 1, "N": 4,
     "estimate": 0.25, "low": 0.006, "high": 0.806},
]  # fmt: skip


def test_incidences_of_safety_are_the_rows_of_all_subjects():
    """No laboratory data: no card, rather than 0; seriousness not recorded: not known, rather than 0 %."""
    found = incidences(results(clinical_safety_endpoints=SAFETY), settings())
    assert [(card.name, card.value, card.detail) for card in found] == [
        ("adverse events", "75.0%", "3/4, 95% CI 19.4-99.4%"),
        ("serious adverse events", "not known", ""),
        ("anti-drug antibodies", "25.0%", "1/4, 95% CI 0.6-80.6%"),
    ]


def test_clearance_has_all_three_denominators():
    shown = {found.name: found.detail for found in clearance(results(), settings())}
    table = results()[ctdna.CLEARANCE].query("visit == 'ANY'").set_index("denominator")
    assert len(shown) == 3
    for name, detail in shown.items():
        row = table.loc[name.removeprefix("ctDNA cleared, of ").replace(" ", "_")]
        assert detail.startswith(f"{row['n']}/{row['N']}, ")


def test_primary_analysis_brings_estimate_counts_p_and_caveat_in_this_order():
    """The trend test has no estimate: the difference between the outer levels stands for it."""
    contrast = {"analysis_id": "her2_response", "number": 1, "position": 2, "primary": True,
                "headline": False, "term": "difference: LOW_2+ against NULL",
                "estimate": 0.689, "low": 0.279, "high": 0.847,
                "estimate_name": "difference of rates"}  # fmt: skip
    built = results()
    rows = [built[association.RESULTS].iloc[0].to_dict(), contrast]
    built[association.RESULTS] = frame_of(rows, association.RESULTS)
    found = primary_analysis(built, settings())
    assert found.value == "+68.9 percentage points"
    assert found.detail == "low 2+ against null, 95% CI 27.9 to 84.7; null 0/1; low 2+ 1/1"
    assert found.note.startswith("exact trend: p = 0.5000 (the chance of a result at least this far from")
    assert found.note.endswith("Left out for their level: 1 indeterminate.")


def test_primary_analysis_with_an_estimate_of_its_own():
    row = results()[association.RESULTS].iloc[0].to_dict()
    row |= {"estimate": 2.92, "low": 1.59, "high": float("inf"), "estimate_name": "odds ratio"}
    built = results()
    built[association.RESULTS] = frame_of([row], association.RESULTS)
    found = primary_analysis(built, settings())
    assert found.value == "odds ratio 2.92"
    assert found.detail == "95% CI 1.59 to infinite; null 0/1; low 2+ 1/1"


def test_primary_analysis_without_a_contrast_shows_the_counts():
    assert primary_analysis(results(), settings()).value == "null 0/1; low 2+ 1/1"


def test_clearance_is_split_by_what_the_next_sample_says():
    states = ("CONFIRMED", "CONFIRMED", "TRANSIENT", "UNCONFIRMED")
    rows = [{"subject_id": f"S{place}", "clearance": "CLEARED", "clearance_confirmed": state,
             "denominator_treated": True} for place, state in enumerate(states)]  # fmt: skip
    rows.append({"subject_id": "S9", "clearance": "CLEARED", "clearance_confirmed": "CONFIRMED",
                 "denominator_treated": False})  # fmt: skip
    (found,) = confirmation(results(ctdna_subjects=rows))
    assert (found.name, found.value) == ("of the 4 cleared", "2 confirmed")
    assert found.detail == "1 unconfirmed: no later evaluable sample; 1 transient: detected in the next"
    assert confirmation(no_results()) == []


def test_cohort_counts_screen_failures_apart():
    counts = cohort(results())
    assert (counts["subjects"], counts["treated"], counts["screen_failures"]) == (4, 3, 1)


def test_summary_has_five_lines_with_numbers_of_the_tables():
    lines = summary_lines(results(), settings=settings(), report="results/c1/report/report.html")
    assert len(lines) == 5
    assert "4 subjects, 3 treated, 1 screen failure;" in lines[0]
    assert "ORR 33.3% (1/3," in lines[1]
    assert "median PFS 4.5 months" in lines[1]
    assert re.findall(r"\b1/\d\b", lines[2]) == ["1/3", "1/3", "1/2"]
    assert "of the 1 cleared 0 confirmed" in lines[2]
    assert "low 2+ 1/1" in lines[3]
    assert "p = 0.5" in lines[3]
    assert lines[4].endswith("results/c1/report/report.html")


def test_summary_of_a_study_without_any_result_says_so():
    lines = summary_lines(no_results(), settings=settings(), report="r.html")
    assert len(lines) == 5
    assert "not derived" in lines[1]
    assert "not derived" in lines[2]
    assert "none declared" in lines[3]
    assert "0 errors" in lines[4]


@pytest.mark.parametrize("p", [0.00004, None])
def test_primary_p_in_words(p):
    built = results()
    row = built[association.RESULTS].iloc[0].to_dict() | {"p": p}
    built[association.RESULTS] = frame_of([row], association.RESULTS)
    found = primary_analysis(built, settings())
    assert found.value == "not run" if pd.isna(p) else "exact trend: p < 0.0001 (" in found.note


def test_samples_that_tell_nothing_are_counted_by_their_reason():
    """Three reasons: of two failed samples each has its own cause, of two others each its own coverage."""
    why = [
        "failed quality control: hemolysis",
        "failed quality control",
        "only 1 of 5 tracked variants covered",
        "only 2 of 6 tracked variants covered",
        "only 0 of 6 tracked variants covered",
        "no variant is tracked",
        "",
    ]
    rows = [
        {
            "subject_id": "S1",
            "sample_id": f"P{n}",
            "visit": "C1D1",
            "evaluable": reason == "",
            "why_not": reason,
        }
        for n, reason in enumerate(why)
    ]
    found = not_evaluable(results(ctdna_samples=rows))
    assert list(found.items()) == [
        ("too few tracked variants covered", 3),
        ("failed quality control", 2),
        ("no variant is tracked", 1),
    ]
    assert not_evaluable(results(ctdna_samples=[])) == {}
