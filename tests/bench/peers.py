"""Side by side with peers, in one run: force-counting with gbcms, filtering with bcftools and vembrane.

Prints the ratios and writes them into docs/performance.md.

Run: python tests/bench/peers.py (minutes; needs .venv/peers-env and bcftools, see Makefile); --quick for a
trial run that writes nothing.
"""

import argparse
import contextlib
import datetime
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pysam

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

import peers_data  # noqa: E402
from page import machine, write_block  # noqa: E402

from clearher.ctdna.counting import count_sample  # noqa: E402
from clearher.intake.config import defaults  # noqa: E402
from clearher.simulate.__main__ import main as simulate  # noqa: E402
from clearher.simulate.panel import panel  # noqa: E402

PEERS = ROOT / ".venv" / "peers-env" / "bin"
FIXTURES = Path(os.environ.get("CLEARHER_FIXTURES", ROOT.parent / "shared" / "fixtures"))
WORKER = Path(__file__).with_name("read_worker.py")
VISITS = 5
KEPT_BCFTOOLS = 'FILTER="PASS" && FORMAT/DP>=500 && FORMAT/AD[0:1]>=5 && FORMAT/AD[0:1]/FORMAT/DP>=0.001'
KEPT_VEMBRANE = (
    'FILTER == ["PASS"] and FORMAT["DP"][SAMPLES[0]] >= 500 and FORMAT["AD"][SAMPLES[0]][1] >= 5 '
    'and FORMAT["AD"][SAMPLES[0]][1] / FORMAT["DP"][SAMPLES[0]] >= 0.001'
)
SMALL, MIDDLE, LARGE = 30, 300, 3000
AIM = 1.5


def timed(command: Sequence[str] | Callable[[], object]) -> float:
    """Wall time of a command line or a function, in seconds."""
    start = time.perf_counter()
    if callable(command):
        command()
    else:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Median of the paired ratios with the smallest and largest."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def median_share(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Median of the paired ratios."""
    return f"{statistics.median(a / b for a, b in zip(ours, theirs, strict=True)):.2f}"


# ---- counting ----------------------------------------------------------------------------------------


def gbcms(folder: Path, bam: Path, reference: Path, sites: Path) -> list[str]:
    """Command line of `gbcms dna` with the quality limits of our defaults, on one thread."""
    counting = defaults("ctdna")["counting"]
    return [
        str(PEERS / "gbcms"), "dna", "-v", str(sites), "-b", str(bam), "-f", str(reference),
        "-o", str(folder), "--threads", "1", "--min-mapq", str(counting["min_mapping_quality"]),
        "--min-baseq", str(counting["min_base_quality"]),
        "--fragment-qual-threshold", str(counting["conflict_quality_difference"]),
    ]  # fmt: skip


def gbcms_fragments(path: Path) -> dict[tuple, tuple[int, int]]:
    """Reference and alternate fragments of each site from gbcms's VCF."""
    counts = {}
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            fields = line.split("\t")
            ref, alt = dict(zip(fields[8].split(":"), fields[9].split(":"), strict=True))["FAD"].split(",")
            counts[fields[0], int(fields[1]), fields[3], fields[4]] = (int(ref), int(alt))
    return counts


def our_fragments(bam: Path, sites: pd.DataFrame, reference: Path | None) -> dict[tuple, tuple[int, int]]:
    """Reference and alternate fragments of each site as the workflow counts them."""
    table = count_sample(bam, sites, sample_id="x", settings=defaults("ctdna"), reference=reference)
    rows = table[["chrom", "pos", "ref", "alt", "ref_count", "alt_count"]].itertuples(index=False)
    return {(c, int(p), r, a): (int(n_ref), int(n_alt)) for c, p, r, a, n_ref, n_alt in rows}


def read_sites(path: Path) -> pd.DataFrame:
    """chrom, pos, ref, alt of a VCF."""
    table = pd.read_csv(path, sep="\t", comment="#", header=None, usecols=[0, 1, 3, 4], dtype={0: str})
    return table.set_axis(["chrom", "pos", "ref", "alt"], axis=1)


def compared(folder: Path, name: str, bam: Path, reference: Path, sites: Path) -> dict:
    """Whether the two count the same fragments at every site of a read file."""
    subprocess.run(gbcms(folder / name, bam, reference, sites), check=True, capture_output=True)
    theirs = gbcms_fragments(next((folder / name).glob("*.vcf")))
    ours = our_fragments(bam, read_sites(sites), reference)
    same = sum(ours[site] == counts for site, counts in theirs.items())
    alt = sum(counts[1] for counts in theirs.values())
    return {
        "read file": name,
        "SNV sites": len(theirs),
        "alt fragments": alt,
        "fragments": sum(map(sum, theirs.values())),
        "sites identical": same,
    }


