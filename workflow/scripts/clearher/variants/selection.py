"""Conditions on rows of table ``variants/variants``, which can be too large to be read whole."""

from collections.abc import Collection

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def at_positions(positions: pd.Series) -> pc.Expression:
    """The rows at these positions, on whatever contig."""
    return pc.field("pos").isin(pa.array(positions.unique(), pa.int64()))


def of_samples(sample_ids: Collection[str]) -> pc.Expression:
    """The rows of these samples."""
    return pc.field("sample_id").isin(pa.array(list(sample_ids), pa.string()))


def with_status(status: str) -> pc.Expression:
    """The rows that were decided so: CALLED, FILTERED, and so on."""
    return pc.field("status") == status
