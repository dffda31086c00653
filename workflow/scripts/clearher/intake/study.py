"""A study as the workflow sees it while it is parsed: configuration, samples, input files, batches, digests.

No pandas here, and no reading of file contents beyond the sample sheet and the digests.
"""

import hashlib
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from clearher.intake.config import complete_config, load_schema, part_of
from clearher.intake.digests import DigestCache, text_digest
from clearher.intake.exclusion import samples_of_others
from clearher.intake.samples import Sample, check_files, read_index, samples_of_study
from clearher.problems import Problem, first_few, raise_if_errors

SINGLE_FILES = (
    "samples",
    "covariates",
    "sample_results",
    "counts",
    "tissue_variants",
    "copy_numbers",
    "reference_fasta",
    "panel_bed",
    "blacklist",
    "panel_of_normals",
    "hotspots",
)
CONTEXT_FILES = ("reference_fasta", "panel_bed", "blacklist", "panel_of_normals", "hotspots")
CLINICAL_AT_INTAKE = (
    "reference_date",
    "response.rows",
    "adverse_events.grade",
    "adverse_events.initial_grade",
    "ada",
)
USUAL_BATCH, MOST_BATCHES, BATCH_BYTES = 50, 8, 16_000_000
COUNTED = ("plasma", "control")
DATA_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xpt", ".sas7bdat", ".parquet")


