"""Anti-drug antibodies: results, baseline, categories, persistence by the trial's schedule, denominators."""

import pandas as pd
import pytest

from clearher.clinical.ada_samples import immunogenicity_table, nominal_samples, read_results
from clearher.clinical.immunogenicity import (
    ada_status,
    immunogenicity,
    immunogenicity_lines,
    largest_change,
    persistence,
)
from clearher.clinical.safety_endpoints import safety_endpoints
from clearher.columns import clinical, intake
from clearher.intake.config import defaults
from clearher.tables import empty, frame_of

DAY = pd.Timestamp("2024-01-01")
CLINICAL = defaults("clinical")
SETTINGS = CLINICAL["ada"] | {"scale": "log10"}
PLANNED = {"C1D1": 1, "C2D1": 22, "C4D1": 64, "C7D1": 127, "C12D1": 232}
SCHEDULE = [22, 64, 127, 232, 262]  # C2 C4 C7 C12 and 30 days after a last dose on day 232


def on(day: int) -> pd.Timestamp:
    return DAY + pd.Timedelta(days=day - 1 if day > 0 else day)


def subject(name="S1", **changed):
    row = {"subject_id": name, "screen_failure": False, "treated": True, "arm": "one"}
    return row | {"first_dose_date": DAY, "last_dose_date": on(232), "last_alive_date": on(300)} | changed


def samples(text, name="S1"):
    """Lines ``day result [planned] [test] [pre|post] [drug]``; a result that is a number is the titre."""
    rows = []
    for number, line in enumerate(text.strip().splitlines(), 1):
        parts = dict(enumerate(line.split()))
        day, result = parts[0], parts[1].replace("_", " ").replace("BLANK", "")
        row = {"subject_id": name, "sequence": number, "result": result, "not_done": result == "NOT DONE"}
        row |= {
            "date": on(int(day)) if day != "?" else pd.NaT,
            "date_text": day,
            "source": f"IS row {number}",
        }
        row["titre"] = float(result) if result.replace(".", "").isdigit() else None
        row["planned_day"] = int(parts.get(2, day if day != "?" else 1))
        row["test"] = "NEUTRALISING" if parts.get(3) == "NAB" else "BINDING"
        row["before_dose"] = {"pre": True, "post": False}.get(parts.get(4, ""))
        row |= {"drug_concentration": float(parts[5]), "drug_unit": "ug/mL"} if 5 in parts else {}
        rows.append(row)
    return frame_of(rows, intake.ADA)


def derive(text, subjects=None, **changed):
    people = frame_of([subject()] if subjects is None else subjects, intake.SUBJECTS)
    return immunogenicity(samples(text), people, settings=SETTINGS | changed)


def status(text, **changed):
    return derive(text, **changed).subjects.iloc[0]


@pytest.mark.parametrize(
    ("result", "expected", "titre", "imputed"),
    [
        ("NEGATIVE", "NEGATIVE", None, False),
        ("Negative Screen", "NEGATIVE", None, False),
        ("1.52", "POSITIVE", 1.52, False),
        ("<1.40", "POSITIVE", 1.40, True),
        ("POSITIVE", "POSITIVE", 1.40, True),
        ("NEGATIVE TITER", "POSITIVE", 1.40, True),  # confirmed positive, titre not measurable
        ("BLANK", "NO RESULT", None, False),
        ("NOT DONE", "NOT DONE", None, False),
        ("HAEMOLYSED", "NO RESULT", None, False),
    ],
)
def test_words_and_titres(result, expected, titre, imputed):
    word = result.replace(" ", "_")
    frame, problems = read_results(samples(f"22 {word}\n64 <1.40"), settings=SETTINGS)
    row = frame.iloc[0]
    assert row["status"] == expected
    assert (row["titre"] == titre) if titre else pd.isna(row["titre"])
    assert row["titre_imputed"] == imputed
    assert [problem.check for problem in problems] == (["ada_result_unknown"] if word == "HAEMOLYSED" else [])


