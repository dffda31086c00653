"""Substitutions of several bases and their single-base parts, which callers join or report apart."""

import numpy as np
import pandas as pd

from clearher.variants.same_allele import row_codes

USED = ["subject_id", "chrom", "pos", "ref", "alt", "variant_class"]


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
    parts = _parts(variants)
    if parts.empty:
        return result
    rows = parts["row"].to_numpy()
    parts["open"] = result["wbc_depth"].isna().to_numpy()[rows]
    parts["alt_count"] = variants["alt_count"].array.take(rows)
    parts["depth"] = variants["depth"].array.take(rows)
    parts["blood"] = variants["specimen"].eq("wbc").to_numpy()[rows]
    known = _known_parts(parts[parts["blood"] & parts["alt_count"].notna() & parts["depth"].notna()])
    asked = parts.loc[parts["open"], ["row", "part"]].merge(known, how="left", on="part")
    lacking = asked.loc[asked["depth"].isna(), "row"]
    fewest = asked[~asked["row"].isin(lacking)].sort_values(["row", "alt_count", "depth"])
    fewest = fewest.drop_duplicates("row")
    filled = variants.index[fewest["row"]]
    result.loc[filled, "wbc_depth"] = fewest["depth"].array
    result.loc[filled, "wbc_alt"] = fewest["alt_count"].array
    return result


def _parts(variants: pd.DataFrame) -> pd.DataFrame:
    """Single-base parts of each substitution of several bases, and the single-base ones at their places.

    ``row`` is the place among ``variants``, ``part`` the same number for the same part of a subject.
    """
    joined = np.flatnonzero(variants["variant_class"].eq("MNV"))
    apart = _taken_apart(variants[USED].take(joined).assign(row=joined))
    near = np.flatnonzero(variants["pos"].isin(apart["pos"]))
    single = near[variants["variant_class"].take(near).eq("SNV")]
    parts = pd.concat([apart, variants[USED].take(single).assign(row=single)], ignore_index=True)
    return parts.assign(part=row_codes(parts))


def _taken_apart(joined: pd.DataFrame) -> pd.DataFrame:
    """Substitutions of several bases base by base, without the bases that stay as they are."""
    sizes = joined["ref"].str.len().to_numpy(dtype=np.int64)
    bases = joined.take(np.repeat(np.arange(len(joined)), sizes))
    bases["pos"] += np.arange(len(bases)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    bases["ref"], bases["alt"] = list("".join(joined["ref"])), list("".join(joined["alt"]))
    return bases[bases["ref"].ne(bases["alt"])]


def _known_parts(blood: pd.DataFrame) -> pd.DataFrame:
    """Alternate reads and depth of single-base substitutions in white cells; those named alone go first."""
    summed = blood.groupby(["part", "variant_class"], as_index=False)[["alt_count", "depth"]].sum()
    alone_first = summed.sort_values("variant_class", ascending=False, kind="stable")
    return alone_first.drop_duplicates("part")[["part", "alt_count", "depth"]]
