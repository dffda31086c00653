"""Small tables that filters need: panel, hotspots, blacklist, panel of normals, CH genes, reference."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from clearher.problems import InputError, Problem
from clearher.variants.alleles import interpret

SITE = ["chrom", "pos", "ref", "alt"]


@dataclass(frozen=True)
class VariantResources:
    """Resources of the variants stage; None is "not given", which is not the same as empty.

    Attributes
    ----------
    reference : pysam.FastaFile or None
    panel : DataFrame or None
        Columns ``chrom start end`` (1-based, inclusive), chromosomes without "chr".
    hotspots : DataFrame or None
        Columns ``chrom pos ref alt gene codon``; a place (alleles may be empty: any), or gene and codon.
    blacklist : DataFrame or None
        Columns ``chrom pos ref alt``; alleles may be empty.
    normals : DataFrame or None
        Columns ``chrom pos ref alt n_samples median_vaf``.
    ch_genes : frozenset of str
        Genes often mutated in clonal haematopoiesis.
    """

    reference: pysam.FastaFile | None = None
    panel: pd.DataFrame | None = None
    hotspots: pd.DataFrame | None = None
    blacklist: pd.DataFrame | None = None
    normals: pd.DataFrame | None = None
    ch_genes: frozenset[str] = field(default_factory=frozenset)


def load_resources(
    *,
    reference: str | None = None,
    panel: str | None = None,
    hotspots: str | None = None,
    blacklist: str | None = None,
    normals: str | None = None,
    ch_genes: str | None = None,
) -> VariantResources:
    """Read the resources that are given.

    Parameters
    ----------
    reference : str, optional
        FASTA with .fai.
    panel : str, optional
        BED.
    hotspots, blacklist, normals : str, optional
        Tab-separated with a header line; lines that start with # are comments.
    ch_genes : str, optional
        Tab-separated with a column ``gene``.

    Raises
    ------
    InputError
        With every file that is not readable or lacks a column.
    """
    problems: list[Problem] = []
    sites = {"chrom": "", "pos": None, "ref": "", "alt": ""}
    spots = _table(hotspots, sites | {"gene": "", "codon": None}, problems, required=())
    listed = _table(blacklist, sites, problems, required=("chrom", "pos"))
    pon = _table(
        normals, sites | {"n_samples": None, "median_vaf": None}, problems, required=(*SITE, "n_samples")
    )
    genes = _table(ch_genes, {"gene": ""}, problems, required=("gene",))
    regions = _panel(panel, problems)
    fasta = _fasta(reference, problems)
    if problems:
        raise InputError(problems)
    names = frozenset() if genes is None else frozenset(genes["gene"])
    return VariantResources(fasta, regions, spots, listed, pon, names)


def plain(chrom: pd.Series) -> pd.Series:
    """Contig names without the prefix "chr", M for MT, so that both styles meet."""
    codes, names = pd.factorize(chrom)
    bare = pd.Series(names, dtype=object).str.removeprefix("chr").replace({"MT": "M"})
    return pd.Series(bare.to_numpy()[codes], index=chrom.index, name=chrom.name)


def in_panel(variants: pd.DataFrame, panel: pd.DataFrame) -> np.ndarray:
    """Whether the first base of each allele lies in a region of the panel."""
    inside = np.zeros(len(variants), dtype=bool)
    chroms, positions = plain(variants["chrom"]).to_numpy(), variants["pos"].to_numpy(dtype=np.int64)
    for chrom, regions in panel.groupby("chrom", sort=False):
        rows = np.flatnonzero(chroms == chrom)
        order = np.argsort(regions["start"].to_numpy())
        starts = regions["start"].to_numpy()[order]
        ends = np.maximum.accumulate(regions["end"].to_numpy()[order])
        before = np.searchsorted(starts, positions[rows], side="right") - 1
        inside[rows] = (before >= 0) & (positions[rows] <= ends[np.maximum(before, 0)])
    return inside


def at_listed_site(variants: pd.DataFrame, sites: pd.DataFrame) -> np.ndarray:
    """Whether each allele stands in a list, whose rows may leave the alleles open."""
    places = sites[sites["chrom"].ne("") & sites["pos"].notna()]
    whole = places[places["ref"].ne("") & places["alt"].ne("")]
    loose = places[places["ref"].eq("") | places["alt"].eq("")]
    listed = np.zeros(len(variants), dtype=bool)
    near = np.flatnonzero(np.isin(variants["pos"].to_numpy(dtype=float), places["pos"].to_numpy(dtype=float)))
    asked = variants[SITE].iloc[near]
    asked = asked.assign(chrom=plain(asked["chrom"]))
    by_allele = pd.MultiIndex.from_frame(asked).isin(pd.MultiIndex.from_frame(whole[SITE]))
    by_place = pd.MultiIndex.from_frame(asked[SITE[:2]]).isin(pd.MultiIndex.from_frame(loose[SITE[:2]]))
    listed[near] = by_allele | by_place
    return listed


def at_listed_codon(variants: pd.DataFrame, codon: pd.Series, sites: pd.DataFrame) -> np.ndarray:
    """Whether each allele changes a listed codon of its gene; false where codon or gene is missing."""
    residues = sites[sites["gene"].ne("") & sites["codon"].notna()]
    possible = variants["gene"].isin(set(residues["gene"])) & codon.notna().to_numpy()
    rows = np.flatnonzero(possible.to_numpy(dtype=bool))
    asked = pd.MultiIndex.from_arrays([variants["gene"].iloc[rows], codon.astype("Int64").iloc[rows]])
    listed = pd.MultiIndex.from_arrays([residues["gene"], residues["codon"].astype("Int64")])
    result = np.zeros(len(variants), dtype=bool)
    result[rows] = asked.isin(listed)
    return result


def in_normals(variants: pd.DataFrame, normals: pd.DataFrame) -> pd.DataFrame:
    """``pon_samples`` (0 where not listed) and ``pon_median_vaf`` of each allele."""
    asked = pd.MultiIndex.from_frame(variants[SITE].assign(chrom=plain(variants["chrom"])))
    known = normals.drop_duplicates(SITE).set_index(SITE)[["n_samples", "median_vaf"]].reindex(asked)
    return pd.DataFrame(
        {
            "pon_samples": pd.array(known["n_samples"].fillna(0), dtype="Int64"),
            "pon_median_vaf": known["median_vaf"].to_numpy(dtype=float),
        },
        index=variants.index,
    )


def _table(
    path: str | None, columns: dict, problems: list[Problem], *, required: Iterable[str]
) -> pd.DataFrame | None:
    if path is None:
        return None
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, comment="#", keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        problems.append(_bad(path, "", str(error), "a tab-separated table"))
        return None
    missing = [name for name in required if name not in table]
    if missing:
        problems.append(_bad(path, "1", f"columns {', '.join(table)}", f"also {', '.join(missing)}"))
        return None
    for name, filler in columns.items():
        values = table[name] if name in table else pd.Series("", index=table.index, dtype=object)
        if name in required and values.eq("").any():
            problems.append(_bad(path, "", "an empty value", f"a value of {name} in each row", name))
        table[name] = values if filler == "" else _numbers(values, path, name, problems)
    table["chrom"] = plain(table["chrom"]) if "chrom" in table else ""
    return _trimmed(table) if "ref" in columns else table


def _trimmed(table: pd.DataFrame) -> pd.DataFrame:
    """Alleles written with as few bases as possible, as those of the variant files are."""
    rows = np.flatnonzero(table["ref"].ne("") & table["alt"].ne("") & table["pos"].notna())
    pairs = zip(table["ref"].iloc[rows], table["alt"].iloc[rows], strict=True)
    alleles = [interpret(ref, alt) for ref, alt in pairs]
    offsets = np.zeros(len(table), dtype=np.int64)
    offsets[rows] = [allele.offset for allele in alleles]
    written = {name: table[name].to_numpy(dtype=object, copy=True) for name in ("ref", "alt")}
    for name, values in written.items():
        values[rows] = [getattr(allele, name) for allele in alleles]
    return table.assign(pos=table["pos"] + offsets, **written)


def _numbers(values: pd.Series, path: str, name: str, problems: list[Problem]) -> pd.Series:
    numbers = pd.to_numeric(values.mask(values == ""), errors="coerce")
    wrong = numbers.isna() & values.ne("")
    if wrong.any():
        problems.append(_bad(path, "", repr(values[wrong].iloc[0]), "a number", name))
    return numbers


def _panel(path: str | None, problems: list[Problem]) -> pd.DataFrame | None:
    if path is None:
        return None
    rows = []
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(_bad(path, "", str(error), "a BED file"))
        return None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        fields = line.split("\t")
        if len(fields) < 3 or not (fields[1].isdigit() and fields[2].isdigit()):
            problems.append(_bad(path, str(number), repr(line[:60]), "chrom, start and end, tab-separated"))
            continue
        rows.append((fields[0], int(fields[1]) + 1, int(fields[2])))
    panel = pd.DataFrame(rows, columns=["chrom", "start", "end"])
    return panel.assign(chrom=plain(panel["chrom"].astype(str)))


def _fasta(path: str | None, problems: list[Problem]) -> pysam.FastaFile | None:
    if path is None:
        return None
    try:
        return pysam.FastaFile(str(path))
    except (OSError, ValueError) as error:
        problems.append(_bad(path, "", str(error), "a FASTA file with its .fai index"))
        return None


def _bad(path: str, row: str, found: str, expected: str, column: str = "") -> Problem:
    return Problem(
        check="resource",
        file=str(path),
        row=row,
        column=column,
        found=found,
        expected=expected,
        remedy="See config/README.md, section inputs, for the columns of this file.",
    )
