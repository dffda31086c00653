"""Damaged files of every kind: read, or refused with problems that say where; never a crash, never an age."""

import gzip
import shutil
import time
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from clearher.intake.clinical import read_clinical
from clearher.intake.config import defaults
from clearher.intake.her2 import read_her2
from clearher.intake.samples import check_files, read_samples
from clearher.intake.vcf_header import check_file
from clearher.intake.vendor import read_counts, read_results, read_tissue
from clearher.problems import InputError
from clearher.simulate.design import Study
from clearher.simulate.write import write_study
from clearher.variants.batch import read_batch
from clearher.variants.resources import VariantResources, load_resources
from mutations import damaged
from variants_builders import sample_rows

FAST, SLOW = 30, 3
QUICK = (
    "samples.tsv",
    "her2.tsv",
    "results.tsv",
    "counts.tsv",
    "tissue.tsv",
    ".bed",
    "spots.tsv",
    "normals.tsv",
)
LONGEST_SECONDS = 10
WORDS = {
    "clinical.tsv": (
        "subject_id\tarm\tfirst_dose_date\tbest_response\tresponse_date\tprogression_date\tdeath_date"
        "\tpfs_days\tpfs_event\nS1\tA\t2024-01-01\tPR\t2024-02-15\t2024-08-01\t\t213\t1\n"
        "S2\tB\t2024-01-05\tSD\t\t\t2024-09-01\t240\t0\n"
    ),
    "results.tsv": (
        "subject_id\tsample_id\tvisit\tstudy_day\tlevel\tlevel_unit\tdetected\tlod\n"
        "S1\tP1\tC1D1\t1\t0.5\tpercent\tyes\t0.01\nS1\tP2\tC2D1\t22\t0\tpercent\tno\t0.01\n"
    ),
    "counts.tsv": (
        "subject_id\tsample_id\tchrom\tpos\tref\talt\talt_count\tdepth\n"
        "S1\tP1\tchr17\t100\tA\tT\t5\t1000\nS1\tP1\tchr17\t200\tA\tAT\t0\t900\n"
    ),
    "tissue.tsv": "subject_id\tchrom\tpos\tref\talt\tgene\nS1\tchr17\t100\tA\tT\tTP53\n",
    "calls.maf": (
        "#version 2.4\nHugo_Symbol\tChromosome\tStart_Position\tEnd_Position\tReference_Allele"
        "\tTumor_Seq_Allele1\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tt_depth\tt_alt_count\tFILTER"
        "\tHGVSp_Short\tConsequence\n"
        "TP53\tchr17\t7675088\t7675088\tC\tC\tT\tT\t1000\t12\tPASS\tp.R175H\tmissense_variant\n"
        "TP53\tchr17\t7675090\t7675090\tC\tC\t-\tT\t1000\t7\tPASS\tp.X\tframeshift_variant\n"
    ),
    "panel.bed": "chr17\t100\t200\tTP53\nchr2\t5\t900\n",
    "hotspots.tsv": "# comment\nchrom\tpos\tref\talt\tgene\tcodon\nchr17\t100\tA\tT\tTP53\t175\n",
    "normals.tsv": "chrom\tpos\tref\talt\tn_samples\tmedian_vaf\nchr17\t100\tA\tT\t3\t0.01\n",
}


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    """Whole files of every kind that a study may hand in."""
    folder = tmp_path_factory.mktemp("originals") / "trial"
    write_study(Study(2, 3, 0), folder)
    for name, text in WORDS.items():
        (folder / name).write_text(text, encoding="utf-8")
    packed = min((folder / "vcf").glob("*C1D1.vcf.gz"))
    (folder / "calls.vcf").write_bytes(gzip.decompress(packed.read_bytes()))
    shutil.copy(packed, folder / "calls.vcf.gz")
    frame = pd.read_csv(folder / "sdtm" / "rs.csv", dtype=str, keep_default_na=False)
    pyreadstat.write_xport(frame, folder / "rs.xpt", table_name="RS", file_format_version=5)
    frame.to_parquet(folder / "rs.parquet")
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t", dtype=str, keep_default_na=False)
    sheet.to_excel(folder / "samples.xlsx", index=False)
    return folder


def clinical(path: Path, form: str) -> None:
    source = {"format": form, "path": str(path)}
    read_clinical(
        source,
        None,
        settings=defaults("intake"),
        clinical_settings=defaults("clinical"),
        data_cut="2025-01-01",
    )


def variants(path: Path) -> None:
    found = check_file(str(path), "", sample_id="P", specimen="plasma", genome_build_stated="")
    if not any(problem.severity == "error" for problem in found):
        rows = sample_rows(("S", "P", "plasma", str(path)))
        read_batch(rows, settings=defaults("variants"), resources=VariantResources())


def sheet(path: Path) -> None:
    samples, _ = read_samples(path)
    check_files(samples, path)


def domain(path: Path) -> None:
    """An SDTM folder in which this file stands for one of the domains."""
    folder = path.parent / "sdtm"
    name = path.name.split("-")[-1]
    kept = [other for other in folder.iterdir() if other.stem == Path(name).stem]
    aside = [other.rename(path.parent / other.name) for other in kept]
    shutil.copy(path, folder / name)
    try:
        clinical(folder, "sdtm")
    finally:
        (folder / name).unlink()
        for other in aside:
            other.rename(folder / other.name)


READERS = {
    "samples.tsv": sheet,
    "samples.xlsx": sheet,
    "her2.tsv": lambda path: read_her2(path, settings=defaults("her2"), cut_date="2025-01-01"),
    "clinical.tsv": lambda path: clinical(path, "table"),
    "results.tsv": read_results,
    "counts.tsv": read_counts,
    "tissue.tsv": read_tissue,
    "calls.vcf": variants,
    "calls.vcf.gz": variants,
    "calls.maf": variants,
    "panel.bed": lambda path: load_resources(panel=str(path)),
    "hotspots.tsv": lambda path: load_resources(hotspots=str(path)),
    "normals.tsv": lambda path: load_resources(normals=str(path)),
    "sdtm/dm.csv": domain,
    "sdtm/rs.csv": domain,
    "sdtm/tr.csv": domain,
    "sdtm/tu.csv": domain,
    "sdtm/ex.csv": domain,
    "sdtm/ae.csv": domain,
    "sdtm/is.csv": domain,
    "sdtm/lb.csv": domain,
    "sdtm/ds.csv": domain,
    "rs.xpt": domain,
    "rs.parquet": domain,
}


def read_damaged(originals: Path, name: str, folder: Path, seed: int) -> str:
    """Read a file with the injuries of a seed; the words with which it was refused, empty if it was read."""
    content = damaged((originals / name).read_bytes(), seed)
    path = folder / f"damaged-{Path(name).name}"
    path.write_bytes(content)
    began = time.process_time()
    try:
        READERS[name](path)
        words = ""
    except InputError as error:
        words = str(error)
    assert time.process_time() - began < LONGEST_SECONDS, f"seed {seed}"
    return words


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_read_or_refused_with_its_place(originals, tmp_path, name):
    """Some ways to damage each kind of file; every seed is another."""
    shutil.copytree(originals / "sdtm", tmp_path / "sdtm")
    refusals = []
    for seed in range(FAST if name.endswith(QUICK) else SLOW):
        try:
            refusals.append(read_damaged(originals, name, tmp_path, seed))
        except Exception as error:
            raise AssertionError(f"{name} damaged with seed {seed}: {error!r}") from error
    assert all(": found" in words for words in refusals if words)
    assert "" in refusals or len(refusals) == SLOW
