"""Safety tables: who is counted, in which order the lines stand, and over which exposure."""

import pandas as pd
import pytest

from clearher.clinical.adverse_events import adverse_event_table
from clearher.clinical.exposure import observed_days
from clearher.clinical.heart_function import ejection_fraction_lines, ejection_fraction_table
from clearher.clinical.immunogenicity import immunogenicity
from clearher.clinical.laboratory import laboratory_lines, laboratory_table
from clearher.clinical.safety import (
    event_lines,
    overview_lines,
    safety_population,
    safety_table,
    special_interest_lines,
)
from clearher.clinical.safety_endpoints import safety_endpoints
from clearher.clinical.safety_tables import safety_tables
from clearher.columns import clinical, intake
from clearher.intake.config import defaults
from clearher.tables import conform, empty, frame_of

DAY = pd.Timestamp("2024-01-01")
SETTINGS = defaults("clinical")
LISTED = pd.DataFrame([("ILD", "pt", "Pneumonitis")], columns=["category", "match", "term"])


def on(day: int) -> pd.Timestamp:
    """Date of a study day (no day 0)."""
    return DAY + pd.Timedelta(days=day - 1 if day > 0 else day)


def people(**last_dose_days):
    rows = [
        {
            "subject_id": name,
            "arm": "one" if name in "AB" else "two",
            "screen_failure": False,
            "treated": True,
            "first_dose_date": DAY,
            "last_dose_date": on(last),
        }
        for name, last in last_dose_days.items()
    ]
    rows.append({"subject_id": "Z", "arm": "two", "screen_failure": True, "treated": False})
    rows.append({"subject_id": "Y", "arm": "two", "screen_failure": False, "treated": False})
    return frame_of(rows, intake.SUBJECTS)


SUBJECTS = people(A=100, B=100, C=100, D=10)
EVENTS = """A Gut Nausea 5 1
A Gut Nausea 9 3
A Gut Vomiting 9 2
B Gut Nausea 7 2
B Lung Pneumonitis 20 4
C Lung Cough 30 -
C Gut Nausea 500 4
D Lung Pneumonitis 12 5"""


def events():
    rows = []
    for number, line in enumerate(EVENTS.splitlines(), 1):
        who, soc, term, day, grade = line.split()
        rows.append({"subject_id": who, "sequence": number, "soc": soc, "preferred_term": term})
        rows[-1] |= {"start_text": on(int(day)).strftime("%Y-%m-%d"), "related": "RELATED"}
        rows[-1] |= {"grade": None if grade == "-" else int(grade), "serious": term == "Pneumonitis"}
        rows[-1] |= {"fatal": grade == "5", "outcome": "FATAL" if grade == "5" else "RECOVERED/RESOLVED"}
    frame = frame_of(rows, intake.ADVERSE_EVENTS)
    return adverse_event_table(
        frame, SUBJECTS, empty(intake.DOSES), LISTED, settings=SETTINGS["adverse_events"]
    )[0]


@pytest.fixture(scope="module")
def table():
    return conform(
        safety_table(events(), SUBJECTS, [], categories=["ILD"], settings=SETTINGS), clinical.SAFETY
    )


