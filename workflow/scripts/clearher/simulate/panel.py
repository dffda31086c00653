"""The generated reference, the target regions and every site the simulation can use.

The reference is the same for every study: its seed is part of the design, not of the command line.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from clearher.simulate.annotation import coding_effect, csq
from clearher.simulate.catalogue import KNOWN, TARGETS, Known, Target

REFERENCE_SEED = 2102
TARGET_LENGTH = 112
TARGET_SPACING = 2000
FIRST_TARGET = 1000
SITE_SPACING = 7
FIRST_SITE = 6
SITES_PER_TARGET = 15
SNP_PLACES = (3, 10)
ARTEFACT_TARGET, ARTEFACT_PLACE = "AKT1_3", 8
BASES = np.frombuffer(b"ACGT", dtype=np.uint8)


@dataclass(frozen=True)
class Site:
    """A position of the panel where a variant may be.

    Attributes
    ----------
    index : int
        Place in :attr:`Panel.sites`, which are in order of contig and position.
    pos : int
        1-based position of the first base of ``ref``.
    kind : str
        driver, resistance, ch, private, snp, passenger or artefact.
    population_af : float or None
        Frequency in the population data base; None where it is not listed.
    csq : str
        Value of the CSQ annotation.
    core : bool
        Whether the small assay covers it.
    """

    index: int
    target: int
    chrom: str
    pos: int
    ref: str
    alt: str
    gene: str
    hgvsp: str
    kind: str
    hotspot: bool
    population_af: float | None
    csq: str
    core: bool

    @property
    def is_indel(self) -> bool:
        """Whether the alternate allele changes the length."""
        return len(self.ref) != len(self.alt)


@dataclass(frozen=True)
class Panel:
    """Reference sequences by contig, target regions (0-based half-open) and sites."""

    reference: dict[str, bytes]
    regions: tuple[tuple[str, int, int, str, bool], ...]
    sites: tuple[Site, ...]


@cache
def panel() -> Panel:
    """The panel of every simulated study."""
    random = np.random.Generator(np.random.PCG64(REFERENCE_SEED))
    starts = _target_starts()
    reference = {
        chrom: bytearray(BASES[random.integers(0, 4, size)].tobytes())
        for chrom, size in _contig_sizes(starts).items()
    }
    planned = [site for target in TARGETS for site in _planned_sites(target, random)]
    for target, offset, _, known in planned:
        if known is not None:
            position = starts[target.name] + offset
            reference[target.chrom][position : position + len(known.ref)] = known.ref.encode()
    frozen = {chrom: bytes(sequence) for chrom, sequence in reference.items()}
    sites = tuple(
        _site(index, plan, starts, frozen, random)
        for index, plan in enumerate(sorted(planned, key=lambda plan: (TARGETS.index(plan[0]), plan[1])))
    )
    regions = tuple(
        (t.chrom, starts[t.name], starts[t.name] + TARGET_LENGTH, t.name, t.core) for t in TARGETS
    )
    return Panel(frozen, regions, sites)


@cache
def sites_of(*kinds: str) -> tuple[Site, ...]:
    """Sites of these kinds, in order."""
    return tuple(site for site in panel().sites if site.kind in kinds)


def _target_starts() -> dict[str, int]:
    seen: dict[str, int] = {}
    starts = {}
    for target in TARGETS:
        starts[target.name] = FIRST_TARGET + TARGET_SPACING * seen.get(target.chrom, 0)
        seen[target.chrom] = seen.get(target.chrom, 0) + 1
    return starts


def _contig_sizes(starts: dict[str, int]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for target in TARGETS:
        sizes[target.chrom] = starts[target.name] + TARGET_SPACING
    return sizes


def _planned_sites(
    target: Target, random: np.random.Generator
) -> list[tuple[Target, int, str, Known | None]]:
    """Places of a target: known variants first, two common SNPs, passengers on the rest."""
    free = [place for place in range(SITES_PER_TARGET) if place not in SNP_PLACES]
    kinds: dict[int, tuple[str, Known | None]] = dict.fromkeys(SNP_PLACES, ("snp", None))
    if target.name == ARTEFACT_TARGET:
        free.remove(ARTEFACT_PLACE)
        kinds[ARTEFACT_PLACE] = ("artefact", None)
    known = [variant for variant in KNOWN if variant.target == target.name]
    places = random.permutation(len(free))
    for variant, place in zip(known, places, strict=False):
        kinds[free[place]] = (variant.kind, variant)
    for place in places[len(known) :]:
        kinds[free[place]] = ("passenger", None)
    return [(target, FIRST_SITE + SITE_SPACING * place, *kinds[place]) for place in sorted(kinds)]


def _site(index: int, plan: tuple, starts: dict, reference: dict, random: np.random.Generator) -> Site:
    target, offset, kind, known = plan
    start = starts[target.name]
    base = chr(reference[target.chrom][start + offset])
    if known is None:
        ref, alt = base, _other_base(base, kind, random)
        region = reference[target.chrom][start : start + TARGET_LENGTH].decode()
        effect = coding_effect(region, target.codon, offset, alt)
    else:
        ref, alt = known.ref, known.alt
        effect = (known.hgvsc, known.hgvsp, known.consequence)
    frequency = round(float(random.uniform(0.12, 0.6)), 4) if kind == "snp" else None
    return Site(
        index=index,
        target=TARGETS.index(target),
        chrom=target.chrom,
        pos=start + offset + 1,
        ref=ref,
        alt=alt,
        gene=target.gene,
        hgvsp=effect[1],
        kind=kind,
        hotspot=bool(known and known.hotspot),
        population_af=frequency,
        csq=csq(target.gene, ref, alt, effect, frequency),
        core=target.core,
    )


def _other_base(base: str, kind: str, random: np.random.Generator) -> str:
    others = [other for other in "ACGT" if other != base]
    return others[int(random.integers(0, 3))]
