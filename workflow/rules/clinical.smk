"""Clinical.

Needs: intake/subjects.tsv, intake/samples.tsv, intake/records/*.parquet, resources/aesi.tsv.
Makes: clinical/responses.tsv, clinical/visits.tsv, clinical/selection.tsv, clinical/steps.tsv,
    clinical/agreement.tsv, clinical/time_to_event.tsv, clinical/endpoints.tsv, clinical/curves.tsv,
    clinical/populations.tsv, clinical/findings.tsv, clinical/adverse_events.tsv,
    clinical/laboratory.tsv, clinical/ejection_fraction.tsv, clinical/safety.tsv, clinical/safety_endpoints.tsv,
    clinical/safety_findings.tsv, clinical/immunogenicity.tsv, clinical/immunogenicity_subjects.tsv,
    clinical/immunogenicity_findings.tsv.
Steps: response at each visit and per subject, time to event under each rule, endpoints by population;
    antibodies of each sample and subject; adverse events, laboratory shifts and all safety counts.
"""


rule clinical_responses:
    input:
        subjects=cut("intake/subjects.tsv"),
        assessments=cut("intake/records/assessments.parquet"),
        lesions=cut("intake/records/lesions.parquet"),
        therapies=cut("intake/records/therapies.parquet"),
        supplied=cut("intake/records/supplied.parquet"),
    output:
        responses=ensure(cut("clinical/responses.tsv"), non_empty=True),
        visits=ensure(cut("clinical/visits.tsv"), non_empty=True),
        selection=ensure(cut("clinical/selection.tsv"), non_empty=True),
        steps=ensure(cut("clinical/steps.tsv"), non_empty=True),
        agreement=ensure(cut("clinical/agreement.tsv"), non_empty=True),
        findings=ensure(cut("clinical/response_findings.tsv"), non_empty=True),
    log:
        cut("logs/clinical_responses.log"),
    benchmark:
        cut("benchmarks/clinical_responses.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("clinical_responses"),
        settings=config["clinical"],
        severity=config["intake"]["severity"],
    script:
        "../scripts/clinical_responses.py"


rule clinical_time_to_event:
    input:
        subjects=cut("intake/subjects.tsv"),
        assessments=cut("intake/records/assessments.parquet"),
        lesions=cut("intake/records/lesions.parquet"),
        therapies=cut("intake/records/therapies.parquet"),
        contacts=cut("intake/records/contacts.parquet"),
        supplied=cut("intake/records/supplied.parquet"),
    output:
        times=ensure(cut("clinical/time_to_event.tsv"), non_empty=True),
        findings=ensure(cut("clinical/time_findings.tsv"), non_empty=True),
    log:
        cut("logs/clinical_time_to_event.log"),
    benchmark:
        cut("benchmarks/clinical_time_to_event.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("clinical_time_to_event"),
        settings=config["clinical"],
        severity=config["intake"]["severity"],
    script:
        "../scripts/clinical_time_to_event.py"


rule clinical_endpoints:
    input:
        subjects=cut("intake/subjects.tsv"),
        samples=cut("intake/samples.tsv"),
        her2=cut("intake/records/her2.parquet"),
        responses=cut("clinical/responses.tsv"),
        times=cut("clinical/time_to_event.tsv"),
        findings=[
            cut("clinical/response_findings.tsv"),
            cut("clinical/time_findings.tsv"),
        ],
    output:
        endpoints=ensure(cut("clinical/endpoints.tsv"), non_empty=True),
        curves=ensure(cut("clinical/curves.tsv"), non_empty=True),
        populations=ensure(cut("clinical/populations.tsv"), non_empty=True),
        findings=ensure(cut("clinical/findings.tsv"), non_empty=True),
    log:
        cut("logs/clinical_endpoints.log"),
    benchmark:
        cut("benchmarks/clinical_endpoints.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("clinical_endpoints"),
        settings=config["clinical"],
        severity=config["intake"]["severity"],
    script:
        "../scripts/clinical_endpoints.py"


rule clinical_immunogenicity:
    input:
        subjects=cut("intake/subjects.tsv"),
        ada=cut("intake/records/ada.parquet"),
    output:
        samples=ensure(cut("clinical/immunogenicity.tsv"), non_empty=True),
        subjects=ensure(cut("clinical/immunogenicity_subjects.tsv"), non_empty=True),
        findings=ensure(cut("clinical/immunogenicity_findings.tsv"), non_empty=True),
    log:
        cut("logs/clinical_immunogenicity.log"),
    benchmark:
        cut("benchmarks/clinical_immunogenicity.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("clinical_immunogenicity"),
        settings=config["clinical"],
    script:
        "../scripts/clinical_immunogenicity.py"


rule clinical_safety:
    input:
        subjects=cut("intake/subjects.tsv"),
        events=cut("intake/records/adverse_events.parquet"),
        doses=cut("intake/records/doses.parquet"),
        labs=cut("intake/records/labs.parquet"),
        samples=cut("clinical/immunogenicity.tsv"),
        antibodies=cut("clinical/immunogenicity_subjects.tsv"),
        aesi=own_input("resources/aesi.tsv"),
    output:
        events=ensure(cut("clinical/adverse_events.tsv"), non_empty=True),
        laboratory=ensure(cut("clinical/laboratory.tsv"), non_empty=True),
        heart=ensure(cut("clinical/ejection_fraction.tsv"), non_empty=True),
        safety=ensure(cut("clinical/safety.tsv"), non_empty=True),
        endpoints=ensure(cut("clinical/safety_endpoints.tsv"), non_empty=True),
        findings=ensure(cut("clinical/safety_findings.tsv"), non_empty=True),
    log:
        cut("logs/clinical_safety.log"),
    benchmark:
        cut("benchmarks/clinical_safety.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("clinical_safety"),
        settings=config["clinical"],
    script:
        "../scripts/clinical_safety.py"
