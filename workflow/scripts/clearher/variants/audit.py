"""Values of records, and whether they fit what the header declares.

Most records of a file are built alike. Those with the same keys in the same order are held against one
pattern a key, all at once; only a record that does not fit is taken apart.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearher.intake.vcf_header import Declared
from clearher.problems import InputError
from clearher.variants.notes import RecordNotes
from clearher.variants.texts import (
    Split,
    as_mask,
    column,
    constant,
    matching,
    matching_repeated,
    without_start,
)

WHOLE = r"-?\d{1,9}|\."
COUNT = r"\d{1,9}|\."
REAL = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?[iI]nf(?:inity)?|[-+]?[nN]a[nN]|\."
SHARE = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|\."
SWITCH = r"[01]?"
CHARACTER = r"[^,;:\s]?"
RESERVED_INFO = {
    **dict.fromkeys(("AC", "AN", "DP", "END", "MQ0", "NS"), COUNT),
    **dict.fromkeys(("DB", "H2", "H3", "SOMATIC", "VALIDATED", "1000G"), SWITCH),
    "AF": SHARE,
    "BQ": REAL,
    "CIGAR": r"(?:\d+[MIDNSHPX=])+|\.",
}
RESERVED_FORMAT = dict.fromkeys(("DP", "AD", "VD", "RD", "AO", "RO"), COUNT) | {"AF": SHARE}
BY_TYPE = {"Integer": WHOLE, "Float": REAL, "Flag": SWITCH, "Character": CHARACTER}
PLAIN_CHARACTER = "[!-+./0-9<-~-]?"
FORMAT_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
GENOTYPE = re.compile(r"[/|]?(?:\d+|\.)(?:[/|](?:\d+|\.))*")
MOST_LAYOUTS = 12
FEWEST_AT_ONCE = 8
MOST_REPEATED = 100


class ValueRules:
    """What single values must be, by key and number of alternate alleles.

    ``reserved`` are patterns of keys whose meaning the VCF format itself sets. One value a genotype
    (Number=G) is not counted: nothing here is read from such fields.
    """

    def __init__(self, declared: Mapping[str, Declared], reserved: Mapping[str, str]) -> None:
        self._declared = declared
        self._reserved = reserved

    def pattern(self, key: str, n_alts: int) -> str:
        """Pattern that only sound values match; empty for text, of which nothing can be said.

        Sound values that are rare may not match (letters beyond ASCII, hundreds of numbers).
        """
        element = self._element(key).replace(CHARACTER, PLAIN_CHARACTER)
        if not element:
            return ""
        expected = self._expected(key, n_alts)
        if expected > MOST_REPEATED:
            return r"\.?"
        more = f"{{{expected - 1}}}" if expected else "*"
        return rf"(?:(?:{element})(?:,(?:{element})){more}|\.)?"

    def fault(self, key: str, value: str, n_alts: int) -> str:
        """What is wrong with a value: ``value``, ``number``, or empty."""
        element = self._element(key)
        if not element or value in ("", "."):
            return ""
        items = value.split(",")
        if any(not re.fullmatch(element, item) for item in items):
            return "value"
        expected = self._expected(key, n_alts)
        return "number" if expected and len(items) != expected else ""

    def _element(self, key: str) -> str:
        """Pattern of one element; empty for text."""
        if key in self._reserved:
            return self._reserved[key]
        declared = self._declared.get(key)
        return BY_TYPE.get(declared.type, "") if declared else ""

    def _expected(self, key: str, n_alts: int) -> int:
        """Number of values that the declaration asks for; 0 where any number will do."""
        number = self._declared[key].number if key in self._declared else "."
        return int(number) if number.isdigit() else {"A": n_alts, "R": n_alts + 1}.get(number, 0)


class InfoReader:
    """Reads wanted INFO fields of each record and checks all of them on the way.

    Parameters
    ----------
    declared : Mapping
        INFO declarations of the header.
    wanted : tuple of str
        Keys whose values are asked for.
    notes : RecordNotes
        Takes what is wrong.
    """

    def __init__(self, declared: Mapping[str, Declared], wanted: tuple[str, ...], notes: RecordNotes) -> None:
        self._rules = ValueRules(declared, RESERVED_INFO)
        self._wanted = wanted
        self._notes = notes

    def read(self, texts: pa.StringArray, n_alts: np.ndarray) -> dict[str, pa.StringArray]:
        """Values of the wanted keys, one a record; missing where it lacks the key, "" for a flag set."""
        entries, parts, left = Split.of(texts, ";"), [], []
        for rows in alike(n_alts, entries.sizes):
            for _ in range(MOST_LAYOUTS):
                if len(rows) < FEWEST_AT_ONCE:
                    break
                first = texts[int(rows[0])].as_py()
                fits, values = self._read_alike(entries.some(rows), first, n_alts[rows[0]])
                parts.append((rows[fits], values))
                if not fits[0]:
                    left.append(rows[:1])
                rows = rows[1:][~fits[1:]]
            left.append(rows)
        parts.append(self._read_each(np.sort(np.concatenate(left or [[]])).astype(int), texts, n_alts))
        return _together([part for part in parts if len(part[0])], self._wanted)

    def _read_alike(
        self, entries: Split, first: str, n_alts: int
    ) -> tuple[np.ndarray, dict[str, pa.StringArray]]:
        """Which records have the keys of the first, with sound values, and the wanted values of those."""
        pairs = [item.partition("=") for item in first.split(";")]
        fits = np.full(len(entries.sizes), not self._repeated(pairs))
        found = {}
        for place, (key, sep, _) in enumerate(pairs):
            texts = entries.at(place, "")
            fits &= self._begins_soundly(texts, key, sep, n_alts)
            if key in self._wanted:
                found[key] = texts
        return fits, {
            key: without_start(texts if fits.all() else texts.filter(pa.array(fits)), f"{key}=")
            for key, texts in found.items()
        }

    def _begins_soundly(self, texts: pa.StringArray, key: str, sep: str, n_alts: int) -> np.ndarray:
        if not sep:
            return as_mask(pc.equal(texts, key))
        pattern = self._rules.pattern(key, n_alts)
        if not pattern:
            return as_mask(pc.starts_with(texts, f"{key}="))
        return matching_repeated(texts, f"{re.escape(key)}={pattern}")

    def _read_each(
        self, rows: np.ndarray, texts: pa.StringArray, n_alts: np.ndarray
    ) -> tuple[np.ndarray, dict[str, pa.StringArray]]:
        """Wanted values of records that are unlike others or have faults, which are noted."""
        found: dict[str, list[str | None]] = {key: [] for key in self._wanted}
        for row in rows.tolist():
            pairs = [item.partition("=") for item in texts[row].as_py().split(";")]
            for kind, what in self._faults(pairs, n_alts[row]):
                self._notes.add(kind, row, what)
            values = {key: value for key, _, value in reversed(pairs)}
            for key, column_ in found.items():
                column_.append(values.get(key))
        return rows, {key: column(values) for key, values in found.items()}

    def _faults(self, pairs: list[tuple[str, str, str]], n_alts: int) -> Iterator[tuple[str, str]]:
        """Kind of note and what was found, for each fault of a record."""
        repeated = self._repeated(pairs)
        if repeated:
            yield "info_repeated_key", ", ".join(repeated) or "an empty entry"
        for key, _, value in pairs:
            fault = self._rules.fault(key, value, n_alts)
            if fault:
                yield f"info_{fault}", f"{key}={value}"

    @staticmethod
    def _repeated(pairs: list[tuple[str, str, str]]) -> list[str]:
        keys = [key for key, _, _ in pairs]
        return sorted({key for key in keys if keys.count(key) > 1})


def alike(*marks: np.ndarray) -> list[np.ndarray]:
    """Rows by marks, groups in order of appearance."""
    codes = np.zeros(len(marks[0]), dtype=np.int64)
    for mark in marks:
        codes = np.unique(codes * (int(mark.max(initial=0)) + 1) + mark, return_inverse=True)[1]
    if not codes.any():
        return [np.arange(len(codes))] if len(codes) else []
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    return sorted(groups, key=lambda rows: rows[0])


def _together(
    parts: Sequence[tuple[np.ndarray, Mapping[str, pa.StringArray]]], wanted: Sequence[str]
) -> dict[str, pa.StringArray]:
    """One column a wanted key from the values of different rows."""
    if not parts:
        return {key: constant(None, 0) for key in wanted}
    if len(parts) == 1:
        ((rows, values),) = parts
        return {key: values[key] if key in values else constant(None, len(rows)) for key in wanted}
    order = pa.array(np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable"))
    columns = {}
    for key in wanted:
        pieces = [values[key] if key in values else constant(None, len(rows)) for rows, values in parts]
        columns[key] = pa.concat_arrays(pieces).take(order)
    return columns


class SampleReader:
    """Takes the sample column of each record apart and checks its values on the way."""

    def __init__(self, declared: Mapping[str, Declared], notes: RecordNotes) -> None:
        self._rules = ValueRules(declared, RESERVED_FORMAT)
        self._notes = notes

    def keys(self, layout: str, rows: np.ndarray) -> tuple[str, ...]:
        """FORMAT keys of the layout of some records.

        Raises
        ------
        InputError
            A key is empty or stands twice, so that values cannot be told apart.
        """
        keys = tuple(layout.split(":")) if layout else ()
        if layout and ("" in keys or len(set(keys)) < len(keys)):
            found = f"FORMAT {layout!r} with an empty or repeated key"
            raise InputError([self._notes.fault(rows[0], found, "different keys, joined by colons")])
        odd = any(not FORMAT_KEY.fullmatch(key) for key in keys)
        if layout != "." and (odd or "GT" in keys[1:]):
            for row in self._notes.first_of_each_file(rows).tolist():
                self._notes.add("format_malformed", row, layout)
        return keys

    def read(
        self, keys: tuple[str, ...], cells: pa.StringArray, n_alts: int, rows: np.ndarray
    ) -> dict[str, pa.StringArray]:
        """Values by key, "." where a cell stops before the key; notes what is wrong with them.

        Raises
        ------
        InputError
            A cell is empty or has more values than FORMAT has keys.
        """
        if not keys:
            return {}
        values = Split.of(cells, ":")
        impossible = np.flatnonzero((values.sizes > len(keys)) | as_mask(pc.equal(cells, "")))
        if len(impossible):
            found = f"sample values {cells[int(impossible[0])].as_py()[:60]!r} for FORMAT {':'.join(keys)!r}"
            fault = self._notes.fault(rows[impossible[0]], found, "a value for each FORMAT key, at most")
            raise InputError([fault])
        for i in np.flatnonzero(~matching(cells, self._cell_pattern(keys, n_alts))).tolist():
            self._look_closer(keys, cells[i].as_py(), n_alts, rows[i])
        return {key: values.at(place, ".") for place, key in enumerate(keys)}

    def _cell_pattern(self, keys: Sequence[str], n_alts: int) -> str:
        """Pattern of sound cells, which may stop after any value."""
        rest = ""
        for key in reversed(keys):
            value = self._pattern(key, n_alts) or "[^:]*"
            rest = f"(?:{value}){f'(?::{rest})?' if rest else ''}"
        return rest

    def _pattern(self, key: str, n_alts: int) -> str:
        """Pattern that only sound values match; empty for text."""
        if key != "GT":
            return self._rules.pattern(key, n_alts)
        allele = "[" + "".join(str(i) for i in range(min(n_alts, 9) + 1)) + ".]"
        return f"{allele}(?:[/|]{allele})*"

    def _look_closer(self, keys: Sequence[str], cell: str, n_alts: int, row: int) -> None:
        for key, value in zip(keys, cell.split(":"), strict=False):
            kind = self._fault(key, value, n_alts)
            if kind:
                self._notes.add(kind, row, f"{key}={value}")

    def _fault(self, key: str, value: str, n_alts: int) -> str:
        """Kind of note that a value deserves; empty where it is sound."""
        if key == "GT":
            alleles = re.split(r"[/|]", value)
            beyond = any(allele.isdigit() and int(allele) > n_alts for allele in alleles)
            return "" if not beyond and GENOTYPE.fullmatch(value) else "genotype_malformed"
        fault = self._rules.fault(key, value, n_alts)
        return f"sample_{fault}" if fault else ""
