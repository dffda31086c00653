"""The configuration: strict at every level, helpful, and with defaults in one place."""

from collections.abc import Iterator, Mapping

import pytest
import yaml

from clearher.intake.config import (
    check_config,
    complete_config,
    defaults,
    fill_defaults,
    load_schema,
    part_of,
)
from clearher.intake.study import CLINICAL_AT_INTAKE
from clearher.problems import InputError

MINIMAL = {"study": {"id": "X"}, "data_cut": {"id": "c1"}, "inputs": {}}


def objects(schema: Mapping, path: str = "") -> Iterator[tuple[str, Mapping]]:
    """Every part of the schema that describes an object."""
    if schema.get("type") == "object" or "properties" in schema:
        yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from objects(part, f"{path}.{name}")
    for name in ("additionalProperties", "items"):
        if isinstance(schema.get(name), Mapping):
            yield from objects(schema[name], f"{path}.*")


@pytest.mark.parametrize(("path", "part"), list(objects(load_schema())), ids=lambda value: str(value)[:40])
def test_every_object_is_closed(path, part):
    """Strictness is not inherited: each object must refuse what it does not know."""
    assert "additionalProperties" in part, path
    assert part["additionalProperties"] is not True


def leaves(schema: Mapping, path: str = "") -> Iterator[tuple[str, Mapping]]:
    for name, part in schema.get("properties", {}).items():
        yield f"{path}.{name}", part
        yield from leaves(part, f"{path}.{name}")


@pytest.mark.parametrize(("path", "part"), list(leaves(load_schema())), ids=lambda value: str(value)[:60])
def test_every_key_is_described(path, part):
    assert part.get("description"), path


def test_the_minimal_configuration_is_complete_after_defaults():
    complete = complete_config(MINIMAL, load_schema(), "config.yaml")
    assert check_config(complete, load_schema(), "config.yaml") == []
    assert complete["ctdna"] == defaults("ctdna")


@pytest.mark.parametrize(
    ("change", "column", "remedy"),
    [
        ({"ctDNA": {}}, "ctDNA", "Did you mean ctdna?"),
        ({"study": {"id": "X", "tittle": "t"}}, "study.tittle", "Did you mean study.title?"),
        ({"inputs": {"sample": "s"}}, "inputs.sample", "Did you mean inputs.samples?"),
        ({"zzz": 1}, "zzz", "Remove it, or see config/README.md."),
        ({"data_cut": {}}, "data_cut.id", "Set data_cut.id."),
        (
            {"data_cut": {"id": "c", "date": "2024-13-30"}},
            "data_cut.date",
            "See config/README.md for data_cut.date.",
        ),
        (
            {"data_cut": {"id": "c", "date": "2025-02-29"}},
            "data_cut.date",
            "See config/README.md for data_cut.date.",
        ),
        ({"data_cut": {"id": "../up"}}, "data_cut.id", "See config/README.md for data_cut.id."),
        ({"batch_size": 0}, "batch_size", "See config/README.md for batch_size."),
        ({"visits": {"C1D1": {"dday": 1}}}, "visits.C1D1.dday", "Did you mean visits.C1D1.day?"),
    ],
)
def test_faults_are_named_with_a_remedy(change, column, remedy):
    problems = check_config({**MINIMAL, **change}, load_schema(), "config.yaml")
    assert [(p.column, p.remedy) for p in problems] == [(column, remedy)]


def test_a_date_without_quotes_is_its_text():
    """YAML reads an unquoted day as a date; people write it so."""
    config = yaml.safe_load("study: {id: X}\ndata_cut: {id: c1, date: 2025-06-30}\ninputs: {}\n")
    assert complete_config(config, load_schema(), "config.yaml")["data_cut"]["date"] == "2025-06-30"


def test_all_faults_come_at_once():
    with pytest.raises(InputError) as caught:
        complete_config({"study": {}, "inputs": [], "x": 1}, load_schema(), "my.yaml")
    assert len(caught.value.problems) == 4
    assert str(caught.value).startswith("4 problems in the input:")


