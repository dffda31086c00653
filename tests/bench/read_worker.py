"""One timed piece of work in a process of its own.

``read_worker.py same|default FILE...``: read and filter variant files; prints seconds and alleles called.
``read_worker.py stages FILE...``: prints the seconds of unpacking them, and of reading them with all checks.
``read_worker.py count BAM SITES REFERENCE``: count fragments at sites.
"""

import sys
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from clearher.intake.config import defaults  # noqa: E402
from clearher.intake.sample_table import raw_sample_table  # noqa: E402
from clearher.intake.vcf_text import read_bytes  # noqa: E402
from clearher.variants.batch import read_batch  # noqa: E402
from clearher.variants.reading import read_files  # noqa: E402
from clearher.variants.resources import VariantResources, load_resources  # noqa: E402

KEPT = "filter == 'PASS' and depth >= 500 and alt_count >= 5 and vaf >= 0.001"


def batch(mode: str, paths: list[str]) -> tuple[pd.DataFrame, dict, VariantResources]:
    """Samples, settings and resources of files named SUBJECTvVISIT.RECORDS.vcf.gz."""
    settings = defaults("variants")
    if mode == "same":
        kept = {"name": "kept", "kind": "call", "applies_to": "", "reason": "not kept"}
        settings["filters"] = [kept | {"expression": f"not ({KEPT})"}]
    names = [Path(path).name.split(".")[0] for path in paths]
    rows = [
        {"subject_id": name.split("V")[0], "sample_id": name, "visit": name, "specimen": "plasma"}
        for name in names
    ]
    samples = raw_sample_table(rows).set_index("sample_id").loc[names].reset_index()
    samples["vcf"] = paths
    folder = ROOT / "resources"
    lists = {"hotspots": str(folder / "hotspots.tsv"), "ch_genes": str(folder / "ch_genes.tsv")}
    return samples, settings, load_resources(**lists)


def read(mode: str, paths: list[str]) -> None:
    """Time :func:`clearher.variants.batch.read_batch`."""
    samples, settings, resources = batch(mode, paths)
    start = time.perf_counter()
    tables = read_batch(samples, settings=settings, resources=resources)
    print(time.perf_counter() - start, int((tables.variants["status"] == "CALLED").sum()))


def stages(paths: list[str]) -> None:
    """Time unpacking alone, and :func:`clearher.variants.reading.read_files`, which unpacks too."""
    samples, settings, resources = batch("same", paths)
    start = time.perf_counter()
    for path in paths:
        read_bytes(path)
    unpacked = time.perf_counter()
    read_files(samples, settings, resources)
    print(unpacked - start, time.perf_counter() - unpacked)


def count(bam: str, sites: str, reference: str) -> None:
    """Count fragments as the workflow does."""
    from clearher.ctdna.counting import count_sample

    table = pd.read_csv(sites, sep="\t", comment="#", header=None, usecols=[0, 1, 3, 4], dtype={0: str})
    wanted = table.set_axis(["chrom", "pos", "ref", "alt"], axis=1)
    count_sample(bam, wanted, sample_id="x", settings=defaults("ctdna"), reference=reference)


if __name__ == "__main__":
    mode, *arguments = sys.argv[1:]
    if mode == "count":
        count(*arguments)
    elif mode == "stages":
        stages(arguments)
    else:
        read(mode, arguments)
