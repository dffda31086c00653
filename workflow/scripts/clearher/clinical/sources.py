"""First event or last censoring date per subject from declared sources: the core of every time to event."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

COLUMNS = ["subject_id", "date", "description", "source"]


@dataclass(frozen=True)
class Source:
    """Dates on which an event happened, or until which it had not.

    Attributes
    ----------
    description : str
        What the date means, in words.
    records : pandas.DataFrame
        subject_id, date and optionally source (the record); several rows a subject are allowed, rows
        without a date are ignored.
    """

    description: str
    records: pd.DataFrame


def first_event_or_last_censoring(
    starts: pd.DataFrame, events: Sequence[Source], censorings: Sequence[Source]
) -> pd.DataFrame:
    """One row per subject with a start date: the earliest event, else the latest censoring date.

    Parameters
    ----------
    starts : pandas.DataFrame
        subject_id, start_date; subjects without a start date get no row.
    events, censorings : sequence of Source
        In order of precedence: of events on one day the first source is named, of censorings the last.

    Returns
    -------
    pandas.DataFrame
        subject_id, start_date, end_date, event, description, source; subjects with neither are absent.

    References
    ----------
    pharmaverse/admiral R/derive_param_tte.R; unlike there an end before the start is left as it is, to be
    reported, and never raised to the start.
    """
    members = starts.loc[starts["start_date"].notna(), ["subject_id", "start_date"]]
    happened = _stacked(events).sort_values(["subject_id", "date", "order"], kind="stable")
    happened = happened.drop_duplicates("subject_id", keep="first").assign(event=True)
    last = _stacked(censorings).sort_values(["subject_id", "date", "order"], kind="stable")
    last = last.drop_duplicates("subject_id", keep="last").assign(event=False)
    last = last[~last["subject_id"].isin(happened["subject_id"])]
    rows = pd.concat([part for part in (happened, last) if len(part)] or [happened])
    rows = members.merge(rows.rename(columns={"date": "end_date"}), on="subject_id")
    names = ["subject_id", "start_date", "end_date", "event", "description", "source"]
    return rows[names].sort_values("subject_id", ignore_index=True)


def _stacked(sources: Sequence[Source]) -> pd.DataFrame:
    parts = []
    for order, source in enumerate(sources):
        rows = source.records[source.records["date"].notna()]
        given = rows.get("source", "")
        rows = rows[["subject_id", "date"]].assign(description=source.description, source=given, order=order)
        if len(rows):
            parts.append(rows)
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns=[*COLUMNS, "order"]).astype({"date": "datetime64[ns]"})
