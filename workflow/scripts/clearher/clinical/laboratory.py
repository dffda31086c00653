"""Laboratory values: baseline, worst value under treatment, shift, and what became abnormal."""

from collections.abc import Iterator, Mapping

import pandas as pd

from clearher.clinical.populations import groups
from clearher.clinical.safety import numbered, safety_population
from clearher.columns import clinical as columns
from clearher.problems import Problem
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import empty, frame_of

DIRECTIONS = ("low", "high")
LINE = ["subject_id", "parameter", "unit"]
ABNORMAL_UNGRADED = 0.5
ANY_PARAMETER = "any parameter"
SEVERE = ("grade 3", "grade 4", "grade 5")
METHOD = "share of subjects with a baseline and a later value, Clopper-Pearson"


def laboratory_table(
    labs: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping
) -> tuple[pd.DataFrame, list[Problem]]:
    """Table LABORATORY: one row a subject, parameter, unit and direction.

    Baseline is the last value on or before the first dose; values after it up to the last dose plus the
    window are on treatment. How abnormal a value is follows from its recorded grade on the side of the
    range it lies on, else from the range indicator, else from the limits. Worst is the highest grade, and
    among equal ones the most extreme value. A value whose side of the range nothing tells is in no row; a
    recorded grade that so decides nothing is a warning, as is a unit that changes or is missing.

    Parameters
    ----------
    labs, subjects : pandas.DataFrame
        Tables LABS and SUBJECTS of intake.
    settings : Mapping
        Section ``clinical.laboratory``.

    Notes
    -----
    Source: admiral ``inst/templates/ad_adlb.R``, chevron ``R/lbt*.R`` (rules only).
    """
    people = safety_population(subjects).set_index("subject_id")
    mine = labs[labs["subject_id"].isin(people.index)]
    problems = [*_mixed_units(mine), *_not_judged(mine, settings), *_unused_grades(mine, settings)]
    frame = mine[mine["date"].notna()].reset_index(drop=True)
    first = frame["subject_id"].map(people["first_dose_date"])
    last = frame["subject_id"].map(people["last_dose_date"]) + pd.Timedelta(days=settings["window_days"])
    parts = [empty(columns.LABORATORY)]
    for direction in DIRECTIONS:
        scored = frame.assign(
            score=_score(frame, direction, settings),
            extreme=frame["value"] if direction == "high" else -frame["value"],
        )
        scored = scored[scored["score"].notna()]
        before = scored[(scored["date"] <= first[scored.index])]
        after = scored[(scored["date"] > first[scored.index]) & ~(scored["date"] > last[scored.index])]
        parts.append(_direction_rows(before, after, direction))
    rows = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    return frame_of(rows.to_dict("records"), columns.LABORATORY), problems


def _score(frame: pd.DataFrame, direction: str, settings: Mapping) -> pd.Series:
    """0 normal, 0.5 abnormal without a grade, 1 to 5 graded; missing where nothing tells."""
    words = frame["indicator"].str.upper()
    told = words.isin([*settings["normal"], *settings["low"], *settings["high"]])
    limit = frame[direction]
    beyond = frame["value"] < limit if direction == "low" else frame["value"] > limit
    abnormal = words.isin(settings[direction]).where(told, beyond)
    known = told | (frame["value"].notna() & limit.notna())
    graded = frame["grade"].astype("float64").where(abnormal, 0.0)
    score = graded.mask(abnormal & (graded.isna() | (graded == 0)), ABNORMAL_UNGRADED).mask(~abnormal, 0.0)
    return score.where(known)


def _direction_rows(before: pd.DataFrame, after: pd.DataFrame, direction: str) -> pd.DataFrame:
    baseline = _last_records(before.sort_values([*LINE, "date", "sequence"]))
    worst = _last_records(
        after.sort_values([*LINE, "score", "extreme", "date", "sequence"], na_position="first")
    )
    count = after.groupby(LINE).size()
    index = baseline.index.union(worst.index)
    rows = pd.DataFrame(index=index)
    for name, part in (("baseline", baseline), ("worst", worst)):
        part = part.reindex(index)
        rows[f"{name}_value"], rows[f"{name}_date"] = part["value"], part["date"]
        rows[f"{name}_state"] = part["score"].map(_state, na_action="ignore").fillna("").astype(object)
        rows[f"{name}_score"] = part["score"]
    rows["n_post"] = count.reindex(index).fillna(0).astype("Int64")
    both = rows["baseline_score"].notna() & rows["worst_score"].notna()
    worse = (rows["worst_score"] > rows["baseline_score"]) & (rows["worst_score"] > 0)
    rows["emergent"] = worse.astype("boolean").where(both)
    return rows.drop(columns=["baseline_score", "worst_score"]).reset_index().assign(direction=direction)


def _state(score: float) -> str:
    if score == 0:
        return "normal"
    return "abnormal" if score == ABNORMAL_UNGRADED else f"grade {int(score)}"


