"""Genes over the cohort: at baseline, emergent, cleared, with frequencies."""

from clearher.columns import ctdna as columns
from clearher.ctdna.landscape import gene_frequencies, landscape_table
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    visits = read_table(snakemake.input.visits, columns.VISITS)
    landscape = landscape_table(
        read_table(snakemake.input.tracked, columns.TRACKED),
        read_table(snakemake.input.tracking, columns.TRACKING),
        read_table(snakemake.input.emergent, columns.EMERGENT),
        visits,
    )
    write_table(landscape, snakemake.output.landscape, columns.LANDSCAPE)
    frequencies = gene_frequencies(landscape, visits, settings=snakemake.params.settings)
    write_table(frequencies, snakemake.output.frequencies, columns.GENE_FREQUENCIES)
