"""What the first page says about the previous cut and about findings, and the tables that came with them."""

import re

from clearher.columns import association, clinical, ctdna, intake, report
from clearher.report.headline_changes import headline_changes
from clearher.report.results import findings_by_check
from clearher.report.sections.context import Context
from clearher.report.sections.ctdna import ctdna_section
from clearher.report.sections.her2 import her2_section
from clearher.report.sections.safety import safety_section
from clearher.report.sections.summary import summary_section
from clearher.report.shares import with_shares
from clearher.tables import frame_of
from report_builders import results, settings

SERIOUS = "endpoint=AE, population=treated, group=all"
ORR = "endpoint=ORR, population=treated, group=all, statistic=rate"


def changed(table, item: str, field: str, old: str, new: str, subject: str = "") -> dict:
    return {
        "table": table.path,
        "subject_id": subject,
        "item": item,
        "field": field,
        "old": old,
        "new": new,
        "cause": "new data; changed old data",
        "record": "S1: assessment 3",
    }


CHANGES = [
    changed(clinical.ENDPOINTS, ORR, "estimate", "0.25", "0.333333333"),
    changed(clinical.ENDPOINTS, ORR, "note", "", "words"),
    changed(clinical.ENDPOINTS, ORR.replace("treated", "other"), "estimate", "0.1", "0.2"),
    changed(clinical.ENDPOINTS, ORR.replace("=all", "=arm A"), "n", "1", "2"),
    changed(ctdna.CLEARANCE, "visit=ANY, denominator=evaluable", "n", "0", "1"),
    changed(ctdna.CLEARANCE, "visit=C3D1, denominator=evaluable", "n", "0", "1"),
    changed(clinical.SAFETY_ENDPOINTS, f"{SERIOUS}, statistic=serious", "n", "3", "4"),
    changed(clinical.SAFETY_ENDPOINTS, f"{SERIOUS}, statistic=fatal", "n", "0", "1"),
    changed(clinical.RESPONSES, "evaluator=INVESTIGATOR", "bor", "SD", "PR", "S1"),
]


def built(*changes: dict) -> dict:
    tables = results()
    tables[report.CHANGES] = frame_of(list(changes), report.CHANGES)
    return tables


def page_words(section) -> str:
    parts = []
    for block in section.blocks:
        parts += [getattr(block, name, "") for name in ("text", "caption", "note", "html")]
        parts += [" | ".join(row) for row in getattr(block, "rows", ())]
    return "\n".join(parts)


def test_headline_numbers_are_found_among_all_changes():
    """Other populations, groups, visits and wording are no headline numbers."""
    moved = headline_changes(built(*CHANGES), settings())
    assert [row[:4] for row in moved] == [
        ("ORR", "estimate", "0.25", "0.333"),
        ("ctDNA cleared, of evaluable", "n", "0", "1"),
        ("serious adverse events", "n", "3", "4"),
    ]


def test_the_primary_analysis_is_a_headline_number():
    tables = results()
    row = tables[association.RESULTS].iloc[0]
    item = f"analysis_id={row['analysis_id']}, position={row['position']}, term={row['term']}"
    tables[report.CHANGES] = frame_of([changed(association.RESULTS, item, "p", "", "0.5")], report.CHANGES)
    assert headline_changes(tables, settings())[0][:4] == (row["question"], "p", "", "0.5")


def test_first_page_tells_what_moved_since_the_previous_cut():
    chosen = settings(data_cut={"id": "c2", "previous": "results/c1"})
    words = page_words(summary_section(Context(built(*CHANGES), chosen, {})))
    assert "9 values differ: 9 by new data, 9 by changed old data." in words
    assert "ORR | estimate | 0.25 | 0.333 | new data; changed old data" in words
    quiet = page_words(summary_section(Context(built(), chosen, {})))
    assert "No compared value differs from the previous data cut." in quiet
    assert "previous data cut" not in page_words(summary_section(Context(built(*CHANGES), settings(), {})))


