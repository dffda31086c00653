"""Read the HER2 specimens as they were reported, as of the data cut."""

from clearher.columns import intake as columns
from clearher.intake.her2 import read_her2
from clearher.intake.layouts import layout_of
from clearher.intake.sample_inputs import unknown_subjects
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors
from clearher.tables import empty, read_table, write_table

with job_log(snakemake.log[0]):
    settings = snakemake.params.settings
    her2, problems = empty(columns.HER2), []
    if settings["path"]:
        subjects = read_table(snakemake.input.subjects, columns.SUBJECTS)
        layout = layout_of(settings["layouts"], "her2")
        her2, problems = read_her2(
            settings["path"], settings=settings["her2"], cut_date=settings["cut_date"], layout=layout
        )
        ids, rows = her2["subject_id"], her2["source_row"]
        problems = [*problems, *unknown_subjects(ids, subjects, file=settings["path"], rows=rows)]
    raise_if_errors(problems)
    write_table(her2, snakemake.output.her2, columns.HER2)
    write_table(findings_frame(problems, "intake"), snakemake.output.findings, columns.FINDINGS)
