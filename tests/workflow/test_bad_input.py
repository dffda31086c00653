"""Errors as a person meets them: all at once, before any job, with the place and the remedy."""

import pytest
from workflow_runs import ROOT, snakemake

GOOD_SAMPLES = "subject_id\tsample_id\tvisit\tstudy_day\tspecimen\tvcf\nS1\tP1\tC1D1\t1\tplasma\t\n"
GOOD_CLINICAL = "subject_id\tfirst_dose_date\tbest_response\nS1\t2024-01-01\tPR\n"
GOOD_CONFIG = """\
study: {id: BAD}
data_cut: {id: cut1}
inputs:
  samples: samples.tsv
  clinical: {format: table, path: clinical.tsv}
"""


@pytest.fixture
def study(tmp_path):
    def write(config=GOOD_CONFIG, samples=GOOD_SAMPLES, clinical=GOOD_CLINICAL, **others):
        files = {"config.yaml": config, "samples.tsv": samples, "clinical.tsv": clinical, **others}
        for name, text in files.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def refused(folder) -> str:
    """What the run said; it must fail before any job and leave no result."""
    done = snakemake(folder)
    assert done.returncode != 0
    assert not (folder / "results").exists()
    assert "Traceback" not in done.stderr
    return done.stderr


def test_unknown_keys_come_with_the_nearest_known_one(study):
    said = refused(study(config=GOOD_CONFIG + "ctdnaa: {}\nher_2: {}\n"))
    assert "2 problems in the input:" in said
    assert "config.yaml, column ctdnaa: found unknown key 'ctdnaa'" in said
    assert "Did you mean ctdna?" in said
    assert "Did you mean her2?" in said


def test_a_missing_file_names_the_row_that_asked(study):
    said = refused(study(samples=GOOD_SAMPLES.replace("plasma\t\n", "plasma\tvcf/p1.vcf.gz\n")))
    assert (
        "samples.tsv, row 2, column vcf, subject S1, sample P1: found vcf/p1.vcf.gz, which does not exist"
        in said
    )


def test_faults_of_all_files_are_listed_at_once(study):
    """A sheet, the clinical table, the HER2 table and a variant file, each with one fault."""
    said = refused(
        study(
            config=GOOD_CONFIG + "  her2: her2.tsv\n",
            samples=(
                "subject_id\tsample_id\tvisit\tstudy_day\tspecimen\tvcf\n"
                "S1\tP1\tC1D1\t1\tplasma\tzero.vcf\nS2\tP2\tC1D1\t1\tplasma\t\n"
            ),
            clinical=GOOD_CLINICAL.replace("PR", "XX"),
            **{
                "her2.tsv": "subject_id\tspecimen_id\tspecimen_date\tihc_score\nS1\tA\t2023-13-01\t1+\n",
                "zero.vcf": b"",
            },
        )
    )
    for part in ("zero.vcf", "her2.tsv", "2023-13-01", "clinical.tsv", "'XX'", "'S2'"):
        assert part in said, said


def test_population_expressions_are_checked_before_any_job(study):
    """A misspelled column and a text compared with a number, each with its key."""
    populations = "clinical: {populations: {mine: treted and age > 40, other: arm > 3}}\n"
    said = refused(study(config=GOOD_CONFIG + populations))
    assert "2 problems in the input:" in said
    assert "column clinical.populations.mine: found 'treted and age > 40': unknown column treted" in said
    assert "Did you mean treated?" in said
    assert "column clinical.populations.other: found 'arm > 3': arm and 3 cannot be compared" in said


def test_the_default_configuration_is_named_when_its_data_are_absent():
    """The shipped configuration is checked too: its missing inputs are listed by key."""
    done = snakemake(ROOT, "--dry-run", config=ROOT / "config" / "config.yaml")
    assert done.returncode != 0
    assert "column inputs.samples: found" in done.stderr
