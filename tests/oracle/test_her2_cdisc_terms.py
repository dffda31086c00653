"""Every CDISC term that the reader of MI and GF knows is in the controlled terminology of 2025-03-25."""

import pandas as pd
import pytest

from clearher.intake import her2_sdtm


def terms(fixtures, file, codelist):
    table = pd.read_csv(fixtures / "her2" / "cdisc_ct" / file, dtype=str, keep_default_na=False)
    members = table[(table["name"] == codelist) & (table["code"] != table["clst_code"])]
    assert len(members)
    return dict(zip(members["term"], members["code"], strict=True))


@pytest.mark.parametrize(
    ("file", "codelist", "used"),
    [
        ("MIFTSDTL.csv", "Microscopic Findings Test Details", her2_sdtm.MI_DETAILS),
        ("GFTSDTL.csv", "Genomic Findings Test Detail", her2_sdtm.GF_DETAILS),
        ("GFTEST.csv", "Genomic Findings Test Code", her2_sdtm.GF_TESTS),
        ("EVAL_MEDEVAL.csv", "Evaluator", (*her2_sdtm.CENTRAL_EVALUATORS, "PATHOLOGIST")),
        ("HER2_terms.csv", "SDTM Microscopic Findings Test Code", (her2_sdtm.TEST_CODE,)),
        ("SPEC.csv", "Specimen Condition", ("FRESH",)),
    ],
)
def test_terms_exist(fixtures, file, codelist, used):
    known = terms(fixtures, file, codelist)
    assert [term for term in used if term not in known] == []


def test_methods_of_hybridisation_are_those_of_the_terminology(fixtures):
    """Ours is a pattern, as laboratories add the kind of probe; among CDISC's terms it finds these."""
    methods = pd.Series(terms(fixtures, "METHOD.csv", "Method").keys())
    found = methods[methods.str.contains(her2_sdtm.ISH_METHOD)].tolist()
    assert found == ["CISH", "FISH", "IN SITU HYBRIDIZATION", "SISH"]


def test_codes_are_those_of_the_reference(fixtures):
    details = terms(fixtures, "MIFTSDTL.csv", "Microscopic Findings Test Details")
    genomic = terms(fixtures, "GFTSDTL.csv", "Genomic Findings Test Detail")
    assert details["STAINING INTENSITY"] == "C127762"
    assert details["H SCORE TOTAL SCORE"] == "C125988"
    assert [details[f"H SCORE STAINING INTENSITY {s}"] for s in ("0", "1+", "2+", "3+")] == [
        "C181473",
        "C181474",
        "C181475",
        "C181476",
    ]
    assert genomic["COPY NUMBER RATIO"] == "C181349"
    assert genomic["CENTROMERE SIGNALS"] == "C209561"
