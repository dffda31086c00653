"""Count a subject's tracked variants, and the background error, in one read file."""

from clearher.columns import ctdna as columns
from clearher.columns import variants
from clearher.ctdna.reads_job import count_reads
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    sample = snakemake.params.sample
    # A control belongs to nobody: it is counted at everybody's variants.
    own = {"subject_id": sample["subject_id"]} if sample["subject_id"] else {}
    counted = count_reads(
        str(snakemake.input.reads),
        sample_id=sample["sample_id"],
        subject_id=sample["subject_id"],
        tracked=read_table(snakemake.input.tracked, columns.TRACKED, where=own),
        variants=read_table(snakemake.input.variants, variants.VARIANTS, where=own),
        settings=snakemake.params.settings,
        **{name: next(iter(snakemake.input[name]), None) for name in ("reference", "panel", "blacklist")},
    )
    write_table(counted.counts, snakemake.output.counts, columns.COUNTS)
    write_table(counted.background, snakemake.output.background, columns.BACKGROUND)
