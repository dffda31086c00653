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


@lru_cache(maxsize=200_000)
def annotate(layout: Layout, text: str, ref: str, alts: tuple[str, ...], index: int) -> Annotation:
    """Annotation of one alternate allele of a record.

    Transcript: MANE, else canonical, else any; among those the highest impact, then the first.

    Parameters
    ----------
    layout : Layout
        Of the file.
    text : str
        Value of the annotation tag.
    ref, alts, index : str, tuple of str, int
        Alleles of the record and which alternate one is asked for.
    """
    entries = [_split(entry, layout) for entry in text.split(",")]
    short = any(len(entry) < layout.size for entry in entries) and not layout.effect_style
    padded = [entry + [""] * (layout.size - len(entry)) for entry in entries]
    own = padded if len(alts) == 1 else _of_allele(padded, layout, ref, alts, index)
    if not own:
        return Annotation(remark="annotation_without_allele")
    chosen = min(own, key=lambda entry: _rank(entry, layout)) if len(own) > 1 else own[0]
    return _read(chosen, layout, "annotation_entry_short" if short else "")


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


def _rank(entry: list[str], layout: Layout) -> tuple[bool, bool, int]:
    mane, canonical, impact = (layout.of(name) for name in ("mane", "canonical", "impact"))
    return (
        mane < 0 or entry[mane] in ("", "-"),
        canonical < 0 or entry[canonical] != "YES",
        IMPACTS.get(entry[impact], 4) if impact >= 0 else 4,
    )


def _read(entry: list[str], layout: Layout, remark: str) -> Annotation:
    def get(name: str) -> str:
        place = layout.of(name)
        return entry[place] if place >= 0 else ""

    return Annotation(
        gene=get("gene"),
        transcript=get("transcript"),
        consequence=get("consequence"),
        hgvsc=_without_feature(get("hgvsc")),
        hgvsp=_without_feature(get("hgvsp")),
        population_af=highest(entry[place] for place in layout.population),
        remark=remark,
    )


def _split(entry: str, layout: Layout) -> list[str]:
    if layout.effect_style:
        entry = entry.replace("(", "|", 1).rstrip(")")
    return entry.split("|")


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
