"""Variant files as a caller writes them before filtering: noise beside the calls of a simulated trial."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pysam

from clearher.simulate.panel import panel

OTHER_BASE = {"A": "C", "C": "T", "G": "A", "T": "G"}
FILTERS = {"Mutect2": ("weak_evidence", "base_qual;weak_evidence"), "VarDict": ("v3", "q22.5;v3")}


def add_noise(folder: Path, records: int) -> None:
    """Add ``records`` single wrong bases, which no filter passes, to each variant file of a trial.

    Every file has places of its own, as noise has; a quarter of them is shared by all files, as places that
    are hard to read are. REF is the reference's base, records stay sorted.
    """
    common = np.random.default_rng(records)
    places = np.array([(c, p) for c, name in enumerate(panel().reference) for p in _inner(name)])
    hard = common.choice(len(places), records // 4, replace=False)
    for number, path in enumerate(sorted(folder.glob("*.vcf.gz"))):
        random = np.random.default_rng([records, number])
        own = random.choice(len(places), records - len(hard), replace=False)
        _fill(path, places[np.union1d(hard, own)].tolist(), random)


def _inner(name: str) -> range:
    return range(2, len(panel().reference[name]))


def _fill(path: Path, places: list[tuple[int, int]], random: np.random.Generator) -> None:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)
    header = [line for line in lines if line.startswith("#")]
    order = {name: place for place, name in enumerate(panel().reference)}
    called = [
        ((order[line.split("\t", 1)[0]], int(line.split("\t", 2)[1])), line) for line in lines[len(header) :]
    ]
    taken = {place for place, _ in called}
    caller = "Mutect2" if any("Mutect2" in line for line in header[:2]) else "VarDict"
    sample = header[-1].rstrip().split("\t")[-1]
    noise = _noise([(c, p) for c, p in places if (c, p) not in taken], caller, sample, random)
    body = "".join(line for _, line in sorted([*called, *noise]))
    with pysam.BGZFile(str(path), "wb") as file:
        file.write(("".join(header) + body).encode())


def _noise(
    places: list[tuple[int, int]], caller: str, sample: str, random: np.random.Generator
) -> Iterator[tuple[tuple[int, int], str]]:
    names = list(panel().reference)
    sites = {
        name: [site for site in panel().sites if site.chrom == name and site.population_af is None]
        for name in names
    }
    depths = random.poisson(3000, len(places)).tolist()
    alts = random.integers(1, 4, len(places)).tolist()
    filters = random.integers(0, 2, len(places)).tolist()
    for (c, pos), depth, alt, name in zip(places, depths, alts, filters, strict=True):
        chrom = names[c]
        ref = chr(panel().reference[chrom][pos - 1])
        csq = sites[chrom][pos % len(sites[chrom])].csq.replace(":c.", f":c.{pos}")
        record = _mutect2 if caller == "Mutect2" else _vardict
        yield (c, pos), record(chrom, pos, ref, depth, alt, FILTERS[caller][name], csq, sample)


def _mutect2(chrom: str, pos: int, ref: str, depth: int, alt: int, name: str, csq: str, sample: str) -> str:
    rest, half, forward = depth - alt, (depth - alt) // 2, alt // 2
    return (
        f"{chrom}\t{pos}\t.\t{ref}\t{OTHER_BASE[ref]}\t.\t{name}\t"
        f"AS_SB_TABLE={half},{rest - half}|{forward},{alt - forward};DP={depth + 60};ECNT=1;GERMQ=93;"
        f"MBQ=40,22;MMQ=60,60;MPOS=31;POPAF=7.30;TLOD={1.1 * alt:.2f};CSQ={csq}\t"
        f"GT:AD:AF:DP:F1R2:F2R1:SB\t0/1:{rest},{alt}:{(alt + 0.9) / (depth + 1.8):.3e}:{depth}:"
        f"{half},{forward}:{rest - half},{alt - forward}:{half},{rest - half},{forward},{alt - forward}\n"
    )


def _vardict(chrom: str, pos: int, ref: str, depth: int, alt: int, name: str, csq: str, sample: str) -> str:
    rest, half, forward = depth - alt, (depth - alt) // 2, alt // 2
    return (
        f"{chrom}\t{pos}\t.\t{ref}\t{OTHER_BASE[ref]}\t{40 + 5 * alt}\t{name}\tSAMPLE={sample};TYPE=SNV;"
        f"DP={depth};END={pos};VD={alt};AF={alt / depth:.4f};BIAS=2:2;SBF=0.61000;ODDRATIO=1.05;PMEAN=31.2;"
        f"MQ=60;QUAL=22;MSI=1;CSQ={csq}\tGT:DP:VD:AD:AF:RD:ALD\t0/0:{depth}:{alt}:{rest},{alt}:"
        f"{alt / depth:.4f}:{half},{rest - half}:{forward},{alt - forward}\n"
    )
