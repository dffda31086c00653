"""Lead of molecular over radiographic progression."""

from clearher.association.lead_time import lead_time
from clearher.columns import association as columns
from clearher.columns import clinical, ctdna, intake
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    found = lead_time(
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        read_table(snakemake.input.ctdna, ctdna.SUBJECTS),
        read_table(snakemake.input.visits, ctdna.VISITS),
        read_table(snakemake.input.responses, clinical.RESPONSES),
        settings=snakemake.params.settings,
    )
    write_table(found.subjects, snakemake.output.subjects, columns.LEAD_TIME)
    write_table(found.summary, snakemake.output.summary, columns.LEAD_TIME_SUMMARY)
