"""The headline numbers, each read from a results table with its denominator and interval."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clearher.columns import association, clinical, ctdna, intake
from clearher.report.results import Results, all_findings
from clearher.report.words import interval, p_text, percent, percent_interval, rounded

RESPONSE_RATES = ("ORR", "DCR", "CBR")


@dataclass(frozen=True)
class Headline:
    """A number as a reader meets it.

    Attributes
    ----------
    name : str
        What it is.
    value : str
        Estimate, or the reason that there is none.
    detail : str
        Numerator and denominator, interval, population.
    note : str
        What a reader must know beside it; often empty.
    """

    name: str
    value: str
    detail: str
    note: str = ""

    @property
    def text(self) -> str:
        """Name, value and detail in one line."""
        return f"{self.name} {self.value}" + (f" ({self.detail})" if self.detail else "")


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
    level = _confidence(settings["clinical"]["statistics"]["confidence"])
    return Headline(
        label,
        percent(row["estimate"]),
        f"{row['n']}/{row['N']}, {level} CI {percent_interval(row['low'], row['high'])}",
        row["note"],
    )


def median_time(results: Results, name: str, settings: Mapping[str, Any]) -> Headline:
    """Median time to event in months with interval, events and subjects."""
    row = endpoint(results, name, "median", settings["clinical"]["population"])
    label = f"median {name}"
    if row is None or not row["N"]:
        return Headline(label, "not derived", "", "No time-to-event data for this population.")
    level = _confidence(settings["clinical"]["statistics"]["confidence"])
    value = "not reached" if pd.isna(row["estimate"]) else f"{rounded(row['estimate'], 1)} months"
    detail = f"{row['n']} events in {row['N']}, {level} CI {interval(row['low'], row['high'])}"
    return Headline(label, value, detail, row["note"])


def clearance(results: Results) -> list[Headline]:
    """Clearance at any visit under each of the three denominators."""
    table = results[ctdna.CLEARANCE]
    ever = table[table["visit"] == "ANY"].set_index("denominator")
    return [
        Headline(
            f"ctDNA cleared, of {name.replace('_', ' ')}",
            percent(ever.loc[name, "estimate"]),
            f"{ever.loc[name, 'n']}/{ever.loc[name, 'N']}, "
            f"95% CI {percent_interval(ever.loc[name, 'low'], ever.loc[name, 'high'])}",
        )
        for name in ("treated", "baseline_detected", "evaluable")
        if name in ever.index
    ]


def primary_result(results: Results) -> pd.Series | None:
    """The headline row of the analysis declared as primary; None where none is declared."""
    table = results[association.RESULTS]
    rows = table[table["primary"].fillna(False) & table["headline"].fillna(False)]
    return None if rows.empty else rows.iloc[0]


def primary_analysis(results: Results) -> Headline:
    """The primary analysis: counts by level, p, and what limits it."""
    row = primary_result(results)
    if row is None:
        return Headline("Primary analysis", "none declared", "")
    value = f"p {p_text(row['p'])}" if pd.notna(row["p"]) else "not run"
    return Headline(row["question"], value, row["groups"], row["caveat"])


def cohort(results: Results) -> dict[str, int]:
    """Subjects and samples: entered, screen failures, treated, plasma samples, with and without verdict."""
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
        "plasma_failed": int((plasma["qc_status"] == "fail").sum()),
        "evaluable": int(called["evaluable"].fillna(False).sum()),
    }


def findings_by_severity(results: Results) -> dict[str, int]:
    """Number of findings of each severity over all stages."""
    counts = all_findings(results)["severity"].value_counts()
    return {severity: int(counts.get(severity, 0)) for severity in ("error", "warning", "info")}


def _confidence(level: float) -> str:
    return percent(level, 0)
