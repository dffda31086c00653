"""One status for every subject, tracked variant and sample, with counts and error rates."""

from clearher.columns import ctdna as columns
from clearher.columns import intake, variants
from clearher.ctdna.error import with_error_rates
from clearher.ctdna.identity import foreign_samples
from clearher.ctdna.outliers import with_outliers
from clearher.ctdna.tracking import CALL_COLUMNS, stacked, tracking_table
from clearher.log import job_log
from clearher.tables import read_table, write_table
from clearher.variants.resources import load_resources
from clearher.variants.selection import at_positions

with job_log(snakemake.log[0]):
    settings, data = snakemake.params.settings, snakemake.input
    samples, tracked = read_table(data.samples, intake.SAMPLES), read_table(data.tracked, columns.TRACKED)
    counts = stacked([read_table(path, columns.COUNTS) for path in data.counts], columns.COUNTS)
    followed = at_positions(tracked["pos"])
    tracking = tracking_table(
        tracked,
        read_table(data.variants, variants.VARIANTS, columns=CALL_COLUMNS, where=followed),
        counts,
        read_table(data.coverage, variants.COVERAGE),
        read_table(data.fillout, intake.COUNTS),
        samples,
        read_table(data.subjects, intake.SUBJECTS),
        snakemake.params.visits,
        filter_kinds={rule["name"]: rule["kind"] for rule in snakemake.params.filters},
        settings=settings,
        foreign=foreign_samples(read_table(data.identity, variants.IDENTITY)),
        panel=load_resources(panel=next(iter(data.panel), None)).panel,
    )
    controls = samples.loc[samples["specimen"] == "control", "sample_id"].tolist()
    backgrounds = [read_table(path, columns.BACKGROUND) for path in data.backgrounds]
    tracking = with_error_rates(
        tracking,
        stacked(backgrounds, columns.BACKGROUND),
        settings=settings,
        controls=controls,
        control_counts=counts[counts["sample_id"].isin(controls)],
    )
    tracking = with_outliers(tracking, tracked, settings=settings)
    write_table(tracking, snakemake.output.tracking, columns.TRACKING)
