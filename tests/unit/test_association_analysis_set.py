"""One row a subject: joins that keep everybody, and unknown that stays unknown."""

import pandas as pd
import pytest

from association_builders import joined, trial
from clearher.columns import clinical, ctdna, her2
from clearher.tables import empty


@pytest.fixture(scope="module")
def tables():
    return trial(12)


@pytest.fixture
def made(tables, settings):
    return joined(tables, settings("association"))


def test_every_enrolled_subject_once(made, tables):
    assert made.subjects["subject_id"].tolist() == tables["subjects"]["subject_id"].tolist()


def test_screen_failures_do_not_enter(tables, settings):
    failed = tables["subjects"].assign(screen_failure=[True, *[False] * 11])
    found = joined({**tables, "subjects": failed}, settings("association")).subjects
    assert len(found) == 11


def test_covariates_of_the_study_enter_with_their_lineage(made):
    row = made.lineage.set_index("variable").loc["hormone_receptor"]
    assert (row["source_table"], row["known"]) == ("intake/subjects.tsv", "baseline")
    assert set(made.subjects["hormone_receptor"]) <= {"POSITIVE", "NEGATIVE"}


def test_every_variable_has_a_source_and_a_rule(made):
    assert set(made.lineage["variable"]) == set(made.subjects.columns) - {"subject_id"}
    assert (made.lineage[["source_table", "source_column", "rule"]] != "").all(axis=None)


def test_ever_cleared_rests_on_the_last_sample(made, tables):
    row = made.lineage.set_index("variable").loc["ctdna_clearance"]
    assert row["known"] == "post_baseline"
    seen = tables["visits"][tables["visits"]["state"] != "NOT_EVALUABLE"]
    assert row["latest_day"] == seen["study_day"].max()


def test_undetected_at_baseline_is_zero_and_unknown_is_missing(tables, settings):
    """Looked for and not found is a level of 0; a baseline that could not be read has none."""
    states = ["BASELINE_NOT_DETECTED", "NOT_EVALUABLE", *["DETECTED"] * 10]
    changed = tables["ctdna"].assign(baseline_state=states, baseline_level=[None, None, *[0.1] * 10])
    level = joined({**tables, "ctdna": changed}, settings("association")).subjects["ctdna_baseline_level"]
    assert level.iloc[0] == 0
    assert pd.isna(level.iloc[1])


def test_genes_are_false_only_where_baseline_was_read(tables, settings):
    """The landscape lists altered genes only: read without a row is unaltered, not read is unknown."""
    landscape = tables["landscape"][lambda rows: (rows["gene"] == "TP53") & (rows["subject_id"] == "S0001")]
    landscape = landscape.assign(baseline=True)
    visits = tables["visits"][tables["visits"]["subject_id"] != "S0003"]
    found = joined({**tables, "landscape": landscape, "visits": visits}, settings("association")).subjects
    values = found.set_index("subject_id")["gene_TP53"]
    assert values["S0001"]
    assert not values["S0002"]
    assert pd.isna(values["S0003"])


def test_clonal_haematopoiesis_does_not_count_unless_asked(tables, settings):
    landscape = tables["landscape"].assign(baseline=True, ch_like=True)
    configured = settings("association")
    found = joined({**tables, "landscape": landscape}, configured).subjects
    assert not found["gene_TP53"].any()
    configured["genes"]["include_ch_like"] = True
    assert joined({**tables, "landscape": landscape}, configured).subjects["gene_TP53"].all()


def test_days_between_randomisation_and_first_dose(tables, settings):
    """Without a dose samples count from the reference date; a dose without that date says nothing."""
    names = ["randomised a week before", "same day", "no dose", "no reference date"]
    dose, week = pd.Timestamp("2024-03-08"), pd.Timestamp("2024-03-01")
    subjects = (
        tables["subjects"]
        .iloc[:4]
        .assign(reference_date=[week, dose, week, pd.NaT], first_dose_date=[dose, dose, pd.NaT, dose])
    )
    shift = joined({**tables, "subjects": subjects}, settings("association")).subjects["clock_shift_days"]
    assert dict(zip(names, shift, strict=True)) == {
        "randomised a week before": 7,
        "same day": 0,
        "no dose": 0,
        "no reference date": pd.NA,
    }


def test_a_study_without_the_other_stages(tables, settings):
    bare = {
        **tables,
        "her2": empty(her2.SUBJECTS),
        "ctdna": empty(ctdna.SUBJECTS),
        "visits": empty(ctdna.VISITS),
        "landscape": empty(ctdna.LANDSCAPE),
        "responses": empty(clinical.RESPONSES),
        "times": empty(clinical.TIME_TO_EVENT),
    }
    found = joined(bare, settings("association"))
    assert len(found.subjects) == 12
    assert found.subjects["responder"].isna().all()
    assert (found.subjects["her2_level"] == "").all()
    assert found.lineage.set_index("variable").loc["pfs_days", "n_known"] == 0
