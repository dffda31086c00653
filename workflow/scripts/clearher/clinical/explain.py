"""One subject's derivation from raw records to each clinical endpoint, as text."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from clearher.clinical.days import spoken
from clearher.clinical.explain_safety import antibody_lines, dose_lines, event_lines, heart_lines, holds
from clearher.clinical.explain_supplied import supplied_lines
from clearher.columns import Table, intake
from clearher.columns import clinical as columns
from clearher.tables import read_table

SUBJECT_DATES = (
    ("reference_date", "Reference date (day 1)"),
    ("enrolment_date", "Enrolment"),
    ("randomisation_date", "Randomisation"),
    ("first_dose_date", "First dose"),
    ("last_dose_date", "Last dose"),
    ("end_of_treatment_date", "End of treatment"),
    ("death_date", "Death"),
    ("last_alive_date", "Last known alive"),
    ("cut_date", "Data cut"),
)
STEP_WORDS = {
    "after_cut": "not used: after the data cut",
    "other_reader": "not used: another reader's assessment was accepted",
    "excluded_value": "not used: the configuration excludes this value",
    "undated": "not used: no usable date",
    "before_reference": "not used: before the reference date",
    "after_death": "not used: after death",
    "same_day": "not used: a worse (or later) response of the same day counts",
    "new_therapy": "not used: on or after the start of a new anti-cancer therapy",
    "after_progression": "not used: after the first progression",
    "used": "used",
}
TABLES = {
    "subjects": intake.SUBJECTS,
    "therapies": intake.THERAPIES,
    "lesions": intake.LESIONS,
    "supplied": intake.SUPPLIED,
    "visits": columns.VISITS,
    "selection": columns.SELECTION,
    "responses": columns.RESPONSES,
    "times": columns.TIME_TO_EVENT,
    "populations": columns.POPULATIONS,
    "doses": intake.DOSES,
    "events": columns.ADVERSE_EVENTS,
    "heart": columns.EJECTION_FRACTION,
    "samples": columns.IMMUNOGENICITY,
    "antibodies": columns.IMMUNOGENICITY_SUBJECTS,
    "findings": columns.FINDINGS,
    "safety_findings": columns.SAFETY_FINDINGS,
    "antibody_findings": columns.IMMUNOGENICITY_FINDINGS,
}


FINDINGS = ("findings", "safety_findings", "antibody_findings")


class UnknownSubjectError(ValueError):
    """The data cut holds no such subject."""


def read_results(folder: Path, tables: Mapping[str, Table] = TABLES) -> dict[str, pd.DataFrame]:
    """The tables an explanation needs, by name."""
    return {name: _read(folder, table) for name, table in tables.items()}


def explain(tables: dict[str, pd.DataFrame], subject: str) -> str:
    """The derivation of one subject as text, from dates and records to every endpoint.

    Parameters
    ----------
    tables : dict
        As from :func:`read_results`.
    subject : str
        subject_id.

    Raises
    ------
    UnknownSubjectError
        No such subject; the message names the nearest ones.
    """
    known = tables["subjects"]["subject_id"]
    if not known.eq(subject).any():
        ordered = known.sort_values().tolist()
        near = difflib.get_close_matches(subject, ordered, n=5, cutoff=0.3) or ordered[:5]
        raise UnknownSubjectError(
            f"no subject {subject!r}; there are {len(known)}, such as {', '.join(near)}"
        )
    mine = {name: table[table["subject_id"].eq(subject)] for name, table in tables.items()}
    heading = "\n  ".join([f"Subject {subject}", *_subject_lines(mine["subjects"])])
    sections = (
        ("Doses", dose_lines(mine["doses"])),
        ("New anti-cancer therapy", _therapy_lines(mine["therapies"])),
        ("Supplied values", supplied_lines(mine["supplied"], mine["subjects"])),
        ("Lesion measurements", _visit_lines(mine["visits"])),
        ("Recorded responses and what became of them", _selection_lines(mine["selection"])),
        ("Response", _response_lines(mine["responses"])),
        ("Time to event", _time_lines(mine["times"])),
        ("Adverse events", event_lines(mine["events"])),
        ("Ejection fraction", heart_lines(mine["heart"])),
        ("Anti-drug antibodies", antibody_lines(mine["samples"], mine["antibodies"])),
        ("Populations", _population_lines(mine["populations"])),
        ("Findings", finding_lines(pd.concat([mine[name] for name in FINDINGS]))),
    )
    return f"{heading}\n\n{sections_text(sections)}"


def sections_text(sections: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Titled sections with their lines indented; sections without lines are left out."""
    filled = ((title, list(lines)) for title, lines in sections)
    return "\n\n".join("\n  ".join([title, *lines]) for title, lines in filled if lines)


