"""Read, check and write tables by their declaration in the column registry."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from clearher.columns import Column, Table
from clearher.whole_file import whole_file

EXECUTED = re.compile("'*[=+@-]")
GUARDED = re.compile("'+[=+@-]")
BREAKS = re.compile(r"[\t\r\n]+")
PANDAS_TYPES = {
    "text": "object",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[ns]",
}
ARROW_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.timestamp("ns"),
}
ROW_GROUP = 50_000
LARGEST_PLACE = 2**62


class ContractError(ValueError):
    """A frame does not hold what its table's declaration promises."""


def empty(table: Table) -> pd.DataFrame:
    """A frame without rows that has the table's columns and types."""
    return pd.DataFrame({c.name: pd.Series(dtype=PANDAS_TYPES[c.type]) for c in table.columns})


def frame_of(rows: Sequence[dict], table: Table) -> pd.DataFrame:
    """Build a conforming frame from row dictionaries; absent columns are missing."""
    if not rows:
        return empty(table)
    frame = pd.DataFrame(list(rows))
    for column in table.columns:
        if column.name not in frame:
            frame[column.name] = _missing(column, len(frame))
    return conform(frame, table)


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Check a frame against its declaration and return it typed, ordered and sorted by key.

    Parameters
    ----------
    frame : pandas.DataFrame
        Must hold every declared column; further columns only where the table is open.
    table : Table
        Declaration.

    Returns
    -------
    pandas.DataFrame
        New frame, declared columns first, then the open ones by name; index 0..n-1.

    Raises
    ------
    ContractError
        Missing or undeclared column, value that does not fit its type or allowed values, repeated key.
    """
    _check_names(frame.columns, table)
    extra = sorted(set(frame.columns) - set(table.names))
    typed = {c.name: _typed(frame[c.name], c, table) for c in table.columns}
    typed |= {name: frame[name] for name in extra}
    result = pd.DataFrame(typed, index=frame.index, copy=not table.key)
    result.index = pd.RangeIndex(len(result))
    return _sorted_by_key(result, table)


def write_table(frame: pd.DataFrame, path: str | Path, table: Table) -> None:
    """Write a table as TSV or Parquet (by suffix), whole or not at all.

    The file appears under its name only when complete. TSV: missing values empty, dates ISO 8601,
    booleans true/false, numbers with 10 significant digits, line feed endings. A text that a spreadsheet
    would execute (it begins with = + - or @) is written behind an apostrophe, which reading takes away.
    """
    path = Path(path)
    result = conform(frame, table)
    with whole_file(path) as partial:
        if path.suffix == ".parquet":
            result.to_parquet(partial, index=False, row_group_size=ROW_GROUP)
        else:
            _safe_text(result).to_csv(partial, sep="\t", index=False, lineterminator="\n")


def _safe_text(frame: pd.DataFrame) -> pd.DataFrame:
    text = as_text(frame)
    for name in frame.select_dtypes(object).columns:
        text[name] = _replaced(text[name], EXECUTED, lambda value: f"'{value}")
    return text


def arrow_schema(table: Table) -> pa.Schema:
    """Columns of a table as Arrow holds them, with what pandas needs to read its own types back."""
    fields = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in table.columns])
    return pa.Table.from_pandas(empty(table), schema=fields, preserve_index=False).schema


def write_portions(portions: Iterable[pa.Table], path: str | Path, table: Table) -> None:
    """Write a Parquet table that is never whole in memory, portion by portion, whole or not at all.

    Parameters
    ----------
    portions : iterable of pyarrow.Table
        Rows of conforming tables, in the order of the key: all keys of a portion are above those of the
        portion before.
    path : str or Path
        File of the suffix ``.parquet``.
    table : Table
        Declaration; not an open one, whose columns no portion knows alone.

    Raises
    ------
    ContractError
        Rows that are not in order, or a repeated key.
    """
    schema = arrow_schema(table)
    last = pa.Table.from_pylist([], schema).select(table.key)
    with whole_file(path) as partial, pq.ParquetWriter(partial, schema) as writer:
        for portion in portions:
            rows = portion.select(schema.names).cast(schema)
            keys = pa.concat_tables([last, rows.select(table.key)])
            if not _rises(keys.to_pandas()):
                raise ContractError(f"{table.path}: rows are not in order of {', '.join(table.key)}")
            last = keys.slice(max(len(keys) - 1, 0))
            writer.write_table(rows, row_group_size=ROW_GROUP)


def _rises(keys: pd.DataFrame) -> bool:
    """Whether each row is above the one before it; not where a value is missing."""
    tied = np.arange(1, len(keys))
    for name in keys if len(tied) else ():
        if keys[name].isna().any():
            return False
        whole = pd.api.types.is_integer_dtype(keys[name].dtype)
        values = keys[name].to_numpy(dtype=np.int64 if whole else None)
        after, before = values[tied], values[tied - 1]
        same = after == before
        if not (after[~same] > before[~same]).all():
            return False
        tied = tied[same]
    return not len(tied)


def read_table(
    path: str | Path,
    table: Table,
    *,
    columns: Collection[str] | None = None,
    where: pc.Expression | None = None,
) -> pd.DataFrame:
    """Read a table written by :func:`write_table` and check it against its declaration.

    Parameters
    ----------
    path : str or Path
        TSV or Parquet, by suffix.
    table : Table
        Declaration.
    columns : collection of str, optional
        Columns that are asked for beside the key; of a Parquet file nothing else is read. Without it, all.
    where : pyarrow.compute.Expression, optional
        What must hold of a row of a Parquet file; the other rows are never in memory together.

    Raises
    ------
    ContractError
        The file does not fit the declaration.
    ValueError
        Rows of a text file are asked for by a condition.
    """
    path = Path(path)
    wanted = table if columns is None else table.only(columns)
    if path.suffix == ".parquet":
        _check_names(pq.read_schema(path).names, table)
        return conform(_parquet_rows(path, None if columns is None else wanted.names, where), wanted)
    if where is not None:
        raise ValueError(f"{table.path}: rows are chosen by a condition in Parquet files alone")
    text = read_text(path)
    _check_names(text.columns, table)
    text = text if columns is None else text[wanted.names]
    return conform(text.assign(**{c.name: _parsed(text[c.name], c) for c in wanted.columns}), wanted)


def read_tables(paths: Iterable[str | Path], table: Table) -> pd.DataFrame:
    """Files of one table, one below the other and sorted by key; empty without any."""
    return stacked([read_table(path, table) for path in paths], table)


def stacked(frames: Sequence[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Frames of one table, one below the other and sorted by key; empty without any."""
    filled = [frame for frame in frames if len(frame)]
    return conform(pd.concat(filled, ignore_index=True), table) if filled else empty(table)


