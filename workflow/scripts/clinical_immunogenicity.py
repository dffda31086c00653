"""Anti-drug antibodies: every sample with its nominal visit, and the category of each subject."""

from clearher.clinical.immunogenicity import immunogenicity
from clearher.columns import clinical as columns
from clearher.columns import intake
from clearher.log import job_log
from clearher.problems import findings_frame
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    result = immunogenicity(
        read_table(snakemake.input.ada, intake.ADA),
        read_table(snakemake.input.subjects, intake.SUBJECTS),
        settings=snakemake.params.settings["ada"],
    )
    write_table(result.samples, snakemake.output.samples, columns.IMMUNOGENICITY)
    write_table(result.subjects, snakemake.output.subjects, columns.IMMUNOGENICITY_SUBJECTS)
    findings = findings_frame(result.findings, "clinical")
    write_table(findings, snakemake.output.findings, columns.IMMUNOGENICITY_FINDINGS)