def _last_records(ordered: pd.DataFrame) -> pd.DataFrame:
    """The last record of each line, whole: a value that is no number stays missing."""
    return ordered.drop_duplicates(LINE, keep="last").set_index(LINE)


def _mixed_units(labs: pd.DataFrame) -> list[Problem]:
    told = labs[labs["value"].notna() | labs["indicator"].ne("")]
    units = told["unit"].replace("", "(none)").groupby(told["parameter"]).unique()
    return [
        Problem(
            check="lab_units_mixed",
            column=parameter,
            found=f"units {', '.join(sorted(found))}",
            expected="one unit a parameter",
            remedy="Each unit has lines of its own; nothing is converted.",
            severity="warning",
        )
        for parameter, found in units.items()
        if len(found) > 1
    ]


def _not_judged(labs: pd.DataFrame, settings: Mapping) -> list[Problem]:
    """Values of which nothing tells whether they are normal; the ejection fraction has rules of its own."""
    known = _score(labs, "low", settings).notna() | _score(labs, "high", settings).notna()
    own = labs["parameter"].isin(settings["ejection_fraction"]["parameters"])
    counts = labs[~known & labs["value"].notna() & ~own].groupby("parameter").size()
    return [
        Problem(
            check="lab_not_judged",
            column=parameter,
            found=f"{count} value{'s' if count != 1 else ''} without range indicator and limits of normal",
            expected="LBNRIND, or LBSTNRLO and LBSTNRHI",
            remedy="In no laboratory line; add the limits.",
            severity="info",
        )
        for parameter, count in counts.items()
    ]


def _unused_grades(labs: pd.DataFrame, settings: Mapping) -> list[Problem]:
    """Recorded grades of 1 or more of values that lie on neither side of the range."""
    outside = _score(labs, "low", settings).gt(0) | _score(labs, "high", settings).gt(0)
    counts = labs[labs["grade"].ge(1).fillna(False) & ~outside].groupby("parameter").size()
    return [
        Problem(
            check="lab_grade_unused",
            column=parameter,
            found=f"grade 1 or more of {count} within the range, or on a side of it that nothing tells",
            expected="a graded value below or above the range, by LBNRIND or by its limits",
            remedy="The grade does not count; check the limits, or add them.",
            severity="warning",
        )
        for parameter, count in counts.items()
    ]


def laboratory_lines(laboratory: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Lines of table SAFETY: what became abnormal, in any parameter and in each, and shifts to the worst.

    The denominator is subjects with a baseline and a later value, of any parameter or of the line's. A line
    of grade 3 or more is there where a value has a grade: none of ungraded values is not known to be one.
    """
    people = safety_population(subjects)
    rows: list[dict] = []
    for group, members in groups(people, settings["statistics"]["group_by"]):
        mine = laboratory[laboratory["subject_id"].isin(members) & laboratory["emergent"].notna()]
        lines = _group_lines(mine, settings["statistics"]["confidence"])
        rows += numbered(lines, group)
    return frame_of(rows, columns.SAFETY)


def _group_lines(laboratory: pd.DataFrame, confidence: float) -> Iterator[dict]:
    if laboratory.empty:
        return
    yield from _emergent_lines(laboratory, {"category": ANY_PARAMETER, "term": ""}, confidence)
    for (parameter, unit, direction), part in laboratory.groupby(["parameter", "unit", "direction"]):
        line = {"category": f"{parameter} ({unit})" if unit else parameter, "term": direction}
        yield from _emergent_lines(part, line, confidence)
        shifts = part.groupby(["baseline_state", "worst_state"]).size()
        for (baseline, worst), subjects in shifts.items():
            level = f"{baseline} to {worst}"
            yield line | _counted("laboratory_shift", level, int(subjects), len(part), confidence)


def _emergent_lines(rows: pd.DataFrame, line: Mapping, confidence: float) -> Iterator[dict]:
    """Subjects with a value that became worse than at baseline, and of grade 3 or more."""
    severe = rows["worst_state"].isin(SEVERE)
    graded = rows[["baseline_state", "worst_state"]].stack().str.startswith("grade").any()
    levels = {"emergent": rows["emergent"]}
    if graded:
        levels["emergent, grade >= 3"] = rows["emergent"] & severe
    total = rows["subject_id"].nunique()
    for level, chosen in levels.items():
        count = rows.loc[chosen.astype(bool), "subject_id"].nunique()
        yield {**line, **_counted("laboratory_emergent", level, count, total, confidence)}


def _counted(section: str, level: str, count: int, total: int, confidence: float) -> dict:
    interval = clopper_pearson(count, total, confidence)
    return {
        "section": section,
        "level": level,
        "n": count,
        "N": total,
        **interval._asdict(),
        "unit": "fraction",
        "method": METHOD,
    }
