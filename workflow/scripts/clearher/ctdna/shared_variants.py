"""Variants tracked in one subject and called in a sample of another: exchanged tubes, or one in the other."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from clearher.problems import Problem, findings_frame

VARIANT = ["chrom", "pos", "ref", "alt"]

VARIANT_COLUMNS = ("specimen", "status")


def shared_variant_findings(
    tracked: pd.DataFrame, variants: pd.DataFrame, *, settings: Mapping[str, Any], foreign: Collection[str]
) -> pd.DataFrame:
    """One finding a sample and other subject, where the sample shows that subject's tracked variants.

    Two tumours share a hotspot, hardly several further variants. Variants of the level that are tracked or
    called in the two subjects alone are compared: the alarm is raised where at least
    ``tracked.alarm_variants`` of a subject's are called in the other's sample, and at least
    ``tracked.alarm_fraction`` of them.

    Parameters
    ----------
    tracked : pandas.DataFrame
        Table ``ctdna/tracked``.
    variants : pandas.DataFrame
        Table ``variants/variants``; called rows of plasma count, :data:`VARIANT_COLUMNS` are used.
    settings : Mapping
        Section ``ctdna``; uses ``tracked``.
    foreign : collection of str
        Samples already known to hold another person's DNA; these are left out.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/findings``: check ``shared_variants`` (warning).

    Notes
    -----
    Works without germline sites, where the comparison of genotypes (table ``variants/identity``) cannot tell.
    """
    rule = settings["tracked"]
    followed = tracked.loc[tracked["in_level"].fillna(False).astype(bool), ["subject_id", *VARIANT]]
    own = followed["subject_id"].value_counts()
    counted = (variants["status"] == "CALLED") & (variants["specimen"] == "plasma")
    calls = variants.loc[
        counted & ~variants["sample_id"].isin(foreign), ["subject_id", "sample_id", *VARIANT]
    ]
    carriers = pd.concat([followed, calls[["subject_id", *VARIANT]]]).drop_duplicates()
    pairs = carriers.groupby(VARIANT, as_index=False).size().query("size == 2")[VARIANT]
    shared = followed.merge(pairs, on=VARIANT).merge(calls, on=VARIANT, suffixes=("", "_shown"))
    shared = shared[shared["subject_id"] != shared["subject_id_shown"]]
    found = shared.groupby(["sample_id", "subject_id_shown", "subject_id"]).size().rename("n").reset_index()
    found["N"] = found["subject_id"].map(own)
    alarm = found["n"].ge(rule["alarm_variants"]) & (found["n"] / found["N"]).ge(rule["alarm_fraction"])
    return findings_frame([_problem(row) for row in found[alarm].to_dict("records")], "ctdna")


def _problem(row: Mapping[str, Any]) -> Problem:
    return Problem(
        check="shared_variants",
        severity="warning",
        subject_id=row["subject_id_shown"],
        sample_id=row["sample_id"],
        column="tracked",
        found=f"{row['n']} of the {row['N']} variants tracked in subject {row['subject_id']}, and in no "
        "third subject",
        expected="another tumour's variants",
        remedy="Ask the laboratory whether the tubes were exchanged or one ran into the other; until then "
        "the sample counts as its label says.",
    )
