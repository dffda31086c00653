"""Figures: what is drawn, in which order, and what an empty study shows."""

import itertools
import re
import zlib

import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from clearher.columns import association, clinical, ctdna, her2, intake
from clearher.report.catalogue import FIGURES, figures_until, tables_of
from clearher.report.drawing import DRAWN, draw
from clearher.report.figures.adverse_events import adverse_event_butterfly, worst_grades
from clearher.report.figures.clearance import clearance_by_visit
from clearher.report.figures.cohort_flow import FlowStep, cohort_flow
from clearher.report.figures.ctdna_tumour import ctdna_against_tumour
from clearher.report.figures.forest import estimate_text, forest
from clearher.report.figures.her2_flow import her2_flow
from clearher.report.figures.her2_response import response_by_level
from clearher.report.figures.kaplan_meier import at_risk, kaplan_meier_figure
from clearher.report.figures.oncoprint import alteration_cells
from clearher.report.figures.panels import course_panels, medians
from clearher.report.figures.prediction import calibration_curve, roc_curves
from clearher.report.figures.spider import spider
from clearher.report.figures.swimmer import swimmer
from clearher.report.figures.trajectories import all_trajectories, trajectories
from clearher.report.figures.waterfall import waterfall
from clearher.report.flow import branches, trunk
from clearher.report.palette import BLUE, GREEN, HER2_COLOURS, ORANGE, RESPONSE_COLOURS, VERMILION
from clearher.report.style import figure_style, shown_part, slim_svg, write_figure
from report_builders import later, no_results, results, settings, visit

MONTH = 30.4375
SUFFIXES = {"waterfall": ("svg", "pdf"), "oncoprint": ("svg", "pdf")}


@pytest.fixture(autouse=True)
def house_style():
    with figure_style():
        yield


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def bars(axes) -> list[tuple[float, str]]:
    """Height and colour of each upright bar, from left to right; a bar below 0 has a negative height."""
    (drawn,) = axes.collections
    tops = [max(path.vertices[:, 1], key=abs) for path in drawn.get_paths()]
    return [
        (float(top), to_hex(face).upper()) for top, face in zip(tops, drawn.get_facecolors(), strict=True)
    ]


def lines_of(axes) -> list[list[float]]:
    """Heights along each line of the axes' sets of lines."""
    drawn = [marks for marks in axes.collections if isinstance(marks, LineCollection)]
    return [list(line.vertices[:, 1]) for marks in drawn for line in marks.get_paths()]


def test_every_figure_of_the_catalogue_is_drawn():
    assert set(DRAWN) == {entry.name for entry in FIGURES}


@pytest.mark.parametrize("entry", FIGURES, ids=lambda entry: entry.name)
def test_a_figure_needs_no_table_but_those_it_names(entry):
    """A job that draws a figure as soon as its tables are there must not reach for another."""
    built = results()
    draw(entry.name, {table: built[table] for table in entry.tables}, settings())


def test_every_figure_waits_for_one_stage_only():
    stages = ("ctdna", "association")
    drawn = [figure.name for stage in stages for figure in figures_until(stage)]
    assert sorted(drawn) == sorted(figure.name for figure in FIGURES)
    paths = {table.path.partition("/")[0] for table in tables_of(figures_until("ctdna"))}
    assert paths == {"intake", "her2", "clinical", "ctdna"}


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_study_without_results_says_why_nothing_is_drawn(name):
    figure = draw(name, no_results(), settings())
    words = " ".join(texts(figure))
    assert words
    assert name == "cohort_flow" or words.startswith("No ") or "no subject" in words


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_same_tables_give_the_same_bytes(name, tmp_path):
    for run in ("a", "b"):
        figure = draw(name, results(), settings())
        for suffix in SUFFIXES.get(name, ("svg",)):
            write_figure(figure, tmp_path / run / f"{name}.{suffix}")
    for suffix in SUFFIXES.get(name, ("svg",)):
        first, second = ((tmp_path / run / f"{name}.{suffix}").read_bytes() for run in ("a", "b"))
        assert first == second


