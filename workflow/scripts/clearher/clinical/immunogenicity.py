"""Anti-drug antibodies of each subject: category, persistence, neutralisation, and how many there are."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.clinical.ada_samples import immunogenicity_table, nominal_samples
from clearher.clinical.endpoints import groups
from clearher.clinical.safety import numbered, safety_population
from clearher.columns import clinical as columns
from clearher.problems import Problem
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import frame_of

WITH_RESULT = ("POSITIVE", "NEGATIVE")
DAYS_PER_WEEK = 7
DECIMALS = 9


class Immunogenicity(NamedTuple):
    """What the immunogenicity derivation makes."""

    samples: pd.DataFrame
    subjects: pd.DataFrame
    findings: list[Problem]


def immunogenicity(samples: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping) -> Immunogenicity:
    """Tables IMMUNOGENICITY and IMMUNOGENICITY_SUBJECTS of treated subjects.

    Parameters
    ----------
    samples, subjects : pandas.DataFrame
        Tables ADA and SUBJECTS of intake.
    settings : Mapping
        Section ``clinical.ada``.
    """
    treated = safety_population(subjects).reset_index(drop=True)
    table, problems = immunogenicity_table(samples, treated, settings=settings)
    if samples.empty:
        return Immunogenicity(table, frame_of([], columns.IMMUNOGENICITY_SUBJECTS), problems)
    return Immunogenicity(table, subject_table(table, treated, settings=settings), problems)


def largest_change(titres: pd.Series, baseline: float, scale: str | None) -> float:
    """Largest rise over a positive baseline: difference of log10 titres, or ratio of raw ones.

    Rounded to 1e-9, since 1.9 - 1.3 falls short of 0.6 in binary. NaN without a titre on either side.
    """
    if scale is None or pd.isna(baseline) or titres.dropna().empty:
        return float("nan")
    highest = float(titres.max())
    change = highest - baseline if scale == "log10" else highest / baseline
    return round(change, DECIMALS)


def ada_status(
    baseline: str, post: pd.Series, change: float, *, scale: str | None, boost: Mapping[str, float]
) -> str:
    """Category of a subject.

    Parameters
    ----------
    baseline : str
        POSITIVE, NEGATIVE, or empty without one.
    post : pandas.Series of str
        POSITIVE or NEGATIVE results after the first dose.
    change : float
        Largest rise over the baseline, as from :func:`largest_change`.
    scale : str or None
        ``log10`` or ``raw``.
    boost : Mapping
        ``log10_difference`` and ``ratio`` from which on a rise is boosted.

    Returns
    -------
    str
        NOT EVALUABLE without a result after the first dose, and where a positive baseline is followed by a
        positive result but no titre tells the rise. NEGATIVE: baseline negative or missing and all later
        ones negative. INDUCED: baseline negative or missing, any later one positive. BOOSTED: baseline
        positive, rise of at least the limit. UNAFFECTED: baseline positive otherwise.

    Notes
    -----
    Source: Shankar 2014, AAPS J 16:658; admiral ``inst/templates/ad_adab.R``.
    """
    if post.empty:
        return "NOT EVALUABLE"
    positive = bool((post == "POSITIVE").any())
    if baseline != "POSITIVE":
        return "INDUCED" if positive else "NEGATIVE"
    if not positive:
        return "UNAFFECTED"
    if np.isnan(change):
        return "NOT EVALUABLE"
    least = boost["log10_difference"] if scale == "log10" else boost["ratio"]
    return "BOOSTED" if change >= least else "UNAFFECTED"


def persistence(days: pd.Series, results: pd.Series, *, complete: bool, persistent_weeks: float) -> str:
    """Whether induced antibodies are transient or persistent.

    Parameters
    ----------
    days : pandas.Series
        Study days of the results after the first dose, ascending; missing where a sample has no date.
    results : pandas.Series of str
        POSITIVE or NEGATIVE, same order.
    complete : bool
        Whether no later sample of the schedule is to come.
    persistent_weeks : float
        Span from which on antibodies are persistent.

    Returns
    -------
    str
        PERSISTENT: first to last positive sample span that many weeks, or the last sample is positive.
        TRANSIENT: the last sample is negative and the span is shorter (also a single positive sample).
        NOT DETERMINABLE: a positive sample has no date, or the last sample is positive, the span is
        shorter and the schedule goes on. Empty without a positive sample.

    Notes
    -----
    Source: Shankar 2014, AAPS J 16:658. That a running schedule leaves it open is a decision of this
    workflow.
    """
    positive = (results == "POSITIVE").to_numpy()
    if not positive.any():
        return ""
    when = days[positive]
    if when.isna().any():
        return "NOT DETERMINABLE"
    if int(when.max() - when.min()) >= persistent_weeks * DAYS_PER_WEEK:
        return "PERSISTENT"
    if not positive[-1]:
        return "TRANSIENT"
    return "PERSISTENT" if complete else "NOT DETERMINABLE"


def neutralising_status(positive: bool, binding: pd.DataFrame, neutralising: pd.DataFrame) -> str:
    """POSITIVE: any neutralising sample after the first dose; NEGATIVE: all negative, none missing.

    Parameters
    ----------
    positive : bool
        Whether the subject is ADA-positive; otherwise the answer is empty.
    binding, neutralising : pandas.DataFrame
        Samples after the first dose with ``status`` and ``date``. A binding-positive sample without a
        neutralising result leaves the answer open unless another one is neutralising.
    """
    if not positive or neutralising.empty:
        return ""
    if neutralising["status"].eq("POSITIVE").any():
        return "POSITIVE"
    tested = set(neutralising.loc[neutralising["status"] == "NEGATIVE", "date"])
    needed = set(binding.loc[binding["status"] == "POSITIVE", "date"])
    all_read = neutralising["status"].eq("NEGATIVE").all()
    return "NEGATIVE" if all_read and needed <= tested else ""


def subject_table(samples: pd.DataFrame, treated: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Table IMMUNOGENICITY_SUBJECTS from table IMMUNOGENICITY; every treated subject has a row."""
    by_subject = dict(iter(samples.groupby("subject_id")))
    nobody = samples.iloc[:0]
    rows = [
        _subject_row(subject, by_subject.get(subject.subject_id, nobody), settings)
        for subject in treated.itertuples()
    ]
    return frame_of(rows, columns.IMMUNOGENICITY_SUBJECTS)


