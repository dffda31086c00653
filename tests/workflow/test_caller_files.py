"""Every file of the caller collection goes through the workflow, or is refused with what is wrong with it."""

import pytest
from real_studies import write_rows
from workflow_runs import results, snakemake, succeeded

from clearher.columns import intake, variants
from clearher.tables import read_table

REFUSED_BY_HEADER = ("zero_bytes.vcf", "header_trailing_tab.vcf")
REFUSED_BY_BODY = ("strelka_merged_empty_columns.vcf", "spaces_instead_of_tabs.vcf")
# Files with several samples and no ##tumor_sample: the sheet has to name the column.
COLUMNS = {
    "ad_inconsistent.vcf": "c-tumor2",
    "duplicate_records_empty_info.vcf": "S1",
    "freebayes_ro_ao.vcf": "NA12878",
    "header_only.vcf": "NA00001",
    "multiallelic_indels.vcf": "XY00001",
    "no_contig_lines.vcf": "sample1",
    "number_g_in_info.vcf": "S1",
    "refcall_alt_dot.vcf": "NA00001",
    "sample_names_with_spaces.vcf": "NA 00001",
    "snpeff_eff_old_style.bcf": "1094PC0005",
    "snpeff_eff_old_style.vcf": "1094PC0005",
    "spaces_instead_of_tabs.vcf": "NA00001",
    "spanning_deletion_star.vcf": "Sample1",
    "strelka_merged_empty_columns.vcf": "NORMAL.variant2",
    "vardict_paired.vcf": "abc",
}
CONFIG = """\
study: {id: CALLERS}
data_cut: {id: cut1}
batch_size: 100
inputs: {samples: samples.tsv}
visits: {C1D1: {day: 1, baseline: true}}
"""


@pytest.fixture
def study(fixtures, tmp_path):
    """A study with one subject and sample a file, without the files named; returns folder and file names."""

    def write(without=()):
        folder = fixtures / "caller_vcfs"
        endings = (".vcf", ".vcf.gz", ".bcf", ".maf")
        names = sorted(path.name for path in folder.iterdir() if path.name.endswith(endings))
        kept = [name for name in names if name not in without]
        (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
        keys = ("subject_id", "sample_id", "visit", "study_day", "specimen", "vcf", "vcf_sample")
        cells = [
            (f"S{i}", n, "C1D1", "1", "plasma", str(folder / n), COLUMNS.get(n, ""))
            for i, n in enumerate(kept)
        ]
        write_rows(tmp_path / "samples.tsv", [dict(zip(keys, row, strict=True)) for row in cells])
        return tmp_path, kept

    return write


def test_broken_headers_are_refused_before_any_job(study):
    folder, _ = study()
    said = snakemake(folder).stderr
    assert "2 problems in the input:" in said
    assert all(name in said for name in REFUSED_BY_HEADER)
    assert not (folder / "results").exists()


def test_broken_bodies_are_refused_together_and_named(study):
    """What only reading shows: both files, with the line, in one message of the job that read them."""
    folder, _ = study(without=REFUSED_BY_HEADER)
    done = snakemake(folder, "results/cut1/variants/variants.parquet")
    assert done.returncode != 0
    assert all(f"{name}, row " in done.stderr for name in REFUSED_BY_BODY)
    assert not (results(folder) / "variants" / "variants.parquet").exists()


def test_every_other_file_is_read(study):
    """Each file gives rows, but for a header alone, reference calls alone, and a file of one impossible REF.

    That one record is left out with a finding that names the file.
    """
    folder, names = study(without=(*REFUSED_BY_HEADER, *REFUSED_BY_BODY))
    succeeded(snakemake(folder, "results/cut1/variants/variants.parquet"))
    table = read_table(results(folder) / "variants" / "variants.parquet", variants.VARIANTS)
    samples = read_table(results(folder) / "intake" / "samples.tsv", intake.SAMPLES)
    findings = read_table(results(folder) / "variants" / "findings.tsv", variants.FINDINGS)
    assert set(samples["sample_id"]) == set(names)
    without_rows = {"header_only.vcf", "refcall_alt_dot.vcf", "iupac_reference.vcf"}
    assert set(names) - set(table["sample_id"]) == without_rows
    assert "iupac_reference.vcf" in set(findings.loc[findings["severity"] == "error", "sample_id"])