def line(table, section, category, term="", level="any", group="all"):
    rows = table[
        (table["section"] == section)
        & (table["category"] == category)
        & (table["term"] == term)
        & (table["level"] == level)
        & (table["group"] == group)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize(
    ("category", "n", "records"),
    [
        ("any", 4, 7),  # the event of day 500 lies beyond 30 days after the last dose
        ("grade >= 3", 3, 3),
        ("grade not recorded", 1, 1),
        ("serious", 2, 2),
        ("fatal", 1, 1),
        ("special interest", 2, 2),
    ],
)
def test_overview_counts_a_subject_once(table, category, n, records):
    row = line(table, "overview", category)
    assert (row["n"], row["N"], row["events"]) == (n, 4, records)
    assert row["estimate"] == n / 4


def test_what_no_event_has_recorded_is_not_zero(table):
    """The events of this study have no action: nobody knows whether the drug was stopped."""
    assert line(table, "overview", "action not recorded")["n"] == 4
    row = line(table, "overview", "led to discontinuation")
    assert row[["n", "events", "estimate", "low", "high"]].isna().all()
    assert row["method"] == "not known: no event has it recorded"
    ungraded = events().assign(grade=pd.array([pd.NA] * 8, dtype="Int64"))
    found = conform(
        safety_table(ungraded, SUBJECTS, [], categories=["ILD"], settings=SETTINGS), clinical.SAFETY
    )
    assert pd.isna(line(found, "overview", "grade >= 3")["n"])
    assert line(found, "overview", "grade not recorded")["n"] == 4
    assert pd.isna(line(found, "aesi", "ILD", level="grade >= 3")["n"])
    exposed = found.loc[found["section"] == "exposure_adjusted", "category"]
    assert "grade not recorded" in set(exposed)
    assert "grade >= 3" not in set(exposed), "a rate of 0 would say that none was severe"
    endpoints = safety_endpoints(found, empty(clinical.IMMUNOGENICITY_SUBJECTS), SUBJECTS, settings=SETTINGS)
    row = endpoints[(endpoints["statistic"] == "grade >= 3") & (endpoints["group"] == "all")].iloc[0]
    assert pd.isna(row["n"])
    assert row["note"].endswith("not known: no event has it recorded")


OVERVIEW = """subject related causality grade serious fatal interrupted reduced discontinued aesi
A y y 3 y n y n n ILD
A n y 2 n n n n n -
B y y 2 y n n y n -
B n y 4 n n n n n -
C y n 3 n n ? ? ? -
D n y - ? y n n y ILD"""


def recorded(text: str) -> pd.DataFrame:
    """Emergent events from a table: y, n, ? (not known); grade - is missing, aesi - is none."""
    names, *lines = (line.split() for line in text.splitlines())
    frame = pd.DataFrame([dict(zip(names, line, strict=True)) for line in lines])
    for name in names[1:3] + names[4:9]:
        frame[name] = frame[name].map({"y": True, "n": False}).astype("boolean")
    frame["grade"] = pd.to_numeric(frame["grade"], errors="coerce").astype("Int64")
    known = {"causality_recorded": frame["causality"].astype(bool), "related": frame["related"].astype(bool)}
    frame = frame.assign(aesi=frame["aesi"].replace("-", ""), treatment_emergent=True, **known)
    return frame.rename(columns={"subject": "subject_id"})


@pytest.mark.parametrize(
    ("category", "n", "records"),
    [
        ("any", 4, 6),
        ("related", 3, 3),  # A, B, C
        ("no causality recorded", 1, 1),  # C
        ("grade >= 3", 3, 3),  # A, B, C
        ("related, grade >= 3", 2, 2),  # A and C: of B one event is related, another severe
        ("grade not recorded", 1, 1),  # D
        ("serious", 2, 2),
        ("related, serious", 2, 2),
        ("seriousness not recorded", 1, 1),
        ("fatal", 1, 1),
        ("led to interruption", 1, 1),
        ("led to reduction", 1, 1),
        ("led to discontinuation", 1, 1),
        ("action not recorded", 1, 1),
        ("special interest", 2, 2),
    ],
)
def test_each_line_of_the_overview(category, n, records):
    lines = {line["category"]: line for line in overview_lines(recorded(OVERVIEW), 5, 0.95)}
    assert (lines[category]["n"], lines[category]["events"], lines[category]["N"]) == (n, records, 5)


def test_related_and_severe_is_not_known_where_no_related_event_has_a_grade():
    """Unrelated events are no evidence that none was severe; without a related event there is none."""
    ungraded = recorded(OVERVIEW).assign(grade=pd.array([pd.NA, 2, pd.NA, 4, pd.NA, 1], dtype="Int64"))
    lines = {line["category"]: line for line in overview_lines(ungraded, 5, 0.95)}
    assert lines["related, grade >= 3"]["n"] is None
    assert lines["grade >= 3"]["n"] == 1
    unrelated = ungraded.assign(related=False)
    lines = {line["category"]: line for line in overview_lines(unrelated, 5, 0.95)}
    assert lines["related, grade >= 3"]["n"] == 0


def test_groups_of_the_worst_grade(table):
    text = "subject grade soc preferred_term\nA 1 G t\nA 2 G t\nB 3 G t\nC 4 G t\nD 5 G t\nE - G t"
    names, *lines = (row.split() for row in text.splitlines())
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in lines])
    frame["grade"] = pd.to_numeric(frame["grade"], errors="coerce").astype("Int64")
    events_of = recorded(OVERVIEW).iloc[[0] * 6].reset_index(drop=True).drop(columns=["subject_id", "grade"])
    emergent = events_of.join(frame.rename(columns={"subject": "subject_id"})).assign(
        start_day=1, duration_days=1, outcome="", near_dose=pd.NA, start_date=DAY
    )
    people_of = people(A=9, B=9, C=9, D=9, E=9)
    treated = people_of[people_of["treated"]]
    lines = event_lines(emergent, treated, categories=[], settings=SETTINGS)
    worst = {
        line["level"]: (line["n"], line["events"])
        for line in lines
        if line["section"] == "worst_grade" and line["term"] == "t"
    }
    assert worst == {"1-2": (1, 2), "3-4": (2, 2), "5": (1, 1), "not recorded": (1, 1)}


