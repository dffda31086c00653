"""Associations of response once more, from the tables of subjects, readings, responses and alterations.

Nothing of the package is imported: what the two agree on was programmed twice. Rules are those of
docs/methods.md, section 10, with the default settings and analyses, as far as the simulated trials need them:
endpoints start with the first dose, hormone receptor status is known, no subject has two draws of a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import association_second_likelihoods as models
import association_second_statistics as second
import numpy as np
import pandas as pd
from association_second_statistics import NAN, Estimate

LEVELS = ("NULL", "ULTRALOW", "LOW_1+", "LOW_2+")
WORST_TO_BEST = {"PD": 0, "SD": 1, "NON-CR/NON-PD": 1, "PR": 2, "CR": 3}
LEAST_ALTERED = 3


class Row(NamedTuple):
    """A result: subjects, events, estimate with limits and p, and the error of a p by random splits."""

    n: float = NAN
    events: float = NAN
    found: Estimate = Estimate()
    error: float = 0.0


Rows = dict[str, Row]


@dataclass(frozen=True)
class Study:
    """Treated subjects by identifier, their draws after baseline, HER2 readings, and genes altered or not."""

    people: pd.DataFrame
    draws: pd.DataFrame
    readings: pd.DataFrame
    altered: pd.DataFrame


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, sep="\t", keep_default_na=False, na_values=[""])


def read_study(folder: Path) -> Study:
    """The variables of the analyses, one row a treated subject."""
    subjects = table(folder, "intake/subjects.tsv").query("treated == True").set_index("subject_id")
    assert (subjects["first_dose_date"] == subjects["reference_date"]).all()
    assert subjects["hormone_receptor"].notna().all()
    her2 = table(folder, "her2/subjects.tsv").set_index("subject_id").add_prefix("her2_")
    ctdna = table(folder, "ctdna/subjects.tsv").set_index("subject_id").add_prefix("ctdna_")
    responses = table(folder, "clinical/responses.tsv").query("evaluator == 'INVESTIGATOR'")
    times = table(folder, "clinical/time_to_event.tsv").query("rule == 'primary'")
    people = subjects.join([her2, ctdna, responses.set_index("subject_id")])
    for endpoint in ("PFS", "OS"):
        own = times[times["endpoint"] == endpoint].set_index("subject_id")
        people[endpoint.lower()] = own["days"].astype(float)
        people[f"{endpoint.lower()}_event"] = own["event"].astype(bool)
    undetected = people["ctdna_baseline_state"] == "BASELINE_NOT_DETECTED"
    people["ctdna_level"] = people["ctdna_baseline_level"].mask(undetected, 0.0)
    people["score"] = scores(people)
    people["positive"] = (people["hormone_receptor"] == "POSITIVE").astype(float)
    draws = table(folder, "ctdna/visits.tsv").query("phase == 'POST_BASELINE' and study_day.notna()")
    assert not draws.duplicated(["subject_id", "study_day"]).any()
    landscape = table(folder, "ctdna/landscape.tsv")
    return Study(people, draws, table(folder, "her2/specimens.tsv"), _altered(landscape, people))


def scores(people: pd.DataFrame, rule: str = "her2_level") -> pd.Series:
    """0 to 3 by level; missing off the scale."""
    return people[rule].map({name: float(place) for place, name in enumerate(LEVELS)})


def _altered(landscape: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Genes altered at baseline, not by blood cells alone, of subjects whose baseline variants are known."""
    known = people.index[people["ctdna_baseline_sample_id"].notna() & people["ctdna_n_tracked"].notna()]
    counted = landscape[landscape["baseline"].eq(True) & ~landscape["ch_like"].eq(True)]
    pairs = set(zip(counted["subject_id"], counted["gene"], strict=True))
    genes = sorted(landscape["gene"].unique())
    return pd.DataFrame({gene: [(who, gene) in pairs for who in known] for gene in genes}, index=known)


def counts(groups: Sequence, y: Sequence, names: Sequence) -> tuple[list[int], list[int]]:
    """Responders and subjects of each group."""
    groups, y = np.asarray(groups), np.asarray(y, int)
    return [int(y[groups == name].sum()) for name in names], [int((groups == name).sum()) for name in names]


def rates(r: Sequence[int], n: Sequence[int], names: Sequence[str]) -> Rows:
    return {
        f"rate: {name}": Row(size, count, second.rate(count, size))
        for name, count, size in zip(names, r, n, strict=True)
    }


