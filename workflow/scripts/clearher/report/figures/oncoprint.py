"""Oncoprint: genes by subjects, with HER2 level, response and clearance on top."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.palette import (
    BLUE,
    CLEARANCE_COLOURS,
    CLEARANCE_NAMES,
    GREY,
    HER2_COLOURS,
    HER2_NAMES,
    RESPONSE_COLOURS,
    SKY,
    VERMILION,
)
from clearher.report.words import counted

GENES = 20
MANY = 80
KINDS = ("none", "baseline", "baseline, later cleared", "emergent", "blood-cell like")
KIND_COLOURS = ("#F0F2F4", BLUE, SKY, VERMILION, GREY)


def oncoprint(
    landscape: pd.DataFrame,
    subjects: pd.DataFrame,
    her2: pd.DataFrame,
    responses: pd.DataFrame,
    *,
    evaluator: str,
) -> Figure:
    """Alterations of the most often altered genes.

    Parameters
    ----------
    landscape : pandas.DataFrame
        Table ``ctdna/landscape``.
    subjects : pandas.DataFrame
        Table ``ctdna/subjects``: its subjects are the columns, so that the denominator is seen.
    her2, responses : pandas.DataFrame
        Tables ``her2/subjects`` and ``clinical/responses``: the tracks.
    evaluator : str
        Whose response.

    Returns
    -------
    matplotlib.figure.Figure
        ERBB2 is always the first row; at most 20 genes follow by frequency. Columns are sorted so that
        altered subjects of the first rows stand left.
    """
    cells = alteration_cells(landscape, sorted(subjects["subject_id"]))
    if cells.empty:
        return nothing_to_draw("No gene alteration to draw.")
    tracks = _tracks(cells.columns, her2, responses[responses["evaluator"] == evaluator], subjects)
    count = len(cells.columns)
    rows = len(cells)
    figure, (top, grid) = plt.subplots(
        2, 1, figsize=(max(6.5, min(11, 2.0 + 0.19 * count)), 1.6 + 0.2 * rows + 0.6), sharex=True,
        gridspec_kw={"height_ratios": [len(tracks), rows], "hspace": 0.06},
    )  # fmt: skip
    for row, (_, values, colours, _) in enumerate(tracks):
        _strip(top, [colours.get(value, "#FFFFFF") for value in values], row)
    top.set_yticks(range(len(tracks)), [track[0] for track in tracks], fontsize=8)
    top.set_ylim(len(tracks) - 0.5, -0.5)
    grid.imshow(
        cells,
        cmap=ListedColormap(KIND_COLOURS),
        vmin=0,
        vmax=len(KINDS) - 1,
        aspect="auto",
        interpolation="none",
    )
    altered = (cells > 0).sum(axis=1)
    grid.set_yticks(range(rows), [f"{gene}  {n}/{count}" for gene, n in altered.items()], fontsize=7.5)
    for axes in (top, grid):
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    _columns(top, grid, cells.columns, rows)
    _legends(figure, grid, tracks, set(np.unique(cells)))
    return figure


def alteration_cells(landscape: pd.DataFrame, subjects: list[str]) -> pd.DataFrame:
    """Genes by subjects with the number of the kind of alteration (see ``KINDS``), sorted for the figure."""
    shown = landscape[landscape["subject_id"].isin(subjects)]
    if shown.empty:
        return pd.DataFrame()
    kind = np.select(
        [shown["ch_like"].fillna(False), shown["baseline"].fillna(False) & shown["cleared"].fillna(False),
         shown["baseline"].fillna(False), shown["emergent"].fillna(False)],
        [4, 2, 1, 3], default=0,
    )  # fmt: skip
    wide = shown.assign(kind=kind).pivot_table(
        index="gene", columns="subject_id", values="kind", aggfunc="max"
    )
    wide = wide.reindex(columns=subjects).fillna(0).astype(int)
    frequency = (wide > 0).sum(axis=1)
    genes = sorted(wide.index, key=lambda gene: (gene != "ERBB2", -frequency[gene], gene))
    wide = wide.loc[genes[: GENES + 1]]
    left_first = sorted(subjects, key=lambda subject: ([-int(value > 0) for value in wide[subject]], subject))
    return wide[left_first]


def _tracks(
    subjects: pd.Index, her2: pd.DataFrame, responses: pd.DataFrame, ctdna: pd.DataFrame
) -> list[tuple[str, list[str], Mapping[str, str], Mapping[str, str]]]:
    level = her2.set_index("subject_id")["level"].reindex(subjects).fillna("")
    best = responses.set_index("subject_id")["confirmed_bor"].reindex(subjects).fillna("")
    cleared = ctdna.set_index("subject_id")["clearance"].reindex(subjects).fillna("")
    return [
        ("HER2 level", list(level), HER2_COLOURS, HER2_NAMES),
        ("confirmed response", list(best), RESPONSE_COLOURS, {}),
        ("ctDNA clearance", list(cleared), CLEARANCE_COLOURS, CLEARANCE_NAMES),
    ]


def _strip(axes: plt.Axes, colours: list[str], row: int) -> None:
    palette = sorted(set(colours))
    numbers = np.array([[palette.index(colour) for colour in colours]])
    axes.imshow(
        numbers, cmap=ListedColormap(palette), vmin=0, vmax=max(len(palette) - 1, 1), aspect="auto",
        interpolation="none", extent=(-0.5, len(colours) - 0.5, row + 0.42, row - 0.42),
    )  # fmt: skip


def _columns(top: plt.Axes, grid: plt.Axes, subjects: pd.Index, rows: int) -> None:
    grid.set_xlim(-0.5, len(subjects) - 0.5)
    if len(subjects) > MANY:
        grid.set_xticks([])
        grid.set_xlabel(counted(len(subjects), "subject"))
        return
    grid.set_xticks(range(len(subjects)), subjects, rotation=90, fontsize=6)
    for axes in (top, grid):
        axes.vlines(np.arange(0.5, len(subjects) - 1), -0.5, rows - 0.5, color="white", linewidth=1)
    grid.hlines(np.arange(0.5, rows - 1), -0.5, len(subjects) - 0.5, color="white", linewidth=1)


def _legends(figure: Figure, grid: plt.Axes, tracks: list, kinds: set[int]) -> None:
    groups = [("alteration", {KINDS[kind]: KIND_COLOURS[kind] for kind in sorted(kinds) if kind})]
    groups += [
        (title, {names.get(key, key): colour for key, colour in colours.items() if key and key in values})
        for title, values, colours, names in tracks
    ]
    line = 0.155 / (figure.get_size_inches()[1] * grid.get_position().height)
    top = 1.0 + 4.2 * line
    for title, entries in groups:
        handles = [
            Patch(facecolor=colour, edgecolor="#888888", label=name) for name, colour in entries.items()
        ]
        legend = grid.legend(
            handles=handles, title=title, loc="upper left", bbox_to_anchor=(1.01, top), alignment="left",
            fontsize=7, title_fontsize=7.5, handlelength=1, borderaxespad=0,
        )  # fmt: skip
        legend.set_clip_on(False)
        grid.legend_ = None
        figure.add_artist(legend)
        top -= (len(entries) + 1.6) * line
