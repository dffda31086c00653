"""A frozen cut: what stops a run of it, with the file's name, what was found and what was frozen."""

import copy
import json
import shutil

import pytest

from clearher.intake.code_digest import digest_of_clone
from clearher.intake.config import changed_keys
from clearher.intake.digests import DigestCache, file_sha256
from clearher.intake.frozen import check_frozen, frozen_problems, read_frozen
from clearher.intake.study import open_study
from clearher.intake.versions import package_versions
from clearher.problems import InputError
from clearher.report import verify
from clearher.report.files import write_json
from clearher.report.freeze import freeze
from clearher.report.manifest import changed_since, file_records, manifest

SHA = {"a.tsv": "a" * 64, "b.bam": "b" * 64}
FROZEN = {
    "inputs": [{"path": path, "bytes": 1, "sha256": sha} for path, sha in SHA.items()],
    "results": [
        {"path": name, "bytes": 1, "sha256": sha}
        for name, sha in {"orr.tsv": "d" * 64, "pfs.tsv": "e" * 64}.items()
    ],
    "config": {"ctdna": {"alpha": 0.05}, "seed": 1},
    "code": "c1",
    "versions": {"scipy": "1.13.0"},
}
SAME = {
    "digests": {path: sha[:20] for path, sha in SHA.items()},
    "results": {"orr.tsv": "d" * 20},
    "config": FROZEN["config"],
    "code": "c1",
    "versions": FROZEN["versions"],
}


def problems_with(**changed):
    return frozen_problems(FROZEN, **{**SAME, **changed}, file="results/cut1/frozen.json")


def test_what_is_as_frozen_runs():
    assert problems_with() == []


@pytest.mark.parametrize(
    ("changed", "check", "file", "column", "found", "expected"),
    [
        (
            {"digests": {**SAME["digests"], "b.bam": "x" * 20}},
            "frozen_input_changed", "b.bam", "", f"sha256 {'x' * 20}", f"sha256 {'b' * 20}, as frozen",
        ),
        (
            {"digests": {"a.tsv": "a" * 20}},
            "frozen_input_missing", "b.bam", "", "no such input", f"sha256 {'b' * 20}, as frozen",
        ),
        (
            {"digests": {**SAME["digests"], "c.csv": "y" * 20}},
            "frozen_input_added", "c.csv", "", f"an added file, sha256 {'y' * 20}",
            "no such file when the cut was frozen",
        ),
        (
            {"results": {"orr.tsv": "z" * 20}},
            "frozen_result_changed", "results/cut1/orr.tsv", "", f"sha256 {'z' * 20}",
            f"sha256 {'d' * 20}, as frozen",
        ),
        (
            {"config": {"ctdna": {"alpha": 0.01}, "seed": 1}},
            "frozen_config", "configuration", "ctdna.alpha", "0.01", "0.05, as frozen",
        ),
        ({"code": "c2"}, "frozen_code", "code of the workflow", "", "digest c2", "digest c1, as frozen"),
        (
            {"versions": {"scipy": "1.14.0"}},
            "frozen_versions", "package scipy", "", "version 1.14.0", "version 1.13.0, as frozen",
        ),
    ],
)  # fmt: skip
def test_each_difference_stops_with_its_name(changed, check, file, column, found, expected):
    """One thing differs: exactly one error, which says where, what, and how to go on."""
    (problem,) = problems_with(**changed)
    assert (problem.check, problem.file, problem.column, problem.severity) == (check, file, column, "error")
    assert (problem.found, problem.expected) == (found, expected)
    assert "data_cut.id" in problem.remedy
    assert "Deleting results/cut1/frozen.json unfreezes" in problem.remedy


def test_all_differences_come_at_once():
    found = problems_with(digests={"a.tsv": "x" * 20}, code="c2")
    assert [problem.check for problem in found] == [
        "frozen_input_changed", "frozen_input_missing", "frozen_code",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "{", "[]", '{"inputs": []}', "null", "3"])
def test_a_damaged_record_is_an_error_of_its_own(tmp_path, text):
    path = tmp_path / "frozen.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_frozen(path)
    assert [problem.check for problem in caught.value.problems] == ["frozen_file"]


