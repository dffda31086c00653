"""Endpoints of a study: rates with exact intervals, survival curves, medians, by population and group."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from clearher.clinical.comparison import comparison_rows
from clearher.clinical.populations import ALL, groups, population_table
from clearher.clinical.rates import rate_rows, sustained_benefit_rows
from clearher.clinical.survival_summary import QUARTILES, onset_rows, short_rows, survival_rows
from clearher.clinical.time_to_event import PRIMARY
from clearher.columns import clinical as columns
from clearher.problems import Problem
from clearher.tables import conform, empty, frame_of

HEADLINES = {
    "unconfirmed": ("ORR", "DCR", "CBR", "PFS", "OS", "DOR", "TTR"),
    "confirmed": ("ORR_CONFIRMED", "DCR_CONFIRMED", "CBR_CONFIRMED", "PFS", "OS", "CDOR", "TTR"),
}


class EndpointTables(NamedTuple):
    """What the endpoint estimation makes."""

    endpoints: pd.DataFrame
    curves: pd.DataFrame
    populations: pd.DataFrame
    findings: list[Problem]


def endpoint_tables(
    responses: pd.DataFrame, times: pd.DataFrame, variables: pd.DataFrame, *, settings: Mapping
) -> EndpointTables:
    """Tables ENDPOINTS, CURVES and POPULATIONS.

    Parameters
    ----------
    responses, times : pandas.DataFrame
        Tables RESPONSES and TIME_TO_EVENT.
    variables : pandas.DataFrame
        As from :func:`clearher.clinical.populations.subject_variables`.
    settings : Mapping
        Section ``clinical``.

    Returns
    -------
    EndpointTables
        Every rate with numerator, denominator and exact interval; every survival endpoint with events,
        median, quartiles, landmark survival and follow-up; for all, and by each column of ``group_by``
        that holds at least two values.

    Raises
    ------
    InputError
        A population expression that cannot be used.
    """
    populations = population_table(variables, settings["populations"])
    rows, curves = [], []
    for population, people in _populations(populations, variables):
        for group, members in groups(people, settings["statistics"]["group_by"]):
            place = {"population": population, "group": group}
            found, drawn = _group_rows(responses, times, members, settings=settings)
            rows += [row | place for row in found]
            curves += [curve.assign(**place) for curve in drawn]
        rows += comparison_rows(times, people, population, settings=settings["statistics"])
    table = pd.concat(curves, ignore_index=True) if curves else empty(columns.CURVES)
    return EndpointTables(
        endpoints=frame_of([_completed(row, settings) for row in rows], columns.ENDPOINTS),
        curves=conform(table[columns.CURVES.names], columns.CURVES),
        populations=populations,
        findings=list(_empty_populations(populations)),
    )


def _group_rows(
    responses: pd.DataFrame, times: pd.DataFrame, members: pd.Series, *, settings: Mapping
) -> tuple[list[dict], list[pd.DataFrame]]:
    rows = [*rate_rows(responses, members, settings=settings)]
    rows += sustained_benefit_rows(responses, times, members, settings=settings)
    curves = []
    for (endpoint, rule), part in times[times["subject_id"].isin(members)].groupby(["endpoint", "rule"]):
        if endpoint == "TTR":
            found = onset_rows(part, settings=settings["statistics"])
        elif rule == PRIMARY:
            found, curve = survival_rows(part, settings=settings["statistics"])
            curves.append(curve.assign(endpoint=endpoint))
        else:
            found = short_rows(part, settings=settings["statistics"])
        name = endpoint if rule == PRIMARY else f"{endpoint}_{rule}"
        rows += [row | {"endpoint": name} for row in found]
    return rows, curves


def _populations(table: pd.DataFrame, variables: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for name, part in table.groupby("population", sort=True):
        inside = part.loc[part["included"].astype(bool), "subject_id"]
        yield name, variables[variables["subject_id"].isin(inside)]


def _completed(row: dict, settings: Mapping) -> dict:
    first = row["population"] == settings["population"] and row["group"] == ALL
    named = row["endpoint"] in HEADLINES[settings["response"]["headline"]]
    note = "; ".join(part for part in (row.get("note", ""), _silence(row)) if part)
    return row | {"headline": first and named and row["statistic"] in ("rate", "median"), "note": note}


def _silence(row: dict) -> str:
    if row["statistic"] in QUARTILES and pd.isna(row["estimate"]):
        return "no event" if row["n"] == 0 else "not reached"
    if row["statistic"].startswith("survival_") and pd.isna(row["estimate"]):
        return "beyond the last follow-up"
    return ""


def _empty_populations(populations: pd.DataFrame) -> Iterator[Problem]:
    sizes = populations.groupby("population")["included"].sum()
    for name in sizes.index[sizes.eq(0)]:
        yield Problem(
            check="population_empty",
            severity="warning",
            column=f"clinical.populations.{name}",
            found="no subject",
            expected="at least one subject",
            remedy="Its endpoints are left out; see why_not in clinical/populations.tsv.",
        )
