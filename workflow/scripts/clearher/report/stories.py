"""The data of the subject page: everything known of each subject, small enough to travel with the report."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from clearher.columns import association, clinical, ctdna, her2, intake
from clearher.report.codes import in_words, text_in_words
from clearher.report.outcomes import outcome_marks, study_days
from clearher.report.palette import CTDNA_NAMES
from clearher.report.results import Results

SHARED_FACTS = ("arm", "age", "sex")
VISIT = ("visit", "study_day", "state", "level", "lod95", "ratio", "event", "told")
EVENT = ("preferred_term", "start_day", "end_day", "grade", "related", "serious")
SPECIMEN = ("specimen_id", "specimen_date_text", "specimen_type", "preservation", "laboratory", "reader",
            "ihc_reported", "ish_word", "h_score", "level", "certainty", "rule", "flags")  # fmt: skip
CELL = ("column", "status", "vaf", "alt_count", "depth")


def stories(results: Results, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Data of the subject page.

    Parameters
    ----------
    results : Mapping of Table to pandas.DataFrame
        Tables of the cut.
    settings : Mapping
        Complete configuration.

    Returns
    -------
    dict
        ``subjects`` (one record a subject, by id), the names that codes stand for, and the months' length.
    """
    subjects = results[intake.SUBJECTS]
    evaluator = settings["clinical"]["response"]["evaluator"]
    parts = {
        "visits": _visits(results[ctdna.VISITS]),
        "events": _rows(results[clinical.ADVERSE_EVENTS], EVENT),
        "doses": _doses(results[intake.DOSES], subjects),
        "scans": _scans(results, evaluator, subjects),
        "marks": _rows(outcome_marks(results, evaluator), ("label", "day")),
        "specimens": _specimens(results[her2.SPECIMENS]),
    }
    variants = _variants(results[ctdna.TRACKING])
    facts = _facts(results, evaluator)
    sentences = _sentences(results, evaluator)
    records = [
        {
            "id": subject,
            "facts": facts.get(subject, {}),
            "sentences": sentences.get(subject, []),
            "variants": variants.get(subject, {"draws": [], "rows": []}),
            **{name: part.get(subject, []) for name, part in parts.items()},
        }
        for subject in sorted(subjects["subject_id"])
    ]
    return {
        "subjects": records,
        "specimenHeadings": [in_words(name) for name in SPECIMEN],
        "states": CTDNA_NAMES,
        "daysPerMonth": settings["clinical"]["statistics"]["days_per_month"],
    }


def plain(value: Any) -> Any:
    """A table's value as JSON knows it: None for missing, four significant digits for numbers, ISO dates."""
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if hasattr(value, "item"):
        value = value.item()
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, list[list]]:
    grouped: dict[str, list[list]] = {}
    values = [[plain(value) for value in frame[name]] for name in columns]
    for subject, *row in zip(frame["subject_id"], *values, strict=True):
        grouped.setdefault(subject, []).append(row)
    return grouped


def _visits(visits: pd.DataFrame) -> dict[str, list[list]]:
    told = visits["sentence"].where(visits["sentence"] != "", visits["reason"])
    events = visits["event"].map(in_words)
    ordered = visits.assign(told=told, event=events).sort_values(
        ["subject_id", "study_day", "sequence"], kind="stable"
    )
    return _rows(ordered, VISIT)


def _doses(doses: pd.DataFrame, subjects: pd.DataFrame) -> dict[str, list[list]]:
    day = study_days(doses["start_date"], doses["subject_id"], subjects)
    return _rows(
        doses.assign(day=day)[["subject_id", "day", "dose", "dose_unit"]], ("day", "dose", "dose_unit")
    )


def _specimens(specimens: pd.DataFrame) -> dict[str, list[list]]:
    coded = {name: specimens[name].map(in_words) for name in ("level", "certainty", "ish_word")}
    return _rows(specimens.assign(**coded, flags=specimens["flags"].map(text_in_words)), SPECIMEN)


def _scans(results: Results, evaluator: str, subjects: pd.DataFrame) -> dict[str, list[list]]:
    visits = results[clinical.VISITS]
    visits = visits[visits["evaluator"] == evaluator].sort_values(["subject_id", "date"])
    day = study_days(visits["date"], visits["subject_id"], subjects)
    response = visits["recorded"].where(visits["recorded"] != "", visits["overall"])
    shown = visits.assign(day=day, response=response)
    return _rows(shown, ("day", "response", "sum_mm", "change_percent", "new_lesion"))


