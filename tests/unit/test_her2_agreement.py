"""Pairs of readings on the same specimen, changes between specimens, and the findings of the stage."""

import pandas as pd
import pytest

from clearher.columns import her2 as columns
from clearher.her2.conversion import flow_counts
from clearher.her2.stage import her2_tables
from clearher.tables import conform, read_table, write_table
from her2_builders import her2_records, specimen_rows

FIRST_DOSE = pd.DataFrame({"subject_id": ["S1", "S2"], "first_dose_date": pd.to_datetime(["2024-03-01"] * 2)})

# specimen, date, type, preservation, laboratory, reader, score, ISH
S1 = [
    ("A", "2022-01-01", "primary", "archival", "local", "L1", "0-null", ""),
    ("A", "2022-01-01", "primary", "archival", "central", "C1", "0-ultralow", ""),
    ("A", "2022-01-01", "primary", "archival", "central", "C2", "0-ultralow", ""),
    ("B", "2024-02-01", "metastatic", "fresh", "local", "L1", "1+", ""),
    ("B", "2024-02-01", "metastatic", "fresh", "central", "C1", "1+", ""),
    ("B", "2024-02-01", "metastatic", "fresh", "central", "C2", "2+", "Negative"),
    ("B", "2024-02-01", "metastatic", "fresh", "central", "ADJUDICATOR", "1+", ""),
    ("C", "2024-05-01", "metastatic", "fresh", "central", "C1", "0", ""),
]
S2 = [
    ("D", "2022-01-01", "primary", "archival", "central", "C1", "1+", ""),
    ("E", "2024-02-01", "metastatic", "fresh", "central", "C1", "0-null", ""),
]


@pytest.fixture(scope="module")
def tables(settings):
    rows = specimen_rows(S1) + specimen_rows(S2, subject_id="S2")
    return her2_tables(her2_records(*rows), FIRST_DOSE, settings=settings("her2"))


def statistic(tables, **wanted):
    found = tables.agreement
    for name, value in wanted.items():
        found = found[found[name] == value]
    return found.iloc[0]


def test_readers_are_compared_within_laboratory_and_adjudicators_left_out(tables):
    readers = tables.agreement[tables.agreement["kind"] == "reader"]
    assert set(zip(readers["first"], readers["second"], strict=True)) == {("C1", "C2")}
    agreement = statistic(tables, kind="reader", scale="level", statistic="agreement")
    assert (agreement["n"], agreement["count"], agreement["estimate"]) == (2, 1, 0.5)


def test_two_readers_with_two_clones_are_two_lines(settings):
    rows = [
        {
            "specimen_id": specimen,
            "laboratory": "central",
            "reader": reader,
            "assay": assay,
            "ihc_score": score,
        }
        for specimen, assay, scores in (("A", "4B5", ("1+", "1+")), ("B", "HercepTest", ("1+", "0-null")))
        for reader, score in zip(("C1", "C2"), scores, strict=True)
    ]
    found = her2_tables(her2_records(*rows), FIRST_DOSE, settings=settings("her2")).agreement
    lines = found[
        (found["kind"] == "reader") & (found["statistic"] == "agreement") & (found["scale"] == "level")
    ]
    assert dict(zip(lines["second"], lines["estimate"], strict=True)) == {
        "C2 (central, 4B5)": 1.0,
        "C2 (central, HercepTest)": 0.0,
    }


def test_laboratories_are_compared_by_the_results_they_issue(tables):
    # A: central ULTRALOW, local NULL; B: central readers 1+ and 2+ ISH negative, settled as 1+, local 1+.
    # Without B, agreement would rest on the specimens that are easy to read.
    found = statistic(tables, kind="laboratory", scale="level", statistic="agreement")
    assert (found["first"], found["second"]) == ("central", "local")
    assert (found["n"], found["n_left_out"], found["count"]) == (2, 0, 1)
    score = statistic(tables, kind="laboratory", scale="score", statistic="agreement")
    assert (score["n"], score["count"]) == (2, 2)


def test_every_kappa_names_its_weights(tables):
    kappas = tables.agreement[tables.agreement["statistic"].str.startswith("kappa")]
    assert set(kappas["statistic"]) == {"kappa_unweighted", "kappa_linear", "kappa_quadratic"}
    for row in kappas.itertuples():
        assert row.statistic.removeprefix("kappa_") in row.method


