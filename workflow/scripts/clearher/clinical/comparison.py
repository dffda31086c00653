"""Comparison of survival between groups: log-rank test and hazard ratio, or why there is none."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from clearher.clinical.estimates import estimate
from clearher.clinical.time_to_event import PRIMARY
from clearher.statistics.cox import cox
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.survival import log_rank

COMPARED = ("PFS", "OS")
SMALL_GROUP = 10
TOO_FEW = "too few for the chi-square: p is too often small"


def comparison_rows(
    times: pd.DataFrame, people: pd.DataFrame, population: str, *, settings: Mapping
) -> Iterator[dict]:
    """Log-rank test and, for two groups, hazard ratio of PFS and OS over every grouping column.

    Parameters
    ----------
    times : pandas.DataFrame
        Table TIME_TO_EVENT; the primary rule is compared.
    people : pandas.DataFrame
        Subjects of the population with the grouping and stratifying columns.
    population : str
        Its name.
    settings : Mapping
        ``clinical.statistics``.

    Notes
    -----
    DOR, CDOR and TTR are of responders only, who are a selection: they are not compared. Subjects with
    a missing group or stratum are left out and counted in the note, which names groups of fewer than 10
    and events below ``min_events_for_hr``: there the chi-square has up to 8 and 11 % false positives
    (docs/methods.md, 11.1).
    """
    strata = [name for name in settings["strata"] if name in people]
    primary = times[times["rule"].eq(PRIMARY)]
    for name in settings["group_by"]:
        if name not in people:
            continue
        needed = list(dict.fromkeys([name, *strata]))
        labels = people[["subject_id"]].assign(**{column: _labels(people[column]) for column in needed})
        for endpoint in COMPARED:
            frame = primary[primary["endpoint"].eq(endpoint)].merge(labels, on="subject_id")
            place = {"endpoint": endpoint, "population": population, "group": name}
            yield from (place | row for row in _comparison(frame, name, strata, settings))


def _labels(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), "").map(str)


def _comparison(frame: pd.DataFrame, name: str, strata: list[str], settings: Mapping) -> Iterator[dict]:
    known = frame[[name, *strata]].ne("").all(axis=1)
    used = frame[known]
    if used[name].nunique() < 2:
        return
    layers = used[strata].agg("|".join, axis=1) if strata else None
    how = "stratified " if strata else ""
    left_out = f"{int((~known).sum())} with unknown group or stratum left out" if not known.all() else ""
    counts = {"n": int(used["event"].sum()), "N": len(used)}
    test = log_rank(used["days"], used["event"], used[name], layers)
    silent = used.groupby(name)["event"].sum()
    notes = [f"no event in {label}" for label in silent.index[silent.eq(0)]]
    sizes = used[name].value_counts().sort_index()
    notes += [f"only {size} in {label}, {TOO_FEW}" for label, size in sizes.items() if size < SMALL_GROUP]
    if counts["n"] < settings["min_events_for_hr"]:
        notes.append(f"events: only {counts['n']}, {TOO_FEW}")
    if not np.isnan(test.statistic):
        notes.insert(0, f"chi-square {test.statistic:.3f} on {test.df} df")
    note = "; ".join(part for part in (*notes, left_out) if part)
    yield estimate("log_rank", [test.p], "p", f"{how}log-rank test") | counts | {"note": note}
    if used[name].nunique() == 2:
        yield _hazard_ratio(used, name, layers, settings) | counts


def _hazard_ratio(used: pd.DataFrame, name: str, layers: pd.Series | None, settings: Mapping) -> dict:
    reference, other = sorted(used[name].unique())
    how = f"Cox regression, Efron ties{', stratified' if layers is not None else ''}"
    events = int(used["event"].sum())
    if events < settings["min_events_for_hr"]:
        note = f"{events} events are fewer than min_events_for_hr ({settings['min_events_for_hr']})"
        return estimate("hazard_ratio", [], "ratio", how) | {"note": note}
    member = pd.DataFrame({other: used[name].eq(other).to_numpy(float)})
    try:
        fit = cox(
            used["days"].to_numpy(float),
            used["event"].to_numpy(bool),
            member,
            strata=None if layers is None else layers.to_numpy(),
            confidence=settings["confidence"],
        )
    except NotEstimableError as error:
        return estimate("hazard_ratio", [], "ratio", how) | {"note": f"not estimable: {error}"}
    row = fit.table.iloc[0]
    values = [float(np.exp(row[part])) for part in ("estimate", "low", "high")]
    note = "; ".join(part for part in (f"{other} against {reference}", fit.reason) if part)
    return estimate("hazard_ratio", values, "ratio", how) | {"note": note}
