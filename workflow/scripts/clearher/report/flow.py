"""Counts of the cohort flow, read from the tables."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clearher.columns import clinical, ctdna, her2, intake
from clearher.report.figures.cohort_flow import FlowStep
from clearher.report.palette import CLEARANCE_NAMES
from clearher.report.results import Results


def trunk(results: Results) -> list[FlowStep]:
    """Entered and treated subjects, with the reasons for not being treated."""
    subjects = results[intake.SUBJECTS]
    treated = subjects["treated"].fillna(False)
    failures = subjects["screen_failure"].fillna(False) & ~treated
    others = int((~treated & ~failures).sum())
    left = [("screen failures", int(failures.sum()))] + ([("not treated", others)] if others else [])
    return [
        FlowStep("Subjects in the data", len(subjects)),
        FlowStep("Treated", int(treated.sum()), tuple(reason for reason in left if reason[1])),
    ]


def branches(results: Results, settings: Mapping[str, Any]) -> list[list[FlowStep]]:
    """Response, ctDNA and HER2: subjects that each question can use, among the treated."""
    subjects = results[intake.SUBJECTS]
    treated = set(subjects.loc[subjects["treated"].fillna(False), "subject_id"])
    evaluator = settings["clinical"]["response"]["evaluator"]
    found = (
        _response_branch(results[clinical.RESPONSES], treated, evaluator),
        _ctdna_branch(results[ctdna.SUBJECTS], treated),
        _her2_branch(results[her2.SUBJECTS], treated),
    )
    return [branch for branch in found if branch]


def _response_branch(responses: pd.DataFrame, treated: set[str], evaluator: str) -> list[FlowStep]:
    rows = responses[(responses["evaluator"] == evaluator) & responses["subject_id"].isin(treated)]
    if rows.empty:
        return []
    assessed = rows[rows["bor"].ne("") & rows["bor"].ne("NE")]
    measured = rows["best_change_percent"].notna()
    reasons = (
        rows.loc[rows["bor"].isin(["", "NE"]), "ne_reason"].replace("", "reason not known").value_counts()
    )
    return [
        FlowStep("Response known", len(assessed), tuple(sorted(reasons.items()))),
        FlowStep("Target lesions measured\nafter baseline", int(measured.sum())),
    ]


def _ctdna_branch(ctdna_subjects: pd.DataFrame, treated: set[str]) -> list[FlowStep]:
    rows = ctdna_subjects[ctdna_subjects["subject_id"].isin(treated)]
    if rows.empty:
        return []
    state = rows["baseline_state"].value_counts()
    detected = rows["denominator_baseline_detected"].fillna(False)
    evaluable = rows["denominator_evaluable"].fillna(False)
    clearance = rows.loc[evaluable, "clearance"].value_counts()
    outcome = tuple(
        (CLEARANCE_NAMES[name], int(clearance[name])) for name in CLEARANCE_NAMES if clearance.get(name, 0)
    )
    without = tuple(
        (text, int(state.get(name, 0)))
        for name, text in (("BASELINE_NOT_DETECTED", "not detected"), ("NOT_EVALUABLE", "not evaluable"))
        if state.get(name, 0)
    )
    return [
        FlowStep("ctDNA detected at baseline", int(detected.sum()), without),
        FlowStep("Evaluable for clearance", int(evaluable.sum()), outcome),
    ]


def _her2_branch(her2_subjects: pd.DataFrame, treated: set[str]) -> list[FlowStep]:
    rows = her2_subjects[her2_subjects["subject_id"].isin(treated)]
    if rows.empty or rows["level"].eq("").all():
        return []
    unclear = rows["level"].isin(["", "INDETERMINATE", "ZERO_UNSPECIFIED"])
    left = (("level not settled", int(unclear.sum())),) if unclear.any() else ()
    final = rows["certainty"].eq("FINAL") & ~unclear
    return [
        FlowStep("HER2 level known", int((~unclear).sum()), left),
        FlowStep("Level final, not provisional", int(final.sum())),
    ]
