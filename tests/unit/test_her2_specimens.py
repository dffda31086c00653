"""From input rows to readings: which ISH serves which reading, when a specimen counts as baseline."""

import pandas as pd
import pytest

from clearher.her2.specimens import specimen_table
from her2_builders import her2_records as records

FIRST_DOSE = pd.DataFrame(
    {"subject_id": ["S1", "S2"], "first_dose_date": pd.to_datetime(["2024-03-01", None])}
)


@pytest.fixture
def table(settings):
    def build(*rows, **changed):
        found = specimen_table(records(*rows), FIRST_DOSE, settings=settings("her2") | changed)
        return found.table.set_index("record")

    return build


def test_one_row_with_ihc_and_ish(table):
    found = table({"ihc_score": "2+", "ish_ratio": "1.8 (CN 5.3)", "ish_recount": "same group"}).loc[1]
    assert (found["category"], found["level"], found["certainty"]) == ("LOW", "LOW_2+", "FINAL")
    assert (found["ish_group"], found["ish_ratio"], found["ish_her2_copies"]) == ("4", 1.8, 5.3)
    assert found["rule"] == "IHC 2+, ISH group 4, the same on recount (ratio 1.8, 5.3 copies per cell)"


def test_ish_of_another_row_of_the_specimen_counts(table):
    found = table(
        {"ihc_score": "2+", "reader": "R1"}, {"ihc_score": "2+", "reader": "R2", "ish_result": "Negative"}
    )
    assert found["category"].tolist() == ["LOW", "LOW"]
    assert found.loc[1, "flags"].split(";")[0] == "ish_from_other_reading"


def test_an_ish_only_row_is_evidence_and_no_reading(table):
    found = table({"ihc_score": "2+"}, {"ish_ratio": "1.1", "ish_her2_copies": 2.2, "source": "GF row 2"})
    assert len(found) == 1
    assert (found.loc[1, "category"], found.loc[1, "ish_group"]) == ("LOW", "5")


def test_an_ish_only_specimen_is_not_evaluable(table):
    found = table({"ish_ratio": "1.1 (CN 2.2)"}).loc[1]
    assert (found["ihc_state"], found["category"]) == ("NE", "INDETERMINATE")


def test_ish_of_the_same_laboratory_goes_first(table):
    found = table(
        {"ihc_score": "2+", "laboratory": "central", "reader": "R1"},
        {"laboratory": "central", "reader": "R2", "ish_result": "Negative"},
        {"laboratory": "local", "reader": "R3", "ish_result": "Positive"},
    )
    assert found["category"].tolist() == ["LOW"]


def test_ish_results_that_differ_leave_the_category_open(table):
    found = table(
        {"ihc_score": "2+", "laboratory": "central"},
        {"laboratory": "local", "reader": "R2", "ish_result": "Negative"},
        {"laboratory": "local", "reader": "R3", "ish_result": "Positive"},
    ).loc[1]
    assert found["category"] == "INDETERMINATE"
    assert "ish_conflict" in found["flags"].split(";")


WITHOUT_AGREEMENT = [
    ("2+", ["Negative", "Positive"], "INDETERMINATE"),
    ("1+", ["Negative", "Positive"], "INDETERMINATE"),  # the word positive alone leaves 1+ open
    ("1+", ["Negative", "Equivocal"], "LOW"),  # both leave 1+ low
    ("1+", ["Equivocal", "Positive"], "INDETERMINATE"),
    ("2+", ["Negative", "Equivocal"], "INDETERMINATE"),
    ("3+", ["Negative", "Positive"], "POSITIVE"),
]


@pytest.mark.parametrize(("score", "words", "category"), WITHOUT_AGREEMENT)
def test_words_that_differ_give_a_category_only_where_all_lead_to_it(score, words, category, table):
    others = [{"reader": f"R{n}", "ish_result": word} for n, word in enumerate(words, 2)]
    found = table({"ihc_score": score, "reader": "R1"}, *others).loc[1]
    assert found["category"] == category
    assert "ish_conflict" in found["flags"].split(";")
    assert "ish_missing" not in found["flags"].split(";")


