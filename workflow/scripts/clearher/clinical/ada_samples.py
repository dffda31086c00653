"""Antibody samples: result, role (baseline or after it), and the nominal sample each one is."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.clinical.ada_steps import deciding_records
from clearher.clinical.days import study_day
from clearher.clinical.units import foreign_units
from clearher.columns import clinical as columns
from clearher.problems import Problem
from clearher.tables import frame_of

AFTER_LAST_DOSE = re.compile(r"last_dose ?\+ ?(\d+)")
LIMIT = re.compile(r"^\s*([<>])=?\s*(\d+(?:\.\d+)?)\s*$")
SAMPLE_KEY = ["subject_id", "test", "nominal_visit"]


class Nominal(NamedTuple):
    """A planned sample: its name, study day, or days after the last dose."""

    name: str
    day: int
    after_last_dose: bool


def nominal_samples(visits: Mapping[str, int | str]) -> list[Nominal]:
    """Planned samples of ``clinical.ada.visits``, in their order."""
    samples = []
    for name, value in visits.items():
        match = AFTER_LAST_DOSE.fullmatch(value) if isinstance(value, str) else None
        samples.append(Nominal(name, int(match[1]), True) if match else Nominal(name, int(value), False))
    return samples


def read_results(samples: pd.DataFrame, *, settings: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    """Result and titre of each sample.

    Parameters
    ----------
    samples : pandas.DataFrame
        Table ADA of intake.
    settings : Mapping
        Section ``clinical.ada``.

    Returns
    -------
    tuple of pandas.DataFrame and list of Problem
        Columns ``status`` (POSITIVE, NEGATIVE, INCONCLUSIVE, NO RESULT, NOT DONE), ``titre`` and
        ``titre_imputed``, same index. A titre above 0, and a titre below its limit (``<1.40``), is
        positive; so are the positive words, NEGATIVE TITER among them. A positive result without a
        measurable titre takes the minimum reportable titre: the setting, else the sample's own limit, else
        the lowest limit of the study. A word that is neither is a finding and no result. A negative result
        with more drug in the blood than the assay tolerates is inconclusive; where the concentration is
        not known it stays negative.

    Notes
    -----
    Source: admiral ``inst/templates/ad_adab.R``; drug tolerance after Shankar 2014, AAPS J 16:658.
    """
    limit = _limits(samples)
    limit_value = pd.to_numeric(limit[1]).astype("float64")
    titre = samples["titre"].where(samples["titre"] > 0)
    status = stated_results(samples, settings=settings)
    unknown = status.eq("NO RESULT") & samples["result"].str.strip().ne("")
    hidden = status.eq("NEGATIVE") & _hidden(samples, settings["drug_tolerance"])
    status = status.mask(hidden, "INCONCLUSIVE")
    binding = samples["test"] == "BINDING"
    lowest = limit_value[binding & limit[0].eq("<")].min()
    fallback = lowest if settings["minimum_reportable"] is None else float(settings["minimum_reportable"])
    reported = limit_value if settings["minimum_reportable"] is None else limit_value.where(limit[0] == ">")
    absent = status.eq("POSITIVE") & binding & titre.isna()
    complete = titre.mask(absent, reported.fillna(fallback)).where(status == "POSITIVE")
    frame = pd.DataFrame({"status": status, "titre": complete, "titre_imputed": absent & complete.notna()})
    problems = _unknown_results(samples[unknown])
    return frame, problems + _other_drug_units(samples, settings["drug_tolerance"])


def stated_results(samples: pd.DataFrame, *, settings: Mapping) -> pd.Series:
    """What each record says by its words and titre: POSITIVE, NEGATIVE, NOT DONE or NO RESULT.

    Parameters
    ----------
    samples : pandas.DataFrame
        Table ADA of intake.
    settings : Mapping
        Section ``clinical.ada``; its words are compared without case.
    """
    word = samples["result"].str.upper().str.strip()
    negative = word.isin([text.upper() for text in settings["negative"]])
    positive = word.isin([text.upper() for text in settings["positive"]])
    positive |= samples["titre"].gt(0).fillna(False) | _limits(samples)[0].notna()
    not_done = samples["not_done"].fillna(False)
    said = np.select([not_done, negative, positive], ["NOT DONE", "NEGATIVE", "POSITIVE"], "NO RESULT")
    return pd.Series(said, index=samples.index, dtype=object)


def _limits(samples: pd.DataFrame) -> pd.DataFrame:
    """Sign and number of results below or above a limit."""
    return samples["result"].str.extract(LIMIT)


def _hidden(samples: pd.DataFrame, tolerance: Mapping) -> pd.Series:
    """Whether more drug was in the blood than the assay of the sample's kind tolerates."""
    limit = samples["test"].map({kind: tolerance[kind] for kind in ("BINDING", "NEUTRALISING")})
    above = samples["drug_concentration"] > pd.to_numeric(limit).astype("float64")
    return above & samples["drug_unit"].eq(tolerance["unit"])


