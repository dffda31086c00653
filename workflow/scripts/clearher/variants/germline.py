"""Germline evidence without white cells: a VAF where germline variants lie, at every visit."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.variants.same_allele import row_codes

RESIDUE = re.compile(r"(?:p\.)?\(?[A-Za-z*]{1,3}(\d+)")


def germline_like(vaf: pd.Series, *, heterozygous: tuple[float, float], homozygous: float) -> pd.Series:
    """Whether a VAF lies in the heterozygous band (both ends included) or at or above the homozygous one."""
    return vaf.between(*heterozygous) | (vaf >= homozygous)


def germline_visits(
    variants: pd.DataFrame, *, settings: Mapping, codes: np.ndarray | None = None
) -> pd.Series:
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
    codes : numpy.ndarray, optional
        :func:`clearher.variants.same_allele.row_codes` of the rows, where they are known already.

    Returns
    -------
    pandas.Series
        Int64 with the index of ``variants``; 0 when one covered sample is not germline-like or the spread is
        too wide; missing where no plasma sample covers the allele.
    """
    covered = variants["specimen"].eq("plasma") & variants["depth"].ge(settings["min_depth"]).fillna(False)
    covered &= variants["vaf"].notna()
    codes = row_codes(variants) if codes is None else codes
    size = int(codes.max(initial=-1)) + 1
    vaf, rows = variants.loc[covered, "vaf"], codes[covered.to_numpy(dtype=bool)]
    bands = {"heterozygous": tuple(settings["heterozygous"]), "homozygous": settings["homozygous"]}
    unlike = np.bincount(rows[~germline_like(vaf, **bands).to_numpy(dtype=bool)], minlength=size) > 0
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, rows, vaf.to_numpy(dtype=float))
    np.maximum.at(high, rows, vaf.to_numpy(dtype=float))
    number = np.bincount(rows, minlength=size)
    steady = ~unlike & (high - low <= settings["max_spread"])
    count = np.where(steady, number, 0)[codes]
    return pd.Series(pd.arrays.IntegerArray(count, number[codes] == 0), index=variants.index)


def protein_position(hgvsp: pd.Series) -> pd.Series:
    """First residue number of a protein change (p.His1047Arg, p.H1047R); missing where there is none."""
    codes, distinct = pd.factorize(hgvsp.to_numpy(dtype=object))
    found = [RESIDUE.search(text) for text in distinct]
    numbers = np.array([float(match.group(1)) if match else np.nan for match in found], dtype=float)
    values = numbers[codes]
    return pd.Series(pd.array(values, dtype="Float64").astype("Int64"), index=hgvsp.index)
