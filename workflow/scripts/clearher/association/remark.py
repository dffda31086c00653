"""The REMARK profile: who and what was studied, and every analysis that was run, with its result."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.association.analyses import AssociationData
from clearher.association.declared import declared_analyses
from clearher.association.earlier import dropped
from clearher.association.results import sentences
from clearher.columns import association as columns
from clearher.statistics.survival import quantile, reverse_kaplan_meier
from clearher.tables import frame_of


def remark_profile(data: AssociationData, results: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    """Section A (patients, markers, cut points, exclusions, follow-up) and B (one line an analysis and test).

    Parameters
    ----------
    data : AssociationData
        What the analyses saw.
    results : pandas.DataFrame
        Table association/results.tsv.
    settings : Mapping
        The config section ``association``.

    Returns
    -------
    pandas.DataFrame
        Table association/remark.tsv.

    References
    ----------
    Altman, McShane, Sauerbrei and Taube, BMC Medicine 2012; 10:51; Sauerbrei et al., BMC Medicine 2022;
    20:184.
    """
    first = [
        *_patients(data, settings),
        *_markers(data.subjects, settings),
        *_follow_up(data, settings),
        *_dropped(data, settings),
    ]
    parts = [("A", line) for line in first] + [("B", line) for line in _analysis_lines(results)]
    counts = {"A": 0, "B": 0}
    rows = []
    for section, line in parts:
        counts[section] += 1
        rows.append({"section": section, "position": counts[section], **line})
    return frame_of(rows, columns.REMARK)


def _patients(data: AssociationData, settings: Mapping) -> list[dict]:
    lines = [{"item": "Subjects", "value": "in the analysis set", "n": len(data.subjects)}]
    for name, rows in data.populations.groupby("population"):
        inside = int(rows["included"].fillna(False).sum())
        lines.append({"item": f"Population {name}", "value": "named in the configuration", "n": inside})
    lines.append(
        {
            "item": "Response",
            "value": f"as assessed by {settings['evaluator'].lower()}",
            "n": _known(data.subjects["responder"]),
            "events": int(data.subjects["responder"].fillna(False).sum()),
        }
    )
    return lines


def _markers(subjects: pd.DataFrame, settings: Mapping) -> list[dict]:
    landmark = settings["landmark"]
    scores = ", ".join(f"{name} {score:g}" for name, score in settings["scores"]["her2_level"].items())
    lines = [
        {
            "item": "Marker: HER2 level",
            "value": f"scores set in the configuration: {scores}",
            "n": _known(subjects["her2_level"]),
        },
        {"item": "Marker: H-score", "value": "continuous", "n": _known(subjects["h_score"])},
        {
            "item": "Marker: ctDNA at baseline",
            "value": "detected or not, and level",
            "n": _known(subjects["ctdna_baseline_level"]),
        },
        {
            "item": "Cut points: landmark",
            "value": (
                f"study day {landmark['day']}, samples of the {landmark['window_days']} days before it; "
                f"grid {', '.join(map(str, landmark['grid_days']))}; set in the configuration"
            ),
        },
    ]
    undated = int((subjects["her2_level"].ne("") & subjects["her2_known_day"].isna()).sum())
    if undated:
        lines.append(
            {
                "item": "HER2 specimens without a full date",
                "value": "taken as baseline by the HER2 rules",
                "n": undated,
            }
        )
    return lines


def _follow_up(data: AssociationData, settings: Mapping) -> list[dict]:
    lines = []
    for endpoint in ("pfs", "os"):
        rows = data.subjects[
            data.subjects[f"{endpoint}_days"].notna() & data.subjects[f"{endpoint}_event"].notna()
        ]
        if rows.empty:
            continue
        curve = reverse_kaplan_meier(rows[f"{endpoint}_days"], rows[f"{endpoint}_event"])
        median = quantile(curve, 0.5).estimate / settings["days_per_month"]
        said = "not estimable" if np.isnan(median) else f"{median:.1f} months"
        lines.append(
            {
                "item": f"Follow-up: {endpoint.upper()}",
                "value": f"median {said} by reverse Kaplan-Meier",
                "n": len(rows),
                "events": int(rows[f"{endpoint}_event"].sum()),
            }
        )
    return lines


def _dropped(data: AssociationData, settings: Mapping) -> list[dict]:
    """What the previous cut analysed and this one does not."""
    names = dropped(declared_analyses(settings), data.earlier)
    if not names:
        return []
    item = f"Analyses of cut {data.earlier.cut} that are no longer declared"
    return [{"item": item, "value": ", ".join(names)}]


def _analysis_lines(results: pd.DataFrame) -> list[dict]:
    return [
        {
            "item": f"{row.analysis_id}: {row.term}",
            "value": _variables(row),
            "n": row.n,
            "events": row.events,
            "result": result_text(row),
            "remarks": sentences(_standing(row), row.caveat),
        }
        for row in results.itertuples()
    ]


def result_text(row) -> str:
    """Estimate and interval first, then p."""
    parts = []
    if pd.notna(row.estimate):
        parts.append(f"{row.estimate_name} {row.estimate:.3g}")
        if pd.notna(row.low) or pd.notna(row.high):
            parts.append(f"({_limit(row.low)} to {_limit(row.high)})")
    if pd.notna(row.p):
        parts.append(f"p {row.p:.3g}" if row.p >= 1e-4 else "p < 0.0001")
    if pd.notna(row.p_adjusted):
        parts.append(f"adjusted p {row.p_adjusted:.3g}" if row.p_adjusted >= 1e-4 else "adjusted p < 0.0001")
    return ", ".join(parts).replace(", (", " (") or row.method


def _limit(value: float) -> str:
    return "not estimable" if np.isnan(value) else f"{value:.3g}"


def _variables(row) -> str:
    adjusted = f", with {row.adjustment.replace(';', ', ')}" if row.adjustment else ""
    return f"{row.outcome} by {row.predictor}{adjusted}; {row.method}"


def _standing(row) -> str:
    rank = "Primary." if row.primary and row.headline else "" if row.headline else "Sensitivity or detail."
    if not row.primary and row.headline:
        rank = "Exploratory." if row.family.startswith("exploratory") else "Secondary."
    return sentences(rank, f"Not as declared at the first cut: {row.added}." if row.added else "")


def _known(values: pd.Series) -> int:
    return int((values.notna() & (values.astype(object) != "")).sum())