def schedule_complete(subject: object, samples: pd.DataFrame, settings: Mapping) -> bool:
    """Whether no further sample of a subject is to come.

    True without a data cut, after death or the end of study, and once the sample after the last dose is
    there or overdue in a subject off treatment.
    """
    if pd.isna(subject.cut_date) or pd.notna(subject.death_date) or pd.notna(subject.end_of_study_date):
        return True
    after = [sample for sample in nominal_samples(settings["visits"]) if sample.after_last_dose]
    names = [sample.name for sample in after]
    if samples["nominal_visit"].isin(names).to_numpy()[samples["sequence"].to_numpy() > 0].any():
        return True
    if pd.isna(subject.end_of_treatment_date) or pd.isna(subject.last_dose_date):
        return False
    longest = max((sample.day for sample in after), default=0) + settings["window_days"]
    return bool(subject.last_dose_date + pd.Timedelta(days=longest) < subject.cut_date)


def _subject_row(subject: object, samples: pd.DataFrame, settings: Mapping) -> dict:
    binding = samples[(samples["test"] == "BINDING") & (samples["sequence"] > 0)]
    read = _in_order(binding[binding["status"].isin(WITH_RESULT)])
    post, first = read[read["timing"] == "POST"], read[read["timing"] == "BASELINE"]
    baseline = first["status"].iloc[0] if len(first) else ""
    baseline_titre = float(first["titre"].iloc[0]) if len(first) else float("nan")
    positive = post[post["status"] == "POSITIVE"]
    change = float("nan")
    if baseline == "POSITIVE":
        change = largest_change(positive["titre"], baseline_titre, settings["scale"])
    status = ada_status(baseline, post["status"], change, scale=settings["scale"], boost=settings["boost"])
    evaluable = len(post) > 0 and (baseline != "" or not settings["require_baseline"])
    status = status if evaluable else "NOT EVALUABLE"
    is_positive = status in ("INDUCED", "BOOSTED")
    lasting = ""
    if status == "INDUCED":
        complete = schedule_complete(subject, samples, settings)
        lasting = persistence(
            post["study_day"],
            post["status"],
            complete=complete,
            persistent_weeks=settings["persistent_weeks"],
        )
    neutralising = samples[(samples["test"] == "NEUTRALISING") & (samples["timing"] == "POST")]
    row = {
        "subject_id": subject.subject_id,
        "ada_status": status,
        "ada_positive": None if status == "NOT EVALUABLE" else is_positive,
        "evaluable": evaluable,
        "baseline_status": baseline,
        "baseline_date": first["date"].iloc[0] if len(first) else None,
        "baseline_titre": baseline_titre,
        "n_samples": int(binding["status"].ne("NOT DONE").sum()),
        "n_post": len(post),
        "n_post_positive": len(positive),
        "ever_positive": bool(read["status"].eq("POSITIVE").any()) if len(read) else None,
        "highest_titre": positive["titre"].max(),
        "largest_change": change,
        "last_sample_positive": bool(post["status"].iloc[-1] == "POSITIVE") if len(post) else None,
        "persistence": lasting,
        "neutralising": neutralising_status(is_positive, post, neutralising),
    }
    row |= _course(positive["study_day"].dropna())
    return row | {"sentence": _sentence(row)}


def _in_order(samples: pd.DataFrame) -> pd.DataFrame:
    when = samples["study_day"].fillna(samples["nominal_day"])
    return samples.assign(when=when).sort_values(["when", "sequence"], kind="stable")