def test_changed_keys_are_dotted():
    old = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    new = {"a": {"b": 2, "c": [1, 2]}, "e": 1}
    assert changed_keys(old, new) == {"a.b": (1, 2), "d": (1, None), "e": (None, 1)}


def test_memory_keeps_files_that_one_process_did_not_ask_for(tmp_path):
    """A job that asks for one file must not make the next run read all the others again."""
    for name in ("one", "two", "gone"):
        (tmp_path / name).write_text(name)
    first = DigestCache(tmp_path / "m.json")
    for name in ("one", "two", "gone"):
        first.of_file(tmp_path / name)
    first.save()
    (tmp_path / "gone").unlink()
    job = DigestCache(tmp_path / "m.json")
    (tmp_path / "two").write_text("2")
    job.of_file(tmp_path / "two")
    job.save()
    stored = json.loads((tmp_path / "m.json").read_text())
    assert sorted(stored) == [str(tmp_path / "one"), str(tmp_path / "two")]


def test_code_digest_covers_rules_scripts_package_and_resources(root, tmp_path):
    """A byte of any of them gives another digest; a place elsewhere does not."""
    listed = ["workflow", "resources", "environment.yml"]
    for name in listed:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, tmp_path / name)
    before = digest_of_clone(tmp_path)
    assert before == digest_of_clone(tmp_path)
    seen = {before}
    for name in (
        "workflow/Snakefile",
        "workflow/rules/her2.smk",
        "workflow/scripts/her2.py",
        "workflow/scripts/clearher/her2/ihc.py",
        "resources/aesi.tsv",
        "environment.yml",
    ):
        path = tmp_path / name
        path.write_bytes(path.read_bytes() + b"\n")
        seen.add(digest_of_clone(tmp_path))
    assert len(seen) == 7


