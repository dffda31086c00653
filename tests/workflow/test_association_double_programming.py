"""The workflow's associations against a second programming of the definitions from the same subjects."""

from functools import partial

import association_double_programming as response
import association_second_statistics as second
import association_survival_double_programming as survival
import numpy as np
import pandas as pd
import pytest
from association_double_programming import read_study, table
from workflow_runs import results

ANALYSES = {
    "her2_response": partial(response.levels_response, outcome="responder"),
    "her2_response_confirmed": partial(response.levels_response, outcome="confirmed_responder"),
    "her2_rules_response": response.rules_response,
    "her2_misclassification": response.reading_error,
    "h_score_response": partial(response.number_response, variable="her2_h_score"),
    "her2_best_response": response.best_response,
    "her2_best_change": response.best_change,
    "her2_pfs": partial(survival.levels_survival, outcome="pfs"),
    "her2_os": partial(survival.levels_survival, outcome="os"),
    "ctdna_level_response": partial(response.number_response, variable="ctdna_level"),
    "ctdna_level_pfs": partial(survival.ctdna_level_survival, outcome="pfs"),
    "ctdna_level_os": partial(survival.ctdna_level_survival, outcome="os"),
    "clearance_response": survival.clearance_response,
    "clearance_pfs": partial(survival.landmark_survival, outcome="pfs", status="clearance"),
    "clearance_os": partial(survival.landmark_survival, outcome="os", status="clearance"),
    "molecular_response_pfs": partial(survival.landmark_survival, outcome="pfs", status="response_50"),
    "molecular_response_os": partial(survival.landmark_survival, outcome="os", status="response_50"),
    "clearance_pfs_time_varying": partial(survival.time_varying, outcome="pfs"),
    "clearance_os_time_varying": partial(survival.time_varying, outcome="os"),
    "ctdna_change_tumour_change": response.correlation,
    "genes_response": response.genes_response,
    "her2_by_clearance_pfs": survival.her2_by_clearance,
}
NOT_PROGRAMMED_TWICE = {
    "prediction_response": "rests on drawn folds and bootstrap samples; not run on small trials",
    "her2_misclassification: per level, corrected for reading error": "rests on simulated readings",
}
TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def study(demo):
    return read_study(results(demo))


@pytest.fixture(scope="module")
def delivered(demo):
    return table(results(demo), "association/results.tsv")


@pytest.fixture(scope="module")
def derived(study):
    return {name: programmed(study) for name, programmed in ANALYSES.items()}


def close(found, expected, tolerance: float = TOLERANCE) -> None:
    np.testing.assert_allclose(
        np.asarray(found, float), np.asarray(expected, float), rtol=tolerance, atol=1e-12, equal_nan=True
    )


def test_every_row_is_programmed_twice_or_named(delivered, derived):
    mine = {f"{name}: {term}" for name, rows in derived.items() for term in rows}
    rows = {
        name if name in NOT_PROGRAMMED_TWICE else f"{name}: {term}"
        for name, term in zip(delivered["analysis_id"], delivered["term"], strict=True)
    }
    assert rows == mine | set(NOT_PROGRAMMED_TWICE)
    assert not delivered.duplicated(["analysis_id", "term"]).any()
    assert len(mine) > 150


@pytest.mark.parametrize("name", ANALYSES)
def test_rows_of(name, delivered, derived):
    own = delivered[delivered["analysis_id"] == name].set_index("term")
    for term, row in derived[name].items():
        there = own.loc[term]
        close(there[["n", "events"]], [row.n, row.events])
        close(there[["estimate", "low", "high"]], row.found[:3])
        if row.error:
            assert there["p"] == pytest.approx(row.found.p, abs=4 * np.sqrt(2) * row.error), term
        else:
            close(there["p"], row.found.p)


def test_numbers_of_every_kind_are_compared(derived):
    rows = [row for part in derived.values() for row in part.values()]
    known = pd.DataFrame([(row.n, row.events, *row.found) for row in rows]).notna().sum()
    assert known.min() > 60, known.tolist()
    assert sum(row.error > 0 for row in rows) < 10