def test_some_recorded_actions_are_counted():
    acted = events()
    acted["discontinued"] = pd.array([True] + [pd.NA] * 6 + [False], dtype="boolean")
    found = conform(safety_table(acted, SUBJECTS, [], categories=["ILD"], settings=SETTINGS), clinical.SAFETY)
    assert line(found, "overview", "led to discontinuation")["n"] == 1


def test_denominator_is_the_treated_of_the_group(table):
    assert line(table, "overview", "any", group="arm=one")["N"] == 2
    assert (
        line(table, "overview", "any", group="arm=two")["N"] == 2
    )  # neither Y (no dose) nor Z (screened out)


def test_classes_by_frequency_then_terms_ties_by_name(table):
    part = table[(table["section"] == "soc_pt") & (table["group"] == "all")]
    assert part[["category", "term", "n"]].values.tolist() == [
        ["Lung", "", 3],
        ["Lung", "Pneumonitis", 2],
        ["Lung", "Cough", 1],
        ["Gut", "", 2],
        ["Gut", "Nausea", 2],
        ["Gut", "Vomiting", 1],
    ]


def test_each_subject_stands_at_the_highest_grade_of_the_line(table):
    counts = {
        level: line(table, "worst_grade", "Gut", "Nausea", level)["n"]
        for level in ("1-2", "3-4", "5", "not recorded")
    }
    assert counts == {"1-2": 1, "3-4": 1, "5": 0, "not recorded": 0}
    assert line(table, "worst_grade", "Lung", "Cough", "not recorded")["n"] == 1
    assert line(table, "worst_grade", "Gut", "Nausea", "1-2")["events"] == 2  # records, also of A's first one


def test_special_interest_with_onset_and_outcome(table):
    assert line(table, "aesi", "ILD", level="grade >= 3")["n"] == 2
    onset = line(table, "aesi_onset", "ILD", level="median")
    assert (onset["estimate"], onset["low"], onset["high"]) == (16, 12, 20)
    assert line(table, "aesi_outcome", "ILD", level="FATAL")["n"] == 1


def test_onset_is_the_first_event_of_a_subject_and_outcomes_are_lines():
    rows = pd.DataFrame(
        {
            "subject_id": ["A", "A", "B"],
            "start_day": [20, 9, 30],
            "duration_days": [4, 2, None],
            "grade": pd.array([2, 3, 1], dtype="Int64"),
            "serious": pd.array([False] * 3, dtype="boolean"),
            "outcome": ["RECOVERED", "RECOVERED", ""],
            "aesi": "ILD",
            "treatment_emergent": True,
        }
    )
    lines = {
        (line["section"], line["level"]): line for line in special_interest_lines(rows, 4, 0.95, ["ILD"])
    }
    assert lines["aesi", "grade >= 3"]["n"] == 1
    onset, duration = lines["aesi_onset", "median"], lines["aesi_duration", "median"]
    assert (onset["n"], onset["estimate"], onset["low"], onset["high"]) == (2, 19.5, 9, 30)
    assert (duration["n"], duration["N"], duration["estimate"]) == (2, 3, 3)
    assert (lines["aesi_outcome", "RECOVERED"]["n"], lines["aesi_outcome", "RECOVERED"]["events"]) == (1, 2)
    assert lines["aesi_outcome", "not recorded"]["n"] == 1


