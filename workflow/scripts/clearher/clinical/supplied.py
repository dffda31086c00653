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
CENSORED_AT_CONTACT = "Censored at the last contact, for no day count was supplied"
ENDS = {
    "PFS": ("reference_date", ["progression_date", "death_date"]),
    "OS": ("reference_date", ["death_date"]),
    "DOR": ("response_date", ["progression_date", "death_date"]),
}
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
        SD counts as disease control as supplied; the groups CR/PR and SD/PD give what they determine and no
        more. A blank among other values is NE; where nobody has a value, nothing is said of response. A
        response other than NE stands for one assessment, for NE names none that is adequate.
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
    frame["n_adequate"] = (given & frame["bor"].ne("NE")).astype(int)
    frame["derived_from"] = "supplied"
    if not given.any():
        frame = frame.assign(
            bor="", ne_reason="", responder=pd.NA, disease_control=pd.NA, clinical_benefit=pd.NA
        )
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
    if endpoint in TIMES:
        frame, problems = _timed(frame, endpoint)
    elif endpoint == "TTR":
        frame, problems = _to_response(frame)
    else:
        return pd.DataFrame(), []
    raise_if_errors(problems)
    names = ["subject_id", "start_date", "end_date", "days", "event", "description", "source"]
    return frame.loc[frame["days"].notna() & frame["event"].notna(), names].reset_index(drop=True), problems


def against_derived(derived: pd.DataFrame, values: pd.DataFrame) -> Iterator[Problem]:
    """Supplied times that differ from those derived from the assessments, which stand.

    Parameters
    ----------
    derived : pandas.DataFrame
        Table TIME_TO_EVENT; the primary rule is compared.
    values : pandas.DataFrame
        Table SUPPLIED of intake.
    """
    for endpoint, (days_name, event_name) in TIMES.items():
        rows = derived[derived["endpoint"].eq(endpoint) & derived["rule"].eq("primary")]
        both = rows.merge(values[values[days_name].notna()], on="subject_id", suffixes=("", "_supplied"))
        differs = (both["days"] - both[days_name]).abs().gt(1) | both["event"].ne(both[event_name]).fillna(
            False
        )
        for row in both[differs.fillna(False)].to_dict("records"):
            yield Problem(
                check="supplied_against_derived",
                severity="warning",
                subject_id=row["subject_id"],
                file=row["source_supplied"],
                column=endpoint,
                found=f"supplied {row[days_name]:g} days, event {row[event_name]}; "
                f"derived {row['days']} days, event {row['event']}",
                expected="the same time, one day apart at most",
                remedy="The derived time stands.",
            )


def _timed(frame: pd.DataFrame, endpoint: str) -> tuple[pd.DataFrame, list[Problem]]:
    frame = _dated(frame, endpoint)
    counted = duration(frame["start_date"], frame["end_date"])
    given = frame[TIMES[endpoint][0]].round().astype("Int64")
    problems = list(_day_problems(frame, endpoint, given, counted))
    frame["days"] = given.fillna(counted)
    reckoned = frame["start_date"] + pd.to_timedelta(frame["days"].astype("float64") - 1, unit="D")
    frame["end_date"] = reckoned.fillna(frame["end_date"])
    censored = np.where(given.isna() & frame["end_date"].notna(), CENSORED_AT_CONTACT, "Censored as supplied")
    frame["description"] = np.where(frame["event"].astype(bool), "Event as supplied", censored)
    return frame, [*problems, *_at_contact(frame, endpoint)]


def _to_response(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    frame = frame[frame["best_response"].isin(RESPONDED)]
    frame = frame.assign(start_date=frame["reference_date"], end_date=frame["response_date"])
    frame = frame.assign(days=duration(frame["start_date"], frame["end_date"]), event=True)
    return frame.assign(description="Response as supplied"), list(_negative(frame, "TTR"))


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
    start, ends = ENDS[endpoint]
    if endpoint == "DOR":
        frame = frame[frame["best_response"].isin(RESPONDED)]
    event_date = frame[ends].min(axis=1)
    flag = frame[TIMES[endpoint][1]]
    happened = flag.fillna(event_date.notna().astype("boolean"))
    end = event_date.where(happened.astype(bool), frame["last_contact_date"])
    return frame.assign(start_date=frame[start], end_date=end, event=happened)


def _day_problems(
    frame: pd.DataFrame, endpoint: str, supplied_days: pd.Series, counted: pd.Series
) -> Iterator[Problem]:
    yield from _negative(frame.assign(days=supplied_days.fillna(counted)), endpoint)
    differs = (supplied_days - counted).abs().gt(1).fillna(False) & frame["event"].astype(bool)
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


def _at_contact(frame: pd.DataFrame, endpoint: str) -> Iterator[Problem]:
    """Progression is looked for at assessments, so a later contact does not show that there was none."""
    count = int((frame["description"].eq(CENSORED_AT_CONTACT) & frame["days"].notna()).sum())
    if count and "progression_date" in ENDS[endpoint][1]:
        days, event = TIMES[endpoint]
        yield Problem(
            check=f"{endpoint.lower()}_censored_at_contact",
            severity="warning",
            column=days,
            found=f"{count} subject{'s' * (count != 1)} without an event, censored at the last contact",
            expected="censoring at the last adequate tumour assessment; a later day makes the times too long",
            remedy=f"Give {days} and {event}, or the assessments with their dates, as SDTM or ADaM.",
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
    if row["bor"] == "" or row["ne_reason"] == "not supplied":
        return "No best overall response was supplied."
    when = f" on {spoken(row['response_date'])}" if not pd.isna(row["response_date"]) else ""
    return f"Best overall response {row['bor']}{when}, as supplied; whether it was confirmed is not known."
