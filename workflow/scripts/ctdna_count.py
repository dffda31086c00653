"""Count a subject's tracked variants, and the background error, in its read files."""

import pyarrow.compute as pc

from clearher.columns import ctdna as columns
from clearher.columns import variants
from clearher.ctdna.count_store import CountStore
from clearher.ctdna.reads_job import count_reads
from clearher.log import job_log
from clearher.tables import read_table, stacked, write_table

with job_log(snakemake.log[0]):
    subject_id = snakemake.params.samples[0]["subject_id"]
    # A control belongs to nobody: it is counted at everybody's variants.
    own = pc.field("subject_id") == subject_id if subject_id else None
    tracked = read_table(snakemake.input.tracked, columns.TRACKED, where=own)
    recorded = read_table(
        snakemake.input.variants, variants.VARIANTS, columns=["status", "reasons"], where=own
    )
    call_filters = [rule["name"] for rule in snakemake.params.filters if rule["kind"] == "call"]
    counted = [
        count_reads(
            path,
            sample_id=sample["sample_id"],
            subject_id=subject_id,
            tracked=tracked,
            variants=recorded,
            call_filters=call_filters,
            settings=snakemake.params.settings,
            store=CountStore(snakemake.params.store, snakemake.params.code, *snakemake.params.context),
            fingerprint=fingerprint,
            **{name: next(iter(snakemake.input[name]), None) for name in ("reference", "panel", "blacklist")},
        )
        for path, sample, fingerprint in zip(
            snakemake.input.reads, snakemake.params.samples, snakemake.params.raw, strict=True
        )
    ]
    counts, backgrounds = zip(*counted, strict=True)
    write_table(stacked(list(counts), columns.COUNTS), snakemake.output.counts, columns.COUNTS)
    write_table(
        stacked(list(backgrounds), columns.BACKGROUND), snakemake.output.background, columns.BACKGROUND
    )
