"""What all stages share: the checked study, code and input digests, result paths."""

import hashlib
import os
import shlex
import sys
from pathlib import Path

# Snakemake puts the interpreter's path into shell commands as it stands: a path with a blank needs quotes.
if Path(sys.executable).exists():
    sys.executable = shlex.quote(sys.executable)

# One thread a job: Snakemake runs jobs side by side, and a fixed order of sums keeps the bytes the same.
for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[pool] = "1"

RULES = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
IS_LOCAL = RULES.is_dir()


def source(name):
    """Path of one of the workflow's own files; a copy in the source cache when the workflow is remote."""
    return (
        str((RULES.parent.parent / name).resolve())
        if IS_LOCAL
        else workflow.source_path(f"../../{name}")
    )


def own_input(name):
    """Path of one of the workflow's own files as input of jobs: a clone can move with its results."""
    path = Path(source(name))
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def package_files():
    """All files of the package: as listed in files.txt when the workflow is remote."""
    listing = Path(source("workflow/scripts/clearher/files.txt"))
    if not IS_LOCAL:
        return [
            source(f"workflow/scripts/{name}") for name in listing.read_text().split()
        ]
    return sorted(
        str(path)
        for path in listing.parent.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path != listing
    )


def sha(paths):
    """One digest over the contents of files, in order."""
    total = hashlib.sha256()
    for path in paths:
        total.update(Path(path).read_bytes())
    return total.hexdigest()[:20]


PACKAGE = package_files()
# The package finds the schema beside itself: a workflow from a repository must fetch it, too.
SCHEMA = source("workflow/schemas/config.schema.yaml")
sys.path.insert(
    0, str(Path(source("workflow/scripts/clearher/__init__.py")).parents[1])
)

from clearher.columns import all_tables
from clearher.intake.code_digest import code_digest
from clearher.intake.frozen import check_frozen
from clearher.preflight.before_run import check_before_run
from clearher.intake.study import open_study
from clearher.problems import InputError
from clearher.progress import Progress, failure_message, start_message
from clearher.run_lock import enter_folder
from snakemake.logging import logger
from snakemake.settings.types import Quietness

# Trial data: nobody but the owner and the group may read what a run writes.
os.umask(os.umask(0o077) | 0o007)
PROGRESS = Progress(hush=Quietness.RULES)
if workflow.is_main_process:
    logger.addFilter(PROGRESS)

CONFIG_FILE = str(
    workflow.overwrite_configfiles[-1]
    if workflow.overwrite_configfiles
    else "config/config.yaml"
)
DIGESTS = ".snakemake/clearher/digests.json"
CHECKED = ".snakemake/clearher/checked.txt"
ENVIRONMENT = own_input("environment.yml")
LIBRARY = sha([*PACKAGE, ENVIRONMENT])
WORKFLOW_CODE = code_digest(source, PACKAGE)
try:
    if workflow.is_main_process:
        SHARE = enter_folder(tell=PROGRESS.tell)
    STUDY = open_study(
        config,
        config_file=os.path.relpath(CONFIG_FILE),
        folder=Path(CONFIG_FILE).parent,
        memory=DIGESTS,
    )
    CUT = f"results/{STUDY.config['data_cut']['id']}"
    if workflow.is_main_process and not workflow.remote_exec:
        check_frozen(STUDY, folder=CUT, code=WORKFLOW_CODE, environment=ENVIRONMENT)
        PROGRESS.tell(check_before_run(STUDY, code=LIBRARY, memory=CHECKED))
except InputError as error:
    sys.exit(str(error))
config.update(STUDY.config)


def cut(name):
    """Path of a result of this data cut."""
    return f"{CUT}/{name}"


def code(script):
    """Digest of a rule's script, the package and the environment: a change of any of them makes it stale."""
    return sha([source(f"workflow/scripts/{script}.py")]) + LIBRARY[:12]


def memory(megabytes):
    """Memory of a rule; twice as much at its second attempt, after it ran out of memory, and so on."""

    def needed(wildcards, attempt):
        return megabytes * attempt

    return needed


def run_start():
    """The study, how much data it has, and where results go."""
    counts = {
        "subjects with samples": len({sample.subject_id for sample in STUDY.samples}),
        "samples": len(STUDY.samples),
        "variant files": len(STUDY.variant_files),
        "read files": len(STUDY.read_samples),
    }
    return start_message(STUDY.config["study"], STUDY.config["data_cut"], counts, CUT)


def one_look_a_job():
    """Where jobs are not submitted, no limit on submissions: for it Snakemake looks ever more often."""
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def run_failure():
    """Which jobs failed, and why."""
    return failure_message(PROGRESS.failures.values(), about=STUDY.about_job)


def run_summary():
    """Headline of a run that made the report; empty where only other results were asked for."""
    headline = {"report_summary", "manifest"} & PROGRESS.finished
    summary = Path(cut("report/summary.txt"))
    return summary.read_text(encoding="utf-8") if headline and summary.is_file() else ""


def batch_files(wildcards):
    """Variant files of a batch."""
    return [
        STUDY.sample_path(sample, "vcf") for sample in STUDY.batches[wildcards.batch]
    ]


def batch_rows(wildcards):
    """Sample sheet rows of a batch, in the order of its files."""
    return [sample.as_row() for sample in STUDY.batches[wildcards.batch]]


def batch_digest(wildcards):
    """Content digest of a batch's variant files."""
    return BATCH_DIGESTS[wildcards.batch]


def reads_files(wildcards):
    """Read files of a batch."""
    return [STUDY.sample_path(sample, "bam") for sample in READS[wildcards.key]]


def reads_rows(wildcards):
    """Sample sheet rows of a batch of read files, in the order of its files."""
    return [sample.as_row() for sample in READS[wildcards.key]]


def reads_digests(wildcards):
    """Fingerprints of a batch's read files, in their order."""
    return [STUDY.reads_digest(sample) for sample in READS[wildcards.key]]


TABLES = [cut(table.path) for _, table in all_tables() if "{" not in table.path]
RAW = {group: STUDY.group_digest(group) for group in STUDY.files}
INPUTS = {group: list(paths) for group, paths in STUDY.files.items()}
CONTEXT = ("reference_fasta", "panel_bed", "hotspots", "blacklist", "panel_of_normals")
BATCHES = list(STUDY.batches)
READS = STUDY.read_batches
COUNTS = [cut(f"ctdna/counts/{key}.parquet") for key in READS]
BACKGROUNDS = [cut(f"ctdna/counts/{key}.background.tsv") for key in READS]
BATCH_DIGESTS = {batch: STUDY.batch_digest(batch) for batch in BATCHES}
STUDY.digests.save()