def test_defaults_do_not_change_what_was_given():
    given = {"study": {"id": "X"}}
    fill_defaults(given, load_schema())
    assert given == {"study": {"id": "X"}}


@pytest.mark.parametrize(
    ("change", "ctdna", "association"),
    [
        ({}, 20240601, 20240601),
        ({"seed": 7}, 7, 7),
        ({"seed": 7, "association": {"seed": 8}}, 7, 8),
        ({"seed": 7, "ctdna": {"detection": {"alpha": 0.05}}}, 7, 7),
    ],
    ids=["neither", "the study's", "one of its own", "beside other settings"],
)
def test_one_seed_for_every_stage(change, ctdna, association):
    complete = complete_config(MINIMAL | change, load_schema(), "config.yaml")
    assert complete["ctdna"]["detection"]["seed"] == ctdna
    assert complete["association"]["seed"] == association


def test_every_seed_inherits_the_one_of_the_study():
    seeds = {path: part for path, part in leaves(load_schema()) if path.endswith(".seed") and path != ".seed"}
    assert sorted(seeds) == [".association.seed", ".ctdna.detection.seed"]
    assert {part["inherits"] for part in seeds.values()} == {"seed"}
    assert {part["default"] for part in seeds.values()} == {defaults_of_the_study()["seed"]}


INHERITED = {
    # setting of the associations: where the endpoints have it, another value of it
    "confidence": ("clinical.statistics.confidence", 0.9),
    "population": ("clinical.population", "response_evaluable"),
    "evaluator": ("clinical.response.evaluator", "INDEPENDENT ASSESSOR"),
    "days_per_month": ("clinical.statistics.days_per_month", 30.0),
    "min_events_for_hr": ("clinical.statistics.min_events_for_hr", 10),
    "seed": ("seed", 0),
}


@pytest.mark.parametrize("name", list(INHERITED))
def test_associations_follow_the_endpoints_unless_told_otherwise(name):
    """ORR by independent review beside a HER2 trend by investigator would be two studies on one page."""
    where, value = INHERITED[name]
    study = value
    for key in reversed(where.split(".")):
        study = {key: study}
    assert complete_config(MINIMAL | study, load_schema(), "config.yaml")["association"][name] == value
    usual = defaults_of_the_study()
    own = complete_config(
        MINIMAL | study | {"association": {name: usual["association"][name]}}, load_schema(), "config.yaml"
    )
    assert own["association"][name] == usual["association"][name]


def test_what_is_inherited_has_one_default():
    """A key that is set nowhere is filled at both places; the two defaults must agree."""
    complete = defaults_of_the_study()
    inherited = {path: part["inherits"] for path, part in leaves(load_schema()) if "inherits" in part}
    assert {
        f".association.{name}": where for name, (where, _) in INHERITED.items()
    }.items() <= inherited.items()
    for path, where in inherited.items():
        here = there = complete
        for key in path.strip(".").split("."):
            here = here[key]
        for key in where.split("."):
            there = there[key]
        assert here == there, path


def defaults_of_the_study() -> dict:
    return complete_config(MINIMAL, load_schema(), "config.yaml")


def test_a_definition_of_response_is_no_setting_of_intake():
    """Samples, variants and counts hang on what intake reads: they need not run again for another CBR."""
    usual = defaults("clinical")
    longer = {**usual, "response": {**usual["response"], "cbr_min_days": 168}}
    mapped = {
        **usual,
        "response": {**usual["response"], "rows": {**usual["response"]["rows"], "value_map": {"X": "PR"}}},
    }
    at_intake = [part_of(settings, CLINICAL_AT_INTAKE) for settings in (usual, longer, mapped)]
    assert at_intake[0] == at_intake[1] != at_intake[2]
    assert set(at_intake[0]["adverse_events"]) == {"grade", "initial_grade"}


def test_a_part_of_the_settings_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        part_of({"a": {"b": 1}}, ["a.c"])
