"""The workflow's ctDNA results against a second programming of the definitions from the same counts."""

import numpy as np
import pandas as pd
import pytest
import yaml
from ctdna_double_programming import (
    baselines,
    events,
    half_life,
    level_cells,
    molecular_response,
    ratio,
    samples,
    state,
)
from scipy import stats
from workflow_runs import results

CUTS = {"response_50": 0.5, "response_90": 0.9, "response_100": 1.0}
BEST = ("yes_supported", "yes", "no")


def table(demo, name: str) -> pd.DataFrame:
    frame = pd.read_csv(results(demo) / name, sep="\t", keep_default_na=False, na_values=[""])
    texts = frame.select_dtypes("object").columns
    return frame.fillna(dict.fromkeys(texts, ""))


@pytest.fixture(scope="module")
def delivered(demo):
    names = ("samples", "visits", "subjects")
    return {name: table(demo, f"ctdna/{name}.tsv") for name in names}


@pytest.fixture(scope="module")
def tracking(demo, delivered):
    cells = pd.read_parquet(results(demo) / "ctdna/tracking.parquet")
    own = delivered["subjects"].set_index("subject_id")["baseline_sample_id"]
    return cells.assign(baseline_sample=cells["sample_id"].eq(cells["subject_id"].map(own)))


@pytest.fixture(scope="module")
def counted(demo, tracking):
    tubes = table(demo, "intake/samples.tsv").set_index("sample_id")
    return samples(tracking, tubes["cfdna_ng"], tubes["plasma_ml"])


@pytest.fixture(scope="module")
def course(delivered, tracking):
    """Sampled visits from baseline on of subjects with ctDNA there, with everything derived anew."""
    parts = level_cells(tracking)
    cells = {
        name: rows[["chrom", "pos", "ref", "alt", "n", "x", "distinct"]]
        for name, rows in parts.groupby("sample_id")
    }
    tubes = delivered["samples"].set_index("sample_id")
    visits = delivered["visits"].query("sample_id != ''").sort_values(["subject_id", "sequence"])
    people = delivered["subjects"].query("baseline_state == 'DETECTED'")
    found = [
        _course_of(visits[visits["subject_id"].eq(who)], tubes, start, cells)
        for who, start in zip(people["subject_id"], people["baseline_sample_id"], strict=True)
    ]
    return pd.concat(found)


def _course_of(visits, tubes, start, cells):
    baseline, rows = tubes.loc[start], []
    place = visits.loc[visits["sample_id"].eq(start), "sequence"].item()
    for visit in visits[visits["sequence"] >= place].itertuples():
        tube = tubes.loc[visit.sample_id]
        row = tube[["subject_id", "study_day", "evaluable", "detected", "level", "lod95", "lod_basis"]].copy()
        row["sample_id"], row["visit"], row["state"] = visit.sample_id, visit.visit, state(tube, baseline)
        numbers = row["lod_basis"] == "COUNTS" and row["state"] != "NOT_EVALUABLE"
        row["ratio"], row["ratio_low"], row["ratio_high"] = (
            ratio(cells[visit.sample_id], cells[start])
            if numbers and visit.sample_id != start
            else [np.nan] * 3
        )
        if row["state"].startswith("NOT_DETECTED"):
            limit = row["lod95"] / baseline["level"]
            row["ratio_high"] = np.fmax(row["ratio_high"], limit) if numbers else row["ratio_high"]
        for name, cut in CUTS.items():
            row[name] = molecular_response(row, baseline, cut)
        row["nadir_level"], row["nadir_ratio"], row["nadir_ratio_low"] = _nadir(rows, row, cells)
        rows.append(row)
    frame = pd.DataFrame(rows)
    deciding = frame["state"].isin(["DETECTED", "NOT_DETECTED_ADEQUATE"]) & frame["sample_id"].ne(start)
    told = events(frame[deciding])
    return frame.assign(
        event=told["event"].reindex(frame.index, fill_value=""), rose=told["rose"], start=start
    )


def _nadir(before, row, cells):
    """Lowest level before a visit, limits standing in for non-detections, and the ratio to it."""
    shown = [
        (r["level"] if r["state"] == "DETECTED" else r["lod95"], r)
        for r in before
        if r["state"] != "NOT_EVALUABLE"
    ]
    shown = [(value, r) for value, r in shown if not pd.isna(value)]
    if not shown:
        return np.nan, np.nan, np.nan
    value, lowest = min(shown, key=lambda pair: pair[0])
    if row["state"] != "DETECTED" or pd.isna(row["level"]):
        return value, np.nan, np.nan
    if lowest["state"] == "DETECTED":
        return value, *ratio(cells[row["sample_id"]], cells[lowest["sample_id"]])[:2]
    low = stats.beta.ppf(0.025, *_beta(cells[row["sample_id"]]))
    return value, row["level"] / value, low / value


def _beta(cells):
    alt, depth, distinct = cells["x"].sum(), cells["n"].sum(), cells["distinct"].sum()
    return distinct, depth * distinct / alt - distinct + 1


def close(found: pd.Series, expected: pd.Series, tolerance: float = 1e-5) -> None:
    np.testing.assert_allclose(
        found.to_numpy(float), expected.to_numpy(float), rtol=tolerance, atol=0, equal_nan=True
    )


SAMPLE_NUMBERS = [
    "n_covered", "expected_background", "p", "p_poisson", "critical_count", "pooled_vaf", "pooled_vaf_low",
    "pooled_vaf_high", "mean_vaf", "median_vaf", "max_vaf", "ge_per_ml", "lod95",
]  # fmt: skip


