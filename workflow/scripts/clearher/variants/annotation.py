"""Gene, transcript, consequence, HGVS and population frequency from VEP or SnpEff annotation.

The order of the fields is read from the header, never assumed, and the tag's name says nothing: CSQ may hold
SnpEff's fields and ANN those of VEP.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from clearher.intake.vcf_header import VcfHeader
from clearher.variants.counts import info_value

IMPACTS = {"HIGH": 0, "MODERATE": 1, "LOW": 2, "MODIFIER": 3}
NAMES = {
    "allele": ("allele",),
    "allele_number": ("allele_num",),
    "gene": ("symbol", "gene_name", "hgnc", "gene"),
    "transcript": ("feature", "feature_id", "transcript"),
    "consequence": ("consequence", "annotation", "effect"),
    "impact": ("impact", "annotation_impact", "effect_impact"),
    "hgvsc": ("hgvsc", "hgvs.c", "codon_change"),
    "hgvsp": ("hgvsp", "hgvs.p", "amino_acid_change"),
    "canonical": ("canonical",),
    "mane": ("mane_select", "mane"),
}
POPULATION_COLUMN = re.compile(r"gnomad\w*_af|gnomad\w*_af_\w+|gnomad_af", re.IGNORECASE)
LIST_IN_DESCRIPTION = re.compile(r"([\w.\- /()\[\]]+(?:\s*\|\s*[\w.\- /()\[\]]*)+)")


class Annotation(NamedTuple):
    """What the chosen transcript says; empty text and None where it says nothing."""

    gene: str = ""
    transcript: str = ""
    consequence: str = ""
    hgvsc: str = ""
    hgvsp: str = ""
    population_af: float | None = None
    remark: str = ""


NONE = Annotation()


@dataclass(frozen=True)
class Layout:
    """Where an annotation tag keeps what: position of each field in the '|'-separated entry."""

    tag: str
    size: int
    effect_style: bool
    position: Mapping[str, int]
    population: tuple[int, ...]


def find_layout(header: VcfHeader) -> Layout | None:
    """The annotation tag of a header: the INFO field whose description lists '|'-separated field names."""
    for tag, declared in header.info.items():
        names = _listed_fields(declared.description)
        lower = [name.lower() for name in names]
        if len(names) < 2 or not ({"allele", "consequence", "annotation", "effect"} & set(lower)):
            continue
        position = {
            key: lower.index(found)
            for key, options in NAMES.items()
            if (found := next((name for name in options if name in lower), None))
        }
        population = [i for i, name in enumerate(lower) if POPULATION_COLUMN.fullmatch(name)]
        population = population or [i for i, name in enumerate(lower) if name in ("max_af", "af")]
        effect = lower[0] == "effect"
        return Layout(tag, len(names), effect, position, tuple(population))
    return None


def _listed_fields(description: str) -> list[str]:
    """Names in a description such as ``... Format: Allele|Consequence`` or ``'Effect ( Impact | ... )'``."""
    text = description.split("ormat:")[-1].partition("[")[0].replace("(", "|").strip(" '\"")
    if "'" in text:
        text = text.split("'")[1] if text.count("'") > 1 else text.replace("'", "")
    if "|" not in text:
        return []
    return [name.strip(" '\")]") for name in text.split("|")]


class Annotator:
    """Chooses one transcript an allele; remembers what it has chosen for the same text."""

    def __init__(self, layout: Layout | None) -> None:
        self.layout = layout
        self._known: dict[tuple[str, int], Annotation] = {}

    def annotate(self, info: str, alts: list[str], index: int, ref: str) -> Annotation:
        """Annotation of one alternate allele of a record.

        Transcript: MANE, else canonical, else any; among those the highest impact, then the first.

        Parameters
        ----------
        info : str
            INFO of the record.
        alts, index : list of str, int
            Alternate alleles of the record and which one is asked for.
        ref : str
            Reference allele of the record.
        """
        if self.layout is None:
            return NONE
        text = info_value(info, self.layout.tag)
        if not text or text == ".":
            return NONE
        key = (text, index if len(alts) > 1 else -1)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._choose(text, alts, index, ref)
        return found

    def _choose(self, text: str, alts: list[str], index: int, ref: str) -> Annotation:
        entries = [_split(entry, self.layout) for entry in text.split(",")]
        short = any(len(entry) < self.layout.size for entry in entries)
        padded = [entry + [""] * (self.layout.size - len(entry)) for entry in entries]
        own = padded if len(alts) == 1 else self._of_allele(padded, alts, index, ref)
        remark = "annotation_entry_short" if short and not self.layout.effect_style else ""
        if not own:
            return Annotation(remark="annotation_without_allele")
        return self._read(min(enumerate(own), key=self._rank)[1], own, remark)

    def _of_allele(self, entries: list[list[str]], alts: list[str], index: int, ref: str) -> list[list[str]]:
        position = self.layout.position
        if "allele_number" in position:
            return [e for e in entries if e[position["allele_number"]] == str(index + 1)]
        if "allele" not in position:
            return entries
        written = [e[position["allele"]] for e in entries]
        alt = alts[index]
        for name in (alt, alt[1:] or "-"):
            if name in written and (name == alt or all(a[:1] == ref[:1] for a in alts if a != "*")):
                return [entry for entry, w in zip(entries, written, strict=True) if w == name]
        return []

    def _rank(self, numbered: tuple[int, list[str]]) -> tuple[bool, bool, int, int]:
        number, entry = numbered
        get = self._getter(entry)
        return (
            get("mane") in ("", "-"),
            get("canonical") != "YES",
            IMPACTS.get(get("impact"), 4),
            number,
        )

    def _getter(self, entry: list[str]):
        position = self.layout.position
        return lambda name: entry[position[name]] if name in position else ""

    def _read(self, entry: list[str], own: list[list[str]], remark: str) -> Annotation:
        get = self._getter(entry)
        return Annotation(
            gene=get("gene"),
            transcript=get("transcript"),
            consequence=get("consequence"),
            hgvsc=_without_feature(get("hgvsc")),
            hgvsp=_without_feature(get("hgvsp")),
            population_af=highest(own[0][i] for i in self.layout.population) if own else None,
            remark=remark,
        )


def _split(entry: str, layout: Layout) -> list[str]:
    if layout.effect_style:
        entry = entry.replace("(", "|", 1).rstrip(")")
    return entry.split("|")


def _without_feature(text: str) -> str:
    return unquote(text.rpartition(":")[2]) if text else ""


def highest(values: Iterable[str]) -> float | None:
    """Largest number among texts that may be empty or '&'-joined; None when there is none."""
    numbers = []
    for text in values:
        for item in text.split("&"):
            try:
                numbers.append(float(item))
            except ValueError:
                continue
    return max(numbers, default=None)
