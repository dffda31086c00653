"""Counts of responders by ordered level, and the exact results that need nothing but the counts."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.association.results import NAN, Row, interval_row
from clearher.statistics.isotonic import isotonic_rates
from clearher.statistics.proportions import clopper_pearson, conditional_odds_ratio, newcombe_difference
from clearher.statistics.trend import (
    ExactResult,
    exact_trend,
    freeman_halton,
    midrank_scores,
    stratified_exact_trend,
    trend_power,
)

EXACT_WHY = "Exact: the p-value holds at any number of subjects and uses the declared order of the levels."


class LevelTable(NamedTuple):
    """Responders and subjects of every level of a scale, lowest first, empty levels included."""

    names: tuple[str, ...]
    scores: np.ndarray
    responders: np.ndarray
    totals: np.ndarray


def level_table(scores: pd.Series, outcome: np.ndarray, scale: Mapping[str, float]) -> LevelTable:
    """Count responders and subjects by level; levels of equal score share a row."""
    values = sorted(set(scale.values()))
    names = tuple(" or ".join(name for name in scale if scale[name] == value) for value in values)
    place = np.searchsorted(values, scores.to_numpy(float))
    totals = np.bincount(place, minlength=len(values))
    responders = np.bincount(place, weights=outcome, minlength=len(values)).astype(int)
    return LevelTable(names, np.array(values, dtype=float), responders, totals)


def merged_table(
    levels: pd.Series, outcome: np.ndarray, scale: Mapping[str, float], together: Sequence[str]
) -> LevelTable | None:
    """Counts with some levels taken together, under the score of the lowest of them.

    A level without a score of its own may be among them: an unspecified zero is null or ultralow, and where
    these two are one level it belongs to it.

    Returns
    -------
    LevelTable or None
        None where fewer than two of the levels are on the scale.
    """
    scored = [scale[name] for name in together if name in scale]
    if len(scored) < 2:
        return None
    joint = {**dict.fromkeys(together, min(scored)), **{k: v for k, v in scale.items() if k not in together}}
    inside = levels.isin(list(joint)).to_numpy()
    return level_table(levels[inside].map(joint).astype(float), outcome[inside], joint)


def groups_text(table: LevelTable) -> str:
    """The counts in words: "NULL 2/10; ULTRALOW 3/9"."""
    counts = zip(table.names, table.responders, table.totals, strict=True)
    return "; ".join(f"{name} {r}/{n}" for name, r, n in counts)


def level_frame(table: LevelTable, confidence: float) -> pd.DataFrame:
    """Rows of association/levels.tsv, without the name of the analysis."""
    rows = []
    isotonic = isotonic_rates(table.responders, table.totals)
    for position, name in enumerate(table.names):
        r, n = int(table.responders[position]), int(table.totals[position])
        share = clopper_pearson(r, n, confidence)
        rows.append(
            {
                "position": position,
                "level": name,
                "score": table.scores[position],
                "n": r,
                "N": n,
                "estimate": share.estimate,
                "low": share.low,
                "high": share.high,
                "isotonic": isotonic[position],
            }
        )
    return pd.DataFrame(rows)


def rate_rows(table: LevelTable, confidence: float) -> list[Row]:
    """Response rate of every level with its exact interval."""
    return [
        interval_row(
            f"rate: {name}",
            clopper_pearson(int(r), int(n), confidence),
            "response rate",
            groups=f"{name} {r}/{n}",
            n=int(n),
            events=int(r),
            method="Clopper-Pearson",
            caveat="" if n else "No subject has this level.",
        )
        for name, r, n in zip(table.names, table.responders, table.totals, strict=True)
    ]


def trend_rows(table: LevelTable, settings: Mapping, joint: LevelTable | None = None) -> list[Row]:
    """The exact trend test as headline, its sensitivity analyses, and Freeman-Halton without order."""
    seed = settings["seed"]
    scores = ", ".join(f"{name} {score:g}" for name, score in zip(table.names, table.scores, strict=True))
    exact = exact_trend(table.responders, table.totals, table.scores, seed=seed)
    rows = [
        _test_row(
            "exact trend",
            exact,
            table,
            method=f"exact conditional trend test, scores {scores}",
            why_method=EXACT_WHY,
            caveat=power_sentence(table, settings),
            headline=True,
        )
    ]
    ranks = exact_trend(table.responders, table.totals, midrank_scores(table.totals), seed=seed)
    rows.append(_test_row("exact trend, midranks", ranks, table, method="exact conditional trend test"))
    if joint is not None:
        pooled = exact_trend(joint.responders, joint.totals, joint.scores, seed=seed)
        name = "exact trend, levels merged"
        rows.append(_test_row(name, pooled, joint, method="exact conditional trend test"))
    free = freeman_halton(table.responders, table.totals, seed=seed)
    rows.append(
        _test_row("Freeman-Halton", free, table, method="Freeman-Halton exact test, no order assumed")
    )
    return rows


def contrast_rows(table: LevelTable, confidence: float) -> list[Row]:
    """Conditional odds ratio and difference of rates for every pair of levels that have subjects."""
    rows = []
    filled = [index for index in range(len(table.names)) if table.totals[index]]
    for low, high in combinations(filled, 2):
        r, n = table.responders[[high, low]], table.totals[[high, low]]
        pair = f"{table.names[high]} against {table.names[low]}"
        groups = "; ".join(f"{table.names[i]} {table.responders[i]}/{table.totals[i]}" for i in (low, high))
        common = {"groups": groups, "n": int(n.sum()), "events": int(r.sum())}
        ratio = conditional_odds_ratio(np.array([[r[0], n[0] - r[0]], [r[1], n[1] - r[1]]]), confidence)
        rows.append(
            Row(
                f"odds ratio: {pair}",
                ratio.estimate,
                "conditional odds ratio",
                ratio.low,
                ratio.high,
                ratio.p,
                method="conditional maximum likelihood, exact interval, Fisher's exact p",
                **common,
            )
        )
        gap = newcombe_difference(int(r[0]), int(n[0]), int(r[1]), int(n[1]), confidence)
        rows.append(
            interval_row(f"difference: {pair}", gap, "difference of rates", method="Newcombe", **common)
        )
    return rows


def stratified_row(tables: Mapping[str, LevelTable], strata: str, seed: int, caveat: str = "") -> Row:
    """Exact trend within strata; no p where no stratum holds two levels and both outcomes."""
    first = next(iter(tables.values()))
    pairs = [(table.responders, table.totals) for table in tables.values()]
    result = stratified_exact_trend(pairs, first.scores, seed=seed)
    totals = sum(table.totals for table in tables.values())
    responders = sum(table.responders for table in tables.values())
    groups = " | ".join(f"{name}: {groups_text(table)}" for name, table in tables.items())
    return Row(
        f"exact trend, stratified by {strata}",
        p=result.p if any(_testable(table) for table in tables.values()) else NAN,
        groups=groups,
        n=int(totals.sum()),
        events=int(responders.sum()),
        method=f"exact conditional trend test over strata; {result.how}",
        caveat=caveat,
        why_method=f"Stratified: {strata} may be linked with both the level and the response.",
    )


def power_sentence(table: LevelTable, settings: Mapping) -> str:
    """The power of the exact trend test at the numbers at hand, in words."""
    wish = settings["power"]
    if (table.totals > 0).sum() < 2:
        return "One level only has subjects: no trend can be tested."
    spread = np.ptp(table.scores)
    share = (table.scores - table.scores.min()) / (spread or 1.0)
    rates = wish["lowest_rate"] + share * (wish["highest_rate"] - wish["lowest_rate"])
    power = trend_power(
        table.totals,
        rates,
        table.scores,
        alpha=settings["alpha"],
        trials=wish["trials"],
        seed=settings["seed"],
    )
    return (
        f"Power of this test with these numbers, were the rates to rise from {100 * wish['lowest_rate']:g}% "
        f"to {100 * wish['highest_rate']:g}% over the levels: {power:.2f}."
    )


def _test_row(term: str, result: ExactResult, table: LevelTable, *, method: str, **rest) -> Row:
    return Row(
        term,
        p=result.p if _testable(table) else NAN,
        groups=groups_text(table),
        n=int(table.totals.sum()),
        events=int(table.responders.sum()),
        method=f"{method}; {result.how}",
        **rest,
    )


def _testable(table: LevelTable) -> bool:
    """Whether more than one table has these margins."""
    return bool((table.totals > 0).sum() > 1 and 0 < table.responders.sum() < table.totals.sum())
