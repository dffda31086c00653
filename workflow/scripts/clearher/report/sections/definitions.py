"""Definitions of the run in sentences that can be pasted into a report, with the values really used."""

from collections.abc import Mapping
from typing import Any

from clearher.report.words import listed, percent

Settings = Mapping[str, Any]


def definitions(settings: Settings) -> list[tuple[str, str]]:
    """Topic and paragraph, in the order of the analysis."""
    return [
        ("Data cut", _cut(settings)),
        ("ctDNA", _ctdna(settings["ctdna"])),
        ("Clearance", _clearance(settings["ctdna"])),
        ("HER2", _her2(settings["her2"])),
        ("Response", _response(settings["clinical"])),
        ("Time to event", _times(settings["clinical"])),
        ("Safety", _safety(settings["clinical"])),
        ("Associations", _association(settings["association"])),
    ]


def _cut(settings: Settings) -> str:
    date = settings["data_cut"]["date"]
    if not date:
        return "No data cut was applied: every record counts."
    return f"Records after {date} were left out and listed; a record without a date was kept and counted."


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


def _response(settings: Settings) -> str:
    response = settings["response"]
    confirmation, stable = response["confirmation"], response["sd"]
    return (
        f"Response by RECIST 1.1 as assessed by the {response['evaluator'].lower()}; a response is "
        f"confirmed by another at least {confirmation['min_days']} days later. Stable disease counts "
        f"from day {stable['min_days'] - stable['window_days']}. The headline is the "
        f"{response['headline']} response of the population {settings['population']}, with exact "
        f"(Clopper-Pearson) {percent(settings['statistics']['confidence'], 0)} intervals; both kinds "
        "are always shown."
    )


def _times(settings: Settings) -> str:
    times, statistics = settings["time_to_event"], settings["statistics"]
    therapy = "ends" if times["new_therapy"]["apply"] else "does not end"
    missed = times["missed_visits"]
    censored = "are censored" if missed["apply"] else "count as events"
    return (
        f"Times start on the day of {settings['reference_date'].replace('_', ' ')} (day 1); a month "
        f"is {statistics['days_per_month']:g} days. A new anti-cancer therapy {therapy} the "
        f"observation of progression; events after {missed['max_missed']} or more missed assessments "
        f"{censored}. Kaplan-Meier with {statistics['km_band']} band; the median's interval comes "
        "from inverting the band (Brookmeyer and Crowley). Sensitivity rules: "
        f"{listed([name.replace('_', ' ') for name in times['sensitivity']]) or 'none'}."
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
