"""The study's subjects, also where there is no clinical data."""

from collections.abc import Iterable, Mapping

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.covariates import with_covariates
from clearher.intake.layouts import layout_of
from clearher.intake.records import of_others
from clearher.problems import Problem
from clearher.tables import frame_of


def all_subjects(
    subjects: pd.DataFrame,
    sample_rows: Iterable[Mapping[str, str]],
    *,
    clinical_format: str,
    covariates: str | None,
    settings: Mapping,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Subjects of the clinical data, or of the sample sheet in a study without clinical data.

    Without clinical data every subject of the sample sheet counts as treated, since nothing says otherwise;
    all dates are missing and study days come from the sheet. Their covariates are added here, those of the
    clinical data have been (:func:`clearher.intake.clinical.read_clinical`). ``settings`` is the section
    ``intake``.
    """
    if clinical_format != "none":
        return subjects, []
    ids = sorted({row["subject_id"] for row in sample_rows} - {""})
    named = frame_of(
        [{"subject_id": subject, "screen_failure": False, "treated": True} for subject in ids],
        columns.SUBJECTS,
    )
    if covariates is None:
        return named, []
    result, problems = with_covariates(named, covariates, layout_of(settings["layouts"], "covariates"))
    return of_others(result, problems, settings["excluded_subjects"])


def without_clinical_data(clinical_format: str) -> list[Problem]:
    """The finding that says which sections a study without clinical data goes without."""
    if clinical_format != "none":
        return []
    return [
        Problem(
            check="clinical_absent",
            column="inputs.clinical",
            found="no clinical data",
            expected="clinical data for response, survival, adverse events and antibodies",
            remedy="These sections are left out; every subject of the sample sheet counts as treated.",
            severity="info",
        )
    ]
