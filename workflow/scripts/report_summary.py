"""Write the five lines that end a run."""

from clearher.log import job_log
from clearher.report.catalogue import TABLES_OF_SUMMARY
from clearher.report.files import write_text
from clearher.report.results import read_results
from clearher.report.summary import summary_lines

with job_log(snakemake.log[0]):
    results = read_results(TABLES_OF_SUMMARY, snakemake.input.tables)
    lines = summary_lines(results, settings=snakemake.params.settings, report=snakemake.params.report)
    write_text("\n".join(lines) + "\n", snakemake.output.summary)