def _parquet_rows(path: Path, names: list[str] | None, where: pc.Expression | None) -> pd.DataFrame:
    return _scanner(path, names, where).to_table().to_pandas()


def _scanner(path: Path, names: list[str] | None, where: pc.Expression | None) -> ds.Scanner:
    return ds.dataset(path).scanner(
        columns=names, filter=where, batch_size=ROW_GROUP, batch_readahead=1, use_threads=False
    )


def distinct_rows(
    path: str | Path, table: Table, columns: Sequence[str], *, where: pc.Expression | None = None
) -> pd.DataFrame:
    """Distinct combinations of some columns of a Parquet table, sorted; the table is never whole in memory.

    Parameters
    ----------
    path : str or Path
        File written by :func:`write_table` or :func:`write_portions`.
    table : Table
        Declaration.
    columns : sequence of str
        Columns that are asked for.
    where : pyarrow.compute.Expression, optional
        What must hold of a row.

    Raises
    ------
    ContractError
        The file does not fit the declaration.
    """
    names = list(columns)
    schema = pq.read_schema(path)
    _check_names(schema.names, table)
    portions = _scanner(Path(path), names, where).to_batches()
    found = pa.concat_tables([schema.empty_table().select(names), *(_distinct([rows]) for rows in portions)])
    return _distinct(found.to_batches(), found.schema).sort_by([(n, "ascending") for n in names]).to_pandas()


def _distinct(rows: list[pa.RecordBatch], schema: pa.Schema | None = None) -> pa.Table:
    whole = pa.Table.from_batches(rows, schema)
    return whole.group_by(whole.column_names).aggregate([])


def read_text(path: str | Path) -> pd.DataFrame:
    """Every value of a TSV file as text, whatever columns it has, as it was before it was written."""
    text = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_filter=False)
    if b"'" in Path(path).read_bytes():
        for name in text.columns:
            text[name] = _replaced(text[name], GUARDED, lambda value: value[1:])
    return text


