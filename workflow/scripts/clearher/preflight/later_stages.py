"""What later stages would stop for, or could not read, found before any job runs."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from clearher.clinical.event_words import unknown_word_problems
from clearher.clinical.immunogenicity import immunogenicity
from clearher.clinical.response import response_tables
from clearher.clinical.time_to_event import time_tables
from clearher.her2.findings import unread_results
from clearher.her2.specimens import specimen_table
from clearher.intake.records import ClinicalRecords
from clearher.problems import InputError, Problem, with_severity


def clinical_problems(records: ClinicalRecords, *, settings: Mapping, severity: Mapping) -> list[Problem]:
    """Errors of the derivation of responses and times, and words of events and antibodies on no list.

    The derivations themselves are run: what stops them stops a job, hours later where reads are counted
    before.

    Parameters
    ----------
    records : ClinicalRecords
        Without errors of their own, as of the cut.
    settings, severity : Mapping
        Sections ``clinical`` and ``intake.severity`` of the configuration.

    Returns
    -------
    list of Problem
        Errors once each, though several derivations meet them; warnings about words.
    """
    shared = (records.subjects, records.assessments, records.lesions, records.therapies)
    derived = [
        *_found(lambda: response_tables(*shared, records.supplied, settings=settings).findings),
        *_found(lambda: time_tables(*shared, records.contacts, records.supplied, settings=settings).findings),
    ]
    stopping = [problem for problem in with_severity(derived, severity) if problem.severity == "error"]
    antibodies = immunogenicity(records.ada, records.subjects, settings=settings["ada"]).findings
    return [
        *dict.fromkeys(stopping),
        *unknown_word_problems(records.adverse_events, settings["adverse_events"]),
        *(problem for problem in antibodies if problem.check == "ada_result_unknown"),
    ]


def _found(derive: Callable[[], list[Problem]]) -> list[Problem]:
    """Findings of a derivation, or the errors that it stops for."""
    try:
        return derive()
    except InputError as error:
        return list(error.problems)


def her2_problems(readings: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping) -> list[Problem]:
    """HER2 cells that the next stage cannot read: warnings, for there they count as no result.

    Parameters
    ----------
    readings, subjects : pandas.DataFrame
        Tables HER2 and SUBJECTS of intake.
    settings : Mapping
        Section ``her2`` of the configuration.
    """
    unread = unread_results(specimen_table(readings, subjects, settings=settings))
    return [replace(problem, severity="warning") for problem in unread]
