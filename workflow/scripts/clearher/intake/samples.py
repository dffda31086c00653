"""The sample sheet: one row a sample, checked against itself and the files it names.

No pandas here: the workflow reads the sheet each time it is parsed.
"""

import datetime
import difflib
import hashlib
import math
import os
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clearher.intake.identifiers import is_readable, look_alikes
from clearher.intake.layouts import AS_NAMED, Layout, layout_of
from clearher.intake.sheets import OTHER_WORDS, Sheet, read_sheet
from clearher.problems import Problem

SPECIMENS = ("plasma", "wbc", "tissue", "control")
COLUMNS = (
    "subject_id",
    "sample_id",
    "visit",
    "collection_date",
    "study_day",
    "specimen",
    "vcf",
    "bam",
    "vcf_sample",
    "assay",
    "genome_build",
    "plasma_ml",
    "cfdna_ng",
    "qc_status",
    "qc_reason",
)
DRAW_COLUMNS = ("subject_id", "sample_id", "visit", "collection_date", "study_day")
REQUIRED = ("subject_id", "sample_id", "visit", "specimen")
INDEX_SUFFIXES = {".bam": (".bam.bai", ".bai", ".bam.csi", ".csi"), ".cram": (".cram.crai", ".crai")}


@dataclass(frozen=True)
class Sample:
    """One row of the sample sheet; text as written, empty where not given.

    Attributes ``vcf`` and ``bam`` are as written in the sheet, relative to the sheet's folder.
    ``line`` is the row's line in the sheet (header = 1).
    """

    subject_id: str
    sample_id: str
    visit: str
    specimen: str
    line: int
    collection_date: str = ""
    study_day: str = ""
    vcf: str = ""
    bam: str = ""
    vcf_sample: str = ""
    assay: str = ""
    genome_build: str = ""
    plasma_ml: str = ""
    cfdna_ng: str = ""
    qc_status: str = ""
    qc_reason: str = ""

    @property
    def key(self) -> str:
        """Name that is safe in a file path, whatever the sample is called: 12 hex digits of its sha256."""
        return hashlib.sha256(self.sample_id.encode("utf-8")).hexdigest()[:12]

    @property
    def usable(self) -> bool:
        """Whether the sample passed the laboratory's quality control (or none was recorded)."""
        return self.qc_status != "fail"

    def as_row(self) -> dict[str, str]:
        """The sheet's columns as a plain mapping."""
        return {name: value for name, value in vars(self).items() if name != "line"}


def samples_of_study(
    sheet: str | None, results: str | None, layouts: Mapping[str, Mapping]
) -> tuple[list[Sample], list[Problem]]:
    """Samples of a study from its sheet, or from its sample-level results where it has no sheet.

    Parameters
    ----------
    sheet, results : str or None
        Paths of the sample sheet and of the sample-level results; None where the study has none.
    layouts : Mapping
        Setting ``intake.layouts``.

    Returns
    -------
    list of Sample, list of Problem
        Both empty for a study with neither.
    """
    if sheet:
        return read_samples(sheet, layout_of(layouts, "samples"))
    if results:
        return draws_of_results(results, layout_of(layouts, "sample_results"))
    return [], []


def read_samples(path: str | Path, layout: Layout = AS_NAMED) -> tuple[list[Sample], list[Problem]]:
    """Read and check a sample sheet by itself; the files it names are checked by :func:`check_files`.

    Parameters
    ----------
    path : str or Path
        TSV, CSV or XLSX with the columns of DESIGN ``samples.tsv``. ``subject_id``, ``sample_id``,
        ``visit`` and ``specimen`` are required, and one of ``collection_date`` and ``study_day``.

    Returns
    -------
    list of Sample
        In the order of the sheet. Rows without a sample or subject id are left out (and are problems).
    list of Problem
        Everything found, errors and warnings.
    """
    sheet = read_sheet(path, required=REQUIRED, known=COLUMNS, layout=layout)
    return _samples_of_sheet(sheet, {})


def draws_of_results(path: str | Path, layout: Layout = AS_NAMED) -> tuple[list[Sample], list[Problem]]:
    """Plasma samples of a study that has sample-level results and no sample sheet: one draw a row."""
    sheet = read_sheet(path, required=("subject_id", "sample_id", "visit"), layout=layout)
    return _samples_of_sheet(sheet, {"specimen": "plasma"})