def test_waterfall_sorts_from_growth_to_shrinkage_and_counts_who_has_no_bar():
    built = results()
    figure = waterfall(built[clinical.RESPONSES], built[her2.SUBJECTS], evaluator="INVESTIGATOR")
    axes, strip = figure.axes
    assert bars(axes) == [(25.0, RESPONSE_COLOURS["PD"]), (-45.0, RESPONSE_COLOURS["PR"])]
    assert bars(strip) == [(1.0, HER2_COLOURS["NULL"]), (1.0, HER2_COLOURS["LOW_2+"])]
    assert axes.get_title("left") == "2 subjects with measured change; 1 without"
    assert [label.get_text() for label in strip.get_xticklabels()] == ["S2", "S1"]


def test_waterfall_knows_the_level_called_null():
    """The level NULL is a HER2 level, not a missing value: it has a colour and a place in the legend."""
    built = results()
    figure = waterfall(built[clinical.RESPONSES], built[her2.SUBJECTS], evaluator="INVESTIGATOR")
    assert "null" in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_swimmer_has_a_lane_a_treated_subject_longest_on_top():
    built = results()
    figure = swimmer(
        built[intake.SUBJECTS], built[clinical.RESPONSES], built[ctdna.VISITS], evaluator="INVESTIGATOR",
        days_per_month=MONTH,
    )  # fmt: skip
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["S2", "S3", "S1"]
    assert axes.get_title("left") == "3 treated subjects"
    points = [marks for marks in axes.collections if isinstance(marks, PathCollection)]
    drawn = sum(len(marks.get_offsets()) for marks in points)
    assert drawn == 6 + 3 + 2  # draws, ends of lanes, one response and one progression
    lanes = [marks for marks in axes.collections if marks not in points]
    assert [len(marks.get_paths()) for marks in lanes] == [3, 3]  # follow-up and treatment


def test_clearance_bars_hold_every_expected_subject_and_three_denominators():
    built = results()
    figure = clearance_by_visit(
        built[ctdna.VISITS], built[ctdna.CLEARANCE], built[ctdna.SUBJECTS], order=["C1D1", "C3D1"]
    )
    axes = figure.axes[0]
    assert sum(bar.get_height() for bar in axes.patches) == 3
    assert [label.get_text() for label in axes.get_xticklabels()] == ["C3D1"]
    shown = texts(figure)
    assert "1/3\n33%" in shown
    assert "1/2\n50%" in shown
    assert {"treated", "ctDNA at baseline", "evaluable"} <= set(shown)


def test_a_bar_is_the_treated_of_the_row_under_it():
    """Of three treated subjects one left before the visit, and a screen failure's sample counts nowhere."""
    rows = [visit(name, "C3D1", 43, "DETECTED", level=0.01) for name in ("S1", "S2", "S4")]
    people = [{"subject_id": name, "denominator_treated": name != "S4"} for name in ("S1", "S2", "S3", "S4")]
    built = results(ctdna_visits=rows, ctdna_subjects=people)
    figure = clearance_by_visit(
        built[ctdna.VISITS], built[ctdna.CLEARANCE], built[ctdna.SUBJECTS], order=["C3D1"]
    )
    bars = figure.axes[0].get_legend_handles_labels()
    heights = {label: bar[0].get_height() for bar, label in zip(*bars, strict=True)}
    assert heights["ctDNA detected"] == 2
    assert heights["left, or visit not held"] == 1
    assert sum(heights.values()) == 3


def test_trajectories_draw_a_non_detection_at_its_limit_and_never_at_zero():
    figure = trajectories(results()[ctdna.VISITS], days_per_month=MONTH)
    marks = {line.get_marker(): line for line in figure.axes[0].lines if line.get_linestyle() == "None"}
    assert len(marks["x"].get_ydata()) == 1  # not evaluable: a cross, outside the line
    below = [line for line in figure.axes[0].lines if line.get_marker() == "v"]
    assert sum(len(line.get_ydata()) for line in below) == 2


def test_trajectories_break_the_line_where_a_draw_cannot_be_judged():
    rows = [
        visit("S1", "C1D1", 1, "DETECTED", level=0.05),
        visit("S1", "C3D1", 43, "NOT_EVALUABLE", lod95=None),
        visit("S1", "C5D1", 85, "DETECTED", level=0.04),
    ]
    figure = trajectories(results(ctdna_visits=rows)[ctdna.VISITS], days_per_month=MONTH)
    (line,) = (line for line in lines_of(figure.axes[0]) if pd.isna(line).any())
    assert [bool(pd.isna(value)) for value in line] == [False, True, False]