@pytest.mark.parametrize(
    ("copies", "category"),
    [((3.5, 3.8), "LOW"), ((6.5, 7.0), "POSITIVE"), ((3.5, 6.5), "INDETERMINATE")],
)
def test_two_single_probe_counts_of_a_specimen(copies, category, table):
    others = [
        {"reader": f"R{n}", "ish_method": "CISH single probe", "ish_her2_copies": count}
        for n, count in enumerate(copies, 2)
    ]
    assert table({"ihc_score": "2+", "reader": "R1"}, *others).loc[1, "category"] == category
    assert table({"ihc_score": "1+", "reader": "R1"}, *others).loc[1, "category"] == category


def test_two_ish_only_rows_of_a_specimen_count_in_any_order(table):
    """Group 1 without IHC is positive; a second count in group 5 leaves it open, whichever comes first."""
    rows = [
        {"reader": "R1", "ish_ratio": "2.5 (CN 8)"},
        {"reader": "R2", "ish_ratio": "1.1 (CN 2.2)"},
    ]
    for given in (rows, rows[::-1]):
        found = table(*given)
        assert found["category"].tolist() == ["INDETERMINATE"]
        assert found["ish_possible_groups"].tolist() == ["1/5"]


@pytest.mark.parametrize(
    ("word", "flagged"),
    [
        ("Negative (ratio 2.3)", True),
        ("Positive, copies 7.1", True),
        ("Negative (not amplified)", False),
        ("Negative (Outside Positive)", False),
    ],
)
def test_numbers_beside_the_ish_word_are_told(word, flagged, table):
    """The word is the result; a ratio of 2.3 beside "negative" must not vanish unseen."""
    found = table({"ihc_score": "2+", "ish_result": word}).loc[1]
    assert ("ish_counts_in_word" in found["flags"].split(";")) == flagged
    assert found["ish_result"] == ("POSITIVE" if word.startswith("Positive") else "NEGATIVE")


def test_ish_of_another_specimen_never_counts(table):
    found = table({"ihc_score": "2+"}, {"ihc_score": "2+", "specimen_id": "B", "ish_result": "Negative"})
    assert sorted(zip(found["specimen_id"], found["category"], strict=True)) == [
        ("A", "INDETERMINATE"),
        ("B", "LOW"),
    ]


def test_two_laboratories_in_one_cell_are_two_readings(table):
    found = table({"ihc_score": "1+ (outside 3+)", "laboratory": "local", "reader": "R1", "assay": "4B5"})
    assert found["origin"].tolist() == ["in-house", "outside"]
    assert found["category"].tolist() == ["LOW", "POSITIVE"]
    assert found.loc[2, ["laboratory", "reader", "assay"]].tolist() == ["", "outside", ""]


def test_two_ratios_in_one_cell_leave_open_what_they_disagree_on(table):
    found = table({"ihc_score": "2+", "ish_ratio": "1.4, 2.4", "ish_her2_copies": 4.5}).loc[1]
    assert (found["ish_possible_groups"], found["ish_group"], found["category"]) == (
        "1/4",
        "",
        "INDETERMINATE",
    )
    assert pd.isna(found["ish_ratio"])


def test_single_probe_is_named_by_the_method(table):
    single = {"ihc_score": "1+", "ish_her2_copies": 5.0, "ish_method": "SISH single probe"}
    assert table(single).loc[1, "category"] == "LOW"
    unnamed = {"ihc_score": "1+", "ish_her2_copies": 5.0, "ish_method": "SISH"}
    assert table(unnamed).loc[1, "ish_possible_groups"] == "1/4"
    assert table(unnamed).loc[1, "category"] == "INDETERMINATE"


def test_text_that_is_not_understood_is_named_and_indeterminate(settings):
    found = specimen_table(records({"ihc_score": "4+"}), FIRST_DOSE, settings=settings("her2"))
    assert found.table["category"].tolist() == ["INDETERMINATE"]
    ((subject, specimen, source, cell),) = found.not_understood
    assert (subject, specimen, source, cell.column, cell.text) == (
        "S1",
        "A",
        "her2.tsv row 2",
        "ihc_score",
        "4+",
    )


