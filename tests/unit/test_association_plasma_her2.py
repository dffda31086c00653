"""HER2 in blood beside tissue: a negative plasma needs tumour DNA in it, and an assay that calls copies."""

import pandas as pd
import pytest

from clearher.association.plasma_her2 import plasma_her2
from clearher.columns import ctdna, her2, intake
from clearher.columns import variants as variant_columns
from clearher.tables import empty, frame_of

START = pd.Timestamp("2024-03-01")
VAF = {"A": 0.2, "B": 0.2, "C": 0.01, "D": 0.2, "E": 0.2, "F": None}
TISSUE = {"A": "LOW", "B": "LOW", "C": "LOW", "D": "POSITIVE", "E": "ULTRALOW"}
ASSAY = {"E": "small variants only"}


def people() -> pd.DataFrame:
    rows = [{"subject_id": name, "screen_failure": False, "first_dose_date": START} for name in VAF]
    return frame_of(rows, intake.SUBJECTS)


def tissue() -> pd.DataFrame:
    rows = [
        {"subject_id": name, "category": value, "level": "LOW_1+" if value == "LOW" else value}
        for name, value in TISSUE.items()
    ]
    return frame_of(rows, her2.SUBJECTS)


def plasma() -> pd.DataFrame:
    rows = [
        {"subject_id": name, "baseline_sample_id": "" if vaf is None else f"{name}0", "baseline_max_vaf": vaf}
        for name, vaf in VAF.items()
    ]
    return frame_of(rows, ctdna.SUBJECTS)


def samples() -> pd.DataFrame:
    rows = [
        {"subject_id": name, "sample_id": f"{name}{visit}", "assay": ASSAY.get(name, "panel"), "vcf": "x.vcf"}
        for name in VAF
        for visit in (0, 1)
    ]
    return frame_of(rows, intake.SAMPLES)


def variant(sample: str, **values) -> dict:
    common = {
        "subject_id": sample[0],
        "sample_id": sample,
        "study_day": 1 if sample[1] == "0" else 43,
        "specimen": "plasma",
        "chrom": "17",
        "pos": 39700000,
        "ref": "A",
        "gene": "ERBB2",
        "status": "CALLED",
    }
    return {**common, **values}


def gain(sample: str, copies: float | None = 6.0, **values) -> dict:
    return variant(sample, alt="<DUP>", variant_class="CNV", copy_number=copies, **values)


def change(sample: str, protein: str, **values) -> dict:
    return variant(sample, alt="T", variant_class="SNV", hgvsp=protein, **values)


def serum(subject: str, date: str, value: float, high: float | None = 15.2, sequence: int = 1) -> dict:
    return {
        "subject_id": subject,
        "domain": "LB",
        "sequence": sequence,
        "parameter": "HER2S",
        "date": pd.Timestamp(date),
        "value": value,
        "unit": "ng/mL",
        "high": high,
    }


@pytest.fixture(scope="module")
def made(settings):
    def table(variants: list[dict], labs: list[dict] | None = None) -> pd.DataFrame:
        return plasma_her2(
            people(),
            her2_subjects=tissue(),
            ctdna_subjects=plasma(),
            samples=samples(),
            variants=frame_of(variants, variant_columns.VARIANTS),
            labs=frame_of(labs or [], intake.LABS),
            settings=settings("association"),
        ).set_index("subject_id")

    return table


def test_amplification_in_plasma_against_tissue(made):
    """A gain; B tumour DNA and no gain; C too little DNA; D positive tissue; E another assay; F no sample."""
    found = made([gain("A0"), gain("D1", gene="MYC")])
    assert found["amplification"].to_dict() == {
        "A": "AMPLIFIED",
        "B": "NOT_AMPLIFIED",
        "C": "NOT_INFORMATIVE",
        "D": "NOT_AMPLIFIED",
        "E": "NOT_ASSESSED",
        "F": "NOT_ASSESSED",
    }
    assert found["verdict"].to_dict() == {
        "A": "PLASMA_ONLY",
        "B": "CONCORDANT",
        "C": "NOT_COMPARABLE",
        "D": "TISSUE_ONLY",
        "E": "NOT_COMPARABLE",
        "F": "NOT_COMPARABLE",
    }
    assert found.loc["A", "flags"] == "plasma_only_amplification"
    assert found.loc["A", "sentence"] == (
        "Tissue low 1+; ERBB2 amplified in plasma (6 copies). Review the tissue result."
    )


