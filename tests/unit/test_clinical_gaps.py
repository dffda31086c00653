"""Studies with gaps anywhere run through: any optional cell may be missing, any domain absent.

Drawn trials of a few subjects in which cells are blanked at random; checked is that nothing breaks, that
every share is one, and that each subject can be explained.
"""

import numpy as np
import pandas as pd
import pytest

from clearher.clinical.endpoints import endpoint_tables
from clearher.clinical.explain import TABLES, explain
from clearher.clinical.immunogenicity import immunogenicity
from clearher.clinical.populations import subject_variables
from clearher.clinical.response import response_tables
from clearher.clinical.safety_tables import safety_tables
from clearher.clinical.special_interest import read_special_terms
from clearher.clinical.time_to_event import time_tables
from clearher.columns import intake
from clearher.intake.config import defaults
from clearher.tables import conform, empty
from clinical_draws import drawn_records

RECORDS = {
    "subjects": intake.SUBJECTS,
    "assessments": intake.ASSESSMENTS,
    "lesions": intake.LESIONS,
    "therapies": intake.THERAPIES,
    "contacts": intake.CONTACTS,
    "doses": intake.DOSES,
    "adverse_events": intake.ADVERSE_EVENTS,
    "ada": intake.ADA,
    "labs": intake.LABS,
}
ALWAYS_FILLED = {
    *("subject_id", "sequence", "source", "screen_failure", "domain", "parameter", "test", "variable"),
    *("response", "evaluator", "accepted", "lesion_id", "lesion_class", "measure"),
}
MISSING = {"text": "", "integer": pd.NA, "boolean": pd.NA, "date": pd.NaT, "number": np.nan}


def blanked(records, rng, share):
    """The records with a share of the optional cells missing; who has no first dose is not treated."""
    result = {}
    for name, frame in records.items():
        table, frame = RECORDS[name], frame.copy()
        for column in table.columns:
            if column.name not in {*ALWAYS_FILLED, *table.key} and (name, column.name) != (
                "contacts",
                "date",
            ):
                frame[column.name] = frame[column.name].mask(
                    rng.random(len(frame)) < share, MISSING[column.type]
                )
        result[name] = conform(frame, table)
    people = result["subjects"]
    result["subjects"] = people.assign(treated=people["first_dose_date"].notna().astype("boolean"))
    return result


def derive(records, root):
    """All tables of the stage, by the names under which a subject is explained, and all shares."""
    settings = defaults("clinical")
    settings["ada"]["scale"] = "log10"
    frames = [records[name] for name in ("subjects", "assessments", "lesions", "therapies")]
    nothing = empty(intake.SUPPLIED)
    responses = response_tables(*frames, nothing, settings=settings)
    times = time_tables(*frames, records["contacts"], nothing, settings=settings)
    variables = subject_variables(
        records["subjects"],
        responses.responses,
        empty(intake.SAMPLES),
        empty(intake.HER2),
        settings["response"]["evaluator"],
    )
    endpoints = endpoint_tables(responses.responses, times.times, variables, settings=settings)
    antibodies = immunogenicity(records["ada"], records["subjects"], settings=settings["ada"])
    listed = read_special_terms(root / "resources" / "aesi.tsv")
    safety = safety_tables(records, antibodies.samples, antibodies.subjects, listed, settings=settings)
    tables = {
        **{name: records[name] for name in ("subjects", "therapies", "lesions", "doses")},
        "visits": responses.visits,
        "selection": responses.selection,
        "responses": responses.responses,
        "times": times.times,
        "populations": endpoints.populations,
        "events": safety.events,
        "heart": safety.heart,
        "samples": antibodies.samples,
        "antibodies": antibodies.subjects,
    }
    shares = pd.concat([endpoints.endpoints, safety.endpoints, safety.safety])
    return tables, shares[shares["unit"].eq("fraction") & shares["estimate"].notna()]


def check(records, root):
    tables, shares = derive(records, root)
    assert shares["n"].le(shares["N"]).all()
    assert shares["estimate"].between(0, 1).all()
    tables = {name: tables.get(name, empty(table)) for name, table in TABLES.items()}
    for subject in records["subjects"]["subject_id"]:
        assert explain(tables, subject).startswith(f"Subject {subject}")


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.95])
def test_gaps_anywhere_break_nothing(root, share):
    rng = np.random.default_rng(int(100 * share))
    check(blanked(drawn_records(4, rng), rng, share), root)


@pytest.mark.parametrize("absent", sorted(set(RECORDS) - {"subjects"}))
def test_any_domain_may_be_absent(root, absent):
    records = drawn_records(2, np.random.default_rng(3))
    check(records | {absent: empty(RECORDS[absent])}, root)


def test_a_first_cut_before_anybody_was_dosed(root):
    """Subjects enrolled, nobody treated: tables without subjects, not a crash."""
    records = {name: empty(table) for name, table in RECORDS.items()}
    people = drawn_records(3, np.random.default_rng(4))["subjects"].assign(treated=False)
    for name in ("first_dose_date", "last_dose_date", "reference_date", "death_date"):
        people[name] = pd.NaT
    check(records | {"subjects": conform(people, intake.SUBJECTS)}, root)
