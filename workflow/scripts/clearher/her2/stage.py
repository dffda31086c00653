"""All tables of the HER2 stage from the readings and the subjects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clearher.her2.agreement import agreement_statistics
from clearher.her2.conversion import conversion_table
from clearher.her2.findings import her2_findings
from clearher.her2.specimens import specimen_table
from clearher.her2.subjects import subject_table


@dataclass(frozen=True)
class Her2Tables:
    """Tables of :mod:`clearher.columns.her2` by their lower-case names."""

    specimens: pd.DataFrame
    subjects: pd.DataFrame
    agreement: pd.DataFrame
    conversion: pd.DataFrame
    findings: pd.DataFrame


def her2_tables(records: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping[str, Any]) -> Her2Tables:
    """From HER2 readings to one category a subject, agreement, changes and findings.

    Parameters
    ----------
    records : pandas.DataFrame
        :data:`clearher.columns.intake.HER2`.
    subjects : pandas.DataFrame
        :data:`clearher.columns.intake.SUBJECTS`, or its columns ``subject_id`` and ``first_dose_date``.
    settings : Mapping
        Section ``her2`` of the configuration.
    """
    specimens = specimen_table(records, subjects, settings=settings)
    by_subject = subject_table(specimens.table, subjects, settings=settings)
    conversions = conversion_table(specimens.table, settings=settings)
    return Her2Tables(
        specimens=specimens.table,
        subjects=by_subject,
        agreement=agreement_statistics(specimens.table, conversions, settings=settings),
        conversion=conversions,
        findings=her2_findings(specimens, by_subject, settings=settings),
    )