def curve(found: pd.DataFrame, days: pd.Series, event: pd.Series) -> None:
    mine = second.kaplan_meier(days.to_numpy(float), event.to_numpy(bool))
    found = found.sort_values("time_days")
    names = ["at_risk", "events", "censored", "survival", "low", "high"]
    close(found[["time_days", *names]], mine[["time", *names]])
    close(found["time"], mine["time"] / survival.DAYS_PER_MONTH)


def test_curves_of_levels(demo, study):
    rows = table(results(demo), "association/curves.tsv")
    for (name, level), found in rows.groupby(["analysis_id", "group"]):
        outcome = name.removeprefix("her2_")
        own = study.people[study.people["her2_level"] == level]
        curve(found, own[outcome], own[f"{outcome}_event"])
    scored = study.people["score"].dropna().nunique()
    assert rows.groupby(["analysis_id", "group"]).ngroups == 2 * scored


LANDMARKS = {
    "clearance_pfs": ("pfs", "clearance"),
    "clearance_os": ("os", "clearance"),
    "molecular_response_pfs": ("pfs", "response_50"),
    "molecular_response_os": ("os", "response_50"),
}


@pytest.mark.parametrize("name", LANDMARKS)
def test_landmark_set_and_curves(demo, study, name):
    mine = survival.from_landmark(study, *LANDMARKS[name], survival.LANDMARK)
    members = table(results(demo), "association/landmark_sets.tsv").query("analysis_id == @name")
    inside = members[members["included"]].set_index("subject_id").loc[mine.index]
    assert members["included"].sum() == len(mine) < len(members) == len(study.people)
    assert inside["status"].tolist() == mine["status"].tolist()
    assert inside["event"].tolist() == mine["event"].tolist()
    close(inside["days"], mine["days"])
    curves = table(results(demo), "association/landmark_curves.tsv").query("analysis_id == @name")
    assert set(curves["group"]) == set(mine["status"])
    for status, found in curves.groupby("group"):
        curve(found, *(mine.loc[mine["status"] == status, column] for column in ("days", "event")))


def test_rates_of_levels(demo, derived):
    rows = table(results(demo), "association/levels.tsv")
    for name, found in rows.groupby("analysis_id"):
        shown = found[(found["N"] > 0) | (name != "clearance_response")]
        mine = [derived[name][f"rate: {level}"] for level in shown["level"]]
        close(shown[["n", "N"]], [(row.events, row.n) for row in mine])
        close(shown[["estimate", "low", "high"]], [row.found[:3] for row in mine])
        close(found["isotonic"], second.isotonic(found["n"].tolist(), found["N"].tolist()))
    assert set(rows["analysis_id"]) == {"her2_response", "her2_response_confirmed", "clearance_response"}


def elapsed(people: pd.DataFrame, dates: str) -> pd.Series:
    """Days since the first dose."""
    return (pd.to_datetime(people[dates]) - pd.to_datetime(people["first_dose_date"])).dt.days


@pytest.fixture(scope="module")
def progressions(study):
    """Days since the first dose of molecular and radiographic progression, and of the last usable scan."""
    people = study.people
    later = study.draws[study.draws["state"] != "NOT_EVALUABLE"].groupby("subject_id")["study_day"].max()
    rows = pd.DataFrame(
        {
            "molecular": people["ctdna_molecular_progression_day"] - 1,
            "radiographic": elapsed(people, "first_pd_date"),
            "scanned": elapsed(people, "last_adequate_date"),
        }
    )
    sampled = later.reindex(people.index) > people["ctdna_baseline_day"]
    return rows[(people["ctdna_baseline_state"] == "DETECTED") & sampled & rows["scanned"].notna()]


def test_lead_time_of_every_subject(demo, study, progressions):
    rows = table(results(demo), "association/lead_time.tsv").set_index("subject_id")
    assert set(rows.index) == set(study.people.index)
    assert set(rows.index[rows["included"]]) == set(progressions.index)
    lead = progressions["radiographic"] - progressions["molecular"]
    close(rows.loc[lead.index, "lead_days"], lead)
    only = progressions["molecular"].notna() & progressions["radiographic"].isna()
    waited = (progressions["scanned"] - progressions["molecular"]).where(only).clip(lower=0)
    close(rows.loc[lead.index, "followed_days"], waited)


