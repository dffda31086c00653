"""Read, annotate and filter the variant files of a batch of subjects."""

from clearher.columns import variants as columns
from clearher.intake.sample_table import raw_sample_table
from clearher.log import job_log
from clearher.tables import write_table
from clearher.variants.batch import read_batch
from clearher.variants.resources import load_resources

with job_log(snakemake.log[0]):
    paths = {
        row["sample_id"]: path
        for row, path in zip(snakemake.params.samples, snakemake.input.vcf, strict=True)
    }
    samples = raw_sample_table(snakemake.params.samples)
    samples["vcf"] = samples["sample_id"].map(paths)
    context = ("reference", "panel", "hotspots", "blacklist", "normals", "ch_genes")
    resources = load_resources(**{name: next(iter(snakemake.input[name]), None) for name in context})
    batch = read_batch(samples, settings=snakemake.params.settings, resources=resources)
    write_table(batch.variants, snakemake.output.variants, columns.VARIANTS)
    write_table(batch.coverage, snakemake.output.coverage, columns.COVERAGE)
    write_table(batch.attrition, snakemake.output.attrition, columns.ATTRITION)
    write_table(batch.findings, snakemake.output.findings, columns.FINDINGS)
