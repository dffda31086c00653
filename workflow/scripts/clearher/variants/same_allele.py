"""Which rows of a table are one allele of one subject, as numbers: comparing numbers is faster than texts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

SUBJECT_ALLELE = ("subject_id", "chrom", "pos", "ref", "alt")
LARGEST = 2**62


def row_codes(frame: pd.DataFrame, columns: Sequence[str] = SUBJECT_ALLELE) -> np.ndarray:
    """A number from 0 for each row, the same for rows that agree in the columns, in order of appearance."""
    total, size = np.zeros(len(frame), dtype=np.int64), 1
    for name in columns:
        codes, distinct = pd.factorize(frame[name])
        if size * (len(distinct) + 1) > LARGEST:
            total, size = _dense(total)
        total = total * (len(distinct) + 1) + codes + 1
        size *= len(distinct) + 1
    return _dense(total)[0]


def _dense(codes: np.ndarray) -> tuple[np.ndarray, int]:
    dense, distinct = pd.factorize(codes)
    return dense, len(distinct)