@dataclass(frozen=True)
class Study:
    """What the rules need to know of a study.

    Attributes
    ----------
    config : dict
        Complete configuration.
    folder : str
        Folder that relative input paths start from.
    samples : tuple of Sample
        Sample sheet without excluded subjects; empty where the study has none.
    files : dict of str to tuple of str
        Input files of each group (the keys of ``inputs``; ``clinical`` and ``her2`` may be many), as paths
        relative to the working folder. Absent inputs are empty tuples.
    digests : DigestCache
        Content digests of input files.
    sampled : frozenset of str
        Subjects of the sample sheet, excluded ones too.
    """

    config: dict[str, Any]
    folder: str
    samples: tuple[Sample, ...]
    files: dict[str, tuple[str, ...]]
    digests: DigestCache
    sampled: frozenset[str] = frozenset()

    @property
    def clinical(self) -> dict[str, str | None]:
        """Format and path of the clinical data, the path relative to the working folder."""
        source = self.config["inputs"]["clinical"]
        path = _resolve([source["path"]], self.folder)
        return {"format": source["format"], "path": path[0] if path else None}

    @property
    def clinical_settings(self) -> dict[str, Any]:
        """Settings of the clinical stage by which records are read."""
        return part_of(self.config["clinical"], CLINICAL_AT_INTAKE)

    @property
    def her2(self) -> str | None:
        """Path of the HER2 table or folder, relative to the working folder."""
        path = _resolve([self.config["inputs"]["her2"]], self.folder)
        return path[0] if path else None

    def single(self, group: str) -> str | None:
        """Path of an input that is one file; None where the study has none."""
        return self.files[group][0] if self.files[group] else None

    @property
    def sample_files(self) -> dict[str, str]:
        """Paths of the laboratory tables that the study has, by their input key."""
        names = ("sample_results", "counts", "tissue_variants", "copy_numbers")
        return {name: self.files[name][0] for name in names if self.files[name]}

    @property
    def sample_rows(self) -> list[dict[str, str]]:
        """Rows of the samples as text."""
        return [sample.as_row() for sample in self.samples]

    @cached_property
    def batches(self) -> dict[str, list[Sample]]:
        """Samples with variant files by batch; a subject's samples stay together.

        A subject's batch follows from its id alone and the number of batches, so that another sample of
        one subject does not move the others.
        """
        count = self.number_of_batches
        width = len(str(count - 1))
        batches: dict[str, list[Sample]] = {}
        for sample in sorted(self._called, key=lambda sample: (sample.subject_id, sample.sample_id)):
            number = int(hashlib.sha256(sample.subject_id.encode()).hexdigest(), 16) % count
            batches.setdefault(f"{number:0{width}d}", []).append(sample)
        return dict(sorted(batches.items()))

    @cached_property
    def number_of_batches(self) -> int:
        """Jobs that read variant files: enough to run side by side, few enough for their start not to count.

        Large files ask for more, so that no job holds too many alleles in memory. Then the number doubles in
        steps, for one more file must not move every subject to another batch.
        """
        subjects = len({sample.subject_id for sample in self._called})
        if self.config["batch_size"] is not None:
            return max(1, math.ceil(subjects / self.config["batch_size"]))
        usual = max(1, min(MOST_BATCHES, math.ceil(subjects / USUAL_BATCH)))
        size = sum(os.path.getsize(self.sample_path(sample, "vcf")) for sample in self._called)
        if size <= usual * BATCH_BYTES:
            return usual
        return min(subjects, 2 ** math.ceil(math.log2(size / BATCH_BYTES)))

    @property
    def _called(self) -> list[Sample]:
        return [sample for sample in self._read if sample.vcf]

    @cached_property
    def _read(self) -> tuple[Sample, ...]:
        """Samples whose files are read: usable, and not dated after the data cut."""
        cut_date = self.config["data_cut"]["date"]
        return tuple(
            sample
            for sample in self.samples
            if sample.usable and (cut_date is None or sample.collection_date <= cut_date)
        )

    @cached_property
    def read_samples(self) -> dict[str, Sample]:
        """Usable plasma and control samples up to the cut with a read file, by their file-safe key."""
        return {sample.key: sample for sample in self._read if sample.bam and sample.specimen in COUNTED}

    @cached_property
    def read_batches(self) -> dict[str, list[Sample]]:
        """Samples with read files by job: one subject's or control's files, together of limited size.

        A job costs a second before it counts anything, so small files of a subject share one; a file larger
        than ``reads_batch_mb`` has a job of its own. A batch has the key of its first sample.
        """
        limit = self.config["reads_batch_mb"] * 1e6
        batches: list[list[Sample]] = []
        owner, filled = "", 0.0
        for sample in sorted(self.read_samples.values(), key=lambda one: (one.subject_id, one.sample_id)):
            size = os.path.getsize(self.sample_path(sample, "bam"))
            if not batches or not sample.subject_id or sample.subject_id != owner or filled + size > limit:
                batches.append([])
                filled = 0.0
            batches[-1].append(sample)
            owner, filled = sample.subject_id, filled + size
        return {batch[0].key: batch for batch in sorted(batches, key=lambda batch: batch[0].key)}

    def sample_path(self, sample: Sample, column: str) -> str:
        """Path of a sample's variant or read file, relative to the working folder."""
        return os.path.normpath(os.path.join(self._sheet_folder, getattr(sample, column)))

    @cached_property
    def _sheet_folder(self) -> str:
        """Folder that paths of the sample sheet start from."""
        return os.path.dirname(self.single("samples") or "")

    def reads_digest(self, sample: Sample) -> str:
        """Fingerprint of a sample's read file."""
        path = self.sample_path(sample, "bam")
        return self.digests.fingerprint(path, read_index(path))

    @cached_property
    def variant_files(self) -> list[str]:
        """Variant files of usable samples."""
        return [self.sample_path(sample, "vcf") for group in self.batches.values() for sample in group]

    @cached_property
    def read_records(self) -> list[dict[str, str]]:
        """Read file, index and digest of size and index of each usable sample that has one."""
        records = []
        for sample in self.read_samples.values():
            path = self.sample_path(sample, "bam")
            index = str(read_index(path) or "")
            digest = self.digests.reads_content(path, index)
            records.append({"path": path, "index": index, "digest": digest})
        return sorted(records, key=lambda record: record["path"])

    @cached_property
    def variant_digests(self) -> dict[str, str]:
        """Content digest of each variant file of a usable sample, as this run saw it first."""
        return {path: self.digests.of_file(path) for path in self.variant_files}

    def batch_digest(self, batch: str) -> str:
        """Content digest of a batch's variant files."""
        paths = (self.sample_path(sample, "vcf") for sample in self.batches[batch])
        return text_digest("\n".join(self.variant_digests[path] for path in paths))

    @property
    def input_files(self) -> list[str]:
        """Every file that the results depend on, read files and their indexes included."""
        named = {path for group in self.files.values() for path in group}
        reads = {record[part] for record in self.read_records for part in ("path", "index")}
        return sorted(named | set(self.variant_files) | reads - {""})

    def about_job(self, wildcards: Mapping[str, str]) -> str:
        """Samples of a job on read files, subjects of a job on variant files: the first few, in words."""
        reads = self.read_batches.get(wildcards.get("key", ""), [])
        called = self.batches.get(wildcards.get("batch", ""), [])
        subjects = sorted({sample.subject_id for sample in called})
        names = [f"sample {sample.sample_id}" for sample in reads] + [f"subject {name}" for name in subjects]
        return first_few(names)

    @property
    def seen(self) -> dict[str, dict[str, str]]:
        """Input files as this run saw them first: content digests of ``files``, fingerprints of ``reads``."""
        named = {path: self.digests.of_file(path) for group in self.files.values() for path in group}
        contents = named | self.variant_digests
        return {
            "files": {_posix(path): contents[path] for path in sorted(contents)},
            "reads": {
                self.sample_path(sample, "bam"): self.reads_digest(sample)
                for sample in self.read_samples.values()
            },
        }

    @cached_property
    def sample_digests(self) -> dict[str, dict[str, str]]:
        """Digests of files of usable samples up to the cut: content of ``vcf``, size and index of ``bam``."""
        digests: dict[str, dict[str, str]] = {}
        for sample in self._read:
            if sample.vcf:
                path = self.sample_path(sample, "vcf")
                digests.setdefault(sample.sample_id, {})["vcf"] = self.variant_digests[path]
            if sample.bam:
                path = self.sample_path(sample, "bam")
                digest = self.digests.reads_content(path, read_index(path))
                digests.setdefault(sample.sample_id, {})["bam"] = digest
        return digests

    @cached_property
    def context_digests(self) -> dict[str, str]:
        """Content digests of the inputs that are no records of subjects (panel, blacklist and the like)."""
        return {name: self.group_digest(name) for name in CONTEXT_FILES if self.files[name]}

    @property
    def previous(self) -> str | None:
        """Results folder of the previous data cut, relative to the working folder; None: none."""
        folder = _resolve([self.config["data_cut"]["previous"]], self.folder)
        return folder[0] if folder else None

    def group_digest(self, *groups: str) -> str:
        """Digest over all files of the named input groups."""
        return self.digests.of_files(path for group in groups for path in self.files[group])