def test_oncoprint_puts_erbb2_first_and_marks_what_came_and_went():
    cells = alteration_cells(results()[ctdna.LANDSCAPE], ["S1", "S2", "S3"])
    assert list(cells.index) == ["ERBB2", "TP53", "DNMT3A"]
    assert cells.loc["ERBB2", "S3"] == 3  # emergent
    assert cells.loc["TP53"].to_dict() == {"S3": 0, "S1": 2, "S2": 1}  # cleared, baseline
    assert cells.loc["DNMT3A", "S1"] == 4  # like blood cells
    assert list(cells.columns) == ["S3", "S1", "S2"]


def test_her2_response_shows_counts_under_each_level():
    levels = results()[association.LEVELS].assign(isotonic=[0.25, 0.75])
    figure = response_by_level(levels, trend="exact trend: p = 0.5", confidence=0.95)
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["null\n0/1", "low 2+\n1/1"]
    assert figure.axes[0].get_title("left") == "2 subjects; exact trend: p = 0.5"
    (fit,) = (line for line in figure.axes[0].lines if line.get_linestyle() == "--")
    assert list(fit.get_ydata()) == [25, 75]


def test_her2_flow_counts_pairs_and_changes():
    figure = her2_flow(results()[her2.CONVERSION])
    title = figure.axes[0].get_title("left")
    assert title == "archival to fresh, n = 2\n1 same, 1 up, 0 down, 0 not comparable"
    assert "low 2+ (1)" in texts(figure)


def test_spider_starts_every_line_at_zero_and_marks_new_lesions():
    built = results()
    dates = built[intake.SUBJECTS].set_index("subject_id")["reference_date"]
    figure = spider(
        built[clinical.VISITS],
        built[clinical.RESPONSES],
        dates,
        evaluator="INVESTIGATOR",
        days_per_month=MONTH,
    )
    courses = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [list(line.get_ydata()) for line in courses] == [[0, -30.0, -45.0], [0, 25.0]]
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert sum(len(line.get_ydata()) for line in crosses) == 1


def test_kaplan_meier_counts_at_risk_just_before_each_time():
    """Three subjects, event at 1.4 months: at 1.4 all three are still at risk, just after two."""
    curve = results()[clinical.CURVES]
    assert [at_risk(curve, time) for time in (0, 1.4, 1.5, 4.5, 6.5, 7)] == [3, 3, 2, 2, 1, 0]
    figure = kaplan_meier_figure(curve, title="PFS", time_label="months", landmark="landmark day 50")
    assert figure.axes[0].get_title("left") == "PFS, 2 of 3 with event"
    assert figure.axes[0].get_legend() is None
    assert "landmark day 50" in texts(figure)
    assert "at risk" in texts(figure)


def test_a_status_at_the_landmark_has_the_colour_that_it_has_in_the_ctdna_figures():
    """Green is cleared in every figure; a colour by place in the legend would be blue."""
    curve = results()[clinical.CURVES]
    groups = ["baseline not detected", "cleared", "not cleared"]
    curves = pd.concat([curve.assign(group=name) for name in groups])
    built = no_results() | {
        association.LANDMARK_CURVES: curves.assign(analysis_id="a", landmark="day 50"),
        association.RESULTS: results()[association.RESULTS].iloc[:1].assign(analysis_id="a", outcome="pfs"),
    }
    legend = draw("landmark_survival", built, settings()).axes[0].get_legend()
    drawn = {
        text.get_text().split(":")[0]: line.get_color()
        for text, line in zip(legend.get_texts(), legend.get_lines(), strict=True)
    }
    assert list(drawn.items()) == [
        ("cleared", GREEN),
        ("not cleared", VERMILION),
        ("not detected at baseline", ORANGE),
    ]


def test_forest_keeps_a_line_for_every_analysis_and_an_arrow_beyond_the_axis():
    rows = results()[association.RESULTS]
    figure = forest(rows, confidence=0.95)
    shown = texts(figure)
    assert {"HER2 response", "clearance PFS", "exact trend", "<0.0001"} <= set(shown)
    assert "0.5 (0.1 to 250), hazard ratio" in shown
    assert [line.get_marker() for line in figure.axes[0].lines].count(">") == 1


