"""Anti-drug antibodies of each subject: category, persistence, neutralisation, and how many there are."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from clearher.clinical.ada_samples import immunogenicity_table, nominal_samples
from clearher.clinical.populations import groups
from clearher.clinical.safety import numbered, safety_population
from clearher.columns import clinical as columns
from clearher.columns.clinical_safety import ADA_STATUS, PERSISTENCE
from clearher.problems import Problem
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import frame_of

WITH_RESULT = ("POSITIVE", "NEGATIVE")
NOT_KNOWN = ("UNDETERMINED", "INCONCLUSIVE", "NOT EVALUABLE")
REASONS = {
    "UNDETERMINED": "the rise over baseline is unknown",
    "INCONCLUSIVE": "drug above the assay's tolerance in every negative sample",
}
DAYS_PER_WEEK = 7
DECIMALS = 9


class Sample(NamedTuple):
    """One sample with a number: what the derivation of a subject needs of it."""

    test: str
    timing: str
    status: str
    titre: float
    day: int | None
    date: pd.Timestamp
    nominal_visit: str


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


def largest_change(titres: Sequence[float], baseline: float, scale: str | None) -> float:
    """Largest rise over a positive baseline: difference of log10 titres, or ratio of raw ones.

    Rounded to 1e-9, since 1.9 - 1.3 falls short of 0.6 in binary. NaN without a titre on either side.
    """
    known = [titre for titre in titres if not math.isnan(titre)]
    if scale is None or math.isnan(baseline) or not known:
        return float("nan")
    change = max(known) - baseline if scale == "log10" else max(known) / baseline
    return round(change, DECIMALS)


def ada_status(
    baseline: str, post: Sequence[str], change: float, *, scale: str | None, boost: Mapping[str, float]
) -> str:
    """Category of a subject.

    Parameters
    ----------
    baseline : str
        POSITIVE, NEGATIVE, or empty without one.
    post : sequence of str
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
        NOT EVALUABLE without a result after the first dose. NEGATIVE: baseline negative or missing and all
        later ones negative. INDUCED: baseline negative or missing, any later one positive. BOOSTED: baseline
        positive, rise of at least the limit. UNDETERMINED: a positive baseline is followed by a positive
        result and no titre tells the rise. UNAFFECTED: baseline positive otherwise.

    Notes
    -----
    Source: Shankar 2014, AAPS J 16:658; admiral ``inst/templates/ad_adab.R``. UNDETERMINED is a decision of
    this workflow: such a subject was tested, and is neither boosted nor unaffected.
    """
    if not post:
        return "NOT EVALUABLE"
    positive = "POSITIVE" in post
    if baseline != "POSITIVE":
        return "INDUCED" if positive else "NEGATIVE"
    if not positive:
        return "UNAFFECTED"
    if math.isnan(change):
        return "UNDETERMINED"
    least = boost["log10_difference"] if scale == "log10" else boost["ratio"]
    return "BOOSTED" if change >= least else "UNAFFECTED"


def persistence(
    days: Sequence[int | None], results: Sequence[str], *, complete: bool, persistent_weeks: float
) -> str:
    """Whether induced antibodies are transient or persistent.

    Parameters
    ----------
    days : sequence of int or None
        Study days of the results after the first dose, ascending; None where a sample has no date.
    results : sequence of str
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
    positive = [day for day, result in zip(days, results, strict=True) if result == "POSITIVE"]
    if not positive:
        return ""
    if None in positive:
        return "NOT DETERMINABLE"
    if max(positive) - min(positive) >= persistent_weeks * DAYS_PER_WEEK:
        return "PERSISTENT"
    if results[-1] != "POSITIVE":
        return "TRANSIENT"
    return "PERSISTENT" if complete else "NOT DETERMINABLE"


def neutralising_status(positive: bool, binding: Sequence[Sample], neutralising: Sequence[Sample]) -> str:
    """POSITIVE: any neutralising sample after the first dose; NEGATIVE: all negative, none missing.

    Parameters
    ----------
    positive : bool
        Whether the subject is ADA-positive; otherwise the answer is empty.
    binding, neutralising : sequence of Sample
        Samples after the first dose. A binding-positive sample without a neutralising result leaves the
        answer open unless another one is neutralising.
    """
    if not positive or not neutralising:
        return ""
    results = {sample.status for sample in neutralising}
    if "POSITIVE" in results:
        return "POSITIVE"
    tested = {sample.date for sample in neutralising}
    needed = {sample.date for sample in binding if sample.status == "POSITIVE"}
    return "NEGATIVE" if results == {"NEGATIVE"} and needed <= tested else ""


