"""Do the values of a record fit what the header declares?

Most records of a file are built alike, so a record is first held against patterns made from records that
were found right; only one that fits none is taken apart.
"""

import re
from collections.abc import Iterable, Mapping

from clearher.intake.vcf_header import Declared
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
BY_TYPE = {"Integer": WHOLE, "Float": REAL, "Flag": SWITCH, "Character": r"[^,;:\s]?"}
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
            return r"[^;\s]*"
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


class InfoAudit:
    """Checks INFO of each record."""

    def __init__(self, declared: Mapping[str, Declared], notes: Notes) -> None:
        self._rules = ValueRules(declared, RESERVED_INFO)
        self._notes = notes
        self._right: dict[int, list[re.Pattern]] = {}

    def check(self, info: str, n_alts: int, line: int) -> None:
        """Note what is wrong with one INFO text."""
        patterns = self._right.setdefault(n_alts, [])
        for pattern in patterns:
            if pattern.fullmatch(info):
                return
        pairs = [item.partition("=") for item in info.split(";")]
        if not self._faults(info, pairs, n_alts, line) and len(patterns) < PATTERNS_KEPT:
            patterns.append(re.compile(";".join(self._item(key, sep, n_alts) for key, sep, _ in pairs)))

    def _item(self, key: str, sep: str, n_alts: int) -> str:
        return re.escape(key) + (sep + self._rules.pattern(key, n_alts) if sep else "")

    def _faults(self, info: str, pairs: list[tuple[str, str, str]], n_alts: int, line: int) -> int:
        faults = 0
        keys = [key for key, _, _ in pairs]
        if len(set(keys)) < len(keys):
            repeated = sorted({key for key in keys if keys.count(key) > 1})
            self._notes.add("info_repeated_key", line, ", ".join(repeated) or "an empty entry")
            faults += 1
        if " " in info:
            self._notes.add("info_blank", line, info)
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
        self._right: dict[tuple[str, int], re.Pattern] = {}

    def check(self, format_text: str, keys: Iterable[str], cell: str, n_alts: int, line: int) -> None:
        """Note what is wrong with one sample cell; ``keys`` are the FORMAT keys of ``format_text``."""
        pattern = self._right.get((format_text, n_alts))
        if pattern is None:
            pattern = self._right[format_text, n_alts] = self._pattern(tuple(keys), n_alts)
        if pattern.fullmatch(cell):
            return
        for key, value in zip(keys, cell.split(":"), strict=False):
            if key == "GT":
                self._check_genotype(value, n_alts, line)
                continue
            fault = self._rules.fault(key, value, n_alts)
            if fault:
                self._notes.add(f"sample_{fault}", line, f"{key}={value}")

    def _pattern(self, keys: tuple[str, ...], n_alts: int) -> re.Pattern:
        allele = "[" + "".join(str(i) for i in range(min(n_alts, 9) + 1)) + ".]"
        parts = [rf"{allele}(?:[/|]{allele})*" if key == "GT" else self._value(key, n_alts) for key in keys]
        return re.compile(":".join(parts))

    def _value(self, key: str, n_alts: int) -> str:
        pattern = self._rules.pattern(key, n_alts)
        return r"[^:\s]*" if pattern.startswith("[^;") else pattern

    def _check_genotype(self, value: str, n_alts: int, line: int) -> None:
        alleles = re.split(r"[/|]", value)
        beyond = any(allele.isdigit() and int(allele) > n_alts for allele in alleles)
        if beyond or not GENOTYPE.fullmatch(value):
            self._notes.add("genotype_malformed", line, f"GT={value}")
