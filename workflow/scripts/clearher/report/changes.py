"""What differs between two data cuts, and why: each value with the data, settings or code behind it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from clearher.columns import Table, intake
from clearher.columns.report import CAUSES, CHANGES, CHANGES_FINDINGS
from clearher.intake.config import changed_keys
from clearher.intake.cut import LATEST_KNOWN
from clearher.intake.digests import file_sha256
from clearher.problems import Problem, findings_frame, first_few
from clearher.report.comparison import (
    ASSESSED,
    COMPARED,
    LAST_RESORT,
    READING_ORDER,
    SETTINGS,
    SOURCES,
    Compared,
)
from clearher.report.edits import FILES, in_words, record_edits
from clearher.report.files import read_json
from clearher.report.manifest import MANIFEST
from clearher.tables import as_text, conform, empty, read_text

COHORT_STAGES = ("ctdna", "association")


@dataclass(frozen=True)
class Cut:
    """A data cut as it is compared.

    Attributes
    ----------
    tables : Mapping of Table to DataFrame
        Compared tables as text; a table that the cut does not have is left out.
    config : Mapping
        Complete configuration.
    code, versions
        Digest of the workflow's code; package versions by name.
    samples : Mapping
        Digests of each sample's files by sample and kind.
    context : Mapping of str to str
        Content digests of inputs that are no subject's records, by input key.
    """

    tables: Mapping[Table, pd.DataFrame]
    config: Mapping[str, Any]
    code: str
    versions: Mapping[str, str]
    samples: Mapping[str, Mapping[str, str]]
    context: Mapping[str, str]


def read_previous(folder: str | Path, tables: Iterable[Table]) -> Cut:
    """Read a finished cut; its tables must be those that its manifest records.

    Raises
    ------
    ValueError
        A table is not what the manifest records.
    """
    folder = Path(folder)
    recorded = read_json(folder / MANIFEST)
    digests = {record["path"]: record["sha256"] for record in recorded["results"]}
    frames = {}
    for table in tables:
        path = folder / table.path
        if table.path not in digests:
            continue
        if not path.is_file() or file_sha256(path) != digests[table.path]:
            raise ValueError(
                f"{path} is not what {folder / MANIFEST} records; restore it, or run that cut anew"
            )
        frames[table] = read_as_text(path)
    parts = {name: recorded[name] for name in ("config", "code", "versions", "samples", "context")}
    return Cut(tables=frames, **parts)


def read_as_text(path: str | Path) -> pd.DataFrame:
    """A result table with every value as text, whatever columns it has."""
    path = Path(path)
    if path.suffix == ".parquet":
        return as_text(pd.read_parquet(path))
    return read_text(path)


def changes(old: Cut | None, new: Cut) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values that differ between two cuts with their causes, and edited or late records.

    Parameters
    ----------
    old : Cut or None
        Previous cut; None where there is none.
    new : Cut
        This cut.

    Returns
    -------
    pandas.DataFrame
        Table ``CHANGES``. Numbers are compared as text with 10 significant digits. A value's causes are all
        that bear on it: records of its subject in the inputs of its stage (of any subject for a value of
        the whole study, or where its own did not change and the stage pools subjects), changed settings of
        the stage (the cut date where no record of its own changed), changed code or package versions.
    pandas.DataFrame
        Table ``CHANGES_FINDINGS``: subjects who are no longer there, edits of old records (warnings for
        assessments) and assessments that came in late.
    """
    if old is None:
        return empty(CHANGES), empty(CHANGES_FINDINGS)
    edits = record_edits(old.tables, new.tables, old.samples, new.samples, _subjects_of_samples(old, new))
    edits = edits[~_at_old_cut(edits, old, new) & ~edits["subject_id"].isin(_excluded(old) | _excluded(new))]
    compared = [entry for entry in COMPARED if entry.table in old.tables and entry.table in new.tables]
    found = [(entry.stage, _differences(old, new, entry)) for entry in compared]
    parts = [_with_causes(frame, stage, edits, old, new) for stage, frame in found if not frame.empty]
    frame = _in_reading_order(pd.concat([empty(CHANGES), *parts], ignore_index=True))
    return conform(frame, CHANGES), _findings(edits, frame, old, new)


