"""Values in a unit that a rule cannot use, as findings."""

import pandas as pd

from clearher.problems import Problem


def foreign_units(units: pd.Series, *, check: str, values: str, expected: str, remedy: str) -> list[Problem]:
    """One finding a unit, with how many values have it.

    Parameters
    ----------
    units : pandas.Series
        Unit of each value that cannot be used, empty where none is stated; its name is the finding's column.
    check, expected, remedy : str
        The finding's name and words.
    values : str
        What the values are, in the plural.
    """
    return [
        Problem(
            check=check,
            column=str(units.name),
            found=f"{count} {values} in {unit or 'no unit'}",
            expected=expected,
            remedy=remedy,
            severity="warning",
        )
        for unit, count in sorted(units.value_counts().items())
    ]
