"""Gene, transcript, consequence, HGVS and population frequency from VEP or SnpEff annotation.

The order of the fields is read from the header, never assumed, and the tag's name says nothing: CSQ may hold
SnpEff's fields and ANN those of VEP.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearher.intake.vcf_header import VcfHeader
from clearher.variants.blocks import Block
from clearher.variants.texts import Coded, Split, as_mask, column, objects

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
CHANGES = ("hgvsc", "hgvsp")
TOLD = ("gene", "transcript", "consequence", "hgvsc", "hgvsp")
POPULATION_COLUMN = re.compile(r"gnomad\w*_af(?:_\w+)?")


@dataclass(frozen=True)
class Layout:
    """Where an annotation tag keeps what: position of each field in the '|'-separated entry, -1 for none.

    ``shortens`` is true of VEP's fields: the alleles of an indel are named without a first base that they all
    share with REF.
    """

    tag: str
    size: int
    effect_style: bool
    shortens: bool
    place: tuple[int, ...]
    population: tuple[int, ...]

    def of(self, name: str) -> int:
        """Position of a field of :data:`NAMES`, -1 where the annotation has none."""
        return self.place[FIELDS.index(name)]


def find_layout(header: VcfHeader) -> Layout | None:
    """The annotation tag of a header: the INFO field whose description lists '|'-separated field names."""
    layouts = (_layout(tag, declared.description) for tag, declared in header.info.items())
    return next((layout for layout in layouts if layout is not None), None)


@lru_cache(maxsize=4096)
def _layout(tag: str, description: str) -> Layout | None:
    names = [name.lower() for name in _listed_fields(description)]
    if len(names) < 2 or names[0] not in FIRST_FIELDS:
        return None
    place = tuple(
        next((names.index(option) for option in options if option in names), -1) for options in NAMES.values()
    )
    population = [i for i, name in enumerate(names) if POPULATION_COLUMN.fullmatch(name)]
    population = population or [i for i, name in enumerate(names) if name in ("max_af", "af")]
    shortens = "consequence" in names
    return Layout(tag, len(names), names[0] == "effect", shortens, place, tuple(population))


def _listed_fields(description: str) -> list[str]:
    """Names in a description such as ``... Format: Allele|Consequence`` or ``'Effect ( Impact | ... )'``."""
    text = description.split("ormat:")[-1].partition("[")[0].replace("(", "|").strip(" '\"")
    if "'" in text:
        text = text.split("'")[1]
    return [name.strip(" '\")]") for name in text.split("|")] if "|" in text else []


@dataclass(frozen=True)
class Entries:
    """Entries of annotation texts, one a transcript.

    Attributes
    ----------
    layout : Layout
        Of the texts.
    short : numpy.ndarray
        Texts with an entry of fewer fields than the header lists.
    owner : numpy.ndarray
        Which text each entry is from.
    fields : Split
        Fields of each entry.
    """

    layout: Layout
    short: np.ndarray
    owner: np.ndarray
    fields: Split

    @classmethod
    def of(cls, texts: pa.StringArray, layout: Layout) -> "Entries":
        """Entries of each of the texts."""
        entries = Split.of(texts, ",")
        values = entries.values
        if layout.effect_style:
            opened = pc.replace_substring(values, "(", "|", max_replacements=1)
            values = pc.utf8_rtrim(opened, ")")
        owner, fields = entries.owners(), Split.of(values, "|")
        short = np.zeros(len(texts), dtype=bool)
        if not layout.effect_style:
            short[owner[fields.sizes < layout.size]] = True
        return cls(layout, short, owner, fields)

    def some(self, rows: np.ndarray) -> "Entries":
        """Only some of the entries."""
        return Entries(self.layout, self.short, self.owner[rows], self.fields.some(rows))

    def field(self, name: str, rows: np.ndarray | None = None) -> pa.StringArray:
        """A field of :data:`NAMES` of each entry, or of some; empty where there is none."""
        return self.fields.at(self.layout.of(name), "", rows)

    def order(self) -> np.ndarray:
        """Rank of each entry: MANE, else canonical, else any; among those the highest impact."""
        no_mane = Coded(self.field("mane")).where(lambda text: text in ("", "-"))
        not_canonical = Coded(self.field("canonical")).where(lambda text: text != "YES")
        impact = Coded(self.field("impact")).number(lambda text: IMPACTS.get(text, len(IMPACTS)), int)
        return no_mane * 100 + not_canonical * 10 + impact


def read_annotations(block: Block, layout: Layout | None) -> dict[str, np.ndarray]:
    """What the chosen transcript says of each alternate allele of a block, record by record.

    Transcript: MANE, else canonical, else any; among those the highest impact, then the first. Entries that
    name another allele do not count, also where a record was split after it had been annotated.

    Parameters
    ----------
    block : Block
        Records.
    layout : Layout or None
        Of the annotation; None where the file has none.

    Returns
    -------
    dict of str to numpy.ndarray
        :data:`TOLD` (text, empty where nothing is said), ``population_af`` (NaN where nothing is said),
        ``remark``, what is odd, and ``several``, whether entries name several alleles.
    """
    texts = block.info[layout.tag] if layout else pa.nulls(len(block), pa.string())
    rows, told = np.flatnonzero(_is_known(texts)), _nothing(0)
    asked = np.full((len(block), block.n_alts), -1)
    if len(rows) and block.n_alts == 1:
        encoded = texts.take(pa.array(rows)).dictionary_encode()
        asked[rows, 0] = encoded.indices.to_numpy()
        told = _memory(layout).told(encoded.dictionary)
        rows = rows[told["several"][asked[rows, 0]]]
    if len(rows):
        entries = Entries.of(texts.take(pa.array(np.repeat(rows, block.n_alts))), layout)
        own = _told(_of_alleles(entries, block, rows))
        asked[rows] = len(told["several"]) + np.arange(len(rows) * block.n_alts).reshape(-1, block.n_alts)
        told = {name: np.concatenate([values, own[name]]) for name, values in told.items()}
    return _spread(told, asked.reshape(-1))


def _is_known(texts: pa.StringArray) -> np.ndarray:
    """Neither missing nor empty nor ".": told by the length, for the texts are long."""
    length = pc.fill_null(pc.binary_length(texts), 0).to_numpy()
    known = length > 0
    short = np.flatnonzero(length == 1)
    known[short] = as_mask(pc.not_equal(texts.take(pa.array(short)), "."))
    return known


class _Memory:
    """What texts say; those of the files read last are remembered, as files of a subject share most."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._texts = pa.array([], pa.string())
        self._told = _nothing(0)

    def told(self, texts: pa.StringArray) -> dict[str, np.ndarray]:
        """What the chosen entry of each of some distinct texts says."""
        found = pc.fill_null(pc.index_in(texts, value_set=self._texts), -1).to_numpy()
        new = np.flatnonzero(found < 0)
        place = np.where(found < 0, len(self._texts) + np.cumsum(found < 0) - 1, found)
        fresh = _told(Entries.of(texts.take(pa.array(new)), self._layout))
        self._told = {name: np.concatenate([self._told[name], fresh[name]])[place] for name in fresh}
        self._texts = texts
        return self._told


