"""Adverse events and antibodies by HER2 level, ctDNA status and response."""

from clearher.association.safety_by_marker import safety_by_marker
from clearher.columns import association as columns
from clearher.columns import clinical, intake
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    table = safety_by_marker(
        read_table(snakemake.input.subjects, columns.SUBJECTS),
        read_table(snakemake.input.people, intake.SUBJECTS),
        read_table(snakemake.input.events, clinical.ADVERSE_EVENTS),
        read_table(snakemake.input.antibodies, clinical.IMMUNOGENICITY_SUBJECTS),
        infusion_categories=snakemake.params.infusion_categories,
        settings=snakemake.params.settings,
    )
    write_table(table, snakemake.output.table, columns.SAFETY_BY_MARKER)
