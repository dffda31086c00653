"""Samples as a typed table: study days, planned visits, the data cut, agreement with the subjects."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.dates import study_day
from clearher.intake.identifiers import folded
from clearher.intake.samples import Sample
from clearher.problems import Problem
from clearher.tables import conform, frame_of

GROSS_DEVIATION = 60


def raw_sample_table(rows: Iterable[Mapping[str, str]]) -> pd.DataFrame:
    """Sample sheet rows as a typed table, before study days are known from the clinical data.

    Parameters
    ----------
    rows : iterable of mapping
        As :meth:`clearher.intake.samples.Sample.as_row` gives them; text, empty = missing.

    Returns
    -------
    pandas.DataFrame
        Table ``SAMPLES`` with ``study_day`` as written in the sheet and ``planned`` missing.
    """
    samples = [Sample(line=0, **row) for row in rows]
    return frame_of([_typed_row(sample) for sample in samples], columns.SAMPLES)


def sample_table(
    rows: Iterable[Mapping[str, str]],
    subjects: pd.DataFrame,
    *,
    visits: Mapping[str, Mapping],
    cut_date: str | None,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Samples with study day and plan, without those drawn after the data cut.

    Parameters
    ----------
    rows : iterable of mapping
        Sample sheet rows.
    subjects : pandas.DataFrame
        Table ``intake/subjects``; day 1 is ``first_dose_date``, or ``reference_date`` without a dose.
    visits : mapping
        Planned visits of the configuration by name.
    cut_date : str or None
        Last day that counts, ISO 8601.

    Returns
    -------
    pandas.DataFrame, list of Problem
        Table ``SAMPLES``; findings on samples left out by the cut, days that contradict dates, draws after
        death, unplanned visits, visits in an order the plan does not have and draws outside their window.

    Notes
    -----
    Study day = date - day 1 + 1 on or after day 1, date - day 1 before it; there is no day 0.
    Where date and day are both given the date decides; a draw known by its day alone has the date of that
    day, where day 1 is known.
    """
    table = raw_sample_table(rows)
    known = subjects.drop_duplicates("subject_id").set_index("subject_id")
    start = known["first_dose_date"].fillna(known["reference_date"])
    from_date = study_day(table["collection_date"], table["subject_id"].map(start))
    problems = list(_day_contradictions(table, from_date))
    table["study_day"] = from_date.fillna(table["study_day"])
    table["planned"] = table["visit"].isin(list(visits)).astype("boolean")
    drawn = table["collection_date"].fillna(_date_of_day(table["study_day"], table["subject_id"].map(start)))
    if cut_date is not None:
        late = drawn > pd.Timestamp(cut_date)
        problems += _after_cut(table[late], drawn[late], cut_date)
        table, drawn = table[~late], drawn[~late]
    problems += _after_death(table, drawn, table["subject_id"].map(known["death_date"]))
    problems += _unplanned(table, visits) if visits else []
    problems += _out_of_order(table, list(visits))
    problems += _outside_window(table, visits)
    problems += _never_drawn(table, visits)
    return conform(table, columns.SAMPLES), problems


def _typed_row(sample: Sample) -> dict:
    row = sample.as_row()
    row["collection_date"] = pd.Timestamp(sample.collection_date) if sample.collection_date else pd.NaT
    row["study_day"] = int(sample.study_day) if sample.study_day else None
    for name in ("plasma_ml", "cfdna_ng"):
        row[name] = float(row[name]) if row[name] else None
    row["qc_status"] = sample.qc_status or "pass"
    row["sample_key"] = sample.key
    return row


def _date_of_day(day: pd.Series, start: pd.Series) -> pd.Series:
    elapsed = day.where(day < 0, day - 1).astype("Float64")
    return start + pd.to_timedelta(elapsed.astype("float64"), unit="D")


def _day_contradictions(table: pd.DataFrame, from_date: pd.Series) -> Iterator[Problem]:
    differs = (from_date != table["study_day"]).fillna(False)
    for row, computed in zip(table[differs].itertuples(), from_date[differs], strict=True):
        yield _problem(
            "sample_day_contradicts_date",
            row,
            column="study_day",
            found=f"day {row.study_day} with date {row.collection_date:%Y-%m-%d}, which is day {computed}",
            expected="the same day",
            remedy="The date was used.",
        )


def _after_cut(late: pd.DataFrame, drawn: pd.Series, cut_date: str) -> Iterator[Problem]:
    """Draws left out; a warning where files are read before the clinical data tell the date of a day."""
    for row, date in zip(late.itertuples(), drawn, strict=True):
        is_read = pd.isna(row.collection_date) and bool(row.vcf or row.bam)
        also = " Its files were read, as evidence of the germline: give its collection date."
        yield _problem(
            "sample_after_cut",
            row,
            column="collection_date",
            found=_said(row, date),
            expected=f"at most the data cut, {cut_date}",
            remedy=f"The sample was left out.{also if is_read else ''}",
            severity="warning" if is_read else "info",
        )


def _after_death(table: pd.DataFrame, drawn: pd.Series, death: pd.Series) -> Iterator[Problem]:
    after = drawn > death
    for row, date in zip(table[after].itertuples(), drawn[after], strict=True):
        yield _problem(
            "sample_after_death",
            row,
            column="collection_date",
            found=f"{_said(row, date)}, after the recorded death",
            expected="a draw in the subject's lifetime",
            remedy="The sample was kept; check both dates.",
        )


