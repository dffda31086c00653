"""All findings of intake in one table."""

import pandas as pd

from clearher.columns.intake import FINDINGS
from clearher.log import job_log
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    tables = [read_table(path, FINDINGS) for path in snakemake.input.findings]
    write_table(pd.concat(tables, ignore_index=True), snakemake.output.findings, FINDINGS)