@lru_cache(maxsize=8)
def _memory(layout: Layout) -> _Memory:
    return _Memory(layout)


def _nothing(n: int) -> dict[str, np.ndarray]:
    """What is said of alleles without annotation."""
    empty = {name: np.full(n, "", dtype=object) for name in (*TOLD, "remark")}
    return empty | {"population_af": np.full(n, np.nan), "several": np.zeros(n, dtype=bool)}


def _spread(told: dict[str, np.ndarray], asked: np.ndarray) -> dict[str, np.ndarray]:
    """What is told of each allele that asks; -1 asks for nothing."""
    nothing = _nothing(1)
    return {name: np.concatenate([values, nothing[name]])[asked] for name, values in told.items()}


def _told(entries: Entries) -> dict[str, np.ndarray]:
    """What the chosen entry of each text says."""
    first = np.lexsort((entries.order(), entries.owner))
    owners, places = np.unique(entries.owner[first], return_index=True)
    chosen = first[places]
    told = _nothing(len(entries.short))
    told["remark"][:] = "annotation_without_allele"
    told["remark"][owners] = np.where(entries.short[owners], "annotation_entry_short", "")
    alleles, owner = Coded(entries.field("allele")).codes, entries.owner
    told["several"][owner[1:][(np.diff(alleles) != 0) & (np.diff(owner) == 0)]] = True
    for name in TOLD:
        stated = entries.field(name, chosen)
        told[name][owners] = _change(stated) if name in CHANGES else Coded(stated).objects()
    for place in entries.layout.population:
        stated = Coded(entries.fields.at(place, "", chosen)).number(lambda text: highest([text]))
        told["population_af"][owners] = np.fmax(told["population_af"][owners], stated)
    return told


