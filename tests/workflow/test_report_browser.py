"""The report in a real browser: no error, no request, the subject page, sorting, filtering, printing."""

import base64
import itertools
import json
import re
import zlib

import pytest
from browser import browser_page

from clearher.columns import clinical, ctdna
from clearher.columns import report as report_columns
from clearher.report.build import build_page
from clearher.report.drawing import DRAWN, draw
from clearher.report.interactive import chart_file
from clearher.report.style import figure_style, write_figure
from clearher.tables import frame_of
from report_builders import results, settings, subject, visit

pytestmark = pytest.mark.system

READY = "document.documentElement.dataset.ready"
DARK = [{"name": "prefers-color-scheme", "value": "dark"}]
CONTRAST = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (v) => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  const light = (rgb) => 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  let texts = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim()) continue;
    if (element.closest('script, svg, noscript, [hidden], option')) continue;
    texts += 1;
    const [ink, paper] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) poor.add(element.tagName + '.' + element.className + ' ' + ratio.toFixed(2));
  }
  return { texts, poor: [...poor] };
}"""
HOSTILE = '<img src=x onerror="window.hacked=1">\'&'


def write_report(folder, tables, **sections) -> str:
    figures, chosen = [], settings(**sections)
    for name in DRAWN:
        with figure_style():
            write_figure(draw(name, tables, chosen), folder / f"{name}.svg")
        figures.append(folder / f"{name}.svg")
    html = build_page(
        tables,
        settings=chosen,
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
    charts = page.run("[...document.querySelectorAll('figure[data-chart]')].map(figure => figure.id)")
    assert len(charts) == 3
    for figure in charts:  # without scrolling: they are drawn while the page is idle
        page.wait(f"document.getElementById('{figure}').dataset.ready")
        assert page.run(f"document.querySelectorAll('#{figure} .chart svg path').length") > 5
        assert page.run(f"document.querySelectorAll('#{figure} .chart a').length") == 0
    assert page.errors == []
    assert [address for address in page.requests if not address.startswith("data:")] == [report]


def test_legends_of_charts_list_the_classes_that_somebody_has(page):
    """Of eight responses the three of the study's subjects, of seven HER2 levels theirs."""
    page.wait("document.getElementById('chart-ctdna_tumour').dataset.ready")
    shown = page.run(
        "JSON.stringify([...document.querySelectorAll('#chart-ctdna_tumour .role-legend-label text')]"
        ".map(text => text.textContent))"
    )
    assert json.loads(shown) == ["PR", "SD", "PD", "null", "low 2+", "indeterminate"]


