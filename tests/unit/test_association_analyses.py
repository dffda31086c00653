"""Declared analyses: every one is a row, run, refused or impossible; families; repeatability."""

import numpy as np
import pandas as pd
import pytest

from association_builders import data_of, joined, populations, trial
from clearher.association.analyses import AssociationData, association_results
from clearher.association.declared import Analysis, declared_analyses
from clearher.association.families import adjust_families
from clearher.association.frames import number
from clearher.association.level_tables import level_table, stratified_row
from clearher.association.remark import remark_profile
from clearher.association.response_models import levels_response
from clearher.association.survival_models import levels_survival, number_survival
from clearher.association.time_order import CannotRunError
from clearher.columns import clinical, ctdna, her2, intake
from clearher.problems import InputError
from clearher.tables import empty


@pytest.fixture(scope="module")
def configured(settings):
    found = settings("association")
    found["prediction"]["bootstrap"] = 50
    found["power"]["trials"] = 100
    found["misclassification"]["replicates"] = 3
    return found


@pytest.fixture(scope="module")
def data(configured):
    return data_of(trial(42), configured)


@pytest.fixture(scope="module")
def found(data, configured):
    return association_results(data, configured)


def one(found, analysis: str, term: str) -> pd.Series:
    rows = found.results[(found.results["analysis_id"] == analysis) & (found.results["term"] == term)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_declared_analysis_is_a_row(found, configured):
    declared = [entry["id"] for entry in configured["analyses"]]
    assert found.results["analysis_id"].unique().tolist() == declared
    assert not found.results.duplicated(["analysis_id", "term"]).any()


def test_every_analysis_answers_or_says_why_not(found):
    answers = found.results[found.results["headline"]]
    silent = answers[answers["p"].isna() & answers["estimate"].isna() & (answers["caveat"] == "")]
    assert silent["analysis_id"].tolist() == []
    assert (answers["method"] != "").all()


def test_every_answer_says_why_this_method(found):
    answers = found.results[found.results["headline"] & (found.results["method"] != "not run")]
    assert answers.loc[answers["why_method"] == "", "analysis_id"].tolist() == []


def test_levels_hold_everybody_once(found, data):
    levels = found.levels[found.levels["analysis_id"] == "her2_response"]
    assert levels["level"].tolist() == ["NULL", "ULTRALOW", "LOW_1+", "LOW_2+"]
    assert levels["N"].sum() == len(data.subjects)
    assert levels["n"].sum() == data.subjects["responder"].sum()


def test_survival_by_level_has_contrasts(found):
    rows = found.results[found.results["analysis_id"] == "her2_pfs"].set_index("term")
    contrasts = rows[rows.index.str.contains(" against NULL, Cox")]
    assert contrasts.index.str.split(" ").str[0].tolist() == ["ULTRALOW", "LOW_1+", "LOW_2+"]
    assert (contrasts["low"] < contrasts["estimate"]).all()
    counts = contrasts["groups"].str.extract(r"NULL (\d+)/(\d+); \S+ (\d+)/(\d+)").astype(int)
    assert (counts[0] + counts[2]).tolist() == contrasts["events"].tolist()
    assert (counts[1] + counts[3]).tolist() == contrasts["n"].tolist()


def test_a_level_without_event_gets_firth(data, configured):
    """Nobody with 2+ progresses: maximum likelihood would say hazard ratio 0 with an infinite interval."""
    subjects = data.subjects.copy()
    subjects.loc[subjects["her2_level"] == "LOW_2+", "pfs_event"] = False
    entry = {
        "id": "x",
        "question": "?",
        "type": "levels_survival",
        "outcome": "pfs",
        "predictor": "her2_level",
    }
    tables = association_results(data._replace(subjects=subjects), {**configured, "analyses": [entry]})
    row = tables.results.set_index("term").loc["LOW_2+ against NULL, Cox"]
    assert row["method"].startswith("Firth's penalised Cox regression")
    assert "no event among those with LOW_2+" in row["why_method"]
    assert 0 < row["low"] < row["estimate"] < row["high"] < 1


LEVEL_SIZES = [
    (
        [24, 25, 25, 25],
        ["log-rank", "log-rank, chi-square"],
        "Permutation: 24 subjects in the smallest level.",
    ),
    ([25, 25, 25, 25], ["log-rank"], "Chi-square: every level has 25 subjects or more."),
]


@pytest.mark.parametrize(("sizes", "terms", "why"), LEVEL_SIZES)
def test_levels_too_small_for_the_chi_square_are_permuted(configured, sizes, terms, why):
    """The chi-square of four levels is too often small: 7.5 % false positives with levels of about ten."""
    n = sum(sizes)
    subjects = pd.DataFrame(
        {
            "subject_id": [f"S{i:03d}" for i in range(n)],
            "her2_level": np.repeat(["NULL", "ULTRALOW", "LOW_1+", "LOW_2+"], sizes),
            "pfs_days": np.arange(50, 50 + n),
            "pfs_event": True,
        }
    )
    analysis = Analysis("x", "?", "levels_survival", "pfs", predictor="her2_level")
    rows = levels_survival(subjects, analysis, configured).rows
    first, *beside = [row for row in rows if row.term in ("log-rank", "log-rank, chi-square")]
    assert [first.term, *(row.term for row in beside)] == terms
    assert first.why_method == why
    assert first.method.startswith("permutation") == pd.isna(first.estimate) == bool(beside)
    assert not any(row.headline for row in (first, *beside))


def test_a_single_event_has_no_p_of_the_log_rank_trend(data, configured):
    """One event, by the only subject of the highest of two levels among 20: the chi-square is (1 - 0.05)^2 /
    (0.05 * 0.95) = 19, p = 1e-5, where one in 20 arrangements puts the event there."""
    subjects = data.subjects.iloc[:20].assign(
        her2_level=["LOW_2+"] + ["NULL"] * 19, pfs_event=[True] + [False] * 19
    )
    subjects = subjects.assign(pfs_days=range(50, 70))
    entry = {
        "id": "x",
        "question": "?",
        "type": "levels_survival",
        "outcome": "pfs",
        "predictor": "her2_level",
    }
    tables = association_results(data._replace(subjects=subjects), {**configured, "analyses": [entry]})
    row = tables.results.set_index("term").loc["log-rank trend"]
    assert row["estimate"] == pytest.approx(19)
    assert pd.isna(row["p"])
    assert pd.isna(row["p_adjusted"])
    assert "No p: 1 event, fewer than 5, too few for the chi-square." in row["caveat"]


@pytest.mark.parametrize(("events", "tested"), [(4, False), (5, True)])
def test_a_bend_of_few_events_has_no_p(configured, events, tested):
    """A likelihood ratio of a spline with fewer events than a hazard ratio needs is no chi-square."""
    subjects = pd.DataFrame(
        {
            "subject_id": [f"S{i:02d}" for i in range(20)],
            "age": [float(30 + 7 * i % 40) for i in range(20)],
            "os_days": range(50, 70),
            "os_event": [i % 4 == 1 and i < 4 * events for i in range(20)],
        }
    )
    analysis = Analysis("x", "?", "number_survival", "os", predictor="age")
    row = next(
        row for row in number_survival(subjects, analysis, configured).rows if row.term == "non-linearity"
    )
    assert row.events == events
    assert pd.notna(row.p) == tested
    assert ("No p: 4 events, fewer than 5, too few for the chi-square." in row.caveat) != tested


def test_the_primary_stands_alone_in_its_family(found):
    row = one(found, "her2_response", "exact trend")
    assert row["primary"]
    assert row["family"] == "primary (not adjusted, 1 test)"
    assert row["p_adjusted"] == row["p"]
    assert "Power of this test" in row["caveat"]
    assert "Two readers of one specimen gave the same level in" in row["caveat"]


def test_an_unspecified_zero_counts_where_null_and_ultralow_are_one(data, configured):
    """Left out of the trend over null, ultralow, 1+, 2+; in the merged one it is known to be zero."""
    subjects = data.subjects.copy()
    subjects.loc[subjects["her2_level"] == "ULTRALOW", "her2_level"] = "ZERO_UNSPECIFIED"
    chosen = {**configured, "analyses": configured["analyses"][:1]}
    rows = association_results(data._replace(subjects=subjects), chosen).results.set_index("term")
    zeros = int((subjects["her2_level"] == "ZERO_UNSPECIFIED").sum())
    assert rows.loc["exact trend", "n"] == len(subjects) - zeros
    assert f"Left out for their level: {zeros} ZERO_UNSPECIFIED." in rows.loc["exact trend", "caveat"]
    merged = rows.loc["exact trend, levels merged"]
    assert merged["n"] == len(subjects)
    assert merged["groups"].startswith("NULL or ULTRALOW or ZERO_UNSPECIFIED ")


@pytest.mark.parametrize(
    ("analysis", "predictor"),
    [
        ("her2_response", "her2_level"),
        ("clearance_pfs", "clearance"),
        ("molecular_response_pfs", "response_50"),
        ("genes_response", "gene alterations at baseline"),
        ("her2_by_clearance_pfs", "her2_level, clearance"),
        ("prediction_response", "her2_level, log10 ctdna_baseline_level, hormone_receptor, age"),
    ],
)
def test_the_predictor_is_what_was_compared(found, analysis, predictor):
    rows = found.results[found.results["analysis_id"] == analysis]
    assert rows["predictor"].unique().tolist() == [predictor]


def test_small_samples_do_not_predict(found):
    """14 responders for 4 candidates are 3.5 each."""
    row = one(found, "prediction_response", "prediction")
    assert "Not supported at this sample size" in row["caveat"]


def test_who_left_the_landmark_is_counted(found):
    members = found.landmark_sets[found.landmark_sets["analysis_id"] == "clearance_pfs"]
    row = one(found, "clearance_pfs", "log-rank from day 50")
    inside = members[members["included"] & members["status"].isin(["cleared", "not cleared"])]
    assert row["n"] == len(inside)
    assert row["events"] == inside["event"].sum()
    assert (members["why_not"] == "").tolist() == members["included"].tolist()


def test_landmark_curves_start_with_everybody_at_risk(found):
    curves = found.landmark_curves[found.landmark_curves["analysis_id"] == "clearance_pfs"]
    members = found.landmark_sets[found.landmark_sets["analysis_id"] == "clearance_pfs"]
    counts = members[members["included"]]["status"].value_counts().to_dict()
    assert curves.groupby("group")["at_risk"].max().to_dict() == counts


def test_an_interaction_has_an_estimate_and_no_p(found):
    rows = found.results[found.results["analysis_id"] == "her2_by_clearance_pfs"]
    assert rows["p"].isna().all()
    assert "Estimation only" in rows.iloc[0]["caveat"]


def test_twice_the_same(found, data, configured):
    again = association_results(data, configured)
    pd.testing.assert_frame_equal(found.results, again.results)


def test_order_of_subjects_does_not_matter(found, configured):
    tables = trial(42)
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in tables.items()}
    again = association_results(data_of(turned, configured), configured).results
    same = ["p", "estimate", "low", "high"]
    rows = found.results["type"] != "misclassification"
    np.testing.assert_allclose(found.results.loc[rows, same], again.loc[rows, same], rtol=1e-6, atol=1e-9)


