"""The variants to follow in each subject, frozen at baseline."""

from clearher.columns import ctdna as columns
from clearher.columns import intake, variants
from clearher.ctdna.identity import foreign_samples
from clearher.ctdna.tracked import (
    VARIANT_COLUMNS,
    alleles_needed,
    called_in_tissue,
    known_from_tissue,
    set_baselines,
    tracked_set,
)
from clearher.log import job_log
from clearher.tables import distinct_rows, read_table, write_table


def alleles(where):
    """The alleles of the cohort for which a condition holds."""
    return read_table(snakemake.input.variants, variants.VARIANTS, columns=VARIANT_COLUMNS, where=where)


with job_log(snakemake.log[0]):
    settings, visits = snakemake.params.settings, snakemake.params.visits
    samples = read_table(snakemake.input.samples, intake.SAMPLES)
    foreign = foreign_samples(read_table(snakemake.input.identity, variants.IDENTITY))
    named = distinct_rows(snakemake.input.variants, variants.VARIANTS, ["sample_id", "chrom"])
    baseline = set_baselines(
        samples, named["sample_id"].unique(), visits, rule=settings["baseline"], foreign=foreign
    )
    listed = read_table(snakemake.input.tissue, intake.TISSUE)
    tissue = known_from_tissue(alleles(called_in_tissue()), listed, named["chrom"])
    tracked = tracked_set(
        alleles(alleles_needed(baseline, tissue)),
        samples,
        baseline,
        tissue,
        visits,
        filter_kinds={rule["name"]: rule["kind"] for rule in snakemake.params.filters},
        settings=settings,
        foreign=foreign,
    )
    write_table(tracked, snakemake.output.tracked, columns.TRACKED)
