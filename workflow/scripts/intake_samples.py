"""Type the sample sheet and read what laboratories deliver beside it."""

from clearher.columns import intake as columns
from clearher.intake.exclusion import samples_of_others
from clearher.intake.sample_inputs import read_sample_inputs
from clearher.intake.samples import samples_of_study
from clearher.log import job_log
from clearher.problems import findings_frame, raise_if_errors
from clearher.tables import read_table, write_table

with job_log(snakemake.log[0]):
    settings = snakemake.params.settings
    files, layouts = settings["files"], settings["layouts"]
    samples, found = samples_of_study(settings["samples"], files.get("sample_results"), layouts)
    samples, found = samples_of_others(samples, found, settings["excluded"])
    inputs = read_sample_inputs(
        [sample.as_row() for sample in samples],
        read_table(snakemake.input.subjects, columns.SUBJECTS),
        files=files,
        layouts=layouts,
        excluded=settings["excluded"],
        visits=settings["visits"],
        cut_date=settings["cut_date"],
    )
    problems = [*found, *inputs.problems]
    raise_if_errors(problems)
    write_table(inputs.samples, snakemake.output.samples, columns.SAMPLES)
    write_table(inputs.results, snakemake.output.results, columns.RESULTS)
    write_table(inputs.counts, snakemake.output.counts, columns.COUNTS)
    write_table(inputs.copies, snakemake.output.copies, columns.COPIES)
    write_table(inputs.tissue, snakemake.output.tissue, columns.TISSUE)
    write_table(findings_frame(problems, "intake"), snakemake.output.findings, columns.FINDINGS)