def finding_lines(rows: pd.DataFrame) -> Iterator[str]:
    """Findings as lines."""
    for row in rows.itertuples():
        yield f"{row.severity} {row.check} ({row.field}): {row.value}. {row.remedy}"


def _read(folder: Path, table: Table) -> pd.DataFrame:
    path = folder / table.path
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: run the workflow for this data cut first")
    return read_table(path, table)


def _subject_lines(rows: pd.DataFrame) -> Iterator[str]:
    row = rows.iloc[0]
    if row["arm"]:
        yield f"Arm: {row['arm']}"
    for name, title in SUBJECT_DATES:
        if pd.notna(row[name]):
            imputed = ", imputed" if name == "death_date" and row["death_date_imputed"] else ""
            yield f"{title}: {spoken(row[name])}{imputed}"
    if holds(row["screen_failure"]):
        yield "Screen failure: in no population"


def _therapy_lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.sort_values(["start_date", "domain", "sequence"]).itertuples():
        start = spoken(row.start_date) or row.start_text or "no date"
        yield f"{start}: {row.term} ({row.domain} record {row.sequence})"


def _visit_lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.sort_values(["evaluator", "evaluator_id", "date"]).itertuples():
        reader = f"{row.evaluator} {row.evaluator_id}".strip()
        parts = [f"{reader}, {spoken(row.date)} (day {row.study_day})"]
        if row.n_targets:
            parts.append(_sum_words(row))
        if row.nontarget_response:
            parts.append(f"non-target {row.nontarget_response}")
        if row.new_lesion:
            parts.append("new lesion")
        if row.overall:
            parts.append(f"overall {row.overall}" + _recorded_words(row))
        yield "; ".join(parts)


def _sum_words(row: tuple) -> str:
    measured = f"{row.n_measured} of {row.n_targets} targets"
    if pd.isna(row.sum_mm):
        return f"{measured} measured"
    words = f"sum {row.sum_mm:g} mm ({measured})"
    if row.baseline:
        return f"{words}, baseline"
    if pd.notna(row.change_percent):
        words += f", {row.change_percent:+.1f}% from baseline {row.baseline_mm:g}"
    if pd.notna(row.nadir_mm):
        words += f", nadir {row.nadir_mm:g}"
    return f"{words}, target {row.target_response}" if row.target_response else words


def _recorded_words(row: tuple) -> str:
    if not row.recorded:
        return ""
    return ", as recorded" if row.recorded == row.overall else f", but recorded {row.recorded}"


def _selection_lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.sort_values(["evaluator", "date", "sequence"]).itertuples():
        reader = f"{row.evaluator} {row.evaluator_id}".strip()
        day = "" if pd.isna(row.study_day) else f" (day {row.study_day})"
        imputed = ", day imputed" if row.date_imputed else ""
        words = STEP_WORDS[row.step]
        if pd.notna(row.confirmed):
            words += f", confirmed on {spoken(row.confirmed_by)}" if row.confirmed else ", not confirmed"
        yield f"{reader}, {spoken(row.date) or 'no date'}{day}{imputed}: {row.value}, {words} [{row.source}]"


def _response_lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.sort_values("evaluator").itertuples():
        yield f"{row.evaluator} (from {row.derived_from}): {row.sentence}"
        benefit = f"clinical benefit by cbr_min_days {_yes(row.clinical_benefit)}"
        lasting = f"by cbr_long_days {_yes(row.clinical_benefit_24w)}"
        yield f"  disease control {_yes(row.disease_control)}, {benefit}, {lasting}"


def _time_lines(rows: pd.DataFrame) -> Iterator[str]:
    primary = rows[rows["rule"].eq("primary")].set_index("endpoint")
    others = rows[rows["rule"].ne("primary")].sort_values("rule")
    for endpoint in [name for name in columns.ENDPOINT_NAMES if rows["endpoint"].eq(name).any()]:
        main_sentence = primary["sentence"].get(endpoint, "")
        if main_sentence:
            yield main_sentence
        for row in others[others["endpoint"].eq(endpoint)].itertuples():
            if row.sentence != main_sentence:
                yield f"  under the rule {row.rule}: {row.sentence}"


def _population_lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.itertuples():
        yield f"{row.population}: " + ("yes" if row.included else f"no ({row.why_not})")


def _yes(value: object) -> str:
    return "not known" if pd.isna(value) else ("yes" if value else "no")