def test_changes_between_specimens(tables):
    found = tables.conversion.set_index(["flow", "subject_id"])
    columns_shown = ["from_specimen_id", "from_level", "to_specimen_id", "to_level", "change"]
    rows = {key: found.loc[key, columns_shown].tolist() for key in found.index}
    assert rows == {
        ("archival to fresh", "S1"): ["A", "ULTRALOW", "B", "LOW_1+", "up"],
        ("archival to fresh", "S2"): ["D", "LOW_1+", "E", "NULL", "down"],
        ("primary to metastatic", "S1"): ["A", "ULTRALOW", "B", "LOW_1+", "up"],
        ("primary to metastatic", "S2"): ["D", "LOW_1+", "E", "NULL", "down"],
        ("baseline to on-treatment", "S1"): ["B", "LOW_1+", "C", "ZERO_UNSPECIFIED", "down"],
    }
    assert found.loc[("archival to fresh", "S1"), "days_between"] == 761


def test_flow_counts(tables):
    counts = flow_counts(tables.conversion)
    assert counts[counts["flow"] == "archival to fresh"][
        ["from_level", "to_level", "n"]
    ].to_numpy().tolist() == [
        ["LOW_1+", "NULL", 1],
        ["ULTRALOW", "LOW_1+", 1],
    ]


def test_mcnemar_of_the_flow_counts_those_that_crossed_zero(tables):
    found = statistic(tables, kind="flow", first="archival", scale="level", statistic="mcnemar_zero")
    assert (found["n"], found["count"], found["estimate"], found["p"]) == (2, 2, 0.5, 1.0)


# Columns: level before, level after, change, why
CHANGES = [
    ("0", "0-null", "not comparable", "the zero may be null"),
    ("0", "0", "not comparable", "two unspecified zeros may differ"),
    ("0", "1+", "up", "any zero is below 1+"),
    ("0-1+", "1+", "not comparable", "an interval"),
    ("1+", "3+", "up", "low to positive"),
    ("1-2+", "3+", "not comparable", "indeterminate without ISH"),
    ("1+", "1+", "same", ""),
]


@pytest.mark.parametrize(("before", "after", "change", "why"), CHANGES)
def test_direction_of_a_change(before, after, change, why, settings):
    rows = specimen_rows(
        [
            ("A", "2022-01-01", "primary", "archival", "local", "L1", before, ""),
            ("B", "2024-02-01", "metastatic", "archival", "local", "L1", after, ""),
        ]
    )
    found = her2_tables(
        her2_records(*rows), FIRST_DOSE, settings=settings("her2") | {"sensitivity_rules": []}
    )
    assert found.conversion["change"].tolist() == [change], why


# Columns: row, check, severity, field
FINDINGS = [
    ({"ihc_score": "2+"}, "her2_ish_missing", "error", "ish_result"),
    ({"ihc_score": "3+"}, "her2_eligibility", "warning", "category"),
    ({"ihc_score": "four"}, "her2_not_understood", "error", "ihc_score"),
    ({"ihc_score": "1+", "ish_ratio": "about two"}, "her2_not_understood", "error", "ish_ratio"),
    ({"ihc_score": "0"}, "her2_zero_unspecified", "info", "ihc_score"),
    ({"ihc_score": "1+", "h_score": 350.0}, "her2_h_score_rejected", "error", "h_score"),
    ({"ihc_score": "1+", "ish_ratio": "16.6"}, "her2_ratio_out_of_range", "warning", "ish_ratio"),
    ({"ihc_score": "2+", "ish_ratio": "1.8 (CN 5.3)"}, "her2_recount_not_done", "warning", "ish_recount"),
    ({"ihc_score": "2+ (FISH ratio 1.2)"}, "her2_ish_not_read", "warning", "ihc_score"),
    (
        {"ihc_score": "2+", "ish_result": "Negative (ratio 2.3)"},
        "her2_ish_counts_in_word",
        "warning",
        "ish_result",
    ),
    ({"ihc_score": "1+ (repeat 2+)"}, "her2_score_in_remark", "warning", "ihc_score"),
    ({"ihc_score": "2+", "ish_result": "equivocal"}, "her2_ish_equivocal", "warning", "ish_result"),
    (
        {"ihc_score": "2+ (FISH positive)", "ish_result": "Negative"},
        "her2_ish_conflict",
        "warning",
        "ish_ratio",
    ),
    ({"ihc_score": "1+", "ihc_status": "Positive"}, "her2_status_against_score", "warning", "ihc_status"),
    ({"ihc_score": "3+", "ihc_status": "Negative"}, "her2_status_against_score", "warning", "ihc_status"),
    ({"ihc_score": "1+", "date": ""}, "her2_moment_unknown", "warning", "specimen_date"),
    ({"ihc_score": "1+", "date": "2010-01-01"}, "her2_pre_2013", "info", "specimen_date"),
    ({"ihc_score": "1+", "assay": ""}, "her2_assay_missing", "warning", "assay"),
    ({"ihc_score": "1+", "date": "2024-05-01"}, "her2_no_result", "info", "category"),
]


