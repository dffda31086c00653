"""Simulated HER2 readings: two central readers, and an adjudicator where they disagree."""

import pandas as pd
import pytest

from clearher.simulate.biology import subject
from clearher.simulate.clinic import timeline
from clearher.simulate.her2 import COLUMNS, SCORES, readings


@pytest.fixture(scope="module")
def central():
    """Central readings of 60 subjects, with the true level."""
    rows = []
    for number in range(1, 61):
        person = subject(1, number)
        own = pd.DataFrame(readings(1, person, timeline(1, person)), columns=COLUMNS)
        rows.append(own.assign(truth=SCORES[person.her2_level]))
    table = pd.concat(rows, ignore_index=True)
    return table[table["laboratory"] == "central"]


def test_every_central_specimen_is_read_by_two_pathologists(central):
    readers = central[central["reader"] != "ADJUDICATOR"].groupby(["subject_id", "specimen_id"])["reader"]
    assert set(readers.nunique()) == {2}
    assert set(readers.size()) == {2}


def test_the_adjudicator_reads_where_the_two_disagree(central):
    disagree = adjudicated = 0
    for _, own in central.groupby(["subject_id", "specimen_id"]):
        judge = own[own["reader"] == "ADJUDICATOR"]
        scores = own.loc[own["reader"] != "ADJUDICATOR", "ihc_score"]
        disagree += scores.nunique() > 1
        adjudicated += len(judge)
        assert len(judge) == (scores.nunique() > 1)
        assert judge["ihc_score"].isin(scores[:1]).all(), "the first reading is the true one"
    assert 0 < adjudicated == disagree


def test_the_newest_specimen_shows_the_truth(central):
    newest = central.sort_values("specimen_date", kind="stable").groupby("subject_id")["specimen_id"].last()
    first = central.drop_duplicates(["subject_id", "specimen_id"])
    shown = first[first["specimen_id"].isin(newest)]
    assert (shown["ihc_score"] == shown["truth"]).all()