@pytest.mark.parametrize(
    ("steps", "decides", "expected", "titre", "why"),
    [
        ({"SCREEN": "NEGATIVE"}, "SCREEN", "NEGATIVE", None, "nothing to confirm"),
        ({"SCREEN": "POSITIVE", "CONFIRM": "NEGATIVE"}, "CONFIRM", "NEGATIVE", None, "not confirmed"),
        ({"SCREEN": "POSITIVE", "CONFIRM": "POSITIVE"}, "CONFIRM", "POSITIVE", 1.4, "lowest limit"),
        (
            {"SCREEN": "POSITIVE", "CONFIRM": "POSITIVE", "QUANTIFY": "2.5"},
            "QUANTIFY",
            "POSITIVE",
            2.5,
            "its titre",
        ),
        ({"SCREEN": "POSITIVE", "QUANTIFY": "2.5"}, "QUANTIFY", "POSITIVE", 2.5, "a titre is positive"),
        ({"SCREEN": "POSITIVE", "CONFIRM": "NEGATIVE", "QUANTIFY": "2.5"}, "CONFIRM", "NEGATIVE", None, ""),
        ({"SCREEN": "POSITIVE"}, "SCREEN", "NO RESULT", None, "confirmation to come"),
        ({"SCREEN": "POSITIVE", "CONFIRM": "NOT_DONE"}, "SCREEN", "NO RESULT", None, "never confirmed"),
        ({"SCREEN": "NOT_DONE"}, "SCREEN", "NOT DONE", None, "no result at all"),
        ({"CONFIRM": "POSITIVE"}, "CONFIRM", "POSITIVE", 1.4, "screening not delivered"),
    ],
)
def test_steps_of_a_tiered_assay_are_one_result(steps, decides, expected, titre, why):
    frame = samples("\n".join(f"22 {result}" for result in (*steps.values(), "<1.40")))
    frame["step"] = [*steps, ""]
    frame.loc[len(steps), "date_text"] = "64"  # another sample, from which the lowest limit is known
    table, problems = immunogenicity_table(frame, frame_of([subject()], intake.SUBJECTS), settings=SETTINGS)
    rows = table[table["sequence"].between(1, len(steps))]
    assert rows[["step", "status"]].values.tolist() == [[decides, expected]], why
    assert (rows["titre"].item() == titre) if titre else pd.isna(rows["titre"].item())
    assert [p.check for p in problems] == (["ada_unconfirmed"] if expected == "NO RESULT" else [])


@pytest.mark.parametrize(
    "text", ["22 POSITIVE\n64 2.5", "22 2.5\n64 POSITIVE", "22 1.2\n64 POSITIVE\n127 2.5"]
)
def test_the_highest_titre_is_that_of_the_samples_with_one(text):
    """A positive sample without a titre is no titre; put first it made the highest one missing."""
    assert status(f"1 NEGATIVE\n{text}")["highest_titre"] == 2.5


def test_a_subject_with_an_unconfirmed_screening_is_not_positive():
    frame = samples("1 NEGATIVE\n22 POSITIVE\n64 NEGATIVE")
    frame["step"] = "SCREEN"
    people = frame_of([subject()], intake.SUBJECTS)
    found = immunogenicity(frame, people, settings=SETTINGS).subjects.iloc[0]
    assert (found["ada_status"], found["ada_positive"]) == ("NEGATIVE", False)


def test_minimum_reportable_titre_is_a_setting():
    frame, _ = read_results(
        samples("22 POSITIVE\n64 <1.40\n127 >3.0"), settings=SETTINGS | {"minimum_reportable": 1.3}
    )
    assert frame["titre"].tolist() == [1.3, 1.3, 3.0]


