"""One row a subject with every variable, and where each variable comes from."""

from clearher.association.analysis_set import analysis_set
from clearher.columns import association as columns
from clearher.columns import clinical, ctdna, her2, intake
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    joined = analysis_set(
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        her2_subjects=read_table(snakemake.input.her2, her2.SUBJECTS),
        ctdna_subjects=read_table(snakemake.input.ctdna, ctdna.SUBJECTS),
        ctdna_visits=read_table(snakemake.input.visits, ctdna.VISITS),
        landscape=read_table(snakemake.input.landscape, ctdna.LANDSCAPE),
        responses=read_table(snakemake.input.responses, clinical.RESPONSES),
        time_to_event=read_table(snakemake.input.times, clinical.TIME_TO_EVENT),
        settings=snakemake.params.settings,
    )
    write_table(joined.subjects, snakemake.output.subjects, columns.SUBJECTS)
    write_table(joined.lineage, snakemake.output.lineage, columns.LINEAGE)
