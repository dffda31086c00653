"""Incidences of adverse events, laboratory values and antibodies in the layout of the endpoint table."""

from collections.abc import Iterator, Mapping

import pandas as pd

from clearher.clinical.populations import groups
from clearher.clinical.safety import NOBODY_RECORDED, safety_population
from clearher.columns import clinical as columns
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import frame_of

EXACT = "Clopper-Pearson"
POPULATION = "treated"
LEFT_OUT = {
    "UNDETERMINED": "whose rise over baseline is unknown",
    "INCONCLUSIVE": "with drug above the assay's tolerance in every negative sample",
}


def safety_endpoints(
    safety: pd.DataFrame, antibodies: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping
) -> pd.DataFrame:
    """Table SAFETY_ENDPOINTS: AE, AESI, LAB and ADA incidence, each with its denominator.

    Parameters
    ----------
    safety : pandas.DataFrame
        Table SAFETY.
    antibodies : pandas.DataFrame
        Table IMMUNOGENICITY_SUBJECTS.
    subjects : pandas.DataFrame
        Table SUBJECTS of intake.
    settings : Mapping
        Section ``clinical``.

    Notes
    -----
    ADA incidence is (induced + boosted) / evaluable subjects whose category is known, and beside it over
    all treated; prevalence is ever positive / any result. Source: Shankar 2014, AAPS J 16:658.
    """
    rows = list(_event_rows(safety, settings["adverse_events"]["window_days"]))
    rows += _laboratory_rows(safety, settings["laboratory"]["window_days"])
    for group, members in groups(safety_population(subjects), settings["statistics"]["group_by"]):
        people = antibodies[antibodies["subject_id"].isin(members)]
        if len(people):
            rows += [row | {"group": group} for row in _antibody_rows(people, settings)]
    return frame_of(
        [row | {"population": POPULATION, "headline": False} for row in rows], columns.SAFETY_ENDPOINTS
    )


def _event_rows(safety: pd.DataFrame, window_days: int) -> Iterator[dict]:
    named = {"overview": "AE", "aesi": "AESI"}
    part = safety[safety["section"].isin(list(named))]
    for row in part.itertuples():
        statistic = row.category if row.section == "overview" else f"{row.category}: {row.level}"
        known = pd.notna(row.events)
        records = f"{row.events} events" if known else NOBODY_RECORDED
        yield {
            "endpoint": named[row.section],
            "group": row.group,
            "statistic": statistic,
            "n": row.n,
            "N": row.N,
            "estimate": row.estimate,
            "low": row.low,
            "high": row.high,
            "unit": "fraction",
            "method": EXACT if known else "not estimable",
            "note": f"treatment-emergent up to {window_days} days after the last dose; {records}",
        }


def _laboratory_rows(safety: pd.DataFrame, window_days: int) -> Iterator[dict]:
    part = safety[safety["section"] == "laboratory_emergent"]
    for row in part.itertuples():
        place = f"{row.category}, {row.term}" if row.term else row.category
        yield {
            "endpoint": "LAB",
            "group": row.group,
            "statistic": f"{place}: {row.level}",
            "n": row.n,
            "N": row.N,
            "estimate": row.estimate,
            "low": row.low,
            "high": row.high,
            "unit": "fraction",
            "method": EXACT,
            "note": f"worse than at baseline up to {window_days} days after the last dose, of subjects with "
            "a baseline and a later value",
        }


def _antibody_rows(people: pd.DataFrame, settings: Mapping) -> Iterator[dict]:
    confidence = settings["statistics"]["confidence"]
    positive = int(people["ada_positive"].fillna(False).sum())
    evaluable = int((people["evaluable"].fillna(False) & people["ada_positive"].notna()).sum())
    left = people["ada_status"].value_counts().reindex(list(LEFT_OUT), fill_value=0)
    without = len(people) - int((people["n_samples"] > 0).sum())
    tested = int(people["ever_positive"].notna().sum())
    ever = int(people["ever_positive"].fillna(False).sum())
    note = f"{without} treated subjects without a sample"
    unknown = [f"{count} {LEFT_OUT[status]}" for status, count in left.items() if count]
    shares = (
        (
            "incidence of evaluable",
            positive,
            evaluable,
            "; ".join([note, *(f"{u} left out" for u in unknown)]),
        ),
        (
            "incidence of treated",
            positive,
            len(people),
            "; ".join([note, *(f"{u} counted as not positive" for u in unknown)]),
        ),
        ("prevalence", ever, tested, "ever positive, baseline included, of subjects with any result"),
    )
    for statistic, count, total, remark in shares:
        interval = clopper_pearson(count, total, confidence)
        yield {
            "endpoint": "ADA",
            "statistic": statistic,
            "n": count,
            "N": total,
            **interval._asdict(),
            "unit": "fraction",
            "method": EXACT,
            "note": remark,
        }
