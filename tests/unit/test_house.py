"""The house: folders, dependency direction, thin scripts, rules as data."""

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "workflow" / "scripts" / "clearher"
SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
MODULES = sorted(PACKAGE.rglob("*.py"))

# Which stages a stage may import; "columns", "tables", "problems" and "log" are everyone's floor.
MAY_IMPORT = {
    "intake": {"intake"},
    "variants": {"variants", "intake", "statistics"},
    "ctdna": {"ctdna", "variants", "intake", "statistics"},
    "her2": {"her2", "intake", "statistics"},
    "clinical": {"clinical", "intake", "statistics"},
    "statistics": {"statistics"},
    "association": {"association", "clinical", "her2", "ctdna", "variants", "intake", "statistics"},
    "report": {"report", "association", "clinical", "her2", "ctdna", "variants", "intake", "statistics"},
    "simulate": {"simulate", "intake"},
    "preflight": {"preflight", "intake", "her2", "clinical"},
    "columns": set(),
}
FLOOR = {"columns", "tables", "problems", "log", "progress", "run_lock", "whole_file"}
TRIAL_WORDS = re.compile(r"\b(subject|ctdna|her2|visit|patient|clearance|tumou?r|plasma)s?\b", re.IGNORECASE)


def imported_parts(path: Path) -> set[str]:
    """First package part below clearher of everything a module imports."""
    parts = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        parts |= {name.split(".")[1] for name in names if name.startswith("clearher.")}
    return parts


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_dependency_direction(path):
    """A stage imports only stages before it: catches an upward import, which would make a cycle."""
    stage = path.relative_to(PACKAGE).parts[0]
    if stage.endswith(".py"):
        assert imported_parts(path) <= FLOOR
    else:
        assert imported_parts(path) <= MAY_IMPORT[stage] | FLOOR


def test_only_the_report_imports_the_report():
    importers = [path for path in MODULES if "report" in imported_parts(path) and "report" not in path.parts]
    assert importers == []


@pytest.mark.parametrize("path", sorted((PACKAGE / "statistics").glob("*.py")), ids=lambda path: path.name)
def test_statistics_knows_no_trial_words(path):
    assert TRIAL_WORDS.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_package_never_sees_the_workflow(path):
    """No module uses Snakemake's objects or imports Snakemake."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    roots = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        node.module.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert "snakemake" not in names | roots


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_thin(path):
    """At most 40 lines of code, and no setting read past the rule's params."""
    text = path.read_text(encoding="utf-8")
    code = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(code) <= 40
    assert "snakemake.config" not in text
    assert "job_log(snakemake.log[0])" in text


def rule_blocks(path: Path) -> dict[str, str]:
    """Text of each rule of a rule file by its name."""
    pieces = re.split(r"^rule (\w+):$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


ALL_RULES = {name: text for path in RULES for name, text in rule_blocks(path).items()}


@pytest.mark.parametrize("name", sorted(ALL_RULES))
def test_rules_are_data(name):
    """Every rule has log, benchmark, resources, the one environment and its code digest; no hidden logic."""
    text = ALL_RULES[name]
    for directive in (
        "log:",
        "benchmark:",
        "resources:",
        "mem_mb=",
        "runtime=",
        "script:",
        "input:",
        "output:",
    ):
        assert directive in text, f"{name} has no {directive}"
    assert '"../../environment.yml"' in text
    assert f'code=code("{name}")' in text
    assert f'"../scripts/{name}.py"' in text
    for forbidden in ("lambda", "run:", "shell:", "wrapper:", "checkpoint", "Path("):
        assert forbidden not in text, f"{name} uses {forbidden}"


SLURM = yaml.safe_load((ROOT / "workflow/profiles/slurm/config.yaml").read_text(encoding="utf-8"))
DERIVED = re.findall(
    r"^use rule \w+ as (\w+) with:$", "".join(path.read_text() for path in RULES), flags=re.MULTILINE
)


@pytest.mark.parametrize("name", [*sorted(ALL_RULES), *DERIVED])
def test_every_rule_goes_to_slurm_in_a_group(name):
    """Without one it is a submission of its own, or stands between the rules of a group: name it there."""
    assert (name in SLURM["groups"]) != ("\n    group:\n" in ALL_RULES.get(name, ""))


@pytest.mark.parametrize("name", sorted(ALL_RULES))
def test_more_memory_at_each_attempt(name):
    assert re.search(r"mem_mb=memory\(\d+\),", ALL_RULES[name])
    assert SLURM["retries"] == 2


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_rule_files_open_with_their_contract(path):
    assert path.read_text(encoding="utf-8").startswith('"""')


def test_every_script_belongs_to_a_rule():
    assert {path.stem for path in SCRIPTS} == set(ALL_RULES)


def test_snakefile_is_a_table_of_contents():
    lines = (ROOT / "workflow" / "Snakefile").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    common = (ROOT / "workflow" / "rules" / "common.smk").read_text(encoding="utf-8").splitlines()
    assert len(common) <= 200


def test_top_level():
    """Nothing at the top that DESIGN does not name."""
    allowed = {
        ".ci", ".gitignore", ".git", "environment.yml", "README.md", "pyproject.toml", "Makefile", "config",
        "resources", "workflow", "tests", "docs", "LICENSE", "CITATION.cff", "CHANGELOG.md",
        "CONTRIBUTING.md", ".snakemake-workflow-catalog.yml",
    }  # fmt: skip
    generated = {".venv", ".snakemake", ".pytest_cache", ".ruff_cache", ".hypothesis", "demo", "results"}
    found = {path.name for path in ROOT.iterdir()}
    assert found - allowed - generated == set()
    assert {"environment.yml", "README.md", "config", "resources", "workflow", "tests"} <= found


def test_package_listing_is_complete():
    """files.txt names every file of the package: remote use of the workflow fetches just these."""
    listed = (PACKAGE / "files.txt").read_text(encoding="utf-8").split()
    present = sorted(
        str(path.relative_to(PACKAGE.parent))
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name != "files.txt"
    )
    assert listed == present


def test_profiles_keep_the_rerun_triggers():
    profiles = sorted((ROOT / "workflow" / "profiles").glob("*/*.yaml"))
    assert profiles
    assert not any("rerun-triggers" in path.read_text(encoding="utf-8") for path in profiles)
