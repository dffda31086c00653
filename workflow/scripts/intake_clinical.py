"""Read the clinical data and hand it on as typed tables, as of the data cut."""

from clearher.columns import intake as columns
from clearher.intake.clinical import read_clinical
from clearher.intake.exclusion import samples_of_others
from clearher.intake.samples import samples_of_study
from clearher.intake.subjects import all_subjects, without_clinical_data
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors, with_severity
from clearher.tables import write_table

with job_log(snakemake.log[0]):
    settings = snakemake.params.settings
    clinical_format, intake = settings["source"]["format"], settings["intake"]
    everybody, _ = samples_of_study(*settings["sheets"], intake["layouts"])
    samples, _ = samples_of_others(everybody, [], intake["excluded_subjects"])
    records = read_clinical(
        settings["source"],
        settings["covariates"],
        settings=intake,
        clinical_settings=settings["clinical"],
        data_cut=settings["cut_date"],
        sampled={sample.subject_id for sample in everybody},
    )
    subjects, found = all_subjects(
        records.subjects,
        [sample.as_row() for sample in samples],
        clinical_format=clinical_format,
        covariates=settings["covariates"],
        settings=intake,
    )
    found = with_severity([*found, *without_clinical_data(clinical_format)], intake["severity"])
    problems = [*records.problems, *found]
    raise_if_errors(problems)
    for name, frame in {**records.frames(), "subjects": subjects}.items():
        write_table(frame, snakemake.output[name], getattr(columns, name.upper()))
    write_table(findings_frame(problems, "intake"), snakemake.output.findings, columns.FINDINGS)
