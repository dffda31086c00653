"""INSPIRE, 94 real patients: response by change of ctDNA, landmark PFS and OS at cycle 3.

The expected numbers come from the published tables themselves: their own groups of change, their own
times counted from the cycle 3 sample, and lifelines.
"""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

from association_builders import populations
from clearher.association.analyses import AssociationData, association_results
from clearher.association.analysis_set import analysis_set
from clearher.columns import clinical, ctdna, her2, intake
from clearher.tables import empty, frame_of

DAYS_PER_MONTH = 30.4375
ANALYSES = [
    {"id": "change_response", "type": "status_response", "outcome": "responder", "status": "decrease"},
    {"id": "change_pfs", "type": "landmark_survival", "outcome": "pfs", "status": "decrease"},
    {"id": "change_os", "type": "landmark_survival", "outcome": "os", "status": "decrease"},
    {"id": "clearance_pfs", "type": "landmark_survival", "outcome": "pfs", "status": "clearance"},
    {"id": "clearance_os", "type": "landmark_survival", "outcome": "os", "status": "clearance"},
]


@pytest.fixture(scope="module")
def patients(fixtures):
    folder = fixtures / "inspire"
    frame = pd.read_csv(folder / "patients.tsv", sep="\t")
    levels = pd.read_csv(folder / "ctdna_levels.tsv", sep="\t").pivot(
        index="subject_id", columns="visit", values="ctdna_level"
    )
    change = pd.read_csv(folder / "ctdna_change_as_published.tsv", sep="\t")
    frame = frame.merge(change, on="subject_id", how="left").merge(levels.reset_index(), on="subject_id")
    c3 = (frame["os_months"] - frame["os_months_from_c3"]) * DAYS_PER_MONTH
    return frame.assign(c3_day=c3.round())


@pytest.fixture(scope="module")
def found(patients, settings):
    configured = settings("association")
    landmark = {"visit": "C3"}
    configured["analyses"] = [{**entry, "question": "?", "landmark": landmark} for entry in ANALYSES]
    made = analysis_set(
        frame_of(
            [{"subject_id": name, "screen_failure": False} for name in patients["subject_id"]],
            intake.SUBJECTS,
        ),
        her2_subjects=empty(her2.SUBJECTS),
        ctdna_subjects=frame_of([_baseline(row) for row in patients.itertuples()], ctdna.SUBJECTS),
        ctdna_visits=frame_of([_c3(row) for row in patients.itertuples() if row.c3_day > 0], ctdna.VISITS),
        landscape=empty(ctdna.LANDSCAPE),
        responses=frame_of([_response(row) for row in patients.itertuples()], clinical.RESPONSES),
        time_to_event=frame_of(
            [_time(row, endpoint) for row in patients.itertuples() for endpoint in ("pfs", "os")],
            clinical.TIME_TO_EVENT,
        ),
        settings=configured,
    )
    visits = frame_of([_c3(row) for row in patients.itertuples() if row.c3_day > 0], ctdna.VISITS)
    people = populations(patients["subject_id"].tolist())
    data = AssociationData(made.subjects, made.lineage, visits, empty(her2.SPECIMENS), people)
    return association_results(data, configured)


def _baseline(row) -> dict:
    detected = row.BASELINE > 0
    return {
        "subject_id": row.subject_id,
        "baseline_day": 1,
        "baseline_state": "DETECTED" if detected else "BASELINE_NOT_DETECTED",
        "baseline_level": row.BASELINE,
    }


def _c3(row) -> dict:
    return {
        "subject_id": row.subject_id,
        "visit": "C3",
        "study_day": int(row.c3_day),
        "phase": "POST_BASELINE",
        "state": "DETECTED" if row.C3 > 0 else "NOT_DETECTED_ADEQUATE",
        "change_percent": 100 * (row.C3 / row.BASELINE - 1) if row.BASELINE > 0 else None,
    }


def _response(row) -> dict:
    hit = row.best_response_group == "CR/PR"
    return {
        "subject_id": row.subject_id,
        "evaluator": "INVESTIGATOR",
        "bor": row.best_response_group,
        "responder": hit,
    }


def _time(row, endpoint: str) -> dict:
    return {
        "subject_id": row.subject_id,
        "endpoint": endpoint.upper(),
        "rule": "primary",
        "days": round(getattr(row, f"{endpoint}_months") * DAYS_PER_MONTH),
        "event": bool(getattr(row, f"{endpoint}_event")),
    }


def row_of(found, analysis: str, term: str) -> pd.Series:
    rows = found.results[(found.results["analysis_id"] == analysis) & (found.results["term"] == term)]
    assert len(rows) == 1
    return rows.iloc[0]


