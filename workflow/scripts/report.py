"""Write the report page from the tables and figures of the cut."""

from clearher.intake.versions import package_versions
from clearher.log import job_log
from clearher.report.build import build_page
from clearher.report.catalogue import TABLES_READ
from clearher.report.files import read_json, write_text
from clearher.report.results import read_results

with job_log(snakemake.log[0]):
    results = read_results(TABLES_READ, snakemake.input.tables)
    page = build_page(
        results,
        settings=snakemake.params.settings,
        figures=snakemake.input.figures,
        charts=read_json(snakemake.input.charts),
        versions=package_versions(snakemake.input.environment),
        code=snakemake.params.code,
    )
    write_text(page, snakemake.output.report)