@pytest.mark.parametrize(
    ("lines", "baseline", "timings"),
    [
        ("-7 NEGATIVE 1\n1 POSITIVE 1\n22 NEGATIVE", "POSITIVE", ["BEFORE", "BASELINE", "POST"]),
        ("1 NEGATIVE 1 BIND post\n22 NEGATIVE", "", ["POST", "POST"]),  # taken after that day's infusion
        # two samples before the first dose on its day: both are, the later one is the baseline
        (
            "1 NEGATIVE 1 BIND pre\n1 POSITIVE 1 BIND pre\n22 NEGATIVE",
            "POSITIVE",
            ["BEFORE", "BASELINE", "POST"],
        ),
        (
            "-1 NEGATIVE 1\n1 BLANK 1\n22 NEGATIVE",
            "NEGATIVE",
            ["BASELINE", "BEFORE", "POST"],
        ),  # no result: not it
        ("22 NEGATIVE", "", ["POST"]),
        ("-3 NEGATIVE 22\n22 NEGATIVE", "", ["", "POST"]),  # planned for later, dated before: neither
    ],
)
def test_baseline_is_the_last_result_planned_and_dated_before_the_first_dose(lines, baseline, timings):
    result = derive(lines)
    assert result.subjects["baseline_status"].tolist() == [baseline]
    taken = result.samples[result.samples["sequence"] > 0].sort_values("sequence")
    assert taken["timing"].tolist() == timings


def test_a_sample_planned_after_but_dated_before_the_first_dose_is_a_finding():
    assert [problem.check for problem in derive("-3 NEGATIVE 22").findings] == ["ada_before_first_dose"]


@pytest.mark.parametrize(
    ("lines", "expected", "positive"),
    [
        ("1 NEGATIVE\n22 NEGATIVE\n64 NEGATIVE", "NEGATIVE", False),
        ("22 NEGATIVE", "NEGATIVE", False),  # baseline missing
        ("1 NEGATIVE\n22 1.5", "INDUCED", True),
        ("22 1.5", "INDUCED", True),  # baseline missing counts as negative
        ("1 1.3\n22 1.9", "BOOSTED", True),
        ("1 1.3\n22 1.89", "UNAFFECTED", False),
        ("1 1.3\n22 1.5\n64 1.9\n127 1.4", "BOOSTED", True),  # the largest rise counts
        ("1 1.3\n22 NEGATIVE", "UNAFFECTED", False),
        ("1 1.3", "NOT EVALUABLE", None),
        ("1 NEGATIVE\n22 BLANK\n64 NOT_DONE", "NOT EVALUABLE", None),
    ],
)
def test_categories(lines, expected, positive):
    row = status(lines)
    assert row["ada_status"] == expected
    assert (row["ada_positive"] == positive) if positive is not None else pd.isna(row["ada_positive"])


@pytest.mark.parametrize(
    ("baseline", "highest", "scale", "expected"),
    [
        (1.3, 1.9, "log10", "BOOSTED"),  # 1.9 - 1.3 is 0.5999999999999999 in binary
        (1.3, 1.8999, "log10", "UNAFFECTED"),
        (20.0, 80.0, "raw", "BOOSTED"),  # four-fold exactly
        (20.0, 79.0, "raw", "UNAFFECTED"),
        (20.0, 20.6, "raw", "UNAFFECTED"),  # 0.6 on raw titres means nothing
    ],
)
def test_boost_limit_on_either_scale(baseline, highest, scale, expected):
    change = largest_change([highest], baseline, scale)
    assert ada_status("POSITIVE", ["POSITIVE"], change, scale=scale, boost=SETTINGS["boost"]) == expected


def test_a_rise_that_no_titre_tells_is_undetermined():
    """Tested after the first dose, so evaluable; but neither boosted nor unaffected, nor ADA-positive."""
    row = status("1 POSITIVE\n22 POSITIVE")  # no limit anywhere in the study
    assert row["ada_status"] == "UNDETERMINED"
    assert row["evaluable"]
    assert pd.isna(row["ada_positive"])
    assert row["sentence"].endswith("undetermined, the rise over baseline is unknown.")


TOLERANCE = {"drug_tolerance": {"BINDING": 50.0, "NEUTRALISING": None, "unit": "ug/mL"}}


