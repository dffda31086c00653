"""What is known of each subject under one rule: the dates from which every time to event is made."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from clearher.clinical.confirmation import RESPONSES, first_of
from clearher.clinical.response import confirm_by, confirmed_rows
from clearher.clinical.selection import select, selection_rule


class Given(NamedTuple):
    """The frames every rule starts from: eligible subjects, responses, lesion visits, therapies, contacts."""

    subjects: pd.DataFrame
    records: pd.DataFrame
    visits: pd.DataFrame
    new_therapy: pd.DataFrame
    contacts: pd.DataFrame


class Observation(NamedTuple):
    """Dates per subject, and the adequate assessments, under one rule.

    Attributes
    ----------
    facts : pandas.DataFrame
        One row a subject: reference_date, death_date, new_therapy_date, and with
        record pd_date, response_date, confirmed_response_date, last_adequate_date; has_baseline.
    adequate : pandas.DataFrame
        subject_id, date, source of every adequate assessment in use, sorted by subject and date.
    """

    facts: pd.DataFrame
    adequate: pd.DataFrame


def observe(given: Given, *, evaluator: str, new_therapy: bool, settings: Mapping) -> Observation:
    """Select the responses of an evaluator and gather each subject's dates.

    Parameters
    ----------
    given : Given
        As of the data cut.
    evaluator : str
        Whose assessments count.
    new_therapy : bool
        Whether a new anti-cancer therapy ends the observation of response and progression.
    settings : Mapping
        Section ``clinical``.

    Notes
    -----
    Adequate: a usable date on or after the reference date, a value other than NE, before new therapy, not
    after the cut, up to the first PD.
    """
    rule = selection_rule(settings, evaluator, new_therapy=new_therapy)
    rows = confirm_by(select(given.records, given.subjects, given.new_therapy, rule), settings)
    second = confirmed_rows(rows, settings)
    adequate = rows.loc[rows["value"].ne("NE"), ["subject_id", "date", "source"]]
    facts = given.subjects[["subject_id", "reference_date", "death_date"]]
    therapy = given.new_therapy[["subject_id", "date"]].rename(columns={"date": "new_therapy_date"})
    facts = facts.merge(therapy, on="subject_id", how="left")
    found = {
        "pd": first_of(rows, rows["value"].eq("PD")),
        "response": first_of(rows, rows["value"].isin(RESPONSES)),
        "confirmed_response": first_of(second, second["confirmed"]),
        "last_adequate": adequate.drop_duplicates("subject_id", keep="last"),
    }
    for name, dates in found.items():
        named = dates[["subject_id", "date", "source"]]
        named = named.rename(columns={"date": f"{name}_date", "source": f"{name}_source"})
        facts = facts.merge(named, on="subject_id", how="left")
    facts["has_baseline"] = _has_baseline(facts, given.visits, evaluator)
    return Observation(facts, adequate.reset_index(drop=True))


def dated(facts: pd.DataFrame, name: str) -> pd.DataFrame:
    """One kind of date as source records: subject_id, date, source; subjects without it are left out."""
    rows = facts[facts[f"{name}_date"].notna()]
    source = rows.get(f"{name}_source", "")
    return pd.DataFrame({"subject_id": rows["subject_id"], "date": rows[f"{name}_date"], "source": source})


def _has_baseline(facts: pd.DataFrame, visits: pd.DataFrame, evaluator: str) -> pd.Series:
    rows = visits[visits["evaluator"].eq(evaluator)]
    if rows.empty:
        return pd.Series(True, index=facts.index)
    seen = rows.loc[rows["study_day"].le(1) | rows["nontarget_response"].ne(""), "subject_id"].unique()
    return facts["subject_id"].isin(seen) | ~facts["subject_id"].isin(rows["subject_id"])