def test_a_study_with_nothing_but_subjects(configured):
    tables = trial(5)
    bare = {
        **tables,
        "her2": empty(her2.SUBJECTS),
        "ctdna": empty(ctdna.SUBJECTS),
        "visits": empty(ctdna.VISITS),
        "landscape": empty(ctdna.LANDSCAPE),
        "responses": empty(clinical.RESPONSES),
        "times": empty(clinical.TIME_TO_EVENT),
        "specimens": empty(her2.SPECIMENS),
    }
    results = association_results(data_of(bare, configured), configured).results
    assert (results["method"] == "not run").all()
    assert (results["caveat"] != "").all()
    assert len(results) == len(configured["analyses"])


def test_a_study_without_subjects(configured):
    tables = {**trial(1), "subjects": empty(intake.SUBJECTS), "populations": empty(clinical.POPULATIONS)}
    made = joined(tables, configured)
    data = AssociationData(
        made.subjects, made.lineage, tables["visits"], tables["specimens"], tables["populations"]
    )
    assert (association_results(data, configured).results["caveat"].str.startswith("No population")).all()


@pytest.mark.parametrize(("n", "seed"), [(1, 1), (3, 2), (6, 1), (10, 2)])
def test_tiny_trials_never_crash(configured, n, seed):
    results = association_results(data_of(trial(n, seed), configured), configured).results
    assert results["analysis_id"].nunique() == len(configured["analyses"])
    assert not np.isinf(results["p"].astype(float)).any()


