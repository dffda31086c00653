"""Batches of subjects put together into the cohort's tables."""

import heapq
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clearher.columns import Table
from clearher.columns import variants as columns
from clearher.tables import arrow_schema, conform, empty

OF_SAMPLE = ("visit", "study_day")
PORTION = 100_000
AT_ONCE = 10_000


def merge_batches(batches: Sequence[pd.DataFrame], table: Table, samples: pd.DataFrame) -> pd.DataFrame:
    """Rows of all batches for the samples of the data cut.

    Parameters
    ----------
    batches : sequence of pandas.DataFrame
        Frames of one table, one a batch; may be empty.
    table : Table
        Their declaration.
    samples : pandas.DataFrame
        Table ``intake/samples``: samples not in it (drawn after the cut) are left out. Rows that name no
        sample stay, once: what every batch says of the whole study is one row, however many batches there
        are.

    Returns
    -------
    pandas.DataFrame
    """
    whole = pd.concat(batches, ignore_index=True) if batches else empty(table)
    kept = whole[whole["sample_id"].isin([*samples["sample_id"], ""])].reset_index(drop=True)
    repeated = kept[kept["sample_id"] == ""].duplicated()
    return conform(kept.drop(index=repeated.index[repeated]), table)


def merged_variants(
    paths: Sequence[str | Path], altered: pd.DataFrame, samples: pd.DataFrame, *, at_most: int = PORTION
) -> Iterator[pa.Table]:
    """Table ``variants/variants`` subject after subject, so that it is never whole in memory.

    Parameters
    ----------
    paths : sequence of path
        Files of the batches, each of whole subjects and sorted by the table's key.
    altered : pandas.DataFrame
        Further rows of the table: copy numbers of genes.
    samples : pandas.DataFrame
        Table ``intake/samples``: samples not in it (drawn after the cut) are left out; ``visit`` and
        ``study_day`` are taken from it.
    at_most : int
        Rows of a portion; a subject with more is a portion of its own.

    Yields
    ------
    pyarrow.Table
        Rows of neighbouring subjects, in order of the key.
    """
    portion: list[pa.Table] = []
    filled = 0
    for rows in _subjects(paths, altered, samples):
        if portion and filled + len(rows) > at_most:
            yield pa.concat_tables(portion)
            portion, filled = [], 0
        portion.append(rows)
        filled += len(rows)
    if portion:
        yield pa.concat_tables(portion)


def _subjects(
    paths: Sequence[str | Path], altered: pd.DataFrame, samples: pd.DataFrame
) -> Iterator[pa.Table]:
    """Rows of each subject, subjects and rows in order."""
    schema = arrow_schema(columns.VARIANTS)
    known = pa.Table.from_pandas(samples[["sample_id", *OF_SAMPLE]], preserve_index=False)
    sources = [_portions_of_file(path) for path in paths]
    sources.append(iter([pa.Table.from_pandas(altered, schema=schema, preserve_index=False)]))
    runs = (_runs(_of_samples(rows.cast(schema), known) for rows in source) for source in sources)
    by_subject = heapq.merge(*runs, key=itemgetter(0))
    order = [(name, "ascending") for name in columns.VARIANTS.key]
    for _, parts in groupby(by_subject, key=itemgetter(0)):
        tables = [rows for _, rows in parts]
        yield tables[0] if len(tables) == 1 else pa.concat_tables(tables).sort_by(order)


def _portions_of_file(path: str | Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(AT_ONCE):
            yield pa.Table.from_batches([batch])


def _of_samples(rows: pa.Table, samples: pa.Table) -> pa.Table:
    """Rows of the samples alone, with their visit and study day."""
    place = pc.index_in(rows["sample_id"], samples["sample_id"].combine_chunks())
    kept = pc.is_valid(place)
    rows, place = rows.filter(kept), place.filter(kept)
    for name in OF_SAMPLE:
        field = rows.schema.field(name)
        rows = rows.set_column(
            rows.schema.get_field_index(name), field, samples[name].take(place).cast(field.type)
        )
    return rows


def _runs(portions: Iterator[pa.Table]) -> Iterator[tuple[str, pa.Table]]:
    """Rows of each subject of a sorted table that comes in portions."""
    subject, held = "", []
    for rows in portions:
        names = rows["subject_id"].combine_chunks().dictionary_encode()
        codes = names.indices.to_numpy()
        edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
        for start, end in pairwise(edges) if len(codes) else ():
            name = names.dictionary[int(codes[start])].as_py()
            if held and name != subject:
                yield subject, pa.concat_tables(held)
                held = []
            subject = name
            held.append(rows.slice(start, end - start))
    if held:
        yield subject, pa.concat_tables(held)
