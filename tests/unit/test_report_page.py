"""The page: escaping, no outside address, sections of an empty study, the subject page's data."""

import base64
import gzip
import json
import re

import pandas as pd
import pytest

from clearher.columns import ctdna, intake
from clearher.report.blocks import Chart, DataTable, Section
from clearher.report.build import build_page
from clearher.report.catalogue import FIGURES
from clearher.report.drawing import DRAWN, draw
from clearher.report.interactive import chart_file
from clearher.report.outcomes import outcome_marks, study_days
from clearher.report.packing import packed
from clearher.report.page import format_value, inline_svg, render_page, script_json
from clearher.report.sections.methods import parameter_rows
from clearher.report.stories import plain, stories
from clearher.report.style import figure_style, write_figure
from report_builders import no_results, results, settings, subject, visit

CHARTS = chart_file()
HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>"


class Recorded(dict):
    """Results that remember which tables were asked for."""

    def __init__(self, tables):
        super().__init__(tables)
        self.asked = set()

    def __getitem__(self, table):
        self.asked.add(table)
        return super().__getitem__(table)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> dict:
    """File of each figure, and the tables that drawing it asked for."""
    folder = tmp_path_factory.mktemp("figures")
    found = {}
    for name in DRAWN:
        tables = Recorded(results())
        with figure_style():
            write_figure(draw(name, tables, settings()), folder / f"{name}.svg")
        found[name] = (folder / f"{name}.svg", tables.asked)
    return found


@pytest.fixture(scope="module")
def figures(drawn) -> list:
    return [path for path, _ in drawn.values()]


def page(tables, figures=(), **sections) -> str:
    return build_page(
        tables,
        settings=settings(**sections),
        figures=figures,
        charts=CHARTS,
        versions={"python": "3"},
        code="abc",
    )


def unpacked(html: str, name: str) -> str:
    text = re.search(rf'id="{name}">([^<]*)<', html).group(1)
    return gzip.decompress(base64.b64decode(text)).decode("utf-8")


def test_page_has_every_section_and_figure(figures):
    html = page(results(), figures)
    for section in ("summary", "quality", "ctdna", "her2", "clinical", "safety", "association", "changes",
                    "methods", "provenance"):  # fmt: skip
        assert f'<section id="{section}"' in html
    assert set(re.findall(r'<figure id="figure-([a-z0-9_]+)"', html)) == set(DRAWN)


def test_every_interval_is_named_by_the_confidence_that_made_it(tmp_path):
    """80 % for endpoints and safety, 90 % for ctDNA, 99 % for associations; 95 % nowhere but in LoD95."""
    chosen = {
        "clinical": {"statistics": {"confidence": 0.8}},
        "ctdna": {"level": {"confidence": 0.9}},
        "association": {"confidence": 0.99},
    }
    for name in ("forest", "her2_response"):
        with figure_style():
            write_figure(draw(name, results(), settings(**chosen)), tmp_path / f"{name}.svg")
    html = page(results(), sorted(tmp_path.glob("*.svg")), **chosen)
    assert re.findall(r".{30}95 ?%.{20}", html) == []
    for words in (
        "1/3, 80% CI",
        "treated: n/N (%) [80% CI]",
        "1/3, 90% CI",
        "treated: n/N (%) [90% CI]",
        "Exact 90% intervals.",
        "estimate (99% CI)",
        "hazard ratio, 99% interval",
        "response rate, % (exact 99% CI)",
    ):
        assert words in html, words


def test_every_figure_is_drawn_from_the_tables_that_it_names(drawn):
    """The page tells a reviewer where a figure's numbers stand; a job reads no other tables."""
    assert {name: asked for name, (_, asked) in drawn.items()} == {
        figure.name: set(figure.tables) for figure in FIGURES
    }


def test_nothing_on_the_page_can_be_fetched(figures):
    """No src, href, url() or @import leads outside; namespaces and schema names are no addresses."""
    html = page(results(), figures)
    addresses = re.findall(r'(?:src|href)\s*=\s*["\']([^"\']*)', html) + re.findall(r"url\(([^)]*)\)", html)
    assert {address for address in addresses if not address.startswith(("#", "data:"))} == set()
    assert "@import" not in html


