"""How the rates of clearance and of molecular response depend on definition and metric."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.clearance import in_window, share_row
from clearher.ctdna.events import ADEQUATE, confirmation, deciding
from clearher.ctdna.ratios import with_baseline_ratio
from clearher.ctdna.response import molecular_response
from clearher.ctdna.visits import LOD_UNKNOWN, with_states
from clearher.tables import frame_of

METRICS = {"pooled": "pooled_vaf", "mean": "mean_vaf", "median": "median_vaf", "max": "max_vaf"}
CH_WORDS = "variants like clonal haematopoiesis included"
SILENT = (ADEQUATE, "NOT_DETECTED_INSUFFICIENT")


def sensitivity_table(
    course: pd.DataFrame, tracking: pd.DataFrame, subject_rows: pd.DataFrame, *, settings: Mapping
) -> pd.DataFrame:
    """Clearance rate over definitions, and response rate over cuts and metrics, with all denominators.

    Definitions of clearance at any visit after baseline: the primary one; confirmed; any non-detection, LoD
    ignored; other limits on LoD95, absolute and against the baseline level, the latter with each metric of
    that level. Molecular response at 50 and 90 % by each metric, the rule and the ratio those of
    ``ctdna/visits``: the row of the primary metric is the primary rate.

    Parameters
    ----------
    course : pandas.DataFrame
        Rows of :func:`clearher.ctdna.visits.course_frame`.
    tracking : pandas.DataFrame
        Table ``ctdna/tracking``.
    subject_rows : pandas.DataFrame
        Table ``ctdna/subjects``.
    settings : Mapping
        Configuration section ``ctdna``; used: clearance, level, lod.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/sensitivity``.
    """
    if course.empty:
        return frame_of([], columns.SENSITIVITY)
    known = course[course["baseline_state"] == "DETECTED"]
    definitions = [*_definitions(known, settings), *_responses(known, tracking, settings)]
    confidence = settings["level"]["confidence"]
    rows = [row for entry in definitions for row in _rows(*entry, subject_rows, confidence)]
    return frame_of(rows, columns.SENSITIVITY)


def ch_like_table(
    course: pd.DataFrame, tracking: pd.DataFrame, subject_rows: pd.DataFrame, *, settings: Mapping
) -> pd.DataFrame:
    """Primary clearance and response of a course whose levels include variants like clonal haematopoiesis.

    Parameters as in :func:`sensitivity_table`, all made with these variants
    (:func:`clearher.ctdna.ch_like.with_ch_like`).

    Returns
    -------
    pandas.DataFrame
        Rows of table ``ctdna/sensitivity``.
    """
    if course.empty:
        return frame_of([], columns.SENSITIVITY)
    known = course[course["baseline_state"] == "DETECTED"]
    chosen, confidence = settings["level"]["metric"], settings["level"]["confidence"]
    responses = [entry for entry in _responses(known, tracking, settings) if entry[1] == chosen]
    rows = [
        row
        for definition, metric, _, flags in [_primary(known, settings), *responses]
        for row in _rows(f"{definition}; {CH_WORDS}", metric, False, flags, subject_rows, confidence)
    ]
    return frame_of(rows, columns.SENSITIVITY)


def _primary(known: pd.DataFrame, settings: Mapping) -> tuple[str, str, bool, pd.DataFrame]:
    flags = _cleared(in_window(known, settings["clearance"]))
    return _primary_words(settings["clearance"]), settings["level"]["metric"], True, flags


def _cleared(counting: pd.DataFrame) -> pd.DataFrame:
    days = deciding(counting)
    return _flags(days, days["state"] == ADEQUATE, pd.Series(True, days.index))


def _definitions(known: pd.DataFrame, settings: Mapping) -> Iterator[tuple[str, str, bool, pd.DataFrame]]:
    chosen = settings["level"]["metric"]
    yield _primary(known, settings)
    counting = in_window(known, settings["clearance"])
    cleared, confirmed = _cleared(counting), confirmation(counting)
    kept = confirmed.loc[confirmed["clearance_confirmed"] == "CONFIRMED", "subject_id"]
    held = cleared.assign(reached=cleared["reached"] & cleared.index.isin(kept))
    yield "clearance confirmed at the next evaluable visit", chosen, False, held
    ignored = counting["reason"] == LOD_UNKNOWN
    quiet = counting["state"].isin(SILENT) | ignored
    read = quiet | (counting["state"] == "DETECTED")
    yield "any non-detection, LoD ignored", chosen, False, _flags(counting, quiet, read)
    yield from _other_limits(known, settings)


def _other_limits(known: pd.DataFrame, settings: Mapping) -> Iterator[tuple[str, str, bool, pd.DataFrame]]:
    rule, chosen = settings["clearance"], settings["level"]["metric"]
    primary = (rule["max_lod95"], rule["max_lod95_of_baseline"])
    relative = [primary, *((rule["max_lod95"], share) for share in rule["sensitivity_of_baseline"])]
    absolute = [(limit, rule["max_lod95_of_baseline"]) for limit in rule["sensitivity_max_lod95"]]
    for metric, levels in _baseline_levels(known, chosen).items():
        limits = [*absolute, *relative] if metric == chosen else relative
        for limit, share in dict.fromkeys(limits):
            if metric == chosen and (limit, share) == primary:
                continue
            again = _restated(known, levels, limit, share, settings)
            yield _limit_words(limit, share), metric, False, _cleared(again)


def _restated(
    known: pd.DataFrame, levels: pd.Series, absolute: float, share: float, settings: Mapping
) -> pd.DataFrame:
    again = with_states(
        known.assign(baseline_level=levels),
        max_lod95=absolute,
        max_lod95_of_baseline=share,
        min_covered_fraction=settings["lod"]["min_covered_fraction"],
    )
    return in_window(again, settings["clearance"])


def _baseline_levels(known: pd.DataFrame, chosen: str) -> dict[str, pd.Series]:
    levels = {chosen: known["baseline_level"]}
    at_baseline = known[known["phase"] == "BASELINE"].set_index("subject_id")
    for metric, name in METRICS.items():
        if metric != chosen and at_baseline[name].notna().any():
            levels[metric] = known["subject_id"].map(at_baseline[name])
    return levels


def _responses(
    known: pd.DataFrame, tracking: pd.DataFrame, settings: Mapping
) -> Iterator[tuple[str, str, bool, pd.DataFrame]]:
    chosen = settings["level"]["metric"]
    for metric, levels in _baseline_levels(known, chosen).items():
        rated = known if metric == chosen else _rated_by(metric, known, levels, tracking, settings)
        for cut in (0.5, 0.9):
            counting = in_window(rated.assign(answer=molecular_response(rated, cut)), settings["clearance"])
            fallen = counting["answer"].isin(["yes", "yes_supported"])
            words = f"molecular response, fall of {100 * cut:g} %"
            yield words, metric, False, _flags(counting, fallen, counting["answer"] != "")


def _rated_by(
    metric: str, known: pd.DataFrame, levels: pd.Series, tracking: pd.DataFrame, settings: Mapping
) -> pd.DataFrame:
    """The visits with level, baseline level and ratio by another metric."""
    return with_baseline_ratio(
        known.assign(level=known[METRICS[metric]], baseline_level=levels),
        tracking,
        min_covered_fraction=settings["lod"]["min_covered_fraction"],
        settings={**settings["level"], "metric": metric},
    )


def _flags(counting: pd.DataFrame, reached: pd.Series, read: pd.Series) -> pd.DataFrame:
    marked = pd.DataFrame({"subject_id": counting["subject_id"], "reached": reached, "read": read})
    return marked.groupby("subject_id")[["reached", "read"]].any()


def _rows(
    definition: str,
    metric: str,
    primary: bool,
    flags: pd.DataFrame,
    subject_rows: pd.DataFrame,
    confidence: float,
) -> list[dict]:
    found = flags.reindex(subject_rows["subject_id"], fill_value=False).to_numpy(dtype=bool)
    treated = subject_rows["denominator_treated"].to_numpy(dtype=bool)
    detected = subject_rows["denominator_baseline_detected"].to_numpy(dtype=bool)
    reached, read = found[:, 0] & detected, found[:, 1]
    counted = {"treated": treated, "baseline_detected": detected, "evaluable": detected & read}
    named = {"definition": definition, "metric": metric, "primary": primary}
    return [
        {**named, "denominator": name, **share_row(np.sum(reached & who), np.sum(who), confidence)}
        for name, who in counted.items()
    ]


def _primary_words(rule: Mapping) -> str:
    return "clearance, primary: " + _limit_words(rule["max_lod95"], rule["max_lod95_of_baseline"])


def _limit_words(absolute: float, share: float) -> str:
    return f"non-detection with LoD95 at most {absolute:g} and {share:g} x baseline level"
