"""Change of HER2 between two specimens of a subject: archival to fresh, primary to metastatic, later."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clearher.columns import her2 as columns
from clearher.her2.category import rank
from clearher.her2.consensus import Reading, specimen_results
from clearher.her2.sentences import level_words
from clearher.tables import empty, frame_of

FLOWS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "archival to fresh": (("preservation", "archival"), ("preservation", "fresh")),
    "primary to metastatic": (("specimen_type", "primary"), ("specimen_type", "metastatic")),
}
ON_TREATMENT = "baseline to on-treatment"
COMPARED = ["specimen_id", "specimen_date", "specimen_date_last", "category", "level", "ihc_score"]


def conversion_table(readings: pd.DataFrame, *, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Subjects with both specimens of a flow, and how the level moved.

    Archival to fresh and primary to metastatic compare the latest of each kind before the first dose;
    baseline to on-treatment the latest before with the first after it. One result a specimen, as
    :func:`clearher.her2.consensus.specimen_results` joins readings.

    Parameters
    ----------
    readings : pandas.DataFrame
        :data:`clearher.columns.her2.SPECIMENS`.
    settings : Mapping
        Section ``her2`` of the configuration.

    Returns
    -------
    pandas.DataFrame
        :data:`clearher.columns.her2.CONVERSION`.
    """
    if readings.empty:
        return empty(columns.CONVERSION)
    results = specimen_results(readings, settings=settings)
    results = results[results["evaluable"]]
    baseline = results[results["moment"] == "BASELINE"]
    rows = []
    for flow, ends in FLOWS.items():
        first, second = (_latest(baseline[baseline[column] == value]) for column, value in ends)
        rows += _flow(flow, first, second)
    later = results[results["moment"] == "ON_TREATMENT"]
    earliest = later.sort_values(["specimen_date", "specimen_id"], kind="stable").drop_duplicates(
        "subject_id"
    )
    rows += _flow(ON_TREATMENT, _latest(baseline), earliest.set_index("subject_id"))
    return frame_of(rows, columns.CONVERSION)


def flow_counts(conversions: pd.DataFrame) -> pd.DataFrame:
    """Number of subjects by flow, level before and level after: columns flow, from_level, to_level, n."""
    keys = ["flow", "from_level", "to_level"]
    return conversions.groupby(keys, sort=True).size().rename("n").reset_index()


def _latest(results: pd.DataFrame) -> pd.DataFrame:
    order = results.assign(undated=results["specimen_date"].isna()).sort_values(
        ["undated", "specimen_date", "specimen_id"], ascending=[False, True, False], kind="stable"
    )
    return order.drop_duplicates("subject_id", keep="last").set_index("subject_id")


def _flow(flow: str, first: pd.DataFrame, second: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    both = first.index.intersection(second.index).sort_values()
    befores, afters = (results.loc[both, COMPARED].to_dict("index") for results in (first, second))
    for subject in both:
        before, after = befores[subject], afters[subject]
        change = _change(before, after)
        full = before["specimen_date"] == before["specimen_date_last"]
        full &= after["specimen_date"] == after["specimen_date_last"]
        rows.append(
            {
                "flow": flow,
                "subject_id": subject,
                **_end(before, "from"),
                **_end(after, "to"),
                "days_between": (after["specimen_date"] - before["specimen_date"]).days if full else pd.NA,
                "change": change,
                "sentence": _sentence(flow, before, after, change),
            }
        )
    return rows


def _end(result: Reading, side: str) -> dict[str, Any]:
    return {
        f"{side}_specimen_id": result["specimen_id"],
        f"{side}_date": result["specimen_date"],
        f"{side}_level": result["level"],
        f"{side}_score": result["ihc_score"],
    }


def _change(before: Reading, after: Reading) -> str:
    """Direction of the level; an unspecified zero is comparable with stained levels only."""
    first, second = rank(before["category"], before["level"]), rank(after["category"], after["level"])
    unsettled = {before["level"], after["level"]}
    zeros = {"NULL", "ULTRALOW", "ZERO_UNSPECIFIED"}
    if "ZERO_UNSPECIFIED" in unsettled and unsettled <= zeros:
        return "not comparable"
    if "INDETERMINATE" in unsettled and not (
        first == first and second == second and before["category"] != after["category"]
    ):
        return "not comparable"
    if first == second:
        return "same"
    return "up" if second > first else "down"


def _sentence(flow: str, before: Reading, after: Reading, change: str) -> str:
    first, second = (level_words(end["category"], end["level"]) for end in (before, after))
    words = {"same": "unchanged", "up": "higher", "down": "lower", "not comparable": "not comparable"}[change]
    return f"{flow}: {first} in {before['specimen_id']}, {second} in {after['specimen_id']}: {words}."
