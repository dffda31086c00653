"""HER2 in plasma and serum beside HER2 in tissue."""

import pyarrow.compute as pc

from clearher.association.plasma_her2 import GENE, VARIANT_COLUMNS, plasma_her2
from clearher.columns import association as columns
from clearher.columns import ctdna, her2, intake, variants
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    of_gene = (pc.field("gene") == GENE) | (pc.field("variant_class") == "CNV")
    table = plasma_her2(
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        her2_subjects=read_table(snakemake.input.her2, her2.SUBJECTS),
        ctdna_subjects=read_table(snakemake.input.ctdna, ctdna.SUBJECTS),
        samples=read_table(snakemake.input.samples, intake.SAMPLES),
        variants=read_table(
            snakemake.input.variants, variants.VARIANTS, columns=VARIANT_COLUMNS, where=of_gene
        ),
        labs=read_table(snakemake.input.labs, intake.LABS),
        settings=snakemake.params.settings,
    )
    write_table(table, snakemake.output.table, columns.HER2_PLASMA)
