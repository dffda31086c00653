"""Definitions of the run in sentences that can be pasted into a report, with the values really used."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from clearher.report.words import counted, coverage, listed, percent

Settings = Mapping[str, Any]

LABORATORY = (
    "Where the laboratory reports a sample's result, level, detection and limit of detection are those that "
    "it states; nothing was computed from reads or variants."
)


def definitions(settings: Settings) -> list[tuple[str, str]]:
    """Topic and paragraph, in the order of the analysis; nothing of what the study has no input for."""
    inputs = settings["inputs"]
    source = inputs["clinical"]["format"]
    told: list[tuple[str, str, bool]] = [
        ("Data cut", _cut(settings), True),
        ("ctDNA", _ctdna(settings["ctdna"]), bool(inputs["samples"])),
        ("ctDNA by the laboratory", LABORATORY, bool(inputs["sample_results"])),
        ("Clearance", _clearance(settings["ctdna"]), bool(inputs["samples"] or inputs["sample_results"])),
        ("HER2", _her2(settings["her2"]), bool(inputs["her2"])),
        ("Response", _response(settings["clinical"], source), source != "none"),
        ("Time to event", _times(settings["clinical"], source), source != "none"),
        ("Safety", _safety(settings["clinical"]), source in ("sdtm", "adam")),
        ("Associations", _association(settings["association"]), True),
    ]
    return [(topic, text) for topic, text, applies in told if applies]


def _cut(settings: Settings) -> str:
    date = settings["data_cut"]["date"]
    told = "No data cut was applied: every record counts."
    if date:
        told = f"Records after {date} were left out and listed; a record without a date was kept and counted."
    excluded = settings["intake"]["excluded_subjects"]
    if not excluded:
        return told
    reasons = [f"{reason} ({n})" for reason, n in sorted(Counter(excluded.values()).items())]
    subjects = counted(len(excluded), "subject")
    return f"{told} Nothing was used of {subjects} excluded by the configuration: {listed(reasons)}."


def _ctdna(settings: Settings) -> str:
    level, detection, lod = settings["level"], settings["detection"], settings["lod"]
    return (
        f"The variants found at baseline (at most {settings['baseline']['window_days']} days before "
        "the first dose) or in tissue were followed in every later sample. The level is the "
        f"{level['metric']} variant allele fraction of the tracked variants. A sample is detected "
        f"when the test against the background of errors gives p below {detection['alpha']:g} and at "
        f"least {detection['min_alt_fragments']} distinct fragments carry a variant. The limit of "
        f"detection is the level that is detected with probability {percent(lod['power'], 0)}, "
        "computed for each sample; a sample needs counts at "
        f"{percent(lod['min_covered_fraction'], 0)} of its tracked variants to be evaluable."
    )


def _clearance(settings: Settings) -> str:
    clearance = settings["clearance"]
    return (
        "Cleared means not detected in a sample whose own limit of detection is at most "
        f"{percent(clearance['max_lod95'], 2)} and at most "
        f"{percent(clearance['max_lod95_of_baseline'], 0)} of the baseline level, from study day "
        f"{clearance['first_day']} on. A non-detection with a poorer limit is insufficient, not "
        f"cleared. Molecular progression is a rise to at least {clearance['progression_ratio']:g} "
        "times the lowest level. Shares are given of all treated subjects, of those with ctDNA at "
        "baseline, and of those evaluable."
    )


def _her2(settings: Settings) -> str:
    others = [
        rule.replace("_", " ") for rule in settings["sensitivity_rules"] if rule != settings["subject_rule"]
    ]
    return (
        "IHC and ISH were scored by the ASCO/CAP guideline of 2018, affirmed 2023; low and ultralow "
        "as in DESTINY-Breast04 and DESTINY-Breast06. A plain 0 is never taken as null or ultralow. "
        f"One result a subject was chosen by the rule {settings['subject_rule'].replace('_', ' ')}; "
        f"the rules {listed(others)} were run beside it."
    )


def _response(settings: Settings, source: str) -> str:
    response = settings["response"]
    confirmation, stable = response["confirmation"], response["sd"]
    derived = (
        f"Response by {response['rows']['criteria']} as assessed by the {response['evaluator'].lower()}; a "
        f"response is confirmed by another at least {confirmation['min_days']} days later. Stable disease "
        f"counts from {stable['min_days'] - stable['window_days']} days after the reference date."
    )
    supplied = (
        "The best response of each subject is the one that the clinical table states; who assessed it, by "
        "which criteria and whether it was confirmed is not known here."
    )
    return (
        f"{supplied if source == 'table' else derived} The headline is the "
        f"{response['headline']} response of the population {settings['population']}, with exact "
        f"(Clopper-Pearson) {coverage(settings['statistics']['confidence'])} intervals; both kinds "
        "are always shown."
    )


def _times(settings: Settings, source: str) -> str:
    times, statistics = settings["time_to_event"], settings["statistics"]
    therapy = "ends" if times["new_therapy"]["apply"] else "does not end"
    missed = times["missed_visits"]
    censored = "are censored" if missed["apply"] else "count as events"
    derived = (
        f"A new anti-cancer therapy {therapy} the observation of progression; events after "
        f"{missed['max_missed']} or more missed assessments {censored}. Sensitivity rules: "
        f"{listed([name.replace('_', ' ') for name in times['sensitivity']]) or 'none'}."
    )
    supplied = (
        "Days and events are those of the clinical table; where it gives dates alone, a subject without "
        "event is censored at the last contact."
    )
    return (
        f"Times start on the day of {settings['reference_date'].replace('_', ' ')} (day 1); a month "
        f"is {statistics['days_per_month']:g} days. {supplied if source == 'table' else derived} "
        f"Kaplan-Meier with {statistics['km_band']} band; the median's interval comes from inverting the "
        "band (Brookmeyer and Crowley)."
    )


def _safety(settings: Settings) -> str:
    events = settings["adverse_events"]
    return (
        f"Adverse events are treatment-emergent from the first dose to {events['window_days']} days "
        "after the last. An event without recorded causality counts as "
        f"{events['blank_causality'].replace('_', ' ')} and has a line of its own."
    )


def _association(settings: Settings) -> str:
    landmark = settings["landmark"]
    return (
        f"{len(settings['analyses'])} analyses were declared; what is not declared was not run. A "
        "variable known only after baseline enters a survival model by landmark (day "
        f"{landmark['day']}, status from the {landmark['window_days']} days before) or as "
        f"time-varying. Hazard ratios need at least {settings['min_events_for_hr']} events. p-values "
        "are adjusted within families; everything outside the primary analysis is exploratory."
    )
