"""Put the batches of variants together, with the study day and visit of each sample."""

from clearher.columns import intake
from clearher.columns import variants as columns
from clearher.log import job_log
from clearher.tables import read_table, write_table
from clearher.variants.copies import copy_number_rows
from clearher.variants.merge import merge_batches
from clearher.variants.unannotated import annotation_findings
from clearher.variants.watched import watched_gene_findings

PARTS = {
    "variants": columns.VARIANTS,
    "coverage": columns.COVERAGE,
    "attrition": columns.ATTRITION,
    "findings": columns.FINDINGS,
}

with job_log(snakemake.log[0]):
    samples = read_table(snakemake.input.samples, intake.SAMPLES)
    copies = read_table(snakemake.input.copies, intake.COPIES)
    of_cohort = {"variants": [copy_number_rows(copies, samples, thresholds=snakemake.params.thresholds)]}
    for name, table in PARTS.items():
        batches = [read_table(path, table) for path in snakemake.input[name]]
        merged = merge_batches([*batches, *of_cohort.get(name, [])], table, samples)
        if name == "variants":
            of_cohort["findings"] = [watched_gene_findings(merged), annotation_findings(merged)]
        write_table(merged, snakemake.output[name], table)
