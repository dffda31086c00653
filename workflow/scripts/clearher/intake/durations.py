"""Durations that a table supplies, beside the dates they should follow from."""

from dataclasses import replace

import pandas as pd

from clearher.intake.domains import Domain, cell_problems
from clearher.problems import Problem

ENDPOINTS = ("pfs", "os", "dor")
SUBJECT = "subject_id"


def dated_durations(supplied: pd.DataFrame, start: pd.Series) -> pd.DataFrame:
    """Durations and events that follow from dates alone; days are end - start + 1.

    PFS ends at progression or death, whichever is first, OS at death, DOR (from the response) as PFS;
    without an event each is censored at the last contact. Missing where a date is.
    """
    first_event = supplied[["progression_date", "death_date"]].min(axis=1)
    contact = supplied["last_contact_date"]
    parts = {
        "pfs": (start, first_event),
        "os": (start, supplied["death_date"]),
        "dor": (supplied["response_date"], first_event),
    }
    result = pd.DataFrame(index=supplied.index)
    for name, (begin, event) in parts.items():
        end = event.fillna(contact)
        result[f"{name}_days"] = ((end - begin).dt.days + 1).astype("float64")
        result[f"{name}_event"] = event.notna().astype("boolean").where(end.notna() & begin.notna())
    return result


def completed_durations(supplied: pd.DataFrame, start: pd.Series) -> pd.DataFrame:
    """Supplied endpoints with events filled from dates, and the day of death from OS.

    Where dates and a count of an event are both given, the dates hold. A count without dates stands as
    supplied, and so does a censored one, since the table has no date of its last assessment. Without a
    count and an event nothing is filled: the clinical stage censors at the last contact and says so.
    """
    result = supplied.copy()
    days = pd.to_timedelta((result["os_days"] - 1).where(result["os_event"].fillna(False)).round(), unit="D")
    result["death_date"] = result["death_date"].fillna((start + days).dt.normalize())
    dated = dated_durations(result, start)
    exact = _exact(supplied)
    for name in ENDPOINTS:
        absent = result[f"{name}_days"].isna() | result[f"{name}_event"].isna()
        use = dated[f"{name}_event"].fillna(False).astype(bool) & (absent | exact[name])
        if name == "dor":
            use &= result["best_response"].isin(("CR", "PR", "CR/PR", ""))
        result[f"{name}_days"] = result[f"{name}_days"].mask(use, dated[f"{name}_days"])
        result[f"{name}_event"] = result[f"{name}_event"].mask(use, True)
    return result


def _exact(supplied: pd.DataFrame) -> dict[str, pd.Series]:
    """Where dates fix the end of each endpoint; a death alone bounds a progression that has no date."""
    progressed = supplied["progression_date"].notna()
    return {"pfs": progressed, "os": supplied["death_date"].notna(), "dor": progressed}


def duration_problems(
    table: Domain, supplied: pd.DataFrame, start: pd.Series, start_column: str
) -> list[Problem]:
    """Negative, incomplete or contradicting durations, before anything is filled.

    Parameters
    ----------
    table : Domain
        Table as text.
    supplied : pandas.DataFrame
        Endpoints of its rows, as read.
    start : pandas.Series
        Day 1 of each row.
    start_column : str
        Column that holds it.

    Notes
    -----
    An event count that is one day off the dates is a warning (the first day not counted), more is an
    error; so is a count or date before the start, a duration without its event flag where the table has no
    column for the date of that event (a blank there says that there was none), and an event flag that the
    dates contradict.
    """
    dated = dated_durations(supplied, start)
    problems = []
    for name in ENDPOINTS:
        problems += _alone(table, supplied, dated, name)
        problems += _negative(table, supplied, name)
        problems += _disagreeing(table, supplied, dated, name)
    survival_ends = _ends(supplied, without=["death_date"])
    before_start = survival_ends.lt(start, axis=0)
    problems += _too_early(table, before_start, start_column)
    response_ends = _ends(supplied, without=["progression_date", "death_date"])
    before_response = response_ends.lt(supplied["response_date"], axis=0) & ~before_start
    problems += _too_early(table, before_response, "response_date")
    return problems + _pfs_beyond_os(table, supplied)


