"""One result a subject: what each rule picks, how ties break, what the sentence says."""

import pandas as pd
import pytest

from clearher.her2.category import rank
from clearher.her2.specimens import specimen_table
from clearher.her2.subjects import subject_table
from her2_builders import her2_records as records
from her2_builders import specimen_rows as rows_of

FIRST_DOSE = pd.DataFrame(
    {"subject_id": ["S1", "S3"], "first_dose_date": pd.to_datetime(["2024-03-01", "2024-03-01"])}
)

# specimen, date, type, preservation, laboratory, reader, score, ISH
SPECIMENS = [
    ("A", "2022-05-10", "primary", "archival", "local", "L1", "0-null", ""),
    ("B", "2023-06-01", "metastatic", "archival", "central", "C1", "1+", ""),
    ("B", "2023-06-01", "metastatic", "archival", "local", "L1", "3+", ""),
    ("C", "2024-02-10", "metastatic", "archival", "local", "L1", "2+", "Negative"),
    ("D", "2024-02-20", "primary", "fresh", "local", "L1", "0-ultralow", ""),
    ("E", "2024-05-01", "metastatic", "fresh", "central", "C1", "3+", ""),
]


@pytest.fixture
def result(settings):
    def build(specimens, **changed):
        section = settings("her2") | {"sensitivity_rules": []} | changed
        readings = specimen_table(records(*rows_of(specimens)), FIRST_DOSE, settings=section).table
        return subject_table(readings, FIRST_DOSE, settings=section).set_index("subject_id").loc["S1"]

    return build


# Columns: rule, specimen, level, why
RULES = [
    ("latest_metastatic", "C", "LOW_2+", "D is newer but primary, E is after the first dose"),
    ("latest_any", "D", "ULTRALOW", "newest before the first dose"),
    ("central_over_local", "B", "LOW_1+", "the only central reading before the first dose"),
    ("fresh_over_archival", "D", "ULTRALOW", "the only fresh one before the first dose"),
    ("highest", "B", "POSITIVE", "the local reading of B"),
    ("lowest", "A", "NULL", "the archival primary"),
    ("any_positive_excludes", "B", "POSITIVE", "one reading was positive"),
]


@pytest.mark.parametrize(("rule", "specimen", "level", "why"), RULES)
def test_what_each_rule_picks(rule, specimen, level, why, result):
    found = result(SPECIMENS, subject_rule=rule)
    assert (found["specimen_id"], found["level"]) == (specimen, level), why


def test_every_rule_has_its_column(result):
    found = result(SPECIMENS, sensitivity_rules=[rule for rule, *_ in RULES])
    assert {rule: found[f"level_{rule}"] for rule, *_ in RULES} == {
        rule: level for rule, _, level, _ in RULES
    }


def test_rules_not_asked_for_stay_empty(result):
    found = result(SPECIMENS, sensitivity_rules=["latest_any"])
    assert (found["level_latest_any"], found["level_highest"]) == ("ULTRALOW", "")


def test_the_sentence_explains_the_result(result):
    found = result(SPECIMENS)
    assert found["sentence"] == (
        "HER2-low, IHC 2+ (final): IHC 2+, ISH reported negative without counts; "
        "local reading by L1 with 4B5 of archival metastatic specimen C, taken 2024-02-10, "
        "20 days before the first dose; chosen as latest metastatic specimen before the first dose out of 4; "
        "in conflict: local reading by L1 with 4B5 of A: HER2 null (no staining), "
        "central reading by C1 with 4B5 of B: HER2-low, IHC 1+, "
        "local reading by L1 with 4B5 of B: HER2-positive, "
        "local reading by L1 with 4B5 of D: HER2-ultralow; eligibility to be reviewed."
    )
    assert (found["n_specimens"], found["n_baseline_specimens"]) == (5, 4)
    assert (found["specimen_day"], found["days_before_first_dose"], found["known_day"]) == (-20, 20, -20)
    assert found["eligibility_question"]