def open_study(config: Mapping, *, config_file: str, folder: str | Path, memory: str | Path) -> Study:
    """Check a configuration, find its input files and read the sample sheet.

    Parameters
    ----------
    config : Mapping
        Configuration as read from YAML.
    config_file : str
        Name of the configuration file in messages.
    folder : str or Path
        Folder that relative input paths start from (the configuration file's).
    memory : str or Path
        File in which content digests are remembered.

    Raises
    ------
    InputError
        With all problems of the configuration; or else with all of missing files and of the sample sheet.
    """
    complete = complete_config(config, load_schema(), config_file)
    files, problems = _input_files(complete["inputs"], str(folder), config_file)
    sheet, results = (_existing(files[group]) for group in ("samples", "sample_results"))
    everybody, found = samples_of_study(sheet, results, complete["intake"]["layouts"])
    excluded = complete["intake"]["excluded_subjects"]
    samples, found = samples_of_others(everybody, found, excluded)
    problems += [*found, *check_files(samples, sheet or "")]
    problems += _previous_problems(complete["data_cut"], str(folder), config_file)
    if (
        not any(complete["inputs"][group] for group in ("samples", "sample_results"))
        and complete["inputs"]["clinical"]["format"] == "none"
    ):
        problems.append(_nothing_to_do(config_file))
    raise_if_errors(problems)
    sampled = frozenset(sample.subject_id for sample in everybody)
    return Study(complete, str(folder), tuple(samples), files, DigestCache(memory), sampled)


def checked_state(study: Study, code: str) -> str:
    """Digest of everything a full check of the input depends on: files, configuration and code."""
    paths = [path for group in sorted(study.files) for path in study.files[group]]
    called = [study.sample_path(sample, "vcf") for sample in study.samples if sample.vcf]
    contents = study.digests.of_files([*paths, *called])
    return text_digest(f"{contents} {code} {study.config!r}")


