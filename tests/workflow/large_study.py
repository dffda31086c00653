"""Tables of five hundred treated subjects: those of a finished trial, repeated with other numbers.

The words, gaps and mixtures of a real run make a page large; rows written by hand have none of them.
"""

import pandas as pd
from workflow_runs import results

from clearher.columns import Table, intake
from clearher.report.catalogue import TABLES_READ
from clearher.tables import conform, read_table

SUBJECTS = 500
NAMES = ("subject_id", "sample_id", "baseline_sample_id", "specimen_id", "sample_key", "sample_a", "sample_b")


def many_subjects(trial) -> dict[Table, pd.DataFrame]:
    """Every table the report reads, with ``SUBJECTS`` treated subjects where it has rows of subjects.

    Parameters
    ----------
    trial : Path
        Folder of a finished run.
    """
    tables = {table: read_table(results(trial) / table.path, table) for table in TABLES_READ}
    subjects = tables[intake.SUBJECTS]
    treated = subjects.loc[subjects["treated"], "subject_id"]
    copies = range(-(-SUBJECTS // len(treated)))
    names = [_named(subject, number) for number in copies for subject in treated]
    return {
        table: _repeated(frame, table, copies, left_out=names[SUBJECTS:]) for table, frame in tables.items()
    }


def _repeated(frame: pd.DataFrame, table: Table, copies: range, *, left_out: list[str]) -> pd.DataFrame:
    if "subject_id" not in frame:
        return frame
    whole = pd.concat([_copy(frame, number) for number in copies], ignore_index=True)
    return conform(whole[~whole["subject_id"].isin(left_out)], table)


def _copy(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """One copy under its own names; its numbers are smaller by thousandths, so that none packs as another."""
    names = {
        name: frame[name].map(lambda text: _named(text, number) if text else "")
        for name in NAMES
        if name in frame
    }
    numbers = {name: frame[name] * (1 - number / 1009) for name in frame.select_dtypes("float64")}
    return frame.assign(**names, **numbers)


def _named(text: str, number: int) -> str:
    return f"C{number:02d}-{text}"
