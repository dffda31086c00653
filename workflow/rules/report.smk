"""Report.

Needs: the tables of every stage, report/figures/*.svg for the page.
Makes: report/changes.tsv, report/figures/*.svg and *.pdf, report/charts.json, report/report.html,
    report/summary.txt, report/tables/*.rtf and tables.xlsx, adam/*.xpt, ro-crate-metadata.json, manifest.json.
Steps: compare with the previous cut, draw each stage's figures as soon as the stage is done, put figures and
    tables into one page, sum the run up in five lines, record what went in and what came out.
"""

from clearher.report.catalogue import (
    ADAM,
    FIGURES,
    PUBLICATIONS,
    TABLES_IN_WORKBOOK,
    TABLES_OF_ADAM,
    TABLES_OF_SUMMARY,
    TABLES_READ,
    figures_until,
    tables_of,
)
from clearher.report.comparison import TABLES_COMPARED

PREVIOUS_MANIFEST = [f"{STUDY.previous}/manifest.json"] if STUDY.previous else []
REPORT_TABLES = [cut(table.path) for table in TABLES_READ]
CTDNA_FIGURES = figures_until("ctdna")
ASSOCIATION_FIGURES = figures_until("association")
REPORT_FIGURES = [cut(f"report/figures/{figure.name}.svg") for figure in FIGURES]
REPORT_PRINTS = [cut(f"report/figures/{figure.name}.pdf") for figure in FIGURES]
REPORT_PAGES = [
    cut("report/report.html"),
    cut("report/summary.txt"),
    cut("report/charts.json"),
]
REPORT_RTF = [cut(f"report/tables/{name}.rtf") for name in PUBLICATIONS]
REPORT_WORKBOOK = [cut("report/tables/tables.xlsx")]
REPORT_ADAM = [cut(f"adam/{name}.xpt") for name in ADAM]
REPORT_DEFINE = [cut("adam/variables.tsv"), cut("adam/changes.tsv")]
HANDED_ON = REPORT_RTF + REPORT_WORKBOOK + REPORT_ADAM + REPORT_DEFINE
RESULTS = REPORT_TABLES + REPORT_FIGURES + REPORT_PRINTS + REPORT_PAGES + HANDED_ON
RECORDED = RESULTS + [cut("ro-crate-metadata.json")]


