"""A study whose identifiers and texts are attacks: they stay text, in report, workbook and folders."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from workflow_runs import once, results, snakemake, succeeded

SUBJECTS = ("../../outside", "<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "/etc/passwd", "</script>")
CONFIG = """\
study: {id: HOSTILE, title: "</title><script>alert(1)</script>"}
data_cut: {id: cut1}
inputs:
  sample_results: results.tsv
  her2: her2.tsv
  clinical: {format: table, path: clinical.tsv}
visits:
  C1D1: {day: 1, window_days: 3, baseline: true}
  C2D1: {day: 22, window_days: 7}
"""


@pytest.fixture(scope="session")
def hostile(tmp_path_factory) -> Path:
    """A finished run in a folder that lies in an empty one."""
    return once(tmp_path_factory, "a hostile study", build) / "inner" / "study"


def build(folder: Path) -> None:
    study = folder / "inner" / "study"
    study.mkdir(parents=True)
    clinical = ["subject_id\tarm\tfirst_dose_date\tbest_response\tprogression_date\tlast_contact_date"]
    levels = ["subject_id\tsample_id\tvisit\tstudy_day\tlevel\tlevel_unit\tdetected\tlod"]
    her2 = ["subject_id\tspecimen_id\tspecimen_date\tihc_score\treader"]
    for number, subject in enumerate(SUBJECTS):
        best = ("PR", "SD")[number % 2]
        clinical.append(f"{subject}\t=1+1\t2024-01-01\t{best}\t2024-0{number + 4}-01\t2024-10-01")
        her2.append(f"{subject}\t{subject}-T\t2023-12-01\t{number % 3}+\t<b>reader</b>".replace("0+", "0"))
        for visit, day, level in (("C1D1", 1, 0.02), ("C2D1", 22, 0.001)):
            levels.append(f"{subject}\t{subject} {visit}\t{visit}\t{day}\t{level}\tfraction\tyes\t0.0005")
    texts = {"config.yaml": CONFIG, "clinical.tsv": clinical, "results.tsv": levels, "her2.tsv": her2}
    for name, lines in texts.items():
        text = lines if isinstance(lines, str) else "\n".join(lines) + "\n"
        (study / name).write_text(text, encoding="utf-8")
    succeeded(snakemake(study))


def test_nothing_is_written_outside_the_study(hostile):
    """Two folders above hold nothing else, and no name in the results comes from an identifier."""
    outer = hostile.parents[1]
    assert os.listdir(outer) == ["inner"]
    assert os.listdir(outer / "inner") == ["study"]
    assert set(os.listdir(hostile)) == {
        "config.yaml", "clinical.tsv", "results.tsv", "her2.tsv", "results", ".snakemake",
    }  # fmt: skip
    names = [path.name for path in results(hostile).rglob("*")]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9_.-]+", name)] == []


class Tags(HTMLParser):
    """Collects what a browser would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[str] = []
        self.handlers: list[str] = []
        self.scripts: list[str] = []
        self.inside = False

    def handle_starttag(self, tag, attrs):
        self.handlers += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        if tag == "img":
            self.images.append(str(dict(attrs).get("src", "")))
        self.inside = tag == "script"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.scripts.append(data)


def test_the_report_runs_nothing_of_the_data(hostile):
    page = (results(hostile) / "report" / "report.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert "x" not in tags.images
    assert not any("onerror" in handler for handler in tags.handlers)
    assert not any(script.strip() == "alert(1)" for script in tags.scripts)
    assert "onerror=alert(1)" in page


def test_the_workbook_holds_no_formula(hostile):
    book = openpyxl.load_workbook(results(hostile) / "report" / "tables" / "tables.xlsx", read_only=True)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any(str(cell.value).startswith("=cmd") for cell in cells)
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
