"""How far disagreement between readings of one specimen could have moved the trend (MC-SIMEX)."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.linalg import fractional_matrix_power

from clearher.association.declared import Analysis
from clearher.association.frames import outcome_values, scored
from clearher.association.results import Analysed, Row, sentences
from clearher.association.time_order import CannotRunError
from clearher.statistics.logistic import firth_slopes
from clearher.statistics.newton import NotEstimableError

ADDED_ERROR = (0.5, 1.0, 1.5, 2.0)


def misclassification(
    subjects: pd.DataFrame, specimens: pd.DataFrame, analysis: Analysis, settings: Mapping
) -> Analysed:
    """Firth slope per level, and where it would stand without reading error.

    The levels are read again with error: powers 0.5, 1, 1.5 and 2 of the reader matrix;
    the mean slope is a quadratic of the added error and is continued to -1, no error at all.

    References
    ----------
    Kuechenhoff, Mwalili and Lesaffre, Biometrics 2006; 62: 85-96.
    """
    wish = settings["misclassification"]
    known, y, gone = outcome_values(subjects, analysis.outcome)
    chosen = scored(known, analysis.predictor, settings)
    y = y[known["subject_id"].isin(chosen.subjects["subject_id"])]
    names = list(chosen.scale)
    matrix, pairs = reader_matrix(specimens, names, min_pairs=wish["min_pairs"])
    place = (
        chosen.subjects[analysis.predictor]
        .map({name: index for index, name in enumerate(names)})
        .to_numpy(int)
    )
    scores = np.array([chosen.scale[name] for name in names])
    try:
        naive, corrected = _extrapolated(
            place, scores, y, matrix, replicates=wish["replicates"], seed=settings["seed"]
        )
    except NotEstimableError as reason:
        raise CannotRunError(f"No slope can be estimated: {reason}.") from reason
    agreement = float(np.trace(matrix) / len(names))
    common = {"n": len(y), "events": int(y.sum())}
    method = f"MC-SIMEX, {wish['replicates']} replicates, quadratic extrapolation, seed {settings['seed']}"
    caveat = (
        f"Reader matrix from {pairs} pairs of readings of one specimen (mean agreement {agreement:.2f}); a "
        "second reading stands in for the truth, so the correction is an upper bound. No test."
    )
    return Analysed(
        [
            Row(
                "per level, corrected for reading error",
                float(np.exp(corrected)),
                "odds ratio",
                method=method,
                why_method="Readers disagree on neighbouring levels; random error draws a slope towards 1.",
                caveat=sentences(caveat, chosen.left, gone),
                headline=True,
                **common,
            ),
            Row(
                "per level, as read",
                float(np.exp(naive)),
                "odds ratio",
                method="Firth logistic regression",
                **common,
            ),
        ]
    )


def reader_matrix(specimens: pd.DataFrame, names: list[str], *, min_pairs: int) -> tuple[np.ndarray, int]:
    """Share of second readings by level, given the first: rows add up to 1; and the number of pairs.

    Every pair of readings of one specimen counts in both directions. A level that was never read twice
    keeps its own row of the identity.

    Raises
    ------
    CannotRunError
        Fewer pairs than asked for.
    """
    rows = specimens[specimens["level"].isin(names)]
    counts, pairs = np.zeros((len(names), len(names))), 0
    for _, reads in rows.groupby(["subject_id", "specimen_id"]):
        for first, second in combinations(reads["level"].map(names.index), 2):
            counts[first, second] += 1
            counts[second, first] += 1
            pairs += 1
    if pairs < min_pairs:
        raise CannotRunError(f"{pairs} pairs of readings of one specimen, fewer than {min_pairs}.")
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.maximum(totals, 1), np.eye(len(names))), pairs


def _extrapolated(
    place: np.ndarray, scores: np.ndarray, y: np.ndarray, matrix: np.ndarray, *, replicates: int, seed: int
) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    naive = _slope(scores[place], y)
    means = [naive]
    for added in ADDED_ERROR:
        power = np.clip(np.real(fractional_matrix_power(matrix, added)), 0, None)
        limits = np.cumsum(power / power.sum(axis=1, keepdims=True), axis=1)[:, :-1]
        draws = rng.random((replicates, len(place)))
        means.append(
            float(np.mean([_slope(scores[(draw[:, None] > limits[place]).sum(axis=1)], y) for draw in draws]))
        )
    curve = np.polynomial.Polynomial.fit([0.0, *ADDED_ERROR], means, deg=2)
    return naive, float(curve(-1.0))


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    if np.ptp(x) == 0:
        return 0.0
    return float(firth_slopes(pd.DataFrame({"x": x}), y)[0])