@pytest.mark.parametrize(
    ("lines", "expected", "why"),
    [
        ("1 NEGATIVE\n22 NEGATIVE 22 BIND pre 50.1", "INCONCLUSIVE", "all later negatives may be hidden"),
        ("1 NEGATIVE\n22 NEGATIVE 22 BIND pre 50.0", "NEGATIVE", "at the limit the assay tolerates it"),
        ("1 NEGATIVE\n22 NEGATIVE 22 BIND pre 90\n64 NEGATIVE", "NEGATIVE", "one conclusive negative"),
        ("1 NEGATIVE\n22 NEGATIVE 22 BIND pre 90\n64 1.5", "INDUCED", "a positive is a positive"),
        ("1 NEGATIVE\n22 1.5 22 BIND pre 90", "INDUCED", "drug hides antibodies, it does not make them"),
        ("1 1.5\n22 NEGATIVE 22 BIND pre 90", "INCONCLUSIVE", "nothing is known after the first dose"),
    ],
)
def test_negative_with_drug_above_the_tolerance_is_inconclusive(lines, expected, why):
    assert status(lines, **TOLERANCE)["ada_status"] == expected, why
    assert status(lines)["ada_status"] not in ("INCONCLUSIVE", "NOT EVALUABLE"), "without a limit"


def test_concentrations_in_another_unit_say_nothing_and_are_a_finding():
    lines = "1 NEGATIVE\n22 NEGATIVE 22 BIND pre 900"
    other = {"drug_tolerance": TOLERANCE["drug_tolerance"] | {"unit": "ng/mL"}}
    result = derive(lines, **other)
    assert result.subjects["ada_status"].tolist() == ["NEGATIVE"]
    assert [problem.check for problem in result.findings] == ["ada_drug_unit"]


def test_incidence_leaves_out_whom_nobody_can_tell():
    """A: induced; B: undetermined; C: inconclusive. Evaluable with a known category: A alone."""
    texts = {
        "A": "1 NEGATIVE\n22 1.5 22 BIND post",
        "B": "1 POSITIVE\n22 POSITIVE",
        "C": "1 NEGATIVE\n22 NEGATIVE 22 BIND pre 80",
    }
    people = frame_of([subject(name) for name in "ABC"], intake.SUBJECTS)
    taken = pd.concat([samples(text, name) for name, text in texts.items()], ignore_index=True)
    found = immunogenicity(taken, people, settings=SETTINGS | TOLERANCE).subjects
    rows = safety_endpoints(empty(clinical.SAFETY), found, people, settings=CLINICAL).set_index("statistic")
    assert rows.loc["incidence of evaluable", ["n", "N"]].tolist() == [1, 1]
    assert rows.loc["incidence of treated", ["n", "N"]].tolist() == [1, 3]
    assert rows.loc["incidence of evaluable", "note"] == (
        "0 treated subjects without a sample; 1 whose rise over baseline is unknown left out; "
        "1 with drug above the assay's tolerance in every negative sample left out"
    )
    assert rows.loc["prevalence", ["n", "N"]].tolist() == [2, 3]  # C: baseline negative


@pytest.mark.parametrize(
    ("positive", "complete", "expected"),
    [
        ([], True, ""),
        ([22], True, "TRANSIENT"),  # one positive that is not the last sample
        ([22, 127], True, "TRANSIENT"),  # 105 days
        ([127, 232], True, "TRANSIENT"),  # C7 and C12: 105 days, last sample negative
        ([64, 232], True, "PERSISTENT"),  # C4 and C12: 168 days
        ([262], True, "PERSISTENT"),  # the last sample
        ([262], False, "NOT DETERMINABLE"),  # the last so far, and the schedule goes on
        ([22, 262], False, "PERSISTENT"),  # the span alone decides
        ([127], False, "TRANSIENT"),
    ],
)
def test_persistence_on_the_schedule_of_the_trial(positive, complete, expected):
    results = ["POSITIVE" if day in positive else "NEGATIVE" for day in SCHEDULE]
    assert persistence(SCHEDULE, results, complete=complete, persistent_weeks=16) == expected