def test_lead_time_of_the_study(demo, progressions):
    rows = table(results(demo), "association/lead_time_summary.tsv").set_index("statistic")
    lead = progressions["radiographic"] - progressions["molecular"]
    on_scans = progressions["radiographic"].notna()
    shares = {
        "order: MOLECULAR_FIRST": (lead > 0, len(lead)),
        "order: SAME_DAY": (lead == 0, len(lead)),
        "order: RADIOGRAPHIC_FIRST": (lead < 0, len(lead)),
        "order: MOLECULAR_ONLY": (progressions["molecular"].notna() & ~on_scans, len(lead)),
        "order: RADIOGRAPHIC_ONLY": (progressions["molecular"].isna() & on_scans, len(lead)),
        "order: NEITHER": (progressions["molecular"].isna() & ~on_scans, len(lead)),
        "molecular progression by the day of progression on scans": (lead >= 0, on_scans.sum()),
    }
    for name, (who, total) in shares.items():
        n = int(who.sum())
        close(rows.loc[name, ["n", "N", "estimate", "low", "high"]], [n, total, *second.rate(n, total)[:3]])
    both = np.sort(lead.dropna())
    close(rows.loc["median lead", "estimate"], np.median(both))
    ahead = progressions[(lead >= 0) | (progressions["molecular"].notna() & ~on_scans)]
    days = lead[ahead.index].fillna((ahead["scanned"] - ahead["molecular"]).clip(lower=0))
    waiting = second.median(days.to_numpy(float), lead[ahead.index].notna().to_numpy())
    name = "median time from molecular progression to progression on scans"
    close(rows.loc[name, ["estimate", "low", "high"]], waiting[:3])
    assert set(rows.index) == {*shares, "median lead", name}


def kinds(events: pd.DataFrame) -> dict[str, pd.Series]:
    """Which treatment-emergent events are of each kind."""
    severe, serious, related = events["grade"] >= 3, events["serious"].eq(True), events["related"].eq(True)
    found = {
        "any": events["treatment_emergent"],
        "related": related,
        "no causality recorded": ~events["causality_recorded"].eq(True),
        "grade >= 3": severe,
        "related, grade >= 3": severe & related,
        "grade not recorded": events["grade"].isna(),
        "serious": serious,
        "related, serious": serious & related,
        "seriousness not recorded": events["serious"].isna(),
        "fatal": events["fatal"].eq(True),
        "led to interruption": events["interrupted"].eq(True),
        "led to reduction": events["reduced"].eq(True),
        "led to discontinuation": events["discontinued"].eq(True),
        "action not recorded": events["interrupted"].isna(),
    }
    found = {f"adverse event, {name}": rows for name, rows in found.items()}
    special = {name: events["aesi"].eq(name) for name in events["aesi"].dropna().unique()}
    assert not any("; " in name for name in special)
    near = special["Infusion-related reaction"] & events["near_dose"].eq(True)
    return {**found, **special, "Infusion-related reaction, near a dose": near}


def test_safety_by_marker(demo, study):
    rows = table(results(demo), "association/safety_by_marker.tsv")
    events = table(results(demo), "clinical/adverse_events.tsv").query("treatment_emergent == True")
    antibodies = table(results(demo), "clinical/immunogenicity_subjects.tsv").set_index("subject_id")
    people = study.people.assign(ada=antibodies["ada_positive"].map({True: "yes", False: "no"}))
    who = {name: set(events.loc[kind, "subject_id"]) for name, kind in kinds(events).items()}
    who |= {"ADA-positive": set(people.index[people["ada"] == "yes"])}
    who |= {"responder": set(people.index[people["responder"].eq(True)])}
    exposure = elapsed(people, "last_dose_date") + 1
    shown = pd.read_csv(results(demo) / "association/safety_by_marker.tsv", sep="\t", keep_default_na=False)
    for row, level in zip(rows.itertuples(), shown["level"], strict=True):
        own = people.index[people[row.marker.replace("ada_positive", "ada")].fillna("not known") == level]
        if row.measure in who:
            n = len(own.intersection(list(who[row.measure])))
            mine = [n, len(own), *second.rate(n, len(own))[:3]]
        else:
            days = exposure[own]
            mine = [len(days), len(own), days.median(), days.min(), days.max()]
        close([row.n, row.N, row.estimate, row.low, row.high], mine)
    assert set(rows["measure"]) == {*who, "days from first to last dose (median, range)"}
