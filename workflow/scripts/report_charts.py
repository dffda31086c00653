"""Write the interactive figures of the page and the script that draws them; they hold no data."""

from clearher.log import job_log
from clearher.report.files import write_json
from clearher.report.interactive import chart_file

with job_log(snakemake.log[0]):
    write_json(chart_file(), snakemake.output.charts)