def _in_reading_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Headline tables first, then subjects and visits; by subject, item and field within a table."""
    rank = frame["table"].map(READING_ORDER.index)
    return frame.assign(rank=rank).sort_values(["rank", "subject_id", "item", "field"]).drop(columns="rank")


def _at_old_cut(edits: pd.DataFrame, old: Cut, new: Cut) -> pd.Series:
    """Last contacts that stand at the old cut because they are later, and elsewhere once the cut moved."""
    before, after = (cut.config["data_cut"]["date"] for cut in (old, new))
    removed = edits["records"].eq(LAST_RESORT) & edits["new"].eq("absent")
    latest = edits["record"].astype(str).str.contains("|".join(LATEST_KNOWN))
    return removed & latest & edits["day"].eq(before or "") & (before != after)


def _excluded(cut: Cut) -> set[str]:
    """Subjects whose records come and go with the setting, and not with the data."""
    return set(cut.config.get("intake", {}).get("excluded_subjects", {}))


def _subjects_of_samples(old: Cut, new: Cut) -> dict[str, str]:
    """Subject of each sample that both cuts have."""
    if intake.SAMPLES not in old.tables:
        return {}
    before, after = old.tables[intake.SAMPLES], new.tables[intake.SAMPLES]
    kept = after[after["sample_id"].isin(before["sample_id"])]
    return dict(zip(kept["sample_id"], kept["subject_id"], strict=True))


def _differences(old: Cut, new: Cut, entry: Compared) -> pd.DataFrame:
    """Differing values of one table without their causes."""
    before, after = old.tables[entry.table], new.tables[entry.table]
    fields = [name for name in entry.values if name in before and name in after]
    columns = [*entry.keys, *fields]
    if before[columns].equals(after[columns]):
        return empty(CHANGES)
    pairs = before[columns].merge(
        after[columns], on=entry.keys, how="outer", suffixes=("_old", "_new"), indicator=True
    )
    both = pairs[pairs["_merge"].eq("both")]
    headline = [name for name in entry.headline if name in fields]
    parts = [
        _rows(pairs[pairs["_merge"].eq("right_only")], entry, "row", "absent", headline),
        _rows(pairs[pairs["_merge"].eq("left_only")], entry, "row", headline, "absent"),
    ]
    for name in fields:
        differs = both[f"{name}_old"].ne(both[f"{name}_new"])
        if differs.any():
            parts.append(_rows(both[differs], entry, name, [name], [name]))
    return pd.concat(parts, ignore_index=True)


def _rows(
    pairs: pd.DataFrame, entry: Compared, field: str, old: str | list[str], new: str | list[str]
) -> pd.DataFrame:
    rest = [name for name in entry.keys if name != "subject_id"]
    return pd.DataFrame(
        {
            "table": entry.table.path,
            "subject_id": pairs["subject_id"] if "subject_id" in entry.keys else "",
            "item": _labelled(pairs, rest, ""),
            "field": field,
            "old": _cell(pairs, old, "_old"),
            "new": _cell(pairs, new, "_new"),
        },
        index=pairs.index,
        dtype=object,
    )


def _cell(pairs: pd.DataFrame, content: str | list[str], suffix: str) -> str | pd.Series:
    if isinstance(content, str):
        return content
    if len(content) == 1:
        return pairs[content[0] + suffix]
    return _labelled(pairs, content, suffix)


def _labelled(pairs: pd.DataFrame, names: list[str], suffix: str) -> pd.Series:
    text = pd.Series("", pairs.index, dtype=object)
    for position, name in enumerate(names):
        text = text + (", " if position else "") + f"{name}=" + pairs[name + suffix].astype(str)
    return text


def _with_causes(frame: pd.DataFrame, stage: str, edits: pd.DataFrame, old: Cut, new: Cut) -> pd.DataFrame:
    """The differing values of a stage with cause and record, found once a subject."""
    bearing = edits[edits["records"].isin(_bearing(stage))]
    common = _common_causes(stage, old, new)
    pooled = _causes(bearing, "") if stage in COHORT_STAGES else {}
    unmoved = _with_cut_date({**pooled, **common}, old, new)
    own = {subject: _causes(rows, subject) for subject, rows in bearing.groupby("subject_id")}
    found = {
        subject: {**own[subject], **common} if subject in own else unmoved for subject in frame["subject_id"]
    }
    if not bearing.empty:
        found[""] = {**_causes(bearing, ""), **common}
    explained = {subject: _explained(causes) for subject, causes in found.items()}
    return frame.assign(
        cause=frame["subject_id"].map({subject: cause for subject, (cause, _) in explained.items()}),
        record=frame["subject_id"].map({subject: record for subject, (_, record) in explained.items()}),
    )


def _bearing(stage: str) -> set[str]:
    """Kinds of records that a stage's values can follow from."""
    if stage == "association":
        return {FILES, *(source.name for source in SOURCES)}
    files = {FILES} if stage == "ctdna" else set()
    return files | {source.name for source in SOURCES if stage in source.stages}


def _causes(edits: pd.DataFrame, subject: str) -> dict[str, str]:
    """Edits in words by cause; proof of life counts where nothing else differs."""
    others = edits[edits["records"].ne(LAST_RESORT)]
    counted = edits if others.empty else others
    return {cause: in_words(rows, of=subject) for cause, rows in counted.groupby("cause")}


