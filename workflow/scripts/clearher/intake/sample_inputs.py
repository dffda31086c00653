"""Everything that comes with samples: the sheet, laboratory results, fill-out counts, tissue variants."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.identifiers import subject_hints
from clearher.intake.layouts import layout_of
from clearher.intake.records import of_others
from clearher.intake.sample_table import sample_table
from clearher.intake.vendor import read_copies, read_counts, read_results, read_tissue
from clearher.problems import Problem
from clearher.tables import empty


@dataclass(frozen=True)
class SampleInputs:
    """Typed tables of samples and of what laboratories deliver beside them, and all that was found.

    Attributes are the tables ``SAMPLES``, ``RESULTS``, ``COUNTS``, ``TISSUE`` and ``COPIES`` of intake.
    """

    samples: pd.DataFrame
    results: pd.DataFrame
    counts: pd.DataFrame
    tissue: pd.DataFrame
    copies: pd.DataFrame
    problems: list[Problem]


def read_sample_inputs(
    rows: Iterable[Mapping[str, str]],
    subjects: pd.DataFrame,
    *,
    files: Mapping[str, str],
    layouts: Mapping[str, Mapping],
    excluded: Collection[str],
    visits: Mapping[str, Mapping],
    cut_date: str | None,
) -> SampleInputs:
    """Read laboratory tables and type the sample sheet.

    Parameters
    ----------
    rows : iterable of mapping
        Sample sheet rows as text.
    subjects : pandas.DataFrame
        Table ``intake/subjects``.
    files : mapping
        Paths of ``sample_results``, ``counts``, ``tissue_variants``, ``copy_numbers``; any may be absent.
    layouts : mapping
        Setting ``intake.layouts``: their columns, where they are not named as ours.
    excluded : collection of str
        Subjects whose rows are not used (setting ``intake.excluded_subjects``); ``rows`` has none of them.
    visits : mapping
        Planned visits of the configuration.
    cut_date : str or None
        Last day that counts; rows of samples drawn later are left out everywhere.

    Returns
    -------
    SampleInputs
        Problems of severity error are for the caller to raise.
    """
    rows = list(rows)
    sheet_samples = {row["sample_id"]: row["subject_id"] for row in rows}
    samples, problems = sample_table(rows, subjects, visits=visits, cut_date=cut_date)
    found = unknown_subjects(samples["subject_id"], subjects, table="samples", file="sample sheet")
    first = samples.groupby("subject_id")["sample_id"].first()
    problems += [replace(problem, sample_id=first[problem.subject_id]) for problem in found]
    readers = {
        "sample_results": (read_results, columns.RESULTS),
        "counts": (read_counts, columns.COUNTS),
        "copy_numbers": (read_copies, columns.COPIES),
    }
    tables = {name: empty(table) for name, (_, table) in readers.items()}
    for name, (reader, _) in readers.items():
        if name in files:
            table, found = of_others(*reader(files[name], layout_of(layouts, name)), excluded)
            problems += [*found, *_unknown_samples(table, sheet_samples, files[name])]
            tables[name] = table[table["sample_id"].isin(samples["sample_id"])].reset_index(drop=True)
    tissue = empty(columns.TISSUE)
    if "tissue_variants" in files:
        name, file = "tissue_variants", files["tissue_variants"]
        tissue, found = of_others(*read_tissue(file, layout_of(layouts, name)), excluded)
        problems += [*found, *unknown_subjects(tissue["subject_id"], subjects, table=name, file=file)]
    return SampleInputs(
        samples, tables["sample_results"], tables["counts"], tissue, tables["copy_numbers"], problems
    )


def unknown_subjects(
    ids: pd.Series, subjects: pd.DataFrame, *, table: str, file: str, rows: pd.Series | None = None
) -> list[Problem]:
    """Errors for subjects of a table who are not among the study's subjects; empty ids are no subject.

    A known subject whose identifier looks the same, or holds that of the table, is named in the remedy; the
    row is the subject's first, where ``rows`` gives the line of each id. ``table`` is the key of the table in
    ``intake.layouts``.
    """
    absent = sorted(set(ids) - set(subjects["subject_id"]) - {""})
    lines = {} if rows is None else rows.astype(str).groupby(ids.to_numpy(), sort=False).first()
    remedies = subject_hints(absent, subjects["subject_id"], table)
    return [
        Problem(
            check="subject_unknown",
            file=file,
            row=lines.get(subject, ""),
            column="subject_id",
            found=repr(subject),
            expected="a subject of the clinical data",
            remedy=remedies.get(subject, "Correct the id, or add the subject to the clinical data."),
            subject_id=subject,
        )
        for subject in absent
    ]


def _unknown_samples(table: pd.DataFrame, known: Mapping[str, str], file: str) -> list[Problem]:
    problems = []
    for row in table.drop_duplicates(["subject_id", "sample_id"]).itertuples():
        owner = known.get(row.sample_id)
        if owner != row.subject_id:
            found = f"sample {row.sample_id!r} of subject {row.subject_id!r}"
            expected = (
                "a sample of the sample sheet"
                if owner is None
                else f"subject {owner!r}, as in the sample sheet"
            )
            problems.append(
                Problem(
                    check="vendor_sample_unknown",
                    file=file,
                    column="sample_id",
                    found=found,
                    expected=expected,
                    remedy="Correct the id, or add the sample to the sample sheet.",
                    subject_id=row.subject_id,
                    sample_id=row.sample_id,
                )
            )
    return problems
