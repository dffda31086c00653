"""Tumour response of each subject, the records it rests on, and the agreement of evaluators."""

from clearher.clinical.response import response_tables
from clearher.columns import clinical as columns
from clearher.columns import intake
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors, with_severity
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    tables = response_tables(
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        read_table(snakemake.input.assessments, intake.ASSESSMENTS),
        read_table(snakemake.input.lesions, intake.LESIONS),
        read_table(snakemake.input.therapies, intake.THERAPIES),
        read_table(snakemake.input.supplied, intake.SUPPLIED),
        settings=snakemake.params.settings,
    )
    problems = with_severity(tables.findings, snakemake.params.severity)
    raise_if_errors(problems)
    write_table(tables.responses, snakemake.output.responses, columns.RESPONSES)
    write_table(tables.visits, snakemake.output.visits, columns.VISITS)
    write_table(tables.selection, snakemake.output.selection, columns.SELECTION)
    write_table(tables.steps, snakemake.output.steps, columns.STEP_COUNTS)
    write_table(tables.agreement, snakemake.output.agreement, columns.AGREEMENT)
    findings = findings_frame(problems, "clinical")
    write_table(findings, snakemake.output.findings, columns.RESPONSE_FINDINGS)
