"""Adverse events and laboratory values of each subject, all safety tables, and their incidences."""

from clearher.clinical.adverse_events import adverse_event_table
from clearher.clinical.immunogenicity import immunogenicity_lines
from clearher.clinical.laboratory import laboratory_lines, laboratory_table
from clearher.clinical.safety import safety_table
from clearher.clinical.safety_endpoints import safety_endpoints
from clearher.clinical.special_interest import read_special_terms
from clearher.columns import clinical as columns
from clearher.columns import intake
from clearher.log import job_log
from clearher.problems import findings_frame
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    settings = snakemake.params.settings
    subjects = read_table(snakemake.input.subjects, intake.SUBJECTS)
    events, found = adverse_event_table(
        read_table(snakemake.input.events, intake.ADVERSE_EVENTS),
        subjects,
        read_special_terms(snakemake.input.aesi),
        settings=settings["adverse_events"],
    )
    labs = read_table(snakemake.input.labs, intake.LABS)
    laboratory, mixed = laboratory_table(labs, subjects, settings=settings["laboratory"])
    samples = read_table(snakemake.input.samples, columns.IMMUNOGENICITY)
    antibodies = read_table(snakemake.input.antibodies, columns.IMMUNOGENICITY_SUBJECTS)
    further = [
        laboratory_lines(laboratory, subjects, settings=settings),
        immunogenicity_lines(samples, antibodies, subjects, settings=settings),
    ]
    safety = safety_table(events, subjects, further, settings=settings)
    endpoints = safety_endpoints(safety, antibodies, subjects, settings=settings)
    write_table(events, snakemake.output.events, columns.ADVERSE_EVENTS)
    write_table(laboratory, snakemake.output.laboratory, columns.LABORATORY)
    write_table(safety, snakemake.output.safety, columns.SAFETY)
    write_table(endpoints, snakemake.output.endpoints, columns.SAFETY_ENDPOINTS)
    findings = findings_frame([*found, *mixed], "clinical")
    write_table(findings, snakemake.output.findings, columns.SAFETY_FINDINGS)
