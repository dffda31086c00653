"""Laboratory tables and the typed sample table."""

import pandas as pd
import pytest

from clearher.columns import intake as columns
from clearher.intake.sample_inputs import read_sample_inputs
from clearher.intake.sample_table import sample_table, study_day
from clearher.intake.vendor import read_copies, read_counts, read_results, read_tissue
from clearher.tables import frame_of


def write(folder, text, name="table.tsv"):
    path = folder / name
    path.write_text(text.replace(" ", "\t"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("level", "unit", "expected"),
    [
        ("0.01", "fraction", 0.01),
        ("1", "percent", 0.01),
        ("1", "%", 0.01),
        ("10", "ppm", 1e-5),
        ("7", "MTM/mL", 7.0),
    ],
)
def test_levels_become_fractions(tmp_path, level, unit, expected):
    frame, problems = read_results(
        write(tmp_path, f"subject_id sample_id level level_unit\nS1 P1 {level} {unit}\n")
    )
    assert problems == []
    assert frame["level"].tolist() == pytest.approx([expected])


def test_what_the_laboratory_does_not_say_stays_unknown(tmp_path):
    frame, _ = read_results(write(tmp_path, "subject_id sample_id level detected\nS1 P1 0 \nS1 P2  no\n"))
    assert frame["detected"].isna().tolist() == [True, False]
    assert frame["lod"].isna().all()
    assert frame["level"].isna().tolist() == [False, True]


LEVEL_WORDS = [
    # level, detected, (level, detected) or the column refused, why
    ("ND", "", (None, False), "nothing found, and no level: not a level of zero"),
    ("Not detected", "no", (None, False), "said twice"),
    ("ND", "yes", "detected", "found and not found"),
    ("<0.02", "no", (None, False), "below a limit, and not found"),
    ("< 0.02", "yes", (None, True), "found below the limit of quantification"),
    ("<0.02", "", "detected", "may be either"),
    ("<", "no", "level", "no number after it"),
    ("<-1", "no", "level", "no level is negative"),
    ("trace", "yes", "level", "not known"),
]


@pytest.mark.parametrize(("level", "detected", "expected", "why"), LEVEL_WORDS)
def test_levels_in_words(tmp_path, level, detected, expected, why):
    path = tmp_path / "table.tsv"
    text = f"subject_id\tsample_id\tlevel\tdetected\nS1\tP1\t{level}\t{detected}\n"
    path.write_text(text, encoding="utf-8")
    frame, problems = read_results(path)
    if isinstance(expected, str):
        assert ([p.column for p in problems], len(frame)) == ([expected], 0), why
        assert problems[0].row == "2"
        return
    assert problems == []
    assert frame["level"].isna().all(), why
    assert frame["detected"].tolist() == [expected[1]], why
    assert frame["lod"].isna().all(), "a limit in the level's cell is no limit of detection"


def test_bad_result_rows_are_left_out_and_named(tmp_path):
    text = "subject_id sample_id level detected\nS1 P1 -1 yes\nS1 P2 x maybe\nS1 P3 1 yes\nS1 P3 2 no\n"
    frame, problems = read_results(write(tmp_path, text))
    assert frame["sample_id"].tolist() == ["P3"]
    assert [(p.row, p.column) for p in problems] == [
        ("2", "level"),
        ("3", "level"),
        ("3", "detected"),
        ("5", "sample_id"),
    ]


def test_units_are_not_mixed(tmp_path):
    text = "subject_id sample_id level level_unit\nS1 P1 1 percent\nS1 P2 1 MTM/mL\n"
    _, problems = read_results(write(tmp_path, text))
    assert [p.found for p in problems] == ["'mtm/ml', 'percent'"]


def test_counts_must_be_counts(tmp_path):
    text = (
        "subject_id sample_id chrom pos ref alt alt_count depth\n"
        "S1 P1 chr1 10 A T 3 100\nS1 P1 chr1 11 A T  100\nS1 P1 chr1 12 A T 5 4\nS1 P1 chr1 13 A <DEL> 1 9\n"
    )
    frame, problems = read_counts(write(tmp_path, text))
    assert frame[["pos", "alt_count", "depth"]].to_numpy().tolist() == [[10, 3, 100]]
    assert [(p.row, p.column) for p in problems] == [("3", "alt_count"), ("4", "alt_count"), ("5", "alt")]


def test_tissue_variants(tmp_path):
    frame, problems = read_tissue(write(tmp_path, "subject_id chrom pos ref alt gene\nS1 chr1 10 a t TP53\n"))
    assert problems == []
    assert frame.iloc[0].tolist() == ["S1", "chr1", 10, "A", "T", "TP53"]


COPIES = [
    # column, text, copies or the column refused, why
    ("copy_number", "6.5", 6.5, "as given"),
    ("ratio", "1.35", 2.7, "two times the ratio"),
    ("log2_ratio", "-1", 1.0, "two times 2^-1"),
    ("log2_ratio", "0", 2.0, "no change"),
    ("copy_number", "-1", "copy_number", "copies are not negative"),
    ("log2_ratio", "high", "log2_ratio", "no number"),
]


@pytest.mark.parametrize(("name", "text", "expected", "why"), COPIES)
def test_copy_numbers_of_genes(tmp_path, name, text, expected, why):
    path = write(tmp_path, f"subject_id sample_id gene {name}\nS1 P1 ERBB2 {text}\n")
    frame, problems = read_copies(path)
    if isinstance(expected, str):
        assert ([p.column for p in problems], len(frame)) == ([expected], 0), why
        return
    assert problems == []
    assert frame["copy_number"].tolist() == [expected], why
    assert frame["source"].tolist() == [f"{path} row 2"]


def test_copy_numbers_are_stated_in_one_way_and_a_gene_once(tmp_path):
    two = "subject_id sample_id gene copy_number ratio\nS1 P1 ERBB2 4 \nS1 P1 MYC  1.5\n"
    frame, problems = read_copies(write(tmp_path, two))
    assert (len(frame), problems[0].found) == (0, "copy_number, ratio")
    twice = "subject_id sample_id gene ratio\nS1 P1 ERBB2 2\nS1 P1 ERBB2 3\n"
    assert [p.row for p in read_copies(write(tmp_path, twice))[1]] == ["3"]


def subjects(**dates):
    return frame_of(
        [{"subject_id": "S1", **{k: pd.Timestamp(v) for k, v in dates.items()}}], columns.SUBJECTS
    )


def row(**cells):
    return {"subject_id": "S1", "sample_id": "P1", "visit": "C1D1", "specimen": "plasma", **cells}


@pytest.mark.parametrize(
    ("date", "day"),
    [("2024-01-10", 1), ("2024-01-09", -1), ("2024-01-11", 2), ("2023-12-13", -28), ("2024-02-21", 43)],
)
def test_study_day_has_no_zero(date, day):
    """CDISC study day: the first dose is day 1, the day before it day -1."""
    start = pd.Series(pd.to_datetime(["2024-01-10"]))
    assert study_day(pd.Series(pd.to_datetime([date])), start).tolist() == [day]


def typed(rows, people, visits=(), cut_date=None):
    return sample_table(rows, people, visits={name: {"day": None} for name in visits}, cut_date=cut_date)


def test_the_date_decides_over_the_day():
    table, problems = typed(
        [row(collection_date="2024-01-10", study_day="5")], subjects(first_dose_date="2024-01-10")
    )
    assert table["study_day"].tolist() == [1]
    assert [p.check for p in problems] == ["sample_day_contradicts_date"]


def test_a_day_alone_is_enough():
    table, problems = typed([row(study_day="-3")], subjects())
    assert table["study_day"].tolist() == [-3]
    assert problems == []


def test_draws_after_the_cut_leave_and_are_listed():
    rows = [row(collection_date="2024-03-01"), row(sample_id="P2", collection_date="2024-03-02")]
    table, problems = typed(rows, subjects(first_dose_date="2024-01-10"), cut_date="2024-03-01")
    assert table["sample_id"].tolist() == ["P1"]
    assert [(p.check, p.sample_id) for p in problems] == [("sample_after_cut", "P2")]


@pytest.mark.parametrize(
    ("day", "found"), [("52", None), ("53", "2024-03-02 by study day 53"), ("-3", None), ("1", None)]
)
def test_a_draw_known_by_its_day_alone_is_cut_by_the_date_of_that_day(day, found):
    """Day 1 is 10 January: day 52 is the first of March, the day of the cut; there is no day 0."""
    people = subjects(first_dose_date="2024-01-10")
    table, problems = typed([row(study_day=day)], people, cut_date="2024-03-01")
    assert len(table) == (found is None)
    assert [(p.check, p.found) for p in problems] == ([("sample_after_cut", found)] if found else [])
    unknown, problems = typed([row(study_day=day)], subjects(), cut_date="2024-03-01")
    assert len(unknown) == 1, "without a day 1 nobody knows the date"


@pytest.mark.parametrize(
    ("cells", "severity"),
    [
        ({"study_day": "53"}, "info"),
        ({"study_day": "53", "vcf": "p1.vcf"}, "warning"),
        ({"collection_date": "2024-03-02", "vcf": "p1.vcf"}, "info"),
    ],
)
def test_a_later_draw_without_a_date_whose_file_is_read_is_a_warning(cells, severity):
    """Variant files are read before the first dose is known, which alone tells the date of a study day."""
    _, (problem,) = typed([row(**cells)], subjects(first_dose_date="2024-01-10"), cut_date="2024-03-01")
    assert (problem.check, problem.severity) == ("sample_after_cut", severity)
    assert ("give its collection date" in problem.remedy) == (severity == "warning")


def test_a_draw_known_by_its_day_is_held_against_death():
    people = subjects(first_dose_date="2024-01-10", death_date="2024-02-11")
    _, problems = typed([row(study_day="33"), row(sample_id="P2", study_day="34")], people)
    assert [(p.check, p.sample_id) for p in problems] == [("sample_after_death", "P2")]


def test_death_plan_and_order_are_checked():
    rows = [
        row(sample_id="P1", visit="C2D1", collection_date="2024-01-10"),
        row(sample_id="P2", visit="C1D1", collection_date="2024-02-10"),
        row(sample_id="P3", visit="UNSCH", collection_date="2024-02-12"),
    ]
    people = subjects(first_dose_date="2024-01-10", death_date="2024-02-11")
    _, problems = typed(rows, people, visits=("C1D1", "C2D1"))
    assert sorted((p.check, p.sample_id) for p in problems) == [
        ("sample_after_death", "P3"),
        ("sample_unplanned_visit", "P3"),
        ("sample_visit_order", "P2"),
    ]


@pytest.mark.parametrize(
    ("visit", "severity", "remedy"),
    [
        ("c2d1", "warning", "Kept as an unscheduled draw. Did you mean 'C2D1'?"),
        ("UNSCH", "info", "Kept as an unscheduled draw."),
    ],
)
def test_a_planned_visit_in_another_spelling_is_a_warning(visit, severity, remedy):
    table, problems = typed([row(visit=visit)], subjects(), visits=("C1D1", "C2D1"))
    (found,) = [p for p in problems if p.check == "sample_unplanned_visit"]
    assert (found.severity, found.remedy) == (severity, remedy)
    assert list(table["visit"]) == [visit], "a name that is not the plan's is not replaced by guessing"


@pytest.mark.parametrize(
    ("day", "others", "warned", "why"),
    [
        (45, [], True, "the laboratory has another name for the visit of day 43"),
        (45, ["C3D1"], False, "that visit was drawn, this is a further draw"),
        (62, [], False, "between the visits: what unscheduled means"),
    ],
)  # fmt: skip
def test_an_unplanned_draw_in_the_window_of_a_visit_without_draw_is_a_warning(day, others, warned, why):
    plan = {name: {"day": day, "window_days": 7} for name, day in (("C3D1", 43), ("C5D1", 85))}
    rows = [row(sample_id="P1", visit="Cycle 3 Day 1", study_day=str(day))]
    rows += [row(sample_id=name, visit=name, study_day="40") for name in others]
    _, problems = sample_table(rows, subjects(), visits=plan, cut_date=None)
    (found,) = [p for p in problems if p.check == "sample_unplanned_visit"]
    assert (found.severity == "warning", "'C3D1'" in found.remedy) == (warned, warned), why


@pytest.mark.parametrize(
    ("nominal", "window", "day", "outside", "why"),
    [
        (22, 7, 29, False, "seven days later, the last that fits"),
        (22, 7, 30, True, "eight days later"),
        (22, 7, 15, False, "seven days early"),
        (1, 1, -1, False, "the day before the first dose: there is no day 0 between"),
        (1, 1, -2, True, "two days before"),
        (None, 7, 300, False, "end of treatment has no planned day"),
    ],
)
def test_a_draw_outside_its_window_is_named_and_kept(nominal, window, day, outside, why):
    plan = {"V": {"day": nominal, "window_days": window}}
    table, problems = sample_table(
        [row(visit="V", study_day=str(day))], subjects(), visits=plan, cut_date=None
    )
    assert table["visit"].tolist() == ["V"]
    assert [p.check for p in problems] == ["sample_outside_window"] * outside, why


@pytest.mark.parametrize(
    ("nominal", "day", "severity", "why"),
    [
        (22, 40, "info", "a late draw"),
        (22, 83, "warning", "61 days late: a month or the year is wrong"),
        (43, -50, "warning", "a visit under treatment before the first dose"),
        (1, -9, "info", "the first day's draw nine days before it"),
    ],
)
def test_a_draw_far_from_its_plan_is_a_warning(nominal, day, severity, why):
    plan = {"V": {"day": nominal, "window_days": 7}}
    _, problems = sample_table([row(visit="V", study_day=str(day))], subjects(), visits=plan, cut_date=None)
    assert [p.severity for p in problems if p.check == "sample_outside_window"] == [severity], why


@pytest.mark.parametrize(
    ("visits", "found", "why"),
    [
        (["BASELINE", "C3D1"], "no sample of W6, W12, but samples of C3D1", "two names for a visit"),
        (["BASELINE"], None, "all others are still to come"),
        (["BASELINE", "W6", "UNSCHEDULED"], None, "a draw between the visits"),
    ],
)
def test_a_plan_that_the_sheet_does_not_follow_is_named(visits, found, why):
    plan = {"BASELINE": {"day": None, "baseline": True}, "W6": {"day": None}, "W12": {"day": None}}
    rows = [row(sample_id=visit, visit=visit, study_day="1") for visit in visits]
    _, problems = sample_table(rows, subjects(), visits=plan, cut_date=None)
    assert next((p.found for p in problems if p.check == "visit_never_drawn"), None) == found, why


def test_tables_must_agree_with_sheet_and_subjects(tmp_path):
    """A sample of a subject nobody knows, and a result whose sample belongs to somebody else."""
    results = write(tmp_path, "subject_id sample_id level\nS2 P1 1\n")
    inputs = read_sample_inputs(
        [row(study_day="1"), row(subject_id="S9", sample_id="P9", study_day="1")],
        subjects(),
        files={"sample_results": str(results)},
        layouts={},
        excluded=(),
        visits={},
        cut_date=None,
    )
    assert [(p.check, p.subject_id) for p in inputs.problems] == [
        ("subject_unknown", "S9"),
        ("vendor_sample_unknown", "S2"),
    ]
