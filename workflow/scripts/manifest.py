"""Write the manifest of the data cut."""

from pathlib import Path

from clearher.log import job_log
from clearher.problems import raise_if_errors
from clearher.report.files import write_json
from clearher.report.manifest import changed_since, manifest

with job_log(snakemake.log[0]):
    content = manifest(
        config=snakemake.params.settings,
        inputs=snakemake.params.seen["files"],
        reads=snakemake.params.reads,
        samples=snakemake.params.samples,
        context=snakemake.params.context,
        results=snakemake.input.results,
        results_folder=Path(snakemake.output.manifest).parent,
        code=snakemake.params.workflow,
        environment=snakemake.input.environment,
    )
    raise_if_errors(changed_since(snakemake.params.seen, content["inputs"], snakemake.params.memory))
    write_json(content, snakemake.output.manifest)