def test_lines_are_numbered_from_1_in_each_section_of_a_group(table):
    for _, rows in table.groupby(["group", "section"]):
        assert rows["line"].tolist() == list(range(1, len(rows) + 1))
    assert line(table, "soc_pt", "Gut", "Nausea")["level"] == "any"


def test_unknown_treatment_is_no_treatment():
    rows = [{"subject_id": "A", "treated": True}, {"subject_id": "B", "treated": None},
            {"subject_id": "C", "treated": True, "screen_failure": True}]  # fmt: skip
    assert safety_population(frame_of(rows, intake.SUBJECTS))["subject_id"].tolist() == ["A"]


def test_a_category_that_nobody_had_has_lines_of_zero():
    """A physician looks for interstitial lung disease also where there was none."""
    named = ["ILD", "Infusion-related reaction"]
    made = safety_table(events(), SUBJECTS, [], categories=named, settings=SETTINGS)
    found = conform(made, clinical.SAFETY)
    for level in ("any", "grade >= 3", "serious"):
        row = line(found, "aesi", "Infusion-related reaction", level=level)
        assert (row["n"], row["N"], round(row["high"], 4)) == (0, 4, 0.6024)
    assert set(found.loc[found["section"] == "aesi_onset", "category"]) == {"ILD"}


def test_exposure_ends_at_the_first_event_or_with_the_window(table):
    row = line(table, "exposure_adjusted", "Gut", "Nausea")
    # A until day 5, B until day 7, C and D until 30 days after the last dose: 130 and 40 days
    assert row["subject_years"] == pytest.approx((5 + 7 + 130 + 40) / 365.25)
    assert row["estimate"] == pytest.approx(100 * 2 / row["subject_years"])


def test_exposure_ends_at_death_and_at_the_cut():
    frame = people(A=100, B=100, C=100)
    frame.loc[0, "death_date"] = on(50)
    frame["cut_date"] = on(120)
    frame.loc[2, "last_dose_date"] = pd.NaT
    frame.loc[2, "last_alive_date"] = on(70)
    assert observed_days(frame, window_days=30).tolist()[:3] == [50, 120, 70]


def test_a_study_without_emergent_events_has_lines_of_zero():
    """Events were recorded, none under treatment."""
    before = events().assign(treatment_emergent=False)
    table = conform(
        safety_table(before, SUBJECTS, [], categories=["ILD"], settings=SETTINGS), clinical.SAFETY
    )
    row = line(table, "overview", "any")
    assert (row["n"], row["N"], round(row["high"], 4)) == (0, 4, 0.6024)
    assert line(table, "aesi", "ILD")["n"] == 0
    assert set(table["section"]) == {"overview", "aesi", "exposure_adjusted"}


def test_a_study_that_recorded_no_events_says_so_and_gives_no_zero():
    nobody = {
        "subjects": SUBJECTS,
        "adverse_events": empty(intake.ADVERSE_EVENTS),
        "doses": empty(intake.DOSES),
        "labs": empty(intake.LABS),
    }
    tables = safety_tables(
        nobody,
        empty(clinical.IMMUNOGENICITY),
        empty(clinical.IMMUNOGENICITY_SUBJECTS),
        LISTED,
        settings=SETTINGS,
    )
    assert tables.safety.empty
    assert tables.endpoints.empty
    assert [problem.check for problem in tables.findings] == ["adverse_events_absent"]


def test_incidences_in_the_layout_of_endpoints(table):
    antibodies = immunogenicity(empty(intake.ADA), SUBJECTS, settings=SETTINGS["ada"]).subjects
    endpoints = safety_endpoints(table, antibodies, SUBJECTS, settings=SETTINGS)
    row = endpoints[
        (endpoints["endpoint"] == "AE") & (endpoints["statistic"] == "any") & (endpoints["group"] == "all")
    ]
    assert row[["n", "N", "estimate", "unit"]].values.tolist() == [[4, 4, 1.0, "fraction"]]
    assert "ILD: any" in set(endpoints["statistic"])
    assert "ADA" not in set(endpoints["endpoint"])  # no samples: no row, rather than 0 of 4


LABS = """A ALT -1 30 .
A ALT 1 35 .
A ALT 20 90 1
A ALT 40 45 1
A ALT 40 300 3
A ALT 131 900 4
B ALT 20 30 .
C ALT 1 50 1
C ALT 30 60 1
C ALT 31 . ."""