def _other_drug_units(samples: pd.DataFrame, tolerance: Mapping) -> list[Problem]:
    if tolerance["BINDING"] is None and tolerance["NEUTRALISING"] is None:
        return []
    measured = samples[samples["drug_concentration"].notna()]
    foreign = measured.loc[measured["drug_unit"].ne(tolerance["unit"]), "drug_unit"]
    return foreign_units(
        foreign,
        check="ada_drug_unit",
        values="concentrations",
        expected=f"{tolerance['unit']}, the unit of clinical.ada.drug_tolerance",
        remedy="These say nothing about drug tolerance; state the limit in the unit of the data.",
    )


def _unknown_results(samples: pd.DataFrame) -> list[Problem]:
    return [
        Problem(
            check="ada_result_unknown",
            column="result",
            subject_id=row.subject_id,
            file=row.source,
            found=repr(row.result),
            expected="a titre, or a word of clinical.ada.negative or clinical.ada.positive",
            remedy="Counted as no result; add the word to one of the two.",
            severity="warning",
        )
        for row in samples.itertuples()
    ]


def timing(samples: pd.DataFrame, first_dose: pd.Series) -> pd.Series:
    """BEFORE where planned and dated on or before the first dose, POST after it; empty where unknown.

    A sample dated on the day of the first dose is before it unless ``before_dose`` of intake says that it
    was not, or its planned day is later than day 1. A sample planned for later but dated before the first
    dose is neither; one without a date counts as after it by its plan.
    """
    planned_later = (samples["planned_day"] > 1).fillna(False).astype(bool)
    after_dose = samples["before_dose"].eq(False).fillna(False).astype(bool)
    same_day = samples["date"] == first_dose
    before = ((samples["date"] < first_dose) & ~planned_later) | (same_day & ~after_dose & ~planned_later)
    undated = samples["date"].isna() & planned_later
    post = (samples["date"] > first_dose) | (same_day & (after_dose | planned_later)) | undated
    return pd.Series(np.select([before, post], ["BEFORE", "POST"], ""), index=samples.index, dtype=object)


def with_baseline(samples: pd.DataFrame) -> pd.Series:
    """Timing with BASELINE for the last sample with a result before the first dose, a test and subject."""
    usable = samples[samples["timing"].eq("BEFORE") & samples["status"].isin(("POSITIVE", "NEGATIVE"))]
    ordered = usable.sort_values(["date", "planned_day", "sequence"], na_position="first", kind="stable")
    last = ordered.index[~ordered.duplicated(["subject_id", "test"], keep="last")]
    return samples["timing"].mask(samples.index.isin(last), "BASELINE")


def nominal_days(subjects: pd.DataFrame, visits: Mapping[str, int | str]) -> pd.DataFrame:
    """Planned study day of each nominal sample of each subject: subject_id, nominal_visit, nominal_day.

    Days after the last dose are missing for a subject without one.
    """
    last = study_day(subjects["last_dose_date"], subjects["first_dose_date"])
    frames = [
        pd.DataFrame(
            {
                "subject_id": subjects["subject_id"],
                "nominal_visit": sample.name,
                "nominal_day": last + sample.day if sample.after_last_dose else sample.day,
                "after_last_dose": sample.after_last_dose,
            }
        )
        for sample in nominal_samples(visits)
    ]
    result = pd.concat(frames, ignore_index=True)
    return result.assign(nominal_day=result["nominal_day"].astype("Int64"))


