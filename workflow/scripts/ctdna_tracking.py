"""One status for every subject, tracked variant and sample, with counts and error rates."""

from clearher.columns import ctdna as columns
from clearher.columns import intake, variants
from clearher.ctdna.error import with_error_rates
from clearher.ctdna.identity import foreign_samples
from clearher.ctdna.outliers import with_outliers
from clearher.ctdna.tracking import CALL_COLUMNS, tracking_table
from clearher.log import job_log
from clearher.tables import read_table, read_tables, write_table
from clearher.variants.resources import load_resources
from clearher.variants.selection import at_positions

with job_log(snakemake.log[0]):
    samples = read_table(snakemake.input.samples, intake.SAMPLES)
    counts = read_tables(snakemake.input.counts, columns.COUNTS)
    tracked = read_table(snakemake.input.tracked, columns.TRACKED)
    followed = at_positions(tracked["pos"])
    tracking = tracking_table(
        tracked,
        read_table(snakemake.input.variants, variants.VARIANTS, columns=CALL_COLUMNS, where=followed),
        counts,
        read_table(snakemake.input.coverage, variants.COVERAGE),
        read_table(snakemake.input.fillout, intake.COUNTS),
        samples,
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        snakemake.params.visits,
        filter_kinds={rule["name"]: rule["kind"] for rule in snakemake.params.filters},
        settings=snakemake.params.settings,
        foreign=foreign_samples(read_table(snakemake.input.identity, variants.IDENTITY)),
        panel=load_resources(panel=next(iter(snakemake.input.panel), None)).panel,
    )
    controls = samples.loc[samples["specimen"] == "control", "sample_id"].tolist()
    tracking = with_error_rates(
        tracking,
        read_tables(snakemake.input.backgrounds, columns.BACKGROUND),
        settings=snakemake.params.settings,
        controls=controls,
        control_counts=counts[counts["sample_id"].isin(controls)],
    )
    tracking = with_outliers(tracking, tracked, settings=snakemake.params.settings)
    write_table(tracking, snakemake.output.tracking, columns.TRACKING)