def counting_identity(folder: Path) -> list[dict]:
    """Rows for the fixtures, simulated read files and the deep one."""
    rows = []
    for name, bam, reference, sites in [*fixture_reads(folder), *simulated_reads(folder)]:
        rows.append(compared(folder, name, bam, reference, sites))
    deep = (folder / "reads.bam", folder / "reference.fa", folder / "sites.vcf")
    return [*rows, compared(folder, "deep", *deep)]


def fixture_reads(folder: Path) -> list[tuple[str, Path, Path, Path]]:
    """Real plasma read files; their reference is known in a window only, so the rest is written as N."""
    source = FIXTURES / "ctdnatools_bam"
    window = "".join((source / "reference_window.fa").read_text().split("\n")[1:])
    before, length, width = 106_327_321, 107_349_540, 50_000
    sequence = ("N" * before + window).ljust(length, "N")
    reference = folder / "chr14.fa"
    with open(reference, "w") as file:
        file.write(">chr14\n")
        for start in range(0, length, width):
            file.write(sequence[start : start + width] + "\n")
    pysam.faidx(str(reference))
    sites = folder / "fixture_sites.vcf"
    table = pd.read_csv(source / "mutations.csv", keep_default_na=False).rename(columns=str.lower)
    peers_data.write_site_list(sites, list(table[["chrom", "pos", "ref", "alt"]].itertuples(index=False)))
    return [(name, source / f"{name}.bam", reference, sites) for name in ("T1", "T2", "N1", "N2", "N3")]


def simulated_reads(folder: Path) -> list[tuple[str, Path, Path, Path]]:
    """Read files of a simulated subject at every SNV of the simulated panel."""
    study = folder / "study"
    with contextlib.redirect_stdout(sys.stderr):
        simulate(["--out", str(study), "--subjects", "6", "--seed", "1", "--bam-subjects", "1"])
    sites = folder / "panel_sites.vcf"
    snvs = [site for site in panel().sites if len(site.ref) == len(site.alt) == 1]
    rows = sorted({(site.chrom, site.pos, site.ref, site.alt) for site in snvs if site.core})
    peers_data.write_site_list(sites, rows)
    reference = next(study.rglob("*.fa"))
    pysam.faidx(str(reference))
    files = sorted((study / "bam").glob("*.bam"))
    return [(f"simulated {i}", path, reference, sites) for i, path in enumerate(files, 1)]


def counting_speed(folder: Path, repetitions: int) -> str:
    """Ratio of wall times on the deep file, paired and interleaved; each is a process of its own."""
    reference, bam, sites = (folder / name for name in ("reference.fa", "reads.bam", "sites.vcf"))
    ours, theirs = [], []
    for number in range(repetitions):
        count = [sys.executable, str(WORKER), "count", str(bam), str(sites), str(reference)]
        ours.append(timed(count))
        theirs.append(timed(gbcms(folder / f"timed{number}", bam, reference, sites)))
    return median_ratio(ours, theirs)


# ---- variant files -----------------------------------------------------------------------------------


def worker(mode: str, paths: Sequence[Path]) -> tuple[float, int]:
    """Seconds of reading and filtering in a fresh process of ours, and the alleles kept."""
    command = [sys.executable, str(WORKER), mode, *map(str, paths)]
    seconds, kept = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), int(kept)


def stages(paths: Sequence[Path]) -> tuple[float, float]:
    """Seconds of unpacking files alone, and of reading them with all checks, in a fresh process of ours."""
    command = [sys.executable, str(WORKER), "stages", *map(str, paths)]
    unpacked, read = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(unpacked), float(read)


def bcftools(path: Path, folder: Path) -> int:
    """Records that `bcftools view -i` keeps of a file; written as plain VCF."""
    out = folder / "bcftools.vcf"
    subprocess.run(["bcftools", "view", "-i", KEPT_BCFTOOLS, "-o", str(out), str(path)], check=True)
    return _records(out)


def vembrane(path: Path, folder: Path) -> int:
    """Records that vembrane keeps of a file."""
    out = folder / "vembrane.vcf"
    subprocess.run([str(PEERS / "vembrane"), "filter", "-o", str(out), KEPT_VEMBRANE, str(path)], check=True)
    return _records(out)


def _records(path: Path) -> int:
    return sum(not line.startswith("#") for line in path.read_text().splitlines())