def match_visits(samples: pd.DataFrame, planned: pd.DataFrame, *, window_days: int) -> pd.DataFrame:
    """Nominal sample of each sample: by its visit name, else its planned day, else the nearest in the window.

    Parameters
    ----------
    samples : pandas.DataFrame
        subject_id, visit, planned_day, study_day; index unique.
    planned : pandas.DataFrame
        As from :func:`nominal_days`.
    window_days : int
        Days a sample may miss its nominal day by and still be in the window.

    Returns
    -------
    pandas.DataFrame
        nominal_visit (empty where none fits), nominal_day, days_off, in_window; index of ``samples``.
    """
    left = samples[["subject_id", "visit", "planned_day", "study_day"]].reset_index(names="sample")
    pairs = left.merge(planned, on="subject_id")
    pairs["days_off"] = pairs["study_day"] - pairs["nominal_day"]
    near = (pairs["days_off"].abs() <= window_days).fillna(False)
    by_name = pairs["visit"].str.upper() == pairs["nominal_visit"].str.upper()
    by_plan = (pairs["planned_day"] == pairs["nominal_day"]).fillna(False) & ~pairs["after_last_dose"]
    pairs["rank"] = np.select([by_name, by_plan, near], [0, 1, 2], 3)
    pairs = pairs[pairs["rank"] < 3].assign(distance=lambda frame: frame["days_off"].abs())
    chosen = pairs.sort_values(["sample", "rank", "distance", "nominal_day"], kind="stable")
    chosen = chosen.drop_duplicates("sample").set_index("sample").reindex(samples.index)
    frame = chosen[["nominal_visit", "nominal_day", "days_off"]].copy()
    frame["nominal_visit"] = frame["nominal_visit"].fillna("")
    frame["in_window"] = (frame["days_off"].abs() <= window_days).astype("boolean")
    return frame


def immunogenicity_table(
    samples: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping
) -> tuple[pd.DataFrame, list[Problem]]:
    """Table IMMUNOGENICITY of treated subjects, and findings.

    Parameters
    ----------
    samples : pandas.DataFrame
        Table ADA of intake.
    subjects : pandas.DataFrame
        Treated subjects, table SUBJECTS of intake.
    settings : Mapping
        Section ``clinical.ada``.

    Returns
    -------
    tuple of pandas.DataFrame and list of Problem
        Every sample with its nominal visit, and a row for each nominal binding sample that is not there:
        NO SAMPLE where its day and window had passed by the end of observation, else NOT DUE. Samples
        planned for after the last dose are not due; without a known last dose there is no such limit.
    """
    frame = samples[samples["subject_id"].isin(subjects["subject_id"])].reset_index(drop=True)
    frame, unconfirmed = deciding_records(frame, stated_results(frame, settings=settings))
    results, problems = read_results(frame, settings=settings)
    results.loc[unconfirmed, ["status", "titre", "titre_imputed"]] = ["NO RESULT", np.nan, False]
    frame = frame.drop(columns="titre").join(results)
    first_dose = frame["subject_id"].map(subjects.set_index("subject_id")["first_dose_date"])
    frame["study_day"] = study_day(frame["date"], first_dose)
    frame["timing"] = timing(frame, first_dose)
    frame["timing"] = with_baseline(frame)
    planned = nominal_days(subjects, settings["visits"])
    frame = frame.join(match_visits(frame, planned, window_days=settings["window_days"]))
    frame["nominal_day"] = frame["nominal_day"].fillna(frame["study_day"])
    frame["counts_for_visit"] = _nearest(frame)
    absent = _absent_samples(frame, planned, subjects, settings["window_days"]) if len(frame) else []
    rows = pd.concat([frame, pd.DataFrame(absent)], ignore_index=True) if absent else frame
    table = frame_of(rows[[c for c in columns.IMMUNOGENICITY.names if c in rows]].to_dict("records"), _TABLE)
    return table, [*problems, *_unconfirmed(frame[unconfirmed]), *_misplaced(frame), *_undated(frame)]


_TABLE = columns.IMMUNOGENICITY


