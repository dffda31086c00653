"""Alt fragments that show several tracked variants: each is one molecule, whichever variants are counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

VARIANT = ["chrom", "pos", "ref", "alt"]


def shared_patterns(alt_fragments: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Which alt fragments of each site show other sites too.

    Parameters
    ----------
    alt_fragments : Mapping
        Names of the alt fragments by site (:func:`site_name`), in the order of the sites.

    Returns
    -------
    dict
        By site: patterns, joined by blanks, of which it is the first site. A pattern is its sites and the
        number of fragments that show exactly these, joined by commas; empty where there is none.
    """
    seen, several = set(), set()
    for names in alt_fragments.values():
        several |= seen & names
        seen |= names
    shown: dict[str, list[str]] = {}
    for site, names in alt_fragments.items():
        for name in names & several:
            shown.setdefault(name, []).append(site)
    patterns = Counter(tuple(sites) for sites in shown.values())
    found: dict[str, list[str]] = {site: [] for site in alt_fragments}
    for sites, number in sorted(patterns.items()):
        found[sites[0]].append(",".join([*sites, str(number)]))
    return {site: " ".join(texts) for site, texts in found.items()}


def site_name(chrom: str, pos: int, ref: str, alt: str) -> str:
    """Name of a variant in a pattern; contig names hold neither commas nor blanks."""
    return f"{chrom}:{pos}:{ref}:{alt}"


def credited(cells: pd.DataFrame, counts: pd.Series) -> pd.Series:
    """Distinct alt fragments of each cell, those that count credited first.

    Counted from reads, a fragment that shows several variants is credited to the first of them only. Which
    that is must not depend on variants that do not count: summed over the cells that count, the result is the
    number of different fragments that show at least one of their variants.

    Parameters
    ----------
    cells : pandas.DataFrame
        sample_id, chrom, pos, ref, alt, distinct_alt_fragments (credited in the order of the sites; missing
        where not counted from reads) and shared_alt_fragments (:func:`shared_patterns`).
    counts : pandas.Series of bool
        Cells that enter the test and the level.

    Returns
    -------
    pandas.Series
        Integers; missing where they were.
    """
    result = cells["distinct_alt_fragments"].astype("Int64").copy()
    shared = cells["shared_alt_fragments"].fillna("") != ""
    affected = cells[cells["sample_id"].isin(cells.loc[shared, "sample_id"])]
    for _, rows in affected.groupby("sample_id", sort=False):
        moved = _moved(rows, counts[rows.index])
        for place, number in moved.items():
            result[place] += number
    return result


def _moved(rows: pd.DataFrame, counts: pd.Series) -> Counter:
    """Fragments to add to, or take from, each row of one sample."""
    places = dict(zip(map(_key, rows[VARIANT].itertuples(index=False)), rows.index, strict=True))
    moved: Counter = Counter()
    for sites, number in _patterns(rows["shared_alt_fragments"]):
        here = [places[site] for site in sites]
        first = next((place for place in here if counts[place]), here[0])
        moved[here[0]] -= number
        moved[first] += number
    return moved


def _key(variant: Sequence) -> str:
    return site_name(*variant)


def _patterns(texts: Iterable[str]) -> Iterable[tuple[list[str], int]]:
    for text in texts:
        for pattern in (text or "").split():
            *sites, number = pattern.split(",")
            yield sites, int(number)
