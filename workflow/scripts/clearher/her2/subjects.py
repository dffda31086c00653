"""One HER2 result a subject: the declared rule, all others as sensitivity, and a sentence of explanation."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clearher.columns import her2 as columns
from clearher.her2.consensus import Reading, place_of, specimen_results, with_rank
from clearher.her2.sentences import conflict_words, no_result_sentence, rule_words, subject_sentence
from clearher.tables import frame_of

TAKEN = (
    "category",
    "level",
    "certainty",
    "ihc_state",
    "ish_result",
    "h_score",
    "specimen_id",
    "specimen_date",
    "specimen_day",
    "specimen_site",
    "specimen_type",
    "preservation",
    "laboratory",
    "assay",
    "reader",
)


def subject_table(
    readings: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """HER2 result of every subject by the primary rule, and its level under the other rules.

    Parameters
    ----------
    readings : pandas.DataFrame
        :data:`clearher.columns.her2.SPECIMENS`.
    subjects : pandas.DataFrame
        Columns ``subject_id`` and ``first_dose_date``; subjects of the readings that it lacks are added.
    settings : Mapping
        Section ``her2`` of the configuration.

    Returns
    -------
    pandas.DataFrame
        :data:`clearher.columns.her2.SUBJECTS`. A specimen after the first dose, or one whose date cannot be
        shown to be before it, never counts.
    """
    baseline = readings[readings["moment"] == "BASELINE"]
    results = specimen_results(baseline, settings=settings)
    primary = chosen_by_rule(baseline, results, settings["subject_rule"], settings=settings)
    levels = {
        rule: chosen_by_rule(baseline, results, rule, settings=settings)["level"]
        for rule in settings["sensitivity_rules"]
    }
    wanted = sorted(set(subjects["subject_id"]) | set(readings["subject_id"]))
    first_dose = subjects.set_index("subject_id")["first_dose_date"].to_dict()
    members: dict[str, list[Reading]] = {}
    for reading in readings.assign(against=against_trial(readings, settings["trial_population"])).to_dict(
        "records"
    ):
        members.setdefault(reading["subject_id"], []).append(reading)
    chosen = primary.to_dict("index")
    level_of = {rule: level.to_dict() for rule, level in levels.items()}
    rows = []
    for subject in wanted:
        own, result = members.get(subject, []), chosen.get(subject)
        row = _subject_row(subject, own, result, first_dose.get(subject, pd.NaT), settings)
        row |= {f"level_{rule}": level.get(subject, "") for rule, level in level_of.items()}
        rows.append(row)
    return frame_of(rows, columns.SUBJECTS)


def chosen_by_rule(
    baseline: pd.DataFrame, results: pd.DataFrame, rule: str, *, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """Result that a rule picks for each subject, indexed by subject.

    Ties are broken by later date, then central, fresh, specimen identifier; never by row order. Rules that
    ask for a property (metastatic, central, fresh) take the other specimens where none has it;
    ``latest_metastatic`` only if ``without_metastatic`` says so. ``highest``, ``lowest`` and
    ``any_positive_excludes`` look at every reading, the others at one result a specimen. A 2+ whose ISH is
    open is higher than any HER2-low and lower than positive.

    Parameters
    ----------
    baseline : pandas.DataFrame
        Readings that may be baseline.
    results : pandas.DataFrame
        One result a specimen of these readings, as from :func:`clearher.her2.consensus.specimen_results`.
    rule : str
        One of :data:`clearher.columns.her2.SUBJECT_RULES`.
    settings : Mapping
        Section ``her2`` of the configuration.
    """
    if rule in ("highest", "lowest"):
        return _first(
            _every_reading(baseline), [pd.Series(_extreme(baseline, rule), index=baseline.index)], settings
        )
    if rule == "any_positive_excludes":
        other = settings["subject_rule"] if settings["subject_rule"] != rule else "latest_metastatic"
        usual = chosen_by_rule(baseline, results, other, settings=settings)
        positive = baseline[baseline["category"] == "POSITIVE"]
        excluded = _first(_every_reading(positive), [], settings)
        parts = [excluded, usual.drop(index=excluded.index, errors="ignore")]
        return pd.concat([part for part in parts if len(part)] or [usual]).sort_index()
    return _first(results, _preferences(results, rule, settings), settings)


def _preferences(results: pd.DataFrame, rule: str, settings: Mapping) -> list[pd.Series]:
    evaluable = (
        ~results["evaluable"] if settings["not_evaluable"] == "pass_over" else results["evaluable"] & False
    )
    wanted = {
        "latest_metastatic": results["specimen_type"] != "metastatic",
        "latest_any": results["specimen_type"].isna(),
        "central_over_local": results["laboratory"] != "central",
        "fresh_over_archival": results["preservation"] != "fresh",
    }[rule]
    if rule == "latest_metastatic" and settings["without_metastatic"] == "none":
        wanted = wanted.map({True: None, False: 0})
    return [evaluable, wanted]


def _extreme(readings: pd.DataFrame, rule: str) -> pd.Series:
    ranks = with_rank(readings)["rank"]
    return (-ranks if rule == "highest" else ranks).fillna(float("inf"))


def _every_reading(readings: pd.DataFrame) -> pd.DataFrame:
    return with_rank(readings).assign(how="", passed_over=0, evaluable=True)


def _first(results: pd.DataFrame, preferences: list[pd.Series], settings: Mapping) -> pd.DataFrame:
    """First result of each subject by the preferences (small first), then by the common tie-break."""
    order = results.copy()
    names = []
    for number, preference in enumerate(preferences):
        names.append(f"preference_{number}")
        order[names[-1]] = preference.astype("float64")
    order = order.dropna(subset=names)
    order["not_central"] = place_of(order["laboratory"], settings["laboratory_order"])
    order["not_fresh"] = place_of(order["preservation"], ["fresh", "archival"])
    order["age"] = -order["specimen_date"].astype("int64").where(order["specimen_date"].notna(), 0)
    order["undated"] = order["specimen_date"].isna()
    keys = ["subject_id", *names, "undated", "age", "not_central", "not_fresh", "specimen_id", "record"]
    chosen = order.sort_values(keys, kind="stable").drop_duplicates("subject_id")
    return chosen.drop(columns=[*names, "not_central", "not_fresh", "age", "undated"]).set_index("subject_id")


def _subject_row(
    subject: str,
    own: list[Reading],
    result: Reading | None,
    first_dose: pd.Timestamp,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    baseline = [reading for reading in own if reading["moment"] == "BASELINE"]
    counts = {
        "subject_id": subject,
        "n_specimens": len({reading["specimen_id"] for reading in own}),
        "n_baseline_specimens": len({reading["specimen_id"] for reading in baseline}),
        "eligibility_question": any(reading["against"] for reading in baseline),
    }
    if result is None:
        return counts | {"sentence": no_result_sentence(own, first_dose, settings)}
    conflicts = conflict_words(baseline, result)
    day = result["specimen_day"]
    days_before = (
        (first_dose - result["specimen_date"]).days if pd.notna(day) and pd.notna(first_dose) else pd.NA
    )
    return (
        counts
        | {name: result[name] for name in TAKEN}
        | {
            "days_before_first_dose": days_before,
            "known_day": _study_day(result["specimen_date_last"], first_dose),
            "conflicts": ";".join(conflicts),
            "rule": f"{rule_words(settings['subject_rule'], result, settings)}: {result['rule']}",
            "sentence": subject_sentence(result, days_before, conflicts, counts, settings),
        }
    )


def _study_day(date: pd.Timestamp, first_dose: pd.Timestamp) -> Any:
    """Study day without a day 0; missing where a date is."""
    if pd.isna(date) or pd.isna(first_dose):
        return pd.NA
    days = (date - first_dose).days
    return days + 1 if days >= 0 else days


def against_trial(readings: pd.DataFrame, population: str) -> pd.Series:
    """Whether each reading is against the HER2 status that the trial asks for."""
    if population == "negative":
        return readings["category"] == "POSITIVE"
    if population == "positive":
        return ~readings["category"].isin(["POSITIVE", "INDETERMINATE"])
    return pd.Series(False, index=readings.index)