def labs(unit="U/L", text=LABS):
    rows = []
    for number, record in enumerate(text.splitlines(), 1):
        who, parameter, day, value, grade = record.split()
        rows.append({"subject_id": who, "sequence": number, "parameter": parameter, "date": on(int(day))})
        rows[-1] |= {"value": None if value == "." else float(value), "low": 10.0, "high": 40.0, "unit": unit}
        rows[-1] |= {"grade": None if grade == "." else int(grade)}
    return frame_of(rows, intake.LABS)


def test_laboratory_baseline_and_worst_value():
    table, problems = laboratory_table(labs(), SUBJECTS, settings=SETTINGS["laboratory"])
    rows = table[table["direction"] == "high"].set_index("subject_id")
    assert problems == []
    assert rows.loc["A", ["baseline_value", "baseline_state"]].tolist() == [35.0, "normal"]
    assert rows.loc["A", ["worst_value", "worst_state", "n_post"]].tolist() == [300.0, "grade 3", 3]
    assert rows["emergent"].tolist() == [True, pd.NA, False]  # B has no baseline, C was grade 1 before
    low = table[table["direction"] == "low"].set_index("subject_id")
    assert low.loc["A", ["worst_state", "worst_value"]].tolist() == ["normal", 45.0]


def test_laboratory_lines_count_subjects_with_both_values():
    table, _ = laboratory_table(labs(), SUBJECTS, settings=SETTINGS["laboratory"])
    lines = laboratory_lines(table, SUBJECTS, settings=SETTINGS)
    emergent = line(lines, "laboratory_emergent", "ALT (U/L)", "high", "emergent")
    assert (emergent["n"], emergent["N"]) == (1, 2)
    assert line(lines, "laboratory_shift", "ALT (U/L)", "high", "normal to grade 3")["n"] == 1


PANEL = """A ALT 1 30 .
A ALT 20 90 1
A AST 1 30 .
A AST 20 300 3
B ALT 1 30 .
B ALT 20 30 .
B K 1 30 .
B K 20 50 .
C ALT 1 300 3
C ALT 20 300 3
D ALT 1 30 ."""


@pytest.mark.parametrize(
    ("category", "term", "level", "n", "of", "why"),
    [
        (
            "any parameter",
            "",
            "emergent",
            2,
            3,
            "A twice, counted once; B; C no worse; D without a later value",
        ),
        ("any parameter", "", "emergent, grade >= 3", 1, 3, "A by AST; C had grade 3 before"),
        ("ALT (U/L)", "high", "emergent", 1, 3, "A"),
        ("ALT (U/L)", "high", "emergent, grade >= 3", 0, 3, "A is grade 1, C was grade 3 before"),
        ("AST (U/L)", "high", "emergent, grade >= 3", 1, 1, "A"),
        ("K (U/L)", "high", "emergent", 1, 1, "B, by the limit"),
    ],
)
def test_incidence_of_abnormal_laboratory_values(category, term, level, n, of, why):
    table, _ = laboratory_table(labs(text=PANEL), SUBJECTS, settings=SETTINGS["laboratory"])
    found = line(
        laboratory_lines(table, SUBJECTS, settings=SETTINGS), "laboratory_emergent", category, term, level
    )
    assert (found["n"], found["N"]) == (n, of), why


def test_ungraded_values_have_no_line_of_grades():
    """Nobody with grade 3 or more would be a claim about values that have no grade."""
    table, _ = laboratory_table(labs(text=PANEL), SUBJECTS, settings=SETTINGS["laboratory"])
    lines = laboratory_lines(table, SUBJECTS, settings=SETTINGS)
    levels = lines[lines["section"] == "laboratory_emergent"].groupby("category")["level"].agg(set)
    assert levels["K (U/L)"] == {"emergent"}
    assert levels["ALT (U/L)"] == {"emergent", "emergent, grade >= 3"}


