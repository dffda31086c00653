"""The whole workflow over cohort sizes, and the next data cut against the first; writes docs/performance.md.

Every figure is a ratio of two runs of one call of this script, by processor time (which other work on the
machine changes little) and by the clock on two cores. Trials are simulated anew and removed afterwards.

Run: python tests/bench/scale.py (forty minutes); --quick for a trial run that writes nothing.
"""

import argparse
import datetime
import gzip
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pysam
import yaml
from page import machine, write_block

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "workflow"), str(ROOT / "workflow" / "scripts")]

from noise import add_noise  # noqa: E402
from workflow_runs import add_a_visit_with_reads  # noqa: E402

CORES = 2
DEMO_LIMIT_SECONDS = 90
GROWTH_FROM = 100
DEEP_COPIES = 20
SIZES = (42, 100, 1000, 5000)
FILLED = ((42, 3000), (100, 300), (1000, 300), (1000, 1000))
ALIKE_RECORDS = 0.1
PARSE_ONLY = """
import sys, pathlib, pysam
pysam.set_verbosity(0)
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.vcf.gz")):
    with pysam.VariantFile(path) as file:
        for record in file:
            record.chrom, record.pos, record.ref, record.alts, record.filter.keys()
            dict(record.info), [dict(sample) for sample in record.samples.values()]
"""


class Usage(NamedTuple):
    """What a command and all its children used: processor and clock seconds, MB of the largest process."""

    processor: float
    clock: float
    peak: float


class Size(NamedTuple):
    """Measurements of one cohort size; ``idle`` is what the same jobs would use without any work."""

    subjects: int
    files: int
    records: int
    parse: Usage
    reading: Usage
    whole: Usage
    idle: float

    @property
    def mean(self) -> float:
        """Records a file."""
        return self.records / self.files


