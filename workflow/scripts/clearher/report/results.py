"""The tables of a finished run, as the report reads them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from clearher.columns import Table, intake
from clearher.report.catalogue import FINDINGS
from clearher.tables import read_table

Results = Mapping[Table, pd.DataFrame]


def read_results(tables: Iterable[Table], paths: Iterable[str | Path]) -> dict[Table, pd.DataFrame]:
    """Read the tables of a data cut, each checked against its declaration.

    Parameters
    ----------
    tables : iterable of Table
        Tables to read; every stage writes all of its tables, empty ones too.
    paths : iterable of str or Path
        Their files, in the same order.

    Raises
    ------
    clearher.tables.ContractError
        A file does not fit its declaration.
    """
    return {table: read_table(path, table) for table, path in zip(tables, paths, strict=True)}


def all_findings(results: Results) -> pd.DataFrame:
    """Findings of every stage in one frame, errors first, with a column ``stage`` in front."""
    parts = [results[table].assign(stage=stage) for stage, table in FINDINGS]
    findings = pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)
    rank = findings["severity"].map({"error": 0, "warning": 1, "info": 2})
    order = rank.rename("rank").to_frame().assign(stage=findings["stage"], check=findings["check"])
    findings = findings.loc[order.sort_values(["rank", "stage", "check"], kind="stable").index]
    return findings[["stage", *(name for name in findings.columns if name != "stage")]].reset_index(drop=True)


def findings_by_check(results: Results) -> pd.DataFrame:
    """Findings counted by check, errors first.

    Returns
    -------
    pandas.DataFrame
        ``severity stage check findings subjects treated message remedy``: number of findings, of subjects
        they name, of treated ones among these; message and remedy of the first finding.
    """
    findings = all_findings(results)
    subjects = results[intake.SUBJECTS]
    treated = set(subjects.loc[subjects["treated"].fillna(False), "subject_id"])
    named = findings["subject_id"].where(findings["subject_id"] != "")
    counted = findings.assign(named=named, treated=named.where(named.isin(treated)))
    return counted.groupby(["severity", "stage", "check"], sort=False, as_index=False).agg(
        findings=("check", "size"),
        subjects=("named", "nunique"),
        treated=("treated", "nunique"),
        message=("message", "first"),
        remedy=("remedy", "first"),
    )
