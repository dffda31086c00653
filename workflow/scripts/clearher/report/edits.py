"""Records of two data cuts side by side: which are new, which of the old ones were edited or removed."""

from collections.abc import Mapping

import pandas as pd

from clearher.columns import Table
from clearher.problems import first_few
from clearher.report.comparison import SOURCES, Source

EDITS = ["subject_id", "records", "record", "day", "field", "old", "new", "cause"]
PLACE = ("source", "source_row", "sequence")
FILES = "files"
FILE_KINDS = {"vcf": "variant file", "bam": "read file"}


def record_edits(
    old: Mapping[Table, pd.DataFrame],
    new: Mapping[Table, pd.DataFrame],
    old_files: Mapping[str, Mapping[str, str]],
    new_files: Mapping[str, Mapping[str, str]],
    subjects: Mapping[str, str],
) -> pd.DataFrame:
    """Every difference between the records of two cuts.

    Parameters
    ----------
    old, new : Mapping of Table to DataFrame
        Intake's records as text (:func:`clearher.tables.as_text`); tables that only one cut has are left out.
    old_files, new_files : Mapping
        Digests of each sample's files, by sample and kind (vcf, bam).
    subjects : Mapping of str to str
        Subject of each sample that both cuts have; the files of others come and go with their sample.

    Returns
    -------
    pandas.DataFrame
        Columns subject_id, records (kind), record (which), day, field, old, new, cause: one row a new or
        removed record (field ``record``) and one row a changed field. A value where none was, a new record,
        and columns that follow a subject's course are ``new data``, all else is ``changed old data``.
    """
    parts = [
        _edits(old[source.table], new[source.table], source)
        for source in SOURCES
        if source.table in old and source.table in new
    ]
    parts.append(_file_edits(old_files, new_files, subjects))
    return pd.concat(parts, ignore_index=True).astype(object)


def _edits(old: pd.DataFrame, new: pd.DataFrame, source: Source) -> pd.DataFrame:
    columns = [name for name in new.columns if name in old.columns and name not in source.ignored]
    content = [name for name in columns if name not in PLACE]
    if old[columns].equals(new[columns]):
        return pd.DataFrame(columns=EDITS)
    old, new = (_as_recorded(frame[columns], source) for frame in (old, new))
    old, new = _unmatched(old, new, content), _unmatched(new, old, content)
    key = [name for name in source.table.key if name in columns and not name.startswith("source")]
    pairs = _numbered(old, key).merge(
        _numbered(new, key), on=[*key, "_number"], how="outer", suffixes=("_old", ""), indicator=True
    )
    both = pairs[pairs["_merge"].eq("both")]
    differing = [name for name in content if name not in key and both[f"{name}_old"].ne(both[name]).any()]
    changed = [_changed(both, name, source) for name in differing]
    added = _whole(pairs[pairs["_merge"].eq("right_only")], source, "", "absent", "present", "new data")
    gone = pairs[pairs["_merge"].eq("left_only")]
    removed = _whole(gone, source, "_old", "present", "absent", "changed old data")
    return pd.concat([added, removed, *changed], ignore_index=True)


def _as_recorded(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """The frame without values that follow from what was recorded beside them."""
    blanked = {
        name: frame[name].mask(frame[recorded].ne(""), "")
        for name, recorded in source.derived
        if name in frame and recorded in frame
    }
    return frame.assign(**blanked, _day=frame.get(source.date, ""))


def _unmatched(left: pd.DataFrame, right: pd.DataFrame, content: list[str]) -> pd.DataFrame:
    """Rows of the left frame whose content the right one does not hold as often."""
    left, right = _numbered(left, content), _numbered(right, content)
    keys = [*content, "_number"]
    merged = left.merge(right[keys], on=keys, how="left", indicator=True)
    return left[merged["_merge"].eq("left_only").to_numpy()].drop(columns="_number")


def _numbered(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    return frame.assign(_number=frame.groupby(key, sort=False).cumcount())


def _changed(both: pd.DataFrame, name: str, source: Source) -> pd.DataFrame:
    rows = both[both[f"{name}_old"].ne(both[name])]
    before, after = rows[f"{name}_old"], rows[name]
    is_new = before.eq("") | (name in source.running)
    frame = _whole(rows, source, "_old", before, after, "changed old data")
    return frame.assign(field=name, cause=frame["cause"].mask(is_new.to_numpy(), "new data"))


def _whole(
    rows: pd.DataFrame,
    source: Source,
    suffix: str,
    old: str | pd.Series,
    new: str | pd.Series,
    cause: str,
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "subject_id": _owner(rows),
            "records": source.name,
            "record": _which(rows, source, suffix),
            "day": rows[f"_day{suffix}"],
            "field": "record",
            "old": old,
            "new": new,
            "cause": cause,
        },
        columns=EDITS,
    )
    return frame.astype(object).reset_index(drop=True)


def _owner(rows: pd.DataFrame) -> pd.Series:
    """Subject of each record; of a removed one of a table that is not kept by subject, the one it had."""
    return (
        rows["subject_id"].fillna(rows["subject_id_old"]) if "subject_id_old" in rows else rows["subject_id"]
    )


def _which(rows: pd.DataFrame, source: Source, suffix: str) -> pd.Series:
    """A record in words: its kind, the rest of its key, its day."""
    text = pd.Series(source.word, rows.index, dtype=object)
    for name in source.table.key:
        if name in rows and name not in ("subject_id", "source_row", source.date):
            text = text + " " + rows[f"{name}{suffix}" if f"{name}{suffix}" in rows else name].astype(str)
    day = rows[f"_day{suffix}"].astype(str)
    return text + (" of " + day).where(day.ne(""), "")


def _file_edits(
    old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]], subjects: Mapping[str, str]
) -> pd.DataFrame:
    rows = [
        {
            "subject_id": subjects[sample],
            "records": FILES,
            "record": f"{words} of sample {sample}",
            "day": "",
            "field": "content",
            "old": before or "absent",
            "new": after or "absent",
            "cause": "changed old data" if before else "new data",
        }
        for sample in sorted(subjects)
        for kind, words in FILE_KINDS.items()
        if (before := old.get(sample, {}).get(kind, "")) != (after := new.get(sample, {}).get(kind, ""))
    ]
    return pd.DataFrame(rows, columns=EDITS, dtype=object)


def in_words(edits: pd.DataFrame, *, of: str) -> str:
    """The first few edits in a line, and how many more; the subject is named unless it is ``of``."""
    return first_few([_words(edit, of) for edit in edits.itertuples()], apart="; ")


def _words(edit: tuple, of: str) -> str:
    if edit.subject_id != of:
        return f"{edit.subject_id or 'no subject'}: {_words(edit, edit.subject_id)}"
    if edit.field == "content":
        return f"{'new' if edit.old == 'absent' else 'other'} {edit.record}"
    if edit.field == "record":
        return f"{'new' if edit.old == 'absent' else 'removed'} {edit.record}"
    return f"{edit.record}: {edit.field} {edit.old or '(empty)'} -> {edit.new or '(empty)'}"
