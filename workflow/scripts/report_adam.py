"""Write the ADaM-like transport files, their variables, and the texts that had to change."""

from pathlib import Path

import pandas as pd

from clearher.columns import report as columns
from clearher.log import job_log
from clearher.report.adam import LABELS, adam_datasets
from clearher.report.catalogue import TABLES_OF_ADAM
from clearher.report.results import read_results
from clearher.report.xport import write_xport
from clearher.tables import frame_of, write_table

with job_log(snakemake.log[0]):
    results = read_results(TABLES_OF_ADAM, snakemake.input.tables)
    paths = {Path(path).stem: path for path in snakemake.output.xpt}
    variables, changes = [], []
    for dataset in adam_datasets(results, snakemake.params.settings):
        labels = {name: LABELS[name] for name in dataset.frame.columns}
        changes += write_xport(
            dataset.frame, paths[dataset.name], name=dataset.name, label=dataset.label, labels=labels
        )
        for position, (name, label) in enumerate(labels.items(), 1):
            kind = "text" if dataset.frame[name].dtype == object else "numeric"
            kind = "date" if pd.api.types.is_datetime64_any_dtype(dataset.frame[name]) else kind
            row = {"dataset": dataset.name, "position": position, "variable": name}
            variables.append({**row, "label": label, "kind": kind, "source": dataset.source})
    write_table(
        frame_of(variables, columns.ADAM_VARIABLES), snakemake.output.variables, columns.ADAM_VARIABLES
    )
    rows = [vars(change) for change in changes]
    write_table(frame_of(rows, columns.ADAM_CHANGES), snakemake.output.changes, columns.ADAM_CHANGES)
