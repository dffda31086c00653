"""Intake.

Needs: the input files of the configuration.
Makes: intake/subjects.tsv, intake/samples.tsv, intake/records/*.parquet, intake/findings.tsv.
Steps: read and check each input, cut it at the data cut, hand it on as typed tables.
"""


rule intake_clinical:
    input:
        clinical=INPUTS["clinical"],
        covariates=INPUTS["covariates"],
        samples=INPUTS["samples"] or INPUTS["sample_results"],
    output:
        subjects=ensure(cut("intake/subjects.tsv"), non_empty=True),
        doses=cut("intake/records/doses.parquet"),
        assessments=cut("intake/records/assessments.parquet"),
        lesions=cut("intake/records/lesions.parquet"),
        adverse_events=cut("intake/records/adverse_events.parquet"),
        ada=cut("intake/records/ada.parquet"),
        therapies=cut("intake/records/therapies.parquet"),
        contacts=cut("intake/records/contacts.parquet"),
        labs=cut("intake/records/labs.parquet"),
        supplied=cut("intake/records/supplied.parquet"),
        findings=cut("intake/findings/clinical.tsv"),
    log:
        cut("logs/intake_clinical.log"),
    benchmark:
        cut("benchmarks/intake_clinical.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(2000),
        runtime=15,
    params:
        code=code("intake_clinical"),
        raw=[RAW["clinical"], RAW["covariates"], RAW["samples"], RAW["sample_results"]],
        settings={
            "source": STUDY.clinical,
            "covariates": STUDY.single("covariates"),
            "sheets": [STUDY.single("samples"), STUDY.single("sample_results")],
            "cut_date": config["data_cut"]["date"],
            "intake": config["intake"],
            "clinical": STUDY.clinical_settings,
        },
    script:
        "../scripts/intake_clinical.py"


rule intake_samples:
    input:
        subjects=cut("intake/subjects.tsv"),
        samples=INPUTS["samples"],
        sample_results=INPUTS["sample_results"],
        counts=INPUTS["counts"],
        tissue_variants=INPUTS["tissue_variants"],
        copy_numbers=INPUTS["copy_numbers"],
    output:
        samples=ensure(cut("intake/samples.tsv"), non_empty=True),
        results=cut("intake/records/results.parquet"),
        counts=cut("intake/records/counts.parquet"),
        tissue=cut("intake/records/tissue.parquet"),
        copies=cut("intake/records/copies.parquet"),
        findings=cut("intake/findings/samples.tsv"),
    log:
        cut("logs/intake_samples.log"),
    benchmark:
        cut("benchmarks/intake_samples.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("intake_samples"),
        raw=[
            RAW[group]
            for group in (
                "samples",
                "sample_results",
                "counts",
                "tissue_variants",
                "copy_numbers",
            )
        ],
        settings={
            "samples": STUDY.single("samples"),
            "files": STUDY.sample_files,
            "layouts": config["intake"]["layouts"],
            "excluded": sorted(config["intake"]["excluded_subjects"]),
            "visits": config["visits"],
            "cut_date": config["data_cut"]["date"],
        },
    script:
        "../scripts/intake_samples.py"


rule intake_her2:
    input:
        her2=INPUTS["her2"],
        subjects=cut("intake/subjects.tsv"),
    output:
        her2=cut("intake/records/her2.parquet"),
        findings=cut("intake/findings/her2.tsv"),
    log:
        cut("logs/intake_her2.log"),
    benchmark:
        cut("benchmarks/intake_her2.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("intake_her2"),
        raw=RAW["her2"],
        settings={
            "path": STUDY.her2,
            "cut_date": config["data_cut"]["date"],
            "her2": config["her2"],
            "layouts": config["intake"]["layouts"],
            "excluded": sorted(config["intake"]["excluded_subjects"]),
        },
    script:
        "../scripts/intake_her2.py"


rule intake_findings:
    input:
        findings=[
            cut(f"intake/findings/{name}.tsv")
            for name in ("clinical", "samples", "her2")
        ],
    output:
        findings=ensure(cut("intake/findings.tsv"), non_empty=True),
    log:
        cut("logs/intake_findings.log"),
    benchmark:
        cut("benchmarks/intake_findings.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(500),
        runtime=5,
    params:
        code=code("intake_findings"),
    script:
        "../scripts/intake_findings.py"