@pytest.mark.parametrize("name", SAMPLE_NUMBERS)
def test_number_of_every_sample(delivered, counted, name):
    rows = delivered["samples"].query("lod_basis == 'COUNTS'").set_index("sample_id")
    assert len(rows) > 50
    close(rows[name], counted.loc[rows.index, name])


def test_detection_of_every_sample(delivered, counted):
    rows = delivered["samples"].query("lod_basis == 'COUNTS'").set_index("sample_id")
    assert rows["detected"].eq(counted["detected"].reindex(rows.index)).all()
    assert set(rows["detected"]) == {True, False}


def test_baseline_of_every_subject(demo, delivered):
    planned = yaml.safe_load((demo / "config.yaml").read_text())["visits"]
    flagged = [name for name, visit in planned.items() if visit.get("baseline")]
    chosen = delivered["subjects"].set_index("subject_id")["baseline_sample_id"]
    known = delivered["samples"].assign(evaluable=lambda rows: rows["evaluable"].eq(True))
    assert baselines(known, flagged).to_dict() == chosen.to_dict()


@pytest.mark.parametrize(
    "name", ["ratio", "ratio_low", "ratio_high", "nadir_level", "nadir_ratio", "nadir_ratio_low"]
)
def test_number_of_every_visit(delivered, course, name):
    later = course[course["sample_id"] != course["start"]].set_index("sample_id")
    rows = delivered["visits"].query("sample_id != ''").set_index("sample_id").loc[later.index]
    close(rows[name], later[name])
    assert rows[name].notna().sum() > 20


@pytest.mark.parametrize("name", ["state", "event", *CUTS])
def test_word_of_every_visit(delivered, course, name):
    later = course[course["sample_id"] != course["start"]].set_index("sample_id")
    rows = delivered["visits"].query("sample_id != ''").set_index("sample_id").loc[later.index]
    assert rows[name].to_dict() == later[name].to_dict()
    assert later[name].nunique() >= 3


def test_clearance_and_progression_of_every_subject(delivered, course):
    after = course[(course["sample_id"] != course["start"]) & (course["study_day"] >= 2)]
    rows = delivered["subjects"].set_index("subject_id").loc[course["subject_id"].unique()]
    adequate = after[after["state"] == "NOT_DETECTED_ADEQUATE"].groupby("subject_id")["study_day"].min()
    close(rows["clearance_day"], adequate.reindex(rows.index))
    risen = after[after["rose"].eq(True)].groupby("subject_id")["study_day"].min()
    close(rows["molecular_progression_day"], risen.reindex(rows.index))
    close(rows["best_ratio"], after.groupby("subject_id")["ratio"].min().reindex(rows.index))
    for name in CUTS:
        best = after.groupby("subject_id")[name].agg(
            lambda answers: next((word for word in BEST if word in set(answers)), "")
        )
        assert rows[f"molecular_{name}"].to_dict() == best.reindex(rows.index, fill_value="").to_dict()


def test_half_life_of_every_subject(delivered, course):
    rows = delivered["subjects"].set_index("subject_id")
    known = rows.index[rows["half_life_days"].notna()]
    assert len(known) > 3
    for who in known:
        own = course[(course["subject_id"] == who) & (course["study_day"] <= 92)]
        end = rows.loc[who, "molecular_progression_day"]
        own = own[~(own["study_day"] >= end) & (own["state"] != "NOT_EVALUABLE")]
        own = own[own["level"].notna() | (own["state"] != "DETECTED")]
        level = own["level"].where(own["state"] == "DETECTED").to_numpy(float)
        elapsed = own["study_day"].where(own["study_day"] < 0, own["study_day"] - 1)  # there is no day 0
        days, limit = elapsed.to_numpy(float), own["lod95"].to_numpy(float)
        assert half_life(days, level, limit) == pytest.approx(rows.loc[who, "half_life_days"], rel=1e-4), who


def test_clearance_rates_of_the_study(demo, delivered):
    """Each denominator over the window: treated, ctDNA at baseline, these with an evaluable later draw."""
    people, visits = delivered["subjects"], delivered["visits"]
    treated = table(demo, "intake/subjects.tsv").query("treated == True")["subject_id"]
    with_ctdna = people.loc[people["baseline_state"] == "DETECTED", "subject_id"]
    later = visits[(visits["phase"] == "POST_BASELINE") & (visits["study_day"] >= 2)]
    answered = later[later["state"].isin(["DETECTED", "NOT_DETECTED_ADEQUATE"])]["subject_id"]
    cleared = later[later["state"].eq("NOT_DETECTED_ADEQUATE") & later["subject_id"].isin(with_ctdna)]
    n = cleared["subject_id"].nunique()
    sizes = {
        "treated": treated.nunique(),
        "baseline_detected": len(with_ctdna),
        "evaluable": with_ctdna.isin(answered).sum(),
    }
    rows = table(demo, "ctdna/clearance.tsv").query("visit == 'ANY'").set_index("denominator")
    assert set(rows["n"]) == {n}
    assert rows["N"].to_dict() == sizes
    for denominator, size in sizes.items():
        interval = stats.binomtest(n, size).proportion_ci(method="exact")
        assert rows.loc[denominator, ["low", "high"]].tolist() == pytest.approx(list(interval), rel=1e-5)
