"""Population expressions: three-valued logic, reasons, and messages for expressions that cannot be used."""

import pandas as pd
import pytest

from clearher.clinical.populations import population_table, subject_variables
from clearher.columns import clinical, intake
from clearher.intake.population_expressions import (
    ExpressionError,
    check_expressions,
    check_names,
    example_row,
    members,
    nameable,
    truth,
)
from clearher.problems import InputError
from clearher.tables import frame_of
from clinical_builders import none_of, subjects


@pytest.fixture
def people():
    frame = pd.DataFrame(
        {
            "subject_id": ["a", "b", "c"],
            "treated": pd.array([True, False, None], dtype="boolean"),
            "arm": ["A", "B", ""],
            "age": [50.0, 70.0, float("nan")],
            "n": pd.array([2, 0, None], dtype="Int64"),
        }
    )
    return frame.assign(started=pd.to_datetime(["2024-01-01", None, "2024-02-01"]))


EXPRESSIONS = [
    # expression, truth for a b c (None: cannot be told)
    ("treated", [True, False, None]),
    ("not treated", [False, True, None]),
    ("treated and age > 40", [True, False, None]),
    ("treated or age > 60", [True, True, None]),
    ("treated or true", [True, True, True]),
    ("treated and false", [False, False, False]),
    ("arm == 'A'", [True, False, None]),
    ("arm in ['A', 'C']", [True, False, None]),
    ("arm not in ['A', 'C']", [False, True, None]),
    ("40 < age <= 60", [True, False, None]),
    ("n > 0", [True, False, None]),
    ("n != -1", [True, True, None]),
    ("known(arm)", [True, True, False]),
    ("known(age) and not treated", [False, True, False]),
    ("known(started)", [True, False, True]),
    ("treated == true", [True, False, None]),
    ("started >= '2024-02-01'", [False, None, True]),
]


@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
def test_truth_of_expressions(people, expression, expected):
    found = truth(people, expression)
    assert [None if pd.isna(value) else bool(value) for value in found] == expected


def test_what_cannot_be_told_is_no_member(people):
    assert members(people, "age > 40").tolist() == [True, True, False]
    assert members(people, "not (age > 40)").tolist() == [False, False, False]


def test_reasons_name_the_terms_that_fail(people):
    table = population_table(people, {"old": "treated and age > 60"})
    assert table["included"].tolist() == [False, False, False]
    assert table["why_not"].tolist() == [
        "not age > 60",
        "not treated",
        "not known: treated; not known: age > 60",
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("treted", "unknown column treted"),
        ("treated and", "cannot be read"),
        ("__import__('os')", "only function is known"),
        ("age.mean()", "only function is known"),
        ("lambda: 1", "not allowed"),
    ],
)
def test_unusable_expressions_are_listed_with_a_hint(people, expression, message):
    with pytest.raises(InputError, match=message):
        population_table(people, {"mine": expression, "fine": "treated"})


def test_hint_names_the_nearest_column(people):
    (problem,) = check_expressions({"mine": "treted"}, example_row(people))
    assert problem.remedy == "Did you mean treated?"


@pytest.mark.parametrize("expression", ["age", "arm > 3", "arm in 'A'", "started > 3", "started > 'soon'"])
def test_expressions_of_the_wrong_kind(people, expression):
    """The same verdict from the data and, before any job runs, from a row of examples."""
    with pytest.raises(ExpressionError):
        members(people, expression)
    assert len(list(check_expressions({"mine": expression}, example_row(people)))) == 1


def test_examples_have_every_column_the_data_will_have():
    people = subjects("a").assign(ecog=1.0, site="X")
    frame = subject_variables(
        people,
        frame_of([], clinical.RESPONSES),
        frame_of([], intake.SAMPLES),
        none_of(intake.HER2),
        "INVESTIGATOR",
    )
    assert set(nameable(people).columns) == set(frame.columns)
    assert not list(
        check_expressions({"mine": "ecog <= 1 and bor_day > 40 and site == 'X'"}, nameable(people))
    )


def test_named_populations_must_be_declared():
    config = {
        "clinical": {"population": "treatd", "populations": {"treated": "treated", "mine": "true"}},
        "association": {
            "population": "treated",
            "analyses": [{"id": "a"}, {"id": "b", "population": "mine"}, {"id": "c", "population": "other"}],
        },
    }
    assert [(p.column, p.remedy) for p in check_names(config)] == [
        ("clinical.population", "Did you mean treated?"),
        ("association.analyses.c.population", "Declare it under clinical.populations."),
    ]


def test_variables_count_samples_and_specimens():
    samples = frame_of(
        [
            {"subject_id": "a", "sample_id": "1", "specimen": "plasma", "qc_status": "pass"},
            {"subject_id": "a", "sample_id": "2", "specimen": "plasma", "qc_status": "fail"},
            {"subject_id": "a", "sample_id": "3", "specimen": "wbc", "qc_status": "pass"},
        ],
        intake.SAMPLES,
    )
    frame = subject_variables(
        subjects("a", "b"), frame_of([], clinical.RESPONSES), samples, none_of(intake.HER2), "INVESTIGATOR"
    )
    assert frame["n_plasma_samples"].tolist() == [1, 0]
    assert frame["n_her2_specimens"].tolist() == [0, 0]
    assert frame[["n_assessments", "n_adequate"]].to_numpy().tolist() == [[0, 0], [0, 0]]
