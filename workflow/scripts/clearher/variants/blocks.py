"""Records of one file that are laid out alike, as columns: the unit in which counts are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import methodcaller

import numpy as np

UNKNOWN_TEXT = frozenset({"", "."})


@dataclass(frozen=True)
class Block:
    """Records with the same FORMAT and the same number of alternate alleles.

    Attributes
    ----------
    refs : sequence of str
        REF of each record.
    alts : sequence of list of str
        Alternate alleles of each record.
    n_alts : int
        How many each record has.
    keys : tuple of str
        FORMAT keys; empty for a file without sample columns.
    values : Mapping
        Texts of FORMAT fields by key, one a record; "." where the record stops before the key.
    info : Mapping
        Texts of INFO fields by key, one a record; None where the record lacks the key.
    n_samples : int
        Sample columns of the file.
    """

    refs: Sequence[str]
    alts: Sequence[list[str]]
    n_alts: int
    keys: tuple[str, ...]
    values: Mapping[str, Sequence[str]]
    info: Mapping[str, Sequence[str | None]]
    n_samples: int

    def __len__(self) -> int:
        return len(self.refs)

    def texts(self, key: str) -> Sequence[str]:
        """Values of a FORMAT key; "." where the record or the layout lacks it."""
        return self.values[key] if key in self.values else ["."] * len(self)

    def info_texts(self, key: str) -> list[str]:
        """Values of an INFO key; "." where the record lacks it."""
        return [text or "." for text in self.info[key]]

    def counts(self, key: str, width: int) -> np.ndarray:
        """Counts of a FORMAT key, records x ``width``; see :func:`count_matrix`."""
        return count_matrix(self.texts(key), width)

    def info_counts(self, key: str, width: int) -> np.ndarray:
        """Counts of an INFO key, records x ``width``; see :func:`count_matrix`."""
        return count_matrix(self.info_texts(key), width)

    def fractions(self, key: str) -> np.ndarray:
        """Fractions or percentages of a FORMAT key, one an alternate allele; NaN outside 0-1."""
        return fraction_matrix(self.texts(key), self.n_alts)


def columns_of(texts: Sequence[str], separator: str, width: int, filler: str) -> list[list[str]]:
    """Separated texts as ``width`` columns; a text with fewer values is filled up at the end.

    One flat list instead of a list a text: that is several times faster.
    """
    flat = separator.join(texts).split(separator)
    if not _all_hold(texts, separator, width):
        rows = [text.split(separator) for text in texts]
        flat = [value for row in rows for value in row + [filler] * (width - len(row))]
    return [flat[place::width] for place in range(width)]


def number_matrix(texts: Sequence[str], width: int, separator: str = ",") -> np.ndarray:
    """Numbers of separated texts, texts x ``width``.

    A text with another number of values is a row of NaN, a value that is no number is NaN.
    """
    if not _all_hold(texts, separator, width):
        blank = separator.join(["."] * width)
        texts = [text if text.count(separator) == width - 1 else blank for text in texts]
    flat = separator.join(texts).split(separator) if width > 1 and texts else texts
    return numbers_of(flat).reshape(len(texts), width)


def numbers_of(texts: Sequence[str]) -> np.ndarray:
    """Texts as numbers; what is none is NaN. Whole numbers are tried first because that is fastest."""
    try:
        return np.array(texts, dtype=np.int64).astype(float)
    except (ValueError, OverflowError):
        pass
    try:
        return np.array(list(map(float, texts)), dtype=float)
    except ValueError:
        return np.array([_number(text) for text in texts], dtype=float)


def _all_hold(texts: Sequence[str], separator: str, width: int) -> bool:
    """Whether each text has ``width`` values."""
    if width == 1:
        return separator not in "\n".join(texts)
    return set(map(methodcaller("count", separator), texts)) <= {width - 1}


def count_matrix(texts: Sequence[str], width: int, separator: str = ",") -> np.ndarray:
    """Counts of separated texts, texts x ``width``; NaN for what is missing, negative or fractional."""
    numbers = number_matrix(texts, width, separator)
    with np.errstate(invalid="ignore"):
        sound = (numbers >= 0) & (numbers == np.floor(numbers)) & np.isfinite(numbers)
    return np.where(sound, numbers, np.nan)


def fraction_matrix(texts: Sequence[str], width: int) -> np.ndarray:
    """Fractions of separated texts, texts x ``width``; "38.5%" is 0.385, outside 0-1 is NaN."""
    percent = "%" in "\n".join(texts)
    plain = [text.replace("%", "") for text in texts] if percent else texts
    numbers = number_matrix(plain, width)
    if percent:
        numbers = np.where([["%" in text] for text in texts], numbers / 100, numbers)
    with np.errstate(invalid="ignore"):
        return np.where((numbers >= 0) & (numbers <= 1), numbers, np.nan)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