def _samples_of_sheet(sheet: Sheet, fixed: Mapping[str, str]) -> tuple[list[Sample], list[Problem]]:
    problems = list(sheet.problems)
    if sheet.header and not {"collection_date", "study_day"} & set(sheet.header):
        problems.append(
            _problem(
                sheet, "", "collection_date", "no column 'collection_date' or 'study_day'", "one of the two"
            )
        )
    if not sheet.rows and not problems:
        remedy = "Add the samples; a study without any leaves the sheet out of inputs."
        problems.append(_problem(sheet, "", "sample_id", "no row", "a row for each sample", remedy=remedy))
    absent = {problem.column for problem in problems if problem.check == "sheet_column_missing"}
    samples = []
    for line, cells in sheet.rows:
        sample = _sample(line, {**cells, **fixed})
        problems += [one for one in _row_problems(sheet, sample) if one.column not in absent]
        if sample.sample_id:
            samples.append(sample)
    problems += _cross_row_problems(sheet, samples)
    return samples, problems


def check_files(samples: Iterable[Sample], sheet_path: str | Path) -> list[Problem]:
    """Check that the variant and read files of a sheet exist and can be opened for reading.

    Each problem names the row that asked for the file.
    """
    problems = []
    folder = Path(sheet_path).parent
    asked = [
        (sample, column, folder / getattr(sample, column))
        for sample in samples
        for column in ("vcf", "bam")
        if getattr(sample, column)
    ]
    named = {path for _, _, path in asked}
    for sample, column, path in asked:
        problems += _file_problems(str(sheet_path), sample, column, path, named)
    return problems


def read_index(path: str | Path) -> Path | None:
    """The index beside a BAM or CRAM file; None when there is none."""
    path = Path(path)
    for suffix in INDEX_SUFFIXES.get(path.suffix.lower(), ()):
        candidate = path.with_suffix(suffix)
        if candidate.is_file():
            return candidate
    return None


def _sample(line: int, cells: Mapping[str, str]) -> Sample:
    known = {name: cells.get(name, "") for name in COLUMNS}
    known["specimen"] = known["specimen"].lower()
    known["qc_status"] = known["qc_status"].lower()
    return Sample(line=line, **known)


