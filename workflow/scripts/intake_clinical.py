"""Read the clinical data and hand it on as typed tables, as of the data cut."""

from clearher.columns import intake as columns
from clearher.intake.clinical import read_clinical
from clearher.intake.samples import samples_of_study
from clearher.intake.subjects import all_subjects, without_clinical_data
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors, with_severity
from clearher.tables import write_table

with job_log(snakemake.log[0]):
    settings = snakemake.params.settings
    records = read_clinical(
        settings["source"],
        settings["covariates"],
        settings=settings["intake"],
        clinical_settings=settings["clinical"],
        data_cut=settings["cut_date"],
    )
    clinical_format, layouts = settings["source"]["format"], settings["intake"]["layouts"]
    samples, _ = samples_of_study(*settings["sheets"], layouts)
    subjects, found = all_subjects(
        records.subjects,
        [sample.as_row() for sample in samples],
        clinical_format=clinical_format,
        covariates=settings["covariates"],
        layouts=layouts,
    )
    found = with_severity([*found, *without_clinical_data(clinical_format)], settings["intake"]["severity"])
    problems = [*records.problems, *found]
    raise_if_errors(problems)
    for name, frame in {**records.frames(), "subjects": subjects}.items():
        write_table(frame, snakemake.output[name], getattr(columns, name.upper()))
    write_table(findings_frame(problems, "intake"), snakemake.output.findings, columns.FINDINGS)