def test_same_tables_give_the_same_page(figures):
    assert page(results(), figures) == page(results(), figures)


def test_a_study_without_results_says_what_is_left_out():
    html = page(no_results())
    for words in ("no plasma results", "no HER2 input was given", "no clinical data", "no adverse events"):
        assert words in html
    assert 'id="subjects-data"' not in html


def test_a_study_without_her2_input_is_told_apart_from_one_whose_input_says_nothing():
    assert page(no_results()).count("no HER2 input was given") == 2  # on the first page and in its section
    empty = page(no_results(), inputs={"her2": "her2.tsv"})
    assert "no HER2 input was given" not in empty
    assert "the study has no HER2 results" in empty


def test_interactive_figures_can_be_left_out(figures):
    html = page(results(), figures, report={"interactive": False})
    assert 'id="bundle"' not in html
    assert "<figure data-chart" not in html
    assert len(html) < 400_000
    assert 'id="bundle"' in page(results(), figures)


def test_hostile_text_is_text():
    """A subject whose name is a script appears as characters, in tables, attributes and links."""
    tables = results(
        intake_subjects=[subject(HOSTILE, True)], ctdna_visits=[visit(HOSTILE, "C1D1", 1, "DETECTED")]
    )
    tables[ctdna.SUBJECTS] = tables[ctdna.SUBJECTS].head(1).assign(subject_id=HOSTILE)
    html = page(tables, study={"id": "T1", "title": HOSTILE})
    assert "<img" not in html
    assert "<script>alert" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert json.loads(unpacked(html, "subjects-data"))["subjects"][0]["id"] == HOSTILE


def test_specifications_cannot_close_their_element():
    chart = Chart("c", "title", "reading", "figure", {"name": HOSTILE})
    html = render_page([Section("s", "S", (chart,))], title="t", subtitle="", subjects="", bundle="x")
    inside = html[html.index('class="spec">') + len('class="spec">') :]
    assert json.loads(inside[: inside.index("</script>")]) == {"name": HOSTILE}
    assert script_json("</script>") == '"\\u003c/script>"'


def test_subject_links_are_encoded():
    table = DataTable("t", "caption", ("subject",), (("A/1 &<",),), subject=0)
    html = render_page([Section("s", "S", (table,))], title="t", subtitle="", subjects="", bundle="")
    assert '<a href="#subject=A/1%20%26%3C">A/1 &amp;&lt;</a>' in html


def test_letters_of_a_figure_are_as_large_as_the_page():
    """Nine points become twelve: 300 wide, 400; what is drawn inside keeps its coordinates."""
    source = '<svg width="300pt" height="150.3pt" viewBox="0 0 300 150.3"><rect width="30pt" x="1"/></svg>'
    assert inline_svg(source, "f") == (
        '<svg width="400.00pt" height="200.40pt" viewBox="0 0 300 150.3"><rect width="30pt" x="1"/></svg>'
    )


def test_inline_svg_makes_ids_unique_in_tags_only():
    drawing = '<g id="a" clip-path="url(#p)"/><text>id="a" url(#p)</text></svg>'
    source = f"<?xml?><!DOCTYPE x><svg><metadata>m</metadata>{drawing}"
    assert inline_svg(source, "f") == (
        '<svg><g id="f-a" clip-path="url(#f-p)"/><text>id="a" url(#p)</text></svg>'
    )


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.012345, "number", "0.0123"),
        (float("nan"), "number", ""),
        (pd.Timestamp("2024-02-01"), "date", "2024-02-01"),
        (True, "boolean", "yes"),
        (pd.NA, "boolean", ""),  # unknown is not no
        (0, "integer", "0"),  # zero is not missing
        ("NULL", "text", "NULL"),
    ],
)
def test_values_of_tables(value, kind, text):
    assert format_value(value, kind) == text


