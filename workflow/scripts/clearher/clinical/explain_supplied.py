"""The part of a subject's explanation about values that the input itself gives."""

from collections.abc import Iterator

import pandas as pd

from clearher.clinical.days import spoken
from clearher.clinical.explain_safety import holds
from clearher.intake.durations import ENDPOINTS, dated_durations

DERIVED = "; derived: as its dates give"
CLIPPED = "; clipped at the cut: a later one counts as of that day"


def supplied_lines(rows: pd.DataFrame, subjects: pd.DataFrame) -> Iterator[str]:
    """One line a value with its source, and where it follows from dates or from the cut.

    Parameters
    ----------
    rows, subjects : pandas.DataFrame
        Rows of one subject in the tables SUPPLIED and SUBJECTS of intake.
    """
    if rows.empty:
        return
    row, subject = rows.iloc[0], subjects.iloc[0]
    notes = _derived(rows, subject) | _clipped(row, subject)
    for name, value in row.drop(["subject_id", "source"]).items():
        if pd.notna(value) and value != "":
            text = spoken(value) if isinstance(value, pd.Timestamp) else f"{value}"
            yield f"{name}: {text} ({row['source']}{notes.get(name, '')})"


def _derived(rows: pd.DataFrame, subject: pd.Series) -> dict[str, str]:
    start = pd.Series(subject["reference_date"], index=rows.index, dtype="datetime64[ns]")
    dated = dated_durations(rows, start).iloc[0]
    given = rows.iloc[0]
    return {
        f"{name}_{part}": DERIVED
        for name in ENDPOINTS
        for part in ("days", "event")
        if holds(given[f"{name}_event"]) and given[f"{name}_days"] == dated[f"{name}_days"]
    }


def _clipped(row: pd.Series, subject: pd.Series) -> dict[str, str]:
    cut = subject["cut_date"]
    if pd.isna(cut):
        return {}
    notes = {"last_contact_date": CLIPPED} if row["last_contact_date"] == cut else {}
    starts = {"pfs": subject["reference_date"], "os": subject["reference_date"], "dor": row["response_date"]}
    for name, start in starts.items():
        longest = (cut - start).days + 1
        if row[f"{name}_days"] == longest and not holds(row[f"{name}_event"]):
            notes[f"{name}_days"] = CLIPPED
    return notes
