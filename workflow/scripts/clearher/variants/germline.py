"""Germline evidence without white cells: a VAF where germline variants lie, at every visit."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

ALLELE = ["subject_id", "chrom", "pos", "ref", "alt"]


def germline_like(vaf: pd.Series, *, heterozygous: tuple[float, float], homozygous: float) -> pd.Series:
    """Whether a VAF lies in the heterozygous band (both ends included) or at or above the homozygous one."""
    return vaf.between(*heterozygous) | (vaf >= homozygous)


def germline_visits(variants: pd.DataFrame, *, settings: Mapping) -> pd.Series:
    """Number of plasma samples of the subject that cover the allele, when all of them are germline-like.

    A tumour's VAF moves with treatment, a germline one stays near 0.5 or 1: an allele counts only when every
    covered plasma sample is germline-like and their VAFs lie within ``max_spread``. A high VAF at one visit
    alone never makes a variant germline: untreated metastatic disease reaches 0.4.

    Parameters
    ----------
    variants : pandas.DataFrame
        Alleles of all samples of whole subjects: key, ``specimen depth vaf``.
    settings : Mapping
        ``germline`` of the configuration.

    Returns
    -------
    pandas.Series
        Int64 with the index of ``variants``; 0 when one covered sample is not germline-like or the spread is
        too wide; missing where no plasma sample covers the allele.
    """
    covered = variants["specimen"].eq("plasma") & variants["depth"].ge(settings["min_depth"]).fillna(False)
    covered &= variants["vaf"].notna()
    plasma = variants.loc[covered, [*ALLELE, "vaf"]]
    plasma = plasma.assign(
        like=germline_like(
            plasma["vaf"], heterozygous=tuple(settings["heterozygous"]), homozygous=settings["homozygous"]
        )
    )
    group = plasma.groupby(ALLELE, sort=False)
    summary = group.agg(n=("vaf", "size"), low=("vaf", "min"), high=("vaf", "max"), like=("like", "all"))
    steady = summary["like"] & (summary["high"] - summary["low"] <= settings["max_spread"])
    count = summary["n"].where(steady, 0)
    found = count.reindex(pd.MultiIndex.from_frame(variants[ALLELE]))
    return pd.Series(
        pd.array(found.to_numpy(dtype=float), dtype="Float64").astype("Int64"), index=variants.index
    )


def protein_position(hgvsp: pd.Series) -> pd.Series:
    """First residue number of a protein change (p.His1047Arg, p.H1047R); missing where there is none."""
    distinct = pd.Series(hgvsp.unique(), dtype=object)
    numbers = distinct.str.extract(r"(?:p\.)?\(?[A-Za-z*]{1,3}(\d+)", expand=False).astype(float)
    known = dict(zip(distinct, numbers, strict=True))
    values = np.array([known[text] for text in hgvsp], dtype=float)
    return pd.Series(pd.array(values, dtype="Float64").astype("Int64"), index=hgvsp.index)
