"""All declared analyses, their curves and landmark sets, and the REMARK profile."""

from clearher.association.analyses import AssociationData, association_results
from clearher.association.remark import remark_profile
from clearher.columns import association as columns
from clearher.columns import clinical, ctdna, her2
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    data = AssociationData(
        subjects=read_table(snakemake.input.subjects, columns.SUBJECTS),
        lineage=read_table(snakemake.input.lineage, columns.LINEAGE),
        visits=read_table(snakemake.input.visits, ctdna.VISITS),
        specimens=read_table(snakemake.input.specimens, her2.SPECIMENS),
        populations=read_table(snakemake.input.populations, clinical.POPULATIONS),
    )
    found = association_results(data, settings=snakemake.params.settings)
    remark = remark_profile(data, found.results, snakemake.params.settings)
    write_table(found.results, snakemake.output.results, columns.RESULTS)
    write_table(found.levels, snakemake.output.levels, columns.LEVELS)
    write_table(found.curves, snakemake.output.curves, columns.CURVES)
    write_table(found.landmark_curves, snakemake.output.landmark_curves, columns.LANDMARK_CURVES)
    write_table(found.landmark_sets, snakemake.output.landmark_sets, columns.LANDMARK_SETS)
    write_table(found.prediction_curves, snakemake.output.prediction_curves, columns.PREDICTION_CURVES)
    write_table(remark, snakemake.output.remark, columns.REMARK)
