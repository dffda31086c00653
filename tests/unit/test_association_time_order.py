"""Promise 4: nothing enters a model that was not known when its clock started."""

import pandas as pd
import pytest

from association_builders import data_of, trial
from clearher.association.analyses import run_analysis
from clearher.association.declared import Analysis
from clearher.association.time_order import CannotRunError, TimeOrderError, require_known

LINEAGE = pd.DataFrame(
    [
        ("h_score", "her2/subjects.tsv", "baseline", "her2_known_day", "day of the specimen"),
        ("clearance", "ctdna/subjects.tsv", "post_baseline", "last_day", "rests on every sample"),
        ("progression_day", "ctdna/subjects.tsv", "post_baseline", "progression_day", "its own day"),
        ("responder", "clinical/responses.tsv", "outcome", "response_day", "rests on every assessment"),
        ("age", "intake/subjects.tsv", "baseline", "", "declared as baseline"),
    ],
    columns=["variable", "source_table", "known", "known_day_column", "rule"],
)
SUBJECTS = pd.DataFrame(
    {
        "h_score": [10.0, 20.0, None],
        "her2_known_day": pd.array([-5, 1, pd.NA], dtype="Int64"),
        "clearance": ["CLEARED", "NOT_CLEARED", ""],
        "last_day": pd.array([43, 22, pd.NA], dtype="Int64"),
        "progression_day": pd.array([pd.NA, 22, pd.NA], dtype="Int64"),
        "responder": [True, False, True],
        "response_day": pd.array([40, 40, 40], dtype="Int64"),
        "age": [50.0, 60.0, 70.0],
    }
)


@pytest.mark.parametrize(
    ("name", "by_day"), [("h_score", 1), ("age", 1), ("clearance", 43), ("clearance", 50)]
)
def test_known_in_time(name, by_day):
    assert require_known(LINEAGE, SUBJECTS, [name], by_day) == ""


@pytest.mark.parametrize(
    ("name", "by_day", "why"),
    [
        ("clearance", 1, r"after day 1 in 2 of 2 subjects \(up to day 43\)"),
        ("clearance", 42, r"after day 42 in 1 of 2 subjects"),
        ("progression_day", 1, "is known after day 1"),
        ("h_score", 0, "after day 0 in 1 of 2 subjects"),
        ("responder", 1000, "is an outcome"),
    ],
)
def test_refused_with_an_explanation(name, by_day, why):
    with pytest.raises(TimeOrderError, match=why):
        require_known(LINEAGE, SUBJECTS, [name], by_day)


def test_the_explanation_says_what_to_do():
    with pytest.raises(TimeOrderError, match="Use a landmark or a time-varying analysis"):
        require_known(LINEAGE, SUBJECTS, ["clearance"], 1)


def test_an_override_is_written_down():
    said = require_known(LINEAGE, SUBJECTS, ["clearance"], 1, "asked for by the sponsor")
    assert said.startswith("Time rule set aside (asked for by the sponsor): clearance")


def test_undated_values_after_baseline_are_refused():
    subjects = SUBJECTS.assign(last_day=pd.array([1, pd.NA, pd.NA], dtype="Int64"))
    with pytest.raises(TimeOrderError, match="without a day"):
        require_known(LINEAGE, subjects, ["clearance"], 1)


def test_unknown_variable_names_the_nearest():
    with pytest.raises(CannotRunError, match="Did you mean h_score"):
        require_known(LINEAGE, SUBJECTS, ["hscore"], 1)


@pytest.fixture(scope="module")
def data(settings):
    return data_of(trial(40), settings("association"))


def test_clearance_as_a_baseline_factor_is_refused(data, settings):
    """T19: ever-cleared at baseline has 68% false positives in a trial of 42."""
    wrong = Analysis("x", "?", "number_survival", "pfs", predictor="ctdna_best_ratio")
    with pytest.raises(TimeOrderError, match="ctdna_best_ratio"):
        run_analysis(wrong, data, settings("association"))


def test_a_landmark_model_refuses_what_came_after_the_landmark(data, settings):
    late = Analysis(
        "x", "?", "landmark_survival", "pfs", adjustment=("ctdna_best_ratio",), landmark={"day": 50}
    )
    with pytest.raises(TimeOrderError, match="after day 50"):
        run_analysis(late, data, settings("association"))


def test_a_refused_feature_of_a_prediction(data, settings):
    wrong = Analysis("x", "?", "prediction", "responder", features=("age", "log10 ctdna_best_ratio"))
    with pytest.raises(TimeOrderError, match="ctdna_best_ratio"):
        run_analysis(wrong, data, settings("association"))