def test_subject_page_by_fragment_by_choice_and_by_click(page):
    page.run("location.hash = '#subject=S2'")
    page.wait("document.getElementById('subject-heading')?.textContent === 'Subject S2'")
    assert "HER2: null" in page.run("document.getElementById('subject-page').textContent")
    assert page.run("document.querySelectorAll('#subject-page svg circle[r^=\"4.5\"]').length") == 1
    page.run(
        "(() => { const choice = document.getElementById('subject-choice'); choice.value = 'S1';"
        " choice.dispatchEvent(new Event('change')); })()"
    )
    page.wait("document.getElementById('subject-heading').textContent === 'Subject S1'")
    assert "ctDNA of S1." in page.run("document.getElementById('subject-page').textContent")
    draws = page.run(
        "[...document.querySelectorAll('#subject-page table tbody tr')].map(row => row.textContent)"
    )
    assert any(
        "not detected, limit adequatenot detected0.001" in draw for draw in draws
    )  # never a level of 0
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
    """A4 pages with black text on white, also where the screen is dark."""
    page.ask("Emulation.setEmulatedMedia", {"media": "print", "features": DARK})
    colours = page.run(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    panel = page.run("getComputedStyle(document.querySelector('.card')).backgroundColor")
    page.ask("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert panel == "rgb(244, 247, 250)"
    request = {"printBackground": True, "preferCSSPageSize": True}
    printed = base64.b64decode(page.ask("Page.printToPDF", request)["data"])
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(595, 842)}


def drawing_steps(page, figure: str) -> int:
    """Lines, curves, boxes and texts on the pages of a PDF that shows one figure and nothing else."""
    alone = f"section:not(:has(#{figure})), section > :not(#{figure}), header, footer, figcaption"
    page.run(
        "document.head.append(Object.assign(document.createElement('style'), {id: 'only',"
        f" textContent: '{alone} {{ display: none !important }}"
        " figure {border: 0 !important}'}))"
    )
    printed = base64.b64decode(page.ask("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    page.run("document.getElementById('only').remove()")
    streams = re.findall(rb"/FlateDecode[^>]*>>\s*stream\r?\n(.*?)\r?\nendstream", printed, flags=re.DOTALL)
    return sum(
        len(re.findall(rb"(?:[\d.] (?:l|c|re)|T[jJ])\n", zlib.decompress(stream))) for stream in streams
    )


def test_every_figure_has_its_drawing_in_print(report):
    """Printed at once, before a chart is drawn: each chart gives way to its drawn figure, none is blank."""
    with browser_page() as opened:
        opened.size(1280, 900)
        opened.open(report, READY)
        opened.ask("Emulation.setEmulatedMedia", {"media": "print"})
        shown = opened.run(
            "[...document.querySelectorAll('figure')].filter(f => f.offsetHeight).map(f => f.id)"
        )
        charts = opened.run(
            "[...document.querySelectorAll('figure[data-chart]')].map(f => [f.id, f.dataset.drawn])"
        )
        opened.ask("Emulation.setEmulatedMedia", {"media": ""})
        assert sorted(shown) == sorted(f"figure-{name}" for name in DRAWN)
        assert len(charts) == 3
        for chart, drawn in charts:
            assert chart not in shown
            assert drawn in shown
        steps = {figure: drawing_steps(opened, figure) for figure in shown}
        opened.run("document.querySelector('#figure-forest svg').remove()")
        blank = drawing_steps(opened, "figure-forest")
    assert {figure: count for figure, count in steps.items() if count < blank + 20} == {}


def test_folded_tables_leave_a_line_in_print(page):
    """A table that is not printed says so; a heading without anything under it would mislead.

    The headings of those that are printed are plain text, for a button is not repeated on a further page.
    """
    page.ask("Emulation.setEmulatedMedia", {"media": "print"})
    headings = page.run(
        "[...document.querySelectorAll('table.data th button')].map(b => getComputedStyle(b).display)"
    )
    wide = page.run(
        "[...document.querySelectorAll('.scroll, .wide')].filter(box => getComputedStyle(box).overflowX !=="
        " 'visible').length"
    )
    words = page.run(
        "[...document.querySelectorAll('details:not([open]) > summary')].map(summary =>"
        " [summary.offsetHeight > 0, getComputedStyle(summary, '::after').content])"
    )
    page.ask("Emulation.setEmulatedMedia", {"media": ""})
    assert set(headings) == {"contents"}
    assert wide == 0
    assert len(words) > 3
    assert all(height and "not printed" in text for height, text in words)


def test_headings_go_down_one_level_at_a_time_and_every_section_is_named(page):
    levels = page.run(
        "[...document.querySelectorAll('main h2, main h3, main h4, h1')].map(h => +h.tagName[1])"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    unnamed = (
        "[...document.querySelectorAll('section')].filter(section => !section.hasAttribute('aria-label') &&"
        " !document.getElementById(section.getAttribute('aria-labelledby'))?.textContent).length"
    )
    assert page.run(unnamed) == 0


def test_figures_tables_and_fields_have_names_for_a_screen_reader(page):
    names = page.run(
        "[...document.querySelectorAll('figure')].map(figure => figure.getAttribute('aria-label'))"
    )
    assert len(names) > len(DRAWN)
    assert all(len(name) > 40 for name in names)  # what it shows and how to read it
    assert (
        page.run(
            "[...document.querySelectorAll('[role=img]')].filter(e => !e.getAttribute('aria-label')).length"
        )
        == 0
    )
    assert (
        page.run("[...document.querySelectorAll('table.data th')].filter(th => th.scope !== 'col').length")
        == 0
    )
    assert (
        page.run(
            "[...document.querySelectorAll('input, select')].filter(field => !field.labels.length).length"
        )
        == 0
    )
    assert page.run("document.documentElement.lang") == "en"


def press(page, key: str, code: int, text: str = "") -> None:
    for kind in ("keyDown", "keyUp"):
        event = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
        page.ask(
            "Input.dispatchKeyEvent", {**event, **({"text": text} if text and kind == "keyDown" else {})}
        )


def test_the_page_is_used_by_keyboard_alone(page):
    """Skip link first, focus is seen, Enter sorts, folds open, and leads to a subject."""
    page.run("location.hash = ''")
    page.run("(document.activeElement.blur(), scrollTo(0, 0), document.querySelector('.skip').focus())")
    assert page.run("getComputedStyle(document.querySelector('.skip')).left") == "16px"
    press(page, "Enter", 13, "\r")
    page.wait("location.hash === '#summary'")
    page.run("document.querySelector('#table-responses thead button').focus()")
    press(page, "Enter", 13, "\r")
    assert page.run("document.activeElement.parentNode.getAttribute('aria-sort')") == "ascending"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.run("document.querySelector('#methods details summary').focus()")
    press(page, "Enter", 13, "\r")
    assert page.run("document.querySelector('#methods details').open")
    page.run("document.querySelector('#table-responses tbody a').focus()")
    press(page, "Enter", 13, "\r")
    page.wait("document.activeElement.id === 'subject-heading'")
    press(page, "Tab", 9)
    assert page.run("document.activeElement.tagName") == "BUTTON"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(page, scheme):
    """WCAG 2 AA: 4.5 to 1, for every text of the page against what lies behind it."""
    page.ask("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    page.run("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    found = json.loads(page.run(f"JSON.stringify(({CONTRAST})())"))
    page.ask("Emulation.setEmulatedMedia", {"features": []})
    assert found["texts"] > 1000
    assert found["poor"] == []


def test_changes_since_the_previous_cut_are_told_first_and_listed(tmp_path):
    item = "endpoint=ORR, population=treated, group=all, statistic=rate"
    row = {
        "table": clinical.ENDPOINTS.path,
        "item": item,
        "field": "estimate",
        "old": "0.25",
        "new": "0.3333333333",
        "cause": "new data",
        "record": HOSTILE,
    }
    tables = results()
    tables[report_columns.CHANGES] = frame_of([row], report_columns.CHANGES)
    address = write_report(tmp_path, tables, data_cut={"id": "c2", "previous": "results/c1"})
    with browser_page() as opened:
        opened.open(address, READY)
        assert column(opened, "headline-changes", 0) == ["ORR"]
        assert [column(opened, "headline-changes", place)[0] for place in (2, 3)] == ["0.25", "0.333"]
        assert column(opened, "changes-by-cause", 1) == ["new data"]
        assert column(opened, "changes", 7) == [HOSTILE]
        assert opened.errors == []


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
