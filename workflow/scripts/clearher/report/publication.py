"""Tables as a clinical study report has them: title, population, columns, footnotes."""

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from clearher.columns import association, clinical, ctdna
from clearher.report.codes import in_words, text_in_words
from clearher.report.csr_table import Publication, Settings, footnotes
from clearher.report.headline import primary_result
from clearher.report.publication_markers import her2_plasma, lead_time, safety_by_marker
from clearher.report.results import Results
from clearher.report.words import (
    ci_name,
    coverage,
    interval,
    p_text,
    percent,
    percent_interval,
    rounded,
    significant,
)

RATES = {
    "ORR": "Objective response",
    "ORR_CONFIRMED": "Objective response, confirmed",
    "DCR": "Disease control",
    "DCR_CONFIRMED": "Disease control, confirmed",
    "CBR": "Clinical benefit",
}
CLASSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
TIMES = {"PFS": "Progression-free survival", "OS": "Overall survival", "DOR": "Duration of response",
         "CDOR": "Duration of confirmed response", "TTR": "Time to response"}  # fmt: skip
ABBREVIATIONS = (
    "CR complete response, PR partial response, SD stable disease, PD progressive disease, NE not evaluable."
)
COLUMN_WORDS = {"screen_failure": "screen failure", "n_adequate": "number of adequate tumour assessments",
                "n_plasma_samples": "number of plasma samples"}  # fmt: skip
INCIDENCES = {
    "Treatment-emergent adverse events": (
        "AE",
        {"any": "Any", "related": "Related", "grade >= 3": "Grade 3 or more", "serious": "Serious",
         "related, serious": "Serious and related", "fatal": "Fatal",
         "led to discontinuation": "Led to discontinuation"},
    ),
    "Laboratory values that became abnormal": (
        "LAB",
        {"any parameter: emergent": "Any parameter",
         "any parameter: emergent, grade >= 3": "Any parameter, grade 3 or more"},
    ),
    "Anti-drug antibodies": (
        "ADA",
        {"incidence of evaluable": "Incidence, of evaluable", "incidence of treated": "Incidence, of treated",
         "prevalence": "Prevalence, baseline included"},
    ),
}  # fmt: skip
DENOMINATORS = {"treated": "treated", "baseline_detected": "ctDNA at baseline", "evaluable": "evaluable"}


def publications(results: Results, settings: Settings) -> list[Publication]:
    """Every table of the hand-over; a table without data has no row and a footnote that says so."""
    return [build(results, settings) for build in BUILDERS]


def response(results: Results, settings: Settings) -> Publication:
    """Best response and response rates, a column each population, the headline population first."""
    populations = _populations(results, settings)
    sections = [
        ("Best overall response", {name: ("BOR", name) for name in CLASSES}),
        ("Confirmed best overall response", {name: ("CONFIRMED_BOR", name) for name in CLASSES}),
        ("Rates", {label: (name, "rate") for name, label in _rates(settings).items()}),
    ]
    cells = results[clinical.ENDPOINTS]
    cells = cells[cells["group"] == "all"].set_index(["endpoint", "statistic", "population"])
    rows: list[tuple[str, ...]] = []
    for heading, lines in sections:
        shown = [
            (f"  {label}", *(_cell(cells, (*place, population)) for population in populations))
            for label, place in lines.items()
        ]
        known = [row for row in shown if any(row[1:])]
        rows += [(heading, *[""] * len(populations)), *known] if known else []
    rule = settings["clinical"]["response"]
    by = f"Assessed by {rule['evaluator'].lower()}, {rule['rows']['criteria']}."
    defined = settings["clinical"]["populations"]
    notes = [f"{in_words(name)}: {_condition(defined[name])}." for name in populations if name in defined]
    method = f"{by} {_ci(settings)} exact (Clopper-Pearson)."
    return Publication(
        "response", "14.2.1", "Tumour response by population", "As named in each column",
        ("", *(f"{in_words(name)}: n/N (%) [{_ci(settings)}]" for name in populations)), tuple(rows),
        footnotes(rows, method, ABBREVIATIONS, *notes), sources=(clinical.ENDPOINTS,),
    )  # fmt: skip


def _rates(settings: Settings) -> dict[str, str]:
    """Labels of the rates; the longer clinical benefit is named by its configured weeks."""
    weeks = settings["clinical"]["response"]["cbr_long_days"] / 7
    return {**RATES, "CBR_24W": f"Clinical benefit, {significant(weeks)} weeks"}


def _populations(results: Results, settings: Settings) -> list[str]:
    """Populations with endpoints: that of the headline first, then as declared."""
    present = set(results[clinical.ENDPOINTS]["population"])
    headline = settings["clinical"]["population"]
    others = [name for name in settings["clinical"]["populations"] if name in present and name != headline]
    return [headline, *others]