def contrasts(r: Sequence[int], n: Sequence[int], names: Sequence[str]) -> Rows:
    """Higher against lower group, of groups that have subjects."""
    rows = {}
    for low, high in combinations([place for place, size in enumerate(n) if size], 2):
        pair = f"{names[high]} against {names[low]}"
        both = [r[high], r[low]], [n[high], n[low]]
        size, responders = sum(both[1]), sum(both[0])
        rows[f"odds ratio: {pair}"] = Row(size, responders, second.odds_ratio(*both))
        rows[f"difference: {pair}"] = Row(size, responders, second.difference(*both))
    return rows


def testable(r: Sequence[int], n: Sequence[int]) -> bool:
    return sum(size > 0 for size in n) > 1 and 0 < sum(r) < sum(n)


def trend(strata: Sequence[tuple[list[int], list[int]]], scale: Sequence[float]) -> Row:
    """Exact trend; no p where no stratum holds two levels and both outcomes."""
    r, n = (sum(sum(stratum[part]) for stratum in strata) for part in (0, 1))
    p = second.exact_trend(strata, scale) if any(testable(*stratum) for stratum in strata) else NAN
    return Row(n, r, Estimate(p=p))


def slopes(people: pd.DataFrame, x: pd.Series, y: np.ndarray, term: str, adjusted: bool) -> Rows:
    """Odds ratios by maximum likelihood and by Firth, alone and adjusted for hormone receptor status."""
    rows = {}
    for suffix, columns in [("", [x]), (", adjusted for hormone_receptor", [x, people["positive"]])][
        : 1 + adjusted
    ]:
        design = np.column_stack(columns)
        for name, firth in (("ML", False), ("Firth", True)):
            found = models.logistic(design, y, firth=firth)
            rows[f"per {term}{suffix}, {name}"] = Row(len(y), y.sum(), found)
    return rows


def levels_response(study: Study, outcome: str) -> Rows:
    """Response by ordered level."""
    people = study.people[study.people[outcome].notna()]
    merged = people["her2_level"].replace(dict.fromkeys(["ULTRALOW", "ZERO_UNSPECIFIED"], "NULL"))
    joint = counts(merged, people[outcome], ["NULL", "LOW_1+", "LOW_2+"])
    people = people[people["score"].notna()]
    y = people[outcome].to_numpy(int)
    r, n = counts(people["her2_level"], y, LEVELS)
    strata = [
        counts(part["her2_level"], part[outcome], LEVELS) for _, part in people.groupby("hormone_receptor")
    ]
    dummies = np.column_stack([people["score"], *(people["score"] == k for k in (2, 3))])
    dummies = dummies[:, [len(set(column)) > 1 for column in dummies.T]]
    free = second.freeman_halton(r, n) if testable(r, n) else NAN
    return {
        "exact trend": trend([(r, n)], range(4)),
        "exact trend, midranks": trend([(r, n)], second.midranks(n)),
        "exact trend, levels merged": trend([joint], [0, 2, 3]),
        "Freeman-Halton": Row(len(y), y.sum(), Estimate(p=free)),
        **rates(r, n, LEVELS),
        **contrasts(r, n, LEVELS),
        "exact trend, stratified by hormone_receptor": trend(strata, range(4)),
        **slopes(people, people["score"], y, "level", adjusted=True),
        "linear against factor": Row(len(y), y.sum(), Estimate(p=models.logistic_gain(dummies, 1, y))),
    }


def rules_response(study: Study) -> Rows:
    """Trend and Firth's slope under every rule that picks a level."""
    rows = {}
    for name in [column for column in study.people if column.startswith("her2_level_")]:
        rule, score = name.removeprefix("her2_level_"), scores(study.people, name)
        people = study.people[score.notna() & study.people["responder"].notna()]
        y, x = people["responder"].to_numpy(int), score[people.index].to_numpy()
        rows[f"exact trend: {rule}"] = trend([counts(people[name], y, LEVELS)], range(4))
        rows[f"per level, Firth: {rule}"] = Row(len(y), y.sum(), models.logistic(x, y, firth=True))
    return rows