def test_a_specimen_after_the_first_dose_is_never_baseline(result):
    found = result(SPECIMENS[-1:])
    assert (found["category"], found["level"], found["specimen_id"]) == ("", "", "")
    assert found["sentence"] == (
        "No HER2 result before the first dose (2024-03-01); specimens taken later: 1, "
        "with a date that does not show when: 0."
    )


def test_without_a_metastatic_specimen(result):
    fallback = result(SPECIMENS[:1])
    assert fallback["level"] == "NULL"
    assert "no metastatic specimen, so the latest of any type" in fallback["sentence"]
    strict = result(SPECIMENS[:1], without_metastatic="none")
    assert strict["category"] == ""
    assert "specimens before the first dose: 1, none fits the rule" in strict["sentence"]


def test_subjects_without_specimen_are_rows_too(settings):
    section = settings("her2")
    readings = specimen_table(records(*rows_of(SPECIMENS)), FIRST_DOSE, settings=section).table
    found = subject_table(readings, FIRST_DOSE, settings=section).set_index("subject_id")
    assert found.index.tolist() == ["S1", "S3"]
    assert found.loc["S3", ["category", "sentence"]].tolist() == [
        "",
        "No HER2 result: no specimen was reported.",
    ]


# Two specimens of the same day differ in one property. Columns: first, second, picked, why
TIES = [
    (("Z", "archival", "central"), ("A", "fresh", "local"), "Z", "central before fresh"),
    (("Z", "fresh", "local"), ("A", "archival", "local"), "Z", "fresh before archival"),
    (("Z", "fresh", "local"), ("A", "fresh", "local"), "A", "then the identifier"),
]


@pytest.mark.parametrize(("first", "second", "picked", "why"), TIES)
def test_ties_never_break_by_row_order(first, second, picked, why, result):
    specimens = [
        (name, "2024-02-01", "metastatic", preservation, laboratory, "R", "1+", "")
        for name, preservation, laboratory in (first, second)
    ]
    assert result(specimens)["specimen_id"] == picked, why
    assert result(specimens[::-1])["specimen_id"] == picked, why


def readers(*scores):
    """Central readings of one specimen by readers R1, R2, ..."""
    return [
        ("B", "2024-02-01", "metastatic", "fresh", "central", reader, score, ish)
        for reader, score, ish in scores
    ]


# Columns: readings, tie setting, category, level, certainty, why
READERS = [
    ([("R1", "1+", ""), ("R2", "1+", "")], "indeterminate", "LOW", "LOW_1+", "FINAL", "agree"),
    (
        [("R1", "1+", ""), ("R2", "0-null", ""), ("R3", "1+", "")],
        "indeterminate",
        "LOW",
        "LOW_1+",
        "FINAL",
        "two of three",
    ),
    (
        [("R1", "1+", ""), ("R2", "0-null", ""), ("ADJUDICATOR", "0-ultralow", "")],
        "indeterminate",
        "ULTRALOW",
        "ULTRALOW",
        "FINAL",
        "the adjudicator settles it",
    ),
    (
        [("R1", "1+", ""), ("R2", "0-null", "")],
        "indeterminate",
        "INDETERMINATE",
        "INDETERMINATE",
        "PROVISIONAL",
        "no majority",
    ),
    (
        [("R1", "1+", ""), ("R2", "2+", "Negative")],
        "indeterminate",
        "LOW",
        "INDETERMINATE",
        "PROVISIONAL",
        "low either way",
    ),
    ([("R1", "1+", ""), ("R2", "0-null", "")], "lowest", "NULL", "NULL", "FINAL", "as declared"),
    ([("R1", "1+", ""), ("R2", "0-null", "")], "highest", "LOW", "LOW_1+", "FINAL", "as declared"),
    (
        [("R1", "2+", ""), ("R2", "1+", "")],
        "highest",
        "INDETERMINATE",
        "INDETERMINATE",
        "PROVISIONAL",
        "2+ without ISH is higher than 1+, low or positive",
    ),
    ([("R1", "2+", ""), ("R2", "1+", "")], "lowest", "LOW", "LOW_1+", "FINAL", "and so 1+ is the lowest"),
    (
        [("R1", "NE", ""), ("R2", "1+", "")],
        "indeterminate",
        "LOW",
        "LOW_1+",
        "FINAL",
        "not evaluable passed over",
    ),
]


