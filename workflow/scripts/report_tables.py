"""Write the publication tables as RTF and the workbook of all tables."""

from pathlib import Path

from clearher.log import job_log
from clearher.report.catalogue import TABLES_IN_WORKBOOK
from clearher.report.files import write_bytes, write_text
from clearher.report.publication import publications
from clearher.report.results import read_results
from clearher.report.rtf_tables import table_rtf
from clearher.report.workbook import workbook_bytes

with job_log(snakemake.log[0]):
    results = read_results(TABLES_IN_WORKBOOK, snakemake.input.tables)
    settings = snakemake.params.settings
    programme = f"{settings['study']['id']}, data cut {settings['data_cut']['id']}. ClearHER report_tables."
    tables = {table.name: table for table in publications(results, settings)}
    for path in snakemake.output.rtf:
        write_text(table_rtf(tables[Path(path).stem], programme=programme), path)
    write_bytes(workbook_bytes(results, TABLES_IN_WORKBOOK), snakemake.output.workbook)