def _variants(tracking: pd.DataFrame) -> dict[str, dict[str, list]]:
    """Table of each subject: ``draws``, its columns in time order, and ``rows``, a variant with its cells."""
    if tracking.empty:
        return {}
    draws = _draws(tracking)
    ordered = tracking.merge(
        draws, on=["subject_id", "visit", "sample_id"], how="left", validate="many_to_one"
    )
    ordered["vaf"] = ordered["vaf"].map(lambda share: float(f"{share:.3g}"), na_action="ignore")
    ordered = ordered.sort_values(
        ["subject_id", "gene", "chrom", "pos", "ref", "alt", "column"], kind="stable"
    )
    names = ordered["gene"] + " " + ordered["hgvsp"]
    places = ordered["chrom"] + ":" + ordered["pos"].astype(str) + " " + ordered["ref"] + ">" + ordered["alt"]
    columns = {"subject": ordered["subject_id"], "name": names, "place": places, "in": ordered["in_level"]}
    cells = zip(*([plain(value) for value in ordered[name]] for name in CELL), strict=True)
    grouped: dict[str, dict] = {}
    for subject, name, place, counted, cell in zip(*columns.values(), cells, strict=True):
        variants = grouped.setdefault(subject, {})
        variants.setdefault(place, [name.strip(), place, plain(counted), []])[3].append(list(cell))
    labels = draws.groupby("subject_id", sort=False)["label"].agg(list)
    return {
        subject: {"draws": labels[subject], "rows": list(rows.values())} for subject, rows in grouped.items()
    }


def _draws(tracking: pd.DataFrame) -> pd.DataFrame:
    """Draws of each subject in time order with ``column`` and ``label``; visits of one name get their day."""
    draws = tracking[["subject_id", "visit", "sample_id", "study_day"]]
    draws = draws.drop_duplicates(["subject_id", "visit", "sample_id"])
    draws = draws.sort_values(["subject_id", "study_day", "visit", "sample_id"], kind="stable")
    repeated = draws.duplicated(["subject_id", "visit"], keep=False)
    dated = draws["visit"] + " day " + draws["study_day"].astype("string").fillna("not known")
    column = draws.groupby("subject_id").cumcount()
    labelled = draws.assign(label=draws["visit"].where(~repeated, dated).astype(object), column=column)
    return labelled.drop(columns="study_day")


def _facts(results: Results, evaluator: str) -> dict[str, dict[str, Any]]:
    subjects = results[intake.SUBJECTS].set_index("subject_id")
    responses = results[clinical.RESPONSES]
    responses = responses[responses["evaluator"] == evaluator].set_index("subject_id")
    dynamics = results[ctdna.SUBJECTS].set_index("subject_id")
    further = [name for name in subjects.columns if name not in intake.SUBJECTS.names]
    taken = (
        *(
            (name, subjects[name])
            for name in (*SHARED_FACTS, "first_dose_date", "last_dose_date", "death_date")
        ),
        *((name.replace("_", " "), subjects[name]) for name in further),
        ("HER2", results[her2.SUBJECTS].set_index("subject_id")["level"].map(in_words)),
        ("best response", responses["bor"]),
        ("confirmed", responses["confirmed_bor"]),
        ("best change %", responses["best_change_percent"]),
        ("clearance", dynamics["clearance"].map(in_words)),
        ("ctDNA ratio", dynamics["best_ratio"]),
        ("last alive day", _last_days(results[intake.SUBJECTS])),
    )
    facts: dict[str, dict[str, Any]] = {}
    for name, values in taken:
        for subject, value in values.items():
            shown = plain(value)
            if shown not in (None, ""):
                facts.setdefault(subject, {})[name.replace("_", " ")] = shown
    return facts


def _last_days(subjects: pd.DataFrame) -> pd.Series:
    last = subjects["death_date"].fillna(subjects["last_alive_date"])
    days = study_days(last, subjects["subject_id"], subjects)
    return pd.Series(days.to_numpy(), index=subjects["subject_id"])


def _sentences(results: Results, evaluator: str) -> dict[str, list[list[str]]]:
    responses = results[clinical.RESPONSES]
    times = results[clinical.TIME_TO_EVENT]
    told = (
        ("response", responses[responses["evaluator"] == evaluator]),
        ("survival", times[times["rule"] == "primary"]),
        ("ctDNA", results[ctdna.SUBJECTS]),
        ("HER2", results[her2.SUBJECTS]),
        ("HER2 in plasma", results[association.HER2_PLASMA]),
        ("ctDNA and scans", results[association.LEAD_TIME]),
        ("antibodies", results[clinical.IMMUNOGENICITY_SUBJECTS]),
    )
    sentences: dict[str, list[list[str]]] = {}
    for topic, frame in told:
        for subject, sentence in zip(frame["subject_id"], frame["sentence"], strict=True):
            if sentence:
                sentences.setdefault(subject, []).append([topic, sentence])
    return sentences