def _said(row: tuple, date: pd.Timestamp) -> str:
    by_day = f" by study day {row.study_day}" if pd.isna(row.collection_date) else ""
    return f"{date:%Y-%m-%d}{by_day}"


def _unplanned(table: pd.DataFrame, visits: Mapping[str, Mapping]) -> Iterator[Problem]:
    """Draws of a visit that is not planned; a warning where a planned one is probably meant."""
    plasma = table[table["specimen"] == "plasma"]
    alike = {folded(visit): visit for visit in visits}
    drawn = plasma.groupby("subject_id")["visit"].agg(set)
    for row in plasma[~plasma["planned"]].itertuples():
        meant = alike.get(folded(row.visit), "")
        due = _in_windows(row.study_day, visits)
        missing = next((visit for visit in due if visit not in drawn[row.subject_id]), "")
        hint = f" Did you mean {meant!r}?" if meant else ""
        if missing and not meant:
            hint = f" It lies in the window of {missing!r}, of which the subject has no draw: is it meant?"
        yield _problem(
            "sample_unplanned_visit",
            row,
            column="visit",
            found=repr(row.visit),
            expected="a visit of the configuration's plan",
            remedy=f"Kept as an unscheduled draw.{hint}",
            severity="warning" if hint else "info",
        )


def _in_windows(day: int | None, visits: Mapping[str, Mapping]) -> list[str]:
    """Planned visits within whose windows a study day lies."""
    if pd.isna(day):
        return []
    days = pd.Series({name: plan["day"] for name, plan in visits.items()}, dtype="Int64").dropna()
    allowed = pd.Series({name: visits[name]["window_days"] for name in days.index}, dtype="Int64")
    away = (_days_since_first(days) - _days_since_first(pd.Series([day], dtype="Int64"))[0]).abs()
    return list(days.index[away <= allowed])


def _out_of_order(table: pd.DataFrame, plan: list[str]) -> Iterator[Problem]:
    plasma = table[(table["specimen"] == "plasma") & table["visit"].isin(plan) & table["study_day"].notna()]
    ordered = plasma.sort_values(["subject_id", "study_day", "sample_id"])
    place = ordered["visit"].map({name: number for number, name in enumerate(plan)})
    for row in ordered[place < place.groupby(ordered["subject_id"]).cummax()].itertuples():
        yield _problem(
            "sample_visit_order",
            row,
            column="visit",
            found=f"visit {row.visit!r} on day {row.study_day}, after a later planned visit",
            expected="visits in the order of the plan",
            remedy="Kept as dated; check visit name and date.",
        )


def _outside_window(table: pd.DataFrame, visits: Mapping[str, Mapping]) -> Iterator[Problem]:
    dated = {name: plan for name, plan in visits.items() if plan["day"] is not None}
    plasma = table[(table["specimen"] == "plasma") & table["visit"].isin(dated) & table["study_day"].notna()]
    planned, allowed = (
        plasma["visit"].map({name: plan[part] for name, plan in dated.items()}).astype("Int64")
        for part in ("day", "window_days")
    )
    away = (_days_since_first(plasma["study_day"]) - _days_since_first(planned)).abs() > allowed
    for row in plasma[away].sort_values(["subject_id", "study_day", "sample_id"]).itertuples():
        day, window = dated[row.visit]["day"], dated[row.visit]["window_days"]
        yield _problem(
            "sample_outside_window",
            row,
            column="collection_date",
            found=f"visit {row.visit!r} on day {row.study_day}",
            expected=f"day {day} within {window} days",
            remedy="Kept under the visit that the sheet names.",
            severity="warning" if _is_gross(row.study_day, day) else "info",
        )


def _is_gross(study_day: int, planned_day: int) -> bool:
    """Whether a draw lies so far from its plan that a date must be wrong."""
    before_treatment = study_day < 0 < planned_day - 1
    return before_treatment or abs(study_day - planned_day) > GROSS_DEVIATION


def _never_drawn(table: pd.DataFrame, visits: Mapping[str, Mapping]) -> Iterator[Problem]:
    """A plan of which nothing after baseline was drawn, in a study that draws at visits nobody planned."""
    drawn = set(table.loc[table["specimen"] == "plasma", "visit"])
    later = [name for name, plan in visits.items() if not plan.get("baseline") and not plan.get("optional")]
    unknown = sorted(drawn - set(visits))
    if later and unknown and not drawn & set(later):
        yield Problem(
            check="visit_never_drawn",
            column="visit",
            found=f"no sample of {', '.join(later)}, but samples of {', '.join(unknown)}",
            expected="the sheet's visits under the names of the plan",
            remedy="Use one name for a visit in the sample sheet and under visits in the configuration.",
            severity="warning",
        )


def _days_since_first(study_days: pd.Series) -> pd.Series:
    """Days after study day 1, whose day before is -1."""
    return study_days - (study_days > 0).astype("Int64")


def _problem(
    check: str, row: tuple, *, column: str, found: str, expected: str, remedy: str, severity: str = "warning"
) -> Problem:
    return Problem(
        check=check,
        column=column,
        found=found,
        expected=expected,
        remedy=remedy,
        subject_id=row.subject_id,
        sample_id=row.sample_id,
        severity=severity,
    )
