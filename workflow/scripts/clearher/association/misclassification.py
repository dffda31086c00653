"""How far disagreement between readers of one specimen could have moved the trend: a sensitivity analysis."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.association.declared import Analysis
from clearher.association.frames import outcome_values, scored
from clearher.association.results import NAN, Analysed, Row, counted, sentences
from clearher.association.time_order import CannotRunError
from clearher.her2.consensus import is_adjudicator
from clearher.statistics.logistic import firth_slopes
from clearher.statistics.misclassification import corrected_counts, mc_simex, misclassification_rates
from clearher.statistics.newton import NotEstimableError

SPECIMEN = ("subject_id", "specimen_id")
SOLVED = "true counts by solving the reader matrix"


class ReaderTable(NamedTuple):
    """Pairs of readings by level, both directions counted, and the number of pairs."""

    counts: np.ndarray
    pairs: int


class _Levels(NamedTuple):
    """Levels in order with their scores, each subject's place among them, and the outcome."""

    names: Sequence[str]
    scores: np.ndarray
    places: np.ndarray
    outcome: np.ndarray


def misclassification(
    subjects: pd.DataFrame, specimens: pd.DataFrame, analysis: Analysis, settings: Mapping
) -> Analysed:
    """Firth slope per level and rates by level, as read and where they would stand without reading error.

    The slope is corrected by MC-SIMEX, the rates by solving the reader matrix for the true counts. Pairs of
    readers count only within one specimen and equal ``misclassification.within``, so that the difference
    between two antibodies or two laboratories is not taken for reading error.

    References
    ----------
    Kuechenhoff, Mwalili and Lesaffre, Biometrics 2006; 62: 85-96.
    """
    wish = settings["misclassification"]
    known, y, gone = outcome_values(subjects, analysis.outcome)
    chosen = scored(known, analysis.predictor, settings)
    y = y[known["subject_id"].isin(chosen.subjects["subject_id"])]
    if chosen.scores.nunique() < 2:
        raise CannotRunError("All subjects have one level: there is no slope to correct.")
    names = list(chosen.scale)
    places = chosen.subjects[analysis.predictor].map(names.index).to_numpy(int)
    levels = _Levels(names, np.array([chosen.scale[name] for name in names]), places, y)
    readers = reader_table(specimens, names, within=wish["within"], min_pairs=wish["min_pairs"])
    rates = reader_rates(readers)
    agreed = float(np.trace(readers.counts) / readers.counts.sum())
    within = ", ".join(["specimen", *wish["within"]])
    caveat = (
        f"Reader matrix from {counted(readers.pairs, 'pair')} of readings of the same {within} (agreement "
        f"{agreed:.2f}); a second reading stands in for the truth, so the correction is an upper bound. "
        "No test."
    )
    said = sentences(caveat, chosen.left, gone)
    return Analysed([*_slope_rows(levels, rates, settings, said), *_rate_rows(levels, rates)])


def reader_table(
    specimens: pd.DataFrame, names: Sequence[str], *, within: Sequence[str], min_pairs: int
) -> ReaderTable:
    """Cross-table of pairs of readings, each pair in both directions: neither reader is the truth.

    Parameters
    ----------
    specimens : pandas.DataFrame
        Table her2/specimens.tsv. Adjudicators are no independent readers and are left out; so are two
        readings by the same named reader.
    names : sequence of str
        Levels in order; other readings are left out.
    within : sequence of str
        Columns that a pair must share beside the specimen.
    min_pairs : int

    Raises
    ------
    CannotRunError
        Fewer pairs than asked for.
    """
    rows = specimens[specimens["level"].isin(names) & ~specimens["reader"].map(is_adjudicator).astype(bool)]
    rows = rows.sort_values([*SPECIMEN, "record"], kind="stable")
    rows = rows.assign(place=rows["level"].map(names.index).astype(int), order=np.arange(len(rows)))
    shared = [*SPECIMEN, *within]
    read = rows[[*shared, "reader", "place", "order"]]
    both = read.merge(read, on=shared, suffixes=("", "_other"))
    another = (both["reader"] != both["reader_other"]) | (both["reader"] == "")
    both = both[another & (both["order"] != both["order_other"])]
    counts, pairs = np.zeros((len(names), len(names))), len(both) // 2
    np.add.at(counts, (both["place"].to_numpy(), both["place_other"].to_numpy()), 1)
    if pairs < min_pairs:
        same = ", ".join(["specimen", *within])
        raise CannotRunError(f"{pairs} pairs of readings of the same {same}, fewer than {min_pairs}.")
    return ReaderTable(counts, pairs)