@pytest.mark.parametrize(("scores", "tie", "category", "level", "certainty", "why"), READERS)
def test_readers_of_one_specimen(scores, tie, category, level, certainty, why, result):
    for order in (scores, scores[::-1]):
        found = result(readers(*order), reader_tie=tie)
        assert (found["category"], found["level"], found["certainty"]) == (category, level, certainty), why


def test_a_failed_reading_is_passed_over_for_the_next_specimen_unless_kept(result):
    specimens = [
        ("A", "2023-01-01", "metastatic", "archival", "local", "R1", "1+", ""),
        ("B", "2024-02-01", "metastatic", "fresh", "local", "R1", "Test failure", ""),
    ]
    assert result(specimens)["specimen_id"] == "A"
    kept = result(specimens, not_evaluable="keep")
    assert (kept["specimen_id"], kept["category"]) == ("B", "INDETERMINATE")


def test_where_failed_readings_are_kept_the_newest_specimen_counts_all_the_same(result):
    specimens = [
        ("A", "2023-01-01", "metastatic", "archival", "local", "R1", "Test failure", ""),
        ("B", "2024-02-01", "metastatic", "fresh", "local", "R1", "1+", ""),
    ]
    assert result(specimens, not_evaluable="keep")["specimen_id"] == "B"


def test_a_dated_specimen_goes_before_an_undated_one(result):
    """Which may be baseline where the study says that undated archival tissue is older than treatment."""
    specimens = [
        ("A", "", "metastatic", "archival", "local", "R1", "0-null", ""),
        ("B", "2020-02-01", "metastatic", "archival", "local", "R1", "1+", ""),
    ]
    assert result(specimens, undated_specimens="archival")["specimen_id"] == "B"
    assert result(specimens[:1], undated_specimens="archival")["specimen_id"] == "A"


def test_a_specimen_of_the_first_dose_day_is_of_day_1(result):
    found = result([("A", "2024-03-01", "metastatic", "fresh", "local", "R1", "1+", "")])
    assert (found["specimen_day"], found["known_day"], found["days_before_first_dose"]) == (1, 1, 0)


# Columns: category of the only reading, against a trial of negative, of positive disease
AGAINST = [
    ("3+", True, False),
    ("1+", False, True),
    ("0-null", False, True),
    ("2+", False, False),
]


@pytest.mark.parametrize(("score", "negative", "positive"), AGAINST)
def test_eligibility_is_questioned_by_what_contradicts_the_trial(score, negative, positive, result):
    """An indeterminate reading contradicts neither."""
    specimens = [("A", "2024-02-01", "metastatic", "fresh", "local", "R1", score, "")]
    asked = [
        result(specimens, trial_population=population)["eligibility_question"]
        for population in ("negative", "positive")
    ]
    assert asked == [negative, positive]


# Columns: H-scores of two readers, of the subject
H_SCORES = [((100.0, 140.0), 120.0), ((100.0, None), 100.0), ((None, None), None)]


@pytest.mark.parametrize(("scores", "expected"), H_SCORES)
def test_h_score_is_the_mean_of_the_readings_that_count(scores, expected, settings):
    rows = [
        row | {"h_score": score}
        for row, score in zip(rows_of(readers(("R1", "1+", ""), ("R2", "1+", ""))), scores, strict=True)
    ]
    section = settings("her2") | {"sensitivity_rules": []}
    readings = specimen_table(records(*rows), FIRST_DOSE, settings=section).table
    found = subject_table(readings, FIRST_DOSE, settings=section)["h_score"].iloc[0]
    assert pd.isna(found) if expected is None else found == expected


