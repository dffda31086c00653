"""ctDNA.

Needs: intake/samples.tsv, intake/subjects.tsv, intake/records/*.parquet, variants/*.parquet, read files.
Makes: ctdna/tracked.parquet, ctdna/tracking.parquet, ctdna/samples.tsv, ctdna/findings.tsv, ctdna/visits.tsv,
    ctdna/subjects.tsv, ctdna/clearance.tsv, ctdna/landscape.tsv.
Steps: freeze each subject's tracked set, count it in every read file, give each cell a status, call each
    sample, follow each subject.
"""


rule ctdna_count:
    input:
        tracked=cut("ctdna/tracked.parquet"),
        reads=reads_files,
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
        mem_mb=memory(1000),
        runtime=60,
    params:
        code=code("ctdna_count"),
        raw=reads_digests,
        context=[RAW[group] for group in CONTEXT],
        samples=reads_rows,
        store=".snakemake/clearher/counts",
        filters=config["variants"]["filters"],
        settings=config["ctdna"],
    script:
        "../scripts/ctdna_count.py"


rule ctdna_tracked:
    input:
        variants=cut("variants/variants.parquet"),
        samples=cut("intake/samples.tsv"),
        tissue=cut("intake/records/tissue.parquet"),
        identity=cut("variants/identity.tsv"),
    output:
        tracked=ensure(cut("ctdna/tracked.parquet"), non_empty=True),
    log:
        cut("logs/ctdna_tracked.log"),
    benchmark:
        cut("benchmarks/ctdna_tracked.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(2000),
        runtime=10,
    params:
        code=code("ctdna_tracked"),
        visits=config["visits"],
        filters=config["variants"]["filters"],
        settings=config["ctdna"],
    script:
        "../scripts/ctdna_tracked.py"


rule ctdna_tracking:
    input:
        tracked=cut("ctdna/tracked.parquet"),
        variants=cut("variants/variants.parquet"),
        coverage=cut("variants/coverage.parquet"),
        counts=COUNTS,
        backgrounds=BACKGROUNDS,
        fillout=cut("intake/records/counts.parquet"),
        identity=cut("variants/identity.tsv"),
        samples=cut("intake/samples.tsv"),
        subjects=cut("intake/subjects.tsv"),
        panel=INPUTS["panel_bed"],
    output:
        tracking=ensure(cut("ctdna/tracking.parquet"), non_empty=True),
    log:
        cut("logs/ctdna_tracking.log"),
    benchmark:
        cut("benchmarks/ctdna_tracking.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(2000),
        runtime=15,
    params:
        code=code("ctdna_tracking"),
        panel=RAW["panel_bed"],
        visits=config["visits"],
        filters=config["variants"]["filters"],
        settings=config["ctdna"],
    script:
        "../scripts/ctdna_tracking.py"


rule ctdna_samples:
    input:
        tracking=cut("ctdna/tracking.parquet"),
        tracked=cut("ctdna/tracked.parquet"),
        samples=cut("intake/samples.tsv"),
        results=cut("intake/records/results.parquet"),
        variants=cut("variants/variants.parquet"),
        identity=cut("variants/identity.tsv"),
    output:
        samples=ensure(cut("ctdna/samples.tsv"), non_empty=True),
        findings=ensure(cut("ctdna/findings.tsv"), non_empty=True),
    log:
        cut("logs/ctdna_samples.log"),
    benchmark:
        cut("benchmarks/ctdna_samples.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("ctdna_samples"),
        settings=config["ctdna"],
    script:
        "../scripts/ctdna_samples.py"


rule ctdna_visits:
    input:
        results=cut("ctdna/samples.tsv"),
        tracking=cut("ctdna/tracking.parquet"),
        tracked=cut("ctdna/tracked.parquet"),
        samples=cut("intake/samples.tsv"),
        subjects=cut("intake/subjects.tsv"),
        identity=cut("variants/identity.tsv"),
    output:
        visits=ensure(cut("ctdna/visits.tsv"), non_empty=True),
        subjects=ensure(cut("ctdna/subjects.tsv"), non_empty=True),
        emergent=ensure(cut("ctdna/emergent.tsv"), non_empty=True),
        clearance=ensure(cut("ctdna/clearance.tsv"), non_empty=True),
        sensitivity=ensure(cut("ctdna/sensitivity.tsv"), non_empty=True),
    log:
        cut("logs/ctdna_visits.log"),
    benchmark:
        cut("benchmarks/ctdna_visits.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(2000),
        runtime=15,
    params:
        code=code("ctdna_visits"),
        visits=config["visits"],
        settings=config["ctdna"],
    script:
        "../scripts/ctdna_visits.py"


rule ctdna_landscape:
    input:
        tracked=cut("ctdna/tracked.parquet"),
        tracking=cut("ctdna/tracking.parquet"),
        emergent=cut("ctdna/emergent.tsv"),
        visits=cut("ctdna/visits.tsv"),
    output:
        landscape=ensure(cut("ctdna/landscape.tsv"), non_empty=True),
        frequencies=ensure(cut("ctdna/gene_frequencies.tsv"), non_empty=True),
    log:
        cut("logs/ctdna_landscape.log"),
    benchmark:
        cut("benchmarks/ctdna_landscape.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("ctdna_landscape"),
        settings=config["ctdna"],
    script:
        "../scripts/ctdna_landscape.py"
