"""Variant files without gene symbols: what needs a gene goes missing there, and says so."""

import re

import pandas as pd

from clearher.problems import Problem, findings_frame, first_few
from clearher.variants.filters import decided

TRACKED_SPECIMENS = ("plasma", "tissue")
VARIANT_COLUMNS = ("sample_id", "specimen", "status", "variant_class", "gene", "consequence")
ENSEMBL_ID = re.compile(r"ENSG\d+(\.\d+)?")


def annotated_samples(variants: pd.DataFrame) -> pd.Series:
    """Whether the file of each sample names a gene.

    Judged are the small variants of plasma and tissue with a decided status. An Ensembl identifier is no
    gene symbol: the lists of genes do not know it. An allele annotated as intergenic has no gene to name.

    Parameters
    ----------
    variants : pandas.DataFrame
        Table ``variants/variants`` of whole samples; :data:`VARIANT_COLUMNS` are used.

    Returns
    -------
    pandas.Series of bool
        By sample_id; samples without an allele to judge are left out.
    """
    own = decided(variants, specimens=TRACKED_SPECIMENS)
    own = own[own["variant_class"].ne("CNV")]
    symbols = [gene for gene in own["gene"].unique() if gene and not ENSEMBL_ID.fullmatch(gene)]
    intergenic = [text for text in own["consequence"].unique() if "intergenic" in text]
    named = own["gene"].isin(symbols) | own["consequence"].isin(intergenic)
    return named.groupby(own["sample_id"]).any()


def annotation_findings(annotated: pd.Series) -> pd.DataFrame:
    """One finding for the cohort where variant files name no gene at any of their alleles.

    Parameters
    ----------
    annotated : pandas.Series of bool
        Of :func:`annotated_samples`, all samples.

    Returns
    -------
    pandas.DataFrame
        Table ``variants/findings``: check ``variants_not_annotated`` (warning), at most one row.
    """
    bare = sorted(annotated.index[~annotated.astype(bool)])
    return findings_frame([_not_annotated(bare, len(annotated))] if bare else [], "variants")


def _not_annotated(bare: list[str], files: int) -> Problem:
    return Problem(
        check="variants_not_annotated",
        severity="warning",
        column="gene",
        found=f"no gene symbol in {len(bare)} of {files} variant files with calls, of samples "
        f"{first_few(bare)}: genes of clonal haematopoiesis are not flagged there (their "
        "variants can count as tumour and change clearance), ERBB2 is not watched, genes are missing from "
        "the landscape",
        expected="gene symbols with the calls",
        remedy="Annotate the files with VEP (INFO field CSQ, with --symbol) or SnpEff (ANN) and run again; "
        "a MAF needs Hugo_Symbol.",
    )