def test_abnormal_laboratory_values_are_an_endpoint():
    """The protocol's third incidence, beside adverse and serious adverse events."""
    table, _ = laboratory_table(labs(text=PANEL), SUBJECTS, settings=SETTINGS["laboratory"])
    lines = laboratory_lines(table, SUBJECTS, settings=SETTINGS)
    nobody = empty(clinical.IMMUNOGENICITY_SUBJECTS)
    rows = safety_endpoints(lines, nobody, SUBJECTS, settings=SETTINGS).query("group == 'all'")
    rows = rows.set_index("statistic")
    assert set(rows["endpoint"]) == {"LAB"}
    assert rows.loc["any parameter: emergent", ["n", "N"]].tolist() == [2, 3]
    assert rows.loc["AST (U/L), high: emergent, grade >= 3", "n"] == 1


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"value": 50.0, "indicator": "HIGH"}, "abnormal"),  # no grade
        ({"value": 50.0, "indicator": "NORMAL", "grade": 2}, "normal"),  # the indicator says so
        ({"value": 50.0}, "abnormal"),  # by the limit
        ({"value": 5.0, "grade": 2}, "normal"),  # on the other side of the range
    ],
)
def test_what_makes_a_value_abnormal(row, expected):
    base = {"subject_id": "A", "parameter": "ALT", "unit": "", "low": 10.0, "high": 40.0}
    frame = frame_of([base | {"sequence": 1, "date": on(5)} | row], intake.LABS)
    table, _ = laboratory_table(frame, SUBJECTS, settings=SETTINGS["laboratory"])
    assert table.set_index("direction").loc["high", "worst_state"] == expected


FRACTIONS = """A 1 62 %
A 30 55 %
A 60 49 %
A 200 30 %
B 1 58 %
B 40 49 %
C 1 60 %
D 20 45 %
Y 1 60 %"""


def fractions(unit="%"):
    rows = []
    for number, text in enumerate(FRACTIONS.splitlines(), 1):
        who, day, value, _ = text.split()
        row = {"subject_id": who, "domain": "CV", "sequence": number, "date": on(int(day)), "unit": unit}
        rows.append(row | {"parameter": "LVEF", "value": float(value)})
    return frame_of(rows, intake.LABS)


def test_ejection_fraction_must_fall_far_and_end_low():
    """A: 62 to 49, a fall (day 200 lies beyond the window); B: 58 to 49, 9 points; C: no later value;
    D: no baseline; Y was never treated."""
    table, problems = ejection_fraction_table(fractions(), SUBJECTS, settings=SETTINGS["laboratory"])
    assert problems == []
    rows = table.set_index("subject_id")
    assert rows["dysfunction"].to_dict() == {"A": True, "B": False, "C": None, "D": None}
    assert rows.loc[
        "A", ["baseline_percent", "lowest_percent", "fall_points", "lowest_day", "n_post"]
    ].tolist() == [
        62.0,
        49.0,
        13.0,
        60,
        2,
    ]


@pytest.mark.parametrize(
    ("values", "expected", "why"),
    [
        ([(-10, 70.0), (1, 60.0), (20, 55.0)], (60.0, 55.0, 1), "the last up to the first dose, its day too"),
        ([(1, 60.0), (20, 50.0), (40, 55.0)], (60.0, 50.0, 2), "the lowest, not the last"),
        ([(1, 60.0), (130, 45.0)], (60.0, 45.0, 1), "30 days after the last dose, day 100"),
        ([(1, 60.0), (131, 45.0)], (60.0, None, 0), "a day later"),
        ([(1, 60.0), (20, None)], (60.0, None, 0), "a record without a number is no value"),
    ],
)
def test_which_ejection_fractions_are_compared(values, expected, why):
    rows = [
        {"subject_id": "A", "domain": "CV", "sequence": n, "date": on(day), "unit": "%", "parameter": "LVEF"}
        | {"value": value}
        for n, (day, value) in enumerate(values, 1)
    ]
    table, _ = ejection_fraction_table(frame_of(rows, intake.LABS), SUBJECTS, settings=SETTINGS["laboratory"])
    row = table.iloc[0]
    lowest = None if pd.isna(row["lowest_percent"]) else row["lowest_percent"]
    assert (row["baseline_percent"], lowest, row["n_post"]) == expected, why


def test_another_parameter_is_no_ejection_fraction():
    rows = [{"subject_id": "A", "domain": "LB", "sequence": 1, "date": on(1), "unit": "%", "value": 60.0}]
    records = frame_of([row | {"parameter": "HCT"} for row in rows], intake.LABS)
    assert ejection_fraction_table(records, SUBJECTS, settings=SETTINGS["laboratory"])[0].empty


