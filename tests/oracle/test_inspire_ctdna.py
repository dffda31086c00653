"""INSPIRE (NCT02644369; Bratman et al., Nature Cancer 2020): two ctDNA levels a patient, no variants."""

import pandas as pd
import pytest

from clearher.columns import ctdna, intake
from clearher.ctdna.course import course_tables
from clearher.ctdna.samples import sample_table
from clearher.tables import empty, frame_of

PLAN = {"BASELINE": {"day": 1, "baseline": True}, "C3": {"day": 43, "window_days": 21}}
DAYS = {"BASELINE": 1, "C3": 43}


@pytest.fixture(scope="module")
def levels(fixtures):
    return pd.read_csv(fixtures / "inspire" / "ctdna_levels.tsv", sep="\t")


@pytest.fixture(scope="module")
def published(fixtures):
    table = pd.read_csv(fixtures / "inspire" / "ctdna_change_as_published.tsv", sep="\t")
    return table.set_index("subject_id")


def run(levels, settings, lod=None):
    """The tables of a study that has nothing but a level and a call for each sample."""
    rows = levels.assign(
        sample_id=levels["subject_id"] + "-" + levels["visit"],
        specimen="plasma",
        qc_status="pass",
        study_day=levels["visit"].map(DAYS),
        level=levels["ctdna_level"],
        level_unit="as published",
        detected=levels["ctdna_level"] > 0,
        lod=lod,
    )
    samples = frame_of(rows.reindex(columns=intake.SAMPLES.names).to_dict("records"), intake.SAMPLES)
    results = frame_of(rows.reindex(columns=intake.RESULTS.names).to_dict("records"), intake.RESULTS)
    people = [{"subject_id": name, "treated": True} for name in sorted(set(levels["subject_id"]))]
    config = settings("ctdna")
    tracking, tracked = empty(ctdna.TRACKING), empty(ctdna.TRACKED)
    measured = sample_table(tracking, samples, results, tracked, settings=config)
    subjects = frame_of(people, intake.SUBJECTS)
    return course_tables(measured, tracking, tracked, samples, subjects, PLAN, settings=config)


@pytest.fixture(scope="module")
def tables(levels, settings):
    return run(levels, settings)


@pytest.fixture(scope="module")
def at_c3(tables):
    visits = tables["visits"]
    return visits[visits["visit"] == "C3"].set_index("subject_id")


def shares(tables, visit="C3"):
    rows = tables["clearance"][tables["clearance"]["visit"] == visit]
    return {row.denominator: (row.n, row.N) for row in rows.itertuples()}


def test_change_is_the_published_change(at_c3, published):
    change = published["change_fraction"].dropna()
    ours = at_c3["change_percent"].dropna() / 100
    assert sorted(ours.index) == sorted(change.index)
    assert len(ours) == 72
    assert ours.loc[change.index].to_numpy() == pytest.approx(change.to_numpy(), rel=1e-9, abs=1e-12)


def test_groups_are_the_published_groups(at_c3, published):
    group = published["change_group"].dropna()
    assert group.value_counts().to_dict() == {"Increase from baseline": 40, "Decrease from baseline": 33}
    rising = at_c3["change_percent"].dropna() > 0
    ours = rising.map({True: "Increase from baseline", False: "Decrease from baseline"})
    assert (group.loc[ours.index] == ours).all()
    # published as an increase from a baseline of 0: no ratio can be formed
    assert sorted(set(group.index) - set(ours.index)) == ["INS-E-004"]


def test_a_baseline_of_0_shows_a_conversion_only_where_a_limit_of_detection_is_known(levels, settings, at_c3):
    assert at_c3.loc["INS-E-004", "event"] == ""
    visits = run(levels, settings, lod=0.05)["visits"]
    later = visits[(visits["visit"] == "C3") & (visits["subject_id"] == "INS-E-004")]
    assert later["event"].tolist() == ["NEWLY_DETECTED"]


def test_ratios_of_levels_have_no_interval_and_responses_are_by_point(at_c3):
    rated = at_c3[at_c3["ratio"].notna()]
    assert rated["ratio_low"].isna().all()
    assert set(rated.loc[rated["state"] == "DETECTED", "response_50"]) == {"yes", "no"}
    by_hand = (rated["state"] == "DETECTED") & (rated["ratio"] <= 0.5)
    assert (rated["response_50"] == "yes").sum() == by_hand.sum() == 16


def test_without_limits_of_detection_nobody_is_cleared(tables, at_c3):
    # 94 patients, 2 at level 0 at baseline; 72 of the other 92 with a C3 draw, 5 of these at level 0
    assert tables["subjects"]["baseline_state"].value_counts().to_dict() == {
        "DETECTED": 92,
        "NOT_EVALUABLE": 2,
    }
    zero = at_c3[at_c3["level"] == 0]
    assert set(zero["state"]) == {"NOT_EVALUABLE"}
    assert set(zero["reason"]) == {"LOD_UNKNOWN: not detected, but no limit of detection is known"}
    assert shares(tables) == {"treated": (0, 94), "baseline_detected": (0, 92), "evaluable": (0, 67)}
    table = tables["sensitivity"].set_index(["definition", "denominator"])
    ignoring = table.loc["any non-detection, LoD ignored"]
    assert ignoring[["n", "N"]].to_numpy().tolist() == [[5, 92], [5, 72], [5, 94]]


@pytest.mark.parametrize(
    ("lod", "evaluable"),
    [
        (0.05, (5, 72)),  # below a tenth of the lowest baseline of the five (0.59)
        (0.07, (4, 71)),  # too high for that one
        (10.0, (1, 68)),  # good enough for a baseline of 1,174.65 only
    ],
)
def test_clearance_depends_on_the_limit_against_each_baseline(levels, settings, lod, evaluable):
    tables = run(levels, settings, lod=lod)
    cleared = evaluable[0]
    assert shares(tables) == {
        "treated": (cleared, 94),
        "baseline_detected": (cleared, 92),
        "evaluable": evaluable,
    }
    assert shares(tables, "ANY") == shares(tables)


def test_the_interval_of_five_in_seventy_two(levels, settings):
    table = run(levels, settings, lod=0.05)["clearance"].set_index(["visit", "denominator"])
    row = table.loc[("C3", "evaluable")]
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx(
        (0.0694444, 0.0229317, 0.1546673), abs=1e-6
    )
