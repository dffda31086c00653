"""All tables of the course over time, from the samples' results to the cohort's clearance."""

from collections.abc import Collection, Mapping

import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.ch_like import with_ch_like
from clearher.ctdna.clearance import clearance_table, subject_table
from clearher.ctdna.emergent import emergent_table
from clearher.ctdna.sensitivity import ch_like_table, sensitivity_table
from clearher.ctdna.visits import course_frame, visit_table
from clearher.tables import conform


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
    sensitivity = sensitivity_table(course, tracking, rows, settings=settings)
    again = with_ch_like(results, tracking, tracked, samples, settings=settings)
    if again.results is not results:
        other = course_frame(
            again.results,
            again.tracking,
            samples,
            subjects,
            planned_visits,
            settings=settings,
            foreign=foreign,
        )
        people = subject_table(other, tracked, emergent, subjects, settings=settings)
        included = ch_like_table(other, again.tracking, people, settings=settings)
        sensitivity = conform(pd.concat([sensitivity, included], ignore_index=True), columns.SENSITIVITY)
    return {
        "visits": visits,
        "subjects": rows,
        "emergent": emergent,
        "clearance": clearance_table(
            visits, rows, subjects, planned_visits, confidence=settings["level"]["confidence"]
        ),
        "sensitivity": sensitivity,
    }
