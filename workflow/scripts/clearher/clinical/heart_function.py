"""Left ventricular ejection fraction: baseline, lowest value under treatment, and falls that count."""

from collections.abc import Iterator, Mapping

import pandas as pd

from clearher.clinical.days import study_day
from clearher.clinical.populations import groups
from clearher.clinical.safety import in_category, numbered, safety_population
from clearher.clinical.units import foreign_units
from clearher.columns import clinical as columns
from clearher.problems import Problem
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import frame_of

NAME = "Left ventricular ejection fraction"
PAIRED = "share of subjects with a baseline and a later value, Clopper-Pearson"
TREATED = "share of treated subjects, Clopper-Pearson"


def ejection_fraction_table(
    labs: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping
) -> tuple[pd.DataFrame, list[Problem]]:
    """Table EJECTION_FRACTION: one row a treated subject with a value.

    Baseline is the last value on or before the first dose; values after it up to the last dose plus the
    window are on treatment. A fall counts where the lowest value lies at least ``fall_points`` below the
    baseline and below ``below_percent``. Values in another unit than percent are left out, with a finding.

    Parameters
    ----------
    labs, subjects : pandas.DataFrame
        Tables LABS (ejection fractions stand there with SDTM CV or LB) and SUBJECTS of intake.
    settings : Mapping
        Section ``clinical.laboratory``.

    Notes
    -----
    Source: criterion of the trials of trastuzumab and trastuzumab deruxtecan.
    """
    rule = settings["ejection_fraction"]
    people = safety_population(subjects).set_index("subject_id")
    measured = labs[labs["parameter"].isin(rule["parameters"]) & labs["value"].notna()]
    in_percent = measured["unit"].str.upper().isin([unit.upper() for unit in rule["units"]])
    frame = measured[in_percent & measured["date"].notna() & measured["subject_id"].isin(people.index)]
    first = frame["subject_id"].map(people["first_dose_date"])
    last = frame["subject_id"].map(people["last_dose_date"]) + pd.Timedelta(days=settings["window_days"])
    before = frame[frame["date"] <= first].sort_values(["subject_id", "date", "sequence"])
    after = frame[(frame["date"] > first) & ~(frame["date"] > last)]
    rows = _rows(before, after.sort_values(["subject_id", "value", "date", "sequence"]), rule)
    rows["lowest_day"] = study_day(rows["lowest_date"], people["first_dose_date"].reindex(rows.index))
    table = frame_of(rows.reset_index().to_dict("records"), columns.EJECTION_FRACTION)
    return table, foreign_units(
        measured.loc[~in_percent, "unit"],
        check="ejection_fraction_unit",
        values="ejection fractions",
        expected=f"one of {', '.join(rule['units'])}",
        remedy="Not used; add the unit to clinical.laboratory.ejection_fraction.units if it is percent.",
    )


def _rows(before: pd.DataFrame, after: pd.DataFrame, rule: Mapping) -> pd.DataFrame:
    baseline = before.drop_duplicates("subject_id", keep="last").set_index("subject_id")
    lowest = after.drop_duplicates("subject_id").set_index("subject_id")
    rows = pd.DataFrame(index=baseline.index.union(lowest.index).rename("subject_id"))
    for name, part in (("baseline", baseline), ("lowest", lowest)):
        rows[f"{name}_percent"], rows[f"{name}_date"] = part["value"], part["date"]
    rows["n_post"] = after.groupby("subject_id").size().reindex(rows.index).fillna(0).astype("Int64")
    rows["fall_points"] = (rows["baseline_percent"] - rows["lowest_percent"]).round(6)
    falls = rows["fall_points"].ge(rule["fall_points"]) & rows["lowest_percent"].lt(rule["below_percent"])
    rows["dysfunction"] = falls.astype("boolean").where(rows["fall_points"].notna())
    return rows


def ejection_fraction_lines(
    fractions: pd.DataFrame, events: pd.DataFrame, subjects: pd.DataFrame, *, settings: Mapping
) -> pd.DataFrame:
    """Lines of table SAFETY: measured falls, and subjects with a measured fall or a coded event.

    Parameters
    ----------
    fractions, events : pandas.DataFrame
        Tables EJECTION_FRACTION and ADVERSE_EVENTS of the clinical stage.
    subjects : pandas.DataFrame
        Table SUBJECTS of intake.
    settings : Mapping
        Section ``clinical``.

    Notes
    -----
    A study without an ejection fraction has no such lines.
    """
    rows: list[dict] = []
    if fractions.empty:
        return frame_of(rows, columns.SAFETY)
    rule = settings["laboratory"]["ejection_fraction"]
    named = events["treatment_emergent"] & in_category(events, rule["category"])
    coded = set(events.loc[named, "subject_id"])
    for group, members in groups(safety_population(subjects), settings["statistics"]["group_by"]):
        mine = fractions[fractions["subject_id"].isin(members)]
        lines = _group_lines(mine, coded & set(members), len(members), settings)
        rows += numbered(lines, group)
    return frame_of(rows, columns.SAFETY)


def _group_lines(fractions: pd.DataFrame, coded: set[str], treated: int, settings: Mapping) -> Iterator[dict]:
    rule, confidence = settings["laboratory"]["ejection_fraction"], settings["statistics"]["confidence"]
    paired = fractions[fractions["dysfunction"].notna()]
    fallen = set(paired.loc[paired["dysfunction"].astype(bool), "subject_id"])
    fall = f"fall of {rule['fall_points']:g} points or more to below {rule['below_percent']:g} %"
    for level, count, total, method in (
        (fall, len(fallen), len(paired), PAIRED),
        ("such a fall or a coded event", len(fallen | coded), treated, TREATED),
    ):
        yield {
            "section": "ejection_fraction",
            "category": NAME,
            "level": level,
            "n": count,
            "N": total,
            **clopper_pearson(count, total, confidence)._asdict(),
            "unit": "fraction",
            "method": method,
        }
