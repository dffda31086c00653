"""Gene, transcript, consequence, HGVS and population frequency from VEP or SnpEff annotation.

The order of the fields is read from the header, never assumed, and the tag's name says nothing: CSQ may hold
SnpEff's fields and ANN those of VEP.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from clearher.intake.vcf_header import VcfHeader

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
FIELDS = tuple(NAMES)
FIRST_FIELDS = ("allele", "consequence", "annotation", "effect")
MOST_REMEMBERED = 200_000
POPULATION_COLUMN = re.compile(r"gnomad\w*_af(?:_\w+)?")


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
    """Where an annotation tag keeps what: position of each field in the '|'-separated entry, -1 for none."""

    tag: str
    size: int
    effect_style: bool
    place: tuple[int, ...]
    population: tuple[int, ...]

    def of(self, name: str) -> int:
        """Position of a field of :data:`NAMES`, -1 where the annotation has none."""
        return self.place[FIELDS.index(name)]


def find_layout(header: VcfHeader) -> Layout | None:
    """The annotation tag of a header: the INFO field whose description lists '|'-separated field names."""
    for tag, declared in header.info.items():
        names = [name.lower() for name in _listed_fields(declared.description)]
        if len(names) < 2 or names[0] not in FIRST_FIELDS:
            continue
        place = tuple(
            next((names.index(option) for option in options if option in names), -1)
            for options in NAMES.values()
        )
        population = [i for i, name in enumerate(names) if POPULATION_COLUMN.fullmatch(name)]
        population = population or [i for i, name in enumerate(names) if name in ("max_af", "af")]
        return Layout(tag, len(names), names[0] == "effect", place, tuple(population))
    return None


def _listed_fields(description: str) -> list[str]:
    """Names in a description such as ``... Format: Allele|Consequence`` or ``'Effect ( Impact | ... )'``."""
    text = description.split("ormat:")[-1].partition("[")[0].replace("(", "|").strip(" '\"")
    if "'" in text:
        text = text.split("'")[1]
    return [name.strip(" '\")]") for name in text.split("|")] if "|" in text else []


class AnnotationReader:
    """Reads the annotation tag of files with one layout; remembers what it has read.

    Transcript: MANE, else canonical, else any; among those the highest impact, then the first.

    Parameters
    ----------
    layout : Layout
        Of the files.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._rank = [layout.of(name) for name in ("mane", "canonical", "impact")]
        self._told = [layout.of(name) for name in ("gene", "transcript", "consequence", "hgvsc", "hgvsp")]
        self._known: dict[object, Annotation] = {}

    def of_only(self, text: str) -> Annotation:
        """Annotation of the alternate allele of a record that has one."""
        found = self._known.get(text)
        if found is None:
            found = self._remember(text, self._read(*self._entries(text)))
        return found

    def of_one(self, text: str, ref: str, alts: tuple[str, ...], index: int) -> Annotation:
        """Annotation of one of several alternate alleles of a record."""
        key = (text, ref, alts, index)
        found = self._known.get(key)
        if found is None:
            entries, short = self._entries(text)
            own = _of_allele(entries, self._layout, ref, alts, index)
            found = self._remember(key, self._read(own, short))
        return found

    def _remember(self, key: object, annotation: Annotation) -> Annotation:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = annotation
        return annotation

    def _entries(self, text: str) -> tuple[list[list[str]], bool]:
        """Fields of each entry with an empty one at the end (place -1), and whether an entry is short."""
        size, short = self._layout.size, False
        effect_style = self._layout.effect_style
        entries = []
        for entry in text.split(","):
            fields = _split_effect(entry) if effect_style else entry.split("|")
            if len(fields) < size:
                short = short or not effect_style
                fields += [""] * (size - len(fields))
            fields.append("")
            entries.append(fields)
        return entries, short

    def _read(self, own: list[list[str]], short: bool) -> Annotation:
        if not own:
            return Annotation(remark="annotation_without_allele")
        chosen = own[0] if len(own) == 1 else min(own, key=self._order)
        gene, transcript, consequence, hgvsc, hgvsp = (chosen[place] for place in self._told)
        return Annotation(
            gene,
            transcript,
            consequence,
            _without_feature(hgvsc),
            _without_feature(hgvsp),
            highest([chosen[place] for place in self._layout.population]),
            "annotation_entry_short" if short else "",
        )

    def _order(self, entry: list[str]) -> tuple[bool, bool, int]:
        mane, canonical, impact = self._rank
        return entry[mane] in ("", "-"), entry[canonical] != "YES", IMPACTS.get(entry[impact], 4)


@lru_cache(maxsize=64)
def annotation_reader(layout: Layout) -> AnnotationReader:
    """The reader of files with this layout."""
    return AnnotationReader(layout)


def _of_allele(
    entries: list[list[str]], layout: Layout, ref: str, alts: tuple[str, ...], index: int
) -> list[list[str]]:
    """Entries of one allele: by its number, or by its name, which VEP shortens by a shared first base."""
    number, name = layout.of("allele_number"), layout.of("allele")
    if number >= 0:
        return [entry for entry in entries if entry[number] == str(index + 1)]
    if name < 0:
        return entries
    alt = alts[index]
    exact = [entry for entry in entries if entry[name] == alt]
    shares_first = all(other[:1] == ref[:1] for other in alts if other != "*")
    return exact or [entry for entry in entries if shares_first and entry[name] == (alt[1:] or "-")]


def _split_effect(entry: str) -> list[str]:
    return entry.replace("(", "|", 1).rstrip(")").split("|")


def _without_feature(text: str) -> str:
    text = text.rpartition(":")[2]
    return unquote(text) if "%" in text else text


def highest(values: Iterable[str]) -> float | None:
    """Largest number among texts that may be empty or '&'-joined; None when there is none."""
    numbers = []
    for text in filter(None, values):
        for item in text.split("&"):
            try:
                numbers.append(float(item))
            except ValueError:
                continue
    return max(numbers, default=None)
