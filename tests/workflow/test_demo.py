"""One whole run on a synthetic trial: what comes out, and that it comes out the same again."""

import filecmp
import re

import pytest
from workflow_runs import DEMO, results, simulate, snakemake, succeeded

from clearher.columns import all_tables
from clearher.tables import read_table

DECLARED = [table for _, table in all_tables() if "{" not in table.path]


@pytest.mark.parametrize("table", DECLARED, ids=lambda table: table.path)
def test_every_declared_table_is_written_as_declared(demo, table):
    """The file is there, and its columns, types, values and key are those of the registry."""
    frame = read_table(results(demo) / table.path, table)
    assert frame.columns.tolist()[: len(table.names)] == table.names


def test_nothing_undeclared_comes_out(demo):
    """Every table below the cut's folder is in the registry."""
    folder = results(demo)
    known = {table.path for _, table in all_tables()}
    patterns = [re.sub(r"\\\{\w+\\\}", r"[0-9a-f]+", re.escape(path)) for path in known if "{" in path]
    aside = ("logs/", "benchmarks/", "report/", "variants/batches/", "intake/findings/")
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix in (".tsv", ".parquet")
    }
    undeclared = {
        name
        for name in found - known
        if not name.startswith(aside) and not any(re.fullmatch(pattern, name) for pattern in patterns)
    }
    assert undeclared == set()


def test_a_run_from_scratch_gives_the_same_bytes(demo, tmp_path):
    """Tables, figures, report and manifest of a second simulation and run, in another folder."""
    again = simulate(tmp_path / "again", *DEMO)
    succeeded(snakemake(again))
    first, second = results(demo), results(again)
    names = sorted(
        path.relative_to(first).as_posix()
        for path in first.rglob("*")
        if path.is_file() and path.relative_to(first).parts[0] not in ("logs", "benchmarks")
    )
    assert len(names) > 40
    different = [name for name in names if not filecmp.cmp(first / name, second / name, shallow=False)]
    assert different == []


def test_the_summary_is_five_lines(demo):
    lines = (results(demo) / "report" / "summary.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5


def test_the_report_reaches_for_nothing_outside(demo):
    """No address in the markup that a browser would fetch; what scripts fetch, a browser test shows."""
    page = (results(demo) / "report" / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<script\b.*?</script>", "<script></script>", page, flags=re.DOTALL)
    fetched = re.findall(r"(?:src|href)\s*=\s*[\"'](?!#|data:)([^\"']+)", page)
    fetched += re.findall(r"url\(\s*[\"']?(?!#|data:)([^)\"']+)", page) + re.findall(r"@import[^;]+", page)
    assert fetched == []
