"""The whole workflow on real files: two plasma BAMs of one patient, and 94 patients from two spreadsheets."""

import math

import pandas as pd
import pytest
from lifelines import CoxPHFitter
from real_studies import ctdnatools_study, inspire_study, read_rows
from workflow_runs import once, results, snakemake, succeeded

from clearher.columns import association, clinical, ctdna
from clearher.tables import read_table


@pytest.fixture(scope="module")
def lymphoma(fixtures, tmp_path_factory):
    """Results of T1 and T2 as two visits, N1 to N3 as controls, no clinical data at all."""

    def build(folder):
        succeeded(snakemake(ctdnatools_study(fixtures, folder)))

    return results(once(tmp_path_factory, "lymphoma", build))


@pytest.fixture(scope="module")
def inspire(fixtures, tmp_path_factory):
    """Results of the 94 patients: a laboratory's level a sample and one clinical row a patient."""

    def build(folder):
        succeeded(snakemake(inspire_study(fixtures, folder)))

    return results(once(tmp_path_factory, "inspire", build))


def test_counts_are_those_of_the_reads(lymphoma, fixtures):
    """Fragments at base quality 30, mapping quality 40: 13 of 3,489 in T1, 0 of 5,892 in T2, site by site."""
    tracking = read_table(lymphoma / "ctdna" / "tracking.parquet", ctdna.TRACKING)
    sums = tracking.groupby("sample_id")[["alt_count", "depth"]].sum()
    assert sums.loc["T1"].tolist() == [13, 3489]
    assert sums.loc["T2"].tolist() == [0, 5892]
    t1 = tracking[tracking["sample_id"] == "T1"].sort_values("pos")
    assert t1["alt_count"].tolist() == [2, 2, 1, 1, 0, 2, 1, 1, 1, 2]


def test_thirteen_observations_are_six_molecules(lymphoma):
    samples = read_table(lymphoma / "ctdna" / "samples.tsv", ctdna.SAMPLES).set_index("sample_id")
    assert samples.loc["T1", "distinct_alt_fragments"] == 6
    assert samples["detected"].to_dict() == {"T1": True, "T2": False}
    assert samples.loc["T1", "p"] < 1e-6


def test_no_detection_with_a_poor_limit_is_not_clearance(lymphoma):
    """T2 would miss 0.6 of T1's level one time in twenty: the output says that this is not cleared.

    By the depths alone it would be 0.28; but the ten sites show themselves on 6 fragments 13 times, and the
    test counts fragments.
    """
    samples = read_table(lymphoma / "ctdna" / "samples.tsv", ctdna.SAMPLES).set_index("sample_id")
    assert samples.loc["T2", "lod95"] / samples.loc["T1", "level"] == pytest.approx(0.28 * 13 / 6, abs=0.05)
    visits = read_table(lymphoma / "ctdna" / "visits.tsv", ctdna.VISITS).set_index("visit")
    assert visits.loc["C9D1", "state"] == "NOT_DETECTED_INSUFFICIENT"
    assert "does not count as cleared" in visits.loc["C9D1", "sentence"]
    subject = read_table(lymphoma / "ctdna" / "subjects.tsv", ctdna.SUBJECTS).iloc[0]
    assert subject["clearance"] == "NOT_EVALUABLE"
    assert not subject["denominator_evaluable"]


def test_a_study_without_clinical_data_says_what_it_leaves_out(lymphoma):
    page = (lymphoma / "report" / "report.html").read_text(encoding="utf-8")
    assert "no clinical data" in page.lower()


def test_everybody_is_in_the_denominators(inspire):
    """94 patients, 16 with CR or PR, 64 deaths, 82 PFS events."""
    endpoints = read_table(inspire / "clinical" / "endpoints.tsv", clinical.ENDPOINTS)
    treated = endpoints[(endpoints["population"] == "treated") & (endpoints["group"] == "all")]
    rows = treated.set_index(["endpoint", "statistic"])
    assert rows.loc[("ORR", "rate"), ["n", "N"]].tolist() == [16, 94]
    assert rows.loc[("OS", "events"), ["n", "N"]].tolist() == [64, 94]
    assert rows.loc[("PFS", "events"), ["n", "N"]].tolist() == [82, 94]