def _common_causes(stage: str, old: Cut, new: Cut) -> dict[str, str]:
    """Settings and code that differ for every value of a stage, in words by cause."""
    causes = {}
    keys = changed_keys(old.config, json.loads(json.dumps(new.config)))
    settings = [
        f"{key} {_shown(before)} -> {_shown(after)}"
        for key, (before, after) in keys.items()
        if key.startswith(SETTINGS[stage])
    ]
    if stage in COHORT_STAGES:
        settings += [f"content of inputs.{name}" for name in changed_keys(old.context, new.context)]
    if settings:
        causes["changed config"] = first_few(settings, apart="; ")
    code = [f"code {old.code} -> {new.code}"] if old.code != new.code else []
    versions = changed_keys(old.versions, new.versions)
    code += [f"{name} {before} -> {after}" for name, (before, after) in versions.items()]
    if code:
        causes["changed code"] = first_few(code, apart="; ")
    return causes


def _with_cut_date(causes: Mapping[str, str], old: Cut, new: Cut) -> dict[str, str]:
    """The causes and a moved cut date: visits come due and times end later without a new record."""
    before, after = (cut.config["data_cut"]["date"] for cut in (old, new))
    if before == after:
        return dict(causes)
    settings = [f"data_cut.date {before} -> {after}", causes.get("changed config", "")]
    return {**causes, "changed config": "; ".join(filter(None, settings))}


def _explained(causes: Mapping[str, str]) -> tuple[str, str]:
    """Causes and what stands behind them, each in one text."""
    names = [cause for cause in CAUSES if cause in causes] or ["unexplained"]
    return "; ".join(names), "; ".join(causes[name] for name in names if causes.get(name))


def _findings(edits: pd.DataFrame, frame: pd.DataFrame, old: Cut, new: Cut) -> pd.DataFrame:
    cut_date = old.config["data_cut"]["date"]
    edited = edits[edits["cause"].eq("changed old data") & edits["records"].ne(LAST_RESORT)]
    gone = edited[edited["subject_id"].isin(_subjects(old) - _subjects(new))]
    problems = [_subject_gone(subject, rows) for subject, rows in gone.groupby("subject_id")]
    problems += [_edited(edit) for edit in edited.drop(gone.index).itertuples()]
    if cut_date:
        added = edits[edits["old"].eq("absent") & edits["records"].isin(ASSESSED) & edits["day"].ne("")]
        late = added[added["day"].le(cut_date)]
        problems += [_late(edit, cut_date) for edit in late.itertuples()]
    unexplained = frame[frame["cause"].eq("unexplained")]
    problems += [_unexplained(change) for change in unexplained.itertuples()]
    return findings_frame(problems, "report")


def _subjects(cut: Cut) -> set[str]:
    return set(cut.tables[intake.SUBJECTS]["subject_id"]) if intake.SUBJECTS in cut.tables else set()


def _subject_gone(subject: str, edits: pd.DataFrame) -> Problem:
    counts = edits["records"].value_counts().sort_index()
    return Problem(
        check="subject_removed",
        column="subject_id",
        found="no record of the subject",
        expected=f"{', '.join(f'{name}: {n}' for name, n in counts.items())}, as in the previous cut",
        remedy="Ask the source why, or name the subject in intake.excluded_subjects.",
        subject_id=subject,
        severity="warning",
    )


def _edited(edit: tuple) -> Problem:
    return Problem(
        check="retroactive_edit",
        column=f"{edit.records}.{edit.field}",
        found=f"{edit.new or '(empty)'} in {edit.record}",
        expected=f"{edit.old or '(empty)'}, as in the previous cut",
        remedy="Ask the source why; report/changes.tsv lists the values of the subject that moved.",
        subject_id=edit.subject_id,
        severity="warning" if edit.records in ASSESSED else "info",
    )


def _late(edit: tuple, cut_date: str) -> Problem:
    return Problem(
        check="late_entry",
        column=edit.records,
        found=f"{edit.record}, not in the previous cut",
        expected=f"records up to {cut_date} in the cut of that day",
        remedy="Taken as new data.",
        subject_id=edit.subject_id,
        severity="info",
    )


def _unexplained(change: tuple) -> Problem:
    return Problem(
        check="unexplained_change",
        column=f"{change.table} {change.field}",
        found=f"{change.new or '(empty)'} {change.item}".strip(),
        expected=f"{change.old or '(empty)'}, as in the previous cut, since nothing differs that bears on it",
        remedy="Verify both cuts (make verify); report this as an error of the workflow if they agree.",
        subject_id=change.subject_id,
        severity="error",
    )


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
