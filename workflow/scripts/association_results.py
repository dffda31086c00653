"""All declared analyses, their curves and landmark sets, and the REMARK profile."""

import json
from pathlib import Path

import pandas as pd

from clearher.association.analyses import AssociationData, association_results
from clearher.association.earlier import earlier_cut
from clearher.association.remark import remark_profile
from clearher.columns import association as columns
from clearher.columns import clinical, ctdna, her2
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    earlier = None
    if snakemake.input.earlier:
        manifest, recorded = map(Path, snakemake.input.earlier)
        analysed = pd.read_csv(recorded, sep="\t", dtype=str, keep_default_na=False)
        earlier = earlier_cut(json.loads(manifest.read_text(encoding="utf-8")), analysed)
    data = AssociationData(
        subjects=read_table(snakemake.input.subjects, columns.SUBJECTS),
        lineage=read_table(snakemake.input.lineage, columns.LINEAGE),
        visits=read_table(snakemake.input.visits, ctdna.VISITS),
        specimens=read_table(snakemake.input.specimens, her2.SPECIMENS),
        populations=read_table(snakemake.input.populations, clinical.POPULATIONS),
        earlier=earlier,
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