def test_refused_analysis_is_a_row_that_explains(data, configured):
    wrong = {
        "id": "x",
        "question": "?",
        "type": "number_survival",
        "outcome": "pfs",
        "predictor": "ctdna_best_ratio",
    }
    row = association_results(data, {**configured, "analyses": [wrong]}).results.iloc[0]
    assert row["method"] == "refused: not known in time"
    assert "landmark" in row["caveat"]


def test_an_override_runs_and_is_written_beside_every_number(data, configured):
    asked = {
        "id": "x",
        "question": "?",
        "type": "number_survival",
        "outcome": "pfs",
        "predictor": "ctdna_best_ratio",
        "time_override": "for comparison with an earlier paper",
    }
    results = association_results(data, {**configured, "analyses": [asked]}).results
    assert results["caveat"].str.startswith("Time rule set aside (for comparison").all()
    assert results["estimate"].notna().any()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"predictor": "her2_levels"}, "Did you mean her2_level"),
        ({"outcome": "age"}, "no yes/no outcome"),
        ({"population": "nobody"}, "No population 'nobody'"),
        ({"predictor": "sex"}, "No scores are declared"),
    ],
)
def test_what_cannot_be_run_says_what_is_missing(data, configured, change, why):
    entry = {
        "id": "x",
        "question": "?",
        "type": "levels_response",
        "outcome": "responder",
        "predictor": "her2_level",
    }
    row = association_results(data, {**configured, "analyses": [{**entry, **change}]}).results.iloc[0]
    assert why in row["caveat"]
    assert row["method"] == "not run"


