"""Detection, level and limit of detection of each plasma sample."""

import pandas as pd

from clearher.columns import ctdna as columns
from clearher.columns import intake, variants
from clearher.ctdna.calls_only import calls_only_findings
from clearher.ctdna.identity import foreign_samples
from clearher.ctdna.samples import sample_table
from clearher.ctdna.shared_variants import VARIANT_COLUMNS, shared_variant_findings
from clearher.log import job_log
from clearher.tables import read_table, write_table
from clearher.variants.selection import with_status

with job_log(snakemake.log[0]):
    tracked = read_table(snakemake.input.tracked, columns.TRACKED)
    table = sample_table(
        read_table(snakemake.input.tracking, columns.TRACKING),
        read_table(snakemake.input.samples, intake.SAMPLES),
        read_table(snakemake.input.results, intake.RESULTS),
        tracked,
        settings=snakemake.params.settings,
    )
    shared = shared_variant_findings(
        tracked,
        read_table(
            snakemake.input.variants,
            variants.VARIANTS,
            columns=VARIANT_COLUMNS,
            where=with_status("CALLED"),
        ),
        settings=snakemake.params.settings,
        foreign=foreign_samples(read_table(snakemake.input.identity, variants.IDENTITY)),
    )
    findings = pd.concat([calls_only_findings(table), shared])
    write_table(table, snakemake.output.samples, columns.SAMPLES)
    write_table(findings, snakemake.output.findings, columns.FINDINGS)
