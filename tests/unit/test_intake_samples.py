"""The sample sheet: each rule of the sheet, with the row it names."""

import pytest

from clearher.intake.samples import check_files, look_alikes, read_index, read_samples, samples_of_study

HEADER = "subject_id\tsample_id\tvisit\tcollection_date\tspecimen\tvcf\tbam\tqc_status\tplasma_ml"
GOOD = "S1\tP1\tC1D1\t2024-01-01\tplasma\t\t\tpass\t4"


def sheet(folder, *rows, header=HEADER):
    path = folder / "samples.tsv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def test_a_good_sheet(tmp_path):
    samples, problems = read_samples(sheet(tmp_path, GOOD))
    assert problems == []
    assert [(s.subject_id, s.sample_id, s.specimen, s.line, s.usable) for s in samples] == [
        ("S1", "P1", "plasma", 2, True)
    ]


@pytest.mark.parametrize(
    ("row", "check", "severity"),
    [
        ("\tP2\tC1D1\t2024-01-01\tplasma\t\t\t\t", "samples_subject_id", "error"),
        ("S1\t\tC1D1\t2024-01-01\tplasma\t\t\t\t", "samples_sample_id", "error"),
        ("S1\tP1\tC2D1\t2024-02-01\tplasma\t\t\t\t", "samples_sample_id", "error"),
        ("S1\tP2\tC2D1\t2024-02-30\tplasma\t\t\t\t", "samples_collection_date", "error"),
        ("S1\tP2\tC2D1\t2024-02\tplasma\t\t\t\t", "samples_collection_date", "error"),
        ("S1\tP2\tC2D1\t\tplasma\t\t\t\t", "samples_collection_date", "error"),
        ("S1\tP2\tC2D1\t2024-02-01\tserum\t\t\t\t", "samples_specimen", "error"),
        ("S1\tP2\tC2D1\t2024-02-01\tplasma\t\t\tok\t", "samples_qc_status", "error"),
        ("S1\tP2\tC2D1\t2024-02-01\tplasma\t\t\t\t0", "samples_plasma_ml", "error"),
        ("S1\tP2\tC2D1\t2024-02-01\tplasma\t\t\t\tnan", "samples_plasma_ml", "error"),
        ("S1\tP\x072\tC2D1\t2024-02-01\tplasma\t\t\t\t", "samples_sample_id", "error"),
        ("s1\tP2\tC2D1\t2024-02-01\tplasma\t\t\t\t", "samples_subject_id", "warning"),
        ("S1\tP2\tC1D1\t2024-02-01\tplasma\t\t\t\t", "samples_visit", "warning"),
    ],
)
def test_each_fault_is_found_once_and_named(tmp_path, row, check, severity):
    """One faulty second row: exactly one problem, with its check and severity."""
    _, problems = read_samples(sheet(tmp_path, GOOD, row))
    assert [(p.check, p.severity) for p in problems] == [(check, severity)]


@pytest.mark.parametrize(
    ("first", "second", "column", "why"),
    [
        ("a.vcf\t\t\t", "a.vcf\t\t\t", None, "a file with several samples, named as in the sheet"),
        ("\ta.bam\t\t", "\ta.bam\t\t", "bam", "the same reads"),
        ("\tx/../a.bam\t\t", "\ta.bam\t\t", "bam", "the same reads by another path"),
        ("a.vcf\t\tT1\t", "a.vcf\t\tT2\t", None, "two samples of one variant file"),
        ("a.vcf\t\tT1\t", "a.vcf\t\tT1\t", "vcf", "the same sample of it"),
        ("\ta.bam\t\t", "\ta.bam\t\tfail", None, "a failed tube is not used"),
        ("a.vcf\t\t\t", "b.vcf\t\t\t", None, "a file each"),
    ],
)
def test_a_file_belongs_to_one_sample(tmp_path, first, second, column, why):
    header = "subject_id\tsample_id\tvisit\tcollection_date\tspecimen\tvcf\tbam\tvcf_sample\tqc_status"
    rows = [f"S1\tP1\tC1D1\t2024-01-01\tplasma\t{first}", f"S1\tP2\tC2D1\t2024-02-01\tplasma\t{second}"]
    _, problems = read_samples(sheet(tmp_path, *rows, header=header))
    assert [(p.row, p.column) for p in problems] == ([("3", column)] if column else []), why


def test_all_faults_come_at_once(tmp_path):
    rows = ("S1\tP1\tC1D1\tx\tplasma\t\t\t\t", "S2\tP2\tC1D1\ty\tserum\t\t\t\t")
    _, problems = read_samples(sheet(tmp_path, *rows))
    assert [(p.row, p.column) for p in problems] == [
        ("2", "collection_date"),
        ("3", "specimen"),
        ("3", "collection_date"),
    ]


def test_a_failed_tube_needs_no_date(tmp_path):
    samples, problems = read_samples(sheet(tmp_path, "S1\tP1\tC1D1\t\tplasma\t\t\tfail\t"))
    assert problems == []
    assert not samples[0].usable


def test_a_control_needs_no_subject(tmp_path):
    assert read_samples(sheet(tmp_path, "\tN1\tNA\t\tcontrol\t\t\t\t"))[1] == []


