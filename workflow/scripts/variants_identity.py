"""Genotype concordance of each subject's samples, and foreign DNA in each sample."""

from clearher.columns import variants as columns
from clearher.log import job_log
from clearher.problems import findings_frame
from clearher.tables import distinct_rows, read_table, write_table
from clearher.variants.identity import (
    VARIANT_COLUMNS,
    carried_alleles,
    contamination_table,
    identity_table,
)
from clearher.variants.identity_findings import identity_findings
from clearher.variants.selection import at_positions

with job_log(snakemake.log[0]):
    settings, path = snakemake.params.settings, snakemake.input.variants
    samples = distinct_rows(path, columns.VARIANTS, ["subject_id", "sample_id"])
    carried = distinct_rows(path, columns.VARIANTS, ["pos"], where=carried_alleles(settings["identity"]))
    variants = read_table(path, columns.VARIANTS, columns=VARIANT_COLUMNS, where=at_positions(carried["pos"]))
    identity = identity_table(variants, samples, settings=settings)
    contamination = contamination_table(variants, samples, settings=settings)
    findings = findings_frame(identity_findings(identity), "variants")
    write_table(identity, snakemake.output.identity, columns.IDENTITY)
    write_table(contamination, snakemake.output.contamination, columns.CONTAMINATION)
    write_table(findings, snakemake.output.findings, columns.IDENTITY_FINDINGS)