@pytest.mark.parametrize(
    ("baseline", "lowest", "expected"), [(60.0, 50.0, False), (59.9, 49.9, True), (59.8, 49.9, False)]
)
def test_limits_of_the_fall(baseline, lowest, expected):
    """Below 50 and 10 points or more, compared as written: 59.9 - 49.9 is 10."""
    rows = [
        {"subject_id": "A", "domain": "CV", "sequence": n, "date": on(day), "unit": "%", "parameter": "LVEF"}
        | {"value": value}
        for n, (day, value) in enumerate([(1, baseline), (20, lowest)], 1)
    ]
    table, _ = ejection_fraction_table(frame_of(rows, intake.LABS), SUBJECTS, settings=SETTINGS["laboratory"])
    assert table["dysfunction"].tolist() == [expected]


def test_measured_falls_stand_beside_coded_events():
    """Coded in C, measured in A: one of two with both values, two of four treated."""
    table, _ = ejection_fraction_table(fractions(), SUBJECTS, settings=SETTINGS["laboratory"])
    coded = events().assign(aesi="")
    coded.loc[coded["subject_id"] == "C", "aesi"] = "Left ventricular dysfunction"
    lines = ejection_fraction_lines(table, coded, SUBJECTS, settings=SETTINGS)
    mine = lines[lines["group"] == "all"].set_index("level")
    assert mine[["n", "N"]].T.to_dict("list") == {
        "fall of 10 points or more to below 50 %": [1, 2],
        "such a fall or a coded event": [2, 4],
    }


def test_ejection_fraction_in_another_unit_is_a_finding():
    table, problems = ejection_fraction_table(fractions(""), SUBJECTS, settings=SETTINGS["laboratory"])
    assert table.empty
    assert [problem.found for problem in problems] == ["9 ejection fractions in no unit"]
    lines = ejection_fraction_lines(table, events(), SUBJECTS, settings=SETTINGS)
    assert lines.empty


def test_infusion_reactions_by_their_time_after_a_dose():
    """A on the day of a dose, B the day after one (not known), C a week later."""
    given = [{"subject_id": name, "sequence": 1, "start_text": "2024-01-22"} for name in "ABC"]
    happened = {"A": "2024-01-22", "B": "2024-01-23", "C": "2024-01-29"}
    rows = [
        {"subject_id": name, "sequence": 1, "preferred_term": "Infusion related reaction", "start_text": text}
        for name, text in happened.items()
    ]
    listed = pd.DataFrame(
        [("Infusion-related reaction", "pt", "Infusion related reaction")], columns=LISTED.columns
    )
    found, _ = adverse_event_table(
        frame_of(rows, intake.ADVERSE_EVENTS),
        SUBJECTS,
        frame_of(given, intake.DOSES),
        listed,
        settings=SETTINGS["adverse_events"],
    )
    table = safety_table(found, SUBJECTS, [], categories=["ILD"], settings=SETTINGS)
    lines = table[(table["section"] == "aesi_infusion") & (table["group"] == "all")].set_index("level")
    assert lines[["n", "N"]].T.to_dict("list") == {
        "within 24 h of a dose": [1, 4],
        "time after a dose not known": [1, 4],
    }


def test_two_units_are_two_lines_and_a_finding():
    mixed = pd.concat([labs("U/L"), labs("ukat/L").assign(sequence=lambda frame: frame["sequence"] + 50)])
    table, problems = laboratory_table(mixed, SUBJECTS, settings=SETTINGS["laboratory"])
    assert sorted(set(table["unit"])) == ["U/L", "ukat/L"]
    assert [problem.check for problem in problems] == ["lab_units_mixed"]


def one_subject_labs(*records):
    rows = [
        {"subject_id": "A", "domain": "LB", "sequence": number, "parameter": "X", "unit": "U/L", **record}
        for number, record in enumerate(records, 1)
    ]
    return frame_of(rows, intake.LABS)


LIMITS = {"low": 10.0, "high": 40.0}


