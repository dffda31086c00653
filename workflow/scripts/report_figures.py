"""Draw figures of the report as SVG and PDF."""

from pathlib import Path

from clearher.log import job_log
from clearher.report.catalogue import FIGURES, tables_of
from clearher.report.drawing import draw
from clearher.report.results import read_results
from clearher.report.style import figure_style, write_figure

with job_log(snakemake.log[0]):
    names = [Path(svg).stem for svg in snakemake.output.svg]
    tables = tables_of(figure for figure in FIGURES if figure.name in names)
    results = read_results(tables, snakemake.input.tables)
    for name, svg, pdf in zip(names, snakemake.output.svg, snakemake.output.pdf, strict=True):
        with figure_style():
            figure = draw(name, results, snakemake.params.settings)
            write_figure(figure, svg, pdf)
