"""HER2 category of each specimen and subject, agreement of readings and change between specimens."""

from clearher.columns import her2 as columns
from clearher.columns import intake
from clearher.her2.stage import her2_tables
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    records = read_table(snakemake.input.her2, intake.HER2)
    subjects = read_table(snakemake.input.subjects, intake.SUBJECTS)
    tables = her2_tables(records, subjects, settings=snakemake.params.settings)
    write_table(tables.specimens, snakemake.output.specimens, columns.SPECIMENS)
    write_table(tables.subjects, snakemake.output.subjects, columns.SUBJECTS)
    write_table(tables.agreement, snakemake.output.agreement, columns.AGREEMENT)
    write_table(tables.conversion, snakemake.output.conversion, columns.CONVERSION)
    write_table(tables.findings, snakemake.output.findings, columns.FINDINGS)
