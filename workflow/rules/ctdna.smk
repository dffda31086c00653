"""ctDNA.

Needs: intake/samples.tsv, intake/subjects.tsv, intake/records/*.parquet, variants/*.parquet, read files.
Makes: ctdna/tracked.parquet, ctdna/tracking.parquet, ctdna/samples.tsv, ctdna/visits.tsv, ctdna/subjects.tsv,
    ctdna/clearance.tsv, ctdna/landscape.tsv.
Steps: freeze each subject's tracked set, count it in every read file, give each cell a status, call each
    sample, follow each subject.
"""


rule ctdna_count:
    input:
        tracked=cut("ctdna/tracked.parquet"),
        reads=reads_file,
        reference=INPUTS["reference_fasta"],
        panel=INPUTS["panel_bed"],
        blacklist=INPUTS["blacklist"],
        variants=cut("variants/variants.parquet"),
    output:
        counts=cut("ctdna/counts/{key}.parquet"),
        background=cut("ctdna/counts/{key}.background.tsv"),
    log:
        cut("logs/ctdna_count.{key}.log"),
    benchmark:
        cut("benchmarks/ctdna_count.{key}.tsv")
    group:
        "ctdna_count"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        code=code("ctdna_count"),
        raw=reads_digest,
        context=[RAW[group] for group in CONTEXT],
        sample=reads_row,
        settings=config["ctdna"],
    script:
        "../scripts/ctdna_count.py"