def _cell(cells: pd.DataFrame, place: tuple[str, str, str]) -> str:
    if place not in cells.index:
        return ""
    row = cells.loc[place]
    share, limits = percent(row["estimate"]), percent_interval(row["low"], row["high"])
    return f"{row['n']}/{row['N']} ({share}) [{limits}]"


def time_to_event(results: Results, settings: Settings) -> Publication:
    """Events, medians, follow-up and survival at fixed times."""
    rows: list[tuple[str, ...]] = []
    for name, title in TIMES.items():
        found = _statistics(results, settings, name)
        if not found:
            continue
        rows.append((title, "", ""))
        for statistic, row in sorted(found.items(), key=_by_months):
            if statistic == "events":
                rows.append(("  Events, n/N (%)", f"{row['n']}/{row['N']} ({percent(row['estimate'])})", ""))
            elif statistic in ("median", "follow_up_median"):
                label = "  Median, months" if statistic == "median" else "  Median follow-up, months"
                rows.append((label, rounded(row["estimate"], 1), interval(row["low"], row["high"])))
            elif statistic.startswith("survival_"):
                at = statistic.removeprefix("survival_").removesuffix("m")
                label = f"  Without event at {at} months"
                rows.append((label, percent(row["estimate"]), percent_interval(row["low"], row["high"])))
    band = settings["clinical"]["statistics"]["km_band"]
    return Publication(
        "time_to_event", "14.2.2", "Time to event", _population(settings),
        ("", "Estimate", _ci(settings)), tuple(rows),
        footnotes(rows, f"Kaplan-Meier; limits of medians from the inverted {band} band. NE: not estimable."),
        sources=(clinical.ENDPOINTS,),
    )  # fmt: skip


def clearance(results: Results, settings: Settings) -> Publication:
    """ctDNA clearance by visit under each denominator."""
    table = results[ctdna.CLEARANCE]
    order = [visit for visit in (*settings["visits"], "ANY") if visit in set(table["visit"])]
    cells = table.set_index(["visit", "denominator"])
    rows = [
        (
            "Any visit" if visit == "ANY" else visit,
            *(_clearance_cell(cells, visit, name) for name in DENOMINATORS),
        )
        for visit in order
    ]
    limits, confidence = settings["ctdna"]["clearance"], settings["ctdna"]["level"]["confidence"]
    note = (
        f"Cleared: not detected with LoD95 at most {percent(limits['max_lod95'], 2)} and at most "
        f"{percent(limits['max_lod95_of_baseline'], 0)} of the baseline level. "
        f"Exact {coverage(confidence)} intervals."
    )
    whom = (
        "treated: every treated subject whose visit lay before the data cut, also who had left by then; "
        "ctDNA at baseline: those of them; evaluable: those of these with a sample that tells."
    )
    headings = ("Visit", *(f"{label}: n/N (%) [{ci_name(confidence)}]" for label in DENOMINATORS.values()))
    return Publication(
        "ctdna_clearance", "14.2.3", "ctDNA clearance by visit", "As named in each column",
        headings, tuple(rows), footnotes(rows, note, whom), sources=(ctdna.CLEARANCE,),
    )  # fmt: skip


def her2_response(results: Results, settings: Settings) -> Publication:
    """Response by HER2 level with the primary trend test."""
    primary = primary_result(results)
    levels = results[association.LEVELS]
    shown = levels[levels["analysis_id"] == (primary["analysis_id"] if primary is not None else "")]
    rows = [
        (
            in_words(row.level),
            f"{row.n}/{row.N} ({percent(row.estimate)})",
            percent_interval(row.low, row.high),
        )
        for row in shown.itertuples()
    ]
    notes: tuple[str, ...] = ()
    if primary is not None:
        notes = (
            f"{primary['term']}: {_p_words(primary['p'])}. {text_in_words(primary['method'])}.",
            text_in_words(primary["caveat"]),
        )
    population = primary["population"] if primary is not None else "none declared"
    return Publication(
        "her2_response", "14.2.4", "Response by HER2 level", population,
        ("HER2 level", "n/N (%)", ci_name(settings["association"]["confidence"])), tuple(rows),
        footnotes(rows, *notes), sources=(association.LEVELS, association.RESULTS),
    )  # fmt: skip