def test_forest_names_a_limit_that_is_not_estimable():
    row = results()[association.RESULTS].iloc[1].to_dict() | {"high": float("nan")}
    assert estimate_text(pd.Series(row)) == "0.5 (0.1 to NE), hazard ratio"


def test_prediction_shows_both_models_and_the_size_of_each_group():
    built = results()
    areas = pd.DataFrame(
        {
            "analysis_id": ["prediction_response"] * 2,
            "term": ["area, cross-validated", "area, best single predictor"],
            "estimate": [0.75, 0.8],
        }
    )
    axes = roc_curves(built[association.PREDICTION_CURVES], areas).axes[0]
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == [
        "ridge logistic regression, mean area of folds 0.75",
        "best single predictor, mean area of folds 0.80",
    ]
    assert axes.get_title("left") == "prediction response, n = 3"
    axes = calibration_curve(built[association.PREDICTION_CURVES]).axes[0]
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["ridge logistic regression, groups of 3"]
    assert [list(line.get_ydata()) for line in axes.lines if line.get_marker() == "o"] == [[0.5]]


def test_adverse_events_count_each_subject_once_a_term_at_the_worst_grade():
    events = results()[clinical.ADVERSE_EVENTS]
    counts = worst_grades(events)
    assert counts.loc["Nausea"].to_dict() == {1: 0, 2: 1, 3: 1}
    figure = adverse_event_butterfly(events, treated=3)
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["Nausea", "Rash"]
    assert [text.get_text() for text in left.texts] == ["2", "1"]
    assert [text.get_text() for text in right.texts] == ["2"]


def test_ctdna_against_tumour_needs_both_values():
    subjects = pd.DataFrame(
        {
            "ctdna_best_ratio": [0.0, 0.1, None],
            "best_change_percent": [-50.0, -20.0, 10.0],
            "confirmed_bor": ["PR", "SD", "PD"],
            "ctdna_clearance": ["CLEARED", "NOT_CLEARED", "NOT_CLEARED"],
        }
    )
    figure = ctdna_against_tumour(subjects, correlation="Spearman rho 0.6")
    assert figure.axes[0].get_title("left") == "2 subjects; Spearman rho 0.6"
    cleared, not_cleared = figure.axes[0].collections
    ratios = [points.get_offsets()[:, 0].tolist() for points in (cleared, not_cleared)]
    assert ratios == [[0.05], [0.1]]  # zero: half the lowest
    (triangle,), (circle,) = (points.get_paths() for points in (cleared, not_cleared))
    assert len(triangle.vertices) < len(circle.vertices)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.2, 0.85, "Spearman rho 0.6 (0.2 to 0.85)"), (None, None, "Spearman rho 0.6 (NE to NE)")],
)
def test_a_correlation_is_never_told_without_its_interval(low, high, words):
    row = {"analysis_id": "a", "number": 1, "position": 1, "type": "correlation", "term": "Spearman",
           "estimate": 0.6, "low": low, "high": high, "estimate_name": "rho", "headline": True}  # fmt: skip
    subject = {"subject_id": "S1", "ctdna_best_ratio": 0.1, "best_change_percent": -20.0,
               "confirmed_bor": "SD", "ctdna_clearance": "CLEARED"}  # fmt: skip
    tables = results(association_results=[row], association_subjects=[subject])
    assert draw("ctdna_tumour", tables, settings()).axes[0].get_title("left") == f"1 subject; {words}"


def test_ctdna_against_tumour_draws_who_cannot_be_judged_for_clearance():
    """Everyone in the count of the title has a mark."""
    subjects = pd.DataFrame(
        {
            "ctdna_best_ratio": [0.5, 0.1],
            "best_change_percent": [-50.0, -20.0],
            "confirmed_bor": ["PR", "SD"],
            "ctdna_clearance": ["NOT_EVALUABLE", "BASELINE_NOT_DETECTED"],
        }
    )
    axes = ctdna_against_tumour(subjects, correlation="").axes[0]
    (points,) = axes.collections
    assert (axes.get_title("left"), len(points.get_offsets())) == ("2 subjects", 2)
    diamonds = {len(path.vertices) for path in points.get_paths()}
    assert diamonds == {5}
    assert "clearance not evaluable" in [text.get_text() for text in axes.get_legend().get_texts()]


