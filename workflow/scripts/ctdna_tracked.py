"""The variants to follow in each subject, frozen at baseline."""

from clearher.columns import ctdna as columns
from clearher.columns import intake, variants
from clearher.ctdna.identity import foreign_samples
from clearher.ctdna.tracked import VARIANT_COLUMNS, tracked_set
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    tracked = tracked_set(
        read_table(snakemake.input.variants, variants.VARIANTS, columns=VARIANT_COLUMNS),
        read_table(snakemake.input.samples, intake.SAMPLES),
        read_table(snakemake.input.tissue, intake.TISSUE),
        snakemake.params.visits,
        filter_kinds={rule["name"]: rule["kind"] for rule in snakemake.params.filters},
        settings=snakemake.params.settings,
        foreign=foreign_samples(read_table(snakemake.input.identity, variants.IDENTITY)),
    )
    write_table(tracked, snakemake.output.tracked, columns.TRACKED)
