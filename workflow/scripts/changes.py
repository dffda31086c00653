"""What differs from the previous data cut, and why."""

from pathlib import Path

from clearher.columns.report import CHANGES, CHANGES_FINDINGS
from clearher.intake.versions import package_versions
from clearher.log import job_log
from clearher.report.changes import Cut, changes, read_as_text, read_previous
from clearher.report.comparison import TABLES_COMPARED
from clearher.tables import write_table

with job_log(snakemake.log[0]):
    previous = snakemake.params.previous
    old = read_previous(previous, TABLES_COMPARED) if previous else None
    compared = zip(TABLES_COMPARED, snakemake.input.tables, strict=True) if previous else ()
    new = Cut(
        tables={table: read_as_text(Path(path)) for table, path in compared},
        config=snakemake.params.config,
        code=snakemake.params.workflow,
        versions=package_versions(snakemake.input.environment),
        samples=snakemake.params.samples,
        context=snakemake.params.context,
    )
    differing, findings = changes(old, new)
    write_table(differing, snakemake.output.changes, CHANGES)
    write_table(findings, snakemake.output.findings, CHANGES_FINDINGS)
