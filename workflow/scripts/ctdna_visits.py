"""Each subject's course: visits, clearance, response, progression, and the cohort's clearance."""

from clearher.columns import ctdna as columns
from clearher.columns import intake, variants
from clearher.ctdna.course import course_tables
from clearher.ctdna.identity import foreign_samples
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    tables = course_tables(
        read_table(snakemake.input.results, columns.SAMPLES),
        read_table(snakemake.input.tracking, columns.TRACKING),
        read_table(snakemake.input.tracked, columns.TRACKED),
        read_table(snakemake.input.samples, intake.SAMPLES),
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        snakemake.params.visits,
        settings=snakemake.params.settings,
        foreign=foreign_samples(read_table(snakemake.input.identity, variants.IDENTITY)),
    )
    for name, table in tables.items():
        write_table(table, snakemake.output[name], getattr(columns, name.upper()))