def finding(check: str, severity: str, subject: str) -> dict:
    return {"severity": severity, "check": check, "subject_id": subject, "message": f"{check} of {subject}"}


def test_findings_on_the_first_page_are_counted_by_check_with_the_treated_subjects_they_name():
    """S4 is a screen failure: named, but no part of a headline number."""
    tables = results()
    rows = [finding("dates", "warning", name) for name in ("S1", "S1", "S2", "S4")]
    tables[intake.FINDINGS] = frame_of([*rows, finding("note", "info", "S3")], intake.FINDINGS)
    tables[clinical.SAFETY_FINDINGS] = frame_of(
        [finding("safety", "warning", "S1")], clinical.SAFETY_FINDINGS
    )
    counted = findings_by_check(tables).set_index("check").loc["dates"]
    assert (counted["findings"], counted["subjects"], counted["treated"]) == (3, 3, 2)
    words = page_words(summary_section(Context(tables, settings(), {})))
    assert "warning | every number | dates | 3 | 2/3 | dates of S1" in words
    assert "safety of S1" not in words  # bears on no headline number


def test_shares_and_intervals_in_words():
    rows = [
        {"n": 1, "N": 4, "estimate": 0.25, "low": 0.006, "high": 0.806, "unit": "fraction"},
        {"n": 2, "N": 2, "estimate": 38.0, "low": 0.0, "high": None, "unit": "days"},
        {"n": 0, "N": 0, "estimate": None, "low": None, "high": None, "unit": "fraction"},
    ]
    told = with_shares(
        frame_of([{"position": n} | row for n, row in enumerate(rows)], association.LEAD_TIME_SUMMARY)
    )
    assert list(told["share"]) == ["1/4 (25.0%)", "38.0 days", "0/0 (NE)"]
    assert list(told["interval"]) == ["0.6-80.6%", "0.0 to NE", ""]


def test_safety_by_marker_keeps_the_denominator_of_each_level():
    tables = results()
    rows = [
        {"position": 1, "marker": "her2_level", "known": "baseline", "level_position": place, "level": level,
         "measure_position": 1, "measure": "adverse event, any", "n": 1, "N": total, "estimate": 1 / total,
         "unit": "fraction", "caveat": "Counts to read."}
        for place, (level, total) in enumerate((("NULL", 2), ("LOW_1+", 1)))
    ]  # fmt: skip
    tables[association.SAFETY_BY_MARKER] = frame_of(rows, association.SAFETY_BY_MARKER)
    words = page_words(safety_section(Context(tables, settings(), {})))
    assert "By HER2 level, known at baseline" in words
    assert "adverse event, any | 1/2 (50.0%) | 1/1 (100.0%)" in words
    assert "Counts to read." in words


def test_lead_time_and_plasma_stand_in_their_sections():
    tables = results()
    summary = [{"position": 0, "statistic": "order: RADIOGRAPHIC_ONLY", "n": 0, "N": 0, "unit": "fraction"},
               {"position": 1, "statistic": "median lead", "n": 7, "N": 7, "estimate": 38.0, "low": 0.0,
                "high": 82.0, "unit": "days", "note": "Late by an interval."}]  # fmt: skip
    tables[association.LEAD_TIME_SUMMARY] = frame_of(summary, association.LEAD_TIME_SUMMARY)
    words = page_words(ctdna_section(Context(tables, settings(), {})))
    assert re.search(r"median lead<.*38.0 days<.*0.0 to 82.0<.*Late by an interval.", words, re.DOTALL)
    assert "progression on scans only" not in words  # nobody to count: no empty line
    plasma = [{"subject_id": "S1", "amplification": "AMPLIFIED", "verdict": "PLASMA_ONLY"},
              {"subject_id": "S2", "amplification": "NOT_ASSESSED", "verdict": "NOT_COMPARABLE"}]  # fmt: skip
    tables[association.HER2_PLASMA] = frame_of(plasma, association.HER2_PLASMA)
    words = page_words(her2_section(Context(tables, settings(), {})))
    assert re.search(r"in plasma only<.*1/2 \(50.0%\)", words, re.DOTALL)
