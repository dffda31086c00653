"""Read the clinical data and hand it on as typed tables, as of the data cut."""

from clearher.columns import intake as columns
from clearher.intake.clinical import read_clinical
from clearher.intake.samples import samples_of_study
from clearher.intake.subjects import all_subjects, without_clinical_data
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors
from clearher.tables import write_table

RECORDS = (
    "doses",
    "assessments",
    "lesions",
    "adverse_events",
    "ada",
    "therapies",
    "contacts",
    "labs",
    "supplied",
)

with job_log(snakemake.log[0]):
    settings = snakemake.params.settings
    records = read_clinical(
        settings["source"],
        settings["covariates"],
        settings=settings["intake"],
        clinical_settings=settings["clinical"],
        data_cut=settings["cut_date"],
    )
    raise_if_errors(records.problems)
    clinical_format = settings["source"]["format"]
    samples, _ = samples_of_study(*settings["sheets"], settings["intake"]["layouts"])
    subjects = all_subjects(
        records.subjects, [sample.as_row() for sample in samples], clinical_format=clinical_format
    )
    problems = [*records.problems, *without_clinical_data(clinical_format)]
    write_table(subjects, snakemake.output.subjects, columns.SUBJECTS)
    for name in RECORDS:
        write_table(getattr(records, name), snakemake.output[name], getattr(columns, name.upper()))
    write_table(findings_frame(problems, "intake"), snakemake.output.findings, columns.FINDINGS)
