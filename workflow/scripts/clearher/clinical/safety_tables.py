"""All safety tables of a study in one step, from records to incidences."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from clearher.clinical.adverse_events import adverse_event_table
from clearher.clinical.heart_function import ejection_fraction_lines, ejection_fraction_table
from clearher.clinical.immunogenicity import immunogenicity_lines
from clearher.clinical.laboratory import laboratory_lines, laboratory_table
from clearher.clinical.safety import safety_table
from clearher.clinical.safety_endpoints import safety_endpoints
from clearher.clinical.special_interest import special_terms
from clearher.problems import Problem


class SafetyTables(NamedTuple):
    """What the safety derivation makes."""

    events: pd.DataFrame
    laboratory: pd.DataFrame
    heart: pd.DataFrame
    safety: pd.DataFrame
    endpoints: pd.DataFrame
    findings: list[Problem]


def safety_tables(
    records: Mapping[str, pd.DataFrame],
    samples: pd.DataFrame,
    antibodies: pd.DataFrame,
    listed: pd.DataFrame,
    *,
    settings: Mapping,
) -> SafetyTables:
    """Tables ADVERSE_EVENTS, LABORATORY, EJECTION_FRACTION, SAFETY and SAFETY_ENDPOINTS.

    Parameters
    ----------
    records : Mapping
        Tables of intake: ``subjects``, ``adverse_events``, ``doses``, ``labs``.
    samples, antibodies : pandas.DataFrame
        Tables IMMUNOGENICITY and IMMUNOGENICITY_SUBJECTS.
    listed : pandas.DataFrame
        Terms of special interest that the workflow brings.
    settings : Mapping
        Section ``clinical``.
    """
    subjects, labs = records["subjects"], records["labs"]
    events, found = adverse_event_table(
        records["adverse_events"], subjects, records["doses"], listed, settings=settings["adverse_events"]
    )
    laboratory, mixed = laboratory_table(labs, subjects, settings=settings["laboratory"])
    heart, other_units = ejection_fraction_table(labs, subjects, settings=settings["laboratory"])
    further = [
        laboratory_lines(laboratory, subjects, settings=settings),
        ejection_fraction_lines(heart, events, subjects, settings=settings),
        immunogenicity_lines(samples, antibodies, subjects, settings=settings),
    ]
    special = special_terms(listed, settings["adverse_events"]["aesi"])
    safety = safety_table(events, subjects, further, categories=set(special["category"]), settings=settings)
    endpoints = safety_endpoints(safety, antibodies, subjects, settings=settings)
    problems = [*_nothing_recorded(records["adverse_events"]), *found, *mixed, *other_units]
    return SafetyTables(events, laboratory, heart, safety, endpoints, problems)


def _nothing_recorded(events: pd.DataFrame) -> list[Problem]:
    if len(events):
        return []
    return [
        Problem(
            check="adverse_events_absent",
            column="adverse events",
            found="no record of any subject",
            expected="records of adverse events",
            remedy="Adverse events are left out of all tables, rather than given as zero.",
            severity="info",
        )
    ]
