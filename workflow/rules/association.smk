"""Association.

Needs: intake/subjects.tsv, her2/subjects.tsv, her2/specimens.tsv, ctdna/subjects.tsv, ctdna/visits.tsv,
    ctdna/landscape.tsv, clinical/responses.tsv, clinical/time_to_event.tsv, clinical/populations.tsv,
    clinical/adverse_events.tsv, clinical/immunogenicity_subjects.tsv, variants/variants.parquet,
    intake/samples.tsv, intake/records/labs.parquet; of the previous cut manifest.json and
    association/results.tsv.
Makes: association/subjects.parquet, association/lineage.tsv, association/results.tsv, association/levels.tsv,
    association/curves.tsv, association/landmark_curves.tsv, association/landmark_sets.tsv,
    association/prediction_curves.tsv, association/remark.tsv, association/lead_time.tsv,
    association/lead_time_summary.tsv, association/safety_by_marker.tsv, association/her2_plasma.tsv.
Steps: join all stages into one row a subject and note the day each value rests on; run the declared analyses
    on what was known in time; set molecular against radiographic progression, safety against markers, and
    HER2 in blood against HER2 in tissue.
"""

EARLIER = [
    f"{folder}/{name}"
    for folder in filter(None, [STUDY.previous])
    for name in ("manifest.json", "association/results.tsv")
]


rule association_subjects:
    input:
        subjects=cut("intake/subjects.tsv"),
        her2=cut("her2/subjects.tsv"),
        ctdna=cut("ctdna/subjects.tsv"),
        visits=cut("ctdna/visits.tsv"),
        landscape=cut("ctdna/landscape.tsv"),
        responses=cut("clinical/responses.tsv"),
        times=cut("clinical/time_to_event.tsv"),
    output:
        subjects=ensure(cut("association/subjects.parquet"), non_empty=True),
        lineage=ensure(cut("association/lineage.tsv"), non_empty=True),
    log:
        cut("logs/association_subjects.log"),
    benchmark:
        cut("benchmarks/association_subjects.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("association_subjects"),
        settings=config["association"],
    script:
        "../scripts/association_subjects.py"


rule association_results:
    input:
        subjects=cut("association/subjects.parquet"),
        lineage=cut("association/lineage.tsv"),
        visits=cut("ctdna/visits.tsv"),
        specimens=cut("her2/specimens.tsv"),
        populations=cut("clinical/populations.tsv"),
        earlier=EARLIER,
    output:
        results=ensure(cut("association/results.tsv"), non_empty=True),
        levels=cut("association/levels.tsv"),
        curves=cut("association/curves.tsv"),
        landmark_curves=cut("association/landmark_curves.tsv"),
        landmark_sets=cut("association/landmark_sets.tsv"),
        prediction_curves=cut("association/prediction_curves.tsv"),
        remark=ensure(cut("association/remark.tsv"), non_empty=True),
    log:
        cut("logs/association_results.log"),
    benchmark:
        cut("benchmarks/association_results.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1500),
        runtime=30,
    params:
        code=code("association_results"),
        settings=config["association"],
        earlier=STUDY.digests.of_files(EARLIER),
    script:
        "../scripts/association_results.py"


rule association_course:
    input:
        subjects=cut("intake/subjects.tsv"),
        ctdna=cut("ctdna/subjects.tsv"),
        visits=cut("ctdna/visits.tsv"),
        responses=cut("clinical/responses.tsv"),
    output:
        subjects=ensure(cut("association/lead_time.tsv"), non_empty=True),
        summary=ensure(cut("association/lead_time_summary.tsv"), non_empty=True),
    log:
        cut("logs/association_course.log"),
    benchmark:
        cut("benchmarks/association_course.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("association_course"),
        settings=config["association"],
    script:
        "../scripts/association_course.py"


rule association_safety:
    input:
        subjects=cut("association/subjects.parquet"),
        people=cut("intake/subjects.tsv"),
        events=cut("clinical/adverse_events.tsv"),
        antibodies=cut("clinical/immunogenicity_subjects.tsv"),
    output:
        table=ensure(cut("association/safety_by_marker.tsv"), non_empty=True),
    log:
        cut("logs/association_safety.log"),
    benchmark:
        cut("benchmarks/association_safety.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code("association_safety"),
        settings=config["association"],
        infusion_categories=config["clinical"]["adverse_events"]["infusion_categories"],
    script:
        "../scripts/association_safety.py"


rule association_her2_plasma:
    input:
        subjects=cut("intake/subjects.tsv"),
        samples=cut("intake/samples.tsv"),
        labs=cut("intake/records/labs.parquet"),
        her2=cut("her2/subjects.tsv"),
        ctdna=cut("ctdna/subjects.tsv"),
        variants=cut("variants/variants.parquet"),
    output:
        table=ensure(cut("association/her2_plasma.tsv"), non_empty=True),
    log:
        cut("logs/association_her2_plasma.log"),
    benchmark:
        cut("benchmarks/association_her2_plasma.tsv")
    conda:
        "../../environment.yml"
    resources:
        mem_mb=memory(1500),
        runtime=10,
    params:
        code=code("association_her2_plasma"),
        settings=config["association"],
    script:
        "../scripts/association_her2_plasma.py"