def subject_table(samples: pd.DataFrame, treated: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Table IMMUNOGENICITY_SUBJECTS from table IMMUNOGENICITY; every treated subject has a row."""
    by_subject = _samples_by_subject(samples)
    rows = [
        _subject_row(subject, by_subject.get(subject.subject_id, []), settings)
        for subject in treated.itertuples()
    ]
    return frame_of(rows, columns.IMMUNOGENICITY_SUBJECTS)


def _samples_by_subject(samples: pd.DataFrame) -> dict[str, list[Sample]]:
    """Samples that were taken or missed by number, in the order of their days, undated ones by their plan."""
    taken = samples[samples["sequence"] > 0]
    when = taken["study_day"].fillna(taken["nominal_day"])
    ordered = taken.assign(when=when).sort_values(["subject_id", "when", "sequence"], kind="stable")
    days = ordered["study_day"].astype(object).where(ordered["study_day"].notna(), None)
    result: dict[str, list[Sample]] = {}
    names = ("test", "timing", "status", "titre")
    parts = [ordered[name] for name in names] + [days, ordered["date"], ordered["nominal_visit"]]
    for who, *values in zip(ordered["subject_id"], *parts, strict=True):
        result.setdefault(who, []).append(Sample(*values))
    return result


def schedule_complete(subject: object, samples: Sequence[Sample], settings: Mapping) -> bool:
    """Whether no further sample of a subject is to come.

    True without a data cut, after death or the end of study, and once the sample after the last dose is
    there or overdue in a subject off treatment.
    """
    if pd.isna(subject.cut_date) or pd.notna(subject.death_date) or pd.notna(subject.end_of_study_date):
        return True
    after = [sample for sample in nominal_samples(settings["visits"]) if sample.after_last_dose]
    names = {sample.name for sample in after}
    if any(sample.nominal_visit in names for sample in samples):
        return True
    if pd.isna(subject.end_of_treatment_date) or pd.isna(subject.last_dose_date):
        return False
    longest = max((sample.day for sample in after), default=0) + settings["window_days"]
    return bool(subject.last_dose_date + pd.Timedelta(days=longest) < subject.cut_date)


def _subject_row(subject: object, samples: Sequence[Sample], settings: Mapping) -> dict:
    binding = [sample for sample in samples if sample.test == "BINDING"]
    read = [sample for sample in binding if sample.status in WITH_RESULT]
    post = [sample for sample in read if sample.timing == "POST"]
    results = [sample.status for sample in post]
    positive = [sample for sample in post if sample.status == "POSITIVE"]
    titres = [sample.titre for sample in positive if not math.isnan(sample.titre)]
    row = _baseline(read) | {
        "subject_id": subject.subject_id,
        "n_samples": sum(sample.status != "NOT DONE" for sample in binding),
        "n_post": len(post),
        "n_post_positive": len(positive),
        "n_post_inconclusive": sum(
            sample.timing == "POST" and sample.status == "INCONCLUSIVE" for sample in binding
        ),
        "ever_positive": any(sample.status == "POSITIVE" for sample in read) if read else None,
        "highest_titre": max(titres, default=float("nan")),
        "last_sample_positive": results[-1] == "POSITIVE" if results else None,
    }
    row |= _category(row, positive, results, settings)
    row["persistence"] = ""
    if row["ada_status"] == "INDUCED":
        row["persistence"] = persistence(
            [sample.day for sample in post],
            results,
            complete=schedule_complete(subject, samples, settings),
            persistent_weeks=settings["persistent_weeks"],
        )
    neutralising = [s for s in samples if s.test == "NEUTRALISING" and s.timing == "POST"]
    row["neutralising"] = neutralising_status(bool(row["ada_positive"]), post, neutralising)
    row |= _course([sample.day for sample in positive if sample.day is not None])
    return row | {"sentence": _sentence(row)}


def _baseline(read: Sequence[Sample]) -> dict:
    first = next((sample for sample in read if sample.timing == "BASELINE"), None)
    return {
        "baseline_status": first.status if first else "",
        "baseline_date": first.date if first else None,
        "baseline_titre": first.titre if first else float("nan"),
    }


def _category(row: Mapping, positive: Sequence[Sample], results: Sequence[str], settings: Mapping) -> dict:
    """Category; INCONCLUSIVE where drug may have hidden every negative result and there is no other."""
    baseline, scale = row["baseline_status"], settings["scale"]
    change = float("nan")
    if baseline == "POSITIVE":
        change = largest_change([sample.titre for sample in positive], row["baseline_titre"], scale)
    evaluable = len(results) > 0 and (baseline != "" or not settings["require_baseline"])
    status = ada_status(baseline, results, change, scale=scale, boost=settings["boost"])
    if not evaluable:
        hidden = not results and row["n_post_inconclusive"] > 0
        status = "INCONCLUSIVE" if hidden else "NOT EVALUABLE"
    return {
        "largest_change": change,
        "evaluable": evaluable,
        "ada_status": status,
        "ada_positive": None if status in NOT_KNOWN else status in ("INDUCED", "BOOSTED"),
    }


def _course(days: Sequence[int]) -> dict:
    """First and last positive day; span is their difference, duration counts both, onset counts neither."""
    if not days:
        return {}
    first, last = min(days), max(days)
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
    if row["ada_status"] in NOT_KNOWN:
        why = "no baseline result" if row["n_post"] else "no result after the first dose"
        why = REASONS.get(row["ada_status"], why)
        return f"{start}: {row['ada_status'].lower()}, {why}."
    parts = [row["ada_status"].lower()]
    if not math.isnan(row["largest_change"]):
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
        ("ada_status", ADA_STATUS),
        ("persistence", PERSISTENCE),
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