def _nearest(frame: pd.DataFrame) -> pd.Series:
    """The sample nearest to its nominal day counts for the visit; one with a result before one without."""
    scheduled = frame[frame["nominal_visit"] != ""]
    ordered = scheduled.assign(
        unread=~scheduled["status"].isin(("POSITIVE", "NEGATIVE")),
        distance=scheduled["days_off"].abs().fillna(10**6),
    ).sort_values([*SAMPLE_KEY, "unread", "distance", "sequence"], kind="stable")
    chosen = ordered.index[~ordered.duplicated(SAMPLE_KEY)]
    return pd.Series(frame.index.isin(chosen), index=frame.index)


def _absent_samples(
    frame: pd.DataFrame, planned: pd.DataFrame, subjects: pd.DataFrame, window_days: int
) -> list[dict]:
    taken = set(
        frame.loc[frame["test"] == "BINDING", ["subject_id", "nominal_visit"]].itertuples(
            index=False, name=None
        )
    )
    observed = observed_day(subjects)
    last_dose = dict(
        zip(
            subjects["subject_id"],
            study_day(subjects["last_dose_date"], subjects["first_dose_date"]),
            strict=True,
        )
    )
    rows = []
    for row in planned.itertuples(index=False):
        if (row.subject_id, row.nominal_visit) in taken or pd.isna(row.nominal_day):
            continue
        passed = row.nominal_day + window_days <= observed[row.subject_id]
        last = last_dose[row.subject_id]
        dosed = row.after_last_dose or pd.isna(last) or row.nominal_day <= last + window_days
        rows.append(
            {
                "subject_id": row.subject_id,
                "test": "BINDING",
                "sequence": 0,
                "nominal_visit": row.nominal_visit,
                "nominal_day": row.nominal_day,
                "status": "NO SAMPLE" if passed and dosed else "NOT DUE",
                "counts_for_visit": False,
            }
        )
    return rows


def observed_day(subjects: pd.DataFrame) -> dict[str, int]:
    """Study day of the last day alive or of death, else of the cut; 0 where nothing is known."""
    last = subjects[["last_alive_date", "death_date"]].max(axis=1).fillna(subjects["cut_date"])
    days = study_day(last, subjects["first_dose_date"]).fillna(0)
    return dict(zip(subjects["subject_id"], days.astype(int), strict=True))


def _unconfirmed(frame: pd.DataFrame) -> list[Problem]:
    return [
        Problem(
            check="ada_unconfirmed",
            column="result",
            subject_id=row.subject_id,
            file=row.source,
            found=f"a positive screening at {row.visit or row.date_text}, neither confirmed nor with a titre",
            expected="a result of the confirmation (step CONFIRM)",
            remedy="Counted as no result; where the assay has one step only, set clinical.ada.steps to {}.",
            severity="warning",
        )
        for row in frame.itertuples()
    ]


def _misplaced(frame: pd.DataFrame) -> list[Problem]:
    planned_later = (frame["planned_day"] > 1).fillna(False)
    wrong = frame[planned_later & frame["timing"].eq("") & frame["date"].notna()]
    return [
        Problem(
            check="ada_before_first_dose",
            column="date",
            subject_id=row.subject_id,
            file=row.source,
            found=f"a sample planned for day {row.planned_day}, taken on or before the first dose",
            expected="a date after the first dose",
            remedy="Used neither as baseline nor after it; correct the date or the visit.",
            severity="warning",
        )
        for row in wrong.itertuples()
    ]


def _undated(frame: pd.DataFrame) -> list[Problem]:
    """Results without a day that no plan puts after the first dose: a baseline may be among them."""
    lost = frame[
        frame["timing"].eq("") & frame["date"].isna() & frame["status"].isin(("POSITIVE", "NEGATIVE"))
    ]
    return [
        Problem(
            check="ada_undated",
            column="date",
            subject_id=row.subject_id,
            file=row.source,
            found=f"{row.status.lower()} at {row.visit or 'an unnamed visit'}, without a day",
            expected="a full date",
            remedy="Used neither as baseline nor after the first dose; complete the date.",
            severity="warning",
        )
        for row in lost.itertuples()
    ]