def _of_alleles(entries: Entries, block: Block, rows: np.ndarray) -> Entries:
    """Entries of each allele: by its number in the record, which a split record has lost, or by its name."""
    layout, owner = entries.layout, entries.owner
    if layout.of("allele_number") >= 0 and block.n_alts > 1:
        number = pa.array(np.char.mod("%d", owner % block.n_alts + 1))
        own = as_mask(pc.equal(entries.field("allele_number"), number))
    elif layout.of("allele") >= 0:
        own = _named(entries, block, rows)
    else:
        return entries
    return entries.some(np.flatnonzero(own))


def _named(entries: Entries, block: Block, rows: np.ndarray) -> np.ndarray:
    """Entries that name their allele: as it is written, or as VEP shortens it.

    VEP leaves out a first base that REF and all alternate alleles but ``*`` share, where one of them differs
    from REF in length. The other way of naming counts in records of which no allele is named the usual way.
    """
    alts, owner = np.column_stack([alts[rows] for alts in block.alts]), entries.owner
    records = list(zip(block.refs[rows].tolist(), alts.tolist(), strict=True))
    shares = np.array([all(alt[:1] == ref[:1] for alt in own if alt != "*") for ref, own in records])
    resized = np.array([any(len(alt) != len(ref) for alt in own) for ref, own in records])
    wanted, name = alts.reshape(-1).tolist(), entries.field("allele")
    shortened = [alt if alt == "*" else alt[1:] or "-" for alt in wanted]
    record = owner // block.n_alts
    exact = as_mask(pc.equal(name, column(wanted).take(pa.array(owner))))
    short = as_mask(pc.equal(name, column(shortened).take(pa.array(owner)))) & shares[record]
    by_rule = (shares & resized & entries.layout.shortens)[record]
    usual, other = np.where(by_rule, short, exact), np.where(by_rule, exact, short)
    told = np.bincount(record[usual], minlength=len(records)) > 0
    return usual | (other & ~told[record])


def _change(texts: pa.StringArray) -> np.ndarray:
    """HGVS without the sequence that it refers to; characters that the format forbids are written plainly."""
    bare = pc.replace_substring(Split.of(texts, ":").last(), "%3D", "=")
    changes = objects(bare)
    for row in np.flatnonzero(as_mask(pc.match_substring(bare, "%"))).tolist():
        changes[row] = unquote(changes[row])
    return changes


def highest(values: Iterable[str]) -> float:
    """Largest number among texts that may be empty or '&'-joined; NaN when there is none."""
    numbers = []
    for text in filter(None, values):
        for item in text.split("&"):
            try:
                numbers.append(float(item))
            except ValueError:
                continue
    return max(numbers, default=np.nan)
