"""The association stage itself, not only its statistics, against R: DAISY counts and the toy cohort."""

import numpy as np
import pandas as pd
import pytest

from clearher.association.declared import Analysis
from clearher.association.landmark import Landmark, landmark_set
from clearher.association.landmark_models import landmark_survival, time_varying
from clearher.association.response_models import levels_response, number_response, ordered_response
from clearher.columns import ctdna
from clearher.tables import frame_of

DAISY = {"NULL": (11, 37), "LOW": (27, 72), "OVER": (48, 68)}


@pytest.fixture(scope="module")
def configured(settings):
    found = settings("association")
    found["power"]["trials"] = 100
    found["scores"] |= {
        "level": {"NULL": 0, "LOW": 1, "OVER": 2},
        "her2_level": {str(k): k for k in range(4)},
    }
    return found


@pytest.fixture(scope="module")
def toy(fixtures):
    frame = pd.read_csv(fixtures / "statistics/toy/toy_cohort.csv")
    return frame.assign(
        subject_id=frame["subjid"],
        her2_level=frame["her2_level"].astype(str),
        score=frame["her2_level"].astype(float),
        responder=(frame["response"] == 1).astype("boolean"),
        hr_pos=frame["hr_pos"].astype(float),
        pfs_days=frame["pfs_week"].astype("Int64"),
        pfs_event=(frame["pfs_event"] == 1).astype("boolean"),
        ctdna_baseline_state="DETECTED",
        clock_shift_days=0,
    )


@pytest.fixture(scope="module")
def visits(toy):
    """One draw a week: detected until the week of clearance, with weeks standing for days."""
    rows = [
        {
            "subject_id": row.subjid,
            "visit": f"W{week}",
            "study_day": week,
            "phase": "POST_BASELINE",
            "state": "NOT_DETECTED_ADEQUATE" if week >= row.clear_week else "DETECTED",
        }
        for row in toy.itertuples()
        for week in range(1, row.pfs_week + 1)
    ]
    return frame_of(rows, ctdna.VISITS)


@pytest.fixture(scope="module")
def golden(fixtures):
    table = pd.read_csv(fixtures / "statistics/toy/golden_toy.csv")
    return table.set_index(["id", "quantity"])["value"].astype(float)


def row_of(analysed, term: str):
    rows = [row for row in analysed.rows if row.term == term]
    assert len(rows) == 1, [row.term for row in analysed.rows]
    return rows[0]


def test_daisy_from_patients_to_results(configured):
    """exact trend 1.25493e-05, Freeman-Halton 1.38228e-05, low against null OR 1.41 (0.56-3.70), p 0.525."""
    people = [(level, hit < r) for level, (r, n) in DAISY.items() for hit in range(n)]
    frame = pd.DataFrame(people, columns=["level", "responder"]).astype({"responder": "boolean"})
    frame.insert(0, "subject_id", [f"S{number:03d}" for number in range(len(frame))])
    found = levels_response(
        frame, Analysis("x", "?", "levels_response", "responder", predictor="level"), configured
    )
    assert row_of(found, "exact trend").p == pytest.approx(1.25493e-05, rel=1e-5)
    assert row_of(found, "Freeman-Halton").p == pytest.approx(1.38228e-05, rel=1e-5)
    assert row_of(found, "exact trend").groups == "NULL 11/37; LOW 27/72; OVER 48/68"
    contrast = row_of(found, "odds ratio: LOW against NULL")
    assert (contrast.estimate, contrast.low, contrast.high) == pytest.approx((1.41, 0.56, 3.70), abs=0.005)
    assert contrast.p == pytest.approx(0.525, abs=5e-4)
    firth = row_of(found, "per level, Firth")
    assert np.log([firth.estimate, firth.low, firth.high]) == pytest.approx(
        [0.9347618, 0.5115620, 1.3861583], abs=1e-6
    )
    assert row_of(found, "linear against factor").p == pytest.approx(0.116858, abs=1e-6)


def test_toy_response(toy, golden, configured):
    asked = Analysis("x", "?", "levels_response", "responder", predictor="her2_level", strata="hr_pos")
    found = levels_response(toy, asked, configured)
    assert row_of(found, "exact trend").p == pytest.approx(golden["exact", "trend_p"], abs=1e-9)
    stratified = row_of(found, "exact trend, stratified by hr_pos")
    assert stratified.p == pytest.approx(golden["strat_trend", "p_exact"], abs=1e-9)
    adjusted = row_of(found, "per level, adjusted for hr_pos, Firth")
    assert np.log(adjusted.estimate) == pytest.approx(golden["firth_logit", "coef_her2_level"], abs=1e-6)
    assert adjusted.p == pytest.approx(golden["firth_logit", "p_her2_level"], abs=1e-6)


def test_toy_h_score(toy, golden, configured):
    found = number_response(
        toy, Analysis("x", "?", "number_response", "responder", predictor="hscore"), configured
    )
    area = row_of(found, "ROC area")
    expected = golden["auc"][["auc_hscore", "lo", "hi"]].tolist()
    assert (area.estimate, area.low, area.high) == pytest.approx(expected, abs=1e-9)


def test_toy_ordered_response(toy, golden, configured):
    asked = Analysis("x", "?", "ordered_response", "bor", predictor="her2_level", adjustment=("hr_pos",))
    found = ordered_response(toy, asked, configured)
    odds = row_of(found, "proportional odds, adjusted for hr_pos")
    assert np.log(odds.estimate) == pytest.approx(golden["polr", "coef_her2_level"], abs=1e-5)


@pytest.mark.parametrize("week", [6, 12])
def test_toy_landmark(toy, visits, golden, configured, week):
    """Status, exclusions and clock from the landmark set; coefficients equal R's on its landmark data."""
    expected = golden[f"landmark{week}"]
    asked = Analysis(
        "x",
        "?",
        "landmark_survival",
        "pfs",
        adjustment=("score",),
        landmark={"day": week, "window_days": week, "grid_days": []},
    )
    found = landmark_survival(toy, visits, asked, configured)
    members = found.landmark_sets
    assert (~members["included"]).sum() == expected["excluded"]
    assert (members.loc[members["included"], "status"] == "cleared").sum() == expected["x"]
    hazard = row_of(found, "cleared against not cleared, Cox adjusted for score")
    assert (hazard.n, hazard.events) == (expected["n"], expected["events"])
    assert np.log(hazard.estimate) == pytest.approx(expected["coef_x"], abs=1e-6)


def test_later_samples_are_invisible(toy, visits):
    """The set at week 6 is the same whether or not later samples exist."""
    people = toy.assign(days=toy["pfs_days"].astype(float), event=toy["pfs_event"].astype(bool))
    at_six = Landmark("day 6", 6, "", 6)
    early = visits[visits["study_day"] <= 6]
    pd.testing.assert_frame_equal(
        landmark_set(people, visits, at_six, "clearance"), landmark_set(people, early, at_six, "clearance")
    )


def test_toy_time_varying(toy, visits, golden, configured):
    asked = Analysis("x", "?", "time_varying", "pfs", adjustment=("score",))
    found = time_varying(toy, visits, asked, configured)
    hazard = row_of(found, "cleared against not cleared")
    assert np.log(hazard.estimate) == pytest.approx(golden["timevarying", "coef_cleared"], abs=1e-6)
    assert hazard.n == 48
