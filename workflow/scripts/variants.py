"""Put the batches of variants together, with the study day and visit of each sample."""

from clearher.columns import intake
from clearher.columns import variants as columns
from clearher.log import job_log
from clearher.tables import read_table, write_table
from clearher.variants.merge import merge_batches

PARTS = {
    "variants": columns.VARIANTS,
    "coverage": columns.COVERAGE,
    "attrition": columns.ATTRITION,
    "findings": columns.FINDINGS,
}

with job_log(snakemake.log[0]):
    samples = read_table(snakemake.input.samples, intake.SAMPLES)
    for name, table in PARTS.items():
        batches = [read_table(path, table) for path in snakemake.input[name]]
        write_table(merge_batches(batches, table, samples), snakemake.output[name], table)
