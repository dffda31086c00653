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
    config = {"reads_batch_mb": 50, "inputs": {}}
    study = Study(config, ".", tuple(samples), {"samples": ()}, DigestCache(os.devnull))
    batches = study.read_batches
    assert sorted([one.sample_id for one in batch] for batch in batches.values()) == jobs, why
    assert list(batches) == sorted(batch[0].key for batch in batches.values())


@pytest.mark.parametrize(
    ("subjects", "size", "jobs", "why"),
    [
        (42, None, 1, "50 subjects a job"),
        (400, None, 8, "the last number with 50 a job"),
        (5000, None, 8, "no more jobs, larger ones"),
        (42, 10, 5, "as the configuration says"),
        (5000, 25, 200, "as the configuration says, however many"),
    ],
)
def test_reading_jobs_stay_few(subjects, size, jobs, why):
    samples = [
        Sample(f"P{number}", f"S{number}", "C1D1", "plasma", number + 2, vcf="a.vcf")
        for number in range(subjects)
    ]
    config = {"batch_size": size, "inputs": {}}
    batches = Study(config, ".", tuple(samples), {"samples": ()}, DigestCache(os.devnull)).batches
    assert len(batches) == jobs, why
    assert sum(map(len, batches.values())) == subjects


def test_a_job_is_about_its_samples_or_subjects(tmp_path):
    """For the message of a failed job: the first three, in words; a job on everybody is about nobody."""
    samples = [
        Sample(f"P{number}", f"S{number}", "C1D1", "plasma", number + 2, vcf="a.vcf") for number in range(5)
    ]
    (tmp_path / "r.bam").touch()
    samples.append(Sample("P9", "R9", "C1D1", "plasma", 9, bam=str(tmp_path / "r.bam")))
    config = {"batch_size": 10, "reads_batch_mb": 50, "inputs": {}}
    study = Study(config, ".", tuple(samples), {"samples": ()}, DigestCache(os.devnull))
    assert study.about_job({"batch": "0"}) == "subject P0, subject P1, subject P2 and 2 more"
    assert study.about_job({"key": samples[-1].key}) == "sample R9"
    assert study.about_job({}) == ""
