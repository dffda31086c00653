"""Detection, level and limit of detection of each plasma sample."""

from clearher.columns import ctdna as columns
from clearher.columns import intake
from clearher.ctdna.calls_only import calls_only_findings
from clearher.ctdna.samples import sample_table
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    table = sample_table(
        read_table(snakemake.input.tracking, columns.TRACKING),
        read_table(snakemake.input.samples, intake.SAMPLES),
        read_table(snakemake.input.results, intake.RESULTS),
        read_table(snakemake.input.tracked, columns.TRACKED),
        settings=snakemake.params.settings,
    )
    write_table(table, snakemake.output.samples, columns.SAMPLES)
    write_table(calls_only_findings(table), snakemake.output.findings, columns.FINDINGS)
