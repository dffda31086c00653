"""The five lines that end a run."""

from collections.abc import Mapping
from typing import Any

from clearher.report.headline import (
    clearance,
    cohort,
    confirmation,
    findings_by_severity,
    median_time,
    primary_analysis,
    response_rate,
)
from clearher.report.results import Results
from clearher.report.words import counted


def summary_lines(results: Results, *, settings: Mapping[str, Any], report: str) -> list[str]:
    """Five lines: cohort, response and survival, clearance, HER2 and response, findings and report.

    Parameters
    ----------
    results : Mapping of Table to pandas.DataFrame
        Tables of the cut.
    settings : Mapping
        Complete configuration.
    report : str
        Path of the report as the reader will open it.
    """
    return [
        _cohort_line(results, settings),
        _endpoint_line(results, settings),
        _clearance_line(results, settings),
        _primary_line(results, settings),
        _findings_line(results, report),
    ]


def _cohort_line(results: Results, settings: Mapping[str, Any]) -> str:
    counts = cohort(results)
    cut = settings["data_cut"]
    date = f" ({cut['date']})" if cut["date"] else ""
    return (
        f"{settings['study']['id']}, data cut {cut['id']}{date}: {counted(counts['subjects'], 'subject')}, "
        f"{counts['treated']} treated, {counted(counts['screen_failures'], 'screen failure')}; "
        f"{counted(counts['plasma'], 'plasma sample')}, {counts['evaluable']} evaluable."
    )


def _endpoint_line(results: Results, settings: Mapping[str, Any]) -> str:
    rates = [response_rate(results, name, settings) for name in ("ORR", "ORR_CONFIRMED")]
    parts = [*rates, median_time(results, "PFS", settings)]
    return "; ".join(part.text for part in parts) + f" [population {settings['clinical']['population']}]."


def _clearance_line(results: Results, settings: Mapping[str, Any]) -> str:
    parts = [*clearance(results, settings), *confirmation(results)]
    if not parts:
        return "ctDNA clearance: not derived, no ctDNA results."
    return "; ".join(part.text for part in parts) + "."


def _primary_line(results: Results, settings: Mapping[str, Any]) -> str:
    primary = primary_analysis(results, settings)
    counts = f" {primary.detail}." if primary.detail else ""
    note = f" {primary.note}" if primary.note else ""
    return (
        f"{primary.name} {primary.value};{counts}{note}"
        if counts
        else f"{primary.name} {primary.value}.{note}"
    )


def _findings_line(results: Results, report: str) -> str:
    counts = findings_by_severity(results)
    named = ", ".join(
        (
            counted(counts["error"], "error"),
            counted(counts["warning"], "warning"),
            counted(counts["info"], "note"),
        )
    )
    return f"Findings: {named}. Report: {report}"