def filtering_row(folder: Path, records: int, files: int, repetitions: int) -> dict:
    """Ratios for files of one size; every repetition times each program in turn on the same files."""
    paths = peers_data.write_variant_files(folder, records, files, VISITS)
    kept = sum(bcftools(path, folder) for path in paths)
    some = paths[: 2 * VISITS]
    if kept != worker("same", paths)[1] or [bcftools(p, folder) for p in some] != [
        vembrane(p, folder) for p in some
    ]:
        raise SystemExit(f"the programs keep different records of files with {records}")
    command = ["bcftools", "view", "-i", KEPT_BCFTOOLS, "-o", os.devnull]
    vembrane_command = [str(PEERS / "vembrane"), "filter", "-o", os.devnull, KEPT_VEMBRANE]
    same, full, whole, theirs, slow, parts = [], [], [], [], [], []
    for _ in range(repetitions):
        theirs.append(sum(timed([*command, str(path)]) for path in paths))
        same.append(worker("same", paths)[0])
        parts.append(stages(paths))
        full.append(worker("default", paths)[0])
        whole.append(timed([sys.executable, str(WORKER), "same", *map(str, paths)]))
        slow.append(sum(timed([*vembrane_command, str(path)]) for path in some) * len(paths) / len(some))
    return {
        "records a file": records,
        "files": len(paths),
        "kept": kept,
        "same expression / bcftools": median_ratio(same, theirs),
        "of it unpacking": median_share([unpacked for unpacked, _ in parts], theirs),
        "records and their checks": median_share([read - unpacked for unpacked, read in parts], theirs),
        "all default filters / bcftools": median_ratio(full, theirs),
        "with start of Python / bcftools": median_ratio(whole, theirs),
        "same expression / vembrane": median_ratio(same, slow),
    }


# ---- writing -----------------------------------------------------------------------------------------


def as_markdown(rows: Sequence[dict]) -> str:
    """Rows of equal keys as a table."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return "\n".join(lines + ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in rows])


def verdict(rows: Sequence[dict]) -> str:
    """For which sizes of files the aim is kept, by every pair of times or by their median alone."""
    sizes: dict[str, list[str]] = {"kept": [], "kept by the median, not by every pair,": [], "missed": []}
    every, median, missed = sizes.values()
    for row in rows:
        middle, _, spread = row["same expression / bcftools"].partition(" ")
        largest = float(spread.strip("()").split("-")[1])
        found = missed if float(middle) > AIM else median if largest > AIM else every
        found.append(f"{row['records a file']:,}")
    told = [f"{word} at {' and '.join(named)}" for word, named in sizes.items() if named]
    return f"The aim is at most {AIM} x bcftools: {'; '.join(told)} records a file."


def versions() -> str:
    """Versions of the peers, in words."""
    listed = subprocess.run(
        [str(PEERS / "python"), "-m", "pip", "list"], capture_output=True, text=True, check=True
    )
    found = dict(line.split()[:2] for line in listed.stdout.splitlines()[2:])
    first = subprocess.run(
        ["bcftools", "--version"], capture_output=True, text=True, check=True
    ).stdout.split("\n")[0]
    return f"gbcms {found['gbcms']}, vembrane {found['vembrane']}, {first}"


def report(folder: Path, quick: bool) -> str:
    """The whole comparison as text."""
    repetitions = 1 if quick else 3
    sites, depth = (5, 2000) if quick else (50, 20_000)
    peers_data.write_deep_reads(folder, sites, depth)
    identity = as_markdown(counting_identity(folder))
    speed = counting_speed(folder, repetitions)
    sizes = [(SMALL, 10), (MIDDLE, 10)] if quick else [(SMALL, 300), (MIDDLE, 100), (LARGE, 30)]
    rows = [filtering_row(folder, n, files, repetitions) for n, files in sizes]
    filtering = as_markdown(rows)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return f"""\
## Side by side with peers

{today}; {machine()}; {versions()}.
Every program on one thread; programs run in turn ({repetitions} x); ratios of wall times are medians of
the pairs, with the smallest and largest. Below 1 ClearHER is faster.

### Force-counting

`gbcms dna` with the same limits of quality. {sites} sites x {depth:,} x, whole processes: **{speed}**.
Reference and alternate fragments of each site compared:

{identity}

### Reading and filtering variant files

Mutect2 files with VEP annotation, bgzipped, {VISITS} visits a subject. Peers: one process a file. ClearHER
reads the files of a batch in one process, checks every value, parses the annotation and keeps every allele
with its reasons; bcftools and vembrane write the records kept. Same expression: `{KEPT_BCFTOOLS}`;
the records kept are equal. Parts of the first ratio are unpacking, which is the same work, and taking every
record apart with all checks of header, order, types and numbers of values; the rest of it is the table of
alleles with its evidence (repeats, hotspots, strand test, white cells, germline), reasons and steps, which
bcftools does not make. "All default filters" has those of the configuration; "with start of Python" includes
the start of Python and its libraries, once a batch.

{filtering}

{verdict(rows)}
"""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small files, once; prints, writes nothing")
    options = parser.parse_args()
    lacking = [
        name for name in (str(PEERS / "gbcms"), str(PEERS / "vembrane"), "bcftools") if not shutil.which(name)
    ]
    if lacking:
        parser.error(f"not installed: {', '.join(lacking)}")
    with tempfile.TemporaryDirectory() as name:
        text = report(Path(name), options.quick)
    print(text)
    if not options.quick:
        write_block("peers", text)


if __name__ == "__main__":
    main()
