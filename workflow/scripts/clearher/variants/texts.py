"""Columns of texts, taken apart and read as numbers all at once instead of value by value."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

UNKNOWN_TEXT = ("", ".")
LONGEST = 2**31 - 1


def column(values: Sequence[str | None] | np.ndarray) -> pa.StringArray:
    """Texts as a column; None is missing."""
    return pa.array(values, pa.string(), from_pandas=False)


def constant(value: str | None, n: int) -> pa.StringArray:
    """A column that holds one text everywhere."""
    return pa.repeat(pa.scalar(value, pa.string()), n)


def objects(texts: pa.StringArray) -> np.ndarray:
    """A column as an array of Python texts."""
    return texts.to_numpy(zero_copy_only=False)


def without_start(texts: pa.StringArray, start: str) -> pa.StringArray:
    """Texts without the beginning that they share."""
    return pc.binary_slice(texts.view(pa.binary()), len(start.encode()), LONGEST).view(pa.string())


def matching(texts: pa.StringArray, pattern: str) -> np.ndarray:
    """Whether each text matches a pattern (RE2) from its beginning to its end.

    None does where the pattern is too large for RE2 (hundreds of fields with hundreds of numbers).
    """
    try:
        return as_mask(pc.match_substring_regex(texts, rf"\A(?:{pattern})\z"))
    except pa.ArrowInvalid:
        return np.zeros(len(texts), dtype=bool)


def matching_repeated(texts: pa.StringArray, pattern: str) -> np.ndarray:
    """As :func:`matching`, for texts that are mostly the same few: each distinct one is looked at once."""
    encoded = texts.dictionary_encode()
    return matching(encoded.dictionary, pattern)[encoded.indices.to_numpy()]


def as_mask(flags: pa.BooleanArray) -> np.ndarray:
    """Truth values without missing ones as an array."""
    return flags.to_numpy(zero_copy_only=False)


def first_holding(conditions: Sequence[np.ndarray], names: Sequence[str], default: str) -> np.ndarray:
    """Name of the first condition that holds, row by row, as Python texts; equal ones are one object."""
    places = np.select(conditions, list(range(len(names))), default=len(names))
    return np.array([*names, default], dtype=object)[places]


class Coded:
    """A column whose distinct texts are looked at once.

    Attributes
    ----------
    codes : numpy.ndarray
        Place of each text in ``distinct``.
    distinct : list of str
        Each text once, in order of appearance.
    """

    def __init__(self, texts: pa.StringArray) -> None:
        encoded = texts.dictionary_encode()
        self.codes = encoded.indices.to_numpy(zero_copy_only=False)
        self.distinct = encoded.dictionary.to_pylist()

    def objects(self) -> np.ndarray:
        """The column as an array of Python texts; equal ones are one object."""
        return np.array([*self.distinct, ""], dtype=object)[self.codes]

    def where(self, holds: Callable[[str], bool]) -> np.ndarray:
        """Whether something holds for each text."""
        return np.array([*map(holds, self.distinct), False], dtype=bool)[self.codes]

    def number(self, of: Callable[[str], float], kind: type = float) -> np.ndarray:
        """A number for each text."""
        return np.array([*map(of, self.distinct), 0], dtype=kind)[self.codes]


class Split:
    """Separated texts.

    Attributes
    ----------
    values : pyarrow.StringArray
        The values of all texts, one after the other.
    sizes : numpy.ndarray
        How many values each text has; at least 1.
    """

    def __init__(self, values: pa.StringArray, starts: np.ndarray, sizes: np.ndarray) -> None:
        self.values = values
        self.sizes = sizes
        self._starts = starts

    @classmethod
    def of(cls, texts: pa.StringArray, separator: str) -> "Split":
        """Texts taken apart."""
        lists = pc.split_pattern(texts, separator)
        offsets = lists.offsets.to_numpy()
        return cls(lists.values, offsets[:-1], np.diff(offsets))

    def some(self, rows: np.ndarray) -> "Split":
        """Those of some texts; ``values`` still holds all."""
        return Split(self.values, self._starts[rows], self.sizes[rows])

    def at(self, place: int, filler: str, rows: np.ndarray | None = None) -> pa.StringArray:
        """The value at one place of each text or of some; ``filler`` where a text is shorter."""
        starts, sizes = (self._starts, self.sizes) if rows is None else (self._starts[rows], self.sizes[rows])
        short = sizes <= place
        if place < 0 or short.all():
            return constant(filler, len(starts))
        if not short.any():
            return self.values.take(pa.array(starts + place))
        return pc.fill_null(self.values.take(pa.array(starts + place, mask=short)), filler)

    def last(self) -> pa.StringArray:
        """The last value of each text."""
        return self.values.take(pa.array(self._starts + self.sizes - 1))

    def owners(self) -> np.ndarray:
        """Which text each of the values is from."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)


def number_matrix(texts: pa.StringArray, width: int, separator: str = ",") -> np.ndarray:
    """Numbers of separated texts, texts x ``width``.

    A text with another number of values is a row of NaN, a value that is no number is NaN.
    """
    if width == 1:
        return numbers_of(texts).reshape(-1, 1)
    split = Split.of(texts, separator)
    other = split.sizes != width
    if other.any():
        blank = separator.join(["."] * width)
        split = Split.of(pc.if_else(pa.array(other), blank, texts), separator)
    return numbers_of(split.values).reshape(-1, width)


def numbers_of(texts: pa.StringArray) -> np.ndarray:
    """Texts as numbers; what is none is NaN."""
    try:
        return _as_numbers(texts)
    except pa.ArrowInvalid:
        pass
    unknown = pc.is_in(texts, pa.array(UNKNOWN_TEXT))
    try:
        return _as_numbers(pc.if_else(unknown, pa.scalar(None, pa.string()), texts))
    except pa.ArrowInvalid:
        return np.array([number_of(text) for text in texts.to_pylist()], dtype=float)


def _as_numbers(texts: pa.StringArray) -> np.ndarray:
    return texts.cast(pa.float64()).to_numpy(zero_copy_only=False)


def count_matrix(texts: pa.StringArray, width: int, separator: str = ",") -> np.ndarray:
    """Counts of separated texts, texts x ``width``; NaN for what is missing, negative or fractional."""
    numbers = number_matrix(texts, width, separator)
    with np.errstate(invalid="ignore"):
        sound = (numbers >= 0) & (numbers == np.floor(numbers)) & np.isfinite(numbers)
    return np.where(sound, numbers, np.nan)


def fraction_matrix(texts: pa.StringArray, width: int) -> np.ndarray:
    """Fractions of separated texts, texts x ``width``; "38.5%" is 0.385, outside 0-1 is NaN."""
    percent = as_mask(pc.match_substring(texts, "%"))
    numbers = number_matrix(pc.replace_substring(texts, "%", "") if percent.any() else texts, width)
    numbers = np.where(percent[:, None], numbers / 100, numbers)
    with np.errstate(invalid="ignore"):
        return np.where((numbers >= 0) & (numbers <= 1), numbers, np.nan)


def number_of(text: str | None) -> float:
    """One text as a number, NaN where it is none."""
    try:
        return float(text or "")
    except ValueError:
        return np.nan
