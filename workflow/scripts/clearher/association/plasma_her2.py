"""HER2 in blood beside HER2 in tissue: ERBB2 amplification and mutations in plasma, soluble HER2 in serum."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clearher.columns import association as columns
from clearher.tables import conform

GENE = "ERBB2"
GAINS = ("<DUP", "<AMP")
NEGATIVE = ("LOW", "ULTRALOW", "NULL", "ZERO_UNSPECIFIED")
VARIANT_COLUMNS = (
    "study_day",
    "specimen",
    "variant_class",
    "gene",
    "hgvsp",
    "copy_number",
    "wbc_state",
    "status",
)
VERDICTS = {
    ("positive", "AMPLIFIED"): "CONCORDANT",
    ("negative", "NOT_AMPLIFIED"): "CONCORDANT",
    ("negative", "AMPLIFIED"): "PLASMA_ONLY",
    ("positive", "NOT_AMPLIFIED"): "TISSUE_ONLY",
}
AMPLIFICATION_WORDS = {
    "AMPLIFIED": "ERBB2 amplified in plasma",
    "NOT_AMPLIFIED": "no ERBB2 amplification called in plasma",
    "NOT_INFORMATIVE": "no ERBB2 amplification called, but too little tumour DNA in plasma to rule it out",
    "NOT_ASSESSED": "ERBB2 amplification not assessed in plasma",
}


def plasma_her2(
    people: pd.DataFrame,
    *,
    her2_subjects: pd.DataFrame,
    ctdna_subjects: pd.DataFrame,
    samples: pd.DataFrame,
    variants: pd.DataFrame,
    labs: pd.DataFrame,
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """One row a subject: HER2 in tissue, ERBB2 in plasma at baseline, soluble HER2, and where they disagree.

    A plasma sample without a called amplification is negative only if its assay calls copy numbers at all
    and the highest allele fraction, which stands for the share of tumour DNA, reaches
    ``plasma_her2.informative_vaf``; below that it says nothing. Germline and synonymous alleles are no
    mutations.

    Parameters
    ----------
    people, her2_subjects, ctdna_subjects, samples, variants, labs
        Tables intake/subjects, her2/subjects, ctdna/subjects, intake/samples, variants/variants,
        intake/records/labs; empty where the study has none. Of the variants :data:`VARIANT_COLUMNS` are used.
    settings : Mapping
        Config section ``association``; used: plasma_her2.

    Returns
    -------
    pandas.DataFrame
        Table association/her2_plasma.tsv.

    References
    ----------
    Siravegna et al., Clin Cancer Res 2019; 25: 3046-3053 (copies in plasma depend on the tumour fraction).
    """
    wish = settings["plasma_her2"]
    enrolled = people[~people["screen_failure"].fillna(False).astype(bool)]
    frame = enrolled[["subject_id"]].copy()
    tissue = her2_subjects[["subject_id", "category", "level"]]
    frame = frame.merge(
        tissue.set_axis(["subject_id", "tissue_category", "tissue_level"], axis=1), how="left"
    )
    plasma = ctdna_subjects[["subject_id", "baseline_sample_id", "baseline_max_vaf"]]
    frame = frame.merge(plasma.set_axis(["subject_id", "sample_id", "max_vaf"], axis=1), how="left")
    frame = frame.fillna({"tissue_category": "", "tissue_level": "", "sample_id": ""})
    frame = _amplification(frame, samples, variants, wish)
    frame = _mutations(frame, samples, variants, wish)
    frame = frame.merge(_soluble(enrolled, labs, wish), on="subject_id", how="left")
    side = frame["tissue_category"].map({"POSITIVE": "positive", **dict.fromkeys(NEGATIVE, "negative")})
    pairs = zip(side, frame["amplification"], strict=True)
    frame["verdict"] = [VERDICTS.get(pair, "NOT_COMPARABLE") for pair in pairs]
    frame["flags"] = _flags(frame)
    frame["sentence"] = [_sentence(row) for row in frame.itertuples()]
    return conform(frame[columns.HER2_PLASMA.names], columns.HER2_PLASMA)


def _amplification(
    frame: pd.DataFrame, samples: pd.DataFrame, variants: pd.DataFrame, wish: Mapping
) -> pd.DataFrame:
    assay = samples.set_index("sample_id")["assay"]
    copies = variants[(variants["variant_class"] == "CNV") & (variants["specimen"] == "plasma")]
    calling = set(assay.reindex(copies["sample_id"]).dropna())
    gains = copies[(copies["gene"] == GENE) & (copies["status"] == "CALLED") & _gained(copies, wish)]
    at_baseline = gains[gains["sample_id"].isin(frame["sample_id"])]
    gained = set(at_baseline["subject_id"])
    later = set(gains.loc[gains["study_day"] > 1, "subject_id"])
    assessed = frame["sample_id"].map(assay).isin(calling)
    informative = frame["max_vaf"].astype(float) >= wish["informative_vaf"]
    state = pd.Series("NOT_ASSESSED", index=frame.index)
    state = state.mask(assessed, "NOT_INFORMATIVE").mask(assessed & informative, "NOT_AMPLIFIED")
    highest = at_baseline.groupby("subject_id")["copy_number"].max()
    return frame.assign(
        amplification=state.mask(frame["subject_id"].isin(gained), "AMPLIFIED"),
        copy_number=frame["subject_id"].map(highest).astype(float),
        amplified_later=frame["subject_id"].isin(later),
    )


def _gained(copies: pd.DataFrame, wish: Mapping) -> pd.Series:
    """Enough copies; without a number, an allele that says gain."""
    said = copies["alt"].str.startswith(GAINS) & copies["copy_number"].isna()
    return said | (copies["copy_number"] >= wish["min_copies"]).fillna(False)


def _mutations(
    frame: pd.DataFrame, samples: pd.DataFrame, variants: pd.DataFrame, wish: Mapping
) -> pd.DataFrame:
    read = set(samples.loc[samples["vcf"] != "", "sample_id"])
    small = variants[(variants["gene"] == GENE) & (variants["status"] == "CALLED")]
    small = small[~small["variant_class"].isin(["CNV", "OTHER"]) & (small["wbc_state"] != "GERMLINE")]
    small = small[(small["hgvsp"] != "") & ~small["hgvsp"].str.contains("=", regex=False)]
    small = small[small["sample_id"].isin(frame["sample_id"])]
    change = small["hgvsp"].str.split(":").str[-1]
    small = small.assign(change=change, activating=change.isin(wish["activating"]))
    names = small.groupby("subject_id")["change"].agg(lambda values: ", ".join(sorted(set(values))))
    activating = set(small.loc[small["activating"], "subject_id"])
    state = frame["sample_id"].isin(read).map({True: "NONE_CALLED", False: "NOT_ASSESSED"})
    state = state.mask(frame["subject_id"].isin(names.index), "OTHER")
    state = state.mask(frame["subject_id"].isin(activating), "ACTIVATING")
    return frame.assign(mutation=state, mutations=frame["subject_id"].map(names).fillna(""))


def _soluble(people: pd.DataFrame, labs: pd.DataFrame, wish: Mapping) -> pd.DataFrame:
    """Last value on or before the first dose."""
    start = people.set_index("subject_id")
    start = start["first_dose_date"].fillna(start["reference_date"])
    rows = labs[labs["parameter"].isin(wish["soluble_tests"]) & labs["value"].notna() & labs["date"].notna()]
    rows = rows[rows["date"] <= rows["subject_id"].map(start)]
    last = rows.sort_values(["subject_id", "date", "sequence"], kind="stable").drop_duplicates(
        "subject_id", keep="last"
    )
    raised = (last["value"] > last["high"]).astype("boolean").where(last["high"].notna())
    chosen = last[["subject_id", "value", "unit", "date"]]
    named = chosen.set_axis(["subject_id", "soluble_her2", "soluble_unit", "soluble_date"], axis=1)
    return named.assign(soluble_raised=raised)


def _flags(frame: pd.DataFrame) -> list[str]:
    negative = frame["tissue_category"].isin(NEGATIVE)
    marks = {
        "plasma_only_amplification": frame["verdict"] == "PLASMA_ONLY",
        "amplification_under_treatment": frame["amplified_later"] & (frame["amplification"] != "AMPLIFIED"),
        "erbb2_activating_mutation": frame["mutation"] == "ACTIVATING",
        "soluble_her2_raised": negative & frame["soluble_raised"].fillna(False).astype(bool),
    }
    return [
        ";".join(name for name, mark in zip(marks, row, strict=True) if mark)
        for row in zip(*marks.values(), strict=True)
    ]


def _sentence(row: Any) -> str:
    tissue = row.tissue_level.replace("_", " ").lower() if row.tissue_level else "not known"
    copies = f" ({row.copy_number:g} copies)" if pd.notna(row.copy_number) else ""
    parts = [f"Tissue {tissue}; {AMPLIFICATION_WORDS[row.amplification]}{copies}"]
    if row.mutations:
        parts.append(f"mutations {row.mutations}")
    if pd.notna(row.soluble_her2):
        parts.append(f"soluble HER2 {row.soluble_her2:g} {row.soluble_unit}".strip())
    said = {"PLASMA_ONLY": " Review the tissue result.", "TISSUE_ONLY": " A lost or missed amplification."}
    return "; ".join(parts) + "." + said.get(row.verdict, "")
