"""The headline numbers, each read from a results table with its denominator and interval."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clearher.columns import association, clinical, ctdna, intake
from clearher.report.blocks import Headline
from clearher.report.codes import in_words, text_in_words
from clearher.report.results import Results, all_findings
from clearher.report.words import (
    P_MEANING,
    ci_name,
    interval,
    limits,
    p_text,
    percent,
    percent_interval,
    rounded,
    significant,
)


def endpoint(results: Results, name: str, statistic: str, population: str) -> pd.Series | None:
    """The row of one statistic of one endpoint over all subjects of a population; None where absent."""
    table = results[clinical.ENDPOINTS]
    rows = table[
        (table["endpoint"] == name)
        & (table["statistic"] == statistic)
        & (table["population"] == population)
        & (table["group"] == "all")
    ]
    return None if rows.empty else rows.iloc[0]


NO_RESPONSES = "No response data for this population."


def response_rate(results: Results, name: str, settings: Mapping[str, Any]) -> Headline:
    """A response rate of the headline population with exact interval."""
    population = settings["clinical"]["population"]
    row = endpoint(results, name, "rate", population)
    label = name.replace("_CONFIRMED", ", confirmed")
    if row is None or not row["N"]:
        unconfirmed = endpoint(results, name.removesuffix("_CONFIRMED"), "rate", population)
        known = unconfirmed is not None and unconfirmed["N"]
        why = "The data do not say which responses were confirmed." if known else NO_RESPONSES
        return Headline(label, "not derived", "", why)
    ci = ci_name(settings["clinical"]["statistics"]["confidence"])
    return Headline(
        label,
        percent(row["estimate"]),
        f"{row['n']}/{row['N']}, {ci} {percent_interval(row['low'], row['high'])}",
        row["note"],
    )


def median_time(results: Results, name: str, settings: Mapping[str, Any]) -> Headline:
    """Median time to event in months with interval, events and subjects."""
    row = endpoint(results, name, "median", settings["clinical"]["population"])
    label = f"median {name}"
    if row is None or not row["N"]:
        return Headline(label, "not derived", "", "No time-to-event data for this population.")
    ci = ci_name(settings["clinical"]["statistics"]["confidence"])
    value = "not reached" if pd.isna(row["estimate"]) else f"{rounded(row['estimate'], 1)} months"
    detail = f"{row['n']} events in {row['N']}, {ci} {interval(row['low'], row['high'])}"
    return Headline(label, value, detail, row["note"])


INCIDENCES = {
    ("AE", "any"): "adverse events",
    ("AE", "serious"): "serious adverse events",
    ("LAB", "any parameter: emergent"): "abnormal laboratory values",
    ("ADA", "incidence of evaluable"): "anti-drug antibodies",
}


def incidences(results: Results, settings: Mapping[str, Any]) -> list[Headline]:
    """Incidence of adverse events, abnormal laboratory values and antibodies; what has no row is left out."""
    table = results[clinical.SAFETY_ENDPOINTS]
    rows = table[table["group"] == "all"].set_index(["endpoint", "statistic"])
    ci = ci_name(settings["clinical"]["statistics"]["confidence"])
    return [
        _incidence(label, rows.loc[place], ci) for place, label in INCIDENCES.items() if place in rows.index
    ]


def _incidence(label: str, row: pd.Series, ci: str) -> Headline:
    if pd.isna(row["estimate"]):
        return Headline(label, "not known", "", row["note"])
    counts = f"{row['n']}/{row['N']}, {ci} {percent_interval(row['low'], row['high'])}"
    return Headline(label, percent(row["estimate"]), counts, row["note"])


def clearance(results: Results, settings: Mapping[str, Any]) -> list[Headline]:
    """Clearance at any visit under each of the three denominators."""
    table = results[ctdna.CLEARANCE]
    ci = ci_name(settings["ctdna"]["level"]["confidence"])
    ever = table[table["visit"] == "ANY"].set_index("denominator")
    return [
        Headline(
            f"ctDNA cleared, of {name.replace('_', ' ')}",
            percent(ever.loc[name, "estimate"]),
            f"{ever.loc[name, 'n']}/{ever.loc[name, 'N']}, "
            f"{ci} {percent_interval(ever.loc[name, 'low'], ever.loc[name, 'high'])}",
        )
        for name in ("treated", "baseline_detected", "evaluable")
        if name in ever.index
    ]


def confirmation(results: Results) -> list[Headline]:
    """How lasting clearance was, by the next evaluable sample of the treated; empty where nobody cleared."""
    subjects = results[ctdna.SUBJECTS]
    treated = subjects["denominator_treated"].fillna(False).astype(bool)
    cleared = subjects[treated & (subjects["clearance"] == "CLEARED")]
    if cleared.empty:
        return []
    counts = cleared["clearance_confirmed"].value_counts()
    confirmed, unconfirmed, transient = (
        int(counts.get(code, 0)) for code in ("CONFIRMED", "UNCONFIRMED", "TRANSIENT")
    )
    detail = (
        f"{unconfirmed} unconfirmed: no later evaluable sample; {transient} transient: detected in the next"
    )
    return [Headline(f"of the {len(cleared)} cleared", f"{confirmed} confirmed", detail)]


def primary_result(results: Results) -> pd.Series | None:
    """The headline row of the analysis declared as primary; None where none is declared."""
    table = results[association.RESULTS]
    rows = table[table["primary"].fillna(False) & table["headline"].fillna(False)]
    return None if rows.empty else rows.iloc[0]


def primary_analysis(results: Results, settings: Mapping[str, Any]) -> Headline:
    """The primary analysis: estimate with interval, counts by level, then p with its meaning and the limits.

    Notes
    -----
    A trend test has no estimate of its own; the difference between the highest and the lowest level stands
    for it, read from the same analysis.
    """
    row = primary_result(results)
    if row is None:
        return Headline("Primary analysis", "none declared", "")
    caveat = text_in_words(row["caveat"])
    if pd.isna(row["p"]) and pd.isna(row["estimate"]):
        return Headline(row["question"], "not run", text_in_words(row["groups"]), caveat)
    ci = ci_name(settings["association"]["confidence"])
    estimate, detail = _primary_estimate(results, row, ci)
    test = f"{text_in_words(row['term'])}: p {p_text(row['p'])} ({P_MEANING})." if pd.notna(row["p"]) else ""
    return Headline(row["question"], estimate, detail, f"{test} {caveat}".strip())


def _primary_estimate(results: Results, row: pd.Series, ci: str) -> tuple[str, str]:
    """Estimate of an analysis in words, and its interval with the counts behind it."""
    groups = text_in_words(row["groups"])
    if pd.notna(row["estimate"]):
        value = f"{row['estimate_name']} {significant(row['estimate'])}"
        return value, f"{ci} {limits(row['low'], row['high'])}; {groups}"
    table = results[association.RESULTS]
    levels = results[association.LEVELS]
    ends = levels[(levels["analysis_id"] == row["analysis_id"]) & (levels["N"] > 0)].sort_values("position")
    if len(ends) > 1:
        low, high = ends["level"].iloc[0], ends["level"].iloc[-1]
        term = f"difference: {high} against {low}"
        found = table[(table["analysis_id"] == row["analysis_id"]) & (table["term"] == term)]
        if len(found) and pd.notna(found["estimate"].iloc[0]):
            contrast = found.iloc[0]
            points = rounded(100 * contrast["estimate"], 1)
            value = f"{'' if points.startswith('-') else '+'}{points} percentage points"
            span = f"{rounded(100 * contrast['low'], 1)} to {rounded(100 * contrast['high'], 1)}"
            return value, f"{in_words(high)} against {in_words(low)}, {ci} {span}; {groups}"
    return groups, ""


def cohort(results: Results) -> dict[str, int]:
    """Subjects and samples: entered, screen failures, treated, plasma samples, those evaluable for ctDNA."""
    subjects = results[intake.SUBJECTS]
    samples = results[intake.SAMPLES]
    plasma = samples[samples["specimen"] == "plasma"]
    called = results[ctdna.SAMPLES]
    return {
        "subjects": len(subjects),
        "screen_failures": int(subjects["screen_failure"].fillna(False).sum()),
        "treated": int(subjects["treated"].fillna(False).sum()),
        "samples": len(samples),
        "plasma": len(plasma),
        "evaluable": int(called["evaluable"].fillna(False).sum()),
    }


def not_evaluable(results: Results) -> dict[str, int]:
    """Plasma samples that tell nothing of ctDNA, counted by the reason of `ctdna/samples.tsv why_not`.

    What follows a colon, and how many of the tracked variants are covered, differs from sample to sample and
    is left to the table. The most frequent reason first.
    """
    called = results[ctdna.SAMPLES]
    reasons = called.loc[~called["evaluable"].fillna(False), "why_not"]
    kinds = reasons.str.replace(r":.*", "", regex=True).str.replace(
        r"^only \d+ of \d+", "too few", regex=True
    )
    counts = kinds.value_counts()
    return {
        reason: int(counts[reason]) for reason in sorted(counts.index, key=lambda kind: (-counts[kind], kind))
    }


def findings_by_severity(results: Results) -> dict[str, int]:
    """Number of findings of each severity over all stages."""
    counts = all_findings(results)["severity"].value_counts()
    return {severity: int(counts.get(severity, 0)) for severity in ("error", "warning", "info")}