@pytest.mark.parametrize(("span", "expected"), [(111, "TRANSIENT"), (112, "PERSISTENT")])
def test_sixteen_weeks_are_112_days(span, expected):
    results = ["POSITIVE", "POSITIVE", "NEGATIVE"]
    assert persistence([22, 22 + span, 400], results, complete=True, persistent_weeks=16) == expected


def test_a_positive_sample_without_a_date_leaves_persistence_open():
    row = status("1 NEGATIVE\n? 1.5 22\n64 NEGATIVE")
    assert (row["ada_status"], row["persistence"]) == ("INDUCED", "NOT DETERMINABLE")


def test_onset_span_and_duration():
    row = status("1 NEGATIVE\n22 NEGATIVE\n64 1.5\n127 1.6\n232 NEGATIVE")
    assert row["onset_weeks"] == 9  # 63 days after the first dose
    assert (row["span_days"], row["duration_days"]) == (63, 64)
    assert row["persistence"] == "TRANSIENT"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "PERSISTENT"),  # no cut: what is there is all there is
        ({"cut_date": on(250)}, "NOT DETERMINABLE"),  # on treatment, samples to come
        ({"cut_date": on(250), "death_date": on(240)}, "PERSISTENT"),
        ({"cut_date": on(300), "end_of_treatment_date": on(240)}, "PERSISTENT"),  # the last sample is overdue
        ({"cut_date": on(265), "end_of_treatment_date": on(240)}, "NOT DETERMINABLE"),  # and here not yet
    ],
)
def test_a_running_schedule_leaves_a_late_positive_open(changed, expected):
    result = derive("1 NEGATIVE\n127 NEGATIVE\n232 1.5", [subject(**changed)])
    assert result.subjects["persistence"].tolist() == [expected]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("1 NEGATIVE\n22 1.5\n22 POSITIVE 22 NAB", "POSITIVE"),
        ("1 NEGATIVE\n22 1.5\n22 NEGATIVE 22 NAB", "NEGATIVE"),
        ("1 NEGATIVE\n22 1.5\n64 1.6\n22 NEGATIVE 22 NAB", ""),  # one positive sample was not tested
        ("1 NEGATIVE\n22 1.5\n22 BLANK 22 NAB", ""),
        ("1 NEGATIVE\n22 1.5", ""),
        ("1 NEGATIVE\n22 NEGATIVE\n22 NEGATIVE 22 NAB", ""),  # not ADA-positive
    ],
)
def test_neutralising(lines, expected):
    assert status(lines)["neutralising"] == expected


def test_nominal_samples_by_name_plan_or_nearest_day():
    assert [tuple(sample) for sample in nominal_samples({"C2": 22, "FU": "last_dose + 30"})] == [
        ("C2", 22, False),
        ("FU", 30, True),
    ]
    people = frame_of([subject()], intake.SUBJECTS)
    frame = samples("1 NEGATIVE 1\n26 NEGATIVE 22\n60 NEGATIVE 60\n100 NEGATIVE 100\n264 NEGATIVE 264")
    frame.loc[3, "visit"] = "c7d1"
    table, _ = immunogenicity_table(frame, people, settings=SETTINGS)
    taken = table[table["sequence"] > 0].sort_values("sequence")
    assert taken["nominal_visit"].tolist() == ["C1D1", "C2D1", "C4D1", "C7D1", "FU"]
    assert taken["days_off"].tolist() == [0, 4, -4, -27, 2]
    assert taken["in_window"].tolist() == [True, True, True, False, True]


def test_a_sample_that_fits_no_visit_is_unscheduled_and_still_counts():
    result = derive("1 NEGATIVE 1\n90 1.5 90")
    row = result.samples[result.samples["sequence"] == 2].iloc[0]
    assert (row["nominal_visit"], row["nominal_day"], row["timing"]) == ("", 90, "POST")
    assert result.subjects["ada_status"].tolist() == ["INDUCED"]


