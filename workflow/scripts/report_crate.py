"""Write the RO-Crate metadata of the cut."""

from pathlib import Path

from clearher.columns import all_tables
from clearher.log import job_log
from clearher.report.crate import crate_metadata
from clearher.report.files import write_json
from clearher.report.manifest import file_records

with job_log(snakemake.log[0]):
    folder = Path(snakemake.output.crate).parent
    content = crate_metadata(
        file_records(snakemake.input.results, relative_to=folder),
        settings=snakemake.params.settings,
        descriptions={table.path: f"One row is {table.row}." for _, table in all_tables()},
    )
    write_json(content, snakemake.output.crate)