def safety_incidence(results: Results, settings: Settings) -> Publication:
    """The protocol's incidences: adverse events, abnormal laboratory values, antibodies."""
    table = results[clinical.SAFETY_ENDPOINTS]
    found = table[table["group"] == "all"].set_index(["endpoint", "statistic"])
    rows: list[tuple[str, ...]] = []
    notes = [f"{_ci(settings)} exact (Clopper-Pearson)."]
    for heading, (endpoint, labels) in INCIDENCES.items():
        known = {name: found.loc[endpoint, name] for name in labels if (endpoint, name) in found.index}
        if known:
            rows.append((heading, "", ""))
            rows += [(f"  {labels[name]}", *_incidence_cells(row)) for name, row in known.items()]
            notes.append(f"{heading}: {next(iter(known.values()))['note']}.")
    return Publication(
        "safety_incidence", "14.3.1", "Incidence of adverse events, abnormal laboratory values, antibodies",
        "Safety population: treated subjects", ("", "n/N (%)", _ci(settings)), tuple(rows),
        footnotes(rows, *notes), sources=(clinical.SAFETY_ENDPOINTS,),
    )  # fmt: skip


def _incidence_cells(row: pd.Series) -> tuple[str, str]:
    if pd.isna(row["n"]):
        return "not known", ""
    return _safety_share(row), percent_interval(row["low"], row["high"])


def _safety(section: str, name: str, number: str, title: str) -> Callable[[Results, Settings], Publication]:
    def build(results: Results, settings: Settings) -> Publication:
        lines = results[clinical.SAFETY]
        lines = lines[(lines["group"] == "all") & (lines["section"] == section)].sort_values("line")
        rows = [
            (_line_name(line), "" if pd.isna(line.n) else _safety_share(line),
             percent_interval(line.low, line.high) if line.unit == "fraction" else "",
             "" if pd.isna(line.events) else str(line.events))
            for line in lines.itertuples()
        ]  # fmt: skip
        headings = ("", "n/N (%)", _ci(settings), "Events")
        if lines["events"].isna().all():
            headings, rows = headings[:3], [row[:3] for row in rows]
        methods = tuple(lines["method"].drop_duplicates())[:3]
        return Publication(
            name, number, title, "Safety population: treated subjects",
            headings, tuple(rows), footnotes(rows, *methods), sources=(clinical.SAFETY,),
        )  # fmt: skip

    return build


BUILDERS: tuple[Callable[[Results, Settings], Publication], ...] = (
    response,
    time_to_event,
    clearance,
    her2_response,
    lead_time,
    her2_plasma,
    safety_incidence,
    _safety("overview", "ae_overview", "14.3.2", "Treatment-emergent adverse events: overview"),
    _safety("soc_pt", "ae_soc_pt", "14.3.3", "Treatment-emergent adverse events by SOC and preferred term"),
    _safety("worst_grade", "ae_worst_grade", "14.3.4", "Treatment-emergent adverse events by worst grade"),
    _safety("aesi", "ae_special_interest", "14.3.5", "Adverse events of special interest"),
    _safety("laboratory_emergent", "laboratory", "14.3.6", "Laboratory values that became abnormal"),
    _safety("ada_visit", "ada_visit", "14.3.7", "Anti-drug antibodies by visit"),
    safety_by_marker,
)


def _statistics(results: Results, settings: Settings, endpoint: str) -> dict[str, pd.Series]:
    table = results[clinical.ENDPOINTS]
    rows = table[
        (table["endpoint"] == endpoint)
        & (table["population"] == settings["clinical"]["population"])
        & (table["group"] == "all")
    ]
    return {row["statistic"]: row for _, row in rows.iterrows()}


def _clearance_cell(cells: pd.DataFrame, visit: str, denominator: str) -> str:
    if (visit, denominator) not in cells.index:
        return ""
    cell = cells.loc[(visit, denominator)]
    share = f"{int(cell['n'])}/{int(cell['N'])} ({percent(cell['estimate'])})"
    return f"{share} [{percent_interval(cell['low'], cell['high'])}]"


def _line_name(line: Any) -> str:
    parts = [line.category, line.term, line.level if line.level != "any" else ""]
    return ", ".join(part for part in parts if part)


def _safety_share(line: Any) -> str:
    return f"{line.n}/{line.N} ({percent(line.n / line.N if line.N else None)})"


def _population(settings: Settings) -> str:
    name = settings["clinical"]["population"]
    return f"Population: {name} ({_condition(settings['clinical']['populations'].get(name, ''))})"


def _condition(expression: str) -> str:
    """Who belongs to a population, with words for the names of columns."""
    return re.sub(r"[A-Za-z]\w*", lambda name: COLUMN_WORDS.get(name[0], name[0]), expression)


def _ci(settings: Settings) -> str:
    return ci_name(settings["clinical"]["statistics"]["confidence"])


def _by_months(statistic: tuple[str, Any]) -> tuple[bool, float]:
    """Survival at fixed times last, in the order of time; the others stay as they are."""
    months = statistic[0].removeprefix("survival_").removesuffix("m")
    return (
        statistic[0].startswith("survival_"),
        float(months) if statistic[0].startswith("survival_") else 0.0,
    )


def _p_words(p: float) -> str:
    return f"p {p_text(p)}" if pd.notna(p) else "not run"
