"""Adverse events, laboratory values and heart function of each subject, all safety tables, incidences."""

from clearher.clinical.safety_tables import safety_tables
from clearher.clinical.special_interest import read_special_terms
from clearher.columns import clinical as columns
from clearher.columns import intake
from clearher.log import job_log
from clearher.problems import findings_frame
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    tables = safety_tables(
        {
            "subjects": read_table(snakemake.input.subjects, intake.SUBJECTS),
            "adverse_events": read_table(snakemake.input.events, intake.ADVERSE_EVENTS),
            "doses": read_table(snakemake.input.doses, intake.DOSES),
            "labs": read_table(snakemake.input.labs, intake.LABS),
        },
        read_table(snakemake.input.samples, columns.IMMUNOGENICITY),
        read_table(snakemake.input.antibodies, columns.IMMUNOGENICITY_SUBJECTS),
        read_special_terms(snakemake.input.aesi),
        settings=snakemake.params.settings,
    )
    write_table(tables.events, snakemake.output.events, columns.ADVERSE_EVENTS)
    write_table(tables.laboratory, snakemake.output.laboratory, columns.LABORATORY)
    write_table(tables.heart, snakemake.output.heart, columns.EJECTION_FRACTION)
    write_table(tables.safety, snakemake.output.safety, columns.SAFETY)
    write_table(tables.endpoints, snakemake.output.endpoints, columns.SAFETY_ENDPOINTS)
    findings = findings_frame(tables.findings, "clinical")
    write_table(findings, snakemake.output.findings, columns.SAFETY_FINDINGS)