def reading_error(study: Study) -> Rows:
    """Rates that second readings of these specimens would turn into the observed ones."""
    read = study.readings[study.readings["level"].isin(LEVELS) & (study.readings["reader"] != "ADJUDICATOR")]
    table = np.zeros((4, 4))
    shared = ["subject_id", "specimen_id", "origin", "laboratory", "assay"]
    for _, specimen in read.groupby(shared, dropna=False):
        for one, other in combinations([LEVELS.index(level) for level in specimen["level"]], 2):
            table[one, other] += 1
            table[other, one] += 1
    table += np.diag(table.sum(axis=1) == 0)
    matrix = table / table.sum(axis=1, keepdims=True)
    people = study.people[study.people["score"].notna() & study.people["responder"].notna()]
    y = people["responder"].to_numpy(int)
    r, n = counts(people["her2_level"], y, LEVELS)
    true_r, true_n = (np.linalg.solve(matrix.T, part) for part in (r, n))
    naive = models.logistic(people["score"].to_numpy(), y, firth=True).value
    rows = {"per level, as read": Row(len(y), y.sum(), Estimate(naive))}
    for place, name in enumerate(LEVELS):
        possible = 0 <= true_r[place] <= true_n[place] and true_n[place] > 0
        share = true_r[place] / true_n[place] if possible else NAN
        rows[f"rate, corrected for reading error: {name}"] = Row(n[place], r[place], Estimate(share))
    return rows


def tenfold(level: pd.Series) -> pd.Series:
    """Logarithm to base 10; 0 counts as half of the smallest level found."""
    return np.log10(level.mask(level == 0, level[level > 0].min() / 2))


def number_response(study: Study, variable: str) -> Rows:
    """Response by a number: per 50 points of the H-score, per tenfold ctDNA level."""
    people = study.people[study.people["responder"].notna() & study.people[variable].notna()]
    y, raw = people["responder"].to_numpy(int), people[variable].astype(float)
    if variable == "her2_h_score":
        x, per, term = raw, raw / 50, "50 h_score"
    else:
        x = per = tenfold(raw)
        term = "tenfold ctdna_baseline_level"
    score = x.to_numpy()
    bend = models.spline(score)
    rank = second.mann_whitney(score[y == 1], score[y == 0])
    p = models.logistic_gain(bend, 1, y) if np.isfinite(bend).all() else NAN
    tests = {"ROC area": second.roc_area(score, y), "Mann-Whitney": rank, "non-linearity": Estimate(p=p)}
    return {
        **slopes(people, per, y, term, adjusted=variable == "her2_h_score"),
        **{name: Row(len(y), y.sum(), found) for name, found in tests.items()},
    }


def best_response(study: Study) -> Rows:
    """Best overall response by level, without those not evaluable."""
    people = study.people[study.people["score"].notna() & study.people["bor"].isin(WORST_TO_BEST)]
    y, x = people["bor"].map(WORST_TO_BEST).to_numpy(), people["score"].to_numpy()
    adjusted = np.column_stack([x, people["positive"]])
    found = {
        "Jonckheere-Terpstra": second.jonckheere(x, y),
        "proportional odds": models.proportional_odds(x, y),
        "proportional odds, adjusted for hormone_receptor": models.proportional_odds(adjusted, y),
    }
    return {name: Row(len(y), found=value) for name, value in found.items()}


def best_change(study: Study) -> Rows:
    people = study.people[study.people["score"].notna() & study.people["best_change_percent"].notna()]
    x, y = people["score"].to_numpy(), people["best_change_percent"].to_numpy()
    rho = second.spearman(x, y)._replace(low=NAN, high=NAN)
    return {
        "Jonckheere-Terpstra": Row(len(y), found=second.jonckheere(x, y)),
        "Spearman": Row(len(y), found=rho),
    }


def correlation(study: Study) -> Rows:
    both = study.people[["ctdna_best_ratio", "best_change_percent"]].dropna()
    return {"Spearman": Row(len(both), found=second.spearman(*both.to_numpy(float).T))}


def genes_response(study: Study) -> Rows:
    """Each gene altered and unaltered in 3 subjects or more."""
    response = study.people["responder"].dropna().astype(int)
    altered = study.altered[study.altered.index.isin(response.index)]
    y, rows = response[altered.index], {}
    for gene in altered:
        r, n = counts(altered[gene], y, [True, False])
        if min(n) >= LEAST_ALTERED:
            rows[gene] = Row(len(y), y.sum(), second.odds_ratio(r, n))
    return rows if len(rows) == altered.shape[1] else {**rows, "genes not tested": Row()}
