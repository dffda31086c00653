"""The report page of a data cut, put together from its sections."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from clearher.columns import intake
from clearher.report.blocks import Chart, FigureBlock
from clearher.report.catalogue import FIGURES
from clearher.report.packing import packed_json
from clearher.report.page import inline_svg, render_page
from clearher.report.results import Results
from clearher.report.sections import SECTIONS
from clearher.report.sections.context import Context
from clearher.report.stories import stories


def build_page(
    results: Results,
    *,
    settings: Mapping[str, Any],
    figures: Iterable[str | Path],
    charts: Mapping[str, Any],
    versions: Mapping[str, str],
    code: str,
) -> str:
    """The report page as HTML.

    Parameters
    ----------
    results : Mapping of Table to pandas.DataFrame
        Tables of the cut.
    settings : Mapping
        Complete configuration.
    figures : iterable of str or Path
        SVG files of the drawn figures, named as in the catalogue.
    charts : Mapping
        Interactive figures and their script, as :func:`clearher.report.interactive.chart_file` makes them.
    versions : Mapping of str to str
        Installed versions of the software.
    code : str
        Digest of scripts, package and environment.
    """
    interactive = settings["report"]["interactive"]
    offered = {chart["name"]: Chart(**chart) for chart in charts["charts"]} if interactive else {}
    context = Context(results, settings, figure_blocks(figures), offered, versions, code)
    study, cut = settings["study"], settings["data_cut"]
    date = f" of {cut['date']}" if cut["date"] else ""
    return render_page(
        [section(context) for section in SECTIONS],
        title=study["title"] or study["id"],
        subtitle=" · ".join(
            part
            for part in (study["id"], study["drug"], study["indication"], f"data cut {cut['id']}{date}")
            if part
        ),
        subjects=packed_json(stories(results, settings)) if len(results[intake.SUBJECTS]) else "",
        bundle=charts["script"] if interactive else "",
    )


def figure_blocks(figures: Iterable[str | Path]) -> dict[str, FigureBlock]:
    """Drawn figures by name, ready for the page."""
    drawn = {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in figures}
    return {
        entry.name: FigureBlock(
            entry.name,
            entry.title,
            entry.reading,
            inline_svg(drawn[entry.name], entry.name),
            tuple(table.path for table in entry.tables),
        )
        for entry in FIGURES
        if entry.name in drawn
    }