def test_what_the_published_groups_leave_open_is_not_counted(inspire):
    """SD/PD says who did not respond, not whose disease was controlled."""
    responses = read_table(inspire / "clinical" / "responses.tsv", clinical.RESPONSES)
    assert responses["bor"].value_counts().to_dict() == {"SD/PD": 78, "CR/PR": 16}
    assert responses["responder"].notna().all()
    assert responses.loc[responses["bor"] == "SD/PD", "disease_control"].isna().all()
    endpoints = read_table(inspire / "clinical" / "endpoints.tsv", clinical.ENDPOINTS)
    rows = endpoints[(endpoints["population"] == "treated") & (endpoints["group"] == "all")]
    rate = rows[(rows["endpoint"] == "DCR") & (rows["statistic"] == "rate")].iloc[0]
    assert (rate["n"], rate["N"]) == (16, 94)
    assert pd.isna(rate["estimate"])
    assert rate["note"] == "78 known by a group of classes only: from 16 to 94 of 94"


def test_change_of_ctdna_is_the_published_change(inspire, fixtures):
    """Ratio to baseline minus one, wherever the paper gives it and the laboratory saw ctDNA at C3."""
    published = {
        row["subject_id"]: float(row["change_fraction"])
        for row in read_rows(fixtures / "inspire" / "ctdna_change_as_published.tsv")
        if row["change_fraction"]
    }
    visits = read_table(inspire / "ctdna" / "visits.tsv", ctdna.VISITS)
    ours = visits[visits["visit"] == "C3"].set_index("subject_id")["ratio"].dropna() - 1
    assert len(ours) >= 60
    assert all(math.isclose(value, published[subject], abs_tol=1e-6) for subject, value in ours.items())


def test_response_by_change_of_ctdna(inspire):
    """Published groups: 33 patients with a fall, 14 of them with CR or PR; 40 with a rise, 1 of them.

    Twenty have no sample at C3. Two had no ctDNA at baseline and no stated limit of detection: their
    baseline cannot be judged, so they are in neither group, one of the published rise among them.
    """
    rows = read_table(inspire / "association" / "results.tsv", association.RESULTS)
    response = rows[rows["analysis_id"] == "decrease_response"].set_index("term")
    assert response.loc["rate: decrease", ["events", "n"]].tolist() == [14, 33]
    assert response.loc["rate: no decrease", ["events", "n"]].tolist() == [1, 39]
    caveat = response["caveat"].str.cat(sep=" ")
    assert "20 subjects without an evaluable sample" in caveat
    assert "2 subjects without evaluable ctDNA at baseline" in caveat


@pytest.mark.parametrize(
    ("analysis", "n", "low", "high"), [("decrease_pfs", 68, 0.15, 0.47), ("decrease_os", 72, 0.16, 0.58)]
)
def test_landmark_survival_by_change_of_ctdna(inspire, analysis, n, low, high):
    """Clock from C3; who had the event before C3 is out and counted; a fall goes with the longer time."""
    rows = read_table(inspire / "association" / "results.tsv", association.RESULTS)
    cox = rows[(rows["analysis_id"] == analysis) & rows["term"].eq("decrease against no decrease, Cox")].iloc[
        0
    ]
    assert cox["n"] == n
    assert low < cox["low"] < cox["estimate"] < cox["high"] < high + 0.01
    sets = read_table(inspire / "association" / "landmark_sets.tsv", association.LANDMARK_SETS)
    assert set(sets.loc[sets["analysis_id"] == analysis, "subject_id"].value_counts()) == {1}
    assert (sets["analysis_id"] == analysis).sum() == 94


def test_hazard_ratio_is_that_of_the_published_time_columns(inspire, fixtures):
    """The same landmark from the paper's own columns, by lifelines: equal but for rounding to whole days."""
    patients = pd.read_csv(fixtures / "inspire" / "patients.tsv", sep="\t")
    change = pd.read_csv(fixtures / "inspire" / "ctdna_change_as_published.tsv", sep="\t")
    both = patients.merge(change, on="subject_id").dropna(subset=["change_fraction", "os_months_from_c3"])
    both = both[both["os_months_from_c3"] > 0].assign(
        fall=lambda frame: (frame["change_fraction"] < 0).astype(int)
    )
    model = CoxPHFitter().fit(
        both[["os_months_from_c3", "os_event", "fall"]], "os_months_from_c3", "os_event"
    )
    rows = read_table(inspire / "association" / "results.tsv", association.RESULTS)
    ours = rows[(rows["analysis_id"] == "decrease_os") & rows["term"].str.endswith("Cox")].iloc[0]["estimate"]
    assert ours == pytest.approx(float(model.hazard_ratios_["fall"]), rel=0.05)
