"""Records that are laid out alike, as columns: the unit in which counts are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearher.variants.texts import constant, count_matrix, fraction_matrix


@dataclass(frozen=True)
class Block:
    """Records with the same FORMAT and the same number of alternate alleles.

    Attributes
    ----------
    rows : numpy.ndarray
        Places of the records among all of their portion.
    refs : numpy.ndarray
        REF of each record.
    alts : sequence of numpy.ndarray
        First alternate allele of each record, then the second, and so on.
    keys : tuple of str
        FORMAT keys; empty for a file without sample columns.
    values : Mapping
        Texts of FORMAT fields by key, one a record; "." where the record stops before the key.
    info : Mapping
        Texts of INFO fields by key, one a record; missing where the record lacks the key.
    n_samples : int
        Sample columns of the file.
    """

    rows: np.ndarray
    refs: np.ndarray
    alts: Sequence[np.ndarray]
    keys: tuple[str, ...]
    values: Mapping[str, pa.StringArray]
    info: Mapping[str, pa.StringArray]
    n_samples: int

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def n_alts(self) -> int:
        """Alternate alleles that each record has."""
        return len(self.alts)

    def texts(self, key: str) -> pa.StringArray:
        """Values of a FORMAT key; "." where the record or the layout lacks it."""
        return self.values[key] if key in self.values else constant(".", len(self))

    def info_texts(self, key: str) -> pa.StringArray:
        """Values of an INFO key; "." where the record lacks it."""
        return pc.fill_null(self.info[key], ".")

    def says(self, key: str) -> bool:
        """Whether any record has a value of an INFO key."""
        values = self.info[key]
        return values.null_count < len(values) and bool(pc.any(pc.not_equal(values, "")).as_py())

    def counts(self, key: str, width: int) -> np.ndarray:
        """Counts of a FORMAT key, records x ``width``; see :func:`clearher.variants.texts.count_matrix`."""
        return count_matrix(self.texts(key), width)

    def info_counts(self, key: str, width: int) -> np.ndarray:
        """Counts of an INFO key, records x ``width``; see :func:`clearher.variants.texts.count_matrix`."""
        return count_matrix(self.info_texts(key), width)

    def fractions(self, key: str) -> np.ndarray:
        """Fractions or percentages of a FORMAT key, one an alternate allele; NaN outside 0-1."""
        return fraction_matrix(self.texts(key), self.n_alts)