def reading_sentence(specimens: pd.DataFrame, names: Sequence[str], *, within: Sequence[str]) -> str:
    """How far two readers of one specimen agreed on the level: what stands beside every result by level."""
    try:
        readers = reader_table(specimens, names, within=within, min_pairs=1)
    except CannotRunError:
        return "No specimen was read by two readers of one laboratory and assay: reading error is not known."
    agreed = int(np.trace(readers.counts)) // 2
    return f"Two readers of one specimen gave the same level in {agreed} of {counted(readers.pairs, 'pair')}."


def reader_rates(readers: ReaderTable) -> np.ndarray:
    """Rates of a second reading by level, given the first; a level nobody read twice is taken as read."""
    unread = readers.counts.sum(axis=1) == 0
    return misclassification_rates(readers.counts + np.diag(unread.astype(float)))


def _slope_rows(levels: _Levels, rates: np.ndarray, settings: Mapping, caveat: str) -> list[Row]:
    wish = settings["misclassification"]
    try:
        found = mc_simex(
            partial(_slopes, levels),
            levels.places,
            rates,
            repeats=wish["replicates"],
            seed=settings["seed"],
        )
    except (NotEstimableError, ValueError) as reason:
        raise CannotRunError(f"No corrected slope: {reason}.") from reason
    common = {"n": len(levels.outcome), "events": int(levels.outcome.sum())}
    how = f"MC-SIMEX, {wish['replicates']} replicates, quadratic extrapolation, seed {settings['seed']}"
    why = "Readers disagree on neighbouring levels; random error draws a slope towards 1."
    corrected, naive = (float(np.exp(value)) for value in (found.estimate, found.means[0]))
    return [
        Row(
            "per level, corrected for reading error",
            corrected,
            "odds ratio",
            method=how,
            why_method=why,
            caveat=caveat,
            headline=True,
            **common,
        ),
        Row("per level, as read", naive, "odds ratio", method="Firth logistic regression", **common),
    ]


def _slopes(levels: _Levels, places: np.ndarray) -> np.ndarray:
    """Firth's slope per level of every row of places; 0 where all subjects have one level."""
    at = places[:, :, None] == np.arange(len(levels.names))
    totals, responders = at.sum(axis=1), (at & (levels.outcome == 1)[:, None]).sum(axis=1)
    lowest = np.where(totals > 0, levels.scores, np.inf).min(axis=1)
    spread = lowest < np.where(totals > 0, levels.scores, -np.inf).max(axis=1)
    slopes = np.zeros(len(places))
    slopes[spread] = firth_slopes(levels.scores, responders[spread], totals[spread])
    return slopes


def _rate_rows(levels: _Levels, rates: np.ndarray) -> list[Row]:
    """Response rate of each level from the true responders and subjects that the readings stand for."""
    size = len(levels.names)
    totals = np.bincount(levels.places, minlength=size)
    responders = np.bincount(levels.places, weights=levels.outcome, minlength=size)
    try:
        n, r = corrected_counts(totals, rates), corrected_counts(responders, rates)
    except ValueError as reason:
        why = f"Not estimable: {reason}."
        return [Row("rates, corrected for reading error", method=SOLVED, caveat=why)]
    return [
        Row(
            f"rate, corrected for reading error: {name}",
            _share(r.counts[place], n.counts[place]),
            "response rate",
            groups=f"{name} {int(responders[place])}/{totals[place]} as read",
            n=int(totals[place]),
            events=int(responders[place]),
            method=SOLVED,
            caveat=f"{r.counts[place]:.1f} responders of {n.counts[place]:.1f} subjects.",
        )
        for place, name in enumerate(levels.names)
    ]


def _share(responders: float, subjects: float) -> float:
    """Responders / subjects; missing where the solution is no share."""
    return responders / subjects if 0 <= responders <= subjects and subjects > 0 else NAN
