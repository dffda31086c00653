"""Time to event of each subject under the primary and every sensitivity rule."""

from clearher.clinical.time_to_event import time_tables
from clearher.columns import clinical as columns
from clearher.columns import intake
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors, with_severity
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    tables = time_tables(
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        read_table(snakemake.input.assessments, intake.ASSESSMENTS),
        read_table(snakemake.input.lesions, intake.LESIONS),
        read_table(snakemake.input.therapies, intake.THERAPIES),
        read_table(snakemake.input.contacts, intake.CONTACTS),
        read_table(snakemake.input.supplied, intake.SUPPLIED),
        settings=snakemake.params.settings,
    )
    problems = with_severity(tables.findings, snakemake.params.severity)
    raise_if_errors(problems)
    write_table(tables.times, snakemake.output.times, columns.TIME_TO_EVENT)
    findings = findings_frame(problems, "clinical")
    write_table(findings, snakemake.output.findings, columns.TIME_FINDINGS)
