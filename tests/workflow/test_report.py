"""The report of a finished run, and its size at five hundred subjects."""

import json
import re
from pathlib import Path

import pyreadstat
import pytest
from browser import browser_page
from large_study import SUBJECTS, many_subjects
from rocrate.rocrate import ROCrate
from workflow_runs import results, snakemake, succeeded

from clearher.columns import clinical, ctdna
from clearher.report.build import build_page
from clearher.report.catalogue import ADAM, FIGURES, PUBLICATIONS
from clearher.report.drawing import DRAWN, draw
from clearher.report.interactive import chart_file
from clearher.report.style import figure_style, write_figure
from clearher.report.words import percent
from clearher.tables import read_table
from report_builders import settings

CAPTIONS = Path(__file__).parents[2] / "workflow" / "report" / "figures"
# 3 MB are promised. Curves of the whole cohort keep the few steps of the small trial here: the page of a
# simulated trial of 500 subjects is larger by a fourteenth (2,975,621 bytes against 2,779,084).
MOST = 3_000_000 * 14 // 15
SECONDS = 2
OVERLAPS = """() => {
  const found = [];
  for (const figure of document.querySelectorAll('figure .drawn svg')) {
    const boxes = [...figure.querySelectorAll('text')].filter((text) => text.textContent.trim())
      .map((text) => [text.textContent, text.getBoundingClientRect()])
      .filter(([, box]) => Math.abs(box.width) > 0);
    for (const [place, [first, a]] of boxes.entries()) for (const [second, b] of boxes.slice(place + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      const least = Math.min(a.height, b.height, a.width, b.width);
      if (wide > 2 && high > 0.35 * least) found.push([figure.closest('figure').id, first, second]);
    }
  }
  return found;
}"""


def test_every_deliverable_is_there(demo):
    folder = results(demo)
    for figure in FIGURES:
        assert (folder / "report" / "figures" / f"{figure.name}.svg").stat().st_size > 500
        assert (folder / "report" / "figures" / f"{figure.name}.pdf").read_bytes().startswith(b"%PDF")
    for name in PUBLICATIONS:
        assert (
            (folder / "report" / "tables" / f"{name}.rtf").read_text(encoding="utf-8").startswith("{\\rtf1")
        )
    for name in ADAM:
        assert pyreadstat.read_xport(folder / "adam" / f"{name}.xpt")[1].number_columns > 2


def test_headline_numbers_of_page_and_summary_are_those_of_the_tables(demo):
    folder = results(demo)
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    summary = (folder / "report" / "summary.txt").read_text(encoding="utf-8")
    assert len(summary.splitlines()) == 5
    endpoints = read_table(folder / "clinical" / "endpoints.tsv", clinical.ENDPOINTS)
    orr = endpoints.query("endpoint == 'ORR' and population == 'treated' and group == 'all'").iloc[0]
    words = f"{orr['n']}/{orr['N']}, 95% CI"
    assert words in page
    assert f"ORR {percent(orr['estimate'])} ({words}" in summary
    clearance = read_table(folder / "ctdna" / "clearance.tsv", ctdna.CLEARANCE)
    for row in clearance.query("visit == 'ANY'").itertuples():
        assert f"{row.n}/{row.N}, 95% CI" in page
        assert f"({row.n}/{row.N}, 95% CI" in summary


def test_every_table_and_figure_of_the_page_names_a_file_of_the_results(demo):
    """A reviewer goes from a number on the page to its row: a name without a file breaks the trail."""
    folder = results(demo)
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    named = set(re.findall(r'<span class="files">([^<;]+\.(?:tsv|parquet))</span>', page))
    printed = re.findall(r'<p class="gt_sourcenote">Source: ([^<]+)</p>', page)
    drawn = re.findall(r'<span class="files">figures/\w+\.svg, \.pdf; from ([^<]+)</span>', page)
    assert len(printed) == page.count('<div class="print">')
    assert len(drawn) == page.count('<figure id="figure-')
    paths = named | {path for line in (*printed, *drawn) for path in line.split(", ")}
    assert {"clinical/endpoints.tsv", "ctdna/clearance.tsv", "association/results.tsv"} <= paths
    assert [path for path in sorted(paths) if not list(folder.glob(path))] == []


def test_research_object_lists_the_files_of_the_cut(demo):
    folder = results(demo)
    crate = ROCrate(folder)
    assert crate.dereference("report/report.html")["encodingFormat"] == "text/html"
    recorded = {entry["path"] for entry in json.loads((folder / "manifest.json").read_text())["results"]}
    assert "ro-crate-metadata.json" in recorded
    assert {f"adam/{name}.xpt" for name in ADAM} <= recorded


def test_provenance_view_has_captions_categories_and_labels(demo, tmp_path):
    """Snakemake's own report: every figure under its title, with the cut in its caption."""
    target = tmp_path / "provenance.html"
    succeeded(snakemake(demo, "--report", str(target)))
    text = target.read_text(encoding="utf-8")
    for figure in FIGURES:
        assert f'"labels": {{"file": "{figure.title}"}}' in text
    for words in ('"Figures"', '"Report"', '"Tables"', "Report page of data cut"):
        assert words in text
    captions = [CAPTIONS / f"{figure.name}.rst" for figure in FIGURES]
    for first in (path.read_text(encoding="utf-8").split("\n")[0] for path in captions):
        assert first in text.replace("&amp;", "&")


@pytest.fixture(scope="module")
def large_page(demo, tmp_path_factory) -> str:
    folder, tables = tmp_path_factory.mktemp("large"), many_subjects(demo)
    for name in DRAWN:
        with figure_style():
            write_figure(draw(name, tables, settings()), folder / f"{name}.svg")
    figures = sorted(folder.glob("*.svg"))
    return build_page(
        tables, settings=settings(), figures=figures, charts=chart_file(), versions={}, code="abc"
    )


def test_page_of_five_hundred_subjects_is_small(large_page):
    assert len(large_page.encode()) < MOST


def test_page_of_five_hundred_subjects_names_each_of_them(large_page):
    links = set(re.findall(r'href="#subject=(C\d\d-[\w-]+)"', large_page))
    assert len(links) >= SUBJECTS


@pytest.mark.system
def test_page_of_five_hundred_subjects_is_usable_within_two_seconds(large_page, tmp_path):
    """The quickest of three openings: other work on the machine only ever slows one down."""
    path = tmp_path / "report.html"
    path.write_text(large_page, encoding="utf-8")
    times = []
    for _ in range(3):
        with browser_page() as opened:
            opened.open(f"file://{path}", "document.documentElement.dataset.ready")
            times.append(opened.run("performance.now()"))
    assert min(times) < SECONDS * 1000


@pytest.mark.system
def test_figures_of_five_hundred_subjects_have_no_label_on_another(large_page, tmp_path):
    """No two texts of one figure share more than a sliver of the window."""
    path = tmp_path / "report.html"
    path.write_text(large_page, encoding="utf-8")
    with browser_page() as opened:
        opened.size(1280, 900)
        opened.open(f"file://{path}", "document.documentElement.dataset.ready")
        assert json.loads(opened.run(f"JSON.stringify(({OVERLAPS})())")) == []