@pytest.fixture
def study(tmp_path, monkeypatch, root):
    """A folder with a finished cut of two inputs, made without the workflow."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ctdna.tsv").write_text(
        "subject_id\tsample_id\tvisit\tstudy_day\tlevel\nS1\tA\tB\t1\t0.1\n", encoding="utf-8"
    )
    (tmp_path / "panel.bed").write_text("chr1\t1\t2\n", encoding="utf-8")
    config = {
        "study": {"id": "S"},
        "data_cut": {"id": "cut1"},
        "inputs": {"sample_results": "ctdna.tsv", "panel_bed": "panel.bed"},
    }
    folder = tmp_path / "results" / "cut1"
    folder.mkdir(parents=True)
    (folder / "table.tsv").write_text("a\n1\n", encoding="utf-8")
    opened = open_study(config, config_file="config.yaml", folder=".", memory=tmp_path / "m.json")
    content = manifest(
        config=opened.config,
        inputs=opened.input_files,
        reads=opened.read_records,
        samples=opened.sample_digests,
        context=opened.context_digests,
        results=[str(folder / "table.tsv")],
        results_folder=folder,
        code=digest_of_clone(root),
        environment=root / "environment.yml",
    )
    write_json(content, folder / "manifest.json")
    return config


def check(study, root, **changed):
    config = {**copy.deepcopy(study), **changed}
    opened = open_study(config, config_file="config.yaml", folder=".", memory="m.json")
    code = digest_of_clone(root)
    check_frozen(opened, folder="results/cut1", code=code, environment=root / "environment.yml")


def test_an_unfrozen_cut_runs_whatever_changed(study, root, tmp_path):
    (tmp_path / "panel.bed").write_text("chr1\t1\t3\n", encoding="utf-8")
    check(study, root)
    assert not (tmp_path / "results" / "cut1" / "frozen.json").exists()


def test_freeze_then_change_one_byte(study, root, tmp_path):
    """Frozen: runs as it is; one byte of an input stops it by name; restored (with new dates) it runs."""
    assert "is frozen with 2 inputs and 1 results" in freeze("results/cut1")
    check(study, root)
    before = (tmp_path / "panel.bed").read_bytes()
    (tmp_path / "panel.bed").write_bytes(before[:-2] + b"9\n")
    with pytest.raises(InputError) as caught:
        check(study, root)
    (problem,) = caught.value.problems
    assert problem.file == "panel.bed"
    assert problem.found == f"sha256 {file_sha256('panel.bed')[:20]}"
    (tmp_path / "panel.bed").write_bytes(before)
    check(study, root)
    assert freeze("results/cut1") == "results/cut1 is frozen already, and unchanged"


def test_a_result_edited_by_hand_stops_a_run_of_a_frozen_cut_and_an_absent_one_is_made_anew(
    study, root, tmp_path
):
    """Later tables and the report would be made anew from the edited one."""
    freeze("results/cut1")
    table = tmp_path / "results" / "cut1" / "table.tsv"
    table.write_text("a\n2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check(study, root)
    assert [(problem.check, problem.file) for problem in caught.value.problems] == [
        ("frozen_result_changed", "results/cut1/table.tsv")
    ]
    table.unlink()
    check(study, root)


def test_a_frozen_cut_refuses_another_setting(study, root):
    freeze("results/cut1")
    with pytest.raises(InputError) as caught:
        check(study, root, batch_size=7)
    assert [(problem.check, problem.column) for problem in caught.value.problems] == [
        ("frozen_config", "batch_size")
    ]


def test_only_what_agrees_with_its_manifest_is_frozen(study, tmp_path):
    (tmp_path / "results" / "cut1" / "table.tsv").write_text("a\n2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"table\.tsv: found sha256"):
        freeze("results/cut1")
    assert not (tmp_path / "results" / "cut1" / "frozen.json").exists()


def test_verify_names_each_difference(study, tmp_path, capsys):
    """A result edited by hand, an input gone: two lines and exit code 1; before that, none and 0."""
    assert verify.main(["results/cut1"]) == 0
    (tmp_path / "results" / "cut1" / "table.tsv").write_text("a\n2\n", encoding="utf-8")
    (tmp_path / "panel.bed").unlink()
    assert verify.main(["results/cut1"]) == 1
    said = capsys.readouterr().err
    assert "2 differences" in said
    assert "table.tsv: found sha256" in said
    assert "panel.bed: found no such file" in said


def test_verify_sees_other_code_and_software(study, tmp_path, root):
    path = tmp_path / "results" / "cut1" / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["code"] = "0" * 20
    content["versions"]["scipy"] = "0.1"
    path.write_text(json.dumps(content), encoding="utf-8")
    found = verify.differences("results/cut1")
    assert [(problem.check, problem.file) for problem in found] == [
        ("code_changed", str(root)),
        ("version_changed", "scipy"),
    ]
    assert found[1].found == f"version {package_versions(root / 'environment.yml')['scipy']}"


def test_verify_of_a_folder_without_manifest(tmp_path):
    assert [problem.check for problem in verify.differences(tmp_path)] == ["manifest_missing"]


def test_a_previous_cut_must_be_finished_and_another(study, root, tmp_path):
    """data_cut.previous: a folder without manifest and the cut's own folder are refused."""
    for previous, words in (("results/none", "no manifest.json"), ("results/cut1", "the folder of this cut")):
        with pytest.raises(InputError) as caught:
            check(study, root, data_cut={"id": "cut1", "previous": previous})
        (problem,) = caught.value.problems
        assert (problem.check, problem.column) == ("previous_cut", "data_cut.previous")
        assert words in problem.found
    check(study, root, data_cut={"id": "cut2", "previous": "results/cut1"})


def test_an_input_that_changed_since_the_run_began_is_named(study, tmp_path):
    """Content of tables, or size and time of read files: the manifest would vouch for what was not read."""
    opened = open_study(study, config_file="config.yaml", folder=".", memory="m.json")
    seen = opened.seen
    assert changed_since(seen, file_records(opened.input_files), "m.json") == []
    (tmp_path / "panel.bed").write_text("chr1\t1\t9\n", encoding="utf-8")
    (problem,) = changed_since(seen, file_records(opened.input_files), "m.json")
    assert (problem.check, problem.file) == ("input_changed", "panel.bed")
    reads = tmp_path / "a.bam"
    reads.write_bytes(b"reads")
    seen = {"files": {}, "reads": {"a.bam": DigestCache("m.json").fingerprint("a.bam", None)}}
    assert changed_since(seen, [], "m.json") == []
    reads.write_bytes(b"other reads")
    assert [problem.file for problem in changed_since(seen, [], "m.json")] == ["a.bam"]
