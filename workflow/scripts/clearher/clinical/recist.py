"""Response by RECIST 1.1 at each assessment, from lesion measurements.

All sums are compared in whole hundredths of a millimetre, so that -30 % and +20 % mean exactly that.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clearher.clinical.days import study_day
from clearher.columns import clinical as columns
from clearher.tables import conform, empty

READER = ["subject_id", "evaluator", "evaluator_id"]
POINT = [*READER, "point"]
MISSING = -1


def visit_table(
    lesions: pd.DataFrame, assessments: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping
) -> pd.DataFrame:
    """Sum of diameters and response of every lesion assessment, beside the recorded response.

    Parameters
    ----------
    lesions, assessments, subjects : pandas.DataFrame
        Tables LESIONS, ASSESSMENTS and SUBJECTS of intake.
    settings : Mapping
        Section ``clinical``; read is ``response.lesions``.

    Returns
    -------
    pandas.DataFrame
        Table VISITS. Assessments on or before the reference date carry no response. Rows without a
        usable date are left out.

    References
    ----------
    Eisenhauer et al. 2009, Eur J Cancer 45: 228-247, tables 1 and 2. Rules checked against the public
    data of pharmaverse/pharmaversesdtm (data-raw/rs_onco_recist.R).
    """
    words = settings["response"]["lesions"]
    dated = dated_lesions(lesions, subjects, visit_days=words["visit_days"])
    if dated.empty:
        return empty(columns.VISITS)
    points = _points(dated)
    points = points.merge(_target_sums(dated, points), on=POINT, how="left")
    points = _with_baseline_and_nadir(points)
    points = points.merge(_non_target(dated, points, words=words), on=POINT, how="left")
    points["target_response"] = target_response(points)
    points["nontarget_response"] = nontarget_response(points)
    points["overall"] = overall_response(points)
    return _finished(points, assessments)


def dated_lesions(lesions: pd.DataFrame, subjects: pd.DataFrame, *, visit_days: int) -> pd.DataFrame:
    """Lesion rows with a usable date, their reference date, and the assessment (point) they belong to.

    Scans of one named visit at most ``visit_days`` after its first scan form one assessment; rows without
    a visit name are put together by day. Assessments of a reader that end on the same day are one, whatever
    their visits are called: a new lesion of an unscheduled visit belongs to the sums of that day.
    """
    known = subjects.loc[subjects["reference_date"].notna(), ["subject_id", "reference_date"]]
    rows = lesions.loc[lesions["date"].notna()].merge(known, on="subject_id")
    if rows.empty:
        return rows.assign(point=pd.Series(dtype="int64"))
    named = rows["visit"].ne("")
    place = rows["visit"].where(named, rows["date"].dt.strftime("%Y-%m-%d"))
    rows = rows.assign(place=place).sort_values([*READER, "place", "date", "sequence"], ignore_index=True)
    # A scan on or before the reference date never shares an assessment with one after it.
    rows["before"] = rows["date"] <= rows["reference_date"]
    rows["first"] = rows.groupby([*READER, "place", "before"])["date"].transform("min")
    rows["slot"] = (rows["date"] - rows["first"]).dt.days // (visit_days + 1)
    visit = rows.groupby([*READER, "place", "before", "slot"])["date"]
    rows["point"] = rows.assign(end=visit.transform("max")).groupby([*READER, "end"]).ngroup()
    return rows


def _points(dated: pd.DataFrame) -> pd.DataFrame:
    grouped = dated.groupby(POINT, as_index=False)
    points = grouped.agg(
        date=("date", "max"), visit=("visit", "first"), reference_date=("reference_date", "first")
    )
    points = points.sort_values([*READER, "date", "point"], ignore_index=True)
    points["post"] = points["date"] > points["reference_date"]
    return points


def _target_values(dated: pd.DataFrame) -> pd.DataFrame:
    nodal = dated["nodal"].fillna(False).astype(bool)
    wanted = np.where(nodal, "LPERP", "LDIAM")
    rows = dated[dated["lesion_class"].eq("TARGET") & dated["measure"].eq(wanted)]
    rows = rows.sort_values(["date", "sequence"]).drop_duplicates([*POINT, "lesion_id"], keep="last")
    hundredths = np.rint(rows["value_mm"].to_numpy() * 100)
    rows = rows.assign(
        value=np.where(np.isnan(hundredths), MISSING, hundredths).astype("int64"),
        is_node=rows["nodal"].fillna(False).astype(bool),
    )
    return rows[[*POINT, "lesion_id", "value", "is_node", "before"]]


def _target_sums(dated: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    values = _target_values(dated)
    lesion = [*READER, "lesion_id"]
    planned = values.loc[values["before"], lesion].drop_duplicates().assign(in_set=True)
    n_targets = planned.groupby(READER).size().rename("n_targets").reset_index()
    values = values.merge(planned, on=lesion, how="left")
    values["in_set"] = values["in_set"].eq(True)
    measured = values["in_set"] & values["value"].ge(0)
    limit = np.where(values["is_node"], 999, 0)
    values = values.assign(
        counted=measured.astype(int),
        amount=values["value"].where(measured, 0),
        gone=(measured & values["value"].le(limit)).astype(int),
        extra=(~values["in_set"] & values["value"].ge(0)).astype(int),
    )
    sums = values.groupby(POINT, as_index=False)[["counted", "amount", "gone", "extra"]].sum()
    sums = points[POINT].merge(sums, on=POINT, how="left").merge(n_targets, on=READER, how="left")
    numbers = ["counted", "amount", "gone", "extra", "n_targets"]
    sums[numbers] = sums[numbers].fillna(0).astype("int64")
    return sums


def _with_baseline_and_nadir(points: pd.DataFrame) -> pd.DataFrame:
    points = points.sort_values([*READER, "date", "point"], ignore_index=True)
    points["complete"] = (
        points["n_targets"].gt(0) & points["counted"].eq(points["n_targets"]) & points["extra"].eq(0)
    )
    candidates = points[points["complete"] & ~points["post"]]
    last = candidates.groupby(READER).tail(1).index
    points["baseline"] = points.index.isin(last)
    points["start"] = (
        points["amount"].where(points["baseline"]).groupby([points[k] for k in READER]).transform("max")
    )
    counts = points["complete"] & (points["baseline"] | points["post"]) & points["start"].notna()
    lowest = points["amount"].where(counts).groupby([points[k] for k in READER])
    running = lowest.cummin().groupby([points[k] for k in READER]).ffill()
    points["nadir"] = running.groupby([points[k] for k in READER]).shift(1).where(points["post"])
    return points


def _non_target(dated: pd.DataFrame, points: pd.DataFrame, *, words: Mapping) -> pd.DataFrame:
    others = dated[dated["lesion_class"].eq("NON-TARGET")].sort_values(["date", "sequence"])
    others = others.drop_duplicates([*POINT, "lesion_id"], keep="last")
    planned = others[others["before"]].groupby(READER)["lesion_id"].nunique().rename("n_others").reset_index()
    state = others["state"].str.upper()
    others = others.assign(
        absent=state.isin(words["absent"]).astype(int),
        present=state.isin(words["present"]).astype(int),
        worse=state.isin(words["progression"]).astype(int),
    )
    counts = others.groupby(POINT, as_index=False)[["absent", "present", "worse"]].sum()
    new = dated[
        dated["lesion_class"].eq("NEW")
        & ~dated["before"]
        & ~dated["state"].str.upper().isin(words["not_new"])
    ]
    fresh = new[POINT].drop_duplicates().assign(new_lesion=True)
    table = points[POINT].merge(counts, on=POINT, how="left").merge(planned, on=READER, how="left")
    numbers = ["absent", "present", "worse", "n_others"]
    table[numbers] = table[numbers].fillna(0).astype("int64")
    table = table.merge(fresh, on=POINT, how="left")
    table["new_lesion"] = table["new_lesion"].eq(True)
    return table


def target_response(points: pd.DataFrame) -> pd.Series:
    """Response of the target lesions, the first of CR, PD, PR, SD, NE whose rule holds.

    Parameters
    ----------
    points : pandas.DataFrame
        amount, start, nadir (hundredths of mm), counted, gone, n_targets, complete, post.

    Returns
    -------
    pandas.Series
        Text; empty without target lesions at baseline and for assessments before treatment.

    Notes
    -----
    CR: complete, every non-nodal target 0 mm and every node below 10 mm. PD: sum - nadir >= 5 mm and
    sum >= 1.2 x nadir; measured lesions suffice. PR: complete, sum <= 0.7 x baseline.
    """
    amount, nadir, start = points["amount"], points["nadir"], points["start"]
    complete = points["complete"] & start.notna()
    rules = [
        complete & points["gone"].eq(points["n_targets"]),
        points["counted"].gt(0) & (amount - nadir >= 500) & (10 * amount >= 12 * nadir),
        complete & (10 * amount <= 7 * start),
        complete,
    ]
    found = np.select(rules, ["CR", "PD", "PR", "SD"], "NE")
    judged = points["post"] & points["n_targets"].gt(0)
    return pd.Series(np.where(judged, found, ""), index=points.index, dtype=object)


def nontarget_response(points: pd.DataFrame) -> pd.Series:
    """Response of the non-target lesions; empty where there are none and before treatment.

    PD by unequivocal progression of any; CR when all baseline lesions are absent and no other non-target
    lesion is present; NON-CR/NON-PD when all were looked at and one is present; else NE.
    """
    seen = points["absent"] + points["present"]
    rules = [
        points["worse"].gt(0),
        points["n_others"].gt(0) & points["absent"].ge(points["n_others"]) & points["present"].eq(0),
        points["present"].gt(0) & seen.ge(points["n_others"]),
    ]
    found = np.select(rules, ["PD", "CR", "NON-CR/NON-PD"], "NE")
    judged = points["post"] & (points["n_others"].gt(0) | points["worse"].gt(0))
    return pd.Series(np.where(judged, found, ""), index=points.index, dtype=object)


def overall_response(points: pd.DataFrame) -> pd.Series:
    """Overall response from target and non-target response and new lesions (RECIST 1.1, tables 1 and 2)."""
    target, non_target = points["target_response"], points["nontarget_response"]
    rules = [
        points["new_lesion"] | target.eq("PD") | non_target.eq("PD"),
        target.eq("CR") & non_target.isin(["CR", ""]),
        target.eq("CR"),
        target.ne(""),
        non_target.ne(""),
    ]
    found = np.select(rules, ["PD", "CR", "PR", target, non_target], "NE")
    return pd.Series(np.where(points["post"], found, ""), index=points.index, dtype=object)


def _finished(points: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
    points = points.copy()
    measured = points["counted"] > 0
    share = 100 * (points["amount"] - points["start"]) / points["start"].where(points["start"] > 0)
    to_nadir = 100 * (points["amount"] - points["nadir"]) / points["nadir"].where(points["nadir"] > 0)
    points["study_day"] = study_day(points["date"], points["reference_date"])
    points["n_measured"] = points["counted"]
    points["sum_mm"] = (points["amount"] / 100).where(measured)
    points["baseline_mm"] = points["start"] / 100
    points["nadir_mm"] = points["nadir"] / 100
    points["change_percent"] = share.where(points["complete"] & (points["post"] | points["baseline"]))
    points["nadir_change_percent"] = to_nadir.where(points["complete"] & points["post"])
    points = points.merge(_recorded(assessments), on=[*READER, "date"], how="left")
    points["recorded"] = points["recorded"].fillna("")
    both = points["recorded"].ne("") & points["overall"].ne("")
    points["agrees"] = points["recorded"].eq(points["overall"]).astype("boolean").where(both)
    return conform(points[columns.VISITS.names], columns.VISITS)


def _recorded(assessments: pd.DataFrame) -> pd.DataFrame:
    rows = assessments[assessments["date"].notna()].sort_values("sequence")
    rows = rows.drop_duplicates([*READER, "date"], keep="last")
    return rows.rename(columns={"response": "recorded"})[[*READER, "date", "recorded"]]
