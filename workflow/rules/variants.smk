"""Variants.

Needs: the variant files of the sample sheet, intake/samples.tsv.
Makes: variants/variants.parquet, variants/coverage.parquet, variants/attrition.tsv, variants/findings.tsv,
    variants/identity.tsv, variants/contamination.tsv, variants/identity_findings.tsv.
Steps: read and filter the files of a batch of subjects, put the batches together, compare identities.
"""


rule variants_read:
    input:
        vcf=batch_files,
        reference=INPUTS["reference_fasta"],
        panel=INPUTS["panel_bed"],
        hotspots=INPUTS["hotspots"] or [own_input("resources/hotspots.tsv")],
        blacklist=INPUTS["blacklist"],
        normals=INPUTS["panel_of_normals"],
        ch_genes=[own_input("resources/ch_genes.tsv")],
    output:
        variants=cut("variants/batches/{batch}.variants.parquet"),
        coverage=cut("variants/batches/{batch}.coverage.parquet"),
        attrition=cut("variants/batches/{batch}.attrition.tsv"),
        findings=cut("variants/batches/{batch}.findings.tsv"),
    log:
        cut("logs/variants_read.{batch}.log"),
    benchmark:
        cut("benchmarks/variants_read.{batch}.tsv")
    group:
        "variants_read"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(2000),
        runtime=30,
    params:
        code=code("variants_read"),
        raw=batch_digest,
        context=[RAW[group] for group in CONTEXT],
        samples=batch_rows,
        settings=config["variants"],
    script:
        "../scripts/variants_read.py"


rule variants:
    input:
        samples=cut("intake/samples.tsv"),
        copies=cut("intake/records/copies.parquet"),
        variants=[
            cut(f"variants/batches/{batch}.variants.parquet") for batch in BATCHES
        ],
        coverage=[
            cut(f"variants/batches/{batch}.coverage.parquet") for batch in BATCHES
        ],
        attrition=[cut(f"variants/batches/{batch}.attrition.tsv") for batch in BATCHES],
        findings=[cut(f"variants/batches/{batch}.findings.tsv") for batch in BATCHES],
    output:
        variants=ensure(cut("variants/variants.parquet"), non_empty=True),
        coverage=ensure(cut("variants/coverage.parquet"), non_empty=True),
        attrition=ensure(cut("variants/attrition.tsv"), non_empty=True),
        findings=ensure(cut("variants/findings.tsv"), non_empty=True),
    log:
        cut("logs/variants.log"),
    benchmark:
        cut("benchmarks/variants.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(2000),
        runtime=15,
    params:
        code=code("variants"),
        filters=config["variants"]["filters"],
        thresholds=config["variants"]["thresholds"],
    script:
        "../scripts/variants.py"


rule variants_identity:
    input:
        variants=cut("variants/variants.parquet"),
    output:
        identity=ensure(cut("variants/identity.tsv"), non_empty=True),
        contamination=ensure(cut("variants/contamination.tsv"), non_empty=True),
        findings=ensure(cut("variants/identity_findings.tsv"), non_empty=True),
    log:
        cut("logs/variants_identity.log"),
    benchmark:
        cut("benchmarks/variants_identity.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(2000),
        runtime=15,
    params:
        code=code("variants_identity"),
        settings=config["variants"],
    script:
        "../scripts/variants_identity.py"
