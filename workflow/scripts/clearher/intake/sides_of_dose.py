"""On which side of that day's dose a sample was drawn: by its planned time, else by the recorded clock."""

import pandas as pd

from clearher.intake.domains import Domain
from clearher.problems import Problem

BEFORE_DOSE = r"\bPRE|\bBEFORE\b|\bPRIOR\b"
AFTER_DOSE = r"\bPOST|\bAFTER\b|\bEND OF INFUSION\b|\bEOI\b"
CLOCK = r"^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$"


def planned_side(domain: Domain, prefix: str) -> pd.Series:
    """True before the dose, False after it, missing where nothing tells.

    The words of the planned time go before its number, which need only sort times.

    Parameters
    ----------
    domain : Domain
        SDTM IS or PC.
    prefix : str
        Of its columns: ``IS`` reads ISTPT and ISTPTNUM.
    """
    word = domain.text(f"{prefix}TPT").str.upper()
    number = pd.to_numeric(domain.text(f"{prefix}TPTNUM"), errors="coerce")
    before = word.str.contains(BEFORE_DOSE).astype(bool)
    after = word.str.contains(AFTER_DOSE).astype(bool)
    result = pd.Series(pd.NA, index=word.index, dtype="boolean")
    result = result.mask(number < 0, True).mask(number > 0, False)
    return result.mask(before & ~after, True).mask(after & ~before, False)


def with_clock(samples: pd.DataFrame, doses: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Samples with ``before_dose`` told by the clock where no planned time tells it.

    A sample is before the dose if its hour and minute come before the first start of a dose that day. The
    same minute, a day without an hour, or hours of two time zones tell nothing. Where the plan says the
    other side, the plan stands, with a warning.

    Parameters
    ----------
    samples, doses : pandas.DataFrame
        Records of :data:`clearher.columns.intake.ADA` and :data:`clearher.columns.intake.DOSES`; of the
        samples subject_id, date, date_text, before_dose and source are used.

    Notes
    -----
    As a baseline of ADaM goes by date and time (ADTM against TRTSDTM) where times are collected.
    """
    by_clock = _side_by_clock(samples, doses)
    against = (samples["before_dose"] != by_clock).fillna(False).astype(bool)
    problems = [_against_plan(row) for row in samples[against].itertuples()]
    return samples.assign(before_dose=samples["before_dose"].fillna(by_clock)), problems


def _side_by_clock(samples: pd.DataFrame, doses: pd.DataFrame) -> pd.Series:
    drawn = samples["date_text"].str.extract(CLOCK).set_axis(["drawn", "zone"], axis=1)
    drawn["subject_id"], drawn["day"] = samples["subject_id"], drawn["drawn"].str[:10]
    given = doses["start_text"].str.extract(CLOCK).set_axis(["given", "zone"], axis=1)
    given["subject_id"], given["day"] = doses["subject_id"], given["given"].str[:10]
    keys = ["subject_id", "day", "zone"]
    first = given.dropna(subset="given").fillna({"zone": ""}).groupby(keys)["given"].min()
    start = drawn.fillna({"zone": ""}).join(first, on=keys)["given"]
    told = drawn["drawn"].notna() & start.notna() & (drawn["drawn"] != start)
    return (drawn["drawn"] < start).astype("boolean").where(told)


def _against_plan(row: object) -> Problem:
    planned, clock = ("before", "after") if row.before_dose else ("after", "before")
    return Problem(
        check="sample_time_against_plan",
        file=row.source,
        column="ISDTC",
        subject_id=row.subject_id,
        found=f"{row.date_text}, {clock} that day's dose",
        expected=f"a time {planned} the dose, as planned",
        remedy="The plan stands; correct the time of the sample or of the dose.",
        severity="warning",
    )
