"""Agreement of laboratories, readers and assays on the same specimen, and of two specimens of a subject."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from clearher.columns import her2 as columns
from clearher.her2.category import LEVELS
from clearher.her2.consensus import is_adjudicator, specimen_results
from clearher.her2.ihc import SCORES
from clearher.her2.readers import reader_statistics
from clearher.statistics.kappa import WEIGHTS, agreement_table, kappa
from clearher.statistics.proportions import NAN, clopper_pearson
from clearher.tables import frame_of

SCALES: Mapping[str, tuple[str, Sequence[str]]] = {"score": ("ihc_score", SCORES), "level": ("level", LEVELS)}
SPECIMEN = ["subject_id", "specimen_id"]
WEIGHT_WORDS = {"unweighted": "unweighted", "linear": "linear weights", "quadratic": "quadratic weights"}
KINDS: Mapping[str, Sequence[str]] = {
    "laboratory": (),
    "origin": (),
    "reader": ("laboratory", "assay"),
    "assay": ("laboratory", "reader"),
}


def agreement_statistics(
    readings: pd.DataFrame, conversions: pd.DataFrame, *, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """All statistics of agreement: laboratories, in-house by outside, readers in pairs and all, assays, flow.

    Parameters
    ----------
    readings : pandas.DataFrame
        :data:`clearher.columns.her2.SPECIMENS`.
    conversions : pandas.DataFrame
        :data:`clearher.columns.her2.CONVERSION`.
    settings : Mapping
        Section ``her2`` of the configuration.

    Returns
    -------
    pandas.DataFrame
        :data:`clearher.columns.her2.AGREEMENT`. Intervals of scores and missing results are left out and
        counted; an unspecified zero has a score but no level.
    """
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        for first, second, pairs in paired_readings(readings, kind, settings=settings):
            rows += pair_statistics(pairs, kind, first, second, confidence=settings["confidence"])
    rows += reader_statistics(readings, confidence=settings["confidence"])
    for flow, members in conversions.groupby("flow", sort=True):
        first, second = str(flow).split(" to ")
        pairs = pd.DataFrame(
            {
                "first_ihc_score": members["from_score"],
                "second_ihc_score": members["to_score"],
                "first_level": members["from_level"],
                "second_level": members["to_level"],
            }
        )
        rows += pair_statistics(pairs, "flow", first, second, confidence=settings["confidence"])
    return frame_of(rows, columns.AGREEMENT)


def paired_readings(
    readings: pd.DataFrame, kind: str, *, settings: Mapping[str, Any]
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Pairs of results on the same specimen that differ in one property only.

    Parameters
    ----------
    readings : pandas.DataFrame
        :data:`clearher.columns.her2.SPECIMENS`.
    kind : str
        laboratory or origin (one result each, as issued: readers joined, an adjudicator settles them), reader
        (within laboratory and assay) or assay (within laboratory and reader). Between readers and assays
        adjudicators are left out: they are no independent readers.
    settings : Mapping
        Section ``her2`` of the configuration.

    Yields
    ------
    tuple of str, str, pandas.DataFrame
        Names of the two, and one row a pair with ``first_`` and ``second_`` of ``ihc_score`` and ``level``.
    """
    frame = readings[readings[kind] != ""]
    if kind != "origin":
        frame = frame[frame["origin"] == "in-house"]
    if KINDS[kind]:
        frame = frame[~frame["reader"].map(is_adjudicator).astype(bool)]
    else:
        parts = [
            specimen_results(part, settings=settings).assign(**{kind: name})
            for name, part in frame.groupby(kind, sort=True)
        ]
        frame = pd.concat(parts) if parts else frame
    within = [*SPECIMEN, *KINDS[kind]]
    frame = frame.sort_values([*SPECIMEN, "record"]).drop_duplicates([*within, kind])
    frame = frame[[*within, kind, "ihc_score", "level"]]
    for first, second in combinations(sorted(frame[kind].unique()), 2):
        pairs = frame[frame[kind] == first].merge(frame[frame[kind] == second], on=within)
        pairs = pairs.rename(columns=_side)
        if kind == "reader":
            yield from _apart(first, second, pairs)
        elif len(pairs):
            yield first, second, pairs


def _apart(first: str, second: str, pairs: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Two readers within each laboratory and assay; named beside the reader where there are several."""
    parts = list(pairs.groupby(list(KINDS["reader"]), sort=True))
    for where, part in parts:
        place = f" ({', '.join(name or 'not stated' for name in where)})" if len(parts) > 1 else ""
        yield first, f"{second}{place}", part


def pair_statistics(
    pairs: pd.DataFrame, kind: str, first: str, second: str, *, confidence: float
) -> list[dict[str, Any]]:
    """Agreement, kappas and, for flows, McNemar's test of zero against stained, on both scales."""
    rows = []
    for scale, (column, categories) in SCALES.items():
        usable = pairs[f"first_{column}"].isin(categories) & pairs[f"second_{column}"].isin(categories)
        table = agreement_table(
            pairs.loc[usable, f"first_{column}"], pairs.loc[usable, f"second_{column}"], categories
        )
        found = table_statistics(table, confidence=confidence, zeros=0 if kind != "flow" else _zeros(scale))
        common = {"kind": kind, "first": first, "second": second, "scale": scale}
        counts = {"n": int(usable.sum()), "n_left_out": int((~usable).sum())}
        rows += [common | counts | row for row in found]
    return rows


def table_statistics(table: np.ndarray, *, confidence: float, zeros: int) -> list[dict[str, Any]]:
    """Statistics of a square table of counts, first rater in rows.

    Parameters
    ----------
    table : array of shape (k, k)
    confidence : float
        Coverage.
    zeros : int
        Number of leading categories that are zero for McNemar's test; 0 leaves the test out.
    """
    n, equal = int(table.sum()), int(np.trace(table))
    share = clopper_pearson(equal, n, confidence)
    rows = [
        {"statistic": "agreement", "count": equal, **share._asdict(), "method": "Clopper-Pearson interval"},
    ]
    for weights in WEIGHTS:
        value = kappa(table, weights, confidence)
        rows.append(
            {
                "statistic": f"kappa_{weights}",
                "estimate": value.estimate,
                "low": value.low,
                "high": value.high,
                "method": f"Cohen's kappa, {WEIGHT_WORDS[weights]}, asymptotic interval",
            }
        )
    return [*rows, _mcnemar(table, zeros, confidence)] if zeros else rows


def _mcnemar(table: np.ndarray, zeros: int, confidence: float) -> dict[str, Any]:
    left, entered = int(table[:zeros, zeros:].sum()), int(table[zeros:, :zeros].sum())
    moved = left + entered
    p = min(1.0, 2 * float(special.bdtr(min(left, moved - left), moved, 0.5))) if moved else NAN
    share = clopper_pearson(left, moved, confidence)
    method = "exact McNemar test, zero (null or ultralow) against 1+ and more"
    return {"statistic": "mcnemar_zero", "count": moved, **share._asdict(), "p": p, "method": method}


def _zeros(scale: str) -> int:
    return {"score": 1, "level": 2}[scale]


def _side(name: str) -> str:
    for suffix, side in (("_x", "first_"), ("_y", "second_")):
        if name.endswith(suffix):
            return side + name[: -len(suffix)]
    return name
