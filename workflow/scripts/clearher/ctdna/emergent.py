"""Variants called after baseline: new, there before in traces, or unknown at baseline."""

import numpy as np
import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.tracked import KEY
from clearher.tables import conform, empty

ERBB2 = "ERBB2"

SUMMARY = ["subject_id", "n_emergent", "n_pre_existing_low", "n_unknown_at_baseline", "emergent"]
CLASS_WORDS = {
    "EMERGENT": "new",
    "PRE_EXISTING_LOW": "traces at baseline",
    "UNKNOWN_AT_BASELINE": "baseline unknown",
}


def emergent_table(tracking: pd.DataFrame, course: pd.DataFrame) -> pd.DataFrame:
    """Class of each variant called after baseline, from the re-counted samples up to baseline.

    PRE_EXISTING_LOW: at least one fragment with the variant at baseline or before; EMERGENT: not detected at
    baseline at sufficient depth; UNKNOWN_AT_BASELINE: no baseline sample, or not assessed, not covered, too
    shallow or filtered there.

    Parameters
    ----------
    tracking : pandas.DataFrame
        Table ``ctdna/tracking``.
    course : pandas.DataFrame
        Visits with sample_id, visit, study_day, phase.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/emergent``.
    """
    cells = tracking[tracking["origin"] == "emergent"]
    if cells.empty or course.empty:
        return empty(columns.EMERGENT)
    place = course.loc[course["sample_id"] != "", ["sample_id", "phase", "sequence"]]
    cells = cells.merge(place, on="sample_id")
    before = cells[cells["phase"] != "POST_BASELINE"]
    present = before[(before["alt_count"] > 0).fillna(False) | (before["status"] == "CALLED")]
    at_baseline = before[before["phase"] == "BASELINE"].drop_duplicates(KEY)
    after = cells[cells["phase"] == "POST_BASELINE"].sort_values([*KEY, "sequence"], kind="stable")
    first = after[after["status"] == "CALLED"].drop_duplicates(KEY)
    table = first[[*KEY, "gene", "hgvsp", "ch_like", "visit", "study_day"]]
    table = table.rename(columns={"visit": "first_visit", "study_day": "first_day"})
    highest = after.groupby(KEY, sort=False)["vaf"].max().rename("max_vaf").reset_index()
    table = table.merge(highest, on=KEY, how="left")
    status = at_baseline[[*KEY, "status"]].rename(columns={"status": "baseline_status"})
    table = table.merge(status, on=KEY, how="left").fillna({"baseline_status": ""})
    table = table.merge(present[KEY].drop_duplicates().assign(_present=True), on=KEY, how="left")
    table["emergent_class"] = np.select(
        [table["_present"].eq(True), table["baseline_status"] == "NOT_DETECTED"],
        ["PRE_EXISTING_LOW", "EMERGENT"],
        default="UNKNOWN_AT_BASELINE",
    )
    table["erbb2"] = table["gene"] == ERBB2
    return conform(table.drop(columns="_present"), columns.EMERGENT)


def emergent_summary(emergent: pd.DataFrame) -> pd.DataFrame:
    """Counts of each class and the variants in words, one row a subject that has any."""
    if emergent.empty:
        return pd.DataFrame(columns=SUMMARY)
    name = variant_names(emergent)
    words = name + " at " + emergent["first_visit"] + " (" + emergent["emergent_class"].map(CLASS_WORDS) + ")"
    counts = pd.crosstab(emergent["subject_id"], emergent["emergent_class"])
    table = pd.DataFrame(
        {
            "n_emergent": counts.get("EMERGENT", 0),
            "n_pre_existing_low": counts.get("PRE_EXISTING_LOW", 0),
            "n_unknown_at_baseline": counts.get("UNKNOWN_AT_BASELINE", 0),
            "emergent": words.groupby(emergent["subject_id"]).agg(", ".join),
        },
        index=counts.index,
    )
    return table.rename_axis("subject_id").reset_index()


def variant_names(rows: pd.DataFrame) -> pd.Series:
    """Gene and protein change, or the position where the change is not annotated."""
    site = rows["chrom"] + ":" + rows["pos"].astype(str) + rows["ref"] + ">" + rows["alt"]
    change = rows["hgvsp"].map(lambda text: text.rsplit(":", 1)[-1]).where(rows["hgvsp"] != "", site)
    return (rows["gene"] + " " + change).str.strip()
