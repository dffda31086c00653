"""Associations of time to event and of ctDNA under treatment once more; landmarks on study day 50, 29 and 92.

Nothing of the package is imported. Rules are those of docs/methods.md, section 10, with the default settings.
"""

from collections.abc import Sequence

import association_second_likelihoods as models
import association_second_statistics as second
import numpy as np
import pandas as pd
from association_double_programming import LEVELS, Row, Rows, Study, contrasts, counts, rates, tenfold
from association_second_statistics import NAN, Estimate

DAYS_PER_MONTH = 30.4375
LANDMARK, GRID, WINDOW = 50, (29, 92), 14
LEAST_EVENTS, SMALL_GROUP, SMALL_LEVEL = 5, 10, 25
UNDETECTED = "baseline not detected"
STATUSES = {
    "clearance": ("not cleared", "cleared"),
    "response_50": ("no molecular response", "molecular response"),
}


def cox(x: np.ndarray, days: np.ndarray, event: np.ndarray, start: np.ndarray | None = None) -> Row:
    """A hazard ratio; none of fewer than 5 events."""
    few = event.sum() < LEAST_EVENTS
    return Row(len(days), event.sum(), Estimate() if few else models.hazard_ratio(x, days, event, start))


def with_proportionality(term: str, x: np.ndarray, days: np.ndarray, event: np.ndarray) -> Rows:
    row = cox(x, days, event)
    if event.sum() < LEAST_EVENTS:
        return {term: row}
    return {
        term: row,
        f"proportional hazards: {term}": row._replace(found=models.proportional_hazards(x, days, event)),
    }


def medians(group: np.ndarray, days: np.ndarray, event: np.ndarray, names: Sequence[str]) -> Rows:
    """Median of each group that has subjects, in months."""
    rows = {}
    for name in names:
        own = group == name
        if own.any():
            found = Estimate(*(value / DAYS_PER_MONTH for value in second.median(days[own], event[own])))
            rows[f"median: {name}"] = Row(own.sum(), event[own].sum(), found)
    return rows


def levels_survival(study: Study, outcome: str) -> Rows:
    """Time to event by ordered level."""
    people = study.people[study.people["score"].notna()]
    days, event = people[outcome].to_numpy(), people[f"{outcome}_event"].to_numpy()
    group, x = people["her2_level"].to_numpy(), people["score"].to_numpy()
    free, rising = second.log_rank(days, event, x)
    if event.sum() < LEAST_EVENTS:
        free, rising = free._replace(p=NAN), rising._replace(p=NAN)
    whole = Row(len(days), event.sum())
    rows = {"log-rank trend": whole._replace(found=rising), "log-rank": whole._replace(found=free)}
    if people["her2_level"].value_counts().min() < SMALL_LEVEL:
        p, error = second.permuted_log_rank(days, event, group)
        rows["log-rank"] = whole._replace(found=Estimate(p=p), error=error)
        rows["log-rank, chi-square"] = whole._replace(found=free)
    adjusted = np.column_stack([x, people["positive"]])
    return {
        **rows,
        **medians(group, days, event, LEVELS),
        **with_proportionality("per level, Cox", x, days, event),
        **with_proportionality("per level, Cox adjusted for hormone_receptor", adjusted, days, event),
        **_against_the_lowest(group, days, event),
    }


def _against_the_lowest(group: np.ndarray, days: np.ndarray, event: np.ndarray) -> Rows:
    """One model of all levels; no ratio where the two levels have fewer than 5 events."""
    lowest, *others = [name for name in LEVELS if (group == name).any()]
    marks = np.column_stack([group == name for name in others])
    rows = {}
    for place, name in enumerate(others):
        pair = (group == lowest) | (group == name)
        few = event[pair].sum() < LEAST_EVENTS
        found = Estimate() if few else models.hazard_ratio(marks, days, event, column=place)
        rows[f"{name} against {lowest}, Cox"] = Row(pair.sum(), event[pair].sum(), found)
    return rows


def ctdna_level_survival(study: Study, outcome: str) -> Rows:
    people = study.people[study.people["ctdna_level"].notna()]
    days, event = people[outcome].to_numpy(), people[f"{outcome}_event"].to_numpy()
    x = tenfold(people["ctdna_level"]).to_numpy()
    p = models.cox_gain(models.spline(x), days, event) if event.sum() >= LEAST_EVENTS else NAN
    return {
        **with_proportionality("per tenfold ctdna_baseline_level, Cox", x, days, event),
        "non-linearity": Row(len(days), event.sum(), Estimate(p=p)),
    }


def words(draws: pd.DataFrame, status: str) -> pd.Series:
    """What each draw says: the worse group, the better, or nothing."""
    worse, better = STATUSES[status]
    if status == "clearance":
        return draws["state"].map({"DETECTED": worse, "NOT_DETECTED_ADEQUATE": better})
    return draws[status].map({"no": worse, "yes": better, "yes_supported": better})


def at_landmark(study: Study, status: str, day: int) -> pd.Series:
    """Status by the last draw that says something, from 14 days before the landmark up to it."""
    draws = study.draws[study.draws["study_day"].between(day - WINDOW, day)]
    said = draws.assign(word=words(draws, status)).dropna(subset="word").sort_values("study_day")
    found = said.groupby("subject_id")["word"].last().reindex(study.people.index)
    state = study.people["ctdna_baseline_state"]
    return found.where(state == "DETECTED").mask(state == "BASELINE_NOT_DETECTED", UNDETECTED)