def courses(groups: dict[str, int]) -> pd.DataFrame:
    """Courses of two steps for a number of subjects in each group; step B of the first subject is late."""
    rows = [
        {"subject_id": f"{group}{number}", "group": group, "step": step, "x": x, "y": float(number + place)}
        for group, count in groups.items()
        for number in range(count)
        for place, (step, x) in enumerate((("A", 1.0), ("B", 2.0), ("END", 3.0 * number)))
    ]
    return pd.DataFrame(rows)


def test_many_courses_have_a_panel_a_group_and_a_median():
    _, panels = course_panels(
        courses({"a": 5, "b": 4}), {"b": ("bee", BLUE), "a": ("ay", BLUE), "c": ("", BLUE)}
    )
    assert list(panels) == ["b", "a"]
    assert [axes.get_title("left") for axes in panels.values()] == ["bee (4)", "ay (5)"]
    assert lines_of(panels["a"]) == [[start, start + 1, start + 2] for start in range(5)]
    (median,) = panels["a"].lines
    assert list(median.get_ydata()) == [2.0, 3.0]


def test_no_median_of_few_courses_or_of_a_visit_at_no_fixed_time():
    assert list(medians(courses({"a": 5})).index) == ["A", "B"]
    assert medians(courses({"a": 4})).empty


def test_trajectories_of_many_subjects_are_split_by_clearance():
    names = [f"S{number:03d}" for number in range(100)]
    rows = [visit(name, "C1D1", 1, "DETECTED", level=0.01) for name in names]
    rows += [visit(name, "C3D1", 43, "NOT_DETECTED_ADEQUATE") for name in names]
    state = ["CLEARED"] * 60 + ["NOT_CLEARED"] * 40
    subjects = pd.DataFrame({"subject_id": names, "clearance": state})
    figure = all_trajectories(results(ctdna_visits=rows)[ctdna.VISITS], subjects, days_per_month=MONTH)
    assert [axes.get_title("left") for axes in figure.axes] == ["cleared (60)", "not cleared (40)"]
    assert len(lines_of(figure.axes[0])) == 60
    median, below = figure.axes[0].lines
    assert list(median.get_ydata()) == [0.01, 0.001]  # the limit, never zero
    assert len(below.get_ydata()) == 60


def test_a_study_without_specimens_has_no_her2_in_its_flow():
    """No level for anybody is no input, and not three levels that are unsettled."""
    built = results()
    built[her2.SUBJECTS] = built[her2.SUBJECTS].assign(level="")
    assert len(branches(built, settings())) == 2


def test_cohort_flow_counts_from_the_tables():
    built = results()
    entered, treated = trunk(built)
    assert (entered.n, treated.n, treated.left_out) == (4, 3, (("screen failures", 1),))
    response, plasma, levels = branches(built, settings())
    assert [step.n for step in response] == [3, 2]
    assert [step.n for step in plasma] == [3, 2]
    assert plasma[1].left_out == (("cleared", 1), ("not cleared", 1))
    assert (levels[0].n, levels[0].left_out) == (2, (("level not settled", 1),))
    figure = cohort_flow([entered, treated], [response, plasma, levels])
    assert "Treated\nn = 3" in texts(figure)


def test_every_text_of_the_cohort_flow_is_inside_its_box_and_no_box_over_another():
    many = (("no post-baseline assessment", 3), ("stable disease too early", 1), ("reason not known", 1))
    trunk_steps = [FlowStep("Subjects", 60), FlowStep("Treated", 40, many * 3), FlowStep("Dosed", 39, many)]
    column = [FlowStep("Evaluable for a question with a name that needs two lines", 30, many)] * 2
    figure = cohort_flow(trunk_steps, [column, column, column])
    renderer = figure.canvas.get_renderer()
    frames = [patch.get_window_extent() for patch in figure.axes[0].patches]
    words = [text.get_window_extent(renderer) for text in figure.axes[0].texts if text.get_text()]
    assert len(frames) == len(words) == 5 + 6
    for text in words:
        assert [frame.contains(*text.min) and frame.contains(*text.max) for frame in frames].count(True) == 1
    assert not [(a, b) for a, b in itertools.combinations(frames, 2) if a.overlaps(b)]


def test_cohort_flow_without_branches():
    assert texts(cohort_flow([FlowStep("Subjects in the data", 0)], [])) == ["Subjects in the data\nn = 0"]