def test_two_builds_are_refused(tmp_path):
    header = "subject_id\tsample_id\tvisit\tstudy_day\tspecimen\tvcf\tgenome_build"
    rows = ("S1\tP1\tC1D1\t1\tplasma\ta.vcf\tGRCh37", "S2\tP2\tC1D1\t1\tplasma\tb.vcf\tGRCh38")
    _, problems = read_samples(sheet(tmp_path, *rows, header=header))
    assert [(p.check, p.found) for p in problems] == [("samples_genome_build", "GRCh37, GRCh38")]


def test_study_day_zero_does_not_exist(tmp_path):
    header = "subject_id\tsample_id\tvisit\tstudy_day\tspecimen"
    _, problems = read_samples(sheet(tmp_path, "S1\tP1\tC1D1\t0\tplasma", header=header))
    assert [p.check for p in problems] == ["samples_study_day"]


@pytest.mark.parametrize(
    ("cell", "remedy", "why"),
    [
        ("vcf/P1.vardct.vcf", "Did you mean 'P1.vardict.vcf'? Paths", "a slip"),
        ("vcf\\P1.vardict.vcf", "Separate folders by /: there is", "a path of Windows"),
        ("vcf/other.bcf", "Paths are relative", "nothing like it"),
        ("none/P1.vardict.vcf", "Paths are relative", "no such folder"),
    ],
)
def test_an_absent_file_comes_with_the_one_that_was_meant(tmp_path, cell, remedy, why):
    (tmp_path / "vcf").mkdir()
    (tmp_path / "vcf" / "P1.vardict.vcf").write_bytes(b"x")
    path = sheet(tmp_path, f"S1\tP1\tC1D1\t2024-01-01\tplasma\t{cell}\t\t\t")
    [problem] = check_files(read_samples(path)[0], path)
    assert problem.remedy.startswith(remedy), why


def test_a_sheet_without_rows_is_told_before_a_job_starts(tmp_path):
    samples, problems = read_samples(sheet(tmp_path))
    assert samples == []
    assert [(p.check, p.found, p.severity) for p in problems] == [("samples_sample_id", "no row", "error")]


def test_the_file_of_another_sample_is_never_proposed(tmp_path):
    """S2-C9.vcf was not delivered; S1-C9.vcf has nearly its name and is another subject's."""
    (tmp_path / "S1-C9.vcf").write_bytes(b"x")
    path = sheet(
        tmp_path,
        "S1\tP1\tC9D1\t2024-01-01\tplasma\tS1-C9.vcf\t\t\t",
        "S2\tP2\tC9D1\t2024-01-01\tplasma\tS2-C9.vcf\t\t\t",
    )
    [problem] = check_files(read_samples(path)[0], path)
    assert problem.remedy.startswith("Paths are relative")


def test_missing_files_name_the_row_that_asked(tmp_path):
    (tmp_path / "there.bam").write_bytes(b"x")
    path = sheet(
        tmp_path,
        "S1\tP1\tC1D1\t2024-01-01\tplasma\tgone.vcf\t\t\t",
        "S2\tP2\tC1D1\t2024-01-01\tplasma\t\tthere.bam\t\t",
    )
    problems = check_files(read_samples(path)[0], path)
    assert [(p.check, p.row, p.column) for p in problems] == [
        ("file_missing", "2", "vcf"),
        ("index_missing", "3", "bam"),
    ]
    assert problems[1].remedy == "Run: samtools index there.bam"


def test_the_index_may_have_either_name(tmp_path):
    for name in ("a.bam", "a.bam.bai", "b.bam", "b.bai", "c.cram", "c.cram.crai", "d.bam"):
        (tmp_path / name).touch()
    found = [read_index(tmp_path / name) for name in ("a.bam", "b.bam", "c.cram", "d.bam")]
    assert [path.name if path else None for path in found] == ["a.bam.bai", "b.bai", "c.cram.crai", None]


def test_keys_are_safe_in_paths(tmp_path):
    """An identifier never reaches a path: its key is hexadecimal whatever it holds."""
    samples, _ = read_samples(sheet(tmp_path, "S1\t../../etc/x\tC1D1\t2024-01-01\tplasma\t\t\t\t"))
    assert len(samples[0].key) == 12
    assert set(samples[0].key) <= set("0123456789abcdef")


def test_look_alikes():
    """Case, blanks, punctuation and Unicode form (full-width S) hide the same identifier."""
    assert look_alikes(["S-01", "s 01", "\uff33-01", "S-02"]) == [("S-01", "s 01", "\uff33-01")]


def test_results_stand_in_for_a_sheet(tmp_path):
    path = tmp_path / "results.tsv"
    path.write_text(
        "subject_id\tsample_id\tvisit\tstudy_day\tlevel\nS1\tA\tBASELINE\t-1\t3\n", encoding="utf-8"
    )
    samples, problems = samples_of_study(None, str(path), {})
    assert problems == []
    assert [(s.sample_id, s.specimen, s.study_day) for s in samples] == [("A", "plasma", "-1")]


def test_a_wrong_column_name_is_one_problem(tmp_path):
    """Not one for the absent column, one for the unknown one and one a row."""
    header = "subject\tsample_id\tvisit\tstudy_day\tspecimen"
    _, problems = read_samples(sheet(tmp_path, "S1\tP1\tC1D1\t1\tplasma", header=header))
    assert [(p.row, p.found) for p in problems] == [("1", "no column 'subject_id', but 'subject'")]