def used(command: Sequence[str]) -> Usage:
    """Run a command and measure it."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT / "workflow" / "scripts")}
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)[:200]}\n{said.read().decode()[-4000:]}")
    return Usage(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024)


def simulated(folder: Path, subjects: int, bam_subjects: int = 0) -> Usage:
    """Write a trial into a folder."""
    size = ["--subjects", str(subjects), "--bam-subjects", str(bam_subjects), "--seed", "1"]
    return used([sys.executable, "-m", "clearher.simulate", "--out", str(folder), *size])


def run(folder: Path, *arguments: str) -> Usage:
    """Run the workflow on the trial of a folder."""
    command = [sys.executable, "-m", "snakemake", "--cores", str(CORES), "--quiet", "all", *arguments]
    place = ["-s", str(ROOT / "workflow" / "Snakefile"), "--directory", str(folder)]
    return used([*command, *place, "--configfile", str(folder / "config.yaml")])


def measured_size(folder: Path, subjects: int, filled: int = 0) -> Size:
    """Parse the variant files alone, run the whole workflow, then read the files once more by it.

    The files are parsed before and after the run, and the mean counts: the machine's state drifts.

    ``filled``: records of noise that are added to each file, as a caller writes it before filtering.
    """
    simulated(folder, subjects)
    if filled:
        add_noise(folder / "vcf", filled)
    paths = sorted((folder / "vcf").glob("*.vcf.gz"))
    files, records = len(paths), sum(map(records_of, paths))
    before = parsed(folder)
    tell(f"{subjects} subjects, {records} records in {files} files: bare parse {before.processor:.1f} s")
    engine = run(folder, "--dry-run")
    whole = run(folder)
    tell(f"{subjects} subjects: whole run {whole.processor:.0f} processor s, {whole.clock:.0f} s by clock")
    reading = run(folder, "--forcerun", "variants_read", "--until", "variants_read")
    tell(f"{subjects} subjects: reading alone {reading.processor:.0f} processor seconds")
    after = parsed(folder)
    tell(f"{subjects} subjects: bare parse again {after.processor:.1f} s")
    parse = Usage(*(statistics.mean(pair) for pair in zip(before, after, strict=True)))
    idle = engine.processor + len(list(folder.glob("results/*/benchmarks/*.tsv"))) * start_of_a_job()
    shutil.rmtree(folder)
    return Size(subjects, files, records, parse, reading, whole, idle)


def parsed(folder: Path) -> Usage:
    """One process that only parses the variant files of a trial."""
    return used([sys.executable, "-c", PARSE_ONLY, str(folder / "vcf")])


def start_of_a_job() -> float:
    """Processor seconds until Python has loaded what every job needs."""
    return used([sys.executable, "-c", "import pandas, pyarrow.parquet"]).processor


def records_of(path: Path) -> int:
    """Records of a variant file."""
    return sum(not line.startswith(b"#") for line in gzip.decompress(path.read_bytes()).splitlines())


def tell(what: str) -> None:
    """Progress, for whoever waits."""
    print(f"{datetime.datetime.now():%H:%M:%S} {what}", file=sys.stderr, flush=True)


def size_table(sizes: Sequence[Size]) -> list[str]:
    """Table of the cohort sizes, every time as a multiple of the bare parse of the same files."""
    lines = [
        "| subjects | variant files | records a file | reading them, processor | whole run, processor "
        "| the same jobs without work | whole run, clock | largest process |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for size in sizes:
        lines.append(
            f"| {size.subjects:,} | {size.files:,} | {size.mean:,.0f} "
            f"| {size.reading.processor / size.parse.processor:.1f} "
            f"| {size.whole.processor / size.parse.processor:.1f} "
            f"| {size.idle / size.parse.processor:.1f} "
            f"| {size.whole.clock / size.parse.clock:.1f} | {size.whole.peak:,.0f} MB |"
        )
    return lines


def growth(sizes: Sequence[Size]) -> list[str]:
    """Exponent of the processor time over the number of subjects, from 100 subjects on, files being alike."""
    large = [size for size in sizes if size.subjects >= GROWTH_FROM]
    alike = [size for size in large if math.isclose(size.mean, large[0].mean, rel_tol=ALIKE_RECORDS)]
    if len(alike) < 2:
        return []
    first, last = alike[0], alike[-1]
    factor = last.whole.processor / first.whole.processor
    exponent = math.log(factor) / math.log(last.subjects / first.subjects)
    return [
        f"From {first.subjects:,} to {last.subjects:,} subjects the whole run takes {factor:.1f} times the "
        f"processor time: growth exponent {exponent:.2f} (target: at most 1.1)."
    ]


def deepen(path: Path, copies: int) -> None:
    """Repeat every fragment of a read file under other names, so that it is as deep as a real one."""
    deep = path.with_suffix(".deep")
    with pysam.AlignmentFile(str(path)) as reads, pysam.AlignmentFile(str(deep), "wb", template=reads) as out:
        for read in reads:
            name = read.query_name
            for copy in range(copies):
                read.query_name = f"{name}_{copy}"
                out.write(read)
    os.replace(deep, path)
    pysam.index(str(path))


def next_cut(folder: Path) -> None:
    """One more draw of a subject with read files, in a cut of another name."""
    add_a_visit_with_reads(folder)
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    config["data_cut"].update(id="next", previous=f"results/{config['data_cut']['id']}")
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def cuts(folder: Path, subjects: int, copies: int) -> tuple[Usage, Usage]:
    """The first cut of a trial with read files and the next one, which has one visit more."""
    simulated(folder, subjects, bam_subjects=subjects // 7)
    tell(f"cuts of {subjects} subjects, read files {copies} times as deep: simulated")
    if copies > 1:
        for path in sorted((folder / "bam").glob("*.bam")):
            deepen(path, copies)
    first = run(folder)
    next_cut(folder)
    tell(f"first cut {first.processor:.0f} processor seconds, {first.clock:.0f} by clock")
    following = run(folder)
    tell(f"next cut {following.processor:.0f} processor seconds, {following.clock:.0f} by clock")
    shutil.rmtree(folder)
    return first, following


def cut_lines(folder: Path, subjects: int, copies: int) -> list[str]:
    """The next cut as a share of the first, in the demo trial and with read files of real depth."""
    small, small_next = cuts(folder / "demo", subjects, 1)
    deep, deep_next = cuts(folder / "deep", subjects, copies)
    return [
        "| trial | next cut with one visit more / first cut, processor | clock |",
        "|---|---|---|",
        f"| demo: {subjects} subjects, 6 of them with read files of about 1,000x "
        f"| {small_next.processor / small.processor:.2f} | {small_next.clock / small.clock:.2f} |",
        f"| the same, read files {copies} times as deep | {deep_next.processor / deep.processor:.2f} "
        f"| {deep_next.clock / deep.clock:.2f} |",
        "",
        f"The demo's workflow takes {small.clock / DEMO_LIMIT_SECONDS:.2f} of the "
        f"{DEMO_LIMIT_SECONDS} seconds that the whole demo may take on {CORES} cores.",
    ]


def main() -> None:
    """Measure, print, and write the block of docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small trials; writes nothing")
    arguments = parser.parse_args()
    sizes, filled = ((12, 24), ((12, 300),)) if arguments.quick else (SIZES, FILLED)
    subjects, copies = (12, 2) if arguments.quick else (42, DEEP_COPIES)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        measured = [measured_size(folder / str(number), number) for number in sizes]
        unfiltered = [measured_size(folder / f"{n}x{records}", n, records) for n, records in filled]
        lines = [
            "## The whole workflow",
            "",
            f"`python tests/bench/scale.py`, {datetime.date.today()}, {machine()}.",
            "",
            "Trials with variant files only. Times as multiples of one process that parses the same "
            "files with pysam and takes every field of every record (target at 1,000 subjects: 2, and at "
            "most 2 GB). The same jobs without work: a dry run of the workflow and, for each of its jobs, a "
            "start of Python with pandas; no code of the jobs can go below it.",
            "",
            *size_table(measured),
            "",
            *growth(measured),
            "",
            "The same with files as a caller writes them before filtering, filled with noise:",
            "",
            *size_table(unfiltered),
            "",
            *growth(unfiltered),
            "",
            *cut_lines(folder, subjects, copies),
        ]
    text = "\n".join(lines)
    print(text)
    if not arguments.quick:
        write_block("scale", text)


if __name__ == "__main__":
    main()
