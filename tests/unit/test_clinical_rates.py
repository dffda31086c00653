"""Rates of a group by counting: who is in the numerator, who in the denominator, and what is noted."""

import copy

import pandas as pd
import pytest

from clearher.clinical.rates import rate_rows, sustained_benefit_rows
from clearher.columns import clinical as columns
from clearher.tables import frame_of

GROUP = pd.Series(["S1", "S2", "S3", "S4"])
INVESTIGATOR, INDEPENDENT = "INVESTIGATOR", "INDEPENDENT ASSESSOR"


def responses(*rows: tuple) -> pd.DataFrame:
    """Rows as (subject, evaluator, best response, responder, disease control)."""
    names = ("subject_id", "evaluator", "bor", "responder", "disease_control")
    return frame_of([dict(zip(names, row, strict=True)) for row in rows], columns.RESPONSES)


def with_rule(settings, **changes) -> dict:
    config = copy.deepcopy(settings("clinical"))
    config["response"] |= changes
    return config


def rates(rows: pd.DataFrame, config: dict) -> dict:
    found = list(rate_rows(rows, GROUP, settings=config))
    return {(row["endpoint"], row["statistic"]): row for row in found}


BOTH_READERS = responses(
    ("S1", INVESTIGATOR, "PR", True, True),
    ("S2", INVESTIGATOR, "CR", True, True),
    ("S3", INVESTIGATOR, "PD", False, False),
    ("S1", INDEPENDENT, "SD", False, True),
    ("S2", INDEPENDENT, "PR", True, True),
    ("S9", INVESTIGATOR, "CR", True, True),
    ("S9", INDEPENDENT, "CR", True, True),
)


@pytest.mark.parametrize(
    ("endpoint", "n", "why"),
    [
        ("ORR", 2, "S1 and S2; S4 has no row and is no responder; S9 is not of the group"),
        ("ORR_INDEPENDENT", 1, "S2; S1 is a responder for the investigator alone"),
        ("DCR", 2, "S1 and S2"),
        ("DCR_INDEPENDENT", 2, "S1 and S2"),
    ],
)
def test_each_evaluator_has_rates_over_the_whole_group(settings, endpoint, n, why):
    found = rates(BOTH_READERS, settings("clinical"))[endpoint, "rate"]
    assert (found["n"], found["N"]) == (n, 4), why


def test_the_evaluator_of_the_study_has_the_plain_names(settings):
    found = rates(BOTH_READERS, with_rule(settings, evaluator=INDEPENDENT))
    assert found["ORR", "rate"]["n"] == 1
    assert found["ORR_INVESTIGATOR", "rate"]["n"] == 2


def test_who_cannot_be_told_leaves_numerator_and_denominator(settings):
    rows = responses(
        ("S1", INVESTIGATOR, "PR", True, True),
        ("S2", INVESTIGATOR, "PD", False, False),
        ("S3", INVESTIGATOR, "SD", False, None),
    )
    found = rates(rows, settings("clinical"))
    assert (found["ORR", "rate"]["n"], found["ORR", "rate"]["N"]) == (1, 4)
    control = found["DCR", "rate"]
    assert (control["n"], control["N"]) == (1, 3)
    assert control["note"] == "1 left out, for the supplied data cannot say"


@pytest.mark.parametrize(
    ("label", "n", "note"),
    [
        ("CR", 1, ""),
        ("PR", 1, ""),
        ("SD", 0, ""),
        ("PD", 0, ""),
        ("NE", 2, "1 without any response record counted here"),
    ],
)
def test_classes_of_best_response_hold_everybody_once(settings, label, n, note):
    """S3 is not evaluable, S4 has no record."""
    rows = responses(
        ("S1", INVESTIGATOR, "PR", True, True),
        ("S2", INVESTIGATOR, "CR", True, True),
        ("S3", INVESTIGATOR, "NE", False, False),
    )
    found = rates(rows, settings("clinical"))
    assert {key for name, key in found if name == "BOR"} == {"CR", "PR", "SD", "PD", "NE"}
    row = found["BOR", label]
    assert (row["n"], row["N"], row["note"]) == (n, 4, note)