def test_missing_adjustment_leaves_the_rest(data, configured):
    entry = {
        "id": "x",
        "question": "?",
        "type": "levels_response",
        "outcome": "responder",
        "predictor": "her2_level",
        "strata": "ecog",
    }
    results = association_results(data, {**configured, "analyses": [entry]}).results.set_index("term")
    assert pd.notna(results.loc["exact trend", "p"])
    assert "The data hold no ecog" in results.loc["exact trend, stratified by ecog", "caveat"]


def test_subjects_without_a_stratum_are_counted(data, configured):
    """Three of 42 have no hormone receptor status: the stratified trend has 39, and says so."""
    subjects = data.subjects.assign(receptor=["positive", "negative"] * 21)
    subjects.loc[:2, "receptor"] = ""
    table = level_table(pd.Series([0.0, 0.0]), np.array([0, 1]), {"NULL": 0.0, "ULTRALOW": 1.0})
    assert pd.isna(stratified_row({"a": table, "b": table}, "receptor", 1).p), "one level in each stratum"
    entry = declared_analyses({**configured, "analyses": [STRATIFIED]})[0]
    rows = levels_response(subjects, entry, {**configured, "seed": 1}).rows
    row = next(row for row in rows if row.term == "exact trend, stratified by receptor")
    assert (row.n, row.caveat) == (39, "Left out: 3 subjects without receptor.")


def test_strata_that_are_numbers_are_categories(data, configured):
    """ECOG 0, 1, 2 as strata: a trend over them is an assumption that nobody made."""
    numbers = data.subjects.assign(receptor=pd.array([0, 1, 2] * 14, dtype="Int64"))
    words = numbers.assign(receptor=numbers["receptor"].map({0: "none", 1: "one", 2: "two"}))
    entry = declared_analyses({**configured, "analyses": [STRATIFIED]})[0]
    found, expected = (
        {
            row.term: (row.estimate, row.low, row.high, row.p)
            for row in levels_response(subjects, entry, {**configured, "seed": 1}).rows
            if "adjusted for receptor" in row.term or "stratified by receptor" in row.term
        }
        for subjects in (numbers, words)
    )
    assert len(expected) == 3
    for term, values in expected.items():
        assert found[term] == pytest.approx(values, nan_ok=True), term


STRATIFIED = {
    "id": "x",
    "question": "?",
    "type": "levels_response",
    "outcome": "responder",
    "predictor": "her2_level",
    "strata": "receptor",
}


def test_two_analyses_of_one_name_are_refused(configured):
    entry = {"id": "x", "question": "?", "type": "levels_response", "outcome": "responder"}
    with pytest.raises(InputError, match="'x' 2 times"):
        declared_analyses({**configured, "analyses": [entry, entry]})


def test_several_primaries_in_a_family_are_refused(configured):
    entries = [
        {"id": name, "question": "?", "type": "levels_response", "outcome": "responder", "primary": True}
        for name in ("x", "y")
    ]
    with pytest.raises(InputError, match="several primary analyses"):
        declared_analyses({**configured, "analyses": entries})


