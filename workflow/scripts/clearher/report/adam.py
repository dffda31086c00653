"""ADaM-like data sets of a cut, built from its tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clearher.columns import clinical, ctdna, her2, intake
from clearher.report.results import Results

LABELS = {
    "STUDYID": "Study Identifier",
    "USUBJID": "Unique Subject Identifier",
    "ARM": "Description of Planned Arm",
    "AGE": "Age",
    "SEX": "Sex",
    "TRTSDT": "Date of First Exposure to Treatment",
    "TRTEDT": "Date of Last Exposure to Treatment",
    "REFDT": "Reference Date (Day 1)",
    "DTHDT": "Date of Death",
    "LSTALVDT": "Date Last Known Alive",
    "EOTDT": "End of Treatment Date",
    "CUTDT": "Data Cut Date",
    "SCRFFL": "Screen Failure Flag",
    "SAFFL": "Safety Population Flag",
    "HER2LVL": "HER2 Level, Primary Rule",
    "CTBASE": "ctDNA State at Baseline",
    "CTCLR": "ctDNA Clearance",
    "PARAMCD": "Parameter Code",
    "PARAM": "Parameter",
    "AVAL": "Analysis Value",
    "AVALC": "Analysis Value (C)",
    "ADT": "Analysis Date",
    "ADY": "Analysis Relative Day",
    "RSEVAL": "Evaluator",
    "STARTDT": "Time-to-Event Origin Date",
    "AVALU": "Analysis Value Unit",
    "CNSR": "Censor",
    "EVNTDESC": "Event or Censoring Description",
    "CNSDTDSC": "Censor Date Description",
    "RULE": "Rule Set",
    "SRCREC": "Source Record",
    "AESEQ": "Sequence Number",
    "AETERM": "Reported Term for the Adverse Event",
    "AEDECOD": "Dictionary-Derived Term",
    "AEBODSYS": "Body System or Organ Class",
    "ASTDT": "Analysis Start Date",
    "ASTDTF": "Analysis Start Date Imputation Flag",
    "AENDT": "Analysis End Date",
    "AENDTF": "Analysis End Date Imputation Flag",
    "ASTDY": "Analysis Start Relative Day",
    "AENDY": "Analysis End Relative Day",
    "TRTEMFL": "Treatment Emergent Analysis Flag",
    "ATOXGRN": "Analysis Toxicity Grade (N)",
    "AESER": "Serious Event",
    "AREL": "Analysis Causality",
    "AEOUT": "Outcome of Adverse Event",
    "AOCCIFL": "1st Max Sev./Int. Occurrence Flag",
    "AVISIT": "Analysis Visit",
    "VISIT": "Visit Name",
    "ISSEQ": "Sequence Number",
    "ATIMING": "Baseline or Post-Baseline",
    "SPECID": "Specimen Identifier",
    "SPECTYPE": "Primary or Metastatic",
    "PRESERV": "Archival or Fresh",
    "LAB": "Central or Local Laboratory",
    "READER": "Reader",
    "IHC": "IHC State",
    "ISH": "ISH Result",
    "HSCORE": "H-Score",
    "CERTAIN": "Certainty",
    "RECORD": "Reading Number",
}
RESPONSES = {
    "BOR": ("Best Overall Response", "bor", "bor_date"),
    "CBOR": ("Confirmed Best Overall Response", "confirmed_bor", "confirmed_bor_date"),
    "RSP": ("Response", "responder", "response_date"),
    "CRSP": ("Confirmed Response", "confirmed_responder", "confirmed_response_date"),
    "DCR": ("Disease Control", "disease_control", ""),
    "CB": ("Clinical Benefit", "clinical_benefit", "clinical_benefit_date"),
    "PD": ("First Progression", "", "first_pd_date"),
}
TIMES = {
    "PFS": "Progression-Free Survival", "OS": "Overall Survival", "DOR": "Duration of Response",
    "CDOR": "Duration of Confirmed Response", "TTR": "Time to Response",
}  # fmt: skip
CTDNA = {
    "CTLEVEL": ("ctDNA Level", "level", "number"),
    "CTLOD95": ("Limit of Detection of the Sample", "lod95", "number"),
    "CTRATIO": ("Ratio of the Level to Baseline", "ratio", "number"),
    "CTSTATE": ("ctDNA State", "state", "text"),
    "CTEVENT": ("Event at the Visit", "event", "text"),
}


@dataclass(frozen=True)
class Dataset:
    """A data set: name, label, source table, and a frame whose columns are the variables."""

    name: str
    label: str
    source: str
    frame: pd.DataFrame


def adam_datasets(results: Results, settings: Mapping[str, Any]) -> list[Dataset]:
    """ADSL, ADRS, ADTTE, ADAE, ADIS, ADCT and ADHER2 of a cut.

    Parameters
    ----------
    results : Mapping of Table to pandas.DataFrame
        Tables of the cut.
    settings : Mapping
        Complete configuration.

    Returns
    -------
    list of Dataset
        Text empty where missing, flags Y or N, dates as dates; rows sorted by subject and key.
    """
    study = settings["study"]["id"]
    reference = results[intake.SUBJECTS].set_index("subject_id")["reference_date"]
    return [
        _dataset("adsl", "Subject-Level Analysis", intake.SUBJECTS.path, _adsl(results), study),
        _dataset("adrs", "Response Analysis", clinical.RESPONSES.path, _adrs(results, reference), study),
        _dataset("adtte", "Time-to-Event Analysis", clinical.TIME_TO_EVENT.path, _adtte(results), study),
        _dataset("adae", "Adverse Event Analysis", clinical.ADVERSE_EVENTS.path, _adae(results), study),
        _dataset("adis", "Immunogenicity Analysis", clinical.IMMUNOGENICITY.path, _adis(results), study),
        _dataset("adct", "ctDNA Analysis", ctdna.VISITS.path, _adct(results), study),
        _dataset("adher2", "HER2 Specimen Analysis", her2.SPECIMENS.path, _adher2(results), study),
    ]


def flag(values: pd.Series) -> pd.Series:
    """Booleans as Y, N or empty."""
    return values.map({True: "Y", False: "N"}).fillna("").astype(object)


def _dataset(name: str, label: str, source: str, frame: pd.DataFrame, study: str) -> Dataset:
    frame = frame.reset_index(drop=True)
    frame.insert(0, "STUDYID", study)
    return Dataset(name, label, source, frame)


def _adsl(results: Results) -> pd.DataFrame:
    subjects = results[intake.SUBJECTS]
    level = results[her2.SUBJECTS].set_index("subject_id")["level"]
    dynamics = results[ctdna.SUBJECTS].set_index("subject_id")
    ids = subjects["subject_id"]
    return pd.DataFrame(
        {
            "USUBJID": ids,
            "ARM": subjects["arm"],
            "AGE": subjects["age"],
            "SEX": subjects["sex"],
            "TRTSDT": subjects["first_dose_date"],
            "TRTEDT": subjects["last_dose_date"],
            "REFDT": subjects["reference_date"],
            "DTHDT": subjects["death_date"],
            "LSTALVDT": subjects["last_alive_date"],
            "EOTDT": subjects["end_of_treatment_date"],
            "CUTDT": subjects["cut_date"],
            "SCRFFL": flag(subjects["screen_failure"]),
            "SAFFL": flag(subjects["treated"]),
            "HER2LVL": ids.map(level).fillna(""),
            "CTBASE": ids.map(dynamics["baseline_state"]).fillna(""),
            "CTCLR": ids.map(dynamics["clearance"]).fillna(""),
        }
    )


def _adrs(results: Results, reference: pd.Series) -> pd.DataFrame:
    responses = results[clinical.RESPONSES]
    parts = [_parameter(responses, reference, code, *definition) for code, definition in RESPONSES.items()]
    return pd.concat(parts, ignore_index=True).sort_values(["USUBJID", "RSEVAL", "PARAMCD"], kind="stable")


def _parameter(
    responses: pd.DataFrame, reference: pd.Series, code: str, label: str, value: str, date: str
) -> pd.DataFrame:
    when = responses[date] if date else pd.Series(pd.NaT, index=responses.index, dtype="datetime64[ns]")
    held = responses[value] if value else when.notna()
    text = flag(held) if held.dtype in ("boolean", bool) else held
    days = (when - responses["subject_id"].map(reference)).dt.days
    return pd.DataFrame(
        {
            "USUBJID": responses["subject_id"],
            "PARAMCD": code,
            "PARAM": label,
            "AVALC": text,
            "ADT": when,
            "ADY": (days + (days >= 0)).astype("Float64").astype(float),
            "RSEVAL": responses["evaluator"],
        }
    )


def _adtte(results: Results) -> pd.DataFrame:
    times = results[clinical.TIME_TO_EVENT]
    event = times["event"].fillna(False).astype(bool)
    return pd.DataFrame(
        {
            "USUBJID": times["subject_id"],
            "PARAMCD": times["endpoint"],
            "PARAM": times["endpoint"].map(TIMES),
            "RULE": times["rule"],
            "STARTDT": times["start_date"],
            "ADT": times["end_date"],
            "AVAL": times["days"].astype("Float64").astype(float),
            "AVALU": "DAYS",
            "CNSR": (~event).astype(float),
            "EVNTDESC": times["event_description"].where(event, times["censor_reason"]),
            "CNSDTDSC": times["censor_reason"],
            "SRCREC": times["source"],
        }
    )


def _adae(results: Results) -> pd.DataFrame:
    events = results[clinical.ADVERSE_EVENTS]
    numbers = {
        name: events[column].astype("Float64").astype(float)
        for name, column in (
            ("AESEQ", "sequence"), ("ASTDY", "start_day"), ("AENDY", "end_day"), ("ATOXGRN", "grade")
        )
    }  # fmt: skip
    return pd.DataFrame(
        {
            "USUBJID": events["subject_id"],
            "AESEQ": numbers["AESEQ"],
            "AETERM": events["term"],
            "AEDECOD": events["preferred_term"],
            "AEBODSYS": events["soc"],
            "ASTDT": events["start_date"],
            "ASTDTF": events["start_imputed"],
            "AENDT": events["end_date"],
            "AENDTF": events["end_imputed"],
            "ASTDY": numbers["ASTDY"],
            "AENDY": numbers["AENDY"],
            "TRTEMFL": flag(events["treatment_emergent"]),
            "ATOXGRN": numbers["ATOXGRN"],
            "AESER": flag(events["serious"]),
            "AREL": flag(events["related"]),
            "AEOUT": events["outcome"],
            "AOCCIFL": flag(events["first_worst"]).replace("N", ""),
        }
    )


def _adis(results: Results) -> pd.DataFrame:
    samples = results[clinical.IMMUNOGENICITY]
    codes = {"BINDING": "ADA", "NEUTRALISING": "NAB"}
    return pd.DataFrame(
        {
            "USUBJID": samples["subject_id"],
            "PARAMCD": samples["test"].map(codes),
            "PARAM": samples["test"].map(
                {"BINDING": "Anti-Drug Antibody", "NEUTRALISING": "Neutralising Antibody"}
            ),
            "ISSEQ": samples["sequence"].astype("Float64").astype(float),
            "VISIT": samples["visit"],
            "AVISIT": samples["nominal_visit"],
            "AVAL": samples["titre"],
            "AVALC": samples["status"],
            "ADT": samples["date"],
            "ADY": samples["study_day"].astype("Float64").astype(float),
            "ATIMING": samples["timing"],
        }
    )


def _adct(results: Results) -> pd.DataFrame:
    visits = results[ctdna.VISITS]
    parts = []
    for code, (label, column, kind) in CTDNA.items():
        held = visits[visits[column].notna() & (visits[column] != "")]
        parts.append(
            pd.DataFrame(
                {
                    "USUBJID": held["subject_id"],
                    "PARAMCD": code,
                    "PARAM": label,
                    "AVISIT": held["visit"],
                    "AVAL": held[column] if kind == "number" else float("nan"),
                    "AVALC": held[column] if kind == "text" else "",
                    "ADT": held["collection_date"],
                    "ADY": held["study_day"].astype("Float64").astype(float),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values(
        ["USUBJID", "PARAMCD", "ADY", "AVISIT"], kind="stable"
    )


def _adher2(results: Results) -> pd.DataFrame:
    readings = results[her2.SPECIMENS]
    return pd.DataFrame(
        {
            "USUBJID": readings["subject_id"],
            "SPECID": readings["specimen_id"],
            "RECORD": readings["record"].astype("Float64").astype(float),
            "ADT": readings["specimen_date"],
            "ADY": readings["specimen_day"].astype("Float64").astype(float),
            "SPECTYPE": readings["specimen_type"],
            "PRESERV": readings["preservation"],
            "LAB": readings["laboratory"],
            "READER": readings["reader"],
            "IHC": readings["ihc_state"],
            "ISH": readings["ish_result"],
            "HSCORE": readings["h_score"],
            "HER2LVL": readings["level"],
            "CERTAIN": readings["certainty"],
        }
    )