def test_an_assay_that_calls_no_copies_says_nothing(made):
    """Unknown is not negative: no copy-number record anywhere."""
    assert set(made([change("B0", "p.Val777Leu")])["amplification"]) == {"NOT_ASSESSED"}


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (gain("A0", 2.4), "AMPLIFIED"),
        (gain("A0", 2.3), "NOT_AMPLIFIED"),
        (gain("A0", None), "AMPLIFIED"),
        (gain("A0", None) | {"alt": "<CNV>"}, "NOT_AMPLIFIED"),
        (gain("A0", 1.0) | {"alt": "<DEL>"}, "NOT_AMPLIFIED"),
        (gain("A0", status="FILTERED"), "NOT_AMPLIFIED"),
        (gain("A1"), "NOT_AMPLIFIED"),
    ],
    ids=["enough", "too few", "said without number", "unsaid", "loss", "filtered", "later sample"],
)
def test_what_counts_as_a_gain(made, record, state):
    assert made([record]).loc["A", "amplification"] == state


def test_amplification_under_treatment_is_flagged(made):
    row = made([gain("A1")]).loc["A"]
    assert row["amplified_later"]
    assert row["flags"] == "amplification_under_treatment"


@pytest.mark.parametrize(
    ("records", "state", "names"),
    [
        ([change("B0", "p.Val777Leu")], "ACTIVATING", "p.Val777Leu"),
        ([change("B0", "ENSP1:p.Val777Leu")], "ACTIVATING", "p.Val777Leu"),
        ([change("B0", "p.Tyr756Ter")], "OTHER", "p.Tyr756Ter"),
        ([change("B0", "p.Gly23=")], "NONE_CALLED", ""),
        ([change("B0", "p.Val777Leu", wbc_state="GERMLINE")], "NONE_CALLED", ""),
        ([change("B1", "p.Val777Leu")], "NONE_CALLED", ""),
        ([], "NONE_CALLED", ""),
    ],
    ids=["activating", "with a transcript", "another", "synonymous", "germline", "later", "none"],
)
def test_mutations_at_baseline(made, records, state, names):
    row = made(records).loc["B"]
    assert (row["mutation"], row["mutations"]) == (state, names)


def test_no_sample_is_not_assessed(made):
    assert made([]).loc["F", "mutation"] == "NOT_ASSESSED"


def test_soluble_her2_is_the_last_value_before_treatment(made):
    labs = [
        serum("A", "2024-01-01", 8.0),
        serum("A", "2024-02-20", 30.0, sequence=2),
        serum("A", "2024-04-01", 99.0, sequence=3),
        serum("B", "2024-02-20", 30.0, high=None),
        serum("D", "2024-02-20", 30.0),
    ]
    found = made([], labs)
    assert found.loc["A", "soluble_her2"] == 30
    assert found.loc["A", "flags"] == "soluble_her2_raised"
    assert pd.isna(found.loc["B", "soluble_raised"]), "no limit of the laboratory, no verdict"
    assert found.loc["D", "flags"] == "", "tissue is positive: nothing to explain"


def test_a_study_without_any_of_it(settings):
    found = plasma_her2(
        people(),
        her2_subjects=empty(her2.SUBJECTS),
        ctdna_subjects=empty(ctdna.SUBJECTS),
        samples=empty(intake.SAMPLES),
        variants=empty(variant_columns.VARIANTS),
        labs=empty(intake.LABS),
        settings=settings("association"),
    )
    assert len(found) == len(VAF)
    assert set(found["verdict"]) == {"NOT_COMPARABLE"}
