"""HER2.

Needs: intake/records/her2.parquet, and intake/subjects.tsv for the first dose.
Makes: her2/specimens.tsv, her2/subjects.tsv, her2/agreement.tsv, her2/conversion.tsv, her2/findings.tsv.
Steps: read values as written, score IHC, work up ISH, one category a reading, one result a subject by the
declared rule and all others, agreement of readers and laboratories, change between specimens.
"""


rule her2:
    input:
        her2=cut("intake/records/her2.parquet"),
        subjects=cut("intake/subjects.tsv"),
    output:
        specimens=ensure(cut("her2/specimens.tsv"), non_empty=True),
        subjects=ensure(cut("her2/subjects.tsv"), non_empty=True),
        agreement=ensure(cut("her2/agreement.tsv"), non_empty=True),
        conversion=ensure(cut("her2/conversion.tsv"), non_empty=True),
        findings=ensure(cut("her2/findings.tsv"), non_empty=True),
    log:
        cut("logs/her2.log"),
    benchmark:
        cut("benchmarks/her2.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("her2"),
        settings=config["her2"],
    script:
        "../scripts/her2.py"
