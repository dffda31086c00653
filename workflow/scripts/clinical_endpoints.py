"""Endpoints of the study by population and group, Kaplan-Meier curves, and all findings of the stage."""

import pandas as pd

from clearher.clinical.endpoints import endpoint_tables
from clearher.clinical.populations import subject_variables
from clearher.columns import clinical as columns
from clearher.columns import intake
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors, with_severity
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    settings = snakemake.params.settings
    responses = read_table(snakemake.input.responses, columns.RESPONSES)
    variables = subject_variables(
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        responses,
        read_table(snakemake.input.samples, intake.SAMPLES),
        read_table(snakemake.input.her2, intake.HER2),
        evaluator=settings["response"]["evaluator"],
    )
    times = read_table(snakemake.input.times, columns.TIME_TO_EVENT)
    tables = endpoint_tables(responses, times, variables, settings=settings)
    problems = with_severity(tables.findings, snakemake.params.severity)
    raise_if_errors(problems)
    write_table(tables.endpoints, snakemake.output.endpoints, columns.ENDPOINTS)
    write_table(tables.curves, snakemake.output.curves, columns.CURVES)
    write_table(tables.populations, snakemake.output.populations, columns.POPULATIONS)
    found = [read_table(path, columns.FINDINGS) for path in snakemake.input.findings]
    findings = pd.concat([*found, findings_frame(problems, "clinical")], ignore_index=True)
    write_table(findings, snakemake.output.findings, columns.FINDINGS)
