"""Substitutions of several bases and their single-base parts, which callers join or report apart."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

Part = tuple[str, str, int, str, str]


def parts(subject: str, chrom: str, pos: int, ref: str, alt: str) -> Iterator[Part]:
    """Single-base substitutions that a substitution of several bases consists of."""
    for shift, (old, new) in enumerate(zip(ref, alt, strict=True)):
        if old != new:
            yield subject, chrom, pos + shift, old, new


def fill_from_parts(result: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
    """White-cell counts of alleles that white cells name joined or apart.

    A substitution of several bases whose every part has white-cell counts has those of the part with the
    fewest alternate reads: no more molecules can carry all parts. A part of a substitution that white cells
    name as a whole has the counts of the whole. A substitution of which a part is not known stays missing.

    Parameters
    ----------
    result : pandas.DataFrame
        ``wbc_depth`` and ``wbc_alt`` (Int64), missing where white cells do not name the allele.
    variants : pandas.DataFrame
        The alleles: subject_id, chrom, pos, ref, alt, variant_class, specimen, depth, alt_count.

    Returns
    -------
    pandas.DataFrame
        ``result`` with further counts filled in.
    """
    joined = (variants["variant_class"] == "MNV").to_numpy(dtype=bool)
    known = _known_parts(variants) if joined.any() else {}
    if not known:
        return result
    single = (variants["variant_class"] == "SNV").to_numpy(dtype=bool)
    at_part = np.isin(variants["pos"].to_numpy(dtype=np.int64), [part[2] for part in known])
    open_rows = result["wbc_depth"].isna().to_numpy() & (joined | (single & at_part))
    open_rows &= variants["subject_id"].isin({part[0] for part in known}).to_numpy()
    for row in variants[open_rows].itertuples():
        place = (row.subject_id, row.chrom, int(row.pos), row.ref, row.alt)
        wanted = [known.get(part) for part in parts(*place)]
        if all(wanted):
            alt, depth = min(wanted)
            result.loc[row.Index, ["wbc_depth", "wbc_alt"]] = depth, alt
    return result


def _known_parts(variants: pd.DataFrame) -> dict[Part, tuple[int, int]]:
    """Alternate reads and depth of single-base substitutions in white cells; those named alone go first."""
    blood = variants[
        (variants["specimen"] == "wbc") & variants["alt_count"].notna() & variants["depth"].notna()
    ]
    known: dict[Part, tuple[int, int]] = {}
    for kind in ("MNV", "SNV"):
        summed: dict[Part, tuple[int, int]] = {}
        for row in blood[blood["variant_class"] == kind].itertuples():
            for part in parts(row.subject_id, row.chrom, int(row.pos), row.ref, row.alt):
                alt, depth = summed.get(part, (0, 0))
                summed[part] = (alt + int(row.alt_count), depth + int(row.depth))
        known |= summed
    return known
