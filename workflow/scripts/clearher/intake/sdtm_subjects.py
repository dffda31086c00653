"""Subjects and doses from SDTM DM, DS and EX; agreement of DM with other records of death."""

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.dates import complete_dates, date_range
from clearher.intake.domains import Domain, cell_problems, date_problems, numbers_of, unique_records
from clearher.intake.records import filled
from clearher.problems import Problem

SCREEN_FAILURE = ("SCRNFAIL", "SCREEN FAILURE", "SCREENFAIL")
ENROLLED = ("ENROLLED", "ENROLMENT", "ENTERED INTO TRIAL", "REGISTERED")
RANDOMISED = ("RANDOMIZED", "RANDOMISED", "RANDOMIZATION")


def read_doses(ex: Domain) -> tuple[pd.DataFrame, list[Problem]]:
    """Dose records; a record of dose 0 counts only for placebo, a blank dose counts.

    A partial start stays missing (finding). An end before the start is not used (finding).
    Source: treatment start of admiral ``inst/templates/ad_adsl.R``.
    """
    problems = date_problems(
        ex, "EXSTDTC", partial_severity="warning", partial_remedy="Not used for first and last dose."
    )
    problems += date_problems(ex, "EXENDTC", partial_severity="warning", partial_remedy="Read as missing.")
    ex, sequence, found = unique_records(ex, "EXSEQ")
    dose, wrong = numbers_of(ex, "EXDOSE")
    start, end = complete_dates(ex.text("EXSTDTC")), complete_dates(ex.text("EXENDTC"))
    reversed_ = end < start
    problems += [*found, *wrong, *end_before_start(ex, reversed_, "EXENDTC")]
    frame = pd.DataFrame(
        {
            "subject_id": ex.text("USUBJID"),
            "sequence": sequence,
            "start_date": start,
            "start_text": ex.text("EXSTDTC"),
            "end_date": end.mask(reversed_),
            "end_text": ex.text("EXENDTC").mask(reversed_, ""),
            "ongoing_at_cut": False,
            "treatment": ex.text("EXTRT"),
            "dose": dose,
            "dose_unit": ex.text("EXDOSU"),
            "visit": ex.text("VISIT"),
            "source": ex.source(),
        }
    )
    placebo = ex.text("EXTRT").str.upper().str.contains("PLACEBO", regex=False).astype(bool)
    given = (dose != 0) | placebo
    return filled(frame[given & (ex.text("EXOCCUR") != "N")], columns.DOSES), problems


def end_before_start(domain: Domain, mask: pd.Series, column: str) -> list[Problem]:
    """Findings for records that end before they start."""
    return cell_problems(
        domain,
        mask,
        column,
        check="end_before_start",
        expected="an end on or after the start",
        remedy="The end is not used; correct one of the two.",
        severity="warning",
    )


