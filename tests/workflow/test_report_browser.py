"""The report in a real browser: no error, no request, the subject page, sorting, filtering, printing."""

import base64
import json
import re

import pytest
from browser import browser_page

from clearher.columns import ctdna
from clearher.report.build import build_page
from clearher.report.drawing import DRAWN, draw
from clearher.report.interactive import chart_file
from clearher.report.style import figure_style, write_figure
from report_builders import results, settings, subject, visit

pytestmark = pytest.mark.system

READY = "document.documentElement.dataset.ready"
HOSTILE = '<img src=x onerror="window.hacked=1">\'&'


def write_report(folder, tables) -> str:
    figures = []
    for name in DRAWN:
        with figure_style():
            write_figure(draw(name, tables, settings()), folder / f"{name}.svg")
        figures.append(folder / f"{name}.svg")
    html = build_page(
        tables,
        settings=settings(),
        figures=figures,
        charts=chart_file(),
        versions={"python": "3"},
        code="abc",
    )
    (folder / "report.html").write_text(html, encoding="utf-8")
    return f"file://{folder / 'report.html'}"


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    return write_report(tmp_path_factory.mktemp("report"), results())


@pytest.fixture(scope="module")
def page(report):
    with browser_page() as opened:
        opened.size(1280, 900)
        opened.open(report, READY)
        yield opened


def column(page, table: str, number: int) -> list[str]:
    cells = f"[...document.querySelectorAll('#table-{table} tbody tr')].filter(row => !row.hidden)"
    return json.loads(page.run(f"JSON.stringify({cells}.map(row => row.cells[{number}].textContent))"))


def test_every_figure_and_chart_is_drawn_without_error_or_request(page, report):
    sizes = page.run(
        "[...document.querySelectorAll('figure .drawn svg')].map(svg => svg.getBoundingClientRect().width)"
    )
    assert len(sizes) == len(DRAWN)
    assert all(width > 100 for width in sizes)
    for figure in page.run("[...document.querySelectorAll('figure[data-chart]')].map(figure => figure.id)"):
        page.run(f"document.getElementById('{figure}').scrollIntoView()")
        page.wait(f"document.getElementById('{figure}').dataset.ready")
        assert page.run(f"document.querySelectorAll('#{figure} .chart svg path').length") > 5
        assert page.run(f"document.querySelectorAll('#{figure} .chart a').length") == 0
    assert page.errors == []
    assert [address for address in page.requests if not address.startswith("data:")] == [report]


def test_subject_page_by_fragment_by_choice_and_by_click(page):
    page.run("location.hash = '#subject=S2'")
    page.wait("document.getElementById('subject-heading')?.textContent === 'Subject S2'")
    assert "HER2: NULL" in page.run("document.getElementById('subject-page').textContent")
    assert page.run("document.querySelectorAll('#subject-page svg circle').length") == 1
    page.run(
        "(() => { const choice = document.getElementById('subject-choice'); choice.value = 'S1';"
        " choice.dispatchEvent(new Event('change')); })()"
    )
    page.wait("document.getElementById('subject-heading').textContent === 'Subject S1'")
    assert "ctDNA of S1." in page.run("document.getElementById('subject-page').textContent")
    page.run("document.querySelector('#table-ctdna-subjects tbody tr:nth-child(3) a').click()")
    page.wait("document.getElementById('subject-heading').textContent === 'Subject S3'")
    page.run("[...document.querySelectorAll('#subject-page button')].at(-1).click()")
    page.wait("document.getElementById('subject-page').hidden")


def test_columns_sort_by_number_and_put_missing_last(page):
    button = "document.querySelectorAll('#table-responses thead button')[5]"
    page.run(f"{button}.click()")
    assert column(page, "responses", 5) == ["-45", "25", ""]
    page.run(f"{button}.click()")
    assert column(page, "responses", 5) == ["25", "-45", ""]
    assert page.run(f"{button}.parentNode.getAttribute('aria-sort')") == "descending"


def test_filter_leaves_the_rows_that_hold_every_word(page):
    count = page.run("document.querySelector('#table-sources tbody').rows.length")
    page.run("document.querySelector('#table-sources').closest('details').open = true")
    page.run(
        "(() => { const box = document.querySelector('input[data-filters=table-sources]');"
        " box.value = 'clopper ctdna'; box.dispatchEvent(new Event('input')); })()"
    )
    left = column(page, "sources", 3)
    assert 0 < len(left) < count
    assert all("Clopper" in source for source in left)


def test_no_text_overlaps_the_window_at_any_width(page):
    """Nothing but scrolling boxes is wider than the window, on a desk and on a phone."""
    for width in (1280, 390):
        page.size(width, 900)
        assert page.run("document.documentElement.scrollWidth") <= width
    page.size(1280, 900)


def test_print_to_pdf(page):
    printed = base64.b64decode(page.ask("Page.printToPDF", {"printBackground": True})["data"])
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3


def test_hostile_names_are_shown_as_text(tmp_path):
    tables = results(
        intake_subjects=[subject(HOSTILE, True)],
        ctdna_visits=[visit(HOSTILE, "C1D1", 1, "DETECTED", level=0.01, sentence=HOSTILE)],
    )
    tables[ctdna.SUBJECTS] = tables[ctdna.SUBJECTS].head(1).assign(subject_id=HOSTILE, sentence=HOSTILE)
    address = write_report(tmp_path, tables)
    with browser_page() as opened:
        opened.open(address, READY)
        opened.run("document.querySelector('#table-ctdna-subjects a').click()")
        opened.wait("document.getElementById('subject-heading')")
        assert opened.run("document.getElementById('subject-heading').textContent") == f"Subject {HOSTILE}"
        assert opened.run("window.hacked === undefined")
        assert opened.run("document.querySelectorAll('img').length") == 0
        assert opened.errors == []
