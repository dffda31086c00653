"""Values of a record, and whether they fit what the header declares.

Most records of a file are built alike, so a record is first held against patterns made from records that
were found right; only one that fits none is taken apart.
"""

import re
from collections.abc import Mapping, Sequence

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
FORMAT_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
GENOTYPE = re.compile(r"[/|]?(?:\d+|\.)(?:[/|](?:\d+|\.))*")
PATTERNS_KEPT = 12


class ValueRules:
    """Patterns of single values, by key and number of alternate alleles.

    ``reserved`` are patterns of keys whose meaning the VCF format itself sets. One value a genotype
    (Number=G) is not counted: nothing here is read from such fields.
    """

    def __init__(self, declared: Mapping[str, Declared], reserved: Mapping[str, str]) -> None:
        self._declared = declared
        self._reserved = reserved
        self._texts: dict[tuple[str, int], str] = {}

    def pattern(self, key: str, n_alts: int) -> str:
        """Pattern of a whole value."""
        known = self._texts.get((key, n_alts))
        if known is None:
            known = self._texts[key, n_alts] = self._pattern(key, n_alts)
        return known

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

    def _pattern(self, key: str, n_alts: int) -> str:
        element = self._element(key)
        if not element:
            return TEXT
        expected = self._expected(key, n_alts)
        if not expected:
            return rf"(?:{element})(?:,(?:{element}))*"
        return rf"(?:(?:{element})(?:,(?:{element})){{{expected - 1}}}|\.)"

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
        self._right: dict[int, list[tuple[re.Pattern, list[int]]]] = {}

    def read(self, info: str, n_alts: int, line: int) -> list[str | None]:
        """Values of the wanted keys, None where the record lacks one (a flag that is set is "")."""
        known = self._right.setdefault(n_alts, [])
        for pattern, places in known:
            match = pattern.fullmatch(info)
            if match:
                groups = match.groups(None)
                return [groups[place] if place >= 0 else None for place in places]
        pairs = [item.partition("=") for item in info.split(";")]
        if not self._faults(info, pairs, n_alts, line) and len(known) < PATTERNS_KEPT:
            known.append(self._learn(pairs, n_alts))
        values = {key: value for key, _, value in reversed(pairs)}
        return [values.get(key) for key in self._wanted]

    def _learn(self, pairs: list[tuple[str, str, str]], n_alts: int) -> tuple[re.Pattern, list[int]]:
        """Pattern of records with the same keys in the same order, and the group of each wanted key."""
        keys = [key for key, _, _ in pairs]
        parts, places = [], [-1] * len(self._wanted)
        for key, sep, _ in pairs:
            value = self._rules.pattern(key, n_alts) if sep else ""
            if key in self._wanted:
                places[self._wanted.index(key)] = sum(k in self._wanted for k in keys[: len(parts)])
                value = f"({value})"
            parts.append(re.escape(key) + sep + value)
        return re.compile(";".join(parts)), places

    def _faults(self, info: str, pairs: list[tuple[str, str, str]], n_alts: int, line: int) -> int:
        faults = 0
        keys = [key for key, _, _ in pairs]
        if len(set(keys)) < len(keys):
            repeated = sorted({key for key in keys if keys.count(key) > 1})
            self._notes.add("info_repeated_key", line, ", ".join(repeated) or "an empty entry")
            faults += 1
        for key, _, value in pairs:
            fault = self._rules.fault(key, value, n_alts)
            if fault:
                self._notes.add(f"info_{fault}", line, f"{key}={value}")
                faults += 1
        return faults


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
        right = self._pattern(keys, n_alts).fullmatch
        for cell, line in zip(cells, lines, strict=True):
            if right(cell) is None:
                self._look_closer(keys, cell, n_alts, line)

    def _look_closer(self, keys: Sequence[str], cell: str, n_alts: int, line: int) -> None:
        values = cell.split(":")
        if len(values) > len(keys) or not cell:
            found = f"sample values {cell[:60]!r} for FORMAT {':'.join(keys)!r}"
            raise InputError([self._notes.fault(line, found, "a value for each FORMAT key, at most")])
        for key, value in zip(keys, values, strict=False):
            if key == "GT":
                self._check_genotype(value, n_alts, line)
                continue
            fault = self._rules.fault(key, value, n_alts)
            if fault:
                self._notes.add(f"sample_{fault}", line, f"{key}={value}")

    def _pattern(self, keys: Sequence[str], n_alts: int) -> re.Pattern:
        allele = "[" + "".join(str(i) for i in range(min(n_alts, 9) + 1)) + ".]"
        parts = [rf"{allele}(?:[/|]{allele})*" if key == "GT" else self._value(key, n_alts) for key in keys]
        return re.compile(":".join(parts))

    def _value(self, key: str, n_alts: int) -> str:
        pattern = self._rules.pattern(key, n_alts)
        return "[^:]*" if pattern == TEXT else pattern

    def _check_genotype(self, value: str, n_alts: int, line: int) -> None:
        alleles = re.split(r"[/|]", value)
        beyond = any(allele.isdigit() and int(allele) > n_alts for allele in alleles)
        if beyond or not GENOTYPE.fullmatch(value):
            self._notes.add("genotype_malformed", line, f"GT={value}")
