"""All tables of the course over time, from the samples' results to the cohort's clearance."""

from collections.abc import Collection, Mapping

import pandas as pd

from clearher.ctdna.clearance import clearance_table, subject_table
from clearher.ctdna.emergent import emergent_table
from clearher.ctdna.sensitivity import sensitivity_table
from clearher.ctdna.visits import course_frame, visit_table


def course_tables(
    results: pd.DataFrame,
    tracking: pd.DataFrame,
    tracked: pd.DataFrame,
    samples: pd.DataFrame,
    subjects: pd.DataFrame,
    planned_visits: Mapping[str, Mapping],
    *,
    settings: Mapping,
    foreign: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """Visits, subjects, emergent variants, clearance and its sensitivity table.

    Parameters
    ----------
    results : pandas.DataFrame
        Table ``ctdna/samples``.
    tracking, tracked : pandas.DataFrame
        Tables ``ctdna/tracking`` and ``ctdna/tracked``; empty in a study with sample-level results only.
    samples, subjects : pandas.DataFrame
        Tables ``intake/samples`` and ``intake/subjects``.
    planned_visits : Mapping
        Schedule: visit name -> day, window_days, baseline, optional.
    settings : Mapping
        Configuration section ``ctdna``.
    foreign : collection of str
        Samples that hold another person's DNA.

    Returns
    -------
    dict
        Tables by name: visits, subjects, emergent, clearance, sensitivity.
    """
    course = course_frame(
        results, tracking, samples, subjects, planned_visits, settings=settings, foreign=foreign
    )
    visits = visit_table(course, settings=settings)
    emergent = emergent_table(tracking, course)
    rows = subject_table(course, tracked, emergent, subjects, settings=settings)
    return {
        "visits": visits,
        "subjects": rows,
        "emergent": emergent,
        "clearance": clearance_table(
            visits, rows, subjects, planned_visits, confidence=settings["level"]["confidence"]
        ),
        "sensitivity": sensitivity_table(course, tracking, rows, settings=settings),
    }
