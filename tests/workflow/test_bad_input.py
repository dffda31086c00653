"""Errors as a person meets them: all at once, before any job, with the place and the remedy."""

import struct
import zlib

import pytest
from workflow_runs import ROOT, snakemake

from clinical_study import RS_HEADER
from clinical_study import study as sdtm

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


def test_good_input_is_said_to_be_in_order(study):
    """A dry run of a good study says so itself; a refused one does not."""
    words = "The configuration and all input files are in order."
    done = snakemake(study(), "--dry-run")
    assert (done.returncode, words in done.stderr) == (0, True), done.stderr
    assert words not in refused(study(samples=GOOD_SAMPLES.replace("plasma", "plasmo")))


def test_a_dry_run_tells_the_warnings_each_time(study):
    """Visits under other names than the plan's stop nothing, and would leave the report without them."""
    plan = "visits: {C1D1: {day: 1, baseline: true}, C3D1: {day: 43}}\n"
    folder = study(config=GOOD_CONFIG + plan, samples=GOOD_SAMPLES + "S1\tP2\tCycle 3\t43\tplasma\t\n")
    for _ in range(2):
        done = snakemake(folder, "--dry-run")
        assert (done.returncode, "but samples of Cycle 3;" in done.stderr) == (0, True), done.stderr


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


def test_read_files_that_cannot_be_counted_are_listed_before_any_job(study):
    """One without its end block, one that is no BAM, one of two people: all in one list."""
    ended = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
    header = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n@RG\tID:a\tSM:X\n@RG\tID:b\tSM:Y\n"
    head = b"BAM\1" + struct.pack("<i", len(header)) + header.encode()
    whole = bgzip_block(
        head + struct.pack("<i", 1) + struct.pack("<i", 5) + b"chr1\0" + struct.pack("<i", 1000)
    )
    rows = "".join(
        f"S1\tP{i}\tC{i}\t{i}\tplasma\t{name}.bam\n" for i, name in enumerate(("cut", "no", "two"), 1)
    )
    said = refused(
        study(
            samples="subject_id\tsample_id\tvisit\tstudy_day\tspecimen\tbam\n" + rows,
            **{"cut.bam": whole, "no.bam": b"plain text", "two.bam": whole + ended},
            **{f"{name}.bam.bai": b"" for name in ("cut", "no", "two")},
        )
    )
    for part in ("cut.bam", "truncated", "no.bam", "two.bam", "read groups of 2 samples (X, Y)"):
        assert part in said, said


def bgzip_block(data: bytes) -> bytes:
    """Bytes as one block of bgzip."""
    packed = zlib.compressobj(wbits=-15)
    body = packed.compress(data) + packed.flush()
    start = bytes.fromhex("1f8b08040000000000ff0600424302") + b"\0"
    return start + struct.pack("<H", len(body) + 25) + body + struct.pack("<II", zlib.crc32(data), len(data))


def test_what_a_later_job_would_stop_for_is_refused_before_any(study):
    """Nobody was read by the evaluator of the endpoints: times to event find it, after the counting."""
    config = GOOD_CONFIG.replace("format: table, path: clinical.tsv", "format: sdtm, path: sdtm")
    config += "clinical: {response: {evaluator: INDEPENDENT ASSESSOR}}\n"
    folder = study(config=config)
    (folder / "sdtm").mkdir()
    sdtm(folder / "sdtm", rs=RS_HEADER + "S1,1,OVRLRESP,SD,INVESTIGATOR,,,2,W6,2024-02-12")
    said = refused(folder)
    assert "found no assessment by INDEPENDENT ASSESSOR, but by INVESTIGATOR" in said, said


def test_a_dry_run_tells_unread_her2_cells_and_empty_tables(study):
    """Both stop nothing, and leave results missing that somebody delivered."""
    folder = study(
        config=GOOD_CONFIG + "  her2: her2.tsv\n  covariates: covariates.tsv\n",
        **{
            "her2.tsv": "subject_id\tspecimen_id\tihc_score\tish_ratio\nS1\tA\t2+\t1,37\n",
            "covariates.tsv": "subject_id\tecog\n",
        },
    )
    done = snakemake(folder, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "her2.tsv row 2, column ish_ratio, subject S1, sample A: found '1,37'" in done.stderr
    assert "covariates.tsv: found no row below the header" in done.stderr


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
