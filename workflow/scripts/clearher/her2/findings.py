"""Findings of the HER2 stage: what was not understood, what is odd, and what the trial must look at."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from clearher.her2.specimens import Specimens
from clearher.her2.subjects import against_trial
from clearher.problems import Problem, findings_frame


class Mark(NamedTuple):
    """What a flag of a reading means as a finding."""

    severity: str
    column: str
    found: str
    expected: str
    remedy: str


MARKS: Mapping[str, Mark] = {
    "ish_missing": Mark(
        "error",
        "ish_result",
        "IHC 2+ without ISH",
        "ISH of the same specimen",
        "Indeterminate, never low; obtain the ISH result.",
    ),
    "ish_equivocal": Mark(
        "warning",
        "ish_result",
        "ISH equivocal in words only",
        "ratio and copies",
        "No result; obtain the counts.",
    ),
    "ish_not_read": Mark(
        "warning",
        "ihc_score",
        "ISH in the remark of a score",
        "counts in ish_ratio and ish_her2_copies, a word in ish_result",
        "Not read there beyond a plain status word; enter it in its own columns.",
    ),
    "ish_counts_in_word": Mark(
        "warning",
        "ish_result",
        "numbers beside the word of the ISH result",
        "counts in ish_ratio and ish_her2_copies, a word in ish_result",
        "The word is used, the numbers are not read; enter them in their own columns.",
    ),
    "score_in_remark": Mark(
        "warning",
        "ihc_score",
        "a second score in the remark of a score",
        "one score a reading",
        "The score before the remark is used; enter the other as a reading of its own.",
    ),
    "status_against_score": Mark(
        "warning",
        "ihc_status",
        "a status word that excludes the score beside it",
        "the status of the score",
        "The score is used; correct one of the two.",
    ),
    "recount_not_done": Mark(
        "warning",
        "ish_recount",
        "IHC 2+ with ISH group 2, 3 or 4 without a recount",
        "a recount of 20 cells or more by a second observer",
        "Provisional with the result expected if unchanged; enter the recount.",
    ),
    "recount_other_group": Mark(
        "warning",
        "ish_recount",
        "a recount in another group",
        "the adjudicated result",
        "Indeterminate until ish_recount says adjudicated and ish_result holds the outcome.",
    ),
    "dual_probe_needed": Mark(
        "warning",
        "ish_method",
        "a single-probe count between 4.0 and 5.9",
        "a dual-probe test",
        "Obtain the dual-probe result.",
    ),
    "ihc3_ish_negative": Mark(
        "warning",
        "ish_result",
        "IHC 3+ with negative ISH",
        "agreement of IHC and ISH",
        "Set by her2.conflicts.ihc3_ish_negative; ask for a second look.",
    ),
    "low_score_group_1": Mark(
        "warning",
        "ish_ratio",
        "amplification (group 1) with IHC 0 or 1+",
        "agreement of IHC and ISH",
        "Set by her2.conflicts.low_score_ish_positive; ask for a second look.",
    ),
    "low_score_single_probe": Mark(
        "warning",
        "ish_her2_copies",
        "a positive single probe with IHC 0 or 1+",
        "agreement of IHC and ISH",
        "Set by her2.conflicts.low_score_ish_positive; ask for a second look.",
    ),
    "low_score_word_positive": Mark(
        "warning",
        "ish_result",
        "ISH positive in words only, with IHC 0 or 1+",
        "ratio and copies",
        "Set by her2.conflicts.low_score_word_positive; obtain the counts.",
    ),
    "ish_word_differs": Mark(
        "warning",
        "ish_result",
        "a status word that differs from the group of the counts",
        "the same result",
        "The counts are used; an older guideline may explain the word.",
    ),
    "ish_conflict": Mark(
        "warning",
        "ish_ratio",
        "several ISH results of one specimen that differ",
        "one result",
        "A category is given only where all lead to the same one.",
    ),
    "several_ish_values": Mark(
        "warning",
        "ish_ratio",
        "two ratios in one cell",
        "one ratio",
        "Both are kept; a category is given only where both lead to the same one.",
    ),
    "origin_unclear": Mark(
        "warning",
        "ish_ratio",
        "a count marked as from outside without saying which",
        "in-house and outside results apart",
        "Taken as in-house; ask the laboratory.",
    ),
    "ratio_mismatch": Mark(
        "warning",
        "ish_ratio",
        "a ratio that differs from HER2/CEP17 by more than 0.15",
        "consistent counts",
        "Groups of both are considered; ask the laboratory.",
    ),
    "ratio_out_of_range": Mark(
        "warning",
        "ish_ratio",
        "a ratio outside the plausible range",
        "a ratio within her2.ish_ratio_range",
        "Kept; ask the laboratory.",
    ),
    "copies_implausible": Mark(
        "error",
        "ish_her2_copies",
        "more than 30 copies per cell",
        "averages per cell",
        "Not used; these look like totals, give ish_counts and ish_cells.",
    ),
    "totals_without_cells": Mark(
        "error",
        "ish_cells",
        "signal totals without the number of cells",
        "ish_cells",
        "Copies are not used; enter the number of cells.",
    ),
    "percent_sum": Mark(
        "warning",
        "pct_0",
        "intensity shares that do not add up to 100",
        "a sum of 100 within 1",
        "The H-score is not recomputed.",
    ),
    "h_score_rejected": Mark(
        "error",
        "h_score",
        "an H-score outside 0 to 300",
        "weights 1, 2, 3",
        "Not used; a variant with weights 2, 3, 4 reaches 400.",
    ),
    "h_score_disagrees": Mark(
        "warning",
        "h_score",
        "an H-score that differs from its shares by more than 1",
        "1 x pct_1 + 2 x pct_2 + 3 x pct_3",
        "The recomputed score is used.",
    ),
    "h_score_out_of_bounds": Mark(
        "warning",
        "h_score",
        "an H-score outside 1 to 3 times the stained share",
        "a score within these bounds",
        "Check the score and the shares.",
    ),
    "h_score_against_ihc": Mark(
        "info",
        "h_score",
        "an H-score unusual for the IHC score",
        "null 0, ultralow up to 10, 1+ and 2+ above 10, 3+ above 30",
        "Nothing is changed; the IHC score is never derived from the H-score.",
    ),
    "score_against_description": Mark(
        "warning",
        "ihc_score",
        "a score that differs from the described staining",
        "the score that the guideline gives the description",
        "The reported score is used.",
    ),
    "score_from_description": Mark(
        "info",
        "ihc_score",
        "no score, but a described staining",
        "a reported score",
        "The score is derived from the description.",
    ),
    "unusual_pattern": Mark(
        "info",
        "stain_intensity",
        "a staining pattern that fits no row of the guideline",
        "a listed pattern",
        "Counted as her2.weak_complete_in_few or 2+ says.",
    ),
    "status_word": Mark(
        "warning",
        "ihc_score",
        "a status word in place of a score",
        "a score 0 to 3+",
        "Read as the interval of scores the word allows; obtain the score.",
    ),
    "moment_unknown": Mark(
        "warning",
        "specimen_date",
        "a date that does not show whether the specimen precedes the first dose",
        "a date before the first dose",
        "Not used as baseline; complete the date.",
    ),
    "pre_2013": Mark(
        "info",
        "specimen_date",
        "a specimen from before the guideline of 2013, edition not given",
        "a reading under the 2018 guideline",
        "Under the 2007 edition 1+ had no lower limit, so it may be ultralow today.",
    ),
}


def her2_findings(
    specimens: Specimens, subjects: pd.DataFrame, *, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """Findings of the stage, most severe first.

    Parameters
    ----------
    specimens : Specimens
        As from :func:`clearher.her2.specimens.specimen_table`.
    subjects : pandas.DataFrame
        :data:`clearher.columns.her2.SUBJECTS`.
    settings : Mapping
        Section ``her2`` of the configuration.
    """
    problems = [
        *unread_results(specimens),
        *_marked(specimens.table),
        *_eligibility(specimens.table, settings["trial_population"]),
        *_unspecified_zeros(subjects),
        *_assays(specimens.table),
        *_shares(specimens.percent_unit),
        *_without_result(subjects),
    ]
    return findings_frame(problems, "her2")


def unread_results(specimens: Specimens) -> Iterator[Problem]:
    """Cells with a HER2 result that no known form fits, one problem a cell.

    Parameters
    ----------
    specimens : Specimens
        As from :func:`clearher.her2.specimens.specimen_table`.
    """
    for subject, specimen, source, cell in specimens.not_understood:
        yield Problem(
            check="her2_not_understood",
            file=source,
            column=cell.column,
            subject_id=subject,
            sample_id=specimen,
            found=repr(cell.text),
            expected="a HER2 value in a known form",
            remedy="Taken as no result, nothing is guessed; correct the cell.",
        )


def _marked(readings: pd.DataFrame) -> Iterator[Problem]:
    for row in readings[readings["flags"] != ""].itertuples():
        for flag in row.flags.split(";"):
            if flag in MARKS:
                mark = MARKS[flag]
                yield Problem(
                    check=f"her2_{flag}",
                    severity=mark.severity,
                    file=row.source,
                    column=mark.column,
                    subject_id=row.subject_id,
                    sample_id=row.specimen_id,
                    found=mark.found,
                    expected=mark.expected,
                    remedy=mark.remedy,
                )


def _eligibility(readings: pd.DataFrame, population: str) -> Iterator[Problem]:
    for row in readings[against_trial(readings, population)].itertuples():
        yield Problem(
            check="her2_eligibility",
            severity="warning",
            file=row.source,
            column="category",
            subject_id=row.subject_id,
            sample_id=row.specimen_id,
            found=f"{row.category} ({row.rule}; {row.moment.lower().replace('_', ' ')})",
            expected=f"HER2-{population}, as the trial asks",
            remedy="Kept as it is; review the subject's eligibility.",
        )


def _unspecified_zeros(subjects: pd.DataFrame) -> Iterator[Problem]:
    for row in subjects[subjects["level"] == "ZERO_UNSPECIFIED"].itertuples():
        yield Problem(
            check="her2_zero_unspecified",
            severity="info",
            column="ihc_score",
            subject_id=row.subject_id,
            sample_id=row.specimen_id,
            found="a score of 0 that does not say null or ultralow",
            expected="0-null or 0-ultralow",
            remedy="Kept apart from both levels; ask for a second reading.",
        )


def _assays(readings: pd.DataFrame) -> Iterator[Problem]:
    own = readings[readings["origin"] == "in-house"]
    counts = own["assay"].replace("", "not stated").value_counts().sort_index()
    if len(counts) > 1:
        yield Problem(
            check="her2_several_assays",
            severity="warning",
            column="assay",
            found=", ".join(f"{name} ({count} readings)" for name, count in counts.items()),
            expected="one assay in the study",
            remedy="See the agreement table before comparing subjects; set her2.assay_order.",
        )
    elif len(counts) and counts.index[0] == "not stated":
        yield Problem(
            check="her2_assay_missing",
            severity="warning",
            column="assay",
            found="no assay in any reading",
            expected="the antibody clone or kit",
            remedy="Enter it; low and ultralow depend on the clone.",
        )


def _shares(unit: str) -> Iterator[Problem]:
    if unit in ("fraction", "unclear"):
        yield Problem(
            check=f"her2_percent_unit_{unit}",
            severity="info" if unit == "fraction" else "error",
            column="pct_0",
            found="fractions"
            if unit == "fraction"
            else "shares that are neither all percent nor all fractions",
            expected="percent",
            remedy="Converted." if unit == "fraction" else "Not used; give all shares in percent.",
        )


def _without_result(subjects: pd.DataFrame) -> Iterator[Problem]:
    for row in subjects[subjects["category"] == ""].itertuples():
        yield Problem(
            check="her2_no_result",
            severity="info",
            column="category",
            subject_id=row.subject_id,
            found=row.sentence.removesuffix("."),
            expected="a HER2 result before the first dose",
            remedy="The subject is missing from HER2 analyses.",
        )