def test_absent_samples_are_rows_missing_or_not_yet_due():
    people = [subject(last_dose_date=on(85), last_alive_date=on(100))]
    absent = derive("1 NEGATIVE 1\n22 NEGATIVE 22", people).samples.query("sequence == 0")
    assert absent.set_index("nominal_visit")["status"].to_dict() == {
        "C4D1": "NO SAMPLE",
        "C7D1": "NOT DUE",
        "C12D1": "NOT DUE",
        "FU": "NOT DUE",  # day 115, beyond the last day alive
    }


def test_without_a_known_last_dose_every_planned_sample_was_due():
    """Observed to day 100: C2 and C4 are missing, C7 and C12 had not come, FU has no day."""
    table = derive("1 NEGATIVE", [subject(last_dose_date=pd.NaT, last_alive_date=on(100))]).samples
    absent = table[table["sequence"] == 0].set_index("nominal_visit")["status"].to_dict()
    assert absent == {"C2D1": "NO SAMPLE", "C4D1": "NO SAMPLE", "C7D1": "NOT DUE", "C12D1": "NOT DUE"}


def test_nearest_sample_with_a_result_counts_for_the_visit():
    table = derive("1 NEGATIVE 1\n22 BLANK 22\n24 1.5 22\n27 NEGATIVE 22").samples
    assert table[table["counts_for_visit"]]["sequence"].tolist() == [1, 3]


PEOPLE = [subject(name) for name in "ABCDE"] + [subject("F", treated=False, first_dose_date=pd.NaT)]
STUDY = {"A": "1 NEGATIVE\n22 1.5", "B": "1 1.3\n22 1.9", "C": "1 1.3\n22 1.4", "D": "1 NEGATIVE"}


@pytest.fixture
def study():
    frames = [samples(text, name) for name, text in STUDY.items()]
    subjects = frame_of(PEOPLE, intake.SUBJECTS)
    return subjects, immunogenicity(pd.concat(frames, ignore_index=True), subjects, settings=SETTINGS)


def test_incidence_and_prevalence_print_both_denominators(study):
    subjects, result = study
    assert result.subjects["subject_id"].tolist() == ["A", "B", "C", "D", "E"]
    rows = safety_endpoints(
        empty(clinical.SAFETY), result.subjects, subjects, settings=CLINICAL | {"ada": SETTINGS}
    )
    shares = rows.set_index("statistic")
    assert shares[["n", "N"]].T.to_dict("list") == {
        "incidence of evaluable": [2, 3],
        "incidence of treated": [2, 5],
        "prevalence": [3, 4],
    }
    assert shares.loc["incidence of treated", "note"] == "1 treated subjects without a sample"


def test_lines_by_visit_and_subject(study):
    subjects, result = study
    settings = CLINICAL | {"ada": SETTINGS}
    lines = immunogenicity_lines(result.samples, result.subjects, subjects, settings=settings)
    second = lines[(lines["category"] == "C2D1") & (lines["term"] == "binding")].set_index("section")
    assert second.loc["ada_visit", ["n", "N"]].tolist() == [3, 3]
    titre = second.loc["ada_titre"]
    assert (titre["estimate"], titre["n"], titre["unit"]) == (1.5, 3, "log10 titre")
    categories = lines[lines["category"] == "ada_status"].set_index("level")["n"].to_dict()
    known = {"NEGATIVE": 0, "INDUCED": 1, "BOOSTED": 1, "UNAFFECTED": 1}
    assert categories == known | {"UNDETERMINED": 0, "INCONCLUSIVE": 0, "NOT EVALUABLE": 2}


def test_a_baseline_can_be_required():
    assert status("22 1.5", require_baseline=True)["ada_status"] == "NOT EVALUABLE"


def test_a_baseline_without_a_day_is_a_finding():
    """The positive C1D1 sample has no date and is no baseline: the later positives count as induced."""
    found = derive("? POSITIVE 1\n64 POSITIVE\n127 POSITIVE")
    assert found.subjects.loc[0, ["baseline_status", "ada_status"]].tolist() == ["", "INDUCED"]
    assert [(problem.check, problem.found) for problem in found.findings] == [
        ("ada_undated", "positive at an unnamed visit, without a day")
    ]