def from_landmark(study: Study, outcome: str, status: str, day: int) -> pd.DataFrame:
    """Those with a status who are followed beyond the landmark; their days start again there."""
    people = study.people.assign(status=at_landmark(study, status, day), days=study.people[outcome] - day)
    people = people[people["status"].notna() & (people["days"] > 0)]
    return people.assign(event=people[f"{outcome}_event"])


def clearance_response(study: Study) -> Rows:
    names = [*STATUSES["clearance"], UNDETECTED]
    people = study.people.assign(status=at_landmark(study, "clearance", LANDMARK))
    people = people[people["responder"].notna()]
    r, n = counts(people["status"], people["responder"], names)
    shown = {name: row for name, row in rates(r, n, names).items() if row.n}
    if 0 in n[:2]:
        return {"not run": Row(sum(n[:2])), **shown}
    return {**contrasts(r[:2], n[:2], names[:2]), **shown}


def landmark_survival(study: Study, outcome: str, status: str) -> Rows:
    """From day 50, and from the other landmarks of the grid."""
    worse, better = STATUSES[status]
    people = from_landmark(study, outcome, status, LANDMARK)
    columns = [people[name].to_numpy() for name in ("status", "days", "event")]
    rows = {
        **_log_rank_of_two(people[people["status"] != UNDETECTED]),
        **medians(*columns, [worse, better, UNDETECTED]),
    }
    both = people[people["status"] != UNDETECTED]
    if both["status"].nunique() == 2:
        x, days, event = (both["status"] == better), both["days"].to_numpy(), both["event"].to_numpy()
        term = f"{better} against {worse}, Cox"
        models = with_proportionality(term, x, days, event)
        if both["status"].value_counts().min() < SMALL_GROUP:
            models[term] = models[term]._replace(found=models[term].found._replace(p=NAN))
        rows |= models
    for day in GRID:
        rows[f"day {day}: {better} against {worse}"] = _of_the_grid(
            from_landmark(study, outcome, status, day), better
        )
    return rows


def _log_rank_of_two(both: pd.DataFrame) -> Rows:
    """Chi-square; by permutation where a group has fewer than 10, or both together fewer than 5 events."""
    term = f"log-rank from day {LANDMARK}"
    if both["status"].nunique() < 2:
        return {term: Row(len(both))}
    days, event, group = (both[name].to_numpy() for name in ("days", "event", "status"))
    row = Row(len(both), event.sum(), second.log_rank(days, event, group == group[0])[0])
    if both["status"].value_counts().min() >= SMALL_GROUP and event.sum() >= LEAST_EVENTS:
        return {term: row}
    p, error = second.permuted_log_rank(days, event, group)
    return {term: row._replace(found=Estimate(p=p), error=error), f"{term}, chi-square": row}


def _of_the_grid(people: pd.DataFrame, better: str) -> Row:
    both = people[people["status"] != UNDETECTED]
    if both["status"].nunique() < 2:
        return Row(len(both))
    days, event, group = (both[name].to_numpy() for name in ("days", "event", "status"))
    row = cox(group == better, days, event)
    if both["status"].value_counts().min() >= SMALL_GROUP:
        return row
    p, error = second.permuted_log_rank(days, event, group)
    return row._replace(found=row.found._replace(p=p), error=error)


def time_varying(study: Study, outcome: str) -> Rows:
    """Not cleared until the first draw that shows clearance, cleared after it; with ctDNA at baseline."""
    people = study.people[study.people["ctdna_baseline_state"] == "DETECTED"]
    cleared = study.draws[words(study.draws, "clearance") == "cleared"]
    switch = cleared.groupby("subject_id")["study_day"].min().reindex(people.index)
    intervals = []
    for end, event, day in zip(people[outcome], people[f"{outcome}_event"], switch, strict=True):
        if day < end:
            intervals += [(0, day, False, 0), (day, end, event, 1)]
        else:
            intervals.append((0, end, event, 0))
    start, stop, event, x = (np.array(column) for column in zip(*intervals, strict=True))
    return {"cleared against not cleared": cox(x, stop, event, start)._replace(n=len(people))}


def her2_by_clearance(study: Study) -> Rows:
    """Hazard ratio of clearance among LOW_1+ and LOW_2+ over that among lower levels; no p."""
    people = from_landmark(study, "pfs", "clearance", LANDMARK)
    people = people[people["score"].notna() & (people["status"] != UNDETECTED)]
    high, cleared = (people["score"] >= 2).to_numpy(), (people["status"] == "cleared").to_numpy()
    days, event = people["days"].to_numpy(), people["event"].to_numpy()
    filled = len(set(zip(high, cleared, strict=True))) == 4
    whole = cox(np.column_stack([high & cleared, high, cleared]), days, event) if filled else Row(len(days))
    rows = {"interaction": whole}
    for name, own in (("LOW_1+ or LOW_2+", high), ("lower levels", ~high)):
        if len(set(cleared[own])) == 2:
            rows[f"cleared against not cleared in {name}"] = cox(cleared[own], days[own], event[own])
    return {name: row._replace(found=row.found._replace(p=NAN)) for name, row in rows.items()}
