"""Background error of a read file per substitution class, from positions without tracked variants."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pysam

from clearher.columns import ctdna as columns
from clearher.ctdna.overdispersion import fit_beta_binomial
from clearher.ctdna.pileup import BASES, Pileup, pileup
from clearher.ctdna.reads import contig_in, open_reads, read_filter
from clearher.tables import conform, frame_of

TILE = 200
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def background(
    path: str | Path,
    regions: pd.DataFrame,
    exclude: pd.DataFrame,
    *,
    sample_id: str,
    settings: Mapping[str, Any],
    reference: str | Path | None = None,
) -> pd.DataFrame:
    """Error rate per strand-collapsed substitution over panel positions of a BAM or CRAM.

    Parameters and errors as :func:`panel_positions`, which reads the file, and :func:`error_classes`, which
    sums up what it finds.

    Returns
    -------
    pandas.DataFrame
        Table BACKGROUND, eight rows.
    """
    common = {"sample_id": sample_id, "settings": settings}
    return error_classes(panel_positions(path, regions, reference=reference, **common), exclude, **common)


def panel_positions(
    path: str | Path,
    regions: pd.DataFrame,
    *,
    sample_id: str,
    settings: Mapping[str, Any],
    reference: str | Path | None = None,
) -> pd.DataFrame:
    """Fragments by base at positions of the panel in a BAM or CRAM.

    Parameters
    ----------
    path : str or Path
        Sorted and indexed BAM or CRAM.
    regions : pandas.DataFrame
        Panel: chrom, start, end (BED, 0-based half-open). At most ``error.max_positions`` of its positions
        are read, in tiles spread evenly.
    sample_id : str
        Sample the file belongs to.
    settings : Mapping
        Section ``ctdna``; uses ``counting`` and ``error``.
    reference : str or Path, optional
        FASTA; needed for CRAM.

    Returns
    -------
    pandas.DataFrame
        chrom (without "chr"), pos (1-based), A, C, G, T and indel (fragments with an insertion or deletion
        right after the position), in the panel's order.

    Raises
    ------
    InputError
        As :func:`clearher.ctdna.counting.count_sample`.
    """
    counting = settings["counting"]
    accepts = read_filter(
        min_mapping_quality=counting["min_mapping_quality"],
        consensus=counting["consensus"],
        min_family_depth=counting["min_family_depth"],
    )
    tiles = []
    with open_reads(
        path, sample_id=sample_id, several_samples=counting["several_samples"], reference=reference
    ) as reads:
        for contig, chrom, start, end in _tiles(regions, reads, settings["error"]["max_positions"]):
            piled = pileup(
                reads,
                contig,
                start,
                end,
                accepts=accepts,
                unit=counting["unit"],
                min_base_quality=counting["min_base_quality"],
                conflict_quality_difference=counting["conflict_quality_difference"],
            )
            tiles.append(_tile_frame(piled, chrom, start))
    empty = pd.DataFrame(columns=["chrom", "pos", *BASES, "indel"])
    return pd.concat(tiles, ignore_index=True) if tiles else empty.astype({"chrom": object})


def error_classes(
    positions: pd.DataFrame, exclude: pd.DataFrame, *, sample_id: str, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """Error rate per strand-collapsed substitution over positions of the panel.

    ``rate = sum alt / sum depth`` over the positions whose non-reference fraction is below
    ``error.max_nonreference_fraction``; the reference base of a position is its most frequent base. The rate
    is per allele: C>A, C>G and C>T each have the depth of all C and G positions. Insertions and deletions
    are counted at the base before them (``indel_AT``, ``indel_CG``).

    Parameters
    ----------
    positions : pandas.DataFrame
        As :func:`panel_positions` returns.
    exclude : pandas.DataFrame
        Positions that must not count (tracked, germline, blacklisted): chrom, pos (1-based), and ref where
        an allele is longer than a base.
    sample_id : str
        Put into the table.
    settings : Mapping
        Section ``ctdna``; uses ``error``.

    Returns
    -------
    pandas.DataFrame
        Table BACKGROUND, eight rows. A class without depth has rate missing, not 0.

    References
    ----------
    alkodsi/ctDNAtools R/get_background_rate.R (rule of the non-reference fraction; tracked sites stay in).
    """
    limit = settings["error"]["max_nonreference_fraction"]
    bases = positions[list(BASES)].to_numpy(dtype=np.int64)
    indel = positions["indel"].to_numpy(dtype=np.int64)
    depth = bases.sum(axis=1)
    reference = bases.argmax(axis=1)
    other = depth - bases[np.arange(len(depth)), reference]
    usable = (depth > 0) & (other < limit * depth) & (indel < limit * np.maximum(depth, 1))
    usable &= ~_barred(positions, exclude)
    counted = positions.assign(reference=reference, depth=depth)[usable]
    return _classes(counted, sample_id)


def pooled(backgrounds: pd.DataFrame, name: str) -> pd.DataFrame:
    """Sum of several samples' backgrounds as one, e.g. of all controls.

    Parameters
    ----------
    backgrounds : pandas.DataFrame
        Table BACKGROUND, several samples.
    name : str
        Put into sample_id.

    Returns
    -------
    pandas.DataFrame
        Table BACKGROUND. The intra-class correlation ``1 / (alpha + beta + 1)`` is the depth-weighted mean
        of the samples that have one.
    """
    rows = []
    for substitution, part in backgrounds.groupby("substitution", sort=True):
        alt, depth = int(part["alt"].sum()), int(part["depth"].sum())
        rate = alt / depth if depth else np.nan
        spread = part.dropna(subset=["alpha", "beta"])
        alpha = beta = np.nan
        if len(spread) and spread["depth"].sum() > 0 and alt:
            correlation = np.average(
                1 / (spread["alpha"] + spread["beta"] + 1), weights=spread["depth"].astype(float)
            )
            total = 1 / correlation - 1
            alpha, beta = rate * total, (1 - rate) * total
        rows.append((name, substitution, alt, depth, rate, int(part["sites"].sum()), alpha, beta))
    return conform(pd.DataFrame(rows, columns=columns.BACKGROUND.names), columns.BACKGROUND)


def substitution_class(ref: pd.Series, alt: pd.Series) -> pd.Series:
    """Strand-collapsed class of each variant: C>A C>G C>T T>A T>C T>G, indel_AT, indel_CG, or empty.

    An indel goes by its first reference base. A variant of several bases (MNV) has the class of its first
    changed base; its own rate is lower, so the class rate is an upper bound.
    """
    pairs = pd.Series(list(zip(ref, alt, strict=True)), index=ref.index, dtype=object)
    return pairs.map({pair: _class_of(*pair) for pair in set(pairs)}).astype(object)


def _class_of(ref: str, alt: str) -> str:
    if not set(ref + alt) <= set(BASES) or not ref or not alt:
        return ""
    if len(ref) != len(alt):
        return "indel_AT" if ref[0] in "AT" else "indel_CG"
    changed = next(((r, a) for r, a in zip(ref, alt, strict=True) if r != a), None)
    if changed is None:
        return ""
    pair = ">".join(changed)
    return pair if changed[0] in "CT" else pair.translate(COMPLEMENT)


def _barred_positions(exclude: pd.DataFrame) -> dict[str, set[int]]:
    lengths = exclude["ref"].str.len() if "ref" in exclude else pd.Series(1, index=exclude.index)
    barred: dict[str, set[int]] = {}
    for chrom, pos, length in zip(exclude["chrom"], exclude["pos"], lengths, strict=True):
        barred.setdefault(_bare(chrom), set()).update(range(int(pos) - 1, int(pos) - 1 + max(1, int(length))))
    return barred


def _bare(chrom: str) -> str:
    return str(chrom).removeprefix("chr")


def _tiles(
    regions: pd.DataFrame, reads: pysam.AlignmentFile, max_positions: int
) -> Iterator[tuple[str, str, int, int]]:
    """Tiles of the panel, spread evenly, that hold at most the wanted number of positions."""
    tiles = []
    ordered = regions[["chrom", "start", "end"]].sort_values(["chrom", "start", "end"])
    reach: dict[str, int] = {}
    for chrom, start, end in ordered.itertuples(index=False):
        contig = contig_in(reads, str(chrom))
        if not contig:
            continue
        first = max(int(start), reach.get(contig, 0))
        last = min(int(end), reads.get_reference_length(contig))
        reach[contig] = max(last, reach.get(contig, 0))
        tiles += [(contig, _bare(chrom), low, min(low + TILE, last)) for low in range(first, last, TILE)]
    total = sum(high - low for _, _, low, high in tiles)
    wanted = max(1, int(len(tiles) * min(1.0, max_positions / total))) if total else 0
    for index in np.linspace(0, len(tiles) - 1, wanted).round().astype(int):
        yield tiles[index]


def _tile_frame(piled: Pileup, chrom: str, start: int) -> pd.DataFrame:
    frame = pd.DataFrame(piled.bases, columns=list(BASES)).assign(indel=piled.indels)
    frame.insert(0, "pos", np.arange(start, start + len(frame)) + 1)
    frame.insert(0, "chrom", chrom)
    return frame


def _barred(positions: pd.DataFrame, exclude: pd.DataFrame) -> np.ndarray:
    """Which positions must not count."""
    barred = _barred_positions(exclude)
    wrong = np.zeros(len(positions), dtype=bool)
    for chrom, rows in positions.reset_index(drop=True).groupby("chrom").groups.items():
        wrong[rows] = np.isin(positions["pos"].to_numpy()[rows] - 1, sorted(barred.get(chrom, ())))
    return wrong


def _classes(positions: pd.DataFrame, sample_id: str) -> pd.DataFrame:
    base = positions["reference"].map(dict(enumerate(BASES)))
    rows = []
    for substitution in columns.SUBSTITUTIONS:
        alt, depth = _class_counts(positions, base, substitution)
        errors, total = int(alt.sum()), int(depth.sum())
        alpha, beta = fit_beta_binomial(alt, depth)
        rows.append(
            {
                "sample_id": sample_id,
                "substitution": substitution,
                "alt": errors,
                "depth": total,
                "rate": errors / total if total else np.nan,
                "sites": len(depth),
                "alpha": alpha,
                "beta": beta,
            }
        )
    return frame_of(rows, columns.BACKGROUND)


def _class_counts(
    positions: pd.DataFrame, base: pd.Series, substitution: str
) -> tuple[np.ndarray, np.ndarray]:
    if substitution.startswith("indel"):
        chosen = base.isin(list(substitution.removeprefix("indel_")))
        return positions.loc[chosen, "indel"].to_numpy(), positions.loc[chosen, "depth"].to_numpy()
    ref, alt = substitution.split(">")
    forward, reverse = base == ref, base == ref.translate(COMPLEMENT)
    counts = positions[alt].where(forward, positions[alt.translate(COMPLEMENT)])
    chosen = forward | reverse
    return counts[chosen].to_numpy(), positions.loc[chosen, "depth"].to_numpy()