@pytest.mark.parametrize(
    ("before", "after", "day", "expected", "why"),
    [
        ((30.0, None), (40.0, None), 20, ("normal", False), "the limit itself is normal"),
        ((30.0, None), (40.1, None), 20, ("abnormal", True), "above it"),
        ((50.0, None), (50.0, 1), 20, ("grade 1", True), "abnormal without a grade is less than grade 1"),
        ((50.0, 1), (50.0, None), 20, ("abnormal", False), "and not more"),
        ((90.0, 2), (90.0, 2), 20, ("grade 2", False), "the same grade"),
        ((90.0, 2), (95.0, 3), 20, ("grade 3", True), "a higher one"),
        ((30.0, None), (90.0, 2), 130, ("grade 2", True), "30 days after the last dose, day 100"),
        ((30.0, None), (90.0, 2), 131, ("", pd.NA), "a day later"),
    ],
)
def test_what_became_abnormal(before, after, day, expected, why):
    records = [
        {"date": on(when), "value": value, "grade": grade, **LIMITS}
        for when, (value, grade) in ((1, before), (day, after))
    ]
    table, _ = laboratory_table(one_subject_labs(*records), SUBJECTS, settings=SETTINGS["laboratory"])
    row = table.set_index("direction").loc["high"]
    assert (row["worst_state"], row["emergent"]) == expected if expected[0] else pd.isna(row["emergent"]), why
    assert row["n_post"] == (1 if expected[0] else 0), why


def test_the_lower_limit_is_normal_too():
    records = [{"date": on(day), "value": value, **LIMITS} for day, value in ((1, 10.0), (20, 9.9))]
    table, _ = laboratory_table(one_subject_labs(*records), SUBJECTS, settings=SETTINGS["laboratory"])
    row = table.set_index("direction").loc["low"]
    assert row[["baseline_state", "worst_state"]].tolist() == ["normal", "abnormal"]


def test_a_single_limit_judges_its_own_side():
    records = [{"date": on(20), "value": 50.0, "high": 40.0}]
    table, problems = laboratory_table(one_subject_labs(*records), SUBJECTS, settings=SETTINGS["laboratory"])
    assert table[["direction", "worst_state"]].values.tolist() == [["high", "abnormal"]]
    assert problems == []


def test_laboratory_text_does_not_borrow_the_number_of_another_record():
    """The last value before the dose is "<10", marked LOW: no number, and not the 20 of the day before."""
    records = one_subject_labs(
        {"date": on(-2), "value": 20.0, **LIMITS},
        {"date": on(-1), "value": None, "indicator": "LOW"},
        {"date": on(20), "value": 50.0, **LIMITS},
        {"date": on(30), "value": None, "indicator": "HIGH"},
    )
    table, problems = laboratory_table(records, SUBJECTS, settings=SETTINGS["laboratory"])
    rows = table.set_index("direction")
    assert rows.loc["low", ["baseline_date", "baseline_state"]].tolist() == [on(-1), "abnormal"]
    assert rows["baseline_value"].isna().all()
    assert rows.loc["high", ["worst_value", "worst_date"]].tolist() == [50.0, on(20)]
    assert problems == []


SILENT = [
    # records, check, what was found, why
    ([{"date": on(20), "value": 300.0}], "lab_not_judged", "1 value without", "no limits, no indicator"),
    (
        [{"date": on(20), "value": 300.0, "grade": 3, "low": 10.0, "high": 400.0}],
        "lab_grade_unused",
        "grade 1 or more of 1 within the range",
        "grade 3 inside the limits",
    ),
    (
        [{"date": on(-2), "value": 20.0, "unit": "", **LIMITS}, {"date": on(20), "value": 90.0, **LIMITS}],
        "lab_units_mixed",
        "units (none), U/L",
        "a unit is missing",
    ),
]


@pytest.mark.parametrize(("records", "check", "found", "why"), SILENT)
def test_laboratory_values_that_count_nowhere_are_findings(records, check, found, why):
    _, problems = laboratory_table(one_subject_labs(*records), SUBJECTS, settings=SETTINGS["laboratory"])
    assert [problem.check for problem in problems] == [check], why
    assert problems[0].found.startswith(found)


def test_graded_value_without_limits_is_in_no_line_and_said():
    records = one_subject_labs({"date": on(20), "value": 300.0, "grade": 3})
    table, problems = laboratory_table(records, SUBJECTS, settings=SETTINGS["laboratory"])
    assert table.empty
    assert [problem.check for problem in problems] == ["lab_not_judged", "lab_grade_unused"]
