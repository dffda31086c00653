"""Genotype concordance of each subject's samples, and foreign DNA in each sample."""

from clearher.columns import variants as columns
from clearher.log import job_log
from clearher.problems import findings_frame
from clearher.tables import read_table, write_table
from clearher.variants.identity import VARIANT_COLUMNS, contamination_table, identity_table
from clearher.variants.identity_findings import identity_findings

with job_log(snakemake.log[0]):
    variants = read_table(snakemake.input.variants, columns.VARIANTS, columns=VARIANT_COLUMNS)
    settings = snakemake.params.settings
    identity = identity_table(variants, settings=settings)
    findings = findings_frame(identity_findings(identity), "variants")
    write_table(identity, snakemake.output.identity, columns.IDENTITY)
    write_table(
        contamination_table(variants, settings=settings),
        snakemake.output.contamination,
        columns.CONTAMINATION,
    )
    write_table(findings, snakemake.output.findings, columns.IDENTITY_FINDINGS)
