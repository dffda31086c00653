"""Agreement of clinical records with each other, after reading and before the cut."""

import pandas as pd

from clearher.intake.identifiers import identifier_problems
from clearher.intake.records import ClinicalRecords
from clearher.problems import Problem

READER = ["subject_id", "evaluator", "evaluator_id"]


def check_records(records: ClinicalRecords, *, ada_scale: str | None) -> list[Problem]:
    """Everything about the records that a reviewer would ask about.

    Parameters
    ----------
    records : ClinicalRecords
        With reference dates.
    ada_scale : str or None
        Declared scale of antibody titres.

    Returns
    -------
    list of Problem
        Errors for results that contradict each other, warnings for what decides an endpoint.

    Notes
    -----
    Source: sdtmchecks ``check_rs_rsdtc_across_visit``, ``check_rs_rsdtc_visit_ordinal_error``,
    ``check_tu_rs_new_lesions``; admiralonco ``R/check_crpr.R``.
    """
    accepted = records.assessments[records.assessments["accepted"].fillna(False)]
    dated = accepted[accepted["date"].notna()]
    reference = records.subjects.set_index("subject_id")["reference_date"]
    return [
        *identifier_problems(records.subjects["subject_id"], file="clinical data", column="subject_id"),
        *_dosed_screen_failures(records.subjects, records.doses),
        *_same_day(dated),
        *_visits_on_one_day(dated),
        *_visit_order(dated),
        *_before_reference(dated, reference),
        *_response_on_reference(dated, reference),
        *_lost_complete_response(dated),
        *_new_lesion_without_pd(records.lesions, dated),
        *_ada_conflicts(records.ada),
        *_ada_after_dose(records.ada, records.doses),
        *_ada_scale(records.ada, ada_scale),
    ]


def _dosed_screen_failures(subjects: pd.DataFrame, doses: pd.DataFrame) -> list[Problem]:
    failed = subjects[
        subjects["screen_failure"].fillna(False) & subjects["subject_id"].isin(doses["subject_id"])
    ]
    return [
        Problem(
            check="screen_failure_dosed",
            subject_id=subject,
            column="arm",
            found=f"a screen failure ({arm}) with doses",
            expected="no dose of a screen failure",
            remedy="In no population and no table; correct the arm if the subject was treated.",
            severity="warning",
        )
        for subject, arm in zip(failed["subject_id"], failed["arm"], strict=True)
    ]


def record_problems(
    frame: pd.DataFrame,
    column: str,
    *,
    check: str,
    expected: str,
    remedy: str,
    severity: str = "warning",
) -> list[Problem]:
    """One problem a row of the frame, found being the row's text of the column."""
    values = frame[column]
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    place = frame["source"].str.extract(r"^(?P<file>.*?)(?: row (?P<row>\d+))?$").fillna("")
    return [
        Problem(
            check=check,
            file=file,
            row=row,
            column=column,
            subject_id=subject,
            found=str(value),
            expected=expected,
            remedy=remedy,
            severity=severity,
        )
        for file, row, subject, value in zip(
            place["file"], place["row"], frame["subject_id"], values, strict=True
        )
    ]


def _same_day(dated: pd.DataFrame) -> list[Problem]:
    return record_problems(
        dated[dated.duplicated([*READER, "date"])],
        "date",
        check="assessments_same_day",
        expected="one assessment a day and reader",
        remedy="The worst response of the day counts.",
    )


def _visits_on_one_day(dated: pd.DataFrame) -> list[Problem]:
    visits = dated.groupby([*READER, "date"])["visit"].transform("nunique")
    return record_problems(
        dated[(visits > 1) & dated.duplicated([*READER, "date"])],
        "visit",
        check="visits_same_date",
        expected="one visit a day",
        remedy="Correct the visit or the date.",
    )


