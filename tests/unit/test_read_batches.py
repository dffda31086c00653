"""Which read files share a counting job, and which variant files a reading job."""

import os

import pytest

from clearher.intake.digests import DigestCache
from clearher.intake.samples import Sample
from clearher.intake.study import Study

MB = 1_000_000


@pytest.mark.parametrize(
    ("files", "jobs", "why"),
    [
        ([("P", "S1", 20), ("P", "S2", 20)], [["S1", "S2"]], "one subject, 40 of 50 MB"),
        ([("P", "S1", 20), ("P", "S2", 20), ("P", "S3", 20)], [["S1", "S2"], ["S3"]], "60 MB are too much"),
        (
            [("P", "S1", 1), ("P", "S2", 80), ("P", "S3", 1)],
            [["S1"], ["S2"], ["S3"]],
            "a large one is alone",
        ),
        ([("P", "S1", 1), ("Q", "S2", 1)], [["S1"], ["S2"]], "two subjects"),
        ([("", "N1", 1), ("", "N2", 1)], [["N1"], ["N2"]], "controls have no subject to share"),
        ([("P", "S2", 1), ("P", "S1", 1)], [["S1", "S2"]], "the order of the sheet does not matter"),
    ],
)
def test_small_files_of_a_subject_share_a_job(tmp_path, files, jobs, why):
    samples = []
    for line, (subject, name, size) in enumerate(files, 2):
        (tmp_path / f"{name}.bam").touch()
        os.truncate(tmp_path / f"{name}.bam", size * MB)
        specimen = "plasma" if subject else "control"
        samples.append(Sample(subject, name, "C1D1", specimen, line, bam=str(tmp_path / f"{name}.bam")))
    config = {"reads_batch_mb": 50, "data_cut": {"date": None}, "inputs": {}}
    study = Study(config, ".", tuple(samples), {"samples": ()}, DigestCache(os.devnull))
    batches = study.read_batches
    assert sorted([one.sample_id for one in batch] for batch in batches.values()) == jobs, why
    assert list(batches) == sorted(batch[0].key for batch in batches.values())


@pytest.mark.parametrize(
    ("subjects", "batch_size", "file_mb", "jobs", "why"),
    [
        (42, None, 0.1, 1, "50 subjects a job"),
        (400, None, 0.1, 8, "the last number with 50 a job"),
        (5000, None, 0.001, 8, "no more jobs, larger ones"),
        (42, 10, 0.1, 5, "as the configuration says"),
        (5000, 25, 0.1, 200, "as the configuration says, however many"),
        (42, None, 0.5, 2, "21 MB: two jobs"),
        (40, None, 1, 4, "40 MB: not three jobs, one file more would move all subjects to four"),
        (3, None, 40, 3, "a job for each subject at most"),
    ],
)
def test_reading_jobs_stay_few_and_small(tmp_path, subjects, batch_size, file_mb, jobs, why):
    path = tmp_path / "a.vcf"
    path.touch()
    os.truncate(path, int(file_mb * MB))
    samples = [
        Sample(f"P{number:03d}", f"S{number}", "C1D1", "plasma", number + 2, vcf=str(path))
        for number in range(subjects)
    ]
    config = {"batch_size": batch_size, "data_cut": {"date": None}, "inputs": {}}
    study = Study(config, ".", tuple(samples), {"samples": ()}, DigestCache(os.devnull))
    width = {name: {sample.subject_id for sample in batch} for name, batch in study.batches.items()}
    assert sum(map(len, width.values())) == subjects, "no subject is divided"
    assert study.number_of_batches == jobs, why


@pytest.mark.parametrize(
    ("date", "cut_date", "read"),
    [
        ("2025-06-30", "2025-06-30", True),
        ("2025-07-01", "2025-06-30", False),
        ("2025-07-01", None, True),
        ("", "2025-06-30", True),
    ],
)
def test_files_of_samples_after_the_cut_are_not_read(tmp_path, date, cut_date, read):
    """What is drawn later must not decide about the alleles and error rates of this cut's samples."""
    for name in ("a.vcf", "a.bam"):
        (tmp_path / name).touch()
    files = {"vcf": str(tmp_path / "a.vcf"), "bam": str(tmp_path / "a.bam")}
    sample = Sample("P", "S1", "EOT", "plasma", 2, collection_date=date, **files)
    config = {"batch_size": None, "reads_batch_mb": 50, "data_cut": {"date": cut_date}, "inputs": {}}
    study = Study(config, ".", (sample,), {"samples": ()}, DigestCache(os.devnull))
    assert [one for batch in study.batches.values() for one in batch] == [sample] * read
    assert list(study.read_samples.values()) == [sample] * read
    assert ("S1" in study.sample_digests) == read
