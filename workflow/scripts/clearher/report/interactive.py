"""Interactive figures as Vega-Lite specifications; their data comes from the subject page's records."""

from dataclasses import asdict
from typing import Any

import altair as alt
import vl_convert

from clearher.report.blocks import Chart
from clearher.report.packing import packed
from clearher.report.palette import (
    CLEARANCE_COLOURS,
    CLEARANCE_NAMES,
    CTDNA_COLOURS,
    CTDNA_NAMES,
    HER2_NAMES,
    RESPONSE_COLOURS,
    RESPONSES,
)

WIDTH, HEIGHT = 720, 320
RESPONSE_SCALE = alt.Scale(
    domain=list(RESPONSES), range=[RESPONSE_COLOURS[name].replace("#FFFFFF", "#4D4D4D") for name in RESPONSES]
)


def charts() -> tuple[Chart, ...]:
    """Waterfall, trajectories and ctDNA against tumour size; a click on a mark opens the subject's page.

    Returns
    -------
    tuple of Chart
        Specifications that name the data sets ``subjects`` and ``draws``, which the page's script fills.
    """
    return (
        Chart("waterfall", "Best change, interactive", CLICK, "waterfall", _spec(_waterfall())),
        Chart("trajectories", "ctDNA level, interactive", CLICK, "all_trajectories", _spec(_trajectories())),
        Chart(
            "ctdna_tumour",
            "ctDNA and tumour, interactive",
            CLICK,
            "ctdna_tumour",
            _spec(_ctdna_tumour()),
        ),
    )


CLICK = "Point at a mark for the subject, click it for the whole story."


def chart_file() -> dict[str, Any]:
    """The interactive figures as the page takes them; no data is in it, so that it can be made at any time.

    Returns
    -------
    dict
        ``charts``: name, title, reading, drawn figure and specification of each; ``script``: what draws
        them, packed.
    """
    return {"charts": [asdict(chart) for chart in charts()], "script": packed(bundle())}


def bundle() -> str:
    """Script of Vega, Vega-Lite and Vega-Embed; sets ``window.vegaEmbed`` and fetches nothing."""
    return vl_convert.javascript_bundle()


def _waterfall() -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("subjects"), width=WIDTH, height=HEIGHT)
        .transform_filter("isValid(datum.change)")
        .mark_bar()
        .encode(
            x=alt.X("subject:N", sort=alt.EncodingSortField("change", order="descending"), axis=None),
            y=alt.Y("change:Q", title="best change of target lesions, %"),
            color=alt.Color("confirmed:N", scale=RESPONSE_SCALE, title="confirmed"),
            tooltip=["subject:N", "change:Q", "confirmed:N", "her2:N", "clearance:N"],
        )
    )


def _trajectories() -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("draws"), width=WIDTH, height=HEIGHT).encode(
        x=alt.X("month:Q", title="months from first dose"),
        y=alt.Y("height:Q", scale=alt.Scale(type="log"), title="ctDNA level; not detected: its limit"),
        detail="subject:N",
    )
    chosen = alt.selection_point(
        name="near", fields=["subject"], on="pointerover", nearest=False, empty=False
    )
    opacity = alt.condition(chosen, alt.value(1), alt.value(0.25))
    names = list(CTDNA_NAMES.values())[:3]
    lines = base.mark_line(strokeWidth=1.2).encode(
        color=alt.Color(
            "clearance:N",
            scale=alt.Scale(
                domain=list(CLEARANCE_NAMES.values())[:4], range=list(CLEARANCE_COLOURS.values())[:4]
            ),
        ),
        opacity=opacity,
    )
    points = base.mark_point(filled=True, size=28).encode(
        shape=alt.Shape(
            "state:N",
            scale=alt.Scale(domain=names, range=["circle", "triangle-down", "triangle-down"]),
            title="draw",
        ),
        fill=alt.Fill(
            "state:N", scale=alt.Scale(domain=names, range=list(CTDNA_COLOURS.values())[:3]), title="draw"
        ),
        opacity=alt.condition(chosen, alt.value(1), alt.value(0.5)),
        tooltip=["subject:N", "visit:N", "state:N", "height:Q"],
    )
    return alt.layer(lines, points.add_params(chosen)).resolve_scale(color="independent")


def _ctdna_tumour() -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("subjects"), width=WIDTH, height=HEIGHT)
        .transform_filter("isValid(datum.change) && datum.ratio > 0")
        .mark_point(filled=True, size=60)
        .encode(
            x=alt.X("ratio:Q", scale=alt.Scale(type="log"), title="lowest ctDNA ratio to baseline"),
            y=alt.Y("change:Q", title="best change of target lesions, %"),
            color=alt.Color("confirmed:N", scale=RESPONSE_SCALE, title="confirmed"),
            shape=alt.Shape("her2:N", title="HER2", scale=alt.Scale(domain=list(HER2_NAMES.values())[:7])),
            tooltip=["subject:N", "ratio:Q", "change:Q", "confirmed:N", "her2:N"],
        )
    )


def _spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    spec = chart.to_dict(validate=True)
    spec.pop("datasets", None)
    spec["usermeta"] = {"embedOptions": {"actions": False}}
    return spec
