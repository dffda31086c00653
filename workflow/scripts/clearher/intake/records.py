"""The clinical records of a study: one frame a kind, and the problems met on the way."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from clearher.columns import Table
from clearher.columns import intake as columns
from clearher.intake.exclusion import exclusions, problems_of_others
from clearher.problems import Problem
from clearher.tables import PANDAS_TYPES, conform, empty

TABLES: Mapping[str, Table] = {
    "subjects": columns.SUBJECTS,
    "doses": columns.DOSES,
    "assessments": columns.ASSESSMENTS,
    "lesions": columns.LESIONS,
    "adverse_events": columns.ADVERSE_EVENTS,
    "ada": columns.ADA,
    "therapies": columns.THERAPIES,
    "contacts": columns.CONTACTS,
    "labs": columns.LABS,
    "supplied": columns.SUPPLIED,
}


@dataclass(frozen=True)
class ClinicalRecords:
    """Clinical records by kind, in the tables of ``clearher.columns.intake``.

    Attributes
    ----------
    subjects, doses, assessments, lesions, adverse_events, ada, therapies, contacts, labs, supplied
        One frame a table of the same name; empty where the study has none.
    problems : tuple of Problem
        Everything found on the way; those of severity error stop the run.
    """

    subjects: pd.DataFrame
    doses: pd.DataFrame
    assessments: pd.DataFrame
    lesions: pd.DataFrame
    adverse_events: pd.DataFrame
    ada: pd.DataFrame
    therapies: pd.DataFrame
    contacts: pd.DataFrame
    labs: pd.DataFrame
    supplied: pd.DataFrame
    problems: tuple[Problem, ...] = ()

    def frames(self) -> dict[str, pd.DataFrame]:
        """Frames by table name."""
        return {name: getattr(self, name) for name in TABLES}

    def noting(self, problems: Iterable[Problem]) -> "ClinicalRecords":
        """The same records with further problems."""
        return replace(self, problems=(*self.problems, *problems))

    def changed(self, problems: Iterable[Problem] = (), **frames: pd.DataFrame) -> "ClinicalRecords":
        """The records with some frames replaced and further problems."""
        return replace(self, problems=(*self.problems, *problems), **frames)

    def conformed(self) -> "ClinicalRecords":
        """The records with every frame checked, typed and sorted by its declaration."""
        return replace(self, **{name: conform(frame, TABLES[name]) for name, frame in self.frames().items()})


def records_of(problems: Iterable[Problem] = (), **frames: pd.DataFrame) -> ClinicalRecords:
    """Records from the frames given; the other kinds are empty, absent columns missing."""
    complete = {name: empty(table) for name, table in TABLES.items()}
    for name, frame in frames.items():
        declared = TABLES[name].names
        complete[name] = (
            frame if list(frame.columns[: len(declared)]) == declared else filled(frame, TABLES[name])
        )
    return ClinicalRecords(**complete, problems=tuple(problems))


def filled(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame with the table's absent columns added as missing, typed and sorted."""
    if frame.empty and not len(frame.columns):
        return empty(table)
    result = frame.copy()
    for column in table.columns:
        if column.name not in result:
            filler = "" if column.type == "text" else None
            result[column.name] = pd.Series([filler] * len(result), result.index, PANDAS_TYPES[column.type])
    return conform(result, table)


def without_subjects(
    records: ClinicalRecords, excluded: Mapping[str, str], *, sampled: Iterable[str]
) -> ClinicalRecords:
    """The clinical records without excluded subjects.

    Parameters
    ----------
    records : ClinicalRecords
        As read, with everybody.
    excluded : Mapping of str to str
        Setting ``intake.excluded_subjects``: the reason by subject_id.
    sampled : iterable of str
        Subjects of the sample sheet: one who is in no clinical data may be excluded too.

    Returns
    -------
    ClinicalRecords
        With a finding for each excluded subject, and an error for each that the study does not have: a
        misspelt one would be used.
    """
    frames, problems = {}, list(records.problems)
    for name, frame in records.frames().items():
        frames[name], problems = of_others(frame, problems, excluded)
    told = exclusions(excluded, {*records.subjects["subject_id"], *sampled})
    return replace(records, problems=(*problems, *told), **frames)


def of_others(
    frame: pd.DataFrame, problems: Iterable[Problem], excluded: Collection[str]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Rows and problems of the subjects who are not excluded."""
    kept = frame[~frame["subject_id"].isin(list(excluded))].reset_index(drop=True)
    return kept, problems_of_others(problems, excluded)
