"""ERBB2: an allele that a filter took away and a gain of copies in plasma never go without a finding."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from clearher.problems import FEW, Problem, findings_frame, first_few
from clearher.variants.filters import DECIDED, names_any
from clearher.variants.white_cells import WBC_KEY

WATCHED_GENE = "ERBB2"
ALLELE = ["chrom", "pos", "ref", "alt"]
VARIANT_COLUMNS = (
    *WBC_KEY,
    "sample_id",
    "visit",
    "study_day",
    "specimen",
    "variant_class",
    "alt_count",
    "depth",
    "hgvsp",
    "copy_number",
    "hotspot",
    "status",
    "reasons",
)
NOT_SUPPORTED = "NOT_SUPPORTED"
GAINS = ("<DUP", "<CN")
USUAL_COPIES = 2
OWN_SPECIMENS = ("plasma", "tissue", "control")
INHERITED = frozenset({"population", "germline_white_cells", "germline_persistent"})


def of_watched_gene(variants: pd.DataFrame) -> pd.DataFrame:
    """What :func:`watched_gene_findings` looks at of table ``variants/variants``."""
    own = variants.loc[variants["gene"].eq(WATCHED_GENE), list(VARIANT_COLUMNS)]
    return own[own["specimen"].isin(OWN_SPECIMENS) & own["status"].isin([*DECIDED, NOT_SUPPORTED])]


def watched_gene_findings(variants: pd.DataFrame, *, call_filters: Collection[str]) -> pd.DataFrame:
    """Findings of ERBB2 alleles filtered, below the thresholds of calling or not counted, and of gains.

    First rule that applies to an allele of a subject that is not called in every sample that shows it:
    inherited in every record (filters population, germline_white_cells, germline_persistent), it is no
    candidate of the tumour: one finding an allele with the number of subjects; too little evidence for a call
    in every record and no hotspot, as most noise is: one finding a subject with the number of such alleles
    and those with most reads; else a finding of its own. Alleles of which a file states no reads, or whose
    kind cannot be counted, are one finding of their subject. A gain of copies in plasma that the caller
    passes is a finding of its subject: tumour tissue may not show it.

    Parameters
    ----------
    variants : pandas.DataFrame
        Rows of :func:`of_watched_gene`, all subjects.
    call_filters : collection of str
        Names of the filters of kind ``call``, which ask for evidence.

    Returns
    -------
    pandas.DataFrame
        Table ``variants/findings``: checks ``erbb2_filtered`` and ``erbb2_not_supported`` (info), and
        ``erbb2_gain_in_plasma`` (warning).
    """
    uncounted = variants["status"].eq(NOT_SUPPORTED)
    variants, not_supported = variants[~uncounted], variants[uncounted]
    reasons = variants["reasons"]
    own = variants.assign(
        gone=variants["status"].ne("CALLED"),
        inherited=names_any(reasons, INHERITED),
        faint=names_any(reasons, call_filters) & ~variants["hotspot"].fillna(False).astype(bool),
    )
    by_subject = own.groupby(WBC_KEY)
    touched, inherited, faint = (
        by_subject[name].transform(how)
        for name, how in (("gone", "any"), ("inherited", "all"), ("faint", "all"))
    )
    alone, together = own[touched & ~inherited & ~faint], own[faint & ~inherited]
    problems = [_of_subject(key, rows) for key, rows in alone.groupby(WBC_KEY, sort=True)]
    problems += _faint(together)
    problems += [_uncounted(name, rows) for name, rows in not_supported.groupby("subject_id", sort=True)]
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


def _of_subject(key: tuple, rows: pd.DataFrame) -> Problem:
    subject, *allele = key
    gone = rows[rows["gone"]]
    return Problem(
        check="erbb2_filtered",
        severity="info",
        subject_id=subject,
        sample_id=gone["sample_id"].iloc[0] if len(gone) == 1 else "",
        column=WATCHED_GENE,
        found=f"{_name(allele, gone.iloc[0])}: taken away in {len(gone)} of {len(rows)} samples that show it",
        expected="ERBB2 alleles to be seen in the report whatever their status",
        remedy=f"Failed: {_reasons(gone)}. Judge it by its counts.",
    )


def _faint(rows: pd.DataFrame) -> list[Problem]:
    """One problem a subject: alleles without evidence for a call in any sample, most reads first."""
    order = rows.sort_values(
        ["subject_id", "alt_count", *ALLELE, "sample_id"], ascending=[True, False] + [True] * 5
    )
    alleles = order.drop_duplicates(WBC_KEY)
    number = alleles["subject_id"].value_counts()
    named: dict[str, list[str]] = {}
    for row in alleles.groupby("subject_id").head(FEW).to_dict("records"):
        name = _name([row[part] for part in ALLELE], row)
        named.setdefault(row["subject_id"], []).append(f"{name} ({row['alt_count']} of {row['depth']})")
    return [
        _faint_of_subject(subject, own, first_few(named[subject], of=number[subject]))
        for subject, own in order[["subject_id", "sample_id", "reasons"]].groupby("subject_id", sort=True)
    ]


def _faint_of_subject(subject: str, rows: pd.DataFrame, alleles: str) -> Problem:
    return Problem(
        check="erbb2_filtered",
        severity="info",
        subject_id=subject,
        sample_id=rows["sample_id"].iloc[0] if rows["sample_id"].nunique() == 1 else "",
        column=WATCHED_GENE,
        found=f"{alleles}: too few reads for a call in each sample that shows it",
        expected="ERBB2 alleles to be seen in the report whatever their status",
        remedy=f"Failed: {_reasons(rows)}. All rows: variants/variants.parquet, flag gene_watched.",
    )


def _uncounted(subject: str, rows: pd.DataFrame) -> Problem:
    alleles = rows.sort_values([*ALLELE, "sample_id"], kind="stable").drop_duplicates(ALLELE)
    names = [_name([row[part] for part in ALLELE], row) for row in alleles.to_dict("records")]
    return Problem(
        check="erbb2_not_supported",
        severity="info",
        subject_id=subject,
        sample_id=rows["sample_id"].iloc[0] if rows["sample_id"].nunique() == 1 else "",
        column=WATCHED_GENE,
        found=f"{first_few(names)}: stated without reads, or of a kind that cannot be counted",
        expected="ERBB2 alleles to be seen in the report whatever their status",
        remedy="Neither called nor tracked (status NOT_SUPPORTED); flags say why. Judge it by its file.",
    )


def _of_cohort(allele: tuple, rows: pd.DataFrame) -> Problem:
    where = f"{rows['subject_id'].nunique()} subjects, {len(rows)} samples"
    return Problem(
        check="erbb2_filtered",
        severity="info",
        column=WATCHED_GENE,
        found=f"{_name(allele, rows.iloc[0])}: taken away as inherited in {where}",
        expected="ERBB2 alleles to be seen in the report whatever their status",
        remedy=f"Failed: {_reasons(rows)}. Germline or common in the population: not of the tumour.",
    )


def _name(allele: Sequence, row: Mapping) -> str:
    chrom, pos, ref, alt = allele
    return f"{chrom}:{pos} {ref[:20]}>{alt[:20]} {row['hgvsp']}".rstrip()


def _reasons(rows: pd.DataFrame) -> str:
    return ", ".join(sorted({name for text in rows["reasons"] for name in text.split(";")}))