def test_classes_without_anybody_missing_have_no_note(settings):
    rows = responses(*((f"S{k}", INVESTIGATOR, "NE", False, False) for k in (1, 2, 3, 4)))
    row = rates(rows, settings("clinical"))["BOR", "NE"]
    assert (row["n"], row["note"]) == (4, "")


@pytest.mark.parametrize(
    ("endpoint", "counted", "told"),
    [("DCR", True, True), ("DCR", False, False), ("ORR", True, False)],
)
def test_disease_without_targets_is_told_where_it_counts(settings, endpoint, counted, told):
    config = settings("clinical")
    config = with_rule(settings, sd=config["response"]["sd"] | {"count_non_cr_non_pd": counted})
    rows = responses(("S1", INVESTIGATOR, "NON-CR/NON-PD", False, True))
    assert ("NON-CR/NON-PD" in rates(rows, config)[endpoint, "rate"]["note"]) == told


def times(*rows: tuple) -> pd.DataFrame:
    """Rows as (subject, endpoint, rule, days)."""
    names = ("subject_id", "endpoint", "rule", "days")
    return frame_of([dict(zip(names, row, strict=True)) for row in rows], columns.TIME_TO_EVENT)


NOBODY = responses(("S1", INVESTIGATOR, "SD", False, True))


@pytest.mark.parametrize(
    ("rows", "found", "n", "why"),
    [
        ([("S1", "PFS", "primary", 169)], NOBODY, 1, "168 days after the first day"),
        ([("S1", "PFS", "primary", 168)], NOBODY, 0, "one day short"),
        ([("S1", "PFS", "primary", 50), ("S1", "OS", "primary", 400)], NOBODY, 0, "survival is not it"),
        ([("S1", "PFS", "primary", 50), ("S1", "PFS", "missed_visits", 400)], NOBODY, 0, "another rule"),
        ([("S9", "PFS", "primary", 400)], NOBODY, None, "not of the group, which has no times"),
        (
            [("S1", "PFS", "primary", 169), ("S2", "PFS", "primary", 60)],
            responses(("S1", INVESTIGATOR, "PR", True, True), ("S2", INVESTIGATOR, "PR", True, True)),
            2,
            "S1 once, S2 by response",
        ),
        (
            [("S1", "PFS", "primary", 60)],
            responses(("S1", INDEPENDENT, "PR", True, True), ("S2", INVESTIGATOR, "SD", False, True)),
            0,
            "a responder for the other evaluator only",
        ),
        (
            [("S1", "PFS", "primary", 169)],
            responses(("S1", INVESTIGATOR, "SD", False, True), ("S2", INVESTIGATOR, "", None, None)),
            1,
            "one subject who cannot be told does not hide the others",
        ),
        (
            [("S1", "PFS", "primary", 169)],
            responses(("S1", INVESTIGATOR, "", None, None)),
            None,
            "nothing is known of response",
        ),
    ],
)
def test_long_benefit_by_time(settings, rows, found, n, why):
    made = list(sustained_benefit_rows(found, times(*rows), GROUP, settings=settings("clinical")))
    assert [(row["n"], row["N"]) for row in made] == ([] if n is None else [(n, 4)]), why


def test_the_window_of_stable_disease_holds_for_the_long_benefit(settings):
    """7 days early is in time: from 161 days after the first day on."""
    config = with_rule(settings, sd=settings("clinical")["response"]["sd"] | {"window_days": 7})
    for days, n in ((162, 1), (161, 0)):
        (row,) = sustained_benefit_rows(NOBODY, times(("S1", "PFS", "primary", days)), GROUP, settings=config)
        assert row["n"] == n
