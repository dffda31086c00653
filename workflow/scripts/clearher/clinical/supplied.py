"""Responses and times of a study whose input gives the derived values themselves."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from clearher.clinical.days import duration, spoken, study_day
from clearher.columns import clinical as columns
from clearher.problems import Problem, raise_if_errors
from clearher.tables import conform, empty

CONTROLLED = ("CR", "PR", "CR/PR", "SD")
RESPONDED = ("CR", "PR", "CR/PR")
TIMES = {"PFS": ("pfs_days", "pfs_event"), "OS": ("os_days", "os_event"), "DOR": ("dor_days", "dor_event")}


def responses(
    subjects: pd.DataFrame, values: pd.DataFrame, *, settings: Mapping
) -> tuple[pd.DataFrame, list[Problem]]:
    """Table RESPONSES from supplied best responses, and what is odd about them.

    Parameters
    ----------
    subjects, values : pandas.DataFrame
        Tables SUBJECTS and SUPPLIED of intake.
    settings : Mapping
        Section ``clinical``; the rows are those of the configured evaluator.

    Returns
    -------
    tuple
        The table and findings. Whether a response was confirmed is not known, so nothing is said of it;
        SD counts as disease control as supplied; PR/SD groups give what they determine and no more.
    """
    if values.empty:
        return empty(columns.RESPONSES), []
    frame = _members(subjects, values)
    given = frame["best_response"].ne("")
    frame["evaluator"] = settings["response"]["evaluator"]
    frame["bor"] = frame["best_response"].where(given, "NE")
    frame["ne_reason"] = np.select(
        [~given, frame["bor"].eq("NE")], ["not supplied", "all assessments not evaluable"], ""
    )
    frame["responder"] = frame["bor"].isin(RESPONDED)
    control = frame["bor"].isin(_controlled(settings)).astype("boolean").mask(frame["bor"].eq("SD/PD"))
    frame["disease_control"] = control
    frame["clinical_benefit"] = control if settings["response"]["cbr_min_days"] is None else pd.NA
    frame["response_date"] = frame["response_date"].where(frame["responder"])
    frame["bor_date"] = frame["response_date"]
    frame["response_day"] = study_day(frame["response_date"], frame["reference_date"])
    frame["bor_day"] = frame["response_day"]
    frame["time_to_response_days"] = duration(frame["reference_date"], frame["response_date"])
    frame["first_pd_date"] = frame["progression_date"]
    frame["n_assessments"] = given.astype(int)
    frame["derived_from"] = "supplied"
    frame["sentence"] = [_sentence(row) for row in frame.to_dict("records")]
    return _conforming(frame), list(_response_findings(frame))


def times(subjects: pd.DataFrame, values: pd.DataFrame, endpoint: str) -> tuple[pd.DataFrame, list[Problem]]:
    """One endpoint's times from supplied day counts or dates: rows for TIME_TO_EVENT without rule and months.

    Parameters
    ----------
    subjects, values : pandas.DataFrame
        Tables SUBJECTS and SUPPLIED of intake.
    endpoint : str
        PFS, OS, DOR or TTR; others give no rows, for the input does not hold them.

    Returns
    -------
    tuple
        Rows (subject_id, start_date, end_date, days, event, description, source) and findings. A supplied
        day count stands; where dates tell another number of days, a finding says so.

    Raises
    ------
    InputError
        A time that ends before it starts.
    """
    frame = _members(subjects, values)
    if endpoint in TIMES and not frame.empty:
        frame = _dated(frame, endpoint)
        days_name, event_name = TIMES[endpoint]
        counted = duration(frame["start_date"], frame["end_date"])
        supplied_days = frame[days_name].round().astype("Int64")
        problems = list(_day_problems(frame, endpoint, supplied_days, counted))
        frame["days"] = supplied_days.fillna(counted)
        frame["event"] = frame[event_name].fillna(frame["dated_event"])
        only_count = frame["end_date"].isna() & frame["start_date"].notna() & frame["days"].notna()
        reckoned = frame["start_date"] + pd.to_timedelta(frame["days"].astype("float64") - 1, unit="D")
        frame["end_date"] = frame["end_date"].where(~only_count, reckoned)
    elif endpoint == "TTR" and not frame.empty:
        frame["start_date"], frame["end_date"] = frame["reference_date"], frame["response_date"]
        frame["days"] = duration(frame["start_date"], frame["end_date"])
        frame["event"] = True
        problems = list(_negative(frame, endpoint))
    else:
        return pd.DataFrame(), []
    raise_if_errors(problems)
    frame["description"] = np.where(
        frame["event"].eq(True), f"{endpoint} event as supplied", "Censored as supplied"
    )
    keep = frame["days"].notna() & frame["event"].notna()
    names = ["subject_id", "start_date", "end_date", "days", "event", "description", "source"]
    return frame.loc[keep, names].reset_index(drop=True), problems


def _members(subjects: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    facts = subjects[["subject_id", "reference_date", "death_date", "screen_failure"]]
    frame = values.drop(columns="death_date").merge(facts, on="subject_id")
    return frame[~frame["screen_failure"].fillna(False).astype(bool)].reset_index(drop=True)


def _controlled(settings: Mapping) -> tuple[str, ...]:
    extra = ("NON-CR/NON-PD",) if settings["response"]["sd"]["count_non_cr_non_pd"] else ()
    return CONTROLLED + extra


def _conforming(frame: pd.DataFrame) -> pd.DataFrame:
    for column in columns.RESPONSES.columns:
        if column.name not in frame:
            frame[column.name] = "" if column.type == "text" else None
    return conform(frame[columns.RESPONSES.names], columns.RESPONSES)


def _dated(frame: pd.DataFrame, endpoint: str) -> pd.DataFrame:
    pieces = {
        "PFS": ("reference_date", ["progression_date", "death_date"]),
        "OS": ("reference_date", ["death_date"]),
        "DOR": ("response_date", ["progression_date", "death_date"]),
    }
    start, ends = pieces[endpoint]
    event_date = frame[ends].min(axis=1)
    censored = frame["last_contact_date"] if endpoint == "OS" else pd.Series(pd.NaT, index=frame.index)
    flag = frame[TIMES[endpoint][1]]
    said_censored = flag.eq(False).fillna(False)
    end = event_date.where(~said_censored, censored).fillna(censored.where(~flag.eq(True).fillna(False)))
    known = event_date.notna() & frame[start].notna()
    happened = known.astype("boolean").where(known | end.notna())
    responded = frame["best_response"].isin(RESPONDED) if endpoint == "DOR" else True
    frame = frame.assign(start_date=frame[start], end_date=end, dated_event=happened)
    return frame[responded] if endpoint == "DOR" else frame


def _day_problems(
    frame: pd.DataFrame, endpoint: str, supplied_days: pd.Series, counted: pd.Series
) -> Iterator[Problem]:
    yield from _negative(frame.assign(days=supplied_days.fillna(counted)), endpoint)
    differs = (supplied_days - counted).abs().gt(1).fillna(False)
    for row, given, found in zip(
        frame[differs].itertuples(), supplied_days[differs], counted[differs], strict=True
    ):
        yield Problem(
            check="supplied_days_against_dates",
            severity="warning",
            subject_id=row.subject_id,
            column=TIMES[endpoint][0],
            file=row.source,
            found=f"{given} days, but {found} from {spoken(row.start_date)} to {spoken(row.end_date)}",
            expected="the same number of days, one apart at most",
            remedy="The supplied day count stands.",
        )


def _negative(frame: pd.DataFrame, endpoint: str) -> Iterator[Problem]:
    for row in frame[frame["days"].lt(0).fillna(False)].itertuples():
        yield Problem(
            check="negative_duration",
            subject_id=row.subject_id,
            file=row.source,
            column=endpoint,
            found=f"{row.days} days",
            expected="an end on or after the start",
            remedy="Correct the dates or the day count.",
        )


def _response_findings(frame: pd.DataFrame) -> Iterator[Problem]:
    odd = frame["best_response"].isin(RESPONDED) & frame["response_date"].lt(frame["reference_date"])
    for row in frame[odd].itertuples():
        yield Problem(
            check="response_before_reference",
            severity="warning",
            subject_id=row.subject_id,
            file=row.source,
            column="response_date",
            found=spoken(row.response_date),
            expected=f"a date on or after {spoken(row.reference_date)}",
            remedy="It counts as supplied; check the date.",
        )


def _sentence(row: dict) -> str:
    if row["ne_reason"] == "not supplied":
        return "No best overall response was supplied."
    when = f" on {spoken(row['response_date'])}" if not pd.isna(row["response_date"]) else ""
    return f"Best overall response {row['bor']}{when}, as supplied; whether it was confirmed is not known."