def test_order_of_samples_changes_nothing():
    text = "1 NEGATIVE\n22 1.5\n64 NEGATIVE\n127 1.6"
    people = frame_of([subject()], intake.SUBJECTS)
    forward = immunogenicity(samples(text), people, settings=SETTINGS)
    backward = immunogenicity(samples(text).iloc[::-1], people, settings=SETTINGS)
    pd.testing.assert_frame_equal(forward.subjects, backward.subjects)
    pd.testing.assert_frame_equal(forward.samples, backward.samples)


@pytest.mark.parametrize(
    ("lines", "status", "titre", "why"),
    [
        ("22 POSITIVE\n64 <1.40\n127 <1.20", "POSITIVE", 1.2, "the lowest limit of the study"),
        ("22 POSITIVE\n64 <1.40\n127 <1.00 127 NAB", "POSITIVE", 1.4, "of the binding assay"),
        ("22 <1.40\n64 <1.20", "POSITIVE", 1.4, "its own limit"),
        ("22 POSITIVE 22 NAB\n64 <1.40", "POSITIVE", None, "a neutralising result has no titre"),
        ("22 0\n64 <1.40", "NO RESULT", None, "0 is no titre"),
    ],
)
def test_titre_of_a_positive_sample_without_one(lines, status, titre, why):
    row = read_results(samples(lines), settings=SETTINGS)[0].iloc[0]
    assert (row["status"], None if pd.isna(row["titre"]) else row["titre"]) == (status, titre), why


@pytest.mark.parametrize(
    ("day", "visit", "planned", "nominal", "in_window", "why"),
    [
        (29, "UNS", 999, "C2D1", True, "7 days late"),
        (30, "UNS", 999, "", None, "8 days late"),
        (15, "UNS", 999, "C2D1", True, "7 days early"),
        (14, "UNS", 999, "", None, "8 days early"),
        (40, "c2d1", 64, "C2D1", False, "the name goes before the plan, whatever its case and day"),
        (29, "UNS", 64, "C4D1", False, "the plan goes before the day"),
        (262, "UNS", 999, "FU", True, "30 days after the last dose, day 232"),
    ],
)
def test_nominal_sample_at_its_borders(day, visit, planned, nominal, in_window, why):
    frame = samples(f"{day} NEGATIVE {planned}").assign(visit=visit)
    table, _ = immunogenicity_table(frame, frame_of([subject()], intake.SUBJECTS), settings=SETTINGS)
    row = table[table["sequence"] == 1].iloc[0]
    assert row["nominal_visit"] == nominal, why
    assert (None if pd.isna(row["in_window"]) else row["in_window"]) == in_window, why


@pytest.mark.parametrize(
    ("visit", "changed", "status", "why"),
    [
        ("C2D1", {"last_alive_date": on(29)}, "NO SAMPLE", "day 22 and its window have passed"),
        ("C2D1", {"last_alive_date": on(28)}, "NOT DUE", "a day of the window is left"),
        ("C2D1", {"last_alive_date": on(20), "death_date": on(29)}, "NO SAMPLE", "observed until death"),
        ("C2D1", {"last_alive_date": None, "cut_date": on(29)}, "NO SAMPLE", "else until the cut"),
        ("C2D1", {"last_alive_date": None}, "NOT DUE", "nothing is known"),
        ("C4D1", {"last_dose_date": on(57)}, "NO SAMPLE", "64 is 7 days after the last dose"),
        ("C4D1", {"last_dose_date": on(56)}, "NOT DUE", "8 days: no longer on the schedule"),
        ("FU", {"last_dose_date": on(57)}, "NO SAMPLE", "day 87, planned for after the last dose"),
    ],
)
def test_absent_samples_at_the_borders_of_the_schedule(visit, changed, status, why):
    people = frame_of([subject(**changed)], intake.SUBJECTS)
    table, _ = immunogenicity_table(samples("1 NEGATIVE"), people, settings=SETTINGS)
    assert table.set_index("nominal_visit").loc[visit, "status"] == status, why
