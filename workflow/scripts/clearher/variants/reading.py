"""Read the variant files of a batch of subjects, and compare what the files of a subject were called on."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd

from clearher.intake.vcf_header import (
    chromosome_style,
    genome_build,
    is_combined_output,
    is_maf_header,
)
from clearher.intake.vcf_text import header_lines, packing
from clearher.problems import InputError, Problem
from clearher.variants.calls import ReadOptions, SampleCalls
from clearher.variants.maf import read_maf
from clearher.variants.records import OpenFile, open_vcf, portions, read_together
from clearher.variants.resources import VariantResources
from clearher.variants.tso500 import read_combined_output

Parts = list[Mapping[str, np.ndarray]]


def read_files(
    samples: pd.DataFrame, settings: Mapping, resources: VariantResources
) -> tuple[list[SampleCalls], Parts]:
    """Read the file of each sample.

    Parameters
    ----------
    samples : pandas.DataFrame
        Rows of table ``intake/samples`` with a file.
    settings : Mapping
        Section ``variants`` of the configuration.
    resources : VariantResources
        The reference is used.

    Returns
    -------
    calls : list of SampleCalls
        One a sample, without its alleles.
    parts : list of Mapping
        Alleles of all files; ``file`` is the sample's row.

    Raises
    ------
    InputError
        With the problems of all files that cannot be used, and of subjects with files of several builds.
    """
    options = ReadOptions(
        count_fields=settings["count_fields"],
        population_fields=tuple(settings["population_fields"]),
        reference=resources.reference,
    )
    batch = _Batch(options)
    with _without_collection():
        for portion in portions(batch.open_files(samples.to_dict("records"))):
            batch.read(portion)
    problems = [problem for place in sorted(batch.problems) for problem in batch.problems[place]]
    calls = [batch.calls[place] for place in sorted(batch.calls)]
    problems = problems or list(_build_problems(samples, calls, batch.parts, settings))
    if problems:
        raise InputError(problems)
    return calls, batch.parts


class _Batch:
    """What is read from the files, and what is wrong with them, by the row of their sample."""

    def __init__(self, options: ReadOptions) -> None:
        self.calls: dict[int, SampleCalls] = {}
        self.parts: Parts = []
        self.problems: dict[int, Sequence[Problem]] = {}
        self._options = options

    def open_files(self, rows: Sequence[Mapping]) -> Iterator[OpenFile]:
        """The VCFs with their headers read; files of other kinds are read on the way."""
        for place, row in enumerate(rows):
            try:
                opened = _open(row, place, self._options)
            except InputError as error:
                self.problems[place] = error.problems
                continue
            if isinstance(opened, OpenFile):
                yield opened
            else:
                self._take([place], [opened], opened.alleles)

    def read(self, portion: Sequence[OpenFile]) -> None:
        """Read VCFs together; where one of them cannot be used, each alone."""
        try:
            self._take([file.place for file in portion], *read_together(portion, self._options))
        except InputError as error:
            if len(portion) == 1:
                self.problems[portion[0].place] = error.problems
                return
            for file in portion:
                self.read([file])

    def _take(self, places: list[int], calls: Sequence[SampleCalls], parts: Parts) -> None:
        self.calls |= zip(places, calls, strict=True)
        self.parts += [{**part, "file": np.array(places)[part["file"]]} for part in parts]


def _open(row: Mapping, place: int, options: ReadOptions) -> OpenFile | SampleCalls:
    names = {name: row[name] for name in ("subject_id", "sample_id", "vcf_sample")}
    path = row["vcf"]
    if ".vcf" not in path.lower() and packing(path) != "bcf":
        lines = list(header_lines(path))
        if is_maf_header(lines):
            return read_maf(path, **names, options=options)
        if is_combined_output(lines):
            return read_combined_output(path, **names)
    return open_vcf(path, **names, specimen=row["specimen"], place=place)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause the search for reference cycles: records make many containers and no cycles.

    What is alive afterwards is left out of later searches too, which would go through all of it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()


def _build_problems(
    samples: pd.DataFrame, calls: Sequence[SampleCalls], parts: Parts, settings: Mapping
) -> Iterator[Problem]:
    """Several genome builds or chromosome styles among the files of one subject."""
    chroms: list[set[str]] = [set(call.header.contigs if call.header else ()) for call in calls]
    for part in parts:
        files, first = np.unique(part["file"], return_index=True)
        for file, chrom in zip(files.tolist(), part["chrom"][first].tolist(), strict=True):
            chroms[file].add(chrom)
    seen: dict[str, list[tuple[str, str, str]]] = {}
    for subject, path, call, names in zip(samples["subject_id"], samples["vcf"], calls, chroms, strict=True):
        build = genome_build(call.header) if call.header else ""
        seen.setdefault(subject, []).append((build, chromosome_style(names), path))
    for subject, facts in seen.items():
        builds = sorted({build for build, _, _ in facts if build})
        styles = sorted({style for _, style, _ in facts if style})
        if len(builds) > 1:
            remedy = "Call all samples of a subject on one build."
            yield _mixed(subject, facts, 0, builds, "one genome build", remedy)
        if len(styles) > 1 and settings["chromosome_names"] == "keep":
            remedy = "Set variants.chromosome_names to chr or plain."
            yield _mixed(subject, facts, 1, styles, "one way of naming chromosomes", remedy)


def _mixed(subject: str, facts: list, index: int, found: list[str], expected: str, remedy: str) -> Problem:
    examples = [next(f"{value} in {fact[2]}" for fact in facts if fact[index] == value) for value in found]
    return Problem(
        check="genome_build",
        subject_id=subject,
        column="vcf",
        found="; ".join(examples),
        expected=expected,
        remedy=remedy,
    )


def normals_without_row(samples: pd.DataFrame, calls: Sequence[SampleCalls]) -> list[Problem]:
    """Matched-normal columns that no sample row of the subject uses."""
    with_blood = set(samples.loc[samples["specimen"] == "wbc", "subject_id"])
    problems = []
    for row, call in zip(samples.to_dict("records"), calls, strict=True):
        names = call.header.samples if call.header else ()
        declared = call.header.text("normal_sample") if call.header else ""
        normal = next((name for name in names if name == declared or name.upper() == "NORMAL"), "")
        if normal and len(names) > 1 and row["subject_id"] not in with_blood:
            problems.append(
                Problem(
                    check="normal_column_unused",
                    severity="info",
                    subject_id=row["subject_id"],
                    sample_id=row["sample_id"],
                    file=row["vcf"],
                    found=f"a column {normal} and no white-cell sample of the subject",
                    expected="a row with specimen wbc in the sample sheet, if the normal is white cells",
                    remedy="Add a row with this file and vcf_sample to use it as white-cell evidence.",
                )
            )
    return problems