def compared(patients: pd.DataFrame) -> pd.DataFrame:
    """Patients of the published groups who had ctDNA at baseline.

    One published "increase" was undetected at baseline (INS-E-004, 0 to 2.36): a rise from nothing has no
    ratio, and here undetected at baseline is a group of its own.
    """
    grouped = patients[patients["change_group"].notna()]
    assert grouped.loc[grouped["BASELINE"] == 0, "subject_id"].tolist() == ["INS-E-004"]
    return grouped[grouped["BASELINE"] > 0]


def test_response_by_change(found, patients):
    """Published 40 with an increase and 33 with a decrease; 14 of the 33 and 1 of the 39 respond."""
    assert patients["change_group"].value_counts().tolist() == [40, 33]
    rows = compared(patients)
    responders = rows[rows["best_response_group"] == "CR/PR"]["change_group"].value_counts().to_dict()
    assert responders == {"Decrease from baseline": 14, "Increase from baseline": 1}
    levels = found.levels[found.levels["analysis_id"] == "change_response"].set_index("level")
    assert levels.loc["decrease", ["n", "N"]].tolist() == [14, 33]
    assert levels.loc["no decrease", ["n", "N"]].tolist() == [1, 39]
    assert levels.loc["baseline not detected", "N"] == 2
    assert row_of(found, "change_response", "odds ratio: decrease against no decrease")["p"] < 1e-4


def test_everybody_is_accounted_for(found):
    """94 patients: 20 without a cycle 3 sample, 2 undetected at baseline with one, 72 with a change."""
    members = found.landmark_sets[found.landmark_sets["analysis_id"] == "change_os"]
    assert len(members) == 94
    reasons = members["why_not"].value_counts().to_dict()
    assert reasons == {"": 74, "without an evaluable sample at visit C3": 20}
    counts = members.loc[members["included"], "status"].value_counts().to_dict()
    assert counts == {"no decrease": 39, "decrease": 33, "baseline not detected": 2}


@pytest.mark.parametrize("endpoint", ["pfs", "os"])
def test_landmark_survival_by_change(found, patients, endpoint):
    time, event = f"{endpoint}_months_from_c3", f"{endpoint}_event"
    rows = compared(patients)
    rows = rows[rows[time] > 0]
    fell = rows["change_group"] == "Decrease from baseline"
    expected = logrank_test(
        rows.loc[fell, time], rows.loc[~fell, time], rows.loc[fell, event], rows.loc[~fell, event]
    )
    ours = row_of(found, f"change_{endpoint}", "log-rank from visit C3")
    assert (ours["n"], ours["events"]) == (len(rows), rows[event].sum())
    assert ours["estimate"] == pytest.approx(expected.test_statistic, rel=1e-6)
    fitted = CoxPHFitter().fit(
        rows.assign(fell=fell.astype(float))[[time, event, "fell"]],
        time,
        event,
        fit_options={"precision": 1e-12},
    )
    hazard = row_of(found, f"change_{endpoint}", "decrease against no decrease, Cox")
    assert np.log(hazard["estimate"]) == pytest.approx(fitted.params_["fell"], abs=1e-6)
    assert hazard["p"] == pytest.approx(fitted.summary.loc["fell", "p"], abs=1e-6)


def test_progression_before_the_sample_leaves(found, patients):
    """3 patients progressed on or before the day of their cycle 3 sample: 0 or no time in the tables."""
    members = found.landmark_sets[found.landmark_sets["analysis_id"] == "change_pfs"]
    early = members["why_not"] == "with the event at or before visit C3"
    left = members.loc[early, "subject_id"].tolist()
    assert left == ["INS-A-008", "INS-B-002", "INS-D-008"]
    times = patients.set_index("subject_id").loc[left, "pfs_months_from_c3"]
    assert times.fillna(0).tolist() == [0, 0, 0]


@pytest.mark.parametrize(("endpoint", "events", "at_risk"), [("pfs", 59, 64), ("os", 46, 67)])
def test_five_cleared_patients_without_an_event(found, endpoint, events, at_risk):
    """Maximum likelihood would run to minus infinity: a permutation test and Firth, each with its reason."""
    test = row_of(found, f"clearance_{endpoint}", "log-rank from visit C3")
    assert test["groups"].startswith(f"not cleared {events}/{at_risk}; cleared 0/5")
    assert "Permutation: 5 subjects in the smaller group" in test["why_method"]
    hazard = row_of(found, f"clearance_{endpoint}", "cleared against not cleared, Cox")
    assert "no event among those with predictor = 1" in hazard["why_method"]
    assert 0 < hazard["low"] < hazard["estimate"] < hazard["high"] < 1


def test_curves_of_the_groups(found, patients):
    curve = found.landmark_curves[
        (found.landmark_curves["analysis_id"] == "change_os") & (found.landmark_curves["group"] == "decrease")
    ]
    rows = patients[patients["change_group"] == "Decrease from baseline"]
    assert curve["at_risk"].iloc[0] == len(rows)
    assert curve["events"].sum() == rows["os_event"].sum()
    assert curve["time"].max() == pytest.approx(rows["os_months_from_c3"].max(), abs=1e-4)