def _alone(table: Domain, supplied: pd.DataFrame, dated: pd.DataFrame, name: str) -> list[Problem]:
    days, event = supplied[f"{name}_days"], supplied[f"{name}_event"]
    undated = dated[f"{name}_days"].isna()
    happens = "death_date" if name == "os" else "progression_date"
    untold = ~dated[f"{name}_event"].fillna(False) & (not table.has(happens))
    problems = cell_problems(
        table,
        days.notna() & event.isna() & (undated | untold),
        f"{name}_days",
        check="event_missing",
        expected=f"{name}_event (1 or 0) beside {name}_days",
        remedy="Give the flag, or the dates.",
        otherwise="The duration is not used.",
        subject=SUBJECT,
    )
    return problems + cell_problems(
        table,
        event.notna() & days.isna() & undated,
        f"{name}_event",
        check="duration_missing",
        expected=f"{name}_days, or the dates they follow from",
        remedy="Give one of the two; the subject has no such endpoint.",
        severity="warning",
        subject=SUBJECT,
    )


def _negative(table: Domain, supplied: pd.DataFrame, name: str) -> list[Problem]:
    return cell_problems(
        table,
        supplied[f"{name}_days"] < 0,
        f"{name}_days",
        check="duration_negative",
        expected="an end on or after the start",
        remedy="Correct the count.",
        subject=SUBJECT,
    )


def _ends(supplied: pd.DataFrame, without: list[str]) -> pd.DataFrame:
    """Dates at which an endpoint can end; the last contact only for those without one of these events."""
    contact = supplied["last_contact_date"].where(supplied[without].isna().all(axis=1))
    return supplied[["progression_date", "death_date"]].assign(last_contact_date=contact)


def _too_early(table: Domain, early: pd.DataFrame, start_column: str) -> list[Problem]:
    """One error a date that comes before the start, which is named with its value."""
    problems = []
    for column in early.columns:
        found = cell_problems(
            table,
            early[column],
            column,
            check="duration_negative",
            expected=f"a date on or after {start_column}",
            remedy="Correct one of the two dates.",
            subject=SUBJECT,
        )
        starts = table.text(start_column)[early[column]]
        problems += [
            replace(problem, expected=f"{problem.expected}, {begin}")
            for problem, begin in zip(found, starts, strict=True)
        ]
    return problems


def _disagreeing(table: Domain, supplied: pd.DataFrame, dated: pd.DataFrame, name: str) -> list[Problem]:
    event, dated_event = supplied[f"{name}_event"], dated[f"{name}_event"].fillna(False)
    both = (event & dated_event).fillna(False)
    difference = supplied[f"{name}_days"] - dated[f"{name}_days"]
    gap = difference.abs().where(_exact(supplied)[name], difference)
    problems = cell_problems(
        table,
        both & (gap > 1),
        f"{name}_days",
        check="duration_disagrees",
        expected="the number of days between the dates, both counted",
        remedy="Correct the count or the dates.",
        otherwise="The dates hold.",
        subject=SUBJECT,
    )
    problems += cell_problems(
        table,
        both & (gap > 0) & (gap <= 1),
        f"{name}_days",
        check="duration_one_day_off",
        expected="the number of days between the dates, both counted",
        remedy="The dates hold; the first day is day 1.",
        severity="warning",
        subject=SUBJECT,
    )
    return problems + cell_problems(
        table,
        (~event & dated_event).fillna(False) & ~(supplied[f"{name}_days"] < dated[f"{name}_days"]),
        f"{name}_event",
        check="event_disagrees",
        expected="1, since the dates hold an event by then",
        remedy="Correct the flag or the dates.",
        otherwise="The dates hold.",
        subject=SUBJECT,
    )


def _pfs_beyond_os(table: Domain, supplied: pd.DataFrame) -> list[Problem]:
    return cell_problems(
        table,
        supplied["pfs_days"] > supplied["os_days"],
        "pfs_days",
        check="pfs_after_os",
        expected="no more days than os_days",
        remedy="Check both; progression-free survival cannot outlast survival.",
        severity="warning",
        subject=SUBJECT,
    )