rule changes:
    input:
        tables=[cut(table.path) for table in TABLES_COMPARED],
        previous=PREVIOUS_MANIFEST,
        environment=ENVIRONMENT,
    output:
        changes=ensure(cut("report/changes.tsv"), non_empty=True),
        findings=ensure(cut("report/changes_findings.tsv"), non_empty=True),
    log:
        cut("logs/changes.log"),
    benchmark:
        cut("benchmarks/changes.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(2000),
        runtime=15,
    params:
        code=code("changes"),
        previous=STUDY.previous,
        raw=STUDY.digests.of_files(PREVIOUS_MANIFEST),
        config=config,
        workflow=WORKFLOW_CODE,
        samples=STUDY.sample_digests,
        context=STUDY.context_digests,
    script:
        "../scripts/changes.py"


rule report_charts:
    input:
        environment=ENVIRONMENT,
    output:
        charts=ensure(cut("report/charts.json"), non_empty=True),
    log:
        cut("logs/report_charts.log"),
    benchmark:
        cut("benchmarks/report_charts.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("report_charts"),
    script:
        "../scripts/report_charts.py"


rule report_figures:
    input:
        tables=[cut(table.path) for table in tables_of(CTDNA_FIGURES)],
    output:
        svg=[
            report(
                cut(f"report/figures/{figure.name}.svg"),
                caption=f"../report/figures/{figure.name}.rst",
                category="Figures",
                labels={"file": figure.title},
            )
            for figure in CTDNA_FIGURES
        ],
        pdf=[cut(f"report/figures/{figure.name}.pdf") for figure in CTDNA_FIGURES],
    log:
        cut("logs/report_figures.log"),
    benchmark:
        cut("benchmarks/report_figures.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1500),
        runtime=15,
    params:
        code=code("report_figures"),
        settings=config,
    script:
        "../scripts/report_figures.py"


use rule report_figures as report_figures_association with:
    input:
        tables=[cut(table.path) for table in tables_of(ASSOCIATION_FIGURES)],
    output:
        svg=[
            report(
                cut(f"report/figures/{figure.name}.svg"),
                caption=f"../report/figures/{figure.name}.rst",
                category="Figures",
                labels={"file": figure.title},
            )
            for figure in ASSOCIATION_FIGURES
        ],
        pdf=[cut(f"report/figures/{figure.name}.pdf") for figure in ASSOCIATION_FIGURES],
    log:
        cut("logs/report_figures_association.log"),
    benchmark:
        cut("benchmarks/report_figures_association.tsv")


rule report:
    input:
        tables=REPORT_TABLES,
        figures=REPORT_FIGURES,
        charts=cut("report/charts.json"),
        environment=ENVIRONMENT,
    output:
        report=report(
            ensure(cut("report/report.html"), non_empty=True),
            caption="../report/report.rst",
            category="Report",
            labels={"file": "Report page"},
        ),
    log:
        cut("logs/report.log"),
    benchmark:
        cut("benchmarks/report.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1500),
        runtime=15,
    params:
        code=code("report"),
        settings=config,
    script:
        "../scripts/report.py"


rule report_summary:
    input:
        tables=[cut(table.path) for table in TABLES_OF_SUMMARY],
    output:
        summary=ensure(cut("report/summary.txt"), non_empty=True),
    log:
        cut("logs/report_summary.log"),
    benchmark:
        cut("benchmarks/report_summary.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("report_summary"),
        report=cut("report/report.html"),
        settings=config,
    script:
        "../scripts/report_summary.py"


rule report_tables:
    input:
        tables=[cut(table.path) for table in TABLES_IN_WORKBOOK],
    output:
        rtf=REPORT_RTF,
        workbook=report(
            cut("report/tables/tables.xlsx"),
            caption="../report/workbook.rst",
            category="Tables",
            labels={"file": "All tables with data dictionary"},
        ),
    log:
        cut("logs/report_tables.log"),
    benchmark:
        cut("benchmarks/report_tables.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1500),
        runtime=15,
    params:
        code=code("report_tables"),
        settings=config,
    script:
        "../scripts/report_tables.py"


rule report_adam:
    input:
        tables=[cut(table.path) for table in TABLES_OF_ADAM],
    output:
        xpt=REPORT_ADAM,
        variables=cut("adam/variables.tsv"),
        changes=cut("adam/changes.tsv"),
    log:
        cut("logs/report_adam.log"),
    benchmark:
        cut("benchmarks/report_adam.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1500),
        runtime=15,
    params:
        code=code("report_adam"),
        settings=config,
    script:
        "../scripts/report_adam.py"


rule report_crate:
    input:
        results=RESULTS,
    output:
        crate=cut("ro-crate-metadata.json"),
    log:
        cut("logs/report_crate.log"),
    benchmark:
        cut("benchmarks/report_crate.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1500),
        runtime=15,
    params:
        code=code("report_crate"),
        settings=config,
    script:
        "../scripts/report_crate.py"


rule manifest:
    input:
        raw=[path for group in sorted(INPUTS) for path in INPUTS[group]],
        results=sorted({*TABLES, *COUNTS, *BACKGROUNDS, *RECORDED}),
        environment=ENVIRONMENT,
    output:
        manifest=ensure(cut("manifest.json"), non_empty=True),
    log:
        cut("logs/manifest.log"),
    benchmark:
        cut("benchmarks/manifest.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(500),
        runtime=10,
    params:
        code=code("manifest"),
        settings=config,
        workflow=WORKFLOW_CODE,
        reads=STUDY.read_records,
        seen=STUDY.seen,
        memory=DIGESTS,
        samples=STUDY.sample_digests,
        context=STUDY.context_digests,
    script:
        "../scripts/manifest.py"
