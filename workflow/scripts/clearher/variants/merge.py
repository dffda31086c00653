"""Batches of subjects put together into the cohort's tables."""

from collections.abc import Sequence

import pandas as pd

from clearher.columns import Table
from clearher.tables import conform, empty


def merge_batches(batches: Sequence[pd.DataFrame], table: Table, samples: pd.DataFrame) -> pd.DataFrame:
    """Rows of all batches for the samples of the data cut.

    Parameters
    ----------
    batches : sequence of pandas.DataFrame
        Frames of one table, one a batch; may be empty.
    table : Table
        Their declaration.
    samples : pandas.DataFrame
        Table ``intake/samples``: samples not in it (drawn after the cut) are left out; ``visit`` and
        ``study_day`` are taken from it where the table has these columns. Rows that name no sample stay,
        once: what every batch says of the whole study is one row, however many batches there are.

    Returns
    -------
    pandas.DataFrame
    """
    whole = pd.concat(batches, ignore_index=True) if batches else empty(table)
    kept = whole[whole["sample_id"].isin([*samples["sample_id"], ""])].reset_index(drop=True)
    repeated = kept[kept["sample_id"] == ""].duplicated()
    kept = kept.drop(index=repeated.index[repeated])
    known = samples.set_index("sample_id")
    for name in ("visit", "study_day"):
        if name in table.names:
            kept[name] = kept["sample_id"].map(known[name])
    return conform(kept, table)
