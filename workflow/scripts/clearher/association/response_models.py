"""Response against ordered levels and numbers: exact tests first, then Firth beside maximum likelihood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from clearher.association.declared import Analysis
from clearher.association.frames import design, known_rows, number, outcome_values, scored
from clearher.association.level_tables import (
    contrast_rows,
    groups_text,
    level_frame,
    level_table,
    merged_table,
    rate_rows,
    stratified_row,
    trend_rows,
)
from clearher.association.results import Analysed, Row, counted, interval_row, ratio_row, sentences
from clearher.association.time_order import CannotRunError
from clearher.statistics.jonckheere import jonckheere
from clearher.statistics.logistic import (
    Fit,
    choose_method,
    likelihood_ratio,
    logistic_firth,
    logistic_ml,
    separation,
)
from clearher.statistics.newton import NotEstimableError
from clearher.statistics.ordinal import proportional_odds
from clearher.statistics.proportions import Interval
from clearher.statistics.ranks import mann_whitney, spearman
from clearher.statistics.roc import auc
from clearher.statistics.spline import knots, restricted_cubic_spline

PREDICTOR = "predictor"
FITS: dict[str, Callable[..., Fit]] = {"firth": logistic_firth, "ml": logistic_ml}
FIT_NAMES = {
    "firth": "Firth logistic regression, profile interval, penalised likelihood-ratio p",
    "ml": "maximum likelihood logistic regression, profile interval, likelihood-ratio p",
}


def levels_response(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """Response by ordered level: rates, exact trend, contrasts, stratified trend, Firth beside ML.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Rows of the analysis set, already cut to the population.
    analysis : Analysis
        outcome (yes/no), predictor (a variable with scores), strata, adjustment.
    settings : Mapping
        The config section ``association``.
    """
    confidence = settings["confidence"]
    known, y, gone = outcome_values(subjects, analysis.outcome)
    chosen = scored(known, analysis.predictor, settings)
    together = settings["merged"].get(analysis.predictor, ())
    joint = merged_table(known[analysis.predictor], y, chosen.scale, together)
    y = y[known["subject_id"].isin(chosen.subjects["subject_id"])]
    table = level_table(chosen.scores, y, chosen.scale)
    trend = trend_rows(table, settings, joint)
    rows = [
        replace(trend[0], caveat=sentences(chosen.left, gone, trend[0].caveat)),
        *trend[1:],
        *rate_rows(table, confidence),
        *contrast_rows(table, confidence),
        *_stratified(chosen.subjects, chosen.scores, y, chosen.scale, analysis, settings),
        *_slope_rows(chosen.subjects, chosen.scores, y, analysis, settings, per="level"),
        *_factor_row(chosen.scores, y),
    ]
    return Analysed(rows, levels=level_frame(table, confidence))


def rules_response(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """The exact trend and the Firth slope under every rule that picks one level a subject."""
    names = [name for name in subjects.columns if name.startswith(f"{analysis.predictor}_")]
    rows = []
    for name in names:
        rule = name.removeprefix(f"{analysis.predictor}_")
        known, y, _ = outcome_values(subjects, analysis.outcome)
        try:
            chosen = scored(known, name, settings)
        except CannotRunError as reason:
            rows.append(Row(f"exact trend: {rule}", method="not run", caveat=str(reason)))
            continue
        y = y[known["subject_id"].isin(chosen.subjects["subject_id"])]
        table = level_table(chosen.scores, y, chosen.scale)
        first = trend_rows(table, settings)[0]
        rows.append(
            Row(
                f"exact trend: {rule}",
                p=first.p,
                groups=groups_text(table),
                n=first.n,
                events=first.events,
                method=first.method,
                caveat=chosen.left,
            )
        )
        rows += [
            replace(row, term=f"{row.term}: {rule}")
            for row in _slope_rows(chosen.subjects, chosen.scores, y, analysis, settings, per="level")
            if "Firth" in row.term
        ]
    if not rows:
        raise CannotRunError(f"The data hold no levels under other rules ({analysis.predictor}_<rule>).")
    return Analysed(rows)


def number_response(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """Response by a number: Firth beside ML, adjusted, non-linearity by spline, ROC area, rank test."""
    known, _, gone = outcome_values(subjects, analysis.outcome)
    filled, missing = known_rows(known, [analysis.predictor])
    if filled.empty:
        raise CannotRunError(f"No subject has a value of {analysis.predictor}.")
    y = filled[analysis.outcome].astype(float).to_numpy()
    x, note = number(filled, analysis.predictor, analysis.transform)
    rows = _slope_rows(filled, x, y, analysis, settings, per=_unit_name(analysis, settings))
    rows[0] = replace(rows[0], headline=True, caveat=sentences(gone, missing, note, rows[0].caveat))
    area = auc(x, y, settings["confidence"])
    common = {"groups": _halves(x, y), "n": len(y), "events": int(y.sum())}
    rows.append(interval_row("ROC area", Interval(*area[:3]), "area", method="DeLong", **common))
    rank = mann_whitney(x[y == 1], x[y == 0])
    rows.append(
        Row("Mann-Whitney", rank.statistic, "P(responder higher)", p=rank.p, method=rank.how, **common)
    )
    rows += _bend_row(x, y)
    return Analysed(rows)


def ordered_response(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """Ordered best response by level: proportional odds, with the tie-corrected Jonckheere-Terpstra test."""
    chosen = scored(subjects, analysis.predictor, settings)
    with_level = chosen.subjects.assign(_score=chosen.scores.to_numpy())
    answered = scored(with_level, analysis.outcome, settings)
    ranked = answered.subjects.assign(_rank=answered.scores.to_numpy())
    rank = jonckheere(answered.subjects["_score"], answered.scores)
    counts = answered.subjects.groupby(analysis.predictor)[analysis.outcome].value_counts()
    groups = "; ".join(f"{level} {answer} {n}" for (level, answer), n in counts.sort_index().items())
    rows = [_odds_row("proportional odds", ranked, (), settings, "")]
    if analysis.adjustment:
        rows.append(_adjusted_odds_row(ranked, analysis.adjustment, settings))
    rows.append(
        Row(
            "Jonckheere-Terpstra",
            rank.z,
            "z",
            p=rank.p,
            groups=groups,
            n=len(answered.scores),
            method="Jonckheere-Terpstra test, corrected for ties",
            why_method="No model: only the order of levels and responses is used.",
            caveat=sentences(chosen.left, answered.left),
            headline=True,
        )
    )
    return Analysed(rows[-1:] + rows[:-1])


def levels_change(subjects: pd.DataFrame, analysis: Analysis, settings: Mapping) -> Analysed:
    """A continuous outcome by ordered level: Jonckheere-Terpstra, Spearman, and medians by level."""
    known, gone = known_rows(subjects, [analysis.outcome])
    chosen = scored(known, analysis.predictor, settings)
    y = chosen.subjects[analysis.outcome].astype(float)
    rank, rho = jonckheere(chosen.scores, y), spearman(chosen.scores, y)
    medians = y.groupby(chosen.subjects[analysis.predictor]).agg(["median", "size"])
    medians = medians.reindex([level for level in chosen.scale if level in medians.index])
    groups = "; ".join(
        f"{level} median {row['median']:.1f} (n {row['size']:.0f})" for level, row in medians.iterrows()
    )
    return Analysed(
        [
            Row(
                "Jonckheere-Terpstra",
                rank.z,
                "z",
                p=rank.p,
                groups=groups,
                n=len(y),
                method="Jonckheere-Terpstra test, corrected for ties",
                why_method="Ordered groups, continuous outcome: no shape and no equal steps are assumed.",
                caveat=sentences(chosen.left, gone),
                headline=True,
            ),
            Row("Spearman", rho.statistic, "rho", p=rho.p, n=len(y), method=f"Spearman, {rho.how}"),
        ]
    )


def _slope_rows(
    subjects: pd.DataFrame, x: pd.Series, y: np.ndarray, analysis: Analysis, settings: Mapping, *, per: str
) -> list[Row]:
    """Odds ratio of the predictor, unadjusted and adjusted, the chosen method first."""
    extras = tuple(dict.fromkeys([*analysis.adjustment, *([analysis.strata] if analysis.strata else [])]))
    frame = subjects.assign(_x=x.to_numpy(), _y=y)
    if analysis.strata in subjects:
        # Strata are categories also where they are numbers: ECOG 0, 1, 2 has no slope.
        frame[analysis.strata] = subjects[analysis.strata].astype("string")
    rows = _model_rows(frame, (), analysis, settings, per)
    return rows + _model_rows(frame, extras, analysis, settings, per) if extras else rows


def _model_rows(
    frame: pd.DataFrame, names: Sequence[str], analysis: Analysis, settings: Mapping, per: str
) -> list[Row]:
    absent = [name for name in names if name not in frame]
    suffix = f", adjusted for {', '.join(names)}" if names else ""
    if absent:
        return [Row(f"per {per}{suffix}", method="not run", caveat=f"The data hold no {', '.join(absent)}.")]
    rows, missing = known_rows(frame, names)
    x = pd.concat([rows["_x"].rename(PREDICTOR).astype(float), design(rows, names)], axis=1)
    y = rows["_y"].to_numpy(float)
    common = {"n": len(y), "events": int(y.sum())}
    try:
        found = separation(x, y)
    except NotEstimableError as reason:
        return [Row(f"per {per}{suffix}", method="not estimable", caveat=f"{reason}.", **common)]
    rarer = int(min(y.sum(), len(y) - y.sum()))
    choice = choose_method(
        found, events=rarer, parameters=x.shape[1], empty_level=_empty_level(rows, analysis)
    )
    unit = settings["units"].get(analysis.predictor, 1.0) if analysis.transform == "none" else 1.0
    order = [choice.method, *(name for name in FITS if name != choice.method)]
    return [
        _fit_row(
            method,
            f"per {per}{suffix}, {'Firth' if method == 'firth' else 'ML'}",
            (x, y, settings["confidence"]),
            unit,
            {**common, "why_method": choice.why, "caveat": missing},
        )
        for method in order
    ]


def _fit_row(method: str, term: str, data: tuple, unit: float, common: dict) -> Row:
    try:
        fit = FITS[method](*data)
    except NotEstimableError as reason:
        said = sentences(common["caveat"], f"Not estimable: {reason}.")
        return Row(term, estimate_name="odds ratio", method=FIT_NAMES[method], **{**common, "caveat": said})
    return ratio_row(term, fit, PREDICTOR, "odds ratio", unit, method=FIT_NAMES[method], **common)


def _empty_level(frame: pd.DataFrame, analysis: Analysis) -> bool:
    if frame["_x"].nunique() > 10:
        return False
    shares = frame.groupby("_x")["_y"].mean()
    return bool(shares.isin([0.0, 1.0]).any())


def _stratified(
    subjects: pd.DataFrame,
    scores: pd.Series,
    y: np.ndarray,
    scale: Mapping[str, float],
    analysis: Analysis,
    settings: Mapping,
) -> list[Row]:
    if not analysis.strata:
        return []
    if analysis.strata not in subjects:
        why = f"The data hold no {analysis.strata}."
        return [Row(f"exact trend, stratified by {analysis.strata}", method="not run", caveat=why)]
    labels = subjects[analysis.strata].astype(object).where(subjects[analysis.strata].notna(), "")
    known = labels != ""
    tables = {
        str(name): level_table(scores[(labels == name).to_numpy()], y[(labels == name).to_numpy()], scale)
        for name in sorted(labels[known].unique(), key=str)
    }
    gone = int((~known).sum())
    caveat = f"Left out: {counted(gone, 'subject')} without {analysis.strata}." if gone else ""
    return [stratified_row(tables, analysis.strata, settings["seed"], caveat)] if tables else []


def _factor_row(scores: pd.Series, y: np.ndarray) -> list[Row]:
    """Whether the levels differ by more than a straight line in the score."""
    levels = sorted(scores.unique())
    if len(levels) < 3:
        return []
    x = pd.DataFrame({PREDICTOR: scores})
    bends = {f"bend {k:g}": (scores == k).astype(float) for k in levels[2:]}
    common = {"n": len(y), "events": int(y.sum()), "method": "likelihood ratio, linear score against factor"}
    try:
        p = likelihood_ratio(x.assign(**bends), y, list(bends))
    except NotEstimableError as reason:
        return [Row("linear against factor", caveat=f"Not estimable: {reason}.", **common)]
    return [Row("linear against factor", p=p, **common)]


def _bend_row(x: pd.Series, y: np.ndarray) -> list[Row]:
    common = {
        "n": len(y),
        "events": int(y.sum()),
        "method": "restricted cubic spline, 3 knots at the 10th, 50th and 90th percentile, likelihood ratio",
    }
    try:
        basis = restricted_cubic_spline(x, knots(x))
        return [Row("non-linearity", p=likelihood_ratio(basis, y, ["bend_1"]), **common)]
    except NotEstimableError as reason:
        return [Row("non-linearity", caveat=f"Not estimable: {reason}.", **common)]


def _adjusted_odds_row(ranked: pd.DataFrame, names: Sequence[str], settings: Mapping) -> Row:
    term = f"proportional odds, adjusted for {', '.join(names)}"
    absent = [name for name in names if name not in ranked]
    if absent:
        return Row(term, method="not run", caveat=f"The data hold no {', '.join(absent)}.")
    adjusted, missing = known_rows(ranked, names)
    return _odds_row(term, adjusted, names, settings, missing)


def _odds_row(term: str, frame: pd.DataFrame, names: Sequence[str], settings: Mapping, missing: str) -> Row:
    x = pd.concat([frame["_score"].rename(PREDICTOR).reset_index(drop=True), design(frame, names)], axis=1)
    common = {"n": len(frame), "method": "proportional odds regression, profile interval, likelihood-ratio p"}
    try:
        fit = proportional_odds(x, frame["_rank"], settings["confidence"])
    except NotEstimableError as reason:
        caveat = sentences(missing, f"Not estimable: {reason}.")
        return Row(term, estimate_name="odds ratio", caveat=caveat, **common)
    return ratio_row(
        term, fit, PREDICTOR, "odds ratio of a better response per level", caveat=missing, **common
    )


def _unit_name(analysis: Analysis, settings: Mapping) -> str:
    if analysis.transform == "log10":
        return f"tenfold {analysis.predictor}"
    unit = settings["units"].get(analysis.predictor, 1.0)
    return f"{unit:g} {analysis.predictor}" if unit != 1 else analysis.predictor


def _halves(x: pd.Series, y: np.ndarray) -> str:
    parts = [
        f"{name} median {x[y == value].median():.3g} (n {int((y == value).sum())})"
        for name, value in (("responders", 1), ("others", 0))
        if (y == value).any()
    ]
    return "; ".join(parts)