def read_subjects(dm: Domain, ds: Domain, doses: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """One row a subject: arm, screen failure, milestones, doses and death as recorded."""
    problems = _subject_problems(dm)
    dm = dm.keep((dm.text("USUBJID") != "") & ~dm.frame.duplicated("USUBJID"))
    age, found = numbers_of(dm, "AGE")
    frame = pd.DataFrame(
        {
            "subject_id": dm.text("USUBJID"),
            "arm": dm.text("ACTARM", "ARM", "ACTARMCD", "ARMCD"),
            "screen_failure": screen_failures(dm),
            "death_text": dm.text("DTHDTC"),
            "age": age,
            "sex": dm.text("SEX"),
        }
    )
    frame = _with_milestones(frame, ds)
    frame, conflicts = _with_dosing(frame, dm, doses)
    return filled(frame, columns.SUBJECTS), [*problems, *found, *conflicts]


def _subject_problems(dm: Domain) -> list[Problem]:
    repeated = dm.frame.duplicated("USUBJID") & (dm.text("USUBJID") != "")
    content = [column for column in dm.frame.columns if column != "source_row"]
    copies = dm.frame.duplicated(content)
    expected, kept = "each subject once", "Only the first row is kept."
    problems = cell_problems(
        dm,
        repeated & ~copies,
        "USUBJID",
        check="subject_duplicate",
        expected=expected,
        remedy="Remove the rows that do not hold.",
        otherwise=kept,
    )
    problems += cell_problems(
        dm,
        repeated & copies,
        "USUBJID",
        check="row_duplicate",
        expected=expected,
        remedy=kept,
        severity="warning",
    )
    problems += cell_problems(
        dm,
        dm.text("USUBJID") == "",
        "USUBJID",
        check="subject_blank",
        expected="a subject identifier",
        remedy="Fill it in.",
        otherwise="The row is not used.",
    )
    return problems + date_problems(
        dm, "DTHDTC", partial_severity="warning", partial_remedy="Set to the first possible day, and flagged."
    )


def screen_failures(dm: Domain) -> pd.Series:
    """Whether each row of DM or ADSL is a screen failure by its arm."""
    words = [dm.text(name).str.upper() for name in ("ARMCD", "ACTARMCD", "ARM", "ACTARM", "ARMNRS")]
    return pd.concat([word.isin(SCREEN_FAILURE) for word in words], axis=1).any(axis=1)


def _with_milestones(frame: pd.DataFrame, ds: Domain) -> pd.DataFrame:
    decoded, category = ds.text("DSDECOD").str.upper(), _ended_part(ds)
    ends = ds.text("DSCAT").str.upper().isin(("DISPOSITION EVENT", ""))
    moments = {
        "enrolment_date": decoded.isin(ENROLLED),
        "randomisation_date": decoded.isin(RANDOMISED),
        "end_of_treatment_date": ends & category.str.contains("TREATMENT", regex=False),
        "end_of_study_date": ends
        & category.str.contains("STUDY", regex=False)
        & ~category.str.contains("TREATMENT", regex=False),
    }
    dates = complete_dates(ds.text("DSSTDTC"))
    for name, mask in moments.items():
        first = dates[mask].groupby(ds.text("USUBJID")[mask]).min()
        frame[name] = pd.to_datetime(frame["subject_id"].map(first))
    return frame


def _ended_part(ds: Domain) -> pd.Series:
    """What a disposition event ends, in words: DSSCAT, else the epoch it happened in, else DSCAT.

    Follow-up is the last epoch of the study.
    """
    epoch = ds.text("EPOCH").str.upper()
    epoch = epoch.where(epoch.str.contains("TREATMENT|STUDY|FOLLOW"), "")
    part = epoch.mask(epoch.str.contains("FOLLOW", regex=False), "STUDY")
    return (
        ds.text("DSSCAT").str.upper().where(ds.text("DSSCAT") != "", part.where(part != "", ds.text("DSCAT")))
    )


def _with_dosing(frame: pd.DataFrame, dm: Domain, doses: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    last = doses["end_date"].fillna(doses["start_date"])
    first_dose = frame["subject_id"].map(doses.groupby("subject_id")["start_date"].min())
    last_dose = frame["subject_id"].map(last.groupby(doses["subject_id"]).max())
    recorded_first = complete_dates(dm.text("RFXSTDTC"))
    recorded_last = complete_dates(dm.text("RFXENDTC"))
    differs = first_dose.notna() & recorded_first.notna() & (first_dose != recorded_first)
    problems = cell_problems(
        dm,
        differs,
        "RFXSTDTC",
        check="first_dose_conflict",
        expected="the first start date of EX",
        remedy="The dose records count.",
        severity="warning",
    )
    frame["first_dose_date"] = pd.to_datetime(first_dose.fillna(recorded_first))
    frame["last_dose_date"] = pd.to_datetime(last_dose.fillna(recorded_last))
    frame["treated"] = frame["first_dose_date"].notna()
    return frame, problems


def death_conflicts(dm: Domain, ds: Domain, ae: Domain, ss: Domain) -> list[Problem]:
    """Findings where DM, DS, AE and SS do not agree on a death; DM is what counts."""
    flagged, dated = dm.text("DTHFL").str.upper() == "Y", dm.text("DTHDTC") != ""
    problems = cell_problems(
        dm,
        flagged & ~dated,
        "DTHDTC",
        check="death_without_date",
        expected="a date of death where DTHFL is Y",
        remedy="No death is counted without a date; complete it.",
        severity="warning",
    )
    problems += cell_problems(
        dm,
        dated & ~flagged if dm.has("DTHFL") else pd.Series(False, dm.frame.index),
        "DTHDTC",
        check="death_without_flag",
        expected="DTHFL Y where a date of death is given",
        remedy="The death is counted; set the flag.",
        severity="warning",
    )
    recorded = dm.frame.drop_duplicates("USUBJID").set_index("USUBJID").get("DTHDTC", pd.Series(dtype=object))
    disposition = ds.text("DSDECOD").str.upper() == "DEATH"
    fatal = ae.text("AEOUT").str.upper() == "FATAL"
    reported = ss.text("SSSTRESC").str.upper().isin(("DEAD", "DECEASED"))
    problems += _death_not_in_dm(ds, disposition, "DSSTDTC", recorded)
    problems += _death_not_in_dm(ae, fatal, "AEENDTC", recorded)
    problems += _death_not_in_dm(ss, reported, "SSDTC", recorded)
    problems += _death_on_other_day(ds, disposition, "DSSTDTC", recorded)
    problems += _death_on_other_day(ae, fatal, "AEENDTC", recorded)
    return problems + _several_deaths(ds)


def _death_not_in_dm(domain: Domain, death: pd.Series, column: str, recorded: pd.Series) -> list[Problem]:
    return cell_problems(
        domain,
        death & (domain.text("USUBJID").map(recorded).fillna("") == ""),
        column,
        check="death_not_in_dm",
        expected="the death in DM too (DTHDTC)",
        remedy="DM counts: no death; complete DM if the subject died.",
        severity="warning",
    )


def _death_on_other_day(domain: Domain, death: pd.Series, column: str, recorded: pd.Series) -> list[Problem]:
    counted = date_range(domain.text("USUBJID").map(recorded).fillna(""))
    here = date_range(domain.text(column))
    apart = (here["first"] > counted["last"]) | (here["last"] < counted["first"])
    return cell_problems(
        domain,
        death & apart,
        column,
        check="death_date_conflict",
        expected="the date of death in DM",
        remedy="DM counts; correct one of the two.",
        severity="warning",
    )


def _several_deaths(ds: Domain) -> list[Problem]:
    deaths = ds.keep(ds.text("DSDECOD").str.upper() == "DEATH")
    several = deaths.text("DSSTDTC").groupby(deaths.text("USUBJID")).transform("nunique") > 1
    return cell_problems(
        deaths,
        several,
        "DSSTDTC",
        check="death_several_dates",
        expected="one date of death",
        remedy="DM counts; correct the others.",
        severity="warning",
    )