def _input_files(
    inputs: Mapping, folder: str, config_file: str
) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    files: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for group in SINGLE_FILES:
        files[group] = _resolve([inputs[group]], folder)
        problems += _missing(files[group], f"inputs.{group}", config_file)
    files["her2"] = _expand(_resolve([inputs["her2"]], folder))
    problems += _missing(files["her2"] or _resolve([inputs["her2"]], folder), "inputs.her2", config_file)
    clinical, found = _clinical_files(inputs["clinical"], folder, config_file)
    files["clinical"] = clinical
    return files, problems + found


def _clinical_files(
    clinical: Mapping, folder: str, config_file: str
) -> tuple[tuple[str, ...], list[Problem]]:
    if clinical["format"] == "none":
        return (), []
    path = _resolve([clinical["path"]], folder)
    if not path:
        found, expected = "no path", f"the {clinical['format']} data's path"
        return (), [_path_problem(config_file, "inputs.clinical.path", found, expected)]
    wanted_folder = clinical["format"] in ("sdtm", "adam")
    if wanted_folder and os.path.isfile(path[0]):
        found, expected = f"{path[0]}, a file", "a folder with one file a domain"
        return (), [_path_problem(config_file, "inputs.clinical.path", found, expected)]
    expanded = _expand(path)
    if wanted_folder and os.path.isdir(path[0]) and not expanded:
        found, expected = f"{path[0]}, without data files", f"files ending in {', '.join(DATA_SUFFIXES)}"
        return (), [_path_problem(config_file, "inputs.clinical.path", found, expected)]
    return expanded, _missing(expanded, "inputs.clinical.path", config_file)


def _resolve(names: Iterable[str | None], folder: str) -> tuple[str, ...]:
    return tuple(os.path.relpath(os.path.join(folder, name)) for name in names if name)


def _posix(path: str) -> str:
    return os.path.relpath(path).replace(os.sep, "/")


def _existing(paths: tuple[str, ...]) -> str | None:
    return paths[0] if paths and os.path.isfile(paths[0]) else None


def _expand(paths: tuple[str, ...]) -> tuple[str, ...]:
    if len(paths) == 1 and os.path.isdir(paths[0]):
        names = sorted(os.listdir(paths[0]))
        return tuple(os.path.join(paths[0], name) for name in names if name.lower().endswith(DATA_SUFFIXES))
    return paths


def _missing(paths: Iterable[str], key: str, config_file: str) -> list[Problem]:
    return [
        _path_problem(config_file, key, f"{path}, which does not exist", "an existing file")
        for path in paths
        if not os.path.isfile(path)
    ]


def _path_problem(config_file: str, key: str, found: str, expected: str) -> Problem:
    remedy = "Paths are relative to the configuration file's folder; correct the path or set it to null."
    return Problem(
        check="input_missing", file=config_file, column=key, found=found, expected=expected, remedy=remedy
    )


def _previous_problems(data_cut: Mapping, folder: str, config_file: str) -> list[Problem]:
    if data_cut["previous"] is None:
        return []
    path = _resolve([data_cut["previous"]], folder)[0]
    expected = "the results folder of an earlier, finished cut"
    if os.path.realpath(path) == os.path.realpath(os.path.join("results", data_cut["id"])):
        found = f"{path}, the folder of this cut"
    elif not os.path.isfile(os.path.join(path, "manifest.json")):
        found = f"{path}, which holds no manifest.json"
    else:
        return []
    remedy = (
        "Name the earlier cut's folder, relative to the configuration file's; null compares with nothing."
    )
    return [
        Problem(
            check="previous_cut",
            file=config_file,
            column="data_cut.previous",
            found=found,
            expected=expected,
            remedy=remedy,
        )
    ]


def _nothing_to_do(config_file: str) -> Problem:
    return Problem(
        check="input_missing",
        file=config_file,
        column="inputs",
        found="neither samples nor sample_results nor clinical data",
        expected="at least one of the three",
        remedy="Name the input files under inputs.",
    )
