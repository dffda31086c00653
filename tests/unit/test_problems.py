"""Lists of problems as a person reads them, and what a check before a run says."""

from dataclasses import replace

import pytest

from clearher.preflight.before_run import IN_ORDER, SHOWN, WARNED, words_of_check
from clearher.problems import InputError, Problem, listed


def problem(row: int, found: str = "'Passed'", severity: str = "error") -> Problem:
    return Problem(
        check="c",
        file="s.tsv",
        row=str(row),
        column="qc_status",
        subject_id=f"S{row}",
        found=found,
        expected="pass or fail",
        remedy="Correct it.",
        severity=severity,
    )


SAID = "found 'Passed'; expected pass or fail. Correct it."


@pytest.mark.parametrize(
    ("problems", "expected", "why"),
    [
        ([], [], "nothing"),
        (
            [problem(row) for row in (2, 3)],
            [f"s.tsv, row {row}, column qc_status, subject S{row}: {SAID}" for row in (2, 3)],
            "few: each by itself",
        ),
        (
            [problem(row) for row in range(2, 30)],
            [f"s.tsv, rows 2, 3, 4 and 25 more, column qc_status: {SAID}"],
            "many: one text",
        ),
        (
            [problem(2), problem(9, "'x'"), *(problem(row) for row in (4, 5, 6))],
            [
                f"s.tsv, rows 2, 4, 5 and 1 more, column qc_status: {SAID}",
                "s.tsv, row 9, column qc_status, subject S9: found 'x'; expected pass or fail. Correct it.",
            ],
            "others are not hidden among them",
        ),
        (
            [problem(row, f"'{row}'") for row in (*range(2, 15), 20)],
            [
                *(
                    f"s.tsv, row {row}, column qc_status, subject S{row}: "
                    f"found '{row}'; expected pass or fail. Correct it."
                    for row in range(2, 12)
                ),
                "s.tsv, rows 12-14, 20, column qc_status: the same in 4 more rows; expected pass or fail.",
            ],
            "a whole column of other words: ten are told, of the others the rows",
        ),
        (
            [replace(problem(2, f"'{number}'"), row="") for number in range(11)],
            [
                f"s.tsv, column qc_status, subject S2: found '{number}'; expected pass or fail. Correct it."
                for number in range(11)
            ],
            "what has no row would be lost",
        ),
    ],
)
def test_what_is_the_same_in_many_rows_is_said_once(problems, expected, why):
    assert listed(problems) == expected, why


def test_an_error_keeps_each_problem_and_numbers_the_texts():
    error = InputError([problem(row) for row in range(2, 30)])
    assert len(error.problems) == 28
    assert str(error).splitlines()[0] == "1 problem in the input:"


def test_a_check_tells_warnings_and_neither_notes_nor_more_than_a_screen():
    notes = [problem(2, severity="info")]
    warnings = [
        replace(problem(2, severity="warning"), column=f"column {number}") for number in range(SHOWN + 2)
    ]
    assert words_of_check(notes) == IN_ORDER
    first, *lines, last = words_of_check([*notes, *warnings]).splitlines()
    assert (first, len(lines), last) == (
        f"{IN_ORDER} {WARNED}",
        SHOWN,
        "  and 2 more, in the findings tables",
    )