@pytest.mark.parametrize(("row", "check", "severity", "field"), FINDINGS)
def test_findings(row, check, severity, field, settings):
    section = settings("her2") | {"sensitivity_rules": []}
    found = her2_tables(her2_records({"assay": "4B5"} | row), FIRST_DOSE.iloc[:1], settings=section).findings
    matching = found[found["check"] == check]
    assert matching[["severity", "field"]].to_numpy().tolist() == [[severity, field]]
    assert (matching["remedy"] != "").all()


def test_a_clean_reading_has_no_finding(settings):
    section = settings("her2") | {"sensitivity_rules": []}
    rows = specimen_rows([("A", "2024-02-01", "metastatic", "fresh", "central", "C1", "1+", "")])
    assert her2_tables(her2_records(*rows), FIRST_DOSE.iloc[:1], settings=section).findings.empty


@pytest.mark.parametrize(
    "row",
    [
        {"ihc_score": "2+", "ihc_status": "Positive", "ish_result": "Positive"},  # positive by its ISH
        {"ihc_score": "2+", "ihc_status": "Negative", "ish_result": "Negative"},
        {"ihc_score": "1+", "ihc_status": "Negative"},
        {"ihc_score": "2+ (FISH-)", "ish_result": "Negative"},
    ],
)
def test_a_status_that_fits_the_score_is_no_finding(row, settings):
    section = settings("her2") | {"sensitivity_rules": [], "trial_population": "any"}
    rows = her2_records({"assay": "4B5"} | row)
    assert her2_tables(rows, FIRST_DOSE.iloc[:1], settings=section).findings.empty


def test_ish_words_of_one_row_that_differ_leave_the_category_open(settings):
    rows = her2_records(
        {"ihc_score": "2+ (FISH positive)", "ish_result": "Negative"},
        {"ihc_score": "1+ (FISH positive)", "ish_result": "Negative", "specimen_id": "B"},
    )
    found = her2_tables(rows, FIRST_DOSE.iloc[:1], settings=settings("her2") | {"sensitivity_rules": []})
    assert found.specimens["category"].tolist() == ["INDETERMINATE", "INDETERMINATE"]
    assert "her2_ish_missing" not in set(found.findings["check"])


def test_a_positive_result_is_no_question_in_a_trial_of_any_status(settings):
    section = settings("her2") | {"sensitivity_rules": [], "trial_population": "any"}
    found = her2_tables(her2_records({"ihc_score": "3+"}), FIRST_DOSE.iloc[:1], settings=section)
    assert "her2_eligibility" not in set(found.findings["check"])
    assert not found.subjects["eligibility_question"].any()


@pytest.mark.parametrize("name", ["SPECIMENS", "SUBJECTS", "AGREEMENT", "CONVERSION", "FINDINGS"])
def test_tables_survive_writing_and_reading(name, tables, tmp_path):
    table = getattr(columns, name)
    frame = conform(getattr(tables, name.lower()), table)
    write_table(frame, tmp_path / "table.tsv", table)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.tsv", table), frame)


def test_no_readings_at_all(settings):
    found = her2_tables(her2_records().iloc[:0], FIRST_DOSE, settings=settings("her2"))
    assert found.subjects["sentence"].tolist() == ["No HER2 result: no specimen was reported."] * 2
    assert found.specimens.empty
    assert found.agreement.empty
    assert found.conversion.empty
