"""Values of a record, and whether they fit what the header declares.

Most records of a file are built alike. Those with the same keys in the same order are held against one
pattern all at once; where one of them does not fit, each is held against patterns made from records that were
found right, and only one that fits none is taken apart.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from clearher.intake.vcf_header import Declared
from clearher.problems import InputError
from clearher.variants.notes import Notes

WHOLE = r"-?\d{1,9}|\."
COUNT = r"\d{1,9}|\."
REAL = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?[iI]nf(?:inity)?|[-+]?[nN]a[nN]|\."
SHARE = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|\."
SWITCH = r"[01]?"
RESERVED_INFO = {
    **dict.fromkeys(("AC", "AN", "DP", "END", "MQ0", "NS"), COUNT),
    **dict.fromkeys(("DB", "H2", "H3", "SOMATIC", "VALIDATED", "1000G"), SWITCH),
    "AF": SHARE,
    "BQ": REAL,
    "CIGAR": r"(?:\d+[MIDNSHPX=])+|\.",
}
RESERVED_FORMAT = dict.fromkeys(("DP", "AD", "VD", "RD", "AO", "RO"), COUNT) | {"AF": SHARE}
TEXT = "[^;]*"
BY_TYPE = {"Integer": WHOLE, "Float": REAL, "Flag": SWITCH, "Character": r"[^,;:\s]?"}
WHOLE_NUMBER = re.compile(r"\d{1,9}")
PLAIN_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
FORMAT_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
GENOTYPE = re.compile(r"[/|]?(?:\d+|\.)(?:[/|](?:\d+|\.))*")
PATTERNS_KEPT = 12
FEWEST_AT_ONCE = 8


class ValueRules:
    """Patterns of single values, by key and number of alternate alleles.

    ``reserved`` are patterns of keys whose meaning the VCF format itself sets. One value a genotype
    (Number=G) is not counted: nothing here is read from such fields.
    """

    def __init__(self, declared: Mapping[str, Declared], reserved: Mapping[str, str]) -> None:
        self._declared = declared
        self._reserved = reserved

    def pattern_like(self, key: str, value: str, n_alts: int) -> str:
        """Pattern of values built as a sound one is; empty where the value is not sound."""
        if self.fault(key, value, n_alts):
            return ""
        element = self._element(key)
        if not element:
            return TEXT
        return ",".join(_item_like(item, element) for item in value.split(","))

    def patterns(self, key: str, value: str, n_alts: int) -> tuple[str, ...]:
        """Patterns that only sound values match, quickest first: built as a sound one is, and all of them."""
        element = self._element(key)
        if not element:
            return (TEXT,)
        expected = self._expected(key, n_alts)
        more = f"{{{expected - 1}}}" if expected else "*"
        return self.pattern_like(key, value, n_alts), rf"(?:(?:{element})(?:,(?:{element})){more})?|\."

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
        """Pattern of one element; empty for text, of which nothing can be said."""
        if key in self._reserved:
            return self._reserved[key]
        declared = self._declared.get(key)
        return BY_TYPE.get(declared.type, "") if declared else ""

    def _expected(self, key: str, n_alts: int) -> int:
        """Number of values that the declaration asks for; 0 where any number will do."""
        number = self._declared[key].number if key in self._declared else "."
        return int(number) if number.isdigit() else {"A": n_alts, "R": n_alts + 1}.get(number, 0)


def _item_like(item: str, element: str) -> str:
    """Pattern of one element that is quick to match: of numbers written plainly, like the one seen."""
    if element in (COUNT, WHOLE) and WHOLE_NUMBER.fullmatch(item):
        return r"\d{1,9}"
    if element == REAL and PLAIN_NUMBER.fullmatch(item):
        return r"-?\d+(?:\.\d+)?"
    return f"(?:{element})"


def all_match(patterns: Iterable[str], texts: str) -> bool:
    """Whether every line of a text (each ends with a line feed) matches one of the patterns, the same."""
    return any(re.fullmatch(rf"(?:(?:{pattern})\n)*+", texts) for pattern in patterns)


class InfoReader:
    """Reads wanted INFO fields of each record and checks all of them on the way.

    Parameters
    ----------
    declared : Mapping
        INFO declarations of the header.
    wanted : tuple of str
        Keys whose values are asked for.
    notes : Notes
        Takes what is wrong.
    """

    def __init__(self, declared: Mapping[str, Declared], wanted: tuple[str, ...], notes: Notes) -> None:
        self._rules = ValueRules(declared, RESERVED_INFO)
        self._wanted = wanted
        self._notes = notes
        self._right: dict[int, list[re.Pattern]] = {}

    def read(
        self, texts: Sequence[str], n_alts: Sequence[int], lines: Sequence[int]
    ) -> dict[str, list[str | None]]:
        """Values of the wanted keys, one a record; None where it lacks the key, "" for a flag that is set."""
        columns: dict[str, list[str | None]] = {key: [None] * len(texts) for key in self._wanted}
        left: list[int] = []
        for (n, _), rows in _alike(texts, n_alts).items():
            everything = len(rows) == len(texts)
            found = self._read_at_once(texts if everything else [texts[row] for row in rows], n)
            if found is None:
                left += rows
                continue
            for key, values in found.items():
                if everything:
                    columns[key] = values
                else:
                    _put(columns[key], rows, values)
        self._read_each(sorted(left), texts, n_alts, lines, columns)
        return columns

    def _read_at_once(self, texts: Sequence[str], n_alts: int) -> dict[str, list[str]] | None:
        """Wanted values of records with as many entries; None where they are not all alike and sound."""
        pairs = [item.partition("=") for item in texts[0].split(";")]
        if len(texts) < FEWEST_AT_ONCE or self._faults(pairs, n_alts):
            return None
        flat = ";".join(texts).split(";")
        found = {}
        for place, (key, sep, value) in enumerate(pairs):
            begin, column = key + sep, flat[place :: len(pairs)]
            patterns = self._rules.patterns(key, value, n_alts) if sep else ("",)
            likely = (
                re.escape(begin) + ("[^\n]*" if pattern == TEXT else f"(?:{pattern})") for pattern in patterns
            )
            if not all_match(likely, "\n".join(column) + "\n"):
                return None
            if key in self._wanted:
                found[key] = [item[len(begin) :] for item in column]
        return found

    def _read_each(
        self,
        rows: Sequence[int],
        texts: Sequence[str],
        n_alts: Sequence[int],
        lines: Sequence[int],
        columns: dict[str, list[str | None]],
    ) -> None:
        alike: dict[re.Pattern, tuple[list[int], list[tuple]]] = {}
        for row in rows:
            for pattern in self._right.get(n_alts[row], ()):
                match = pattern.fullmatch(texts[row])
                if match:
                    places, groups = alike.setdefault(pattern, ([], []))
                    places.append(row)
                    groups.append(match.groups())
                    break
            else:
                for key, value in self._look_closer(texts[row], n_alts[row], lines[row]).items():
                    columns[key][row] = value
        for pattern, (places, groups) in alike.items():
            values = list(zip(*groups, strict=True))
            for name, group in pattern.groupindex.items():
                _put(columns[self._wanted[int(name[1:])]], places, values[group - 1])

    def _look_closer(self, info: str, n_alts: int, line: int) -> dict[str, str]:
        """Wanted values of a record that no pattern knows; learn from it when it is sound."""
        pairs = [item.partition("=") for item in info.split(";")]
        known = self._right.setdefault(n_alts, [])
        faults = self._faults(pairs, n_alts)
        for kind, found in faults:
            self._notes.add(kind, line, found)
        if not faults and len(known) < PATTERNS_KEPT:
            known.append(self._learn(pairs, n_alts))
        return {key: value for key, _, value in reversed(pairs) if key in self._wanted}

    def _learn(self, pairs: list[tuple[str, str, str]], n_alts: int) -> re.Pattern:
        """Pattern of records with the same keys in the same order and values written alike."""
        parts = []
        for key, sep, value in pairs:
            text = self._rules.pattern_like(key, value, n_alts) if sep else ""
            if key in self._wanted:
                text = f"(?P<k{self._wanted.index(key)}>{text})"
            parts.append(re.escape(key) + sep + text)
        return re.compile(";".join(parts))

    def _faults(self, pairs: list[tuple[str, str, str]], n_alts: int) -> list[tuple[str, str]]:
        """Kind of note and what was found, for each fault of a record."""
        faults = []
        keys = [key for key, _, _ in pairs]
        if len(set(keys)) < len(keys):
            repeated = sorted({key for key in keys if keys.count(key) > 1})
            faults.append(("info_repeated_key", ", ".join(repeated) or "an empty entry"))
        for key, _, value in pairs:
            fault = self._rules.fault(key, value, n_alts)
            if fault:
                faults.append((f"info_{fault}", f"{key}={value}"))
        return faults


def _alike(texts: Sequence[str], n_alts: Sequence[int]) -> dict[tuple[int, int], list[int]]:
    """Records by number of alternate alleles and of entries."""
    entries = [text.count(";") for text in texts]
    if len(set(entries)) <= 1 and len(set(n_alts)) <= 1:
        return {(n_alts[0], entries[0]): [*range(len(texts))]} if texts else {}
    groups: dict[tuple[int, int], list[int]] = {}
    for row, key in enumerate(zip(n_alts, entries, strict=True)):
        groups.setdefault(key, []).append(row)
    return groups


def _put(column: list[str | None], rows: Sequence[int], values: Sequence[str]) -> None:
    for row, value in zip(rows, values, strict=True):
        column[row] = value


class SampleAudit:
    """Checks the values of the sample column of each record."""

    def __init__(self, declared: Mapping[str, Declared], notes: Notes) -> None:
        self._rules = ValueRules(declared, RESERVED_FORMAT)
        self._notes = notes

    def keys(self, layout: str, line: int) -> tuple[str, ...]:
        """FORMAT keys of a layout.

        Raises
        ------
        InputError
            A key is empty or stands twice, so that values cannot be told apart.
        """
        keys = tuple(layout.split(":")) if layout else ()
        if layout and ("" in keys or len(set(keys)) < len(keys)):
            found = f"FORMAT {layout!r} with an empty or repeated key"
            raise InputError([self._notes.fault(line, found, "different keys, joined by colons")])
        odd = any(not FORMAT_KEY.fullmatch(key) for key in keys)
        if layout != "." and (odd or "GT" in keys[1:]):
            self._notes.add("format_malformed", line, layout)
        return keys

    def check(self, layout: str, cells: Sequence[str], n_alts: int, lines: Sequence[int]) -> None:
        """Note what is wrong with the sample cells of records with one layout.

        Raises
        ------
        InputError
            A cell is empty or has more values than FORMAT has keys.
        """
        if not layout:
            return
        keys = layout.split(":")
        if self._sound_at_once(keys, cells, n_alts):
            return
        right: list[re.Pattern] = []
        for cell, line in zip(cells, lines, strict=True):
            if any(pattern.fullmatch(cell) for pattern in right):
                continue
            sound = self._look_closer(keys, cell, n_alts, line)
            if sound and len(right) < PATTERNS_KEPT:
                right.append(re.compile(":".join(self._like(keys, cell, n_alts)[0])))

    def _sound_at_once(self, keys: Sequence[str], cells: Sequence[str], n_alts: int) -> bool:
        """Whether all cells are built as the first one is, and that one is sound; notes nothing."""
        values = cells[0].split(":")
        if len(cells) < FEWEST_AT_ONCE or len(values) > len(keys) or not cells[0]:
            return False
        if any(self._fault(key, value, n_alts) for key, value in zip(keys, values, strict=False)):
            return False
        texts = "\n".join(cells) + "\n"
        patterns = self._like(keys, cells[0], n_alts)
        return all_match((":".join(f"(?:{part})" for part in pattern) for pattern in patterns), texts)

    def _look_closer(self, keys: Sequence[str], cell: str, n_alts: int, line: int) -> bool:
        """Whether a cell that no pattern knows is sound; notes what is not."""
        values = cell.split(":")
        if len(values) > len(keys) or not cell:
            found = f"sample values {cell[:60]!r} for FORMAT {':'.join(keys)!r}"
            raise InputError([self._notes.fault(line, found, "a value for each FORMAT key, at most")])
        sound = True
        for key, value in zip(keys, values, strict=False):
            kind = self._fault(key, value, n_alts)
            if kind:
                self._notes.add(kind, line, f"{key}={value}")
                sound = False
        return sound

    def _fault(self, key: str, value: str, n_alts: int) -> str:
        """Kind of note that a value deserves; empty where it is sound."""
        if key == "GT":
            alleles = re.split(r"[/|]", value)
            beyond = any(allele.isdigit() and int(allele) > n_alts for allele in alleles)
            return "" if not beyond and GENOTYPE.fullmatch(value) else "genotype_malformed"
        fault = self._rules.fault(key, value, n_alts)
        return f"sample_{fault}" if fault else ""

    def _like(self, keys: Sequence[str], cell: str, n_alts: int) -> list[list[str]]:
        """Patterns of the values of cells like a sound one, quickest first."""
        allele = "[" + "".join(str(i) for i in range(min(n_alts, 9) + 1)) + ".]"
        columns = []
        for key, value in zip(keys, cell.split(":"), strict=False):
            if key == "GT":
                columns.append([rf"{allele}(?:[/|]{allele})*"] * 2)
                continue
            patterns = self._rules.patterns(key, value, n_alts)
            columns.append([r"[^:\n]*"] * 2 if patterns == (TEXT,) else list(patterns))
        return [list(parts) for parts in zip(*columns, strict=True)]
