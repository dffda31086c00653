"""Draw every figure of the report as SVG and PDF."""

from pathlib import Path

from clearher.log import job_log
from clearher.report.catalogue import TABLES_READ
from clearher.report.drawing import draw
from clearher.report.results import read_results
from clearher.report.style import figure_style, write_figure

with job_log(snakemake.log[0]):
    results = read_results(TABLES_READ, snakemake.input.tables)
    for svg, pdf in zip(snakemake.output.svg, snakemake.output.pdf, strict=True):
        with figure_style():
            figure = draw(Path(svg).stem, results, snakemake.params.settings)
            write_figure(figure, svg)
            write_figure(figure, pdf)