def test_ihc_2_without_ish_is_a_result_and_not_passed_over(result):
    specimens = [
        ("A", "2023-01-01", "metastatic", "archival", "local", "R1", "1+", ""),
        ("B", "2024-02-01", "metastatic", "fresh", "local", "R1", "2+", ""),
    ]
    found = result(specimens)
    assert (found["specimen_id"], found["category"]) == ("B", "INDETERMINATE")


@pytest.mark.parametrize("laboratory", ["", "local"])
def test_a_quoted_result_of_another_laboratory_does_not_count_beside_the_own(laboratory, result):
    """Also where the sheet does not say whose own result it is."""
    found = result([("A", "2024-02-01", "metastatic", "fresh", laboratory, "R1", "1+ (outside 3+)", "")])
    assert found["level"] == "LOW_1+"
    assert found["eligibility_question"], "but the physician has to know of it"


def test_a_preferred_assay_counts_alone(settings):
    section = settings("her2")
    rows = rows_of(readers(("R1", "1+", ""))) + rows_of(readers(("R1", "0-null", "")), assay="HercepTest")
    for order, level in ([], "INDETERMINATE"), (["HercepTest"], "NULL"), (["4B5"], "LOW_1+"):
        changed = section | {"assay_order": order, "sensitivity_rules": []}
        readings = specimen_table(records(*[dict(row) for row in rows]), FIRST_DOSE, settings=changed).table
        assert subject_table(readings, FIRST_DOSE, settings=changed)["level"].iloc[0] == level


def test_a_partial_date_is_known_by_its_last_day(result):
    found = result([("A", "2024-01", "metastatic", "archival", "local", "R1", "1+", "")])
    assert pd.isna(found["specimen_day"])
    assert found["known_day"] == -30
    assert "taken 2024-01;" in found["sentence"]


def test_a_plain_zero_is_no_conflict_with_null(result):
    specimens = [
        ("A", "2023-01-01", "metastatic", "archival", "local", "R1", "0", ""),
        ("B", "2024-02-01", "metastatic", "fresh", "local", "R1", "0-null", ""),
    ]
    assert result(specimens)["conflicts"] == ""


# Columns: scores of three specimens, highest, lowest, why
EXTREMES = [
    (("0-null", "0", "1+"), "LOW_1+", "NULL", "plain order"),
    (("0-null", "0"), "ZERO_UNSPECIFIED", "NULL", "the zero may be ultralow"),
    (("0-ultralow", "0"), "ULTRALOW", "ZERO_UNSPECIFIED", "the zero may be null"),
    (("1+", "NE"), "LOW_1+", "LOW_1+", "nothing is lower or higher than not evaluable"),
    (("0-1+", "1+"), "LOW_1+", "LOW_1+", "an open interval has no place"),
    (("0-1+",), "INDETERMINATE", "INDETERMINATE", "unless it is all there is"),
    (
        ("2+", "1+"),
        "INDETERMINATE",
        "LOW_1+",
        "2+ without ISH is low or positive: higher than 1+ in any case",
    ),
    (("2+", "3+"), "POSITIVE", "INDETERMINATE", "and not higher than positive; the lowest of them is open"),
    (("2-3+", "0-null"), "INDETERMINATE", "NULL", "so is an interval from 2+"),
]


@pytest.mark.parametrize(("scores", "highest", "lowest", "why"), EXTREMES)
def test_extremes(scores, highest, lowest, why, result):
    specimens = [
        (f"A{number}", "2023-01-01", "metastatic", "archival", "local", "R1", score, "")
        for number, score in enumerate(scores)
    ]
    found = result(specimens, sensitivity_rules=["highest", "lowest"])
    assert (found["level_highest"], found["level_lowest"]) == (highest, lowest), why


def test_lowest_never_exceeds_highest(result):
    found = result(SPECIMENS, sensitivity_rules=[rule for rule, *_ in RULES])
    ranks = {rule: rank(found[f"level_{rule}"].split("_")[0], found[f"level_{rule}"]) for rule, *_ in RULES}
    assert ranks["lowest"] == min(ranks.values())
    assert ranks["highest"] == max(ranks.values())
