"""Clinical intake: any of the three formats, checked, and as of the data cut."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from clearher.intake.adam import read_adam
from clearher.intake.clinical_checks import check_records
from clearher.intake.clinical_table import read_clinical_table
from clearher.intake.covariates import with_covariates
from clearher.intake.cut import apply_cut
from clearher.intake.follow_up import with_new_therapies, with_reference_dates, with_survival
from clearher.intake.layouts import layout_of
from clearher.intake.records import ClinicalRecords, records_of, without_subjects
from clearher.intake.sdtm import read_sdtm
from clearher.problems import with_severity


def read_clinical(
    clinical_inputs: Mapping,
    covariates_path: str | Path | None,
    *,
    settings: Mapping,
    clinical_settings: Mapping,
    data_cut: str | None,
    sampled: Iterable[str] = (),
) -> ClinicalRecords:
    """Read a study's clinical data.

    Parameters
    ----------
    clinical_inputs : Mapping
        ``format`` (sdtm, adam, table or none), ``path``, and optionally ``endpoints_required``.
    covariates_path : str, Path or None
        Table with ``subject_id`` and further columns, added to the subjects. Without clinical data there
        are none here: the caller adds them to the subjects of the sample sheet.
    settings : Mapping
        Section ``intake``.
    clinical_settings : Mapping
        Section ``clinical``.
    data_cut : str or None
        Last day that counts, ISO 8601; None applies no cut.
    sampled : iterable of str
        Subjects of the sample sheet, whom ``excluded_subjects`` may name too.

    Returns
    -------
    ClinicalRecords
        Checked against their declarations. ``problems`` holds errors and findings alike, with the
        severities of ``settings["severity"]``: the caller raises the errors together.
    """
    records = _read(clinical_inputs, settings, clinical_settings)
    if covariates_path is not None and clinical_inputs["format"] != "none":
        subjects, found = with_covariates(
            records.subjects, covariates_path, layout_of(settings["layouts"], "covariates")
        )
        records = records.changed(found, subjects=subjects)
    records = without_subjects(records, settings["excluded_subjects"], sampled=sampled)
    records = with_reference_dates(records, clinical_settings["reference_date"])
    records = with_new_therapies(with_survival(records))
    records = records.noting(check_records(records, ada_scale=clinical_settings["ada"]["scale"]))
    if data_cut is not None:
        records = apply_cut(records, pd.Timestamp(data_cut))
    problems = with_severity(records.problems, settings["severity"])
    return replace(records, problems=problems).conformed()


def _read(clinical_inputs: Mapping, settings: Mapping, clinical_settings: Mapping) -> ClinicalRecords:
    required = bool(clinical_inputs.get("endpoints_required", False))
    match clinical_inputs["format"]:
        case "sdtm":
            return read_sdtm(
                clinical_inputs["path"],
                settings=settings,
                clinical_settings=clinical_settings,
                endpoints_required=required,
            )
        case "adam":
            return read_adam(
                clinical_inputs["path"], clinical_settings=clinical_settings, endpoints_required=required
            )
        case "table":
            value_map = clinical_settings["response"]["rows"]["value_map"]
            reference = clinical_settings["reference_date"]
            return read_clinical_table(clinical_inputs["path"], value_map=value_map, reference=reference)
        case "none":
            return records_of()
        case other:
            raise ValueError(f"clinical format {other!r} is none of sdtm, adam, table, none")
