"""What is counted in one read file: the variants to follow, and the background around them."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from clearher.ctdna.background import error_classes, panel_positions
from clearher.ctdna.count_store import CountStore
from clearher.ctdna.counting import count_sample
from clearher.variants.filters import names_any
from clearher.variants.resources import load_resources

VARIANT = ["chrom", "pos", "ref", "alt"]
REACH = 200


class ReadCounts(NamedTuple):
    """Tables COUNTS and BACKGROUND of one read file."""

    counts: pd.DataFrame
    background: pd.DataFrame


def count_reads(
    path: str | Path,
    *,
    sample_id: str,
    subject_id: str,
    tracked: pd.DataFrame,
    variants: pd.DataFrame,
    call_filters: Collection[str],
    settings: Mapping[str, Any],
    store: CountStore,
    fingerprint: str,
    reference: str | Path | None = None,
    panel: str | Path | None = None,
    blacklist: str | Path | None = None,
) -> ReadCounts:
    """Count the tracked variants of a sample's subject, and the background error, in its read file.

    A sample without a subject (a control) is counted at the tracked variants of all subjects. The background
    leaves out the tracked positions (for a control those of all subjects), every position at which a file of
    the subject, of whatever specimen, shows an allele with evidence enough for a call (germline, blood,
    artefact), and the blacklist. Alleles without such evidence are mostly errors: to leave out just the
    positions where a caller noted one would make the background cleaner than the reads are.

    Parameters
    ----------
    path : str or Path
        BAM or CRAM.
    sample_id, subject_id : str
        Whose reads; subject_id empty for a control.
    tracked, variants : pandas.DataFrame
        Tables ``ctdna/tracked`` and ``variants/variants`` (status and reasons are used).
    call_filters : collection of str
        Names of the filters of kind ``call``, which ask for evidence.
    settings : Mapping
        Section ``ctdna``.
    store : CountStore
        Keeps what was counted.
    fingerprint : str
        Changes when the read file does.
    reference, panel, blacklist : str or Path, optional
        FASTA; BED; list of positions. Without a panel the background comes from the 200 bases on both sides
        of each tracked variant.

    Raises
    ------
    InputError
        As :func:`clearher.ctdna.counting.count_sample`.
    """
    own = tracked if not subject_id else tracked[tracked["subject_id"] == subject_id]
    sites = own[VARIANT].drop_duplicates()
    recorded = variants[variants["subject_id"] == subject_id] if subject_id else variants.iloc[:0]
    faint = names_any(recorded["reasons"], call_filters) | recorded["status"].eq("REFERENCE")
    known = recorded[~faint]
    resources = load_resources(panel=_text(panel), blacklist=_text(blacklist))
    barred = [sites[["chrom", "pos", "ref"]], known[["chrom", "pos", "ref"]]]
    if resources.blacklist is not None:
        barred.append(resources.blacklist[["chrom", "pos", "ref"]].dropna(subset=["pos"]))
    exclude = pd.concat(barred, ignore_index=True)
    regions = _regions(resources.panel, sites)
    common = {"sample_id": sample_id, "settings": settings}
    counting, spread = settings["counting"], settings["error"]["max_positions"]
    counts = store.table(
        f"variants of {sample_id}",
        [fingerprint, counting, sites.sort_values(VARIANT, ignore_index=True)],
        lambda: count_sample(path, sites, reference=reference, **common),
    )
    positions = store.table(
        f"background of {sample_id}",
        [fingerprint, counting, spread, regions],
        lambda: panel_positions(path, regions, reference=reference, **common),
    )
    return ReadCounts(counts, error_classes(positions, exclude, **common))


def _text(path: str | Path | None) -> str | None:
    return str(path) if path else None


def _regions(panel: pd.DataFrame | None, sites: pd.DataFrame) -> pd.DataFrame:
    """Regions as chrom, start (0-based), end: the panel, or the surroundings of the variants."""
    if panel is not None:
        return panel.assign(start=panel["start"] - 1)[["chrom", "start", "end"]]
    position = sites["pos"].astype(int)
    start = (position - 1 - REACH).clip(lower=0)
    return pd.DataFrame({"chrom": sites["chrom"], "start": start, "end": position + REACH})
