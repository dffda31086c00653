"""Cross tables of response classes and their kappa."""

import pandas as pd

from clearher.clinical.response import response_tables
from clearher.columns import intake
from clinical_builders import courses, none_of, subjects

INVESTIGATOR = {"S1": "PR42", "S2": "SD42", "S3": "PD42", "S4": "PR42"}
INDEPENDENT = {"S1": "PR42", "S2": "SD42", "S3": "PD42", "S4": "SD42"}


def test_investigator_by_independent_review(settings):
    second = courses(INDEPENDENT, evaluator="INDEPENDENT ASSESSOR").assign(sequence=2)
    rows = pd.concat([courses(INVESTIGATOR), second], ignore_index=True)
    none = [none_of(getattr(intake, name)) for name in ("LESIONS", "THERAPIES", "SUPPLIED")]
    table = response_tables(subjects(*INVESTIGATOR), rows, *none, settings=settings("clinical")).agreement
    cells = table[table["comparison"].eq("bor, INVESTIGATOR by INDEPENDENT ASSESSOR")]
    counts = cells.set_index(["row", "column"])["n"]
    assert counts[("PR", "PR")] == 1
    assert counts[("PR", "SD")] == 1
    assert counts.sum() == 4
    # observed 3/4, expected (2*1 + 1*2 + 1*1) / 16 = 5/16: kappa = (12 - 5) / (16 - 5)
    assert cells["kappa"].round(6).unique().tolist() == [round(7 / 11, 6)]


def test_unconfirmed_by_confirmed_is_always_there(settings):
    none = [none_of(getattr(intake, name)) for name in ("LESIONS", "THERAPIES", "SUPPLIED")]
    rows = courses({"S1": "PR42", "S2": "PR42 PR84"})
    table = response_tables(subjects("S1", "S2"), rows, *none, settings=settings("clinical")).agreement
    counts = table.set_index(["comparison", "row", "column"])["n"]
    assert counts[("bor by confirmed_bor, INVESTIGATOR", "PR", "SD")] == 1
    assert counts[("bor by confirmed_bor, INVESTIGATOR", "PR", "PR")] == 1