def _visit_order(dated: pd.DataFrame) -> list[Problem]:
    ordered = dated[dated["visit_number"].notna()].sort_values([*READER, "visit_number", "date"])
    latest = ordered.groupby(READER)["date"].cummax().groupby([ordered[name] for name in READER]).shift()
    return record_problems(
        ordered[ordered["date"] < latest],
        "date",
        check="visit_order",
        expected="a date not before that of an earlier visit",
        remedy="Dates count, not visit numbers; correct one of them.",
    )


def _before_reference(dated: pd.DataFrame, reference: pd.Series) -> list[Problem]:
    start = dated["subject_id"].map(reference)
    return record_problems(
        dated[(dated["response"] == "PD") & (dated["date"] < start)],
        "date",
        check="pd_before_reference",
        expected="progression on or after the reference date",
        remedy="Not used; assessments before the reference date are no post-baseline assessments.",
    )


def _response_on_reference(dated: pd.DataFrame, reference: pd.Series) -> list[Problem]:
    start = dated["subject_id"].map(reference)
    return record_problems(
        dated[dated["response"].isin(("CR", "PR")) & (dated["date"] == start)],
        "date",
        check="response_on_reference",
        expected="a response after the reference date",
        remedy="Counted; check the date.",
    )


def _lost_complete_response(dated: pd.DataFrame) -> list[Problem]:
    complete = dated["date"].where(dated["response"] == "CR")
    first = complete.groupby([dated[name] for name in READER]).transform("min")
    return record_problems(
        dated[(dated["response"] == "PR") & (dated["date"] > first)],
        "response",
        check="pr_after_cr",
        expected="CR or PD after a complete response",
        remedy="Used as recorded; a PR after a CR is usually a progression.",
    )


def _new_lesion_without_pd(lesions: pd.DataFrame, dated: pd.DataFrame) -> list[Problem]:
    new = lesions[(lesions["lesion_class"] == "NEW") & (lesions["state"] != "EQUIVOCAL")]
    new = new[new["accepted"].fillna(False) & new["date"].notna()]
    new = new.drop_duplicates(["subject_id", "evaluator", "date"])
    progressions = dated.loc[dated["response"] == "PD", ["subject_id", "evaluator", "date"]].drop_duplicates()
    joined = new.merge(progressions, how="left", indicator=True)
    alone = new[(joined["_merge"] == "left_only").to_numpy()]
    return record_problems(
        alone,
        "lesion_id",
        check="new_lesion_without_pd",
        expected="an overall response of PD on the day of a new lesion",
        remedy="The recorded response counts; check it.",
    )


def _ada_conflicts(ada: pd.DataFrame) -> list[Problem]:
    done = ada[~ada["not_done"].fillna(False) & (ada["result"] != "") & (ada["date_text"] != "")]
    moment = ["subject_id", "test", "step", "date_text", "visit"]
    results = done.groupby(moment)["result"].transform("nunique")
    return record_problems(
        done[(results > 1) & done.duplicated(moment)],
        "result",
        check="ada_conflict",
        expected="one result of a test and step at one time",
        remedy="Remove the result that does not hold, or name the steps of the assay in clinical.ada.steps.",
        severity="error",
    )


def _ada_after_dose(ada: pd.DataFrame, doses: pd.DataFrame) -> list[Problem]:
    given = doses[["subject_id", "start_date"]].drop_duplicates().rename(columns={"start_date": "date"})
    after = ada[ada["before_dose"].eq(False).fillna(False).to_numpy() & ada["date"].notna()]
    joined = after.merge(given, how="left", indicator=True)
    return record_problems(
        after[(joined["_merge"] == "both").to_numpy()],
        "date_text",
        check="ada_after_dose",
        expected="a sample before that day's dose",
        remedy="Used, but drug in the sample can hide antibodies.",
    )


def _ada_scale(ada: pd.DataFrame, scale: str | None) -> list[Problem]:
    if scale is not None or not ada["titre"].notna().any():
        return []
    return [
        Problem(
            check="ada_scale_missing",
            column="clinical.ada.scale",
            found="antibody titres, and no declared scale",
            expected="log10 or raw",
            remedy="Set clinical.ada.scale; a four-fold rise is 0.6 on one scale and 4 on the other.",
        )
    ]
