"""Pre-specification: what was added, changed or dropped since the cut that data_cut.previous names."""

import pandas as pd
import pytest

from association_builders import data_of, trial
from clearher.association.analyses import association_results
from clearher.association.declared import declared_analyses
from clearher.association.earlier import dropped, earlier_cut, with_added
from clearher.association.remark import remark_profile

FIRST = {
    "id": "a",
    "question": "?",
    "type": "levels_response",
    "outcome": "responder",
    "predictor": "her2_level",
}
SECOND = {**FIRST, "id": "b", "outcome": "confirmed_responder", "family": "her2"}


@pytest.fixture(scope="module")
def configured(settings):
    found = settings("association")
    found["power"]["trials"] = 100
    return {**found, "analyses": [FIRST, SECOND]}


def recorded(configured: dict, entries: list[dict], added: dict[str, str]):
    """An earlier cut c1 with these declarations, and what its results said under ``added``."""
    manifest = {"config": {"data_cut": {"id": "c1"}, "association": {**configured, "analyses": entries}}}
    rows = [{"analysis_id": entry["id"], "added": added.get(entry["id"], "")} for entry in entries]
    return earlier_cut(manifest, pd.DataFrame(rows, columns=["analysis_id", "added"]))


@pytest.mark.parametrize(
    ("before", "said", "expected"),
    [
        ([FIRST, SECOND], {}, ["", ""]),
        ([FIRST], {}, ["", "added after cut c1"]),
        ([FIRST, SECOND], {"b": "added after cut c0"}, ["", "added after cut c0"]),
        ([FIRST, {**SECOND, "family": "x"}], {}, ["", "changed after cut c1 (family)"]),
        (
            [FIRST, {**SECOND, "primary": True, "strata": "arm"}],
            {},
            ["", "changed after cut c1 (strata, primary)"],
        ),
        (
            [FIRST, {**SECOND, "family": "x"}],
            {"b": "added after cut c0"},
            ["", "added after cut c0; changed after cut c1 (family)"],
        ),
        ([FIRST, {**SECOND, "question": "Other words?"}], {}, ["", ""]),
        (
            [{**FIRST, "population": "response_evaluable"}, SECOND],
            {},
            ["changed after cut c1 (population)", ""],
        ),
    ],
    ids=[
        "the same",
        "new",
        "new earlier",
        "changed",
        "twice changed",
        "new and changed",
        "wording",
        "population",
    ],
)
def test_what_the_earlier_cut_did_not_declare_is_marked(configured, before, said, expected):
    found = with_added(declared_analyses(configured), recorded(configured, before, said))
    assert [analysis.added for analysis in found] == expected


def test_without_an_earlier_cut_nothing_is_marked(configured):
    assert [analysis.added for analysis in with_added(declared_analyses(configured), None)] == ["", ""]


def test_a_mark_by_hand_stays(configured):
    entries = [{**FIRST, "added": "after the interim of 2023"}]
    declared = declared_analyses({**configured, "analyses": entries})
    assert with_added(declared, recorded(configured, [], {}))[0].added == "after the interim of 2023"


def test_what_was_dropped_is_named(configured):
    earlier = recorded(configured, [FIRST, SECOND, {**FIRST, "id": "gone"}], {})
    assert dropped(declared_analyses(configured), earlier) == ["gone"]


def test_results_and_remark_profile_say_so(configured):
    earlier = recorded(configured, [FIRST, {**FIRST, "id": "gone"}], {})
    data = data_of(trial(20), configured)._replace(earlier=earlier)
    results = association_results(data, configured).results
    assert results.groupby("analysis_id")["added"].first().to_dict() == {"a": "", "b": "added after cut c1"}
    profile = remark_profile(data, results, configured)
    line = profile[profile["item"] == "Analyses of cut c1 that are no longer declared"]
    assert line["value"].tolist() == ["gone"]
    marked = profile[profile["item"] == "b: exact trend"]
    assert "Not as declared at the first cut: added after cut c1." in marked["remarks"].iloc[0]
