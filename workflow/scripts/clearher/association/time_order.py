"""Time discipline: a model sees only what was known when its clock started."""

import difflib
from collections.abc import Sequence

import pandas as pd


class TimeOrderError(ValueError):
    """A variable rests on data after the model's start; the message explains and says what to do."""


class CannotRunError(ValueError):
    """An analysis lacks what it needs; the message says what."""


def require_known(
    lineage: pd.DataFrame, subjects: pd.DataFrame, variables: Sequence[str], by_day: int, override: str = ""
) -> str:
    """Refuse variables that were not known by a study day.

    Parameters
    ----------
    lineage : pandas.DataFrame
        Table association/lineage.tsv.
    subjects : pandas.DataFrame
        Subjects of the analysis.
    variables : sequence of str
        Predictors, adjustment and strata.
    by_day : int
        Study day at which the model's clock starts.
    override : str
        Reason for using them all the same; empty: none.

    Returns
    -------
    str
        Caveat for the results: empty, or the refusals that the override set aside.

    Raises
    ------
    CannotRunError
        A variable does not exist.
    TimeOrderError
        A variable is an outcome, or a value of it rests on data after the day.
    """
    known = lineage.set_index("variable")
    refusals = [
        reason for name in variables if (reason := _refusal(known, subjects, existing(known, name), by_day))
    ]
    if refusals and not override:
        raise TimeOrderError(" ".join(refusals))
    return f"Time rule set aside ({override}): {' '.join(refusals)}" if refusals else ""


def existing(lineage: pd.DataFrame, name: str) -> str:
    """The name itself.

    Raises
    ------
    CannotRunError
        No variable of the analysis set has it; the nearest one is named.
    """
    if name in lineage.index:
        return name
    near = difflib.get_close_matches(name, list(lineage.index), n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise CannotRunError(f"The data hold no variable {name!r}.{hint}")


def _refusal(lineage: pd.DataFrame, subjects: pd.DataFrame, name: str, by_day: int) -> str:
    row = lineage.loc[name]
    if row["known"] == "outcome":
        return f"{name} is an outcome ({row['source_table']}) and cannot predict one."
    if not row["known_day_column"]:
        return ""
    values = subjects[name]
    filled = values.notna() & (values.astype(object) != "")
    days = subjects.loc[filled, row["known_day_column"]]
    late = days[days > by_day]
    if len(late):
        return (
            f"{name} {_where(row['rule'])} after day {by_day} in {len(late)} of {int(filled.sum())} "
            f"subjects (up to day {int(late.max())}): subjects who live longer have more time to reach a "
            "value, so the model would take survival for its cause. Use a landmark or a time-varying "
            "analysis."
        )
    if row["known"] == "post_baseline" and days.isna().any():
        return f"{name} is known after baseline only, and in {int(days.isna().sum())} subjects without a day."
    return ""


def _where(rule: str) -> str:
    return "is known" if rule == "its own day" else f"({rule}) is known"