# Columns: subject, date, moment, study day, why; the first dose is on 2024-03-01
MOMENTS = [
    ("S1", "2024-02-29", "BASELINE", -1, "the day before"),
    ("S1", "2024-03-01", "BASELINE", 1, "on the day, as the default says"),
    ("S1", "2024-03-02", "ON_TREATMENT", 2, "the day after"),
    ("S1", "2024-02", "BASELINE", None, "every day of February is before"),
    ("S1", "2024-03", "UNKNOWN", None, "any day of March"),
    ("S1", "2024", "UNKNOWN", None, "any day of the year"),
    ("S1", "2024-04", "ON_TREATMENT", None, "every day is after"),
    ("S1", "", "UNKNOWN", None, "no date"),
    ("S2", "2024-04-01", "BASELINE", None, "never treated"),
]


@pytest.mark.parametrize(("subject", "date", "moment", "day", "why"), MOMENTS)
def test_moment(subject, date, moment, day, why, table):
    found = table({"ihc_score": "1+", "subject_id": subject, "date": date}).loc[1]
    assert found["moment"] == moment, why
    assert (None if pd.isna(found["specimen_day"]) else found["specimen_day"]) == day, why


def test_settings_of_the_moment(table):
    on_day = table({"ihc_score": "1+", "date": "2024-03-01"}, first_dose_day_is_baseline=False)
    assert on_day.loc[1, "moment"] == "ON_TREATMENT"
    undated = {"ihc_score": "1+", "date": "", "preservation": "archival"}
    assert table(undated).loc[1, "moment"] == "UNKNOWN"
    undated = {"ihc_score": "1+", "date": "", "preservation": "archival"}
    assert table(undated, undated_specimens="archival").loc[1, "moment"] == "BASELINE"


# Columns: date, edition, flagged
EDITIONS = [
    ("2013-10-06", "", True),
    ("2013-10-07", "", False),
    ("2010-05-01", "2018", False),
    ("2020", "2007", True),
    ("2020", "2013", False),
]


@pytest.mark.parametrize(("date", "edition", "flagged"), EDITIONS)
def test_readings_of_the_old_guideline_are_flagged(date, edition, flagged, table):
    found = table({"ihc_score": "1+", "date": date, "edition": edition}).loc[1]
    assert ("pre_2013" in found["flags"].split(";")) == flagged


def test_described_staining_checks_or_gives_the_score(table):
    staining = {"stain_percent": 8.0, "stain_completeness": "incomplete", "stain_intensity": "faint"}
    against = table({"ihc_score": "1+", **staining}).loc[1]
    assert (against["category"], against["flags"]) == ("LOW", "score_against_description")
    derived = table(dict(staining)).loc[1]
    assert (derived["category"], derived["flags"]) == ("ULTRALOW", "score_from_description")
    zero = table({"ihc_score": "0", **staining}).loc[1]
    assert (zero["category"], zero["flags"]) == ("ZERO_UNSPECIFIED", "")


def test_shares_without_stained_cells_do_not_make_a_zero_null(table):
    found = table({"ihc_score": "0", "pct_0": 100.0, "pct_1": 0.0, "pct_2": 0.0, "pct_3": 0.0}).loc[1]
    assert (found["category"], found["h_score"]) == ("ZERO_UNSPECIFIED", 0)


def test_rows_in_any_order_give_the_same_table(settings):
    rows = [
        {"ihc_score": "1+ (outside 3+)", "laboratory": "local", "reader": "R1"},
        {"ihc_score": "2+", "laboratory": "central", "reader": "R2", "ish_result": "Negative"},
        {"ihc_score": "2+", "laboratory": "central", "reader": "R1"},
        {"ihc_score": "0", "specimen_id": "B", "subject_id": "S2"},
    ]
    frame = records(*rows)
    forward = specimen_table(frame, FIRST_DOSE, settings=settings("her2")).table
    frame["source_row"] = frame["source_row"].to_numpy()[::-1]
    backward = specimen_table(frame, FIRST_DOSE, settings=settings("her2")).table
    pd.testing.assert_frame_equal(forward, backward)
    assert forward["record"].tolist() == [1, 2, 3, 4, 1]
    assert forward["laboratory"].tolist() == ["central", "central", "local", "", ""]