def test_text_with_formula_signs_is_drawn_as_it_stands(tmp_path):
    """A subject called $x_1$ is a name, not a formula, and < stays text in the SVG."""
    built = results()
    named = built[clinical.RESPONSES].assign(subject_id=["$x_1$", "<b>S</b>", "S3"])
    figure = waterfall(named, built[her2.SUBJECTS], evaluator="INVESTIGATOR")
    write_figure(figure, tmp_path / "waterfall.svg")
    source = (tmp_path / "waterfall.svg").read_text(encoding="utf-8")
    assert "$x_1$" in source
    assert "<b>" not in source
    assert "&lt;b&gt;S&lt;/b&gt;" in source


def test_slim_svg_changes_tags_only():
    source = '<g><text x="1.23456">1.23456</text><use x="0.500001" style="a"/><use x="2.999" style="a"/></g>'
    assert slim_svg(source) == (
        '<g><text x="1.23">1.23456</text><g style="a"><use x="0.5"/><use x="2.99"/></g></g>'
    )


def test_many_subjects_are_drawn_as_pixels(tmp_path):
    """Five hundred lanes: no tick label can overlap, and the file stays small."""
    subjects = pd.DataFrame(
        {
            "subject_id": [f"S{number:04d}" for number in range(500)],
            "treated": True,
            "first_dose_date": later(0),
            "last_dose_date": later(60),
            "last_alive_date": [later(100 + number) for number in range(500)],
            "death_date": pd.NaT,
        }
    ).astype({"treated": "boolean"})
    visits = pd.DataFrame({"subject_id": subjects["subject_id"], "study_day": 1, "state": "DETECTED"})
    empty = results(clinical_responses=[])[clinical.RESPONSES]
    figure = swimmer(subjects, empty, visits, evaluator="INVESTIGATOR", days_per_month=MONTH)
    assert len(figure.axes[0].get_yticklabels()) == 0
    write_figure(figure, tmp_path / "swimmer.svg")
    assert (tmp_path / "swimmer.svg").stat().st_size < 200_000


BARE = '<path d="M {0} 1.29 \nL 3 4" clip-path="url(#p)" style="fill: none; {1}"/>\n'


@pytest.mark.parametrize("line", [BARE, f'<g id="line2d_{{0}}">\n {BARE}</g>\n'], ids=("together", "alone"))
def test_slim_svg_tells_the_look_of_equal_lines_once(line):
    """Lines of one artist stand one after another, those drawn alone have a group each."""
    source = "<g>" + line.format(1, "a") + line.format(2, "a") + line.format(3, "b") + "</g>"
    assert slim_svg(source) == (
        '<g><g clip-path="url(#p)" style="fill: none; a">'
        '<path d="M 1 1.2 L 3 4"/><path d="M 2 1.2 L 3 4"/></g>'
        '<g clip-path="url(#p)" style="fill: none; b"><path d="M 3 1.2 L 3 4"/></g></g>'
    )


def test_a_pdf_embeds_glyphs_and_no_layout_of_text(tmp_path):
    """The fonts inside hold what draws a glyph; the tables by which a program sets text are left out."""
    write_figure(cohort_flow([FlowStep("Subjects", 3)], []), tmp_path / "flow.pdf")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", (tmp_path / "flow.pdf").read_bytes(), re.DOTALL)
    content = [zlib.decompress(stream) for stream in streams]
    fonts = [font for font in content if b"glyf" in font[:400]]
    assert len(fonts) == 1
    assert [tag for tag in (b"GSUB", b"GPOS", b"GDEF") if tag in fonts[0][:400]] == []


def test_formats_of_a_figure_show_the_same_part_of_it(tmp_path):
    """The size of the page is measured once: nothing is cut off that the other format shows."""
    figure = cohort_flow([FlowStep("Subjects", 3)], [])
    write_figure(figure, tmp_path / "flow.svg", tmp_path / "flow.pdf")
    width, height = (72 * size for size in shown_part(figure).size)
    svg = (tmp_path / "flow.svg").read_text(encoding="utf-8")
    box = re.search(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", (tmp_path / "flow.pdf").read_bytes())
    drawn = re.search(r'width="([0-9.]+)pt" height="([0-9.]+)pt"', svg)
    assert [float(size) for size in box.groups()] == pytest.approx([width, height], abs=0.1)
    assert [float(size) for size in drawn.groups()] == pytest.approx([width, height], abs=0.1)
