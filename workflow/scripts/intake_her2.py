"""Read the HER2 specimens as they were reported, as of the data cut."""

from clearher.columns import intake as columns
from clearher.intake.her2 import her2_of_subjects
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors
from clearher.tables import empty, read_table, write_table

with job_log(snakemake.log[0]):
    settings = snakemake.params.settings
    her2, problems = empty(columns.HER2), []
    if settings["path"]:
        subjects = read_table(snakemake.input.subjects, columns.SUBJECTS)
        her2, problems = her2_of_subjects(
            settings["path"],
            subjects,
            settings=settings["her2"],
            layouts=settings["layouts"],
            excluded=settings["excluded"],
            cut_date=settings["cut_date"],
        )
    raise_if_errors(problems)
    write_table(her2, snakemake.output.her2, columns.HER2)
    write_table(findings_frame(problems, "intake"), snakemake.output.findings, columns.FINDINGS)
