"""Variant files without gene symbols: what needs a gene goes missing there, and says so."""

import re

import pandas as pd

from clearher.problems import Problem, findings_frame, first_few
from clearher.variants.filters import decided

TRACKED_SPECIMENS = ("plasma", "tissue")
ENSEMBL_ID = re.compile(r"ENSG\d+(\.\d+)?")


def annotation_findings(variants: pd.DataFrame) -> pd.DataFrame:
    """One finding for the cohort where variant files name no gene at any of their alleles.

    Judged are the small variants of plasma and tissue with a decided status. An Ensembl identifier is no
    gene symbol: the lists of genes do not know it. An allele annotated as intergenic has no gene to name.

    Parameters
    ----------
    variants : pandas.DataFrame
        Table ``variants/variants``, all subjects.

    Returns
    -------
    pandas.DataFrame
        Table ``variants/findings``: check ``variants_not_annotated`` (warning), at most one row.
    """
    own = decided(variants, specimens=TRACKED_SPECIMENS)
    own = own[own["variant_class"].ne("CNV")]
    symbols = [gene for gene in own["gene"].unique() if gene and not ENSEMBL_ID.fullmatch(gene)]
    intergenic = [text for text in own["consequence"].unique() if "intergenic" in text]
    named = own["gene"].isin(symbols) | own["consequence"].isin(intergenic)
    annotated = named.groupby(own["sample_id"]).any()
    bare = sorted(annotated.index[~annotated])
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