def _replaced(text: pd.Series, pattern: re.Pattern, change: Callable[[str], str]) -> pd.Series:
    """The text with the values changed that begin with a pattern; each distinct value is looked at once."""
    changed = {value: change(value) for value in text.unique() if pattern.match(value)}
    return text.replace(changed) if changed else text


def _check_names(names: Collection[str], table: Table) -> None:
    absent = [name for name in table.names if name not in names]
    unknown = [str(name) for name in names if name not in table.names]
    if absent:
        raise ContractError(f"{table.path}: missing columns {', '.join(absent)}")
    if unknown and not table.open:
        raise ContractError(f"{table.path}: undeclared columns {', '.join(unknown)}")


def _missing(column: Column, n: int) -> pd.Series:
    filler = "" if column.type == "text" else None
    return pd.Series([filler] * n, dtype=PANDAS_TYPES[column.type])


def _typed(series: pd.Series, column: Column, table: Table) -> pd.Series:
    try:
        if column.type == "text":
            values = _as_plain_text(series)
        elif column.type == "date":
            values = pd.to_datetime(series).astype("datetime64[ns]")
        else:
            values = series.astype(PANDAS_TYPES[column.type])
    except (TypeError, ValueError) as error:
        raise ContractError(f"{table.path}, column {column.name}: not {column.type}: {error}") from error
    if column.values:
        unexpected = sorted(set(values.unique()) - set(column.values) - {""})
        if unexpected:
            raise ContractError(f"{table.path}, column {column.name}: unexpected values {unexpected}")
    return values


def _as_plain_text(series: pd.Series) -> pd.Series:
    if series.dtype == object and pd.api.types.infer_dtype(series, skipna=False) == "string":
        return series
    return series.astype(object).where(series.notna(), "").map(str)


def _sorted_by_key(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    if not table.key:
        return frame
    key = list(table.key)
    if _rises(frame[key]):
        return frame
    place = _places(frame[key])
    order = np.argsort(place, kind="stable")
    if (np.diff(place[order]) == 0).any():
        first = frame.loc[frame.duplicated(key), key].iloc[0].to_dict()
        raise ContractError(f"{table.path}: key repeated: {first}")
    result = frame.take(order)
    result.index = pd.RangeIndex(len(result))
    return result


def _places(keys: pd.DataFrame) -> np.ndarray:
    """Numbers in the order of the rows, missing values last; equal for equal rows only."""
    place, size = np.zeros(len(keys), dtype=np.int64), 1
    for name in keys:
        codes, distinct = pd.factorize(keys[name], sort=True)
        number = len(distinct) + 1
        if size * number > LARGEST_PLACE:
            place, used = pd.factorize(place, sort=True)
            size = len(used)
        place = place * number + np.where(codes < 0, len(distinct), codes)
        size *= number
    return place


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Every value as text files hold it: missing empty, ISO dates, true/false, 10 significant digits."""
    return pd.DataFrame({name: _column_as_text(frame[name]) for name in frame.columns})


def _column_as_text(series: pd.Series) -> pd.Series:
    missing = series.isna()
    if pd.api.types.is_datetime64_any_dtype(series):
        text = series.dt.strftime("%Y-%m-%d")
    elif pd.api.types.is_bool_dtype(series):
        text = series.map({True: "true", False: "false"}, na_action="ignore")
    elif pd.api.types.is_float_dtype(series):
        text = series.map(lambda value: format(value, ".10g"), na_action="ignore")
    elif pd.api.types.is_integer_dtype(series):
        # As objects: with a missing value among them, pandas would hand integers on as floats.
        text = series.astype(object).map(str, na_action="ignore")
    else:
        return _on_one_line(_as_plain_text(series))
    return text.astype(object).where(~missing, "")


def _on_one_line(text: pd.Series) -> pd.Series:
    """Text with tabs and line ends made blanks; each distinct value is looked at once."""
    changed = {value: BREAKS.sub(" ", value) for value in text.unique() if BREAKS.search(value)}
    return text.replace(changed) if changed else text


def _parsed(text: pd.Series, column: Column) -> pd.Series:
    """A column's values from their text; empty text is missing in every type."""
    if column.type == "text":
        return text
    if column.type == "boolean":
        return text.map({"true": True, "false": False}).astype("boolean")
    if column.type == "date":
        return pd.to_datetime(text, format="%Y-%m-%d")
    return pd.to_numeric(text).astype(PANDAS_TYPES[column.type])
