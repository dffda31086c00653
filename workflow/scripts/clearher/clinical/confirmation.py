"""Best overall response of a subject and the confirmation of its responses.

Every function takes the usable responses of all subjects: one row a day, sorted by subject and day,
with ``subject_id``, ``date``, ``days`` (plain difference to the reference date), ``value``.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

RESPONSES = ("CR", "PR")
CLASSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")


def confirming_row(
    values: list[str], moments: list[int], candidate: int, *, min_days: int, max_ne: int, accept_sd: bool
) -> int | None:
    """Position of the row that confirms a CR or PR; None when none does.

    Parameters
    ----------
    values, moments : list
        Responses of one subject and their days, in order of time.
    candidate : int
        Position of the CR or PR in question.
    min_days : int
        Least distance of the confirmation in days.
    max_ne : int
        Assessments that are not evaluable allowed up to it.
    accept_sd : bool
        Whether one SD may stand before the confirmation of a PR.

    Notes
    -----
    The rows up to and including the first CR (for a PR: CR or PR) at ``min_days`` or later decide. A CR
    needs all of them CR or NE; a PR needs CR, PR or NE and no PR after a CR.
    Source: pharmaverse/admiralonco R/response_sources.R.
    """
    wanted = ("CR",) if values[candidate] == "CR" else RESPONSES
    allowed_sd = 1 if accept_sd and values[candidate] == "PR" else 0
    n_ne = n_sd = 0
    seen_cr = False
    for position in range(candidate + 1, len(values)):
        value = values[position]
        n_ne += value == "NE"
        n_sd += value == "SD"
        impossible = value not in (*wanted, "NE", "SD") or (value == "PR" and seen_cr)
        if impossible or n_ne > max_ne or n_sd > allowed_sd:
            return None
        seen_cr = seen_cr or value == "CR"
        if value in wanted and moments[position] - moments[candidate] >= min_days:
            return position
    return None


def confirm(rows: pd.DataFrame, *, min_days: int, max_ne: int, accept_sd: bool) -> pd.DataFrame:
    """Usable responses with ``confirmed`` (boolean) and ``confirmed_by`` (date of the confirming row).

    Rows other than CR and PR are never confirmed.
    """
    rows = rows.reset_index(drop=True)
    values, moments = rows["value"].tolist(), _day_numbers(rows["date"])
    by = np.full(len(rows), -1)
    candidates = rows["value"].isin(RESPONSES).to_numpy()
    for start, end in subject_bounds(rows["subject_id"]):
        for row in range(start, end):
            if candidates[row]:
                found = confirming_row(
                    values[start:end],
                    moments[start:end],
                    row - start,
                    min_days=min_days,
                    max_ne=max_ne,
                    accept_sd=accept_sd,
                )
                by[row] = -1 if found is None else start + found
    confirmed = by >= 0
    dates = rows["date"].reindex(np.where(confirmed, by, -1)).set_axis(rows.index)
    return rows.assign(confirmed=confirmed, confirmed_by=dates)


def strict_table_3(rows: pd.DataFrame, *, sd_from: int) -> pd.DataFrame:
    """Usable responses in which disease seen again after an early, unconfirmed CR is PD.

    The first PR or SD after a CR that lies before the SD window and is not confirmed becomes PD; later
    rows are cut off. Source: RECIST 1.1, table 3 with its footnote.
    """
    early = rows["value"].eq("CR") & ~rows["confirmed"] & rows["days"].lt(sd_from)
    after = early.groupby(rows["subject_id"]).cumsum().gt(0)
    back = after & rows["value"].isin(["PR", "SD"])
    order = back.groupby(rows["subject_id"]).cumsum()
    first = back & order.eq(1)
    kept = order.eq(0) | first
    return rows.assign(value=rows["value"].mask(first, "PD"))[kept].reset_index(drop=True)


def best_response(rows: pd.DataFrame, credited: pd.Series, *, sd_from: int) -> pd.DataFrame:
    """Best overall response per subject: the first class met, and the earliest row of that class.

    Parameters
    ----------
    rows : pandas.DataFrame
        Usable responses.
    credited : pandas.Series
        True for each CR and PR that counts as such: all of them, or the confirmed ones.
    sd_from : int
        Days from the reference date from which SD counts; CR and PR that are not credited count as SD.

    Returns
    -------
    pandas.DataFrame
        subject_id, category, date, days, source; subjects without rows are absent.
    """
    value, late = rows["value"], rows["days"] >= sd_from
    rules = [
        value.eq("CR") & credited,
        value.eq("PR") & credited,
        value.isin(["CR", "PR", "SD"]) & late,
        value.eq("NON-CR/NON-PD") & late,
        value.eq("PD"),
    ]
    rank = np.select([rule.to_numpy(dtype=bool) for rule in rules], range(5), 5)
    ranked = rows.assign(rank=rank).sort_values(["subject_id", "rank", "date"], kind="stable")
    best = ranked.drop_duplicates("subject_id")
    best = best.assign(category=np.array(CLASSES, dtype=object)[best["rank"]])
    return best[["subject_id", "category", "date", "days", "source"]].reset_index(drop=True)


def first_of(rows: pd.DataFrame, mask: pd.Series) -> pd.DataFrame:
    """Earliest row per subject among those of a mask: subject_id, date, days, source."""
    return rows.loc[mask, ["subject_id", "date", "days", "source"]].drop_duplicates("subject_id")


def subject_bounds(subject_ids: pd.Series) -> list[tuple[int, int]]:
    """Start and end positions of each subject's rows in a sorted column."""
    if subject_ids.empty:
        return []
    changes = np.flatnonzero(subject_ids.to_numpy()[1:] != subject_ids.to_numpy()[:-1]) + 1
    edges = [0, *changes.tolist(), len(subject_ids)]
    return list(pairwise(edges))


def _day_numbers(dates: pd.Series) -> list[int]:
    return dates.to_numpy().astype("datetime64[D]").astype("int64").tolist()
