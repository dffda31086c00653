"""Tables of safety by marker, of lead time, and of plasma beside tissue."""

import pandas as pd

from clearher.columns import association
from clearher.report.publication import publications
from clearher.report.rtf_tables import table_rtf
from clearher.tables import frame_of
from report_builders import results, settings


def marker_line(position, marker, known, level_position, level, measure, n, total) -> dict:
    return {"position": position, "marker": marker, "known": known, "level_position": level_position,
            "level": level, "measure_position": 1, "measure": measure, "n": n, "N": total,
            "estimate": n / total, "unit": "fraction", "caveat": "Counts to read."}  # fmt: skip


def built(table, rows):
    tables = results()
    tables[table] = frame_of(rows, table)
    return {found.name: found for found in publications(tables, settings())}


def test_safety_by_marker_names_the_levels_of_each_marker_and_keeps_their_denominators():
    rows = [
        marker_line(1, "her2_level", "baseline", 1, "NULL", "serious", 1, 2),
        marker_line(1, "her2_level", "baseline", 2, "LOW_1+", "serious", 0, 5),
        marker_line(1, "her2_level", "baseline", 3, "LOW_2+", "serious", 3, 4),
        marker_line(2, "ctdna_clearance", "post_baseline", 1, "CLEARED", "serious", 2, 3),
    ]
    table = built(association.SAFETY_BY_MARKER, rows)["safety_by_marker"]
    assert table.rows == (
        ("By HER2 level, known at baseline", "null", "low 1+", "low 2+"),
        ("  serious", "1/2 (50.0%)", "0/5 (0.0%)", "3/4 (75.0%)"),
        ("By ctDNA clearance, known only after baseline", "cleared", "", ""),
        ("  serious", "2/3 (66.7%)", "", ""),
    )
    assert "Counts to read." in table.footnotes
    source = table_rtf(table, programme="p")
    assert "By HER2 level, known at baseline" in source
    assert "3/4 (75.0%)" in source


def test_lead_time_leaves_out_lines_with_nobody_to_count_and_says_what_cannot_be_estimated():
    rows = [
        {"position": 1, "statistic": "order: MOLECULAR_FIRST", "n": 2, "N": 4, "estimate": 0.5, "low": 0.07,
         "high": 0.93, "unit": "fraction", "method": "of subjects compared", "note": "Late."},
        {"position": 2, "statistic": "molecular progression by then", "n": 0, "N": 0, "unit": "fraction"},
        {"position": 3, "statistic": "median lead", "n": 1, "N": 1, "unit": "days"},
    ]  # fmt: skip
    table = built(association.LEAD_TIME_SUMMARY, rows)["lead_time"]
    assert table.rows == (
        ("molecular progression first", "2/4 (50.0%)", "7.0-93.0%", "of subjects compared"),
        ("median lead", "not estimable", "", ""),
    )
    assert table.footnotes == ("Late.",)


def test_plasma_stands_beside_the_level_in_tissue():
    """Three subjects: amplified in plasma only, not amplified, not assessed; no soluble HER2 was measured."""
    rows = [
        {"subject_id": name, "tissue_level": level, "amplification": state, "verdict": verdict}
        for name, level, state, verdict in (
            ("S1", "LOW_1+", "AMPLIFIED", "PLASMA_ONLY"),
            ("S2", "LOW_1+", "NOT_AMPLIFIED", "CONCORDANT"),
            ("S3", "", "NOT_ASSESSED", "NOT_COMPARABLE"),
        )
    ]
    table = built(association.HER2_PLASMA, rows)["her2_plasma"]
    assert table.headings == ("", "All", "low 1+", "not known")
    shown = {row[0].strip(): row[1:] for row in table.rows}
    assert shown["amplified"] == ("1/3 (33.3%)", "1/2 (50.0%)", "0/1 (0.0%)")
    assert shown["not assessed"] == ("1/3 (33.3%)", "0/2 (0.0%)", "1/1 (100.0%)")
    assert shown["in plasma only"][0] == "1/3 (33.3%)"
    assert not [name for name in shown if "Soluble" in name or "mutation" in name]
    assert [note.split(":")[0] for note in table.footnotes] == ["Columns", "Not informative"]


def test_soluble_her2_counts_those_without_a_value_as_not_known():
    rows = [{"subject_id": name, "tissue_level": "NULL", "soluble_raised": raised}
            for name, raised in (("S1", True), ("S2", False), ("S3", pd.NA))]  # fmt: skip
    table = built(association.HER2_PLASMA, rows)["her2_plasma"]
    assert [row[:2] for row in table.rows] == [
        ("Soluble HER2 above the laboratory's limit", ""),
        ("  yes", "1/3 (33.3%)"),
        ("  no", "1/3 (33.3%)"),
        ("  not known", "1/3 (33.3%)"),
    ]
    assert [note.split(":")[0] for note in table.footnotes] == ["Columns"]  # no row is called not informative
