"""Put the batches of variants together, with the study day and visit of each sample."""

import pandas as pd
import pyarrow.compute as pc

from clearher.columns import intake
from clearher.columns import variants as columns
from clearher.log import job_log
from clearher.tables import read_table, write_portions, write_table
from clearher.variants.copies import copy_number_rows
from clearher.variants.merge import merge_batches, merged_variants
from clearher.variants.unannotated import VARIANT_COLUMNS, annotated_samples, annotation_findings
from clearher.variants.watched import WATCHED_GENE, of_watched_gene, watched_gene_findings

PARTS = {"coverage": columns.COVERAGE, "attrition": columns.ATTRITION, "findings": columns.FINDINGS}

with job_log(snakemake.log[0]):
    samples = read_table(snakemake.input.samples, intake.SAMPLES)
    copies = read_table(snakemake.input.copies, intake.COPIES)
    altered = copy_number_rows(copies, samples, thresholds=snakemake.params.thresholds)
    watched, annotated = [of_watched_gene(altered[:0])], [annotated_samples(altered[:0])]

    def noted(portions):
        """The portions; what findings are made of is kept of each."""
        for portion in portions:
            gene = portion.filter(pc.field("gene") == WATCHED_GENE)
            watched.append(of_watched_gene(gene.to_pandas()))
            annotated.append(annotated_samples(portion.select(VARIANT_COLUMNS).to_pandas()))
            yield portion

    portions = noted(merged_variants(snakemake.input.variants, altered, samples))
    write_portions(portions, snakemake.output.variants, columns.VARIANTS)
    calls = [rule["name"] for rule in snakemake.params.filters if rule["kind"] == "call"]
    of_cohort = {
        "findings": [
            watched_gene_findings(pd.concat(watched), call_filters=calls),
            annotation_findings(pd.concat(annotated)),
        ]
    }
    for name, table in PARTS.items():
        batches = [read_table(path, table) for path in snakemake.input[name]]
        merged = merge_batches([*batches, *of_cohort.get(name, [])], table, samples)
        write_table(merged, snakemake.output[name], table)