def test_families_count_their_headline_tests_only():
    """Two tests by Holm: the smaller p is doubled; a detail row and a row without p are no tests."""
    frame = pd.DataFrame(
        {
            "family": ["a"] * 4 + ["b"],
            "headline": [True, True, False, True, True],
            "p": [0.01, 0.04, 0.001, None, 0.03],
        }
    )
    found = adjust_families(frame, {"families": {"b": "none"}, "family_default": "holm"})
    assert found["p_adjusted"].tolist()[:2] == pytest.approx([0.02, 0.04])
    assert found["p_adjusted"].isna().tolist() == [False, False, True, True, False]
    assert found["family"].unique().tolist() == ["a (holm, 2 tests)", "b (not adjusted, 1 test)"]


def test_remark_lists_every_result(found, data, configured):
    profile = remark_profile(data, found.results, configured)
    lines = profile[profile["section"] == "B"]
    assert len(lines) == len(found.results)
    assert lines["item"].iloc[0] == "her2_response: exact trend"
    assert lines["remarks"].iloc[0].startswith("Primary.")


def test_remark_marks_what_was_added_later(data, configured):
    entry = {
        "id": "x",
        "question": "?",
        "type": "levels_response",
        "outcome": "responder",
        "predictor": "her2_level",
        "added": "cut 2",
    }
    results = association_results(data, {**configured, "analyses": [entry]}).results
    profile = remark_profile(data, results, configured)
    assert (
        "Not as declared at the first cut: cut 2."
        in profile.loc[profile["section"] == "B", "remarks"].iloc[0]
    )


def test_population_is_named_with_its_size(configured):
    tables = trial(42)
    tables["populations"] = populations(tables["subjects"]["subject_id"].tolist()[:30])
    first = {**configured, "analyses": configured["analyses"][:1]}
    row = association_results(data_of(tables, configured), first).results.iloc[0]
    assert row["population"] == "treated (n = 30)"


def test_prediction_where_events_allow(configured):
    """90 subjects: the model, its validated area, and the best single predictor stand side by side."""
    tables = trial(90, seed=4)
    chosen = [entry for entry in configured["analyses"] if entry["type"] == "prediction"]
    made = association_results(data_of(tables, configured), {**configured, "analyses": chosen})
    results, areas = made.results, made.results.set_index("term")["estimate"]
    apparent, corrected = areas["area, apparent"], areas["area, corrected for optimism"]
    assert 0.5 < corrected < apparent < 1
    assert "than the best single predictor" in results["caveat"].iloc[0]
    assert "subjects with the rarer outcome each; none missing." in results["caveat"].iloc[0]
    assert 0.3 < areas["area, best single predictor"] < 1
    curves = made.prediction_curves.groupby(["curve", "model"])
    assert list(curves.groups) == [
        ("calibration", "ridge logistic regression"),
        ("roc", "best single predictor"),
        ("roc", "ridge logistic regression"),
    ]
    assert curves.get_group(("calibration", "ridge logistic regression"))["n"].sum() == 90


def test_no_model_no_curve(found):
    assert found.prediction_curves.empty


@pytest.mark.parametrize("analysis", ["her2_best_response", "her2_pfs", "h_score_response", "her2_response"])
def test_a_covariate_that_a_study_does_not_have_stops_only_its_own_row(data, configured, analysis):
    """One spreadsheet without hormone receptors: the adjusted model is not run, the others are."""
    without = data._replace(subjects=data.subjects.drop(columns="hormone_receptor"))
    declared = [entry for entry in configured["analyses"] if entry["id"] == analysis]
    results = association_results(without, {**configured, "analyses": declared}).results
    absent = results["caveat"].str.contains("The data hold no hormone_receptor")
    assert (results.loc[absent, "method"] == "not run").all()
    assert absent.any()
    assert (~absent).any()


def test_numbers_of_an_analysis_and_their_logarithm():
    frame = pd.DataFrame({"level": [0.0, 0.02, 0.2]})
    values, note = number(frame, "level", "log10")
    assert values.tolist() == pytest.approx([-2, np.log10(0.02), np.log10(0.2)])
    assert note == "1 value of 0 set to half of the smallest level, 0.01."
    assert number(frame, "level", "none")[0].tolist() == [0.0, 0.02, 0.2]
    for wrong, why in (([-1.0, 0.2], "level has values below 0"), ([0.0, 0.0], "No value of level above 0")):
        with pytest.raises(CannotRunError, match=why):
            number(pd.DataFrame({"level": wrong}), "level", "log10")