def _course(days: pd.Series) -> dict:
    """First and last positive day; span is their difference, duration counts both, onset counts neither."""
    if days.empty:
        return {}
    first, last = int(days.min()), int(days.max())
    return {
        "first_positive_day": first,
        "last_positive_day": last,
        "onset_weeks": (first - 1) / DAYS_PER_WEEK,
        "span_days": last - first,
        "duration_days": last - first + 1,
    }


def _sentence(row: Mapping) -> str:
    baseline = row["baseline_status"].lower() or "missing"
    start = f"Baseline {baseline}; {row['n_post_positive']} of {row['n_post']} later results positive"
    if row["ada_status"] == "NOT EVALUABLE":
        why = "no result after the first dose" if not row["n_post"] else "the rise over baseline is unknown"
        if row["n_post"] and not row["evaluable"]:
            why = "no baseline result"
        return f"{start}: not evaluable, {why}."
    parts = [row["ada_status"].lower()]
    if not np.isnan(row["largest_change"]):
        parts.append(f"largest rise {row['largest_change']:g}")
    if row["persistence"]:
        parts.append(f"{row['persistence'].lower()}, {row.get('span_days', 'unknown')} days first to last")
    if row["neutralising"]:
        parts.append(f"neutralising {row['neutralising'].lower()}")
    return f"{start}: {'; '.join(parts)}."


def immunogenicity_lines(
    samples: pd.DataFrame, by_subject: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping
) -> pd.DataFrame:
    """Lines of table SAFETY: status and titres by nominal visit, categories of subjects.

    Parameters
    ----------
    samples, by_subject : pandas.DataFrame
        Tables IMMUNOGENICITY and IMMUNOGENICITY_SUBJECTS.
    subjects : pandas.DataFrame
        Table SUBJECTS of intake.
    settings : Mapping
        Section ``clinical``.
    """
    rows: list[dict] = []
    confidence = settings["statistics"]["confidence"]
    visits = list(settings["ada"]["visits"])
    for group, members in groups(safety_population(subjects), settings["statistics"]["group_by"]):
        mine = samples[samples["subject_id"].isin(members) & samples["counts_for_visit"].fillna(False)]
        people = by_subject[by_subject["subject_id"].isin(members)]
        if people.empty:
            continue
        lines = [
            *_visit_lines(mine, visits, confidence),
            *_titre_lines(mine, visits, settings["ada"]["scale"]),
        ]
        rows += numbered([*lines, *_subject_lines(people, confidence)], group)
    return frame_of(rows, columns.SAFETY)


def _visit_lines(samples: pd.DataFrame, visits: list[str], confidence: float) -> Iterator[dict]:
    for test in ("BINDING", "NEUTRALISING"):
        read = samples[(samples["test"] == test) & samples["status"].isin(WITH_RESULT)]
        for visit in visits:
            part = read[read["nominal_visit"] == visit]
            count = int((part["status"] == "POSITIVE").sum())
            method = "share of subjects with a result at the visit, Clopper-Pearson"
            line = _share("ada_visit", visit, "positive", count, len(part), confidence, method)
            yield line | {"term": test.lower()}


def _titre_lines(samples: pd.DataFrame, visits: list[str], scale: str | None) -> Iterator[dict]:
    for visit in visits:
        part = samples[(samples["nominal_visit"] == visit) & (samples["test"] == "BINDING")]
        titres = part["titre"].dropna()
        yield {
            "section": "ada_titre",
            "category": visit,
            "term": "binding",
            "level": "median",
            "n": len(titres),
            "N": int(part["status"].isin(WITH_RESULT).sum()),
            "estimate": titres.median(),
            "low": titres.min(),
            "high": titres.max(),
            "unit": f"{scale} titre" if scale else "titre",
            "method": "median, minimum and maximum of positive samples",
        }


def _subject_lines(people: pd.DataFrame, confidence: float) -> Iterator[dict]:
    for column, values in (
        ("ada_status", ("NEGATIVE", "INDUCED", "BOOSTED", "UNAFFECTED", "NOT EVALUABLE")),
        ("persistence", ("TRANSIENT", "PERSISTENT", "NOT DETERMINABLE")),
        ("neutralising", ("POSITIVE", "NEGATIVE")),
    ):
        part = people
        method = "share of treated subjects, Clopper-Pearson"
        if column == "persistence":
            part = people[people["ada_status"] == "INDUCED"]
            method = "share of subjects with induced antibodies, Clopper-Pearson"
        elif column == "neutralising":
            part = people[people["ada_positive"].fillna(False)]
            method = "share of ADA-positive subjects, Clopper-Pearson"
        for value in values:
            count = int((part[column] == value).sum())
            yield _share("ada_subject", column, value, count, len(part), confidence, method)


def _share(
    section: str, category: str, level: str, count: int, total: int, confidence: float, method: str
) -> dict:
    interval = clopper_pearson(count, total, confidence)
    line = {"section": section, "category": category, "level": level, "n": count, "N": total}
    return line | interval._asdict() | {"unit": "fraction", "method": method}
