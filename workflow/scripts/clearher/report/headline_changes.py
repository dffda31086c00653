"""Headline numbers that differ from the previous data cut."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clearher.columns import Table, association, clinical, ctdna, report
from clearher.report.comparison import COMPARED
from clearher.report.headline import INCIDENCES, primary_result
from clearher.report.results import Results
from clearher.report.words import significant

STATISTICS = {
    "ORR": "rate", "ORR_CONFIRMED": "rate", "DCR": "rate", "CBR": "rate",
    "PFS": "median", "OS": "median", "DOR": "median",
}  # fmt: skip
WORDING = ("note", "method", "caveat")
DENOMINATORS = ("treated", "baseline_detected", "evaluable")


def headline_changes(results: Results, settings: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Changed values of the headline numbers: name, field, before, now, cause.

    Parameters
    ----------
    results : Mapping of Table to pandas.DataFrame
        Tables of the cut; ``report/changes`` is searched.
    settings : Mapping
        Complete configuration; its population is the one of the headline.
    """
    changes = results[report.CHANGES]
    names = _headline_rows(results, settings["clinical"]["population"])
    found = [
        names.get(place)
        for place in zip(changes["table"], changes["item"], changes["subject_id"], strict=True)
    ]
    known = pd.notna(pd.Series(found, index=changes.index, dtype=object))
    shown = changes.assign(name=found)[known & ~changes["field"].isin(WORDING)]
    return [
        (row.name, row.field, _short(row.old), _short(row.new), row.cause)
        for row in shown[["name", "field", "old", "new", "cause"]].itertuples(index=False, name="Row")
    ]


def _headline_rows(results: Results, population: str) -> dict[tuple[str, str, str], str]:
    """Table, item and (empty) subject of each headline number, as ``report/changes`` names them."""
    rows = {}
    for name, kind in STATISTICS.items():
        place = {"endpoint": name, "population": population, "group": "all", "statistic": kind}
        words = name.replace("_CONFIRMED", ", confirmed")
        rows[_place(clinical.ENDPOINTS, place)] = f"median {words}" if kind == "median" else words
    for (name, statistic), words in INCIDENCES.items():
        place = {"endpoint": name, "population": "treated", "group": "all", "statistic": statistic}
        rows[_place(clinical.SAFETY_ENDPOINTS, place)] = words
    for name in DENOMINATORS:
        place = _place(ctdna.CLEARANCE, {"visit": "ANY", "denominator": name})
        rows[place] = f"ctDNA cleared, of {name.replace('_', ' ')}"
    primary = primary_result(results)
    if primary is not None:
        rows[_place(association.RESULTS, primary)] = primary["question"]
    return rows


def _place(table: Table, values: Mapping[str, Any] | pd.Series) -> tuple[str, str, str]:
    keys = next(entry.keys for entry in COMPARED if entry.table == table)
    return table.path, ", ".join(f"{key}={values[key]}" for key in keys), ""


def _short(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text
    return text if number.is_integer() else significant(number)