def _row_problems(sheet: Sheet, sample: Sample) -> Iterator[Problem]:
    row = str(sample.line)
    if not sample.sample_id:
        yield _problem(sheet, row, "sample_id", "an empty cell", "a sample id")
    if not sample.subject_id and sample.specimen != "control":
        yield _problem(sheet, row, "subject_id", "an empty cell", "a subject id", sample)
    for column in ("subject_id", "sample_id", "visit"):
        value = getattr(sample, column)
        if not is_readable(value):
            yield _problem(sheet, row, column, repr(value[:120]), "at most 100 printable characters", sample)
    if sample.specimen not in SPECIMENS:
        near = difflib.get_close_matches(sample.specimen, SPECIMENS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else OTHER_WORDS
        yield _problem(
            sheet,
            row,
            "specimen",
            repr(sample.specimen),
            "one of " + ", ".join(SPECIMENS),
            sample,
            remedy=hint,
        )
    if sample.qc_status not in ("", "pass", "fail"):
        found = repr(sample.qc_status)
        yield _problem(sheet, row, "qc_status", found, "pass or fail", sample, remedy=OTHER_WORDS)
    yield from _time_problems(sheet, sample)
    for column in ("plasma_ml", "cfdna_ng"):
        value = getattr(sample, column)
        if value and not _is_positive(value):
            yield _problem(sheet, row, column, repr(value), "a number above 0, or an empty cell", sample)


def _time_problems(sheet: Sheet, sample: Sample) -> Iterator[Problem]:
    row = str(sample.line)
    date, day = sample.collection_date, sample.study_day
    if date and not _is_date(date):
        expected = "a date as YYYY-MM-DD"
        yield _problem(sheet, row, "collection_date", repr(date), expected, sample, remedy=OTHER_WORDS)
    if day and (not re.fullmatch(r"[+-]?\d{1,5}", day) or int(day) == 0):
        yield _problem(
            sheet, row, "study_day", repr(day), "a whole number without day 0 (first dose = 1)", sample
        )
    if sample.specimen == "plasma" and sample.usable and not date and not day:
        yield _problem(sheet, row, "collection_date", "neither date nor study day", "one of the two", sample)


def _cross_row_problems(sheet: Sheet, samples: list[Sample]) -> Iterator[Problem]:
    first: dict[str, Sample] = {}
    for sample in samples:
        if sample.sample_id in first:
            found = f"sample {sample.sample_id!r}, also in row {first[sample.sample_id].line}"
            yield _problem(sheet, str(sample.line), "sample_id", found, "each sample id once", sample)
        first.setdefault(sample.sample_id, sample)
    for column in ("subject_id", "sample_id"):
        for group in look_alikes(getattr(sample, column) for sample in samples):
            found = "identifiers that look alike: " + ", ".join(map(repr, group))
            yield _problem(
                sheet,
                "",
                column,
                found,
                "one spelling an identifier",
                remedy="They are kept apart; correct the sheet if they are one.",
                severity="warning",
            )
    yield from _shared_files(sheet, samples)
    yield from _build_problems(sheet, samples)
    yield from _repeated_draws(sheet, samples)


def _shared_files(sheet: Sheet, samples: list[Sample]) -> Iterator[Problem]:
    """Two samples cannot be the same reads, or the same named sample of a variant file."""
    first: dict[tuple[str, ...], Sample] = {}
    for sample in (sample for sample in samples if sample.usable):
        files = [("bam", sample.bam, ""), ("vcf", sample.vcf if sample.vcf_sample else "", sample.vcf_sample)]
        for column, name, within in files:
            if not name:
                continue
            other = first.setdefault((column, os.path.normpath(name), within), sample)
            if other is not sample:
                yield _problem(
                    sheet,
                    str(sample.line),
                    column,
                    f"{name!r}, also the file of sample {other.sample_id!r} in row {other.line}",
                    "a file of its own, or another vcf_sample of a file with several",
                    sample,
                    remedy="Name each sample's own file.",
                )


def _build_problems(sheet: Sheet, samples: list[Sample]) -> Iterator[Problem]:
    builds = sorted({sample.genome_build for sample in samples if sample.genome_build and sample.vcf})
    if len(builds) > 1:
        yield _problem(sheet, "", "genome_build", ", ".join(builds), "one genome build for all samples")


def _repeated_draws(sheet: Sheet, samples: list[Sample]) -> Iterator[Problem]:
    draws = defaultdict(list)
    for sample in samples:
        if sample.specimen == "plasma" and sample.usable:
            draws[sample.subject_id, sample.visit].append(sample)
    for group in draws.values():
        if len(group) > 1:
            ids = ", ".join(sample.sample_id for sample in group)
            yield _problem(
                sheet,
                str(group[-1].line),
                "visit",
                f"{len(group)} usable plasma samples at visit {group[0].visit!r}: {ids}",
                "one a visit",
                group[-1],
                remedy="The latest draw stands for the visit; name unscheduled draws apart.",
                severity="warning",
            )


def _file_problems(
    sheet: str, sample: Sample, column: str, path: Path, named: Container[Path]
) -> Iterator[Problem]:
    where = {
        "file": sheet,
        "row": str(sample.line),
        "column": column,
        "subject_id": sample.subject_id,
        "sample_id": sample.sample_id,
    }
    if not path.is_file():
        found = f"{path}, which is not a file" if path.exists() else f"{path}, which does not exist"
        remedy = _remedy_of_absent(path, named)
        yield Problem(check="file_missing", found=found, expected="an existing file", remedy=remedy, **where)
    elif not os.access(path, os.R_OK):
        remedy = "Give yourself read permission."
        yield Problem(
            check="file_unreadable",
            found=f"{path}, not readable",
            expected="a readable file",
            remedy=remedy,
            **where,
        )
    elif column == "bam" and read_index(path) is None:
        found = f"{path} without index"
        remedy = f"Run: samtools index {path.name}"
        yield Problem(
            check="index_missing",
            found=found,
            expected="its .bai, .csi or .crai beside it",
            remedy=remedy,
            **where,
        )


def _remedy_of_absent(path: Path, named: Container[Path]) -> str:
    """Names the file that was probably meant: the cell's with / for \\, or one with nearly the same name
    that no row of the sheet has."""
    turned = Path(str(path).replace("\\", "/"))
    if turned != path and turned.is_file():
        return f"Separate folders by /: there is {turned}."
    others = path.parent.iterdir() if path.parent.is_dir() else ()
    present = sorted(other.name for other in others if other not in named)
    near = difflib.get_close_matches(path.name, present, n=1, cutoff=0.8)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    return f"{guess}Paths are relative to the sample sheet's folder; empty the cell if there is no such file."


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)) and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def _is_positive(text: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value) and value > 0


def _problem(
    sheet: Sheet,
    row: str,
    column: str,
    found: str,
    expected: str,
    sample: Sample | None = None,
    *,
    remedy: str = "Correct the sample sheet.",
    severity: str = "error",
) -> Problem:
    return Problem(
        check=f"samples_{column}",
        file=sheet.file,
        row=row,
        column=column,
        found=found,
        expected=expected,
        remedy=remedy,
        subject_id=sample.subject_id if sample else "",
        sample_id=sample.sample_id if sample else "",
        severity=severity,
    )
