"""ERBB2: an allele that a filter took away and a gain of copies in plasma never go without a finding."""

import pandas as pd

from clearher.problems import Problem, findings_frame
from clearher.variants.filters import decided
from clearher.variants.white_cells import WBC_KEY

WATCHED_GENE = "ERBB2"
ALLELE = ["chrom", "pos", "ref", "alt"]
GAINS = ("<DUP", "<CN")
USUAL_COPIES = 2
OWN_SPECIMENS = ("plasma", "tissue", "control")
INHERITED = frozenset({"population", "germline_white_cells", "germline_persistent"})


def watched_gene_findings(variants: pd.DataFrame) -> pd.DataFrame:
    """One finding a subject and allele of ERBB2 that is filtered or below the thresholds of calling.

    An allele taken away as inherited in every record of a subject (filters population,
    germline_white_cells, germline_persistent) is no candidate of the tumour: such alleles are summed up, one
    finding an allele with the number of subjects. A gain of copies in plasma that the caller passes is a
    finding of its subject: tumour tissue may not show it.

    Parameters
    ----------
    variants : pandas.DataFrame
        Table ``variants/variants``, all subjects.

    Returns
    -------
    pandas.DataFrame
        Table ``variants/findings``: checks ``erbb2_filtered`` (info) and ``erbb2_gain_in_plasma`` (warning).
    """
    own = decided(variants[variants["gene"].eq(WATCHED_GENE)], specimens=OWN_SPECIMENS)
    own = own.assign(gone=own["status"].ne("CALLED"), inherited=own["reasons"].map(_inherited).astype(bool))
    by_subject = own.groupby(WBC_KEY)
    touched = by_subject["gone"].transform("any")
    inherited = by_subject["inherited"].transform("all")
    problems = [_of_subject(key, rows) for key, rows in own[touched & ~inherited].groupby(WBC_KEY, sort=True)]
    problems += [_of_cohort(key, rows) for key, rows in own[inherited].groupby(ALLELE, sort=True)]
    gained = own[_gained(own) & own["specimen"].eq("plasma") & ~own["gone"]]
    problems += [_gain(subject, rows) for subject, rows in gained.groupby("subject_id", sort=True)]
    return findings_frame(problems, "variants")


def _gained(rows: pd.DataFrame) -> pd.Series:
    """A gain by name, and by its number of copies where one is stated."""
    named = rows["variant_class"].eq("CNV") & rows["alt"].str.startswith(GAINS)
    unsaid = rows["copy_number"].isna() & rows["alt"].str.startswith(GAINS[0])
    return named & ((rows["copy_number"] > USUAL_COPIES) | unsaid)


def _gain(subject: str, rows: pd.DataFrame) -> Problem:
    shown = rows.sort_values(["study_day", "sample_id"], kind="stable")
    copies = shown["copy_number"].map("{:.3g}".format).replace("nan", "number not stated")
    visits = ", ".join(f"{visit} ({number})" for visit, number in zip(shown["visit"], copies, strict=True))
    return Problem(
        check="erbb2_gain_in_plasma",
        severity="warning",
        subject_id=subject,
        sample_id=shown["sample_id"].iloc[0] if len(shown) == 1 else "",
        column=WATCHED_GENE,
        found=f"copies above {USUAL_COPIES} in plasma at {visits}",
        expected="HER2 in tissue to be seen beside it",
        remedy="Compare with HER2 in tissue (association/her2_plasma.tsv); review a negative tissue result.",
    )


def _inherited(reasons: str) -> bool:
    return not INHERITED.isdisjoint(reasons.split(";"))


def _of_subject(key: tuple, rows: pd.DataFrame) -> Problem:
    subject, *allele = key
    gone = rows[rows["gone"]]
    return Problem(
        check="erbb2_filtered",
        severity="info",
        subject_id=subject,
        sample_id=gone["sample_id"].iloc[0] if len(gone) == 1 else "",
        column=WATCHED_GENE,
        found=f"{_name(allele, gone)}: taken away in {len(gone)} of {len(rows)} samples that show it",
        expected="ERBB2 alleles to be seen in the report whatever their status",
        remedy=f"Failed: {_reasons(gone)}. Judge it by its counts.",
    )


def _of_cohort(allele: tuple, rows: pd.DataFrame) -> Problem:
    subjects = rows["subject_id"].nunique()
    return Problem(
        check="erbb2_filtered",
        severity="info",
        column=WATCHED_GENE,
        found=f"{_name(allele, rows)}: taken away as inherited in {subjects} subjects, {len(rows)} samples",
        expected="ERBB2 alleles to be seen in the report whatever their status",
        remedy=f"Failed: {_reasons(rows)}. Germline or common in the population: not of the tumour.",
    )


def _name(allele: tuple, rows: pd.DataFrame) -> str:
    chrom, pos, ref, alt = allele
    return f"{chrom}:{pos} {ref[:20]}>{alt[:20]} {rows['hgvsp'].iloc[0]}".rstrip()


def _reasons(rows: pd.DataFrame) -> str:
    return ", ".join(sorted({name for text in rows["reasons"] for name in text.split(";")}))