def test_stories_hold_every_subject_and_keep_missing_apart_from_zero():
    told = stories(results(), settings())
    assert [story["id"] for story in told["subjects"]] == ["S1", "S2", "S3", "S4"]
    first, second, _, failure = told["subjects"]
    assert [row[3] for row in first["visits"]] == [0.05, 0.0]
    assert second["visits"][1][3:5] == [None, None]
    assert failure["visits"] == []
    assert ["ctDNA", "ctDNA of S1."] in first["sentences"]
    assert first["facts"]["HER2"] == "low 2+"
    assert second["facts"]["HER2"] == "null"


def test_outcomes_are_marked_by_their_dates():
    """S1 died 150 days after the first dose, S2 progressed; the first dose is day 1."""
    marks = outcome_marks(results(), "INVESTIGATOR")
    assert list(marks.itertuples(index=False, name=None)) == [("S1", "death", 151), ("S2", "progression", 43)]


def test_outcomes_of_a_study_that_supplies_day_counts():
    """Without dates the primary survival times tell; PFS that ends on the day of death is the death."""
    times = [
        {"subject_id": name, "endpoint": endpoint, "rule": rule, "days": days, "event": event}
        for name, endpoint, rule, days, event in (
            ("S1", "PFS", "primary", 84, True),
            ("S1", "OS", "primary", 199, True),
            ("S2", "PFS", "primary", 60, True),
            ("S2", "OS", "primary", 60, True),
            ("S3", "PFS", "primary", 90, False),
            ("S3", "PFS", "missed_visits", 30, True),
        )
    ]
    bare = [{"subject_id": name, "treated": True} for name in ("S1", "S2", "S3")]
    built = results(intake_subjects=bare, clinical_responses=[], clinical_time_to_event=times)
    marks = outcome_marks(built, "INVESTIGATOR")
    assert list(marks.itertuples(index=False, name=None)) == [
        ("S1", "progression or death", 84),
        ("S1", "death", 199),
        ("S2", "death", 60),
    ]


def test_two_draws_of_one_visit_keep_their_own_column_of_the_variant_table():
    """Unscheduled draws share a name: the day tells them apart; a visit without a sample is last."""
    place = {"subject_id": "S1", "chrom": "chr1", "pos": 7, "ref": "A", "alt": "G", "gene": "TP53"}
    draws = [("a", "UNS", 50), ("b", "UNS", 20), ("c", "C1D1", 1), ("", "C9D1", None)]
    rows = [
        {**place, "sample_id": sample, "visit": label, "study_day": day, "status": "CALLED",
         "alt_count": number, "depth": 1000, "vaf": number / 1000, "in_level": True}
        for number, (sample, label, day) in enumerate(draws, 1)
    ]  # fmt: skip
    variants = stories(results(ctdna_tracking=rows), settings())["subjects"][0]["variants"]
    assert variants["draws"] == ["C1D1", "UNS day 20", "UNS day 50", "C9D1"]
    assert [(cell[0], cell[3]) for cell in variants["rows"][0][3]] == [(0, 3), (1, 2), (2, 1), (3, 4)]


def test_packing_is_deterministic_and_lossless():
    assert packed("<text>") == packed("<text>")
    assert gzip.decompress(base64.b64decode(packed("<text> é"))).decode() == "<text> é"


def test_plain_values():
    assert plain(float("nan")) is None
    assert plain(pd.NA) is None
    assert plain(1.234567) == 1.235
    assert plain(pd.Timestamp("2024-02-01")) == "2024-02-01"


def test_study_days_have_no_day_0():
    subjects = results()[intake.SUBJECTS]
    dates = pd.Series(pd.to_datetime(["2023-12-31", "2024-01-01", "2024-01-02", None]))
    days = study_days(dates, pd.Series(["S1"] * 4), subjects)
    assert list(days[:3]) == [-1, 1, 2]
    assert pd.isna(days[3])


def test_parameters_name_what_differs_from_the_default():
    schema = {
        "properties": {
            "a": {"default": 1, "description": "First"},
            "b": {"properties": {"c": {"default": 2}}},
        }
    }
    rows = list(parameter_rows({"a": 5, "b": {"c": 2}}, schema, "x"))
    assert rows == [("x.a", "5", "changed", "First"), ("x.b.c", "2", "", "")]
