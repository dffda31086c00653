"""Clinical records from ADaM data sets: ADSL, ADRS, ADTTE and ADAE."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.dates import complete_dates
from clearher.intake.domains import (
    Domain,
    cell_problems,
    date_problems,
    domain_absent,
    domain_without_rows,
    find_domains,
    known_subjects,
    numbers_of,
    read_domain,
    unique_records,
)
from clearher.intake.records import ClinicalRecords, filled, records_of
from clearher.intake.sdtm_events import read_adverse_events
from clearher.intake.sdtm_response import mapped_responses
from clearher.intake.sdtm_subjects import screen_failures
from clearher.problems import Problem

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "ADSL": ("USUBJID", "TRTSDT"),
    "ADRS": ("USUBJID", "PARAMCD", "AVALC", "ADT"),
    "ADTTE": ("USUBJID", "PARAMCD", "CNSR"),
    "ADAE": ("USUBJID", "AETERM"),
}
PURPOSE = {
    "ADSL": "the subjects of the study",
    "ADRS": "response and progression",
    "ADTTE": "time to event",
    "ADAE": "adverse events",
}
NEEDED_BY_ENDPOINTS = ("ADRS",)
SUBJECT_DATES = {
    "randomisation_date": ("RANDDT",),
    "enrolment_date": ("ENRLDT", "ENRDT"),
    "first_dose_date": ("TRTSDT",),
    "last_dose_date": ("TRTEDT",),
    "end_of_treatment_date": ("EOTDT",),
    "end_of_study_date": ("EOSDT",),
}
OVERALL = ("OVR", "OVRLRESP", "OVRINV")
DURATIONS = {"PFS": "pfs", "OS": "os", "DOR": "dor", "RSD": "dor"}
UNIT_DAYS = {
    "": 1.0,
    "DAY": 1.0,
    "DAYS": 1.0,
    "WEEK": 7.0,
    "WEEKS": 7.0,
    "MONTH": 30.4375,
    "MONTHS": 30.4375,
    "YEAR": 365.25,
    "YEARS": 365.25,
}


def read_adam(
    folder: str | Path, *, clinical_settings: Mapping, endpoints_required: bool = False
) -> ClinicalRecords:
    """Read ADSL, ADRS, ADTTE and ADAE, one file each, found by name without regard to case.

    Overall responses (OVR) become assessments, adverse events are derived anew from their recorded dates;
    best response and times to event stand in ``supplied``, to be compared with ours or to be used where
    there are no assessments.

    Parameters
    ----------
    folder : str or Path
        Folder of the data sets.
    clinical_settings : Mapping
        Section ``clinical``.
    endpoints_required : bool
        Whether an absent ADRS is an error rather than a finding.
    """
    paths, problems = find_domains(folder, list(REQUIRED))
    if "ADSL" not in paths:
        return records_of([*problems, domain_absent("ADSL", PURPOSE["ADSL"], "error")])
    sets: dict[str, Domain] = {}
    for name, required in REQUIRED.items():
        needed = name == "ADSL" or (endpoints_required and name in NEEDED_BY_ENDPOINTS)
        if name in paths:
            sets[name], found = read_domain(name, paths[name], required)
            problems += found or domain_without_rows(sets[name], PURPOSE[name], needed=needed)
        else:
            problems.append(domain_absent(name, PURPOSE[name], "error" if needed else "info"))
    subjects, contacts, found = _subjects(sets["ADSL"])
    problems += found
    frames = {"subjects": subjects, "contacts": contacts, "supplied": _nobody(subjects)}
    for name in ("ADRS", "ADTTE", "ADAE"):
        if name in sets:
            sets[name], found = known_subjects(sets[name], subjects["subject_id"])
            problems += found
    value_map = clinical_settings["response"]["rows"]["value_map"]
    if "ADRS" in sets:
        frames["assessments"], found = _assessments(sets["ADRS"], value_map)
        frames["supplied"], wrong = _with_responses(frames["supplied"], sets["ADRS"], value_map)
        problems += [*found, *wrong]
    if "ADTTE" in sets:
        frames["supplied"], found = _with_durations(frames["supplied"], sets["ADTTE"])
        problems += found
    if "ADAE" in sets:
        events = _with_recorded_dates(sets["ADAE"])
        frames["adverse_events"], found = read_adverse_events(events, clinical_settings["adverse_events"])
        problems += found
    return records_of(problems, **frames)


def _subjects(adsl: Domain) -> tuple[pd.DataFrame, pd.DataFrame, list[Problem]]:
    repeated = adsl.frame.duplicated("USUBJID")
    problems = cell_problems(
        adsl,
        repeated,
        "USUBJID",
        check="subject_duplicate",
        expected="each subject once",
        remedy="Remove the rows that do not hold.",
        otherwise="Only the first row is kept.",
    )
    adsl = adsl.keep(~repeated)
    dates = [*(name for names in SUBJECT_DATES.values() for name in names), "DTHDT", "LSTALVDT"]
    for column in dates:
        problems += date_problems(
            adsl, column, partial_severity="warning", partial_remedy="Analysis dates must be full; not used."
        )
    age, found = numbers_of(adsl, "AGE")
    frame = pd.DataFrame(
        {
            "subject_id": adsl.text("USUBJID"),
            "arm": adsl.text("TRT01A", "ACTARM", "ARM"),
            "screen_failure": screen_failures(adsl),
            "death_text": adsl.text("DTHDTC", "DTHDT"),
            "age": age,
            "sex": adsl.text("SEX"),
        }
    )
    for name, sources in SUBJECT_DATES.items():
        frame[name] = complete_dates(adsl.text(*sources))
    frame["treated"] = frame["first_dose_date"].notna()
    alive = [_contacts(adsl, column) for column in ("LSTALVDT", "TRTSDT", "TRTEDT")]
    contacts = filled(pd.concat(alive), columns.CONTACTS)
    return filled(frame, columns.SUBJECTS), contacts, [*problems, *found]


def _contacts(adsl: Domain, column: str) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "subject_id": adsl.text("USUBJID"),
            "domain": "ADSL",
            "variable": column,
            "sequence": pd.Series(pd.NA, index=adsl.frame.index, dtype="Int64"),
            "date": complete_dates(adsl.text(column)),
        }
    )
    return frame[frame["date"].notna()]


def _nobody(subjects: pd.DataFrame) -> pd.DataFrame:
    return filled(pd.DataFrame({"subject_id": subjects["subject_id"], "source": "ADaM"}), columns.SUPPLIED)


def _assessments(adrs: Domain, value_map: Mapping[str, str]) -> tuple[pd.DataFrame, list[Problem]]:
    rows = adrs.keep(adrs.text("PARAMCD").isin(OVERALL))
    sequence_column = next((name for name in ("RSSEQ", "SRCSEQ", "ASEQ") if rows.has(name)), "ASEQ")
    rows, sequence, problems = unique_records(rows, sequence_column)
    rows, response, found = mapped_responses(rows, rows.text("AVALC"), "AVALC", value_map)
    problems += [
        *found,
        *date_problems(rows, "ADT", partial_severity="warning", partial_remedy="The row has no date."),
    ]
    evaluator = rows.text("RSEVAL", "PARCAT2").str.upper()
    central = evaluator.str.contains("INDEPENDENT", regex=False)
    flag = rows.text("ADTF").where(rows.text("ADTF").isin(("D", "M")), "")
    frame = pd.DataFrame(
        {
            "subject_id": rows.text("USUBJID"),
            "sequence": sequence.reindex(rows.frame.index),
            "date": complete_dates(rows.text("ADT")),
            "date_text": rows.text("ADT"),
            "date_imputed": flag,
            "visit": rows.text("AVISIT", "VISIT"),
            "evaluator": central.map({True: "INDEPENDENT ASSESSOR", False: "INVESTIGATOR"}),
            "evaluator_id": rows.text("RSEVALID"),
            "accepted": (rows.text("RSACPTFL") == "Y") | ~central | (rows.text("RSEVALID") == ""),
            "response": response,
            "source": rows.source(),
        }
    )
    return filled(frame, columns.ASSESSMENTS), problems


def _with_responses(
    supplied: pd.DataFrame, adrs: Domain, value_map: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Problem]]:
    missing = adrs.text("AVALC") == "MISSING"
    best = adrs.keep(
        (adrs.text("PARAMCD") == "BOR") & ~missing & ~adrs.frame.duplicated(["USUBJID", "PARAMCD"])
    )
    best, response, problems = mapped_responses(best, best.text("AVALC"), "AVALC", value_map)
    by_subject = pd.Series(response.to_numpy(), index=best.text("USUBJID"))
    result = supplied.assign(best_response=supplied["subject_id"].map(by_subject).fillna(""))
    for column, parameter in {
        "response_date": "RSP",
        "progression_date": "PD",
        "death_date": "DEATH",
    }.items():
        rows = adrs.keep((adrs.text("PARAMCD") == parameter) & (adrs.text("AVALC") == "Y"))
        dates = complete_dates(rows.text("ADT")).groupby(rows.text("USUBJID")).min()
        result[column] = pd.to_datetime(supplied["subject_id"].map(dates))
    return result, problems


def _with_durations(supplied: pd.DataFrame, adtte: Domain) -> tuple[pd.DataFrame, list[Problem]]:
    value, problems = numbers_of(adtte, "AVAL")
    censored, found = numbers_of(adtte, "CNSR")
    start, end = complete_dates(adtte.text("STARTDT")), complete_dates(adtte.text("ADT"))
    by_dates = ((end - start).dt.days + 1).astype("float64")
    days = by_dates.fillna(value * adtte.text("AVALU").str.upper().map(UNIT_DAYS))
    problems += cell_problems(
        adtte,
        days < 0,
        "AVAL",
        check="duration_negative",
        expected="an end on or after the start",
        remedy="Correct STARTDT, ADT or AVAL.",
    )
    problems += _without_time(adtte, days, value, censored)
    result = supplied.copy()
    for parameter, name in DURATIONS.items():
        rows = (adtte.text("PARAMCD") == parameter) & days.notna() & censored.notna()
        by_subject = adtte.text("USUBJID")[rows]
        lasting = days[rows].groupby(by_subject).first()
        happened = (censored[rows] == 0).groupby(by_subject).first()
        result[f"{name}_days"] = result[f"{name}_days"].fillna(supplied["subject_id"].map(lasting))
        event = supplied["subject_id"].map(happened).astype("boolean")
        result[f"{name}_event"] = result[f"{name}_event"].fillna(event)
    return result, [*problems, *found]


def _without_time(adtte: Domain, days: pd.Series, value: pd.Series, censored: pd.Series) -> list[Problem]:
    """Times that cannot be used: their unit is unknown, or nothing tells event from censoring."""
    ours = adtte.text("PARAMCD").isin(list(DURATIONS))
    problems = cell_problems(
        adtte,
        ours & value.notna() & days.isna(),
        "AVALU",
        check="unit_unknown",
        expected=f"one of {', '.join(unit for unit in UNIT_DAYS if unit)}, or STARTDT and ADT",
        remedy="Correct the unit, or give the dates.",
        otherwise="The time is not used.",
    )
    return problems + cell_problems(
        adtte,
        ours & days.notna() & censored.isna(),
        "CNSR",
        check="event_missing",
        expected="0 for an event, 1 or more for censoring",
        remedy="Fill it in.",
        otherwise="The time is not used.",
    )


def _with_recorded_dates(adae: Domain) -> Domain:
    frame = adae.frame.copy()
    for recorded, analysis in (("AESTDTC", "ASTDT"), ("AEENDTC", "AENDT")):
        if recorded not in frame:
            frame[recorded] = adae.text(analysis)
    return Domain(adae.name, adae.file, frame)
